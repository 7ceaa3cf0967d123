//! Where to connect, as whom, and to which channels.

use crate::config::schema::Transport;
use crate::proto::channel;
use secrecy::SecretString;
use url::Url;

/// What is subscribed: initialization first and alone, then the others.
pub(super) const CHANNELS: [&str; 6] = [
    channel::INITIALIZATION,
    channel::MEDIA,
    channel::WHATSAPP,
    channel::CHAT,
    channel::CONTACTS,
    channel::WORKBINS,
];

/// Where to connect and as whom.
#[derive(Clone, Debug)]
pub struct ConnectionSettings {
    /// The server's address; a path in it precedes those of the API.
    pub url: Url,
    /// Who signs in. Genesys wants `tenant\user`.
    pub user: String,
    /// Their password.
    pub password: SecretString,
    /// OAuth client id.
    pub client_id: String,
    /// OAuth client secret; empty when there is none.
    pub client_secret: Option<SecretString>,
    /// The key that Genesys's public gateway wants, sent as `x-api-key`.
    pub api_key: Option<SecretString>,
    /// What may carry events.
    pub transport: Transport,
    /// Certificates (PEM) to trust besides the system's.
    pub ca: Option<Vec<u8>>,
}
