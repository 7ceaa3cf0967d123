//! The requests of a turn: decided in order, written together.
//!
//! Owns: which request goes to which rule. Must not: know a rule.

use super::command::act;
use super::intake::{CHUNK, PENDING};
use super::presence::presence;
use super::work::{Output, Parts, Work, answer};
use super::writer::Worker;
use crate::domain::EmployeeId;
use crate::gateway::writer::api::{Command, Reading, Refusal, SendReport};
use crate::gateway::writer::decide::context::Act;
use crate::gateway::writer::decide::{account, monitoring, outbound, sends};
use crate::gateway::writer::handle::Ask;
use crate::gateway::writer::ingest::identity;
use crate::gateway::writer::model::sending;
use crate::gateway::writer::{live, reads, views};
use crate::store::{PrefetchResult, StoreError, UnparsedWebhook};

impl Worker {
    pub async fn asks(&mut self, batch: &mut Vec<Ask>) -> Result<(), StoreError> {
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
            presence(&mut work, &mut self.departing, &agent, false);
        }
        for supervisor in self.departing.extract_if(.., |_, until| *until <= now).map(|(who, _)| who) {
            for event in monitoring::end_all(work.state, &supervisor, now) {
                work.push(&event, None);
            }
        }
        for ticket in sends::overdue(work.state, self.setup.unknown_outcome_wait, now) {
            for event in sends::give_up(work.state, &ticket, now) {
                work.push(&event, None);
            }
        }
        work.step();
        for (employee, client, channel) in &self.owed {
            let told = work.teller(None).replay(employee, client, channel);
            work.outputs.extend(told.into_iter().map(Output::Told));
        }
        let mut ground = None;
        for ask in batch.drain(..) {
            match ask {
                Ask::Act { actor, operation, command, reading, answer: to } => {
                    match outbound::look_up(self.store.as_ref(), &command, ground.take(), &mut self.ids).await
                    {
                        Ok(found) => {
                            ground = found;
                            let operation = operation.as_ref();
                            act(&mut work, &actor, operation, &command, &reading, &mut ground, to);
                            if let Command::StartMonitoring { .. } = command {
                                // Who is not connected at all has as long as one who was.
                                let here = self.present.get(&actor.employee).is_some_and(|here| *here);
                                presence(&mut work, &mut self.departing, &actor.employee, here);
                            }
                        }
                        Err(error) => {
                            work.outputs.push(answer(to, Err(Refusal::Store(error.to_string()))));
                        }
                    }
                }
                Ask::Webhook { raw, answer: to } => {
                    work.batch.webhooks.push(raw.clone());
                    raws.push(raw);
                    work.outputs.push(answer(to, Ok(())));
                }
                Ask::Report { report, answer: to } => {
                    let found = identity::look_up(self.store.as_ref(), work.state, &report).await;
                    let result = match found {
                        Ok(found) => take_report(&mut work, found.as_ref(), &report),
                        Err(error) => Err(Refusal::Store(error.to_string())),
                    };
                    work.outputs.push(answer(to, result));
                }
                Ask::Account { change } => {
                    if let Some(event) = account::decide(work.state, &change, now) {
                        work.push(&event, None);
                    }
                }
                Ask::Presence { employee, connected } => {
                    self.returning.remove(&employee);
                    self.present.insert(employee.clone(), connected);
                    presence(&mut work, &mut self.departing, &employee, connected);
                }
                Ask::Session { employee, answer: to } => {
                    let view = views::session(&self.setup, work.state, &employee, now);
                    work.outputs.push(answer(to, Ok(view)));
                }
                Ask::Workbins { employee, answer: to } => {
                    let views = views::workbins(&self.setup, work.state, &employee, now);
                    work.outputs.push(answer(to, Ok(views)));
                }
                Ask::Follow { employee, workbins, on } => follows.push((employee, workbins, on)),
                Ask::Messages { actor, id, query, answer: to } => match work.state.sessions.get(&id) {
                    Some(session) => {
                        let log = reads::live_log(work.setup, work.state, &actor, session, query);
                        work.outputs.push(answer(to, log));
                    }
                    None => {
                        let reading = self.reads.log(work.setup, work.state, &actor, id, query);
                        self.reads.begin(reading, to);
                    }
                },
                Ask::History { actor, contact, since, until, answer: to } => {
                    let span = (since, until);
                    match self.reads.history(work.setup, work.state, &actor, contact, span) {
                        Ok(reading) => self.reads.begin(reading, to),
                        Err(refusal) => work.outputs.push(answer(to, Err(refusal))),
                    }
                }
                Ask::Look { lookup, answer: to } => {
                    let reading = self.reads.look(lookup);
                    self.reads.begin(reading, to);
                }
                Ask::Suggest { actor, id, answer: to } => {
                    let circumstances = Act {
                        state: work.state,
                        setup: work.setup,
                        actor: &actor,
                        operation: None,
                        now,
                        reading: &Reading::Everything,
                        ground: None,
                    };
                    match self.reads.suggest(&circumstances, &id) {
                        Ok(reading) => self.reads.begin(reading, to),
                        Err(refusal) => work.outputs.push(answer(to, Err(refusal))),
                    }
                }
                // Taken out before.
                Ask::Contact { .. } => {}
                Ask::Replay { employee, client, channel } => {
                    let told = work.teller(None).replay(&employee, &client, channel);
                    work.outputs.extend(told.into_iter().map(Output::Told));
                    self.owed.push((employee, client, channel));
                }
                Ask::Why { id, answer: to } => {
                    let why = work.state.router.explain(&id, now).map(|why| why.to_string());
                    work.outputs.push(answer(to, why.ok_or(Refusal::NotFound(id))));
                }
                Ask::Live { sessions, answer: to } => {
                    let written = u64::try_from(work.batch.records.len()).unwrap_or(0);
                    let view =
                        live::view(&self.setup, work.state, sessions.as_deref(), self.last_seq + written);
                    work.outputs.push(answer(to, Ok(view)));
                }
                Ask::Board { answer: to } => {
                    let written = u64::try_from(work.batch.records.len()).unwrap_or(0);
                    let mut board = views::board(&self.setup, work.state, self.last_seq + written);
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
        self.owed.clear();
        for (id, raw) in webhooks.into_iter().zip(raws) {
            // Webhooks are parsed in their order: after one that is only on disk, the rest stays there too.
            let waiting: usize = self.pending.iter().map(|one| one.raw.len()).sum();
            self.behind |= self.pending.len() >= CHUNK || waiting + raw.len() > PENDING;
            if !self.behind {
                self.pending.push_back(UnparsedWebhook { id, at: now, raw });
            }
        }
        Ok(())
    }

    /// Answers an ask that cannot be looked at. What has no answer is kept until it can.
    pub fn refuse(&mut self, ask: Ask, refusal: &Refusal) {
        let refusal = refusal.clone();
        // Who asked may be gone.
        match ask {
            Ask::Act { answer, .. } | Ask::Webhook { answer, .. } | Ask::Report { answer, .. } => {
                drop(answer.send(Err(refusal)));
            }
            Ask::Session { answer, .. } => drop(answer.send(Err(refusal))),
            Ask::Workbins { answer, .. } => drop(answer.send(Err(refusal))),
            Ask::Follow { employee, workbins, on } => self.follow(&employee, workbins, on),
            Ask::Messages { answer, .. } => drop(answer.send(Err(refusal))),
            Ask::History { answer, .. } => drop(answer.send(Err(refusal))),
            Ask::Contact { answer, .. } => drop(answer.send(Err(refusal))),
            Ask::Look { answer, .. } => drop(answer.send(Err(refusal))),
            Ask::Suggest { answer, .. } => drop(answer.send(Err(refusal))),
            Ask::Why { answer, .. } => drop(answer.send(Err(refusal))),
            Ask::Live { answer, .. } => drop(answer.send(Err(refusal))),
            Ask::Board { answer } => drop(answer.send(Err(refusal))),
            // Whoever noted the change will note it again.
            Ask::Account { .. } => {}
            Ask::Replay { employee, client, channel } => self.owed.push((employee, client, channel)),
            Ask::Presence { employee, connected } => {
                self.returning.remove(&employee);
                self.present.insert(employee, connected);
            }
        }
    }
}

/// Processes the result of a send: the outcome, the names that WhatsApp has for the recipient, and what it
/// says about the account.
pub fn take_report(
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
