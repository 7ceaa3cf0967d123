//! How each thing that happens changes the console.

mod act;
mod case;
mod compose;
mod consult;
mod contacts;
mod disposition;
mod emoji;
mod ends;
mod form;
mod keys;
mod lists;
mod lock;
mod note;
mod older;
mod party;
mod reach;
mod resend;
mod responses;
mod seen;
mod server;
mod settings;
mod status;
mod supervise;
mod targets;
#[cfg(test)]
mod tests;
mod usable;
mod workbins;

pub(super) use contacts::For;

use super::effect::{Effect, Effects};
use super::msg::{Link, Mouse, Msg, Target, What};
use super::scroll::Scroll;
use super::state::{Awaited, State};
use crate::domain::{InteractionId, Millis};
use crate::proto::request::Request;

/// Changes the state by what happened, and says what is to be done. The only place where state changes.
pub fn update(state: &mut State, msg: Msg) -> Effects {
    state.now = state.now.max(msg.at);
    let mut out = Vec::new();
    ends::note_read(state);
    ends::expire_undo(state);
    let offers = state.invitations.len();
    let (was_locked, was_focused) = (state.lock.is_some(), state.focused);
    notices_pass(state);
    lock_if_due(state, &mut out);
    state.answers = matches!(msg.what, What::Key(_) | What::Paste(_) | What::Mouse(_));
    if state.answers {
        state.active_at = state.now;
        // From now on the agent chooses the shown session.
        state.shown_before = None;
    }
    match msg.what {
        What::Key(key) if state.lock.is_some() => lock::key(state, key, &mut out),
        What::Paste(text) if state.lock.is_some() => lock::paste(state, &text),
        What::Mouse(_) if state.lock.is_some() => {}
        What::Key(key) => keys::key(state, key, &mut out),
        What::Paste(text) => keys::paste(state, &text, &mut out),
        What::Resize(width, height) => state.size = (width, height),
        What::Focus(focused) => {
            state.focused = focused;
            looked_at(state);
        }
        What::Mouse(mouse) => mouse_event(state, mouse, &mut out),
        What::Wake => {}
        What::Link(link) => server::link(state, link, &mut out),
        What::SessionStarted { session, fresh } => server::started(state, *session, fresh, &mut out),
        What::Event(event) => server::event(state, event, &mut out),
        What::Reply { operation, result } => server::reply(state, &operation, result, &mut out),
        What::Authenticated { operation, result } => lock::answered(state, &operation, result, &mut out),
        What::Latency(took) => {
            let smoothed = state.latency.map_or(took, |before| (before * 3 + took) / 4);
            state.latency = Some(smoothed);
        }
        What::Edited { session, result } => compose::edited(state, &session, result, &mut out),
        What::Settings { settings, restart } => settings::changed(state, *settings, &restart, &mut out),
        What::Kept { drafts, unsent, files } => compose::restore(state, drafts, unsent, files, &mut out),
        What::Seen { entries, last } => seen::restore(state, entries, last),
        What::Hint(sentence) => state.say(super::notice::Level::Info, sentence),
        What::Trouble(sentence) => state.say(super::notice::Level::Error, sentence),
        What::Terminate => {
            state.ending = true;
            out.push(Effect::Quit);
        }
    }
    state.answers = false;
    // Settings that just came may say that it is time, and there may be no later moment to notice.
    lock_if_due(state, &mut out);
    compose::typing_stopped(state, &mut out);
    older::read_on(state, &mut out);
    targets::tick(state, &mut out);
    compose::tick(state, &mut out);
    lock::hush(state, offers, &mut out);
    if (was_locked && state.lock.is_none()) || (!was_focused && state.focused) {
        state.notices.resume(state.now);
    }
    notices_pass(state);
    ends::note_view(state);
    seen::note(state, &mut out);
    out.into()
}

/// Notices take turns, except behind a lock, where nobody can read them.
fn notices_pass(state: &mut State) {
    if state.lock.is_none() {
        state.notices.pass(state.now, state.focused);
    }
}

fn lock_if_due(state: &mut State, out: &mut Vec<Effect>) {
    if locks_at(state).is_some_and(|due| due <= state.now) {
        lock::lock(state, true, out);
    }
}

/// When the desk locks by itself, if nothing is done until then.
pub(super) fn locks_at(state: &State) -> Option<Millis> {
    lock::due_at(state)
}

/// Asks the server, and remembers what for.
fn call(
    state: &mut State,
    request: Request,
    awaited: Awaited,
    out: &mut Vec<Effect>,
) -> crate::domain::OperationId {
    let operation = state.operation();
    state.awaited.insert(operation.clone(), awaited);
    out.push(Effect::Call { operation: operation.clone(), request });
    operation
}

/// Shows a session, if it is open.
fn show(state: &mut State, id: &InteractionId) {
    if state.by_id(id).is_some() {
        state.shown = Some(id.clone());
        looked_at(state);
    }
}

/// What the agent sees counts as seen: the shown session, at its newest message, in a focused terminal.
fn looked_at(state: &mut State) {
    if !state.focused || state.lock.is_some() {
        return;
    }
    if let Some(session) = state.session_mut().filter(|session| session.scroll == Scroll::Bottom) {
        session.unread = 0;
        session.aside = 0;
    }
}

/// Moves in the transcript of the shown session by rows, up when negative.
fn scroll(state: &mut State, rows: isize) {
    let area = state.layout().transcript;
    let zone = state.zone.clone();
    if let Some(session) = state.session_mut() {
        let to = session.scroll.moved(&session.measure(area.width, &zone), usize::from(area.height), rows);
        session.set_scroll(to);
    }
}

fn mouse_event(state: &mut State, mouse: Mouse, out: &mut Vec<Effect>) {
    match mouse {
        Mouse::WheelUp => scroll(state, -3),
        Mouse::WheelDown => scroll(state, 3),
        Mouse::Click(Target::Session(place)) => {
            if let Some(id) = state.sessions.get(place).map(|session| session.interaction.id.clone()) {
                show(state, &id);
            }
        }
        Mouse::Click(Target::Accept(place)) => act::answer(state, Some(place), true, out),
        Mouse::Click(Target::Reject(place)) => act::answer(state, Some(place), false, out),
        Mouse::Click(Target::Pick(place)) => keys::pick(state, place, out),
        Mouse::Click(Target::Filter(place)) => lists::show_part(state, place, out),
        Mouse::Click(Target::Field(place)) => form::click(state, place),
        Mouse::Click(Target::Older) => older::see(state, out),
        Mouse::Click(Target::Newest) => {
            if let Some(session) = state.session_mut() {
                session.set_scroll(Scroll::Bottom);
            }
        }
    }
}

/// The title of the window: how many wait.
fn title(state: &State) -> Effect {
    let unread: usize = state.sessions.iter().map(|session| session.unread).sum();
    let offers = state.invitations.len();
    let mut parts = Vec::new();
    if offers > 0 {
        parts.push(format!("{offers} to answer"));
    }
    if unread > 0 {
        parts.push(format!("{unread} unread"));
    }
    let aside: usize = state.sessions.iter().map(|session| session.aside).sum();
    if aside > 0 {
        parts.push(format!("{aside} from colleagues"));
    }
    let text =
        if parts.is_empty() { "deskline".to_owned() } else { format!("deskline: {}", parts.join(", ")) };
    Effect::Title(text.as_str().into())
}

/// Whether requests can go out now; says so when not.
fn online(state: &mut State) -> bool {
    if state.online() {
        return true;
    }
    let words = match &state.link {
        Link::Stopped { .. } => "you are signed out: nothing was done",
        _ => "there is no connection: nothing was done, try again when it is back",
    };
    state.say(super::notice::Level::Warning, words);
    false
}
