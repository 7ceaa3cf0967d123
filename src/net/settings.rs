//! The settings of a connection, and the channels that it subscribes.

use crate::config::schema::Transport;
use crate::proto::channel;
use secrecy::SecretString;
use url::Url;

/// The subscribed channels: initialization first and alone, then the others.
pub(super) const CHANNELS: [&str; 6] = [
    channel::INITIALIZATION,
    channel::MEDIA,
    channel::WHATSAPP,
    channel::CHAT,
    channel::CONTACTS,
    channel::WORKBINS,
];

/// The server, the credentials and the transport of a connection.
#[derive(Clone, Debug)]
pub struct ConnectionSettings {
    /// The server's address; a path in it precedes those of the API.
    pub url: Url,
    /// The user name. Genesys needs `tenant\user`.
    pub user: String,
    pub password: SecretString,
    pub client_id: String,
    /// OAuth client secret; empty when there is none.
    pub client_secret: Option<SecretString>,
    /// The key that Genesys's public gateway needs, sent as `x-api-key`.
    pub api_key: Option<SecretString>,
    /// The allowed transports of events.
    pub transport: Transport,
    /// Certificates (PEM) to trust in addition to those of the system.
    pub ca: Option<Vec<u8>>,
}
