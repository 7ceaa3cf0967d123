//! WebSocket: events are pushed, a held connect is a heartbeat.

use super::{BATCH, Frame, Handled, connected, handle, patience, released, too_many, unknown, write};
use crate::gateway::accept::Place;
use crate::gateway::auth::By;
use crate::gateway::http::Front;
use crate::gateway::http::reply::Reply;
use crate::gateway::hub::{Hold, Taken};
use crate::proto::bayeux::{DISCONNECT, Message, parse};
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
/// How often a silent client is asked whether it is there.
const PING: Duration = Duration::from_secs(15);
/// How long it may say nothing at all, not even that.
const DEAD: Duration = Duration::from_secs(45);
/// How long a write may take: who does not read loses the connection, and nobody waits for them.
const WRITE: Duration = Duration::from_secs(15);
/// RFC 6455: something was not as the server can take it. (CometD closes so on input it cannot read.)
const UNREADABLE: u16 = 1011;
/// RFC 6455: going away.
const AWAY: u16 = 1001;
/// RFC 6455: fine.
const FINE: u16 = 1000;

/// `GET /notifications` with an upgrade. Refused with 400 where there is none, and clients then poll.
pub async fn upgrade(
    State(front): State<Arc<Front>>,
    headers: HeaderMap,
    place: Option<Extension<Place>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Reply> {
    let Ok(upgrade) = upgrade else {
        return Err(Reply::failure(StatusCode::BAD_REQUEST, None, "events come by POST or by WebSocket"));
    };
    if !front.directory.gateway().websocket {
        let sentence = "WebSocket is turned off on this gateway: use long-polling";
        return Err(Reply::failure(StatusCode::BAD_REQUEST, None, sentence));
    }
    let Some(caller) = front.auth.caller(&headers) else {
        let sentence = "there is no session: call initialize-workspace first";
        return Err(Reply::failure(StatusCode::FORBIDDEN, None, sentence));
    };
    Ok(upgrade.max_message_size(MOST_FRAME).max_frame_size(MOST_FRAME).on_upgrade(async move |socket| {
        // The connection keeps its place among those there may be.
        let _place = place;
        Conversation { front, by: caller.by, socket, hold: None, pending: None }.run().await;
    }))
}

/// One socket.
struct Conversation {
    front: Arc<Front>,
    by: By,
    socket: WebSocket,
    /// The client that connected here; its events are pushed.
    hold: Option<Hold>,
    /// A connect to be answered, and when.
    pending: Option<(Message, Instant)>,
}

/// The socket is over, with the code to close it with, if it is there to be closed.
struct Over(Option<(u16, &'static str)>);

enum Happened {
    Came(Option<Result<Ws, axum::Error>>),
    Taken(Taken),
    Due,
    Tick,
    Stop,
}

impl Conversation {
    async fn run(mut self) {
        let mut ticks = interval(PING);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        let front = Arc::clone(&self.front);
        let stopping = front.stopping();
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
                () = &mut stopping => Happened::Stop,
                came = self.socket.recv() => Happened::Came(came),
                taken = events => Happened::Taken(taken),
                () = due => Happened::Due,
                _ = ticks.tick() => Happened::Tick,
            };
            if matches!(happened, Happened::Came(Some(Ok(_)))) {
                heard = Instant::now();
            }
            let went = match happened {
                Happened::Came(came) => self.came(came).await,
                Happened::Taken(taken) => self.push(taken).await,
                Happened::Due => self.heartbeat().await,
                Happened::Tick if heard.elapsed() >= DEAD => Err(Over(None)),
                Happened::Tick if front.auth.known(self.by).is_none() => {
                    Err(Over(Some((FINE, "the session is over"))))
                }
                Happened::Tick => self.send(Ws::Ping(bytes::Bytes::new())).await,
                Happened::Stop => Err(Over(Some((AWAY, "the gateway is stopping")))),
            };
            if let Err(over) = went {
                break over;
            }
        };
        if let Over(Some((code, reason))) = over {
            let close = Ws::Close(Some(CloseFrame { code, reason: reason.into() }));
            // It is over either way.
            let _ = self.send(close).await;
        }
    }

    async fn send(&mut self, message: Ws) -> Result<(), Over> {
        match timeout(WRITE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Over(None)),
        }
    }

    async fn write(&mut self, frames: &[Frame]) -> Result<(), Over> {
        if frames.is_empty() {
            return Ok(());
        }
        let text = write(frames).map_err(|_| Over(Some((UNREADABLE, "an event is not JSON"))))?;
        self.send(Ws::Text(text.into())).await
    }

    async fn came(&mut self, came: Option<Result<Ws, axum::Error>>) -> Result<(), Over> {
        let unreadable = || Over(Some((UNREADABLE, "the frame is no Bayeux message")));
        let text = match came {
            None | Some(Ok(Ws::Close(_))) => return Err(Over(None)),
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

    async fn answer(&mut self, messages: Vec<Message>) -> Result<(), Over> {
        let front = Arc::clone(&self.front);
        let mut frames = Vec::new();
        let mut bye = false;
        for message in messages {
            bye |= message.channel == DISCONNECT;
            match handle(&front, Some(self.by), message).await {
                Handled::Reply(reply) => frames.push(Frame::Reply(Box::new(reply))),
                Handled::Connect(id, message) => {
                    // A connect that still waits is released by the next one.
                    frames.extend(self.release());
                    let here = self.hold.as_ref().is_some_and(|hold| *hold.client() == id);
                    let mut first = false;
                    if !here {
                        match front.hub.hold(&id) {
                            Some((hold, fresh)) => (self.hold, first) = (Some(hold), fresh),
                            None => {
                                frames.push(Frame::Reply(Box::new(unknown(&message))));
                                continue;
                            }
                        }
                    }
                    let patience = patience(&front, &message);
                    if first || patience.is_zero() {
                        frames.push(Frame::Reply(Box::new(connected(&message, &front))));
                    } else {
                        self.pending = Some((message, Instant::now() + patience));
                    }
                }
            }
        }
        if bye {
            frames.extend(self.pending.take().map(|(message, _)| Frame::Reply(Box::new(released(&message)))));
        }
        self.write(&frames).await?;
        if bye { Err(Over(Some((FINE, "")))) } else { Ok(()) }
    }

    /// The reply to a connect that waits.
    fn release(&mut self) -> Option<Frame> {
        let (message, _) = self.pending.take()?;
        Some(Frame::Reply(Box::new(connected(&message, &self.front))))
    }

    async fn heartbeat(&mut self) -> Result<(), Over> {
        let frames: Vec<Frame> = self.release().into_iter().collect();
        self.write(&frames).await
    }

    async fn push(&mut self, taken: Taken) -> Result<(), Over> {
        match taken {
            Taken::Events(events) => {
                let frames: Vec<Frame> = events.into_iter().map(Frame::Event).collect();
                self.write(&frames).await
            }
            Taken::Nothing => Ok(()),
            Taken::Replaced => Err(Over(Some((FINE, "another connection serves this client")))),
            Taken::Left | Taken::Gone => {
                // The next message would be told anyway; a waiting connect is told at once.
                self.hold = None;
                let over = if taken == Taken::Left { released } else { unknown };
                let waiting = self.pending.take();
                let frames: Vec<Frame> =
                    waiting.map(|(message, _)| Frame::Reply(Box::new(over(&message)))).into_iter().collect();
                self.write(&frames).await
            }
        }
    }
}
