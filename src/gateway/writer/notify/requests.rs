//! The notifications of a request for a colleague.
//!
//! Owns: what the asker is sent while it goes on, and at its end. Must not: decide anything.

use super::{ClientNotification, ClientNotifier, to_client};
use crate::domain::{EmployeeId, InteractionId, OperationId};
use crate::gateway::hub::EventRecipient;
use crate::gateway::writer::model::party::{InvitePurpose, InviteRequest, InviteResult};
use crate::gateway::writer::wire::InteractionStatus;
use crate::proto::{channel, event as wire_event, wa};
use serde_json::{Value as Json, json};

impl ClientNotifier<'_> {
    /// Notifies the asker that their request is under way. A transfer to a queue takes the session from them.
    pub(super) fn party_asked(
        &self,
        interaction: &InteractionId,
        asked: &InviteRequest,
    ) -> Vec<ClientNotification> {
        if asked.purpose != InvitePurpose::Queue {
            return self.request_state(interaction, asked).into_iter().collect();
        }
        let Some(session) = self.state.sessions.get(interaction) else { return Vec::new() };
        vec![self.interaction(session, &asked.by, InteractionStatus::Queued, "StatusChange")]
    }

    /// Sends the asker the state of their session, while they own it.
    pub(super) fn request_state(
        &self,
        interaction: &InteractionId,
        asked: &InviteRequest,
    ) -> Option<ClientNotification> {
        let session = self.state.sessions.get(interaction)?;
        let is_theirs = !session.over && self.state.router.owner(interaction) == Some(&asked.by);
        is_theirs
            .then(|| self.interaction(session, &asked.by, InteractionStatus::Active, "PropertiesUpdated"))
    }

    /// Notifies the asker of a search that this colleague does not come. When one colleague was named, the
    /// end of the request says so; and the asker of a transfer to a whole queue does not hear of everybody in
    /// it.
    pub(super) fn invite_declined(
        &self,
        interaction: &InteractionId,
        agent: &EmployeeId,
        answer: &str,
    ) -> Vec<ClientNotification> {
        let asked = self.state.sessions.get(interaction).and_then(|session| session.asking.as_ref());
        let asked = asked.filter(|asked| {
            asked.target.is_none() && (asked.purpose != InvitePurpose::Queue || asked.only.is_some())
        });
        let Some(asked) = asked else { return Vec::new() };
        let operation = asked.operation.as_ref().map(OperationId::as_str);
        let (by, request) = (self.setup.person_name(agent), asked.purpose.word());
        let data = wire_event::declined(interaction.as_str(), &by, answer, request, operation);
        let declined = to_client(&EventRecipient::Agent(asked.by.clone()), channel::WHATSAPP, data);
        std::iter::once(declined).chain(self.request_state(interaction, asked)).collect()
    }

    /// Notifies the requester of the result of a request for a colleague, where no other event does.
    pub(super) fn request_result(
        &self,
        interaction: &InteractionId,
        asked: &InviteRequest,
        answer: &InviteResult,
    ) -> Option<ClientNotification> {
        let to = EventRecipient::Agent(asked.by.clone());
        if asked.purpose == InvitePurpose::Queue {
            let (outcome, by) = match answer {
                InviteResult::Accepted { by } => ("accepted", self.setup.person_name(by)),
                InviteResult::Refused
                | InviteResult::NoAnswer
                | InviteResult::Nobody
                | InviteResult::NobodyLeft
                | InviteResult::Cancelled => ("nobody", String::new()),
            };
            let data = json!({
                "messageType": wa::TRANSFER_OUTCOME, "interactionId": interaction, "outcome": outcome, "by": by,
            });
            return Some(to_client(&to, channel::WHATSAPP, data));
        }
        let (what, whom) = (asked.purpose.word(), &asked.whom);
        let (sentence, code) = match answer {
            InviteResult::Accepted { .. } | InviteResult::Cancelled => return None,
            InviteResult::Refused => (format!("{whom} refused the {what}"), 403),
            InviteResult::NoAnswer => (format!("{whom} did not answer in time"), 408),
            InviteResult::Nobody if asked.target.is_some() => {
                (format!("{whom} could not be asked: no longer signed in, or no longer ready"), 410)
            }
            InviteResult::Nobody => (format!("nobody {whom} took the {what} in time"), 410),
            InviteResult::NobodyLeft => {
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
        Some(to_client(&to, channel::WHATSAPP, data))
    }
}
