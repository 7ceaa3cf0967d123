//! Messages that were not sent or did not arrive: sending them again, or taking them back into the input.

use crate::app::core::action::Action;
use crate::app::core::drafts::{save_draft, save_files};
use crate::app::core::effect::Effect;
use crate::app::core::notice::Level;
use crate::app::core::outbox::{NO_READER, again, has_readers, send_message};
use crate::app::core::requests::online;
use crate::app::core::state::State;
use crate::app::features::compose::addressees;
use crate::domain::OperationId;
use crate::domain::message::Visibility;
use crate::domain::transcript::{PendingMessage, SendState};
use crate::text::Clean;

/// Reports that the reply window is closed, and what the agent can still do.
pub(in crate::app) fn say_closed(state: &mut State, what_stays: &str) {
    let key = state.settings.keymap.hint(Action::Reach);
    let sentence = format!(
        "not sent: the customer has not written for 24 hours, so WhatsApp takes only a template. {what_stays}; \
         {key} chooses a template"
    );
    state.say(Level::Warning, sentence);
}

/// Sends again the refused messages of the shown session, and the replies that did not reach the customer: all
/// that the customer is waiting for, otherwise the last one. Each is a new request with a new operation ID.
pub(in crate::app) fn retry(state: &mut State, out: &mut Vec<Effect>) {
    let refused = |pending: &&PendingMessage| matches!(pending.state, SendState::Refused(_));
    let now = state.now;
    let Some(session) = state.session_mut() else { return };
    let id = session.interaction.id.clone();
    let found: Vec<PendingMessage> = session.transcript.pending().iter().filter(refused).cloned().collect();
    let mut failed: Vec<String> = session.open_failures().iter().map(|(_, text)| text.to_string()).collect();
    if failed.is_empty() && found.is_empty() {
        failed.extend(session.failed().last().map(|(_, text)| text.to_string()));
    }
    if found.is_empty() && failed.is_empty() {
        state.say(Level::Info, "No failed message to resend");
        return;
    }
    if session.interaction.am_silent() {
        let sentence = format!("not sent: {}", addressees::silent(state, &id));
        return state.say(Level::Warning, sentence);
    }
    if !failed.is_empty() && session.is_window_closed(now) {
        return say_closed(state, "What failed stays here");
    }
    if !online(state) {
        return;
    }
    if found.iter().any(|pending| pending.to != Visibility::All) && !has_readers(state, &id) {
        state.say(Level::Warning, format!("not sent: {NO_READER}"));
        return;
    }
    if let Some(beginning) = state.by_id(&id).map(|session| not_received(&session.name())) {
        state.notices.withdraw(now, |text| text.starts_with(&beginning));
    }
    // Failed messages were written before refused ones.
    for text in failed {
        let (operation, to) = (OperationId::from(""), Visibility::All);
        let pending = PendingMessage { operation, text, file: None, to, at: now, state: SendState::Queued };
        send_message(state, &id, pending, None, out);
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

/// Takes the last message that was certainly not sent back into the input, before the text there.
pub(in crate::app) fn take_back(state: &mut State, out: &mut Vec<Effect>) {
    let unsent = |pending: &&PendingMessage| {
        matches!(pending.state, SendState::Held { .. } | SendState::Refused(_) | SendState::Queued)
    };
    let Some(session) = state.session_mut() else { return };
    let Some(operation) = session.transcript.pending().iter().rfind(unsent).map(|p| p.operation.clone())
    else {
        return take_back_failed(state, out);
    };
    let other = |p: &PendingMessage| p.operation == operation && p.to != session.to;
    if session.transcript.pending().iter().any(other) && !session.draft.is_empty() {
        let words = "that message has other readers than your draft: send or clear the draft first";
        state.say(Level::Info, words);
        return;
    }
    if let Some(mut pending) = session.transcript.take_pending(&operation) {
        session.to = pending.to;
        if let Some(file) = pending.file.take() {
            session.enclosures.insert(0, file);
            let id = session.interaction.id.clone();
            out.push(Effect::ForgetUnsent(operation));
            return save_files(state, &id, out);
        }
        let rest = session.draft.text();
        let text = if rest.is_empty() { pending.text } else { format!("{}\n{rest}", pending.text) };
        session.draft.set_text(text);
        let id = session.interaction.id.clone();
        out.push(Effect::ForgetUnsent(operation));
        save_draft(state, &id, out);
    }
}

/// Takes the last text that did not reach the customer back into the input. It stays in the log as failed.
fn take_back_failed(state: &mut State, out: &mut Vec<Effect>) {
    let Some(session) = state.session_mut() else { return };
    let Some((index, text)) = session.failed().last().map(|(index, text)| (*index, text.to_string())) else {
        return state.say(Level::Info, "there is nothing here that can be taken back");
    };
    if session.interaction.writes_aside() || (session.is_internal() && !session.draft.is_empty()) {
        let words = "that message has other readers than your draft: send or clear the draft first";
        return state.say(Level::Info, words);
    }
    session.to = Visibility::All;
    session.taken_back.insert(index);
    let rest = session.draft.text();
    let text = if rest.is_empty() { text } else { format!("{text}\n{rest}") };
    session.draft.set_text(text);
    let id = session.interaction.id.clone();
    save_draft(state, &id, out);
}

/// The beginning of the notice that a reply did not reach a customer.
pub(in crate::app) fn not_received(name: &Clean) -> String {
    format!("{name} did not get your reply")
}
