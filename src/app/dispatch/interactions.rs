//! A changed interaction: it becomes an invitation, opens a session, or closes one.

use crate::app::core::action::Action;
use crate::app::core::effect::Effect;
use crate::app::core::layer::Layer;
use crate::app::core::log::read;
use crate::app::core::notice::Level;
use crate::app::core::requests::call;
use crate::app::core::session::Session;
use crate::app::core::state::{Awaited, State};
use crate::app::core::view::{mark_seen, show, title};
use crate::app::dispatch::{configuration, entries};
use crate::app::features::compose::{addressees, update as compose};
use crate::app::features::done::update as done;
use crate::app::features::invitations;
use crate::app::features::note::update as note;
use crate::app::features::older::model::OlderRequest;
use crate::app::features::older::update as older;
use crate::app::features::parties::update as parties;
use crate::app::features::supervise::update as supervise;
use crate::app::features::workbins::update as workbins;
use crate::domain::InteractionId;
use crate::domain::interaction::{Interaction, InteractionState, MEDIA_TYPE};
use crate::domain::message::Visibility;
use crate::domain::routing_based::RequestKind;
use crate::domain::transcript::{Draft, PendingMessage, SendState};
use crate::proto::media::InteractionDto;
use crate::proto::request::Request;
use crate::proto::{decode, wa};
use crate::text::Clean;

/// Applies a changed interaction; the server always sends it complete.
pub(in crate::app) fn changed(state: &mut State, dto: &InteractionDto, out: &mut Vec<Effect>) {
    if dto.mediatype != MEDIA_TYPE && dto.mediatype != "chat" {
        return;
    }
    let interaction = decode::interaction(dto, state.now);
    let id = interaction.id.clone();
    match &interaction.state {
        InteractionState::Invited => invitations::update::invited(state, interaction, out),
        InteractionState::Active(_) => {
            invitations::update::withdraw(state, &id);
            opened(state, interaction, out);
        }
        InteractionState::Revoked => {
            let ends = state.invitations.iter().find(|known| known.id == id);
            let ends = ends.and_then(|known| known.offer.as_ref()?.lapses);
            if invitations::update::withdraw(state, &id) {
                let (level, words) = invitations::withdrawn(&interaction, ends, state.now);
                state.say(level, words);
                out.push(title(state));
            }
            close(state, &id, "was taken back", Level::Warning, out);
        }
        InteractionState::Completed => {
            invitations::update::withdraw(state, &id);
            let (how, level) = finished(state, &interaction);
            done::remember(state, &interaction);
            close(state, &id, &how, level, out);
        }
        InteractionState::InWorkbin => {
            invitations::update::withdraw(state, &id);
            let own = state.parking.contains(&id);
            let was_shown = state.shown.as_ref() == Some(&id);
            let (how, level) = workbins::gone_in(state, &id);
            close(state, &id, &how, level, out);
            if own && was_shown {
                workbins::next_waiting(state);
            }
        }
        InteractionState::Queued => {
            invitations::update::withdraw(state, &id);
            let (how, level) = queued(state, &id);
            close(state, &id, &how, level, out);
        }
        InteractionState::Canceled => {
            if invitations::update::withdraw(state, &id) {
                let name = interaction.party.display_name();
                state.say(Level::Info, format!("{name}: the request to you was cancelled"));
                out.push(title(state));
            }
            close(state, &id, "was cancelled", Level::Info, out);
        }
    }
    if let Some(chat) = dto.chat.as_ref().filter(|chat| !chat.messages.is_empty()) {
        entries::add(state, &id, &chat.messages, None, out);
    }
}

/// The notice for a session that is completed for this agent.
pub(in crate::app) fn finished(state: &State, interaction: &Interaction) -> (String, Level) {
    let session = state.by_id(&interaction.id);
    let who = interaction.user_data.text(wa::LEFT_TO);
    if session.is_some_and(|session| session.interaction.monitor.is_some()) {
        let left = session.is_some_and(|session| session.leaving);
        let words = if left { "is no longer monitored by you" } else { supervise::OVER };
        return (words.to_owned(), Level::Info);
    }
    match interaction.user_data.text(wa::LEFT) {
        Some("transferred") => {
            let asked = session.and_then(|session| session.asked.as_ref());
            let to = who.map(Clean::line).or_else(|| asked.map(|asked| asked.target.called()));
            let to = to.unwrap_or_else(|| "somebody else".into());
            (format!("was transferred to {to}"), Level::Good)
        }
        Some("removed") => {
            let by = who.map_or(String::new(), |by| format!(" by {by}"));
            (format!("continues without you: you were removed{by}"), Level::Warning)
        }
        // Other servers do not say how; this console knows what it requested.
        word if word == Some("left") || session.is_some_and(|session| session.leaving) => {
            ("is left to your colleagues".to_owned(), Level::Good)
        }
        _ => ("was finished".to_owned(), Level::Info),
    }
}

/// The notice for a session that waits in a queue.
pub(in crate::app) fn queued(state: &mut State, id: &InteractionId) -> (String, Level) {
    let passed_on = state.by_id(id).and_then(|session| {
        let asked = session.asked.as_ref().filter(|asked| asked.kind == RequestKind::OneStepTransfer)?;
        Some((asked.target.called(), session.name()))
    });
    let Some((target, name)) = passed_on else {
        return ("went back to its queue".to_owned(), Level::Warning);
    };
    if state.given.len() >= State::GIVEN {
        state.given.pop_front();
    }
    state.given.push_back((id.clone(), name));
    (format!("went to {target} and waits there for an answer"), Level::Good)
}

pub(in crate::app) fn opened(state: &mut State, interaction: Interaction, out: &mut Vec<Effect>) {
    let id = interaction.id.clone();
    parties::joined(state, &interaction);
    if let Some(session) = state.by_id_mut(&id) {
        let before = std::mem::replace(&mut session.interaction, interaction);
        if before.contact != session.interaction.contact {
            // The earlier sessions belonged to another contact.
            session.forget_older();
            state.awaited.retain(
                |_, awaited| !matches!(awaited, Awaited::Older(OlderRequest::History(of) | OlderRequest::Log(of)) if *of == id),
            );
            older::ask(state, &id, out);
        }
        parties::follow(state, &id);
        supervise::changed(state, &id, &before);
        addressees::changed(state, &id, before.writes_aside(), out);
        return;
    }
    // A session keeps its initial options. They are requested now, so that a change at the server is included;
    // until the answer arrives, the known ones apply.
    let options = state.options_of(&interaction);
    let mut session = Session::open(interaction, options);
    if let Some(draft) = state.drafts.remove(&id) {
        addressees::restored(&mut session, draft);
    }
    session.enclosures = state.enclosures.remove(&id).unwrap_or_default();
    if let Some(entry) = state.seen_before.remove(&id) {
        session.looked_at_up_to(entry);
    }
    state.sessions.push(session);
    parties::follow(state, &id);
    configuration::begin_with(state, &id);
    compose::adopt(state, &id);
    note::restore(state, &id);
    call(state, Request::Configuration, Awaited::Configuration(id.clone()), out);
    read(state, &id, out);
    older::ask(state, &id, out);
    let ours =
        state.accepted.iter().position(|accepted| *accepted == id).map(|place| state.accepted.remove(place));
    let writing = state.session().is_some_and(|shown| !shown.draft.is_empty());
    let before = state.shown_before.as_ref() == Some(&id);
    // An open layer belongs to the session that was shown when it was opened.
    let busy = !state.layers.iter().all(Layer::is_about_no_session);
    let takes_focus = !busy && (!writing || state.settings.accept_takes_focus);
    if state.shown.is_none() || before || (ours.is_some() && takes_focus) {
        show(state, &id);
    } else if ours.is_some() {
        let name = state.by_id(&id).map(Session::name).unwrap_or_default();
        let next = state.settings.keymap.hint(Action::NextSession);
        state.say(Level::Info, format!("{name} is open; {next} goes there when you are done here"));
    }
    out.push(title(state));
}

/// Closes a session that no longer belongs to this console. Its draft is kept in case it comes back.
pub(in crate::app) fn close(
    state: &mut State,
    id: &InteractionId,
    how: &str,
    level: Level,
    out: &mut Vec<Effect>,
) {
    let Some(place) = state.sessions.iter().position(|session| session.interaction.id == *id) else { return };
    let session = state.sessions.remove(place);
    let mut writing = !session.draft.is_empty();
    if let Some(at) = state.finished.iter().position(|finished| finished == id) {
        writing = false;
        state.finished.remove(at);
        done::say_finished(state, id, &session.name());
        note::put_aside(state, id, None);
        note::forget(id, out);
        out.push(Effect::SaveDraft { session: id.clone(), draft: Draft::default() });
        out.push(Effect::SaveFiles { session: id.clone(), files: Vec::new() });
    } else {
        note::put_aside(state, id, session.note.clone());
        state.say(level, format!("{} {how}", session.name()));
        // A message that was certainly not sent is kept as a draft; one that may have arrived must not be sent
        // twice.
        let unsent = |p: &&PendingMessage| {
            matches!(p.state, SendState::Held { .. } | SendState::Queued | SendState::Refused(_))
        };
        // If some of it was for colleagues, none of it may become text to the customer by itself.
        let internal = session.transcript.pending().iter().filter(unsent).any(|p| p.to != Visibility::All)
            || (session.is_internal() && !session.draft.is_empty());
        let to = if internal { Visibility::Agent } else { Visibility::All };
        let pending = session.transcript.pending().iter().filter(unsent);
        let texts = pending.clone().filter(|p| p.file.is_none()).map(|p| p.text.as_str());
        let files: Vec<_> =
            pending.filter_map(|p| p.file.clone()).chain(session.enclosures.clone()).collect();
        if !files.is_empty() {
            state.enclosures.insert(id.clone(), files.clone());
            out.push(Effect::SaveFiles { session: id.clone(), files });
        }
        let kept: Vec<&str> =
            texts.chain((!session.draft.is_empty()).then(|| session.draft.text())).collect();
        if !kept.is_empty() {
            let draft = Draft { text: kept.join("\n"), to };
            state.drafts.insert(id.clone(), draft.clone());
            out.push(Effect::SaveDraft { session: id.clone(), draft });
        }
    }
    let gone = session.transcript.pending().iter().map(|pending| pending.operation.clone());
    out.extend(gone.map(Effect::ForgetUnsent));
    if state.shown.as_ref() == Some(id) {
        // Keys that are being typed must not go to another customer, so an agent who is writing chooses the
        // next session.
        let next = state.sessions.get(place).or_else(|| state.sessions.last()).filter(|_| !writing);
        state.shown = next.map(|session| session.interaction.id.clone());
        mark_seen(state);
    }
    out.push(title(state));
}
