//! How agents leave a session, end it, and remove others.
//!
//! Owns: the rules for these. Must not: change anything.
//! Invariants: a session whose owner leaves goes to another agent who is in it, or ends, or goes back to its queue.

use super::context::{Act, Outcome, refused, routing};
use super::entries::Entries;
use crate::domain::{EmployeeId, InteractionId};
use crate::gateway::router::ReleaseReason;
use crate::gateway::writer::api::{AfterLeave, Refusal};
use crate::gateway::writer::model::event::Event;
use crate::gateway::writer::model::party::Gone;
use crate::gateway::writer::model::session::Session;

impl Act<'_> {
    /// Puts an agent out of a session.
    pub fn remove(&self, id: &InteractionId, agent: &EmployeeId) -> Outcome {
        let session = self.owned(id)?;
        if agent == self.me() {
            return Err(Refusal::Conflict("to go yourself, leave the session; nothing was done".to_owned()));
        }
        if session.party_of(agent).is_none() {
            let name = self.name(agent);
            return Err(Refusal::Conflict(format!("{name} is not in this session; nothing was done")));
        }
        Ok(Entries::of(session, self.now).gone(agent, Gone::Removed, &self.name(self.me())))
    }

    /// Ends a session for good; for who does not own it, leaves it.
    pub fn complete(&self, session: &Session) -> Outcome {
        if self.state.router.owner(&session.id).is_some_and(|owner| owner != self.me()) {
            return self.leave(session, AfterLeave::CloseIfNoAgents);
        }
        let mut events = self.call_off(session);
        let interaction = session.id.clone();
        events.push(Event::Completed { interaction, by: self.me().clone(), at: self.now });
        events.extend(routing(self.state.router.close(&session.id, self.now).map_err(refused)?));
        Ok(events)
    }

    /// Leaves a session.
    pub fn leave(&self, session: &Session, after: AfterLeave) -> Outcome {
        let (router, me, id) = (&self.state.router, self.me(), &session.id);
        let mut entries = Entries::of(session, self.now);
        if router.owner(id).is_some_and(|owner| owner != me) {
            return Ok(entries.gone(me, Gone::Left, ""));
        }
        let next = session.serving().find(|agent| agent != me);
        let Some(next) = next.filter(|_| after != AfterLeave::ForceClose) else {
            if after != AfterLeave::KeepAlive {
                return self.complete(session);
            }
            let mut events = self.call_off(session);
            events.extend(routing(router.requeue(me, id, self.now).map_err(refused)?));
            events.extend(entries.left(me));
            events.extend(entries.consultants_gone());
            return Ok(events);
        };
        let mut events = self.call_off(session);
        events.extend(routing(router.release(me, id, ReleaseReason::Left, self.now).map_err(refused)?));
        events.extend(routing(router.assign(&next, id, &session.queue, self.now).map_err(refused)?));
        events.extend(entries.left(me));
        let names = (self.nickname(session, me), self.nickname(session, &next));
        events.push(entries.note(format!("{} left; the session is now {}'s", names.0, names.1)));
        Ok(events)
    }
}
