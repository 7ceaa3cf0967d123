//! The requests of a turn: decided in order, written together.
//!
//! Owns: which request goes to which rule. Must not: know a rule.

use super::command::act;
use super::intake::{CHUNK, MAX_PENDING_BYTES};
use super::presence::set_presence;
use super::work::{Parts, PendingOutput, Work, answer};
use super::writer::Worker;
use crate::domain::{EmployeeId, Millis};
use crate::gateway::whatsapp::inbound::NotRoutedReason;
use crate::gateway::writer::api::{Command, ReadState, Refusal, SendReport};
use crate::gateway::writer::decide::context::CommandContext;
use crate::gateway::writer::decide::{account, monitoring, outbound, sends};
use crate::gateway::writer::handle::{ReadRequest, WriterRequest};
use crate::gateway::writer::ingest::identity;
use crate::gateway::writer::model::sending;
use crate::gateway::writer::reads::{self, Reads};
use crate::gateway::writer::{live, views};
use crate::store::{PrefetchResult, StoreError, UnparsedWebhook};
use bytes::Bytes;
use std::collections::BTreeMap;

impl Worker {
    pub async fn requests(&mut self, batch: &mut Vec<WriterRequest>) -> Result<(), StoreError> {
        let now = (self.clock)();
        let mut raws = Vec::new();
        let mut follows = Vec::new();
        let mut work = Work::new(&self.setup, &mut self.state, now);
        expire(&mut work, &mut self.returning, &mut self.present, &mut self.departing);
        work.step();
        for (employee, client, channel) in &self.pending_replays {
            let told = work.notifier(None).replay(employee, client, channel);
            work.outputs.extend(told.into_iter().map(PendingOutput::Notify));
        }
        let mut prefetched = None;
        for request in batch.drain(..) {
            match request {
                WriterRequest::Command { actor, operation, command, reading, answer: to } => {
                    let (store, before) = (self.store.as_ref(), prefetched.take());
                    let found = outbound::prefetch_contacts(store, &command, before, &mut self.ids).await;
                    match found {
                        Ok(found) => prefetched = found,
                        Err(error) => {
                            work.outputs.push(answer(to, Err(Refusal::Store(error.to_string()))));
                            continue;
                        }
                    }
                    act(&mut work, &actor, operation.as_ref(), &command, &reading, &mut prefetched, to);
                    if let Command::StartMonitoring { .. } = command {
                        // A supervisor who is not connected has as long as one whose connection was lost.
                        let here = self.present.get(&actor.employee).is_some_and(|here| *here);
                        set_presence(&mut work, &mut self.departing, &actor.employee, here);
                    }
                }
                WriterRequest::Webhook { raw, answer: to } => {
                    work.batch.webhooks.push(raw.clone());
                    raws.push(raw);
                    work.outputs.push(answer(to, Ok(())));
                }
                WriterRequest::Report { report, answer: to } => {
                    let found = identity::prefetch_names(self.store.as_ref(), work.state, &report).await;
                    let result = apply_send_report(&mut work, found, &report);
                    work.outputs.push(answer(to, result));
                }
                WriterRequest::Account { change } => {
                    let event = account::decide(work.state, &change, now);
                    event.iter().for_each(|event| work.push(event, None));
                }
                WriterRequest::Presence { employee, connected } => {
                    self.returning.remove(&employee);
                    self.present.insert(employee.clone(), connected);
                    set_presence(&mut work, &mut self.departing, &employee, connected);
                }
                WriterRequest::Follow { employee, workbins, on } => follows.push((employee, workbins, on)),
                // Processed after the others, one by one.
                WriterRequest::Contact { .. } => {}
                WriterRequest::Replay { employee, client, channel } => {
                    let told = work.notifier(None).replay(&employee, &client, channel);
                    work.outputs.extend(told.into_iter().map(PendingOutput::Notify));
                    self.pending_replays.push((employee, client, channel));
                }
                WriterRequest::Read(request) => {
                    let last_seq = self.last_seq;
                    read(&mut work, &mut self.reads, &self.not_routed, last_seq, request);
                }
            }
        }
        work.step();
        work.finish();
        let parts = Parts::of(work);
        for (employee, workbins, on) in follows {
            self.follow(&employee, workbins, on);
        }
        let webhooks = self.commit(parts).await?;
        self.pending_replays.clear();
        self.queue_webhooks(webhooks.into_iter().zip(raws), now);
        Ok(())
    }

    /// Webhooks that are on disk wait to be parsed in their order: after one that is only on disk, the rest stays there
    /// too.
    fn queue_webhooks(&mut self, webhooks: impl Iterator<Item = (i64, Bytes)>, now: Millis) {
        for (id, raw) in webhooks {
            let waiting: usize = self.pending.iter().map(|one| one.raw.len()).sum();
            self.behind |= self.pending.len() >= CHUNK || waiting + raw.len() > MAX_PENDING_BYTES;
            if !self.behind {
                self.pending.push_back(UnparsedWebhook { id, at: now, raw });
            }
        }
    }

    /// Refuses a request that cannot be processed. What has no reply is kept until it can be processed.
    pub fn refuse(&mut self, request: WriterRequest, refusal: &Refusal) {
        let refusal = refusal.clone();
        // Whoever sent the request may be gone.
        match request {
            WriterRequest::Command { answer, .. }
            | WriterRequest::Webhook { answer, .. }
            | WriterRequest::Report { answer, .. } => {
                drop(answer.send(Err(refusal)));
            }
            WriterRequest::Follow { employee, workbins, on } => self.follow(&employee, workbins, on),
            WriterRequest::Contact { answer, .. } => drop(answer.send(Err(refusal))),
            WriterRequest::Read(request) => refuse_read(request, refusal),
            // Whoever noted the change will note it again.
            WriterRequest::Account { .. } => {}
            WriterRequest::Replay { employee, client, channel } => {
                self.pending_replays.push((employee, client, channel))
            }
            WriterRequest::Presence { employee, connected } => {
                self.returning.remove(&employee);
                self.present.insert(employee, connected);
            }
        }
    }
}

fn refuse_read(request: ReadRequest, refusal: Refusal) {
    // Whoever sent the request may be gone.
    match request {
        ReadRequest::Session { answer, .. } => drop(answer.send(Err(refusal))),
        ReadRequest::Workbins { answer, .. } => drop(answer.send(Err(refusal))),
        ReadRequest::Messages { answer, .. } => drop(answer.send(Err(refusal))),
        ReadRequest::History { answer, .. } => drop(answer.send(Err(refusal))),
        ReadRequest::Look { answer, .. } => drop(answer.send(Err(refusal))),
        ReadRequest::Suggest { answer, .. } => drop(answer.send(Err(refusal))),
        ReadRequest::Why { answer, .. } => drop(answer.send(Err(refusal))),
        ReadRequest::Live { answer, .. } => drop(answer.send(Err(refusal))),
        ReadRequest::Status { answer } => drop(answer.send(Err(refusal))),
    }
}

/// Agents who have not come back after a start lose their connection. Supervisors who are away for too long stop
/// monitoring. Sends that WhatsApp did not confirm in time fail.
fn expire(
    work: &mut Work<'_>,
    returning: &mut BTreeMap<EmployeeId, Millis>,
    present: &mut BTreeMap<EmployeeId, bool>,
    departing: &mut BTreeMap<EmployeeId, Millis>,
) {
    let now = work.now;
    for agent in returning.extract_if(.., |_, until| *until <= now).map(|(agent, _)| agent) {
        present.insert(agent.clone(), false);
        set_presence(work, departing, &agent, false);
    }
    for supervisor in departing.extract_if(.., |_, until| *until <= now).map(|(who, _)| who) {
        for event in monitoring::end_all(work.state, &supervisor, now) {
            work.push(&event, None);
        }
    }
    for ticket in sends::overdue(work.state, work.setup.unknown_outcome_wait, now) {
        for event in sends::fail_unconfirmed(work.state, &ticket, now) {
            work.push(&event, None);
        }
    }
}

/// Answers a read from the state, or begins to read what is only in the store.
fn read(
    work: &mut Work<'_>,
    reads: &mut Reads,
    not_routed: &BTreeMap<NotRoutedReason, u64>,
    last_seq: u64,
    request: ReadRequest,
) {
    let now = work.now;
    match request {
        ReadRequest::Session { employee, answer: to } => {
            let view = views::session(work.setup, work.state, &employee, now);
            work.outputs.push(answer(to, Ok(view)));
        }
        ReadRequest::Workbins { employee, answer: to } => {
            let views = views::workbins(work.setup, work.state, &employee, now);
            work.outputs.push(answer(to, Ok(views)));
        }
        ReadRequest::Messages { actor, id, query, answer: to } => match work.state.sessions.get(&id) {
            Some(session) => {
                let log = reads::live_log(work.setup, work.state, &actor, session, query);
                work.outputs.push(answer(to, log));
            }
            None => {
                let reading = reads.log(work.setup, work.state, &actor, id, query);
                reads.begin(reading, to);
            }
        },
        ReadRequest::History { actor, contact, since, until, answer: to } => {
            let span = (since, until);
            match reads.history(work.setup, work.state, &actor, contact, span) {
                Ok(reading) => reads.begin(reading, to),
                Err(refusal) => work.outputs.push(answer(to, Err(refusal))),
            }
        }
        ReadRequest::Look { lookup, answer: to } => {
            let reading = reads.look(lookup);
            reads.begin(reading, to);
        }
        ReadRequest::Suggest { actor, id, answer: to } => {
            let circumstances = CommandContext {
                state: work.state,
                setup: work.setup,
                actor: &actor,
                operation: None,
                now,
                reading: &ReadState::Everything,
                prefetched: None,
            };
            match reads.suggest(&circumstances, &id) {
                Ok(reading) => reads.begin(reading, to),
                Err(refusal) => work.outputs.push(answer(to, Err(refusal))),
            }
        }
        ReadRequest::Why { id, answer: to } => {
            let why = work.state.router.explain(&id, now).map(|why| why.to_string());
            work.outputs.push(answer(to, why.ok_or(Refusal::NotFound(id))));
        }
        ReadRequest::Live { sessions, answer: to } => {
            let written = u64::try_from(work.batch.records.len()).unwrap_or(0);
            let view = live::view(work.setup, work.state, sessions.as_deref(), last_seq + written);
            work.outputs.push(answer(to, Ok(view)));
        }
        ReadRequest::Status { answer: to } => {
            let written = u64::try_from(work.batch.records.len()).unwrap_or(0);
            let mut status = views::status(work.setup, work.state, last_seq + written);
            status.not_routed.clone_from(not_routed);
            work.outputs.push(answer(to, Ok(status)));
        }
    }
}

/// Processes the result of a send: the outcome, the names that WhatsApp has for the recipient, and what it
/// says about the account.
pub fn apply_send_report(
    work: &mut Work<'_>,
    found: Result<Option<PrefetchResult>, StoreError>,
    report: &SendReport,
) -> Result<(), Refusal> {
    let found = found.map_err(|error| Refusal::Store(error.to_string()))?;
    let sending = sending::ticket(&report.tracker).and_then(|ticket| work.state.sends.get(&ticket));
    let of_account = account::after_report(work.state, report, sending);
    let mut events = sends::decide(work.state, report)?;
    if let Some(found) = &found {
        identity::reported(work.state, work.setup, found, report, work.now, &mut events);
    }
    events.iter().chain(&of_account).for_each(|event| work.push(event, None));
    Ok(())
}
