//! The sessions in the workbins: two rows per session, tabs if there are several workbins.

use super::hit::HitMap;
use super::paint::{Canvas, StyledLine, row, short_duration, skip_columns};
use super::window::draw_frame;
use crate::app::core::columns::layer_width;
use crate::app::core::msg::ClickTarget;
use crate::app::features::workbins::{ParkedSession, WorkbinList};
use crate::app::{Action, State};
use crate::domain::window::{ReplyWindow, reply_window};
use ratatui::layout::{Position, Rect};

/// Rows of a session.
const ROWS: u16 = 2;

pub(super) fn draw(
    state: &State,
    list: WorkbinList,
    screen: Rect,
    canvas: &mut Canvas<'_>,
    hits: &mut HitMap,
) -> Option<Position> {
    let (theme, look) = (canvas.theme(), canvas.look);
    let all = &state.workbins.all;
    let items = all.get(list.tab).map(|workbin| workbin.items.as_slice()).unwrap_or_default();
    let most = screen.height.saturating_sub(4).max(1);
    let tabs = u16::from(all.len() > 1);
    let count = u16::try_from(items.len().max(1)).unwrap_or(u16::MAX);
    let wanted = if items.is_empty() { 1 } else { count.saturating_mul(ROWS) };
    let full = capacity_warning(state).filter(|_| !items.is_empty() && most > ROWS + 1);
    let said = u16::from(full.is_some());
    let rows = wanted.saturating_add(tabs + said).min(most);
    let title = match all.first().filter(|_| all.len() == 1) {
        Some(only) => format!("Workbin: {}", only.name),
        None => "Workbins".to_owned(),
    };
    let inside = draw_frame(&title, layer_width(screen.width), rows, screen, canvas);
    if inside.is_empty() {
        return None;
    }
    if tabs > 0 {
        let mut line = StyledLine::default();
        for (place, workbin) in all.iter().enumerate() {
            let style = if place == list.tab { theme.selected } else { theme.text };
            let words = format!(" {} {} ", workbin.name, workbin.items.len());
            line.push_text(&words, inside.width.saturating_sub(line.width() + 1), style, look);
            line.push_gap(1);
        }
        canvas.left(row(inside, 0), &line);
    }
    if let Some(words) = full {
        let mut line = StyledLine::default();
        line.push_sentence(&words, inside.width, theme.warning, look);
        canvas.left(row(inside, tabs), &line);
    }
    let above = tabs + said;
    let body = Rect { y: inside.y + above, height: inside.height.saturating_sub(above), ..inside };
    if items.is_empty() {
        let mut line = StyledLine::default();
        line.push_text("  Nothing is parked here.", body.width, theme.faint, look);
        canvas.left(row(body, 0), &line);
        return Some(Position::new(inside.x, inside.y));
    }
    let shown = usize::from((body.height / ROWS).max(1));
    let first = (list.selected + 1).saturating_sub(shown);
    let mut cursor = Position::new(body.x, body.y);
    for (y, (place, item)) in
        (0u16..).step_by(ROWS.into()).zip(items.iter().enumerate().skip(first).take(shown))
    {
        let area = Rect { y: body.y + y, height: ROWS.min(body.height.saturating_sub(y)), ..body };
        let chosen = place == list.selected;
        draw_session(state, item, chosen, area, canvas);
        hits.add(area, ClickTarget::Pick(place));
        if chosen {
            cursor = Position::new(area.x, area.y);
        }
    }
    let below = items.len().saturating_sub(first + shown);
    if below > 0 {
        let mut mark = StyledLine::default();
        mark.push(format!(" {} of {} ", list.selected + 1, items.len()), theme.faint);
        canvas.right(row(inside, 0), &mark);
    }
    Some(cursor)
}

/// Why no session can be taken back now. Invitations occupy a place too.
fn capacity_warning(state: &State) -> Option<String> {
    let (open, offered) = (state.sessions.len(), state.invitations.len());
    let most = state.capacity?;
    if open + offered < most {
        return None;
    }
    let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let sessions = counted(open, "session");
    let key = state.invitation_key(Action::Reject);
    Some(match offered {
        0 => format!("No free place: {sessions}. Finish or park one first"),
        _ if key.is_empty() => format!("No free place: {sessions} and {}", counted(offered, "invitation")),
        _ => format!(
            "No free place: {sessions} and {}. Reject the invitation ({key}) first",
            counted(offered, "invitation")
        ),
    })
}

fn draw_session(state: &State, item: &ParkedSession, chosen: bool, area: Rect, canvas: &mut Canvas<'_>) {
    let (theme, look) = (canvas.theme(), canvas.look);
    let on_row = |style: ratatui::style::Style| if chosen { theme.selected } else { style };
    for y in 0..area.height {
        canvas.tint(row(area, y), on_row(theme.text));
    }
    let mut right = StyledLine::default();
    right.push(reply_window_text(state, item), on_row(theme.faint));
    right.push(" ", on_row(theme.text));
    let mut left = StyledLine::default();
    left.push(if chosen { "▸ " } else { "  " }, on_row(theme.text));
    let room = area.width.saturating_sub(right.width() + 1);
    let party = &item.interaction.party;
    left.push_text(&party.display_name(), room.saturating_sub(left.width()), on_row(theme.title), look);
    if let Some(number) = party.display_number() {
        left.push("  ", on_row(theme.text));
        left.push_text(&number, room.saturating_sub(left.width()), on_row(theme.faint), look);
    }
    canvas.left(row(area, 0), &left);
    canvas.right(row(area, 0), &right);
    if area.height < ROWS {
        return;
    }
    let mut right = StyledLine::default();
    if let Some(since) = item.since {
        right.push(format!("since {} ", time_or_date(state, since)), on_row(theme.faint));
    }
    let room = area.width.saturating_sub(right.width() + 1);
    let mut left = StyledLine::default();
    left.push("  ", on_row(theme.text));
    let note = &item.interaction.comment;
    let words = room.saturating_sub(left.width());
    let half = if note.is_empty() { words } else { words / 2 };
    left.push_text(&item.last_words, half, on_row(theme.text), look);
    if !note.is_empty() {
        left.push(if item.last_words.is_empty() { "✎ " } else { "  ✎ " }, on_row(theme.faint));
        left.push_text(
            note.lines().next().unwrap_or_default(),
            room.saturating_sub(left.width()),
            on_row(theme.faint),
            look,
        );
    }
    let line = row(skip_columns(area, 0), 1);
    canvas.left(line, &left);
    canvas.right(line, &right);
}

/// The time of day, with the date if it is not today.
fn time_or_date(state: &State, at: crate::domain::Millis) -> String {
    let (then, today) = (at.in_zone(&state.zone), state.now.in_zone(&state.zone));
    let format = if then.date() == today.date() { "%H:%M" } else { "%-d %b %H:%M" };
    then.strftime(format).to_string()
}

fn reply_window_text(state: &State, item: &ParkedSession) -> String {
    match reply_window(item.interaction.window_ends, state.now) {
        ReplyWindow::Unknown => String::new(),
        ReplyWindow::Open(left) => format!("window {}", short_duration(left)),
        ReplyWindow::Closed => "window closed".to_owned(),
    }
}
