//! `[console]` and `[privacy]`.

use crate::domain::mask::Mask;
use serde::Deserialize;
use std::path::PathBuf;

/// `[console]`: the settings of the console.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ConsoleConfig {
    /// The address of the server: a gateway of deskline, or Genesys.
    pub url: String,
    /// The user name. Genesys needs `tenant\user`.
    pub user: Option<String>,
    /// A command that prints the password.
    pub password_command: Option<String>,
    /// The OAuth client ID.
    pub client_id: String,
    /// A file (mode 0600) with the OAuth client secret.
    pub client_secret_file: Option<PathBuf>,
    /// A file (mode 0600) with the API key that Genesys's public gateway needs.
    pub api_key_file: Option<PathBuf>,
    /// The name that customers see; empty: the agent's first name.
    pub nickname: String,
    /// The transport of events.
    pub transport: Transport,
    /// A file of certificates to trust in addition to those of the system.
    pub ca_file: Option<PathBuf>,
    /// A built-in theme, or one of the `[theme.NAME]` tables.
    pub theme: String,
    /// The number of colours.
    pub colors: Colors,
    /// Whether the console captures the mouse. Off leaves selection to the terminal.
    pub mouse: bool,
    /// Whether the bell rings for invitations and for messages in sessions that are not shown.
    pub bell: bool,
    /// Whether an accepted session is shown at once even while a reply is being typed.
    pub accept_takes_focus: bool,
    /// Whether customers see that the agent types.
    pub send_typing: bool,
    /// Whether anything on the screen may blink.
    pub blink: bool,
    /// Seconds for which a message is held before it is sent, so that it can be taken back: 0..=10.
    pub undo_send: u64,
    /// Minutes without a key before the console locks, 0..=1440; 0: never. The server may set a shorter time.
    pub lock_after: u64,
    /// What reorders right-to-left text.
    pub bidi: BidiMode,
    /// The log file; `deskline.log` in the state folder when absent.
    pub log_file: Option<PathBuf>,
    /// `error`, `warn`, `info`, `debug`, `trace`.
    pub log_level: String,
    /// Whether messages may be written to the log.
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

/// The transport of events.
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
    /// According to the environment (`NO_COLOR`, `TERM`).
    #[default]
    Auto,
    /// The sixteen basic colours.
    Sixteen,
    /// None.
    None,
}

/// What puts right-to-left text into visual order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BidiMode {
    /// This program.
    #[default]
    App,
    /// The terminal, or nothing.
    Terminal,
}

/// `[privacy]`: PII masking in the monitor, the tail and the logs. Agents see everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Privacy {
    /// Whether phone numbers are masked except their last two digits.
    pub mask_numbers: bool,
    /// Runs of at least this many digits in texts are masked: 0 (none) or 3..=32.
    pub redact_digits: usize,
    /// Regular expressions whose matches in texts are masked.
    pub redact: Vec<String>,
}

impl Privacy {
    /// The masking rules.
    ///
    /// # Errors
    /// The index of a pattern that is not a regular expression, and why.
    pub fn mask(&self) -> Result<Mask, (usize, String)> {
        Mask::new(self.mask_numbers, self.redact_digits, &self.redact)
    }

    /// The masking rules for messages in the log; `None` when messages must not be logged.
    pub fn in_logs(&self, console: &ConsoleConfig) -> Option<Mask> {
        // Patterns that are not valid have been refused by the check of the configuration.
        console.log_messages.then(|| self.mask().ok()).flatten()
    }
}
