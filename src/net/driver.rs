//! Establishes the connection, keeps it alive, and re-establishes it.
//!
//! Owns: the attempts, the session's cookies, and which transports the server refused.
//! Must not: send requests; the request queue does, and gets the session from here.
//! Invariants: a session is used only after everything is subscribed; events are reported after the `SessionStarted` they
//! belong to; after a break, or when the server forgot the Bayeux session, the workspace session is read again.

use super::backoff::{Backoff, random_u32};
use super::calls::{Access, ConnectionCommand};
use super::carrier_event::CarrierEvent;
use super::error::{StopReason, clean_server_text};
use super::http::{Cookies, Http, Tokens};
use super::link::OpenCarrier;
use super::message::{FromNet, LinkState};
use super::open::{Disconnect, OpenError, open, stop_requested};
use super::settings::{CHANNELS, ConnectionSettings};
use super::wake::SleepDetector;
use crate::proto::bayeux::client::{Carrier, Client, ClientOutput, Input};
use crate::proto::event::Event;
use crate::proto::request::ReadPositions;
use crate::proto::session::SessionDto;
use std::future::pending;
use std::time::{Duration, SystemTime};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval, sleep_until};

/// The time limit for the initialization of a new session. (Workspace: that of the official Java client.)
pub(super) const INITIALIZATION: Duration = Duration::from_secs(30);
/// The time limit for the server to confirm the end of a session.
const SIGN_OUT_TIMEOUT: Duration = Duration::from_secs(2);
/// A connection that broke earlier does not reset the back-off, and is not retried at once.
const STABLE_AFTER: Duration = Duration::from_secs(5);
/// After how many consecutive failures of WebSocket long-polling is tried.
const MAX_SOCKET_FAILURES: u32 = 2;
/// How often the clocks are compared.
const CLOCK_INTERVAL: Duration = Duration::from_secs(1);

/// The task that establishes and keeps the connection.
pub(super) struct Driver {
    settings: ConnectionSettings,
    http: Http,
    out: mpsc::Sender<FromNet>,
    access: watch::Sender<Access>,
    orders: mpsc::Receiver<ConnectionCommand>,
    tokens: Tokens,
    cookies: Cookies,
    /// Whether the session of the cookies has been complete before.
    ready_before: bool,
    generation: u64,
    started_before: bool,
    /// Whether the server refuses WebSockets: one was refused, and long-polling then worked.
    sockets_refused: bool,
    socket_failures: u32,
    online_since: Option<Instant>,
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.access.send_replace(Access::Offline);
    }
}

impl Driver {
    /// A driver that has not connected yet.
    pub fn new(
        settings: ConnectionSettings,
        http: Http,
        out: mpsc::Sender<FromNet>,
        access: watch::Sender<Access>,
        orders: mpsc::Receiver<ConnectionCommand>,
    ) -> Self {
        Self {
            settings,
            http,
            out,
            access,
            orders,
            tokens: Tokens::default(),
            cookies: Cookies::default(),
            ready_before: false,
            generation: 0,
            started_before: false,
            sockets_refused: false,
            socket_failures: 0,
            online_since: None,
        }
    }

    async fn report(&self, report: FromNet) {
        let _ = self.out.send(report).await;
    }

    /// Connects until there is a reason to stop. `None` when the console stopped listening.
    pub async fn run(mut self) -> Option<StopReason> {
        let (mut backoff, mut attempt, mut renewed) = (Backoff::default(), 0_u32, None::<Instant>);
        loop {
            attempt = attempt.saturating_add(1);
            self.report(FromNet::Link(LinkState::Connecting { attempt })).await;
            self.online_since = None;
            let end = self.connect().await;
            if self.out.is_closed() {
                return None;
            }
            let steady = self.online_since.is_some_and(|since| since.elapsed() >= STABLE_AFTER);
            if self.online_since.is_some() {
                attempt = 0;
            }
            if steady {
                backoff.reset();
            }
            let mut at_once = false;
            let reason = match end {
                Disconnect::Stop(reason) => {
                    self.access.send_replace(Access::Offline);
                    return Some(reason);
                }
                Disconnect::Slept => {
                    at_once = true;
                    "this machine slept".to_owned()
                }
                Disconnect::Renew(why) => {
                    self.forget_session();
                    if renewed.is_none_or(|at| at.elapsed() >= STABLE_AFTER) {
                        renewed = Some(Instant::now());
                        tracing::info!(why, "beginning a new workspace session");
                        self.access.send_replace(Access::Renewing);
                        continue;
                    }
                    why
                }
                Disconnect::Lost(why) => why,
            };
            self.access.send_replace(Access::Offline);
            let retry_in = if at_once { Duration::ZERO } else { backoff.next_delay(random_u32()) };
            tracing::warn!(reason, ?retry_in, "connection lost");
            self.report(FromNet::Link(LinkState::Lost { reason, retry_in })).await;
            let until = Instant::now() + retry_in;
            loop {
                tokio::select! {
                    () = sleep_until(until) => break,
                    order = self.orders.recv() => match order {
                        Some(ConnectionCommand::SignOut(read)) => return Some(self.sign_out(&read).await),
                        Some(ConnectionCommand::Renew { .. }) => {}
                        None => return None,
                    },
                    () = self.out.closed() => return None,
                }
            }
        }
    }

    fn forget_session(&mut self) {
        self.cookies = Cookies::default();
        self.ready_before = false;
    }

    /// Ends the workspace session, if the server can be reached.
    async fn sign_out(&mut self, read: &ReadPositions) -> StopReason {
        self.access.send_replace(Access::Offline);
        if self.cookies.has_session()
            && let Err(why) = self.http.logout(&self.cookies, read).await
        {
            tracing::warn!(why, "the server did not receive the sign-out");
        }
        StopReason::SignedOut
    }

    /// One connection, from sign-in to its end.
    async fn connect(&mut self) -> Disconnect {
        let opened = tokio::select! {
            opened = open(&self.settings, &self.http, &mut self.tokens, &mut self.cookies,
                self.sockets_refused || self.socket_failures >= MAX_SOCKET_FAILURES, self.ready_before) => opened,
            end = stop_requested(&mut self.orders, &self.out) => Err(end),
        };
        match opened {
            Ok((link, refused)) => self.serve(link, refused).await,
            Err(OpenError::SignOut(read)) => Disconnect::Stop(self.sign_out(&read).await),
            Err(OpenError::Socket(why)) => {
                self.socket_failures = self.socket_failures.saturating_add(1);
                Disconnect::Lost(why)
            }
            Err(OpenError::Other(end)) => end,
        }
    }

    /// Runs the protocol over an open carrier until it ends.
    async fn serve(&mut self, link: OpenCarrier, socket_refused: bool) -> Disconnect {
        let carrier = link.carrier();
        let mut run = ActiveConnection {
            client: Client::new(CHANNELS),
            link,
            socket_refused,
            timer: None,
            fresh: !self.ready_before,
            settled: false,
            announced: false,
            complete: None,
            held: Vec::new(),
            reading: None,
            leaving: None,
            read: ReadPositions::new(),
        };
        let end = self.drive(&mut run, carrier).await;
        if let Some(reading) = run.reading.take() {
            reading.abort();
        }
        if let Some(cookies) = run.link.cookies() {
            self.cookies = cookies.clone();
        }
        if matches!(end, Disconnect::Lost(_)) && !run.announced && carrier == Carrier::Websocket {
            self.socket_failures = self.socket_failures.saturating_add(1);
        }
        if run.leaving.is_some() {
            run.link.close().await;
            return Disconnect::Stop(self.sign_out(&run.read).await);
        }
        end
    }

    async fn drive(&mut self, run: &mut ActiveConnection, carrier: Carrier) -> Disconnect {
        let began = Instant::now();
        let mut wake = SleepDetector::new(SystemTime::now(), began);
        let mut look = interval(CLOCK_INTERVAL);
        let mut input = Some(Input::Start(carrier));
        loop {
            if let Some(input) = input.take() {
                for output in run.client.step(input) {
                    if let Some(end) = self.handle_output(run, output).await {
                        return end;
                    }
                }
            }
            tokio::select! {
                arrival = run.link.next() => match arrival {
                    CarrierEvent::Received(messages) => input = Some(Input::Received(messages)),
                    CarrierEvent::Failed(messages) => input = Some(Input::Failed(messages)),
                    CarrierEvent::Unauthorised(why) if run.fresh && !run.announced => return Disconnect::Lost(why),
                    CarrierEvent::Unauthorised(why) => return Disconnect::Renew(why),
                    CarrierEvent::Broken(why) => return Disconnect::Lost(why),
                },
                () = until(run.timer) => {
                    run.timer = None;
                    input = Some(Input::Timer);
                }
                read = finished(&mut run.reading) => {
                    run.reading = None;
                    match read {
                        Ok(Some(session)) => self.announce(run, session, false).await,
                        Ok(None) => return Disconnect::Renew("the server does not know the session".to_owned()),
                        Err(why) => return Disconnect::Lost(why),
                    }
                }
                order = self.orders.recv() => match order {
                    Some(ConnectionCommand::SignOut(read)) if run.leaving.is_none() => {
                        run.read = read;
                        run.leaving = Some(Instant::now() + SIGN_OUT_TIMEOUT);
                        self.access.send_replace(Access::Offline);
                        input = Some(Input::Leave);
                    }
                    Some(ConnectionCommand::Renew { generation }) if run.announced && generation == self.generation => {
                        return Disconnect::Renew("the server does not accept the session".to_owned());
                    }
                    Some(_) => {}
                    None => return Disconnect::Lost("the console stopped sending requests".to_owned()),
                },
                () = until(run.leaving) => return Disconnect::Lost("the server did not confirm the sign-out".to_owned()),
                () = until((!run.announced).then(|| began + INITIALIZATION)) => {
                    if run.fresh {
                        self.forget_session();
                    }
                    return Disconnect::Lost("the server did not make the session ready in time".to_owned());
                }
                now = look.tick() => {
                    if wake.has_slept(SystemTime::now(), now) {
                        return Disconnect::Slept;
                    }
                }
                () = self.out.closed() => return Disconnect::Lost("the console stopped listening".to_owned()),
            }
        }
    }

    async fn handle_output(
        &mut self,
        run: &mut ActiveConnection,
        output: ClientOutput,
    ) -> Option<Disconnect> {
        match output {
            ClientOutput::Send { messages, limit } => {
                return run
                    .link
                    .send(messages, Duration::from_millis(limit))
                    .await
                    .err()
                    .map(Disconnect::Lost);
            }
            ClientOutput::Deliver { channel, data } => match Event::decode(&channel, &data) {
                Event::InitializationProgress(percent) => tracing::debug!(percent, "initialization"),
                Event::InitializationComplete(session) => {
                    run.complete = Some(*session);
                    self.announce_if_complete(run).await;
                }
                Event::InitializationFailed(why) if !run.announced => {
                    self.forget_session();
                    return Some(Disconnect::Lost(format!(
                        "the server could not make the session ready: {}",
                        clean_server_text(&why)
                    )));
                }
                Event::InitializationFailed(_) => {}
                event if run.announced => self.report(FromNet::Event(event)).await,
                event => run.held.push(event),
            },
            ClientOutput::Wait(millis) => run.timer = Some(Instant::now() + Duration::from_millis(millis)),
            ClientOutput::Settled => {
                run.settled = true;
                if run.fresh && !run.announced {
                    self.announce_if_complete(run).await;
                } else if run.reading.is_none() {
                    let (http, cookies) = (self.http.clone(), self.cookies.clone());
                    run.reading = Some(tokio::spawn(async move { http.current_session(&cookies).await }));
                }
            }
            ClientOutput::Refused { subscription, error } => {
                tracing::warn!(
                    subscription,
                    error = clean_server_text(&error),
                    "the server refuses a subscription"
                );
            }
            ClientOutput::Rehandshake => {
                tracing::info!("the server forgot the event session; beginning a new one")
            }
            ClientOutput::Denied(why) if run.fresh => {
                self.forget_session();
                return Some(Disconnect::Lost(format!(
                    "the server refuses the handshake: {}",
                    clean_server_text(&why)
                )));
            }
            ClientOutput::Denied(why) => return Some(Disconnect::Renew(clean_server_text(&why))),
            ClientOutput::Broken(why) => return Some(Disconnect::Lost(clean_server_text(&why))),
            ClientOutput::Stop(why) => {
                return Some(match run.fresh || run.announced {
                    // A session from before the break may have ended meanwhile.
                    false => Disconnect::Renew(clean_server_text(&why)),
                    true if why.contains("replaced") => Disconnect::Stop(StopReason::Replaced),
                    true => Disconnect::Stop(StopReason::NotAuthorised(clean_server_text(&why))),
                });
            }
            ClientOutput::Left => return Some(Disconnect::Stop(StopReason::SignedOut)),
        }
        None
    }

    /// Announces a new session when it is complete.
    async fn announce_if_complete(&mut self, run: &mut ActiveConnection) {
        if run.fresh
            && run.settled
            && !run.announced
            && let Some(session) = run.complete.take()
        {
            self.announce(run, session, true).await;
        }
    }

    /// Allows requests, reports the session, then the events that were held back.
    async fn announce(&mut self, run: &mut ActiveConnection, session: SessionDto, fresh: bool) {
        if !run.announced {
            run.announced = true;
            self.online_since = Some(Instant::now());
            self.ready_before = true;
            // Only now it is certain that the server refused the WebSocket and not the client. WebSockets that only
            // failed are tried again next time.
            self.sockets_refused |= run.socket_refused;
            self.socket_failures = 0;
            if fresh {
                self.generation = self.generation.saturating_add(1);
            }
            if let Some(cookies) = run.link.cookies() {
                self.cookies = cookies.clone();
            }
            let (cookies, generation) = (self.cookies.clone(), self.generation);
            if run.leaving.is_none() {
                self.access.send_replace(Access::Online { cookies, generation });
            }
            self.report(FromNet::Link(LinkState::Online { carrier: run.link.carrier() })).await;
        }
        let first = !std::mem::replace(&mut self.started_before, true);
        self.report(FromNet::SessionStarted { session: Box::new(session), first, fresh }).await;
        for event in run.held.drain(..) {
            let _ = self.out.send(FromNet::Event(event)).await;
        }
    }
}

/// The state of one connection.
struct ActiveConnection {
    client: Client,
    link: OpenCarrier,
    /// Whether the server refused a WebSocket in this attempt.
    socket_refused: bool,
    timer: Option<Instant>,
    /// Whether the server is creating a new session, whose completion it will report.
    fresh: bool,
    settled: bool,
    announced: bool,
    complete: Option<SessionDto>,
    /// Events that arrived before the session was announced.
    held: Vec<Event>,
    reading: Option<JoinHandle<Result<Option<SessionDto>, String>>>,
    /// The deadline for the server to confirm the end.
    leaving: Option<Instant>,
    /// The read positions at sign-out.
    read: ReadPositions,
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => pending().await,
    }
}

async fn finished(
    reading: &mut Option<JoinHandle<Result<Option<SessionDto>, String>>>,
) -> Result<Option<SessionDto>, String> {
    match reading {
        Some(task) => task.await.unwrap_or_else(|_| Err("reading the session was given up".to_owned())),
        None => pending().await,
    }
}
