//! The requests of a turn: decided in order, written together.
//!
//! Owns: which request goes to which rule. Must not: know a rule.

use super::command::act;
use super::intake::{CHUNK, MAX_PENDING_BYTES};
use super::presence::set_presence;
use super::work::{Parts, PendingOutput, Work, answer};
use super::writer::Worker;
use crate::domain::EmployeeId;
use crate::gateway::writer::api::{Command, ReadState, Refusal, SendReport};
use crate::gateway::writer::decide::context::CommandContext;
use crate::gateway::writer::decide::{account, monitoring, outbound, sends};
use crate::gateway::writer::handle::WriterRequest;
use crate::gateway::writer::ingest::identity;
use crate::gateway::writer::model::sending;
use crate::gateway::writer::{live, reads, views};
use crate::store::{PrefetchResult, StoreError, UnparsedWebhook};

impl Worker {
    pub async fn requests(&mut self, batch: &mut Vec<WriterRequest>) -> Result<(), StoreError> {
        let now = (self.clock)();
        let mut raws = Vec::new();
        let mut follows = Vec::new();
        let lost: Vec<EmployeeId> = self
            .returning
            .iter()
            .filter(|(_, until)| **until <= now)
            .map(|(agent, _)| agent.clone())
            .collect();
        let mut work = Work::new(&self.setup, &mut self.state, now);
        for agent in lost {
            self.returning.remove(&agent);
            self.present.insert(agent.clone(), false);
            set_presence(&mut work, &mut self.departing, &agent, false);
        }
        for supervisor in self.departing.extract_if(.., |_, until| *until <= now).map(|(who, _)| who) {
            for event in monitoring::end_all(work.state, &supervisor, now) {
                work.push(&event, None);
            }
        }
        for ticket in sends::overdue(work.state, self.setup.unknown_outcome_wait, now) {
            for event in sends::fail_unconfirmed(work.state, &ticket, now) {
                work.push(&event, None);
            }
        }
        work.step();
        for (employee, client, channel) in &self.pending_replays {
            let told = work.notifier(None).replay(employee, client, channel);
            work.outputs.extend(told.into_iter().map(PendingOutput::Notify));
        }
        let mut prefetched = None;
        for ask in batch.drain(..) {
            match ask {
                WriterRequest::Command { actor, operation, command, reading, answer: to } => {
                    match outbound::prefetch_contacts(
                        self.store.as_ref(),
                        &command,
                        prefetched.take(),
                        &mut self.ids,
                    )
                    .await
                    {
                        Ok(found) => {
                            prefetched = found;
                            let operation = operation.as_ref();
                            act(&mut work, &actor, operation, &command, &reading, &mut prefetched, to);
                            if let Command::StartMonitoring { .. } = command {
                                // Who is not connected at all has as long as one who was.
                                let here = self.present.get(&actor.employee).is_some_and(|here| *here);
                                set_presence(&mut work, &mut self.departing, &actor.employee, here);
                            }
                        }
                        Err(error) => {
                            work.outputs.push(answer(to, Err(Refusal::Store(error.to_string()))));
                        }
                    }
                }
                WriterRequest::Webhook { raw, answer: to } => {
                    work.batch.webhooks.push(raw.clone());
                    raws.push(raw);
                    work.outputs.push(answer(to, Ok(())));
                }
                WriterRequest::Report { report, answer: to } => {
                    let found = identity::prefetch_names(self.store.as_ref(), work.state, &report).await;
                    let result = match found {
                        Ok(found) => apply_send_report(&mut work, found.as_ref(), &report),
                        Err(error) => Err(Refusal::Store(error.to_string())),
                    };
                    work.outputs.push(answer(to, result));
                }
                WriterRequest::Account { change } => {
                    if let Some(event) = account::decide(work.state, &change, now) {
                        work.push(&event, None);
                    }
                }
                WriterRequest::Presence { employee, connected } => {
                    self.returning.remove(&employee);
                    self.present.insert(employee.clone(), connected);
                    set_presence(&mut work, &mut self.departing, &employee, connected);
                }
                WriterRequest::Session { employee, answer: to } => {
                    let view = views::session(&self.setup, work.state, &employee, now);
                    work.outputs.push(answer(to, Ok(view)));
                }
                WriterRequest::Workbins { employee, answer: to } => {
                    let views = views::workbins(&self.setup, work.state, &employee, now);
                    work.outputs.push(answer(to, Ok(views)));
                }
                WriterRequest::Follow { employee, workbins, on } => follows.push((employee, workbins, on)),
                WriterRequest::Messages { actor, id, query, answer: to } => {
                    match work.state.sessions.get(&id) {
                        Some(session) => {
                            let log = reads::live_log(work.setup, work.state, &actor, session, query);
                            work.outputs.push(answer(to, log));
                        }
                        None => {
                            let reading = self.reads.log(work.setup, work.state, &actor, id, query);
                            self.reads.begin(reading, to);
                        }
                    }
                }
                WriterRequest::History { actor, contact, since, until, answer: to } => {
                    let span = (since, until);
                    match self.reads.history(work.setup, work.state, &actor, contact, span) {
                        Ok(reading) => self.reads.begin(reading, to),
                        Err(refusal) => work.outputs.push(answer(to, Err(refusal))),
                    }
                }
                WriterRequest::Look { lookup, answer: to } => {
                    let reading = self.reads.look(lookup);
                    self.reads.begin(reading, to);
                }
                WriterRequest::Suggest { actor, id, answer: to } => {
                    let circumstances = CommandContext {
                        state: work.state,
                        setup: work.setup,
                        actor: &actor,
                        operation: None,
                        now,
                        reading: &ReadState::Everything,
                        prefetched: None,
                    };
                    match self.reads.suggest(&circumstances, &id) {
                        Ok(reading) => self.reads.begin(reading, to),
                        Err(refusal) => work.outputs.push(answer(to, Err(refusal))),
                    }
                }
                // Taken out before.
                WriterRequest::Contact { .. } => {}
                WriterRequest::Replay { employee, client, channel } => {
                    let told = work.notifier(None).replay(&employee, &client, channel);
                    work.outputs.extend(told.into_iter().map(PendingOutput::Notify));
                    self.pending_replays.push((employee, client, channel));
                }
                WriterRequest::Why { id, answer: to } => {
                    let why = work.state.router.explain(&id, now).map(|why| why.to_string());
                    work.outputs.push(answer(to, why.ok_or(Refusal::NotFound(id))));
                }
                WriterRequest::Live { sessions, answer: to } => {
                    let written = u64::try_from(work.batch.records.len()).unwrap_or(0);
                    let view =
                        live::view(&self.setup, work.state, sessions.as_deref(), self.last_seq + written);
                    work.outputs.push(answer(to, Ok(view)));
                }
                WriterRequest::Status { answer: to } => {
                    let written = u64::try_from(work.batch.records.len()).unwrap_or(0);
                    let mut board = views::status(&self.setup, work.state, self.last_seq + written);
                    board.not_routed.clone_from(&self.not_routed);
                    work.outputs.push(answer(to, Ok(board)));
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
        for (id, raw) in webhooks.into_iter().zip(raws) {
            // Webhooks are parsed in their order: after one that is only on disk, the rest stays there too.
            let waiting: usize = self.pending.iter().map(|one| one.raw.len()).sum();
            self.behind |= self.pending.len() >= CHUNK || waiting + raw.len() > MAX_PENDING_BYTES;
            if !self.behind {
                self.pending.push_back(UnparsedWebhook { id, at: now, raw });
            }
        }
        Ok(())
    }

    /// Answers an ask that cannot be looked at. What has no answer is kept until it can.
    pub fn refuse(&mut self, ask: WriterRequest, refusal: &Refusal) {
        let refusal = refusal.clone();
        // Who asked may be gone.
        match ask {
            WriterRequest::Command { answer, .. }
            | WriterRequest::Webhook { answer, .. }
            | WriterRequest::Report { answer, .. } => {
                drop(answer.send(Err(refusal)));
            }
            WriterRequest::Session { answer, .. } => drop(answer.send(Err(refusal))),
            WriterRequest::Workbins { answer, .. } => drop(answer.send(Err(refusal))),
            WriterRequest::Follow { employee, workbins, on } => self.follow(&employee, workbins, on),
            WriterRequest::Messages { answer, .. } => drop(answer.send(Err(refusal))),
            WriterRequest::History { answer, .. } => drop(answer.send(Err(refusal))),
            WriterRequest::Contact { answer, .. } => drop(answer.send(Err(refusal))),
            WriterRequest::Look { answer, .. } => drop(answer.send(Err(refusal))),
            WriterRequest::Suggest { answer, .. } => drop(answer.send(Err(refusal))),
            WriterRequest::Why { answer, .. } => drop(answer.send(Err(refusal))),
            WriterRequest::Live { answer, .. } => drop(answer.send(Err(refusal))),
            WriterRequest::Status { answer } => drop(answer.send(Err(refusal))),
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

/// Processes the result of a send: the outcome, the names that WhatsApp has for the recipient, and what it
/// says about the account.
pub fn apply_send_report(
    work: &mut Work<'_>,
    found: Option<&PrefetchResult>,
    report: &SendReport,
) -> Result<(), Refusal> {
    let sending = sending::ticket(&report.tracker).and_then(|ticket| work.state.sends.get(&ticket));
    let of_account = account::after_report(work.state, report, sending);
    let mut events = sends::decide(work.state, report)?;
    if let Some(found) = found {
        identity::reported(work.state, work.setup, found, report, work.now, &mut events);
    }
    events.iter().chain(&of_account).for_each(|event| work.push(event, None));
    Ok(())
}
