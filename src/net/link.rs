//! What carries Bayeux messages, whichever it is.

use super::arrival::Arrival;
use super::http::Cookies;
use super::polling::Polling;
use super::socket::Socket;
use crate::proto::bayeux::BayeuxMessage;
use crate::proto::bayeux::client::Carrier;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::MaybeTlsStream;

/// An open carrier. Dropping it cuts it.
#[derive(Debug)]
pub(super) enum OpenCarrier {
    Socket(Box<Socket<MaybeTlsStream<TcpStream>>>),
    Polling(Box<Polling>),
}

impl OpenCarrier {
    /// Which it is.
    pub fn carrier(&self) -> Carrier {
        match self {
            Self::Socket(_) => Carrier::Websocket,
            Self::Polling(_) => Carrier::LongPolling,
        }
    }

    /// Sends an array; silence about it for `limit` breaks a socket and fails a poll.
    ///
    /// # Errors
    /// What happened, when the carrier is broken.
    pub async fn send(&mut self, messages: Vec<BayeuxMessage>, limit: Duration) -> Result<(), String> {
        match self {
            Self::Socket(socket) => socket.send(&messages, limit).await,
            Self::Polling(polling) => {
                polling.send(messages, limit);
                Ok(())
            }
        }
    }

    /// What comes next. May be dropped at any time without loss.
    pub async fn next(&mut self) -> Arrival {
        match self {
            Self::Socket(socket) => socket.next().await,
            Self::Polling(polling) => polling.next().await,
        }
    }

    /// The cookies, where this carrier was given newer ones.
    pub fn cookies(&self) -> Option<&Cookies> {
        match self {
            Self::Socket(_) => None,
            Self::Polling(polling) => Some(polling.cookies()),
        }
    }

    /// Closes it properly.
    pub async fn close(self) {
        if let Self::Socket(socket) = self {
            socket.close().await;
        }
    }
}
