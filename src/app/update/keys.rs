//! Keys and pastes: the topmost layer first, then the desk, then the input.

use super::{act, compose, contacts, disposition, emoji, form, lists, reach, workbins};
use crate::app::action::{ACTIONS, Action, Context};
use crate::app::effect::Effect;
use crate::app::key::{Code, Key};
use crate::app::layer::{Choice, Layer, Prompt, Purpose, Then};
use crate::app::layout;
use crate::app::notice::Level;
use crate::app::slash;
use crate::app::state::State;
use crate::domain::template::Template;
use crate::text::compose::Composer;
use crate::text::wrap;

/// The longest draft that a paste can make, in bytes: the same limit as for text from an editor.
const LONGEST_DRAFT: usize = 1024 * 1024;

/// The furthest that the topmost layer scrolls: about a page before its last row. Drawing shows its last
/// page for anything beyond that.
fn last_top(state: &State) -> usize {
    let width = layout::layer_width(state.size.0).saturating_sub(8);
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

/// A key.
pub(super) fn key(state: &mut State, key: Key, out: &mut Vec<Effect>) {
    // Who walks away locks the desk whatever is open; it is there again afterwards.
    if state.settings.keymap.action(key) == Some(Action::Lock) {
        return act::perform(state, Action::Lock, "", out);
    }
    if let Some(action) = state.settings.keymap.action(key).filter(|_| state.is_for_invitations(key)) {
        return act::perform(state, action, "", out);
    }
    if !state.layers.is_empty() {
        return in_layer(state, key, out);
    }
    if key == Key::plain(Code::Esc) {
        // Esc never deletes text: it takes a notice away, ends a search, or goes to the newest message.
        let now = state.now;
        let dismissed = state.notices.dismiss(now);
        if let Some(session) = state.session_mut()
            && session.search.take().is_none()
            && !dismissed
        {
            session.set_scroll(crate::app::scroll::Scroll::Bottom);
        }
        return;
    }
    match state.settings.keymap.action(key) {
        Some(action) if action.info().context == Context::Desk => act::perform(state, action, "", out),
        Some(action) => write(state, action, out),
        None if key.typed() == Some('/') && state.shown.is_none() => {
            let mut input = Composer::new();
            input.insert("/");
            state.layers.push(Layer::Prompt(Prompt {
                title: "Command".into(),
                input,
                purpose: Purpose::Command,
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
                compose::changed(state, out);
            }
        }
    }
}

/// A paste goes into what is being written, whatever it holds.
pub(super) fn paste(state: &mut State, text: &str, out: &mut Vec<Effect>) {
    if text == "\n" {
        return pasted_line(state, out);
    }
    match state.layers.last_mut() {
        Some(Layer::Prompt(prompt)) => return prompt.input.paste(&one_line(text)),
        Some(Layer::Form(_)) => return form::paste(state, text, out),
        Some(Layer::Dispositions(list)) => return list.edit(|query| query.paste(&one_line(text))),
        Some(layer) => {
            if let Some(picker) = layer.picker_mut() {
                picker.edit(|query| query.paste(one_line(text).as_str()));
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
        compose::changed(state, out);
    }
}

/// An Enter that arrived together with its line is not a key press: it sends nothing and chooses nothing.
fn pasted_line(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(layer) = state.layers.last() {
        if matches!(layer, Layer::Form(_)) {
            form::paste(state, "\n", out);
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
    compose::changed(state, out);
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An act of writing.
fn write(state: &mut State, action: Action, out: &mut Vec<Effect>) {
    if action == Action::Send {
        return compose::enter(state, out);
    }
    let width = layout::input_width(state.size.0);
    let Some(session) = state.session_mut() else { return };
    let before = session.draft.text().to_owned();
    if action == Action::CompleteEmoji && !emoji::complete(session) {
        // Tab completes a command too.
        let found = slash::complete(&before);
        if let Some((name, ..)) = found.first().filter(|_| !session.pasted_slash) {
            session.draft.set_text(format!("/{name} "));
            session.draft.buffer_end();
        }
    }
    edit(&mut session.draft, action, width);
    if session.draft.text() != before {
        compose::changed(state, out);
    }
}

/// Does an act of writing to a buffer; others pass.
fn edit(buffer: &mut Composer, action: Action, width: u16) {
    match action {
        Action::Newline => buffer.newline(),
        Action::Left => buffer.left(),
        Action::Right => buffer.right(),
        Action::WordLeft => buffer.word_left(),
        Action::WordRight => buffer.word_right(),
        Action::LineStart => buffer.home(),
        Action::LineEnd => buffer.end(),
        Action::Up if !buffer.up(width) => {
            buffer.history_prev();
        }
        Action::Down if !buffer.down(width) => {
            buffer.history_next();
        }
        Action::Backspace => buffer.backspace(),
        Action::Delete => buffer.delete(),
        Action::KillWordBack => buffer.kill_word_back(),
        Action::KillWord => buffer.kill_word_forward(),
        Action::KillLine => buffer.kill_to_start(),
        Action::KillToEnd => buffer.kill_to_end(),
        Action::Yank => buffer.yank(),
        Action::Undo => {
            buffer.undo();
        }
        Action::Redo => {
            buffer.redo();
        }
        _ => {}
    }
}

fn in_layer(state: &mut State, key: Key, out: &mut Vec<Effect>) {
    let action = state.settings.keymap.action(key);
    if let Some(Layer::Form(_)) = state.layers.last() {
        return form::key(state, key, action, out);
    }
    if key == Key::plain(Code::Esc) || action == Some(Action::Quit) {
        state.layers.pop();
        return;
    }
    if let Some(Layer::Dispositions(_)) = state.layers.last() {
        return disposition::key(state, key, action, out);
    }
    if let (Some(Layer::Case(_)), Some(Action::RoutingData)) = (state.layers.last(), action) {
        return act::perform(state, Action::RoutingData, "", out);
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
        Layer::Pick(_)
        | Layer::Targets(_)
        | Layer::People(_)
        | Layer::Templates(_)
        | Layer::Reach(_)
        | Layer::Responses(_) => in_list(state, key, action, page.unsigned_abs(), out),
        Layer::Prompt(prompt) => {
            if key.code == Code::Enter {
                finish_prompt(state, out);
            } else {
                type_into(&mut prompt.input, key, action);
            }
        }
        Layer::Form(_) | Layer::Dispositions(_) => {}
        Layer::Past(_) => contacts::read(state, key, action),
        Layer::Outside(_) => {
            if key.code == Code::Enter {
                reach::copy_link(state, out);
            }
        }
        Layer::Confirm(question) => {
            // The layer opened by itself: typing on returns to the session.
            let came = matches!(question.then, Then::Anyway { .. });
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
    let Some(picker) = state.layers.last_mut().and_then(Layer::picker_mut) else { return };
    match key.code {
        Code::Enter => return choose(state, out),
        Code::Up => picker.step(false),
        Code::Down => picker.step(true),
        Code::PageUp => picker.select(picker.selected().saturating_sub(page)),
        Code::PageDown => picker.select(picker.selected() + page),
        _ => {
            picker.edit(|query| type_into(query, key, action));
            return lists::typed(state, out);
        }
    }
    lists::moved(state, out);
}

/// Writes a key into a buffer of several lines that is so many columns wide.
pub(super) fn write_into(buffer: &mut Composer, key: Key, action: Option<Action>, width: u16) {
    match (key.typed(), action) {
        (Some(c), _) => buffer.insert(c.encode_utf8(&mut [0; 4])),
        (None, Some(Action::Up | Action::Down) | None) => {}
        (None, Some(action)) => edit(buffer, action, width),
    }
}

pub(super) fn type_into(buffer: &mut Composer, key: Key, action: Option<Action>) {
    if action != Some(Action::Newline) {
        write_into(buffer, key, action, u16::MAX);
    }
}

/// Chooses a row of the open list by its place, as with the mouse.
pub(super) fn pick(state: &mut State, place: usize, out: &mut Vec<Effect>) {
    if let Some(Layer::Dispositions(_)) = state.layers.last() {
        return disposition::pick(state, place, out);
    }
    if let Some(Layer::Workbins(list)) = state.layers.last() {
        let tab = list.tab;
        return workbins::pull(state, tab, place, out);
    }
    if let Some(picker) = state.layers.last_mut().and_then(Layer::picker_mut) {
        picker.select(place);
        choose(state, out);
    }
}

fn choose(state: &mut State, out: &mut Vec<Effect>) {
    let Some(picker) = state.layers.last().and_then(Layer::picker) else { return };
    let Some(choice) = picker.chosen().map(|item| item.value.clone()) else { return };
    // The list stays below what is filled in, so that Esc comes back to it.
    if let (Choice::Template(template), Some(Layer::Templates(list))) = (&choice, state.layers.last()) {
        let to = list.to.clone();
        return reach::picked(state, to, Template::clone(template));
    }
    let stays = matches!(&choice, Choice::Contact(pick) if contacts::stays(state, pick));
    if !stays {
        state.layers.pop();
    }
    act::chosen(state, choice, out);
}

fn finish_prompt(state: &mut State, out: &mut Vec<Effect>) {
    let Some(Layer::Prompt(prompt)) = state.layers.pop() else { return };
    let text = prompt.input.text().to_owned();
    match prompt.purpose {
        Purpose::Search(id) => act::search(state, &id, &text),
        Purpose::Reach(session) => reach::written(state, session, &text),
        Purpose::Command => match slash::parse(&text) {
            slash::Line::Command(action, arguments) => act::perform(state, action, &arguments, out),
            slash::Line::Words(_) | slash::Line::Unknown(_) => {
                let words = format!("there is no command {}; F1 lists them", text.trim());
                state.say(Level::Warning, words);
            }
        },
    }
}

fn confirm(state: &mut State, out: &mut Vec<Effect>) {
    if let Some(Layer::Confirm(confirm)) = state.layers.pop() {
        act::confirmed(state, confirm.then, out);
    }
}
