//! The events of the log.
//!
//! Owns: their serialised form. Must not: decide anything.
//! Invariants: the serialised names never change their meaning; an event says what has happened, so
//! applying one cannot fail. Events of one session carry its ID, so that its history can be read alone.

use super::account::Account;
use super::logged::{Archived, EntryLogged, UnmatchedChange, UnmatchedStatus};
use super::monitoring::{Monitoring, Watcher};
use super::party::{InviteRequest, InviteResult, LeaveReason};
use super::session::SessionStarted;
use super::workbin::UnparkReason;
use crate::domain::profile::Attributes;
use crate::domain::role::Role;
use crate::domain::{AttachedData, ContactId, EmployeeId, InteractionId, Millis, OperationId};
use crate::gateway::router::Fact;
use crate::gateway::whatsapp::account::AccountChange;
use crate::gateway::whatsapp::inbound::{CustomerNames, UnroutedMessage};
use crate::proto::media::ParticipantDto;
use serde::{Deserialize, Serialize};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum LogEvent {
    /// Something that routing depends on.
    Routing(Fact),
    /// A raw webhook has been parsed. The events that it caused come before this one.
    WebhookParsed {
        /// Its number in the store.
        webhook: i64,
    },
    /// A customer wrote for the first time.
    ContactCreated {
        contact: ContactId,
        /// What WhatsApp calls them.
        names: CustomerNames,
        at: Millis,
    },
    /// A contact has new names in addition to the old ones.
    ContactNamed {
        contact: ContactId,
        /// All that is new or changed.
        names: CustomerNames,
        at: Millis,
    },
    /// WhatsApp has further names for a contact. An open session keeps the name that it has.
    ContactAliased {
        contact: ContactId,
        /// The new names.
        names: CustomerNames,
        at: Millis,
    },
    /// WhatsApp gave names of two contacts to one customer. Nothing is merged; a person has to decide.
    ContactConflict {
        /// The contact that is used.
        contact: ContactId,
        /// The other one.
        other: ContactId,
        /// The names that WhatsApp gave.
        names: CustomerNames,
        at: Millis,
    },
    /// Attributes of a contact were changed.
    ContactEdited {
        contact: ContactId,
        /// The attributes that changed, with all their values. An empty list removes the attribute.
        set: Attributes,
        by: EmployeeId,
        at: Millis,
    },
    /// A contact was deleted. Its sessions stay.
    ContactDeleted { contact: ContactId, by: EmployeeId, at: Millis },
    /// One contact was merged into another. Nothing is lost.
    ContactsMerged {
        /// The one that stays.
        into: ContactId,
        /// The one that became part of it.
        from: ContactId,
        /// The attributes of the first one that changed, as they were.
        before: Attributes,
        /// As they are now.
        added: Attributes,
        by: EmployeeId,
        at: Millis,
    },
    /// The last merge was undone.
    ContactsUnmerged {
        /// The one that stayed.
        into: ContactId,
        /// The one that is separate again.
        from: ContactId,
        /// The attributes of the first one that changed, with all their values.
        set: Attributes,
        by: EmployeeId,
        at: Millis,
    },
    /// An agent assigned a customer to a contact. All sessions of that customer then belong to that contact.
    ContactAssigned {
        /// The session in which the agent did so.
        interaction: InteractionId,
        /// The customer, as WhatsApp's names know them.
        customer: ContactId,
        /// The contact they were until now.
        from: ContactId,
        /// The contact they are.
        to: ContactId,
        by: EmployeeId,
        at: Millis,
    },
    /// The contact data of an open session's customer changed.
    SessionContact {
        interaction: InteractionId,
        contact: ContactId,
        /// First name there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        first_name: Option<String>,
        /// Last name there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_name: Option<String>,
        /// Whether anybody has described the contact.
        is_known: bool,
        at: Millis,
    },
    /// A session began.
    SessionStarted(SessionStarted),
    /// An entry of a session's log.
    EntryLogged(EntryLogged),
    /// A message of ours is about to be given to WhatsApp.
    SendAttempted { interaction: InteractionId, index: u64, at: Millis },
    /// WhatsApp certainly did not accept a message of ours this time; it is sent again.
    SendDeferred { interaction: InteractionId, index: u64, at: Millis },
    /// WhatsApp accepted a message of ours.
    SendAccepted {
        interaction: InteractionId,
        index: u64,
        /// WhatsApp's id for it.
        wamid: String,
        at: Millis,
    },
    /// A message of ours will not be sent; an entry says so.
    SendFailed {
        interaction: InteractionId,
        index: u64,
        /// WhatsApp's code, 0 when there is none.
        code: i64,
        /// Why, for an agent.
        reason: String,
        at: Millis,
    },
    /// It is not known whether WhatsApp accepted a message of ours. Its status is awaited from `at` on.
    SendUnknown {
        interaction: InteractionId,
        index: u64,
        /// What happened.
        reason: String,
        at: Millis,
    },
    /// A status of a message that is not known, kept in case the message becomes known.
    StatusUnmatched(UnmatchedStatus),
    /// A message outside every session: staff wrote it from the phone while no session was open, or it
    /// belongs to the history that came with the number. It is found in the contact's past.
    MessageArchived(Archived),
    /// A reaction, a change or a deletion whose message is not known, kept until the message becomes known.
    ChangeUnmatched(UnmatchedChange),
    /// A message was withheld from agents.
    NotRouted {
        /// The message and the reason.
        message: UnroutedMessage,
        at: Millis,
    },
    /// A message that belongs to no session, in logs of versions without an archive.
    Unplaced {
        /// WhatsApp's id.
        wamid: String,
        contact: ContactId,
        /// What it said.
        text: String,
        at: Millis,
    },
    /// Pairs were set.
    UserDataSet { interaction: InteractionId, data: AttachedData },
    /// Pairs were removed.
    UserDataDeleted {
        interaction: InteractionId,
        /// Their keys.
        keys: Vec<String>,
    },
    /// The note was set.
    CommentSet { interaction: InteractionId, comment: String },
    /// A colleague was asked for.
    PartyAsked { interaction: InteractionId, asked: InviteRequest, at: Millis },
    /// A request for a colleague was refused: the target that is attached for it narrows no later one.
    TargetSpent { interaction: InteractionId },
    /// The result of the request, which is over.
    PartyAnswered { interaction: InteractionId, asked: InviteRequest, answer: InviteResult, at: Millis },
    /// An agent left a session that continues. There is an entry about it too.
    PartyLeft {
        interaction: InteractionId,
        agent: EmployeeId,
        how: LeaveReason,
        /// The agent who has it now, or who removed this one; empty when nobody is named.
        to: String,
        at: Millis,
    },
    /// A supervisor started monitoring an agent, or changed the mode.
    MonitoringStarted {
        /// Who, whom and how.
        rule: Monitoring,
        at: Millis,
    },
    /// The supervisor no longer monitors the agent in future sessions.
    MonitoringStopped { supervisor: EmployeeId, agent: EmployeeId, at: Millis },
    /// A supervisor entered a session, or changed mode. If agents can see that, there is an entry about it too.
    SupervisorSet {
        interaction: InteractionId,
        /// Who and how.
        watcher: Watcher,
        /// Their role, for the audit.
        role: Role,
        at: Millis,
    },
    /// A supervisor left a session.
    SupervisorGone {
        interaction: InteractionId,
        /// Who, and how they were in it.
        watcher: Watcher,
        at: Millis,
    },
    /// A session was put into a workbin, so that no agent has it.
    WorkbinPlaced {
        interaction: InteractionId,
        workbin: String,
        /// Whose it is: an agent, or a group.
        owner: String,
        /// Who put it there.
        by: EmployeeId,
        at: Millis,
    },
    /// A session left its workbin.
    WorkbinLeft {
        interaction: InteractionId,
        workbin: String,
        /// Whose it is.
        owner: String,
        why: UnparkReason,
        /// Who pulled it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<EmployeeId>,
        at: Millis,
    },
    /// The customer of a session was reached outside this desk.
    ContactReached {
        /// The name of this in the contact's history.
        id: InteractionId,
        /// The session in which it was noted.
        interaction: InteractionId,
        contact: ContactId,
        /// The agent, as a party of the session.
        by: ParticipantDto,
        /// Media type.
        way: String,
        /// The number or the address.
        address: String,
        at: Millis,
    },
    /// A session is over.
    Completed {
        interaction: InteractionId,
        /// Who ended it.
        by: EmployeeId,
        at: Millis,
    },
    /// A session that was over continues with the agent who had ended it.
    Reopened {
        interaction: InteractionId,
        /// The agent who undid the end.
        by: EmployeeId,
        at: Millis,
    },
    /// A request was done: its repeats do nothing.
    OperationDone {
        /// Who asked.
        employee: EmployeeId,
        operation: OperationId,
        at: Millis,
    },
    /// The account, its number or a template changed at WhatsApp: administrators must be notified.
    AccountChanged { change: AccountChange, at: Millis },
    /// Not written any more; it is here so that logs of earlier versions can be read. A report of WhatsApp that belongs to
    /// no session.
    AccountNotice {
        /// WhatsApp's field name.
        field: String,
        /// In words.
        text: String,
        at: Millis,
    },
    /// Repeats what earlier events say and no live session does, so that a start need not read them.
    /// It changes nothing while the writer runs.
    Checkpoint {
        /// Who is signed in, and how.
        facts: Vec<Fact>,
        /// Statuses that wait for their message.
        strays: Vec<UnmatchedStatus>,
        /// Who monitors whom.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        monitoring: Vec<Monitoring>,
        /// Changes that wait for their message.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        changes: Vec<UnmatchedChange>,
        /// The state of the account.
        #[serde(default)]
        account: Account,
    },
}

impl LogEvent {
    /// Its name in the log.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Routing(_) => "routing",
            Self::WebhookParsed { .. } => "webhook_parsed",
            Self::ContactCreated { .. } => "contact_created",
            Self::ContactNamed { .. } => "contact_named",
            Self::ContactAliased { .. } => "contact_aliased",
            Self::ContactConflict { .. } => "contact_conflict",
            Self::ContactEdited { .. } => "contact_edited",
            Self::ContactDeleted { .. } => "contact_deleted",
            Self::ContactsMerged { .. } => "contacts_merged",
            Self::ContactsUnmerged { .. } => "contacts_unmerged",
            Self::ContactAssigned { .. } => "contact_assigned",
            Self::SessionContact { .. } => "session_contact",
            Self::SessionStarted(_) => "session_started",
            Self::EntryLogged(_) => "entry_logged",
            Self::SendAttempted { .. } => "send_attempted",
            Self::SendDeferred { .. } => "send_deferred",
            Self::SendAccepted { .. } => "send_accepted",
            Self::SendFailed { .. } => "send_failed",
            Self::SendUnknown { .. } => "send_unknown",
            Self::StatusUnmatched(_) => "status_unmatched",
            Self::MessageArchived(_) => "message_archived",
            Self::ChangeUnmatched(_) => "change_unmatched",
            Self::NotRouted { .. } => "not_routed",
            Self::Unplaced { .. } => "unplaced",
            Self::UserDataSet { .. } => "user_data_set",
            Self::UserDataDeleted { .. } => "user_data_deleted",
            Self::CommentSet { .. } => "comment_set",
            Self::PartyAsked { .. } => "party_asked",
            Self::TargetSpent { .. } => "target_spent",
            Self::PartyAnswered { .. } => "party_answered",
            Self::PartyLeft { .. } => "party_left",
            Self::MonitoringStarted { .. } => "monitoring_started",
            Self::MonitoringStopped { .. } => "monitoring_stopped",
            Self::SupervisorSet { .. } => "supervisor_set",
            Self::SupervisorGone { .. } => "supervisor_gone",
            Self::WorkbinPlaced { .. } => "workbin_placed",
            Self::WorkbinLeft { .. } => "workbin_left",
            Self::ContactReached { .. } => "contact_reached",
            Self::Completed { .. } => "completed",
            Self::Reopened { .. } => "reopened",
            Self::OperationDone { .. } => "operation_done",
            Self::AccountChanged { .. } => "account_changed",
            Self::AccountNotice { .. } => "account_notice",
            Self::Checkpoint { .. } => "checkpoint",
        }
    }

    /// The session it is about, if it is about one.
    pub const fn interaction(&self) -> Option<&InteractionId> {
        match self {
            Self::Routing(fact) => fact.interaction(),
            Self::SessionStarted(SessionStarted { interaction, .. })
            | Self::EntryLogged(EntryLogged { interaction, .. })
            | Self::ContactAssigned { interaction, .. }
            | Self::SessionContact { interaction, .. }
            | Self::SendAttempted { interaction, .. }
            | Self::SendDeferred { interaction, .. }
            | Self::SendAccepted { interaction, .. }
            | Self::SendFailed { interaction, .. }
            | Self::SendUnknown { interaction, .. }
            | Self::UserDataSet { interaction, .. }
            | Self::UserDataDeleted { interaction, .. }
            | Self::CommentSet { interaction, .. }
            | Self::PartyAsked { interaction, .. }
            | Self::TargetSpent { interaction }
            | Self::PartyAnswered { interaction, .. }
            | Self::PartyLeft { interaction, .. }
            | Self::SupervisorSet { interaction, .. }
            | Self::SupervisorGone { interaction, .. }
            | Self::WorkbinPlaced { interaction, .. }
            | Self::WorkbinLeft { interaction, .. }
            | Self::ContactReached { interaction, .. }
            | Self::Completed { interaction, .. }
            | Self::Reopened { interaction, .. } => Some(interaction),
            Self::WebhookParsed { .. }
            | Self::ContactCreated { .. }
            | Self::ContactNamed { .. }
            | Self::ContactAliased { .. }
            | Self::ContactConflict { .. }
            | Self::ContactEdited { .. }
            | Self::ContactDeleted { .. }
            | Self::ContactsMerged { .. }
            | Self::ContactsUnmerged { .. }
            | Self::StatusUnmatched(_)
            | Self::MessageArchived(_)
            | Self::ChangeUnmatched(_)
            | Self::NotRouted { .. }
            | Self::Unplaced { .. }
            | Self::MonitoringStarted { .. }
            | Self::MonitoringStopped { .. }
            | Self::OperationDone { .. }
            | Self::AccountChanged { .. }
            | Self::AccountNotice { .. }
            | Self::Checkpoint { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::monitoring::{MonitorMode, MonitoringScope};
    use crate::gateway::router::{Enqueued, WorkState};
    use crate::gateway::writer::api::Address;
    use crate::proto::media::MessageDto;

    #[test]
    fn every_shape_of_event_survives_the_log() {
        let at = Millis(7);
        let mut entry = MessageDto { index: 3, kind: "Text".into(), ..Default::default() };
        entry.user_data.set("wa.of", 2);
        entry.timestamp = at.to_rfc3339().into();
        let events = [
            LogEvent::Routing(Fact::Enqueued(Enqueued::new("i1", "sales", at))),
            LogEvent::Routing(Fact::StateSet {
                agent: "ana".into(),
                work: WorkState::NotReady { reason: "L".into() },
                at,
            }),
            LogEvent::EntryLogged(EntryLogged {
                interaction: "i1".into(),
                at,
                entry,
                mark: Some("wamid.1".into()),
                send_to: Some(Address::WaId("1555".into())),
            }),
            LogEvent::UserDataSet { interaction: "i1".into(), data: [("a", 1)].into_iter().collect() },
            LogEvent::Checkpoint {
                facts: vec![Fact::SignedIn { agent: "ana".into(), at }],
                strays: Vec::new(),
                changes: Vec::new(),
                monitoring: vec![Monitoring {
                    supervisor: "sue".into(),
                    agent: "ana".into(),
                    mode: MonitorMode::BargeIn,
                    which: MonitoringScope::AllInteractions,
                }],
                account: Account { told: 3, ..Account::default() },
            },
        ];
        for event in events {
            let text = serde_json::to_string(&event).unwrap();
            assert!(text.starts_with(&format!("{{\"event\":\"{}\"", event.kind())), "{text}");
            assert_eq!(serde_json::from_str::<LogEvent>(&text).unwrap(), event);
        }
    }

    #[test]
    fn events_of_older_versions_are_read() {
        let read = |text: &str| serde_json::from_str::<LogEvent>(text).unwrap();
        let checkpoint = read(r#"{"event":"checkpoint","facts":[],"strays":[]}"#);
        let (facts, strays, monitoring, changes) = Default::default();
        assert_eq!(
            checkpoint,
            LogEvent::Checkpoint { facts, strays, monitoring, changes, account: Account::default() }
        );
        let unplaced = read(r#"{"event":"unplaced","wamid":"w","contact":"c","text":"hi","at":7}"#);
        assert_eq!(unplaced.kind(), "unplaced");
    }
}
