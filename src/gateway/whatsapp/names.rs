//! The customer of a message, as a webhook names them.

use super::fields::{list, word};
use super::inbound::CustomerNames;
use serde_json::Value;

/// The author of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    /// The customer.
    Customer,
    /// The business, from the phone app or another program.
    Staff,
}

/// The customer of a message: its author, or the recipient of an echo. What the message leaves out is taken
/// from the contact with the same ID, or from the only contact in the webhook.
pub(super) fn customer(message: &Value, value: &Value, own: Option<&str>, author: Author) -> CustomerNames {
    let (mut number, user) = match author {
        Author::Customer => (word(message, "from"), "from_user_id"),
        Author::Staff => (word(message, "to"), "to_user_id"),
    };
    // A deletion in the phone app comes with author and recipient swapped.
    if author == Author::Staff && own.is_some() && number.as_deref().map(digits).as_deref() == own {
        number = word(message, "from");
    }
    let mut names = CustomerNames { user_id: word(message, user), ..CustomerNames::default() };
    match number {
        // WhatsApp may put a user ID where a number was.
        Some(id) if id.contains(char::is_alphabetic) => names.user_id = names.user_id.or(Some(id)),
        Some(id) => names.wa_id = Some(digits(&id)),
        None => {}
    }
    let contacts: Vec<CustomerNames> = list(value, "contacts").map(contact).collect();
    let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
    let differ = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some() && a != b;
    let known = contacts
        .iter()
        .find(|c| same(&c.wa_id, &names.wa_id) || same(&c.user_id, &names.user_id))
        .or_else(|| contacts.first().filter(|_| contacts.len() == 1))
        .filter(|c| {
            same(&c.wa_id, &names.wa_id)
                || same(&c.user_id, &names.user_id)
                || !(differ(&c.wa_id, &names.wa_id) || differ(&c.user_id, &names.user_id))
        });
    if let Some(known) = known {
        names.wa_id = names.wa_id.or_else(|| known.wa_id.clone());
        names.user_id = names.user_id.or_else(|| known.user_id.clone());
        names.username = known.username.clone();
        names.profile_name = known.profile_name.clone();
    }
    // The business does not write to itself.
    names.wa_id = names.wa_id.filter(|id| author == Author::Customer || own != Some(id));
    // A name alone does not identify anybody.
    if names.wa_id.is_none() && names.user_id.is_none() { CustomerNames::default() } else { names }
}

/// Whether the business wrote a message, whatever field it comes in: the author's number is the business's,
/// and WhatsApp does not say that this number is the customer.
pub(super) fn is_by_business(message: &Value, value: &Value, own: Option<&str>) -> bool {
    let from = word(message, "from").map(|from| digits(&from));
    from.is_some()
        && from.as_deref() == own
        && list(value, "contacts").map(contact).all(|contact| contact.wa_id != from)
}

/// The names of a contact that comes with a webhook.
pub(super) fn contact(contact: &Value) -> CustomerNames {
    let profile = contact.get("profile");
    CustomerNames {
        wa_id: word(contact, "wa_id").map(|id| digits(&id)),
        user_id: word(contact, "user_id"),
        username: profile.and_then(|p| word(p, "username")),
        profile_name: profile.and_then(|p| word(p, "name")),
    }
}

/// A number in WhatsApp's form: digits without a plus.
pub(super) fn digits(id: &str) -> String {
    id.trim().trim_start_matches('+').to_owned()
}

/// The group in which a message was written, if any. Its author's private chat is a different one.
pub(super) fn group(message: &Value) -> Option<String> {
    let is_group = |id: &String| id.ends_with("@g.us");
    let named = word(message, "group_id").or_else(|| {
        let of_group = word(message, "recipient_type").is_some_and(|kind| kind == "group");
        of_group.then(|| word(message, "to").or_else(|| word(message, "recipient_id")).unwrap_or_default())
    });
    named.or_else(|| ["from", "to"].into_iter().find_map(|key| word(message, key).filter(is_group)))
}

/// The names that a status has for the recipient of our message.
pub(super) fn recipient(status: &Value, value: &Value) -> CustomerNames {
    if group(status).is_some() {
        return CustomerNames::default();
    }
    let named = CustomerNames {
        wa_id: word(status, "recipient_id").map(|id| digits(&id)),
        user_id: word(status, "recipient_user_id"),
        ..CustomerNames::default()
    };
    let mut names = identifiers(named);
    let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
    let known = list(value, "contacts")
        .map(|one| identifiers(contact(one)))
        .find(|known| same(&known.wa_id, &names.wa_id) || same(&known.user_id, &names.user_id));
    if let Some(known) = known {
        names.wa_id = names.wa_id.or(known.wa_id);
        names.user_id = names.user_id.or(known.user_id);
    }
    names
}

/// The names that the answer to a send has for the recipient.
pub(super) fn addressee(answer: &Value) -> CustomerNames {
    list(answer, "contacts").next().map(|one| identifiers(contact(one))).unwrap_or_default()
}

/// Only the names that distinguish one customer from others and that can be identifiers.
fn identifiers(names: CustomerNames) -> CustomerNames {
    let is_number = |id: &String| (1..=20).contains(&id.len()) && id.chars().all(|c| c.is_ascii_digit());
    let (number, other): (Option<String>, Option<String>) = match names.wa_id {
        Some(id) if is_number(&id) => (Some(id), None),
        // WhatsApp may put a user ID where a number was.
        Some(id) if id.contains(char::is_alphabetic) => (None, Some(id)),
        _ => (None, None),
    };
    CustomerNames { wa_id: number, user_id: names.user_id.or(other), ..CustomerNames::default() }
}
