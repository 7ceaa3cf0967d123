//! Requests about contacts: searches of the open list, and assigning one to a session's customer.

use crate::app::core::effect::Effect;
use crate::app::core::layer::Layer;
use crate::app::core::requests::{call, online};
use crate::app::core::session::Session;
use crate::app::core::state::{Awaited, State};
use crate::app::features::contacts::{ContactList, ContactListPurpose, ContactRequest};
use crate::domain::{ContactId, InteractionId};
use crate::proto::request::Request;
use crate::text::Clean;

pub(in crate::app) fn ask(state: &mut State, request: Request, what: ContactRequest, out: &mut Vec<Effect>) {
    call(state, request, Awaited::Contacts(what), out);
}

pub(in crate::app) fn list_mut(state: &mut State) -> Option<&mut ContactList> {
    state.layers.iter_mut().rev().find_map(|layer| match layer {
        Layer::Contacts(layer) => layer.contacts_mut(),
        _ => None,
    })
}

/// Requests what the list should show, unless that was requested already.
pub(in crate::app) fn search(state: &mut State, out: &mut Vec<Effect>) {
    let Some(list) = list_mut(state) else { return };
    let wanted = list.wanted();
    if !matches!(list.aim, ContactListPurpose::Directory | ContactListPurpose::Merge(_))
        || list.asked.as_ref() == Some(&wanted)
    {
        return;
    }
    list.asked = Some(wanted.clone());
    let request = Request::ContactSearch { query: list.query(), start: list.start, limit: list.size };
    ask(state, request, ContactRequest::Search(wanted), out);
}

/// Requests the rows of the open list again.
pub(in crate::app) fn refresh(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(list) = list_mut(state) {
        list.asked = None;
    }
    search(state, out);
}

/// The customer of a session as the session shows them, with the number.
pub(in crate::app) fn who(session: &Session) -> String {
    let number = session.interaction.party.display_number();
    number.map_or_else(|| session.name().to_string(), |number| format!("{} ({number})", session.name()))
}

/// Assigns a contact to the customer of a session after the confirmation.
pub(in crate::app) fn assign(
    state: &mut State,
    session: InteractionId,
    contact: ContactId,
    name: &Clean,
    out: &mut Vec<Effect>,
) {
    if online(state) {
        let done = Clean::line(&format!("the customer is {name} now"));
        let request = Request::AssignContact { id: session, contact };
        ask(state, request, ContactRequest::Act(done, "the contact was not assigned"), out);
    }
}
