//! The draft of a session: stored when it changes, and reported to the customer as typing.

use crate::app::core::effect::Effect;
use crate::app::core::requests::call;
use crate::app::core::session::TYPING_SENT_EVERY;
use crate::app::core::state::{Awaited, State};
use crate::domain::InteractionId;
use crate::proto::request::Request;

/// Reacts to the agent's change of the draft in the shown session.
pub(in crate::app) fn draft_changed(state: &mut State, out: &mut Vec<Effect>) {
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
    save_draft(state, &id, out);
}

/// Stores the draft of a session; an empty draft is deleted.
pub(in crate::app) fn save_draft(state: &State, id: &InteractionId, out: &mut Vec<Effect>) {
    if let Some(session) = state.by_id(id) {
        out.push(Effect::SaveDraft { session: id.clone(), draft: session.unsent_draft() });
    }
}

/// Stores the files attached to a draft.
pub(in crate::app) fn save_files(state: &State, id: &InteractionId, out: &mut Vec<Effect>) {
    if let Some(session) = state.by_id(id) {
        out.push(Effect::SaveFiles { session: id.clone(), files: session.enclosures.clone() });
    }
}
