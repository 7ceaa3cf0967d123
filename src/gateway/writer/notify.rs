//! What clients are told about an event.
//!
//! Owns: which event makes which notices, and for whom. Must not: send them; they wait for the commit.

use super::model::event::Event;
use super::model::logged::EntryLogged;
use super::model::monitoring::Watcher;
use super::model::party::{Asked, Gone, PartyAnswer, Purpose};
use super::model::session::Session;
use super::model::workbin::WorkbinWhy;
use super::reads;
use super::setup::WriterSetup;
use super::state::State;
use super::wire::{self, Standing};
use crate::domain::{EmployeeId, InteractionId, Millis, OperationId};
use crate::gateway::hub::{ClientEvent, ClientId, EventRecipient};
use crate::gateway::router::{Fact, ReleaseReason, RevokeReason};
use crate::gateway::whatsapp::account::AccountChange;
use crate::proto::media::{InteractionDto, LogQuery, MediaDto, MessageDto};
use crate::proto::{channel, event as wire_event, wa, workbins};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Entries of a log that are sent at once to somebody who joins a session.
const NEWEST: u32 = 200;

/// A notice and who gets it.
pub(super) type Told = (EventRecipient, ClientEvent);

/// The request that caused an event, known to who made it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cause<'a> {
    /// Who asked.
    pub employee: &'a EmployeeId,
    /// The request's name.
    pub operation: &'a OperationId,
}

/// What became of the content of a workbin.
enum Change {
    Placed,
    Taken { because: &'static str },
}

/// Tells agents about events.
#[derive(Clone, Copy)]
pub(super) struct Teller<'a> {
    pub setup: &'a WriterSetup,
    /// The state with the event in it.
    pub state: &'a State,
    pub now: Millis,
    pub cause: Option<Cause<'a>>,
}

impl Teller<'_> {
    fn operation(&self, employee: &EmployeeId) -> Option<&str> {
        self.cause.filter(|cause| cause.employee == employee).map(|cause| cause.operation.as_str())
    }

    /// What is to be told about an event.
    pub fn tell(&self, event: &Event) -> Vec<Told> {
        match event {
            Event::Routing(fact) => self.tell_fact(fact),
            Event::EntryLogged(logged) => self.tell_entry(logged),
            Event::UserDataSet { interaction, .. }
            | Event::UserDataDeleted { interaction, .. }
            | Event::SessionContact { interaction, .. }
            | Event::CommentSet { interaction, .. } => self.parties(interaction, "PropertiesUpdated"),
            Event::PartyAsked { interaction, asked, .. } if asked.purpose == Purpose::Queue => {
                let session = self.state.sessions.get(interaction);
                let queued = Standing::Past("Queued");
                session
                    .map(|session| self.interaction(session, &asked.by, queued, "StatusChange"))
                    .into_iter()
                    .collect()
            }
            Event::PartyAsked { interaction, asked, .. } => {
                self.tell_asker(interaction, asked).into_iter().collect()
            }
            Event::PartyAnswered { interaction, asked, answer, .. } => {
                // The answer comes first: it says how the request ended.
                let answer = self.tell_answer(interaction, asked, answer);
                answer.into_iter().chain(self.tell_asker(interaction, asked)).collect()
            }
            Event::PartyLeft { interaction, agent, how, to, .. } => {
                let Some(session) = self.state.sessions.get(interaction) else { return Vec::new() };
                vec![self.goes_on_without(session, agent, *how, |dto| {
                    if !to.is_empty() {
                        dto.user_data.set(wa::LEFT_TO, to.as_str());
                    }
                })]
            }
            Event::WorkbinPlaced { interaction, workbin, owner, by, .. } => {
                let Some(session) = self.state.sessions.get(interaction) else { return Vec::new() };
                let past = Standing::Past("InWorkbin");
                let placed = self.interaction(session, by, past, "StatusChange");
                let changed = self.workbin_changed(session, workbin, owner, &Change::Placed);
                std::iter::once(placed).chain(changed).collect()
            }
            Event::WorkbinLeft { interaction, workbin, owner, why, .. } => {
                let session = self.state.sessions.get(interaction);
                let because = match why {
                    WorkbinWhy::Customer => "customer",
                    WorkbinWhy::Pulled => "pulled",
                    WorkbinWhy::Unreachable => "unreachable",
                };
                let change = Change::Taken { because };
                session
                    .map(|session| self.workbin_changed(session, workbin, owner, &change))
                    .unwrap_or_default()
            }
            Event::Completed { interaction, .. } => {
                let Some(session) = self.state.sessions.get(interaction) else { return Vec::new() };
                let all = session.agents().chain(overseers(session));
                all.map(|one| self.tell_completed(session, &one)).collect()
            }
            Event::AccountChanged { change, .. } => {
                let all = self.setup.people.keys().filter(|person| self.setup.is_overseer(person));
                all.map(|person| account(&EventRecipient::Agent(person.clone()), change)).collect()
            }
            Event::SupervisorSet { interaction, watcher, .. } => self.tell_watcher(interaction, watcher),
            Event::SupervisorGone { interaction, watcher, .. } => {
                let Some(session) = self.state.sessions.get(interaction) else { return Vec::new() };
                let gone = self.goes_on_without(session, &watcher.supervisor, Gone::Left, |dto| {
                    dto.monitor_mode = Some(watcher.mode.word().to_owned());
                });
                std::iter::once(gone).chain(self.tell_of_silent(session)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Notifies a participant that a session is over, and whoever ended it of how long that can be undone.
    fn tell_completed(&self, session: &Session, one: &EmployeeId) -> Told {
        let past = Standing::Past("Completed");
        let mut dto = wire::interaction(self.setup, self.state, session, one, past, self.now);
        if let Some(ended) = session.ended.as_ref().filter(|ended| ended.by == *one) {
            let left = ended.until().since(self.now).as_millis();
            dto.user_data.set(wa::UNDO, i64::try_from(left).unwrap_or(i64::MAX));
        }
        let data = wire_event::interaction(&dto, "StatusChange", self.operation(one));
        told(&EventRecipient::Agent(one.clone()), channel::WHATSAPP, data)
    }

    /// Tells somebody that a session goes on without them, and how that came, with what there is to say besides.
    fn goes_on_without(
        &self,
        session: &Session,
        who: &EmployeeId,
        how: Gone,
        say: impl FnOnce(&mut InteractionDto),
    ) -> Told {
        let past = Standing::Past("Completed");
        let mut dto = wire::interaction(self.setup, self.state, session, who, past, self.now);
        let word = match how {
            Gone::Left => "left",
            Gone::Removed => "removed",
            Gone::Transferred => "transferred",
        };
        dto.user_data.set(wa::LEFT, word);
        say(&mut dto);
        let data = wire_event::interaction(&dto, "StatusChange", self.operation(who));
        told(&EventRecipient::Agent(who.clone()), channel::WHATSAPP, data)
    }

    /// Tells a supervisor of a session that they are in now, or otherwise than before.
    fn tell_watcher(&self, interaction: &InteractionId, watcher: &Watcher) -> Vec<Told> {
        let Some(session) = self.state.sessions.get(interaction) else { return Vec::new() };
        let supervisor = &watcher.supervisor;
        let mut all = vec![self.interaction(session, supervisor, Standing::Active, "StatusChange")];
        let to = EventRecipient::Agent(supervisor.clone());
        all.push(self.newest(&to, session, supervisor, self.operation(supervisor)));
        all.extend(self.tell_of_silent(session));
        all
    }

    /// Tells agents who watches silently, where the shop wants that. Of others an entry tells.
    fn tell_of_silent(&self, session: &Session) -> Vec<Told> {
        let agents = session.agents().filter(|_| self.setup.show_silent_monitoring);
        agents
            .map(|agent| self.interaction(session, &agent, Standing::Active, "ParticipantsUpdated"))
            .collect()
    }

    /// Sends the asker the state of their session, while they own it.
    fn tell_asker(&self, interaction: &InteractionId, asked: &Asked) -> Option<Told> {
        let session = self.state.sessions.get(interaction)?;
        let is_theirs = !session.over && self.state.router.owner(interaction) == Some(&asked.by);
        is_theirs.then(|| self.interaction(session, &asked.by, Standing::Active, "PropertiesUpdated"))
    }

    /// Notifies the asker of a search that this colleague does not come. When one colleague was named, the
    /// end of the request says so; and the asker of a transfer to a whole queue does not hear of everybody in
    /// it.
    fn tell_declined(&self, interaction: &InteractionId, agent: &EmployeeId, answer: &str) -> Vec<Told> {
        let asked = self.state.sessions.get(interaction).and_then(|session| session.asking.as_ref());
        let asked = asked.filter(|asked| {
            asked.target.is_none() && (asked.purpose != Purpose::Queue || asked.only.is_some())
        });
        let Some(asked) = asked else { return Vec::new() };
        let operation = asked.operation.as_ref().map(OperationId::as_str);
        let (by, request) = (self.setup.person_name(agent), asked.purpose.word());
        let data = wire_event::declined(interaction.as_str(), &by, answer, request, operation);
        let declined = told(&EventRecipient::Agent(asked.by.clone()), channel::WHATSAPP, data);
        std::iter::once(declined).chain(self.tell_asker(interaction, asked)).collect()
    }

    /// Tells who asked for a colleague what came of it, where nothing else does.
    fn tell_answer(&self, interaction: &InteractionId, asked: &Asked, answer: &PartyAnswer) -> Option<Told> {
        let to = EventRecipient::Agent(asked.by.clone());
        if asked.purpose == Purpose::Queue {
            let (outcome, by) = match answer {
                PartyAnswer::Accepted { by } => ("accepted", self.setup.person_name(by)),
                _ => ("nobody", String::new()),
            };
            let data = json!({
                "messageType": wa::TRANSFER_OUTCOME, "interactionId": interaction, "outcome": outcome, "by": by,
            });
            return Some(told(&to, channel::WHATSAPP, data));
        }
        let (what, whom) = (asked.purpose.word(), &asked.whom);
        let (sentence, code) = match answer {
            PartyAnswer::Accepted { .. } | PartyAnswer::Cancelled => return None,
            PartyAnswer::Refused => (format!("{whom} refused the {what}"), 403),
            PartyAnswer::NoAnswer => (format!("{whom} did not answer in time"), 408),
            PartyAnswer::Nobody if asked.target.is_some() => {
                (format!("{whom} could not be asked: no longer signed in, or no longer ready"), 410)
            }
            PartyAnswer::Nobody => (format!("nobody {whom} took the {what} in time"), 410),
            PartyAnswer::NobodyLeft => {
                let session = self.state.sessions.get(interaction);
                let refusals = session.map(|session| self.setup.refusals(session)).unwrap_or_default();
                let why = if refusals.is_empty() {
                    "not signed in".to_owned()
                } else {
                    format!("refused: {refusals}")
                };
                (format!("nobody {whom} is left to ask for the {what} ({why})"), 410)
            }
        };
        let sentence = format!("{sentence}; the session stays with you");
        let operation = asked.operation.as_ref().map(OperationId::as_str);
        let mut data = wire_event::error(&sentence, code, operation);
        if let Json::Object(map) = &mut data {
            map.insert("interactionId".to_owned(), json!(interaction));
        }
        Some(told(&to, channel::WHATSAPP, data))
    }

    /// Tells those who may pull from a workbin what is in it, or no longer. The writer passes on what they follow.
    fn workbin_changed(&self, session: &Session, workbin: &str, owner: &str, change: &Change) -> Vec<Told> {
        let (operation, content, because) = match change {
            Change::Placed => ("PlaceInWorkbin", "Add", None),
            Change::Taken { because } => ("Pull", "Remove", Some(*because)),
        };
        let people = self.setup.workbin_people(workbin, owner);
        let notice = |agent: &EmployeeId| {
            let past = Standing::Past("InWorkbin");
            let dto = wire::interaction(self.setup, self.state, session, agent, past, self.now);
            let data = workbins::changed(&dto, operation, content, workbin, owner, because);
            told(&EventRecipient::Agent(agent.clone()), channel::WORKBINS, data)
        };
        people.iter().map(notice).collect()
    }

    fn tell_fact(&self, fact: &Fact) -> Vec<Told> {
        let told = |interaction: &InteractionId, agent: &EmployeeId, standing| {
            let session = self.state.sessions.get(interaction);
            session.map(|session| self.interaction(session, agent, standing, "StatusChange"))
        };
        match fact {
            Fact::SignedIn { agent, .. }
            | Fact::SignedOut { agent, .. }
            | Fact::StateSet { agent, .. }
            | Fact::MadeNotReady { agent, .. } => {
                vec![self.channel(&EventRecipient::Agent(agent.clone()), agent)]
            }
            Fact::Offered { interaction, agent, lapses, .. } => {
                told(interaction, agent, Standing::Invited(*lapses)).into_iter().collect()
            }
            Fact::Accepted { interaction, agent, .. }
            | Fact::Assigned { interaction, agent, .. }
            | Fact::PartyBack { interaction, agent, .. } => {
                let Some(session) = self.state.sessions.get(interaction) else { return Vec::new() };
                let to = EventRecipient::Agent(agent.clone());
                let log = self.newest(&to, session, agent, self.operation(agent));
                vec![self.interaction(session, agent, Standing::Active, "StatusChange"), log]
            }
            Fact::Rejected { interaction, agent, .. } => {
                let gone = told(interaction, agent, Standing::Past("Revoked"));
                gone.into_iter().chain(self.tell_declined(interaction, agent, "refused")).collect()
            }
            Fact::OfferExpired { interaction, agent, .. } => {
                let gone = told(interaction, agent, Standing::Past("Revoked"));
                gone.into_iter().chain(self.tell_declined(interaction, agent, "no answer")).collect()
            }
            Fact::OfferRevoked { interaction, agent, why: RevokeReason::Cancelled, .. } => {
                told(interaction, agent, Standing::Past("Canceled")).into_iter().collect()
            }
            Fact::OfferRevoked { interaction, agent, .. } => {
                told(interaction, agent, Standing::Past("Revoked")).into_iter().collect()
            }
            Fact::Requeued { interaction, agent, .. } => {
                told(interaction, agent, Standing::Past("Queued")).into_iter().collect()
            }
            // The workbin says so.
            Fact::Released { why: ReleaseReason::Workbin, .. } => Vec::new(),
            Fact::Released { interaction, agent, .. } => {
                told(interaction, agent, Standing::Past("Completed")).into_iter().collect()
            }
            // The reply window and the wait moved.
            Fact::CustomerSpoke { interaction, .. }
            | Fact::AgentSpoke { interaction, .. }
            | Fact::ReplyFailed { interaction, .. } => self.parties(interaction, "PropertiesUpdated"),
            _ => Vec::new(),
        }
    }

    fn tell_entry(&self, logged: &EntryLogged) -> Vec<Told> {
        let Some(session) = self.state.sessions.get(&logged.interaction) else { return Vec::new() };
        let mut told = Vec::new();
        let came_or_went = matches!(logged.entry.kind.as_str(), "ParticipantJoined" | "ParticipantLeft");
        let agents = session.agents().filter(|_| wire::is_for_agents(&logged.entry));
        for agent in agents.chain(overseers(session)) {
            if came_or_went {
                told.push(self.interaction(session, &agent, Standing::Active, "ParticipantsUpdated"));
            }
            let to = EventRecipient::Agent(agent.clone());
            let one = wire::message(self.setup, &logged.entry, &agent);
            let one = std::slice::from_ref(&*one);
            told.push(self.messages(&to, &session.id, one, self.operation(&agent)));
        }
        told
    }

    /// Tells everybody in a session how it is now.
    fn parties(&self, interaction: &InteractionId, notification: &str) -> Vec<Told> {
        let session = self.state.sessions.get(interaction).filter(|session| !session.over);
        let Some(session) = session else { return Vec::new() };
        let all = session.agents().chain(overseers(session));
        all.map(|one| self.interaction(session, &one, Standing::Active, notification)).collect()
    }

    /// Tells everybody in a session but one that this one types, or stops.
    pub fn typing(&self, session: &Session, from: &EmployeeId, entry: &MessageDto) -> Vec<Told> {
        let others = session.agents().chain(overseers(session)).filter(|one| one != from);
        let one = std::slice::from_ref(entry);
        others.map(|agent| self.messages(&EventRecipient::Agent(agent), &session.id, one, None)).collect()
    }

    fn interaction(
        &self,
        session: &Session,
        agent: &EmployeeId,
        standing: Standing,
        notification: &str,
    ) -> Told {
        self.interaction_to(&EventRecipient::Agent(agent.clone()), session, agent, standing, notification)
    }

    fn interaction_to(
        &self,
        to: &EventRecipient,
        session: &Session,
        agent: &EmployeeId,
        standing: Standing,
        notification: &str,
    ) -> Told {
        let dto = wire::interaction(self.setup, self.state, session, agent, standing, self.now);
        told(to, channel::WHATSAPP, wire_event::interaction(&dto, notification, self.operation(agent)))
    }

    fn messages(
        &self,
        to: &EventRecipient,
        id: &InteractionId,
        entries: &[MessageDto],
        by: Option<&str>,
    ) -> Told {
        told(to, channel::WHATSAPP, wire_event::messages(id.as_str(), entries, by))
    }

    /// The newest part of a log, as somebody who has just joined may read it. The rest is read on request.
    fn newest(&self, to: &EventRecipient, session: &Session, reader: &EmployeeId, by: Option<&str>) -> Told {
        let query = LogQuery { limit: Some(NEWEST), ..LogQuery::default() };
        let page = reads::page(self.setup, session, reader, query);
        self.messages(to, &session.id, &page.messages, by)
    }

    fn channel(&self, to: &EventRecipient, agent: &EmployeeId) -> Told {
        let media = MediaDto { channels: vec![wire::channel(self.state, agent)] };
        told(to, channel::MEDIA, wire_event::channels(&media))
    }

    /// What a client is told that subscribes late.
    pub fn replay(&self, agent: &EmployeeId, client: &ClientId, subscribed: &str) -> Vec<Told> {
        let to = EventRecipient::Client(ClientId::clone(client));
        match subscribed {
            channel::MEDIA => vec![self.channel(&to, agent)],
            channel::WHATSAPP | channel::CHAT => {
                let mut told = Vec::new();
                if self.setup.is_overseer(agent) {
                    let troubles = self.state.account.current(self.now);
                    told.extend(troubles.map(|trouble| account(&to, &trouble.change)));
                }
                for (id, lapses) in self.state.router.offers_of(agent) {
                    if let Some(session) = self.state.sessions.get(&id) {
                        let standing = Standing::Invited(lapses);
                        told.push(self.interaction_to(&to, session, agent, standing, "StatusChange"));
                    }
                }
                let all = self.state.sessions.values();
                for session in all.filter(|session| session.is_open_for(agent)) {
                    told.push(self.interaction_to(&to, session, agent, Standing::Active, "StatusChange"));
                    told.push(self.newest(&to, session, agent, None));
                }
                told
            }
            _ => Vec::new(),
        }
    }
}

/// The supervisors who are in a session.
fn overseers(session: &Session) -> impl Iterator<Item = EmployeeId> + '_ {
    session.watchers.iter().map(|watcher| watcher.supervisor.clone())
}

/// Sends a change of the account.
fn account(to: &EventRecipient, change: &AccountChange) -> Told {
    let AccountChange { topic, status: standing, text, .. } = change;
    told(to, channel::WHATSAPP, wire_event::account(topic, standing.word(), text))
}

fn told(to: &EventRecipient, channel: &'static str, data: Json) -> Told {
    (to.clone(), ClientEvent { channel, data: Arc::new(data) })
}
