//! A live session: the fold of the events of one interaction.

use super::entry::{EntryAuthor, EntryKind, consults, is_for_all, preview, speaks};
use super::logged::EntryLogged;
use super::monitoring::Watcher;
use super::party::InviteRequest;
use super::workbin::Parked;
use crate::domain::contact::visible_name;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::pending::Wait;
use crate::domain::routing_based::TARGET_ID;
use crate::domain::window::REPLY_WINDOW;
use crate::domain::{AttachedData, ContactId, EmployeeId, InteractionId, Millis};
use crate::gateway::router::Fact;
use crate::gateway::whatsapp::inbound::CustomerNames;
use crate::gateway::writer::api::Address;
use crate::proto::media::{MessageDto, ParticipantDto};
use crate::proto::wa;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// How long an agent may undo the end of a session.
pub const UNDO: Duration = Duration::from_secs(10);

/// Who ended a session, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The agent who ended it.
    pub by: EmployeeId,
    pub at: Millis,
}

impl Ended {
    /// The end of the time for undoing.
    pub fn until(&self) -> Millis {
        self.at.plus(UNDO)
    }
}

/// How a session began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionStarted {
    pub interaction: InteractionId,
    pub contact: ContactId,
    /// Our number; empty when WhatsApp did not say.
    pub phone_number_id: String,
    /// The queue it enters.
    pub queue: String,
    /// What WhatsApp calls the customer.
    pub names: CustomerNames,
    /// First name in the contact database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Last name in the contact database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Whether an agent began it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outbound: bool,
    /// When the customer wrote last, in an earlier session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<Millis>,
    /// The contact they were assigned to or merged into; `None` when it is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<ContactId>,
    /// Whether anybody has described that contact.
    #[serde(default)]
    pub is_known: bool,
    pub at: Millis,
}

/// A live session.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionState {
    pub id: InteractionId,
    /// The customer, as WhatsApp's names know them.
    pub contact: ContactId,
    /// The contact that this customer is.
    pub owner: ContactId,
    /// Whether anybody has described that contact.
    pub is_known: bool,
    /// Our number.
    pub phone_number_id: String,
    /// What WhatsApp calls the customer.
    pub names: CustomerNames,
    /// First name in the contact database.
    pub first_name: Option<String>,
    /// Last name in the contact database.
    pub last_name: Option<String>,
    /// The queue it is in or came through.
    pub queue: String,
    /// When it began.
    pub started: Millis,
    /// Whether an agent began it.
    pub outbound: bool,
    /// When the reply window closes.
    pub window_ends: Option<Millis>,
    /// Since when the customer has been waiting for an answer, according to `wait`.
    pub waiting_since: Option<Millis>,
    wait: Wait,
    /// The customer's first words.
    pub preview: String,
    /// Attached data.
    pub user_data: AttachedData,
    pub comment: String,
    /// The log. Shared with what is on its way to clients.
    pub entries: Vec<Arc<MessageDto>>,
    /// Agents who are in it.
    pub parties: Vec<ParticipantDto>,
    /// Supervisors who are in it.
    pub watchers: Vec<Watcher>,
    /// The colleague who is being asked for.
    pub asking: Option<InviteRequest>,
    /// The colleagues who have refused that request, in order.
    pub refused_by: Vec<EmployeeId>,
    /// Whether the attached data names a target that no request has read yet.
    pub is_targeted: bool,
    /// The workbin it is in; then nobody has it.
    pub workbin: Option<Parked>,
    /// Whether the session is over; it is kept until nothing of it is under way and it cannot be reopened.
    pub over: bool,
    /// How the session ended.
    pub ended: Option<Ended>,
}

impl SessionState {
    pub fn new(start: &SessionStarted) -> Self {
        Self {
            id: start.interaction.clone(),
            contact: start.contact.clone(),
            owner: start.owner.clone().unwrap_or_else(|| start.contact.clone()),
            is_known: start.is_known,
            phone_number_id: start.phone_number_id.clone(),
            names: start.names.clone(),
            first_name: start.first_name.clone(),
            last_name: start.last_name.clone(),
            queue: start.queue.clone(),
            started: start.at,
            outbound: start.outbound,
            // A customer who has not written yet has opened no window.
            window_ends: start
                .heard
                .map(|at| at.plus(REPLY_WINDOW))
                .or_else(|| start.outbound.then_some(start.at)),
            waiting_since: None,
            wait: Wait::default(),
            preview: String::new(),
            user_data: AttachedData::new(),
            comment: String::new(),
            entries: Vec::new(),
            parties: Vec::new(),
            watchers: Vec::new(),
            asking: None,
            refused_by: Vec::new(),
            is_targeted: false,
            workbin: None,
            over: false,
            ended: None,
        }
    }

    /// The number of the last entry; 0 when there is none.
    pub fn last_index(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.index)
    }

    /// The party of an agent who is in it.
    pub fn party_of(&self, employee: &EmployeeId) -> Option<&ParticipantDto> {
        self.parties.iter().find(|party| party.person_id.as_deref() == Some(employee.as_str()))
    }

    /// How a supervisor is in it, if they are.
    pub fn watcher_of(&self, employee: &EmployeeId) -> Option<&Watcher> {
        self.watchers.iter().find(|watcher| watcher.supervisor == *employee)
    }

    /// Whether it goes on and somebody is in it, as an agent or as a supervisor.
    pub fn is_open_for(&self, employee: &EmployeeId) -> bool {
        !self.over && (self.party_of(employee).is_some() || self.watcher_of(employee).is_some())
    }

    /// Whether an agent was in it before.
    pub fn was_in(&self, employee: &EmployeeId) -> bool {
        let joined = |entry: &Arc<MessageDto>| entry.from.person_id.as_deref() == Some(employee.as_str());
        self.entries.iter().any(joined)
    }

    /// Whether any agent has been in the session before.
    pub fn was_served(&self) -> bool {
        self.entries.iter().any(|entry| {
            EntryKind::of(entry) == EntryKind::Joined && EntryAuthor::of(&entry.from) == EntryAuthor::Agent
        })
    }

    /// The agents who are in it.
    pub fn agents(&self) -> impl Iterator<Item = EmployeeId> + '_ {
        self.parties.iter().filter_map(|party| party.person_id.as_deref().map(EmployeeId::from))
    }

    /// The agents whom the customer may see: those who are in it for more than advice.
    pub fn serving(&self) -> impl Iterator<Item = EmployeeId> + '_ {
        let serving = self.parties.iter().filter(|party| !consults(party));
        serving.filter_map(|party| party.person_id.as_deref().map(EmployeeId::from))
    }

    /// The agents who are in it for advice.
    pub fn consultants(&self) -> impl Iterator<Item = EmployeeId> + '_ {
        let advising = self.parties.iter().filter(|party| consults(party));
        advising.filter_map(|party| party.person_id.as_deref().map(EmployeeId::from))
    }

    /// Sets pairs.
    pub fn set_data(&mut self, data: &AttachedData) {
        self.is_targeted |= names_target(data);
        self.user_data.merge(data);
    }

    pub fn delete_data(&mut self, keys: &[String]) {
        for key in keys {
            self.user_data.remove(key);
        }
    }

    /// Sets which contact the customer is, and what is known of that contact.
    pub fn set_contact(
        &mut self,
        contact: &ContactId,
        first_name: Option<&str>,
        last_name: Option<&str>,
        is_known: bool,
    ) {
        self.owner.clone_from(contact);
        self.first_name = first_name.map(str::to_owned);
        self.last_name = last_name.map(str::to_owned);
        self.is_known = is_known;
    }

    /// Begins a request for a colleague: it uses up the target in the attached data.
    pub fn begin_request(&mut self, asked: &InviteRequest) {
        self.asking = Some(asked.clone());
        self.refused_by.clear();
        self.is_targeted = false;
    }

    /// Ends the request for a colleague, however it was answered.
    pub fn end_request(&mut self) {
        self.asking = None;
        self.is_targeted = false;
    }

    /// Marks the target in the attached data as read by a request.
    pub const fn spend_target(&mut self) {
        self.is_targeted = false;
    }

    pub fn leave_workbin(&mut self) {
        self.workbin = None;
    }

    /// Adds a supervisor, or changes their mode.
    pub fn set_watcher(&mut self, watcher: &Watcher) {
        self.remove_watcher(&watcher.supervisor);
        self.watchers.push(watcher.clone());
    }

    pub fn remove_watcher(&mut self, supervisor: &EmployeeId) {
        self.watchers.retain(|known| known.supervisor != *supervisor);
    }

    /// The start of the last message that everybody may see, for a list.
    pub fn last_words(&self) -> String {
        let said = self.entries.iter().rev().find(|entry| speaks(entry) && is_for_all(&entry.visibility));
        said.map(|entry| preview(entry)).unwrap_or_default()
    }

    /// What agents call the customer.
    pub fn customer_name(&self) -> String {
        let contact = format!(
            "{} {}",
            self.first_name.as_deref().unwrap_or_default(),
            self.last_name.as_deref().unwrap_or_default()
        );
        let known = [Some(contact.as_str()), self.names.profile_name.as_deref(), self.names.wa_id.as_deref()];
        known.into_iter().flatten().find_map(visible_name).unwrap_or("Customer").to_owned()
    }

    /// Where the customer is reached.
    pub fn address(&self) -> Option<Address> {
        let number = self.names.wa_id.clone().map(Address::WaId);
        number.or_else(|| self.names.user_id.clone().map(Address::UserId))
    }

    /// Whether a message of ours of that moment answers the customer: what staff wrote on the phone earlier
    /// than the customer's message may arrive after it.
    pub fn is_answered_at(&self, at: Millis) -> bool {
        self.waiting_since.is_none_or(|since| at >= since)
    }

    /// Takes new names in; what is absent stays.
    pub fn rename(&mut self, names: &CustomerNames) {
        let new = names.clone();
        self.names.wa_id = new.wa_id.or_else(|| self.names.wa_id.take());
        self.names.user_id = new.user_id.or_else(|| self.names.user_id.take());
        self.names.username = new.username.or_else(|| self.names.username.take());
        self.names.profile_name = new.profile_name.or_else(|| self.names.profile_name.take());
    }

    /// What a status entry means for the waiting time: a failed answer does not count, unless it arrived on
    /// another device.
    pub fn wait_after(&self, status: &MessageDto, at: Millis) -> Option<Fact> {
        let (of, status) = status_of(status).filter(|_| !self.over)?;
        let mut wait = self.wait.clone();
        wait.status(of, status.step(), status == DeliveryStatus::Failed);
        let interaction = self.id.clone();
        match (self.wait.since(), wait.since()) {
            (None, Some(since)) => Some(Fact::ReplyFailed { interaction, since, at }),
            (Some(_), None) => Some(Fact::AgentSpoke { interaction, at }),
            (None, None) | (Some(_), Some(_)) => None,
        }
    }

    pub fn log(&mut self, logged: &EntryLogged) {
        let entry = &logged.entry;
        match (EntryKind::of(entry), EntryAuthor::of(&entry.from)) {
            // Supervisors are no parties: an event of their own says that they are there.
            (EntryKind::Joined | EntryKind::Left, EntryAuthor::Supervisor) => {}
            (EntryKind::Joined, _) => {
                // Somebody who joins again may have another role or visibility.
                self.parties.retain(|party| party.participant_id != entry.from.participant_id);
                self.parties.push(entry.from.clone());
            }
            (EntryKind::Left, _) => {
                self.parties.retain(|party| party.participant_id != entry.from.participant_id);
            }
            (_, EntryAuthor::Customer) if speaks(entry) => {
                self.window_ends = self.window_ends.max(Some(logged.at.plus(REPLY_WINDOW)));
                self.wait.heard(entry.index, logged.at);
                if self.preview.is_empty() {
                    self.preview = preview(entry);
                }
            }
            (_, EntryAuthor::Agent | EntryAuthor::Supervisor)
                if speaks(entry)
                    && is_for_all(&entry.visibility)
                    && (entry.from.person_id.is_some() || self.is_answered_at(logged.at)) =>
            {
                self.wait.answer(entry.index);
            }
            (
                EntryKind::Text
                | EntryKind::Link
                | EntryKind::TypingStarted
                | EntryKind::TypingStopped
                | EntryKind::Notice
                | EntryKind::Media
                | EntryKind::Placeholder
                | EntryKind::Edit
                | EntryKind::Status
                | EntryKind::Custom
                | EntryKind::Unknown,
                _,
            ) => {
                if let Some((of, status)) = status_of(entry) {
                    self.wait.status(of, status.step(), status == DeliveryStatus::Failed);
                }
            }
        }
        self.waiting_since = self.wait.since();
        self.entries.push(Arc::new(entry.clone()));
    }
}

/// The number of the entry that a status entry is about, and the status.
fn status_of(entry: &MessageDto) -> Option<(u64, DeliveryStatus)> {
    let data = &entry.user_data;
    if EntryKind::of(entry) != EntryKind::Status {
        return None;
    }
    let of = data.number(wa::OF).and_then(|of| u64::try_from(of).ok())?;
    Some((of, DeliveryStatus::from_word(data.text(wa::STATUS)?)))
}

/// Whether pairs name a target.
pub fn names_target(data: &AttachedData) -> bool {
    data.get(TARGET_ID).is_some()
}
