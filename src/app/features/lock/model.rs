//! The locked console: the typed password, and the result of checking it.

use crate::domain::{Millis, OperationId};
use crate::text::Clean;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::time::Duration;

/// The maximum length of a password in characters.
const MOST: usize = 256;
/// After this many wrong passwords in a row, the next attempt must wait.
const FREE: u32 = 2;
/// The maximum waiting time.
const LONGEST: Duration = Duration::from_secs(30);

/// A password while it is typed. It is never shown, not even in debug output, and is wiped on drop.
#[derive(Clone, Default)]
pub struct Password(SecretString);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl PartialEq for Password {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl Password {
    /// The number of characters typed so far.
    pub fn len(&self) -> usize {
        self.0.expose_secret().chars().count()
    }

    /// Whether nothing has been typed.
    pub fn is_empty(&self) -> bool {
        self.0.expose_secret().is_empty()
    }

    /// Adds typed or pasted text.
    pub fn push(&mut self, text: &str) {
        let room = MOST.saturating_sub(self.len());
        let mut longer = String::with_capacity(self.0.expose_secret().len() + text.len());
        longer.push_str(self.0.expose_secret());
        longer.extend(text.chars().filter(|c| !c.is_control()).take(room));
        self.0 = longer.into();
    }

    /// Removes the last character.
    pub fn pop(&mut self) {
        let mut shorter = self.0.expose_secret().to_owned();
        shorter.pop();
        self.0 = shorter.into();
    }

    /// The password for the request to the server.
    pub fn secret(&self) -> &SecretString {
        &self.0
    }
}

/// The reason why a password did not unlock the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthFailure {
    /// The server says that the password is wrong.
    Wrong,
    /// The server could not be reached, or answered something else: its message.
    Unknown(String),
}

/// The lock of the console.
#[derive(Clone, Debug, PartialEq)]
pub struct Lock {
    pub password: Password,
    /// The operation that checks the password, while it is pending.
    pub checking: Option<OperationId>,
    /// The last error.
    pub trouble: Option<Clean>,
    /// Whether the question about signing out instead is shown.
    pub leaving: bool,
    /// Whether the console locked by itself.
    pub by_itself: bool,
    wrong: u32,
    not_before: Option<Millis>,
}

impl Lock {
    /// Creates a lock with an empty password.
    pub fn new(by_itself: bool) -> Self {
        Self {
            password: Password::default(),
            checking: None,
            trouble: None,
            leaving: false,
            by_itself,
            wrong: 0,
            not_before: None,
        }
    }

    /// How long until another password may be tried.
    pub fn wait(&self, now: Millis) -> Option<Duration> {
        let until = self.not_before.filter(|until| *until > now)?;
        Some(until.since(now))
    }

    /// Counts a wrong password: after a few, each further attempt must wait longer.
    pub fn was_wrong(&mut self, now: Millis) {
        self.wrong = self.wrong.saturating_add(1);
        if self.wrong > FREE {
            let wait = Duration::from_secs(1 << (self.wrong - FREE).min(5)).min(LONGEST);
            self.not_before = Some(now.plus(wait));
        }
    }
}
