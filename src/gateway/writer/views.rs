//! What clients and the rest of the gateway read of the writer's state.
//!
//! Must not: change anything.

use super::model::session::Session;
use super::model::views::{Board, SessionView, WorkbinView};
use super::setup::{Workbin, WriterSetup};
use super::state::State;
use super::wire::{self, Standing, interaction};
use crate::domain::{EmployeeId, Millis};
use crate::gateway::router::WorkState;

/// What an agent has: offers first, then sessions.
pub(super) fn session(setup: &WriterSetup, state: &State, employee: &EmployeeId, now: Millis) -> SessionView {
    let offered = state.router.offers_of(employee).into_iter().filter_map(|(id, lapses)| {
        let session = state.sessions.get(&id)?;
        Some(interaction(setup, state, session, employee, Standing::Invited(lapses), now))
    });
    let active = state
        .sessions
        .values()
        .filter(|session| session.is_open_for(employee))
        .map(|session| interaction(setup, state, session, employee, Standing::Active, now));
    let rules = state.monitoring.iter().filter(|rule| rule.supervisor == *employee);
    SessionView {
        channel: wire::channel(state, employee),
        interactions: offered.chain(active).collect(),
        monitored: rules.map(|rule| rule.agent.clone()).collect(),
    }
}

/// The workbins of an agent, and what is in them.
pub(super) fn workbins(setup: &WriterSetup, state: &State, me: &EmployeeId, now: Millis) -> Vec<WorkbinView> {
    let view = |workbin: &Workbin| {
        let owner = workbin.group.clone().unwrap_or_else(|| me.to_string());
        let mut inside: Vec<(&Session, Millis)> = state
            .sessions
            .values()
            .filter(|session| !session.over)
            .filter_map(|session| {
                let parked = session.workbin.as_ref()?;
                (parked.workbin == workbin.name && parked.owner == owner).then_some((session, parked.at))
            })
            .collect();
        inside.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| b.0.id.cmp(&a.0.id)));
        let standing = Standing::Past("InWorkbin");
        WorkbinView {
            name: workbin.name.clone(),
            display_name: workbin.display_name.clone(),
            of_group: workbin.group.is_some(),
            owner,
            interactions: inside
                .into_iter()
                .map(|(session, _)| interaction(setup, state, session, me, standing, now))
                .collect(),
        }
    };
    setup.workbins.iter().filter(|workbin| setup.may_use(me, workbin)).map(view).collect()
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
