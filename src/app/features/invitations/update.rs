//! An invitation: its arrival, the answer, or its end without an answer.

use crate::app::core::effect::Effect;
use crate::app::core::notice::Level;
use crate::app::core::requests::{call, online};
use crate::app::core::state::{Awaited, State};
use crate::app::core::view::title;
use crate::app::features::invitations::{complete, rejected};
use crate::domain::InteractionId;
use crate::domain::interaction::Interaction;
use crate::proto::request::Request;

pub(in crate::app) fn invited(state: &mut State, mut interaction: Interaction, out: &mut Vec<Effect>) {
    let me = state.me.as_ref().map_or("", |me| me.employee_id.as_str());
    complete(&mut interaction, &state.settings.routing_based, me);
    match state.invitations.iter_mut().find(|other| other.id == interaction.id) {
        Some(known) => *known = interaction,
        None => {
            state.invitations.push(interaction);
            if state.settings.bell {
                out.push(Effect::Bell);
            }
            out.push(title(state));
        }
    }
}

/// Removes an invitation. Returns whether it was there and this console was not accepting it.
pub(in crate::app) fn withdraw(state: &mut State, id: &InteractionId) -> bool {
    let Some(place) = state.invitations.iter().position(|invitation| invitation.id == *id) else {
        return false;
    };
    state.invitations.remove(place);
    if state.invitation >= place {
        state.invitation = state.invitation.saturating_sub(1);
    }
    !state.accepted.contains(id)
}

/// Answers an invitation: the one at this index, or the chosen one.
pub(in crate::app) fn answer(state: &mut State, place: Option<usize>, accept: bool, out: &mut Vec<Effect>) {
    let place = place.unwrap_or(state.invitation);
    let Some(id) = state.invitations.get(place).map(|invitation| invitation.id.clone()) else {
        let words = if state.invitations.is_empty() {
            "there is no invitation"
        } else {
            "there is no invitation with that number"
        };
        state.say(Level::Info, words);
        return;
    };
    if !online(state) || state.accepted.contains(&id) {
        return;
    }
    if accept {
        let nickname = state.me.as_ref().map(|me| me.nickname.clone()).unwrap_or_default();
        state.accepted.push(id.clone());
        call(state, Request::Accept { id: id.clone(), nickname }, Awaited::Invitation(id), out);
    } else {
        let words = rejected(&state.invitations.remove(place));
        state.invitation = state.invitation.min(state.invitations.len().saturating_sub(1));
        state.say(Level::Info, words);
        call(state, Request::Reject(id.clone()), Awaited::Invitation(id), out);
        out.push(title(state));
    }
}

/// Chooses the next invitation; after the last one, the first.
pub(in crate::app) fn next(state: &mut State) {
    state.invitation = (state.invitation + 1) % state.invitations.len().max(1);
}

/// The server refused the answer: the invitation is removed.
pub(in crate::app) fn failed(state: &mut State, id: &InteractionId, words: &str) {
    state.accepted.retain(|accepted| accepted != id);
    state.invitations.retain(|invitation| invitation.id != *id);
    state.say(Level::Error, words);
}
