//! Keys for a form, and saving it in the feature that it belongs to.

use crate::app::core::action::Action;
use crate::app::core::effect::Effect;
use crate::app::core::form::FormPurpose;
use crate::app::core::forms;
use crate::app::core::key::{Code, Key};
use crate::app::core::layer::Layer;
use crate::app::core::notice::Level;
use crate::app::core::state::State;
use crate::app::core::typing::{one_line, write_into};
use crate::app::dispatch::finish;
use crate::app::features::case::update as case;
use crate::app::features::contacts::save as contact_save;
use crate::app::features::note::update as note;
use crate::app::features::reach::update as reach;
use crate::domain::field::FieldType;

/// Handles a key while a form is the topmost layer.
pub(in crate::app) fn key(state: &mut State, key: Key, action: Option<Action>, out: &mut Vec<Effect>) {
    if key == Key::plain(Code::Esc) || action == Some(Action::Quit) {
        return forms::leave(state);
    }
    let screen = state.size.0;
    let Some(Layer::Form(form)) = state.layers.last_mut() else { return };
    let room = form.columns(screen).1;
    let lines = form.field().is_some_and(|field| matches!(field.kind, FieldType::Lines) && !field.read_only);
    let alt = Key { alt: true, ..Key::plain(key.code) };
    match key.code {
        Code::Enter if key == Key::plain(Code::Enter) => {
            if form.add_row().is_some() {
                forms::add(state);
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
                state.say(Level::Info, "this row cannot be removed");
            }
        }
        _ if action == Some(Action::Links) => forms::copy(state, out),
        _ if form.field().is_some_and(|field| !field.is_typed()) => return forms::choose(state, key),
        _ => form.edit(|input| match action {
            Some(Action::Newline) if !lines => {}
            _ => write_into(input, key, action, room),
        }),
    }
    store_note(state, out);
}

/// Pastes text into the form.
pub(in crate::app) fn paste(state: &mut State, text: &str, out: &mut Vec<Effect>) {
    let Some(form) = forms::top(state) else { return };
    let lines = form.field().is_some_and(|field| matches!(field.kind, FieldType::Lines));
    let text = if lines { text.to_owned() } else { one_line(text) };
    form.edit(|input| input.paste(&text));
    store_note(state, out);
}

/// Stores a note while it is edited, if the topmost form is one.
pub(in crate::app) fn store_note(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(Layer::Form(form)) = state.layers.last()
        && let FormPurpose::Note(id) = &form.purpose
    {
        let (id, text) = (id.clone(), form.field().map(|field| field.value()).unwrap_or_default());
        note::keep(state, &id, &text, out);
    }
}

/// Saves the form, if all its fields are valid.
pub(in crate::app) fn submit(state: &mut State, out: &mut Vec<Effect>) {
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
        FormPurpose::Case { ref session, .. } => {
            if case::save(state, &purpose, &filled, out) {
                finish::continue_finishing(state, session, out);
            }
        }
        FormPurpose::Template(ready) => reach::filled(state, &ready, &filled),
        FormPurpose::Contact(_) | FormPurpose::NewContact(_) => {
            contact_save::save(state, &purpose, &filled, out)
        }
        FormPurpose::Note(id) => {
            let text = filled.first().map(|field| field.value.clone()).unwrap_or_default();
            note::save(state, &id, text, out);
        }
    }
}
