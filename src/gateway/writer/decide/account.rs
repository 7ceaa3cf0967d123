//! Which changes of the account at WhatsApp are reported.
//!
//! Owns: which change is news, and what sends say about the account. Must not: know WhatsApp's payloads.
//! Invariants: pure; a problem is reported once, and so is its end.

use crate::domain::Millis;
use crate::gateway::whatsapp::account::{
    AccountChange, ChangeStatus, TemplateName, problem_from_refusal, sending_works_again, template_refused,
};
use crate::gateway::writer::api::{SendOutcome, SendReport};
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::sending::OutgoingMessage;
use crate::gateway::writer::state::WriterState;

/// The event for a change; `None` when it was reported already.
pub fn decide(state: &WriterState, change: &AccountChange, at: Millis) -> Option<LogEvent> {
    let known = state.account.troubles.iter().find(|trouble| trouble.change.topic == change.topic);
    let is_new = match change.status {
        ChangeStatus::Problem => known.is_none_or(|trouble| trouble.change != *change),
        // The end of a trouble that was never reported is news if WhatsApp says so, and nothing if the
        // gateway does.
        ChangeStatus::Resolved => known.is_some() || !matches!(change.field.as_str(), "send" | "templates"),
        ChangeStatus::Notice => !state.account.is_old_news(change, at),
    };
    is_new.then(|| LogEvent::AccountChanged { change: change.clone(), at })
}

/// What the outcome of a send says about the account.
pub fn after_report(
    state: &WriterState,
    report: &SendReport,
    sending: Option<&OutgoingMessage>,
) -> Vec<LogEvent> {
    let changes = match &report.outcome {
        SendOutcome::Failed { code, .. } => {
            let template = sending.and_then(|sending| sending.message.template.as_deref()).map(|template| {
                TemplateName { name: template.name.clone(), language: template.language.clone() }
            });
            let of_template = template.and_then(|template| template_refused(template, *code));
            problem_from_refusal("send", *code).into_iter().chain(of_template).collect()
        }
        SendOutcome::Accepted { .. } => all_sends_again(state),
        SendOutcome::Attempting | SendOutcome::Deferred | SendOutcome::Unknown { .. } => Vec::new(),
    };
    changes.iter().filter_map(|change| decide(state, change, report.at)).collect()
}

/// The changes that end all troubles with sending.
pub fn all_sends_again(state: &WriterState) -> Vec<AccountChange> {
    let topics = state.account.troubles.iter().map(|trouble| trouble.change.topic.as_str());
    topics.filter(|topic| topic.starts_with("send ")).map(sending_works_again).collect()
}
