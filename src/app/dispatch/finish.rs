//! The ways to end a session: Done with its mandatory fields, and the confirmation when the customer has
//! written in the meantime.

use crate::app::core::effect::Effect;
use crate::app::core::layer::{Confirm, ConfirmAction, Layer};
use crate::app::core::notice::Level;
use crate::app::core::requests::online;
use crate::app::core::state::{Awaited, State};
use crate::app::features::case::update as case;
use crate::app::features::disposition::update as disposition;
use crate::app::features::done::model::DoneRequest;
use crate::app::features::done::{Ending, update as done};
use crate::app::features::note::update as note;
use crate::app::features::parties::model::{PartiesRequest, PartyStep};
use crate::app::features::parties::{leave, update as parties};
use crate::app::features::workbins::model::WorkbinRequest;
use crate::app::features::workbins::update as workbins;
use crate::domain::InteractionId;
use crate::proto::envelope::Unread;
use crate::text::Clean;

/// Handles Done. (Workspace: the session ends, is saved in contact history, and its window closes.)
pub(in crate::app) fn finish_shown(state: &mut State, code: &str, out: &mut Vec<Effect>) {
    let Some(session) = state.session() else {
        state.say(Level::Info, "there is no session to finish");
        return;
    };
    let (id, finishing) = (session.interaction.id.clone(), session.finishing.is_some());
    if session.interaction.am_consulted() || session.interaction.monitor.is_some() {
        // A consulted agent or a supervisor cannot finish the session.
        return leave::leave(state, out);
    }
    if finishing || !online(state) {
        return;
    }
    if !code.is_empty() {
        return disposition::open(state, &id, code, true, out);
    }
    continue_finishing(state, &id, out);
}

/// Continues finishing a session: asks for what is missing, one thing after another, then finishes it.
pub(in crate::app) fn continue_finishing(state: &mut State, id: &InteractionId, out: &mut Vec<Effect>) {
    let Some(session) = state.by_id(id).filter(|session| session.finishing.is_none()) else { return };
    let set =
        session.interaction.user_data.text(&session.options.disposition_key).is_some_and(|d| !d.is_empty());
    if session.options.disposition_mandatory && !set {
        return disposition::open(state, id, "", true, out);
    }
    if case::ask_missing(state, id) {
        return;
    }
    let Some(session) = state.by_id(id) else { return };
    let unsent = session.transcript.pending().len();
    let note = session.note.is_some();
    let empty = session.draft.is_empty() && session.enclosures.is_empty();
    let mut why = Vec::new();
    let mut read = 0;
    if let Some(since) = session.waiting_since() {
        let (name, waited) = (session.name(), done::waited(since, state.now));
        let said = done::last_said(session);
        read = said.as_ref().map_or(0, |(_, index)| *index);
        let words = said.map_or_else(String::new, |(words, _)| format!(": {words}"));
        why.push(format!("{name} waits for an answer {waited}{words}."));
    }
    match (empty, unsent) {
        (false, _) => why.push("What you have written here is not sent.".to_owned()),
        (true, 1) => why.push("A message here is not sent.".to_owned()),
        (true, 2..) => why.push(format!("{unsent} messages here are not sent.")),
        (true, 0) if note => why.push("The note here is not saved.".to_owned()),
        (true, 0) => {}
    }
    if !why.is_empty() {
        let words = format!("{} Enter finishes the session all the same; Esc goes back.", why.join(" "));
        let then = ConfirmAction::Done { id: id.clone(), read };
        state.layers.push(Layer::Confirm(Confirm { text: Clean::line(&words), then }));
        return;
    }
    if online(state) {
        done::finish(state, id, out);
    }
}

/// The server refused to end a session because its customer wrote something that the agent has not read. Agents
/// who are looking at the session, with nothing else open, get a confirmation. Others get a notice, since their
/// next key would not be an answer.
pub(in crate::app) fn ask_anyway(
    state: &mut State,
    awaited: Awaited,
    words: &str,
    unread: &Unread,
) -> Result<(), Awaited> {
    let (id, ending) = match awaited {
        Awaited::Done(DoneRequest::Complete(id)) => {
            done::not_finished(state, &id);
            (id, Ending::Done)
        }
        Awaited::Parties(PartiesRequest::Leave(id)) => {
            if let Some(session) = state.by_id_mut(&id) {
                session.leaving = false;
            }
            (id, Ending::Leave)
        }
        Awaited::Workbins(WorkbinRequest::Park(id)) => {
            state.parking.retain(|parking| *parking != id);
            (id, Ending::Park)
        }
        Awaited::Parties(PartiesRequest::Step(id, step)) => {
            let Some(asked) = state.by_id_mut(&id).and_then(|session| session.asked.take()) else {
                return Err(Awaited::Parties(PartiesRequest::Step(id, step)));
            };
            (id, Ending::Transfer(Box::new(asked)))
        }
        other @ (Awaited::CurrentSession
        | Awaited::Configuration(_)
        | Awaited::Messages(..)
        | Awaited::Message(_)
        | Awaited::Silent
        | Awaited::Invitation(_)
        | Awaited::Status(_)
        | Awaited::Workbins(WorkbinRequest::List | WorkbinRequest::Pull(_))
        | Awaited::Older(_)
        | Awaited::Supervise(_)
        | Awaited::Done(DoneRequest::Reopen(..))
        | Awaited::Targets(_)
        | Awaited::Parties(PartiesRequest::Cancel(_) | PartiesRequest::Remove)
        | Awaited::Disposition(_)
        | Awaited::Case(..)
        | Awaited::Note(..)
        | Awaited::Contacts(_)
        | Awaited::Reach(_)
        | Awaited::Responses(_)) => return Err(other),
    };
    let Some(session) = state.by_id(&id) else { return Ok(()) };
    let said = match (unread.text.trim().is_empty(), unread.count) {
        (true, _) => words.to_owned(),
        (false, 0 | 1) => format!("{} wrote: {}", session.name(), done::quoted(&unread.text)),
        (false, many) => {
            format!("{} wrote {many} messages, the last: {}", session.name(), done::quoted(&unread.text))
        }
    };
    let idle = state.shown.as_ref() == Some(&id) && state.layers.is_empty() && session.draft.is_empty();
    if !idle || state.lock.is_some() {
        let sentence = format!("{said}; {}", ending.undone());
        if let Some(session) = state.by_id_mut(&id) {
            session.trouble = Some(Clean::line(&sentence));
        }
        state.say(Level::Warning, sentence);
        return Ok(());
    }
    let text = format!("{said}. {} Enter does it; Esc goes back.", ending.question());
    let then = ConfirmAction::Anyway { id, read: unread.index, ending };
    state.layers.push(Layer::Confirm(Confirm { text: Clean::line(&text), then }));
    Ok(())
}

/// The agent has read the confirmation and still wants to end the session.
pub(in crate::app) fn anyway(
    state: &mut State,
    id: &InteractionId,
    read: u64,
    ending: Ending,
    out: &mut Vec<Effect>,
) {
    let Some(session) = state.by_id_mut(id) else {
        return state.say(Level::Warning, "that session is not yours any more: nothing was done");
    };
    session.read.seen(read);
    if !online(state) {
        return;
    }
    match ending {
        Ending::Done => done::finish(state, id, out),
        Ending::Leave => leave::leave_now(state, id, out),
        Ending::Park => workbins::park_now(state, id, out),
        Ending::Transfer(mut request) => {
            request.read = request.read.max(read);
            if let Some(session) = state.by_id_mut(id).filter(|session| session.asked.is_none()) {
                session.asked = Some(*request);
                parties::step(state, id, PartyStep::Attached, out);
            }
        }
    }
}

/// Undoes Done: the session opens again with its note.
pub(in crate::app) fn undo(state: &mut State, out: &mut Vec<Effect>) {
    if let Some((id, note)) = done::undo(state, out) {
        note::put_aside(state, &id, Some(note));
    }
}
