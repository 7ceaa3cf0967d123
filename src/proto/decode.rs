//! Converts wire types into domain types, and cleans untrusted text.

use super::media::{ChannelDto, ChatDto, InteractionDto, LogPage, LogQuery, MessageDto};
use super::{event, time, wa};
use crate::domain::agent::{AgentState, Channel};
use crate::domain::contact::Party;
use crate::domain::contact::visible_name;
use crate::domain::delivery::{DeliveryStatus, Failure};
use crate::domain::interaction::{Colleague, Interaction, InteractionState, Offer, OfferKind};
use crate::domain::message::{Body, Media, Message, Side, Visibility};
use crate::domain::monitoring::MonitorMode;
use crate::domain::routing_based::{INVITE_SUBTYPE, RequestKind};
use crate::domain::transcript::Transcript;
use crate::domain::{AttachedData, Millis};
use crate::text::Clean;
use std::time::Duration;

/// An interaction as the console sees it. `now` is this machine's clock, for the countdown of an offer.
pub fn interaction(dto: &InteractionDto, now: Millis) -> Interaction {
    let data = &dto.user_data;
    let line = |key: &str| data.text(key).filter(|text| !text.trim().is_empty()).map(Clean::line);
    let name = |key: &str| data.text(key).and_then(visible_name).map(Clean::line);
    let moment = |key: &str| data.text(key).and_then(time::parse_text);
    let state = InteractionState::from_word(&dto.state);
    let millis = |key: &str| data.number(key).and_then(|n| u64::try_from(n).ok()).map(Duration::from_millis);
    let offer = (state == InteractionState::Invited).then(|| Offer {
        lapses: millis(wa::ACCEPT_LEFT).map(|left| now.plus(left)),
        total: millis(wa::ACCEPT_TOTAL),
        preview: line(wa::PREVIEW).or_else(|| dto.subject.as_deref().map(Clean::line)),
        kind: offer_kind(dto),
        from: line(wa::OFFER_FROM),
        is_personal: data.number(wa::OFFER_PERSONAL) == Some(1),
    });
    let contact_name = name(wa::CONTACT_NAME).or_else(|| {
        let name = format!(
            "{} {}",
            data.text("FirstName").unwrap_or_default(),
            data.text("LastName").unwrap_or_default()
        );
        visible_name(&name).map(Clean::line)
    });
    Interaction {
        id: dto.id.as_str().into(),
        media_type: dto.mediatype.clone(),
        state,
        party: Party {
            contact_name,
            profile_name: name(wa::PROFILE_NAME),
            number: line(wa::NUMBER).or_else(|| line("PhoneNumber")),
        },
        origin: line(wa::ORIGIN).or_else(|| dto.queue.as_deref().map(Clean::line)),
        started: dto
            .chat
            .as_ref()
            .and_then(|chat| time::parse(&chat.start_at))
            .or_else(|| time::parse(&dto.received_at)),
        window_ends: moment(wa::WINDOW_ENDS),
        waiting_since: moment(wa::WAITING_SINCE),
        contact: dto.contact_id.as_deref().filter(|id| !id.is_empty()).map(Into::into),
        user_data: data.clone(),
        my_participant: dto.chat.as_ref().and_then(|chat| chat.my_participant_id.as_deref()).map(Into::into),
        colleagues: dto.chat.as_ref().map(colleagues).unwrap_or_default(),
        monitor: dto.monitor_mode.as_deref().and_then(MonitorMode::from_word),
        monitored_agent: dto
            .monitor_mode
            .as_ref()
            .and_then(|_| dto.rest.get("agentId")?.as_str().map(str::to_owned)),
        comment: Clean::new(dto.comment.as_deref().unwrap_or_default()),
        capabilities: dto.capabilities.clone(),
        offer,
    }
}

/// The kind of an invitation. Genesys marks conferences and consultations with one subtype; otherwise, the pairs of a
/// routing-based request, whose values each contact centre configures, tell the kind.
fn offer_kind(dto: &InteractionDto) -> OfferKind {
    match dto.user_data.text(wa::OFFER) {
        Some("returned") => OfferKind::Returned,
        Some(word) => {
            let asked = RequestKind::ALL.into_iter().find(|kind| kind.label() == word);
            asked.map_or(OfferKind::New, OfferKind::Asked)
        }
        None if dto.interaction_subtype == INVITE_SUBTYPE => OfferKind::Asked(RequestKind::OneStepConference),
        None => OfferKind::New,
    }
}

fn colleagues(chat: &ChatDto) -> Vec<Colleague> {
    let ours = chat.participants.iter().filter(|party| matches!(party.kind.as_str(), "Agent" | "Supervisor"));
    ours.map(|party| Colleague {
        participant: party.participant_id.as_str().into(),
        employee_id: party.person_id.clone(),
        name: Clean::line(&party.nickname),
        visibility: Visibility::from_word(&party.visibility).unwrap_or_default(),
        supervises: party.kind == "Supervisor",
    })
    .collect()
}

/// An entry of a session's log as the console sees it.
pub fn message(dto: &MessageDto) -> Message {
    let side = match dto.from.kind.as_str() {
        "Customer" | "Client" => Side::Customer,
        "Agent" => Side::Agent,
        "Supervisor" => Side::Supervisor,
        _ => Side::System,
    };
    let data = &dto.user_data;
    let body = body(dto);
    Message {
        index: dto.index,
        side: if matches!(body, Body::Notice(_) | Body::Error(_)) { Side::System } else { side },
        body,
        name: Clean::line(&dto.from.nickname),
        participant: dto.from.participant_id.as_str().into(),
        visibility: Visibility::from_word(&dto.visibility).unwrap_or_default(),
        at: event::message_time(dto),
        operation: data.text(wa::OPERATION).map(Into::into),
        quotes: index(data, wa::QUOTES),
    }
}

/// The state of a channel as the console sees it. `name_of` finds the name of a reason by its code.
pub fn channel(dto: &ChannelDto, name_of: impl Fn(&str) -> Option<Clean>) -> Channel {
    let after_call_work = dto.extension.text(wa::WORK_MODE) == Some(wa::AFTER_CALL_WORK);
    let state = match dto.state.as_str() {
        _ if dto.dnd => AgentState::DoNotDisturb,
        "Ready" => AgentState::Ready,
        "NotReady" if after_call_work => AgentState::AfterCallWork,
        "NotReady" | "LoggedIn" => AgentState::NotReady,
        _ => AgentState::LoggedOut,
    };
    let code = dto.reasons.text("ReasonCode");
    Channel {
        state,
        reason: code.map(|code| name_of(code).unwrap_or_else(|| Clean::line(code))),
        since: time::parse(&dto.timestamp),
    }
}

fn index(data: &AttachedData, key: &str) -> Option<u64> {
    data.number(key).and_then(|n| u64::try_from(n).ok())
}

fn body(dto: &MessageDto) -> Body {
    let text = || Clean::new(dto.text.as_deref().unwrap_or_default());
    match dto.kind.as_str() {
        "Text" => Body::Text(text()),
        "PushUrl" => Body::Url(Clean::line(dto.url.as_deref().or(dto.text.as_deref()).unwrap_or_default())),
        "ParticipantJoined" => Body::Joined,
        "ParticipantLeft" => Body::Left,
        "TypingStarted" => Body::Typing(true),
        "TypingStopped" => Body::Typing(false),
        "Notice" => Body::Notice(text()),
        "CustomNotice" => custom(dto).unwrap_or_else(|| Body::Unknown(Clean::line("CustomNotice"))),
        other => Body::Unknown(Clean::line(other)),
    }
}

fn custom(dto: &MessageDto) -> Option<Body> {
    let data = &dto.user_data;
    let line = |key: &str| data.text(key).filter(|text| !text.is_empty()).map(Clean::line);
    let text = || Clean::new(dto.text.as_deref().unwrap_or_default());
    Some(match data.text(wa::KIND)? {
        "status" => {
            let status = DeliveryStatus::from_word(data.text(wa::STATUS)?);
            let failure = (status == DeliveryStatus::Failed).then(|| Failure {
                code: data.number(wa::CODE).unwrap_or(0),
                reason: line(wa::REASON).unwrap_or_else(|| "WhatsApp gave no reason".into()),
            });
            Body::Status { of: index(data, wa::OF)?, step: status.step(), failure }
        }
        "media" => Body::Media(Media {
            kind: line(wa::MEDIA_TYPE).unwrap_or_else(|| "file".into()),
            name: line(wa::MEDIA_NAME),
            caption: data.text(wa::MEDIA_CAPTION).map(Clean::new),
            mime: line(wa::MEDIA_MIME),
        }),
        "placeholder" => Body::Placeholder(text()),
        "reaction" => Body::Reaction { of: index(data, wa::OF)?, emoji: Clean::line(&text()) },
        "edit" => Body::Edit { of: index(data, wa::OF)?, text: text() },
        "revoke" => Body::Revoke { of: index(data, wa::OF)? },
        "error" => Body::Error(line(wa::REASON).unwrap_or_else(text)),
        _ => return None,
    })
}

/// Records how far the log is loaded after a page. If the page is older than the loaded entries, its entries are inserted
/// here; the entries of other pages are added one by one by the caller, which has to react to each.
pub fn page(transcript: &mut Transcript, part: LogQuery, page: &LogPage) {
    let indexes = || page.messages.iter().map(|message| message.index);
    let (lowest, highest) = (indexes().min(), indexes().max());
    // A server that does not support parts returns the whole log.
    let first = if page.older { lowest } else { Some(1) };
    let start = lowest.map(|lowest| if page.older { lowest } else { 1 });
    match (part.before, part.after) {
        (Some(before), _) => {
            transcript.insert_older(page.messages.iter().map(message));
            transcript.cover(start.unwrap_or(1), before.saturating_sub(1));
            transcript.begin_at(first.unwrap_or(1));
        }
        (None, Some(after)) => {
            let covered = highest.filter(|highest| *highest > after);
            transcript.cover(after + 1, covered.unwrap_or(after));
        }
        (None, None) => {
            transcript.cover(start.unwrap_or(1), highest.unwrap_or(0));
            transcript.begin_at(first.unwrap_or(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::delivery::DeliveryStep;
    use serde_json::json;

    fn message_of(json: serde_json::Value) -> Message {
        message(&serde_json::from_value(json).unwrap())
    }

    #[test]
    fn a_status_is_about_another_entry() {
        let read = message_of(json!({"index": 9, "type": "CustomNotice", "userData": [
            {"key": "wa.kind", "type": "str", "value": "status"}, {"key": "wa.of", "type": "int", "value": 4},
            {"key": "wa.status", "type": "str", "value": "delivered"}]}));
        assert_eq!(read.body, Body::Status { of: 4, step: Some(DeliveryStep::Delivered), failure: None });
    }

    #[test]
    fn an_unknown_notice_keeps_its_number() {
        let read = message_of(json!({"index": 2, "type": "CustomNotice", "text": "x"}));
        assert!(matches!(read.body, Body::Unknown(_)));
        assert_eq!(read.index, 2);
    }

    #[test]
    fn an_offer_counts_down_by_this_clock() {
        let dto: InteractionDto = serde_json::from_value(json!({"id": "i", "state": "Invited", "userData": [
            {"key": "wa.accept-left-ms", "type": "int", "value": 21000},
            {"key": "wa.preview", "type": "str", "value": "hola"}]}))
        .unwrap();
        let read = interaction(&dto, Millis(1000));
        let offer = read.offer.unwrap();
        assert_eq!(offer.lapses, Some(Millis(22_000)));
        assert_eq!(offer.preview.unwrap().as_str(), "hola");
    }

    #[test]
    fn after_call_work_is_a_marked_not_ready() {
        let dto: ChannelDto = serde_json::from_value(json!({"name": "whatsappsession", "state": "NotReady",
            "reasons": [{"key": "ReasonCode", "type": "str", "value": "L"}],
            "extension": [{"key": "wa.work-mode", "type": "str", "value": "AfterCallWork"}]}))
        .unwrap();
        let read = channel(&dto, |code| (code == "L").then(|| "Lunch".into()));
        assert_eq!((read.state, read.reason.unwrap().as_str()), (AgentState::AfterCallWork, "Lunch"));
    }
}
