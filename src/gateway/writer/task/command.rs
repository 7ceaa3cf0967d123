//! Decides a command into a batch.
//!
//! Must not: write; what a command causes goes into the [`Work`] it is given.

use super::work::{PendingOutput, Work, answer};
use crate::domain::OperationId;
use crate::domain::message::Visibility;
use crate::gateway::router::Fact;
use crate::gateway::writer::api::{Actor, Command, ReadState, Refusal};
use crate::gateway::writer::decide::context::CommandContext;
use crate::gateway::writer::handle::ReplySender;
use crate::gateway::writer::ingest::prefetch;
use crate::gateway::writer::model::entry::{self, EntryKind, is_for_all};
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::monitoring::Watcher;
use crate::gateway::writer::model::prefetch::PrefetchedContacts;
use crate::gateway::writer::model::session::SessionState;
use crate::gateway::writer::notify::CausingRequest;

/// Executes a command.
pub fn act(
    work: &mut Work<'_>,
    actor: &Actor,
    operation: Option<&OperationId>,
    command: &Command,
    reading: &ReadState,
    prefetched: &mut Option<PrefetchedContacts>,
    to: ReplySender<()>,
) {
    let (state, setup, now) = (&*work.state, work.setup, work.now);
    let act =
        CommandContext { state, setup, actor, operation, now, reading, prefetched: prefetched.as_ref() };
    let decided = act.decide(command);
    if let (Command::Typing { id, started }, Ok(_)) = (command, &decided)
        && let Some(session) = state.sessions.get(id)
    {
        let told = typing(work, actor, session, *started);
        work.outputs.extend(told);
    }
    // A command refused because of unread messages comes again unchanged once the agent confirms it.
    if let (Command::Invite { id, .. } | Command::PlaceInQueue { id, .. }, Err(refusal)) = (command, &decided)
        && !matches!(refusal, Refusal::Unread(_))
        && act.owns(id)
        && work.state.sessions.get(id).is_some_and(|session| session.is_targeted)
    {
        work.push(&LogEvent::TargetSpent { interaction: id.clone() }, None);
    }
    let result = decided.map(|events| {
        let cause = operation.map(|operation| CausingRequest { employee: &actor.employee, operation });
        for event in &events {
            if let Some(prefetched) = prefetched.as_mut() {
                prefetch::learn(&mut prefetched.found, event);
            }
            work.push(event, cause);
        }
        // An agent who signs out leaves the sessions of other agents.
        for event in &events {
            if let LogEvent::Routing(fact @ Fact::SignedOut { .. }) = event {
                work.follow(fact);
            }
        }
        work.follow_agents();
    });
    work.outputs.push(answer(to, result));
}

pub fn typing(work: &Work<'_>, actor: &Actor, session: &SessionState, started: bool) -> Vec<PendingOutput> {
    let watcher = || session.watcher_of(&actor.employee).map(Watcher::party);
    let Some(party) = session.party_of(&actor.employee).cloned().or_else(watcher) else { return Vec::new() };
    // A consultant's typing is not shown to the customer either.
    let visibility = if is_for_all(&party.visibility) { Visibility::All } else { Visibility::Agent };
    let kind = if started { EntryKind::TypingStarted } else { EntryKind::TypingStopped };
    let made = entry::entry(kind, party, visibility, work.now);
    let told = work.notifier(None).typing(session, &actor.employee, &made);
    told.into_iter().map(PendingOutput::Notify).collect()
}
