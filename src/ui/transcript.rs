//! The visible messages.
//!
//! Only visible blocks are laid out, so the cost of a frame does not depend on the length of the session.

use super::hit::HitMap;
use super::paint::{Canvas, StyledLine, row};
use crate::app::core::blocks::{Align, BlockRow, Measure, Tone, count};
use crate::app::core::msg::{ClickTarget, Link};
use crate::app::core::scroll::Scroll;
use crate::app::features::search::{Hit, TranscriptSearch};
use crate::app::{Action, State};
use crate::domain::agent::AgentState;
use crate::text::bidi::{self, Bidi, Glyph};
use crate::text::fold::letters;
use crate::text::width::{cluster_width, clusters, str_width};
use crate::text::wrap::wrap;
use crate::text::{Clean, links, markup};
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use std::ops::Range;

/// Cells between a text and its time.
const TAIL_GAP: u16 = 2;

pub(super) fn draw(state: &State, area: Rect, gutter: bool, canvas: &mut Canvas<'_>, hits: &mut HitMap) {
    if area.is_empty() {
        return;
    }
    let Some(session) = state.session() else { return draw_centred(&no_session_text(state), area, canvas) };
    let measure = session.measure(area.width, &state.zone);
    let nothing = session.transcript.lines().is_empty() && session.transcript.pending().is_empty();
    if nothing && session.older.shown.is_empty() {
        let words = if session.reading.is_some() { "Reading the messages…" } else { "No messages yet." };
        return draw_centred(words, area, canvas);
    }
    draw_messages(&measure, session.scroll, session.search.as_ref(), area, gutter, canvas, hits);
}

/// Draws the messages of a transcript that are visible in an area.
pub(super) fn draw_messages(
    measure: &Measure<'_>,
    scroll: Scroll,
    search: Option<&TranscriptSearch>,
    area: Rect,
    gutter: bool,
    canvas: &mut Canvas<'_>,
    hits: &mut HitMap,
) {
    let blocks = count(measure);
    let (mut place, mut skip) = scroll.top(measure, area.height.into());
    let mut y = 0;
    while y < area.height && place < blocks {
        let rows = measure.block(place);
        let hit = measure.hit(place);
        let found = search.and_then(|search| SearchHighlight::of(search, hit?));
        let mut at = 0;
        for group in
            rows.chunk_by(|a, b| a.align == b.align && std::ptr::eq(a.text.as_str(), b.text.as_str()))
        {
            let from = skip.saturating_sub(at).min(group.len());
            let left = usize::from(area.height - y);
            let visible = from..group.len().min(from.saturating_add(left));
            if !visible.is_empty() && group.first().is_some_and(|row| row.tone == Tone::Older) {
                hits.add(row(area, y), ClickTarget::Older);
            }
            y += Paragraph::new(group, found.as_ref()).draw(visible, row_area(area, y), gutter, canvas);
            at += group.len();
        }
        place += 1;
        skip = 0;
    }
}

fn row_area(area: Rect, y: u16) -> Rect {
    Rect { y: area.y + y, height: area.height - y, ..area }
}

/// The rows of one text.
struct Paragraph<'a> {
    rows: &'a [BlockRow],
    /// Cells of the widest row with its tail.
    width: u16,
    rtl: bool,
    spans: Vec<markup::Span>,
    links: Vec<Range<usize>>,
    found: Vec<Range<usize>>,
    here: bool,
}

impl<'a> Paragraph<'a> {
    fn new(rows: &'a [BlockRow], found: Option<&SearchHighlight>) -> Self {
        let text = rows.first().map_or("", |row| row.text.as_str());
        let written = rows.first().is_some_and(|row| row.written);
        Self {
            rows,
            width: rows.iter().map(row_width).max().unwrap_or(0),
            rtl: bidi::is_rtl(text),
            spans: if written { markup::parse(text) } else { Vec::new() },
            links: if written { links::links(text) } else { Vec::new() },
            found: found.filter(|_| written).map(|found| found.find(text)).unwrap_or_default(),
            here: found.is_some_and(|found| found.here),
        }
    }

    /// Draws some of the rows; returns how many.
    fn draw(&self, visible: Range<usize>, area: Rect, gutter: bool, canvas: &mut Canvas<'_>) -> u16 {
        let mut y = 0;
        for part in self.rows.get(visible).unwrap_or_default() {
            self.row(part, row(area, y), canvas);
            if gutter && part.tone == Tone::Internal {
                // A mark beside text that the customer does not see, for screens without colour.
                let mark = Rect { x: area.right(), width: 1, ..row(area, y) };
                canvas.put(mark, "┊", canvas.theme().internal);
            }
            y += 1;
        }
        y
    }

    fn row(&self, part: &BlockRow, area: Rect, canvas: &mut Canvas<'_>) {
        let theme = canvas.theme();
        let width = row_width(part);
        let free = area.width.saturating_sub(self.width);
        let slack = self.width.saturating_sub(width);
        // The rows of a paragraph are aligned at their start, also on the right side.
        let indent = match part.align {
            Align::Left if self.rtl => slack,
            Align::Left => 0,
            Align::Right if self.rtl || part.part.is_empty() => free + slack,
            Align::Right => free,
            Align::Center => area.width.saturating_sub(width) / 2,
        };
        let mut x = area.x.saturating_add(indent);
        let gap = if part.part.is_empty() { 0 } else { TAIL_GAP };
        let tail = part.tail.as_ref().map(Clean::as_str);
        if let Some(tail) = tail.filter(|_| self.rtl) {
            x = canvas.put(after_x(area, x), tail, theme.faint).saturating_add(gap);
        }
        let base = theme.tone(part.tone);
        let words = part.text.get(part.part.clone()).unwrap_or_default();
        for glyph in glyphs(words, self.rtl, canvas.look.bidi) {
            let cluster = words.get(glyph.start..glyph.end).unwrap_or_default();
            let style = base.patch(self.style(part.part.start + glyph.start, canvas));
            let mut mirrored = [0; 4];
            let drawn = glyph.mirror.map_or(cluster, |mirror| mirror.encode_utf8(&mut mirrored));
            if !canvas.cluster(x, area.y, area.right(), drawn, style) {
                break;
            }
            x = x.saturating_add(cluster_width(cluster));
        }
        if let Some(tail) = tail.filter(|_| !self.rtl) {
            canvas.put(after_x(area, x.saturating_add(gap)), tail, theme.faint);
        }
    }

    /// The style that formatting, links and a search add at a byte of the text.
    fn style(&self, at: usize, canvas: &Canvas<'_>) -> Style {
        let theme = canvas.theme();
        let mut style = Style::new();
        let next = self.spans.partition_point(|span| span.end <= at);
        if let Some(span) = self.spans.get(next) {
            if span.style.mono {
                style = style.patch(theme.code);
            }
            for (on, modifier) in [
                (span.style.bold, Modifier::BOLD),
                (span.style.italic, Modifier::ITALIC),
                (span.style.strike, Modifier::CROSSED_OUT),
            ] {
                if on && !span.marker {
                    style = style.add_modifier(modifier);
                }
            }
            if span.marker {
                style = style.patch(theme.marker);
            }
        }
        if contains(&self.links, at) {
            style = style.patch(theme.link);
        }
        if contains(&self.found, at) {
            style = style.patch(if self.here { theme.found_here } else { theme.found });
        }
        style
    }
}

fn after_x(area: Rect, x: u16) -> Rect {
    Rect { x, width: area.right().saturating_sub(x), ..area }
}

fn contains(ranges: &[Range<usize>], at: usize) -> bool {
    ranges.get(ranges.partition_point(|range| range.end <= at)).is_some_and(|range| range.start <= at)
}

fn row_width(row: &BlockRow) -> u16 {
    let words = str_width(row.text.get(row.part.clone()).unwrap_or_default());
    let gap = if row.part.is_empty() { 0 } else { TAIL_GAP };
    words.saturating_add(row.tail.as_ref().map_or(0, |tail| str_width(tail).saturating_add(gap)))
}

fn glyphs(words: &str, rtl: bool, bidi: Bidi) -> Vec<Glyph> {
    if bidi == Bidi::App && (rtl || !words.is_ascii()) {
        return bidi::order(words, rtl);
    }
    let plain = |(start, cluster): (usize, &str)| Glyph { start, end: start + cluster.len(), mirror: None };
    clusters(words).map(plain).collect()
}

/// The search to highlight in one message.
struct SearchHighlight {
    needle: Vec<char>,
    /// Whether this message is the current match.
    here: bool,
}

impl SearchHighlight {
    fn of(search: &TranscriptSearch, hit: Hit) -> Option<Self> {
        // The oldest first, which are in the earliest session.
        let order = |hit: &Hit| (std::cmp::Reverse(hit.back), hit.index);
        search.hits.binary_search_by_key(&order(&hit), order).ok()?;
        let needle = letters(&search.words).into_iter().map(|(_, c)| c).collect();
        Some(Self { needle, here: search.hits.get(search.at) == Some(&hit) })
    }

    fn find(&self, text: &str) -> Vec<Range<usize>> {
        let folded = letters(text);
        let mut found: Vec<Range<usize>> = Vec::new();
        for window in folded.windows(self.needle.len().max(1)) {
            let same = window.iter().map(|(_, c)| c).eq(&self.needle);
            if let (true, Some((first, _)), Some((last, _))) = (same, window.first(), window.last())
                && found.last().is_none_or(|before| before.end <= first.start)
            {
                found.push(first.start..last.end);
            }
        }
        found
    }
}

/// The text when no session is open: what to do next.
fn no_session_text(state: &State) -> String {
    let key = |action: Action| state.settings.keymap.hint(action);
    match &state.link {
        Link::Connecting => return "Connecting to the server…".to_owned(),
        Link::Lost { .. } => {
            return "The connection is lost. deskline reconnects automatically.".to_owned();
        }
        Link::Stopped { reason, .. } => {
            return format!("{}\n{} quits.", Clean::line(reason), key(Action::Quit));
        }
        Link::Online { .. } => {}
    }
    if !state.sessions.is_empty() {
        let next = key(Action::NextSession);
        return format!(
            "The session is no longer yours. Your draft is kept.\n{next} shows the next session."
        );
    }
    if !state.invitations.is_empty() {
        return format!("No session. {} accepts the chosen invitation.", key(Action::Accept));
    }
    if state.me.as_ref().is_some_and(|me| me.oversees) {
        return format!("No session. {} monitors the sessions of an agent.", key(Action::Monitor));
    }
    let status = key(Action::Status);
    match state.channel.state {
        AgentState::Ready => "No session. You are Ready: invitations appear at the top.".to_owned(),
        AgentState::LoggedOut => "No session. You are not signed in on the channel yet.".to_owned(),
        other => {
            let reason = state.channel.reason.as_ref().map_or(String::new(), |reason| format!(" ({reason})"));
            format!(
                "No session. You are {}{reason}: you get no invitations.\n{status} changes your status.",
                other.label()
            )
        }
    }
}

/// Draws text in the middle of an area.
pub(super) fn draw_centred(words: &str, area: Rect, canvas: &mut Canvas<'_>) {
    let text = Clean::new(words);
    let rows = wrap(&text, area.width);
    let above = area.height.saturating_sub(u16::try_from(rows.len()).unwrap_or(u16::MAX)) / 2;
    for (y, part) in (above..area.height).zip(&rows) {
        let mut line = StyledLine::default();
        line.push_gap(area.width.saturating_sub(part.width) / 2);
        line.push_text(part.of(&text), area.width, canvas.theme().faint, canvas.look);
        canvas.left(row(area, y), &line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_match_covers_whole_letters_of_any_length() {
        for (words, text, expected) in [
            ("strasse", "Die Straße!", "Straße"),
            ("nguyen", "ông Nguyễn", "Nguyễn"),
            ("nguyen", "Nguye\u{302}\u{303}n ở đây", "Nguye\u{302}\u{303}n"),
            ("istanbul", "İSTANBUL'da", "İSTANBUL"),
            ("fin", "a \u{fb01}n b", "\u{fb01}n"),
            ("ab", "a\u{200b}b", "a\u{200b}b"),
        ] {
            let needle = letters(words).into_iter().map(|(_, c)| c).collect();
            let found = SearchHighlight { needle, here: true }.find(text);
            let hits: Vec<&str> = found.into_iter().filter_map(|range| text.get(range)).collect();
            assert_eq!(hits, [expected], "{words} in {text}");
        }
    }
}
