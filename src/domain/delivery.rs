//! The delivery of a message by WhatsApp.

use super::Millis;
use crate::text::Clean;
use serde::{Deserialize, Serialize};

/// A step of the delivery to the customer, in the order of progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryStep {
    /// Stored by the server, not yet accepted by WhatsApp.
    Stored,
    /// Accepted by WhatsApp.
    Sent,
    /// It reached a device of the customer.
    Delivered,
    /// The customer saw it.
    Read,
    /// The customer played it (voice note).
    Played,
}

impl DeliveryStep {
    /// Parses the word of WhatsApp.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "stored" => Self::Stored,
            "sent" => Self::Sent,
            "delivered" => Self::Delivered,
            "read" => Self::Read,
            "played" => Self::Played,
            _ => return None,
        })
    }

    /// The word of WhatsApp.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
        }
    }
}

/// What WhatsApp reports about a message, as one word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum DeliveryStatus {
    /// The message got this far.
    Reached(DeliveryStep),
    /// The message was not delivered to this device. It may arrive on another one.
    Failed,
    /// A word that this version does not know.
    Other(String),
}

impl DeliveryStatus {
    /// The word for a failure.
    const FAILED: &str = "failed";

    /// Parses the word of WhatsApp.
    pub fn from_word(word: &str) -> Self {
        match DeliveryStep::from_word(word) {
            Some(step) => Self::Reached(step),
            None if word == Self::FAILED => Self::Failed,
            None => Self::Other(word.to_owned()),
        }
    }

    /// The word of WhatsApp.
    pub fn word(&self) -> &str {
        match self {
            Self::Reached(step) => step.word(),
            Self::Failed => Self::FAILED,
            Self::Other(word) => word,
        }
    }

    /// How far the message got, if the status says so.
    pub const fn step(&self) -> Option<DeliveryStep> {
        match self {
            Self::Reached(step) => Some(*step),
            Self::Failed | Self::Other(_) => None,
        }
    }
}

impl From<String> for DeliveryStatus {
    fn from(word: String) -> Self {
        Self::from_word(&word)
    }
}

impl From<DeliveryStatus> for String {
    fn from(status: DeliveryStatus) -> Self {
        status.word().to_owned()
    }
}

/// Why WhatsApp did not deliver a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// WhatsApp's error code, 0 when there is none.
    pub code: i64,
    /// What happened, in words for an agent.
    pub reason: Clean,
}

/// The delivery of a message. Statuses may arrive in any order and more than once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    best: Option<DeliveryStep>,
    best_at: Option<Millis>,
    failure: Option<Failure>,
}

impl Delivery {
    /// Records a step. A step below the furthest one changes nothing.
    pub fn reached(&mut self, step: DeliveryStep, at: Millis) {
        if self.best.is_none_or(|best| step > best) {
            self.best = Some(step);
            self.best_at = Some(at);
        }
    }

    /// Records a failure.
    pub fn failed(&mut self, failure: Failure) {
        self.failure = Some(failure);
    }

    /// The furthest step.
    pub const fn step(&self) -> Option<DeliveryStep> {
        self.best
    }

    /// The failure to show. `None` when the message arrived on another device of the customer after all.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref().filter(|_| self.best.is_none_or(|best| best <= DeliveryStep::Sent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_keeps_its_word() {
        for word in ["stored", "sent", "delivered", "read", "played", "failed", "warmed up", ""] {
            assert_eq!(DeliveryStatus::from_word(word).word(), word);
        }
        assert_eq!(DeliveryStatus::from_word("failed"), DeliveryStatus::Failed);
        assert_eq!(DeliveryStatus::from_word("read").step(), Some(DeliveryStep::Read));
        assert_eq!(DeliveryStatus::from_word("Read").step(), None);
    }

    #[test]
    fn steps_only_advance_and_an_arrival_hides_a_failure() {
        let mut delivery = Delivery::default();
        delivery.reached(DeliveryStep::Read, Millis(3));
        delivery.reached(DeliveryStep::Delivered, Millis(4));
        assert_eq!(delivery.step(), Some(DeliveryStep::Read));
        let mut delivery = Delivery::default();
        delivery.reached(DeliveryStep::Sent, Millis(1));
        delivery.failed(Failure { code: 131_026, reason: "undeliverable".into() });
        assert!(delivery.failure().is_some());
        delivery.reached(DeliveryStep::Delivered, Millis(2));
        assert!(delivery.failure().is_none());
    }
}
