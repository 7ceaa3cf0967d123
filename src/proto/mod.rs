//! The Workspace API v3 on the wire, as types that console and gateway share.
//!
//! Owns: names, paths and shapes of requests, replies and events; the Bayeux messages; the client side of Bayeux as a
//! state machine without input or output.
//! Must not: open a connection, read a clock, or decide what an agent may do.
//! Invariants: reading is lenient (unknown fields, types and states are accepted), writing is exact.

pub mod bayeux;
pub mod contact;
pub mod decode;
pub mod envelope;
pub mod event;
pub mod kv;
pub mod media;
pub mod monitorable;
pub mod read_only;
pub mod request;
pub mod responses;
pub mod session;
pub mod targets;
pub mod templates;
pub mod time;
pub mod ucs;
pub mod wa;
pub mod watch;
pub mod workbins;

/// The path of the Workspace API below a server's address.
pub const WORKSPACE: &str = "/workspace/v3";
/// The path of the Authentication API below a server's address.
pub const AUTH: &str = "/auth/v3";
/// The cookie with the ID of a workspace session.
pub const SESSION_COOKIE: &str = "WORKSPACE_SESSIONID";

/// Bayeux channels of events.
pub mod channel {
    /// Start-up progress and its result.
    pub const INITIALIZATION: &str = "/workspace/v3/initialization";
    /// States of media channels.
    pub const MEDIA: &str = "/workspace/v3/media";
    /// Interactions and messages of chat.
    pub const CHAT: &str = "/workspace/v3/media/chat";
    /// Interactions and messages of WhatsApp sessions.
    pub const WHATSAPP: &str = "/workspace/v3/media/whatsappsession";
    /// Results of contact and standard-response requests.
    pub const CONTACTS: &str = "/workspace/v3/contacts";
    /// Results of workbin requests.
    pub const WORKBINS: &str = "/workspace/v3/workbins";
}
