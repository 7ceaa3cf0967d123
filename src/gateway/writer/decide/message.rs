//! Messages of agents: text, links, files, templates, and notes of contact elsewhere.
//!
//! Owns: the rules for these. Must not: change anything.
//! Invariants: outside the reply window only a template goes to the customer.

use super::context::{CommandContext, CommandOutcome, own_pairs, routing};
use crate::domain::message::Visibility;
use crate::domain::reach::ContactMethod;
use crate::domain::window::{ReplyWindow, reply_window};
use crate::domain::{EmployeeId, InteractionId, Value};
use crate::gateway::writer::api::{FilledTemplate, Outgoing, Refusal};
use crate::gateway::writer::model::entry::{self, EntryKind, consults};
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::logged::EntryLogged;
use crate::gateway::writer::model::session::SessionState;
use crate::proto::media::{MessageDto, ParticipantDto};
use crate::proto::wa;

/// WhatsApp: the most characters that one text may have.
pub const MOST_CHARS: usize = 4096;

/// Characters of an address that is noted.
const MOST_ADDRESS: usize = 254;

impl CommandContext<'_> {
    pub fn send(&self, session: &SessionState, what: &Outgoing, visibility: Visibility) -> CommandOutcome {
        let Some(party) = session.party_of(self.me()).cloned() else {
            return Err(Refusal::NotFound(session.id.clone()));
        };
        if consults(&party) && visibility == Visibility::All {
            return Err(Refusal::Forbidden(
                "you are asked for advice here: write to your colleagues (visibility Agent), not to the \
                 customer; the message was not sent"
                    .to_owned(),
            ));
        }
        self.write(session, party, self.me(), what, visibility)
    }

    /// What a party writes. Before the routing rules it is `speaker` who has answered the customer.
    pub fn write(
        &self,
        session: &SessionState,
        party: ParticipantDto,
        speaker: &EmployeeId,
        what: &Outgoing,
        visibility: Visibility,
    ) -> CommandOutcome {
        let mut made = match what {
            Outgoing::Text(text) => {
                check_text(text)?;
                let mut made = entry::entry(EntryKind::Text, party, visibility, self.now);
                made.text = Some(text.clone());
                made
            }
            Outgoing::Url(url) => {
                check_text(url)?;
                let mut made = entry::entry(EntryKind::Link, party, visibility, self.now);
                made.url = Some(url.clone());
                made
            }
            Outgoing::File(file) => entry::sent_file(file, party, visibility, self.now),
            Outgoing::Notification { text, data } => {
                let mut made = entry::entry(EntryKind::Custom, party, visibility, self.now);
                made.text = Some(text.clone());
                made.user_data = own_pairs(data);
                made
            }
        };
        made.index = session.last_index() + 1;
        if let Some(operation) = self.operation {
            made.user_data.set(wa::OPERATION, operation.as_str());
        }
        let public = visibility == Visibility::All && !matches!(what, Outgoing::Notification { .. });
        let mut event = EntryLogged {
            interaction: session.id.clone(),
            at: self.now,
            entry: made,
            mark: None,
            send_to: None,
        };
        let mut spoke = Vec::new();
        if public {
            if reply_window(session.window_ends, self.now) == ReplyWindow::Closed {
                return Err(Refusal::Conflict(
                    "the customer has not written in the last 24 hours, so WhatsApp takes only a \
                     template; the message was not sent"
                        .to_owned(),
                ));
            }
            let Some(address) = session.address() else {
                return Err(Refusal::Conflict(
                    "WhatsApp gave neither a number nor a user id for this customer, so nothing can be sent"
                        .to_owned(),
                ));
            };
            event.send_to = Some(address);
            // Whoever of a conference answers, the customer has an answer.
            spoke = self.state.router.agent_spoke(speaker, &session.id, self.now).unwrap_or_default();
        }
        let mut events = vec![LogEvent::EntryLogged(event)];
        events.extend(routing(spoke));
        Ok(events)
    }

    pub fn template_entry(&self, template: &FilledTemplate, party: ParticipantDto) -> MessageDto {
        let mut made = entry::entry(EntryKind::Text, party, Visibility::All, self.now);
        made.text = Some(template.text.clone());
        made.user_data.set(wa::TEMPLATE, template.name.as_str());
        made.user_data.set(wa::TEMPLATE_LANGUAGE, template.language.as_str());
        if !template.parameters.is_empty() {
            made.user_data.set(wa::TEMPLATE_PARAMETERS, Value::List(template.parameters.clone()));
        }
        if let Some(operation) = self.operation {
            made.user_data.set(wa::OPERATION, operation.as_str());
        }
        made
    }

    /// A template in a session that goes on, whether its reply window is open or not.
    pub fn send_template(&self, session: &SessionState, template: &FilledTemplate) -> CommandOutcome {
        let Some(party) = session.party_of(self.me()).cloned() else {
            return Err(Refusal::NotFound(session.id.clone()));
        };
        if consults(&party) {
            return Err(Refusal::Forbidden(
                "you are asked for advice here: the template was not sent".to_owned(),
            ));
        }
        let Some(address) = session.address() else {
            return Err(Refusal::Conflict(
                "WhatsApp gave neither a number nor a user id for this customer, so nothing can be sent"
                    .to_owned(),
            ));
        };
        let mut made = self.template_entry(template, party);
        made.index = session.last_index() + 1;
        let interaction = session.id.clone();
        let logged =
            EntryLogged { interaction, at: self.now, entry: made, mark: None, send_to: Some(address) };
        let spoke = self.state.router.agent_spoke(self.me(), &session.id, self.now).unwrap_or_default();
        Ok(std::iter::once(LogEvent::EntryLogged(logged)).chain(routing(spoke)).collect())
    }

    /// Notes that the customer was reached outside this desk.
    pub fn note_contact(&self, session: &SessionState, way: ContactMethod, address: &str) -> CommandOutcome {
        let Some(party) = session.party_of(self.me()).cloned() else {
            return Err(Refusal::NotFound(session.id.clone()));
        };
        if address.trim().is_empty()
            || address.chars().count() > MOST_ADDRESS
            || address.chars().any(char::is_control)
        {
            return Err(Refusal::Invalid(format!(
                "data.address takes one line of 1 to {MOST_ADDRESS} characters; nothing was noted"
            )));
        }
        let index = session.last_index() + 1;
        let mut made = entry::entry(EntryKind::Notice, entry::system(), Visibility::Agent, self.now);
        made.index = index;
        made.text = Some(format!("{} {} {address}, outside this desk", party.nickname, way.done()));
        let interaction = session.id.clone();
        let logged = EntryLogged {
            interaction: interaction.clone(),
            at: self.now,
            entry: made,
            mark: None,
            send_to: None,
        };
        let noted = LogEvent::ContactReached {
            id: InteractionId::from(format!("{interaction}-{index}")),
            interaction,
            contact: session.contact.clone(),
            by: party,
            way: way.media_type().to_owned(),
            address: address.to_owned(),
            at: self.now,
        };
        Ok(vec![LogEvent::EntryLogged(logged), noted])
    }
}

pub fn check_text(text: &str) -> Result<(), Refusal> {
    let chars = text.chars().count();
    if text.trim().is_empty() {
        return Err(Refusal::Invalid("there is nothing to send: the message is empty".to_owned()));
    }
    if chars > MOST_CHARS {
        return Err(Refusal::Invalid(format!(
            "the message has {chars} characters and WhatsApp takes {MOST_CHARS} at most: make it shorter \
             or send it in parts"
        )));
    }
    Ok(())
}
