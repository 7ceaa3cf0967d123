//! Checks of `[console]`, `[theme]`, `[routing-based]` and `[privacy]`.

use super::{Check, is_loopback, key};
use crate::config::schema::{Config, ConsoleConfig, Privacy, RoutingBased};
use std::collections::{BTreeMap, BTreeSet};

/// The values of `console.log-level`.
const LOG_LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

/// The themes that come with the program.
const THEMES: [&str; 4] = ["dark", "light", "high-contrast", "mono"];

impl Check<'_> {
    pub(super) fn privacy(&mut self, privacy: &Privacy) {
        let at = key(&[], "privacy");
        if privacy.redact_digits != 0 {
            self.range(&at, "redact-digits", privacy.redact_digits, 3..=32);
        }
        if let Err((place, why)) = privacy.mask() {
            let why = why.lines().last().unwrap_or_default().trim().to_owned();
            let item = key(&at, "redact");
            self.wrong(&item, &format!("[{place}]"), format!("this is no regular expression: {why}"));
        }
    }

    pub(super) fn console(&mut self, console: &ConsoleConfig) {
        let at = key(&[], "console");
        if let Some(url) = self.url(&at, "url", &console.url)
            && url.scheme() == "http"
            && !is_loopback(&url)
        {
            self.warn(&at, "url", "http sends the password and every message unprotected; use https");
        }
        if let Some(user) = &console.user {
            self.name(&at, "user", user);
        }
        if console.password_command.as_ref().is_some_and(|command| command.trim().is_empty()) {
            self.wrong(&at, "password-command", "this is empty: it takes a command, or leave the key out");
        }
        self.name(&at, "client-id", &console.client_id);
        self.line(&at, "nickname", &console.nickname);
        self.range(&at, "lock-after", console.lock_after, 0..=1440);
        for (name, path) in [
            ("client-secret-file", &console.client_secret_file),
            ("api-key-file", &console.api_key_file),
            ("ca-file", &console.ca_file),
            ("log-file", &console.log_file),
        ] {
            if let Some(path) = path {
                self.path(&at, name, path);
            }
        }
        if !LOG_LEVELS.contains(&console.log_level.as_str()) {
            let sentence =
                format!("there is no level {:?}: it takes {}", console.log_level, LOG_LEVELS.join(", "));
            self.wrong(&at, "log-level", sentence);
        }
        self.range(&at, "undo-send", console.undo_send, 0..=10);
        if console.log_messages {
            self.warn(&at, "log-messages", "what people write is kept in the log in clear text");
        }
    }

    /// Checks the names of themes. Their contents are checked where they are drawn.
    pub(super) fn themes(&mut self, config: &Config) {
        let known: BTreeSet<&str> =
            THEMES.into_iter().chain(config.theme.keys().map(String::as_str)).collect();
        self.exists(&key(&key(&[], "console"), "theme"), &config.console.theme, "theme", &known);
        for (name, theme) in &config.theme {
            let at = key(&key(&[], "theme"), name);
            if THEMES.contains(&name.as_str()) {
                let sentence = format!("{name:?} is a theme of the program: give yours another name");
                let problem = self.problem(&at, sentence);
                self.problems.push(problem);
            }
            if let Some(base) = theme.get("base") {
                self.exists(&key(&at, "base"), base, "theme to begin with", &THEMES.into_iter().collect());
            }
        }
    }

    /// Each value must be different, so that a request can be recognised by it.
    pub(super) fn routing_based(&mut self, words: &RoutingBased) {
        let at = key(&[], "routing-based");
        let targets = [("agent", &words.agent), ("agent-group", &words.agent_group), ("skill", &words.skill)];
        let requests = [
            ("one-step-transfer", &words.one_step_transfer),
            ("one-step-conference", &words.one_step_conference),
            ("init-conference", &words.init_conference),
        ];
        for group in [targets, requests] {
            let mut seen = BTreeMap::new();
            for (name, word) in group {
                self.name(&at, name, word);
                if let Some(other) = seen.insert(word, name) {
                    self.wrong(
                        &at,
                        name,
                        format!("{word:?} is the word of {other} too: a strategy could not tell them apart"),
                    );
                }
            }
        }
    }
}
