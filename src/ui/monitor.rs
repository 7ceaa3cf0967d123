//! Draws the supervisor's console: the desk on top, the sessions on the left, what is said on the right.
//!
//! There is no input box: what is typed narrows the list.

use super::input;
use super::layers::{pick, scrolled};
use super::paint::{Canvas, Line, after, fit, rect, row, waited};
use super::{Look, transcript};
use crate::app::blocks::count;
use crate::app::monitor::layout::heading_rows;
use crate::app::monitor::{ACTS, Act, Layer, Link, Monitor, Reading, Row, acts};
use crate::domain::InteractionId;
use crate::domain::pending::Urgency;
use crate::domain::window::{ReplyWindow, reply_window};
use crate::text::Clean;
use crate::text::width::str_width;
use crate::ui::HitMap;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use std::fmt::Write as _;

/// Bars of the small graphs, from nothing to the most.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const HOUR: u128 = 3_600_000;

/// Draws everything and puts the cursor into the filter.
pub fn draw(state: &Monitor, look: &Look, frame: &mut Frame<'_>) {
    let layout = state.layout();
    let screen = Rect::new(0, 0, state.size.0, state.size.1).intersection(frame.area());
    let mut canvas = Canvas::new(frame.buffer_mut(), look);
    head(state, rect(layout.head), &mut canvas);
    alerts(state, rect(layout.alerts), &mut canvas);
    let mut cursor = filter(state, rect(layout.filter), &mut canvas);
    list(state, rect(layout.list), !layout.panes.is_empty(), &mut canvas);
    let panes = state.panes();
    for (place, (id, area)) in panes.iter().zip(&layout.panes).enumerate() {
        pane(state, id, place == state.pane && panes.len() > 1, rect(*area), &mut canvas);
    }
    hints(rect(layout.hints), &mut canvas);
    let over = Rect { height: screen.height.saturating_sub(layout.hints.height), ..screen };
    match &state.layer {
        Some(Layer::Help(top)) => cursor = scrolled(help(canvas.look), *top, "Keys", over, &mut canvas),
        Some(Layer::Palette(picker)) => cursor = pick(picker, over, &mut canvas, &mut HitMap::default()),
        None => {}
    }
    if let Some(position) = cursor.filter(|position| screen.contains(*position)) {
        frame.set_cursor_position(position);
    }
}

/// How the desk stands: sessions and waiting, agents and service, queues.
fn head(state: &Monitor, area: Rect, canvas: &mut Canvas<'_>) {
    let (theme, look) = (canvas.theme(), canvas.look);
    canvas.tint(row(area, 0), theme.bar);
    let mut right = Line::default();
    let (words, style) = match &state.link {
        Link::Connecting => ("connecting…".to_owned(), theme.warning),
        Link::Online => ("read-only".to_owned(), theme.text),
        Link::Lost { retry_at, reason } => {
            let seconds = retry_at.left_by_second(state.now).div_ceil(1000);
            let reason = fit(&Clean::line(reason), area.width / 3);
            (format!("{reason}: again in {seconds} s"), theme.error)
        }
        Link::Stopped { reason } => (fit(&Clean::line(reason), area.width / 2), theme.error),
    };
    right.push(words, theme.bar.patch(style));
    right.push(" ", theme.bar);
    canvas.right(area, &right);
    let room = area.width.saturating_sub(right.width() + 1);
    let mut left = Line::default();
    left.push(" ◎ ", theme.bar.patch(theme.title));
    let mut words = format!("{} live", state.live());
    if state.plain.is_none() {
        let _ = write!(words, "  {} without an agent", state.queued());
    }
    left.words(&words, room.saturating_sub(3), theme.bar, look);
    let has_room = left.width() + 2 < room;
    if let Some(since) = state.longest().and_then(|row| row.waiting_since).filter(|_| has_room) {
        let (mark, style) = if state.is_longest_overdue() {
            let (mark, style) = theme.urgency(Urgency::Overdue);
            (format!("{mark} "), theme.bar.patch(style))
        } else {
            (String::new(), theme.bar)
        };
        left.push("  ", theme.bar);
        let words = format!("{mark}longest wait {}", waited(state.now.since(since)));
        left.words(&words, room.saturating_sub(left.width()), style, look);
    }
    if state.follows {
        left.words("  following the newest", room.saturating_sub(left.width()), theme.bar, look);
    }
    canvas.left(area, &left);
    agents(state, row(area, 1), canvas);
    queues(state, row(area, 2), canvas);
}

/// Agents by state, the service level, the day so far, the last hour.
fn agents(state: &Monitor, area: Rect, canvas: &mut Canvas<'_>) {
    if !state.seen {
        return;
    }
    let (theme, look) = (canvas.theme(), canvas.look);
    let mut second = Line::default();
    second.gap(1);
    let states: Vec<String> =
        state.agent_states().iter().map(|(name, many)| format!("{many} {name}")).collect();
    let mut words = if states.is_empty() { "no agents".to_owned() } else { states.join(" · ") };
    if let Some(plain) = state.plain {
        match plain.monitored {
            0 => {}
            1 => words.push_str("  │ 1 agent is monitored"),
            many => drop(write!(words, "  │ {many} agents are monitored")),
        }
        if plain.refused > 0 {
            let _ = write!(words, "  │ {} could not be monitored", plain.refused);
        }
        second.words(&Clean::line(&words), area.width.saturating_sub(2), theme.text, look);
        return canvas.left(area, &second);
    }
    let today = &state.today;
    let level = today.service_level().map_or("–".to_owned(), |level| format!("{level} %"));
    let _ = write!(words, "  │ in {} s: {level}", today.threshold);
    let _ =
        write!(words, "  │ today {} begun, {} answered, {} done", today.started, today.replied, today.done);
    if today.failed > 0 {
        let _ = write!(words, ", {} failed", today.failed);
    }
    if today.arrivals.iter().chain(&today.replies).any(|many| *many > 0) {
        let _ =
            write!(words, "  │ hour: begun {} answered {}", spark(&today.arrivals), spark(&today.replies));
    }
    second.words(&Clean::line(&words), area.width.saturating_sub(2), theme.text, look);
    canvas.left(area, &second);
}

fn queues(state: &Monitor, area: Rect, canvas: &mut Canvas<'_>) {
    let (theme, look) = (canvas.theme(), canvas.look);
    let mut third = Line::default();
    third.gap(1);
    if state.plain.is_some() {
        let words = "queues, service level and counts: not told by this server";
        third.words(words, area.width.saturating_sub(2), theme.faint, look);
        return canvas.left(area, &third);
    }
    let mut queues: Vec<_> = state.queues.iter().collect();
    queues.sort_by_key(|queue| std::cmp::Reverse(queue.waiting));
    let words: Vec<String> =
        queues.iter().map(|queue| format!("{} {}", queue.display_name, queue.waiting)).collect();
    third.words(&Clean::line(&words.join(" · ")), area.width.saturating_sub(2), theme.faint, look);
    canvas.left(area, &third);
}

/// The troubles of the account: the newest, and how many more there are.
fn alerts(state: &Monitor, area: Rect, canvas: &mut Canvas<'_>) {
    let Some(newest) = state.alerts.first().filter(|_| !area.is_empty()) else { return };
    let (theme, look) = (canvas.theme(), canvas.look);
    let mut right = Line::default();
    if state.alerts.len() > 1 {
        right.push(format!(" +{} more ", state.alerts.len() - 1), theme.error);
    }
    canvas.right(area, &right);
    let mut left = Line::default();
    left.push(" ⚠ ", theme.error);
    let room = area.width.saturating_sub(left.width() + right.width() + 1);
    left.words(&Clean::line(&format!("WhatsApp: {newest}")), room, theme.error, look);
    canvas.left(area, &left);
}

/// A small graph: one bar a value, the highest the most.
fn spark(values: &[u64]) -> String {
    let most = values.iter().copied().max().unwrap_or(0).max(1);
    let bar = |value: &u64| {
        let level = usize::try_from(value * 7 / most).unwrap_or(0);
        BARS.get(level).copied().unwrap_or('▁')
    };
    values.iter().map(bar).collect()
}

fn filter(state: &Monitor, area: Rect, canvas: &mut Canvas<'_>) -> Option<Position> {
    if area.is_empty() {
        return None;
    }
    let theme = canvas.theme();
    let mut right = Line::default();
    right.push(format!("{} of {}, by {} ", state.in_list(), state.live(), state.sort.label()), theme.faint);
    if right.width() + 20 > area.width {
        right = Line::default();
    }
    canvas.right(area, &right);
    let mut line = Line::default();
    line.push(" filter: ", theme.faint);
    let room = area.width.saturating_sub(line.width() + right.width() + 2);
    canvas.left(area, &line);
    let field = Rect { width: room, ..after(area, line.width()) };
    Some(input::draft(&state.filter, field, room, theme.text, canvas))
}

fn list(state: &Monitor, area: Rect, has_panes: bool, canvas: &mut Canvas<'_>) {
    if area.is_empty() {
        return;
    }
    let theme = canvas.theme();
    if has_panes {
        canvas.column(after(Rect { width: area.width + 1, ..area }, area.width), "│", theme.rule);
    }
    if state.in_list() == 0 {
        let words = match (&state.link, state.seen, state.live()) {
            (Link::Stopped { reason }, false, _) => &Clean::line(reason),
            (_, false, _) => "Reading the desk…",
            (_, true, 0) => "No live sessions.",
            _ => "No session fits the filter. Esc empties it.",
        };
        return transcript::centred(words, area, canvas);
    }
    // The headings are left out where there is room for sessions only.
    let headed = area.height >= 6;
    let area = if headed {
        headings(row(area, 0), canvas);
        Rect { y: area.y + 1, height: area.height - 1, ..area }
    } else {
        area
    };
    let window = state.window(usize::from(area.height));
    for (y, one) in (0..).zip(state.listed().skip(window.start).take(window.len())) {
        entry(state, one, row(area, y), canvas);
    }
}

/// The widths of the list's columns, in cells.
struct Columns {
    agent: u16,
    customer: u16,
    queue: u16,
    standing: u16,
    /// Whether there is a column for the reply window.
    window: bool,
}

/// Cells before the columns: choice, pin and mark.
const MARKS: u16 = 4;
/// Cells of the waiting time and of the reply window, with their spacing.
const WAITS: u16 = 7;
const WINDOW: u16 = 6;

impl Columns {
    fn of(width: u16) -> Self {
        let window = width >= 40;
        let right = WAITS + if window { WINDOW } else { 0 };
        let room = width.saturating_sub(MARKS + right);
        // Two fifths for the agent, the rest for the customer, and the queue where there is room for it.
        let queue = if room >= 44 { 14 } else { 0 };
        // Where there is more, the state in words.
        let standing = if room >= 60 { 9 } else { 0 };
        let agent = (room.saturating_sub(queue + standing)) * 2 / 5;
        Self { agent, customer: room.saturating_sub(agent + queue + standing), queue, standing, window }
    }
}

/// Writes a text into a column of so many cells.
fn column(line: &mut Line, words: &str, cells: u16, style: Style, look: &Look) {
    let before = line.width();
    line.words(words, cells.saturating_sub(1), style, look);
    line.gap((before + cells).saturating_sub(line.width()));
}

fn headings(area: Rect, canvas: &mut Canvas<'_>) {
    let (theme, look) = (canvas.theme(), canvas.look);
    let columns = Columns::of(area.width);
    let mut left = Line::default();
    left.gap(MARKS);
    for (words, cells) in [
        ("Agent", columns.agent),
        ("Customer", columns.customer),
        ("Queue", columns.queue),
        ("State", columns.standing),
    ] {
        column(&mut left, words, cells, theme.faint, look);
    }
    let mut right = Line::default();
    right.push(format!(" {:>6}", "Waits"), theme.faint);
    if columns.window {
        right.push(format!(" {:>4} ", "Left"), theme.faint);
    }
    canvas.left(area, &left);
    canvas.right(area, &right);
}

/// One session: mark, agent, customer, queue; waiting time and reply window at the right.
fn entry(state: &Monitor, one: &Row, area: Rect, canvas: &mut Canvas<'_>) {
    let (theme, look) = (canvas.theme(), canvas.look);
    let chosen = state.chosen.as_ref() == Some(&one.id);
    let (mark, style) = theme.urgency(one.urgency(state.now, state.thresholds));
    let mut right = Line::default();
    let waits = one.waiting_since.map(|since| waited(state.now.since(since))).unwrap_or_default();
    right.push(format!(" {waits:>6}"), style);
    let columns = Columns::of(area.width);
    if columns.window {
        right.push(format!(" {:>4} ", window(one, state)), theme.faint);
    }
    let mut left = Line::default();
    left.push(if chosen { "▌" } else { " " }, theme.title);
    left.push(if state.pins.contains(&one.id) { "◆" } else { " " }, theme.title);
    left.push(format!("{mark:<2}"), style);
    let agent = match (&one.agent, one.state.as_str()) {
        (Some(name), "Invited") => format!("{name}?"),
        (Some(name), "InWorkbin") => format!("({name})"),
        (Some(name), _) => name.to_string(),
        (None, _) => "–".to_owned(),
    };
    let base = if chosen { theme.title } else { theme.text };
    let of_agent = if one.agent.is_some() { base } else { theme.warning };
    column(&mut left, &agent, columns.agent, of_agent, look);
    column(&mut left, &one.customer, columns.customer, base, look);
    column(&mut left, &one.queue, columns.queue, theme.faint, look);
    column(&mut left, standing(one), columns.standing, theme.faint, look);
    canvas.left(area, &left);
    canvas.right(area, &right);
}

/// How a session stands, in a word.
fn standing(one: &Row) -> &'static str {
    match (&one.agent, one.state.as_str()) {
        (_, "Invited") => "offered",
        (_, "InWorkbin") => "parked",
        (None, _) => "queued",
        (Some(_), _) => "served",
    }
}

/// The reply window in a few cells.
fn window(one: &Row, state: &Monitor) -> String {
    match reply_window(one.window_ends, state.now) {
        ReplyWindow::Unknown => String::new(),
        ReplyWindow::Closed => "shut".to_owned(),
        ReplyWindow::Open(left) => match left.as_millis() {
            left if left >= HOUR => format!("{} h", left.div_ceil(HOUR)),
            left => format!("{} m", left.div_ceil(60_000)),
        },
    }
}

fn pane(state: &Monitor, id: &InteractionId, scrolled: bool, area: Rect, canvas: &mut Canvas<'_>) {
    if area.is_empty() {
        return;
    }
    let (theme, look) = (canvas.theme(), canvas.look);
    let Some(reading) = state.reading(id) else { return };
    let mut right = Line::default();
    if let Some(since) = state.row(id).and_then(|one| one.waiting_since) {
        let (mark, style) = state
            .row(id)
            .map(|one| theme.urgency(one.urgency(state.now, state.thresholds)))
            .unwrap_or_default();
        right.push(format!("{mark} waits {} ", waited(state.now.since(since))), style);
    }
    let mut left = Line::default();
    left.push(if scrolled { "▸" } else { " " }, theme.title);
    left.push(if state.pins.contains(id) { "◆" } else { "" }, theme.title);
    let room = area.width.saturating_sub(right.width() + 2);
    left.words(&reading.title, room, theme.title, look);
    let about = match state.row(id) {
        Some(one) => {
            format!("  {}  {}", one.agent.as_ref().map_or("waits for an agent", Clean::as_str), one.queue)
        }
        None if reading.over => "  over".to_owned(),
        None => String::new(),
    };
    // The ID that `deskline why` accepts is not cut before the names are.
    let name = Clean::line(id.as_str());
    let rows = heading_rows(area.height);
    if rows > 1 {
        let mut second = Line::default();
        let room = area.width.saturating_sub(1);
        second.words(&about, room.saturating_sub(str_width(&name) + 1), theme.faint, look);
        second.gap(2);
        second.words(&name, room.saturating_sub(second.width()), theme.faint, look);
        canvas.left(row(area, 1), &second);
    } else {
        left.words(&about, room.saturating_sub(left.width()), theme.faint, look);
    }
    let rule = area.width.saturating_sub(left.width() + right.width() + 2);
    left.gap(1);
    left.push("─".repeat(usize::from(rule)), theme.rule);
    canvas.left(row(area, 0), &left);
    canvas.right(row(area, 0), &right);
    let inside = Rect { y: area.y + rows, height: area.height.saturating_sub(rows), ..area };
    said(state, reading, inside, canvas);
}

fn said(state: &Monitor, reading: &Reading, area: Rect, canvas: &mut Canvas<'_>) {
    if area.is_empty() {
        return;
    }
    if let Some(trouble) = &reading.trouble {
        return transcript::centred(trouble, area, canvas);
    }
    let measure = reading.measure(area.width, &state.zone);
    if count(&measure) == 0 {
        let words = if reading.asked { "Reading the messages…" } else { "No messages yet." };
        return transcript::centred(words, area, canvas);
    }
    transcript::messages(&measure, reading.scroll, None, area, false, canvas, &mut HitMap::default());
}

fn hints(area: Rect, canvas: &mut Canvas<'_>) {
    if area.is_empty() {
        return;
    }
    let theme = canvas.theme();
    let mut line = Line::default();
    line.gap(1);
    let all = [
        (Act::Help, "keys"),
        (Act::Pin, "pin"),
        (Act::Longest, "longest wait"),
        (Act::Follow, "follow"),
        (Act::Sort, "sort"),
        (Act::Zoom, "whole screen"),
        (Act::Quit, "quit"),
    ];
    for (act, words) in all {
        let mut part = Line::default();
        part.push(acts::hint(act), theme.key);
        part.push(format!(" {words}  "), theme.faint);
        if line.width() + part.width() <= area.width {
            line.append(part);
        }
    }
    canvas.left(area, &line);
}

fn help(look: &Look) -> Vec<Line> {
    let theme = &look.theme;
    let mut lines = Vec::new();
    let mut intro = Line::default();
    intro.push("What you type narrows the list: agent, customer, number, queue or state.", theme.text);
    lines.push(intro);
    lines.push(Line::default());
    for (_, help, keys) in ACTS {
        let mut line = Line::default();
        line.push(format!("{:<18}", keys.join(", ")), theme.key);
        line.push(*help, theme.text);
        lines.push(line);
    }
    lines
}
