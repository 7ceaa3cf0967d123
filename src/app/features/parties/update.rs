//! Transfer, conference and consultation: the steps of a request, and its outcome.

use crate::app::core::action::Action;
use crate::app::core::effect::Effect;
use crate::app::core::layer::{Confirm, ConfirmAction, Layer};
use crate::app::core::notice::Level;
use crate::app::core::outbox::send_held;
use crate::app::core::party_request::PartyRequest;
use crate::app::core::requests::{call, online};
use crate::app::core::session::Session;
use crate::app::core::state::{Awaited, State};
use crate::app::features::parties::leave;
use crate::app::features::parties::model::{PartiesRequest, PartyStep};
use crate::domain::interaction::{Colleague, Interaction};
use crate::domain::message::Visibility;
use crate::domain::options::QUEUE;
use crate::domain::routing_based::{INVITE_SUBTYPE, RequestKind, SUBTYPES};
use crate::domain::target::{Availability, ListedTarget, Target, TargetKind};
use crate::domain::{AttachedData, InteractionId, OperationId};
use crate::proto::request::Request;
use crate::text::Clean;

/// The consulted colleagues of the shown session, who can also get the session or join it.
pub(in crate::app) fn consultants(state: &State, kind: RequestKind) -> Vec<Target> {
    let mine = state.me.as_ref().map_or("", |me| me.employee_id.as_str());
    let Some(session) = state.session().filter(|_| kind != RequestKind::InitConference) else {
        return Vec::new();
    };
    let advising = session.interaction.others(mine).filter(|one| one.advises());
    let target = |one: &Colleague| {
        Some(Target {
            kind: TargetKind::Agent,
            id: one.employee_id.clone()?,
            name: one.name.clone(),
            availability: Availability::Unknown,
        })
    };
    advising.filter_map(target).collect()
}

/// Handles `/transfer` or `/conference` without a name when exactly one colleague is consulted: that one is
/// meant.
pub(in crate::app) fn promoted(state: &mut State, action: Action, out: &mut Vec<Effect>) -> bool {
    let kind = match action {
        Action::Transfer => RequestKind::OneStepTransfer,
        Action::Conference => RequestKind::OneStepConference,
        _ => return false,
    };
    let mut advising = consultants(state, kind);
    let (Some(target), true) = (advising.pop(), advising.is_empty()) else { return false };
    match state.session() {
        Some(session) if session.asked.is_none() => {
            let id = session.interaction.id.clone();
            begin(state, &id, kind, target, out);
            true
        }
        _ => false,
    }
}

/// Sends the request; asks for confirmation first when it is a transfer and nobody is Ready to take it.
pub(in crate::app) fn choose(
    state: &mut State,
    id: &InteractionId,
    kind: RequestKind,
    target: Target,
    out: &mut Vec<Effect>,
) {
    if kind != RequestKind::OneStepTransfer || !target.availability.is_nobody_ready() {
        return begin(state, id, kind, target, out);
    }
    let who = match target.kind {
        TargetKind::Skill => format!("with skill {}", target.name),
        TargetKind::Queue => format!("for the queue {}", target.name),
        TargetKind::AgentGroup | TargetKind::Agent | TargetKind::Contact => format!("in {}", target.name),
    };
    let text = format!(
        "Nobody {who} is ready now. The customer would wait. Transfer anyway? Enter does it; Esc keeps the session."
    );
    let then = ConfirmAction::Transfer(id.clone(), Box::new(target));
    state.layers.push(Layer::Confirm(Confirm { text: Clean::line(&text), then }));
}

/// Begins a request: reads the current settings first, because the request depends on them.
pub(in crate::app) fn begin(
    state: &mut State,
    id: &InteractionId,
    kind: RequestKind,
    target: Target,
    out: &mut Vec<Effect>,
) {
    if !target.kind.takes_sessions() || !online(state) {
        return;
    }
    if state.by_id(id).is_none() {
        state.say(Level::Warning, "that session is not yours any more: nothing was done");
        return;
    }
    // Messages of this session must not stay held after the agent has passed it on.
    send_held(state, id, out);
    let Some(session) = state.by_id_mut(id).filter(|session| session.asked.is_none()) else { return };
    session.trouble = None;
    let read = session.read.upto();
    session.asked = Some(PartyRequest::new(kind, target, read));
    call(
        state,
        Request::CurrentSession,
        Awaited::Parties(PartiesRequest::Step(id.clone(), PartyStep::Person)),
        out,
    );
}

/// A step succeeded; sends the next one.
pub(in crate::app) fn step(state: &mut State, id: &InteractionId, step: PartyStep, out: &mut Vec<Effect>) {
    let Some(request) = state.by_id(id).and_then(|session| session.asked.clone()) else { return };
    if request.taking_back && step != PartyStep::Asked {
        return leave::cancelled(state, id);
    }
    match step {
        PartyStep::Person => {
            let configured = Awaited::Parties(PartiesRequest::Step(id.clone(), PartyStep::Configured));
            call(state, Request::Configuration, configured, out);
        }
        PartyStep::Configured | PartyStep::Attached => match requests(state, id, &request) {
            Err(missing) => step_failed(state, id, &missing),
            Ok((Some(attach), _)) if step == PartyStep::Configured => {
                call(
                    state,
                    attach,
                    Awaited::Parties(PartiesRequest::Step(id.clone(), PartyStep::Attached)),
                    out,
                );
            }
            Ok((_, ask)) => {
                let operation = call(
                    state,
                    ask,
                    Awaited::Parties(PartiesRequest::Step(id.clone(), PartyStep::Asked)),
                    out,
                );
                if let Some(asked) = state.by_id_mut(id).and_then(|session| session.asked.as_mut()) {
                    asked.operation = Some(operation);
                }
            }
        },
        PartyStep::Asked => {
            if let Some(asked) = state.by_id_mut(id).and_then(|session| session.asked.as_mut()) {
                asked.waiting = true;
            }
            remember_target(state, &request.target, out);
            if request.taking_back {
                call(
                    state,
                    Request::CancelConsult(id.clone()),
                    Awaited::Parties(PartiesRequest::Cancel(id.clone())),
                    out,
                );
            }
        }
    }
}

/// The requests to send: first the one that attaches pairs, if any, then the main one.
///
/// # Errors
/// A sentence that says what an administrator has to set.
fn requests(
    state: &State,
    id: &InteractionId,
    request: &PartyRequest,
) -> Result<(Option<Request>, Request), String> {
    let (kind, target, read) = (request.kind, &request.target, request.read);
    let mut missing = Vec::new();
    let option = state.options().queue;
    let queue = match target.kind {
        TargetKind::Agent | TargetKind::Contact => String::new(),
        TargetKind::Queue => target.id.clone(),
        TargetKind::AgentGroup | TargetKind::Skill => option.unwrap_or_else(|| {
            missing.push(format!("the option {QUEUE}, to the name of an interaction queue"));
            String::new()
        }),
    };
    let subtypes = state.configuration.business_attribute(SUBTYPES);
    if kind == RequestKind::OneStepConference
        && !subtypes.is_some_and(|subtypes| subtypes.values.iter().any(|value| value.name == INVITE_SUBTYPE))
    {
        missing.push(format!("the value {INVITE_SUBTYPE} in the business attribute {SUBTYPES}"));
    }
    if !missing.is_empty() {
        return Err(format!("nothing was sent. An administrator has to set {}", missing.join(", and ")));
    }
    let me = state.me.as_ref().map_or("", |me| me.employee_id.as_str());
    let pairs: AttachedData = state.settings.routing_based.pairs(me, target, kind);
    let id = id.clone();
    let attach = (!pairs.is_empty()).then(|| Request::UpdateUserData { id: id.clone(), data: pairs.clone() });
    let agent = target.id.clone();
    Ok(match (target.kind, kind) {
        (TargetKind::Agent, RequestKind::OneStepTransfer) => {
            (attach, Request::TransferAgent { id, agent, extension: pairs, read })
        }
        (TargetKind::Agent, RequestKind::OneStepConference) => {
            (attach, Request::Invite { id, agent, extension: pairs })
        }
        (TargetKind::Agent, RequestKind::InitConference) => {
            (attach, Request::Consult { id, agent, extension: pairs })
        }
        // Here the main request itself attaches the pairs.
        (_, RequestKind::OneStepTransfer) => (None, Request::PlaceInQueue { id, queue, added: pairs, read }),
        (_, RequestKind::OneStepConference) => (attach, Request::InviteByQueue { id, queue }),
        (_, RequestKind::InitConference) => (attach, Request::ConsultByQueue { id, queue }),
    })
}

/// The request failed, with the server's message or ours: shown at the top of the session and as a notice.
fn step_failed(state: &mut State, id: &InteractionId, words: &str) {
    let Some(session) = state.by_id_mut(id) else {
        return state.say(Level::Error, words);
    };
    let asked = session.asked.take();
    let operation = asked.as_ref().and_then(|asked| asked.operation.clone());
    let what = asked.map_or_else(|| "the request".into(), |asked| asked.what());
    let (name, sentence) = (session.name(), format!("{what}: {words}"));
    session.trouble = Some(Clean::line(&sentence));
    // Another console of this agent was faster: its request continues.
    let told = PartyRequest::reported_in(&session.interaction);
    session.asked = told.filter(|told| told.operation != operation);
    state.say(Level::Error, format!("{name}: {sentence}"));
}

/// Handles a failure that arrived as an event. Returns whether it was about a request of this console.
pub(in crate::app) fn failed_later(
    state: &mut State,
    operation: Option<&OperationId>,
    interaction: Option<&str>,
    words: &str,
) -> bool {
    let about = state.sessions.iter().find(|session| {
        session.asked.as_ref().is_some_and(|asked| match operation {
            Some(named) => asked.operation.as_ref() == Some(named),
            None => asked.waiting && interaction == Some(session.interaction.id.as_str()),
        })
    });
    let Some(id) = about.map(|session| session.interaction.id.clone()) else { return false };
    step_failed(state, &id, words);
    true
}

/// The connection broke: pending requests may or may not have reached the server.
pub(in crate::app) fn lost(state: &mut State) {
    let mut unknown = Vec::new();
    for session in &mut state.sessions {
        session.leaving = false;
        // Requests that the server reported are reported again when the connection is back.
        if let Some(asked) = session.asked.as_mut().filter(|asked| asked.reported) {
            asked.taking_back = false;
        } else if let Some(asked) = session.asked.take() {
            let words = format!("{}: the connection broke; it is not known what came of it", asked.what());
            session.trouble = Some(Clean::line(&words));
            unknown.push(format!("{}: {words}", session.name()));
        }
    }
    for words in unknown {
        state.say(Level::Warning, words);
    }
}

/// Reports who has joined the session since the last update.
pub(in crate::app) fn joined(state: &mut State, interaction: &Interaction) {
    let mine = state.me.as_ref().map(|me| me.employee_id.clone()).unwrap_or_default();
    let Some(session) = state.by_id_mut(&interaction.id) else { return };
    let before = &session.interaction.colleagues;
    let new: Vec<_> = interaction
        .others(&mine)
        .filter(|one| !one.supervises)
        // A party whose visibility has changed was promoted.
        .filter(|one| {
            let same = |known: &Colleague| {
                known.participant == one.participant && known.visibility == one.visibility
            };
            !before.iter().any(same)
        })
        .cloned()
        .collect();
    let Some(asked) = session.asked.clone().filter(|asked| asked.kind != RequestKind::OneStepTransfer) else {
        return;
    };
    let wanted = new.iter().find(|one| match (&asked.target.kind, &one.employee_id) {
        (TargetKind::Agent, Some(employee)) => *employee == asked.target.id,
        _ => true,
    });
    if let Some(one) = wanted {
        session.asked = None;
        let unseen = one.visibility != Visibility::All;
        let how = if unseen { "is here; the customer does not see it" } else { "has joined" };
        let words = format!("{}: {} {how}", interaction.party.display_name(), one.name);
        state.say(Level::Good, words);
    }
}

/// Reports the outcome of a session that was placed in a queue.
pub(in crate::app) fn outcome(state: &mut State, id: &str, by: Option<&str>) {
    let place = state.given.iter().position(|(given, _)| given.as_str() == id);
    let name = place.and_then(|place| state.given.remove(place)).map(|(_, name)| name);
    let name = name.unwrap_or_else(|| "the session you passed on".into());
    match by {
        Some(by) => state.say(Level::Good, format!("{by} has taken {name}")),
        None => state.say(Level::Warning, format!("nobody has taken {name}")),
    }
}

/// Adopts the request that the server reports for a session, if the server reports requests: after a restart of
/// the console, after a lost connection, and when another console of the same agent has sent it.
pub(in crate::app) fn follow(state: &mut State, id: &InteractionId) {
    let Some(session) = state.by_id_mut(id) else { return };
    let told = PartyRequest::reported_in(&session.interaction);
    match (told, session.asked.take()) {
        (Some(told), None) => session.asked = Some(told),
        (Some(told), Some(own)) if own.reported || own.operation == told.operation => {
            session.asked = Some(PartyRequest { taking_back: own.taking_back, ..told });
        }
        (None, Some(own)) if own.reported => {
            let how = if own.taking_back { "was taken back" } else { "is over" };
            let words = format!("{}: {} {how}", session.name(), own.what());
            state.say(Level::Info, words);
        }
        // The console's own request has not arrived yet, or will be refused because of the other one.
        (_, own) => session.asked = own,
    }
}

/// Reports that an invited agent has refused or did not answer.
pub(in crate::app) fn declined(state: &mut State, id: &str, by: &str, answer: &str, request: &str) {
    let open = state.by_id(&id.into()).map(Session::name);
    let given = || state.given.iter().find(|(given, _)| given.as_str() == id).map(|(_, name)| name.clone());
    let name = open.or_else(given).unwrap_or_else(|| "the session you passed on".into());
    let words = match answer {
        "no answer" => format!("{name}: {by} did not answer; the {request} goes on"),
        _ => format!("{name}: {by} refused the {request}"),
    };
    state.say(Level::Warning, Clean::line(&words));
}

/// Adds a target that a request has reached to the recent ones. A server without recent targets is no error.
pub(in crate::app) fn remember_target(state: &mut State, target: &Target, out: &mut Vec<Effect>) {
    let listed = ListedTarget {
        target: target.clone(),
        reason: None,
        numbers: Vec::new(),
        also: Clean::default(),
        corporate: false,
    };
    let request = Request::AddRecent { listed: Box::new(listed), at: state.now };
    call(state, request, Awaited::Silent, out);
}

/// The server refused a request.
pub(in crate::app) fn failed(state: &mut State, request: &PartiesRequest, words: &str) {
    match request {
        PartiesRequest::Step(id, _) => step_failed(state, id, words),
        PartiesRequest::Cancel(id) => leave::not_cancelled(state, id, words),
        PartiesRequest::Leave(id) => {
            if let Some(session) = state.by_id_mut(id) {
                session.leaving = false;
            }
            state.say(Level::Error, format!("the session could not be left: {words}"));
        }
        PartiesRequest::Remove => state.say(Level::Error, format!("the colleague was not removed: {words}")),
    }
}
