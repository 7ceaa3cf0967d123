//! Writes a batch, then sends what waited for it.
//!
//! Owns: the order of writing and sending. Must not: decide anything.
//! Invariants: nothing leaves before its batch is on disk.

use super::work::{Parts, PendingOutput};
use super::writer::{RETRY, Worker};
use crate::domain::EmployeeId;
use crate::gateway::hub::{ClientEvent, EventRecipient};
use crate::gateway::writer::api::Refusal;
use crate::proto::channel;
use crate::store::StoreError;

impl Worker {
    /// Writes a batch, then sends what waits for it.
    pub async fn commit(&mut self, parts: Parts) -> Result<Vec<i64>, StoreError> {
        let Parts { batch, outputs, tickets, failure } = parts;
        let written = match failure {
            Some(error) => Err(error),
            None if batch.is_empty() => Ok(None),
            None => self.store.append(batch).await.map(Some),
        };
        let webhooks = match written {
            Ok(written) => {
                let Some(written) = written else {
                    self.send_outputs(outputs, None);
                    return Ok(Vec::new());
                };
                self.last_seq = written.last_seq;
                self.written.send_replace(written.last_seq);
                let now = &self.state.account;
                self.account.send_if_modified(|known| {
                    let is_new = known != now;
                    if is_new {
                        known.clone_from(now);
                    }
                    is_new
                });
                written.webhooks
            }
            Err(error) => {
                self.stale = true;
                self.retry = Some((self.clock)().plus(RETRY));
                self.send_outputs(outputs, Some(&Refusal::Store(error.to_string())));
                return Err(error);
            }
        };
        self.send_outputs(outputs, None);
        self.backlog.extend(tickets);
        let sends = &self.state.sends;
        self.handed.retain(|ticket| sends.contains_key(ticket));
        Ok(webhooks)
    }

    pub fn send_outputs(&self, outputs: Vec<PendingOutput>, failed: Option<&Refusal>) {
        for output in outputs {
            match output {
                PendingOutput::Notify((to, notice)) if failed.is_none() && self.follows(&to, &notice) => {
                    self.publish.publish(&to, notice);
                }
                PendingOutput::Notify(_) => {}
                PendingOutput::Reply(give) => give(failed),
            }
        }
    }

    /// Whether the recipient receives this event: changes of workbins go only to those who follow the workbin.
    pub fn follows(&self, to: &EventRecipient, notice: &ClientEvent) -> bool {
        if notice.channel != channel::WORKBINS {
            return true;
        }
        let workbin = notice.data.pointer("/workbin/id").and_then(serde_json::Value::as_str);
        let (EventRecipient::Agent(agent), Some(workbin)) = (to, workbin) else { return true };
        self.following.contains(&(agent.clone(), workbin.to_owned()))
    }

    pub fn follow(&mut self, employee: &EmployeeId, workbins: Vec<String>, on: bool) {
        for workbin in workbins.into_iter().filter(|name| self.setup.workbin(name).is_some()) {
            let wanted = (employee.clone(), workbin);
            if on {
                self.following.insert(wanted);
            } else {
                self.following.remove(&wanted);
            }
        }
    }
}
