//! The handle through which the rest of the gateway sends requests to the writer.

use super::api::{Actor, Command, Operation, ReadState, Refusal, SendReport};
use super::model::account::Account;
use super::model::contact::ContactCommand;
use super::model::views::{LiveView, SessionView, StatusSnapshot, Suggested, WorkbinView};
use crate::domain::{ContactId, EmployeeId, InteractionId, Millis};
use crate::gateway::hub::ClientId;
use crate::gateway::whatsapp::account::AccountChange;
use crate::proto::media::{LogPage, LogQuery};
use crate::store::{ContactCard, ContactLookup, ContactPage, PastSession};
use bytes::Bytes;
use tokio::sync::{mpsc, oneshot, watch};

/// Where an answer goes.
pub type ReplySender<T> = oneshot::Sender<Result<T, Refusal>>;

/// A request to the writer, which takes requests in order, writes what neighbouring ones cause in one go, and answers
/// only after that is committed.
#[derive(Debug)]
pub enum WriterRequest {
    /// Executes a command.
    Command {
        actor: Actor,
        /// The ID of the request: a repeat of one already done is answered as done.
        operation: Operation,
        command: Command,
        /// What the sender of the command has read.
        reading: ReadState,
        /// Answered when committed.
        answer: ReplySender<()>,
    },
    /// Stores the body of a webhook as received.
    Webhook {
        raw: Bytes,
        /// Answered when committed.
        answer: ReplySender<()>,
    },
    /// Starts or stops notifications of changes in workbins for an agent. Kept in memory only: a client that starts
    /// over requests them again.
    Follow {
        employee: EmployeeId,
        workbins: Vec<String>,
        /// Whether notifications are on.
        on: bool,
    },
    /// Executes a command on contacts.
    Contact {
        actor: Actor,
        /// The ID of the request.
        operation: Operation,
        act: ContactCommand,
        /// Answered when committed: the contact as it is then, `None` when it is gone.
        answer: ReplySender<Option<ContactCard>>,
    },
    /// Publishes what is kept for late subscribers to one client: its channel state and open sessions.
    Replay {
        employee: EmployeeId,
        client: ClientId,
        /// Which channel was subscribed, by its Workspace API name.
        channel: &'static str,
    },
    /// An agent's first client connected, or the last one disconnected.
    Presence {
        employee: EmployeeId,
        /// Whether any client is there.
        connected: bool,
    },
    /// A result of a send to WhatsApp.
    Report {
        report: SendReport,
        /// Answered when committed.
        answer: ReplySender<()>,
    },
    /// Notes a change of the account that the gateway found without a webhook.
    Account { change: AccountChange },
    /// Reads something. Nothing is written for it.
    Read(ReadRequest),
}

/// What is read through the writer, so that everybody sees their own changes.
#[derive(Debug)]
pub enum ReadRequest {
    /// Reads what an agent has.
    Session { employee: EmployeeId, answer: ReplySender<SessionView> },
    /// Reads the workbins of an agent.
    Workbins { employee: EmployeeId, answer: ReplySender<Vec<WorkbinView>> },
    /// Reads a session's log.
    Messages {
        actor: Actor,
        id: InteractionId,
        /// The part to read.
        query: LogQuery,
        answer: ReplySender<LogPage>,
    },
    /// Reads the past sessions of a customer.
    History {
        actor: Actor,
        contact: ContactId,
        /// Sessions that began then or later.
        since: Option<Millis>,
        /// Sessions that began then or earlier.
        until: Option<Millis>,
        /// The answer, the newest first.
        answer: ReplySender<Vec<PastSession>>,
    },
    /// Looks contacts up.
    Look { lookup: ContactLookup, answer: ReplySender<ContactPage> },
    /// Finds who the customer of a session may be.
    Suggest { actor: Actor, id: InteractionId, answer: ReplySender<Suggested> },
    /// Explains the routing of a session.
    Why {
        id: InteractionId,
        /// The answer, for people.
        answer: ReplySender<String>,
    },
    /// Reads the live view for supervisors.
    Live {
        /// Sessions that are wanted; `None` wants all.
        sessions: Option<Vec<InteractionId>>,
        answer: ReplySender<LiveView>,
    },
    /// Reads who is there and how much waits.
    Status { answer: ReplySender<StatusSnapshot> },
}

/// The handle. Its channel is bounded: a request waits while the writer is behind (back-pressure).
#[derive(Clone, Debug)]
pub struct WriterHandle {
    asks: mpsc::Sender<WriterRequest>,
    written: watch::Receiver<u64>,
    account: watch::Receiver<Account>,
}

/// How many requests are queued before senders have to wait.
pub const ASKS: usize = 1024;

impl WriterHandle {
    /// Creates a handle and the receiver that the writer reads. `written` reports how far the event log has
    /// come, `account` the state of the account at WhatsApp.
    pub fn channel(
        written: watch::Receiver<u64>,
        account: watch::Receiver<Account>,
    ) -> (Self, mpsc::Receiver<WriterRequest>) {
        let (asks, receiver) = mpsc::channel(ASKS);
        (Self { asks, written, account }, receiver)
    }

    /// The number of the last event on disk, for who follows the log. It closes when the writer ends.
    pub fn written(&self) -> watch::Receiver<u64> {
        self.written.clone()
    }

    /// The state of the account at WhatsApp.
    pub fn account(&self) -> watch::Receiver<Account> {
        self.account.clone()
    }

    /// Notes a change at the account. It is reported once, however often it is noted.
    pub async fn note_account(&self, change: AccountChange) {
        // The writer may have stopped already.
        let _ = self.asks.send(WriterRequest::Account { change }).await;
    }

    async fn ask<T>(&self, make: impl FnOnce(ReplySender<T>) -> WriterRequest) -> Result<T, Refusal> {
        let (answer, reply) = oneshot::channel();
        self.asks.send(make(answer)).await.map_err(|_| Refusal::Stopping)?;
        reply.await.map_err(|_| Refusal::Stopping)?
    }

    /// Executes a command of somebody who has read everything, and waits until it is committed.
    ///
    /// # Errors
    /// Why it was not done; then nothing was.
    pub async fn act(&self, actor: Actor, operation: Operation, command: Command) -> Result<(), Refusal> {
        self.act_having_read(actor, operation, command, ReadState::Everything).await
    }

    /// Executes a command of somebody who has read as much as `reading` says, and waits until it is
    /// committed.
    ///
    /// # Errors
    /// Why the command was refused; then nothing has changed.
    pub async fn act_having_read(
        &self,
        actor: Actor,
        operation: Operation,
        command: Command,
        reading: ReadState,
    ) -> Result<(), Refusal> {
        self.ask(|answer| WriterRequest::Command { actor, operation, command, reading, answer }).await
    }

    /// Keeps a webhook's body and waits until it is committed.
    ///
    /// # Errors
    /// When it could not be kept.
    pub async fn webhook(&self, raw: Bytes) -> Result<(), Refusal> {
        self.ask(|answer| WriterRequest::Webhook { raw, answer }).await
    }

    /// What an agent has.
    ///
    /// # Errors
    /// When there is no such agent.
    pub async fn session(&self, employee: EmployeeId) -> Result<SessionView, Refusal> {
        self.ask(|answer| WriterRequest::Read(ReadRequest::Session { employee, answer })).await
    }

    /// The workbins of an agent, with what is in them.
    ///
    /// # Errors
    /// When the gateway is stopping.
    pub async fn workbins(&self, employee: EmployeeId) -> Result<Vec<WorkbinView>, Refusal> {
        self.ask(|answer| WriterRequest::Read(ReadRequest::Workbins { employee, answer })).await
    }

    /// Starts or stops notifications of changes in workbins for an agent.
    pub async fn follow(&self, employee: EmployeeId, workbins: Vec<String>, on: bool) {
        let _ = self.asks.send(WriterRequest::Follow { employee, workbins, on }).await;
    }

    /// A part of a session's log.
    ///
    /// # Errors
    /// When there is no such session for that person.
    pub async fn messages(
        &self,
        actor: Actor,
        id: InteractionId,
        query: LogQuery,
    ) -> Result<LogPage, Refusal> {
        self.ask(|answer| WriterRequest::Read(ReadRequest::Messages { actor, id, query, answer })).await
    }

    /// The sessions that a customer had, the newest first.
    ///
    /// # Errors
    /// When the person is an agent without a session of that customer.
    pub async fn history(
        &self,
        actor: Actor,
        contact: ContactId,
        since: Option<Millis>,
        until: Option<Millis>,
    ) -> Result<Vec<PastSession>, Refusal> {
        self.ask(|answer| WriterRequest::Read(ReadRequest::History { actor, contact, since, until, answer }))
            .await
    }

    /// Executes a command on contacts and waits until it is committed.
    ///
    /// # Errors
    /// Why it was not done; then nothing was.
    pub async fn contact(
        &self,
        actor: Actor,
        operation: Operation,
        act: ContactCommand,
    ) -> Result<Option<ContactCard>, Refusal> {
        self.ask(|answer| WriterRequest::Contact { actor, operation, act, answer }).await
    }

    /// Looks contacts up.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn look(&self, lookup: ContactLookup) -> Result<ContactPage, Refusal> {
        self.ask(|answer| WriterRequest::Read(ReadRequest::Look { lookup, answer })).await
    }

    /// Who the customer of a session may be.
    ///
    /// # Errors
    /// When the agent does not have that session.
    pub async fn suggest(&self, actor: Actor, id: InteractionId) -> Result<Suggested, Refusal> {
        self.ask(|answer| WriterRequest::Read(ReadRequest::Suggest { actor, id, answer })).await
    }

    /// Publishes what is kept for late subscribers to one client.
    pub async fn replay(&self, employee: EmployeeId, client: ClientId, channel: &'static str) {
        // A closed channel means the gateway is stopping; the client will reconnect.
        let _ = self.asks.send(WriterRequest::Replay { employee, client, channel }).await;
    }

    /// Notes that an agent's first client came or the last one went.
    pub async fn presence(&self, employee: EmployeeId, connected: bool) {
        let _ = self.asks.send(WriterRequest::Presence { employee, connected }).await;
    }

    /// Notes a result of a send and waits until it is committed.
    ///
    /// # Errors
    /// When it could not be kept.
    pub async fn report(&self, report: SendReport) -> Result<(), Refusal> {
        self.ask(|answer| WriterRequest::Report { report, answer }).await
    }

    /// Explains the routing of a session.
    ///
    /// # Errors
    /// When there is no such session.
    pub async fn why(&self, id: InteractionId) -> Result<String, Refusal> {
        self.ask(|answer| WriterRequest::Read(ReadRequest::Why { id, answer })).await
    }

    /// The live view: all sessions, or some.
    ///
    /// # Errors
    /// When the gateway is stopping.
    pub async fn live(&self, sessions: Option<Vec<InteractionId>>) -> Result<LiveView, Refusal> {
        self.ask(|answer| WriterRequest::Read(ReadRequest::Live { sessions, answer })).await
    }

    /// Who is there and how much waits.
    ///
    /// # Errors
    /// When the gateway is stopping.
    pub async fn status(&self) -> Result<StatusSnapshot, Refusal> {
        self.ask(|answer| WriterRequest::Read(ReadRequest::Status { answer })).await
    }
}
