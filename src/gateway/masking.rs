//! PII masking: hides personal data of customers from read-only clients.
//!
//! Owns: which fields of each wire type are masked. Must not: know how a text is masked ([`Mask`] does).
//! Invariants: the gateway masks before it sends, so no client can show what is masked.

use crate::domain::AttachedData;
use crate::domain::mask::Mask;
use crate::proto::contact::ContactDto;
use crate::proto::media::{InteractionDto, MessageDto};
use crate::proto::ucs::PastDto;
use crate::proto::wa;
use crate::proto::watch::{FeedEntry, LiveSession};

/// Pairs of this gateway that hold times and counts, and never personal data.
const TIMES_AND_COUNTS: [&str; 5] =
    [wa::WINDOW_ENDS, wa::WAITING_SINCE, wa::ACCEPT_LEFT, wa::ACCEPT_TOTAL, wa::UNKNOWN_CONTACT];

/// Masks an entry of the feed.
pub fn mask_entry(mask: &Mask, entry: &mut FeedEntry) {
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

/// Masks a session of the live view.
pub fn mask_session(mask: &Mask, session: &mut LiveSession) {
    if mask.is_off() {
        return;
    }
    session.customer = mask.name(&session.customer).into_owned();
    session.last = mask.text(&session.last).into_owned();
    if let Some(number) = &mut session.number {
        *number = mask.number(number).into_owned();
    }
}

/// Masks an interaction.
pub fn mask_interaction(mask: &Mask, interaction: &mut InteractionDto) {
    if mask.is_off() {
        return;
    }
    mask_pairs(mask, &mut interaction.user_data);
    for text in [&mut interaction.comment, &mut interaction.subject].into_iter().flatten() {
        *text = mask.text(text).into_owned();
    }
    for party in interaction.chat.iter_mut().flat_map(|chat| &mut chat.participants) {
        party.nickname = mask.name(&party.nickname).into_owned();
    }
}

/// Masks attached data. A value that is nothing but a number is masked like a phone number.
fn mask_pairs(mask: &Mask, data: &mut AttachedData) {
    let hidden: Vec<(String, String)> = data
        .iter()
        .filter(|(key, _)| !TIMES_AND_COUNTS.contains(key))
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

/// Masks a contact.
pub fn mask_contact(mask: &Mask, contact: &mut ContactDto) {
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

/// Masks a session in a contact's history.
pub fn mask_past(mask: &Mask, past: &mut PastDto) {
    if mask.is_off() {
        return;
    }
    past.subject = mask.text(&past.subject).into_owned();
    past.comment = mask.text(&past.comment).into_owned();
    mask_pairs(mask, &mut past.user_data);
}

/// Masks an entry of a session's transcript.
pub fn mask_message(mask: &Mask, message: &mut MessageDto) {
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
