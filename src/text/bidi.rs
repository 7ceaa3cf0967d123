//! Right-to-left text in visual order, for terminals without bidi support.
//!
//! Owns: the reordering of one row and the direction of a text. Terminals that reorder by themselves need
//! [`Bidi::Off`].
//! Must not: take a cluster apart, or be used on text that is kept or sent: the result is for drawing only.

use std::borrow::Cow;

use unicode_bidi::{
    BidiClass, BidiInfo, Direction, Level, ParagraphBidiInfo, bidi_class, format_chars,
    get_base_direction_full,
};

use crate::text::width::clusters;

/// What puts right-to-left text into visual order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Bidi {
    /// The terminal, or nothing: rows are drawn in the order in which they are written.
    #[default]
    Off,
    /// This program.
    App,
}

/// One grapheme cluster of a row in visual order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyph {
    /// Byte in the row where the cluster starts.
    pub start: usize,
    /// Byte after the cluster.
    pub end: usize,
    /// The character to draw instead: brackets in right-to-left text are mirrored.
    pub mirror: Option<char>,
}

/// Whether a text is read from right to left. The first letter with a direction decides.
pub fn is_rtl(text: &str) -> bool {
    !text.is_ascii() && get_base_direction_full(text) == Direction::Rtl
}

/// A text of one row in visual order. The direction comes from the text itself.
pub fn visual(row: &str, mode: Bidi) -> Cow<'_, str> {
    visual_row(row, is_rtl(row), mode)
}

/// One row of a wrapped text in visual order. `rtl` is the direction of the whole text, since a later row may
/// begin with a word of the other direction.
pub fn visual_row(row: &str, rtl: bool, mode: Bidi) -> Cow<'_, str> {
    if mode == Bidi::Off || (!rtl && row.is_ascii()) {
        return row.into();
    }
    let mut out = String::with_capacity(row.len());
    for glyph in order(row, rtl) {
        match glyph.mirror {
            Some(mirror) => out.push(mirror),
            None => out.push_str(row.get(glyph.start..glyph.end).unwrap_or_default()),
        }
    }
    out.into()
}

/// One row of a sentence that the program wrote, in visual order. It is read from left to right even when it starts
/// with a right-to-left name, and such names do not reorder the words beside them.
pub fn sentence(row: &str, mode: Bidi) -> Cow<'_, str> {
    if mode == Bidi::Off || row.is_ascii() {
        return row.into();
    }
    let marked = isolated(row);
    let drawn = visual_row(&marked, false, mode);
    drawn.chars().filter(|c| !matches!(*c, format_chars::RLI | format_chars::PDI)).collect::<String>().into()
}

/// The text with an isolate around each run of right-to-left words. Without it, two adjacent names, or a name and a
/// number, would be read as one run.
fn isolated(row: &str) -> String {
    let is_rtl = |c: char| matches!(bidi_class(c), BidiClass::R | BidiClass::AL);
    let mut out = String::with_capacity(row.len() + 16);
    // Characters that may be inside a name, kept until the next letter decides.
    let mut between = String::new();
    let mut open = false;
    for c in row.chars() {
        if is_rtl(c) {
            out.push_str(&std::mem::take(&mut between));
            if !std::mem::replace(&mut open, true) {
                out.push(format_chars::RLI);
            }
            out.push(c);
        } else if open && bidi_class(c) == BidiClass::NSM && between.is_empty() {
            out.push(c);
        } else if open && matches!(c, ' ' | '-' | '_' | '\'' | '’' | '"') {
            between.push(c);
        } else {
            if std::mem::take(&mut open) {
                out.push(format_chars::PDI);
            }
            out.push_str(&std::mem::take(&mut between));
            out.push(c);
        }
    }
    if open {
        out.push(format_chars::PDI);
    }
    out.push_str(&between);
    out
}

/// The clusters of a row in visual order, for callers that style each cluster.
pub fn order(row: &str, rtl: bool) -> Vec<Glyph> {
    let base = if rtl { Level::rtl() } else { Level::ltr() };
    let info = ParagraphBidiInfo::new(row, Some(base));
    let byte_levels = info.reordered_levels(0..row.len());

    let mut levels = Vec::new();
    let glyphs: Vec<Glyph> = clusters(row)
        .map(|(start, cluster)| {
            let level = byte_levels.get(start).copied().unwrap_or(base);
            levels.push(level);
            let mirror = if level.is_rtl() { mirrored(cluster) } else { None };
            Glyph { start, end: start + cluster.len(), mirror }
        })
        .collect();
    BidiInfo::reorder_visual(&levels).into_iter().filter_map(|at| glyphs.get(at).copied()).collect()
}

/// The pairs that occur in messages; the full list of Unicode is mostly mathematics.
fn mirrored(cluster: &str) -> Option<char> {
    let mirror = match cluster {
        "(" => ')',
        ")" => '(',
        "[" => ']',
        "]" => '[',
        "{" => '}',
        "}" => '{',
        "<" => '>',
        ">" => '<',
        "«" => '»',
        "»" => '«',
        "‹" => '›',
        "›" => '‹',
        "≤" => '≥',
        "≥" => '≤',
        _ => return None,
    };
    Some(mirror)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_letter_decides_the_direction() {
        assert!(is_rtl("שלום world"));
        assert!(is_rtl("123 مرحبا"));
        assert!(!is_rtl("hello שלום"));
        assert!(!is_rtl("123 !"));
        assert!(!is_rtl(""));
    }

    #[test]
    fn a_hebrew_word_is_turned_and_numbers_are_not() {
        assert_eq!(visual("אבג 123", Bidi::App), "123 גבא");
        assert_eq!(visual("say אבג now", Bidi::App), "say גבא now");
        assert_eq!(visual("אבג", Bidi::Off), "אבג");
    }

    #[test]
    fn brackets_face_the_other_way() {
        assert_eq!(visual("א(ב)", Bidi::App), "(ב)א");
    }

    #[test]
    fn clusters_stay_whole() {
        assert_eq!(visual("שָׁב", Bidi::App), "בשָׁ");
        assert_eq!(visual("א👩‍👩‍👧‍👦ב", Bidi::App), "ב👩‍👩‍👧‍👦א");
    }

    #[test]
    fn a_row_takes_the_direction_of_its_text() {
        assert_eq!(visual_row("abc אב", true, Bidi::App), "בא abc");
        assert_eq!(visual_row("abc אב", false, Bidi::App), "abc בא");
        assert_eq!(visual_row("end.", true, Bidi::App), ".end");
    }

    #[test]
    fn a_sentence_keeps_its_order_beside_rtl_names() {
        let drawn = |row| sentence(row, Bidi::App).into_owned();
        assert_eq!(drawn("אבג is done"), "גבא is done");
        assert_eq!(drawn("✓ אבג דה: 3 new"), "✓ הד גבא: 3 new");
        assert_eq!(drawn("אב: transfer to גד"), "בא: transfer to דג");
        // Two adjacent names stay separate.
        assert_eq!(drawn("אב, גד"), "בא, דג");
        assert_eq!(drawn("أحمد 42"), "دمحأ 42");
        assert_eq!(drawn("Omar: (אב)"), "Omar: (בא)");
        assert_eq!(sentence("אב is", Bidi::Off), "אב is");
    }

    proptest! {
        #[test]
        fn a_sentence_loses_nothing_but_isolates(row in "[אבגد1 a,:()“é-]{0,20}") {
            let mut drawn: Vec<char> = sentence(&row, Bidi::App).chars().map(|c| if c == '(' { ')' } else { c }).collect();
            let mut row: Vec<char> = row.chars().map(|c| if c == '(' { ')' } else { c }).collect();
            drawn.sort_unstable();
            row.sort_unstable();
            prop_assert_eq!(drawn, row);
        }

        #[test]
        fn every_cluster_is_drawn_once(row in any::<String>(), rtl in any::<bool>()) {
            let mut glyphs = order(&row, rtl);
            glyphs.sort_by_key(|glyph| glyph.start);
            let mut at = 0;
            for glyph in glyphs {
                prop_assert_eq!(glyph.start, at);
                at = glyph.end;
            }
            prop_assert_eq!(at, row.len());
        }

        #[test]
        fn left_to_right_text_is_untouched(row in "[a-z0-9 é日👍().,]{0,40}") {
            prop_assert_eq!(visual(&row, Bidi::App), row.as_str());
        }
    }
}
