//! WhatsApp's text formatting.
//!
//! Owns: what is bold, italic, struck, mono, a quote or a list in a text. WhatsApp: `*bold*` `_italic_`
//! `~strike~` `` `code` `` and blocks between three backticks; a line may start with `> `, `* `, `- ` or
//! `1. `. Marks touch the text, are at word edges, may nest, and do not extend over the end of a line; blocks may.
//! Must not: remove anything. Marks stay in the text, flagged, so that byte positions stay valid.
//! Invariant: the spans cover the text in order, without gaps, and never cut a cluster.

use crate::text::width::clusters;

/// How many open marks are searched for a partner. The limit keeps a line with a million marks cheap.
const MAX_OPEN: usize = 32;

/// The formatting of a span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    pub bold: bool,
    pub italic: bool,
    pub strike: bool,
    /// Between backticks.
    pub mono: bool,
    /// On a line that starts with `> `.
    pub quote: bool,
    /// On a line that starts with `* ` or `- `.
    pub bullet: bool,
    /// On a line that starts with `1. ` or another number.
    pub number: bool,
}

/// A part of the text with one formatting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
    pub style: Style,
    /// Whether the span is the marks themselves, which are drawn dim.
    pub marker: bool,
}

/// Finds the formatting of one message. An empty text has no spans.
pub fn parse(text: &str) -> Vec<Span> {
    let mut scan = Scan { clusters: clusters(text).collect(), ..Scan::default() };
    scan.run();
    scan.found.sort_by_key(|mark| mark.at);
    paint(text.len(), &scan.found)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Bold,
    Italic,
    Strike,
    Mono,
}

#[derive(Clone, Copy, Debug)]
enum LineKind {
    Quote,
    Bullet,
    Number,
}

#[derive(Clone, Copy, Debug)]
enum MarkEffect {
    Open(Mark),
    Close(Mark),
    Begin(LineKind),
    /// The newline.
    End,
}

/// A mark in the text. `at` and `len` are in bytes.
#[derive(Clone, Copy, Debug)]
struct FoundMark {
    at: usize,
    len: usize,
    effect: MarkEffect,
}

#[derive(Default)]
struct Scan<'a> {
    clusters: Vec<(usize, &'a str)>,
    found: Vec<FoundMark>,
    /// Marks of this line that are not closed yet, as indexes of clusters.
    open: Vec<(usize, Mark)>,
    /// The rest of the text holds no other block.
    no_more_blocks: bool,
}

impl Scan<'_> {
    fn run(&mut self) {
        let mut i = 0;
        let mut line_start = true;
        while let Some(cluster) = self.cluster(i) {
            if std::mem::take(&mut line_start)
                && let Some((len, line)) = self.line_mark(i)
            {
                self.push(i, len, MarkEffect::Begin(line));
                i += len;
                continue;
            }
            i = match cluster {
                "\n" | "\r\n" => {
                    self.end_line(i);
                    line_start = true;
                    i + 1
                }
                "`" if self.is_fence(i) => self.block(i),
                "`" => self.code(i),
                "*" => self.pair(i, Mark::Bold),
                "_" => self.pair(i, Mark::Italic),
                "~" => self.pair(i, Mark::Strike),
                _ => i + 1,
            };
        }
    }

    fn cluster(&self, i: usize) -> Option<&str> {
        self.clusters.get(i).map(|(_, cluster)| *cluster)
    }

    fn push(&mut self, i: usize, count: usize, effect: MarkEffect) {
        let at = |i: usize| self.clusters.get(i).map(|(at, _)| *at);
        let Some(start) = at(i) else { return };
        // The clusters of a mark are ASCII, a byte each, except for a newline.
        let len = if let MarkEffect::End = effect { self.cluster(i).map_or(0, str::len) } else { count };
        self.found.push(FoundMark { at: start, len, effect });
    }

    fn end_line(&mut self, i: usize) {
        self.open.clear();
        self.push(i, 1, MarkEffect::End);
    }

    /// How many clusters the mark at the start of a line takes, with its space.
    fn line_mark(&self, i: usize) -> Option<(usize, LineKind)> {
        let (len, line) = match self.cluster(i)? {
            ">" => (1, LineKind::Quote),
            "*" | "-" => (1, LineKind::Bullet),
            _ => {
                let digits = (0..3).take_while(|n| self.cluster(i + n).is_some_and(is_digit)).count();
                (digits > 0 && self.cluster(i + digits) == Some("."))
                    .then_some((digits + 1, LineKind::Number))?
            }
        };
        (self.cluster(i + len) == Some(" ")).then_some((len + 1, line))
    }

    fn is_fence(&self, i: usize) -> bool {
        (0..3).all(|n| self.cluster(i + n) == Some("`"))
    }

    /// A mark may open after `i - 1` and close before `i + len` only at the edge of a word.
    fn word_ends_before(&self, i: usize) -> bool {
        i.checked_sub(1).and_then(|i| self.cluster(i)).is_none_or(|c| !c.ends_with(char::is_alphanumeric))
    }

    fn word_starts_at(&self, i: usize) -> bool {
        self.cluster(i).is_some_and(|c| c.starts_with(char::is_alphanumeric))
    }

    fn is_text(&self, i: usize) -> bool {
        self.cluster(i).is_some_and(|c| !c.starts_with(char::is_whitespace))
    }

    /// Reads a block that may start at `i`; returns where to continue.
    fn block(&mut self, i: usize) -> usize {
        let body = i + 3;
        if self.no_more_blocks || !self.word_ends_before(i) {
            return body;
        }
        let Some(close) = (body..self.clusters.len()).find(|j| self.is_fence(*j)) else {
            self.no_more_blocks = true;
            return body;
        };
        if !(body..close).any(|j| self.is_text(j)) || self.word_starts_at(close + 3) {
            return body;
        }
        self.push(i, 3, MarkEffect::Open(Mark::Mono));
        for j in body..close {
            if matches!(self.cluster(j), Some("\n" | "\r\n")) {
                self.end_line(j);
            }
        }
        self.push(close, 3, MarkEffect::Close(Mark::Mono));
        close + 3
    }

    /// Reads `code` that may start at `i`; returns where to continue.
    fn code(&mut self, i: usize) -> usize {
        let body = i + 1;
        let close = (body..self.clusters.len())
            .find(|j| matches!(self.cluster(*j), None | Some("`" | "\n" | "\r\n")))
            .filter(|j| self.cluster(*j) == Some("`"));
        match close {
            Some(close)
                if close > body
                    && self.word_ends_before(i)
                    && self.is_text(body)
                    && self.is_text(close - 1)
                    && !self.word_starts_at(close + 1) =>
            {
                self.push(i, 1, MarkEffect::Open(Mark::Mono));
                self.push(close, 1, MarkEffect::Close(Mark::Mono));
                close + 1
            }
            _ => body,
        }
    }

    /// Pairs the mark at `i` with an open one, or keeps it as an open mark.
    fn pair(&mut self, i: usize, mark: Mark) -> usize {
        let after_text = i.checked_sub(1).is_some_and(|before| self.is_text(before));
        let empty = self.open.last().is_some_and(|(at, last)| *last == mark && at + 1 == i);
        if after_text && !empty && !self.word_starts_at(i + 1) {
            let newest = self.open.iter().rev().take(MAX_OPEN).position(|(_, open)| *open == mark);
            if let Some(above) = newest {
                // Marks opened after it can never be closed, because their pairs would cross this one.
                self.open.truncate(self.open.len() - above);
                let at = self.open.pop().map_or(i, |(at, _)| at);
                self.push(at, 1, MarkEffect::Open(mark));
                self.push(i, 1, MarkEffect::Close(mark));
                return i + 1;
            }
        }
        if self.is_text(i + 1) && self.word_ends_before(i) {
            self.open.push((i, mark));
        }
        i + 1
    }
}

fn is_digit(cluster: &str) -> bool {
    cluster.len() == 1 && cluster.starts_with(|c: char| c.is_ascii_digit())
}

/// Turns marks, in order, into spans.
fn paint(len: usize, found: &[FoundMark]) -> Vec<Span> {
    let mut spans = Spans::default();
    let mut depth = Depth::default();
    let mut line = None;
    for mark in found {
        spans.extend_to(mark.at, style(depth, line), false);
        let end = mark.at + mark.len;
        match mark.effect {
            MarkEffect::Open(mark) => {
                step(&mut depth, mark, |n| n + 1);
                spans.extend_to(end, style(depth, line), true);
            }
            MarkEffect::Close(mark) => {
                spans.extend_to(end, style(depth, line), true);
                step(&mut depth, mark, |n| n.saturating_sub(1));
            }
            MarkEffect::Begin(kind) => {
                line = Some(kind);
                spans.extend_to(end, style(depth, line), true);
            }
            MarkEffect::End => {
                line = None;
                spans.extend_to(end, style(depth, line), false);
            }
        }
    }
    spans.extend_to(len, style(depth, line), false);
    spans.0
}

/// The depth of each mark: a text may be bold twice, as in `**a**`.
type Depth = [usize; 4];

fn step(depth: &mut Depth, mark: Mark, change: impl Fn(usize) -> usize) {
    let [bold, italic, strike, mono] = depth;
    let depth = match mark {
        Mark::Bold => bold,
        Mark::Italic => italic,
        Mark::Strike => strike,
        Mark::Mono => mono,
    };
    *depth = change(*depth);
}

fn style([bold, italic, strike, mono]: Depth, line: Option<LineKind>) -> Style {
    Style {
        bold: bold > 0,
        italic: italic > 0,
        strike: strike > 0,
        mono: mono > 0,
        quote: matches!(line, Some(LineKind::Quote)),
        bullet: matches!(line, Some(LineKind::Bullet)),
        number: matches!(line, Some(LineKind::Number)),
    }
}

#[derive(Default)]
struct Spans(Vec<Span>);

impl Spans {
    fn extend_to(&mut self, end: usize, style: Style, marker: bool) {
        let start = self.0.last().map_or(0, |span| span.end);
        match self.0.last_mut() {
            _ if end <= start => {}
            Some(last) if last.style == style && last.marker == marker => last.end = end,
            _ => self.0.push(Span { start, end, style, marker }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Writes spans as `b:text` for bold and so on; marks as `#`.
    fn show(text: &str) -> String {
        let parts = parse(text).into_iter().map(|span| {
            let part = text.get(span.start..span.end).unwrap();
            if span.marker {
                return "#".to_owned();
            }
            let Style { bold, italic, strike, mono, quote, bullet, number } = span.style;
            let names: String = [
                (bold, 'b'),
                (italic, 'i'),
                (strike, 's'),
                (mono, 'm'),
                (quote, 'q'),
                (bullet, 'l'),
                (number, 'n'),
            ]
            .into_iter()
            .filter_map(|(on, name)| on.then_some(name))
            .collect();
            if names.is_empty() { part.to_owned() } else { format!("<{names}:{part}>") }
        });
        parts.collect()
    }

    #[test]
    fn each_mark_has_its_style() {
        assert_eq!(show("a *b* c"), "a #<b:b># c");
        assert_eq!(show("_i_ ~s~ `m` ```n```"), "#<i:i># #<s:s># #<m:m># #<m:n>#");
    }

    #[test]
    fn marks_nest() {
        assert_eq!(show("*a _b_*"), "#<b:a >#<bi:b>##");
        assert_eq!(show("*_~x~_*"), "###<bis:x>###");
        assert_eq!(show("**a**"), "#<b:a>#");
    }

    #[test]
    fn marks_touch_the_text_and_stand_at_word_edges() {
        for text in ["* a*b", "x * a* y", "*a *", "snake_case_name", "2*3*4", "**", "***", "a*", "*a", "_ _"]
        {
            let bullet = text.starts_with("* ");
            assert!(bullet || show(text) == text, "{text:?} became {:?}", show(text));
        }
        assert_eq!(show("(*a*),"), "(#<b:a>#),");
    }

    #[test]
    fn crossed_marks_do_not_overlap() {
        assert_eq!(show("*a _b* c_"), "#<b:a _b># c_");
    }

    #[test]
    fn marks_stay_on_their_line_and_blocks_do_not() {
        assert_eq!(show("*a\nb*"), "*a\nb*");
        assert_eq!(show("`a\nb`"), "`a\nb`");
        assert_eq!(show("x ```a\n*b*``` y"), "x #<m:a\n*b*># y");
        assert_eq!(show("```open *a*"), "```open #<b:a>#");
        assert_eq!(show("``` ```"), "``` ```");
    }

    #[test]
    fn code_holds_no_other_marks() {
        assert_eq!(show("`*a*`"), "#<m:*a*>#");
    }

    #[test]
    fn a_line_start_makes_quotes_and_lists() {
        assert_eq!(show("> a *b*\nc"), "#<q:a >#<bq:b>#\nc");
        assert_eq!(show("* a\n- b\n12. c\n1.d\nx > y"), "#<l:a>\n#<l:b>\n#<n:c>\n1.d\nx > y");
    }

    #[test]
    fn a_keycap_is_no_mark() {
        assert_eq!(show("*️⃣ and *️⃣"), "*️⃣ and *️⃣");
    }

    #[test]
    fn marks_without_end_are_read_in_one_go() {
        let crossed = format!("{}{}", "*a ".repeat(30_000), "a_ ".repeat(30_000));
        assert_eq!(parse(&crossed).len(), 1);
        for unit in ["*", "*a ", "``` ", "`", "_a *b ~c ", "```a"] {
            parse(&unit.repeat(30_000));
        }
    }

    proptest! {
        #[test]
        fn spans_cover_the_text_in_order(
            text in prop_oneof!["[*_~`> \n1.a-]{0,60}", any::<String>(), "[*_é日👍`\u{301}\u{200d} \n]{0,40}"]
        ) {
            let edges: std::collections::HashSet<usize> =
                clusters(&text).map(|(at, _)| at).chain([text.len()]).collect();
            let mut at = 0;
            for span in parse(&text) {
                prop_assert_eq!(span.start, at);
                prop_assert!(span.end > span.start && edges.contains(&span.end));
                at = span.end;
            }
            prop_assert_eq!(at, text.len());
        }
    }
}
