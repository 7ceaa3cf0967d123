//! The end of a session: what must have been read before it, and the undo.
//!
//! Owns: which messages of a customer must have been read by an agent who ends a session or gives it away,
//! and how a session that has just ended continues. Must not: change anything.
//! Invariants: nobody ends a session whose customer wrote something that their screen has not shown; only the
//! agent who ended a session reopens it, within [`UNDO`], and never beside a newer session of the same
//! customer.

use super::context::{CommandContext, CommandOutcome, refusal_of, routing};
use super::entries::EntryBuilder;
use crate::domain::message::Visibility;
use crate::domain::{EmployeeId, InteractionId};
use crate::gateway::router::Fact;
use crate::gateway::writer::api::Refusal;
use crate::gateway::writer::model::entry::{EntryAuthor, EntryKind, agent_party, preview, speaks};
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::session::{SessionState, UNDO};
use crate::proto::envelope::Unread;
use crate::proto::media::{MessageDto, ParticipantDto};

/// Whether an entry is a message of a customer: a new one, or a change of an earlier one. A reaction or a
/// deletion needs no answer.
pub fn is_said(entry: &MessageDto) -> bool {
    EntryAuthor::of(&entry.from) == EntryAuthor::Customer
        && (speaks(entry) || EntryKind::of(entry) == EntryKind::Edit)
}

/// What the customer wrote after the entry with that number.
pub fn unread(session: &SessionState, read: u64) -> Option<Unread> {
    let new = session.entries.iter().rev().take_while(|entry| entry.index > read);
    let new: Vec<_> = new.filter(|entry| is_said(entry)).collect();
    let newest = new.first()?;
    Some(Unread {
        interaction: session.id.clone(),
        index: newest.index,
        count: new.len(),
        text: preview(newest),
    })
}

impl CommandContext<'_> {
    /// Whether the actor has read all that the customer of a session has said.
    pub fn has_read(&self, session: &SessionState) -> bool {
        unread(session, self.reading.of(&session.id)).is_none()
    }

    /// Refuses to end a session, or to give it away, when the customer wrote something that the actor has not
    /// read. Anybody but the owner leaves the session to its owner, so nothing is lost.
    pub fn refuse_unread(&self, id: &InteractionId) -> Result<(), Refusal> {
        let owned = self.state.router.owner(id).is_none_or(|owner| owner == self.me());
        let session = self
            .state
            .sessions
            .get(id)
            .filter(|session| owned && !session.over && session.party_of(self.me()).is_some());
        match session.and_then(|session| unread(session, self.reading.of(id))) {
            Some(unread) => Err(Refusal::Unread(Box::new(unread))),
            None => Ok(()),
        }
    }

    /// Reopens a session that the actor ended a moment ago.
    pub fn reopen(&self, id: &InteractionId) -> CommandOutcome {
        let late = || {
            let seconds = UNDO.as_secs();
            Refusal::Gone(format!(
                "a session can be opened again for {seconds} seconds only; it stays finished"
            ))
        };
        let session = self.state.sessions.get(id).ok_or_else(late)?;
        if !session.over {
            return self.own_session(id).map(|_| Vec::new());
        }
        let ended = session.ended.as_ref().filter(|ended| ended.by == *self.me());
        let ended = ended.ok_or_else(|| Refusal::NotFound(id.clone()))?;
        if self.now >= ended.until() {
            return Err(late());
        }
        if self.state.open_session(&session.contact, &session.phone_number_id).is_some() {
            return Err(Refusal::Conflict(
                "the customer has written again, and that is a new session; this one stays finished"
                    .to_owned(),
            ));
        }
        let (router, me, at) = (&self.state.router, self.me(), self.now);
        let assigned = router
            .assign(me, id, &session.queue, at)
            .or_else(|_| router.assign(me, id, &self.setup.queue, at))
            .map_err(refusal_of)?;
        let mut events = vec![LogEvent::Reopened { interaction: id.clone(), by: me.clone(), at }];
        events.extend(routing(assigned));
        if session.waiting_since.is_some() {
            // The router removed the session when it ended, and with it that the customer waits.
            let spoke = Fact::CustomerSpoke { interaction: id.clone(), at, window_ends: session.window_ends };
            events.push(LogEvent::Routing(spoke));
        }
        let mut entries = EntryBuilder::of(session, at);
        let nickname = self.nickname(session, me);
        events.push(entries.joined(agent_party(me, &nickname, entries.next), Visibility::Agent));
        events.extend(self.rejoin_parties(session, &mut entries));
        events.push(entries.notice(format!("{nickname} finished the session and opened it again")));
        Ok(events)
    }

    /// The other participants at the end of the session, as far as they are still available.
    pub fn rejoin_parties(&self, session: &SessionState, entries: &mut EntryBuilder<'_>) -> Vec<LogEvent> {
        let there = |party: &&ParticipantDto| {
            let agent = party.person_id.as_deref().map(EmployeeId::from).filter(|agent| agent != self.me());
            agent.is_some_and(|agent| self.state.router.agent_state(&agent).signed_in)
        };
        let mut events = Vec::new();
        for party in session.parties.iter().filter(there) {
            let Some(agent) = party.person_id.as_deref().map(EmployeeId::from) else { continue };
            let interaction = session.id.clone();
            events.push(LogEvent::Routing(Fact::PartyBack { interaction, agent, at: self.now }));
            events.push(entries.joined(party.clone(), Visibility::Agent));
        }
        events
    }
}
