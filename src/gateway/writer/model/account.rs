//! The state of the account at WhatsApp: which problems are current, and what was reported in the last day.
//!
//! Owns: the fold of account changes. Must not: decide which change is news.
//! Invariants: a problem is listed once for each topic.

use crate::domain::Millis;
use crate::gateway::whatsapp::account::{AccountChange, ChangeStatus, TemplateName};
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
    pub news: VecDeque<(String, Millis)>,
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
    pub fn is_old_news(&self, change: &AccountChange, now: Millis) -> bool {
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
