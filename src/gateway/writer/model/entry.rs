//! Makes the entries of a session's log.
//!
//! Owns: the shape each kind of entry has on the wire. Must not: number them; the session does.

use crate::domain::delivery::DeliveryStatus;
use crate::domain::message::Visibility;
use crate::domain::response::{FileInfo, word_of};
use crate::domain::{AttachedData, EmployeeId, Millis, Value};
use crate::gateway::whatsapp::inbound::Content;
use crate::gateway::writer::api::FilledTemplate;
use crate::proto::media::{MessageDto, ParticipantDto};
use crate::proto::wa;

/// The customer's party.
pub const CUSTOMER: &str = "customer";

/// How much of the customer's first words an offer shows, in characters.
const PREVIEW: usize = 160;

/// What an entry is. The words that say so on the wire are only here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// Text, a template included.
    Text,
    /// A link sent as such.
    Link,
    /// Somebody joined.
    Joined,
    /// Somebody left.
    Left,
    /// Somebody types. Never kept.
    TypingStarted,
    /// Somebody stopped typing. Never kept.
    TypingStopped,
    /// A line of the gateway.
    Notice,
    /// A file.
    Media,
    /// Something that is only described in words.
    Placeholder,
    /// New text for an earlier message.
    Edit,
    /// How far a message got on WhatsApp.
    Status,
    /// Another entry that only clients understand.
    Custom,
    /// A type that this version does not know.
    Unknown,
}

impl EntryKind {
    /// The kind of an entry.
    pub fn of(entry: &MessageDto) -> Self {
        match entry.kind.as_str() {
            "Text" => Self::Text,
            "PushUrl" => Self::Link,
            "ParticipantJoined" => Self::Joined,
            "ParticipantLeft" => Self::Left,
            "TypingStarted" => Self::TypingStarted,
            "TypingStopped" => Self::TypingStopped,
            "Notice" => Self::Notice,
            "CustomNotice" => match entry.user_data.text(wa::KIND) {
                Some("media") => Self::Media,
                Some("placeholder") => Self::Placeholder,
                Some("edit") => Self::Edit,
                Some("status") => Self::Status,
                Some(_) | None => Self::Custom,
            },
            _ => Self::Unknown,
        }
    }

    /// The type on the wire.
    const fn word(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Link => "PushUrl",
            Self::Joined => "ParticipantJoined",
            Self::Left => "ParticipantLeft",
            Self::TypingStarted => "TypingStarted",
            Self::TypingStopped => "TypingStopped",
            Self::Notice => "Notice",
            Self::Media | Self::Placeholder | Self::Edit | Self::Status | Self::Custom => "CustomNotice",
            Self::Unknown => "",
        }
    }
}

/// Who wrote an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryAuthor {
    /// The customer.
    Customer,
    /// An agent, or staff on the phone app.
    Agent,
    /// A supervisor.
    Supervisor,
    /// The gateway.
    System,
}

impl EntryAuthor {
    /// The author that a party is.
    pub fn of(party: &ParticipantDto) -> Self {
        match party.kind.as_str() {
            "Customer" => Self::Customer,
            "Agent" => Self::Agent,
            "Supervisor" => Self::Supervisor,
            _ => Self::System,
        }
    }
}

/// Whether everybody may see an entry or a party, the customer too.
pub fn is_for_all(visibility: &str) -> bool {
    Visibility::from_word(visibility) == Some(Visibility::All)
}

/// Whether agents may read an entry.
pub fn is_for_agents(entry: &MessageDto) -> bool {
    Visibility::from_word(&entry.visibility) != Some(Visibility::Supervisor)
}

/// An entry without a number yet.
pub fn entry(kind: EntryKind, from: ParticipantDto, visibility: Visibility, at: Millis) -> MessageDto {
    MessageDto {
        kind: kind.word().to_owned(),
        from,
        visibility: visibility.word().to_owned(),
        timestamp: at.to_rfc3339().into(),
        timestamp_seconds: at.0.div_euclid(1000),
        ..MessageDto::default()
    }
}

/// The party that speaks for the gateway.
pub fn system() -> ParticipantDto {
    ParticipantDto {
        participant_id: "system".to_owned(),
        kind: "System".to_owned(),
        visibility: Visibility::Agent.word().to_owned(),
        ..ParticipantDto::default()
    }
}

/// Staff who wrote from the phone app.
pub fn phone_app() -> ParticipantDto {
    ParticipantDto {
        participant_id: "phone-app".to_owned(),
        kind: "Agent".to_owned(),
        nickname: "WhatsApp phone".to_owned(),
        visibility: Visibility::All.word().to_owned(),
        person_id: None,
    }
}

/// The customer as a party.
pub fn customer(nickname: &str) -> ParticipantDto {
    ParticipantDto {
        participant_id: CUSTOMER.to_owned(),
        kind: "Customer".to_owned(),
        nickname: nickname.to_owned(),
        visibility: Visibility::All.word().to_owned(),
        person_id: None,
    }
}

/// An agent as a party of a session they join with the entry of this number.
pub fn agent_party(employee: &EmployeeId, nickname: &str, index: u64) -> ParticipantDto {
    ParticipantDto {
        participant_id: format!("agent-{index}"),
        kind: "Agent".to_owned(),
        nickname: nickname.to_owned(),
        visibility: Visibility::All.word().to_owned(),
        person_id: Some(employee.as_str().to_owned()),
    }
}

/// How far the message with number `of` got.
pub fn status(of: u64, status: &DeliveryStatus, error: Option<&(i64, String)>, at: Millis) -> MessageDto {
    let mut made = notice("status", system(), Visibility::Agent, at);
    set_index(&mut made.user_data, wa::OF, of);
    made.user_data.set(wa::STATUS, status.word());
    if let Some((code, reason)) = error {
        made.user_data.set(wa::CODE, *code);
        made.user_data.set(wa::REASON, reason.as_str());
    }
    made
}

/// A `CustomNotice` of a kind.
pub fn notice(kind: &str, from: ParticipantDto, visibility: Visibility, at: Millis) -> MessageDto {
    let mut made = entry(EntryKind::Custom, from, visibility, at);
    made.user_data.set(wa::KIND, kind);
    made
}

/// A file that an agent sends.
pub fn sent_file(file: &FileInfo, from: ParticipantDto, visibility: Visibility, at: Millis) -> MessageDto {
    let mut made = notice("media", from, visibility, at);
    made.user_data.set(wa::MEDIA_TYPE, word_of(&file.mime));
    made.user_data.set(wa::MEDIA_MIME, file.mime.as_str());
    made.user_data.set(wa::MEDIA_NAME, file.name.as_str());
    made.user_data.set(wa::MEDIA_DOCUMENT, file.document.as_str());
    made.user_data.set(wa::MEDIA_SIZE, i64::try_from(file.size).unwrap_or(i64::MAX));
    made
}

/// The file that an entry of ours sends, if it is one.
pub fn file(entry: &MessageDto) -> Option<FileInfo> {
    let text = |key| entry.user_data.text(key).unwrap_or_default().to_owned();
    Some(FileInfo {
        document: entry.user_data.text(wa::MEDIA_DOCUMENT)?.to_owned(),
        name: text(wa::MEDIA_NAME),
        mime: text(wa::MEDIA_MIME),
        size: entry.user_data.number(wa::MEDIA_SIZE).and_then(|size| u64::try_from(size).ok()).unwrap_or(0),
    })
}

/// What a customer (or staff on the phone) wrote. `of` is the number of the entry it is about, where it
/// is about one that is known.
pub fn content(what: &Content, of: Option<u64>, from: ParticipantDto, at: Millis) -> MessageDto {
    let all = Visibility::All;
    let placeholder = |text: String, from| {
        let mut made = notice("placeholder", from, all, at);
        made.text = Some(text);
        made
    };
    match (what, of) {
        (Content::Text(text), _) => {
            let mut made = entry(EntryKind::Text, from, all, at);
            made.text = Some(text.clone());
            made
        }
        (Content::Media { kind, id: _, mime, name, caption }, _) => {
            let mut made = notice("media", from, all, at);
            made.user_data.set(wa::MEDIA_TYPE, kind.as_str());
            let pairs = [(wa::MEDIA_MIME, mime), (wa::MEDIA_NAME, name), (wa::MEDIA_CAPTION, caption)];
            for (key, value) in pairs {
                if let Some(value) = value {
                    made.user_data.set(key, value.as_str());
                }
            }
            made
        }
        (Content::Placeholder(text), _) => placeholder(text.clone(), from),
        (Content::Note(text), _) => line(text.clone(), at),
        (Content::Reaction { emoji, .. }, Some(of)) => about("reaction", of, Some(emoji), from, at),
        (Content::Edit { text, .. }, Some(of)) => about("edit", of, Some(text), from, at),
        (Content::Revoke { .. }, Some(of)) => about("revoke", of, None, from, at),
        (Content::Reaction { emoji, .. }, None) if emoji.is_empty() => {
            line(format!("{} took back a reaction to a message that is not here", who(&from)), at)
        }
        (Content::Reaction { emoji, .. }, None) => {
            line(format!("{} reacted {emoji} to a message that is not here", who(&from)), at)
        }
        (Content::Edit { text, .. }, None) => {
            placeholder(format!("changed a message that is not here to: {text}"), from)
        }
        (Content::Revoke { .. }, None) => {
            line(format!("{} deleted a message that is not here", who(&from)), at)
        }
    }
}

/// A line that informs agents about an event. It needs no answer.
pub fn line(text: String, at: Millis) -> MessageDto {
    let mut made = entry(EntryKind::Notice, system(), Visibility::Agent, at);
    made.text = Some(text);
    made
}

/// The author, for the beginning of a line.
pub fn who(from: &ParticipantDto) -> &'static str {
    match EntryAuthor::of(from) {
        EntryAuthor::Customer => "The customer",
        EntryAuthor::Agent | EntryAuthor::Supervisor | EntryAuthor::System => "The WhatsApp phone",
    }
}

fn about(kind: &str, of: u64, text: Option<&str>, from: ParticipantDto, at: Millis) -> MessageDto {
    let mut made = notice(kind, from, Visibility::All, at);
    set_index(&mut made.user_data, wa::OF, of);
    made.text = text.map(str::to_owned);
    made
}

pub fn set_index(data: &mut AttachedData, key: &str, index: u64) {
    data.set(key, i64::try_from(index).unwrap_or(i64::MAX));
}

/// Whether an entry says something, so that somebody may wait for an answer to it.
pub fn speaks(entry: &MessageDto) -> bool {
    match EntryKind::of(entry) {
        EntryKind::Text | EntryKind::Link | EntryKind::Media | EntryKind::Placeholder => true,
        EntryKind::Joined
        | EntryKind::Left
        | EntryKind::TypingStarted
        | EntryKind::TypingStopped
        | EntryKind::Notice
        | EntryKind::Edit
        | EntryKind::Status
        | EntryKind::Custom
        | EntryKind::Unknown => false,
    }
}

/// The template that an entry is, if it is one.
pub fn template_of(entry: &MessageDto) -> Option<Box<FilledTemplate>> {
    let data = &entry.user_data;
    let parameters = if let Some(Value::List(list)) = data.get(wa::TEMPLATE_PARAMETERS) {
        list.clone()
    } else {
        AttachedData::new()
    };
    Some(Box::new(FilledTemplate {
        name: data.text(wa::TEMPLATE)?.to_owned(),
        language: data.text(wa::TEMPLATE_LANGUAGE)?.to_owned(),
        parameters,
        text: entry.text.clone().unwrap_or_default(),
    }))
}

/// Whether a party is there for advice only, unseen by the customer.
pub fn consults(party: &ParticipantDto) -> bool {
    Visibility::from_word(&party.visibility) == Some(Visibility::Agent)
}

/// The text of an entry, shortened.
pub fn preview(entry: &MessageDto) -> String {
    let words = entry.text.as_deref().or_else(|| entry.user_data.text(wa::MEDIA_CAPTION));
    let words = words.or_else(|| entry.user_data.text(wa::MEDIA_TYPE)).unwrap_or_default();
    words.chars().take(PREVIEW).collect()
}
