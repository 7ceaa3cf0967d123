//! Commands to the writer, and its refusals.

use crate::domain::message::Visibility;
use crate::domain::monitoring::{MonitorMode, MonitoringScope};
use crate::domain::reach::ContactMethod;
use crate::domain::response::FileInfo;
use crate::domain::role::Role;
use crate::domain::{AttachedData, ContactId, EmployeeId, InteractionId, Millis, OperationId};
use crate::gateway::whatsapp::inbound::CustomerNames;
use crate::proto::envelope::{UNREAD, Unread};
use std::collections::BTreeMap;
use thiserror::Error;

/// The person who sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub employee: EmployeeId,
    /// What they may do.
    pub role: Role,
}

/// What the person who sends a command has read of their sessions. It decides about commands that end a
/// session or give it away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReadState {
    /// Everything: the command does not come from a screen.
    #[default]
    Everything,
    /// The entries up to this number; nothing of a session that is not listed.
    UpTo(BTreeMap<InteractionId, u64>),
}

impl ReadState {
    /// The number of the last entry of a session that was read.
    pub fn of(&self, id: &InteractionId) -> u64 {
        match self {
            Self::Everything => u64::MAX,
            Self::UpTo(read) => read.get(id).copied().unwrap_or(0),
        }
    }
}

/// The state an agent asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestedState {
    /// Takes sessions.
    Ready,
    /// Takes none; code of the reason.
    NotReady(Option<String>),
    /// After Call Work; code of the reason.
    AfterCallWork(Option<String>),
    /// Do not disturb, on or off.
    DoNotDisturb(bool),
    /// Signed out of the channel.
    LoggedOut,
}

/// What happens to a session when its agent leaves it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AfterLeave {
    /// Ends when no agent is left.
    #[default]
    CloseIfNoAgents,
    /// Ends.
    ForceClose,
    /// Goes back to its queue.
    KeepAlive,
}

/// The purpose of a request for a colleague.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InviteKind {
    /// To take the session.
    Transfer,
    /// To join it.
    Conference,
    /// To advise, unseen by the customer.
    Consult,
}

/// The colleague who is requested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InviteTarget {
    /// One agent.
    Agent(EmployeeId),
    /// Somebody of a queue, narrowed by the attached data.
    Queue(String),
}

/// A command of an agent or a supervisor.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Signs in on the channel; state is Not Ready until asked otherwise.
    Activate,
    /// Changes state.
    SetState(RequestedState),
    /// Signs out.
    SignOut,
    /// Takes an offered session.
    Accept {
        id: InteractionId,
        /// The name the customer is given.
        nickname: Option<String>,
    },
    /// Gives an offered session back.
    Reject(InteractionId),
    /// Ends a session for good.
    Complete(InteractionId),
    /// Reopens a session that the same agent ended a moment ago.
    Reopen(InteractionId),
    /// Leaves a session.
    Leave(InteractionId, AfterLeave),
    /// Requests a colleague. The session stays until somebody accepts.
    Invite {
        id: InteractionId,
        /// What for.
        want: InviteKind,
        whom: InviteTarget,
        /// Pairs of the request; those that routing reads are attached.
        extension: AttachedData,
    },
    /// Cancels a request for a colleague that nobody has accepted.
    CancelInvite(InteractionId),
    /// Gives a session to a queue and leaves it at once.
    PlaceInQueue {
        id: InteractionId,
        queue: String,
        /// Pairs to set.
        set: AttachedData,
        /// Keys to remove.
        deleted: Vec<String>,
    },
    /// Puts a session into a workbin.
    Park {
        id: InteractionId,
        /// Which workbin; the agent's own when absent.
        workbin: Option<String>,
        /// Whose it must be, when the request says so.
        owner: Option<String>,
    },
    /// Takes a session out of a workbin.
    Pull {
        id: InteractionId,
        /// The workbin it must be in, when the request says so.
        workbin: Option<String>,
    },
    /// Removes an agent from a session.
    Remove {
        id: InteractionId,
        /// Who goes.
        agent: EmployeeId,
    },
    /// Writes in a session.
    Send {
        id: InteractionId,
        what: Outgoing,
        /// For whom.
        visibility: Visibility,
    },
    /// Writes a template in a session.
    SendTemplate {
        id: InteractionId,
        /// The template, filled and found good.
        template: FilledTemplate,
    },
    /// Begins a session with a customer, by a template.
    StartSession {
        /// With whom.
        to: Recipient,
        /// The template, filled and found good.
        template: FilledTemplate,
        /// The name the customer is given.
        nickname: Option<String>,
    },
    /// Notes that the customer of a session was reached outside this desk.
    NoteContact {
        id: InteractionId,
        way: ContactMethod,
        /// The number or the address.
        address: String,
    },
    /// Starts monitoring an agent.
    StartMonitoring {
        agent: EmployeeId,
        /// How the supervisor comes into a session.
        mode: MonitorMode,
        /// Into which sessions.
        which: MonitoringScope,
    },
    /// Stops monitoring an agent.
    StopMonitoring(EmployeeId),
    /// Changes how the supervisor is in a session.
    SwitchMonitoring { id: InteractionId, mode: MonitorMode },
    /// Types, or stops.
    Typing {
        id: InteractionId,
        /// Whether they type.
        started: bool,
    },
    /// Sets pairs.
    SetUserData { id: InteractionId, data: AttachedData },
    /// Removes pairs.
    DeleteUserData { id: InteractionId, keys: Vec<String> },
    /// Sets the note.
    SetComment { id: InteractionId, comment: String },
}

impl Command {
    /// The session that this ends for the agent or gives away, so that its customer's last messages must have
    /// been read.
    pub const fn parts_with(&self) -> Option<&InteractionId> {
        match self {
            Self::Complete(id)
            | Self::Leave(id, _)
            | Self::Invite { id, want: InviteKind::Transfer, .. }
            | Self::PlaceInQueue { id, .. }
            | Self::Park { id, .. } => Some(id),
            Self::Activate
            | Self::SetState(_)
            | Self::SignOut
            | Self::Accept { .. }
            | Self::Reject(_)
            | Self::Reopen(_)
            | Self::Invite { want: InviteKind::Conference | InviteKind::Consult, .. }
            | Self::CancelInvite(_)
            | Self::Pull { .. }
            | Self::Remove { .. }
            | Self::Send { .. }
            | Self::SendTemplate { .. }
            | Self::StartSession { .. }
            | Self::NoteContact { .. }
            | Self::StartMonitoring { .. }
            | Self::StopMonitoring(_)
            | Self::SwitchMonitoring { .. }
            | Self::Typing { .. }
            | Self::SetUserData { .. }
            | Self::DeleteUserData { .. }
            | Self::SetComment { .. } => None,
        }
    }
}

/// With whom a session begins: a contact, a number, or a number of a contact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipient {
    pub contact: Option<ContactId>,
    /// The number, with its country code.
    pub number: Option<String>,
}

/// A template as it goes out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FilledTemplate {
    pub name: String,
    /// Its language.
    pub language: String,
    /// What is filled in, by the keys of [`crate::domain::template::Parameter`] and in their order.
    pub parameters: AttachedData,
    /// How it reads.
    pub text: String,
}

/// What an agent writes.
#[derive(Clone, Debug, PartialEq)]
pub enum Outgoing {
    /// Text; goes to WhatsApp when the customer may see it.
    Text(String),
    /// A link; goes to WhatsApp as text.
    Url(String),
    /// A file of the library; goes to WhatsApp as a message of its own.
    File(FileInfo),
    /// An entry that only clients understand; never goes to WhatsApp.
    Notification {
        /// Words.
        text: String,
        data: AttachedData,
    },
}

/// A refusal of the writer. Each is a sentence for the person who made the request.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// No such session, or none that this person may see.
    #[error("there is no session {0} on your desk")]
    NotFound(InteractionId),
    /// It was theirs and is not any more.
    #[error("{0}")]
    Gone(String),
    /// Not in this state.
    #[error("{0}")]
    Conflict(String),
    /// The customer has written something that the agent has not read.
    #[error("the customer wrote {:?}, which you have not read; nothing was done", .0.text)]
    Unread(Box<Unread>),
    /// Not with these words.
    #[error("{0}")]
    Invalid(String),
    /// Not for this person.
    #[error("{0}")]
    Forbidden(String),
    /// The store could not write: nothing was done.
    #[error("the gateway could not write to its store, so nothing was done: {0}")]
    Store(String),
    /// The writer is stopping.
    #[error("the gateway is stopping: nothing was done, try again in a moment")]
    Stopping,
}

impl Refusal {
    /// The HTTP status it is answered with.
    pub const fn http_status(&self) -> u16 {
        match self {
            Self::NotFound(_) => 404,
            Self::Gone(_) => 410,
            Self::Conflict(_) | Self::Unread(_) => 409,
            Self::Invalid(_) => 400,
            Self::Forbidden(_) => 403,
            Self::Store(_) => 500,
            Self::Stopping => 503,
        }
    }

    /// The code in the envelope: the HTTP status, which no success code of the API collides with. Unread
    /// messages have a code of their own, since a client can react to it.
    pub fn code(&self) -> i64 {
        match self {
            Self::Unread(_) => UNREAD,
            Self::NotFound(_)
            | Self::Gone(_)
            | Self::Conflict(_)
            | Self::Invalid(_)
            | Self::Forbidden(_)
            | Self::Store(_)
            | Self::Stopping => i64::from(self.http_status()),
        }
    }
}

/// A message on its way to WhatsApp.
#[derive(Clone, Debug, PartialEq)]
pub struct Outbound {
    /// Our own name for it: goes out as `biz_opaque_callback_data` and comes back with every status.
    pub tracker: String,
    /// The customer; sends to one customer go one at a time and in order.
    pub to: Address,
    /// The text, exactly.
    pub text: String,
    /// WhatsApp's id of the message it answers.
    pub quotes: Option<String>,
    /// The template that it is, if it is one; then the text is only how it reads.
    pub template: Option<Box<FilledTemplate>>,
    /// The file that it is, instead of a text.
    pub file: Option<FileInfo>,
}

/// Where a customer is reached.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Address {
    /// `wa_id`: digits without a plus.
    WaId(String),
    /// Business-scoped user id.
    UserId(String),
}

/// How a send to WhatsApp went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// About to be tried: written down before the first byte leaves, so that a crash in between is known.
    Attempting,
    /// Surely not taken this time, and to be tried again: a stop before that leaves it unsent, not unknown.
    Deferred,
    /// Accepted under this id.
    Accepted {
        /// WhatsApp's id of the message.
        wamid: String,
    },
    /// Refused for good.
    Failed {
        /// WhatsApp's code, 0 when there is none.
        code: i64,
        /// Why, for an agent.
        reason: String,
    },
    /// Unknown: the answer was lost. Only a status of WhatsApp can settle it; the message is not sent again.
    Unknown {
        /// What happened.
        reason: String,
    },
}

/// A result of a send, for the writer's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendReport {
    pub tracker: String,
    /// How it went.
    pub outcome: SendOutcome,
    pub at: Millis,
    /// WhatsApp's names for the recipient, where its answer had them.
    pub customer: CustomerNames,
}

/// The ID of the request that caused a command, where it had one.
pub type Operation = Option<OperationId>;
