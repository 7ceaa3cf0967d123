//! The state of the account at WhatsApp: what administrators must be notified of, once each, and what is
//! still wrong.
//!
//! Owns: which change is news, and which troubles are current. Must not: know WhatsApp's payloads.
//! Invariants: pure; a trouble is reported once, and so is its end.

use super::api::{SendOutcome, SendReport};
use super::event::Event;
use super::state::{Sending, State};
use crate::domain::Millis;
use crate::gateway::whatsapp::account::{
    AccountChange, ChangeStatus, TemplateName, problem_from_refusal, sending_works_again, template_refused,
};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::time::Duration;

/// Troubles that are kept; the oldest is dropped first.
const MOST: usize = 500;
/// After this time the same news is reported again.
const REPEATED: Duration = Duration::from_secs(24 * 3600);

/// A trouble at the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// The change that was reported.
    pub change: AccountChange,
    /// Since when it lasts.
    pub since: Millis,
}

/// The state of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The current troubles, the newest last.
    pub troubles: Vec<Trouble>,
    /// How many changes were reported since the start of the event log.
    pub told: u64,
    /// How many of them were about templates.
    pub of_templates: u64,
    /// What was reported in the last day and does not have to end, and when; the newest last.
    #[serde(default)]
    pub(super) news: VecDeque<(String, Millis)>,
}

impl Account {
    /// Applies a change.
    pub fn apply(&mut self, change: &AccountChange, at: Millis) {
        self.told += 1;
        self.of_templates += u64::from(change.template.is_some());
        if change.status != ChangeStatus::Notice {
            self.troubles.retain(|trouble| trouble.change.topic != change.topic);
        }
        if change.status == ChangeStatus::Notice {
            self.news.retain(|(text, when)| *text != change.text && at < when.plus(REPEATED));
            self.news.push_back((change.text.clone(), at));
            if self.news.len() > MOST {
                self.news.pop_front();
            }
        }
        if change.status == ChangeStatus::Problem {
            if self.troubles.len() >= MOST {
                self.troubles.remove(0);
            }
            self.troubles.push(Trouble { change: change.clone(), since: at });
        }
    }

    /// Whether that was reported within the last day.
    fn is_old_news(&self, change: &AccountChange, now: Millis) -> bool {
        self.news.iter().any(|(text, when)| *text == change.text && now < when.plus(REPEATED))
    }

    /// The troubles that are current at a moment.
    pub fn current(&self, now: Millis) -> impl DoubleEndedIterator<Item = &Trouble> {
        self.troubles.iter().filter(move |trouble| trouble.change.until.is_none_or(|until| now < until))
    }

    /// The trouble because of which a template cannot be sent.
    pub fn blocked(&self, name: &str, language: &str) -> Option<&Trouble> {
        let topic = topic_of(name, language);
        self.troubles.iter().find(|trouble| trouble.change.topic == topic)
    }
}

fn topic_of(name: &str, language: &str) -> String {
    crate::gateway::whatsapp::account::topic_of(&TemplateName {
        name: name.to_owned(),
        language: language.to_owned(),
    })
}

/// The event for a change; `None` when it was reported already.
pub(super) fn decide(state: &State, change: &AccountChange, at: Millis) -> Option<Event> {
    let known = state.account.troubles.iter().find(|trouble| trouble.change.topic == change.topic);
    let is_new = match change.status {
        ChangeStatus::Problem => known.is_none_or(|trouble| trouble.change != *change),
        // The end of a trouble that was never reported is news if WhatsApp says so, and nothing if the
        // gateway does.
        ChangeStatus::Resolved => known.is_some() || !matches!(change.field.as_str(), "send" | "templates"),
        ChangeStatus::Notice => !state.account.is_old_news(change, at),
    };
    is_new.then(|| Event::AccountChanged { change: change.clone(), at })
}

/// What the outcome of a send says about the account.
pub(super) fn after_report(state: &State, report: &SendReport, sending: Option<&Sending>) -> Vec<Event> {
    let changes = match &report.outcome {
        SendOutcome::Failed { code, .. } => {
            let template = sending.and_then(|sending| sending.template.as_deref()).map(|template| {
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
fn all_sends_again(state: &State) -> Vec<AccountChange> {
    let topics = state.account.troubles.iter().map(|trouble| trouble.change.topic.as_str());
    topics.filter(|topic| topic.starts_with("send ")).map(sending_works_again).collect()
}
