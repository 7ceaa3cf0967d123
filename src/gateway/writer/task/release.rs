//! Releases what refers to people, queues and workbins that are no longer in the configuration.
//!
//! Must not: know a rule; those are in `decide::orphans`.

use super::work::Work;
use crate::gateway::router::Fact;
use crate::gateway::writer::decide::orphans;
use crate::gateway::writer::model::event::LogEvent;

/// Releases what refers to people, queues and workbins that are no longer in the configuration.
pub fn release_orphans(work: &mut Work<'_>) {
    let (setup, now) = (work.setup, work.now);
    for agent in orphans::agents(work.state, setup) {
        tracing::warn!(%agent, "the agent is not in the configuration: their sessions go back to the queue");
        for event in orphans::sign_out(work.state, setup, &agent, now) {
            work.push(&event, None);
            if let LogEvent::Routing(fact @ Fact::SignedOut { .. }) = &event {
                work.follow(fact);
            }
        }
    }
    let parked: Vec<_> = orphans::parked(work.state, setup).cloned().collect();
    for session in parked {
        tracing::warn!(session = %session.id, "nobody can take the session out of its workbin: it goes back to its queue");
        for event in orphans::unpark(work.state, setup, &session, now) {
            work.push(&event, None);
        }
    }
    for event in orphans::stop_monitoring(work.state, setup, now) {
        work.push(&event, None);
    }
    for fact in work.state.router.leave_removed_queues(&setup.queue, now) {
        work.push(&LogEvent::Routing(fact), None);
    }
}
