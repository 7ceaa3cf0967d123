//! Breaks a text into rows.
//!
//! Owns: where rows break. After spaces, after a hyphen inside a word, and around wide characters
//! (ideographs, kana, emoji), not before closing and not after opening punctuation; a word that is wider
//! than a row is cut between clusters.
//! Must not: allocate per row (a transcript needs the heights of ten thousand messages), or change a byte.
//! Invariants: rows are in order and do not overlap; only the newline or the spaces of a break are
//! between two rows; a row is wider than the width only if it is a single cluster that is wider.

use crate::text::width::{cluster_width, clusters};

/// One row of a wrapped text, as a byte range of that text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub start: usize,
    /// Byte after its last cluster; spaces at a break and the newline are not part of the row.
    pub end: usize,
    pub width: u16,
}

impl Row {
    /// The row's part of the text it was made from.
    pub fn of<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// Breaks a text into rows of at most `width` cells; 0 counts as 1. An empty text is one empty row, and so
/// is what follows a newline at the end.
pub fn wrap(text: &str, width: u16) -> Vec<Row> {
    rows(text, width).collect()
}

/// How many rows [`wrap`] makes, at least 1.
pub fn height(text: &str, width: u16) -> usize {
    rows(text, width).count()
}

fn rows(text: &str, width: u16) -> Rows<'_> {
    Rows { text, width: width.max(1), next: Some(0) }
}

struct Rows<'a> {
    text: &'a str,
    width: u16,
    /// Where the next row starts; `None` after the last.
    next: Option<usize>,
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        let start = self.next?;
        let rest = self.text.get(start..)?;
        let (row, next) = first_row(rest, self.width);
        self.next = next.map(|next| start + next);
        Some(Row { start: start + row.start, end: start + row.end, width: row.width })
    }
}

/// The first row of a text, and where the next one starts.
///
/// Every byte is read twice at most: the text between the break and the cluster that did not fit contains no other
/// break, so it fits at the beginning of the next row.
fn first_row(text: &str, width: u16) -> (Row, Option<usize>) {
    // The row so far, with its spaces; then without those at its end.
    let mut row = Row::default();
    let mut content = Row::default();
    // The row up to the last place it may break at, and where the next row would start.
    let mut break_at: Option<(Row, usize)> = None;
    let mut hanging = false;
    let mut before = Class::Start;

    for (at, cluster) in clusters(text) {
        let end = at + cluster.len();
        if matches!(cluster, "\n" | "\r\n") {
            return (row, Some(end));
        }
        let cells = cluster_width(cluster);
        let class = Class::of(cluster, cells, before);
        let fits = cells == 0 || row.width.saturating_add(cells) <= width;

        if class == Class::Space {
            if fits && !hanging {
                row = Row { end, width: row.width.saturating_add(cells), ..row };
            } else {
                hanging = true;
            }
            before = class;
            continue;
        }
        if before == Class::Space && content.end > 0 {
            break_at = Some((content, at));
        } else if before.may_break_before(class) {
            break_at = Some((row, at));
        }
        if hanging || (!fits && row.end > 0) {
            let (row, next) = match break_at {
                Some(found) => found,
                None => (row, at),
            };
            return (row, Some(next));
        }
        row = Row { end, width: row.width.saturating_add(cells), ..row };
        content = row;
        before = class;
    }
    (row, None)
}

/// The class of a cluster, for line breaks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// The start of the text.
    Start,
    Space,
    /// Letters, digits, and everything that is not in another class.
    Word,
    Digit,
    /// A hyphen that follows a letter or digit.
    Hyphen,
    /// A long dash, or an invisible break.
    Dash,
    /// Ideographs, kana and emoji: a row may break on either side.
    Ideograph,
    Open,
    Close,
    /// Opening and closing punctuation as wide as an ideograph.
    OpenWide,
    CloseWide,
    /// Never separated from the clusters on both sides.
    Glue,
}

impl Class {
    fn of(cluster: &str, cells: u16, before: Self) -> Self {
        let Some(first) = cluster.chars().next() else { return Self::Word };
        match first {
            '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{2060}' | '\u{feff}' | '"' | '\'' => Self::Glue,
            '-' | '\u{2010}' if matches!(before, Self::Word | Self::Digit) => Self::Hyphen,
            '-' | '\u{2010}' => Self::Glue,
            '–' | '—' | '\u{200b}' => Self::Dash,
            '(' | '[' | '{' | '«' | '“' | '‘' | '¿' | '¡' => Self::Open,
            ')' | ']' | '}' | '»' | '”' | '’' | '!' | '?' | '.' | ',' | ':' | ';' | '%' | '…' => {
                Self::Close
            }
            '（' | '［' | '｛' | '「' | '『' | '【' | '〔' | '〈' | '《' | '〖' | '｢' => {
                Self::OpenWide
            }
            c if is_wide_close(c) => Self::CloseWide,
            '0'..='9' if cells < 2 => Self::Digit,
            _ if cluster.chars().all(char::is_whitespace) => Self::Space,
            // Korean is written with spaces and broken at them.
            '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7a3}' => Self::Word,
            '\u{ff66}'..='\u{ff9d}' => Self::Ideograph,
            _ if cells >= 2 => Self::Ideograph,
            _ => Self::Word,
        }
    }

    fn may_break_before(self, next: Self) -> bool {
        match (self, next) {
            (Self::Start | Self::Space | Self::Open | Self::OpenWide | Self::Glue, _) => false,
            (_, Self::Close | Self::CloseWide | Self::Glue) => false,
            (Self::Ideograph | Self::CloseWide | Self::Dash, _) => true,
            (_, Self::Ideograph | Self::OpenWide) => true,
            (Self::Hyphen, Self::Word) => true,
            _ => false,
        }
    }
}

/// Closing punctuation, small kana and repeat marks: none of them begins a row in Japanese or Chinese.
fn is_wide_close(c: char) -> bool {
    "、。，．・？！：；）］｝」』】〕〉》〗ー々〻ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ｡､｣･"
        .contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::width::str_width;
    use proptest::prelude::*;

    fn lines(text: &str, width: u16) -> Vec<&str> {
        wrap(text, width).iter().map(|row| row.of(text)).collect()
    }

    #[test]
    fn words_move_whole_and_spaces_hang() {
        assert_eq!(lines("the quick  brown fox", 9), ["the quick", "brown fox"]);
        assert_eq!(lines("ab   cd", 3), ["ab", "cd"]);
        assert_eq!(lines("abc ", 3), ["abc"]);
        assert_eq!(lines("ab ", 3), ["ab "]);
    }

    #[test]
    fn an_empty_text_is_one_empty_row() {
        assert_eq!(wrap("", 10), [Row::default()]);
        assert_eq!(lines("\n", 10), ["", ""]);
        assert_eq!(lines("a\n\nb\n", 10), ["a", "", "b", ""]);
        assert_eq!(lines("a\r\nb", 10), ["a", "b"]);
    }

    #[test]
    fn a_long_word_is_cut_between_clusters() {
        assert_eq!(lines("see https://a.example/x", 8), ["see", "https://", "a.exampl", "e/x"]);
        assert_eq!(lines("e\u{301}e\u{301}e\u{301}", 2), ["e\u{301}e\u{301}", "e\u{301}"]);
        assert_eq!(lines("   abcdef", 5), ["   ab", "cdef"]);
    }

    #[test]
    fn ideographs_break_anywhere_but_at_punctuation() {
        assert_eq!(lines("日本語。漢字", 6), ["日本", "語。漢", "字"]);
        assert_eq!(lines("日本（語）", 6), ["日本", "（語）"]);
        assert_eq!(lines("abc日本", 5), ["abc日", "本"]);
        assert_eq!(lines("hi 👩‍👩‍👧‍👦👍", 5), ["hi 👩‍👩‍👧‍👦", "👍"]);
    }

    #[test]
    fn hyphens_break_inside_words_and_numbers_stay_whole() {
        assert_eq!(lines("well-known", 7), ["well-", "known"]);
        assert_eq!(lines("no 555-0100", 8), ["no", "555-0100"]);
        assert_eq!(lines("use --force", 7), ["use", "--force"]);
    }

    #[test]
    fn a_cluster_wider_than_the_width_has_a_row_of_its_own() {
        assert_eq!(lines("a👍b", 1), ["a", "👍", "b"]);
        assert_eq!(lines("ab", 0), ["a", "b"]);
    }

    #[test]
    fn a_hundred_thousand_marks_or_spaces_wrap_in_one_go() {
        assert_eq!(height(&" ".repeat(100_000), 10), 1);
        assert_eq!(height(&"a".repeat(100_000), 10), 10_000);
        assert_eq!(height(&format!("e{}", "\u{301}".repeat(100_000)), 1), 1);
    }

    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            any::<char>().prop_map(String::from),
            prop::sample::select(vec![
                " ",
                "  ",
                "\n",
                "\r\n",
                "a",
                "word",
                "-",
                "日",
                "。",
                "（",
                "👩‍👩‍👧‍👦",
                "🇧🇷",
                "e\u{301}",
                "ｶﾞ",
                "\u{200b}",
                "\u{a0}",
                "ع",
                "\u{301}",
            ])
            .prop_map(str::to_owned),
        ];
        prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_row_is_too_wide_and_no_byte_is_lost(text in text(), width in 0u16..12) {
            let rows = wrap(&text, width);
            prop_assert_eq!(rows.len(), height(&text, width));
            let limit = width.max(1);
            let mut at = 0;
            for row in &rows {
                let gap = text.get(at..row.start).expect("rows are in order and on boundaries");
                prop_assert!(gap.chars().all(char::is_whitespace), "lost {:?}", gap);
                prop_assert!(gap.matches('\n').count() <= 1);
                let part = text.get(row.start..row.end).expect("a row is a range of the text");
                prop_assert!(!part.contains('\n'));
                prop_assert_eq!(row.width, str_width(part));
                let visible = clusters(part).filter(|(_, c)| cluster_width(c) > 0).count();
                prop_assert!(row.width <= limit || visible == 1, "{:?} in {}", part, limit);
                at = row.end;
            }
            let tail = text.get(at..).expect("the last row ends on a boundary");
            prop_assert!(tail.chars().all(|c| c.is_whitespace() && c != '\n'), "lost {:?}", tail);
        }

        #[test]
        fn rows_begin_and_end_at_clusters(text in text(), width in 0u16..12) {
            let edges: std::collections::HashSet<usize> =
                clusters(&text).map(|(at, _)| at).chain([text.len()]).collect();
            for row in wrap(&text, width) {
                prop_assert!(edges.contains(&row.start) && edges.contains(&row.end));
            }
        }
    }
}
