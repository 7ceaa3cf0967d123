//! What of customers is hidden from who only looks on. The server hides it, so that no screen can show it.

use crate::domain::AttachedData;
use crate::domain::mask::Mask;
use crate::proto::contact::ContactDto;
use crate::proto::media::{InteractionDto, MessageDto};
use crate::proto::ucs::PastDto;
use crate::proto::wa;
use crate::proto::watch::{Entry, LiveSession};

/// Pairs of ours that are moments and counts, in which no customer is.
const MOMENTS: [&str; 5] =
    [wa::WINDOW_ENDS, wa::WAITING_SINCE, wa::ACCEPT_LEFT, wa::ACCEPT_TOTAL, wa::UNKNOWN_CONTACT];

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

/// Hides in an interaction.
pub fn interaction(mask: &Mask, interaction: &mut InteractionDto) {
    if mask.is_off() {
        return;
    }
    pairs(mask, &mut interaction.user_data);
    for text in [&mut interaction.comment, &mut interaction.subject].into_iter().flatten() {
        *text = mask.text(text).into_owned();
    }
    for party in interaction.chat.iter_mut().flat_map(|chat| &mut chat.participants) {
        party.nickname = mask.name(&party.nickname).into_owned();
    }
}

/// Hides in attached data. A pair that is a number from the start to the end is hidden like one.
fn pairs(mask: &Mask, data: &mut AttachedData) {
    let hidden: Vec<(String, String)> = data
        .iter()
        .filter(|(key, _)| !MOMENTS.contains(key))
        .map(|(key, value)| (key.to_owned(), value.to_text()))
        .filter_map(|(key, text)| {
            let hidden = mask.name(&text);
            (hidden != text).then(|| (key, hidden.into_owned()))
        })
        .collect();
    for (key, value) in hidden {
        data.set(key, value);
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
    pairs(mask, &mut past.user_data);
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
