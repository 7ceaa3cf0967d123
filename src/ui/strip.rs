//! The line below the messages: typing, the byte limit, suggestions, and on the right the receivers and the size of the
//! draft.

use super::hints::short;
use super::hit::HitMap;
use super::paint::{Canvas, StyledLine, rect, skip_columns};
use crate::app::core::layout::Layout;
use crate::app::core::msg::ClickTarget;
use crate::app::core::scroll::Scroll;
use crate::app::core::session::Session;
use crate::app::core::slash;
use crate::app::{Action, State};
use crate::domain::monitoring::MonitorMode;
use crate::domain::transcript::{PendingMessage, SendState};
use crate::domain::window::{ReplyWindow, reply_window};
use crate::text::Clean;
use crate::text::width::str_width;
use ratatui::layout::Rect;

/// The most suggested emoji.
const EMOJI: usize = 8;

pub(super) fn draw(state: &State, layout: &Layout, canvas: &mut Canvas<'_>, hits: &mut HitMap) {
    let (theme, area) = (canvas.theme(), rect(layout.strip));
    if area.is_empty() {
        return;
    }
    canvas.rule(area, "─", theme.rule);
    for (pane, x) in [(layout.list, layout.list.width), (layout.side, layout.side.x.wrapping_sub(1))] {
        if pane.width > 0 && pane.height > 0 {
            canvas.rule(Rect { width: 1, ..skip_columns(area, x) }, "┴", theme.rule);
        }
    }
    let Some(session) = state.session() else { return };

    let mut right = StyledLine::default();
    push_destination(state, session, &mut right, area.width, canvas);
    let mut place = area;
    if right.width() + 2 <= area.width {
        place.width -= 1;
        let drawn = canvas.right(place, &right);
        place.width = drawn.x.saturating_sub(place.x);
    }

    let mut newest = StyledLine::default();
    if session.below > 0 {
        newest.push(format!(" {} new ↓ ", session.below), theme.title);
    } else if session.scroll != Scroll::Bottom {
        newest
            .push(format!(" {} ↓ newest ", short(&state.settings.keymap.hint(Action::Bottom))), theme.faint);
    }
    if newest.width() > 0 && newest.width() + 2 <= place.width {
        place.width -= 2;
        let drawn = canvas.right(place, &newest);
        hits.add(drawn, ClickTarget::Newest);
        place.width = drawn.x.saturating_sub(place.x);
    }

    let start = if layout.header.x > 1 { layout.header.x } else { 1 };
    let place = skip_columns(area, start).intersection(place);
    let mut left = StyledLine::default();
    draw_status(state, session, place.width.saturating_sub(2), &mut left, canvas);
    canvas.left(place, &left);
}

/// Adds the receivers of the draft, and its size. A command has no receivers.
fn push_destination(state: &State, session: &Session, line: &mut StyledLine, room: u16, canvas: &Canvas<'_>) {
    let theme = canvas.theme();
    let text = session.draft.text();
    if text.starts_with('/') && !text.starts_with("//") && !session.pasted_slash {
        line.push(" command ", theme.title);
        return;
    }
    if session.interaction.am_silent() {
        line.push(" you watch silently ", theme.faint);
        return;
    }
    if !session.is_internal() && is_closed(state, session) {
        line.push(" template only ", theme.warning);
        return;
    }
    let bytes = format!("{} / {} B ", session.draft.len_bytes(), session.options.max_text);
    if session.is_internal() {
        let coaches = session.interaction.monitor == Some(MonitorMode::Coach);
        let whom = if coaches { " ◆ TO THE AGENT ONLY " } else { " ◆ TO COLLEAGUES ONLY " };
        line.push(whom, theme.colleagues);
        // The receivers matter more than the size.
        if line.width() + str_width(&bytes) + 3 > room {
            return;
        }
        line.push_gap(1);
    } else {
        line.push(" to customer  ", theme.faint);
    }
    line.push(bytes, if session.over_limit() > 0 { theme.error } else { theme.faint });
}

/// Whether only a template can be sent.
fn is_closed(state: &State, session: &Session) -> bool {
    reply_window(session.interaction.window_ends, state.now) == ReplyWindow::Closed
}

/// Draws the most important status.
fn draw_status(state: &State, session: &Session, room: u16, line: &mut StyledLine, canvas: &Canvas<'_>) {
    let (theme, look) = (canvas.theme(), canvas.look);
    let over = session.over_limit();
    if over == 0 && draw_attachments(session, room, line, canvas) {
        return;
    }
    if over > 0 {
        let unit = if over == 1 { "byte" } else { "bytes" };
        let words = format!(" ⚠ {over} {unit} over the limit of {}: not sent ", session.options.max_text);
        return line.push_text(&words, room, theme.error, look);
    }
    if let Some((_, prefix)) = session.draft.emoji_prefix() {
        let found = session.emojis.complete(prefix, EMOJI);
        if !found.is_empty() {
            let key = short(&state.settings.keymap.hint(Action::CompleteEmoji));
            return draw_suggestions(
                line,
                room,
                &key,
                found.iter().map(|(name, emoji)| (format!("{emoji} {name}"), String::new())),
                canvas,
            );
        }
    }
    if !session.pasted_slash && draw_command(state, session, room, line, canvas) {
        return;
    }
    if let Some(search) = &session.search {
        let key = short(&state.settings.keymap.hint(Action::Search));
        let before = if state.can(Action::Search) { format!(" · {key} previous") } else { String::new() };
        let words =
            format!(" “{}” {} of {}{before} · Esc ends ", search.words, search.at + 1, search.hits.len());
        return line.push_text(&words, room, theme.text, look);
    }
    if session.held_until().is_some() {
        let back = short(&state.settings.keymap.hint(Action::TakeBack));
        let now = short(&state.settings.keymap.hint(Action::Send));
        // With text in the input, Enter sends that text, after the held message.
        let enter = if session.draft.is_empty() { format!(" · {now} sends it now") } else { String::new() };
        let words = format!(" held: {back} takes it back{enter} ");
        return line.push_text(&words, room, theme.text, look);
    }
    if is_closed(state, session) {
        let key = short(&state.settings.keymap.hint(Action::Reach));
        let words = format!(" ⚠ reply window closed: only a template · {key} chooses one ");
        return line.push_text(&words, room, theme.warning, look);
    }
    if let Some(words) = unsent_hint(state, session) {
        return line.push_text(&words, room, theme.warning, look);
    }
    if session.is_typing(state.now) {
        line.push_sentence(&format!(" {} is typing… ", session.name()), room, theme.text, look);
    }
}

/// The hint for messages that were refused, or that did not reach the waiting customer.
fn unsent_hint(state: &State, session: &Session) -> Option<String> {
    let refused = |pending: &PendingMessage| matches!(pending.state, SendState::Refused(_));
    let what = if !session.open_failures().is_empty() {
        "not delivered"
    } else if session.transcript.pending().iter().any(refused) {
        "not sent"
    } else {
        return None;
    };
    let keymap = &state.settings.keymap;
    let acts = [(Action::Retry, "sends it again"), (Action::TakeBack, "takes it back")];
    let acts = acts.map(|(act, words)| {
        let key = if state.can(act) { short(&keymap.hint(act)) } else { String::new() };
        (key, words)
    });
    let acts = acts.iter().filter(|(key, _)| !key.is_empty()).map(|(key, words)| format!(" · {key} {words}"));
    Some(format!(" ⚠ {what}{} ", acts.collect::<String>()))
}

/// Draws the files that are sent after the draft; false when there are none, or a command is being typed.
fn draw_attachments(session: &Session, room: u16, line: &mut StyledLine, canvas: &Canvas<'_>) -> bool {
    let files = &session.enclosures;
    let writing = session.draft.text().starts_with('/') && !session.pasted_slash;
    if files.is_empty() || writing || session.draft.emoji_prefix().is_some() {
        return false;
    }
    let names: Vec<&str> = files.iter().map(|one| one.file.name.as_str()).collect();
    let unit = if files.len() == 1 { "attachment" } else { "attachments" };
    let words = format!(" + {} {unit}: {} ", files.len(), names.join(", "));
    line.push_text(&Clean::line(&words), room, canvas.theme().title, canvas.look);
    let hint = "/detach removes one ";
    if line.width() + str_width(hint) <= room {
        line.push(hint, canvas.theme().faint);
    }
    true
}

/// Draws the meaning of a slash command, or its completions; false when the draft is not a command.
fn draw_command(
    state: &State,
    session: &Session,
    room: u16,
    line: &mut StyledLine,
    canvas: &Canvas<'_>,
) -> bool {
    let (theme, look) = (canvas.theme(), canvas.look);
    let text = session.draft.text();
    let found = slash::complete(text);
    if let [(name, arguments, help)] = found.as_slice() {
        let words = format!(" {}: {help} ", format!("/{name} {arguments}").trim_end());
        line.push_text(&words, room, theme.text, look);
        return true;
    }
    if !found.is_empty() {
        let key = short(&state.settings.keymap.hint(Action::CompleteEmoji));
        let commands = found.iter().map(|(name, arguments, _)| (format!("/{name}"), format!(" {arguments}")));
        draw_suggestions(line, room, &key, commands, canvas);
        return true;
    }
    match slash::parse(text) {
        slash::Line::Words(_) => return false,
        slash::Line::Command(action, _) => {
            line.push_text(&format!(" {} ", action.info().help), room, theme.text, look);
        }
        slash::Line::Unknown(name) => {
            let words =
                format!(" ! there is no command /{name}; type // to send text that starts with a slash ");
            line.push_text(&words, room, theme.warning, look);
        }
    }
    true
}

/// Draws suggestions, as many as fit; the key takes the first.
fn draw_suggestions(
    line: &mut StyledLine,
    room: u16,
    key: &str,
    things: impl Iterator<Item = (String, String)>,
    canvas: &Canvas<'_>,
) {
    let theme = canvas.theme();
    line.push_gap(1);
    if !key.is_empty() {
        line.push(format!("{key} "), theme.key);
    }
    let mut first = true;
    for (thing, rest) in things {
        let mut piece = StyledLine::default();
        piece.push_gap(if first { 0 } else { 2 });
        piece.push(thing, if first { theme.title } else { theme.text });
        piece.push(rest.trim_end(), theme.faint);
        if line.width() + piece.width() + 1 > room {
            break;
        }
        line.append(piece);
        first = false;
    }
    line.push_gap(1);
}
