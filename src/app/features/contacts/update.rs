//! Contacts: the directory, suggestions for a customer, the details of a contact, its history, merging.

use super::requests::{ask, list_mut, refresh, search, who};
use crate::app::core::effect::Effect;
use crate::app::core::forms;
use crate::app::core::layer::{Choice, Confirm, ConfirmAction, Layer};
use crate::app::core::list_feature::ListFeature;
use crate::app::core::notice::Level;
use crate::app::core::requests::online;
use crate::app::core::state::{Awaited, State};
use crate::app::core::view::show;
use crate::app::features::contacts;
use crate::app::features::contacts::{
    ContactChoice, ContactList, ContactListPurpose, ContactRequest, ContactsLayer, PastView, save,
};
use crate::domain::{ContactId, InteractionId, OperationId};
use crate::proto::contact::{ContactsResult, name};
use crate::proto::media::{LogPage, LogQuery};
use crate::proto::request::Request;
use crate::proto::ucs::PastDto;
use crate::text::Clean;
use serde_json::Value as Json;

/// Opens the contact of the shown session; for an unknown customer, the suggestions.
pub(in crate::app) fn open_own(state: &mut State, out: &mut Vec<Effect>) {
    let Some(session) = state.session() else { return state.say(Level::Info, "there is no session") };
    let (id, contact) = (session.interaction.id.clone(), session.interaction.contact.clone());
    let is_unknown = session.is_unknown();
    if !online(state) {
        return;
    }
    match contact {
        _ if is_unknown && state.options().contact_assign => suggest(state, &id, out),
        Some(contact) => ask(state, Request::ContactDetails(contact), ContactRequest::Open, out),
        None => state.say(Level::Info, "the server does not say whose session this is"),
    }
}

fn suggest(state: &mut State, id: &InteractionId, out: &mut Vec<Effect>) {
    let list =
        ContactList::new(ContactListPurpose::Suggest(id.clone()), Some(id.clone()), &state.options(), "");
    state.layers.push(Layer::Contacts(ContactsLayer::List(Box::new(list))));
    ask(state, Request::IdentifyContact(id.clone()), ContactRequest::Suggest(id.clone()), out);
}

/// Opens the suggestions for the customer of the shown session, even if the customer is known.
pub(in crate::app) fn assign_own(state: &mut State, out: &mut Vec<Effect>) {
    let Some(id) = state.session().map(|session| session.interaction.id.clone()) else {
        return state.say(Level::Info, "there is no session");
    };
    if !state.options().contact_assign {
        return state
            .say(Level::Warning, "contacts are not assigned here: contact.can-use-assign-contact is false");
    }
    if online(state) {
        suggest(state, &id, out);
    }
}

/// Opens the directory with a query.
pub(in crate::app) fn directory(
    state: &mut State,
    aim: ContactListPurpose,
    words: &str,
    out: &mut Vec<Effect>,
) {
    let options = state.options();
    if !options.contact_lookup {
        return state
            .say(Level::Warning, "the contact directory is closed here: contact.lookup.enable is false");
    }
    if !online(state) {
        return;
    }
    let session = state.session().map(|session| session.interaction.id.clone());
    state.layers.push(Layer::Contacts(ContactsLayer::List(Box::new(ContactList::new(
        aim, session, &options, words,
    )))));
    search(state, out);
}

/// Reacts to a change of the query or of the part.
pub(in crate::app) fn typed(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(list) = list_mut(state) {
        let (words, part, ..) = list.wanted();
        if list.asked.as_ref().is_some_and(|(old, at, ..)| *old != words || *at != part) {
            list.start = 0;
        }
    }
    search(state, out);
}

/// Reacts to the choice of another part of the list.
pub(in crate::app) fn filtered(state: &mut State, out: &mut Vec<Effect>) {
    show_past(state);
    typed(state, out);
}

fn show_past(state: &mut State) {
    let me = state.me.clone().unwrap_or_default();
    let (options, now, zone) = (state.options(), state.now, state.zone.clone());
    let Some(list) = list_mut(state) else { return };
    if matches!(list.aim, ContactListPurpose::History { .. }) {
        let current = list.session.clone();
        list.show_past((&me.employee_id, &me.name), current.as_ref(), &options, now, &zone);
    }
}

/// Opens the history of the shown session's contact with a query.
pub(in crate::app) fn history_own(state: &mut State, words: &str, out: &mut Vec<Effect>) {
    let Some(session) = state.session() else { return state.say(Level::Info, "there is no session") };
    match session.interaction.contact.clone() {
        Some(contact) => history(state, contact, words, out),
        None => state.say(Level::Info, "the server does not say whose session this is"),
    }
}

fn history(state: &mut State, contact: ContactId, words: &str, out: &mut Vec<Effect>) {
    if !online(state) {
        return;
    }
    let session = state.session().map(|session| session.interaction.id.clone());
    let aim = ContactListPurpose::History { contact: contact.clone(), words: words.to_owned() };
    let list = ContactList::new(aim, session, &state.options(), words);
    state.layers.push(Layer::Contacts(ContactsLayer::List(Box::new(list))));
    ask(state, Request::History(contact.clone()), ContactRequest::History(contact), out);
}

/// Shows the history of a contact that has arrived.
pub(in crate::app) fn history_arrived(state: &mut State, contact: &str, past: &[PastDto]) {
    let ours = |awaited: &Awaited| matches!(awaited, Awaited::Contacts(ContactRequest::History(asked)) if asked.as_str() == contact);
    state.awaited.retain(|_, awaited| !ours(awaited));
    let Some(list) = list_mut(state) else { return };
    if matches!(&list.aim, ContactListPurpose::History { contact: asked, .. } if asked.as_str() == contact) {
        list.set_history(past);
        show_past(state);
    }
}

/// Undoes the last merge into the shown session's contact.
pub(in crate::app) fn unmerge_own(state: &mut State, out: &mut Vec<Effect>) {
    let Some(contact) = state.session().and_then(|session| session.interaction.contact.clone()) else {
        return state.say(Level::Info, "there is no session whose contact is known");
    };
    apply_choice(state, ContactChoice::Unmerge(contact), out);
}

fn is_contact_list(layer: &Layer) -> bool {
    matches!(layer, Layer::Contacts(ContactsLayer::List(_)))
}

/// Whether the list stays open below a layer that this choice opens.
pub(in crate::app) fn stays(state: &State, choice: &ContactChoice) -> bool {
    let is_list = state.layers.last().is_some_and(is_contact_list);
    match choice {
        ContactChoice::Nothing | ContactChoice::Page(..) => true,
        ContactChoice::Acts(_) | ContactChoice::Compare { .. } | ContactChoice::Past { .. } => is_list,
        _ => false,
    }
}

/// Does what was chosen in a list of contacts.
pub(in crate::app) fn apply_choice(state: &mut State, pick: ContactChoice, out: &mut Vec<Effect>) {
    let act = |done: String, failed| ContactRequest::Act(Clean::line(&done), failed);
    match pick {
        ContactChoice::Nothing => {}
        ContactChoice::Page(start, size) => {
            if let Some(list) = list_mut(state) {
                (list.start, list.size) = (start, size);
            }
            search(state, out);
        }
        ContactChoice::Acts(contact) => {
            let options = state.options();
            let picker = contacts::acts(&contact, state.session(), &options).map(Choice::Contact);
            state.layers.push(Layer::Pick(picker));
        }
        ContactChoice::Compare { into, from } => {
            state.layers.push(Layer::Pick(contacts::compare(&into, &from).map(Choice::Contact)));
        }
        _ if !online(state) => {}
        ContactChoice::Open(contact) => {
            ask(state, Request::ContactDetails(contact), ContactRequest::Open, out)
        }
        ContactChoice::History(contact) => history(state, contact, "", out),
        ContactChoice::Assign { session, contact, name } => {
            let Some(customer) = state.by_id(&session).map(who) else {
                return state.say(Level::Info, "the session is not yours any more");
            };
            let words = format!(
                "Is {customer} the contact {name}? This session and the next ones then stand under {name}. Enter \
                 assigns; Esc goes back."
            );
            let then = ConfirmAction::AssignContact { session, contact, name };
            state.layers.push(Layer::Confirm(Confirm { text: Clean::line(&words), then }));
        }
        ContactChoice::MergeWith(contact) => directory(state, ContactListPurpose::Merge(contact), "", out),
        ContactChoice::Merge { into, from } => {
            let done = "the contacts are merged; /unmerge undoes it".to_owned();
            let request = Request::ContactMerge { into, from };
            ask(state, request, act(done, "the contacts were not merged"), out);
        }
        ContactChoice::Unmerge(contact) => {
            let done = "the merge is undone: both contacts are as before".to_owned();
            ask(state, Request::ContactUnmerge(contact), act(done, "the merge was not undone"), out);
        }
        ContactChoice::Delete { contact, name } => {
            let words = format!(
                "Delete {name}? Their sessions stay; their contact data is deleted. Enter deletes; Esc goes back."
            );
            state.layers.push(Layer::Confirm(Confirm {
                text: Clean::line(&words),
                then: ConfirmAction::DeleteContact(contact, name),
            }));
        }
        ContactChoice::New(assign) => {
            let given = assign.as_ref().and_then(|id| state.by_id(id)).filter(|session| session.is_unknown());
            let given = given.map(|session| {
                let party = &session.interaction.party;
                contacts::given_by(party.profile_name.as_ref(), party.display_number().as_ref())
            });
            let assign = given.as_ref().and(assign);
            let made = contacts::form(None, &given.unwrap_or_default(), assign.as_ref(), &state.options());
            forms::open(state, made);
        }
        ContactChoice::Search => directory(state, ContactListPurpose::Directory, "", out),
        ContactChoice::Past { id, title } => {
            if state.by_id(&id).is_some() {
                state.layers.clear();
                return show(state, &id);
            }
            ask(state, Request::Messages(id, WHOLE), ContactRequest::Past(title), out);
        }
    }
}

/// Deletes a contact after the confirmation.
pub(in crate::app) fn delete(state: &mut State, contact: ContactId, name: &Clean, out: &mut Vec<Effect>) {
    if online(state) {
        let done = Clean::line(&format!("{name} is deleted"));
        ask(
            state,
            Request::ContactDelete(contact),
            ContactRequest::Act(done, "the contact was not deleted"),
            out,
        );
    }
}

/// The server has accepted a request. The results of reads, and the name of a new contact, arrive as an event.
pub(in crate::app) fn replied(
    state: &mut State,
    operation: &OperationId,
    what: ContactRequest,
    data: &Json,
    out: &mut Vec<Effect>,
) {
    match what {
        ContactRequest::Save(purpose) => {
            forms::close(state, &purpose);
            state.say(Level::Good, "the contact is saved");
            refresh(state, out);
        }
        ContactRequest::Act(done, _) => {
            state.say(Level::Good, done.as_str());
            // The lists from which the action was chosen are out of date.
            state.layers.retain(|layer| !is_contact_list(layer) && !matches!(layer, Layer::Pick(_)));
        }
        ContactRequest::Past(title) => {
            let page: LogPage = serde_json::from_value(data.clone()).unwrap_or_default();
            if page.older {
                let many = page.messages.len();
                state
                    .say(Level::Info, format!("the session is very long: its last {many} entries are shown"));
            }
            let view = PastView::new(title, &page.messages, &state.zone);
            state.layers.push(Layer::Contacts(ContactsLayer::Past(view)));
        }
        // The result arrives as an event.
        read @ (ContactRequest::Open
        | ContactRequest::Search(_)
        | ContactRequest::Suggest(_)
        | ContactRequest::History(_)
        | ContactRequest::Create(_)) => {
            state.awaited.insert(operation.clone(), Awaited::Contacts(read));
        }
    }
}

/// Shows a result that arrived as an event.
pub(in crate::app) fn apply_result(state: &mut State, answer: ContactsResult, out: &mut Vec<Effect>) {
    let operation = answer.operation_id.map(OperationId::from);
    let Some(operation) =
        operation.filter(|operation| matches!(state.awaited.get(operation), Some(Awaited::Contacts(_))))
    else {
        return;
    };
    let Some(Awaited::Contacts(what)) = state.awaited.get(&operation).cloned() else { return };
    let options = state.options();
    match (what, answer.name.as_str(), answer.contact) {
        (ContactRequest::Open, name::DETAILS, Some(contact)) => {
            let opened = contacts::form(Some(&contact), &contact.attributes, None, &options);
            forms::open(state, opened);
        }
        (ContactRequest::Search(asked), name::SEARCH, _) => {
            if let Some(list) = list_mut(state).filter(|list| list.asked.as_ref() == Some(&asked)) {
                list.found(&answer.contacts, answer.total, &options);
            }
        }
        (ContactRequest::Suggest(id), name::IDENTIFIED, _) => {
            if let Some(list) =
                list_mut(state).filter(|list| list.aim == ContactListPurpose::Suggest(id.clone()))
            {
                list.suggested(&id, &answer.contacts, &options);
            }
        }
        (ContactRequest::Create(purpose), name::INSERTED, Some(contact)) => {
            save::created(state, &purpose, &contact, out)
        }
        // The reply of the request reports the outcome.
        _ => return,
    }
    state.awaited.remove(&operation);
}

/// A request about contacts failed.
pub(in crate::app) fn failed(state: &mut State, what: ContactRequest, words: &str) {
    match what {
        ContactRequest::Open => state.say(Level::Error, format!("the contact could not be read: {words}")),
        ContactRequest::Search(_) | ContactRequest::Suggest(_) | ContactRequest::History(_) => {
            let sentence = Clean::line(&format!("it could not be read: {words}"));
            match list_mut(state) {
                Some(list) => {
                    list.picker.set_items(Vec::new());
                    list.picker.empty = sentence;
                    list.asked = None;
                }
                None => state.say(Level::Error, sentence.as_str()),
            }
        }
        ContactRequest::Save(purpose) | ContactRequest::Create(purpose) => {
            if !forms::show_refusal(state, &purpose, &format!("the contact was not saved: {words}")) {
                state.say(Level::Error, format!("the contact was not saved: {words}"));
            }
        }
        ContactRequest::Act(_, failed) => state.say(Level::Error, format!("{failed}: {words}")),
        ContactRequest::Past(_) => state.say(Level::Error, format!("the session could not be read: {words}")),
    }
}

/// Shows the loss of the connection in a list that waits for an answer.
pub(in crate::app) fn lost(state: &mut State) {
    for layer in &mut state.layers {
        if let Layer::Contacts(layer) = layer
            && let Some(list) = layer.contacts_mut()
            && list.asked.take().is_some()
        {
            list.picker.empty = "the connection was lost: type again when it is back".into();
        }
    }
}

/// A past session is read with one request: as much of its newest part as a server returns.
const WHOLE: LogQuery = LogQuery { after: None, before: None, limit: Some(1000) };

/// A list of contacts, or of the history of one.
pub(in crate::app) struct ContactsFeature;

impl ListFeature for ContactsFeature {
    fn typed(&self, state: &mut State, out: &mut Vec<Effect>) {
        typed(state, out);
    }

    fn part_changed(&self, state: &mut State, out: &mut Vec<Effect>) {
        filtered(state, out);
    }

    fn take(&self, state: &mut State, out: &mut Vec<Effect>) {
        let Some(list) = list_mut(state) else { return };
        let Some(choice) = list.picker.chosen().map(|item| item.value.clone()) else { return };
        if !stays(state, &choice) {
            state.layers.pop();
        }
        apply_choice(state, choice, out);
    }
}
