//! When the router must look at an agent or an interaction again. At most one timer each.

use crate::domain::{EmployeeId, InteractionId, Millis};
use std::collections::{BTreeMap, BTreeSet};

/// What a timer is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TimerKey {
    Agent(EmployeeId),
    Item(InteractionId),
}

/// The timers, by time.
#[derive(Clone, Debug, Default)]
pub(super) struct Timers {
    due: BTreeSet<(Millis, TimerKey)>,
    armed: BTreeMap<TimerKey, Millis>,
}

impl Timers {
    /// Sets a timer to a time, or clears it.
    pub fn arm(&mut self, who: TimerKey, at: Option<Millis>) {
        let old = match at {
            Some(at) => self.armed.insert(who.clone(), at),
            None => self.armed.remove(&who),
        };
        if old == at {
            return;
        }
        if let Some(old) = old {
            self.due.remove(&(old, who.clone()));
        }
        if let Some(at) = at {
            self.due.insert((at, who));
        }
    }

    /// The earliest time of all timers.
    pub fn next(&self) -> Option<Millis> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Takes the earliest timer that is due.
    pub fn pop(&mut self, now: Millis) -> Option<TimerKey> {
        if self.next()? > now {
            return None;
        }
        let (_, who) = self.due.pop_first()?;
        self.armed.remove(&who);
        Some(who)
    }
}
