//! Everything that the console wants `runtime` to do.

use crate::app::features::lock::model::Password;
use crate::domain::response::Enclosure;
use crate::domain::transcript::{Draft, PendingMessage};
use crate::domain::{InteractionId, OperationId};
use crate::proto::request::{ReadPositions, Request};
use crate::text::Clean;

/// The effects of a state change, in order. The caller must run all of them: a dropped effect leaves a message
/// at “sending” for ever.
#[must_use = "what is wanted must be run"]
#[derive(Clone, Debug, PartialEq)]
pub struct Effects<E = Effect>(Vec<E>);

impl<E> From<Vec<E>> for Effects<E> {
    fn from(effects: Vec<E>) -> Self {
        Self(effects)
    }
}

impl<E> IntoIterator for Effects<E> {
    type Item = E;
    type IntoIter = std::vec::IntoIter<E>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Something to do. It runs in `runtime` and reports back with a [`Msg`](crate::app::Msg), if at all.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Send a request to the server.
    Call {
        /// Identifies the request; a repeat carries the same.
        operation: OperationId,
        request: Request,
    },
    /// Ask the server whether a password is right; the answer arrives as
    /// [`What::Authenticated`](crate::app::What::Authenticated).
    Authenticate {
        /// The name of the question.
        operation: OperationId,
        password: Password,
    },
    /// End the workspace session and the connection, then quit. The request carries how far sessions were read.
    SignOut(ReadPositions),
    /// Quit. The sessions stay assigned to the agent for the server's grace period.
    Quit,
    /// Ring the bell.
    Bell,
    /// Set the window's title.
    Title(Clean),
    Copy(String),
    /// Open the external editor with a draft.
    Edit {
        session: InteractionId,
        text: String,
    },
    /// Suspend the program for job control.
    Suspend,
    /// Capture the mouse, or release it.
    CaptureMouse(bool),
    /// Draw the whole screen again.
    Redraw,
    /// Store a draft on disk; an empty draft is deleted.
    SaveDraft {
        session: InteractionId,
        /// The draft and its addressees.
        draft: Draft,
    },
    /// Store the files attached to a draft; an empty list deletes them.
    SaveFiles {
        session: InteractionId,
        files: Vec<Enclosure>,
    },
    /// Store a message on disk until the server has accepted it.
    KeepUnsent {
        session: InteractionId,
        message: PendingMessage,
    },
    /// Delete a stored message: the server has accepted it, or the agent took it back.
    ForgetUnsent(OperationId),
    /// Store which session was viewed last, and up to which entry.
    KeepSeen {
        session: InteractionId,
        /// The index of the last entry that was in view.
        entry: u64,
    },
    /// Load what an earlier run stored: drafts, unsent messages, and what was viewed.
    LoadKept,
}
