//! Bayeux over a WebSocket.
//!
//! Invariants: silence leads to a ping, and silence after the ping ends the connection, so that a cut wire is noticed
//! within [`SILENCE`] + [`PONG`]; frames and messages are bounded.

use super::carrier_event::CarrierEvent;
use super::dial;
use super::http::{Cookies, Http, REQUEST, workspace};
use crate::proto::bayeux::{self, BayeuxMessage};
use futures_util::{SinkExt, StreamExt};
use http::header::COOKIE;
use http::{HeaderMap, StatusCode};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message as Frame};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream};

/// How long the server may be silent before a ping is sent.
const SILENCE: Duration = Duration::from_secs(8);
/// How long the reply to a ping may take.
const PONG: Duration = Duration::from_secs(5);
/// The largest message and frame. The event that completes initialization may be over a mebibyte.
const FRAME: usize = 8 << 20;

/// The result of an attempt to open a WebSocket.
pub(super) enum OpenResult {
    /// It is open; the headers may set cookies.
    Open(Box<Socket<MaybeTlsStream<TcpStream>>>, HeaderMap),
    /// The server replied without an upgrade.
    Refused(StatusCode),
    /// The server is reachable, but the upgrade failed.
    UpgradeFailed(String),
    /// The server is unreachable.
    Unreachable(String),
}

/// An open WebSocket.
#[derive(Debug)]
pub(super) struct Socket<S> {
    stream: WebSocketStream<S>,
    heard: Instant,
    pinged: Option<Instant>,
    /// The deadlines of the replies, by request ID.
    due: BTreeMap<String, Instant>,
}

/// Opens a WebSocket with the session's cookies.
pub(super) async fn open(http: &Http, cookies: &Cookies) -> OpenResult {
    let place = dial::host_and_port(&http.base);
    let reached = timeout(REQUEST, async { dial::tcp(&dial::resolve(&http.base).await?).await }).await;
    let stream = match reached {
        Ok(Ok(stream)) => stream,
        Ok(Err(why)) => {
            return OpenResult::Unreachable(format!(
                "{place} cannot be reached: {}",
                dial::innermost_cause(&why)
            ));
        }
        Err(_) => return OpenResult::Unreachable(format!("{place} cannot be reached: no answer in time")),
    };
    timeout(REQUEST, upgrade(http, cookies, stream))
        .await
        .unwrap_or_else(|_| OpenResult::UpgradeFailed(format!("{place}: the WebSocket is not answered")))
}

async fn upgrade(http: &Http, cookies: &Cookies, stream: TcpStream) -> OpenResult {
    let place = dial::host_and_port(&http.base);
    let Some(mut url) = http.url(&workspace("/notifications")) else {
        return OpenResult::UpgradeFailed("the server's address has no valid path".to_owned());
    };
    let secure = url.scheme() == "https";
    if url.set_scheme(if secure { "wss" } else { "ws" }).is_err() {
        return OpenResult::UpgradeFailed("the server's address cannot be one of a WebSocket".to_owned());
    }
    let mut request = match url.as_str().into_client_request() {
        Ok(request) => request,
        Err(why) => return OpenResult::UpgradeFailed(dial::innermost_cause(&why)),
    };
    if let Some(cookie) = cookies.header() {
        request.headers_mut().insert(COOKIE, cookie);
    }
    if let Some(key) = &http.api_key {
        request.headers_mut().insert("x-api-key", key.clone());
    }
    let config = WebSocketConfig::default().max_message_size(Some(FRAME)).max_frame_size(Some(FRAME));
    let connector = if secure { Connector::Rustls(http.tls.clone()) } else { Connector::Plain };
    match tokio_tungstenite::client_async_tls_with_config(request, stream, Some(config), Some(connector))
        .await
    {
        Ok((stream, response)) => OpenResult::Open(Box::new(Socket::new(stream)), response.headers().clone()),
        Err(Error::Http(response)) => OpenResult::Refused(response.status()),
        Err(why) => OpenResult::UpgradeFailed(format!("{place}: {}", dial::innermost_cause(&why))),
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    fn new(stream: WebSocketStream<S>) -> Self {
        Self { stream, heard: Instant::now(), pinged: None, due: BTreeMap::new() }
    }

    /// Sends an array, whose replies must arrive within `limit`.
    pub async fn send(&mut self, messages: &[BayeuxMessage], limit: Duration) -> Result<(), String> {
        let text = serde_json::to_string(messages).map_err(|why| why.to_string())?;
        let until = Instant::now() + limit;
        self.due.extend(messages.iter().filter_map(|message| Some((message.id.clone()?, until))));
        self.put(Frame::text(text)).await
    }

    async fn put(&mut self, frame: Frame) -> Result<(), String> {
        match timeout(PONG, self.stream.send(frame)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(why)) => Err(dial::innermost_cause(&why)),
            Err(_) => Err("the server takes nothing any more".to_owned()),
        }
    }

    /// The next report. Cancel-safe: its state is in the socket.
    pub async fn next(&mut self) -> CarrierEvent {
        loop {
            let quiet = self.pinged.map_or(self.heard + SILENCE, |at| at + PONG);
            let due = self.due.values().min().copied();
            let wake = due.map_or(quiet, |due| due.min(quiet));
            tokio::select! {
                // Received data counts before a deadline.
                biased;
                frame = self.stream.next() => {
                    self.heard = Instant::now();
                    self.pinged = None;
                    match self.read(frame) {
                        Some(arrival) => return arrival,
                        None => continue,
                    }
                }
                () = sleep_until(wake) => {}
            }
            if due.is_some_and(|due| due <= Instant::now()) {
                return CarrierEvent::Broken("the server does not answer".to_owned());
            }
            if self.pinged.is_some() {
                return CarrierEvent::Broken("the server fell silent".to_owned());
            }
            self.pinged = Some(Instant::now());
            if let Err(why) = self.put(Frame::Ping(bytes::Bytes::new())).await {
                return CarrierEvent::Broken(why);
            }
        }
    }

    fn read(&mut self, frame: Option<Result<Frame, Error>>) -> Option<CarrierEvent> {
        let text = match frame {
            Some(Ok(Frame::Text(text))) => text,
            Some(Ok(Frame::Binary(_))) => {
                return Some(CarrierEvent::Broken("the server sent no text".to_owned()));
            }
            Some(Ok(Frame::Close(_))) | None => {
                return Some(CarrierEvent::Broken("the server closed the connection".to_owned()));
            }
            Some(Ok(_)) => return None,
            Some(Err(why)) => return Some(CarrierEvent::Broken(dial::innermost_cause(&why))),
        };
        Some(match bayeux::parse(text.as_bytes()) {
            Ok(messages) => {
                for id in messages.iter().filter(|m| m.is_meta()).filter_map(|m| m.id.as_ref()) {
                    self.due.remove(id);
                }
                CarrierEvent::Received(messages)
            }
            Err(_) => CarrierEvent::Broken("the server sent something unreadable".to_owned()),
        })
    }

    /// Closes the connection, and waits for one second at most.
    pub async fn close(mut self) {
        let _ = timeout(Duration::from_secs(1), self.stream.close(None)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_tungstenite::tungstenite::protocol::Role;

    async fn pair() -> (Socket<tokio::io::DuplexStream>, WebSocketStream<tokio::io::DuplexStream>) {
        let (near, far) = tokio::io::duplex(1 << 16);
        let near = WebSocketStream::from_raw_socket(near, Role::Client, None).await;
        (Socket::new(near), WebSocketStream::from_raw_socket(far, Role::Server, None).await)
    }

    #[tokio::test(start_paused = true)]
    async fn a_cut_wire_is_noticed_within_fifteen_seconds() {
        let (mut socket, _held_and_never_read) = pair().await;
        let began = Instant::now();
        assert!(matches!(socket.next().await, CarrierEvent::Broken(_)));
        assert!(began.elapsed() <= Duration::from_secs(15), "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_answers_pings_may_be_silent_for_hours() {
        let (mut socket, mut far) = pair().await;
        // Reading answers a ping.
        tokio::spawn(async move { while far.next().await.is_some() {} });
        let silent = timeout(Duration::from_secs(3 * 3600), socket.next()).await;
        assert!(silent.is_err(), "{silent:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_unanswered_request_breaks_it_despite_pongs() {
        let (mut socket, mut far) = pair().await;
        tokio::spawn(async move { while far.next().await.is_some() {} });
        let message = BayeuxMessage {
            id: Some("1".to_owned()),
            channel: bayeux::CONNECT.to_owned(),
            ..BayeuxMessage::default()
        };
        socket.send(&[message], Duration::from_secs(40)).await.unwrap();
        let began = Instant::now();
        assert!(matches!(socket.next().await, CarrierEvent::Broken(_)));
        assert_eq!(began.elapsed().as_secs(), 40);
    }
}
