//! Reading a past session: keys scroll it, and typed text is searched.

use crate::app::core::action::Action;
use crate::app::core::columns::layer_width;
use crate::app::core::key::{Code, Key};
use crate::app::core::layer::Layer;
use crate::app::core::notice::Level;
use crate::app::core::state::State;
use crate::app::features::contacts::ContactsLayer;

/// Handles a key in the view of a past session: it scrolls, or changes the search text.
pub(in crate::app) fn read(state: &mut State, key: Key, action: Option<Action>) {
    let (width, height) = (layer_width(state.size.0), usize::from(state.layer_rows()));
    let Some(Layer::Contacts(ContactsLayer::Past(view))) = state.layers.last_mut() else { return };
    let total = view.rows(width).last().map_or(0, |(first, rows)| first + rows);
    let last = total.saturating_sub(height);
    let page = isize::try_from(height).unwrap_or(10);
    let moved = match key.code {
        Code::Up => Some(-1),
        Code::Down => Some(1),
        Code::PageUp => Some(-page),
        Code::PageDown => Some(page),
        Code::Home => Some(isize::MIN / 2),
        Code::End => Some(isize::MAX / 2),
        _ => None,
    };
    if let Some(rows) = moved {
        view.top = view.top.saturating_add_signed(rows).min(last);
        return;
    }
    let mut from_top = true;
    match (key.typed(), key.code, action) {
        (_, Code::Enter, _) => from_top = false,
        (Some(c), ..) => view.find.push(c),
        (_, Code::Backspace, _) => {
            view.find.pop();
        }
        _ => return,
    }
    if !view.find.is_empty() && !view.next_hit(width, from_top) {
        let words = format!("{:?} is not in that session", view.find);
        state.say(Level::Info, words);
    } else {
        view.top = view.top.min(last);
    }
}
