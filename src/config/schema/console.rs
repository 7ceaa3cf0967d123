//! `[console]` and `[privacy]`.

use crate::domain::mask::Mask;
use serde::Deserialize;
use std::path::PathBuf;

/// `[console]`
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ConsoleConfig {
    /// The server: a gateway of deskline, or Genesys.
    pub url: String,
    /// Who signs in. Genesys wants `tenant\user`.
    pub user: Option<String>,
    /// A command that prints the password.
    pub password_command: Option<String>,
    /// OAuth client id.
    pub client_id: String,
    /// File (mode 0600) with the OAuth client secret.
    pub client_secret_file: Option<PathBuf>,
    /// File (mode 0600) with the API key that Genesys's public gateway wants.
    pub api_key_file: Option<PathBuf>,
    /// The name customers see; empty uses the agent's first name.
    pub nickname: String,
    /// Which transport carries events.
    pub transport: Transport,
    /// A file of certificates to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Which theme: one that comes with the program, or one of the `[theme.NAME]` tables.
    pub theme: String,
    /// How many colours.
    pub colors: Colors,
    /// Whether the terminal's mouse is captured. Off leaves selection to the terminal.
    pub mouse: bool,
    /// Ring the bell for an invitation and for a message in a session that is not shown.
    pub bell: bool,
    /// Whether accepting a session shows it at once even while a reply is being typed.
    pub accept_takes_focus: bool,
    /// Whether customers are shown that the agent types.
    pub send_typing: bool,
    /// Whether anything on the screen may blink.
    pub blink: bool,
    /// Seconds that a message is held before it leaves, so that it can be taken back: 0..=10.
    pub undo_send: u64,
    /// Minutes without a key until the desk locks, 0..=1440; 0: never. The server may set a shorter time.
    pub lock_after: u64,
    /// Who reorders right-to-left text.
    pub bidi: BidiMode,
    /// Log file; empty is the state folder's `deskline.log`.
    pub log_file: Option<PathBuf>,
    /// `error`, `warn`, `info`, `debug`, `trace`.
    pub log_level: String,
    /// Whether messages of people may be written to the log.
    pub log_messages: bool,
}

impl Default for ConsoleConfig {
    fn default() -> Self {
        Self {
            url: "http://127.0.0.1:8700".to_owned(),
            user: None,
            password_command: None,
            client_id: "deskline".to_owned(),
            client_secret_file: None,
            api_key_file: None,
            nickname: String::new(),
            transport: Transport::Auto,
            ca_file: None,
            theme: "dark".to_owned(),
            colors: Colors::Auto,
            mouse: false,
            bell: true,
            accept_takes_focus: false,
            send_typing: true,
            blink: true,
            undo_send: 0,
            lock_after: 0,
            bidi: BidiMode::App,
            log_file: None,
            log_level: "info".to_owned(),
            log_messages: false,
        }
    }
}

/// How events travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// WebSocket, and long-polling when it is refused.
    #[default]
    Auto,
    /// WebSocket only.
    Websocket,
    /// Long-polling only.
    LongPolling,
}

/// How many colours to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Colors {
    /// As the environment says (`NO_COLOR`, `TERM`).
    #[default]
    Auto,
    /// The sixteen.
    Sixteen,
    /// None.
    None,
}

/// Who puts right-to-left text in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BidiMode {
    /// This program.
    #[default]
    App,
    /// The terminal, or nobody.
    Terminal,
}

/// `[privacy]`: what of customers is hidden in the monitor, the tail and the logs. Agents see everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Privacy {
    /// Phone numbers: only their last two digits are shown.
    pub mask_numbers: bool,
    /// Rows of at least so many digits in texts, 0 (none) or 3..=32.
    pub redact_digits: usize,
    /// Regular expressions; what they find in texts is hidden.
    pub redact: Vec<String>,
}

impl Privacy {
    /// The mask of it.
    ///
    /// # Errors
    /// The place of a pattern that is none, and why.
    pub fn mask(&self) -> Result<Mask, (usize, String)> {
        Mask::new(self.mask_numbers, self.redact_digits, &self.redact)
    }

    /// What may stand in a log of what people write: with `log-messages` all but what this hides, else nothing.
    pub fn in_logs(&self, console: &ConsoleConfig) -> Option<Mask> {
        // A mask that cannot be made was refused when the configuration was checked.
        console.log_messages.then(|| self.mask().ok()).flatten()
    }
}
