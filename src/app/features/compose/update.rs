//! Composing: the draft, sending it, and typing signals to the customer.

use crate::app::core::action::Action;
use crate::app::core::drafts::{save_draft, save_files};
use crate::app::core::effect::Effect;
use crate::app::core::layer::{Confirm, ConfirmAction, Layer};
use crate::app::core::log::read;
use crate::app::core::notice::Level;
use crate::app::core::outbox::{NO_READER, again, has_readers, held, send_due, send_message};
use crate::app::core::requests::call;
use crate::app::core::scroll::Scroll;
use crate::app::core::session::TYPING_SENT_EVERY;
use crate::app::core::state::{Awaited, State};
use crate::app::features::compose::{addressees, resend};
use crate::domain::message::Visibility;
use crate::domain::response::Enclosure;
use crate::domain::transcript::{Draft, PendingMessage, SendState};
use crate::domain::{InteractionId, Millis, OperationId, response};
use crate::proto::request::Request;
use crate::text::Clean;
use crate::text::compose::Composer;

/// Sends the draft of a session with this text; asks first when field codes in it have no value.
pub(in crate::app) fn send(state: &mut State, id: &InteractionId, words: String, out: &mut Vec<Effect>) {
    let unfilled = response::unfilled(&words);
    if unfilled.is_empty() {
        return send_as_is(state, id, words, out);
    }
    let question = format!(
        "Nothing is filled in for {}. Enter sends the text as it is; Esc goes back to it.",
        unfilled.join(", ")
    );
    let text = Clean::line(&question);
    let then = ConfirmAction::SendUnfilled(id.clone(), words);
    state.layers.push(Layer::Confirm(Confirm { text, then }));
}

/// Sends the draft of a session with this text, unless it is empty or too long.
pub(in crate::app) fn send_as_is(
    state: &mut State,
    id: &InteractionId,
    words: String,
    out: &mut Vec<Effect>,
) {
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
        let sentence = format!("not sent: {}; what you wrote stays here", addressees::silent(state, id));
        state.say(Level::Warning, sentence);
        return;
    }
    let to = session.to;
    if to != Visibility::All && !has_readers(state, id) {
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
    if to == Visibility::All && session.is_window_closed(now) {
        return resend::say_closed(state, "What you wrote stays here");
    }
    if to == Visibility::All {
        session.draft.take();
    } else {
        // Up recalls messages to customers only, never internal ones.
        session.draft = Composer::with_history_of(&session.draft);
    }
    session.pasted_slash = false;
    session.trouble = None;
    session.typing_sent = None;
    session.typed_at = None;
    session.set_scroll(Scroll::Bottom);
    queue(state, id, words, to, out);
}

/// Queues the text and the files of the composer, each as a separate message.
fn queue(state: &mut State, id: &InteractionId, words: String, to: Visibility, out: &mut Vec<Effect>) {
    let now = state.now;
    let hold = state.settings.undo_send;
    let Some(session) = state.by_id_mut(id) else { return };
    let (files, used) = (std::mem::take(&mut session.enclosures), std::mem::take(&mut session.used));
    // Held messages are sent first, so nothing overtakes them.
    let before = session.held_until();
    let due =
        (before.is_some() || !hold.is_zero()).then(|| before.into_iter().fold(now.plus(hold), Millis::max));
    // Workspace: the text is sent first, as a separate message, and each attachment follows as another.
    let text = (!words.trim().is_empty()).then_some((words, None));
    let had_files = !files.is_empty();
    let files = files.into_iter().map(|file| (file.file.name.clone(), Some(file)));
    for (place, (text, file)) in text.into_iter().chain(files).enumerate() {
        let pending = PendingMessage {
            operation: OperationId::from(""),
            text,
            file,
            to,
            at: now,
            state: SendState::Queued,
        };
        let operation = send_message(state, id, pending, due, out);
        if let Some(session) = state.by_id_mut(id).filter(|_| place == 0 && !used.is_empty()) {
            session.reports.push((operation, used.clone()));
        }
    }
    save_draft(state, id, out);
    if had_files {
        save_files(state, id, out);
    }
}

/// Sends the held messages that are due, and updates the countdown of the others.
pub(in crate::app) fn tick(state: &mut State, out: &mut Vec<Effect>) {
    let now = state.now;
    let holding = state.sessions.iter().filter(|session| session.held_until().is_some());
    let holding: Vec<InteractionId> = holding.map(|session| session.interaction.id.clone()).collect();
    for id in holding {
        send_due(state, &id, now, out);
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

/// Runs after the log of a session was read: sends the messages that waited for the connection, and those that
/// the log shows have not arrived. Each keeps its operation ID, so that a repeat is the same request.
pub(in crate::app) fn flush(state: &mut State, id: &InteractionId, out: &mut Vec<Effect>) {
    let Some(session) = state.by_id_mut(id) else { return };
    let waiting: Vec<PendingMessage> = session
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

/// Signals to customers that the agent has stopped typing, some time after the last key.
pub(in crate::app) fn typing_stopped(state: &mut State, out: &mut Vec<Effect>) {
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

/// The external editor has ended.
pub(in crate::app) fn edited(
    state: &mut State,
    id: &InteractionId,
    result: Result<String, String>,
    out: &mut Vec<Effect>,
) {
    match result {
        Err(sentence) => state.say(Level::Error, sentence),
        Ok(text) => {
            let Some(session) = state.by_id_mut(id) else {
                // The addressees are not known any more: the text must not go to the customer.
                let draft = Draft { text, to: Visibility::Agent };
                state.drafts.insert(id.clone(), draft.clone());
                state
                    .say(Level::Warning, "the session is gone; what you wrote is kept in case it comes back");
                out.push(Effect::SaveDraft { session: id.clone(), draft });
                return;
            };
            // Text from an editor is treated like a paste: it never sends and is never a command.
            session.pasted_slash = text.starts_with('/');
            if session.editing.take().is_some_and(|to| to != Visibility::All) {
                session.to = Visibility::Agent;
            }
            session.draft.set_text(text.trim_end_matches('\n').to_owned());
            save_draft(state, id, out);
        }
    }
}

/// Restores the stored messages and drafts of an earlier run.
pub(in crate::app) fn restore(
    state: &mut State,
    drafts: Vec<(InteractionId, Draft)>,
    unsent: Vec<(InteractionId, PendingMessage)>,
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
            Some(session) if session.draft.is_empty() => addressees::restored(session, draft),
            Some(_) => {}
            None => {
                state.drafts.insert(id, draft);
            }
        }
    }
    state.unsent.extend(unsent);
    let open: Vec<InteractionId> =
        state.sessions.iter().map(|session| session.interaction.id.clone()).collect();
    for id in open {
        adopt(state, &id);
        // The log shows which of them the server has.
        read(state, &id, out);
    }
}

/// Gives a session the messages that an earlier run did not see confirmed. They are sent again, under the same
/// operation IDs, once the log shows that they have not arrived.
pub(in crate::app) fn adopt(state: &mut State, id: &InteractionId) {
    let (mine, others) =
        std::mem::take(&mut state.unsent).into_iter().partition(|(session, _)| session == id);
    state.unsent = others;
    let mine: Vec<(InteractionId, PendingMessage)> = mine;
    if let Some(session) = state.by_id_mut(id) {
        for (_, pending) in mine {
            // A held message was certainly not sent, and the agent may have wanted it back.
            let held = matches!(pending.state, SendState::Held { .. });
            let state = if held {
                SendState::Refused("the desk ended while it was held".into())
            } else {
                SendState::Unknown
            };
            session.transcript.send(PendingMessage { state, ..pending });
        }
    }
}

/// Opens the draft of the shown session in the external editor.
pub(in crate::app) fn open_editor(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(session) = state.session_mut() {
        session.editing = Some(session.to);
        let (session, text) = (session.interaction.id.clone(), session.draft.text().to_owned());
        out.push(Effect::Edit { session, text });
    }
}
