//! The state of the writer as clients see it.
//!
//! Owns: what an interaction and a channel look like on the wire. Must not: change anything.

use super::model::entry::customer;
use super::model::monitoring::Watcher;
use super::model::party::{InvitePurpose, InviteRequest};
use super::model::session::SessionState;
use super::model::workbin::{PRIVATE_QUEUE, Parked};
use super::setup::{WriterSetup, may};
use super::state::WriterState;
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

/// The state of a session towards the agent who receives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InteractionStatus {
    /// Offered until that time.
    Invited(Millis),
    /// The agent has it.
    Active,
    /// It is in a workbin.
    InWorkbin,
    /// It went to a queue.
    Queued,
    /// It is over for the agent.
    Completed,
    /// The offer is no longer the agent's.
    Revoked,
    /// The colleague who made the offer cancelled it.
    Cancelled,
}

impl InteractionStatus {
    /// The word on the wire. The word of an active session is configured.
    fn word(self, setup: &WriterSetup) -> &str {
        match self {
            Self::Invited(_) => "Invited",
            Self::Active => &setup.active_state,
            Self::InWorkbin => "InWorkbin",
            Self::Queued => "Queued",
            Self::Completed => "Completed",
            Self::Revoked => "Revoked",
            Self::Cancelled => "Canceled",
        }
    }

    /// The operations that any agent may request in that state.
    fn capabilities(self) -> Vec<&'static str> {
        match self {
            Self::Invited(_) => vec!["accept", "reject"],
            Self::Active => ACTIVE.to_vec(),
            Self::InWorkbin => vec!["pull"],
            Self::Queued | Self::Completed | Self::Revoked | Self::Cancelled => Vec::new(),
        }
    }
}

/// A session as one agent sees it.
pub(super) fn interaction(
    setup: &WriterSetup,
    state: &WriterState,
    session: &SessionState,
    employee: &EmployeeId,
    status: InteractionStatus,
    now: Millis,
) -> InteractionDto {
    let watcher = session.watcher_of(employee);
    // The colleague's request that an invitation comes from.
    let invite = session.asking.as_ref().filter(|_| matches!(status, InteractionStatus::Invited(_)));
    let (kind, subtype) = interaction_type(session, invite);
    let mut data = user_data(setup, session);
    if let InteractionStatus::Invited(lapses) = status {
        offer(&mut data, setup, session, invite, employee);
        let queue = invite.and_then(|invite| invite.queue.as_deref()).unwrap_or(&session.queue);
        data.set(wa::ACCEPT_LEFT, millis(lapses.since(now)));
        data.set(wa::ACCEPT_TOTAL, millis(setup.accept_timeout(queue)));
    }
    if let Some(request) = open_request(state, session, employee, status) {
        data.set(wa::REQUEST, Value::List(request_data(setup, session, request)));
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
        state: status.word(setup).to_owned(),
        capabilities: capabilities(setup, state, session, employee, status),
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

/// `interactionType` and `interactionSubtype`.
fn interaction_type(session: &SessionState, invite: Option<&InviteRequest>) -> (&'static str, &'static str) {
    let joins = invite.is_some_and(|invite| match invite.purpose {
        InvitePurpose::Conference | InvitePurpose::Consult => true,
        InvitePurpose::Transfer | InvitePurpose::Queue => false,
    });
    match (joins, session.outbound) {
        (true, _) => ("Internal", "InternalConferenceInvite"),
        (false, true) => ("Outbound", "OutboundNew"),
        (false, false) => ("Inbound", "InboundNew"),
    }
}

/// The operations that an agent or a supervisor may request now.
fn capabilities(
    setup: &WriterSetup,
    state: &WriterState,
    session: &SessionState,
    employee: &EmployeeId,
    status: InteractionStatus,
) -> Vec<String> {
    let is_active = status == InteractionStatus::Active;
    let mut names = match session.watcher_of(employee) {
        Some(watcher) if is_active => supervisor_capabilities(setup, watcher),
        Some(_) | None => status.capabilities(),
    };
    if is_active
        && session.watcher_of(employee).is_none()
        && state.router.owner(&session.id) == Some(employee)
    {
        names.extend(OWNER);
    }
    names.into_iter().map(str::to_owned).collect()
}

/// The request for a colleague that is still open, for the owner who made it. Not between an acceptance and its
/// answer: the new participant is in the session already.
fn open_request<'a>(
    state: &WriterState,
    session: &'a SessionState,
    employee: &EmployeeId,
    status: InteractionStatus,
) -> Option<&'a InviteRequest> {
    session.asking.as_ref().filter(|request| {
        status == InteractionStatus::Active
            && request.by == *employee
            && state.router.owner(&session.id) == Some(employee)
            && state.router.is_searching(&session.id)
    })
}

/// The kind of an offer, and the colleague who made it.
fn offer(
    data: &mut AttachedData,
    setup: &WriterSetup,
    session: &SessionState,
    asked: Option<&InviteRequest>,
    employee: &EmployeeId,
) {
    let Some(asked) = asked else {
        let word = if session.was_served() { "returned" } else { "new" };
        return data.set(wa::OFFER, word);
    };
    let kind = match asked.purpose {
        InvitePurpose::Transfer | InvitePurpose::Queue => RequestKind::OneStepTransfer,
        InvitePurpose::Conference => RequestKind::OneStepConference,
        InvitePurpose::Consult => RequestKind::InitConference,
    };
    data.set(wa::OFFER, kind.label());
    data.set(wa::OFFER_FROM, setup.person_name(&asked.by));
    // What one agent rejects from a queue is offered to another.
    if asked.target.as_ref() == Some(employee) && asked.purpose != InvitePurpose::Queue {
        data.set(wa::OFFER_PERSONAL, 1);
    }
}

/// What an owner learns of the colleague who is being asked for.
fn request_data(setup: &WriterSetup, session: &SessionState, asked: &InviteRequest) -> AttachedData {
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
fn user_data(setup: &WriterSetup, session: &SessionState) -> AttachedData {
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
pub(super) fn channel(state: &WriterState, employee: &EmployeeId) -> ChannelDto {
    let view = state.router.agent_state(employee);
    let mut dto = ChannelDto {
        name: MEDIA_TYPE.to_owned(),
        available: view.signed_in,
        state: match agent_state(&view) {
            AgentState::LoggedOut => "LoggedOut",
            AgentState::Ready => "Ready",
            AgentState::NotReady | AgentState::AfterCallWork | AgentState::DoNotDisturb => "NotReady",
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
            WorkState::NotReady { .. } | WorkState::Ready => {}
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
