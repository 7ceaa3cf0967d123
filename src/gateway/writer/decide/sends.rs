//! The results of messages that are sent to WhatsApp.
//!
//! Owns: the states of a send, from logged to accepted, failed or unknown.
//! Invariants: a send that was attempted is never repeated automatically; if its result stays unknown, an
//! entry in the session says so.

use crate::domain::delivery::DeliveryStatus;
use crate::domain::{InteractionId, Millis};
use crate::gateway::writer::api::{Refusal, SendOutcome, SendReport};
use crate::gateway::writer::model::entry;
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::logged::EntryLogged;
use crate::gateway::writer::model::sending::{EntryKey, SendStage, ticket};
use crate::gateway::writer::state::WriterState;
use crate::proto::media::MessageDto;
use crate::proto::wa;
use std::time::Duration;

const UNCONFIRMED: &str = "not confirmed by WhatsApp: it may or may not have arrived. Ask the customer \
                           before you send it again";

/// The events that a report of the sender causes. Another attempt at a settled send is refused, so that the
/// sender stops.
pub fn decide(state: &WriterState, report: &SendReport) -> Result<Vec<LogEvent>, Refusal> {
    let known = ticket(&report.tracker).filter(|ticket| state.sends.contains_key(ticket));
    let Some(ticket) = known else {
        return match report.outcome {
            SendOutcome::Attempting => Err(Refusal::Conflict(format!(
                "message {} is settled already: it must not be sent again",
                report.tracker
            ))),
            SendOutcome::Deferred
            | SendOutcome::Accepted { .. }
            | SendOutcome::Failed { .. }
            | SendOutcome::Unknown { .. } => Ok(Vec::new()),
        };
    };
    let at = report.at;
    let (interaction, index) = ticket.clone();
    Ok(match &report.outcome {
        SendOutcome::Attempting => vec![LogEvent::SendAttempted { interaction, index, at }],
        SendOutcome::Deferred => vec![LogEvent::SendDeferred { interaction, index, at }],
        SendOutcome::Accepted { wamid } => accepted(state, &ticket, wamid, at),
        SendOutcome::Failed { code, reason } => failed(state, &ticket, *code, reason, at),
        SendOutcome::Unknown { reason } => {
            vec![LogEvent::SendUnknown { interaction, index, reason: reason.clone(), at }]
        }
    })
}

/// WhatsApp accepted the message. Statuses and changes that came before this was known are matched now.
pub fn accepted(state: &WriterState, ticket: &EntryKey, wamid: &str, at: Millis) -> Vec<LogEvent> {
    let (interaction, index) = ticket.clone();
    let mut events = Vec::new();
    let mut next = state.sessions.get(&interaction).map_or(0, |session| session.last_index());
    for stray in state.unmatched_statuses.iter().filter(|stray| stray.wamid == wamid) {
        next += 1;
        let mut made = entry::status(index, &stray.status, stray.error.as_ref(), stray.at);
        made.index = next;
        let wait = state.sessions.get(&interaction).and_then(|session| session.wait_after(&made, at));
        events.push(logged(&interaction, made, stray.at));
        events.extend(wait.map(LogEvent::Routing));
    }
    for change in state.changes_waiting_for(wamid) {
        next += 1;
        let mut made = change.entry.clone();
        entry::set_index(&mut made.user_data, wa::OF, index);
        made.index = next;
        events.push(logged(&interaction, made, change.at));
    }
    events.push(LogEvent::SendAccepted { interaction, index, wamid: wamid.to_owned(), at });
    events
}

/// The message will not be sent; an entry says why.
pub fn failed(state: &WriterState, ticket: &EntryKey, code: i64, reason: &str, at: Millis) -> Vec<LogEvent> {
    let (interaction, index) = ticket.clone();
    let mut events = Vec::new();
    if let Some(session) = state.sessions.get(&interaction) {
        let mut made = entry::status(index, &DeliveryStatus::Failed, Some(&(code, reason.to_owned())), at);
        made.index = session.last_index() + 1;
        let wait = session.wait_after(&made, at);
        events.push(logged(&interaction, made, at));
        events.extend(wait.map(LogEvent::Routing));
    }
    events.push(LogEvent::SendFailed { interaction, index, code, reason: reason.to_owned(), at });
    events
}

pub fn logged(interaction: &InteractionId, entry: MessageDto, at: Millis) -> LogEvent {
    let interaction = interaction.clone();
    LogEvent::EntryLogged(EntryLogged { interaction, at, entry, mark: None, send_to: None })
}

/// After a start: messages that were being sent may or may not have gone out. Their statuses are awaited
/// from now on.
pub fn after_start(state: &WriterState, now: Millis) -> Vec<LogEvent> {
    let open = state.sends.iter().filter(|(_, sending)| sending.stage != SendStage::Waiting);
    open.map(|((interaction, index), _)| LogEvent::SendUnknown {
        interaction: interaction.clone(),
        index: *index,
        reason: "the gateway stopped while it was being sent".to_owned(),
        at: now,
    })
    .collect()
}

/// The sends whose outcome has been unknown for too long. To be given to [`fail_unconfirmed`] one by one.
pub fn overdue(state: &WriterState, wait: Duration, now: Millis) -> Vec<EntryKey> {
    let late = |stage: SendStage| matches!(stage, SendStage::Unknown(since) if since.plus(wait) <= now);
    state.sends.iter().filter(|(_, sending)| late(sending.stage)).map(|(ticket, _)| ticket.clone()).collect()
}

/// Logs that the result of a send will not be known.
pub fn fail_unconfirmed(state: &WriterState, ticket: &EntryKey, now: Millis) -> Vec<LogEvent> {
    failed(state, ticket, 0, UNCONFIRMED, now)
}

/// When the next send becomes overdue.
pub fn next_overdue(state: &WriterState, wait: Duration) -> Option<Millis> {
    let due = state.sends.values().filter_map(|sending| match sending.stage {
        SendStage::Unknown(since) => Some(since.plus(wait)),
        SendStage::Waiting | SendStage::Attempting => None,
    });
    due.min()
}
