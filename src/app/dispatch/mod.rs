//! How each message changes the console's state.

mod choices;
mod commands;
mod configuration;
mod confirm;
mod connection;
mod entries;
mod events;
mod finish;
mod form_keys;
mod interactions;
mod keys;
mod lists;
mod lock;
mod palette;
mod perform;
mod replies;
mod settings;
#[cfg(test)]
mod tests;
mod usable;
mod wake;

use crate::app::core::effect::{Effect, Effects};
use crate::app::core::forms;
use crate::app::core::msg::{ClickTarget, Mouse, Msg, What};
use crate::app::core::state::State;
use crate::app::core::view::{mark_seen, scroll, scroll_to_bottom, show};
use crate::app::features::compose::update as compose;
use crate::app::features::done::update as done;
use crate::app::features::invitations::update as invitations;
use crate::app::features::lock::update as lock_screen;
use crate::app::features::note::update as note;
use crate::app::features::older::update as older;
use crate::app::features::seen::update as seen;
use crate::app::features::targets::update as targets;

/// Applies a message to the state and returns the effects. State changes only here.
pub fn update(state: &mut State, msg: Msg) -> Effects {
    state.now = state.now.max(msg.at);
    let mut out = Vec::new();
    done::note_read(state);
    done::expire_undo(state);
    let offers = state.invitations.len();
    let (was_locked, was_focused) = (state.lock.is_some(), state.focused);
    notices_pass(state);
    lock::lock_if_due(state, &mut out);
    state.answers = matches!(msg.what, What::Key(_) | What::Paste(_) | What::Mouse(_));
    if state.answers {
        state.active_at = state.now;
        // From now on the agent decides which session is shown.
        state.shown_before = None;
    }
    match msg.what {
        What::Key(key) if state.lock.is_some() => lock_screen::key(state, key, &mut out),
        What::Paste(text) if state.lock.is_some() => lock_screen::paste(state, &text),
        What::Mouse(_) if state.lock.is_some() => {}
        What::Key(key) => keys::key(state, key, &mut out),
        What::Paste(text) => keys::paste(state, &text, &mut out),
        What::Resize(width, height) => state.size = (width, height),
        What::Focus(focused) => {
            state.focused = focused;
            mark_seen(state);
        }
        What::Mouse(mouse) => mouse_event(state, mouse, &mut out),
        What::Wake => {}
        What::Link(link) => connection::link(state, link, &mut out),
        What::SessionStarted { session, fresh } => connection::started(state, *session, fresh, &mut out),
        What::Event(event) => events::event(state, event, &mut out),
        What::Reply { operation, result } => replies::reply(state, &operation, result, &mut out),
        What::Authenticated { operation, result } => {
            lock_screen::apply_answer(state, &operation, result, &mut out)
        }
        What::Latency(took) => {
            let smoothed = state.latency.map_or(took, |before| (before * 3 + took) / 4);
            state.latency = Some(smoothed);
        }
        What::Edited { session, result } => compose::edited(state, &session, result, &mut out),
        What::Settings { settings, restart } => settings::changed(state, *settings, &restart, &mut out),
        What::Kept { drafts, unsent, files } => {
            compose::restore(state, drafts, unsent, files, &mut out);
            note::restore_all(state);
        }
        What::Seen { entries, last } => seen::restore(state, entries, last),
        What::Hint(sentence) => state.say(crate::app::core::notice::Level::Info, sentence),
        What::Trouble(sentence) => state.say(crate::app::core::notice::Level::Error, sentence),
        What::Terminate => {
            state.ending = true;
            out.push(Effect::Quit);
        }
    }
    state.answers = false;
    // New settings may make the lock due now, with no later wake-up to notice it.
    lock::lock_if_due(state, &mut out);
    compose::typing_stopped(state, &mut out);
    older::read_on(state, &mut out);
    targets::tick(state, &mut out);
    compose::tick(state, &mut out);
    lock_screen::hush(state, offers, &mut out);
    if (was_locked && state.lock.is_none()) || (!was_focused && state.focused) {
        state.notices.resume(state.now);
    }
    notices_pass(state);
    done::note_view(state);
    seen::note(state, &mut out);
    out.into()
}

/// Notices take turns, except behind a lock, where nobody can read them.
fn notices_pass(state: &mut State) {
    if state.lock.is_none() {
        state.notices.pass(state.now, state.focused);
    }
}

fn mouse_event(state: &mut State, mouse: Mouse, out: &mut Vec<Effect>) {
    match mouse {
        Mouse::WheelUp => scroll(state, -3),
        Mouse::WheelDown => scroll(state, 3),
        Mouse::Click(ClickTarget::Session(place)) => {
            if let Some(id) = state.sessions.get(place).map(|session| session.interaction.id.clone()) {
                show(state, &id);
            }
        }
        Mouse::Click(ClickTarget::Accept(place)) => invitations::answer(state, Some(place), true, out),
        Mouse::Click(ClickTarget::Reject(place)) => invitations::answer(state, Some(place), false, out),
        Mouse::Click(ClickTarget::Pick(place)) => keys::pick(state, place, out),
        Mouse::Click(ClickTarget::Filter(place)) => lists::show_part(state, place, out),
        Mouse::Click(ClickTarget::Field(place)) => forms::click(state, place),
        Mouse::Click(ClickTarget::Older) => older::see(state, out),
        Mouse::Click(ClickTarget::Newest) => scroll_to_bottom(state),
    }
}
