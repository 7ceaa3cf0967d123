//! The text of the notification bar, and where its notice is shown.
//!
//! Owns: the permanent parts (status, load, name, connection) and how much room they leave for a notice. A
//! notice never takes their room: one that does not fit beside them gets rows of its own below.

use crate::app::core::action::Action;
use crate::app::core::msg::Link;
use crate::app::core::state::State;
use crate::domain::agent::AgentState;
use crate::text::width::str_width;
use crate::text::wrap;
use std::time::Duration;

/// The rows of the screen for each row that a notice may take.
const ROWS_A_NOTICE: u16 = 6;
/// The minimum width in cells of a notice in the bar when it has no rows below: the name gives way to it.
const LEAST: u16 = 24;

/// From this width in columns on, the loss of the connection is spelled out.
const SPELLED_OUT: u16 = 100;

/// The text of the bar, in drawing order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bar {
    /// The agent's status, with its symbol.
    pub status: String,
    /// The load, the workbin and the name, as far as they fit.
    pub known: Vec<String>,
    /// The state of the connection.
    pub link: String,
    /// The notice, when it fits beside everything else.
    pub notice: Option<String>,
    /// The notice, when it has rows of its own.
    pub below: Option<String>,
}

impl Bar {
    /// Builds the bar from the state.
    pub fn of(state: &State) -> Self {
        let (width, height) = state.size;
        let mut bar =
            Self { status: status(state), link: format!("{} ", link(state, width)), ..Self::default() };
        // A notice may name a customer.
        let notice = state.notices.current().filter(|_| state.lock.is_none());
        let words = notice.map(|notice| {
            let more = match state.notices.waiting() {
                0 => String::new(),
                some => format!(" (+{some})"),
            };
            format!("{} {}{more}", notice.level.mark(), notice.text)
        });
        let has_rows = height >= ROWS_A_NOTICE;
        let kept = if words.is_some() && !has_rows { LEAST } else { 0 };
        let mut room = width.saturating_sub(str_width(&bar.link) + str_width(&bar.status) + 1);
        for (place, part) in permanent_parts(state).into_iter().enumerate() {
            let cells = str_width(&part) + 2;
            // The number of sessions is always shown.
            if cells <= if place == 0 { room } else { room.saturating_sub(kept) } {
                room -= cells;
                bar.known.push(part);
            }
        }
        // A notice that the session's header shows in full needs no rows below the bar.
        let trouble = state.session().and_then(|session| session.trouble.as_ref());
        let repeats = trouble.is_some_and(|trouble| {
            state.layers.is_empty() && notice.is_some_and(|notice| notice.text.ends_with(trouble.as_str()))
        });
        match words {
            Some(words) if !has_rows || repeats || str_width(&words) + 3 <= room => bar.notice = Some(words),
            words => bar.below = words,
        }
        bar
    }

    /// How many rows the notice below the bar takes on a screen of this size.
    pub fn rows_below(&self, (width, height): (u16, u16)) -> u16 {
        let rows = self.below.as_ref().map_or(0, |words| wrap::height(words, below_width(width)));
        u16::try_from(rows).unwrap_or(u16::MAX).min(height / ROWS_A_NOTICE)
    }
}

/// The width in columns of a notice below the bar.
pub fn below_width(width: u16) -> u16 {
    width.saturating_sub(2).max(1)
}

/// The end of a sentence that is cut off: it names the key that shows the whole sentence.
pub fn cut_mark(state: &State) -> String {
    match state.settings.keymap.hint(Action::Notices) {
        key if key.is_empty() => "…".to_owned(),
        key => format!("… {key}"),
    }
}

fn status(state: &State) -> String {
    // Supervisors have no channel on which they could be Ready.
    if state.me.as_ref().is_some_and(|me| me.oversees) {
        return " ◎ Supervisor ".to_owned();
    }
    let overall = state.overall();
    let mark = match overall.state {
        AgentState::Ready if overall.partial.is_some() => "◑",
        AgentState::Ready => "●",
        AgentState::NotReady => "○",
        AgentState::AfterCallWork => "◐",
        AgentState::DoNotDisturb => "⊘",
        AgentState::LoggedOut => "·",
    };
    let reason = overall.reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
    let partial = overall.partial.map_or(String::new(), |(on, of)| format!(" on {on} of {of}"));
    let since = state.channel.since.filter(|_| overall.state == AgentState::AfterCallWork);
    let minutes = since.map_or(0, |since| state.now.since(since).as_secs() / 60);
    let lasts = if minutes > 0 { format!(" {minutes} min") } else { String::new() };
    format!(" {mark} {}{partial}{reason}{lasts} ", overall.state.label())
}

/// The permanent parts, the most important first.
fn permanent_parts(state: &State) -> Vec<String> {
    let oversees = state.me.as_ref().is_some_and(|me| me.oversees);
    let load = match (state.sessions.len(), state.capacity) {
        (open, Some(most)) if !oversees => load(open, state.invitations.len(), most),
        (0, _) => String::new(),
        (1, _) => "1 session".to_owned(),
        (many, _) => format!("{many} sessions"),
    };
    let parked = match state.workbins.count() {
        0 => String::new(),
        some => format!("workbin {some}"),
    };
    let locked = if state.lock.is_some() { "locked".to_owned() } else { String::new() };
    let name = state.me.as_ref().map(|me| me.name.to_string()).unwrap_or_default();
    [locked, load, parked, name].into_iter().filter(|part| !part.is_empty()).collect()
}

/// `2/4`; with an invitation, which takes a place too, `2+1/4`.
fn load(open: usize, invitations: usize, most: usize) -> String {
    match invitations {
        0 => format!("{open}/{most}"),
        some => format!("{open}+{some}/{most}"),
    }
}

/// The state of the connection in words and, while it is up, its speed.
fn link(state: &State, width: u16) -> String {
    match &state.link {
        Link::Connecting => "connecting…".to_owned(),
        Link::Online { .. } => state.latency.map_or("", bars).to_owned(),
        Link::Lost { retry_at, .. } => {
            let seconds = retry_at.left_by_second(state.now).div_ceil(1000);
            let again =
                if seconds == 0 { "trying again…".to_owned() } else { format!("again in {seconds} s") };
            if width < SPELLED_OUT {
                format!("offline, {again}")
            } else {
                format!("connection lost, {again}")
            }
        }
        Link::Stopped { signed_out: true, .. } => "signed out".to_owned(),
        Link::Stopped { .. } => "disconnected".to_owned(),
    }
}

/// How fast requests are answered, as one of three symbols. A number would change all the time.
fn bars(latency: Duration) -> &'static str {
    match latency.as_millis() {
        0..60 => "▮▮▮",
        60..200 => "▮▮▯",
        200..600 => "▮▯▯",
        _ => "▯▯▯ slow",
    }
}
