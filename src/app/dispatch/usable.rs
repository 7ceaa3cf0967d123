//! Whether an action would do something now, so that hints may show its key.
//!
//! Must not: allow what the action itself refuses, or refuse what it allows. The actions have their own error
//! messages.

use crate::app::core::action::Action;
use crate::app::core::outbox::has_readers;
use crate::app::core::session::Session;
use crate::app::core::state::State;
use crate::app::features::disposition::update as disposition;
use crate::domain::message::Visibility;
use crate::domain::monitoring::MonitorMode;
use crate::domain::transcript::SendState;

impl State {
    /// Whether an action would do more now than explain why it cannot. Actions that no hint shows count as
    /// usable.
    pub fn can(&self, action: Action) -> bool {
        let online = self.online();
        let session = self.session();
        let own = session.filter(|session| session.interaction.monitor.is_none());
        let served = own.filter(|session| !session.interaction.am_consulted());
        match action {
            Action::Status => online,
            Action::NextSession | Action::PreviousSession => {
                self.sessions.len() > 1 || (session.is_none() && !self.sessions.is_empty())
            }
            Action::WaitingSession => {
                let waits = |session: &&Session| session.waiting_since().is_some();
                let longest =
                    self.sessions.iter().filter(waits).min_by_key(|session| session.waiting_since());
                longest.is_some_and(|longest| Some(&longest.interaction.id) != self.shown.as_ref())
            }
            Action::Done => online && session.is_some_and(|session| session.finishing.is_none()),
            Action::Transfer | Action::Conference => {
                online && served.is_some_and(|session| session.asked.is_none())
            }
            Action::Consult => online && own.is_some_and(|session| session.asked.is_none()),
            Action::Responses => online && session.is_some_and(|session| !session.interaction.am_silent()),
            Action::Disposition => session.is_some_and(|session| disposition::is_open(self, session)),
            Action::Park => online && served.is_some_and(|session| self.can_park(session)),
            // Pressing the key again goes to the previous match.
            Action::Search => session
                .is_some_and(|session| session.search.as_ref().is_none_or(|search| search.hits.len() > 1)),
            Action::Note | Action::SidePane => session.is_some(),
            Action::Monitor => online && self.oversees(),
            Action::Coach => online && self.can_switch(MonitorMode::Coach),
            Action::BargeIn => online && self.can_switch(MonitorMode::BargeIn),
            Action::Watch => online && self.can_switch(MonitorMode::Monitor),
            Action::WriteTo => session.is_some_and(|session| self.can_write_to_others(session)),
            Action::Reach => session.is_some(),
            Action::Retry => {
                online
                    && session
                        .is_some_and(|session| !session.interaction.am_silent() && session.has_failures())
            }
            _ => true,
        }
    }

    fn can_park(&self, session: &Session) -> bool {
        let under_way =
            |state: &SendState| matches!(state, SendState::Sending | SendState::Unknown | SendState::Queued);
        !self.parking.contains(&session.interaction.id)
            && self.workbins.parking().is_some()
            && !session.transcript.pending().iter().any(|pending| under_way(&pending.state))
    }

    fn can_switch(&self, to: MonitorMode) -> bool {
        let Some(session) = self.session() else { return false };
        let Some(now) = session.interaction.monitor else { return false };
        now != to && now.may_switch(to) && session.interaction.may(to.operation())
    }

    fn can_write_to_others(&self, session: &Session) -> bool {
        if session.interaction.am_silent() {
            return false;
        }
        match session.to {
            Visibility::All => has_readers(self, &session.interaction.id),
            Visibility::Agent | Visibility::Supervisor => !session.interaction.writes_aside(),
        }
    }
}
