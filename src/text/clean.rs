//! The one string type that may reach the screen.
//!
//! Owns: which characters of untrusted text may be drawn. A control character is replaced by its picture, so that the
//! terminal does not execute it and people see it. Invisible characters that reorder text (bidi controls) or hide it
//! (tags, fillers, piles of marks) are removed.
//! Must not: change what people write in any script: joiners inside words, emoji families and flags stay.
//! Invariant: cleaning a clean text changes nothing.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use unicode_segmentation::UnicodeSegmentation;

use crate::text::width::cluster_width;

/// The most marks that one base character keeps. No script needs more, and a pile of marks covers other cells.
const MAX_MARKS: usize = 8;
/// Replaces a bidi override. It has no legitimate use in a message, so people should see that there was one.
const OVERRIDE_MARK: char = '⁇';
/// Replaces a private-use character, which looks different in every font.
const PRIVATE_MARK: char = '▯';
/// Carries a mark that has no base of its own.
const DOTTED_CIRCLE: char = '◌';
const ESCAPE_PICTURE: char = '␛';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
const BLACK_FLAG: char = '\u{1f3f4}';

/// Text that is safe to draw. Line breaks are `\n`; every other control character has been replaced by a visible
/// character. Cheap to clone.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Clean(Arc<str>);

impl Clean {
    /// Cleans text of any origin and keeps its line breaks.
    pub fn new(raw: &str) -> Self {
        Self(clean(raw, LineBreak::Keep))
    }

    /// Cleans text of any origin into one line: a line break becomes a space.
    pub fn line(raw: &str) -> Self {
        Self(clean(raw, LineBreak::Space))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a character is one of the bidi controls: embeddings, overrides, isolates, marks.
pub(super) fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LineBreak {
    Keep,
    Space,
}

impl LineBreak {
    fn as_char(self) -> char {
        match self {
            Self::Keep => '\n',
            Self::Space => ' ',
        }
    }
}

fn clean(raw: &str, breaks: LineBreak) -> Arc<str> {
    let plain = |b: u8| matches!(b, b' '..=b'~') || (b == b'\n' && breaks == LineBreak::Keep);
    if raw.bytes().all(plain) {
        return raw.into();
    }
    let mut text = filter(raw, breaks);
    // Removing a joiner may put two selectors side by side, so filter again; each round only shortens the text.
    while let Some(parted) = part_false_families(&text) {
        text = filter(&parted, breaks);
    }
    text.into()
}

/// One pass, character by character.
fn filter(raw: &str, breaks: LineBreak) -> String {
    let mut out = Filtered { text: String::with_capacity(raw.len()), last: None, marks: 0 };
    let mut rest = raw.chars();
    while let Some(c) = rest.next() {
        match c {
            ' '..='~' => out.base(c),
            '\r' => {
                if rest.as_str().starts_with('\n') {
                    rest.next();
                }
                out.base(breaks.as_char());
            }
            '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.base(breaks.as_char()),
            '\t' => (0..4).for_each(|_| out.base(' ')),
            '\0'..='\u{1f}' => out.base(picture(c)),
            '\u{7f}' => out.base('␡'),
            '\u{80}'..='\u{9f}' => {
                // An eight-bit control is short for escape and a letter: CSI is `ESC [`.
                out.base(ESCAPE_PICTURE);
                out.base(u8::try_from(c).map_or(char::REPLACEMENT_CHARACTER, |b| char::from(b - 0x40)));
            }
            '\u{202d}' | '\u{202e}' => out.base(OVERRIDE_MARK),
            c if is_bidi_control(c) || is_hidden(c) => {}
            // Fillers are blank letters. Terminals give them a cell, width tables do not.
            '\u{3164}' | '\u{ffa0}' => out.base(' '),
            BLACK_FLAG => {
                out.base(c);
                if let Some((tags, after)) = split_flag_tags(rest.as_str()) {
                    out.text.push_str(tags);
                    rest = after.chars();
                }
            }
            c if is_private(c) => out.base(PRIVATE_MARK),
            c if is_noncharacter(c) => out.base(char::REPLACEMENT_CHARACTER),
            c if is_selector(c) => {
                if !out.last.is_none_or(is_selector) {
                    out.mark(c);
                }
            }
            ZERO_WIDTH_JOINER | '\u{200c}' => {
                if out.last.is_some_and(|last| last != c && !last.is_whitespace()) {
                    out.mark(c);
                }
            }
            c if cluster_width(c.encode_utf8(&mut [0; 4])) == 0 => {
                if out.last.is_none_or(|last| last == '\n') {
                    out.base(DOTTED_CIRCLE);
                }
                out.mark(c);
            }
            c => out.base(c),
        }
    }
    out.text
}

/// The filtered text so far, and what the next character may combine with.
struct Filtered {
    text: String,
    last: Option<char>,
    marks: usize,
}

impl Filtered {
    fn base(&mut self, c: char) {
        self.text.push(c);
        self.last = Some(c);
        self.marks = 0;
    }

    fn mark(&mut self, c: char) {
        if self.marks < MAX_MARKS {
            self.text.push(c);
            self.last = Some(c);
            self.marks += 1;
        }
    }
}

/// The picture Unicode has for a C0 control: `␛` for escape.
fn picture(c: char) -> char {
    char::from_u32(0x2400 + u32::from(c)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Invisible characters that no message needs. VS15 is one of them: it requests a narrow form that terminals do not
/// draw, so the row would be wider than measured.
fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2065}'
            | '\u{206a}'..='\u{206f}' | '\u{fe0e}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e00ff}'
            | '\u{e01f0}'..='\u{e0fff}'
    )
}

/// Variation selectors; one may follow a character.
fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{180b}'..='\u{180f}' | '\u{e0100}'..='\u{e01ef}')
}

fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}')
}

fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe
}

/// Splits the tags of a flag (England, Scotland, …) from the text after a black flag: up to six letters or digits,
/// written in tags, and the closing tag. Tags anywhere else are hidden text.
fn split_flag_tags(rest: &str) -> Option<(&str, &str)> {
    let letters = rest
        .chars()
        .take_while(|c| matches!(c, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}'))
        .take(6)
        .count();
    let (close, c) = rest.char_indices().nth(letters)?;
    (letters >= 3 && c == '\u{e007f}').then(|| rest.split_at_checked(close + c.len_utf8()))?
}

/// Removes the joiners from emoji sequences that are not a known emoji. The width table counts such a sequence as one
/// picture, a terminal draws each part, and the row would be too wide. `None` when there is no such sequence.
fn part_false_families(text: &str) -> Option<String> {
    if !text.contains(ZERO_WIDTH_JOINER) || !text.graphemes(true).any(is_false_family) {
        return None;
    }
    let parted = text.graphemes(true).flat_map(|cluster| {
        let parted = is_false_family(cluster);
        cluster.chars().filter(move |c| !parted || *c != ZERO_WIDTH_JOINER)
    });
    Some(parted.collect())
}

fn is_false_family(cluster: &str) -> bool {
    // Joiners in Indic clusters are between letters; only pictures are checked.
    cluster.split(ZERO_WIDTH_JOINER).skip(1).any(|link| link.starts_with(is_picture))
        && emojis::get(cluster).is_none()
}

fn is_picture(c: char) -> bool {
    matches!(c, '\u{a9}' | '\u{ae}' | '\u{2010}'..='\u{32ff}' | '\u{1f000}'..='\u{1faff}')
}

impl Deref for Clean {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Clean {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Clean {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

impl From<String> for Clean {
    fn from(raw: String) -> Self {
        Self::new(&raw)
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The bodies of text messages from the project's own samples and, where they are, the collected ones.
    fn sample_texts(own: &str, collected: &str) -> Vec<String> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let own = std::fs::read_to_string(root.join("tests/fixtures/whatsapp").join(own)).unwrap();
        let folder = root.join("../shared/fixtures/whatsapp-cloud/webhooks");
        let collected = std::fs::read_to_string(folder.join(collected));
        if collected.is_err() {
            eprintln!("without {}: only the project's own sample is read", folder.display());
        }
        let body = |json: String| {
            let json: serde_json::Value = serde_json::from_str(&json).unwrap();
            json.pointer("/entry/0/changes/0/value/messages/0/text/body")
                .unwrap()
                .as_str()
                .unwrap()
                .to_owned()
        };
        std::iter::once(own).chain(collected.ok()).map(body).collect()
    }

    fn assert_invariants(text: &str) {
        for c in text.chars() {
            assert!(!c.is_control() || c == '\n', "{c:?} in {text:?}");
            assert!(!is_bidi_control(c), "{c:?} in {text:?}");
        }
        assert_eq!(Clean::new(text).as_str(), text, "cleaning changed what was clean");
    }

    #[test]
    fn an_escape_sequence_is_shown_and_not_executed() {
        let clean = Clean::new("a\u{1b}[2J\u{1b}]52;c;eA==\u{7}b\u{9b}31m\u{90}q\u{7f}\0");
        assert_eq!(clean.as_str(), "a␛[2J␛]52;c;eA==␇b␛[31m␛Pq␡␀");
    }

    #[test]
    fn every_kind_of_line_break_is_one_newline() {
        assert_eq!(Clean::new("a\r\nb\rc\u{85}d\u{2028}e\u{2029}f\n").as_str(), "a\nb\nc\nd\ne\nf\n");
        assert_eq!(Clean::line("a\r\nb\nc").as_str(), "a b c");
    }

    #[test]
    fn a_tab_is_four_spaces() {
        assert_eq!(Clean::new("a\tb").as_str(), "a    b");
    }

    #[test]
    fn a_bidi_override_is_marked_and_other_bidi_controls_go() {
        assert_eq!(Clean::new("a\u{202e}live\u{202c} \u{2067}x\u{2069}\u{200f}").as_str(), "a⁇live x");
    }

    #[test]
    fn hidden_text_goes() {
        assert_eq!(Clean::new("a\u{200b}\u{feff}\u{2060}\u{ad}b").as_str(), "ab");
        assert_eq!(Clean::new("x\u{e0068}\u{e0069}\u{e007f}y").as_str(), "xy");
        assert_eq!(Clean::new("🏴\u{e0068}\u{e0069}!").as_str(), "🏴!");
        assert_eq!(Clean::new("x\u{fe01}\u{fe02}\u{e0101}\u{fe03}y").as_str(), "x\u{fe01}y");
        assert_eq!(Clean::new("o\u{200d}\u{200d}\u{200d}k").as_str(), "o\u{200d}k");
    }

    #[test]
    fn a_pile_of_marks_is_capped() {
        let clean = Clean::new(&format!("e{}!", "\u{301}".repeat(100)));
        assert_eq!(clean.as_str(), format!("e{}!", "\u{301}".repeat(MAX_MARKS)));
    }

    #[test]
    fn a_mark_without_a_base_gets_one() {
        assert_eq!(Clean::new("\u{301}a\n\u{308}").as_str(), "◌\u{301}a\n◌\u{308}");
    }

    #[test]
    fn private_use_and_noncharacters_are_shown() {
        assert_eq!(Clean::new("a\u{e0b0}\u{10fffd}\u{fdd0}\u{ffff}").as_str(), "a▯▯\u{fffd}\u{fffd}");
    }

    #[test]
    fn unknown_emoji_sequences_are_separated() {
        assert_eq!(Clean::new("👩‍🚀‍🐈‍🍕").as_str(), "👩🚀🐈🍕");
    }

    #[test]
    fn every_emoji_survives() {
        for emoji in emojis::iter() {
            let tones = emoji.skin_tones().into_iter().flatten();
            for emoji in std::iter::once(emoji).chain(tones) {
                assert_eq!(Clean::new(emoji.as_str()).as_str(), emoji.as_str(), "{}", emoji.name());
            }
        }
    }

    #[test]
    fn sampled_attacks_and_scripts_hold_the_invariants() {
        for body in sample_texts("msg-text-escape-injection.json", "msg-text-terminal-escape-injection.json")
        {
            let clean = Clean::new(&body);
            assert_invariants(&clean);
            assert!(clean.contains("␛[2J") && clean.contains("␇") && clean.contains("⁇evil"), "{clean:?}");
        }
        for body in sample_texts("msg-text-unicode.json", "msg-text-unicode-torture.json") {
            let clean = Clean::new(&body);
            assert_invariants(&clean);
            assert_eq!(clean.as_str(), body.replace('\t', "    ").replace('\u{200b}', ""));
        }
    }

    /// Text of many scripts that must not change.
    fn honest() -> impl Strategy<Value = String> {
        let word = prop::sample::select(vec![
            "hello",
            "é",
            "e\u{301}",
            "Straße",
            "مرحبا",
            "السَّلَامُ",
            "می\u{200c}خواهم",
            "שָׁלוֹם",
            "नमस्ते",
            "क्\u{200d}ष",
            "สวัสดี",
            "日本語",
            "葛\u{e0100}",
            "한국어",
            "\u{1112}\u{1161}\u{11ab}",
            "👩‍👩‍👧‍👦",
            "🏳️‍🌈",
            "🇧🇷",
            "🇮🇳",
            "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
            "👩🏽‍🚀",
            "☎️",
            "1️⃣",
            "❤️‍🔥",
            " ",
            "\n",
            "*",
            ".",
        ]);
        prop::collection::vec(word, 0..20).prop_map(|words| words.concat())
    }

    /// Text made of what cleaning is about.
    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            any::<char>().prop_map(String::from),
            prop::sample::select(vec![
                "\u{1b}[",
                "\r",
                "\n",
                "\t",
                "\u{9b}",
                "\u{202e}",
                "\u{2066}",
                "\u{200d}",
                "\u{200c}",
                "\u{fe0f}",
                "\u{fe0e}",
                "\u{fe01}",
                "\u{e0067}",
                "\u{e0062}",
                "\u{e007f}",
                "🏴",
                "👩",
                "🚀",
                "❤",
                "\u{301}",
                "\u{1161}",
                "\u{200b}",
                "🏽",
                "🇧",
                "\u{e000}",
                "\u{3164}",
                "क",
                "\u{94d}",
                " ",
                "a",
            ])
            .prop_map(str::to_owned),
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn clean_text_holds_the_invariants(raw in hostile()) {
            assert_invariants(&Clean::new(&raw));
            let line = Clean::line(&raw);
            prop_assert!(!line.contains('\n'));
            prop_assert_eq!(Clean::line(&line), line);
        }

        #[test]
        fn any_string_holds_the_invariants(raw in any::<String>()) {
            assert_invariants(&Clean::new(&raw));
        }

        #[test]
        fn honest_text_of_any_script_survives(text in honest()) {
            let clean = Clean::new(&text);
            prop_assert_eq!(clean.as_str(), text.as_str());
        }
    }
}
