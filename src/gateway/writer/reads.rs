//! Reads of the past: permission is decided at once, reading happens beside the writer.
//!
//! Owns: the reads under way. Must not: write, or let the writer wait for the store.
//! Invariants: a read starts after everything that was answered before it is on disk, so everybody sees their
//! own changes. A read is dropped when its requester is gone, so there are no more reads than open requests.

use super::api::{Actor, Refusal};
use super::decide::contacts;
use super::decide::context::CommandContext;
use super::handle::ReplySender;
use super::model::archive;
use super::model::entry::{self, is_for_agents};
use super::model::session::SessionState;
use super::model::views::Suggested;
use super::setup::WriterSetup;
use super::state::WriterState;
use super::wire;
use crate::domain::{ContactId, EmployeeId, InteractionId, Millis};
use crate::proto::media::{LogPage, LogQuery, MessageDto, PageBudget};
use crate::proto::wa;
use crate::store::{ContactLookup, ContactPage, LogRequest, PastSession, Store, StoreError};
use futures_util::future::BoxFuture;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use tokio::task::JoinSet;

/// The rest of a read, which yields the answer.
pub(super) type PendingRead<T> = BoxFuture<'static, Result<T, Refusal>>;

fn failed(error: StoreError) -> Refusal {
    Refusal::Store(error.to_string())
}

/// The reads under way. Dropping this ends them.
pub(super) struct Reads {
    store: Arc<dyn Store>,
    running: JoinSet<()>,
}

impl Reads {
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, running: JoinSet::new() }
    }

    /// Reads beside the writer and then answers.
    pub fn begin<T: Send + 'static>(&mut self, reading: PendingRead<T>, mut to: ReplySender<T>) {
        while self.running.try_join_next().is_some() {}
        self.running.spawn(async move {
            let result = tokio::select! {
                biased;
                () = to.closed() => return,
                result = reading => result,
            };
            // The requester may be gone by now.
            let _ = to.send(result);
        });
    }

    /// Looks contacts up.
    pub fn look(&self, lookup: ContactLookup) -> PendingRead<ContactPage> {
        let store = Arc::clone(&self.store);
        Box::pin(async move { store.look_up_contacts(lookup).await.map_err(failed) })
    }

    /// The sessions of a customer: for agents who have one of them now, for supervisors, and for every agent
    /// where the settings allow looking contacts up.
    pub fn history(
        &self,
        setup: &WriterSetup,
        state: &WriterState,
        actor: &Actor,
        contact: ContactId,
        (since, until): (Option<Millis>, Option<Millis>),
    ) -> Result<PendingRead<Vec<PastSession>>, Refusal> {
        if !setup.contact_lookup
            && actor.role.handles_sessions()
            && !served(state, &actor.employee).contains(&contact)
        {
            let sentence = "you have no session of that customer: their history is for who serves them";
            return Err(Refusal::Forbidden(sentence.to_owned()));
        }
        let store = Arc::clone(&self.store);
        Ok(Box::pin(async move { store.history(contact, since, until).await.map_err(failed) }))
    }

    /// A part of the log of a session that is not live: for its agents, for agents who have another session
    /// of the same customer, and for supervisors.
    pub fn log(
        &self,
        setup: &WriterSetup,
        state: &WriterState,
        actor: &Actor,
        id: InteractionId,
        query: LogQuery,
    ) -> PendingRead<LogPage> {
        let agent = actor.role.handles_sessions().then(|| actor.employee.clone());
        let open = agent.is_none() || setup.contact_lookup;
        let serves = served(state, &actor.employee);
        let store = Arc::clone(&self.store);
        // It is stored in the order of arrival, so finding a part of it takes all of it.
        let is_archive = archive::is_archive(&id);
        let (asked, query) = (query, if is_archive { LogQuery::default() } else { query });
        Box::pin(async move {
            let wanted = LogRequest { interaction: id.clone(), query, agent };
            let log = store.session_log(wanted).await.map_err(failed)?;
            let log = log.filter(|log| open || log.was_in || serves.contains(&log.contact));
            let log = log.ok_or(Refusal::NotFound(id))?;
            let messages: Vec<MessageDto> =
                log.bodies.iter().filter_map(|body| serde_json::from_str(body).ok()).collect();
            Ok(if is_archive {
                let all: Vec<_> = in_order(messages).into_iter().map(Arc::new).collect();
                let (part, older, newer) = part(&all, |_| true, asked);
                LogPage { messages: part.map(MessageDto::clone).collect(), older, newer }
            } else {
                LogPage { messages, older: log.older, newer: log.newer }
            })
        })
    }

    /// The contacts that the customer of a session may be, for an agent who has it.
    pub fn suggest(
        &self,
        act: &CommandContext<'_>,
        id: &InteractionId,
    ) -> Result<PendingRead<Suggested>, Refusal> {
        let session = act.own_session(id)?;
        let (contact, is_known) = (session.owner.clone(), session.is_known);
        let mut suggested = Suggested { contact, is_known, contacts: Vec::new() };
        let queries = contacts::suggestions(session);
        let store = Arc::clone(&self.store);
        Ok(Box::pin(async move {
            for (query, reason) in queries {
                let lookup = ContactLookup::Search { query, start: 0, limit: contacts::SUGGESTED };
                for card in store.look_up_contacts(lookup).await.map_err(failed)?.cards {
                    let is_new = suggested.contacts.iter().all(|(known, _)| known.id != card.id);
                    if is_new && card.id != suggested.contact {
                        suggested.contacts.push((card, reason));
                    }
                }
            }
            Ok(suggested)
        }))
    }
}

/// The customers whose sessions an agent is in.
fn served(state: &WriterState, agent: &EmployeeId) -> BTreeSet<ContactId> {
    let mine = state.sessions.values().filter(|session| session.party_of(agent).is_some());
    mine.map(|session| session.owner.clone()).collect()
}

/// A part of the log of a live session: for its agents, for agents who have another session of the same
/// customer, and for supervisors.
pub(super) fn live_log(
    setup: &WriterSetup,
    state: &WriterState,
    actor: &Actor,
    session: &SessionState,
    query: LogQuery,
) -> Result<LogPage, Refusal> {
    let me = &actor.employee;
    let is_agent = actor.role.handles_sessions();
    if is_agent && !session.was_in(me) && !served(state, me).contains(&session.owner) {
        return Err(Refusal::NotFound(session.id.clone()));
    }
    Ok(page(setup, session, me, query))
}

/// A part of the log of a live session, as a reader may see it.
pub(super) fn page(
    setup: &WriterSetup,
    session: &SessionState,
    reader: &EmployeeId,
    query: LogQuery,
) -> LogPage {
    let oversees = setup.is_overseer(reader);
    let readable = |entry: &MessageDto| oversees || is_for_agents(entry);
    let (part, older, newer) = part(&session.entries, readable, query);
    LogPage {
        older,
        newer,
        messages: part.map(|entry| wire::message(setup, entry, reader).into_owned()).collect(),
    }
}

/// The readable entries of a part of a log, and whether there are more before and after them.
fn part(
    entries: &[Arc<MessageDto>],
    readable: impl Fn(&MessageDto) -> bool,
    query: LogQuery,
) -> (impl Iterator<Item = &MessageDto>, bool, bool) {
    let start = entries.partition_point(|entry| entry.index <= query.after.unwrap_or(0));
    let end =
        query.before.map_or(entries.len(), |before| entries.partition_point(|entry| entry.index < before));
    let wanted = entries.get(start..end).unwrap_or_default().iter().enumerate();
    let wanted = wanted.filter(|(_, entry)| readable(entry));
    let mut budget = PageBudget::new(query.limit);
    let mut fits = |entry: &MessageDto| {
        // Without a limit nothing is measured.
        let bytes = query.limit.map_or(0, |_| serde_json::to_string(entry).map_or(0, |text| text.len()));
        budget.takes(bytes)
    };
    let places: Vec<usize> = if query.after.is_some() {
        wanted.take_while(|(_, entry)| fits(entry)).map(|(place, _)| start + place).collect()
    } else {
        let mut newest: Vec<usize> =
            wanted.rev().take_while(|(_, entry)| fits(entry)).map(|(place, _)| start + place).collect();
        newest.reverse();
        newest
    };
    let has = |part: Option<&[Arc<MessageDto>]>| part.unwrap_or_default().iter().any(|entry| readable(entry));
    let (older, newer) = match (places.first(), places.last()) {
        (Some(first), Some(last)) => (has(entries.get(..*first)), has(entries.get(last + 1..))),
        (Some(_) | None, None) | (None, Some(_)) => (false, false),
    };
    (places.into_iter().filter_map(|place| entries.get(place)).map(Arc::as_ref), older, newer)
}

/// Sorts the log of a day by time. It was written in the order in which WhatsApp delivered it.
pub(super) fn in_order(mut log: Vec<MessageDto>) -> Vec<MessageDto> {
    log.sort_by_key(|entry| entry.timestamp_seconds);
    let numbers = log.iter().zip(1_u64..).map(|(entry, new)| (entry.index, new));
    let numbers: HashMap<u64, u64> = numbers.collect();
    for entry in &mut log {
        let renumbered = |old: u64| numbers.get(&old).copied();
        entry.index = renumbered(entry.index).unwrap_or(entry.index);
        for key in [wa::OF, wa::QUOTES] {
            let old = entry.user_data.number(key).and_then(|old| u64::try_from(old).ok());
            if let Some(new) = old.and_then(renumbered) {
                entry::set_index(&mut entry.user_data, key, new);
            }
        }
    }
    log
}
