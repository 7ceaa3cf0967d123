//! The texts about a contact: its name, its details, the labels of its attributes.

use super::choice::ContactChoice;
use crate::app::core::picker::Item;
use crate::domain::contact::visible_name;
use crate::domain::profile::{COMPANY, EMAIL, FIRST_NAME, LAST_NAME, PHONE, main_value};
use crate::proto::contact::ContactDto;
use crate::proto::wa;
use crate::text::Clean;

/// The name of a contact: first and last name, otherwise the name in WhatsApp.
pub fn display_name(contact: &ContactDto) -> Clean {
    let of = |name: &str| main_value(&contact.attributes, name).unwrap_or_default();
    let name = format!("{} {}", of(FIRST_NAME), of(LAST_NAME));
    let (name, profile) = (visible_name(&name), visible_name(of(wa::PROFILE_NAME)));
    let first = [PHONE, EMAIL, COMPANY].into_iter().map(of).find(|value| !value.is_empty());
    match (name, profile, of(wa::NUMBER)) {
        (None, None, "") => Clean::line(first.unwrap_or("no name")),
        (None, None, number) => Clean::line(&format!("+{number}")),
        (None, Some(profile), _) => Clean::line(&format!("~{profile}")),
        (Some(name), ..) => Clean::line(name),
    }
}

pub(super) fn detail(contact: &ContactDto) -> Clean {
    let of = |name: &str| main_value(&contact.attributes, name).map(str::to_owned);
    let number = of(PHONE).or_else(|| of(wa::NUMBER).map(|number| format!("+{number}")));
    let parts: Vec<String> = [contact.reason.clone(), number, of(EMAIL), of(COMPANY)]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    Clean::line(&parts.join(" · "))
}

/// The label of an attribute.
pub fn label(name: &str) -> String {
    match name {
        FIRST_NAME => "First name".to_owned(),
        LAST_NAME => "Last name".to_owned(),
        COMPANY => "Company".to_owned(),
        PHONE => "Phone".to_owned(),
        EMAIL => "E-mail".to_owned(),
        wa::NUMBER => "WhatsApp number".to_owned(),
        wa::USER_ID => "WhatsApp user ID".to_owned(),
        wa::USER_NAME => "WhatsApp user name".to_owned(),
        wa::PROFILE_NAME => "WhatsApp name".to_owned(),
        other => other.to_owned(),
    }
}

pub(super) fn item(
    label: impl Into<Clean>,
    detail: impl Into<Clean>,
    pick: ContactChoice,
) -> Item<ContactChoice> {
    Item { label: label.into(), detail: detail.into(), value: pick }
}
