//! Supervisors in agents' sessions: monitoring, coaching, barging in.
//!
//! Owns: what starting, switching and ending cause, and how it follows an agent from session to session.
//! Must not: change anything, or know whom somebody oversees; the caller has checked that.
//! Invariants: a supervisor is in a session beside an agent whom they monitor, and goes when that agent goes. What
//! they write needs a privilege in every mode, and the customer sees nothing of them unless they have barged in.

use super::context::{CommandContext, CommandOutcome};
use super::entries::EntryBuilder;
use crate::domain::message::Visibility;
use crate::domain::monitoring::{MonitorMode, MonitoringScope};
use crate::domain::role::Privilege;
use crate::domain::{EmployeeId, InteractionId, Millis};
use crate::gateway::writer::api::{Command, Outgoing, Refusal};
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::monitoring::{Monitoring, Watcher};
use crate::gateway::writer::model::session::SessionState;
use crate::gateway::writer::setup::{WriterSetup, may, privilege};
use crate::gateway::writer::state::WriterState;

/// A supervisor enters a session, or changes mode.
pub fn enter_session(
    setup: &WriterSetup,
    session: &SessionState,
    entries: &mut EntryBuilder<'_>,
    watcher: Watcher,
    at: Millis,
) -> Vec<LogEvent> {
    let before = session.watcher_of(&watcher.supervisor);
    let was = before.map(|before| before.mode);
    let (mode, party) = (watcher.mode, watcher.party());
    let role = setup.people.get(&watcher.supervisor).map(|person| person.role).unwrap_or_default();
    let interaction = session.id.clone();
    let mut events = vec![LogEvent::SupervisorSet { interaction, watcher, role, at }];
    if was == Some(mode) {
        return events;
    }
    match mode {
        MonitorMode::Monitor => events.extend(
            before
                .filter(|before| before.mode != MonitorMode::Monitor)
                .map(|b| entries.party_left(b.party())),
        ),
        MonitorMode::Coach => events.push(entries.joined(party, Visibility::Agent)),
        MonitorMode::BargeIn => {
            let nickname = party.nickname.clone();
            events.push(entries.joined(party, Visibility::All));
            events.extend(entries.customer_notice(setup, &nickname));
        }
    }
    events
}

/// A supervisor leaves a session.
pub fn leave_session(
    session: &SessionState,
    entries: &mut EntryBuilder<'_>,
    watcher: &Watcher,
    at: Millis,
) -> Vec<LogEvent> {
    let (interaction, watcher) = (session.id.clone(), watcher.clone());
    let seen = (watcher.mode != MonitorMode::Monitor).then(|| watcher.party());
    let mut events = vec![LogEvent::SupervisorGone { interaction, watcher, at }];
    events.extend(seen.map(|party| entries.party_left(party)));
    events
}

/// What the coming and going of agents means for those who monitor them: `came` are the agents who came into a
/// session, `touched` the sessions that somebody came into or left.
pub fn follow<'a>(
    state: &WriterState,
    setup: &WriterSetup,
    came: &[(InteractionId, EmployeeId)],
    touched: impl IntoIterator<Item = &'a InteractionId>,
    now: Millis,
) -> Vec<LogEvent> {
    let mut events = Vec::new();
    let mut spent: Vec<&Monitoring> = Vec::new();
    let open = touched.into_iter().filter_map(|id| state.sessions.get(id)).filter(|session| !session.over);
    for session in open {
        let mut entries = EntryBuilder::of(session, now);
        for watcher in &session.watchers {
            if session.party_of(&watcher.agent).is_some() {
                continue;
            }
            let mut rules = state.monitoring.iter().filter(|rule| rule.supervisor == watcher.supervisor);
            match rules.find(|rule| session.party_of(&rule.agent).is_some()) {
                // Another agent whom they monitor is still there.
                Some(rule) => {
                    let watcher = Watcher { agent: rule.agent.clone(), ..watcher.clone() };
                    events.extend(enter_session(setup, session, &mut entries, watcher, now));
                }
                None => events.extend(leave_session(session, &mut entries, watcher, now)),
            }
        }
        let mut there: Vec<&EmployeeId> =
            session.watchers.iter().map(|watcher| &watcher.supervisor).collect();
        let here = came.iter().filter(|(id, agent)| *id == session.id && session.party_of(agent).is_some());
        for rule in
            here.flat_map(|(_, agent)| state.monitoring.iter().filter(move |rule| rule.agent == *agent))
        {
            if there.contains(&&rule.supervisor) || spent.contains(&rule) {
                continue;
            }
            there.push(&rule.supervisor);
            if rule.which == MonitoringScope::NextInteraction {
                spent.push(rule);
            }
            events.extend(enter_session(setup, session, &mut entries, setup.watcher(rule), now));
        }
    }
    let stopped = |rule: &&Monitoring| LogEvent::MonitoringStopped {
        supervisor: rule.supervisor.clone(),
        agent: rule.agent.clone(),
        at: now,
    };
    events.extend(spent.iter().map(stopped));
    events
}

/// Ends all monitoring of a supervisor.
pub fn end_all(state: &WriterState, supervisor: &EmployeeId, now: Millis) -> Vec<LogEvent> {
    let rules = state.monitoring.iter().filter(|rule| rule.supervisor == *supervisor);
    let stopped = |rule: &Monitoring| LogEvent::MonitoringStopped {
        supervisor: supervisor.clone(),
        agent: rule.agent.clone(),
        at: now,
    };
    let mut events: Vec<LogEvent> = rules.map(stopped).collect();
    for session in state.sessions.values().filter(|session| !session.over) {
        if let Some(watcher) = session.watcher_of(supervisor) {
            events.extend(leave_session(session, &mut EntryBuilder::of(session, now), watcher, now));
        }
    }
    events
}

impl CommandContext<'_> {
    /// Decides a command of a supervisor or an administrator.
    pub fn decide_for_supervisor(&self, command: &Command) -> CommandOutcome {
        match command {
            Command::StartMonitoring { agent, mode, which } => self.start_monitoring(agent, *mode, *which),
            Command::StopMonitoring(agent) => self.stop_monitoring(agent),
            Command::SwitchMonitoring { id, mode } => self.switch_monitoring(id, *mode),
            // There is nothing to accept: a supervisor who monitors is in the session already.
            Command::Accept { id, .. } => self.watched(id).map(|_| Vec::new()),
            Command::Leave(id, _) => {
                let (session, watcher) = self.watched(id)?;
                Ok(leave_session(session, &mut EntryBuilder::of(session, self.now), watcher, self.now))
            }
            Command::Send { id, what, visibility } => self.advise(id, what, *visibility),
            Command::Typing { id, .. } => self.speaking(id).map(|_| Vec::new()),
            Command::SignOut => Ok(end_all(self.state, self.me(), self.now)),
            Command::Activate
            | Command::SetState(_)
            | Command::Reject(_)
            | Command::Complete(_)
            | Command::Reopen(_)
            | Command::Invite { .. }
            | Command::CancelInvite(_)
            | Command::PlaceInQueue { .. }
            | Command::Park { .. }
            | Command::Pull { .. }
            | Command::Remove { .. }
            | Command::SendTemplate { .. }
            | Command::StartSession { .. }
            | Command::NoteContact { .. }
            | Command::SetUserData { .. }
            | Command::DeleteUserData { .. }
            | Command::SetComment { .. } => Err(refuse_read_only()),
        }
    }

    /// A session that the supervisor is in.
    pub fn watched(&self, id: &InteractionId) -> Result<(&SessionState, &Watcher), Refusal> {
        let session = self.state.sessions.get(id).filter(|session| !session.over);
        session
            .and_then(|session| Some((session, session.watcher_of(self.me())?)))
            .ok_or_else(refuse_read_only)
    }

    /// A session in which the supervisor may write.
    pub fn speaking(&self, id: &InteractionId) -> Result<(&SessionState, &Watcher), Refusal> {
        let (session, watcher) = self.watched(id)?;
        self.privileged(watcher.mode)?;
        if watcher.mode == MonitorMode::Monitor {
            return Err(Refusal::Forbidden(
                "you watch this session silently: switch to coaching or to barge-in to write in it; nothing was sent"
                    .to_owned(),
            ));
        }
        Ok((session, watcher))
    }

    pub fn privileged(&self, mode: MonitorMode) -> Result<(), Refusal> {
        if may(self.setup, self.me(), mode) {
            return Ok(());
        }
        let word = privilege(mode).map_or("", Privilege::word);
        Err(Refusal::Forbidden(format!(
            "your account does not have the privilege {word}, so you may only watch; an administrator can give it; \
             nothing was done"
        )))
    }

    pub fn start_monitoring(
        &self,
        agent: &EmployeeId,
        mode: MonitorMode,
        which: MonitoringScope,
    ) -> CommandOutcome {
        self.privileged(mode)?;
        if !self.setup.people.get(agent).is_some_and(|person| person.role.handles_sessions()) {
            let sentence = format!("there is no agent {agent}; check the employee ID; nothing was done");
            return Err(Refusal::Invalid(sentence));
        }
        let rule = Monitoring { supervisor: self.me().clone(), agent: agent.clone(), mode, which };
        let mut events = vec![LogEvent::MonitoringStarted { rule: rule.clone(), at: self.now }];
        if which == MonitoringScope::AllInteractions {
            let now_theirs = |session: &&SessionState| {
                !session.over && session.party_of(agent).is_some() && session.watcher_of(self.me()).is_none()
            };
            for session in self.state.sessions.values().filter(now_theirs) {
                let watcher = self.setup.watcher(&rule);
                events.extend(enter_session(
                    self.setup,
                    session,
                    &mut EntryBuilder::of(session, self.now),
                    watcher,
                    self.now,
                ));
            }
        }
        Ok(events)
    }

    pub fn stop_monitoring(&self, agent: &EmployeeId) -> CommandOutcome {
        let mut events = Vec::new();
        let rules = &self.state.monitoring;
        if rules.iter().any(|rule| rule.supervisor == *self.me() && rule.agent == *agent) {
            let (supervisor, agent) = (self.me().clone(), agent.clone());
            events.push(LogEvent::MonitoringStopped { supervisor, agent, at: self.now });
        }
        for session in self.state.sessions.values().filter(|session| !session.over) {
            if let Some(watcher) = session.watcher_of(self.me()).filter(|watcher| watcher.agent == *agent) {
                events.extend(leave_session(
                    session,
                    &mut EntryBuilder::of(session, self.now),
                    watcher,
                    self.now,
                ));
            }
        }
        if events.is_empty() {
            let name = self.setup.person_name(agent);
            return Err(Refusal::Conflict(format!("you do not monitor {name}; nothing was done")));
        }
        Ok(events)
    }

    pub fn switch_monitoring(&self, id: &InteractionId, mode: MonitorMode) -> CommandOutcome {
        let (session, watcher) = self.watched(id)?;
        self.privileged(mode)?;
        if watcher.mode == mode {
            return Ok(Vec::new());
        }
        if !watcher.mode.may_switch(mode) {
            return Err(Refusal::Conflict(
                "from barge-in one goes back to silent monitoring, and from there to coaching; nothing was done"
                    .to_owned(),
            ));
        }
        let watcher = Watcher { mode, ..watcher.clone() };
        Ok(enter_session(self.setup, session, &mut EntryBuilder::of(session, self.now), watcher, self.now))
    }

    /// A supervisor writes.
    pub fn advise(&self, id: &InteractionId, what: &Outgoing, visibility: Visibility) -> CommandOutcome {
        let (session, watcher) = self.speaking(id)?;
        if watcher.mode == MonitorMode::Coach && visibility == Visibility::All {
            return Err(Refusal::Forbidden(
                "you coach: write to the agent (visibility Agent), not to the customer; the message was not sent"
                    .to_owned(),
            ));
        }
        if !matches!(what, Outgoing::Text(_) | Outgoing::Url(_)) {
            return Err(refuse_read_only());
        }
        // Whoever answers, the session's agent is the one whose customer has an answer.
        let speaker = self.state.router.owner(id).unwrap_or_else(|| self.me());
        self.write(session, watcher.party(), speaker, what, visibility)
    }
}

pub fn refuse_read_only() -> Refusal {
    Refusal::Forbidden(
        "your role may look and not act: nothing was done; only agents handle sessions".to_owned(),
    )
}
