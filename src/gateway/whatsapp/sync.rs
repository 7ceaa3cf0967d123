//! Keeps the list of templates and the state of the account consistent.
//!
//! Owns: after which change of the account the list is read again, and what a reading means for the account. Must
//! not: store anything; the catalog and the writer do.

use super::account::{AccountChange, ChangeStatus, TemplateName, problem_from_refusal, topic_of};
use super::catalog::{CatalogSnapshot, TemplateCatalog};
use crate::gateway::writer::WriterHandle;
use crate::gateway::writer::model::account::Trouble;
use std::time::Duration;
use tokio::sync::watch;

/// How long WhatsApp's list may still show a template as it was before its status changed.
const SETTLED: Duration = Duration::from_secs(60);

/// Runs until the gateway stops: a change of a template has the list read again at once, and the result of a
/// reading is reported as a change of the account.
pub async fn run(mut templates: TemplateCatalog, writer: WriterHandle, mut stopping: watch::Receiver<bool>) {
    // A sender that is gone means that the gateway is stopping, too.
    let stopped = async { drop(stopping.wait_for(|stop| *stop).await) };
    tokio::pin!(stopped);
    let mut account = writer.account();
    // Changes from before the start of this task count too.
    account.mark_changed();
    let mut known = 0;
    loop {
        tokio::select! {
            () = &mut stopped => return,
            changed = account.changed() => {
                if changed.is_err() {
                    return;
                }
                let now = account.borrow_and_update().of_templates;
                if now != known {
                    known = now;
                    templates.refresh();
                }
            }
            Some(snapshot) = templates.next() => {
                let changes = of_reading(&snapshot, &account.borrow().troubles);
                for change in changes {
                    writer.note_account(change).await;
                }
            }
        }
    }
}

/// What reading the list of templates says about the account.
fn of_reading(snapshot: &CatalogSnapshot, troubles: &[Trouble]) -> Vec<AccountChange> {
    if snapshot.read_error.is_some() {
        return problem_from_refusal("templates", snapshot.code).into_iter().collect();
    }
    let is_over = |trouble: &&Trouble| {
        let AccountChange { topic, template, .. } = &trouble.change;
        let is_approved = |one: &TemplateName| {
            *topic == topic_of(one)
                && snapshot.is_approved_after(&one.name, &one.language, trouble.since.plus(SETTLED))
        };
        topic.starts_with("templates ") || template.as_ref().is_some_and(is_approved)
    };
    let over = troubles.iter().filter(is_over).map(|trouble| AccountChange {
        status: ChangeStatus::Resolved,
        until: None,
        text: match &trouble.change.template {
            Some(one) => format!("the template {} ({}) is approved at WhatsApp", one.name, one.language),
            None => "the list of templates can be read again".to_owned(),
        },
        ..trouble.change.clone()
    });
    over.collect()
}
