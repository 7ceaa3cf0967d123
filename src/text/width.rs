//! How many cells text takes on the screen.
//!
//! Owns: the one measure of width. It is that of ratatui's buffer, so that layout and drawing never differ; another
//! table would differ for half-width dakuten, among others.
//! Must not: measure several clusters together (`unicode-width` joins some letters across clusters, terminals do not).

use ratatui::buffer::CellWidth;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar as _;

/// How many cells a grapheme cluster takes: 0 if it is not drawn (controls, single joiners), otherwise mostly 1 or 2.
pub fn cluster_width(cluster: &str) -> u16 {
    // The buffer drops a cluster that contains a control, and its measure does not accept one.
    if cluster.contains(char::is_control) { 0 } else { cluster.cell_width() }
}

/// How many cells a text takes on one row: the sum over its clusters, at most [`u16::MAX`].
pub fn str_width(text: &str) -> u16 {
    clusters(text).fold(0, |sum, (_, cluster)| sum.saturating_add(cluster_width(cluster)))
}

/// The grapheme clusters of a text with their byte offsets.
pub fn clusters(text: &str) -> impl DoubleEndedIterator<Item = (usize, &str)> {
    text.grapheme_indices(true)
}

/// Whether a character of a text is visible: it takes a column and is not blank.
pub fn is_visible(text: &str) -> bool {
    let blank = |c: char| {
        // Fillers of Hangul, the blank Braille cell, the soft hyphen, the null note head, and the circle that cleaning
        // puts under a mark without a letter.
        matches!(
            c,
            '\u{25cc}'
                | '\u{2047}'
                | '\u{fffd}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{3164}'
                | '\u{ffa0}'
                | '\u{2800}'
                | '\u{ad}'
                | '\u{1d159}'
        ) || c.is_whitespace()
            || c.is_control()
    };
    text.chars().any(|c| !blank(c) && c.width().is_some_and(|width| width > 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    fn drawn(text: &str) -> u16 {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 400, 1));
        buffer.set_stringn(0, 0, text, usize::MAX, Style::default()).0
    }

    #[test]
    fn widths_are_those_of_the_buffer() {
        for (text, width) in [
            ("", 0),
            ("a", 1),
            ("é", 1),
            ("e\u{301}", 1),
            ("あ", 2),
            ("ｶﾞ", 3),
            ("👩‍👩‍👧‍👦", 2),
            ("🏳️‍🌈", 2),
            ("🇧🇷", 2),
            ("☎️", 2),
            ("1️⃣", 2),
            ("👍🏽", 2),
            ("\u{200b}", 0),
            ("\u{1b}", 0),
            ("a\nb", 2),
            ("नमस्ते", 5),
        ] {
            assert_eq!(str_width(text), drawn(text), "{text:?}");
            if text != "ｶﾞ" && text != "नमस्ते" {
                assert_eq!(str_width(text), width, "{text:?}");
            }
        }
    }

    #[test]
    fn a_half_width_dakuten_is_measured_as_it_is_drawn() {
        assert_eq!(cluster_width("ｶﾞ"), "ｶﾞ".cell_width());
        assert_eq!(cluster_width("ｶﾞ"), drawn("ｶﾞ"));
    }

    proptest! {
        #[test]
        fn any_text_measures_as_it_is_drawn(text in "\\PC{0,40}") {
            prop_assert_eq!(str_width(&text), drawn(&text));
        }

        #[test]
        fn controls_are_measured_without_a_panic(text in any::<String>()) {
            str_width(&text);
        }
    }
}
