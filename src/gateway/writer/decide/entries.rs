//! Entries of a session, numbered in the order in which a command makes them.
//!
//! Owns: the numbering, and the entries about parties. Must not: decide anything.

use crate::domain::message::Visibility;
use crate::domain::window::{ReplyWindow, reply_window};
use crate::domain::{EmployeeId, Millis};
use crate::gateway::router::Fact;
use crate::gateway::writer::model::entry::{self, EntryKind};
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::logged::EntryLogged;
use crate::gateway::writer::model::party::LeaveReason;
use crate::gateway::writer::model::session::SessionState;
use crate::gateway::writer::setup::WriterSetup;
use crate::proto::media::{MessageDto, ParticipantDto};

/// Makes entries of a session, numbered from its last one.
pub struct EntryBuilder<'a> {
    session: &'a SessionState,
    pub next: u64,
    at: Millis,
}

impl<'a> EntryBuilder<'a> {
    pub fn of(session: &'a SessionState, at: Millis) -> Self {
        Self { session, next: session.last_index() + 1, at }
    }

    pub fn add(&mut self, mut made: MessageDto) -> LogEvent {
        made.index = self.next;
        self.next += 1;
        let interaction = self.session.id.clone();
        LogEvent::EntryLogged(EntryLogged {
            interaction,
            at: self.at,
            entry: made,
            mark: None,
            send_to: None,
        })
    }

    pub fn joined(&mut self, party: ParticipantDto, visibility: Visibility) -> LogEvent {
        self.add(entry::entry(EntryKind::Joined, party, visibility, self.at))
    }

    /// A party leaves the session, which its agents see.
    pub fn party_left(&mut self, party: ParticipantDto) -> LogEvent {
        self.add(entry::entry(EntryKind::Left, party, Visibility::Agent, self.at))
    }

    pub fn left(&mut self, agent: &EmployeeId) -> Option<LogEvent> {
        let party = self.session.party_of(agent)?.clone();
        Some(self.party_left(party))
    }

    /// Notifies the customer that an agent has joined, in the configured words; without them nothing is sent.
    /// If WhatsApp would not accept it, nothing is sent either, and the agents get a notice.
    pub fn customer_notice(&mut self, setup: &WriterSetup, nickname: &str) -> Option<LogEvent> {
        let words = setup.joined_text.trim();
        if words.is_empty() {
            return None;
        }
        let open = reply_window(self.session.window_ends, self.at) != ReplyWindow::Closed;
        let Some(address) = self.session.address().filter(|_| open) else {
            let why = if open { "WhatsApp gave no address" } else { "the reply window is closed" };
            return Some(self.notice(format!("The customer was not told that {nickname} joined: {why}")));
        };
        let mut made = entry::entry(EntryKind::Notice, entry::system(), Visibility::All, self.at);
        made.text = Some(words.replace("{name}", nickname));
        let mut event = self.add(made);
        if let LogEvent::EntryLogged(logged) = &mut event {
            logged.send_to = Some(address);
        }
        Some(event)
    }

    pub fn notice(&mut self, words: String) -> LogEvent {
        let mut made = entry::entry(EntryKind::Notice, entry::system(), Visibility::Agent, self.at);
        made.text = Some(words);
        self.add(made)
    }

    /// An agent beside the owner goes.
    pub fn leave(&mut self, agent: &EmployeeId, how: LeaveReason, to: &str) -> Vec<LogEvent> {
        let (interaction, to) = (self.session.id.clone(), to.to_owned());
        let told = LogEvent::PartyLeft { interaction, agent: agent.clone(), how, to, at: self.at };
        let (interaction, agent) = (self.session.id.clone(), agent.clone());
        let gone = LogEvent::Routing(Fact::PartyGone { interaction, agent: agent.clone(), at: self.at });
        [gone].into_iter().chain(self.left(&agent)).chain([told]).collect()
    }

    /// Whoever was only asked for advice goes when nobody is left to ask.
    pub fn consultants_leave(&mut self) -> Vec<LogEvent> {
        let all: Vec<EmployeeId> = self.session.consultants().collect();
        all.iter().flat_map(|agent| self.leave(agent, LeaveReason::Left, "")).collect()
    }
}
