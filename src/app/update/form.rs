//! Forms: moving in one, writing in it, saving it, and what the server says to that.

use super::{case, contacts};
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::form::{Form, Purpose};
use crate::app::key::{Code, Key};
use crate::app::layer::{Choice, Confirm, Layer, Then};
use crate::app::notice::Level;
use crate::app::picker::{Item, Picker};
use crate::app::state::State;
use crate::domain::field::Kind;
use crate::text::Clean;
use crate::text::compose::Composer;

/// Opens a form over the desk.
pub(super) fn open(state: &mut State, form: Form) {
    state.layers.push(Layer::Form(Box::new(form)));
}

/// The form that takes the keys, or lies right below a list or a question.
fn top(state: &mut State) -> Option<&mut Form> {
    state.layers.iter_mut().rev().find_map(|layer| match layer {
        Layer::Form(form) => Some(&mut **form),
        _ => None,
    })
}

fn of<'a>(state: &'a mut State, purpose: &Purpose) -> Option<&'a mut Form> {
    state.layers.iter_mut().rev().find_map(|layer| match layer {
        Layer::Form(form) if form.purpose == *purpose => Some(&mut **form),
        _ => None,
    })
}

/// The form for that purpose was sent: it stays until the server has answered.
pub(super) fn sent(state: &mut State, purpose: &Purpose) {
    if let Some(form) = of(state, purpose) {
        form.saving = true;
    }
}

/// Closes the form for that purpose, with what lies over it.
pub(super) fn close(state: &mut State, purpose: &Purpose) {
    let at = state.layers.iter().rposition(|l| matches!(l, Layer::Form(form) if form.purpose == *purpose));
    if let Some(at) = at {
        state.layers.truncate(at);
    }
}

/// Says in the form for that purpose why it was not saved; nothing that was written is lost. False when it is
/// not open any more.
pub(super) fn refused(state: &mut State, purpose: &Purpose, words: &str) -> bool {
    let Some(form) = of(state, purpose) else { return false };
    form.saving = false;
    form.trouble = Some(Clean::line(words));
    true
}

/// Says in the form that somebody else changed a field meanwhile.
pub(super) fn overtaken(state: &mut State, purpose: &Purpose, name: &str, now: &str) {
    if let Some(form) = of(state, purpose) {
        form.overtaken(name, now);
    }
}

/// The connection is lost: what was sent may have arrived or not, and can be sent again.
pub(super) fn lost(state: &mut State) {
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

/// A key while a form is on top.
pub(super) fn key(state: &mut State, key: Key, action: Option<Action>, out: &mut Vec<Effect>) {
    if key == Key::plain(Code::Esc) || action == Some(Action::Quit) {
        return leave(state);
    }
    let screen = state.size.0;
    let Some(Layer::Form(form)) = state.layers.last_mut() else { return };
    let room = form.columns(screen).1;
    let lines = form.field().is_some_and(|field| matches!(field.kind, Kind::Lines) && !field.read_only);
    let alt = Key { alt: true, ..Key::plain(key.code) };
    match key.code {
        Code::Enter if key == Key::plain(Code::Enter) => {
            if form.add_row().is_some() {
                add(state);
            } else {
                submit(state, out);
            }
            return;
        }
        Code::Tab => form.go(true),
        Code::BackTab => form.go(false),
        Code::Up | Code::Down if key == Key::plain(key.code) => {
            let down = key.code == Code::Down;
            let mut moved = false;
            if lines {
                form.edit(|input| moved = if down { input.down(room) } else { input.up(room) });
            }
            if !moved {
                form.go(down);
            }
        }
        Code::PageUp | Code::PageDown => (0..5).for_each(|_| form.go(key.code == Code::PageDown)),
        Code::Insert => {
            form.make_primary();
        }
        Code::Delete if key == alt => {
            if !form.remove() {
                state.say(Level::Info, "this row cannot be taken away");
            }
        }
        _ if action == Some(Action::Links) => copy(state, out),
        _ if form.field().is_some_and(|field| !field.is_typed()) => return choose(state, key),
        _ => form.edit(|input| match action {
            Some(Action::Newline) if !lines => {}
            _ => super::keys::write_into(input, key, action, room),
        }),
    }
    noted(state, out);
}

/// Text was pasted into the form.
pub(super) fn paste(state: &mut State, text: &str, out: &mut Vec<Effect>) {
    let Some(form) = top(state) else { return };
    let lines = form.field().is_some_and(|field| matches!(field.kind, Kind::Lines));
    let text = if lines { text.to_owned() } else { super::keys::one_line(text) };
    form.edit(|input| input.paste(&text));
    noted(state, out);
}

/// A click on a row of the form.
pub(super) fn click(state: &mut State, place: usize) {
    let Some(Layer::Form(form)) = state.layers.last_mut() else { return };
    let before = form.focus();
    form.go_to(place);
    if form.add_row().is_some() && form.focus() == place {
        add(state);
    } else if before == place {
        // Once more opens the list, or changes a yes or no.
        choose(state, Key::plain(Code::Char(' ')));
    }
}

/// Something in a form may be kept while it is written.
fn noted(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(Layer::Form(form)) = state.layers.last()
        && let Purpose::Note(id) = &form.purpose
    {
        let (id, text) = (id.clone(), form.field().map(|field| field.value()).unwrap_or_default());
        super::note::keep(state, &id, &text, out);
    }
}

/// Esc: asks when something would be lost.
fn leave(state: &mut State) {
    let Some(Layer::Form(form)) = state.layers.last() else { return };
    // What is sent is not lost by closing, and a note is kept while it is written.
    let kept = matches!(form.purpose, Purpose::Note(_));
    if form.changed() && !form.saving && !kept {
        let text =
            "What you have changed here is not saved. Enter throws it away; Esc goes back to it.".into();
        state.layers.push(Layer::Confirm(Confirm { text, then: Then::DropForm }));
        return;
    }
    state.layers.pop();
}

/// A key on a list or a yes or no.
fn choose(state: &mut State, key: Key) {
    let Some(form) = top(state) else { return };
    let Some(field) = form.field().filter(|field| !field.read_only) else { return };
    let list = match &field.kind {
        Kind::Choice(list) => Some(list.clone()),
        Kind::Bool { .. } => None,
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
                    value: Choice::FormValue(named.name.clone()),
                })
                .collect();
            let at = list.iter().position(|named| named.name == own);
            if !mandatory {
                let value = Choice::FormValue(String::new());
                items.push(Item { label: "none".into(), detail: "take it away".into(), value });
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

/// A value was chosen for the field where one stands.
pub(super) fn chosen(state: &mut State, value: &str) {
    if let Some(field) = top(state).and_then(Form::field_mut) {
        field.set(value);
    }
}

/// A field was chosen to be added.
pub(super) fn added(state: &mut State, offer: usize) {
    if let Some(form) = top(state) {
        form.add(offer);
    }
}

fn add(state: &mut State) {
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
            value: Choice::FormAdd(place),
        })
        .collect();
    let picker = Picker::new(row.label.clone(), "nothing fits", items);
    state.layers.push(Layer::Pick(picker));
}

/// Copies what stands in the field: a link, an address, a number.
fn copy(state: &mut State, out: &mut Vec<Effect>) {
    let Some(value) = top(state).and_then(|form| form.field()).map(|field| field.value()) else { return };
    if value.trim().is_empty() {
        return state.say(Level::Info, "there is nothing in this field to copy");
    }
    out.push(Effect::Copy(value));
    state.say(Level::Good, "the field is on your clipboard");
}

/// Saves the form, if everything in it is right.
fn submit(state: &mut State, out: &mut Vec<Effect>) {
    let Some(Layer::Form(form)) = state.layers.last_mut() else { return };
    if form.saving {
        return;
    }
    form.trouble = None;
    if !form.check() {
        return;
    }
    let (purpose, filled) = (form.purpose.clone(), form.filled());
    match purpose {
        Purpose::Case { .. } => case::save(state, &purpose, &filled, out),
        Purpose::Template(ready) => super::reach::filled(state, &ready, &filled),
        Purpose::Contact(_) | Purpose::NewContact(_) => contacts::save(state, &purpose, &filled, out),
        Purpose::Note(id) => {
            let text = filled.first().map(|field| field.value.clone()).unwrap_or_default();
            super::note::save(state, &id, text, out);
        }
    }
}
