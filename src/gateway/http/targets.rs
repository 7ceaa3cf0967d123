//! Whom a session can be given to: agents, agent groups, skills, interaction queues.

use super::directory::Directory;
use super::front::Front;
use super::reply::{Answered, Reply};
use super::session::query;
use crate::config::schema::Agent;
use crate::domain::EmployeeId;
use crate::domain::agent::AgentState;
use crate::domain::interaction::MEDIA_TYPE;
use crate::gateway::auth::Caller;
use crate::gateway::desk::handle::Board;
use axum::extract::{Path, RawQuery, State};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// How many are sent unless asked otherwise. (Workspace: 50.)
const FEW: usize = 50;
/// How many are sent at most.
const MANY: usize = 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Agent,
    Group,
    Skill,
    Queue,
}

impl Kind {
    /// Both spellings that clients have, and the old short name of a queue.
    fn from_word(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().replace('_', "-").as_str() {
            "agent" => Some(Self::Agent),
            "agent-group" => Some(Self::Group),
            "skill" => Some(Self::Skill),
            "interaction-queue" | "queue" => Some(Self::Queue),
            _ => None,
        }
    }
}

/// A target and the names it is found by.
struct Target {
    kind: Kind,
    number: i64,
    names: Vec<String>,
    json: Json,
}

fn ready(board: &Board, names: impl Fn(&EmployeeId) -> bool) -> usize {
    board.agents.iter().filter(|(who, state, ..)| *state == AgentState::Ready && names(who)).count()
}

fn agent(directory: &Directory, number: i64, agent: &Agent, board: &Board) -> Target {
    let employee = agent.employee_id();
    let found = board.agents.iter().find(|(who, ..)| who.as_str() == employee);
    let (state, sessions, capacity) =
        found.map_or((AgentState::LoggedOut, 0, agent.capacity), |(_, state, n, most)| (*state, *n, *most));
    let (word, mode) = match state {
        AgentState::Ready => ("Ready", "Unknown"),
        AgentState::AfterCallWork => ("NotReady", "AfterCallWork"),
        AgentState::NotReady | AgentState::DoNotDisturb => ("NotReady", "AuxWork"),
        AgentState::LoggedOut => ("LoggedOut", "Unknown"),
    };
    let full = format!("{} {}", agent.first_name, agent.last_name);
    let name = if full.trim().is_empty() { agent.user_name.clone() } else { full.trim().to_owned() };
    let groups: Vec<String> = directory
        .groups()
        .filter(|(_, group)| agent.groups.contains(group))
        .map(|(number, _)| number.to_string())
        .collect();
    let json = json!({
        "type": "agent", "DBID": number, "dbid": number, "name": name, "firstName": agent.first_name,
        "lastName": agent.last_name, "userName": agent.user_name, "employeeId": employee,
        "agentGroupsIds": groups, "isMonitorable": false,
        "availability": {"channels": [{
            "name": MEDIA_TYPE,
            "activity": if sessions == 0 { "Idle" } else { "HandlingInboundInteraction" },
            "available": state == AgentState::Ready && sessions < capacity,
            "userState": {"state": word, "workMode": mode},
            "wa.sessions": sessions, "wa.capacity": capacity,
        }]},
    });
    Target {
        kind: Kind::Agent,
        number,
        names: vec![name, agent.user_name.clone(), employee.to_owned()],
        json,
    }
}

fn all(directory: &Directory, board: &Board) -> Vec<Target> {
    let agents = directory
        .numbered_agents()
        .filter(|(_, who)| who.role.handles_sessions())
        .map(|(number, who)| agent(directory, number, who, board));
    let members =
        |belongs: &dyn Fn(&Agent) -> bool| ready(board, |who| directory.agent(who).is_some_and(belongs));
    let groups = directory.groups().map(|(number, name)| Target {
        kind: Kind::Group,
        number,
        names: vec![name.clone()],
        json: json!({
            "type": "agent-group", "DBID": number, "dbid": number, "name": name,
            "availability": {"readyAgents": members(&|agent| agent.groups.contains(name))},
        }),
    });
    let skills = directory.skills().map(|(number, name)| Target {
        kind: Kind::Skill,
        number,
        names: vec![name.clone()],
        json: json!({
            "type": "skill", "DBID": number, "dbid": number, "name": name,
            "availability": {"readyAgents": members(&|agent| agent.skills.contains_key(name))},
        }),
    });
    let queues = (101i64..).zip(&directory.gateway().queue).map(|(number, queue)| {
        let waiting = board.queues.iter().find(|(name, _)| *name == queue.name).map_or(0, |(_, n)| *n);
        let shown = queue.display_name.as_ref().unwrap_or(&queue.name);
        Target {
            kind: Kind::Queue,
            number,
            names: vec![queue.name.clone(), shown.clone()],
            json: json!({
                "type": "interaction-queue", "DBID": number, "dbid": number, "name": queue.name,
                "displayName": shown, "availability": {"waitingCalls": waiting},
            }),
        }
    });
    agents.chain(groups).chain(skills).chain(queues).collect()
}

/// `GET /targets`. Without `types` every kind is meant, without `searchTerm` everybody.
pub async fn search(State(front): State<Arc<Front>>, RawQuery(raw): RawQuery, _caller: Caller) -> Answered {
    let board = front.desk.board().await.map_err(|refusal| Reply::refused(None, &refusal))?;
    let ask = |name: &str| query(raw.as_deref(), name);
    let term = ask("searchTerm").unwrap_or_default().trim().to_lowercase();
    let exact = ask("matchType").as_deref() == Some("exact");
    let kinds: Option<Vec<Kind>> = ask("types")
        .filter(|types| !types.is_empty())
        .map(|types| types.split(',').filter_map(Kind::from_word).collect());
    let limit = ask("limit").and_then(|n| n.parse().ok()).unwrap_or(FEW).min(MANY);
    let fits = |name: &String| {
        let name = name.to_lowercase();
        if exact { name == term } else { name.contains(&term) }
    };
    let everybody = term.is_empty() || term == "*";
    let mut found = all(&front.directory, &board);
    found.retain(|target| kinds.as_ref().is_none_or(|kinds| kinds.contains(&target.kind)));
    found.retain(|target| everybody || target.names.iter().any(fits));
    found.sort_by_cached_key(|target| target.names.first().map(|name| name.to_lowercase()));
    if ask("sort").as_deref() == Some("desc") {
        found.reverse();
    }
    let total = found.len();
    let targets: Vec<Json> = found.into_iter().take(limit).map(|target| target.json).collect();
    Ok(Reply::done(None, json!({"totalMatches": total, "targets": targets})))
}

/// `GET /targets/{type}/{id}`, by number or by any name.
pub async fn one(
    State(front): State<Arc<Front>>,
    Path((kind, id)): Path<(String, String)>,
    _caller: Caller,
) -> Answered {
    let board = front.desk.board().await.map_err(|refusal| Reply::refused(None, &refusal))?;
    let wanted = Kind::from_word(&kind)
        .ok_or_else(|| Reply::not_found(format!("there are no targets of type {kind} here")))?;
    let found = all(&front.directory, &board)
        .into_iter()
        .filter(|target| target.kind == wanted)
        .find(|target| target.names.contains(&id) || target.number.to_string() == id);
    match found {
        Some(target) => Ok(Reply::done(None, json!({"totalMatches": 1, "targets": [target.json]}))),
        None => Err(Reply::not_found(format!("there is no {kind} {id}"))),
    }
}
