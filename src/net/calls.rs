//! The request queue of the console.
//!
//! Owns: when each request is sent, and its one reply.
//! Must not: repeat a request that may have been executed.
//! Invariants: requests that change an interaction are sent one after another, in order, and so are those that change the
//! agent's state. After one whose outcome is unknown, those waiting behind it fail as not sent, so that none overtakes it.
//! Reads and typing notices delay nothing.

use super::error::CallError;
use super::http::{Cookies, ExchangeOutcome, Http};
use super::message::{FromNet, ToNet};
use crate::domain::OperationId;
use crate::proto::request::{Call, ReadPositions, Request};
use std::collections::{HashMap, VecDeque};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

/// How many requests may wait behind others. Overflow: the new one fails as not sent.
const WAITING: usize = 512;
/// How long a reply to a request in flight is awaited after the connection broke.
const GRACE: Duration = Duration::from_secs(2);
/// How long a request waits for a new session.
const RENEWAL: Duration = Duration::from_secs(30);

/// Whether requests can be sent, and in which session.
#[derive(Clone, Debug)]
pub(super) enum Access {
    Offline,
    /// A new session is being started, because the server forgot the last one.
    Renewing,
    Online {
        cookies: Cookies,
        /// The number of the workspace session.
        generation: u64,
    },
}

/// A command of the request queue to the connection.
#[derive(Debug)]
pub(super) enum ConnectionCommand {
    /// The server no longer accepts this session.
    Renew { generation: u64 },
    /// The agent signs out. Holds the read positions of the sessions.
    SignOut(ReadPositions),
}

/// Requests with the same key are sent one after another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum SequenceKey {
    /// Changes of an interaction.
    Acts(String),
    /// Typing notices in an interaction.
    Typing(String),
    /// Changes of the agent's state.
    Agent,
}

impl SequenceKey {
    /// The key of a request, derived from its path; `None` if it is sent at once.
    fn of(call: &Call) -> Option<Self> {
        if call.method != "POST" {
            return None;
        }
        let path = call.path.strip_prefix(crate::proto::WORKSPACE).unwrap_or(&call.path);
        if let Some((_, rest)) = path.split_once("/interactions/") {
            let (id, act) = rest.split_once('/').unwrap_or((rest, ""));
            let typing = act.starts_with("send-typing");
            return Some(if typing { Self::Typing(id.to_owned()) } else { Self::Acts(id.to_owned()) });
        }
        let own = path.starts_with("/media/") || path == "/activate-channels" || path == "/logout";
        own.then_some(Self::Agent)
    }
}

/// A request has ended.
#[derive(Debug)]
struct CompletedCall {
    lane: Option<SequenceKey>,
    /// Whether it was not executed, or may not have been, because the connection broke.
    cut: bool,
}

#[derive(Debug)]
struct PendingCall {
    operation: OperationId,
    request: Request,
    call: Call,
}

/// Sends the requests of the console.
#[derive(Debug)]
pub(super) struct RequestQueue {
    commands: mpsc::Receiver<ToNet>,
    shared: CallContext,
    orders: mpsc::Sender<ConnectionCommand>,
    running: JoinSet<CompletedCall>,
    /// The keys with a request in flight, and the requests waiting behind it.
    lanes: HashMap<SequenceKey, VecDeque<PendingCall>>,
}

#[derive(Clone, Debug)]
struct CallContext {
    http: Http,
    out: mpsc::Sender<FromNet>,
    access: watch::Receiver<Access>,
}

impl RequestQueue {
    /// A queue that sends nothing before the connection reports a session in `access`.
    pub fn new(
        http: Http,
        commands: mpsc::Receiver<ToNet>,
        out: mpsc::Sender<FromNet>,
        access: watch::Receiver<Access>,
        orders: mpsc::Sender<ConnectionCommand>,
    ) -> Self {
        let shared = CallContext { http, out, access };
        Self { commands, shared, orders, running: JoinSet::new(), lanes: HashMap::new() }
    }

    /// Sends requests until the console is gone.
    pub async fn run(&mut self) {
        loop {
            tokio::select! {
                command = self.commands.recv() => match command {
                    Some(ToNet::Call { operation, request }) => self.enqueue(operation, request).await,
                    Some(ToNet::SignOut(read)) => {
                        let _ = self.orders.send(ConnectionCommand::SignOut(read)).await;
                    }
                    None => return,
                },
                Some(ended) = self.running.join_next() => self.start_next(ended.ok()).await,
            }
        }
    }

    /// Ends all requests: waiting ones fail as not sent, those in flight have a short time to complete.
    pub async fn finish(mut self) {
        self.commands.close();
        while let Some(command) = self.commands.recv().await {
            if let ToNet::Call { operation, request } = command {
                self.refuse(operation, &request, "the connection has ended").await;
            }
        }
        while let Some(ended) = self.running.join_next().await {
            self.start_next(ended.ok()).await;
        }
    }

    async fn refuse(&self, operation: OperationId, request: &Request, why: &str) {
        let result = Err(CallError::NotSent(why.to_owned()));
        self.shared.reply(operation, request.name(), result).await;
    }

    async fn enqueue(&mut self, operation: OperationId, request: Request) {
        if matches!(*self.shared.access.borrow(), Access::Offline) {
            self.refuse(operation, &request, "there is no connection").await;
            return;
        }
        let waiting: usize = self.lanes.values().map(VecDeque::len).sum();
        if waiting >= WAITING || self.running.len() >= WAITING {
            self.refuse(operation, &request, "too many requests wait already").await;
            return;
        }
        let call = request.call(&operation);
        let lane = SequenceKey::of(&call);
        let asked = PendingCall { operation, request, call };
        match &lane {
            Some(known) => match self.lanes.get_mut(known) {
                Some(queue) => queue.push_back(asked),
                None => {
                    self.lanes.insert(known.clone(), VecDeque::new());
                    self.start(asked, lane);
                }
            },
            None => self.start(asked, lane),
        }
    }

    fn start(&mut self, asked: PendingCall, lane: Option<SequenceKey>) {
        let (shared, orders) = (self.shared.clone(), self.orders.clone());
        self.running.spawn(async move {
            let result = shared.clone().perform(&asked, &orders).await;
            let cut = matches!(result, Err(CallError::NotSent(_) | CallError::OutcomeUnknown(_)));
            shared.reply(asked.operation, asked.request.name(), result).await;
            CompletedCall { lane, cut }
        });
    }

    async fn start_next(&mut self, ended: Option<CompletedCall>) {
        let Some(CompletedCall { lane: Some(lane), cut }) = ended else { return };
        let mut behind = self.lanes.remove(&lane).unwrap_or_default();
        if cut {
            for asked in behind {
                self.refuse(asked.operation, &asked.request, "the one before it did not get through").await;
            }
        } else if let Some(asked) = behind.pop_front() {
            self.lanes.insert(lane.clone(), behind);
            self.start(asked, Some(lane));
        }
    }
}

type CallResult = Result<crate::proto::envelope::Envelope, CallError>;

impl CallContext {
    async fn reply(&self, operation: OperationId, request_name: &'static str, result: CallResult) {
        let _ = self.out.send(FromNet::Reply { operation, request_name, result }).await;
    }

    /// Sends a request. If the server does not accept the session, sends it once more in a new one.
    async fn perform(mut self, asked: &PendingCall, orders: &mpsc::Sender<ConnectionCommand>) -> CallResult {
        let name = asked.request.name();
        let (cookies, generation) = self.session(0).await?;
        let began = Instant::now();
        let outcome = self.exchange(&cookies, &asked.call).await;
        let error = match outcome {
            ExchangeOutcome::Over(result) => {
                if !matches!(result, Err(CallError::NotSent(_) | CallError::OutcomeUnknown(_))) {
                    let _ = self.out.try_send(FromNet::Latency(began.elapsed()));
                }
                return result;
            }
            ExchangeOutcome::Unauthorised(error, status) => {
                // A server also refuses a single operation with 403. A request for the session shows which case it is.
                let alive =
                    status.as_u16() == 403 && !matches!(self.http.current_session(&cookies).await, Ok(None));
                if alive {
                    return Err(error);
                }
                error
            }
        };
        tracing::info!(request = name, "the server does not accept the session; beginning a new one");
        let _ = orders.send(ConnectionCommand::Renew { generation }).await;
        let renewed = timeout(RENEWAL, self.session(generation)).await;
        let Ok(Ok((cookies, _))) = renewed else {
            return Err(CallError::NotSent("the server does not accept the session".to_owned()));
        };
        match self.exchange(&cookies, &asked.call).await {
            ExchangeOutcome::Over(result) => result,
            ExchangeOutcome::Unauthorised(..) => Err(error),
        }
    }

    /// Waits for a session with a higher number than `after`.
    async fn session(&mut self, after: u64) -> Result<(Cookies, u64), CallError> {
        let gone = || CallError::NotSent("the connection is lost".to_owned());
        loop {
            match &*self.access.borrow_and_update() {
                Access::Offline => return Err(gone()),
                Access::Online { cookies, generation } if *generation > after => {
                    return Ok((cookies.clone(), *generation));
                }
                Access::Online { .. } | Access::Renewing => {}
            }
            self.access.changed().await.map_err(|_| gone())?;
        }
    }

    /// Sends a request and awaits the reply, for a short time only once the connection is broken.
    async fn exchange(&self, cookies: &Cookies, call: &Call) -> ExchangeOutcome {
        let mut access = self.access.clone();
        let broken = async {
            // An error means that the connection has ended for good, which counts as broken.
            let _ = access.wait_for(|access| matches!(access, Access::Offline)).await;
            sleep(GRACE).await;
        };
        tokio::select! {
            outcome = self.http.call(cookies, call) => outcome,
            () = broken => ExchangeOutcome::Over(Err(CallError::OutcomeUnknown(
                "the connection broke before the server answered".to_owned(),
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_of_a_session_share_a_key_and_typing_has_its_own() {
        let lane = |request: Request| SequenceKey::of(&request.call(&"op".into()));
        let send = lane(Request::SendMessage {
            id: "a/b".into(),
            text: "x".into(),
            to: crate::domain::message::Visibility::All,
        });
        assert!(send.is_some());
        assert_eq!(send, lane(Request::Complete { id: "a/b".into(), read: 0 }));
        assert_ne!(send, lane(Request::Complete { id: "c".into(), read: 0 }));
        let typing = lane(Request::Typing { id: "a/b".into(), started: true });
        assert_eq!(typing, lane(Request::Typing { id: "a/b".into(), started: false }));
        assert_ne!(send, typing);
        assert_eq!(lane(Request::Messages("a/b".into(), crate::proto::media::LogQuery::default())), None);
        assert_eq!(lane(Request::CurrentSession), None);
        let ready = lane(Request::Ready { channel: "whatsappsession".into() });
        assert!(ready.is_some());
        assert_eq!(ready, lane(Request::DoNotDisturb(true)));
    }
}
