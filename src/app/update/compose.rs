//! Writing: the draft, what is sent, and telling the customer that somebody types.

use super::{act, call, consult, party, resend, responses, status, supervise};
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::layer::{Confirm, Layer, Then};
use crate::app::notice::Level;
use crate::app::scroll::Scroll;
use crate::app::session::TYPING_SENT_EVERY;
use crate::app::slash::{self, Line};
use crate::app::state::{Awaited, State};
use crate::domain::message::Visibility;
use crate::domain::response::{self, Enclosure};
use crate::domain::transcript::{Draft, Pending, SendState};
use crate::domain::{InteractionId, Millis, OperationId};
use crate::proto::request::Request;
use crate::text::Clean;
use crate::text::compose::Composer;

/// Why words for colleagues are not sent.
pub(super) const NO_READER: &str = "no colleague is here to read it";

/// Enter: runs a command, or sends.
pub(super) fn enter(state: &mut State, out: &mut Vec<Effect>) {
    let Some(session) = state.session_mut() else {
        state.say(Level::Info, "there is no session to write in");
        return;
    };
    let id = session.interaction.id.clone();
    if std::mem::take(&mut session.pasted_line) {
        // The line breaks at the end of the draft came from the Enter of the pasted line, which this Enter
        // replaces.
        let text = session.draft.text().trim_end_matches('\n').to_owned();
        session.draft.set_text(text);
    }
    let text = session.draft.text().to_owned();
    // A command is one line; a slash before several lines was pasted, with brackets or without.
    if text.starts_with('/') && (session.pasted_slash || text.contains('\n')) {
        let who = if session.is_internal() { "colleagues" } else { "the customer" };
        let question = format!(
            "This begins with a slash but was pasted, or has several lines. Enter sends it to {who} as it is; Esc keeps it here."
        );
        let text = question.as_str().into();
        state.layers.push(Layer::Confirm(Confirm { text, then: Then::SendLiterally(id) }));
        return;
    }
    if text.trim().is_empty() && session.enclosures.is_empty() {
        return send_held(state, &id, out);
    }
    match command(state, &text) {
        Line::Words(words) => send(state, &id, words, out),
        Line::Command(action, arguments) => {
            if let Some(session) = state.by_id_mut(&id) {
                session.draft.take();
            }
            saved(state, &id, out);
            if arguments.is_empty() && party::promoted(state, action, out) {
                return;
            }
            act::perform(state, action, &arguments, out);
        }
        Line::Unknown(command) => {
            let words = format!(
                "there is no command /{command}. To send text that begins with a slash, begin with //"
            );
            state.say(Level::Warning, words);
        }
    }
}

/// Interprets the input. The name of a Not Ready reason is a command too: `/lunch`.
fn command(state: &State, text: &str) -> Line {
    let line = slash::parse(text);
    let is_free = match &line {
        Line::Unknown(_) => true,
        Line::Command(action, arguments) => *action == Action::NotReady && arguments.is_empty(),
        Line::Words(_) => false,
    };
    let reason = text.strip_prefix('/').filter(|_| is_free).and_then(|word| status::reason(state, word));
    reason.map_or(line, |reason| Line::Command(Action::NotReady, reason.name.to_string()))
}

/// Sends the draft of a session with this text; asks first when field codes in it have no value.
pub(super) fn send(state: &mut State, id: &InteractionId, words: String, out: &mut Vec<Effect>) {
    let unfilled = response::unfilled(&words);
    if unfilled.is_empty() {
        return send_as_is(state, id, words, out);
    }
    let question = format!(
        "Nothing is filled in for {}. Enter sends the text as it is; Esc goes back to it.",
        unfilled.join(", ")
    );
    let text = Clean::line(&question);
    let then = Then::SendUnfilled(id.clone(), words);
    state.layers.push(Layer::Confirm(Confirm { text, then }));
}

/// Sends the draft of a session with this text, unless it is empty or too long.
pub(super) fn send_as_is(state: &mut State, id: &InteractionId, words: String, out: &mut Vec<Effect>) {
    let now = state.now;
    let Some(session) = state.by_id_mut(id) else { return };
    if words.trim().is_empty() && session.enclosures.is_empty() {
        return;
    }
    let (bytes, most) = (words.len(), session.options.max_text);
    if bytes > most {
        let sentence =
            format!("not sent: {} bytes over the limit of {most}. Shorten it; nothing was cut", bytes - most);
        state.say(Level::Warning, sentence);
        return;
    }
    if session.interaction.am_silent() {
        let sentence = format!("not sent: {}; what you wrote stays here", supervise::silent(state, id));
        state.say(Level::Warning, sentence);
        return;
    }
    let to = session.to;
    if to != Visibility::All && !consult::has_readers(state, id) {
        let hint = state.settings.keymap.hint(Action::WriteTo);
        let sentence = format!("not sent: {NO_READER}. {hint} makes it a text to the customer");
        state.say(Level::Warning, sentence);
        return;
    }
    let Some(session) = state.by_id_mut(id) else { return };
    if to != Visibility::All && !session.enclosures.is_empty() {
        let hint = state.settings.keymap.hint(Action::WriteTo);
        let sentence = format!(
            "not sent: an attachment goes to the customer. /detach takes it off, {hint} writes to the customer"
        );
        state.say(Level::Warning, sentence);
        return;
    }
    if to == Visibility::All && super::reach::is_closed(session, now) {
        return resend::say_closed(state, "What you wrote stays here");
    }
    if to == Visibility::All {
        session.draft.take();
    } else {
        // What Up brings back is for customers: words among colleagues must not be among it.
        session.draft = Composer::with_history_of(&session.draft);
    }
    session.pasted_slash = false;
    session.trouble = None;
    session.typing_sent = None;
    session.typed_at = None;
    session.set_scroll(Scroll::Bottom);
    let (files, used) = (std::mem::take(&mut session.enclosures), std::mem::take(&mut session.used));
    // What is held goes first: nothing overtakes it.
    let before = session.held_until();
    let hold = state.settings.undo_send;
    let due =
        (before.is_some() || !hold.is_zero()).then(|| before.into_iter().fold(now.plus(hold), Millis::max));
    // Workspace: the text goes first, as a message of its own, and each attachment follows as another.
    let text = (!words.trim().is_empty()).then_some((words, None));
    let had_files = !files.is_empty();
    let files = files.into_iter().map(|file| (file.file.name.clone(), Some(file)));
    for (place, (text, file)) in text.into_iter().chain(files).enumerate() {
        let pending =
            Pending { operation: OperationId::from(""), text, file, to, at: now, state: SendState::Queued };
        let operation = go(state, id, pending, due, out);
        if let Some(session) = state.by_id_mut(id).filter(|_| place == 0 && !used.is_empty()) {
            session.reports.push((operation, used.clone()));
        }
    }
    saved(state, id, out);
    if had_files {
        responses::enclosed(state, id, out);
    }
}

/// What asks the server to send something.
fn request(id: &InteractionId, pending: &Pending) -> Request {
    match &pending.file {
        Some(file) => Request::SendFile { id: id.clone(), file: file.clone() },
        None => Request::SendMessage { id: id.clone(), text: pending.text.clone(), to: pending.to },
    }
}

/// Sends one message, holds it until it is due, or keeps it until there is a connection.
pub(super) fn go(
    state: &mut State,
    id: &InteractionId,
    mut pending: Pending,
    due: Option<Millis>,
    out: &mut Vec<Effect>,
) -> OperationId {
    (pending.operation, pending.state) = match due {
        Some(due) => (state.operation(), held(due, state.now)),
        None if state.online() => {
            let sending = request(id, &pending);
            (call(state, sending, Awaited::Message(id.clone()), out), SendState::Sending)
        }
        None => (state.operation(), SendState::Queued),
    };
    let operation = pending.operation.clone();
    out.push(Effect::KeepUnsent { session: id.clone(), message: pending.clone() });
    if let Some(session) = state.by_id_mut(id) {
        session.transcript.send(pending);
    }
    operation
}

fn held(due: Millis, now: Millis) -> SendState {
    SendState::Held { due, left: due.since(now).as_millis().div_ceil(1000) as u64 }
}

/// Lets go what is held in a session and due by then, in the order it was written. Without a connection it
/// waits for one.
fn let_go(state: &mut State, id: &InteractionId, by: Millis, out: &mut Vec<Effect>) {
    while let Some(session) = state.by_id(id) {
        let first = session.transcript.pending().iter().find_map(|pending| match pending.state {
            SendState::Held { due, .. } => Some((due, pending.clone())),
            _ => None,
        });
        let Some((_, mut pending)) = first.filter(|(due, _)| *due <= by) else { return };
        let earlier =
            session.transcript.pending().iter().take_while(|other| other.operation != pending.operation);
        let stuck =
            earlier.clone().any(|other| matches!(other.state, SendState::Queued | SendState::Unknown));
        let unread = pending.to != Visibility::All && !consult::has_readers(state, id);
        pending.state = if unread {
            SendState::Refused(NO_READER.into())
        } else if state.online() && !stuck {
            SendState::Sending
        } else {
            SendState::Queued
        };
        out.push(Effect::KeepUnsent { session: id.clone(), message: pending.clone() });
        if let Some(session) = state.by_id_mut(id) {
            session.transcript.set_pending(&pending.operation, pending.state.clone());
        }
        if pending.state == SendState::Sending {
            again(state, id, &pending, out);
        } else if pending.state == SendState::Queued && state.online() {
            // What is before it goes once the log is read, and this behind it.
            super::server::read(state, id, out);
        }
    }
}

/// Sends at once what is held in a session.
pub(super) fn send_held(state: &mut State, id: &InteractionId, out: &mut Vec<Effect>) {
    let_go(state, id, Millis(i64::MAX), out);
}

/// Sends what has been held for its time, and counts down what has not.
pub(super) fn tick(state: &mut State, out: &mut Vec<Effect>) {
    let now = state.now;
    let holding = state.sessions.iter().filter(|session| session.held_until().is_some());
    let holding: Vec<InteractionId> = holding.map(|session| session.interaction.id.clone()).collect();
    for id in holding {
        let_go(state, &id, now, out);
        let Some(session) = state.by_id_mut(&id) else { continue };
        let counted: Vec<_> = session
            .transcript
            .pending()
            .iter()
            .filter_map(|pending| match pending.state {
                SendState::Held { due, .. } => Some((pending.operation.clone(), held(due, now))),
                _ => None,
            })
            .collect();
        for (operation, left) in counted {
            session.transcript.set_pending(&operation, left);
        }
    }
}

/// After the log of a session was read: sends what waited for the connection, and what the log shows has
/// not arrived. Each goes under the name it had, so that a repeat is the same act.
pub(super) fn flush(state: &mut State, id: &InteractionId, out: &mut Vec<Effect>) {
    let Some(session) = state.by_id_mut(id) else { return };
    let waiting: Vec<Pending> = session
        .transcript
        .pending()
        .iter()
        .filter(|pending| {
            matches!(pending.state, SendState::Queued | SendState::Unknown | SendState::Sending)
        })
        .cloned()
        .collect();
    for pending in waiting {
        if state.awaited.contains_key(&pending.operation) {
            continue;
        }
        again(state, id, &pending, out);
    }
}

pub(super) fn again(state: &mut State, id: &InteractionId, pending: &Pending, out: &mut Vec<Effect>) {
    state.awaited.insert(pending.operation.clone(), Awaited::Message(id.clone()));
    let request = request(id, pending);
    out.push(Effect::Call { operation: pending.operation.clone(), request });
    if let Some(session) = state.by_id_mut(id) {
        session.transcript.set_pending(&pending.operation, SendState::Sending);
    }
}

/// The draft of the shown session changed by the agent's hand.
pub(super) fn changed(state: &mut State, out: &mut Vec<Effect>) {
    let (now, telling) = (state.now, state.settings.send_typing && state.online());
    let Some(session) = state.session_mut() else { return };
    if !session.draft.text().starts_with('/') {
        session.pasted_slash = false;
    }
    if session.draft.is_empty() && session.enclosures.is_empty() {
        session.used.clear();
    }
    session.pasted_line &= session.draft.text().contains('\n');
    let id = session.interaction.id.clone();
    let words = !session.draft.is_empty() && (session.pasted_slash || !session.draft.text().starts_with('/'));
    let silent = session.interaction.am_silent();
    if telling && words && !silent && !session.is_internal() {
        session.typed_at = Some(now);
        if session.typing_sent.is_none_or(|sent| now.since(sent) >= TYPING_SENT_EVERY) {
            session.typing_sent = Some(now);
            call(state, Request::Typing { id: id.clone(), started: true }, Awaited::Silent, out);
        }
    }
    saved(state, &id, out);
}

/// Tells customers that nobody types any more, a while after the last key.
pub(super) fn typing_stopped(state: &mut State, out: &mut Vec<Effect>) {
    let now = state.now;
    let online = state.online();
    let mut stopped = Vec::new();
    for session in &mut state.sessions {
        let quiet = session.typed_at.is_some_and(|at| now.since(at) >= TYPING_SENT_EVERY);
        let emptied = session.typing_sent.is_some() && session.draft.is_empty();
        if quiet || emptied {
            session.typed_at = None;
            if session.typing_sent.take().is_some() && online {
                stopped.push(session.interaction.id.clone());
            }
        }
    }
    for id in stopped {
        call(state, Request::Typing { id, started: false }, Awaited::Silent, out);
    }
}

/// The editor ended.
pub(super) fn edited(
    state: &mut State,
    id: &InteractionId,
    result: Result<String, String>,
    out: &mut Vec<Effect>,
) {
    match result {
        Err(sentence) => state.say(Level::Error, sentence),
        Ok(text) => {
            let Some(session) = state.by_id_mut(id) else {
                // Whom it was for is not known any more: it must not become words for the customer.
                let draft = Draft { text, to: Visibility::Agent };
                state.drafts.insert(id.clone(), draft.clone());
                state
                    .say(Level::Warning, "the session is gone; what you wrote is kept in case it comes back");
                out.push(Effect::SaveDraft { session: id.clone(), draft });
                return;
            };
            // What an editor brings is like a paste: it never sends and is never a command.
            session.pasted_slash = text.starts_with('/');
            if session.editing.take().is_some_and(|to| to != Visibility::All) {
                session.to = Visibility::Agent;
            }
            session.draft.set_text(text.trim_end_matches('\n').to_owned());
            saved(state, id, out);
        }
    }
}

/// What an earlier run left behind.
pub(super) fn restore(
    state: &mut State,
    drafts: Vec<(InteractionId, Draft)>,
    unsent: Vec<(InteractionId, Pending)>,
    files: Vec<(InteractionId, Vec<Enclosure>)>,
    out: &mut Vec<Effect>,
) {
    for (id, files) in files {
        match state.by_id_mut(&id) {
            Some(session) if session.enclosures.is_empty() => session.enclosures = files,
            Some(_) => {}
            None => {
                state.enclosures.insert(id, files);
            }
        }
    }
    for (id, draft) in drafts {
        match state.by_id_mut(&id) {
            Some(session) if session.draft.is_empty() => consult::restored(session, draft),
            Some(_) => {}
            None => {
                state.drafts.insert(id, draft);
            }
        }
    }
    super::note::restore_all(state);
    state.unsent.extend(unsent);
    let open: Vec<InteractionId> =
        state.sessions.iter().map(|session| session.interaction.id.clone()).collect();
    for id in open {
        adopt(state, &id);
        // The log tells which of them the server has.
        super::server::read(state, &id, out);
    }
}

/// Gives a session the messages that an earlier run did not see confirmed. They go out again, under the
/// names they had, once the log shows that they have not arrived.
pub(super) fn adopt(state: &mut State, id: &InteractionId) {
    let (mine, others) =
        std::mem::take(&mut state.unsent).into_iter().partition(|(session, _)| session == id);
    state.unsent = others;
    let mine: Vec<(InteractionId, Pending)> = mine;
    if let Some(session) = state.by_id_mut(id) {
        for (_, pending) in mine {
            // What was held surely stayed here, and its writer may have wanted it back.
            let held = matches!(pending.state, SendState::Held { .. });
            let state = if held {
                SendState::Refused("the desk ended while it was held".into())
            } else {
                SendState::Unknown
            };
            session.transcript.send(Pending { state, ..pending });
        }
    }
}

pub(super) fn saved(state: &State, id: &InteractionId, out: &mut Vec<Effect>) {
    if let Some(session) = state.by_id(id) {
        out.push(Effect::SaveDraft { session: id.clone(), draft: session.unsent_draft() });
    }
}
