//! State as clients see it.
//!
//! Owns: what an interaction and a channel look like on the wire. Must not: change anything.

use super::model::entry::customer;
use super::model::monitoring::Watcher;
use super::model::party::{Asked, Purpose};
use super::model::session::Session;
use super::model::workbin::{PRIVATE_QUEUE, Parked};
use super::setup::{WriterSetup, may};
use super::state::State;
use crate::domain::agent::AgentState;
use crate::domain::interaction::MEDIA_TYPE;
use crate::domain::monitoring::MonitorMode;
use crate::domain::routing_based::RequestKind;
use crate::domain::target::TargetKind;
use crate::domain::{AttachedData, EmployeeId, Millis, Value};
use crate::gateway::masking;
use crate::gateway::router::{AgentView, CandidateFilter, WorkState};
use crate::proto::media::{ChannelDto, ChatDto, InteractionDto, MessageDto};
use crate::proto::targets::type_of;
use crate::proto::wa::{self, request};
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use std::time::Duration;

/// What an agent may do with a session they have: the names of the operations.
const ACTIVE: &[&str] = &[
    "send-message",
    "send-typing-started",
    "send-typing-stopped",
    "send-url",
    "upload-file",
    "send-custom-notification",
    "attach-user-data",
    "update-user-data",
    "delete-user-data",
    "set-comment",
    "assign-contact",
    "leave",
    "complete",
];

/// What the owner may do besides.
const OWNER: &[&str] = &[
    "transfer-agent",
    "place-in-queue",
    "invite",
    "invite-by-queue",
    "consult",
    "consult-by-queue",
    "cancel-consult",
    "remove-from-conference",
];

/// How a session stands towards the agent who is told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Offered until then.
    Invited(Millis),
    /// Theirs.
    Active,
    /// Not theirs any more; the word says how.
    Past(&'static str),
}

/// A session as one agent sees it.
pub(super) fn interaction(
    setup: &WriterSetup,
    state: &State,
    session: &Session,
    employee: &EmployeeId,
    standing: Standing,
    now: Millis,
) -> InteractionDto {
    let (word, mut capabilities): (&str, Vec<&str>) = match standing {
        Standing::Past("InWorkbin") => ("InWorkbin", vec!["pull"]),
        Standing::Invited(_) => ("Invited", vec!["accept", "reject"]),
        Standing::Active => (&setup.active_state, ACTIVE.to_vec()),
        Standing::Past(word) => (word, Vec::new()),
    };
    if standing == Standing::Active && state.router.owner(&session.id) == Some(employee) {
        capabilities.extend(OWNER);
    }
    // Not between an acceptance and its answer: the new participant is in the session already.
    let request = session.asking.as_ref().filter(|asked| {
        standing == Standing::Active
            && asked.by == *employee
            && state.router.owner(&session.id) == Some(employee)
            && state.router.is_searching(&session.id)
    });
    let watcher = session.watcher_of(employee);
    if let Some(watcher) = watcher.filter(|_| standing == Standing::Active) {
        capabilities = supervisor_capabilities(setup, watcher);
    }
    let asked = session.asking.as_ref().filter(|_| matches!(standing, Standing::Invited(_)));
    let joins = asked.is_some_and(|asked| matches!(asked.purpose, Purpose::Conference | Purpose::Consult));
    let (kind, subtype) = match (joins, session.outbound) {
        (true, _) => ("Internal", "InternalConferenceInvite"),
        (false, true) => ("Outbound", "OutboundNew"),
        (false, false) => ("Inbound", "InboundNew"),
    };
    let mut data = user_data(setup, session);
    if let Standing::Invited(lapses) = standing {
        offer(&mut data, setup, session, asked, employee);
        data.set(wa::ACCEPT_LEFT, millis(lapses.since(now)));
        data.set(
            wa::ACCEPT_TOTAL,
            millis(
                setup
                    .accept_timeout(asked.and_then(|asked| asked.queue.as_deref()).unwrap_or(&session.queue)),
            ),
        );
    }
    if let Some(asked) = request {
        data.set(wa::REQUEST, Value::List(asked_for(setup, session, asked)));
    }
    let parked = session.workbin.as_ref();
    if parked.is_some() {
        data.set(wa::LAST_WORDS, session.last_words());
    }
    let mut participants = vec![customer(&session.customer_name())];
    participants.extend(session.parties.iter().cloned());
    let oversees = setup.is_overseer(employee);
    let silent = oversees || setup.show_silent_monitoring;
    let seen = session.watchers.iter().filter(|one| silent || one.mode != MonitorMode::Monitor);
    participants.extend(seen.map(Watcher::party));
    let mut rest = parked.map(workbin_fields).unwrap_or_default();
    if let Some(watcher) = watcher {
        rest.insert("agentId".to_owned(), Json::from(watcher.agent.as_str()));
    }
    let me = session.party_of(employee).map(|party| party.participant_id.clone());
    let mut dto = InteractionDto {
        id: session.id.as_str().to_owned(),
        mediatype: MEDIA_TYPE.to_owned(),
        interaction_type: kind.to_owned(),
        interaction_subtype: subtype.to_owned(),
        state: word.to_owned(),
        capabilities: capabilities.into_iter().map(str::to_owned).collect(),
        queue: Some(
            parked
                .map_or_else(|| session.queue.clone(), |parked| format!("{}{PRIVATE_QUEUE}", parked.workbin)),
        ),
        user_data: data,
        comment: (!session.comment.is_empty()).then(|| session.comment.clone()),
        contact_id: Some(session.owner.as_str().to_owned()),
        received_at: session.started.to_rfc3339().into(),
        chat: Some(ChatDto {
            participants,
            start_at: session.started.to_rfc3339().into(),
            my_participant_id: me.or_else(|| watcher.map(|watcher| watcher.party().participant_id)),
            my_user_type: oversees.then(|| "Supervisor".to_owned()),
            messages: Vec::new(),
            is_async_mode: true,
        }),
        monitor_mode: watcher.map(|watcher| watcher.mode.word().to_owned()),
        rest,
        ..InteractionDto::default()
    };
    if oversees {
        masking::mask_interaction(&setup.mask, &mut dto);
    }
    dto
}

/// The kind of an offer, and the colleague who made it.
fn offer(
    data: &mut AttachedData,
    setup: &WriterSetup,
    session: &Session,
    asked: Option<&Asked>,
    employee: &EmployeeId,
) {
    let Some(asked) = asked else {
        let word = if session.was_served() { "returned" } else { "new" };
        return data.set(wa::OFFER, word);
    };
    let kind = match asked.purpose {
        Purpose::Transfer | Purpose::Queue => RequestKind::OneStepTransfer,
        Purpose::Conference => RequestKind::OneStepConference,
        Purpose::Consult => RequestKind::InitConference,
    };
    data.set(wa::OFFER, kind.label());
    data.set(wa::OFFER_FROM, setup.person_name(&asked.by));
    // What one agent rejects from a queue is offered to another.
    if asked.target.as_ref() == Some(employee) && asked.purpose != Purpose::Queue {
        data.set(wa::OFFER_PERSONAL, 1);
    }
}

/// What an owner learns of the colleague who is being asked for.
fn asked_for(setup: &WriterSetup, session: &Session, asked: &Asked) -> AttachedData {
    let (kind, target, name) = match (&asked.target, &asked.only, &asked.queue) {
        (Some(agent), ..) => (TargetKind::Agent, agent.as_str(), asked.whom.as_str()),
        (None, Some(CandidateFilter::Group(group)), _) => {
            (TargetKind::AgentGroup, group.as_str(), group.as_str())
        }
        (None, Some(CandidateFilter::Skill(skill)), _) => (TargetKind::Skill, skill.as_str(), skill.as_str()),
        (None, None, queue) => {
            let queue = queue.as_deref().unwrap_or_default();
            (TargetKind::Queue, queue, setup.queue_name(queue))
        }
    };
    let mut data = AttachedData::new();
    data.set(request::KIND, asked.purpose.word());
    data.set(request::TARGET_TYPE, type_of(kind));
    data.set(request::TARGET, target);
    data.set(request::NAME, name);
    if let Some(operation) = &asked.operation {
        data.set(request::OPERATION, operation.as_str());
    }
    if !session.refused_by.is_empty() {
        data.set(request::REFUSED, setup.refusals(session));
    }
    data
}

/// Workspace: what an interaction in a workbin has besides.
fn workbin_fields(parked: &Parked) -> Map<String, Json> {
    [
        ("workbinTypeId", parked.workbin.as_str()),
        ("agentId", &parked.owner),
        ("assignedTo", parked.by.as_str()),
        ("workflowState", "Queued"),
        ("interactionState", "Queued"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), Json::from(value)))
    .chain([("placedInQueueAt".to_owned(), Json::from(parked.at.to_rfc3339()))])
    .collect()
}

/// What is attached, what is known of the customer, and what only the desk's clients read.
fn user_data(setup: &WriterSetup, session: &Session) -> AttachedData {
    let mut data = session.user_data.clone();
    // The contact says who the customer is: a name that somebody attached before would be another person's.
    let known = [("FirstName", &session.first_name), ("LastName", &session.last_name)];
    let is_named = known.iter().any(|(_, value)| value.is_some());
    for (key, value) in known {
        match value {
            Some(value) => data.set(key, value.as_str()),
            None if is_named => drop(data.remove(key)),
            None => {}
        }
    }
    if !session.is_known {
        data.set(wa::UNKNOWN_CONTACT, 1);
    }
    let contact_name = session.first_name.as_ref().or(session.last_name.as_ref());
    let pairs = [
        (wa::NUMBER, session.names.wa_id.clone()),
        (wa::PROFILE_NAME, session.names.profile_name.clone()),
        (wa::CONTACT_NAME, contact_name.map(|_| session.customer_name())),
        (wa::PREVIEW, (!session.preview.is_empty()).then(|| session.preview.clone())),
        (wa::ORIGIN, Some(setup.queue_name(&session.queue).to_owned())),
        (wa::WINDOW_ENDS, session.window_ends.map(Millis::to_rfc3339)),
        (wa::WAITING_SINCE, session.waiting_since.map(Millis::to_rfc3339)),
    ];
    for (key, value) in pairs {
        if let Some(value) = value {
            data.set(key, value);
        }
    }
    data
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// Whether agents may read an entry.
pub(super) fn is_for_agents(entry: &MessageDto) -> bool {
    entry.visibility != "Supervisor"
}

/// An entry of a log, as somebody may read it.
pub(super) fn message<'a>(
    setup: &WriterSetup,
    entry: &'a MessageDto,
    reader: &EmployeeId,
) -> Cow<'a, MessageDto> {
    let mut entry = Cow::Borrowed(entry);
    if !setup.mask.is_off() && setup.is_overseer(reader) {
        masking::mask_message(&setup.mask, entry.to_mut());
    }
    entry
}

/// What an agent is doing, in the words of the field.
pub(super) const fn agent_state(view: &AgentView) -> AgentState {
    if !view.signed_in {
        return AgentState::LoggedOut;
    }
    match view.work {
        WorkState::Ready => AgentState::Ready,
        WorkState::NotReady { .. } => AgentState::NotReady,
        WorkState::AfterCallWork => AgentState::AfterCallWork,
        WorkState::DoNotDisturb => AgentState::DoNotDisturb,
    }
}

/// The channel of an agent.
pub(super) fn channel(state: &State, employee: &EmployeeId) -> ChannelDto {
    let view = state.router.agent_state(employee);
    let mut dto = ChannelDto {
        name: MEDIA_TYPE.to_owned(),
        available: view.signed_in,
        state: match agent_state(&view) {
            AgentState::LoggedOut => "LoggedOut",
            AgentState::Ready => "Ready",
            _ => "NotReady",
        }
        .to_owned(),
        timestamp: state.since(employee).map(|at| at.0.into()).unwrap_or_default(),
        ..ChannelDto::default()
    };
    dto.extension.set(wa::CAPACITY, i64::from(view.capacity));
    if view.signed_in {
        match view.work {
            WorkState::NotReady { reason } if !reason.is_empty() => dto.reasons.set("ReasonCode", reason),
            WorkState::AfterCallWork => dto.extension.set(wa::WORK_MODE, wa::AFTER_CALL_WORK),
            WorkState::DoNotDisturb => dto.dnd = true,
            _ => {}
        }
    }
    dto
}

/// What a supervisor may do with a session they are in: the names of the operations.
pub(super) fn supervisor_capabilities(setup: &WriterSetup, watcher: &Watcher) -> Vec<&'static str> {
    let switches = MonitorMode::ALL.into_iter().filter(|mode| {
        *mode != watcher.mode && watcher.mode.may_switch(*mode) && may(setup, &watcher.supervisor, *mode)
    });
    let mut all: Vec<&'static str> = switches.map(MonitorMode::operation).collect();
    if watcher.mode != MonitorMode::Monitor {
        all.extend(["send-message", "send-url", "send-typing-started", "send-typing-stopped"]);
    }
    all.push("leave");
    all
}
