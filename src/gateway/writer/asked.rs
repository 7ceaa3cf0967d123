//! Decides commands one by one into a batch, and answers reads of the writer's state.
//!
//! Must not: write; what an act causes goes into the [`Work`] it is given.

use super::api::{Actor, Command, Reading, Refusal};
use super::decide::Act;
use super::event::Event;
use super::handle::{Answer, Board};
use super::monitoring::Watcher;
use super::outbound::Ground;
use super::session::Session;
use super::setup::WriterSetup;
use super::state::State;
use super::tell::Cause;
use super::work::{Output, Work, answer};
use super::{entry, look_back, wire};
use crate::domain::OperationId;
use crate::domain::message::Visibility;
use crate::gateway::router::{Fact, WorkState};

/// Does an act.
pub(super) fn act(
    work: &mut Work<'_>,
    actor: &Actor,
    operation: Option<&OperationId>,
    command: &Command,
    reading: &Reading,
    ground: &mut Option<Ground>,
    to: Answer<()>,
) {
    let (state, setup, now) = (&*work.state, work.setup, work.now);
    let act = Act { state, setup, actor, operation, now, reading, ground: ground.as_ref() };
    let decided = act.decide(command);
    if let (Command::Typing { id, started }, Ok(_)) = (command, &decided)
        && let Some(session) = state.sessions.get(id)
    {
        let told = typing(work, actor, session, *started);
        work.outputs.extend(told);
    }
    // A command refused because of unread messages comes again unchanged once the agent confirms it.
    if let (Command::Ask { id, .. } | Command::PlaceInQueue { id, .. }, Err(refusal)) = (command, &decided)
        && !matches!(refusal, Refusal::Unread(_))
        && act.owns(id)
        && work.state.sessions.get(id).is_some_and(|session| session.is_targeted)
    {
        work.push(&Event::TargetSpent { interaction: id.clone() }, None);
    }
    let result = decided.map(|events| {
        let cause = operation.map(|operation| Cause { employee: &actor.employee, operation });
        for event in &events {
            if let Some(ground) = ground.as_mut() {
                look_back::learn(&mut ground.found, event);
            }
            work.push(event, cause);
        }
        // Who signs out is out of the sessions of others.
        for event in &events {
            if let Event::Routing(fact @ Fact::SignedOut { .. }) = event {
                work.follow(fact);
            }
        }
        work.follow_agents();
    });
    work.outputs.push(answer(to, result));
}

fn typing(work: &Work<'_>, actor: &Actor, session: &Session, started: bool) -> Vec<Output> {
    let watcher = || session.watcher_of(&actor.employee).map(Watcher::party);
    let Some(party) = session.party_of(&actor.employee).cloned().or_else(watcher) else { return Vec::new() };
    // Who only advises does so when typing too.
    let visibility = if party.visibility == "All" { Visibility::All } else { Visibility::Agent };
    let kind = if started { "TypingStarted" } else { "TypingStopped" };
    let made = entry::entry(kind, party, visibility, work.now);
    let told = work.teller(None).typing(session, &actor.employee, &made);
    told.into_iter().map(Output::Told).collect()
}

/// Who is there and how much waits.
pub(super) fn board(setup: &WriterSetup, state: &State, events: u64) -> Board {
    let agents = setup.router.agents.iter().map(|agent| {
        let view = state.router.agent_state(&agent.id);
        (agent.id.clone(), wire::agent_state(&view), view.load, view.capacity)
    });
    let reasons =
        setup.router.agents.iter().filter_map(|agent| match state.router.agent_state(&agent.id).work {
            WorkState::NotReady { reason } if !reason.is_empty() => Some((agent.id.clone(), reason)),
            _ => None,
        });
    let queues = setup.router.queues.iter();
    Board {
        agents: agents.collect(),
        reasons: reasons.collect(),
        queues: queues.map(|queue| (queue.name.clone(), state.router.waiting(&queue.name).len())).collect(),
        events,
        open: state.sessions.values().filter(|session| !session.over).count(),
        ..Board::default()
    }
}
