//! How agents leave a session, end it, and remove others.
//!
//! Owns: the rules for these. Must not: change anything.
//! Invariants: a session whose owner leaves goes to another agent who is in it, or ends, or goes back to its queue.

use super::context::{CommandContext, CommandOutcome, refusal_of, routing};
use super::entries::EntryBuilder;
use crate::domain::{EmployeeId, InteractionId};
use crate::gateway::router::ReleaseReason;
use crate::gateway::writer::api::{AfterLeave, Refusal};
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::party::LeaveReason;
use crate::gateway::writer::model::session::SessionState;

impl CommandContext<'_> {
    /// Removes an agent from a session.
    pub fn remove(&self, id: &InteractionId, agent: &EmployeeId) -> CommandOutcome {
        let session = self.owned_session(id)?;
        if agent == self.me() {
            return Err(Refusal::Conflict("to go yourself, leave the session; nothing was done".to_owned()));
        }
        if session.party_of(agent).is_none() {
            let name = self.name(agent);
            return Err(Refusal::Conflict(format!("{name} is not in this session; nothing was done")));
        }
        Ok(EntryBuilder::of(session, self.now).leave(agent, LeaveReason::Removed, &self.name(self.me())))
    }

    /// Ends a session; an agent who does not own it only leaves it.
    pub fn complete(&self, session: &SessionState) -> CommandOutcome {
        if self.state.router.owner(&session.id).is_some_and(|owner| owner != self.me()) {
            return self.leave(session, AfterLeave::CloseIfNoAgents);
        }
        let mut events = self.cancel_invite(session);
        let interaction = session.id.clone();
        events.push(LogEvent::Completed { interaction, by: self.me().clone(), at: self.now });
        events.extend(routing(self.state.router.close(&session.id, self.now).map_err(refusal_of)?));
        Ok(events)
    }

    /// Leaves a session.
    pub fn leave(&self, session: &SessionState, after: AfterLeave) -> CommandOutcome {
        let (router, me, id) = (&self.state.router, self.me(), &session.id);
        let mut entries = EntryBuilder::of(session, self.now);
        if router.owner(id).is_some_and(|owner| owner != me) {
            return Ok(entries.leave(me, LeaveReason::Left, ""));
        }
        let next = session.serving().find(|agent| agent != me);
        let Some(next) = next.filter(|_| after != AfterLeave::ForceClose) else {
            if after != AfterLeave::KeepAlive {
                return self.complete(session);
            }
            let mut events = self.cancel_invite(session);
            events.extend(routing(router.requeue(me, id, self.now).map_err(refusal_of)?));
            events.extend(entries.left(me));
            events.extend(entries.consultants_leave());
            return Ok(events);
        };
        let mut events = self.cancel_invite(session);
        events.extend(routing(router.release(me, id, ReleaseReason::Left, self.now).map_err(refusal_of)?));
        events.extend(routing(router.assign(&next, id, &session.queue, self.now).map_err(refusal_of)?));
        events.extend(entries.left(me));
        let names = (self.nickname(session, me), self.nickname(session, &next));
        events.push(entries.notice(format!("{} left; the session is now {}'s", names.0, names.1)));
        Ok(events)
    }
}
