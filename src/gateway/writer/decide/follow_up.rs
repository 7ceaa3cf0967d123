//! The events that follow from facts of the router, for the parties of a session.
//!
//! Owns: these events. Must not: change anything.

use super::context::routing;
use super::entries::EntryBuilder;
use super::parties::answered;
use crate::domain::Millis;
use crate::gateway::router::{Fact, TargetFailure};
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::party::{InviteResult, LeaveReason};
use crate::gateway::writer::model::session::SessionState;
use crate::gateway::writer::state::WriterState;

/// The events that follow from a fact of the router, for the parties of its session.
pub fn after(state: &WriterState, fact: &Fact, now: Millis) -> Vec<LogEvent> {
    match fact {
        Fact::TargetFailed { interaction, why, .. } => {
            let session = state.sessions.get(interaction);
            let Some((session, asked)) =
                session.and_then(|session| Some((session, session.asking.as_ref()?)))
            else {
                return Vec::new();
            };
            let answer = match why {
                TargetFailure::Rejected => InviteResult::Refused,
                TargetFailure::NoAnswer => InviteResult::NoAnswer,
                TargetFailure::Unavailable => InviteResult::Nobody,
                TargetFailure::NobodyLeft => InviteResult::NobodyLeft,
                TargetFailure::Cancelled => InviteResult::Cancelled,
            };
            vec![answered(session, asked, answer, now)]
        }
        Fact::Requeued { interaction, agent, .. } => {
            let Some(session) = state.sessions.get(interaction) else { return Vec::new() };
            let mut entries = EntryBuilder::of(session, now);
            let mut events: Vec<LogEvent> = entries.left(agent).into_iter().collect();
            let mut others = session.serving().filter(|other| other != agent);
            let handed = others.find_map(|other| state.router.hand_over(&other, interaction, now).ok());
            match handed {
                Some(facts) => events.extend(routing(facts)),
                None => events.extend(entries.consultants_leave()),
            }
            events
        }
        Fact::SignedOut { agent, .. } => {
            let beside = |session: &&SessionState| {
                let has = session.party_of(agent).is_some() && !session.over;
                has && state.router.owner(&session.id) != Some(agent)
            };
            let sessions = state.sessions.values().filter(beside);
            sessions
                .flat_map(|session| EntryBuilder::of(session, now).leave(agent, LeaveReason::Left, ""))
                .collect()
        }
        Fact::SignedIn { .. }
        | Fact::ConnectionLost { .. }
        | Fact::ConnectionBack { .. }
        | Fact::StateSet { .. }
        | Fact::MadeNotReady { .. }
        | Fact::AgentSeen { .. }
        | Fact::InactiveWarned { .. }
        | Fact::Enqueued(_)
        | Fact::Offered { .. }
        | Fact::Accepted { .. }
        | Fact::Rejected { .. }
        | Fact::OfferExpired { .. }
        | Fact::OfferRevoked { .. }
        | Fact::Assigned { .. }
        | Fact::Released { .. }
        | Fact::Closed { .. }
        | Fact::CustomerSpoke { .. }
        | Fact::AgentSpoke { .. }
        | Fact::ReplyFailed { .. }
        | Fact::PartyGone { .. }
        | Fact::PartyBack { .. }
        | Fact::Parked { .. }
        | Fact::Urgent { .. }
        | Fact::LastAgentOver { .. }
        | Fact::Relaxed { .. }
        | Fact::Overflowed { .. } => Vec::new(),
    }
}
