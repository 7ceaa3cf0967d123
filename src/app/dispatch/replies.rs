//! Passes the answers to requests to the features that sent them.

use crate::app::core::effect::Effect;
use crate::app::core::form::FormPurpose;
use crate::app::core::log::read;
use crate::app::core::msg::RequestError;
use crate::app::core::notice::Level;
use crate::app::core::state::{Awaited, State};
use crate::app::dispatch::{configuration, connection, entries, finish};
use crate::app::features::case::update as case;
use crate::app::features::contacts::update as contacts;
use crate::app::features::disposition::update as disposition;
use crate::app::features::done::update as done;
use crate::app::features::invitations::update as invitations;
use crate::app::features::note::update as note;
use crate::app::features::older::update as older;
use crate::app::features::parties::model::{PartiesRequest, PartyStep};
use crate::app::features::parties::{leave, update as parties};
use crate::app::features::reach::update as reach;
use crate::app::features::responses::update as responses;
use crate::app::features::status::update as status;
use crate::app::features::supervise::update as supervise;
use crate::app::features::targets::update as targets;
use crate::app::features::workbins::update as workbins;
use crate::domain::transcript::SendState;
use crate::domain::{InteractionId, OperationId};
use crate::proto::envelope::Envelope;
use crate::proto::session::SessionDto;
use crate::text::Clean;
use serde_json::Value as Json;

/// The server answered a request.
pub(in crate::app) fn reply(
    state: &mut State,
    operation: &OperationId,
    result: Result<Envelope, RequestError>,
    out: &mut Vec<Effect>,
) {
    let Some(awaited) = state.awaited.remove(operation) else { return };
    match result {
        Ok(envelope) => succeeded(state, operation, awaited, envelope, out),
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
                // Whether a request with an unknown outcome arrived is shown by the log, which is read before
                // anything is sent again.
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

fn succeeded(
    state: &mut State,
    operation: &OperationId,
    awaited: Awaited,
    envelope: Envelope,
    out: &mut Vec<Effect>,
) {
    let data = envelope.data;
    match awaited {
        Awaited::CurrentSession => connection::current(state, data, out),
        Awaited::Configuration(id) => {
            if let Ok(configuration) = serde_json::from_value(data) {
                configuration::set(state, Some(configuration));
            }
            configuration::begin_with(state, &id);
        }
        Awaited::Messages(id, part) => entries::page(state, &id, part, data, out),
        Awaited::Message(id) => responses::accepted(state, &id, operation, out),
        Awaited::Status(request) => status::replied(state, &request, out),
        Awaited::Older(request) => older::replied(state, &request, data, out),
        Awaited::Supervise(request) => supervise::replied(state, request, &data, out),
        Awaited::Targets(request) => {
            if let Some((session, kind, target)) = targets::replied(state, request, &data, out) {
                parties::choose(state, &session, kind, target, out);
            }
        }
        Awaited::Parties(PartiesRequest::Step(id, step)) => step_done(state, &id, step, data, out),
        Awaited::Parties(PartiesRequest::Cancel(id)) => leave::cancelled(state, &id),
        Awaited::Disposition(request) => {
            if disposition::attached(state, &request) {
                finish::continue_finishing(state, &request.session, out);
            }
        }
        Awaited::Case(purpose, pairs) => {
            if case::saved(state, &purpose, &pairs)
                && let FormPurpose::Case { session, .. } = &purpose
            {
                finish::continue_finishing(state, session, out);
            }
        }
        Awaited::Note(id, text) => note::saved(state, &id, &text, out),
        Awaited::Contacts(request) => contacts::replied(state, operation, request, &data, out),
        Awaited::Reach(request) => reach::replied(state, operation, request, &data),
        // The result of these arrives as an event.
        Awaited::Invitation(_)
        | Awaited::Workbins(_)
        | Awaited::Done(_)
        | Awaited::Parties(PartiesRequest::Leave(_) | PartiesRequest::Remove)
        | Awaited::Responses(_)
        | Awaited::Silent => {}
    }
}

/// A step of a transfer, conference or consultation is done. The first two read options, which decide how the
/// request continues.
fn step_done(state: &mut State, id: &InteractionId, step: PartyStep, data: Json, out: &mut Vec<Effect>) {
    match step {
        PartyStep::Person => {
            if let Ok(SessionDto { user: Some(user), .. }) = serde_json::from_value(data) {
                configuration::set_own_options(state, &user);
            }
        }
        PartyStep::Configured => {
            if let Ok(configuration) = serde_json::from_value(data) {
                configuration::set(state, Some(configuration));
            }
        }
        PartyStep::Attached | PartyStep::Asked => {}
    }
    parties::step(state, id, step, out);
}

/// A request was refused, or its outcome is unknown.
pub(in crate::app) fn failed(state: &mut State, awaited: Awaited, words: &str, out: &mut Vec<Effect>) {
    match awaited {
        Awaited::CurrentSession => {
            state.say(Level::Error, format!("your open sessions could not be read: {words}"));
        }
        Awaited::Messages(id, _) => {
            if let Some(session) = state.by_id_mut(&id) {
                session.reading = None;
                session.trouble = Some(Clean::line(&format!("the messages could not be read: {words}")));
            }
        }
        Awaited::Configuration(_) | Awaited::Message(_) | Awaited::Silent => {}
        Awaited::Invitation(id) => invitations::failed(state, &id, words),
        Awaited::Status(request) => status::failed(state, &request, words),
        Awaited::Workbins(request) => workbins::failed(state, &request, words, out),
        Awaited::Older(request) => older::failed(state, &request, words, out),
        Awaited::Supervise(request) => supervise::failed(state, &request, words),
        Awaited::Done(request) => done::failed(state, &request, words),
        Awaited::Targets(request) => targets::failed(state, &request, words),
        Awaited::Parties(request) => parties::failed(state, &request, words),
        Awaited::Disposition(_) => state.say(Level::Error, format!("the disposition was not set: {words}")),
        Awaited::Case(purpose, _) => case::failed(state, &purpose, words),
        Awaited::Note(id, _) => note::failed(state, &id, words),
        Awaited::Contacts(request) => contacts::failed(state, request, words),
        Awaited::Reach(request) => reach::failed(state, request, words),
        Awaited::Responses(request) => responses::failed(state, &request, words, out),
    }
}
