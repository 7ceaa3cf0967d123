//! What a person set for their console.

use crate::app::core::keymap::Keymap;
use crate::domain::AttachedData;
use crate::domain::routing_based::Words;
use std::time::Duration;

/// What a person set for their console.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The name customers see; empty uses the first name.
    pub nickname: String,
    /// Whether the bell rings.
    pub bell: bool,
    /// Whether accepting shows the session even while a reply is being typed.
    pub accept_takes_focus: bool,
    /// Whether customers are shown that the agent types.
    pub send_typing: bool,
    /// Whether the console takes the mouse.
    pub mouse: bool,
    /// How long a message is held before it leaves; not at all when zero.
    pub undo_send: Duration,
    /// After how long without a key the desk locks; never when absent. The server may set a shorter time.
    pub lock_after: Option<Duration>,
    /// Options of the local file, for what the server does not set.
    pub local: AttachedData,
    /// The words of routing-based requests.
    pub routing_based: Words,
    /// Bindings.
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
