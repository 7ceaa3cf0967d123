//! Saving a contact's form, and the lists that show it afterwards.

use super::requests::{ask, assign, refresh};
use crate::app::core::effect::Effect;
use crate::app::core::form::{FilledField, FormPurpose};
use crate::app::core::forms;
use crate::app::core::notice::Level;
use crate::app::core::state::State;
use crate::app::features::contacts;
use crate::app::features::contacts::ContactRequest;
use crate::domain::profile::{Attributes, check};
use crate::proto::contact::ContactDto;
use crate::proto::request::Request;

/// Saves the form of a contact. Nothing typed is lost when that fails.
pub(in crate::app) fn save(
    state: &mut State,
    purpose: &FormPurpose,
    filled: &[FilledField],
    out: &mut Vec<Effect>,
) {
    let none = Attributes::new();
    let before = match purpose {
        FormPurpose::Contact(contact) => &contact.attributes,
        _ => &none,
    };
    let mut written = contacts::written(filled, before);
    if matches!(purpose, FormPurpose::NewContact(_)) {
        written.retain(|_, values| !values.is_empty());
    }
    let options = state.options();
    let missing = options.contact_mandatory.iter().find(|name| written.get(*name).is_none_or(Vec::is_empty));
    let wrong = match missing {
        Some(name) => Some(format!("{} must be filled in", contacts::label(name))),
        None => written.iter().find_map(|(name, values)| check(name, values).err()),
    };
    if let Some(words) = wrong {
        forms::show_refusal(state, purpose, &words);
        return;
    }
    if !state.online() {
        let words = "there is no connection: what you have written stays here; save it again when it is back";
        forms::show_refusal(state, purpose, words);
        return;
    }
    match purpose {
        FormPurpose::Contact(contact) => {
            let changes = contacts::changes(before, &written);
            if changes.is_empty() {
                forms::close(state, purpose);
                return state.say(Level::Info, "nothing was changed");
            }
            let request = Request::ContactUpdate { id: contact.id.as_str().into(), changes };
            ask(state, request, ContactRequest::Save(purpose.clone()), out);
        }
        _ => ask(state, Request::ContactCreate(written), ContactRequest::Create(purpose.clone()), out),
    }
    forms::mark_saving(state, purpose);
}

pub(in crate::app) fn created(
    state: &mut State,
    purpose: &FormPurpose,
    contact: &ContactDto,
    out: &mut Vec<Effect>,
) {
    forms::close(state, purpose);
    let name = contacts::display_name(contact);
    state.say(Level::Good, format!("{name} is a contact now"));
    // The contact was created for that customer, so no confirmation is needed.
    if let FormPurpose::NewContact(Some(session)) = purpose {
        return assign(state, session.clone(), contact.id.as_str().into(), &name, out);
    }
    refresh(state, out);
}
