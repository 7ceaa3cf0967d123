//! Case data of a session: the form to edit it, `/edit KEY VALUE`, and the mandatory fields before Done.

use crate::app::core::effect::Effect;
use crate::app::core::form::{Add, Field, FilledField, Form, FormItem, FormPurpose};
use crate::app::core::layer::Layer;
use crate::app::core::notice::Level;
use crate::app::core::requests::{call, online};
use crate::app::core::state::{Awaited, State};
use crate::app::core::{case_data, case_data as case, forms, layout};
use crate::domain::case::CaseField;
use crate::domain::data::Value;
use crate::domain::field::FieldType;
use crate::domain::{AttachedData, InteractionId};
use crate::proto::request::Request;
use crate::text::Clean;
use crate::text::fold::folded;

/// The fields of a session's case data, and whether an attribute describes them.
fn fields(state: &State, id: &InteractionId) -> (Vec<CaseField>, bool) {
    let Some(session) = state.by_id(id) else { return (Vec::new(), false) };
    let attribute = session.options.case_attribute.as_deref();
    let hidden = [session.options.disposition_key.as_str(), session.options.override_key.as_str()];
    let described = case::fields(&state.configuration, attribute).is_some();
    (case::of(&state.configuration, attribute, &session.interaction.user_data, &hidden), described)
}

/// Opens the form for the shown session; `/edit KEY VALUE` changes one pair at once.
pub(in crate::app) fn open(state: &mut State, arguments: &str, out: &mut Vec<Effect>) {
    let Some(id) = state.session().map(|session| session.interaction.id.clone()) else {
        state.say(Level::Info, "there is no session");
        return;
    };
    if arguments.trim().is_empty() {
        return show(state, &id, None, false);
    }
    edit(state, &id, arguments.trim(), out);
}

/// Opens the form, at the named field if one is given.
fn show(state: &mut State, id: &InteractionId, at: Option<&str>, then_done: bool) {
    let (fields, _) = fields(state, id);
    let Some(session) = state.by_id(id) else { return };
    let data = &session.interaction.user_data;
    let mut rows = Vec::new();
    let mut offers = Vec::new();
    for one in fields {
        let value = case::value(data, &one.name);
        let empty = value.trim().is_empty();
        let named = at == Some(one.name.as_str());
        if empty && !one.mandatory && !named {
            if !one.read_only {
                let first = one.default.clone().unwrap_or_default();
                offers.push(Field::new(one.name, one.label, one.kind, &first));
            }
            continue;
        }
        // A mandatory field starts with its default, which is saved only with the form.
        let mut field = Field::new(one.name, one.label, one.kind, &value)
            .mandatory(one.mandatory)
            .read_only(one.read_only);
        if let Some(first) = one.default.filter(|_| empty) {
            field.set(&first);
        }
        rows.push(FormItem::Field(field));
    }
    if rows.is_empty() && offers.is_empty() {
        let words = "there is no case data here; /edit NAME VALUE adds a pair";
        return state.say(Level::Info, words);
    }
    if !offers.is_empty() {
        rows.push(FormItem::Add(Add { label: "add a field".into(), offers, repeats: false }));
    }
    let attribute = session.options.case_attribute.as_deref();
    let named = attribute.and_then(|name| state.configuration.business_attribute(name)).map(case::title);
    let title = named.unwrap_or_else(|| "Case data".into());
    let title = if then_done { Clean::line(&format!("{title}, then done")) } else { title };
    let mut form = Form::new(title, FormPurpose::Case { session: id.clone(), then_done }, rows);
    if let Some(name) = at {
        form.go_to_named(name);
    }
    forms::open(state, form);
}

/// `/edit KEY VALUE`. The key is the name of a pair or its label.
fn edit(state: &mut State, id: &InteractionId, words: &str, out: &mut Vec<Effect>) {
    let (fields, described) = fields(state, id);
    // A label may have several words: the longest matching one wins.
    let begins = |name: &str| {
        let rest = words
            .get(name.len()..)
            .filter(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))?;
        let head = words.get(..name.len())?;
        (folded(head) == folded(name)).then(|| (name.len(), rest.trim().to_owned()))
    };
    let found = fields
        .iter()
        .filter_map(|field| {
            let (length, rest) = begins(&field.label).or_else(|| begins(&field.name))?;
            Some((length, field, rest))
        })
        .max_by_key(|(length, ..)| *length);
    let (field, value) = match found {
        Some((_, field, value)) => (field.clone(), value),
        None if described => {
            let names: Vec<&str> = fields.iter().map(|field| field.label.as_str()).collect();
            let words = format!("there is no such field; there are: {}", names.join(", "));
            return state.say(Level::Warning, words);
        }
        None => {
            let (name, value) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
            if name.starts_with("wa.") {
                return state.say(Level::Warning, "names that begin with wa. are the server's");
            }
            let label = Clean::line(name);
            let name = name.to_owned();
            let plain = CaseField {
                name,
                label,
                kind: FieldType::Text,
                read_only: false,
                mandatory: false,
                default: None,
            };
            if value.trim().is_empty() {
                return state.say(Level::Info, "there is no such pair; /edit NAME VALUE adds one");
            }
            (plain, value.trim().to_owned())
        }
    };
    if field.read_only {
        return state.say(Level::Warning, format!("{} can only be read", field.label));
    }
    if value.is_empty() {
        return show(state, id, Some(&field.name), false);
    }
    let value = field.kind.stored(&value);
    if let Err(sentence) = field.kind.check(&value) {
        return state.say(Level::Warning, format!("{}: {sentence}", field.label));
    }
    if online(state) {
        let pairs = vec![(field.name, value)];
        commit(state, id, &FormPurpose::Case { session: id.clone(), then_done: false }, pairs, out);
    }
}

/// Saves the changes of the form; reports a conflict first if somebody else has changed a field. Returns
/// whether the session must be finished now because nothing had to be saved.
pub(in crate::app) fn save(
    state: &mut State,
    purpose: &FormPurpose,
    filled: &[FilledField],
    out: &mut Vec<Effect>,
) -> bool {
    let FormPurpose::Case { session: id, then_done } = purpose else { return false };
    if !state.online() {
        let words = "there is no connection: what you have written stays here; save it again when it is back";
        forms::show_refusal(state, purpose, words);
        return false;
    }
    let Some(session) = state.by_id(id) else {
        forms::show_refusal(state, purpose, "the session is no longer yours: this cannot be saved");
        return false;
    };
    let data = session.interaction.user_data.clone();
    let changed: Vec<&FilledField> = filled
        .iter()
        .filter(|field| field.changed && field.value != case::value(&data, &field.name))
        .collect();
    let other = changed
        .iter()
        .find(|field| field.before.as_deref().unwrap_or_default() != case::value(&data, &field.name));
    if let Some(field) = other {
        let now = case::value(&data, &field.name);
        let name = field.name.clone();
        forms::show_conflict(state, purpose, &name, &now);
        return false;
    }
    let pairs: Vec<(String, String)> =
        changed.iter().map(|field| (field.name.clone(), field.value.clone())).collect();
    if pairs.is_empty() {
        forms::close(state, purpose);
        return *then_done;
    }
    commit(state, id, purpose, pairs, out);
    forms::mark_saving(state, purpose);
    false
}

fn commit(
    state: &mut State,
    id: &InteractionId,
    purpose: &FormPurpose,
    pairs: Vec<(String, String)>,
    out: &mut Vec<Effect>,
) {
    let Some(session) = state.by_id(id) else { return };
    let mut data = AttachedData::new();
    for (name, value) in pairs {
        // A number stays a number: other readers of the data expect it.
        let number = matches!(session.interaction.user_data.get(&name), Some(Value::Int(_)));
        match value.trim().parse::<i64>() {
            Ok(whole) if number => data.set(name, whole),
            _ => data.set(name, value),
        }
    }
    let request = Request::UpdateUserData { id: id.clone(), data: data.clone() };
    call(state, request, Awaited::Case(purpose.clone(), data), out);
}

/// The server has saved the case data. Returns whether the session must be finished now.
pub(in crate::app) fn saved(state: &mut State, purpose: &FormPurpose, data: &AttachedData) -> bool {
    let FormPurpose::Case { session: id, then_done } = purpose else { return false };
    if let Some(session) = state.by_id_mut(id) {
        session.interaction.user_data.merge(data);
    }
    forms::close(state, purpose);
    if !*then_done {
        state.say(Level::Good, "the case data is saved");
    }
    *then_done
}

/// The server refused the case data.
pub(in crate::app) fn failed(state: &mut State, purpose: &FormPurpose, words: &str) {
    let sentence = format!("the case data was not saved: {words}");
    if !forms::show_refusal(state, purpose, &sentence) {
        state.say(Level::Error, sentence);
    }
}

/// Asks for the mandatory fields before the session is finished. Returns whether any is empty.
pub(in crate::app) fn ask_missing(state: &mut State, id: &InteractionId) -> bool {
    let (fields, _) = fields(state, id);
    let Some(session) = state.by_id(id) else { return false };
    let missing = case::missing(&fields, &session.interaction.user_data);
    let Some(first) = missing.first().cloned() else { return false };
    show(state, id, Some(&first), true);
    let words = match missing.len() {
        1 => "a field must be filled in before the session is done".to_owned(),
        many => format!("{many} fields must be filled in before the session is done"),
    };
    state.say(Level::Warning, words);
    true
}

/// Expands or collapses the pairs attached by routing, where they are visible.
pub(in crate::app) fn routing_data(state: &mut State) {
    let Some(session) = state.session() else { return state.say(Level::Info, "there is no session") };
    let attribute = session.options.case_attribute.as_deref();
    let data = &session.interaction.user_data;
    if !session.options.case_shown || case_data::routing(&state.configuration, attribute, data).is_empty() {
        return state.say(Level::Info, "routing has attached nothing to this session");
    }
    let has_pane = state.layout().side.width > 0 || matches!(state.layers.last(), Some(Layer::Case(_)));
    state.routing_shown = !(state.routing_shown && has_pane);
    if !has_pane {
        state.layers.push(Layer::Case(0));
    }
}

/// Shows or hides the case data: beside the transcript, or in a layer when there is no room.
pub(in crate::app) fn toggle_pane(state: &mut State) {
    if state.size.0 >= layout::WITH_SIDE {
        state.side_pane = !state.side_pane;
    } else if state.session().is_some() {
        state.layers.push(Layer::Case(0));
    } else {
        state.say(Level::Info, "there is no session");
    }
}
