//! The settings of the console's user.

use crate::app::core::keymap::Keymap;
use crate::domain::AttachedData;
use crate::domain::routing_based::Words;
use std::time::Duration;

/// The settings of the console's user.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The name customers see; empty uses the first name.
    pub nickname: String,
    pub bell: bool,
    /// Whether accepting shows the session even while a reply is being typed.
    pub accept_takes_focus: bool,
    /// Whether customers see that the agent is typing.
    pub send_typing: bool,
    /// Whether the console captures the mouse.
    pub mouse: bool,
    /// How long a message is held before it is sent; zero sends at once.
    pub undo_send: Duration,
    /// The idle time after which the console locks; `None` never locks it. The server may set a shorter time.
    pub lock_after: Option<Duration>,
    /// Options of the local file, for those that the server does not set.
    pub local: AttachedData,
    /// The texts of routing-based requests.
    pub routing_based: Words,
    pub keymap: Keymap,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            nickname: String::new(),
            bell: true,
            accept_takes_focus: false,
            send_typing: true,
            mouse: false,
            undo_send: Duration::ZERO,
            lock_after: None,
            local: AttachedData::new(),
            routing_based: Words::default(),
            keymap: Keymap::default(),
        }
    }
}
