//! Answers to requests, each given to the feature that asked.

use crate::app::core::effect::Effect;
use crate::app::core::form::Purpose;
use crate::app::core::log::read;
use crate::app::core::msg::RequestError;
use crate::app::core::notice::Level;
use crate::app::core::state::{Awaited, PartyStep, State};
use crate::app::core::view::looked_at;
use crate::app::dispatch::{configuration, connection, entries, finish};
use crate::app::features::case::update as case;
use crate::app::features::compose::update as compose;
use crate::app::features::contacts::update as contacts;
use crate::app::features::disposition::update as disposition;
use crate::app::features::done::update as ends;
use crate::app::features::note::update as note;
use crate::app::features::older::update as older;
use crate::app::features::parties::update as party;
use crate::app::features::reach::update as reach;
use crate::app::features::responses::update as responses;
use crate::app::features::status::update as status;
use crate::app::features::supervise::update as supervise;
use crate::app::features::targets::update as targets;
use crate::app::features::workbins::update as workbins;
use crate::domain::OperationId;
use crate::domain::transcript::SendState;
use crate::proto::decode;
use crate::proto::envelope::Envelope;
use crate::proto::media::LogPage;
use crate::proto::session::SessionDto;
use crate::text::Clean;

/// The server answered a request.
pub(in crate::app) fn reply(
    state: &mut State,
    operation: &OperationId,
    result: Result<Envelope, RequestError>,
    out: &mut Vec<Effect>,
) {
    let Some(awaited) = state.awaited.remove(operation) else { return };
    match result {
        Ok(envelope) => match awaited {
            Awaited::Contact(what) => contacts::replied(state, operation, what, &envelope, out),
            Awaited::Reach(request) => reach::replied(state, operation, request, &envelope.data),
            Awaited::Message(id) => responses::accepted(state, &id, operation, out),
            awaited => done(state, awaited, envelope, out),
        },
        Err(error) => {
            if let Awaited::Message(id) = &awaited {
                let to = match &error {
                    RequestError::Refused { message, .. } | RequestError::Unread { message, .. } => {
                        SendState::Refused(Clean::line(message))
                    }
                    RequestError::NotSent(_) => SendState::Queued,
                    RequestError::OutcomeUnknown(_) => SendState::Unknown,
                };
                if let Some(session) = state.by_id_mut(id) {
                    session.transcript.set_pending(operation, to);
                }
                // Whether an unknown one arrived, the log says; it is read before anything is sent again.
                if matches!(error, RequestError::OutcomeUnknown(_)) && state.online() {
                    read(state, id, out);
                }
                return;
            }
            let mut awaited = awaited;
            let words = match error {
                RequestError::Refused { message, .. } => message,
                RequestError::Unread { message, unread } => {
                    match finish::ask_anyway(state, awaited, &message, &unread) {
                        Ok(()) => return,
                        Err(other) => awaited = other,
                    }
                    message
                }
                RequestError::NotSent(reason) => format!("nothing was sent: {reason}"),
                RequestError::OutcomeUnknown(reason) => {
                    format!("it is not known whether it was done: {reason}")
                }
            };
            failed(state, awaited, &words, out);
        }
    }
}

fn done(state: &mut State, awaited: Awaited, envelope: Envelope, out: &mut Vec<Effect>) {
    match awaited {
        Awaited::Activate { then: Some(to) } => status::set_now(state, &to, out),
        Awaited::CurrentSession => connection::current(state, &envelope, out),
        Awaited::Configuration(id) => {
            if let Ok(configuration) = serde_json::from_value(envelope.data) {
                configuration::set(state, Some(configuration));
            }
            configuration::begin_with(state, &id);
        }
        Awaited::Messages(id, part) => {
            let page: LogPage = serde_json::from_value(envelope.data).unwrap_or_default();
            let first = state.by_id(&id).is_some_and(|session| session.transcript.lines().is_empty());
            // Holes count only when the part has arrived.
            if part.before.is_none() {
                entries::add(state, &id, &page.messages, None, out);
            }
            if let Some(session) = state.by_id_mut(&id) {
                session.reading = None;
                decode::page(&mut session.transcript, part, &page);
                let is_behind = part.after.is_some() && page.newer;
                if is_behind || session.transcript.gap().is_some() {
                    read(state, &id, out);
                }
            }
            if first && state.shown.as_ref() == Some(&id) {
                looked_at(state);
            }
            compose::flush(state, &id, out);
        }
        Awaited::History(id) => older::taken(state, &id),
        Awaited::Older(id) => {
            let page: LogPage = serde_json::from_value(envelope.data).unwrap_or_default();
            older::arrived(state, &id, &page, out);
        }
        Awaited::OlderPart(id) => {
            let page: LogPage = serde_json::from_value(envelope.data).unwrap_or_default();
            older::part_arrived(state, &id, &page);
        }
        Awaited::Targets(asked) => {
            if let Some((session, kind, target)) = targets::answered(state, asked, &envelope.data, out) {
                party::choose(state, &session, kind, target, out);
            }
        }
        Awaited::Monitorable(name) => supervise::listed(state, &name, &envelope.data, out),
        Awaited::Monitoring { agent, name, on } => supervise::monitored(state, agent, &name, on),
        Awaited::Party(id, step) => {
            if step == PartyStep::Person
                && let Ok(SessionDto { user: Some(user), .. }) = serde_json::from_value(envelope.data.clone())
            {
                configuration::set_own_options(state, &user);
            }
            if step == PartyStep::Configured
                && let Ok(configuration) = serde_json::from_value(envelope.data)
            {
                configuration::set(state, Some(configuration));
            }
            party::step(state, &id, step, out);
        }
        Awaited::Cancel(id) => party::cancelled(state, &id),
        Awaited::Disposition(id, name, then_done) => {
            if disposition::attached(state, &id, &name, then_done) {
                finish::continue_finishing(state, &id, out);
            }
        }
        Awaited::Case(purpose, data) => {
            if case::saved(state, &purpose, &data)
                && let Purpose::Case { session, .. } = &purpose
            {
                finish::continue_finishing(state, session, out);
            }
        }
        Awaited::Note(id, text) => note::saved(state, &id, &text, out),
        Awaited::Activate { .. }
        | Awaited::Leave(_)
        | Awaited::Offer(_)
        | Awaited::Done(_)
        | Awaited::Reopen(..)
        | Awaited::Contact(_)
        | Awaited::Message(_)
        | Awaited::Responses(_)
        | Awaited::Act(_)
        | Awaited::Workbins
        | Awaited::Park(_)
        | Awaited::Pull(_)
        | Awaited::Reach(_)
        | Awaited::Silent => {}
    }
}

pub(in crate::app) fn failed(state: &mut State, awaited: Awaited, words: &str, out: &mut Vec<Effect>) {
    let sentence = match awaited {
        Awaited::Activate { .. } => format!("you could not be signed in on the channel: {words}"),
        Awaited::CurrentSession => format!("what is open could not be read: {words}"),
        Awaited::Messages(id, _) => {
            let Some(session) = state.by_id_mut(&id) else { return };
            session.reading = None;
            session.trouble = Some(Clean::line(&format!("the messages could not be read: {words}")));
            return;
        }
        Awaited::History(id) | Awaited::Older(id) | Awaited::OlderPart(id) => {
            return older::failed(state, &id, words, out);
        }
        Awaited::Offer(id) => {
            state.accepted.retain(|accepted| *accepted != id);
            state.invitations.retain(|invitation| invitation.id != id);
            words.to_owned()
        }
        Awaited::Done(id) => {
            ends::not_finished(state, &id);
            if let Some(session) = state.by_id_mut(&id) {
                session.trouble = Some(Clean::line(&format!("the session could not be finished: {words}")));
            }
            format!("the session could not be finished: {words}")
        }
        Awaited::Reopen(id, name) => return ends::not_reopened(state, &id, &name, words),
        Awaited::Targets(asked) => return targets::failed(state, &asked, words),
        Awaited::Monitorable(_) => format!("who may be monitored could not be read: {words}"),
        Awaited::Monitoring { agent, name, on } => {
            return supervise::refused(state, &agent, &name, on, words);
        }
        Awaited::Contact(what) => return contacts::failed(state, what, words),
        Awaited::Reach(request) => return reach::failed(state, request, words),
        Awaited::Responses(what) => return responses::failed(state, &what, words, out),
        Awaited::Party(id, _) => return party::failed(state, &id, words),
        Awaited::Cancel(id) => return party::not_cancelled(state, &id, words),
        Awaited::Leave(id) => {
            if let Some(session) = state.by_id_mut(&id) {
                session.leaving = false;
            }
            format!("the session could not be left: {words}")
        }
        Awaited::Disposition(..) => format!("the disposition was not set: {words}"),
        Awaited::Case(purpose, _) => return case::failed(state, &purpose, words),
        Awaited::Note(id, _) => return note::failed(state, &id, words),
        Awaited::Workbins => return workbins::refused(state, words),
        Awaited::Park(id) => workbins::not_parked(state, &id, words),
        Awaited::Pull(id) => return workbins::not_pulled(state, &id, words, out),
        Awaited::Act(what) => {
            state.status_asked = false;
            format!("{what} was refused: {words}")
        }
        Awaited::Configuration(_) | Awaited::Message(_) | Awaited::Silent => return,
    };
    state.say(Level::Error, sentence);
}
