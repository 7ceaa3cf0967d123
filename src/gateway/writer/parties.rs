//! More than one agent in a session: transfer, conference, consultation.
//!
//! Owns: what asking for a colleague, their answer, and leaving cause. Must not: change anything.
//! Invariants: one request at a time in a session, made by its owner. The owner keeps the session until
//! somebody accepts, but for a transfer to a queue. Who consults is never seen by the customer.

use super::api::{AfterLeave, Refusal, Want, Whom};
use super::decide::{Act, Outcome, own_pairs, refused, routing};
use super::entry;
use super::event::{Asked, EntryLogged, Event, Gone, PartyAnswer, Purpose};
use super::routed::{self, Narrow};
use super::session::{Session, consults};
use super::setup::WriterSetup;
use super::state::State;
use super::wire::agent_party;
use crate::domain::message::Visibility;
use crate::domain::window::{ReplyWindow, reply_window};
use crate::domain::{AttachedData, EmployeeId, InteractionId, Millis};
use crate::gateway::router::{self, ColleagueRequest, Fact, ReleaseReason, TargetFailure, WorkState};
use crate::proto::media::{MessageDto, ParticipantDto};
use std::time::Duration;

/// How long somebody is looked for in a queue before whoever asked is told that nobody took it.
const SEARCH: Duration = Duration::from_secs(5 * 60);

/// Entries of a session, numbered on.
pub(super) struct Entries<'a> {
    session: &'a Session,
    pub next: u64,
    at: Millis,
}

impl<'a> Entries<'a> {
    pub fn of(session: &'a Session, at: Millis) -> Self {
        Self { session, next: session.last_index() + 1, at }
    }

    fn add(&mut self, mut made: MessageDto) -> Event {
        made.index = self.next;
        self.next += 1;
        let interaction = self.session.id.clone();
        Event::EntryLogged(EntryLogged { interaction, at: self.at, entry: made, mark: None, send_to: None })
    }

    pub fn joined(&mut self, party: ParticipantDto, visibility: Visibility) -> Event {
        self.add(entry::entry("ParticipantJoined", party, visibility, self.at))
    }

    /// Somebody who is no agent of the session leaves it, and its agents see that.
    pub fn parted(&mut self, party: ParticipantDto) -> Event {
        self.add(entry::entry("ParticipantLeft", party, Visibility::Agent, self.at))
    }

    pub fn left(&mut self, agent: &EmployeeId) -> Option<Event> {
        let party = self.session.party_of(agent)?.clone();
        Some(self.parted(party))
    }

    /// Tells the customer that an agent has joined, in the words of the shop; without words they are told
    /// nothing. Nothing goes out when WhatsApp would not take it: then the agents are told that.
    pub fn customer_told(&mut self, setup: &WriterSetup, nickname: &str) -> Option<Event> {
        let words = setup.joined_text.trim();
        if words.is_empty() {
            return None;
        }
        let open = reply_window(self.session.window_ends, self.at) != ReplyWindow::Closed;
        let Some(address) = self.session.address().filter(|_| open) else {
            let why = if open { "WhatsApp gave no address" } else { "the reply window is closed" };
            return Some(self.note(format!("The customer was not told that {nickname} joined: {why}")));
        };
        let mut made = entry::entry("Notice", entry::system(), Visibility::All, self.at);
        made.text = Some(words.replace("{name}", nickname));
        let mut event = self.add(made);
        if let Event::EntryLogged(logged) = &mut event {
            logged.send_to = Some(address);
        }
        Some(event)
    }

    pub fn note(&mut self, words: String) -> Event {
        let mut made = entry::entry("Notice", entry::system(), Visibility::Agent, self.at);
        made.text = Some(words);
        self.add(made)
    }

    /// An agent beside the owner goes.
    fn gone(&mut self, agent: &EmployeeId, how: Gone, to: &str) -> Vec<Event> {
        let (interaction, to) = (self.session.id.clone(), to.to_owned());
        let told = Event::PartyLeft { interaction, agent: agent.clone(), how, to, at: self.at };
        let (interaction, agent) = (self.session.id.clone(), agent.clone());
        let gone = Event::Routing(Fact::PartyGone { interaction, agent: agent.clone(), at: self.at });
        [gone].into_iter().chain(self.left(&agent)).chain([told]).collect()
    }

    /// Whoever was only asked for advice goes when nobody is left to ask.
    pub fn consultants_gone(&mut self) -> Vec<Event> {
        let all: Vec<EmployeeId> = self.session.consultants().collect();
        all.iter().flat_map(|agent| self.gone(agent, Gone::Left, "")).collect()
    }
}

fn answered(session: &Session, asked: &Asked, answer: PartyAnswer, at: Millis) -> Event {
    Event::PartyAnswered { interaction: session.id.clone(), asked: asked.clone(), answer, at }
}

/// What a fact that the router made by itself means for the parties of its session.
pub(super) fn after(state: &State, fact: &Fact, now: Millis) -> Vec<Event> {
    match fact {
        Fact::TargetFailed { interaction, why, .. } => {
            let session = state.sessions.get(interaction);
            let Some((session, asked)) =
                session.and_then(|session| Some((session, session.asking.as_ref()?)))
            else {
                return Vec::new();
            };
            let answer = match why {
                TargetFailure::Rejected => PartyAnswer::Refused,
                TargetFailure::NoAnswer => PartyAnswer::NoAnswer,
                TargetFailure::Unavailable => PartyAnswer::Nobody,
                TargetFailure::NobodyLeft => PartyAnswer::NobodyLeft,
                TargetFailure::Cancelled => PartyAnswer::Cancelled,
            };
            vec![answered(session, asked, answer, now)]
        }
        Fact::Requeued { interaction, agent, .. } => {
            let Some(session) = state.sessions.get(interaction) else { return Vec::new() };
            let mut entries = Entries::of(session, now);
            let mut events: Vec<Event> = entries.left(agent).into_iter().collect();
            let mut others = session.serving().filter(|other| other != agent);
            let handed = others.find_map(|other| state.router.hand_over(&other, interaction, now).ok());
            match handed {
                Some(facts) => events.extend(routing(facts)),
                None => events.extend(entries.consultants_gone()),
            }
            events
        }
        Fact::SignedOut { agent, .. } => {
            let beside = |session: &&Session| {
                let has = session.party_of(agent).is_some() && !session.over;
                has && state.router.owner(&session.id) != Some(agent)
            };
            let sessions = state.sessions.values().filter(beside);
            sessions.flat_map(|session| Entries::of(session, now).gone(agent, Gone::Left, "")).collect()
        }
        _ => Vec::new(),
    }
}

impl Act<'_> {
    fn name(&self, agent: &EmployeeId) -> String {
        self.setup.person_name(agent)
    }

    pub fn nickname(&self, session: &Session, agent: &EmployeeId) -> String {
        let party = session.party_of(agent).map(|party| party.nickname.clone());
        let person = self.setup.people.get(agent);
        party.or_else(|| person.map(|person| person.nickname.clone())).unwrap_or_else(|| agent.to_string())
    }

    /// A session that the actor owns, in which nobody is being asked.
    pub fn free(&self, id: &InteractionId) -> Result<&Session, Refusal> {
        let session = self.owned(id)?;
        match &session.asking {
            Some(asked) => Err(Refusal::Conflict(format!(
                "{} already: wait for the answer or call it off; nothing was done",
                asked.under_way()
            ))),
            None => Ok(session),
        }
    }

    /// Whether the actor owns a session.
    pub fn owns(&self, id: &InteractionId) -> bool {
        self.state.router.owner(id) == Some(self.me())
    }

    /// A session that the actor owns.
    fn owned(&self, id: &InteractionId) -> Result<&Session, Refusal> {
        let session = self.mine(id)?;
        match self.state.router.owner(id) {
            Some(owner) if owner != self.me() => Err(Refusal::Forbidden(format!(
                "only {}, whose session this is, can do that; nothing was done",
                self.name(owner)
            ))),
            _ => Ok(session),
        }
    }

    /// Why an agent cannot be asked now, if so.
    fn available(&self, agent: &EmployeeId) -> Result<(), Refusal> {
        let name = self.name(agent);
        let known = self.setup.people.get(agent).is_some_and(|person| person.role.handles_sessions());
        if !known {
            return Err(Refusal::Invalid(format!(
                "there is no agent {agent}; check the employee ID; nothing was done"
            )));
        }
        let view = self.state.router.agent_state(agent);
        let limit = view.capacity.saturating_add(self.setup.router.rules.wake_over_cap);
        let why = if !view.signed_in {
            "is not signed in"
        } else if view.gone_since.is_some() {
            "has lost the connection"
        } else if view.work != WorkState::Ready {
            "is not ready"
        } else if view.load >= limit {
            "has no room for another session"
        } else {
            return Ok(());
        };
        Err(Refusal::Conflict(format!("{name} {why}; the session stays with you")))
    }

    fn asked(&self, purpose: Purpose, narrow: &Narrow, queue: Option<&str>) -> Asked {
        let whom = match narrow {
            Narrow::Agent(agent) => self.name(agent),
            Narrow::Only(only) => routed::words(only),
            Narrow::None => format!("in queue {}", self.setup.queue_name(queue.unwrap_or_default())),
        };
        Asked {
            by: self.me().clone(),
            purpose,
            target: narrow.agent().cloned(),
            whom,
            queue: queue.map(str::to_owned),
            only: match narrow {
                Narrow::Only(only) => Some(only.clone()),
                Narrow::None | Narrow::Agent(_) => None,
            },
            operation: self.operation.cloned(),
        }
    }

    /// Asks for a colleague and keeps the session until somebody accepts.
    pub fn ask(&self, id: &InteractionId, want: Want, whom: &Whom, extension: &AttachedData) -> Outcome {
        let session = self.free(id)?;
        let (narrow, queue) = match whom {
            Whom::Agent(agent) => (Narrow::Agent(agent.clone()), None),
            Whom::Queue(queue) => (routed::narrow(self.setup, session)?, Some(queue.as_str())),
        };
        let mut events = Vec::new();
        let data = routed::pairs(extension);
        if !data.is_empty() {
            events.push(Event::UserDataSet { interaction: id.clone(), data });
        }
        if let Some(agent) = narrow.agent() {
            if agent == self.me() {
                return Err(Refusal::Conflict("the session is yours already; nothing was done".to_owned()));
            }
            if let Some(party) = session.party_of(agent) {
                events.extend(self.promote(session, agent, party, want)?);
                let asked = self.asked(want.into(), &narrow, queue);
                let answer = PartyAnswer::Accepted { by: agent.clone() };
                events.push(answered(session, &asked, answer, self.now));
                return Ok(events);
            }
            self.available(agent)?;
        }
        let asked = self.asked(want.into(), &narrow, queue);
        let wish = ColleagueRequest {
            queue: queue.map(str::to_owned),
            until: narrow.agent().is_none().then(|| self.now.plus(SEARCH)),
            except: session.agents().filter(|agent| agent != self.me()).collect(),
            keep: true,
            join: want != Want::Transfer,
            ..narrow.wish()
        };
        let wished = self.state.router.request_colleague(self.me(), id, wish, self.now);
        events.extend(routing(wished.map_err(|refusal| match refusal {
            router::RoutingError::NobodyThere => Refusal::Conflict(format!(
                "nobody else {} is signed in; the session stays with you",
                asked.whom
            )),
            other => refused(other),
        })?));
        events.push(Event::PartyAsked { interaction: id.clone(), asked, at: self.now });
        Ok(events)
    }

    /// Somebody who is in the session already needs no invitation.
    fn promote(&self, session: &Session, agent: &EmployeeId, party: &ParticipantDto, want: Want) -> Outcome {
        let consulted = consults(party);
        if want == Want::Consult || (want == Want::Conference && !consulted) {
            let name = self.name(agent);
            return Err(Refusal::Conflict(format!("{name} is in this session already; nothing was done")));
        }
        let mut entries = Entries::of(session, self.now);
        let mut events = Vec::new();
        if want == Want::Transfer {
            let facts = self.state.router.hand_over(agent, &session.id, self.now).map_err(refused)?;
            events.extend(routing(facts));
        }
        if consulted {
            let party = ParticipantDto { visibility: "All".to_owned(), ..party.clone() };
            let nickname = party.nickname.clone();
            events.push(entries.joined(party, Visibility::All));
            if want == Want::Conference {
                events.extend(entries.customer_told(self.setup, &nickname));
            }
        }
        if want == Want::Transfer {
            events.extend(self.handed(session, &mut entries, self.me(), agent));
        }
        Ok(events)
    }

    /// The session went from one agent to another.
    fn handed(
        &self,
        session: &Session,
        entries: &mut Entries<'_>,
        from: &EmployeeId,
        to: &EmployeeId,
    ) -> Vec<Event> {
        let words = format!(
            "{} transferred the session to {}",
            self.nickname(session, from),
            self.nickname(session, to)
        );
        let mut events = entries.gone(from, Gone::Transferred, &self.name(to));
        // The words come before who went is told that it is over.
        let told = events.pop();
        events.push(entries.note(words));
        events.extend(told);
        events
    }

    /// Gives a session to a queue and leaves it at once.
    pub fn place_in_queue(
        &self,
        id: &InteractionId,
        queue: &str,
        set: &AttachedData,
        deleted: &[String],
    ) -> Outcome {
        let session = self.free(id)?;
        if session.serving().any(|agent| agent != *self.me()) {
            return Err(Refusal::Conflict(
                "others are in this session: leave it to them, or remove them first; nothing was done"
                    .to_owned(),
            ));
        }
        let set = own_pairs(set);
        let mut changed = session.clone();
        changed.set_data(&set);
        for key in deleted {
            changed.user_data.remove(key);
        }
        let narrow = routed::narrow(self.setup, &changed)?;
        if narrow.agent() == Some(self.me()) {
            return Err(Refusal::Conflict("the session is yours already; nothing was done".to_owned()));
        }
        let wish = ColleagueRequest {
            queue: Some(queue.to_owned()),
            except: vec![self.me().clone()],
            until: Some(self.now.plus(SEARCH)),
            ..narrow.wish()
        };
        let facts = self.state.router.request_colleague(self.me(), id, wish, self.now).map_err(refused)?;
        let mut events = Vec::new();
        if !set.is_empty() {
            events.push(Event::UserDataSet { interaction: id.clone(), data: set });
        }
        if !deleted.is_empty() {
            events.push(Event::UserDataDeleted { interaction: id.clone(), keys: deleted.to_vec() });
        }
        events.extend(routing(facts));
        let mut entries = Entries::of(session, self.now);
        events.extend(entries.left(self.me()));
        events.extend(entries.consultants_gone());
        let asked = self.asked(Purpose::Queue, &narrow, Some(queue));
        let to = match &narrow {
            Narrow::None => format!("the queue {}", self.setup.queue_name(queue)),
            Narrow::Agent(agent) => self.name(agent),
            Narrow::Only(only) => format!("somebody {}", routed::words(only)),
        };
        let me = self.nickname(session, self.me());
        events.push(entries.note(format!("{me} transferred the session to {to}")));
        events.push(Event::PartyAsked { interaction: id.clone(), asked, at: self.now });
        Ok(events)
    }

    /// Takes an offered session, or joins it.
    pub fn accept(&self, id: &InteractionId, nickname: Option<&str>) -> Outcome {
        let session = self.state.sessions.get(id);
        let facts = match self.state.router.accept(self.me(), id, self.now) {
            // Who is in it already may say so again.
            Err(_) if session.is_some_and(|session| session.party_of(self.me()).is_some()) => Vec::new(),
            facts => facts.map_err(refused)?,
        };
        let session = session.ok_or_else(|| Refusal::NotFound(id.clone()))?;
        if facts.is_empty() {
            return Ok(Vec::new());
        }
        let mut events = routing(facts);
        let mut entries = Entries::of(session, self.now);
        let own = self.setup.people.get(self.me()).map(|person| person.nickname.as_str());
        let nickname = nickname.filter(|name| !name.trim().is_empty()).or(own);
        let mut party = agent_party(self.me(), nickname.unwrap_or(self.me().as_str()), entries.next);
        let purpose = session.asking.as_ref().map(|asked| asked.purpose);
        if purpose == Some(Purpose::Consult) {
            "Agent".clone_into(&mut party.visibility);
        }
        let visibility =
            if purpose == Some(Purpose::Conference) { Visibility::All } else { Visibility::Agent };
        let nickname = party.nickname.clone();
        events.push(entries.joined(party, visibility));
        if purpose == Some(Purpose::Conference) {
            events.extend(entries.customer_told(self.setup, &nickname));
        }
        if let Some(asked) = &session.asking {
            if asked.purpose == Purpose::Transfer {
                events.extend(self.handed(session, &mut entries, &asked.by, self.me()));
            }
            let answer = PartyAnswer::Accepted { by: self.me().clone() };
            events.push(answered(session, asked, answer, self.now));
        }
        Ok(events)
    }

    /// Calls off what is being asked and nobody has accepted.
    pub fn cancel(&self, id: &InteractionId) -> Outcome {
        let session = self.owned(id)?;
        if session.asking.is_none() {
            return Err(Refusal::Conflict(
                "nobody is being asked: who has accepted already can be removed instead".to_owned(),
            ));
        }
        Ok(self.call_off(session))
    }

    pub fn call_off(&self, session: &Session) -> Vec<Event> {
        let Some(asked) = &session.asking else { return Vec::new() };
        let mut events = routing(self.state.router.cancel(&session.id, self.now).unwrap_or_default());
        events.push(answered(session, asked, PartyAnswer::Cancelled, self.now));
        events
    }

    /// Puts an agent out of a session.
    pub fn remove(&self, id: &InteractionId, agent: &EmployeeId) -> Outcome {
        let session = self.owned(id)?;
        if agent == self.me() {
            return Err(Refusal::Conflict("to go yourself, leave the session; nothing was done".to_owned()));
        }
        if session.party_of(agent).is_none() {
            let name = self.name(agent);
            return Err(Refusal::Conflict(format!("{name} is not in this session; nothing was done")));
        }
        Ok(Entries::of(session, self.now).gone(agent, Gone::Removed, &self.name(self.me())))
    }

    /// Ends a session for good; for who does not own it, leaves it.
    pub fn complete(&self, session: &Session) -> Outcome {
        if self.state.router.owner(&session.id).is_some_and(|owner| owner != self.me()) {
            return self.leave(session, AfterLeave::CloseIfNoAgents);
        }
        let mut events = self.call_off(session);
        let interaction = session.id.clone();
        events.push(Event::Completed { interaction, by: self.me().clone(), at: self.now });
        events.extend(routing(self.state.router.close(&session.id, self.now).map_err(refused)?));
        Ok(events)
    }

    /// Leaves a session.
    pub fn leave(&self, session: &Session, after: AfterLeave) -> Outcome {
        let (router, me, id) = (&self.state.router, self.me(), &session.id);
        let mut entries = Entries::of(session, self.now);
        if router.owner(id).is_some_and(|owner| owner != me) {
            return Ok(entries.gone(me, Gone::Left, ""));
        }
        let next = session.serving().find(|agent| agent != me);
        let Some(next) = next.filter(|_| after != AfterLeave::ForceClose) else {
            if after != AfterLeave::KeepAlive {
                return self.complete(session);
            }
            let mut events = self.call_off(session);
            events.extend(routing(router.requeue(me, id, self.now).map_err(refused)?));
            events.extend(entries.left(me));
            events.extend(entries.consultants_gone());
            return Ok(events);
        };
        let mut events = self.call_off(session);
        events.extend(routing(router.release(me, id, ReleaseReason::Left, self.now).map_err(refused)?));
        events.extend(routing(router.assign(&next, id, &session.queue, self.now).map_err(refused)?));
        events.extend(entries.left(me));
        let names = (self.nickname(session, me), self.nickname(session, &next));
        events.push(entries.note(format!("{} left; the session is now {}'s", names.0, names.1)));
        Ok(events)
    }
}

impl Session {
    /// The names of those who have refused.
    pub(super) fn refusals(&self, setup: &WriterSetup) -> String {
        let names: Vec<String> = self.refused_by.iter().map(|agent| setup.person_name(agent)).collect();
        names.join(", ")
    }
}

impl From<Want> for Purpose {
    fn from(want: Want) -> Self {
        match want {
            Want::Transfer => Self::Transfer,
            Want::Conference => Self::Conference,
            Want::Consult => Self::Consult,
        }
    }
}

impl WriterSetup {
    /// The full name of an agent, or the employee ID of somebody unknown.
    pub(super) fn person_name(&self, agent: &EmployeeId) -> String {
        self.people.get(agent).map_or_else(|| agent.to_string(), |person| person.name.clone())
    }
}
