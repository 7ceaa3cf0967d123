//! WebSocket: events are pushed, a held connect is a heartbeat.

use super::frame::{BATCH, Frame, write};
use super::message::{MessageOutcome, handle, too_many};
use super::reply::{connected, hold_time, released, unknown};
use crate::gateway::accept::ConnectionSlot;
use crate::gateway::auth::Credential;
use crate::gateway::hub::{EventBatch, Hold};
use crate::gateway::reply::ApiReply;
use crate::gateway::services::Services;
use crate::proto::bayeux::{BayeuxMessage, DISCONNECT, parse};
use axum::Extension;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message as Ws, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

/// Bytes of a frame from a client.
const MOST_FRAME: usize = 1024 * 1024;
/// How often a client is pinged.
const PING: Duration = Duration::from_secs(15);
/// How long a client may be silent, pongs included.
const DEAD: Duration = Duration::from_secs(45);
/// How long a write may take. A client that does not read loses its connection, so that nothing waits for it.
const WRITE: Duration = Duration::from_secs(15);
/// RFC 6455: internal error. CometD closes with it on input that it cannot read.
const UNREADABLE: u16 = 1011;
/// RFC 6455: going away.
const AWAY: u16 = 1001;
/// RFC 6455: normal closure.
const FINE: u16 = 1000;

/// `GET /notifications` with an upgrade. A request without an upgrade is refused with 400, and clients then poll.
pub async fn upgrade(
    State(services): State<Arc<Services>>,
    headers: HeaderMap,
    slot: Option<Extension<ConnectionSlot>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiReply> {
    let Ok(upgrade) = upgrade else {
        return Err(ApiReply::failure(StatusCode::BAD_REQUEST, None, "events come by POST or by WebSocket"));
    };
    if !services.directory.gateway().websocket {
        let sentence = "WebSocket is turned off on this gateway: use long-polling";
        return Err(ApiReply::failure(StatusCode::BAD_REQUEST, None, sentence));
    }
    let Some(caller) = services.auth.caller(&headers) else {
        let sentence = "there is no session: call initialize-workspace first";
        return Err(ApiReply::failure(StatusCode::FORBIDDEN, None, sentence));
    };
    Ok(upgrade.max_message_size(MOST_FRAME).max_frame_size(MOST_FRAME).on_upgrade(async move |socket| {
        // The slot counts this connection until it ends.
        let _slot = slot;
        SocketSession { services, by: caller.by, socket, hold: None, pending: None }.run().await;
    }))
}

/// One socket.
struct SocketSession {
    services: Arc<Services>,
    by: Credential,
    socket: WebSocket,
    /// The client that connected here; its events are pushed.
    hold: Option<Hold>,
    /// A connect that waits for its reply, and when it is answered.
    pending: Option<(BayeuxMessage, Instant)>,
}

/// The end of a socket, with the close code and reason when the peer can still receive them.
struct SocketEnd(Option<(u16, &'static str)>);

enum SocketEvent {
    Came(Option<Result<Ws, axum::Error>>),
    Taken(EventBatch),
    Due,
    Tick,
    Stop,
}

impl SocketSession {
    async fn run(mut self) {
        let mut ticks = interval(PING);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last_frame = Instant::now();
        let services = Arc::clone(&self.services);
        let stopping = services.stopping();
        tokio::pin!(stopping);
        let over = loop {
            let events = async {
                match &self.hold {
                    Some(hold) => hold.next(BATCH).await,
                    _ => std::future::pending().await,
                }
            };
            let due = async {
                match &self.pending {
                    Some((_, at)) => sleep_until(*at).await,
                    None => std::future::pending().await,
                }
            };
            let happened = tokio::select! {
                () = &mut stopping => SocketEvent::Stop,
                came = self.socket.recv() => SocketEvent::Came(came),
                taken = events => SocketEvent::Taken(taken),
                () = due => SocketEvent::Due,
                _ = ticks.tick() => SocketEvent::Tick,
            };
            if matches!(happened, SocketEvent::Came(Some(Ok(_)))) {
                last_frame = Instant::now();
            }
            let went = match happened {
                SocketEvent::Came(came) => self.came(came).await,
                SocketEvent::Taken(taken) => self.push(taken).await,
                SocketEvent::Due => self.heartbeat().await,
                SocketEvent::Tick if last_frame.elapsed() >= DEAD => Err(SocketEnd(None)),
                SocketEvent::Tick if services.auth.known(self.by).is_none() => {
                    Err(SocketEnd(Some((FINE, "the session is over"))))
                }
                SocketEvent::Tick => self.send(Ws::Ping(bytes::Bytes::new())).await,
                SocketEvent::Stop => Err(SocketEnd(Some((AWAY, "the gateway is stopping")))),
            };
            if let Err(over) = went {
                break over;
            }
        };
        if let SocketEnd(Some((code, reason))) = over {
            let close = Ws::Close(Some(CloseFrame { code, reason: reason.into() }));
            // The connection ends in any case.
            let _ = self.send(close).await;
        }
    }

    async fn send(&mut self, message: Ws) -> Result<(), SocketEnd> {
        match timeout(WRITE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(SocketEnd(None)),
        }
    }

    async fn write(&mut self, frames: &[Frame]) -> Result<(), SocketEnd> {
        if frames.is_empty() {
            return Ok(());
        }
        let text = write(frames).map_err(|_| SocketEnd(Some((UNREADABLE, "an event is not JSON"))))?;
        self.send(Ws::Text(text.into())).await
    }

    async fn came(&mut self, came: Option<Result<Ws, axum::Error>>) -> Result<(), SocketEnd> {
        let unreadable = || SocketEnd(Some((UNREADABLE, "the frame is no Bayeux message")));
        let text = match came {
            None | Some(Ok(Ws::Close(_))) => return Err(SocketEnd(None)),
            Some(Err(_)) => return Err(unreadable()),
            Some(Ok(Ws::Ping(_) | Ws::Pong(_))) => return Ok(()),
            Some(Ok(Ws::Binary(_))) => return Err(unreadable()),
            Some(Ok(Ws::Text(text))) => text,
        };
        let messages = parse(text.as_bytes()).map_err(|_| unreadable())?;
        if too_many(&messages) {
            return Err(unreadable());
        }
        self.answer(messages).await
    }

    async fn answer(&mut self, messages: Vec<BayeuxMessage>) -> Result<(), SocketEnd> {
        let services = Arc::clone(&self.services);
        let mut frames = Vec::new();
        let mut bye = false;
        for message in messages {
            bye |= message.channel == DISCONNECT;
            match handle(&services, Some(self.by), message).await {
                MessageOutcome::Reply(reply) => frames.push(Frame::Reply(Box::new(reply))),
                MessageOutcome::Connect(id, message) => {
                    // A connect that still waits is released by the next one.
                    frames.extend(self.release());
                    let here = self.hold.as_ref().is_some_and(|hold| *hold.client() == id);
                    let mut first = false;
                    if !here {
                        match services.hub.hold(&id) {
                            Some((hold, fresh)) => (self.hold, first) = (Some(hold), fresh),
                            None => {
                                frames.push(Frame::Reply(Box::new(unknown(&message))));
                                continue;
                            }
                        }
                    }
                    let hold_time = hold_time(&services, &message);
                    if first || hold_time.is_zero() {
                        frames.push(Frame::Reply(Box::new(connected(&message, &services))));
                    } else {
                        self.pending = Some((message, Instant::now() + hold_time));
                    }
                }
            }
        }
        if bye {
            frames.extend(self.pending.take().map(|(message, _)| Frame::Reply(Box::new(released(&message)))));
        }
        self.write(&frames).await?;
        if bye { Err(SocketEnd(Some((FINE, "")))) } else { Ok(()) }
    }

    /// The reply to a connect that waits.
    fn release(&mut self) -> Option<Frame> {
        let (message, _) = self.pending.take()?;
        Some(Frame::Reply(Box::new(connected(&message, &self.services))))
    }

    async fn heartbeat(&mut self) -> Result<(), SocketEnd> {
        let frames: Vec<Frame> = self.release().into_iter().collect();
        self.write(&frames).await
    }

    async fn push(&mut self, taken: EventBatch) -> Result<(), SocketEnd> {
        match taken {
            EventBatch::Events(events) => {
                let frames: Vec<Frame> = events.into_iter().map(Frame::Event).collect();
                self.write(&frames).await
            }
            EventBatch::Nothing => Ok(()),
            EventBatch::Replaced => Err(SocketEnd(Some((FINE, "another connection serves this client")))),
            EventBatch::Left | EventBatch::Gone => {
                // The next message would fail anyway; a waiting connect is answered at once.
                self.hold = None;
                let over = if taken == EventBatch::Left { released } else { unknown };
                let waiting = self.pending.take();
                let frames: Vec<Frame> =
                    waiting.map(|(message, _)| Frame::Reply(Box::new(over(&message)))).into_iter().collect();
                self.write(&frames).await
            }
        }
    }
}
