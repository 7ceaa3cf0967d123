//! Passes each event of the server to the feature that it belongs to.

use crate::app::core::effect::Effect;
use crate::app::core::notice::Level;
use crate::app::core::state::State;
use crate::app::dispatch::{entries, interactions, replies};
use crate::app::features::contacts::update as contacts;
use crate::app::features::older::update as older;
use crate::app::features::parties::update as parties;
use crate::app::features::reach::update as reach;
use crate::app::features::responses::update as responses;
use crate::app::features::status::update as status;
use crate::app::features::supervise::update as supervise;
use crate::app::features::workbins::update as workbins;
use crate::domain::OperationId;
use crate::proto::event::Event;

/// Applies an event of the server.
pub(in crate::app) fn event(state: &mut State, event: Event, out: &mut Vec<Effect>) {
    match event {
        Event::Channels(media) => status::changed(state, &media.channels),
        Event::Workbins(event) => workbins::apply_event(state, event, out),
        Event::Interaction { interaction, operation_id, .. } => {
            reach::show_begun_session(state, &interaction.id, operation_id.as_deref());
            interactions::changed(state, &interaction, out);
        }
        Event::Messages { interaction_id, messages, operation_id } => {
            let id = interaction_id.as_str().into();
            entries::add(state, &id, &messages, operation_id.as_deref(), out);
            entries::say_failures(state, &id, &messages);
        }
        Event::History { contact_id, interactions } => {
            contacts::history_arrived(state, &contact_id, &interactions);
            older::history(state, &contact_id, &interactions, out);
        }
        Event::Contacts(answer) => {
            reach::apply_result(state, &answer);
            contacts::apply_result(state, *answer, out);
        }
        Event::Responses { told, operation_id } => {
            responses::apply_event(state, told, operation_id.as_deref(), out);
        }
        Event::Service { name, available } => {
            let (level, word) =
                if available { (Level::Good, "is back") } else { (Level::Warning, "is unavailable") };
            state.say(level, format!("the server's service {name} {word}"));
        }
        Event::Error { message, operation_id, interaction_id, .. } => {
            let operation = operation_id.map(OperationId::from);
            if parties::failed_later(state, operation.as_ref(), interaction_id.as_deref(), &message) {
                return;
            }
            if responses::failed_later(state, operation.as_ref(), &message, out) {
                return;
            }
            match operation.and_then(|operation| state.awaited.remove(&operation)) {
                Some(awaited) => replies::failed(state, awaited, &message, out),
                None => state.say(Level::Error, format!("the server says: {message}")),
            }
        }
        Event::TransferOutcome { interaction_id, by } => {
            parties::outcome(state, &interaction_id, by.as_deref());
        }
        Event::Account { topic, standing, text } => account(state, topic, &standing, &text),
        Event::Declined { interaction_id, by, answer, request } => {
            parties::declined(state, &interaction_id, &by, &answer, &request);
        }
        Event::Seen { interaction_id, by } => supervise::seen_by(state, &interaction_id, &by),
        Event::InitializationFailed(reason) => {
            state.say(Level::Error, format!("the server could not start your session: {reason}"));
        }
        Event::InitializationProgress(_) | Event::InitializationComplete(_) | Event::Other { .. } => {}
    }
}

/// Reports a change of the WhatsApp account once, however often the connection repeats it.
pub(in crate::app) fn account(state: &mut State, topic: String, standing: &str, text: &str) {
    let level = match standing {
        "trouble" => {
            if state.account.insert(topic, text.to_owned()).is_some_and(|before| before == text) {
                return;
            }
            Level::Error
        }
        "over" => {
            state.account.remove(&topic);
            Level::Good
        }
        _ => Level::Warning,
    };
    state.say(level, format!("WhatsApp account: {text}"));
}
