//! Workbins: sessions that are put aside, and how they come back.
//!
//! Owns: what parking, pulling and a customer who writes again cause, and what a workbin holds. Must not:
//! change anything.
//! Invariants: a parked session is nobody's, takes no capacity and waits in no queue; only its owner, or a
//! member of the group that owns the workbin, may pull it. A customer who writes takes it out of the workbin.

use super::context::{CommandContext, CommandOutcome, own_pairs, refusal_of, routing};
use super::entries::EntryBuilder;
use crate::config::schema::SignOut;
use crate::domain::message::Visibility;
use crate::domain::{AttachedData, EmployeeId, InteractionId, Millis};
use crate::gateway::router::ReleaseReason;
use crate::gateway::writer::api::{AfterLeave, Refusal};
use crate::gateway::writer::model::entry::agent_party;
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::session::SessionState;
use crate::gateway::writer::model::workbin::{PRIVATE_QUEUE, Parked, UnparkReason};
use crate::gateway::writer::setup::{WorkbinSetup, WriterSetup};
use crate::gateway::writer::state::WriterState;

/// Workspace: the word in `place-in-queue` for the queue that a session came from.
const BACK: &str = "__BACK__";

/// A customer wrote in a session that is parked: it leaves the workbin and is routed again, with whoever
/// parked it before anybody else. (Workspace: it leaves the workbin by itself.)
pub fn resume(
    state: &WriterState,
    setup: &WriterSetup,
    session: &SessionState,
    now: Millis,
) -> Vec<LogEvent> {
    leave_workbin(state, setup, session, UnparkReason::Customer, now)
}

/// A parked session leaves its workbin without an agent and is routed again.
pub fn leave_workbin(
    state: &WriterState,
    setup: &WriterSetup,
    session: &SessionState,
    why: UnparkReason,
    now: Millis,
) -> Vec<LogEvent> {
    let Some(parked) = &session.workbin else { return Vec::new() };
    let mut events = vec![left(session, parked, why, None, now)];
    events
        .extend(routing(state.router.resume(&session.id, &parked.by, &setup.queue, now).unwrap_or_default()));
    events
}

pub fn left(
    session: &SessionState,
    parked: &Parked,
    why: UnparkReason,
    by: Option<&EmployeeId>,
    at: Millis,
) -> LogEvent {
    LogEvent::WorkbinLeft {
        interaction: session.id.clone(),
        workbin: parked.workbin.clone(),
        owner: parked.owner.clone(),
        why,
        by: by.cloned(),
        at,
    }
}

impl CommandContext<'_> {
    /// A queue name in `place-in-queue` that means a workbin, or the queue that the session came from.
    pub fn place_elsewhere(
        &self,
        id: &InteractionId,
        queue: &str,
        set: &AttachedData,
    ) -> Option<CommandOutcome> {
        let outcome = if queue == BACK {
            self.own_session(id).and_then(|session| self.leave(session, AfterLeave::KeepAlive))
        } else if self.setup.workbin(queue).is_some() {
            self.park(id, Some(queue), None)
        } else {
            return None;
        };
        let data = own_pairs(set);
        Some(outcome.map(|events| {
            let changed = (!data.is_empty()).then(|| LogEvent::UserDataSet { interaction: id.clone(), data });
            changed.into_iter().chain(events).collect()
        }))
    }

    /// Puts a session into a workbin.
    pub fn park(&self, id: &InteractionId, workbin: Option<&str>, owner: Option<&str>) -> CommandOutcome {
        let found = match workbin {
            Some(name) => self.setup.workbin(name),
            None => self.setup.own_workbin(),
        };
        let Some(workbin) = found.filter(|workbin| self.setup.may_use(self.me(), workbin)) else {
            let name = workbin.unwrap_or("of your own");
            return Err(Refusal::Invalid(format!(
                "there is no workbin {name} for you; the session stays with you"
            )));
        };
        let own = workbin.group.as_deref().unwrap_or(self.me().as_str());
        if owner.is_some_and(|owner| owner != own) {
            let sentence =
                "a session can be put into a workbin of your own or of your group only; it stays with you";
            return Err(Refusal::Forbidden(sentence.to_owned()));
        }
        let known = self.state.sessions.get(id).and_then(|session| session.workbin.as_ref());
        if known.is_some_and(|parked| parked.by == *self.me() && parked.workbin == workbin.name) {
            return Ok(Vec::new());
        }
        let session = self.owned_without_invite(id)?;
        if session.serving().any(|agent| agent != *self.me()) {
            return Err(Refusal::Conflict(
                "others are in this session: leave it to them, or remove them first; nothing was done"
                    .to_owned(),
            ));
        }
        self.place_in_workbin(session, workbin)
    }

    pub fn place_in_workbin(&self, session: &SessionState, workbin: &WorkbinSetup) -> CommandOutcome {
        let (me, at) = (self.me(), self.now);
        let facts =
            self.state.router.release(me, &session.id, ReleaseReason::Workbin, at).map_err(refusal_of)?;
        let mut events = routing(facts);
        let owner = workbin.group.clone().unwrap_or_else(|| me.to_string());
        events.push(LogEvent::WorkbinPlaced {
            interaction: session.id.clone(),
            workbin: workbin.name.clone(),
            owner,
            by: me.clone(),
            at,
        });
        let mut entries = EntryBuilder::of(session, at);
        events.extend(entries.left(me));
        events.extend(entries.consultants_leave());
        let name = self.nickname(session, me);
        events.push(entries.notice(match workbin.group {
            Some(_) => format!("{name} put the session into the workbin {}", workbin.display_name),
            None => format!("{name} put the session aside"),
        }));
        Ok(events)
    }

    /// Takes a session out of a workbin.
    pub fn pull(&self, id: &InteractionId, workbin: Option<&str>) -> CommandOutcome {
        let Some(session) = self.state.sessions.get(id) else { return Err(Refusal::NotFound(id.clone())) };
        if session.over {
            return Err(Refusal::NotFound(id.clone()));
        }
        if session.party_of(self.me()).is_some() {
            return Ok(Vec::new());
        }
        let Some(parked) = &session.workbin else {
            return Err(Refusal::Gone(
                "the session is no longer in the workbin: its customer wrote, or somebody else took it"
                    .to_owned(),
            ));
        };
        let wanted = workbin.map(|name| name.strip_suffix(PRIVATE_QUEUE).unwrap_or(name));
        if wanted.is_some_and(|name| name != parked.workbin) {
            return Err(Refusal::Gone("the session is in another workbin by now".to_owned()));
        }
        if !self.setup.workbin_people(&parked.workbin, &parked.owner).contains(self.me()) {
            return Err(Refusal::Forbidden("the session is in a workbin that is not yours".to_owned()));
        }
        let view = self.state.router.agent_state(self.me());
        if !view.signed_in {
            return Err(Refusal::Conflict(
                "you are not signed in on the channel: the session stays in the workbin".to_owned(),
            ));
        }
        if view.load >= view.capacity {
            let places = self.places_taken(self.me());
            return Err(Refusal::Conflict(format!("{places}; this one stays in the workbin")));
        }
        let router = &self.state.router;
        let facts = router
            .assign(self.me(), id, &session.queue, self.now)
            .or_else(|_| router.assign(self.me(), id, &self.setup.queue, self.now))
            .map_err(refusal_of)?;
        let mut events = vec![left(session, parked, UnparkReason::Pulled, Some(self.me()), self.now)];
        events.extend(routing(facts));
        let mut entries = EntryBuilder::of(session, self.now);
        let own = self.setup.people.get(self.me()).map_or(self.me().as_str(), |person| &person.nickname);
        let party = agent_party(self.me(), own, entries.next);
        events.push(entries.joined(party, Visibility::Agent));
        Ok(events)
    }

    /// Signs out. The agent's sessions go where the configuration says. (Workspace: into a workbin.)
    pub fn sign_out(&self) -> CommandOutcome {
        let router = &self.state.router;
        let mut events = Vec::new();
        let parks = router.agent_state(self.me()).signed_in && self.setup.sign_out != SignOut::Queue;
        let mine = if parks { router.interactions_of(self.me()) } else { Vec::new() };
        for session in
            mine.iter().filter_map(|id| self.state.sessions.get(id)).filter(|session| !session.over)
        {
            let others = session.serving().any(|agent| agent != *self.me());
            let waits = (self.setup.sign_out == SignOut::Answered && session.waiting_since.is_some())
                || !self.has_read(session);
            let Some(workbin) = self.setup.own_workbin().filter(|_| !others && !waits) else {
                // Sessions that nobody can take at once go to the queue when the grace is over.
                events.extend(self.leave(session, AfterLeave::KeepAlive).unwrap_or_default());
                continue;
            };
            events.extend(self.cancel_invite(session));
            events.extend(self.place_in_workbin(session, workbin)?);
        }
        events.extend(routing(router.sign_out(self.me(), self.now).map_err(refusal_of)?));
        Ok(events)
    }
}
