//! One attempt to open a connection: sign-in, a workspace session, and a carrier of events.
//!
//! Owns: the choice between WebSocket and long-polling.
//! Must not: retry; the driver decides when.

use super::calls::ConnectionCommand;
use super::error::StopReason;
use super::http::{Cookies, Http, SignInError, Tokens};
use super::link::OpenCarrier;
use super::message::FromNet;
use super::polling::Polling;
use super::settings::ConnectionSettings;
use super::socket::{self, OpenResult};
use crate::config::schema::Transport;
use crate::proto::request::ReadPositions;
use tokio::sync::mpsc;

/// Why an attempt to connect, or a connection, ended.
pub(super) enum Disconnect {
    Stop(StopReason),
    Lost(String),
    /// The machine slept, so the next attempt follows at once.
    Slept,
    /// The server does not know the workspace session.
    Renew(String),
}

/// Why an attempt failed before a carrier was open.
pub(super) enum OpenError {
    SignOut(ReadPositions),
    Socket(String),
    Other(Disconnect),
}

/// Waits for a reason to abandon an attempt: a sign-out, or the end of the console.
pub(super) async fn stop_requested(
    orders: &mut mpsc::Receiver<ConnectionCommand>,
    out: &mpsc::Sender<FromNet>,
) -> OpenError {
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(ConnectionCommand::SignOut(read)) => return OpenError::SignOut(read),
                // A new session is being started already.
                Some(ConnectionCommand::Renew { .. }) => {}
                None => return OpenError::Other(Disconnect::Lost("the console stopped sending requests".to_owned())),
            },
            () = out.closed() => return OpenError::Other(Disconnect::Lost("the console stopped listening".to_owned())),
        }
    }
}

/// Signs in, starts a session if there is none, and opens the carrier of events. The second value is whether the server
/// refused a WebSocket.
pub(super) async fn open(
    settings: &ConnectionSettings,
    http: &Http,
    tokens: &mut Tokens,
    cookies: &mut Cookies,
    no_socket: bool,
    reused: bool,
) -> Result<(OpenCarrier, bool), OpenError> {
    if !reused || !cookies.has_session() {
        *cookies = http.initialize(settings, tokens).await.map_err(|why| {
            OpenError::Other(match why {
                SignInError::Stop(reason) => Disconnect::Stop(reason),
                SignInError::Later(why) => Disconnect::Lost(why),
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
            OpenResult::Open(socket, headers) => {
                cookies.update_from(&headers);
                return Ok((OpenCarrier::Socket(socket), false));
            }
            OpenResult::Refused(status) if reused && matches!(status.as_u16(), 401..=403) => {
                return Err(OpenError::Other(Disconnect::Renew(format!("the server answers HTTP {status}"))));
            }
            OpenResult::Refused(status) if settings.transport == Transport::Websocket => {
                let why = format!(
                    "the server refuses a WebSocket (HTTP {status}), and the settings allow nothing else"
                );
                return Err(OpenError::Socket(why));
            }
            OpenResult::Refused(status) => {
                tracing::info!(status = status.as_u16(), "no WebSocket; using long-polling");
                refused = true;
            }
            OpenResult::UpgradeFailed(why) => return Err(OpenError::Socket(why)),
            OpenResult::Unreachable(why) => return Err(OpenError::Other(Disconnect::Lost(why))),
        }
    }
    Ok((OpenCarrier::Polling(Box::new(Polling::new(http.clone(), cookies.clone()))), refused))
}
