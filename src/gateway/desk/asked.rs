//! What is asked of the desk, one by one: acts into a batch, and reading.
//!
//! Must not: write; what an act causes goes into the [`Work`] it is given.

use super::api::{Actor, Command, Reading, Refusal};
use super::decide::Act;
use super::event::Event;
use super::handle::{Answer, Board, Suggested};
use super::monitoring::Watcher;
use super::outbound::Ground;
use super::session::Session;
use super::setup::DeskSetup;
use super::state::State;
use super::tell::Cause;
use super::work::{Output, Work, answer};
use super::{archive, contacts, entry, look_back, wire};
use crate::domain::message::Visibility;
use crate::domain::{ContactId, EmployeeId, InteractionId, Millis, OperationId};
use crate::gateway::router::{Fact, WorkState};
use crate::proto::media::MessageDto;
use crate::store::{Lookup, Past, Store, StoreError, Wanted};

/// Does an act.
pub(super) fn act(
    work: &mut Work<'_>,
    actor: &Actor,
    operation: Option<&OperationId>,
    command: &Command,
    reading: &Reading,
    ground: &mut Option<Ground>,
    to: Answer<()>,
) {
    let (state, setup, now) = (&*work.state, work.setup, work.now);
    let act = Act { state, setup, actor, operation, now, reading, ground: ground.as_ref() };
    let decided = act.decide(command);
    if let (Command::Typing { id, started }, Ok(_)) = (command, &decided)
        && let Some(session) = state.sessions.get(id)
    {
        let told = typing(work, actor, session, *started);
        work.outputs.extend(told);
    }
    // What is only to be confirmed is asked again as it is.
    if let (Command::Ask { id, .. } | Command::PlaceInQueue { id, .. }, Err(refusal)) = (command, &decided)
        && !matches!(refusal, Refusal::Unread(_))
        && act.owns(id)
        && work.state.sessions.get(id).is_some_and(|session| session.is_targeted)
    {
        work.push(&Event::TargetSpent { interaction: id.clone() }, None);
    }
    let result = decided.map(|events| {
        let cause = operation.map(|operation| Cause { employee: &actor.employee, operation });
        for event in &events {
            if let Some(ground) = ground.as_mut() {
                look_back::learn(&mut ground.found, event);
            }
            work.push(event, cause);
        }
        // Who signs out is out of the sessions of others.
        for event in &events {
            if let Event::Routing(fact @ Fact::SignedOut { .. }) = event {
                work.follow(fact);
            }
        }
        work.follow_agents();
    });
    work.outputs.push(answer(to, result));
}

fn typing(work: &Work<'_>, actor: &Actor, session: &Session, started: bool) -> Vec<Output> {
    let watcher = || session.watcher_of(&actor.employee).map(Watcher::party);
    let Some(party) = session.party_of(&actor.employee).cloned().or_else(watcher) else { return Vec::new() };
    // Who only advises does so when typing too.
    let visibility = if party.visibility == "All" { Visibility::All } else { Visibility::Agent };
    let kind = if started { "TypingStarted" } else { "TypingStopped" };
    let made = entry::entry(kind, party, visibility, work.now);
    let told = work.teller(None).typing(session, &actor.employee, &made);
    told.into_iter().map(Output::Told).collect()
}

/// Who is there and how much waits.
pub(super) fn board(setup: &DeskSetup, state: &State, events: u64) -> Board {
    let agents = setup.router.agents.iter().map(|agent| {
        let view = state.router.agent_state(&agent.id);
        (agent.id.clone(), wire::agent_state(&view), view.load, view.capacity)
    });
    let reasons =
        setup.router.agents.iter().filter_map(|agent| match state.router.agent_state(&agent.id).work {
            WorkState::NotReady { reason } if !reason.is_empty() => Some((agent.id.clone(), reason)),
            _ => None,
        });
    let queues = setup.router.queues.iter();
    Board {
        agents: agents.collect(),
        reasons: reasons.collect(),
        queues: queues.map(|queue| (queue.name.clone(), state.router.waiting(&queue.name).len())).collect(),
        events,
        open: state.sessions.values().filter(|session| !session.over).count(),
        ..Board::default()
    }
}

/// Whether an agent has a session of that customer.
fn serves(state: &State, agent: &EmployeeId, contact: &ContactId) -> bool {
    state.sessions.values().any(|session| session.owner == *contact && session.party_of(agent).is_some())
}

/// The sessions of a customer: for who has one of them now, for who watches, and where contacts may be looked
/// up for every agent.
pub(super) async fn history(
    store: &dyn Store,
    setup: &DeskSetup,
    state: &State,
    actor: &Actor,
    contact: ContactId,
    since: Option<Millis>,
    until: Option<Millis>,
) -> Result<Vec<Past>, Refusal> {
    if !setup.contact_lookup && actor.role.handles_sessions() && !serves(state, &actor.employee, &contact) {
        let sentence = "you have no session of that customer: their history is for who serves them";
        return Err(Refusal::Forbidden(sentence.to_owned()));
    }
    store.history(contact, since, until).await.map_err(|error| Refusal::Store(error.to_string()))
}

/// A session's log: for its agents, for who has another session of the same customer, and for who watches.
pub(super) async fn messages(
    store: &dyn Store,
    setup: &DeskSetup,
    state: &State,
    actor: &Actor,
    id: &InteractionId,
) -> Result<Vec<MessageDto>, Refusal> {
    let is_agent = actor.role.handles_sessions();
    let me = &actor.employee;
    if let Some(session) = state.sessions.get(id) {
        return match is_agent {
            false => Ok(session.entries.iter().map(|entry| MessageDto::clone(entry)).collect()),
            true if session.was_in(me) || serves(state, me, &session.owner) => {
                Ok(wire::transcript(setup, session, me))
            }
            true => Err(Refusal::NotFound(id.clone())),
        };
    }
    let failed = |error: StoreError| Refusal::Store(error.to_string());
    let wanted = Wanted { sessions: [id.clone()].into(), ..Wanted::default() };
    let found = store.find(wanted).await.map_err(failed)?;
    let row = found.sessions.get(id).ok_or_else(|| Refusal::NotFound(id.clone()))?;
    let wanted = Wanted { contacts: [row.contact.clone()].into(), ..Wanted::default() };
    let customers = store.find(wanted).await.map_err(failed)?.contacts;
    let home = customers.get(&row.contact).and_then(|row| row.home.as_ref()).unwrap_or(&row.contact);
    let bodies = store.messages(id.clone()).await.map_err(failed)?;
    let mut log: Vec<MessageDto> = bodies.iter().filter_map(|body| serde_json::from_str(body).ok()).collect();
    if is_agent {
        let mine = |entry: &MessageDto| entry.from.person_id.as_deref() == Some(me.as_str());
        if !setup.contact_lookup && !log.iter().any(mine) && !serves(state, me, home) {
            return Err(Refusal::NotFound(id.clone()));
        }
        log.retain(wire::is_for_agents);
    }
    Ok(if archive::is_archive(id) { archive::in_order(log) } else { log })
}

/// Who the customer of a session may be, for an agent who has it.
pub(super) async fn suggest(
    store: &dyn Store,
    act: &Act<'_>,
    id: &InteractionId,
) -> Result<Suggested, Refusal> {
    let session = act.mine(id)?;
    let (contact, is_known) = (session.owner.clone(), session.is_known);
    let mut suggested = Suggested { contact, is_known, contacts: Vec::new() };
    for (query, reason) in contacts::suggestions(session) {
        let lookup = Lookup::Search { query, start: 0, limit: contacts::SUGGESTED };
        let looked = store.look(lookup).await.map_err(|error| Refusal::Store(error.to_string()))?;
        for card in looked.cards {
            let is_new = suggested.contacts.iter().all(|(known, _)| known.id != card.id);
            if is_new && card.id != suggested.contact {
                suggested.contacts.push((card, reason));
            }
        }
    }
    Ok(suggested)
}
