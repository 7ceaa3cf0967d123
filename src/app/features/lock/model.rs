//! The locked desk: what is typed to unlock it, and how that goes.

use crate::domain::{Millis, OperationId};
use crate::text::Clean;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::time::Duration;

/// Characters of a password at most.
const MOST: usize = 256;
/// From so many wrong passwords in a row on there is a wait before the next.
const FREE: u32 = 2;
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(30);

/// A password while it is typed. It is never shown, not even to who debugs, and wiped when it goes.
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
    /// How many characters it has so far.
    pub fn len(&self) -> usize {
        self.0.expose_secret().chars().count()
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.0.expose_secret().is_empty()
    }

    /// Adds what is typed or pasted.
    pub fn push(&mut self, text: &str) {
        let room = MOST.saturating_sub(self.len());
        let mut longer = String::with_capacity(self.0.expose_secret().len() + text.len());
        longer.push_str(self.0.expose_secret());
        longer.extend(text.chars().filter(|c| !c.is_control()).take(room));
        self.0 = longer.into();
    }

    /// Takes the last character away.
    pub fn pop(&mut self) {
        let mut shorter = self.0.expose_secret().to_owned();
        shorter.pop();
        self.0 = shorter.into();
    }

    /// What goes to the server.
    pub fn secret(&self) -> &SecretString {
        &self.0
    }
}

/// Why a password did not unlock the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthFailure {
    /// The server knows it is wrong.
    Wrong,
    /// It could not be asked, or said something else: its words.
    Unknown(String),
}

/// The lock.
#[derive(Clone, Debug, PartialEq)]
pub struct Lock {
    /// What is typed.
    pub password: Password,
    /// The question to the server that is under way.
    pub checking: Option<OperationId>,
    /// What went wrong last.
    pub trouble: Option<Clean>,
    /// Whether it is asked if the agent signs out instead.
    pub leaving: bool,
    /// Whether it came by itself.
    pub by_itself: bool,
    wrong: u32,
    not_before: Option<Millis>,
}

impl Lock {
    /// A lock as it closes.
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

    /// A password was wrong: after a few the next has to wait, longer each time.
    pub fn was_wrong(&mut self, now: Millis) {
        self.wrong = self.wrong.saturating_add(1);
        if self.wrong > FREE {
            let wait = Duration::from_secs(1 << (self.wrong - FREE).min(5)).min(LONGEST);
            self.not_before = Some(now.plus(wait));
        }
    }
}
