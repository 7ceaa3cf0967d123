//! Makes the connection, keeps it, and makes it again.
//!
//! Owns: the attempts, the session's cookies, the memory of what the server refused.
//! Must not: answer requests; that is the calls' side, which is told here whether it has a session.
//! Invariants: a session is used only after everything is subscribed; events come after the
//! `SessionStarted` they belong to; after a break, or a forgotten Bayeux session, the session is read anew.

use super::backoff::{Backoff, chance};
use super::calls::{Access, Order};
use super::http::{Cookies, Http, SignInError, Tokens};
use super::link::{Arrival, Link};
use super::polling::Polling;
use super::socket::{self, Opening};
use super::wake::Wake;
use super::{CHANNELS, FromNet, LinkState, Settings, StopReason, words};
use crate::config::schema::Transport;
use crate::proto::bayeux::client::{Carrier, Client, Input, Output};
use crate::proto::event::Event;
use crate::proto::request::Read;
use crate::proto::session::SessionDto;
use std::future::pending;
use std::time::{Duration, SystemTime};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval, sleep_until};

/// Time for a new session to be initialized. Workspace: the official Java client gives up after as long.
pub(super) const INITIALIZATION: Duration = Duration::from_secs(30);
/// Time for the server to confirm that the session ends.
const GOODBYE: Duration = Duration::from_secs(2);
/// A connection that stood for less is no success for the back-off, nor a reason to begin anew at once.
const STEADY: Duration = Duration::from_secs(5);
/// WebSockets that did not come to work in a row until long-polling is tried.
const SOCKET_TROUBLES: u32 = 2;
/// How often the clocks are compared.
const LOOK: Duration = Duration::from_secs(1);

/// Why an attempt, or a connection that stood, is over.
enum End {
    Stop(StopReason),
    Lost(String),
    /// The machine slept: the server is tried at once.
    Slept,
    /// The server does not know the workspace session.
    Renew(String),
}

/// The connection's side of the task.
pub(super) struct Driver {
    settings: Settings,
    http: Http,
    out: mpsc::Sender<FromNet>,
    access: watch::Sender<Access>,
    orders: mpsc::Receiver<Order>,
    tokens: Tokens,
    cookies: Cookies,
    /// Whether the session of the cookies was ever ready.
    ready_before: bool,
    generation: u64,
    started_before: bool,
    /// The server refuses WebSockets, as long-polling that worked instead has shown.
    sockets_refused: bool,
    socket_troubles: u32,
    online_since: Option<Instant>,
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.access.send_replace(Access::Offline);
    }
}

impl Driver {
    pub fn new(
        settings: Settings,
        http: Http,
        out: mpsc::Sender<FromNet>,
        access: watch::Sender<Access>,
        orders: mpsc::Receiver<Order>,
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
            socket_troubles: 0,
            online_since: None,
        }
    }

    async fn tell(&self, report: FromNet) {
        let _ = self.out.send(report).await;
    }

    /// Connects until something says stop. `None` when nobody listens any more.
    pub async fn run(mut self) -> Option<StopReason> {
        let (mut backoff, mut attempt, mut renewed) = (Backoff::default(), 0_u32, None::<Instant>);
        loop {
            attempt = attempt.saturating_add(1);
            self.tell(FromNet::Link(LinkState::Connecting { attempt })).await;
            self.online_since = None;
            let end = self.connect().await;
            if self.out.is_closed() {
                return None;
            }
            let steady = self.online_since.is_some_and(|since| since.elapsed() >= STEADY);
            if self.online_since.is_some() {
                attempt = 0;
            }
            if steady {
                backoff.reset();
            }
            let mut at_once = false;
            let reason = match end {
                End::Stop(reason) => {
                    self.access.send_replace(Access::Offline);
                    return Some(reason);
                }
                End::Slept => {
                    at_once = true;
                    "this machine slept".to_owned()
                }
                End::Renew(why) => {
                    self.forget_session();
                    if renewed.is_none_or(|at| at.elapsed() >= STEADY) {
                        renewed = Some(Instant::now());
                        tracing::info!(why, "beginning a new workspace session");
                        self.access.send_replace(Access::Renewing);
                        continue;
                    }
                    why
                }
                End::Lost(why) => why,
            };
            self.access.send_replace(Access::Offline);
            let retry_in = if at_once { Duration::ZERO } else { backoff.next(chance()) };
            tracing::warn!(reason, ?retry_in, "connection lost");
            self.tell(FromNet::Link(LinkState::Lost { reason, retry_in })).await;
            let until = Instant::now() + retry_in;
            loop {
                tokio::select! {
                    () = sleep_until(until) => break,
                    order = self.orders.recv() => match order {
                        Some(Order::SignOut(read)) => return Some(self.sign_out(&read).await),
                        Some(Order::Renew { .. }) => {}
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

    /// Ends the workspace session, as far as the server can be told.
    async fn sign_out(&mut self, read: &Read) -> StopReason {
        self.access.send_replace(Access::Offline);
        if self.cookies.has_session()
            && let Err(why) = self.http.logout(&self.cookies, read).await
        {
            tracing::warn!(why, "the server was not told of signing out");
        }
        StopReason::SignedOut
    }

    /// One connection from signing in to its end.
    async fn connect(&mut self) -> End {
        let opened = tokio::select! {
            opened = open(&self.settings, &self.http, &mut self.tokens, &mut self.cookies,
                self.sockets_refused || self.socket_troubles >= SOCKET_TROUBLES, self.ready_before) => opened,
            end = leave_early(&mut self.orders, &self.out) => Err(end),
        };
        match opened {
            Ok((link, refused)) => self.serve(link, refused).await,
            Err(Failure::SignOut(read)) => End::Stop(self.sign_out(&read).await),
            Err(Failure::Socket(why)) => {
                self.socket_troubles = self.socket_troubles.saturating_add(1);
                End::Lost(why)
            }
            Err(Failure::Other(end)) => end,
        }
    }

    /// Drives the protocol over an open carrier until it ends.
    async fn serve(&mut self, link: Link, socket_refused: bool) -> End {
        let carrier = link.carrier();
        let mut run = Run {
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
            read: Read::new(),
        };
        let end = self.drive(&mut run, carrier).await;
        if let Some(reading) = run.reading.take() {
            reading.abort();
        }
        if let Some(cookies) = run.link.cookies() {
            self.cookies = cookies.clone();
        }
        match (&end, run.announced) {
            (End::Lost(_), false) if carrier == Carrier::Websocket => {
                self.socket_troubles = self.socket_troubles.saturating_add(1);
            }
            _ => {}
        }
        if run.leaving.is_some() {
            run.link.close().await;
            return End::Stop(self.sign_out(&run.read).await);
        }
        end
    }

    async fn drive(&mut self, run: &mut Run, carrier: Carrier) -> End {
        let began = Instant::now();
        let mut wake = Wake::new(SystemTime::now(), began);
        let mut look = interval(LOOK);
        let mut input = Some(Input::Start(carrier));
        loop {
            if let Some(input) = input.take() {
                for output in run.client.step(input) {
                    if let Some(end) = self.act(run, output).await {
                        return end;
                    }
                }
            }
            tokio::select! {
                arrival = run.link.next() => match arrival {
                    Arrival::Received(messages) => input = Some(Input::Received(messages)),
                    Arrival::Failed(messages) => input = Some(Input::Failed(messages)),
                    Arrival::Unauthorised(why) if run.fresh && !run.announced => return End::Lost(why),
                    Arrival::Unauthorised(why) => return End::Renew(why),
                    Arrival::Broken(why) => return End::Lost(why),
                },
                () = until(run.timer) => {
                    run.timer = None;
                    input = Some(Input::Timer);
                }
                read = finished(&mut run.reading) => {
                    run.reading = None;
                    match read {
                        Ok(Some(session)) => self.announce(run, session, false).await,
                        Ok(None) => return End::Renew("the server does not know the session".to_owned()),
                        Err(why) => return End::Lost(why),
                    }
                }
                order = self.orders.recv() => match order {
                    Some(Order::SignOut(read)) if run.leaving.is_none() => {
                        run.read = read;
                        run.leaving = Some(Instant::now() + GOODBYE);
                        self.access.send_replace(Access::Offline);
                        input = Some(Input::Leave);
                    }
                    Some(Order::Renew { generation }) if run.announced && generation == self.generation => {
                        return End::Renew("the server does not accept the session".to_owned());
                    }
                    Some(_) => {}
                    None => return End::Lost("nobody asks any more".to_owned()),
                },
                () = until(run.leaving) => return End::Lost("the server did not say goodbye".to_owned()),
                () = until((!run.announced).then(|| began + INITIALIZATION)) => {
                    if run.fresh {
                        self.forget_session();
                    }
                    return End::Lost("the server did not make the session ready in time".to_owned());
                }
                now = look.tick() => {
                    if wake.slept(SystemTime::now(), now) {
                        return End::Slept;
                    }
                }
                () = self.out.closed() => return End::Lost("nobody listens any more".to_owned()),
            }
        }
    }

    async fn act(&mut self, run: &mut Run, output: Output) -> Option<End> {
        match output {
            Output::Send { messages, limit } => {
                return run.link.send(messages, Duration::from_millis(limit)).await.err().map(End::Lost);
            }
            Output::Deliver { channel, data } => match Event::decode(&channel, &data) {
                Event::InitializationProgress(percent) => tracing::debug!(percent, "initialization"),
                Event::InitializationComplete(session) => {
                    run.complete = Some(*session);
                    self.begin(run).await;
                }
                Event::InitializationFailed(why) if !run.announced => {
                    self.forget_session();
                    return Some(End::Lost(format!(
                        "the server could not make the session ready: {}",
                        words(&why)
                    )));
                }
                Event::InitializationFailed(_) => {}
                event if run.announced => self.tell(FromNet::Event(event)).await,
                event => run.held.push(event),
            },
            Output::Wait(millis) => run.timer = Some(Instant::now() + Duration::from_millis(millis)),
            Output::Settled => {
                run.settled = true;
                if run.fresh && !run.announced {
                    self.begin(run).await;
                } else if run.reading.is_none() {
                    let (http, cookies) = (self.http.clone(), self.cookies.clone());
                    run.reading = Some(tokio::spawn(async move { http.current_session(&cookies).await }));
                }
            }
            Output::Refused { subscription, error } => {
                tracing::warn!(subscription, error = words(&error), "the server refuses a subscription");
            }
            Output::Rehandshake => tracing::info!("the server forgot the event session; beginning it anew"),
            Output::Denied(why) if run.fresh => {
                self.forget_session();
                return Some(End::Lost(format!("the server refuses the handshake: {}", words(&why))));
            }
            Output::Denied(why) => return Some(End::Renew(words(&why))),
            Output::Broken(why) => return Some(End::Lost(words(&why))),
            Output::Stop(why) => {
                return Some(match run.fresh || run.announced {
                    // A session from before the break may simply have ended meanwhile.
                    false => End::Renew(words(&why)),
                    true if why.contains("replaced") => End::Stop(StopReason::Replaced),
                    true => End::Stop(StopReason::NotAuthorised(words(&why))),
                });
            }
            Output::Left => return Some(End::Stop(StopReason::SignedOut)),
        }
        None
    }

    /// Announces a session that the server has just made, when all of it is there.
    async fn begin(&mut self, run: &mut Run) {
        if run.fresh
            && run.settled
            && !run.announced
            && let Some(session) = run.complete.take()
        {
            self.announce(run, session, true).await;
        }
    }

    /// Opens the door to requests, then says so, then hands over what was told meanwhile.
    async fn announce(&mut self, run: &mut Run, session: SessionDto, fresh: bool) {
        if !run.announced {
            run.announced = true;
            self.online_since = Some(Instant::now());
            self.ready_before = true;
            // Only now is it known that a refusal was of the WebSocket, and not of everything. Sockets that
            // were merely stuck have another chance next time.
            self.sockets_refused |= run.socket_refused;
            self.socket_troubles = 0;
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
            self.tell(FromNet::Link(LinkState::Online { carrier: run.link.carrier() })).await;
        }
        let first = !std::mem::replace(&mut self.started_before, true);
        self.tell(FromNet::SessionStarted { session: Box::new(session), first, fresh }).await;
        for event in run.held.drain(..) {
            let _ = self.out.send(FromNet::Event(event)).await;
        }
    }
}

/// What one connection knows.
struct Run {
    client: Client,
    link: Link,
    /// Whether the server just refused a WebSocket.
    socket_refused: bool,
    timer: Option<Instant>,
    /// Whether the server makes a new session for it, and will tell when that is complete.
    fresh: bool,
    settled: bool,
    announced: bool,
    complete: Option<SessionDto>,
    /// Events that came before the session was announced.
    held: Vec<Event>,
    reading: Option<JoinHandle<Result<Option<SessionDto>, String>>>,
    /// Until when the server may confirm the end.
    leaving: Option<Instant>,
    /// How far sessions were read when the sign-out began.
    read: Read,
}

enum Failure {
    SignOut(Read),
    Socket(String),
    Other(End),
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

async fn leave_early(orders: &mut mpsc::Receiver<Order>, out: &mpsc::Sender<FromNet>) -> Failure {
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(Order::SignOut(read)) => return Failure::SignOut(read),
                // The session is being begun anew already.
                Some(Order::Renew { .. }) => {}
                None => return Failure::Other(End::Lost("nobody asks any more".to_owned())),
            },
            () = out.closed() => return Failure::Other(End::Lost("nobody listens any more".to_owned())),
        }
    }
}

/// Signs in, begins a session where there is none, and opens what will carry events. The second is whether
/// the server refused a WebSocket just now.
async fn open(
    settings: &Settings,
    http: &Http,
    tokens: &mut Tokens,
    cookies: &mut Cookies,
    no_socket: bool,
    reused: bool,
) -> Result<(Link, bool), Failure> {
    if !reused || !cookies.has_session() {
        *cookies = http.initialize(settings, tokens).await.map_err(|why| {
            Failure::Other(match why {
                SignInError::Stop(reason) => End::Stop(reason),
                SignInError::Later(why) => End::Lost(why),
            })
        })?;
    }
    let mut refused = false;
    let socket = match settings.transport {
        Transport::LongPolling => false,
        Transport::Websocket => true,
        Transport::Auto => !no_socket,
    };
    if socket {
        match socket::open(http, cookies).await {
            Opening::Open(socket, headers) => {
                cookies.take(&headers);
                return Ok((Link::Socket(socket), false));
            }
            Opening::Refused(status) if reused && matches!(status.as_u16(), 401..=403) => {
                return Err(Failure::Other(End::Renew(format!("the server answers HTTP {status}"))));
            }
            Opening::Refused(status) if settings.transport == Transport::Websocket => {
                let why = format!(
                    "the server refuses a WebSocket (HTTP {status}), and the settings allow nothing else"
                );
                return Err(Failure::Socket(why));
            }
            Opening::Refused(status) => {
                tracing::info!(status = status.as_u16(), "no WebSocket; using long-polling");
                refused = true;
            }
            Opening::Stuck(why) => return Err(Failure::Socket(why)),
            Opening::Unreached(why) => return Err(Failure::Other(End::Lost(why))),
        }
    }
    Ok((Link::Polling(Box::new(Polling::new(http.clone(), cookies.clone()))), refused))
}
