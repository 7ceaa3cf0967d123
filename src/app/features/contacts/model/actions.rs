//! Lists that the console builds itself: the actions for a contact, and the preview of a merge.

use super::choice::ContactChoice;
use super::names::{detail, display_name, item, label};
use crate::app::core::picker::Picker;
use crate::app::core::session::Session;
use crate::domain::ContactId;
use crate::domain::options::Options;
use crate::domain::profile::{AttributeValue, merged};
use crate::proto::contact::ContactDto;
use crate::text::Clean;

/// The actions for a contact. `session` is the one that it may be assigned to.
pub fn acts(contact: &ContactDto, session: Option<&Session>, options: &Options) -> Picker<ContactChoice> {
    let (id, name) = (ContactId::from(contact.id.as_str()), display_name(contact));
    let mut items = vec![
        item("view and edit", detail(contact), ContactChoice::Open(id.clone())),
        item("history", "", ContactChoice::History(id.clone())),
        item("merge with another contact", "", ContactChoice::MergeWith(Box::new(contact.clone()))),
    ];
    if let Some(merged) = &contact.merged {
        let words = Clean::line(&format!("undo the merge with {merged}"));
        items.push(item(words, "", ContactChoice::Unmerge(id.clone())));
    }
    let other = |session: &&Session| session.interaction.contact.as_ref() != Some(&id);
    if let Some(session) = session.filter(|_| options.contact_assign).filter(other) {
        let words = Clean::line(&format!("{} is this contact: assign", session.name()));
        let pick = ContactChoice::Assign {
            session: session.interaction.id.clone(),
            contact: id.clone(),
            name: name.clone(),
        };
        // Never first, where Enter alone would choose it. It is useful for an unknown customer; for a known one
        // it would be a mistake.
        let place = if session.is_unknown() { 1 } else { items.len() };
        items.insert(place, item(words, "", pick));
    }
    items.push(item("delete", "", ContactChoice::Delete { contact: id, name: name.clone() }));
    Picker::new(name, "nothing fits", items)
}

/// The preview of a merge: both contacts side by side, and the result.
pub fn compare(into: &ContactDto, from: &ContactDto) -> Picker<ContactChoice> {
    let yes = ContactChoice::Merge { into: into.id.as_str().into(), from: from.id.as_str().into() };
    let mut items = vec![item(
        Clean::line(&format!("merge: {} becomes part of {}", display_name(from), display_name(into))),
        "can be undone",
        yes,
    )];
    let set = merged(&into.attributes, &from.attributes);
    let names: std::collections::BTreeSet<&String> =
        into.attributes.keys().chain(from.attributes.keys()).collect();
    let list = |values: Option<&Vec<AttributeValue>>| {
        let mut shown: Vec<&str> = Vec::new();
        for value in values.into_iter().flatten() {
            if !shown.contains(&value.value.as_str()) {
                shown.push(&value.value);
            }
        }
        if shown.is_empty() { "–".to_owned() } else { shown.join(", ") }
    };
    for name in names {
        let (own, theirs) = (into.attributes.get(name), from.attributes.get(name));
        let stays = match name.starts_with("wa.") {
            true => list(Some(&own.into_iter().chain(theirs).flatten().cloned().collect())),
            false => list(set.get(name).or(own)),
        };
        let label = format!("{}: {} │ {}", label(name), list(own), list(theirs));
        items.push(item(Clean::line(&label), Clean::line(&format!("→ {stays}")), ContactChoice::Nothing));
    }
    Picker::new("Merge: left stays, right becomes part of it", "nothing fits", items)
}
