//! Invitations, one per row, each with its countdown. The chosen one shows its keys, and its details in a second row if
//! they do not fit into the first.

use super::hit::HitMap;
use super::paint::{Canvas, StyledLine, row, short_duration, skip_columns};
use crate::app::core::layout::has_second_row;
use crate::app::core::msg::ClickTarget;
use crate::app::features::invitations::{about, kind};
use crate::app::{Action, State};
use crate::domain::Millis;
use crate::domain::interaction::{Interaction, Offer, OfferKind};
use crate::text::width::str_width;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Cells of the countdown's bar.
const BAR: u16 = 10;
/// The least columns for a bar, and for labels before the keys.
const ROOMY: u16 = 60;
/// The least columns for the name of the medium.
const WIDE: u16 = 100;

pub(super) fn draw(state: &State, area: Rect, canvas: &mut Canvas<'_>, hits: &mut HitMap) {
    let count = state.invitations.len();
    let second = count > 0 && has_second_row(state);
    // Invitations that do not fit are counted in a separate row, if there is more than one row.
    let rows = usize::from(area.height).saturating_sub(usize::from(second));
    let shown = if count > rows && rows > 1 { rows - 1 } else { rows.min(count) };
    let first = (state.invitation + 1).saturating_sub(shown);
    let mut y = 0;
    for (place, invitation) in state.invitations.iter().enumerate().skip(first).take(shown) {
        draw_invitation(state, place, invitation, row(area, y), canvas, hits);
        y += 1;
        if second && place == state.invitation {
            draw_second_row(state, invitation, row(area, y), canvas);
            y += 1;
        }
    }
    if count > shown && rows > 1 {
        let mut line = StyledLine::default();
        line.push(format!("   +{} more", count - shown), canvas.theme().title);
        let next = state.invitation_key(Action::NextInvitation);
        if !next.is_empty() {
            line.push(format!("   {next}"), canvas.theme().key);
            line.push(" chooses the next", canvas.theme().faint);
        }
        canvas.left(row(area, y), &line);
    }
}

/// Draws invitations while the console is locked: their number and countdowns only. (Workspace: without case information.)
pub(super) fn draw_locked(state: &State, area: Rect, canvas: &mut Canvas<'_>) {
    let theme = canvas.theme();
    for (y, invitation) in (0..area.height).zip(&state.invitations) {
        let mut left = StyledLine::default();
        left.push("   ✆ WhatsApp  ", theme.faint);
        left.push_text("an invitation waits", area.width.saturating_sub(24), theme.text, canvas.look);
        let mut right = StyledLine::default();
        push_countdown(state.now, invitation.offer.as_ref(), area.width >= ROOMY, &mut right, canvas);
        right.push_gap(1);
        canvas.left(row(area, y), &left);
        canvas.right(row(area, y), &right);
    }
}

fn draw_invitation(
    state: &State,
    place: usize,
    invitation: &Interaction,
    area: Rect,
    canvas: &mut Canvas<'_>,
    hits: &mut HitMap,
) {
    let (theme, look) = (canvas.theme(), canvas.look);
    let chosen = place == state.invitation;
    let roomy = area.width >= ROOMY;

    // The right side is drawn first, with the same width in every row, so that the bars are aligned.
    let mut right = StyledLine::default();
    push_countdown(state.now, invitation.offer.as_ref(), roomy, &mut right, canvas);
    let mut keys = StyledLine::default();
    let mut buttons = Vec::new();
    for (action, target) in
        [(Action::Accept, ClickTarget::Accept(place)), (Action::Reject, ClickTarget::Reject(place))]
    {
        let key = state.invitation_key(action);
        let word = if roomy { format!("{} ", action.info().name) } else { String::new() };
        keys.push_gap(if roomy { 3 } else { 1 });
        let from = right.width() + keys.width();
        let live = (chosen && !key.is_empty()) || state.settings.mouse;
        keys.push(if live { word.clone() } else { " ".repeat(word.len()) }, theme.text);
        let blank = " ".repeat(str_width(&key).into());
        keys.push(if chosen { &key } else { &blank }, theme.key);
        if live {
            buttons.push((from, right.width() + keys.width() - from, target));
        }
    }
    if state.is_accepting(&invitation.id) {
        // As wide as the keys in their place, so that nothing moves.
        let cells = usize::from(keys.width());
        let words = if roomy { "   accepting…" } else { " …" };
        right.push(format!("{words:cells$}"), theme.faint);
        buttons.clear();
    } else {
        right.append(keys);
    }
    right.push_gap(1);

    let room = area.width.saturating_sub(right.width() + 2);
    let mut left = StyledLine::default();
    left.push(if chosen { " ▸ " } else { "   " }, theme.title);
    let name = invitation.party.display_name();
    if area.width >= WIDE {
        left.push("✆ WhatsApp  ", theme.faint);
    }
    left.push_text(
        &name,
        room.saturating_sub(left.width()),
        if chosen { theme.title } else { theme.text },
        look,
    );
    // The chosen one shows its kind in its second row. “New” is shown only where there is much room.
    let is_news = invitation.offer.as_ref().is_some_and(|offer| offer.kind != OfferKind::New);
    if !(chosen && has_second_row(state)) && (is_news || room >= ROOMY) {
        push_kind(state, invitation, room, &mut left, canvas);
    }
    push_details(state, invitation, room, &mut left, canvas);

    canvas.left(area, &left);
    let place = canvas.right(area, &right);
    for (from, width, target) in buttons {
        hits.add(Rect { width, ..skip_columns(place, from) }, target);
    }
}

/// Draws the kind of the invitation, the customer's waiting time, and the case data.
fn draw_second_row(state: &State, invitation: &Interaction, area: Rect, canvas: &mut Canvas<'_>) {
    let mut line = StyledLine::default();
    line.push_gap(3);
    let room = area.width.saturating_sub(4);
    push_kind(state, invitation, room, &mut line, canvas);
    let number = invitation.party.display_number().map(|number| number.to_string());
    for words in [about(state, invitation), number.unwrap_or_default()] {
        let left = room.saturating_sub(line.width() + 2);
        if !words.is_empty() && left >= 6 {
            line.push_gap(2);
            line.push_text(&words, left, canvas.theme().faint, canvas.look);
        }
    }
    canvas.left(area, &line);
}

/// Adds the kind of the invitation, and the customer's waiting time if there is room.
fn push_kind(state: &State, invitation: &Interaction, room: u16, line: &mut StyledLine, canvas: &Canvas<'_>) {
    let (theme, look) = (canvas.theme(), canvas.look);
    let left = |line: &StyledLine| room.saturating_sub(line.width() + 2);
    let Some(offer) = &invitation.offer else { return };
    if left(line) >= 8 {
        let gap = if line.width() > 3 { 2 } else { 0 };
        line.push_gap(gap);
        let style = if offer.kind == OfferKind::New { theme.faint } else { theme.internal };
        line.push_sentence(&kind(offer), left(line), style, look);
    }
    if let Some(since) = invitation.waiting_since {
        let words = format!("waits {}", short_duration(state.now.since(since)));
        if str_width(&words) <= left(line) {
            line.push_gap(2);
            line.push(words, theme.text);
        }
    }
}

/// Adds the first message. In a single row, also the number before it and the details after it, if there is room; the first
/// message matters most.
fn push_details(
    state: &State,
    invitation: &Interaction,
    room: u16,
    line: &mut StyledLine,
    canvas: &Canvas<'_>,
) {
    let (theme, look) = (canvas.theme(), canvas.look);
    let left = |line: &StyledLine| room.saturating_sub(line.width() + 2);
    let preview = invitation.offer.as_ref().and_then(|offer| offer.preview.as_ref());
    let first_words = preview.map_or(0, |words| str_width(words).min(26) + 4);
    let one_row = !has_second_row(state);
    if let Some(number) = invitation.party.display_number()
        && one_row
        && str_width(&number) + first_words <= left(line)
    {
        line.push_gap(2);
        line.push_text(&number, left(line), theme.faint, look);
    }
    let about = if one_row { about(state, invitation) } else { String::new() };
    if let Some(preview) = preview {
        let beside = str_width(&about) + 2;
        let wanted = str_width(preview) + 2;
        let cells = if left(line) >= beside + wanted.min(24) { left(line) - beside } else { left(line) };
        if cells >= 8 {
            line.push_gap(2);
            line.push("“", theme.text);
            line.push_text(preview, cells - 2, theme.text, look);
            line.push("”", theme.text);
        }
    }
    if !about.is_empty() && left(line) >= 6 {
        line.push_gap(2);
        line.push_text(&about, left(line), theme.faint, look);
    }
}

fn push_countdown(
    now: Millis,
    offer: Option<&Offer>,
    roomy: bool,
    line: &mut StyledLine,
    canvas: &Canvas<'_>,
) {
    let Some((lapses, offer)) = offer.and_then(|offer| Some((offer.lapses?, offer))) else { return };
    let theme = canvas.theme();
    // Counted in whole seconds of the clock, it must not start above the total.
    let most = offer.total.map_or(u128::MAX, |total| total.as_millis());
    let left = lapses.left_by_second(now).min(most);
    let seconds = left.div_ceil(1000);
    let style: Style = match seconds {
        0..=5 => theme.error,
        6..=10 => theme.warning,
        _ => theme.good,
    };
    if let Some(total) = offer.total.filter(|total| roomy && !total.is_zero()) {
        let tenths = (left * u128::from(BAR)).div_ceil(total.as_millis());
        let filled = usize::try_from(tenths).unwrap_or(0).min(BAR.into());
        line.push("█".repeat(filled), style);
        line.push("░".repeat(usize::from(BAR) - filled), theme.faint);
        line.push_gap(1);
    }
    line.push(format!("{}:{:02}", seconds / 60, seconds % 60), style);
}
