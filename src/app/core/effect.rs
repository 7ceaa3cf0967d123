//! Everything the console wants done.

use crate::app::features::lock::model::Password;
use crate::domain::response::Enclosure;
use crate::domain::transcript::{Draft, PendingMessage};
use crate::domain::{InteractionId, OperationId};
use crate::proto::request::{ReadPositions, Request};
use crate::text::Clean;

/// The effects of a state change, in order. Whoever changes the state runs all of them: a dropped effect is a
/// message that shows “sending” for ever.
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
    /// Ask the server.
    Call {
        /// The name of the request; a repeat carries the same.
        operation: OperationId,
        /// What.
        request: Request,
    },
    /// Ask the server whether a password is right; the answer comes as
    /// [`What::Authenticated`](crate::app::What::Authenticated).
    Authenticate {
        /// The name of the question.
        operation: OperationId,
        /// The password.
        password: Password,
    },
    /// End the workspace session and the connection, then quit. The request carries how far sessions were
    /// read.
    SignOut(ReadPositions),
    /// Quit. Sessions stay the agent's for the server's grace period.
    Quit,
    /// Ring the bell.
    Bell,
    /// Set the window's title.
    Title(Clean),
    /// Put text on the clipboard.
    Copy(String),
    /// Open the editor on a draft.
    Edit {
        /// The session.
        session: InteractionId,
        /// The draft.
        text: String,
    },
    /// Stop for job control.
    Suspend,
    /// Take the mouse, or give it back.
    CaptureMouse(bool),
    /// Draw everything anew.
    Redraw,
    /// Keep a draft on disk; an empty one is forgotten.
    SaveDraft {
        /// The session.
        session: InteractionId,
        /// The draft, and for whom it is.
        draft: Draft,
    },
    /// Keep the files that stand with a draft; none are forgotten.
    SaveFiles {
        /// The session.
        session: InteractionId,
        /// The files.
        files: Vec<Enclosure>,
    },
    /// Keep a message on disk until the server has it.
    KeepUnsent {
        /// The session.
        session: InteractionId,
        /// The message.
        message: PendingMessage,
    },
    /// The server has it, or the agent took it back.
    ForgetUnsent(OperationId),
    /// Store which session was viewed last, and up to which entry.
    KeepSeen {
        /// The session.
        session: InteractionId,
        /// The index of the last entry that was in view.
        entry: u64,
    },
    /// Load what an earlier run stored: drafts, unsent messages, and what was viewed.
    LoadKept,
}
