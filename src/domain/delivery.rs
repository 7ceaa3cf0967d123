//! How far a message got on WhatsApp.

use super::Millis;
use crate::text::Clean;

/// A step of a message's way to the customer. The order is the order of progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryStep {
    /// On disk at the server, not yet taken by WhatsApp.
    Stored,
    /// WhatsApp took it.
    Sent,
    /// It reached a device of the customer.
    Delivered,
    /// The customer saw it.
    Read,
    /// The customer heard it (voice note).
    Played,
}

impl DeliveryStep {
    /// The step of WhatsApp's own word, if it is one.
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

    /// WhatsApp's own word.
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

/// Why WhatsApp did not deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// WhatsApp's error code, 0 when there is none.
    pub code: i64,
    /// What happened, in words for an agent.
    pub reason: Clean,
}

/// All that is known of a message's delivery. Statuses come in any order and more than once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    best: Option<DeliveryStep>,
    best_at: Option<Millis>,
    failure: Option<Failure>,
}

impl Delivery {
    /// Notes a step. A lower one than the best changes nothing.
    pub fn reached(&mut self, step: DeliveryStep, at: Millis) {
        if self.best.is_none_or(|best| step > best) {
            self.best = Some(step);
            self.best_at = Some(at);
        }
    }

    /// Notes a failure.
    pub fn failed(&mut self, failure: Failure) {
        self.failure = Some(failure);
    }

    /// The furthest step.
    pub const fn step(&self) -> Option<DeliveryStep> {
        self.best
    }

    /// The failure to show. It is hidden when the message is known to have arrived all the same:
    /// one device can refuse what another one takes.
    pub fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref().filter(|_| self.best.is_none_or(|best| best <= DeliveryStep::Sent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_only_go_up_and_a_failure_yields_to_an_arrival() {
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
