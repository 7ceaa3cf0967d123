//! Other ways to reach a customer: the menu, templates, new sessions, and programs outside the console.
//!
//! Invariants: nothing goes to a customer without a confirmation; filled-in values are kept until the server
//! has accepted the template.

use super::outside;
use crate::app::core::action::Action;
use crate::app::core::effect::Effect;
use crate::app::core::form::{Field, Form, FormItem, FormPurpose};
use crate::app::core::forms;
use crate::app::core::layer::{Confirm, ConfirmAction, Layer, Prompt, PromptPurpose};
use crate::app::core::list_feature::ListFeature;
use crate::app::core::notice::Level;
use crate::app::core::outbox::why_aside;
use crate::app::core::picker::{Extra, Item, Picker};
use crate::app::core::requests::{call, online};
use crate::app::core::session::Session;
use crate::app::core::state::{Awaited, State};
use crate::app::core::view::show;
use crate::app::features::reach::{
    ReachChoice, ReachLayer, ReachMenu, ReachRequest, TemplateDraft, TemplateList, TemplateRecipient, Ways,
    suggested,
};
use crate::domain::field::FieldType;
use crate::domain::profile::{AttributeValue, Attributes, EMAIL, PHONE};
use crate::domain::reach::{address, number};
use crate::domain::template::{MOST_BODY, Template};
use crate::domain::{AttachedData, ContactId, InteractionId, OperationId, response};
use crate::proto::contact::{AttributeChange, ContactsResult, ValueChange, name};
use crate::proto::request::Request;
use crate::proto::templates;
use crate::text::Clean;
use crate::text::compose::Composer;
use serde_json::Value as Json;

/// Opens the menu for the shown session's customer; `/reach mail` narrows it, and takes the only row left.
pub(in crate::app) fn open(state: &mut State, words: &str, out: &mut Vec<Effect>) {
    let now = state.now;
    let session = state.session();
    let contact = session.and_then(|session| session.interaction.contact.clone());
    let id = session.map(|session| session.interaction.id.clone());
    let ways = session.map(Ways::of).unwrap_or_default();
    let closed = session.is_some_and(|session| session.is_window_closed(now));
    let title = session.map_or_else(
        || "Begin a session or a call".to_owned(),
        |session| format!("Reach {}", session.name()),
    );
    let items = rows(&ways, session, closed);
    let mut picker = Picker::new(title.as_str(), "there is no such way to this customer", items);
    if !words.is_empty() {
        picker.edit(|query| query.insert(words));
        let only = (picker.shown().len() == 1).then(|| picker.chosen().map(|item| item.value.clone()));
        if let Some(Some(reach)) = only {
            return apply_choice(state, reach, out);
        }
    }
    if let (Some(contact), Some(id), true) = (contact, &id, state.online()) {
        let awaited = Awaited::Reach(ReachRequest::Contact(id.clone()));
        call(state, Request::ContactDetails(contact), awaited, out);
    }
    state.layers.push(Layer::Reach(Box::new(ReachLayer::Menu(ReachMenu { session: id, picker }))));
}

/// The rows for a session's customer, and for entering a value by hand.
fn rows(ways: &Ways, session: Option<&Session>, closed: bool) -> Vec<Item<ReachChoice>> {
    let hand = ReachChoice::ByHand(session.map(|session| session.interaction.id.clone()));
    let mut items = ways.rows(session, closed);
    items.push(Item {
        label: "Enter a number or an address…".into(), detail: Clean::default(), value: hand
    });
    items
}

/// The contact database has returned the customer's data: the open menu shows it too.
fn add_known_ways(state: &mut State, id: &InteractionId, attributes: &Attributes) {
    let now = state.now;
    let Some(session) = state.by_id(id) else { return };
    let mut ways = Ways::of(session);
    ways.add(attributes);
    let rows = rows(&ways, Some(session), session.is_window_closed(now));
    let rows = rows.into_iter().map(|item| (item, Extra::default())).collect();
    if let Some(Layer::Reach(layer)) = state.layers.last_mut()
        && let ReachLayer::Menu(menu) = &mut **layer
        && menu.session.as_ref() == Some(id)
    {
        menu.picker.set_rows(rows, |a, b| a == b);
    }
}

/// Follows the chosen way.
pub(in crate::app) fn apply_choice(state: &mut State, reach: ReachChoice, out: &mut Vec<Effect>) {
    match reach {
        ReachChoice::Write(id) => show(state, &id),
        ReachChoice::Template(to) => list(state, to, "", out),
        ReachChoice::ByHand(session) => by_hand(state, session, ""),
        ReachChoice::Outside { session, way, value } => outside::outside(state, session, way, &value, out),
    }
}

fn by_hand(state: &mut State, session: Option<InteractionId>, text: &str) {
    let mut input = Composer::new();
    input.insert(text);
    let title = "A number with + and country code, or an e-mail address".into();
    state.layers.push(Layer::Prompt(Prompt { title, input, purpose: PromptPurpose::Reach(session) }));
}

/// Opens the menu for a number or an address entered by hand.
pub(in crate::app) fn open_for_value(state: &mut State, session: Option<InteractionId>, text: &str) {
    if text.trim().is_empty() {
        return;
    }
    let mut ways = Ways::default();
    let checked =
        if text.contains('@') { address(text) } else { number(text).map(|digits| format!("+{digits}")) };
    match checked {
        Err(wrong) => {
            state.say(Level::Warning, wrong.to_string());
            return by_hand(state, session, text);
        }
        Ok(value) if value.contains('@') => ways.add_address(value),
        Ok(value) => ways.add_number(value),
    }
    let value = ways.numbers.first().or(ways.addresses.first()).cloned().unwrap_or_default();
    let about = session.as_ref().and_then(|id| state.by_id(id));
    // In a session, its own menu has the other ways.
    let in_session = |item: &Item<ReachChoice>| {
        matches!(item.value, ReachChoice::Write(_) | ReachChoice::Template(TemplateRecipient::Session(_)))
    };
    let items = ways.rows(about, false).into_iter().filter(|item| !in_session(item)).collect();
    let title = format!("Reach {value}");
    let contact = about.and_then(|session| Some((session.interaction.contact.clone()?, session.name())));
    let picker = Picker::new(title.as_str(), "nothing fits", items);
    state.layers.push(Layer::Reach(Box::new(ReachLayer::Menu(ReachMenu { session: None, picker }))));
    if let Some((contact, name)) = contact.filter(|_| state.online()) {
        let attribute = if value.contains('@') { EMAIL } else { PHONE };
        let text = format!("Save {value} to the contact of {name}? Enter saves it; Esc continues without.");
        let then = ConfirmAction::KeepWay(contact, attribute, value);
        state.layers.push(Layer::Confirm(Confirm { text: Clean::line(&text), then }));
    }
}

/// Saves a number or an address to a contact.
pub(in crate::app) fn keep(
    state: &mut State,
    contact: ContactId,
    attribute: &str,
    value: String,
    out: &mut Vec<Effect>,
) {
    let awaited = Awaited::Reach(ReachRequest::Keep(value.clone()));
    let turn = ValueChange::Add(vec![AttributeValue::plain(value)]);
    let changes = vec![AttributeChange { name: attribute.to_owned(), turn, was: None }];
    call(state, Request::ContactUpdate { id: contact, changes }, awaited, out);
}

/// Opens the list of templates for the shown session.
pub(in crate::app) fn for_session(state: &mut State, words: &str, out: &mut Vec<Effect>) {
    match state.session().map(|session| session.interaction.id.clone()) {
        Some(id) => list(state, TemplateRecipient::Session(id), words, out),
        None => {
            let key = state.settings.keymap.hint(Action::Reach);
            state.say(Level::Info, format!("there is no session; {key} begins one with a number"));
        }
    }
}

fn list(state: &mut State, to: TemplateRecipient, words: &str, out: &mut Vec<Effect>) {
    if !online(state) {
        return;
    }
    if let TemplateRecipient::Session(id) = &to
        && let Some(words) = state.by_id(id).and_then(|session| why_aside(&session.interaction))
    {
        state.say(Level::Warning, words);
        return;
    }
    let session = session_of(state, &to);
    let who = match &to {
        TemplateRecipient::Session(_) => session.map(Session::name).unwrap_or_default(),
        TemplateRecipient::New { name, .. } => name.clone(),
    };
    let language =
        session.and_then(|session| session.interaction.user_data.text("Language")).unwrap_or_default();
    let list = TemplateList::new(to, &who, language, words);
    call(state, Request::Templates, Awaited::Reach(ReachRequest::Templates), out);
    state.layers.push(Layer::Reach(Box::new(ReachLayer::Templates(list))));
}

/// The session whose customer a template is for; its data fills the parameters.
fn session_of<'a>(state: &'a State, to: &TemplateRecipient) -> Option<&'a Session> {
    match to {
        TemplateRecipient::Session(id) => state.by_id(id),
        TemplateRecipient::New { contact, .. } => {
            let wanted = contact.as_ref()?;
            state.sessions.iter().find(|session| session.interaction.contact.as_ref() == Some(wanted))
        }
    }
}

fn open_list(state: &mut State) -> Option<&mut TemplateList> {
    state.layers.iter_mut().rev().find_map(|layer| match layer {
        Layer::Reach(layer) => layer.templates_mut(),
        _ => None,
    })
}

/// Shows the templates that the server has returned.
fn listed(state: &mut State, data: &Json) {
    if let Some(list) = open_list(state) {
        list.fill(templates::read(data));
    }
}

/// Shows that the templates could not be read.
fn not_listed(state: &mut State, words: &str) {
    if let Some(list) = open_list(state) {
        list.picker.empty = Clean::line(&format!("the templates could not be read: {words}"));
    }
}

/// Reacts to the choice of another language in the list.
pub(in crate::app) fn filtered(state: &mut State) {
    if let Some(list) = open_list(state) {
        list.show();
    }
}

/// A template was chosen: asks for the values of its parameters.
pub(in crate::app) fn choose_template(state: &mut State, to: TemplateRecipient, template: Template) {
    if !template.unusable.is_empty() {
        let words = format!("{} cannot be sent from here: {}", template.name, template.unusable);
        return state.say(Level::Warning, words);
    }
    let mut values = AttachedData::new();
    for parameter in template.parameters() {
        let value = suggested(&parameter, session_of(state, &to));
        values.set(parameter.key, value);
    }
    let ready = TemplateDraft { to, template, values };
    if ready.values.is_empty() { look(state, ready) } else { fill_in(state, ready, None) }
}

/// Opens the form for the values.
fn fill_in(state: &mut State, ready: TemplateDraft, trouble: Option<&str>) {
    let mut rows = vec![FormItem::Heading(Clean::line(&ready.template.body))];
    for parameter in ready.template.parameters() {
        let value = ready.values.text(&parameter.key).unwrap_or_default();
        let label = Clean::line(&parameter.label());
        let field = Field::new(&parameter.key, label, FieldType::Text, value).mandatory(true);
        rows.push(FormItem::Field(field));
    }
    let examples: Vec<String> = ready
        .template
        .parameters()
        .iter()
        .filter(|one| !one.example.is_empty())
        .map(|one| format!("{}: {}", one.label(), one.example))
        .collect();
    if !examples.is_empty() {
        rows.push(FormItem::Heading(Clean::line(&format!("Such as {}", examples.join(" · ")))));
    }
    rows.push(FormItem::Heading(Clean::line(&format!(
        "At most {MOST_BODY} characters in all, each on one line"
    ))));
    let title = format!("{} ({})", ready.template.name, ready.template.language);
    let mut form = Form::new(title.as_str(), FormPurpose::Template(Box::new(ready)), rows);
    form.trouble = trouble.map(Clean::line);
    forms::open(state, form);
}

/// The form is filled in: shows what WhatsApp would refuse, otherwise asks for confirmation.
pub(in crate::app) fn filled(
    state: &mut State,
    ready: &TemplateDraft,
    filled: &[crate::app::core::form::FilledField],
) {
    let mut ready = ready.clone();
    for field in filled {
        ready.values.set(field.name.clone(), field.value.trim());
    }
    let problems = ready.template.problems(&ready.values);
    if problems.is_empty() {
        return look(state, ready);
    }
    if let Some(Layer::Form(form)) = state.layers.last_mut() {
        for problem in problems.iter().rev() {
            if problem.key.is_empty() {
                form.trouble = Some(Clean::line(&problem.sentence));
            } else {
                form.show_error(&problem.key, &problem.sentence);
            }
        }
    }
}

/// Shows the template exactly as it will be sent, and asks for confirmation.
fn look(state: &mut State, ready: TemplateDraft) {
    let whom = match &ready.to {
        TemplateRecipient::Session(_) => session_of(state, &ready.to).map(Session::name).unwrap_or_default(),
        TemplateRecipient::New { number, name, .. } if name.as_str() == number => name.clone(),
        TemplateRecipient::New { number, name, .. } => Clean::line(&format!("{name}, {number}")),
    };
    let text = ready.template.filled(&ready.values);
    let begins =
        if matches!(ready.to, TemplateRecipient::New { .. }) { " It begins a new session." } else { "" };
    let unfilled = response::unfilled(&text);
    let gaps = if unfilled.is_empty() {
        String::new()
    } else {
        format!(" ⚠ Nothing is filled in for {}.", unfilled.join(", "))
    };
    let words =
        format!("{text}\n\nThis goes to {whom} as it is.{begins}{gaps} Enter sends it; Esc goes back.");
    let then = ConfirmAction::SendTemplate(Box::new(ready));
    state.layers.push(Layer::Confirm(Confirm { text: Clean::new(&words), then }));
}

/// Sends the template. The form is closed; it opens again with its values if the server refuses.
pub(in crate::app) fn send(state: &mut State, ready: TemplateDraft, out: &mut Vec<Effect>) {
    if !online(state) {
        return;
    }
    state.layers.retain(|layer| {
        let filled = matches!(layer, Layer::Form(form) if matches!(form.purpose, FormPurpose::Template(_)));
        let list = matches!(layer, Layer::Reach(layer) if matches!(**layer, ReachLayer::Templates(_)));
        !(filled || list)
    });
    let (name, language, values) =
        (ready.template.name.clone(), ready.template.language.clone(), ready.values.clone());
    let request = match &ready.to {
        TemplateRecipient::Session(id) => {
            if let Some(session) = state.by_id_mut(id) {
                session.trouble = None;
            }
            Request::SendTemplate { id: id.clone(), name, language, values }
        }
        TemplateRecipient::New { contact, number, .. } => {
            let (contact, number) = (contact.clone(), number.clone());
            let nickname = state.me.as_ref().map(|me| me.nickname.clone()).unwrap_or_default();
            Request::StartSession { contact, number, name, language, values, nickname }
        }
    };
    let begins = matches!(ready.to, TemplateRecipient::New { .. });
    let operation = call(state, request, Awaited::Reach(ReachRequest::Send(Box::new(ready))), out);
    if begins {
        state.begun.push(operation);
    }
}

/// The server has accepted the template: it appears in its session.
fn sent(state: &mut State, ready: &TemplateDraft) {
    if let TemplateRecipient::New { name, .. } = &ready.to {
        state.say(Level::Good, format!("a session with {name} has begun"));
    }
}

/// The server refused the template.
fn refused(state: &mut State, ready: TemplateDraft, words: &str) {
    state.begun.clear();
    state.say(Level::Error, format!("the template {} was not sent: {words}", ready.template.name));
    if !ready.values.is_empty() && state.layers.is_empty() {
        fill_in(state, ready, Some(words));
    }
}

/// An interaction arrived for this operation: if this console began the session, it is shown.
pub(in crate::app) fn show_begun_session(state: &mut State, id: &str, operation: Option<&str>) {
    let at = state.begun.iter().position(|begun| Some(begun.as_str()) == operation);
    if let Some(at) = at {
        state.begun.remove(at);
        state.accepted.push(id.into());
    }
}

/// The connection is lost: the sessions will show whether a pending request succeeded.
pub(in crate::app) fn lost(state: &mut State) {
    not_listed(state, "the connection is lost");
    let under_way: Vec<(OperationId, TemplateDraft)> = state
        .awaited
        .iter()
        .filter_map(|(operation, awaited)| match awaited {
            Awaited::Reach(ReachRequest::Send(ready)) => {
                Some((operation.clone(), TemplateDraft::clone(ready)))
            }
            _ => None,
        })
        .collect();
    for (_, ready) in under_way {
        let words = format!(
            "the connection broke while the template {} was on its way: check whether it is in the session \
             before you send it again",
            ready.template.name
        );
        state.say(Level::Warning, words);
    }
}

/// The server has accepted a request. The data of a contact arrives as an event.
pub(in crate::app) fn replied(
    state: &mut State,
    operation: &OperationId,
    request: ReachRequest,
    data: &Json,
) {
    match request {
        ReachRequest::Templates => listed(state, data),
        ReachRequest::Send(ready) => sent(state, &ready),
        ReachRequest::Note => {}
        ReachRequest::Contact(_) => {
            state.awaited.insert(operation.clone(), Awaited::Reach(request));
        }
        ReachRequest::Keep(value) => state.say(Level::Good, format!("{value} is saved to the contact")),
    }
}

/// The details of a contact arrived: if they were requested here, the open menu shows them.
pub(in crate::app) fn apply_result(state: &mut State, answer: &ContactsResult) {
    let Some(operation) = answer.operation_id.clone().map(OperationId::from) else { return };
    let Some(Awaited::Reach(ReachRequest::Contact(id))) = state.awaited.get(&operation).cloned() else {
        return;
    };
    if let (name::DETAILS, Some(contact)) = (answer.name.as_str(), &answer.contact) {
        state.awaited.remove(&operation);
        add_known_ways(state, &id, &contact.attributes);
    }
}

/// The server refused a request.
pub(in crate::app) fn failed(state: &mut State, request: ReachRequest, words: &str) {
    match request {
        ReachRequest::Templates => not_listed(state, words),
        ReachRequest::Send(ready) => refused(state, *ready, words),
        ReachRequest::Note => {
            state.say(Level::Error, format!("it could not be recorded in the history: {words}"))
        }
        // The menu already shows what the session itself contains.
        ReachRequest::Contact(_) => {}
        ReachRequest::Keep(_) => state.say(Level::Error, format!("it was not saved to the contact: {words}")),
    }
}

/// The menu of ways to reach a customer, and the list of templates.
pub(in crate::app) struct ReachFeature;

impl ListFeature for ReachFeature {
    fn part_changed(&self, state: &mut State, _out: &mut Vec<Effect>) {
        filtered(state);
    }

    fn take(&self, state: &mut State, out: &mut Vec<Effect>) {
        let Some(Layer::Reach(layer)) = state.layers.last() else { return };
        match &**layer {
            ReachLayer::Menu(menu) => {
                let Some(way) = menu.picker.chosen().map(|item| item.value.clone()) else { return };
                state.layers.pop();
                apply_choice(state, way, out);
            }
            // The list stays open below the form, so that Esc returns to it.
            ReachLayer::Templates(list) => {
                let Some(template) = list.chosen().cloned() else { return };
                let to = list.to.clone();
                choose_template(state, to, template);
            }
            ReachLayer::Outside(_) => {}
        }
    }
}
