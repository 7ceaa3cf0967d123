//! Text in the form in which searches compare it. All lists, logs and directories use this one fold.
//!
//! Case, marks above and below letters, full-width and other forms, ligatures, and the script of digits do not
//! matter; letters that have no decomposition are read as the letters people type for them (ł as l, ø as o, ß as
//! ss, ґ as г). Marks that spell a word stay: vowel signs and tones of Thai, Lao, Khmer and the scripts of India,
//! and the voicing of kana, where dropping them would make another word.
//!
//! Invariants: `folded(x)` is the same for `x` in lower and in upper case, and folding it again changes nothing.

use super::width::clusters;
use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_normalizer::properties::{CanonicalCombiningClassMapBorrowed, CanonicalCompositionBorrowed};
use std::ops::Range;

const DECOMPOSE: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizerBorrowed::new_nfkd();
const COMPOSE: CanonicalCompositionBorrowed<'static> = CanonicalCompositionBorrowed::new();
const CLASSES: CanonicalCombiningClassMapBorrowed<'static> = CanonicalCombiningClassMapBorrowed::new();

/// A letter in folded form, with the range of the text from which it comes.
pub type Letter = (Range<usize>, char);

/// The letters of a text in folded form. Their number differs from that of the text, so matches are marked in
/// the text by these ranges.
pub fn letters(text: &str) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::with_capacity(text.len());
    for (at, cluster) in clusters(text) {
        let range = at..at + cluster.len();
        if let [byte] = cluster.as_bytes() {
            letters.push((range, plain(char::from(*byte))));
            continue;
        }
        let visible = cluster.chars().filter(|c| !is_ignored(*c)).flat_map(replaced);
        let cased = visible.flat_map(bare).flat_map(cased);
        // A letter whose other case is written with marks decomposes only now.
        let bare = cased.flat_map(bare).flat_map(replaced);
        letters.extend(bare.map(|c| (range.clone(), plain(c))));
    }
    if letters.iter().all(|(_, letter)| letter.is_ascii()) { letters } else { composed(letters) }
}

/// A text in folded form.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.chars().map(plain).collect();
    }
    letters(text).into_iter().map(|(_, letter)| letter).collect()
}

/// The words of a text in folded form. A mark that stayed belongs to its word.
pub fn words(text: &str) -> Vec<String> {
    let folded = folded(text);
    let mut words = vec![String::new()];
    for (_, cluster) in clusters(&folded) {
        match words.last_mut() {
            Some(word) if is_of_word(cluster) => word.push_str(cluster),
            Some(word) if word.is_empty() => {}
            Some(_) | None => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The characters of a text that are neither in words nor blank: `%`, `_`, emoji.
pub fn symbols(text: &str) -> Vec<String> {
    let folded = folded(text);
    let others = clusters(&folded).map(|(_, cluster)| cluster);
    others.filter(|cluster| !is_of_word(cluster) && !cluster.trim().is_empty()).map(str::to_owned).collect()
}

fn is_of_word(cluster: &str) -> bool {
    cluster.starts_with(char::is_alphanumeric)
}

/// A character without the marks that do not matter. Each is decomposed for itself: marks of the next ones must not come
/// before an iota below a vowel, which is a letter in upper case.
fn bare(c: char) -> impl Iterator<Item = char> {
    DECOMPOSE.normalize_iter(std::iter::once(c)).filter(|c| !is_dropped(*c))
}

/// The last step for every letter: lower case, and one kind of space.
fn plain(c: char) -> char {
    if c.is_whitespace() { ' ' } else { c.to_ascii_lowercase() }
}

/// Lower case by way of upper case: letters that share an upper case (σ and ς, i and ı, s and ſ) are the same.
fn cased(c: char) -> impl Iterator<Item = char> {
    c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}

/// Puts the remaining marks in order and joins what makes one letter (한, ガ).
fn composed(mut letters: Vec<Letter>) -> Vec<Letter> {
    for run in letters.chunk_by_mut(|_, (_, next)| CLASSES.get_u8(*next) != 0) {
        if let Some((_, marks)) = run.split_first_mut() {
            marks.sort_by_key(|(_, mark)| CLASSES.get_u8(*mark));
        }
    }
    let mut joined: Vec<Letter> = Vec::with_capacity(letters.len());
    for (range, letter) in letters {
        match joined.last_mut() {
            Some((before, last)) if let Some(one) = COMPOSE.compose(*last, letter) => {
                *last = one;
                before.end = before.end.max(range.end);
            }
            Some(_) | None => joined.push((range, letter)),
        }
    }
    joined
}

/// Whether a mark is dropped: those of Latin, Greek, Cyrillic, Hebrew, Arabic, Syriac and of symbols. The
/// marks of other scripts have other combining classes.
fn is_dropped(c: char) -> bool {
    match CLASSES.get_u8(c) {
        // Written like an iota in upper case; see `replaced`.
        240 => false,
        0 => {
            matches!(c, '\u{488}'..='\u{489}' | '\u{1abe}' | '\u{20dd}'..='\u{20e4}' | '\u{a670}'..='\u{a672}')
                || is_ignored(c)
        }
        class => class == 1 || (10..=36).contains(&class) || class >= 200,
    }
}

/// Whether a character is invisible: joiners, directions, variation selectors, soft hyphens, tatweel.
const fn is_ignored(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{640}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The zero of each script with its own digits.
const ZEROS: &[u32] = &[
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50,
    0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0x11066, 0x1e950,
];

fn digit(c: char) -> Option<char> {
    let after = |zero: &u32| u32::from(c).checked_sub(*zero).filter(|value| *value < 10);
    ZEROS.iter().find_map(after).and_then(|value| char::from_digit(value, 10))
}

/// The replacement for a character that does not decompose: what people type who have no key for it.
fn replaced(c: char) -> impl Iterator<Item = char> {
    let text = match c {
        'ł' | 'ƚ' | 'ɫ' | 'ⱡ' => "l",
        'ø' | 'ɔ' | 'ɵ' => "o",
        'đ' | 'ð' | 'ɖ' | 'ɗ' => "d",
        'ħ' | 'ɦ' | 'ⱨ' => "h",
        'ı' | 'ɨ' | 'ɩ' => "i",
        'ß' | 'ẞ' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        'ŋ' | 'ɲ' => "n",
        'ŧ' | 'ƭ' | 'ʈ' | 'ⱦ' => "t",
        'ƀ' | 'ɓ' | 'ƃ' => "b",
        'ƈ' | 'ȼ' => "c",
        'ə' | 'ǝ' | 'ɛ' | 'ɇ' => "e",
        'ƒ' => "f",
        'ɠ' | 'ǥ' => "g",
        'ƙ' | 'ĸ' => "k",
        'ƥ' => "p",
        'ɍ' => "r",
        'ʉ' => "u",
        'ʋ' => "v",
        'ƴ' | 'ɏ' => "y",
        'ƶ' => "z",
        'ɉ' => "j",
        'ⱥ' => "a",
        // Cyrillic letters of Ukrainian, Kazakh, Tatar and their neighbours, as Russian keyboards write them.
        'ґ' | 'ғ' => "г",
        'қ' => "к",
        'ң' => "н",
        'ү' | 'ұ' => "у",
        'ө' => "о",
        'ә' => "а",
        'һ' | 'ҳ' => "х",
        'ҷ' => "ч",
        // Arabic letters that are often confused in writing, and those of Persian and Urdu.
        'ى' | 'ی' => "ي",
        'ک' => "ك",
        'ة' | 'ہ' | 'ھ' | 'ە' => "ه",
        'ٱ' => "ا",
        // In upper case, an iota below a Greek vowel is written beside it.
        '\u{345}' => "ι",
        '’' | '‘' | '‛' | 'ʼ' | 'ʻ' | 'ʹ' | '′' | '´' | '`' | '՚' | '׳' => "'",
        '“' | '”' | '„' | '‟' | '«' | '»' | '״' => "\"",
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '־' => "-",
        '⁄' | '∕' => "/",
        _ => "",
    };
    let own = text.is_empty().then(|| digit(c).unwrap_or(c));
    own.into_iter().chain(text.chars())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_type_finds_the_name() {
        for (typed, name) in [
            ("esta aqui", "Está AQUÍ"),
            ("sahin", "Şahin"),
            ("şahin", "Şahin"),
            ("SAHIN", "şahin"),
            ("lukasz", "Łukasz"),
            ("skoda", "Škoda"),
            ("nguyen", "Nguyễn"),
            ("dang", "Đặng"),
            ("елкина", "Ёлкина"),
            ("андріи", "Андрій"),
            ("αλεξανδρος", "Αλέξανδρος"),
            ("αλεξανδροσ", "ΑΛΈΞΑΝΔΡΟΣ"),
            ("istanbul", "İSTANBUL"),
            ("isik", "IŞIK"),
            ("isik", "ışık"),
            ("strasse", "STRAẞE"),
            ("strasse", "Straße"),
            ("soren", "Søren"),
            ("aegir", "Ægir"),
            ("thor", "Þór"),
            ("gudrun", "Guðrún"),
            ("oeuvre", "Œuvre"),
            ("eliyev", "Əliyev"),
            ("o'brien", "O’Brien"),
            ("jean-luc", "Jean‑Luc"),
            ("office", "o\u{fb03}ce"),
            ("ana 42", "Ａｎａ ４２"),
            ("42", "٤٢"),
            ("42", "۴۲"),
            ("42", "४२"),
            ("محمد", "مُحَمَّـد"),
            ("احمد", "أحمد"),
            ("علي", "على"),
            ("שלום", "שָׁלוֹם"),
            ("кайрат", "Қайрат"),
            ("👩💻", "👩‍💻"),
            ("❤", "❤️"),
            ("a b", "a\u{a0}b"),
        ] {
            assert_eq!(folded(name), folded(typed), "{typed} {name}");
        }
    }

    #[test]
    fn marks_that_make_another_word_stay() {
        for (one, other) in [
            ("ガ", "カ"),
            ("ぱ", "は"),
            ("ไม่", "ไม"),
            ("कि", "क"),
            ("की", "कि"),
            ("이", "일"),
            ("山", "川"),
            ("і", "и"),
        ] {
            assert_ne!(folded(one), folded(other), "{one} {other}");
        }
        for same in ["東京タワー", "한국어", "ガ", "ไม่มีน้ำ", "हिन्दी"]
        {
            let words: Vec<String> = words(same);
            assert_eq!(words.len(), 1, "{same} is one word: {words:?}");
        }
        // Half-width and decomposed forms are the same letters.
        assert_eq!(folded("ｶﾞ"), folded("ガ"));
        assert_eq!(folded("ガ"), "ガ");
        assert_eq!(folded("\u{1112}\u{1161}\u{11ab}"), "한");
    }

    #[test]
    fn every_character_folds_alike_in_both_cases() {
        // Without ideographs and syllables, which have no case, and without the empty planes.
        for c in ('\0'..'\u{3400}').chain('\u{a000}'..'\u{ac00}').chain('\u{f900}'..'\u{20000}') {
            let text = c.to_string();
            let one = folded(&text);
            assert_eq!(one, folded(&text.to_lowercase()), "lower {c:?} {:x}", u32::from(c));
            assert_eq!(one, folded(&text.to_uppercase()), "upper {c:?} {:x}", u32::from(c));
            assert_eq!(one, folded(&one), "again {c:?} {:x}", u32::from(c));
        }
    }

    #[test]
    fn an_iota_below_a_vowel_stays_before_other_marks() {
        assert_eq!(folded("ᾀ\u{c55}"), folded("ἈΙ\u{c55}"));
        assert_eq!(folded("ᾀ\u{c55}"), "αι\u{c55}");
    }

    #[test]
    fn letters_carry_the_clusters_they_come_from() {
        let of = |text: &str| letters(text).into_iter().map(|(range, _)| range).collect::<Vec<_>>();
        assert_eq!(of("é!"), [0..2, 2..3]);
        assert_eq!(of("e\u{301}!"), [0..3, 3..4]);
        // One cluster may be two letters.
        assert_eq!(of("ßa"), [0..2, 0..2, 2..3]);
        // An invisible character has no letter.
        assert_eq!(of("a\u{200b}b"), [0..1, 4..5]);
    }

    #[test]
    fn symbols_are_what_is_not_a_word() {
        assert_eq!(words("ana_ruiz 100%"), ["ana", "ruiz", "100"]);
        assert_eq!(symbols("ana_ruiz 100% 🌸"), ["_", "%", "🌸"]);
        assert_eq!((words("%"), symbols("a b")), (vec![], vec![]));
    }

    proptest! {
        #[test]
        fn any_text_folds_alike_in_both_cases(text in "[\\PC\u{300}-\u{36f}\u{345}\u{200b}-\u{200d}\u{1100}-\u{11ff}\u{3099}ςΣıİßﬁ\u{93c}\u{94d}\u{e48}]{0,24}") {
            let one = folded(&text);
            prop_assert_eq!(&one, &folded(&text.to_lowercase()));
            prop_assert_eq!(&one, &folded(&text.to_uppercase()));
            prop_assert_eq!(&one, &folded(&one));
            let letters = letters(&text);
            let edges: Vec<usize> = clusters(&text).map(|(at, _)| at).chain([text.len()]).collect();
            prop_assert!(letters.iter().all(|(range, _)| edges.contains(&range.start) && edges.contains(&range.end)));
            prop_assert!(letters.is_sorted_by_key(|(range, _)| range.start));
            prop_assert_eq!(letters.into_iter().map(|(_, c)| c).collect::<String>(), one);
        }
    }
}
