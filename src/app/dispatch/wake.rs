//! When the console must be woken if no message arrives.

use crate::app::core::layer::Layer;
use crate::app::core::msg::Link;
use crate::app::core::session::{Session, TYPING_SENT_EVERY};
use crate::app::core::state::State;
use crate::app::features::lock::update as lock;
use crate::domain::Millis;
use crate::domain::agent::AgentState;
use std::time::Duration;

impl State {
    /// The earliest time at which the screen changes by itself. `None` means that there is nothing to wake up
    /// for, and an idle screen writes no byte.
    pub fn next_wake(&self) -> Option<Millis> {
        let mut moments: Vec<Millis> = self.sessions.iter().filter_map(|s| s.next_change(self.now)).collect();
        moments.extend(self.sessions.iter().filter_map(|s| s.typed_at).map(|at| at.plus(TYPING_SENT_EVERY)));
        moments.extend(self.undo.as_ref().map(|undo| undo.until));
        moments.extend(self.notices.next_change(self.focused).filter(|_| self.lock.is_none()));
        if let Some(list) = self.layers.iter().rev().find_map(|layer| match layer {
            Layer::Targets(list) => Some(list),
            _ => None,
        }) && self.online()
            && self.lock.is_none()
        {
            moments.push(list.next_wake());
        }
        moments.extend(lock::due_at(self));
        // After Call Work is shown in minutes.
        if let Some(since) = self.channel.since.filter(|_| self.channel.state == AgentState::AfterCallWork) {
            let minutes = self.now.since(since).as_secs() / 60 + 1;
            moments.push(since.plus(Duration::from_secs(minutes * 60)));
        }
        let countdown = self.invitations.iter().any(|i| i.offer.as_ref().is_some_and(|o| o.lapses.is_some()));
        let retry = matches!(&self.link, Link::Lost { retry_at, .. } if *retry_at > self.now);
        if countdown || retry {
            moments.push(Millis(self.now.0 - self.now.0.rem_euclid(1000) + 1000));
        }
        // A customer's waiting time is shown in seconds for the first minute, then in minutes.
        let seen = self.sessions.iter().filter(|_| self.lock.is_none());
        let offered = self.invitations.iter().filter(|_| self.lock.is_none());
        let offered = offered.filter_map(|invitation| invitation.waiting_since);
        for since in seen.filter_map(Session::waiting_since).chain(offered) {
            let step = if self.now.since(since) < Duration::from_secs(60) { 1000 } else { 60_000 };
            let waited = self.now.0.saturating_sub(since.0).max(0);
            moments.push(Millis(since.0 + (waited / step + 1) * step));
        }
        // The reply window is shown in hours, and in minutes in its last hour.
        if let Some(ends) = self
            .session()
            .filter(|_| self.lock.is_none())
            .and_then(|s| s.interaction.window_ends)
            .filter(|ends| *ends > self.now)
        {
            let left = ends.0 - self.now.0;
            let step = if left > 3_600_000 { 3_600_000 } else { 60_000 };
            moments.push(Millis(self.now.0 + (left - 1).rem_euclid(step) + 1));
        }
        moments.into_iter().filter(|at| *at > self.now).min()
    }
}
