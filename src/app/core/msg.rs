//! The messages that change the console's state.

use crate::app::core::key::Key;
use crate::app::core::settings::Settings;
use crate::app::features::lock::model::AuthFailure;
use crate::domain::response::Enclosure;
use crate::domain::transcript::{Draft, PendingMessage};
use crate::domain::{InteractionId, Millis, OperationId};
use crate::proto::envelope::{Envelope, Unread};
use crate::proto::event::Event;
use crate::proto::session::SessionDto;
use std::time::Duration;

/// Something that happened, with its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Msg {
    pub at: Millis,
    pub what: What,
}

/// The content of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted. It never sends anything and never triggers a command.
    Paste(String),
    /// The terminal was resized to these columns and rows.
    Resize(u16, u16),
    /// The terminal got the focus (true) or lost it.
    Focus(bool),
    Mouse(Mouse),
    /// The time returned by [`State::next_wake`](crate::app::State::next_wake) has come.
    Wake,
    /// The connection changed.
    Link(Link),
    /// The workspace session is ready, or ready again after a broken connection.
    SessionStarted {
        /// The person and, where it was sent along, the configuration.
        session: Box<SessionDto>,
        /// Whether the server began a new session, so that its channels must be activated.
        fresh: bool,
    },
    /// The server sent an event.
    Event(Event),
    /// The server answered a request.
    Reply {
        operation: OperationId,
        result: Result<Envelope, RequestError>,
    },
    /// The server has checked a password.
    Authenticated {
        operation: OperationId,
        result: Result<(), AuthFailure>,
    },
    /// The time between a request and its answer.
    Latency(Duration),
    /// The external editor ended with this text, or failed with this sentence.
    Edited {
        /// The session whose draft was edited.
        session: InteractionId,
        result: Result<String, String>,
    },
    /// Stored data of an earlier run.
    Kept {
        drafts: Vec<(InteractionId, Draft)>,
        /// Messages that the server may or may not have, oldest first.
        unsent: Vec<(InteractionId, PendingMessage)>,
        /// Files attached to drafts.
        files: Vec<(InteractionId, Vec<Enclosure>)>,
    },
    /// What an earlier run had viewed.
    Seen {
        /// Sessions, each with the index of the last entry that was in view.
        entries: Vec<(InteractionId, u64)>,
        /// The session that was shown last.
        last: Option<InteractionId>,
    },
    /// The user edited the settings file.
    Settings {
        settings: Box<Settings>,
        /// Changed keys that take effect only when the console restarts.
        restart: Vec<String>,
    },
    /// A sentence about this machine that the user should know.
    Hint(String),
    /// A sentence about a problem on this machine.
    Trouble(String),
    /// The program must end (SIGTERM, SIGHUP, or the terminal is gone).
    Terminate,
}

/// A mouse event that the console handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    WheelUp,
    WheelDown,
    Click(ClickTarget),
}

/// Something on the screen that can be clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClickTarget {
    /// The session at this index of the list.
    Session(usize),
    /// Accept on the invitation at this index.
    Accept(usize),
    /// Reject on the invitation at this index.
    Reject(usize),
    /// A row of the open picker.
    Pick(usize),
    /// A part of the open list.
    Filter(usize),
    /// A row of the open form.
    Field(usize),
    /// The mark that says how many messages are new.
    Newest,
    /// The row that loads older messages.
    Older,
}

/// The state of the connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Link {
    #[default]
    Connecting,
    Online {
        /// Whether events arrive over a WebSocket; otherwise by long-polling.
        websocket: bool,
    },
    /// Lost; the next attempt is made at `retry_at`.
    Lost { reason: String, retry_at: Millis },
    /// Ended for good.
    Stopped {
        /// A sentence that also says what to do.
        reason: String,
        /// Whether the user signed out.
        signed_out: bool,
    },
}

/// The reason why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// The server refused the request, with this message.
    Refused {
        /// HTTP status or code of the envelope.
        code: i64,
        message: String,
    },
    /// The server refused to end a session because its customer wrote something in the meantime.
    Unread { message: String, unread: Unread },
    /// The request did not reach the server.
    NotSent(String),
    /// The request may have reached the server.
    OutcomeUnknown(String),
}
