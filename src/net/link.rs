//! An open carrier of Bayeux messages, of either kind.

use super::carrier_event::CarrierEvent;
use super::http::Cookies;
use super::polling::Polling;
use super::socket::Socket;
use crate::proto::bayeux::BayeuxMessage;
use crate::proto::bayeux::client::Carrier;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::MaybeTlsStream;

/// An open carrier. Dropping it breaks the connection.
#[derive(Debug)]
pub(super) enum OpenCarrier {
    Socket(Box<Socket<MaybeTlsStream<TcpStream>>>),
    Polling(Box<Polling>),
}

impl OpenCarrier {
    /// The kind of carrier.
    pub fn carrier(&self) -> Carrier {
        match self {
            Self::Socket(_) => Carrier::Websocket,
            Self::Polling(_) => Carrier::LongPolling,
        }
    }

    /// Sends an array. Without a reply within `limit`, a WebSocket is broken and a poll fails.
    ///
    /// # Errors
    /// When the carrier is broken.
    pub async fn send(&mut self, messages: Vec<BayeuxMessage>, limit: Duration) -> Result<(), String> {
        match self {
            Self::Socket(socket) => socket.send(&messages, limit).await,
            Self::Polling(polling) => {
                polling.send(messages, limit);
                Ok(())
            }
        }
    }

    /// The next report. Cancel-safe.
    pub async fn next(&mut self) -> CarrierEvent {
        match self {
            Self::Socket(socket) => socket.next().await,
            Self::Polling(polling) => polling.next().await,
        }
    }

    /// The cookies, if this carrier received newer ones.
    pub fn cookies(&self) -> Option<&Cookies> {
        match self {
            Self::Socket(_) => None,
            Self::Polling(polling) => Some(polling.cookies()),
        }
    }

    /// Closes the connection.
    pub async fn close(self) {
        if let Self::Socket(socket) = self {
            socket.close().await;
        }
    }
}
