//! Leaving a session, removing a colleague, and cancelling a consultation.

use crate::app::core::effect::Effect;
use crate::app::core::layer::{Choice, Layer};
use crate::app::core::notice::Level;
use crate::app::core::outbox::send_held;
use crate::app::core::picker::{Item, Picker};
use crate::app::core::requests::{call, online};
use crate::app::core::state::{Awaited, State};
use crate::app::features::parties::model::{PartiesRequest, Removal};
use crate::domain::InteractionId;
use crate::proto::request::Request;
use crate::text::{Clean, fold};

/// Cancels the request in the shown session that nobody has accepted yet.
pub(in crate::app) fn cancel(state: &mut State, out: &mut Vec<Effect>) {
    let asked = state.session().and_then(|session| session.asked.clone());
    let Some((id, asked)) = state.shown.clone().zip(asked) else {
        let words = match state.given.back() {
            Some((_, name)) => {
                format!("no request is pending here; {name} is no longer yours and waits there")
            }
            None => "no request is pending here".to_owned(),
        };
        return state.say(Level::Info, words);
    };
    let what = asked.what();
    if asked.taking_back {
        state.say(Level::Info, format!("{what}: it is being taken back already"));
    } else if !asked.can_be_taken_back() {
        let words = format!("{what}: this server takes back consultations only; this must be answered");
        state.say(Level::Info, words);
    } else if online(state) {
        if let Some(asked) = state.by_id_mut(&id).and_then(|session| session.asked.as_mut()) {
            asked.taking_back = true;
        }
        // A step is pending, and its answer comes first.
        if asked.waiting {
            call(
                state,
                Request::CancelConsult(id.clone()),
                Awaited::Parties(PartiesRequest::Cancel(id)),
                out,
            );
        }
    }
}

/// The server has cancelled the request.
pub(in crate::app) fn cancelled(state: &mut State, id: &InteractionId) {
    if let Some(asked) = state.by_id_mut(id).and_then(|session| session.asked.take()) {
        state.say(Level::Info, format!("{} was taken back", asked.what()));
    }
}

/// The request could not be cancelled: somebody accepted it first, or the server refused.
pub(in crate::app) fn not_cancelled(state: &mut State, id: &InteractionId, words: &str) {
    let asked = state.by_id_mut(id).and_then(|session| session.asked.as_mut());
    let what = asked.map_or_else(
        || "the request".into(),
        |asked| {
            asked.taking_back = false;
            asked.what()
        },
    );
    state.say(Level::Error, format!("{what} could not be taken back: {words}"));
}

/// Leaves the shown session to the others in it.
pub(in crate::app) fn leave(state: &mut State, out: &mut Vec<Effect>) {
    let mine = state.me.as_ref().map_or("", |me| me.employee_id.as_str());
    let Some(session) = state.session() else {
        state.say(Level::Info, "there is no session to leave");
        return;
    };
    // A supervisor leaves the session to its owner. For other agents, a monitoring supervisor is not a
    // colleague who could take over.
    let monitors = session.interaction.monitor.is_some();
    if !monitors && session.interaction.others(mine).all(|one| one.supervises) {
        state.say(Level::Info, "nobody else is here: finish the session, or transfer it");
        return;
    }
    let id = session.interaction.id.clone();
    if online(state) {
        leave_now(state, &id, out);
    }
}

/// Asks the server to remove the agent from a session.
pub(in crate::app) fn leave_now(state: &mut State, id: &InteractionId, out: &mut Vec<Effect>) {
    send_held(state, id, out);
    let Some(read) = state.by_id(id).map(|session| session.read.upto()) else { return };
    call(
        state,
        Request::Leave { id: id.clone(), read },
        Awaited::Parties(PartiesRequest::Leave(id.clone())),
        out,
    );
    if let Some(session) = state.by_id_mut(id) {
        session.leaving = true;
    }
}

/// Removes a colleague from the shown session: the only one, the one with this name, or one from a list.
pub(in crate::app) fn remove(state: &mut State, name: &str, out: &mut Vec<Effect>) {
    let mine = state.me.as_ref().map_or("", |me| me.employee_id.as_str());
    let Some(session) = state.session() else {
        state.say(Level::Info, "there is no session");
        return;
    };
    let wanted = fold::folded(name);
    let others: Vec<_> = session
        .interaction
        .others(mine)
        .filter(|one| !one.supervises && fold::folded(&one.name).contains(&wanted))
        .filter_map(|one| one.employee_id.clone().map(|agent| (agent, one.name.clone())))
        .collect();
    let id = session.interaction.id.clone();
    let removal = |(agent, name): &(String, Clean)| Removal {
        session: id.clone(),
        agent: agent.clone(),
        name: name.clone(),
    };
    match others.as_slice() {
        [] if name.is_empty() => state.say(Level::Info, "no colleague is here"),
        [] => state.say(Level::Info, format!("no colleague {name:?} is here")),
        [one] if !name.is_empty() => remove_colleague(state, removal(one), out),
        several => {
            let item = |one: &(String, Clean)| Item {
                label: one.1.clone(),
                detail: Clean::default(),
                value: Choice::Remove(removal(one)),
            };
            let items = several.iter().map(item).collect();
            state.layers.push(Layer::Pick(Picker::new("Take out of the session", "nobody fits", items)));
        }
    }
}

/// Sends the request to remove a colleague from a session.
pub(in crate::app) fn remove_colleague(state: &mut State, removal: Removal, out: &mut Vec<Effect>) {
    if online(state) {
        let request = Request::RemoveFromConference { id: removal.session, agent: removal.agent };
        call(state, request, Awaited::Parties(PartiesRequest::Remove), out);
        state.say(Level::Info, format!("{} is being removed from the session", removal.name));
    }
}
