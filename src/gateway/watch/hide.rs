//! What of customers is hidden from who only looks on. The server hides it, so that no screen can show it.

use crate::domain::mask::Mask;
use crate::proto::contact::ContactDto;
use crate::proto::media::MessageDto;
use crate::proto::ucs::PastDto;
use crate::proto::wa;
use crate::proto::watch::{Entry, LiveSession};

/// Hides in an entry of the feed.
pub fn entry(mask: &Mask, entry: &mut Entry) {
    if mask.is_off() {
        return;
    }
    let text = |value: &mut Option<String>| {
        if let Some(value) = value {
            *value = mask.text(value).into_owned();
        }
    };
    text(&mut entry.text);
    text(&mut entry.reason);
    entry.data.values_mut().for_each(|value| *value = mask.text(value).into_owned());
    for name in [&mut entry.customer, &mut entry.name].into_iter().flatten() {
        *name = mask.name(name).into_owned();
    }
    if let Some(number) = &mut entry.number {
        *number = mask.number(number).into_owned();
    }
}

/// Hides in a live session.
pub fn session(mask: &Mask, session: &mut LiveSession) {
    if mask.is_off() {
        return;
    }
    session.customer = mask.name(&session.customer).into_owned();
    session.last = mask.text(&session.last).into_owned();
    if let Some(number) = &mut session.number {
        *number = mask.number(number).into_owned();
    }
}

/// Hides in a contact.
pub fn contact(mask: &Mask, contact: &mut ContactDto) {
    if mask.is_off() {
        return;
    }
    for value in contact.attributes.values_mut().flatten() {
        value.value = mask.name(&value.value).into_owned();
        value.description = mask.text(&value.description).into_owned();
    }
    if let Some(name) = &mut contact.merged {
        *name = mask.name(name).into_owned();
    }
}

/// Hides in a session of a contact's history.
pub fn past(mask: &Mask, past: &mut PastDto) {
    if mask.is_off() {
        return;
    }
    past.subject = mask.text(&past.subject).into_owned();
    past.comment = mask.text(&past.comment).into_owned();
    let hidden: Vec<(String, String)> = past
        .user_data
        .iter()
        .map(|(key, value)| (key.to_owned(), mask.text(&value.to_text()).into_owned()))
        .collect();
    for (key, value) in hidden {
        past.user_data.set(key, value);
    }
}

/// Hides in an entry of a session's log.
pub fn message(mask: &Mask, message: &mut MessageDto) {
    if mask.is_off() {
        return;
    }
    for text in [&mut message.text, &mut message.url].into_iter().flatten() {
        *text = mask.text(text).into_owned();
    }
    message.from.nickname = mask.name(&message.from.nickname).into_owned();
    for key in [wa::MEDIA_CAPTION, wa::MEDIA_NAME, wa::REASON] {
        let hidden = message.user_data.text(key).map(|text| mask.text(text).into_owned());
        if let Some(hidden) = hidden {
            message.user_data.set(key, hidden);
        }
    }
}
