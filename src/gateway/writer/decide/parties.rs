//! More than one agent in a session: transfer, conference, consultation.
//!
//! Owns: what asking for a colleague, their answer, and leaving cause. Must not: change anything.
//! Invariants: one request at a time in a session, made by its owner. The owner keeps the session until
//! somebody accepts, but for a transfer to a queue. The customer never sees a consultant.

use super::context::{CommandContext, CommandOutcome, own_pairs, refusal_of, routing};
use super::entries::EntryBuilder;
use super::target::{self, TargetFilter};
use crate::domain::message::Visibility;
use crate::domain::{AttachedData, EmployeeId, InteractionId, Millis};
use crate::gateway::router::{self, ColleagueRequest, WorkState};
use crate::gateway::writer::api::{InviteKind, InviteTarget, Refusal};
use crate::gateway::writer::model::entry::{agent_party, consults};
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::party::{InvitePurpose, InviteRequest, InviteResult, LeaveReason};
use crate::gateway::writer::model::session::SessionState;
use crate::proto::media::ParticipantDto;
use std::time::Duration;

/// How long a queue is searched for a colleague before the requester is notified that nobody accepted.
const SEARCH: Duration = Duration::from_secs(5 * 60);

pub fn answered(session: &SessionState, asked: &InviteRequest, answer: InviteResult, at: Millis) -> LogEvent {
    LogEvent::PartyAnswered { interaction: session.id.clone(), asked: asked.clone(), answer, at }
}

impl CommandContext<'_> {
    /// Why an agent cannot be asked now, if so.
    pub fn available(&self, agent: &EmployeeId) -> Result<(), Refusal> {
        let name = self.name(agent);
        let known = self.setup.people.get(agent).is_some_and(|person| person.role.handles_sessions());
        if !known {
            return Err(Refusal::Invalid(format!(
                "there is no agent {agent}; check the employee ID; nothing was done"
            )));
        }
        let view = self.state.router.agent_state(agent);
        let limit = view.capacity.saturating_add(self.setup.router.rules.wake_over_cap);
        let why = if !view.signed_in {
            "is not signed in"
        } else if view.gone_since.is_some() {
            "has lost the connection"
        } else if view.work != WorkState::Ready {
            "is not ready"
        } else if view.load >= limit {
            "has no room for another session"
        } else {
            return Ok(());
        };
        Err(Refusal::Conflict(format!("{name} {why}; the session stays with you")))
    }

    pub fn asked(&self, purpose: InvitePurpose, narrow: &TargetFilter, queue: Option<&str>) -> InviteRequest {
        let whom = match narrow {
            TargetFilter::Agent(agent) => self.name(agent),
            TargetFilter::Only(only) => target::words(only),
            TargetFilter::None => format!("in queue {}", self.setup.queue_name(queue.unwrap_or_default())),
        };
        InviteRequest {
            by: self.me().clone(),
            purpose,
            target: narrow.agent().cloned(),
            whom,
            queue: queue.map(str::to_owned),
            only: match narrow {
                TargetFilter::Only(only) => Some(only.clone()),
                TargetFilter::None | TargetFilter::Agent(_) => None,
            },
            operation: self.operation.cloned(),
        }
    }

    /// Requests a colleague and keeps the session until somebody accepts.
    pub fn invite(
        &self,
        id: &InteractionId,
        want: InviteKind,
        whom: &InviteTarget,
        extension: &AttachedData,
    ) -> CommandOutcome {
        let session = self.owned_without_invite(id)?;
        let (narrow, queue) = match whom {
            InviteTarget::Agent(agent) => (TargetFilter::Agent(agent.clone()), None),
            InviteTarget::Queue(queue) => (target::target_filter(self.setup, session)?, Some(queue.as_str())),
        };
        let mut events = Vec::new();
        let data = target::pairs(extension);
        if !data.is_empty() {
            events.push(LogEvent::UserDataSet { interaction: id.clone(), data });
        }
        if let Some(agent) = narrow.agent() {
            if agent == self.me() {
                return Err(Refusal::Conflict("the session is yours already; nothing was done".to_owned()));
            }
            if let Some(party) = session.party_of(agent) {
                events.extend(self.promote(session, agent, party, want)?);
                let asked = self.asked(want.into(), &narrow, queue);
                let answer = InviteResult::Accepted { by: agent.clone() };
                events.push(answered(session, &asked, answer, self.now));
                return Ok(events);
            }
            self.available(agent)?;
        }
        let asked = self.asked(want.into(), &narrow, queue);
        let wish = ColleagueRequest {
            queue: queue.map(str::to_owned),
            until: narrow.agent().is_none().then(|| self.now.plus(SEARCH)),
            except: session.agents().filter(|agent| agent != self.me()).collect(),
            keep: true,
            join: want != InviteKind::Transfer,
            ..narrow.colleague_request()
        };
        let wished = self.state.router.request_colleague(self.me(), id, wish, self.now);
        events.extend(routing(wished.map_err(|refusal| match refusal {
            router::RoutingError::NobodyThere => Refusal::Conflict(format!(
                "nobody else {} is signed in; the session stays with you",
                asked.whom
            )),
            other => refusal_of(other),
        })?));
        events.push(LogEvent::PartyAsked { interaction: id.clone(), asked, at: self.now });
        Ok(events)
    }

    /// Somebody who is in the session already needs no invitation.
    pub fn promote(
        &self,
        session: &SessionState,
        agent: &EmployeeId,
        party: &ParticipantDto,
        want: InviteKind,
    ) -> CommandOutcome {
        let consulted = consults(party);
        if want == InviteKind::Consult || (want == InviteKind::Conference && !consulted) {
            let name = self.name(agent);
            return Err(Refusal::Conflict(format!("{name} is in this session already; nothing was done")));
        }
        let mut entries = EntryBuilder::of(session, self.now);
        let mut events = Vec::new();
        if want == InviteKind::Transfer {
            let facts = self.state.router.hand_over(agent, &session.id, self.now).map_err(refusal_of)?;
            events.extend(routing(facts));
        }
        if consulted {
            let party = ParticipantDto { visibility: Visibility::All.word().to_owned(), ..party.clone() };
            let nickname = party.nickname.clone();
            events.push(entries.joined(party, Visibility::All));
            if want == InviteKind::Conference {
                events.extend(entries.customer_notice(self.setup, &nickname));
            }
        }
        if want == InviteKind::Transfer {
            events.extend(self.handed_over(session, &mut entries, self.me(), agent));
        }
        Ok(events)
    }

    /// The session went from one agent to another.
    pub fn handed_over(
        &self,
        session: &SessionState,
        entries: &mut EntryBuilder<'_>,
        from: &EmployeeId,
        to: &EmployeeId,
    ) -> Vec<LogEvent> {
        let words = format!(
            "{} transferred the session to {}",
            self.nickname(session, from),
            self.nickname(session, to)
        );
        let mut events = entries.leave(from, LeaveReason::Transferred, &self.name(to));
        // The notice comes before the event that ends the session for the agent who left.
        let told = events.pop();
        events.push(entries.notice(words));
        events.extend(told);
        events
    }

    /// Gives a session to a queue and leaves it at once.
    pub fn place_in_queue(
        &self,
        id: &InteractionId,
        queue: &str,
        set: &AttachedData,
        deleted: &[String],
    ) -> CommandOutcome {
        let session = self.owned_without_invite(id)?;
        if session.serving().any(|agent| agent != *self.me()) {
            return Err(Refusal::Conflict(
                "others are in this session: leave it to them, or remove them first; nothing was done"
                    .to_owned(),
            ));
        }
        let set = own_pairs(set);
        let mut changed = session.clone();
        changed.set_data(&set);
        for key in deleted {
            changed.user_data.remove(key);
        }
        let narrow = target::target_filter(self.setup, &changed)?;
        if narrow.agent() == Some(self.me()) {
            return Err(Refusal::Conflict("the session is yours already; nothing was done".to_owned()));
        }
        let wish = ColleagueRequest {
            queue: Some(queue.to_owned()),
            except: vec![self.me().clone()],
            until: Some(self.now.plus(SEARCH)),
            ..narrow.colleague_request()
        };
        let facts = self.state.router.request_colleague(self.me(), id, wish, self.now).map_err(refusal_of)?;
        let mut events = Vec::new();
        if !set.is_empty() {
            events.push(LogEvent::UserDataSet { interaction: id.clone(), data: set });
        }
        if !deleted.is_empty() {
            events.push(LogEvent::UserDataDeleted { interaction: id.clone(), keys: deleted.to_vec() });
        }
        events.extend(routing(facts));
        let mut entries = EntryBuilder::of(session, self.now);
        events.extend(entries.left(self.me()));
        events.extend(entries.consultants_leave());
        let asked = self.asked(InvitePurpose::Queue, &narrow, Some(queue));
        let to = match &narrow {
            TargetFilter::None => format!("the queue {}", self.setup.queue_name(queue)),
            TargetFilter::Agent(agent) => self.name(agent),
            TargetFilter::Only(only) => format!("somebody {}", target::words(only)),
        };
        let me = self.nickname(session, self.me());
        events.push(entries.notice(format!("{me} transferred the session to {to}")));
        events.push(LogEvent::PartyAsked { interaction: id.clone(), asked, at: self.now });
        Ok(events)
    }

    /// Takes an offered session, or joins it.
    pub fn accept(&self, id: &InteractionId, nickname: Option<&str>) -> CommandOutcome {
        let session = self.state.sessions.get(id);
        let facts = match self.state.router.accept(self.me(), id, self.now) {
            // A repeated request of an agent who is in it already does nothing.
            Err(_) if session.is_some_and(|session| session.party_of(self.me()).is_some()) => Vec::new(),
            facts => facts.map_err(refusal_of)?,
        };
        let session = session.ok_or_else(|| Refusal::NotFound(id.clone()))?;
        if facts.is_empty() {
            return Ok(Vec::new());
        }
        let mut events = routing(facts);
        let mut entries = EntryBuilder::of(session, self.now);
        let own = self.setup.people.get(self.me()).map(|person| person.nickname.as_str());
        let nickname = nickname.filter(|name| !name.trim().is_empty()).or(own);
        let mut party = agent_party(self.me(), nickname.unwrap_or(self.me().as_str()), entries.next);
        let purpose = session.asking.as_ref().map(|asked| asked.purpose);
        if purpose == Some(InvitePurpose::Consult) {
            Visibility::Agent.word().clone_into(&mut party.visibility);
        }
        let visibility =
            if purpose == Some(InvitePurpose::Conference) { Visibility::All } else { Visibility::Agent };
        let nickname = party.nickname.clone();
        events.push(entries.joined(party, visibility));
        if purpose == Some(InvitePurpose::Conference) {
            events.extend(entries.customer_notice(self.setup, &nickname));
        }
        if let Some(asked) = &session.asking {
            if asked.purpose == InvitePurpose::Transfer {
                events.extend(self.handed_over(session, &mut entries, &asked.by, self.me()));
            }
            let answer = InviteResult::Accepted { by: self.me().clone() };
            events.push(answered(session, asked, answer, self.now));
        }
        Ok(events)
    }

    /// Cancels a request that nobody has accepted.
    pub fn cancel_open_invite(&self, id: &InteractionId) -> CommandOutcome {
        let session = self.owned_session(id)?;
        if session.asking.is_none() {
            return Err(Refusal::Conflict(
                "nobody is being asked: who has accepted already can be removed instead".to_owned(),
            ));
        }
        Ok(self.cancel_invite(session))
    }

    pub fn cancel_invite(&self, session: &SessionState) -> Vec<LogEvent> {
        let Some(asked) = &session.asking else { return Vec::new() };
        let mut events = routing(self.state.router.cancel(&session.id, self.now).unwrap_or_default());
        events.push(answered(session, asked, InviteResult::Cancelled, self.now));
        events
    }
}
