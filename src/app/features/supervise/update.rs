//! A supervisor's actions: monitoring an agent, and the mode in a session.
//!
//! Invariants: a silent supervisor sends nothing; a coach's text goes to the agents and never becomes a text to
//! the customer by itself.

use crate::app::Action;
use crate::app::core::effect::Effect;
use crate::app::core::layer::{Choice, Layer};
use crate::app::core::notice::Level;
use crate::app::core::picker::{Item, Picker};
use crate::app::core::requests::{call, online};
use crate::app::core::session::Session;
use crate::app::core::state::{Awaited, State};
use crate::app::features::supervise::model::{MonitorChange, SuperviseRequest};
use crate::domain::InteractionId;
use crate::domain::interaction::{Colleague, Interaction};
use crate::domain::monitoring::{MonitorMode, MonitoringScope};
use crate::proto::monitorable;
use crate::proto::monitorable::MonitorableAgent;
use crate::proto::request::Request;
use crate::text::{Clean, fold};
use serde_json::Value as Json;

/// The notice for a session that left the supervisor's list by itself.
pub(in crate::app) const OVER: &str = "is over for you: it ended, or its agent left it";

/// Opens the list of agents who may be monitored; a name starts monitoring at once.
pub(in crate::app) fn open(state: &mut State, arguments: &str, out: &mut Vec<Effect>) {
    if !state.oversees() {
        state.say(Level::Info, "only a supervisor monitors agents");
        return;
    }
    if !online(state) {
        return;
    }
    let name = arguments.strip_prefix("agent ").unwrap_or(arguments).trim().to_owned();
    call(
        state,
        Request::MonitorableAgents { groups: Vec::new() },
        Awaited::Supervise(SuperviseRequest::Agents(name)),
        out,
    );
}

/// The server has sent the agents who may be monitored.
fn listed(state: &mut State, name: &str, data: &Json, out: &mut Vec<Effect>) {
    let groups = &state.configuration.monitorable_agent_groups;
    let mut agents = monitorable::chosen(monitorable::agents(data), groups, false);
    agents.sort_by_cached_key(|one| (one.availability.order(), fold::folded(&one.name)));
    let change = |one: &MonitorableAgent| MonitorChange {
        agent: one.id.clone(),
        name: one.name.clone(),
        on: !state.is_monitored(&one.id),
    };
    let wanted = fold::folded(name);
    let fits = |one: &&MonitorableAgent| {
        fold::folded(&one.name).contains(&wanted) || fold::folded(&one.id) == wanted
    };
    let mut meant = agents.iter().filter(fits);
    if let (false, Some(one), None) = (name.is_empty(), meant.next(), meant.next()) {
        let change = change(one);
        return monitor(state, change, out);
    }
    let item = |one: &MonitorableAgent| {
        let now = one.availability.label();
        let monitored = if state.is_monitored(&one.id) { "monitored: Enter ends it" } else { "" };
        let words: Vec<&str> =
            [now.as_str(), monitored].into_iter().filter(|words| !words.is_empty()).collect();
        Item {
            label: one.name.clone(),
            detail: Clean::line(&words.join("  ")),
            value: Choice::Monitor(change(one)),
        }
    };
    let items = agents.iter().map(item).collect();
    let mut picker = Picker::new("Monitor the sessions of", "no agent whom you may monitor matches", items);
    if !name.is_empty() {
        picker.edit(|query| query.insert(name));
    }
    state.layers.push(Layer::Pick(picker));
}

/// Starts or stops monitoring an agent.
pub(in crate::app) fn monitor(state: &mut State, change: MonitorChange, out: &mut Vec<Effect>) {
    if !online(state) {
        return;
    }
    let agent = change.agent.clone();
    let request = if change.on {
        let (mode, which) = (MonitorMode::Monitor, MonitoringScope::AllInteractions);
        Request::StartMonitoring { agent, mode, which }
    } else {
        Request::StopMonitoring { agent }
    };
    call(state, request, Awaited::Supervise(SuperviseRequest::Monitor(change)), out);
}

/// The server has accepted the change.
fn monitored(state: &mut State, agent: String, name: &Clean, on: bool) {
    state.monitored.retain(|known| *known != agent);
    let words = if on {
        state.monitored.push(agent);
        format!("you monitor {name}: their sessions are in your list now; nobody sees that")
    } else {
        format!("you no longer monitor {name}")
    };
    state.say(Level::Good, Clean::line(&words));
}

/// The server refused the change. If it does not monitor the agent for this console, neither does the console
/// any more.
fn refused(state: &mut State, agent: &str, name: &Clean, on: bool, words: &str) {
    if !on {
        state.monitored.retain(|known| known != agent);
    }
    state.say(Level::Error, Clean::line(&format!("{name}: {words}")));
}

/// Continues monitoring after the session was read on a new connection. `told` lists the agents whom the server
/// still monitors for this console; servers that do not report this are asked for all of them.
pub(in crate::app) fn resume_monitoring(state: &mut State, told: Option<Vec<String>>, out: &mut Vec<Effect>) {
    let (known, told) = (std::mem::take(&mut state.monitored), told.unwrap_or_default());
    let lost: Vec<String> = known.into_iter().filter(|agent| !told.contains(agent)).collect();
    state.monitored = told;
    for agent in lost {
        let name = Clean::line(&agent);
        monitor(state, MonitorChange { agent, name, on: true }, out);
    }
}

/// Stops monitoring: the agent of that name, or the only one; otherwise opens a list.
pub(in crate::app) fn stop(state: &mut State, name: &str, out: &mut Vec<Effect>) {
    let mut agents = state.monitored.clone();
    let told = state.sessions.iter().filter_map(|session| session.interaction.monitored_agent.clone());
    agents.extend(told);
    agents.sort();
    agents.dedup();
    match (agents.as_slice(), name.trim()) {
        ([], "") => state.say(Level::Info, "you monitor nobody"),
        ([agent], "") => {
            let (agent, name) = (agent.clone(), Clean::line(agent));
            monitor(state, MonitorChange { agent, name, on: false }, out);
        }
        // The list knows the agents' names, and stops the chosen one.
        (_, name) => open(state, name, out),
    }
}

/// Changes the supervisor's mode in the shown session.
pub(in crate::app) fn switch(state: &mut State, mode: MonitorMode, out: &mut Vec<Effect>) {
    let Some((id, now)) = state.session().map(|s| (s.interaction.id.clone(), s.interaction.monitor)) else {
        state.say(Level::Info, "there is no session");
        return;
    };
    let Some(now) = now else {
        let hint = if state.oversees() { ": /monitor begins that" } else { "" };
        state.say(Level::Info, format!("you do not monitor this session{hint}"));
        return;
    };
    if now == mode {
        let words = match mode {
            MonitorMode::Monitor => "you watch this session silently already",
            MonitorMode::Coach => "you coach in this session already",
            MonitorMode::BargeIn => "you are in this session already",
        };
        return state.say(Level::Info, words);
    }
    if !now.may_switch(mode) {
        let key = state.settings.keymap.hint(Action::Watch);
        return state
            .say(Level::Warning, format!("after barge-in, go back to silent first ({key}), then coach"));
    }
    let refused = state.by_id(&id).is_some_and(|session| !session.interaction.may(mode.operation()));
    if refused {
        let words = "your account has no privilege for that; an administrator can give it";
        return state.say(Level::Warning, words);
    }
    if online(state) {
        call(
            state,
            Request::SwitchMonitoring { id: id.clone(), mode },
            Awaited::Supervise(SuperviseRequest::Switch),
            out,
        );
    }
}

/// Reports the changes of a session for the supervisor in it, and an agent's view of supervisors.
pub(in crate::app) fn changed(state: &mut State, id: &InteractionId, before: &Interaction) {
    let Some(now) = state.by_id(id).map(|session| &session.interaction) else { return };
    let name = now.party.display_name();
    let (level, all) = match now.monitor {
        Some(mode) if now.monitor != before.monitor => (Level::Good, vec![begins(mode).to_owned()]),
        Some(_) => return,
        None => (Level::Warning, seen(before, now)),
    };
    for words in all {
        state.say(level, Clean::line(&format!("{name}: {words}")));
    }
}

/// The meaning of a mode for the supervisor.
const fn begins(mode: MonitorMode) -> &'static str {
    match mode {
        MonitorMode::Monitor => "Watching only: you cannot write",
        MonitorMode::Coach => {
            "you coach: what you write goes to the agents, and the customer does not see it"
        }
        MonitorMode::BargeIn => "you are in the session: the customer reads what you write",
    }
}

/// A supervisor reads along in a session of this agent without joining it.
pub(in crate::app) fn seen_by(state: &mut State, id: &str, by: &str) {
    if let Some(name) = state.by_id(&id.into()).map(Session::name) {
        state.say(Level::Info, Clean::line(&format!("{name}: {by} reads along")));
    }
}

/// The notices for an agent about supervisors who joined, left, or changed their mode.
fn seen(before: &Interaction, now: &Interaction) -> Vec<String> {
    let supervisors = |one: &'_ Interaction| -> Vec<Colleague> {
        one.colleagues.iter().filter(|one| one.supervises).cloned().collect()
    };
    let (before, now) = (supervisors(before), supervisors(now));
    let is_new = |one: &&Colleague| {
        !before.iter().any(|known| known.participant == one.participant && known.visibility == one.visibility)
    };
    let is_gone = |one: &&Colleague| !now.iter().any(|known| known.participant == one.participant);
    let came = now.iter().filter(is_new).map(|one| match one.role() {
        "coach" => format!("{} coaches you; the customer does not see it", one.name),
        "watching" => format!("{} watches this session", one.name),
        _ => format!("{}, a supervisor, is in the session; the customer sees it", one.name),
    });
    let went = before.iter().filter(is_gone).map(|one| match one.role() {
        "watching" => format!("{} no longer watches", one.name),
        "coach" => format!("{} no longer coaches you", one.name),
        _ => format!("{}, a supervisor, has left", one.name),
    });
    came.chain(went).collect()
}

/// The server answered a request.
pub(in crate::app) fn replied(
    state: &mut State,
    request: SuperviseRequest,
    data: &Json,
    out: &mut Vec<Effect>,
) {
    match request {
        SuperviseRequest::Agents(name) => listed(state, &name, data, out),
        SuperviseRequest::Monitor(MonitorChange { agent, name, on }) => monitored(state, agent, &name, on),
        SuperviseRequest::Switch => {}
    }
}

/// The server refused a request.
pub(in crate::app) fn failed(state: &mut State, request: &SuperviseRequest, words: &str) {
    match request {
        SuperviseRequest::Agents(_) => {
            state.say(Level::Error, format!("who may be monitored could not be read: {words}"));
        }
        SuperviseRequest::Monitor(MonitorChange { agent, name, on }) => {
            refused(state, agent, name, *on, words)
        }
        SuperviseRequest::Switch => state.say(Level::Error, format!("the change was refused: {words}")),
    }
}
