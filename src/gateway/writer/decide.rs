//! What an act of an agent causes, or why it is refused.
//!
//! Owns: the rules for agents. Must not: change anything, or wait for anything.
//! Invariants: pure: the same state, act and time give the same events.

use super::api::{Actor, Command, Outgoing, Reading, Refusal, WantedState};
use super::entry;
use super::event::{EntryLogged, Event};
use super::outbound::Ground;
use super::session::{Session, consults};
use super::setup::WriterSetup;
use super::state::State;
use crate::domain::message::Visibility;
use crate::domain::window::{ReplyWindow, reply_window};
use crate::domain::{AttachedData, EmployeeId, InteractionId, Millis, OperationId};
use crate::gateway::router::{self, Fact, WorkState};
use crate::proto::media::ParticipantDto;
use crate::proto::wa;

/// WhatsApp: the most characters that one text may have.
pub const MOST_CHARS: usize = 4096;

pub(super) type Outcome = Result<Vec<Event>, Refusal>;

/// An act in its circumstances.
#[derive(Clone, Copy)]
pub(super) struct Act<'a> {
    pub state: &'a State,
    pub setup: &'a WriterSetup,
    pub actor: &'a Actor,
    pub operation: Option<&'a OperationId>,
    pub now: Millis,
    /// What the actor has read.
    pub reading: &'a Reading,
    /// What was read of the past for an act that needs it.
    pub ground: Option<&'a Ground>,
}

pub(super) fn routing(facts: Vec<Fact>) -> Vec<Event> {
    facts.into_iter().map(Event::Routing).collect()
}

pub(super) fn refused(refusal: router::RoutingError) -> Refusal {
    match refusal {
        router::RoutingError::Gone { .. } | router::RoutingError::NotYours { .. } => {
            Refusal::Gone(refusal.to_string())
        }
        router::RoutingError::UnknownInteraction(id) => Refusal::NotFound(id),
        router::RoutingError::UnknownAgent(_) => Refusal::Forbidden(refusal.to_string()),
        _ => Refusal::Conflict(refusal.to_string()),
    }
}

impl Act<'_> {
    /// Who acts.
    pub fn me(&self) -> &EmployeeId {
        &self.actor.employee
    }

    /// What occupies the places of an agent who has none free, and how to get one. An invitation occupies a
    /// place too.
    pub fn places_taken(&self, agent: &EmployeeId) -> String {
        let view = self.state.router.agent_state(agent);
        let offered = u32::try_from(self.state.router.offers_of(agent).len()).unwrap_or(u32::MAX);
        let counted = |count: u32, what: &str| match count {
            1 => format!("1 {what}"),
            many => format!("{many} {what}s"),
        };
        let sessions = counted(view.load.saturating_sub(offered), "session");
        match offered {
            0 => format!("no free place: {sessions} of {}. Finish or park one first", view.capacity),
            some => format!(
                "no free place: {sessions} + {} of {}. Reject the invitation, or finish or park a session, first",
                counted(some, "invitation"),
                view.capacity
            ),
        }
    }

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

    fn dispatch(&self, command: &Command) -> Outcome {
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

    /// A session that the actor has.
    pub fn mine(&self, id: &InteractionId) -> Result<&Session, Refusal> {
        let Some(session) = self.state.sessions.get(id) else { return Err(Refusal::NotFound(id.clone())) };
        if session.over {
            return Err(Refusal::Gone(format!("session {id} is over")));
        }
        if session.party_of(self.me()).is_some() {
            return Ok(session);
        }
        if session.workbin.as_ref().is_some_and(|parked| parked.by == *self.me()) {
            return Err(Refusal::Conflict(format!("session {id} is in a workbin: pull it back first")));
        }
        if session.was_in(self.me()) {
            return Err(Refusal::Gone(format!(
                "session {id} is no longer with you: it went to its queue or to a colleague"
            )));
        }
        if self.state.router.offers_of(self.me()).iter().any(|(offered, _)| offered == id) {
            return Err(Refusal::Conflict(format!("session {id} is only offered to you: accept it first")));
        }
        Err(Refusal::NotFound(id.clone()))
    }

    fn set_state(&self, wanted: &WantedState) -> Outcome {
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

    fn send(&self, session: &Session, what: &Outgoing, visibility: Visibility) -> Outcome {
        let Some(party) = session.party_of(self.me()).cloned() else {
            return Err(Refusal::NotFound(session.id.clone()));
        };
        if consults(&party) && visibility == Visibility::All {
            return Err(Refusal::Forbidden(
                "you are asked for advice here: write to your colleagues (visibility Agent), not to the \
                 customer; the message was not sent"
                    .to_owned(),
            ));
        }
        self.write(session, party, self.me(), what, visibility)
    }

    /// What a party writes. Before the routing rules it is `speaker` who has answered the customer.
    pub fn write(
        &self,
        session: &Session,
        party: ParticipantDto,
        speaker: &EmployeeId,
        what: &Outgoing,
        visibility: Visibility,
    ) -> Outcome {
        let mut made = match what {
            Outgoing::Text(text) => {
                check_text(text)?;
                let mut made = entry::entry("Text", party, visibility, self.now);
                made.text = Some(text.clone());
                made
            }
            Outgoing::Url(url) => {
                check_text(url)?;
                let mut made = entry::entry("PushUrl", party, visibility, self.now);
                made.url = Some(url.clone());
                made
            }
            Outgoing::File(file) => entry::sent_file(file, party, visibility, self.now),
            Outgoing::Notification { text, data } => {
                let mut made = entry::entry("CustomNotice", party, visibility, self.now);
                made.text = Some(text.clone());
                made.user_data = own_pairs(data);
                made
            }
        };
        made.index = session.last_index() + 1;
        if let Some(operation) = self.operation {
            made.user_data.set(wa::OPERATION, operation.as_str());
        }
        let public = visibility == Visibility::All && !matches!(what, Outgoing::Notification { .. });
        let mut event = EntryLogged {
            interaction: session.id.clone(),
            at: self.now,
            entry: made,
            mark: None,
            send_to: None,
        };
        let mut spoke = Vec::new();
        if public {
            if reply_window(session.window_ends, self.now) == ReplyWindow::Closed {
                return Err(Refusal::Conflict(
                    "the customer has not written in the last 24 hours, so WhatsApp takes only a \
                     template; the message was not sent"
                        .to_owned(),
                ));
            }
            let Some(address) = session.address() else {
                return Err(Refusal::Conflict(
                    "WhatsApp gave neither a number nor a user id for this customer, so nothing can be sent"
                        .to_owned(),
                ));
            };
            event.send_to = Some(address);
            // Whoever of a conference answers, the customer has an answer.
            spoke = self.state.router.agent_spoke(speaker, &session.id, self.now).unwrap_or_default();
        }
        let mut events = vec![Event::EntryLogged(event)];
        events.extend(routing(spoke));
        Ok(events)
    }
}

fn check_text(text: &str) -> Result<(), Refusal> {
    let chars = text.chars().count();
    if text.trim().is_empty() {
        return Err(Refusal::Invalid("there is nothing to send: the message is empty".to_owned()));
    }
    if chars > MOST_CHARS {
        return Err(Refusal::Invalid(format!(
            "the message has {chars} characters and WhatsApp takes {MOST_CHARS} at most: make it shorter \
             or send it in parts"
        )));
    }
    Ok(())
}

/// Pairs without those that only the gateway may write.
pub(super) fn own_pairs(data: &AttachedData) -> AttachedData {
    let own = data.iter().filter(|(key, _)| !key.starts_with("wa."));
    own.map(|(key, value)| (key, value.clone())).collect()
}
