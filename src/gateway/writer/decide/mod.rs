//! The events that a command of an agent causes, or why it is refused.
//!
//! Owns: the rules for agents. Must not: change anything, or wait for anything.
//! Invariants: pure: the same state, command and time give the same events.

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
use crate::gateway::writer::api::{Command, Refusal, RequestedState};
use crate::gateway::writer::model::event::LogEvent;
use context::{CommandContext, CommandOutcome, own_pairs, refusal_of, routing};

impl CommandContext<'_> {
    /// The events of a command. Whoever repeats a request that was done gets none, and no refusal.
    pub fn decide(&self, command: &Command) -> CommandOutcome {
        if self.operation.is_some_and(|operation| self.state.has_done(self.me(), operation)) {
            return Ok(Vec::new());
        }
        let is_agent = self.actor.role.handles_sessions();
        let mut events =
            if is_agent { self.dispatch(command)? } else { self.decide_for_supervisor(command)? };
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
            events.push(LogEvent::OperationDone { employee, operation, at: self.now });
        }
        Ok(events)
    }

    pub fn dispatch(&self, command: &Command) -> CommandOutcome {
        let router = &self.state.router;
        match command {
            Command::Activate => router.sign_in(self.me(), self.now).map(routing).map_err(refusal_of),
            Command::SignOut | Command::SetState(RequestedState::LoggedOut) => self.sign_out(),
            Command::SetState(wanted) => self.set_state(wanted),
            Command::Accept { id, nickname } => self.accept(id, nickname.as_deref()),
            Command::Reject(id) => router.reject(self.me(), id, self.now).map(routing).map_err(refusal_of),
            Command::Complete(id) => self.complete(self.own_session(id)?),
            Command::Reopen(id) => self.reopen(id),
            Command::Leave(id, after) => self.leave(self.own_session(id)?, *after),
            Command::Invite { id, want, whom, extension } => self.invite(id, *want, whom, extension),
            Command::CancelInvite(id) => self.cancel_open_invite(id),
            Command::PlaceInQueue { id, queue, set, deleted } => self
                .place_elsewhere(id, queue, set)
                .unwrap_or_else(|| self.place_in_queue(id, queue, set, deleted)),
            Command::Park { id, workbin, owner } => self.park(id, workbin.as_deref(), owner.as_deref()),
            Command::Pull { id, workbin } => self.pull(id, workbin.as_deref()),
            Command::Remove { id, agent } => self.remove(id, agent),
            Command::StartMonitoring { .. }
            | Command::StopMonitoring(_)
            | Command::SwitchMonitoring { .. } => Err(Refusal::Forbidden(
                "only a supervisor or an administrator monitors agents; nothing was done".to_owned(),
            )),
            Command::Send { id, what, visibility } => self.send(self.own_session(id)?, what, *visibility),
            Command::SendTemplate { id, template } => self.send_template(self.own_session(id)?, template),
            Command::StartSession { to, template, nickname } => {
                self.start_session(to, template, nickname.as_deref(), self.prefetched)
            }
            Command::NoteContact { id, way, address } => {
                self.note_contact(self.own_session(id)?, *way, address)
            }
            Command::Typing { id, .. } => self.own_session(id).map(|_| Vec::new()),
            Command::SetUserData { id, data } => {
                let data = own_pairs(data);
                let interaction = self.own_session(id)?.id.clone();
                Ok(if data.is_empty() {
                    Vec::new()
                } else {
                    vec![LogEvent::UserDataSet { interaction, data }]
                })
            }
            Command::DeleteUserData { id, keys } => {
                let interaction = self.own_session(id)?.id.clone();
                Ok(vec![LogEvent::UserDataDeleted { interaction, keys: keys.clone() }])
            }
            Command::SetComment { id, comment } => {
                let interaction = self.own_session(id)?.id.clone();
                Ok(vec![LogEvent::CommentSet { interaction, comment: comment.clone() }])
            }
        }
    }

    pub fn set_state(&self, wanted: &RequestedState) -> CommandOutcome {
        let work = match wanted {
            RequestedState::Ready => WorkState::Ready,
            RequestedState::NotReady(reason) => {
                WorkState::NotReady { reason: reason.clone().unwrap_or_default() }
            }
            RequestedState::AfterCallWork(_) => WorkState::AfterCallWork,
            RequestedState::DoNotDisturb(true) => WorkState::DoNotDisturb,
            // Who ends it says next whether they take sessions.
            RequestedState::DoNotDisturb(false) | RequestedState::LoggedOut => {
                WorkState::NotReady { reason: String::new() }
            }
        };
        self.state.router.set_state(self.me(), work, self.now).map(routing).map_err(refusal_of)
    }
}
