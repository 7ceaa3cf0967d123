//! Acts on contacts: each reads the store, so each is decided, written and answered alone.

use super::work::{Parts, Work};
use super::writer::Worker;
use crate::domain::{ContactId, OperationId};
use crate::gateway::writer::api::{Actor, ReadState, Refusal};
use crate::gateway::writer::decide::contacts::{self, Decided};
use crate::gateway::writer::decide::context::CommandContext;
use crate::gateway::writer::model::contact::ContactCommand;
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::notify::CausingRequest;
use crate::store::{ContactCard, PrefetchQuery, StoreError};

impl Worker {
    /// Executes a command on contacts, and returns the contact as it is then; `None` when it no longer exists.
    pub async fn contact(
        &mut self,
        actor: &Actor,
        operation: Option<&OperationId>,
        act: &ContactCommand,
    ) -> Result<Option<ContactCard>, Refusal> {
        let failed = |error: StoreError| Refusal::Store(error.to_string());
        self.recover().await.map_err(failed)?;
        let (events, contact) = self.decide_contact(actor, operation, act).await?;
        let now = (self.clock)();
        if !events.is_empty() {
            let mut work = Work::new(&self.setup, &mut self.state, now);
            let cause = operation.map(|operation| CausingRequest { employee: &actor.employee, operation });
            events.iter().for_each(|event| work.push(event, cause));
            if let Some(operation) = operation {
                let (employee, operation) = (actor.employee.clone(), operation.clone());
                work.push(&LogEvent::OperationDone { employee, operation, at: now }, None);
            }
            let parts = Parts::of(work);
            self.commit(parts).await.map_err(failed)?;
            self.refresh_contacts().await.map_err(failed)?;
        }
        let found = self
            .store
            .prefetch(PrefetchQuery { cards: vec![contact], ..PrefetchQuery::default() })
            .await
            .map_err(failed)?;
        Ok(found.cards.into_iter().next())
    }

    pub async fn decide_contact(
        &mut self,
        actor: &Actor,
        operation: Option<&OperationId>,
        act: &ContactCommand,
    ) -> Decided {
        if !actor.role.handles_sessions() {
            let sentence = "only agents change contacts: a supervisor or an administrator can read them";
            return Err(Refusal::Forbidden(sentence.to_owned()));
        }
        let now = (self.clock)();
        let reading = &ReadState::Everything;
        let circumstances = CommandContext {
            state: &self.state,
            setup: &self.setup,
            actor,
            operation,
            now,
            reading,
            prefetched: None,
        };
        if operation.is_some_and(|operation| self.state.has_done(&actor.employee, operation)) {
            return match act.about().into_iter().next() {
                Some(contact) => Ok((Vec::new(), contact)),
                None => Err(Refusal::Conflict("this was done already: look before you repeat it".to_owned())),
            };
        }
        if let ContactCommand::Assign { interaction, .. } = act {
            circumstances.own_session(interaction)?;
        }
        let found =
            self.store.prefetch(PrefetchQuery { cards: act.about(), ..PrefetchQuery::default() }).await;
        let cards = found.map_err(|error| Refusal::Store(error.to_string()))?.cards;
        contacts::decide(act, &cards, &self.state, actor, &mut self.ids, now)
    }

    /// Reads the contact data of the customers with open sessions, and logs what has changed.
    pub async fn refresh_contacts(&mut self) -> Result<(), StoreError> {
        let contacts = self.state.sessions.values().map(|session| session.contact.clone()).collect();
        let found = self.store.prefetch(PrefetchQuery { contacts, ..PrefetchQuery::default() }).await?;
        let now = (self.clock)();
        let events: Vec<LogEvent> = self
            .state
            .sessions
            .values()
            .filter_map(|session| {
                let row = found.contacts.get(&session.contact)?;
                let contact: ContactId = row.home.clone().unwrap_or_else(|| row.id.clone());
                let is_new = session.owner != contact
                    || session.first_name != row.first_name
                    || session.last_name != row.last_name
                    || session.is_known != row.is_known;
                is_new.then(|| LogEvent::SessionContact {
                    interaction: session.id.clone(),
                    contact,
                    first_name: row.first_name.clone(),
                    last_name: row.last_name.clone(),
                    is_known: row.is_known,
                    at: now,
                })
            })
            .collect();
        let mut work = Work::new(&self.setup, &mut self.state, now);
        events.iter().for_each(|event| work.push(event, None));
        let parts = Parts::of(work);
        self.commit(parts).await.map(|_| ())
    }
}
