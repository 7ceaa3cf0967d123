//! Keys and pastes: the topmost layer handles them first, then global keys, then the input.

use crate::app::core::action::{ACTIONS, Action, Context};
use crate::app::core::drafts::draft_changed;
use crate::app::core::effect::Effect;
use crate::app::core::key::{Code, Key};
use crate::app::core::layer::{ConfirmAction, Layer, Prompt, PromptPurpose};
use crate::app::core::notice::Level;
use crate::app::core::state::State;
use crate::app::core::typing::{edit, one_line, type_into};
use crate::app::core::{columns, layout, slash};
use crate::app::dispatch::{commands, confirm, form_keys, lists, perform};
use crate::app::features::contacts::read as contact_read;
use crate::app::features::disposition::update as disposition;
use crate::app::features::emoji::update as emoji;
use crate::app::features::reach::{outside, update as reach};
use crate::app::features::search::update as search;
use crate::app::features::workbins::update as workbins;
use crate::text::compose::Composer;
use crate::text::wrap;

/// The longest draft that a paste can make, in bytes: the same limit as for text from an editor.
const LONGEST_DRAFT: usize = 1024 * 1024;

/// The maximum scroll position of the topmost layer: about a page before its last row. Drawing shows the last
/// page for anything beyond that.
fn last_top(state: &State) -> usize {
    let width = columns::layer_width(state.size.0).saturating_sub(8);
    let rows = match state.layers.last() {
        Some(Layer::Help(_)) => ACTIONS.len() + 10,
        Some(Layer::Notices(_)) => state.notices.newest_first().map(|n| wrap::height(&n.text, width)).sum(),
        Some(Layer::Case(_)) => state.session().map_or(0, |session| {
            session.interaction.case_data().count() + wrap::height(&session.interaction.comment, width) + 12
        }),
        _ => 0,
    };
    rows.saturating_sub(usize::from(state.layer_rows()) / 2)
}

/// Handles a key.
pub(in crate::app) fn key(state: &mut State, key: Key, out: &mut Vec<Effect>) {
    // The lock key works whatever is open; the layers are still there after unlocking.
    if state.settings.keymap.action(key) == Some(Action::Lock) {
        return perform::perform(state, Action::Lock, "", out);
    }
    if let Some(action) = state.settings.keymap.action(key).filter(|_| state.is_for_invitations(key)) {
        return perform::perform(state, action, "", out);
    }
    if !state.layers.is_empty() {
        return in_layer(state, key, out);
    }
    if key == Key::plain(Code::Esc) {
        // Esc never deletes text: it removes a notice, ends a search, or goes to the newest message.
        let now = state.now;
        let dismissed = state.notices.dismiss(now);
        if let Some(session) = state.session_mut()
            && session.search.take().is_none()
            && !dismissed
        {
            session.set_scroll(crate::app::core::scroll::Scroll::Bottom);
        }
        return;
    }
    match state.settings.keymap.action(key) {
        Some(action) if action.info().context == Context::Desk => perform::perform(state, action, "", out),
        Some(action) => write(state, action, out),
        None if key.typed() == Some('/') && state.shown.is_none() => {
            let mut input = Composer::new();
            input.insert("/");
            state.layers.push(Layer::Prompt(Prompt {
                title: "Command".into(),
                input,
                purpose: PromptPurpose::Command,
            }));
        }
        None => {
            if let Some(c) = key.typed()
                && let Some(session) = state.session_mut()
            {
                session.draft.insert(c.encode_utf8(&mut [0; 4]));
                if c == ':' {
                    emoji::close(session);
                }
                draft_changed(state, out);
            }
        }
    }
}

/// A paste goes into the current input, whatever it contains.
pub(in crate::app) fn paste(state: &mut State, text: &str, out: &mut Vec<Effect>) {
    if text == "\n" {
        return pasted_line(state, out);
    }
    match state.layers.last_mut() {
        Some(Layer::Prompt(prompt)) => return prompt.input.paste(&one_line(text)),
        Some(Layer::Form(_)) => return form_keys::paste(state, text, out),
        Some(Layer::Dispositions(list)) => return list.edit(|query| query.paste(&one_line(text))),
        Some(layer) => {
            if let Some(picker) = layer.list_mut() {
                picker.edit_query(&mut |query| query.paste(one_line(text).as_str()));
                lists::typed(state, out);
            }
            return;
        }
        None => {}
    }
    if let Some(session) = state.session_mut() {
        let at_start = session.draft.cursor() == 0;
        let room = LONGEST_DRAFT.saturating_sub(session.draft.len_bytes());
        let fits = text.get(..text.floor_char_boundary(room)).unwrap_or_default();
        session.draft.paste(fits);
        if at_start && session.draft.text().starts_with('/') {
            session.pasted_slash = true;
        }
        if fits.len() < text.len() {
            let words =
                "what you pasted is too long: its end was left out. A message has a limit too, shown below";
            state.say(Level::Warning, words);
        }
        draft_changed(state, out);
    }
}

/// An Enter that arrived together with its line is not a key press: it sends nothing and chooses nothing.
fn pasted_line(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(layer) = state.layers.last() {
        if matches!(layer, Layer::Form(_)) {
            form_keys::paste(state, "\n", out);
        }
        return state.say(Level::Info, "Looks pasted: press Enter to go on");
    }
    let Some(session) = state.session_mut() else { return };
    let told = std::mem::replace(&mut session.pasted_line, true);
    session.draft.paste("\n");
    session.pasted_slash |= session.draft.text().starts_with('/');
    if !told {
        state.say(Level::Info, "Looks pasted: press Enter to send");
    }
    draft_changed(state, out);
}

/// Applies an editing action to the draft.
fn write(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    if action == Action::Send {
        return commands::enter(state, out);
    }
    let width = layout::input_width(state.size.0);
    let Some(session) = state.session_mut() else { return };
    let before = session.draft.text().to_owned();
    if action == Action::CompleteEmoji && !emoji::complete(session) {
        // Tab also completes a command.
        let found = slash::complete(&before);
        if let Some((name, ..)) = found.first().filter(|_| !session.pasted_slash) {
            session.draft.set_text(format!("/{name} "));
            session.draft.buffer_end();
        }
    }
    edit(&mut session.draft, action, width);
    if session.draft.text() != before {
        draft_changed(state, out);
    }
}

fn in_layer(state: &mut State, key: Key, out: &mut Vec<Effect>) {
    let action = state.settings.keymap.action(key);
    if let Some(Layer::Form(_)) = state.layers.last() {
        return form_keys::key(state, key, action, out);
    }
    if key == Key::plain(Code::Esc) || action == Some(Action::Quit) {
        state.layers.pop();
        return;
    }
    if let Some(Layer::Dispositions(_)) = state.layers.last() {
        return disposition::key(state, key, action, out);
    }
    if let (Some(Layer::Case(_)), Some(Action::RoutingData)) = (state.layers.last(), action) {
        return perform::perform(state, Action::RoutingData, "", out);
    }
    let page = isize::try_from(state.layer_rows()).unwrap_or(10);
    let last = last_top(state);
    let Some(layer) = state.layers.last_mut() else { return };
    match layer {
        Layer::Help(top) | Layer::Notices(top) | Layer::Case(top) => {
            let rows = match key.code {
                Code::Up => -1,
                Code::Down => 1,
                Code::PageUp => -page,
                Code::PageDown | Code::Char(' ') => page,
                Code::Home => isize::MIN / 2,
                Code::End => isize::MAX / 2,
                _ => {
                    state.layers.pop();
                    return;
                }
            };
            *top = top.saturating_add_signed(rows).min(last);
        }
        Layer::Workbins(_) => workbins::key(state, key, out),
        Layer::Reach(layer) if layer.list().is_none() => {
            if key.code == Code::Enter {
                outside::copy_link(state, out);
            }
        }
        Layer::Contacts(layer) if layer.list().is_none() => contact_read::read(state, key, action),
        Layer::Pick(_) | Layer::Targets(_) | Layer::Contacts(_) | Layer::Reach(_) | Layer::Responses(_) => {
            in_list(state, key, action, page.unsigned_abs(), out);
        }
        Layer::Prompt(prompt) => {
            if key.code == Code::Enter {
                finish_prompt(state, out);
            } else {
                type_into(&mut prompt.input, key, action);
            }
        }
        Layer::Form(_) | Layer::Dispositions(_) => {}
        Layer::Confirm(question) => {
            // The question opened by itself: more typing returns to the session.
            let came = matches!(question.then, ConfirmAction::Anyway { .. });
            if key.code == Code::Enter {
                confirm(state, out);
            } else if came && key.typed().is_some() {
                state.layers.pop();
                self::key(state, key, out);
            }
        }
    }
}

fn in_list(state: &mut State, key: Key, action: Option<Action>, page: usize, out: &mut Vec<Effect>) {
    if let Some(act) = state.settings.keymap.in_list(key) {
        return lists::perform(state, act, out);
    }
    let Some(picker) = state.layers.last_mut().and_then(Layer::list_mut) else { return };
    match key.code {
        Code::Enter => return lists::take(state, out),
        Code::Up => picker.step(false),
        Code::Down => picker.step(true),
        Code::PageUp => picker.select(picker.selected().saturating_sub(page)),
        Code::PageDown => picker.select(picker.selected() + page),
        _ => {
            picker.edit_query(&mut |query| type_into(query, key, action));
            return lists::typed(state, out);
        }
    }
    lists::moved(state, out);
}

/// Selects the row of the open list at this index, as with the mouse.
pub(in crate::app) fn pick(state: &mut State, place: usize, out: &mut Vec<Effect>) {
    if let Some(Layer::Dispositions(_)) = state.layers.last() {
        return disposition::pick(state, place, out);
    }
    if let Some(Layer::Workbins(list)) = state.layers.last() {
        let tab = list.tab;
        return workbins::pull(state, tab, place, out);
    }
    if let Some(picker) = state.layers.last_mut().and_then(Layer::list_mut) {
        picker.select(place);
        lists::take(state, out);
    }
}

fn finish_prompt(state: &mut State, out: &mut Vec<Effect>) {
    let Some(Layer::Prompt(prompt)) = state.layers.pop() else { return };
    let text = prompt.input.text().to_owned();
    match prompt.purpose {
        PromptPurpose::Search(id) => search::search(state, &id, &text),
        PromptPurpose::Reach(session) => reach::open_for_value(state, session, &text),
        PromptPurpose::Command => match slash::parse(&text) {
            slash::Line::Command(action, arguments) => perform::perform(state, action, &arguments, out),
            slash::Line::Words(_) | slash::Line::Unknown(_) => {
                let words = format!("there is no command {}; F1 lists them", text.trim());
                state.say(Level::Warning, words);
            }
        },
    }
}

fn confirm(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(Layer::Confirm(confirm)) = state.layers.pop() {
        confirm::confirmed(state, confirm.then, out);
    }
}
