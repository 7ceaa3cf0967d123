//! Entries of a session, numbered in the order in which a command makes them.
//!
//! Owns: the numbering, and the entries about parties. Must not: decide anything.

use crate::domain::message::Visibility;
use crate::domain::window::{ReplyWindow, reply_window};
use crate::domain::{EmployeeId, Millis};
use crate::gateway::router::Fact;
use crate::gateway::writer::model::entry;
use crate::gateway::writer::model::event::Event;
use crate::gateway::writer::model::logged::EntryLogged;
use crate::gateway::writer::model::party::Gone;
use crate::gateway::writer::model::session::Session;
use crate::gateway::writer::setup::WriterSetup;
use crate::proto::media::{MessageDto, ParticipantDto};

/// Entries of a session, numbered on.
pub struct Entries<'a> {
    session: &'a Session,
    pub next: u64,
    at: Millis,
}

impl<'a> Entries<'a> {
    pub fn of(session: &'a Session, at: Millis) -> Self {
        Self { session, next: session.last_index() + 1, at }
    }

    pub fn add(&mut self, mut made: MessageDto) -> Event {
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
    pub fn gone(&mut self, agent: &EmployeeId, how: Gone, to: &str) -> Vec<Event> {
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
