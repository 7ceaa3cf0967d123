//! What clients and the rest of the gateway read of the writer's state.
//!
//! Must not: change anything.

use super::model::session::SessionState;
use super::model::views::{SessionView, StatusSnapshot, WorkbinView};
use super::setup::{WorkbinSetup, WriterSetup};
use super::state::WriterState;
use super::wire::{self, InteractionStatus, interaction};
use crate::domain::{EmployeeId, Millis};
use crate::gateway::router::WorkState;

/// What an agent has: offers first, then sessions.
pub(super) fn session(
    setup: &WriterSetup,
    state: &WriterState,
    employee: &EmployeeId,
    now: Millis,
) -> SessionView {
    let offered = state.router.offers_of(employee).into_iter().filter_map(|(id, lapses)| {
        let session = state.sessions.get(&id)?;
        Some(interaction(setup, state, session, employee, InteractionStatus::Invited(lapses), now))
    });
    let active = state
        .sessions
        .values()
        .filter(|session| session.is_open_for(employee))
        .map(|session| interaction(setup, state, session, employee, InteractionStatus::Active, now));
    let rules = state.monitoring.iter().filter(|rule| rule.supervisor == *employee);
    SessionView {
        channel: wire::channel(state, employee),
        interactions: offered.chain(active).collect(),
        monitored: rules.map(|rule| rule.agent.clone()).collect(),
    }
}

/// The workbins of an agent, and what is in them.
pub(super) fn workbins(
    setup: &WriterSetup,
    state: &WriterState,
    me: &EmployeeId,
    now: Millis,
) -> Vec<WorkbinView> {
    let view = |workbin: &WorkbinSetup| {
        let owner = workbin.group.clone().unwrap_or_else(|| me.to_string());
        let mut inside: Vec<(&SessionState, Millis)> = state
            .sessions
            .values()
            .filter(|session| !session.over)
            .filter_map(|session| {
                let parked = session.workbin.as_ref()?;
                (parked.workbin == workbin.name && parked.owner == owner).then_some((session, parked.at))
            })
            .collect();
        inside.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| b.0.id.cmp(&a.0.id)));
        let status = InteractionStatus::InWorkbin;
        WorkbinView {
            name: workbin.name.clone(),
            display_name: workbin.display_name.clone(),
            of_group: workbin.group.is_some(),
            owner,
            interactions: inside
                .into_iter()
                .map(|(session, _)| interaction(setup, state, session, me, status, now))
                .collect(),
        }
    };
    setup.workbins.iter().filter(|workbin| setup.may_use(me, workbin)).map(view).collect()
}

/// Who is there and how much waits.
pub(super) fn status(setup: &WriterSetup, state: &WriterState, events: u64) -> StatusSnapshot {
    let agents = setup.router.agents.iter().map(|agent| {
        let view = state.router.agent_state(&agent.id);
        (agent.id.clone(), wire::agent_state(&view), view.load, view.capacity)
    });
    let reasons =
        setup.router.agents.iter().filter_map(|agent| match state.router.agent_state(&agent.id).work {
            WorkState::NotReady { reason } if !reason.is_empty() => Some((agent.id.clone(), reason)),
            WorkState::NotReady { .. }
            | WorkState::Ready
            | WorkState::AfterCallWork
            | WorkState::DoNotDisturb => None,
        });
    let queues = setup.router.queues.iter();
    StatusSnapshot {
        agents: agents.collect(),
        reasons: reasons.collect(),
        queues: queues.map(|queue| (queue.name.clone(), state.router.waiting(&queue.name).len())).collect(),
        events,
        open: state.sessions.values().filter(|session| !session.over).count(),
        ..StatusSnapshot::default()
    }
}
