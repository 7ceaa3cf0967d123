//! Draws the supervisor's console: figures at the top, sessions on the left, messages on the right.
//!
//! There is no input box: typed text filters the list.

use super::hit::HitMap;
use super::input;
use super::look::Look;
use super::paint::{Canvas, StyledLine, rect, row, short_duration, skip_columns, truncate};
use super::picker;
use super::transcript;
use super::window::draw_scrolled;
use crate::app::core::blocks::count;
use crate::app::monitor::layout::heading_rows;
use crate::app::monitor::{
    MONITOR_ACTIONS, Monitor, MonitorAction, MonitorLayer, MonitorLink, MonitorRow, MonitoringCounts,
    TranscriptPane, actions,
};
use crate::domain::InteractionId;
use crate::domain::pending::Urgency;
use crate::domain::window::{ReplyWindow, reply_window};
use crate::proto::watch::Today;
use crate::text::Clean;
use crate::text::width::str_width;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use std::fmt::Write as _;

/// The bars of the graphs, from zero to the maximum.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const HOUR: u128 = 3_600_000;

/// Draws everything and puts the cursor into the filter.
pub fn draw(state: &Monitor, look: &Look, frame: &mut Frame<'_>) {
    let layout = state.layout();
    let screen = Rect::new(0, 0, state.size.0, state.size.1).intersection(frame.area());
    let mut canvas = Canvas::new(frame.buffer_mut(), look);
    draw_head(state, rect(layout.head), &mut canvas);
    draw_alerts(state, rect(layout.alerts), &mut canvas);
    let mut cursor = draw_filter(state, rect(layout.filter), &mut canvas);
    draw_list(state, rect(layout.list), !layout.panes.is_empty(), &mut canvas);
    let panes = state.panes();
    for (place, (id, area)) in panes.iter().zip(&layout.panes).enumerate() {
        draw_pane(state, id, place == state.pane && panes.len() > 1, rect(*area), &mut canvas);
    }
    draw_hints(rect(layout.hints), &mut canvas);
    let over = Rect { height: screen.height.saturating_sub(layout.hints.height), ..screen };
    match &state.layer {
        Some(MonitorLayer::Help(top)) => {
            cursor = draw_scrolled(help_rows(canvas.look), *top, "Keys", over, &mut canvas)
        }
        Some(MonitorLayer::Palette(picker)) => {
            cursor = picker::draw(picker, over, &mut canvas, &mut HitMap::default())
        }
        None => {}
    }
    if let Some(position) = cursor.filter(|position| screen.contains(*position)) {
        frame.set_cursor_position(position);
    }
}

/// Draws the figures: sessions and waiting times, agents and service level, queues.
fn draw_head(state: &Monitor, area: Rect, canvas: &mut Canvas<'_>) {
    let (theme, look) = (canvas.theme(), canvas.look);
    canvas.tint(row(area, 0), theme.bar);
    let mut right = StyledLine::default();
    let (words, style) = match &state.link {
        MonitorLink::Connecting => ("connecting…".to_owned(), theme.warning),
        MonitorLink::Online => ("read-only".to_owned(), theme.text),
        MonitorLink::Lost { retry_at, reason } => {
            let seconds = retry_at.left_by_second(state.now).div_ceil(1000);
            let reason = truncate(&Clean::line(reason), area.width / 3);
            (format!("{reason}: again in {seconds} s"), theme.error)
        }
        MonitorLink::Stopped { reason } => (truncate(&Clean::line(reason), area.width / 2), theme.error),
    };
    right.push(words, theme.bar.patch(style));
    right.push(" ", theme.bar);
    canvas.right(area, &right);
    let room = area.width.saturating_sub(right.width() + 1);
    let mut left = StyledLine::default();
    left.push(" ◎ ", theme.bar.patch(theme.title));
    let mut words = format!("{} live", state.live());
    if state.without_feed.is_none() {
        let _ = write!(words, "  {} without an agent", state.queued());
    }
    left.push_text(&words, room.saturating_sub(3), theme.bar, look);
    let has_room = left.width() + 2 < room;
    if let Some(since) = state.longest().and_then(|row| row.waiting_since).filter(|_| has_room) {
        let (mark, style) = if state.is_longest_overdue() {
            let (mark, style) = theme.urgency(Urgency::Overdue);
            (format!("{mark} "), theme.bar.patch(style))
        } else {
            (String::new(), theme.bar)
        };
        left.push("  ", theme.bar);
        let words = format!("{mark}longest wait {}", short_duration(state.now.since(since)));
        left.push_text(&words, room.saturating_sub(left.width()), style, look);
    }
    if state.follows {
        left.push_text("  following the newest", room.saturating_sub(left.width()), theme.bar, look);
    }
    canvas.left(area, &left);
    draw_figures(state, row(area, 1), row(area, 2), canvas);
}

/// Draws agents by state, the service level, the counts of the day and of the last hour; below them the queues.
fn draw_figures(state: &Monitor, agents: Rect, queues: Rect, canvas: &mut Canvas<'_>) {
    if let Some(plain) = state.without_feed {
        let words = "queues, service level and counts: not available from this server";
        draw_text(words, queues, canvas.theme().faint, canvas);
        let words = format!("{}{}", agents_by_state(state), monitored(plain));
        if state.has_page {
            draw_text(&words, agents, canvas.theme().text, canvas);
        }
        return;
    }
    if !state.has_page {
        return draw_text(&queues_by_waiting(state), queues, canvas.theme().faint, canvas);
    }
    let mut words = format!("{}  │ {}", agents_by_state(state), service_level(&state.today));
    let today = day_so_far(&state.today);
    // Counts that do not fit beside the service level are shown beside the queues.
    let fits = str_width(&words) + str_width(&today) + 5 < agents.width;
    if fits {
        let _ = write!(words, "  │ {today}");
        if let Some(hour) = last_hour(&state.today) {
            let _ = write!(words, "  │ {hour}");
        }
    }
    draw_text(&words, agents, canvas.theme().text, canvas);
    let mut rest = queues;
    if !fits {
        let mut right = StyledLine::default();
        right.push(format!("{today} "), canvas.theme().text);
        let drawn = canvas.right(queues, &right);
        rest.width = drawn.x.saturating_sub(queues.x);
    }
    draw_text(&queues_by_waiting(state), rest, canvas.theme().faint, canvas);
}

/// Writes text with an empty cell at either side.
fn draw_text(words: &str, area: Rect, style: Style, canvas: &mut Canvas<'_>) {
    let mut line = StyledLine::default();
    line.push_gap(1);
    line.push_text(&Clean::line(words), area.width.saturating_sub(2), style, canvas.look);
    canvas.left(area, &line);
}

fn agents_by_state(state: &Monitor) -> String {
    let states: Vec<String> =
        state.agent_states().iter().map(|(name, many)| format!("{many} {name}")).collect();
    if states.is_empty() { "no agents".to_owned() } else { states.join(" · ") }
}

fn monitored(plain: MonitoringCounts) -> String {
    let mut words = match plain.monitored {
        0 => String::new(),
        1 => "  │ 1 agent is monitored".to_owned(),
        many => format!("  │ {many} agents are monitored"),
    };
    if plain.refused > 0 {
        let _ = write!(words, "  │ {} could not be monitored", plain.refused);
    }
    words
}

fn service_level(today: &Today) -> String {
    let level = today.service_level().map_or("–".to_owned(), |level| format!("{level} %"));
    format!("Answered within {} s: {level}", today.threshold)
}

fn day_so_far(today: &Today) -> String {
    let mut words = format!("today {} begun, {} answered, {} done", today.started, today.replied, today.done);
    if today.failed > 0 {
        let _ = write!(words, ", {} failed", today.failed);
    }
    words
}

/// Graphs of the last hour, unless it is empty.
fn last_hour(today: &Today) -> Option<String> {
    let is_busy = today.arrivals.iter().chain(&today.replies).any(|many| *many > 0);
    is_busy
        .then(|| format!("hour: begun {} answered {}", sparkline(&today.arrivals), sparkline(&today.replies)))
}

fn queues_by_waiting(state: &Monitor) -> String {
    let mut queues: Vec<_> = state.queues.iter().collect();
    queues.sort_by_key(|queue| std::cmp::Reverse(queue.waiting));
    let words: Vec<String> =
        queues.iter().map(|queue| format!("{} {}", queue.display_name, queue.waiting)).collect();
    words.join(" · ")
}

/// Draws the newest problem of the account at WhatsApp, and how many more there are.
fn draw_alerts(state: &Monitor, area: Rect, canvas: &mut Canvas<'_>) {
    let Some(newest) = state.alerts.first().filter(|_| !area.is_empty()) else { return };
    let (theme, look) = (canvas.theme(), canvas.look);
    let mut right = StyledLine::default();
    if state.alerts.len() > 1 {
        right.push(format!(" +{} more ", state.alerts.len() - 1), theme.error);
    }
    canvas.right(area, &right);
    let mut left = StyledLine::default();
    left.push(" ⚠ ", theme.error);
    let room = area.width.saturating_sub(left.width() + right.width() + 1);
    left.push_text(&Clean::line(&format!("WhatsApp: {newest}")), room, theme.error, look);
    canvas.left(area, &left);
}

/// A graph with a bar per value, scaled to the highest.
fn sparkline(values: &[u64]) -> String {
    let most = values.iter().copied().max().unwrap_or(0).max(1);
    let bar = |value: &u64| {
        let level = usize::try_from(value * 7 / most).unwrap_or(0);
        BARS.get(level).copied().unwrap_or('▁')
    };
    values.iter().map(bar).collect()
}

fn draw_filter(state: &Monitor, area: Rect, canvas: &mut Canvas<'_>) -> Option<Position> {
    if area.is_empty() {
        return None;
    }
    let theme = canvas.theme();
    let mut right = StyledLine::default();
    right.push(format!("{} of {}, by {} ", state.in_list(), state.live(), state.sort.label()), theme.faint);
    if right.width() + 20 > area.width {
        right = StyledLine::default();
    }
    canvas.right(area, &right);
    let mut line = StyledLine::default();
    line.push(" filter: ", theme.faint);
    let room = area.width.saturating_sub(line.width() + right.width() + 2);
    canvas.left(area, &line);
    let field = Rect { width: room, ..skip_columns(area, line.width()) };
    Some(input::draw_text_field(&state.filter, field, room, theme.text, canvas))
}

fn draw_list(state: &Monitor, area: Rect, has_panes: bool, canvas: &mut Canvas<'_>) {
    if area.is_empty() {
        return;
    }
    let theme = canvas.theme();
    if has_panes {
        canvas.column(skip_columns(Rect { width: area.width + 1, ..area }, area.width), "│", theme.rule);
    }
    if state.in_list() == 0 {
        let words = match (&state.link, state.has_page, state.live()) {
            (MonitorLink::Stopped { reason }, false, _) => &Clean::line(reason),
            (_, false, _) => "Reading the sessions…",
            (_, true, 0) => "No live sessions.",
            _ => "No session matches the filter. Esc clears it.",
        };
        return transcript::draw_centred(words, area, canvas);
    }
    // Headings are left out when there is room for sessions only.
    let headed = area.height >= 6;
    let area = if headed {
        draw_headings(row(area, 0), canvas);
        Rect { y: area.y + 1, height: area.height - 1, ..area }
    } else {
        area
    };
    let window = state.window(usize::from(area.height));
    for (y, one) in (0..).zip(state.listed().skip(window.start).take(window.len())) {
        draw_entry(state, one, row(area, y), canvas);
    }
}

/// The widths of the list's columns, in cells.
struct Columns {
    agent: u16,
    customer: u16,
    queue: u16,
    state: u16,
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
        // Two fifths for the agent, the rest for the customer; the queue only if there is room.
        let queue = if room >= 44 { 14 } else { 0 };
        // With more room, the state in words.
        let state = if room >= 60 { 9 } else { 0 };
        let agent = (room.saturating_sub(queue + state)) * 2 / 5;
        Self { agent, customer: room.saturating_sub(agent + queue + state), queue, state, window }
    }
}

/// Writes a text into a column of `cells` cells.
fn push_column(line: &mut StyledLine, words: &str, cells: u16, style: Style, look: &Look) {
    let before = line.width();
    line.push_text(words, cells.saturating_sub(1), style, look);
    line.push_gap((before + cells).saturating_sub(line.width()));
}

fn draw_headings(area: Rect, canvas: &mut Canvas<'_>) {
    let (theme, look) = (canvas.theme(), canvas.look);
    let columns = Columns::of(area.width);
    let mut left = StyledLine::default();
    left.push_gap(MARKS);
    for (words, cells) in [
        ("Agent", columns.agent),
        ("Customer", columns.customer),
        ("Queue", columns.queue),
        ("State", columns.state),
    ] {
        push_column(&mut left, words, cells, theme.faint, look);
    }
    let mut right = StyledLine::default();
    right.push(format!(" {:>6}", "Waits"), theme.faint);
    if columns.window {
        right.push(format!(" {:>4} ", "Left"), theme.faint);
    }
    canvas.left(area, &left);
    canvas.right(area, &right);
}

/// Draws a session: mark, agent, customer, queue; waiting time and reply window at the right.
fn draw_entry(state: &Monitor, one: &MonitorRow, area: Rect, canvas: &mut Canvas<'_>) {
    let (theme, look) = (canvas.theme(), canvas.look);
    let chosen = state.chosen.as_ref() == Some(&one.id);
    let (mark, style) = theme.urgency(one.urgency(state.now, state.thresholds));
    let mut right = StyledLine::default();
    let waits = one.waiting_since.map(|since| short_duration(state.now.since(since))).unwrap_or_default();
    right.push(format!(" {waits:>6}"), style);
    let columns = Columns::of(area.width);
    if columns.window {
        right.push(format!(" {:>4} ", window(one, state)), theme.faint);
    }
    let mut left = StyledLine::default();
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
    push_column(&mut left, &agent, columns.agent, of_agent, look);
    push_column(&mut left, &one.customer, columns.customer, base, look);
    push_column(&mut left, &one.queue, columns.queue, theme.faint, look);
    push_column(&mut left, state_word(one), columns.state, theme.faint, look);
    canvas.left(area, &left);
    canvas.right(area, &right);
}

/// The state of a session, in a word.
fn state_word(one: &MonitorRow) -> &'static str {
    match (&one.agent, one.state.as_str()) {
        (_, "Invited") => "offered",
        (_, "InWorkbin") => "parked",
        (None, _) => "queued",
        (Some(_), _) => "served",
    }
}

/// The reply window in a few cells.
fn window(one: &MonitorRow, state: &Monitor) -> String {
    match reply_window(one.window_ends, state.now) {
        ReplyWindow::Unknown => String::new(),
        ReplyWindow::Closed => "shut".to_owned(),
        ReplyWindow::Open(left) => match left.as_millis() {
            left if left >= HOUR => format!("{} h", left.div_ceil(HOUR)),
            left => format!("{} m", left.div_ceil(60_000)),
        },
    }
}

fn draw_pane(state: &Monitor, id: &InteractionId, scrolled: bool, area: Rect, canvas: &mut Canvas<'_>) {
    if area.is_empty() {
        return;
    }
    let (theme, look) = (canvas.theme(), canvas.look);
    let Some(pane) = state.transcript(id) else { return };
    let mut right = StyledLine::default();
    if let Some(since) = state.row(id).and_then(|one| one.waiting_since) {
        let (mark, style) = state
            .row(id)
            .map(|one| theme.urgency(one.urgency(state.now, state.thresholds)))
            .unwrap_or_default();
        right.push(format!("{mark} waits {} ", short_duration(state.now.since(since))), style);
    }
    let mut left = StyledLine::default();
    left.push(if scrolled { "▸" } else { " " }, theme.title);
    left.push(if state.pins.contains(id) { "◆" } else { "" }, theme.title);
    let room = area.width.saturating_sub(right.width() + 2);
    left.push_text(&pane.title, room, theme.title, look);
    let about = match state.row(id) {
        Some(one) => {
            format!("  {}  {}", one.agent.as_ref().map_or("waits for an agent", Clean::as_str), one.queue)
        }
        None if pane.has_ended => "  over".to_owned(),
        None => String::new(),
    };
    // The ID for `deskline why` is kept longer than the names.
    let name = Clean::line(id.as_str());
    let rows = heading_rows(area.height);
    if rows > 1 {
        let mut second = StyledLine::default();
        let room = area.width.saturating_sub(1);
        second.push_text(&about, room.saturating_sub(str_width(&name) + 1), theme.faint, look);
        second.push_gap(2);
        second.push_text(&name, room.saturating_sub(second.width()), theme.faint, look);
        canvas.left(row(area, 1), &second);
    } else {
        left.push_text(&about, room.saturating_sub(left.width()), theme.faint, look);
    }
    let rule = area.width.saturating_sub(left.width() + right.width() + 2);
    left.push_gap(1);
    left.push("─".repeat(usize::from(rule)), theme.rule);
    canvas.left(row(area, 0), &left);
    canvas.right(row(area, 0), &right);
    let inside = Rect { y: area.y + rows, height: area.height.saturating_sub(rows), ..area };
    draw_messages(state, pane, inside, canvas);
}

fn draw_messages(state: &Monitor, pane: &TranscriptPane, area: Rect, canvas: &mut Canvas<'_>) {
    if area.is_empty() {
        return;
    }
    if let Some(error) = &pane.error {
        return transcript::draw_centred(error, area, canvas);
    }
    let measure = pane.measure(area.width, &state.zone);
    if count(&measure) == 0 {
        let words = if pane.is_reading { "Reading the messages…" } else { "No messages yet." };
        return transcript::draw_centred(words, area, canvas);
    }
    transcript::draw_messages(&measure, pane.scroll, None, area, false, canvas, &mut HitMap::default());
}

fn draw_hints(area: Rect, canvas: &mut Canvas<'_>) {
    if area.is_empty() {
        return;
    }
    let theme = canvas.theme();
    let mut line = StyledLine::default();
    line.push_gap(1);
    let all = [
        (MonitorAction::Help, "keys"),
        (MonitorAction::Pin, "pin"),
        (MonitorAction::Longest, "longest wait"),
        (MonitorAction::Follow, "follow"),
        (MonitorAction::Sort, "sort"),
        (MonitorAction::Zoom, "whole screen"),
        (MonitorAction::Quit, "quit"),
    ];
    for (act, words) in all {
        let mut part = StyledLine::default();
        part.push(actions::hint(act), theme.key);
        part.push(format!(" {words}  "), theme.faint);
        if line.width() + part.width() <= area.width {
            line.append(part);
        }
    }
    canvas.left(area, &line);
}

fn help_rows(look: &Look) -> Vec<StyledLine> {
    let theme = &look.theme;
    let mut lines = Vec::new();
    let mut intro = StyledLine::default();
    intro.push("Type to filter the list: agent, customer, number, queue or state.", theme.text);
    lines.push(intro);
    lines.push(StyledLine::default());
    for (_, help, keys) in MONITOR_ACTIONS {
        let mut line = StyledLine::default();
        line.push(format!("{:<18}", keys.join(", ")), theme.key);
        line.push(*help, theme.text);
        lines.push(line);
    }
    lines
}
