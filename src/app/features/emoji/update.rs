//! Emoji: chosen from a list, completed while typing, and inserted by name.

use crate::app::core::layer::{Choice, Layer};
use crate::app::core::notice::Level;
use crate::app::core::picker::{Item, Picker};
use crate::app::core::session::Session;
use crate::app::core::state::State;
use crate::text::Clean;

/// Opens the list of emoji; `/emoji heart` narrows it.
pub(in crate::app) fn pick(state: &mut State, words: &str) {
    let Some(session) = state.session() else {
        return state.say(Level::Info, "there is no session to write in");
    };
    let item = |(name, emoji): (String, String)| {
        let label = Clean::line(&format!("{emoji} {}", name.replace('_', " ")));
        Item { label, detail: Clean::line(&format!(":{name}:")), value: Choice::Emoji(emoji) }
    };
    let items = session.emojis.all().into_iter().map(item).collect();
    let mut picker = Picker::new("Emoji", "no emoji has that name", items);
    if !words.is_empty() {
        picker.edit(|query| query.insert(words));
    }
    state.layers.push(Layer::Pick(picker));
}

/// Completes an emoji name at the cursor.
pub(in crate::app) fn complete(session: &mut Session) -> bool {
    let Some((range, prefix)) = session.draft.emoji_prefix() else { return false };
    let Some((_, emoji)) = session.emojis.complete(prefix, 1).into_iter().next() else { return false };
    let (range, emoji) = (range.clone(), emoji.to_owned());
    session.draft.replace(range, &emoji);
    true
}

/// Turns a name whose second colon was just typed, such as `:tada:`, into its emoji; undo restores the name.
pub(in crate::app) fn close(session: &mut Session) {
    let cursor = session.draft.cursor();
    let Some(before) = session.draft.text().get(..cursor).and_then(|text| text.strip_suffix(':')) else {
        return;
    };
    let Some(start) = before.rfind(':') else { return };
    let Some(code) = before.get(start + 1..) else { return };
    if let Some(emoji) = session.emojis.lookup(code).map(str::to_owned) {
        session.draft.replace(start..cursor, &emoji);
    }
}
