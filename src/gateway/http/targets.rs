//! The targets of transfers and conferences: agents, agent groups, skills and interaction queues; and contacts, which are
//! in the same lists.

use super::session::query;
use crate::config::schema::AgentConfig;
use crate::domain::EmployeeId;
use crate::domain::agent::AgentState;
use crate::domain::interaction::MEDIA_TYPE;
use crate::domain::target::TargetKind;
use crate::gateway::auth::Caller;
use crate::gateway::directory::Directory;
use crate::gateway::reply::{ApiReply, ApiResult};
use crate::gateway::services::Services;
use crate::gateway::writer::api::Refusal;
use crate::gateway::writer::model::views::StatusSnapshot;
use crate::proto::targets::{kind_of, type_of};
use crate::proto::wa;
use crate::store::StoreError;
use crate::store::targets::ContactTarget;
use crate::text::fold;
use crate::text::search::{MatchMode, Search};
use axum::extract::{Path, RawQuery, State};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Targets in a reply, unless the request says otherwise. (Workspace: 50.)
const FEW: usize = 50;
/// Targets in a reply, at most.
const MANY: usize = 1000;

/// A target, and the names and numbers by which it is found.
pub struct TargetEntry {
    pub kind: TargetKind,
    /// Its names. The first one is displayed.
    pub names: Vec<String>,
    /// As clients see it.
    pub json: Json,
    /// The ID under which it is stored: the employee ID of an agent, else the name.
    pub id: String,
    number: i64,
    phones: Vec<String>,
}

impl TargetEntry {
    /// Whether it has this ID, name or number.
    pub fn is_called(&self, id: &str) -> bool {
        self.id == id || self.names.iter().any(|name| name == id) || self.number.to_string() == id
    }
}

fn ready(board: &StatusSnapshot, names: impl Fn(&EmployeeId) -> bool) -> usize {
    board.agents.iter().filter(|(who, state, ..)| *state == AgentState::Ready && names(who)).count()
}

fn agent(directory: &Directory, number: i64, agent: &AgentConfig, board: &StatusSnapshot) -> TargetEntry {
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
    let mut channel = json!({
        "name": MEDIA_TYPE,
        "activity": if sessions == 0 { "Idle" } else { "HandlingInboundInteraction" },
        "available": state == AgentState::Ready && sessions < capacity,
        "userState": {"state": word, "workMode": mode},
        "wa.sessions": sessions, "wa.capacity": capacity,
    });
    let code = board.reasons.iter().find(|(who, _)| who.as_str() == employee).map(|(_, code)| code);
    if let Some(code) = code.filter(|_| state == AgentState::NotReady)
        && let Some(user_state) = channel.get_mut("userState").and_then(Json::as_object_mut)
    {
        let named = directory.gateway().action_code.iter().find(|known| known.code == *code);
        user_state.insert("reason".to_owned(), json!(named.map_or(code, |known| &known.name)));
    }
    let json = json!({
        "type": "agent", "DBID": number, "dbid": number, "name": name, "firstName": agent.first_name,
        "lastName": agent.last_name, "userName": agent.user_name, "employeeId": employee,
        "agentGroupsIds": groups, "isMonitorable": false, "numbers": agent.phone.iter().collect::<Vec<_>>(),
        "availability": {"channels": [channel]},
    });
    TargetEntry {
        kind: TargetKind::Agent,
        number,
        names: vec![name, agent.user_name.clone(), employee.to_owned()],
        id: employee.to_owned(),
        phones: agent.phone.iter().cloned().collect(),
        json,
    }
}

/// All targets except contacts. The caller is not counted among the Ready agents.
pub fn all(directory: &Directory, board: &StatusSnapshot, caller: &EmployeeId) -> Vec<TargetEntry> {
    let agents = directory
        .numbered_agents()
        .filter(|(_, who)| who.role.handles_sessions())
        .map(|(number, who)| agent(directory, number, who, board));
    let members = |belongs: &dyn Fn(&AgentConfig) -> bool| {
        ready(board, |who| who != caller && directory.agent(who).is_some_and(belongs))
    };
    let named = |kind: TargetKind, number: i64, name: &str, ready: usize| TargetEntry {
        kind,
        number,
        names: vec![name.to_owned()],
        id: name.to_owned(),
        phones: Vec::new(),
        json: json!({
            "type": type_of(kind), "DBID": number, "dbid": number, "name": name,
            "availability": {"readyAgents": ready},
        }),
    };
    let groups = directory.groups().map(|(number, name)| {
        named(TargetKind::AgentGroup, number, name, members(&|agent| agent.groups.contains(name)))
    });
    let skills = directory.skills().map(|(number, name)| {
        named(TargetKind::Skill, number, name, members(&|agent| agent.skills.contains_key(name)))
    });
    let queues = (101i64..).zip(&directory.gateway().queue).map(|(number, queue)| {
        let waiting = board.queues.iter().find(|(name, _)| *name == queue.name).map_or(0, |(_, n)| *n);
        let shown = queue.display_name.as_ref().unwrap_or(&queue.name);
        let ready = members(&|agent| {
            let has =
                |(skill, level): (&String, &u8)| agent.skills.get(skill).is_some_and(|has| has >= level);
            queue.group.as_ref().is_none_or(|group| agent.groups.contains(group))
                && queue.skills.iter().all(has)
        });
        TargetEntry {
            kind: TargetKind::Queue,
            number,
            names: vec![queue.name.clone(), shown.clone()],
            id: queue.name.clone(),
            phones: Vec::new(),
            json: json!({
                "type": "interaction-queue", "DBID": number, "dbid": number, "name": queue.name,
                "displayName": shown, "availability": {"waitingCalls": waiting, wa::READY_AGENTS: ready},
            }),
        }
    });
    agents.chain(groups).chain(skills).chain(queues).collect()
}

/// A contact as clients see it.
pub fn contact(person: &ContactTarget) -> Json {
    let numbers: Vec<String> = person.numbers.iter().map(|number| format!("+{number}")).collect();
    json!({
        "type": "contact", "id": person.id, "name": person.name().unwrap_or_else(|| "Customer".to_owned()),
        "firstName": person.first_name, "lastName": person.last_name, "numbers": numbers,
        "emailAddresses": [],
    })
}

/// Adds to an agent whether the caller may monitor them.
fn with_monitorable(services: &Services, caller: &Caller, mut target: TargetEntry) -> TargetEntry {
    if target.kind == TargetKind::Agent
        && services.oversees(&caller.actor.employee, &target.id.as_str().into())
        && let Some(fields) = target.json.as_object_mut()
    {
        fields.insert("isMonitorable".to_owned(), Json::from(true));
    }
    target
}

/// The reply when the store cannot be read.
pub fn broken(error: &StoreError) -> ApiReply {
    ApiReply::refused(None, &Refusal::Store(error.to_string()))
}

/// `GET /targets`. Without `types` it searches every kind of target, without `searchTerm` it returns all.
///
/// Accents and case are ignored. `matchType=fuzzy` is an addition: it finds names that contain the letters in this order.
/// Without `sort`, the best matches come first.
pub async fn search(
    State(services): State<Arc<Services>>,
    RawQuery(raw): RawQuery,
    caller: Caller,
) -> ApiResult {
    let board = services.writer.status().await.map_err(|refusal| ApiReply::refused(None, &refusal))?;
    let parameter = |name: &str| query(raw.as_deref(), name);
    let term = parameter("searchTerm").unwrap_or_default();
    let how = match parameter("matchType").as_deref() {
        Some("exact") => MatchMode::Exact,
        Some("fuzzy") => MatchMode::Fuzzy,
        _ => MatchMode::Part,
    };
    let kinds: Vec<TargetKind> = match parameter("types").filter(|types| !types.is_empty()) {
        Some(types) => types.split(',').filter_map(kind_of).collect(),
        None => TargetKind::ALL.to_vec(),
    };
    let limit = parameter("limit").and_then(|n| n.parse().ok()).unwrap_or(FEW).min(MANY);
    let mut wanted = Search::new(&term, how);
    let mut found = Vec::new();
    let mut targets = all(&services.directory, &board, &caller.actor.employee);
    targets.retain(|target| kinds.contains(&target.kind));
    for target in targets.into_iter().map(|target| with_monitorable(&services, &caller, target)) {
        let rung = target.phones.iter().any(|phone| wanted.rings(phone)).then_some((1, 0));
        if let Some(rate) = wanted.some(target.names.iter().map(String::as_str)).or(rung) {
            let name = target.names.first().map(|name| fold::folded(name)).unwrap_or_default();
            found.push((Search::order(rate), name, target.json));
        }
    }
    let mut total = found.len();
    if kinds.contains(&TargetKind::Contact) {
        let (people, contacts) =
            services.target_book.contacts(term.clone(), how, limit).await.map_err(|error| broken(&error))?;
        total += contacts;
        for person in people {
            let name = person.name().unwrap_or_default();
            let names = [&name].into_iter().chain(&person.profile_name).chain(&person.username);
            let rate = wanted.some(names.map(String::as_str)).unwrap_or((1, 0));
            found.push((Search::order(rate), fold::folded(&name), contact(&person)));
        }
    }
    // The best matches are taken, in whatever order they are sent.
    found.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let sort = parameter("sort");
    if wanted.is_empty() && sort.as_deref() == Some("desc") {
        found.reverse();
    }
    found.truncate(limit);
    match sort.as_deref() {
        Some("asc") => found.sort_by(|a, b| a.1.cmp(&b.1)),
        Some("desc") => found.sort_by(|a, b| b.1.cmp(&a.1)),
        _ => {}
    }
    let targets: Vec<Json> = found.into_iter().map(|(.., json)| json).collect();
    Ok(ApiReply::done(None, json!({"totalMatches": total, "targets": targets})))
}

/// `GET /targets/{type}/{id}`, by number or by any name.
pub async fn one(
    State(services): State<Arc<Services>>,
    Path((kind, id)): Path<(String, String)>,
    caller: Caller,
) -> ApiResult {
    let wanted = kind_of(&kind)
        .ok_or_else(|| ApiReply::not_found(format!("there are no targets of type {kind} here")))?;
    let found = if wanted == TargetKind::Contact {
        let person =
            services.target_book.contact(id.as_str().into()).await.map_err(|error| broken(&error))?;
        person.as_ref().map(contact)
    } else {
        let board = services.writer.status().await.map_err(|refusal| ApiReply::refused(None, &refusal))?;
        let mut targets = all(&services.directory, &board, &caller.actor.employee).into_iter();
        let found = targets.find(|target| target.kind == wanted && target.is_called(&id));
        found.map(|target| with_monitorable(&services, &caller, target).json)
    };
    match found {
        Some(json) => Ok(ApiReply::done(None, json!({"totalMatches": 1, "targets": [json]}))),
        None => Err(ApiReply::not_found(format!("there is no {kind} {id}"))),
    }
}
