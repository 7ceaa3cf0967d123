//! Writing: the draft, what is sent, and telling the customer that somebody types.

use super::{act, call, responses};
use crate::app::effect::Effect;
use crate::app::layer::{Confirm, Layer, Then};
use crate::app::notice::Level;
use crate::app::scroll::Scroll;
use crate::app::session::TYPING_SENT_EVERY;
use crate::app::slash::{self, Line};
use crate::app::state::{Awaited, State};
use crate::domain::response::Enclosure;
use crate::domain::transcript::{Pending, SendState};
use crate::domain::{InteractionId, OperationId};
use crate::proto::request::Request;
use crate::text::compose::Composer;

/// Enter: runs a command, or sends.
pub(super) fn enter(state: &mut State, out: &mut Vec<Effect>) {
    let Some(session) = state.session_mut() else {
        state.say(Level::Info, "there is no session to write in");
        return;
    };
    let id = session.interaction.id.clone();
    let text = session.draft.text().to_owned();
    // A command is one line; a slash before several lines was pasted, with brackets or without.
    if text.starts_with('/') && (session.pasted_slash || text.contains('\n')) {
        let question = "This begins with a slash but was pasted, or has several lines. Enter sends it to the customer as it is; Esc keeps it here.";
        state.layers.push(Layer::Confirm(Confirm { text: question.into(), then: Then::SendLiterally(id) }));
        return;
    }
    match slash::parse(&text) {
        Line::Words(words) => send(state, &id, words, out),
        Line::Command(action, arguments) => {
            session.draft.take();
            saved(state, &id, out);
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

/// Sends the draft of a session as these words, unless they are empty or too long.
pub(super) fn send(state: &mut State, id: &InteractionId, words: String, out: &mut Vec<Effect>) {
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
    session.draft.take();
    session.pasted_slash = false;
    session.trouble = None;
    session.typing_sent = None;
    session.typed_at = None;
    session.set_scroll(Scroll::Bottom);
    let (files, used) = (std::mem::take(&mut session.enclosures), std::mem::take(&mut session.used));
    // Workspace: the text goes first, as a message of its own, and each attachment follows as another.
    let text = (!words.trim().is_empty()).then_some((words, None));
    let had_files = !files.is_empty();
    let files = files.into_iter().map(|file| (file.file.name.clone(), Some(file)));
    for (place, (text, file)) in text.into_iter().chain(files).enumerate() {
        let operation = go(state, id, text, file, out);
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
fn request(id: &InteractionId, text: &str, file: Option<&Enclosure>) -> Request {
    match file {
        Some(file) => Request::SendFile { id: id.clone(), file: file.clone() },
        None => Request::SendMessage { id: id.clone(), text: text.to_owned() },
    }
}

/// Sends one message, or keeps it until there is a connection.
fn go(
    state: &mut State,
    id: &InteractionId,
    text: String,
    file: Option<Enclosure>,
    out: &mut Vec<Effect>,
) -> OperationId {
    let (at, online) = (state.now, state.online());
    let request = request(id, &text, file.as_ref());
    let operation =
        if online { call(state, request, Awaited::Message(id.clone()), out) } else { state.operation() };
    let to = if online { SendState::Sending } else { SendState::Queued };
    let pending = Pending { operation: operation.clone(), text, file, at, state: to };
    out.push(Effect::KeepUnsent { session: id.clone(), message: pending.clone() });
    if let Some(session) = state.by_id_mut(id) {
        session.transcript.send(pending);
    }
    operation
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

fn again(state: &mut State, id: &InteractionId, pending: &Pending, out: &mut Vec<Effect>) {
    state.awaited.insert(pending.operation.clone(), Awaited::Message(id.clone()));
    let request = request(id, &pending.text, pending.file.as_ref());
    out.push(Effect::Call { operation: pending.operation.clone(), request });
    if let Some(session) = state.by_id_mut(id) {
        session.transcript.set_pending(&pending.operation, SendState::Sending);
    }
}

/// Sends again what was refused in the shown session. A refused message is a new act under a new name.
pub(super) fn retry(state: &mut State, out: &mut Vec<Effect>) {
    let refused = |pending: &&Pending| matches!(pending.state, SendState::Refused(_));
    let Some(session) = state.session_mut() else { return };
    let id = session.interaction.id.clone();
    let found: Vec<Pending> = session.transcript.pending().iter().filter(refused).cloned().collect();
    if found.is_empty() {
        state.say(Level::Info, "nothing was refused here");
        return;
    }
    if !super::online(state) {
        return;
    }
    for mut pending in found {
        let operation = state.operation();
        if let Some(session) = state.by_id_mut(&id) {
            session.transcript.take_pending(&pending.operation);
            out.push(Effect::ForgetUnsent(std::mem::replace(&mut pending.operation, operation)));
            session.transcript.send(pending.clone());
        }
        out.push(Effect::KeepUnsent { session: id.clone(), message: pending.clone() });
        again(state, &id, &pending, out);
    }
}

/// Puts the last message that surely was not sent back into the input, before what is written there.
pub(super) fn take_back(state: &mut State, out: &mut Vec<Effect>) {
    let unsent = |pending: &&Pending| matches!(pending.state, SendState::Refused(_) | SendState::Queued);
    let Some(session) = state.session_mut() else { return };
    let Some(operation) = session.transcript.pending().iter().rfind(unsent).map(|p| p.operation.clone())
    else {
        state.say(Level::Info, "there is nothing here that can be taken back");
        return;
    };
    if let Some(mut pending) = session.transcript.take_pending(&operation) {
        if let Some(file) = pending.file.take() {
            session.enclosures.insert(0, file);
            let id = session.interaction.id.clone();
            out.push(Effect::ForgetUnsent(operation));
            return responses::enclosed(state, &id, out);
        }
        let rest = session.draft.text();
        let text = if rest.is_empty() { pending.text } else { format!("{}\n{rest}", pending.text) };
        session.draft.set_text(text);
        let id = session.interaction.id.clone();
        out.push(Effect::ForgetUnsent(operation));
        saved(state, &id, out);
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
    let id = session.interaction.id.clone();
    let words = !session.draft.is_empty() && (session.pasted_slash || !session.draft.text().starts_with('/'));
    if telling && words {
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
                state.drafts.insert(id.clone(), text.clone());
                state
                    .say(Level::Warning, "the session is gone; what you wrote is kept in case it comes back");
                out.push(Effect::SaveDraft { session: id.clone(), text });
                return;
            };
            // What an editor brings is like a paste: it never sends and is never a command.
            session.pasted_slash = text.starts_with('/');
            session.draft.set_text(text.trim_end_matches('\n').to_owned());
            saved(state, id, out);
        }
    }
}

/// What an earlier run left behind.
pub(super) fn restore(
    state: &mut State,
    drafts: Vec<(InteractionId, String)>,
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
    for (id, text) in drafts {
        match state.by_id_mut(&id) {
            Some(session) if session.draft.is_empty() => session.draft.set_text(text),
            Some(_) => {}
            None => {
                state.drafts.insert(id, text);
            }
        }
    }
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
            session.transcript.send(Pending { state: SendState::Unknown, ..pending });
        }
    }
}

/// Emoji completion at the cursor.
pub(super) fn complete_emoji(composer: &mut Composer) -> bool {
    let Some((range, prefix)) = composer.emoji_prefix() else { return false };
    let Some((_, emoji)) = crate::text::emoji::complete(prefix, 1).into_iter().next() else { return false };
    let range = range.clone();
    composer.replace(range, emoji);
    true
}

/// Turns a name that was just closed, such as `:tada:`, into its emoji; undo brings the name back.
pub(super) fn close_emoji(composer: &mut Composer) {
    let cursor = composer.cursor();
    let Some(before) = composer.text().get(..cursor).and_then(|text| text.strip_suffix(':')) else { return };
    let Some(start) = before.rfind(':') else { return };
    let Some(code) = composer.text().get(start..cursor) else { return };
    if let Some(emoji) = crate::text::emoji::lookup(code) {
        composer.replace(start..cursor, emoji);
    }
}

pub(super) fn saved(state: &State, id: &InteractionId, out: &mut Vec<Effect>) {
    if let Some(session) = state.by_id(id) {
        out.push(Effect::SaveDraft { session: id.clone(), text: session.draft.text().to_owned() });
    }
}
