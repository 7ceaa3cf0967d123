//! What an act of an agent causes, or why it is refused.
//!
//! Owns: the rules for agents. Must not: change anything, or wait for anything.
//! Invariants: pure: the same state, act and time give the same events.

pub mod account;
pub mod contacts;
pub mod context;
pub mod ends;
pub mod entries;
pub mod follow_up;
pub mod leave;
pub mod message;
pub mod monitoring;
pub mod orphans;
pub mod outbound;
pub mod parties;
pub mod sends;
pub mod target;
pub mod workbins;
use crate::gateway::router::WorkState;
use crate::gateway::writer::api::{Command, Refusal, WantedState};
use crate::gateway::writer::model::event::Event;
use context::{Act, Outcome, own_pairs, refused, routing};

impl Act<'_> {
    /// The events of a command. Whoever repeats a request that was done gets none, and no refusal.
    pub fn decide(&self, command: &Command) -> Outcome {
        if self.operation.is_some_and(|operation| self.state.has_done(self.me(), operation)) {
            return Ok(Vec::new());
        }
        let is_agent = self.actor.role.handles_sessions();
        let mut events = if is_agent { self.dispatch(command)? } else { self.oversee(command)? };
        // Checked last, so that nobody has to confirm a command that would be refused in any case.
        if let Some(id) = command.parts_with() {
            self.refuse_unread(id)?;
        }
        if !matches!(command, Command::SignOut | Command::Activate) {
            // A sign of life is no reason to refuse: who is not signed in gives none.
            events
                .extend(routing(self.state.router.record_activity(self.me(), self.now).unwrap_or_default()));
        }
        if let Some(operation) = self.operation {
            let (employee, operation) = (self.me().clone(), operation.clone());
            events.push(Event::OperationDone { employee, operation, at: self.now });
        }
        Ok(events)
    }

    pub fn dispatch(&self, command: &Command) -> Outcome {
        let router = &self.state.router;
        match command {
            Command::Activate => router.sign_in(self.me(), self.now).map(routing).map_err(refused),
            Command::SignOut | Command::SetState(WantedState::LoggedOut) => self.sign_out(),
            Command::SetState(wanted) => self.set_state(wanted),
            Command::Accept { id, nickname } => self.accept(id, nickname.as_deref()),
            Command::Reject(id) => router.reject(self.me(), id, self.now).map(routing).map_err(refused),
            Command::Complete(id) => self.complete(self.mine(id)?),
            Command::Reopen(id) => self.reopen(id),
            Command::Leave(id, after) => self.leave(self.mine(id)?, *after),
            Command::Ask { id, want, whom, extension } => self.ask(id, *want, whom, extension),
            Command::CancelAsk(id) => self.cancel(id),
            Command::PlaceInQueue { id, queue, set, deleted } => self
                .placed_elsewhere(id, queue, set)
                .unwrap_or_else(|| self.place_in_queue(id, queue, set, deleted)),
            Command::Park { id, workbin, owner } => self.park(id, workbin.as_deref(), owner.as_deref()),
            Command::Pull { id, workbin } => self.pull(id, workbin.as_deref()),
            Command::Remove { id, agent } => self.remove(id, agent),
            Command::StartMonitoring { .. }
            | Command::StopMonitoring(_)
            | Command::SwitchMonitoring { .. } => Err(Refusal::Forbidden(
                "only a supervisor or an administrator monitors agents; nothing was done".to_owned(),
            )),
            Command::Send { id, what, visibility } => self.send(self.mine(id)?, what, *visibility),
            Command::SendTemplate { id, template } => self.send_template(self.mine(id)?, template),
            Command::StartSession { to, template, nickname } => {
                self.start_session(to, template, nickname.as_deref(), self.ground)
            }
            Command::NoteContact { id, way, address } => self.note_contact(self.mine(id)?, *way, address),
            Command::Typing { id, .. } => self.mine(id).map(|_| Vec::new()),
            Command::SetUserData { id, data } => {
                let data = own_pairs(data);
                let interaction = self.mine(id)?.id.clone();
                Ok(if data.is_empty() { Vec::new() } else { vec![Event::UserDataSet { interaction, data }] })
            }
            Command::DeleteUserData { id, keys } => {
                let interaction = self.mine(id)?.id.clone();
                Ok(vec![Event::UserDataDeleted { interaction, keys: keys.clone() }])
            }
            Command::SetComment { id, comment } => {
                let interaction = self.mine(id)?.id.clone();
                Ok(vec![Event::CommentSet { interaction, comment: comment.clone() }])
            }
        }
    }

    pub fn set_state(&self, wanted: &WantedState) -> Outcome {
        let work = match wanted {
            WantedState::Ready => WorkState::Ready,
            WantedState::NotReady(reason) => {
                WorkState::NotReady { reason: reason.clone().unwrap_or_default() }
            }
            WantedState::AfterCallWork(_) => WorkState::AfterCallWork,
            WantedState::DoNotDisturb(true) => WorkState::DoNotDisturb,
            // Who ends it says next whether they take sessions.
            WantedState::DoNotDisturb(false) | WantedState::LoggedOut => {
                WorkState::NotReady { reason: String::new() }
            }
        };
        self.state.router.set_state(self.me(), work, self.now).map(routing).map_err(refused)
    }
}
