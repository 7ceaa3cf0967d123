//! The note of a session: edited in a form, stored while it is edited, sent when the agent saves it.

use crate::app::core::effect::Effect;
use crate::app::core::form::{Field, Form, FormItem, FormPurpose};
use crate::app::core::forms;
use crate::app::core::note_draft::NoteDraft;
use crate::app::core::notice::Level;
use crate::app::core::requests::call;
use crate::app::core::requests::online;
use crate::app::core::state::{Awaited, State};
use crate::domain::InteractionId;
use crate::domain::field::FieldType;
use crate::domain::transcript::Draft;
use crate::proto::request::Request;
use crate::text::Clean;

/// The prefix of the session's ID under which a note is stored, beside the drafts of messages.
const KEPT: &str = "note:";

fn storage_key(id: &InteractionId) -> InteractionId {
    format!("{KEPT}{id}").as_str().into()
}

/// Opens the note of the shown session; `/note TEXT` saves at once.
pub(in crate::app) fn open(state: &mut State, text: &str, out: &mut Vec<Effect>) {
    let Some(session) = state.session() else {
        state.say(Level::Info, "there is no session");
        return;
    };
    let id = session.interaction.id.clone();
    if !text.is_empty() {
        keep(state, &id, text, out);
        return save(state, &id, text.to_owned(), out);
    }
    let own = session.interaction.comment.to_string();
    let mut field = Field::new("note", "", FieldType::Lines, &own);
    let draft = session.note.as_ref();
    if let Some(draft) = draft {
        field.set(&draft.text);
    }
    let title = if draft.is_some() { "Note (not saved yet)" } else { "Note" };
    forms::open(state, Form::new(title, FormPurpose::Note(id), vec![FormItem::Field(field)]));
}

/// Stores the edited text, so that neither Esc nor a lost connection nor the end of the program loses it.
pub(in crate::app) fn keep(state: &mut State, id: &InteractionId, text: &str, out: &mut Vec<Effect>) {
    let Some(session) = state.by_id_mut(id) else { return };
    let saved = session.interaction.comment.to_string();
    let over = session.note.take().map_or_else(|| saved.clone(), |draft| draft.over);
    session.note = (text != saved).then(|| NoteDraft { text: text.to_owned(), over });
    let text = session.note.as_ref().map(|draft| draft.text.clone()).unwrap_or_default();
    out.push(Effect::SaveDraft { session: storage_key(id), draft: Draft { text, ..Draft::default() } });
}

/// Restores the stored note of a session that opens.
pub(in crate::app) fn restore(state: &mut State, id: &InteractionId) {
    let Some(Draft { text, .. }) = state.drafts.remove(&storage_key(id)) else { return };
    if let Some(session) = state.by_id_mut(id) {
        let over = session.interaction.comment.to_string();
        session.note = (text != over).then_some(NoteDraft { text, over });
    }
}

/// Moves the stored notes of an earlier run into the open sessions.
pub(in crate::app) fn restore_all(state: &mut State) {
    let open: Vec<InteractionId> = state.sessions.iter().map(|s| s.interaction.id.clone()).collect();
    for id in open {
        restore(state, &id);
    }
}

/// Keeps the note of a session that leaves the console, in case the session comes back.
pub(in crate::app) fn put_aside(state: &mut State, id: &InteractionId, note: Option<NoteDraft>) {
    if let Some(draft) = note {
        state.drafts.insert(storage_key(id), Draft { text: draft.text, ..Draft::default() });
    }
    forms::close(state, &FormPurpose::Note(id.clone()));
}

/// Deletes the stored note of a finished session.
pub(in crate::app) fn forget(id: &InteractionId, out: &mut Vec<Effect>) {
    out.push(Effect::SaveDraft { session: storage_key(id), draft: Draft::default() });
}

/// Saves the note. If somebody else has changed it meanwhile, reports that first.
pub(in crate::app) fn save(state: &mut State, id: &InteractionId, text: String, out: &mut Vec<Effect>) {
    let purpose = FormPurpose::Note(id.clone());
    if !state.online() {
        let words = "there is no connection: what you have written is kept; save it again when it is back";
        if !forms::show_refusal(state, &purpose, words) {
            online(state);
        }
        return;
    }
    let Some(session) = state.by_id_mut(id) else { return };
    let now = session.interaction.comment.to_string();
    if let Some(draft) = &mut session.note
        && draft.over != now
        && text != now
    {
        draft.over.clone_from(&now);
        let words = if now.trim().is_empty() {
            "somebody has deleted the note meanwhile. Save again to keep yours".to_owned()
        } else {
            format!("somebody changed the note meanwhile; it now says: {now}. Save again to overwrite it")
        };
        if !forms::show_refusal(state, &purpose, &words) {
            state.say(Level::Warning, words);
        }
        return;
    }
    let request = Request::SetComment { id: id.clone(), comment: text.clone() };
    call(state, request, Awaited::Note(id.clone(), text), out);
    forms::mark_saving(state, &purpose);
}

/// The server has saved the note.
pub(in crate::app) fn saved(state: &mut State, id: &InteractionId, text: &str, out: &mut Vec<Effect>) {
    let Some(session) = state.by_id_mut(id) else { return };
    session.interaction.comment = Clean::new(text);
    let written_on = session.note.as_ref().is_some_and(|draft| draft.text != text);
    if let Some(draft) = session.note.as_mut().filter(|_| written_on) {
        text.clone_into(&mut draft.over);
        forms::show_refusal(state, &FormPurpose::Note(id.clone()), "saved; what you wrote since is not");
        return;
    }
    session.note = None;
    forget(id, out);
    forms::close(state, &FormPurpose::Note(id.clone()));
    let words = if text.trim().is_empty() { "the note is deleted" } else { "the note is saved" };
    state.say(Level::Good, words);
}

/// The server refused the note; it stays stored.
pub(in crate::app) fn failed(state: &mut State, id: &InteractionId, words: &str) {
    let key = state.settings.keymap.hint(crate::app::Action::Note);
    if !forms::show_refusal(
        state,
        &FormPurpose::Note(id.clone()),
        &format!("the note was not saved: {words}"),
    ) {
        let sentence = format!("the note was not saved: {words}. {key} has what you wrote");
        state.say(Level::Error, sentence);
    }
}
