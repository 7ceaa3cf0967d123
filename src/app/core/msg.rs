//! Everything that happens to the console.

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

/// Something that happened, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Msg {
    /// When.
    pub at: Millis,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted. It never sends and never triggers.
    Paste(String),
    /// The terminal has a new size: columns, rows.
    Resize(u16, u16),
    /// The terminal got the focus, or lost it.
    Focus(bool),
    /// The mouse.
    Mouse(Mouse),
    /// A moment asked for by [`State::next_wake`](crate::app::State::next_wake) has come.
    Wake,
    /// The connection changed.
    Link(Link),
    /// The workspace session can be used, or can be used again after a broken connection.
    SessionStarted {
        /// The person and, where it was sent along, the configuration.
        session: Box<SessionDto>,
        /// Whether the server began a new one: its channels must be activated.
        fresh: bool,
    },
    /// The server tells something.
    Event(Event),
    /// The server answered a request.
    Reply {
        /// Which.
        operation: OperationId,
        /// The answer.
        result: Result<Envelope, RequestError>,
    },
    /// The server said whether a password is right.
    Authenticated {
        /// The question.
        operation: OperationId,
        /// The answer.
        result: Result<(), AuthFailure>,
    },
    /// A request and its answer took this long.
    Latency(Duration),
    /// The external editor ended with this text, or a sentence why it did not.
    Edited {
        /// The session that was being written in.
        session: InteractionId,
        /// The text.
        result: Result<String, String>,
    },
    /// What an earlier run left behind.
    Kept {
        /// Drafts.
        drafts: Vec<(InteractionId, Draft)>,
        /// Messages that the server may or may not have, oldest first.
        unsent: Vec<(InteractionId, PendingMessage)>,
        /// Files that stand with drafts.
        files: Vec<(InteractionId, Vec<Enclosure>)>,
    },
    /// What an earlier run had in view.
    Seen {
        /// Sessions, each with the index of the last entry that was in view.
        entries: Vec<(InteractionId, u64)>,
        /// The session that was shown last.
        last: Option<InteractionId>,
    },
    /// The person edited their settings.
    Settings {
        /// The new ones.
        settings: Box<Settings>,
        /// Keys that differ and are only read when the console starts.
        restart: Vec<String>,
    },
    /// A sentence about this machine that is worth knowing.
    Hint(String),
    /// Something of this machine went wrong, in a sentence.
    Trouble(String),
    /// The program was told to end (SIGTERM, SIGHUP, the terminal is gone).
    Terminate,
}

/// The mouse, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// Wheel up.
    WheelUp,
    /// Wheel down.
    WheelDown,
    /// A click on something that the screen knows.
    Click(ClickTarget),
}

/// What may be clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClickTarget {
    /// The session at that place in the list.
    Session(usize),
    /// Accept of the invitation at that place.
    Accept(usize),
    /// Reject of the invitation at that place.
    Reject(usize),
    /// A row of the open picker.
    Pick(usize),
    /// A part of the open list.
    Filter(usize),
    /// A row of the open form.
    Field(usize),
    /// The mark that says how many messages are new.
    Newest,
    /// The row that offers older messages.
    Older,
}

/// The connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// Not there yet.
    #[default]
    Connecting,
    /// There.
    Online {
        /// Whether events come over a WebSocket; else by long-polling.
        websocket: bool,
    },
    /// Lost; tried again at that time.
    Lost {
        /// Why.
        reason: String,
        /// When.
        retry_at: Millis,
    },
    /// Over for good, with what to do about it.
    Stopped {
        /// A sentence.
        reason: String,
        /// Whether the person signed out themselves.
        signed_out: bool,
    },
}

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// The server said no, in its own words.
    Refused {
        /// HTTP status or code of the envelope.
        code: i64,
        /// Its words.
        message: String,
    },
    /// The server refused to end a session because its customer wrote something in the meantime.
    Unread {
        /// The server's message.
        message: String,
        /// What the customer wrote.
        unread: Unread,
    },
    /// Nothing reached the server.
    NotSent(String),
    /// It may have reached the server.
    OutcomeUnknown(String),
}
