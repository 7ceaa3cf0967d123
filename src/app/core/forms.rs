//! Forms: moving the focus, editing, saving, and showing the server's answer.

use crate::app::core::effect::Effect;
use crate::app::core::form::{Form, FormPurpose};
use crate::app::core::key::{Code, Key};
use crate::app::core::layer::{Choice, Confirm, ConfirmAction, FormChoice, Layer};
use crate::app::core::notice::Level;
use crate::app::core::picker::{Item, Picker};
use crate::app::core::state::State;
use crate::domain::field::FieldType;
use crate::text::Clean;
use crate::text::compose::Composer;

/// Opens a form above everything else.
pub(in crate::app) fn open(state: &mut State, form: Form) {
    state.layers.push(Layer::Form(Box::new(form)));
}

/// The form that takes the keys, or that is directly below a list or a question.
pub(in crate::app) fn top(state: &mut State) -> Option<&mut Form> {
    state.layers.iter_mut().rev().find_map(|layer| match layer {
        Layer::Form(form) => Some(&mut **form),
        _ => None,
    })
}

fn of<'a>(state: &'a mut State, purpose: &FormPurpose) -> Option<&'a mut Form> {
    state.layers.iter_mut().rev().find_map(|layer| match layer {
        Layer::Form(form) if form.purpose == *purpose => Some(&mut **form),
        _ => None,
    })
}

/// Marks the form for this purpose as submitted: it stays open until the server has answered.
pub(in crate::app) fn mark_saving(state: &mut State, purpose: &FormPurpose) {
    if let Some(form) = of(state, purpose) {
        form.saving = true;
    }
}

/// Closes the form for this purpose and everything open above it.
pub(in crate::app) fn close(state: &mut State, purpose: &FormPurpose) {
    let at = state.layers.iter().rposition(|l| matches!(l, Layer::Form(form) if form.purpose == *purpose));
    if let Some(at) = at {
        state.layers.truncate(at);
    }
}

/// Shows in the form for this purpose why it was not saved; nothing typed is lost. Returns false when the form
/// is not open any more.
pub(in crate::app) fn show_refusal(state: &mut State, purpose: &FormPurpose, words: &str) -> bool {
    let Some(form) = of(state, purpose) else { return false };
    form.saving = false;
    form.trouble = Some(Clean::line(words));
    true
}

/// Shows in the form that somebody else has changed a field.
pub(in crate::app) fn show_conflict(state: &mut State, purpose: &FormPurpose, name: &str, now: &str) {
    if let Some(form) = of(state, purpose) {
        form.show_conflict(name, now);
    }
}

/// Reacts to a lost connection: a submitted form may have been saved or not, and can be submitted again.
pub(in crate::app) fn lost(state: &mut State) {
    for layer in &mut state.layers {
        if let Layer::Form(form) = layer
            && std::mem::take(&mut form.saving)
        {
            form.trouble = Some(
                "the connection was lost: it is not known whether this was saved. Save it again when it is back"
                    .into(),
            );
        }
    }
}

/// Handles a click on a row of the form.
pub(in crate::app) fn click(state: &mut State, place: usize) {
    let Some(Layer::Form(form)) = state.layers.last_mut() else { return };
    let before = form.focus();
    form.go_to(place);
    if form.add_row().is_some() && form.focus() == place {
        add(state);
    } else if before == place {
        // A second click opens the list, or toggles a yes/no field.
        choose(state, Key::plain(Code::Char(' ')));
    }
}

/// Closes the form (Esc); asks first when changes would be lost.
pub(in crate::app) fn leave(state: &mut State) {
    let Some(Layer::Form(form)) = state.layers.last() else { return };
    // Closing loses nothing once the form is submitted, and a note is stored while it is typed.
    let kept = matches!(form.purpose, FormPurpose::Note(_));
    if form.changed() && !form.saving && !kept {
        let text =
            "What you have changed here is not saved. Enter throws it away; Esc goes back to it.".into();
        state.layers.push(Layer::Confirm(Confirm { text, then: ConfirmAction::DropForm }));
        return;
    }
    state.layers.pop();
}

/// Handles a key on a list or a yes/no field.
pub(in crate::app) fn choose(state: &mut State, key: Key) {
    let Some(form) = top(state) else { return };
    let Some(field) = form.field().filter(|field| !field.read_only) else { return };
    let list = match &field.kind {
        FieldType::Choice(list) => Some(list.clone()),
        FieldType::Bool { .. } => None,
        _ => return,
    };
    match (key.code, list) {
        (Code::Left, _) => form.step(false),
        (Code::Right, _) => form.step(true),
        (Code::Backspace | Code::Delete, _) => {
            if let Some(field) = form.field_mut().filter(|field| !field.mandatory) {
                field.set("");
            }
        }
        (Code::Char(' '), None) => form.step(true),
        (Code::Char(_), Some(list)) if key.typed().is_some() => {
            let (title, mandatory, own) = (field.label.clone(), field.mandatory, field.value());
            let mut items: Vec<Item<Choice>> = list
                .iter()
                .map(|named| Item {
                    label: named.shown.clone(),
                    detail: Clean::default(),
                    value: Choice::Form(FormChoice::Value(named.name.clone())),
                })
                .collect();
            let at = list.iter().position(|named| named.name == own);
            if !mandatory {
                let value = Choice::Form(FormChoice::Value(String::new()));
                items.push(Item { label: "none".into(), detail: "clear the field".into(), value });
            }
            let mut picker = Picker::new(title, "nothing in the list fits", items);
            match key.typed().filter(|c| *c != ' ') {
                Some(c) => picker.edit(|query: &mut Composer| query.insert(c.encode_utf8(&mut [0; 4]))),
                None => picker.select(at.unwrap_or(0)),
            }
            state.layers.push(Layer::Pick(picker));
        }
        _ => {}
    }
}

/// Puts the chosen value into the focused field.
pub(in crate::app) fn set_value(state: &mut State, value: &str) {
    if let Some(field) = top(state).and_then(Form::field_mut) {
        field.set(value);
    }
}

/// Adds the chosen field to the form.
pub(in crate::app) fn add_offer(state: &mut State, offer: usize) {
    if let Some(form) = top(state) {
        form.add(offer);
    }
}

pub(in crate::app) fn add(state: &mut State) {
    let Some(form) = top(state) else { return };
    let Some(row) = form.add_row() else { return };
    if row.offers.len() == 1 {
        return form.add(0);
    }
    let items = row
        .offers
        .iter()
        .enumerate()
        .map(|(place, field)| Item {
            label: field.label.clone(),
            detail: Clean::default(),
            value: Choice::Form(FormChoice::Add(place)),
        })
        .collect();
    let picker = Picker::new(row.label.clone(), "nothing fits", items);
    state.layers.push(Layer::Pick(picker));
}

/// Copies the content of the focused field: a link, an address, a number.
pub(in crate::app) fn copy(state: &mut State, out: &mut Vec<Effect>) {
    let Some(value) = top(state).and_then(|form| form.field()).map(|field| field.value()) else { return };
    if value.trim().is_empty() {
        return state.say(Level::Info, "there is nothing in this field to copy");
    }
    out.push(Effect::Copy(value));
    state.say(Level::Good, "the field is on your clipboard");
}
