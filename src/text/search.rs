//! The one search of all lists, in the console and in the gateway, so that neither hides what the other would find.
//!
//! Case and accents never matter. A search that can only be a telephone number searches numbers too.

use super::{fold, phone};
use nucleo_matcher::{Config, Matcher, Utf32String};
use std::cmp::Reverse;

/// How closely a text must match the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchMode {
    /// The whole text is equal.
    Exact,
    /// The text contains each word. (Workspace: how targets are searched.)
    Part,
    /// The text contains the letters of each word in their order.
    Fuzzy,
}

#[derive(Clone, Debug)]
struct Word {
    folded: String,
    letters: Utf32String,
}

/// A prepared search.
#[derive(Clone, Debug)]
pub struct Search {
    how: MatchMode,
    words: Vec<Word>,
    number: Option<String>,
    matcher: Matcher,
}

impl Search {
    /// Prepares a search for the typed text. An empty text, or `*`, finds everything.
    pub fn new(typed: &str, how: MatchMode) -> Self {
        let typed = if typed.trim() == "*" { "" } else { typed.trim() };
        let word = |text: &str| {
            let folded = fold::folded(text);
            let letters = utf32(&folded);
            Word { folded, letters }
        };
        let words: Vec<Word> = match how {
            MatchMode::Exact => (!typed.is_empty()).then(|| word(typed)).into_iter().collect(),
            MatchMode::Part | MatchMode::Fuzzy => typed.split_whitespace().map(word).collect(),
        };
        // A word of marks alone cannot be searched.
        let words: Vec<Word> = words.into_iter().filter(|word: &Word| !word.folded.is_empty()).collect();
        let mut config = Config::DEFAULT;
        // Both sides are folded already.
        (config.ignore_case, config.normalize) = (false, false);
        let matcher = Matcher::new(config);
        Self { how, words, number: phone::typed(typed), matcher }
    }

    /// Whether it finds everything.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    fn rate(&mut self, word: &Word, text: &str) -> Option<u32> {
        match self.how {
            MatchMode::Exact => (fold::folded(text) == word.folded).then_some(1),
            MatchMode::Part => {
                let text = fold::folded(text);
                text.contains(&word.folded).then(|| 1 + u32::from(text.starts_with(&word.folded)))
            }
            MatchMode::Fuzzy => {
                let text = fold::folded(text);
                self.matcher.fuzzy_match(utf32(&text).slice(..), word.letters.slice(..)).map(u32::from)
            }
        }
    }

    /// How well all words match one text, more is better; `None` when a word does not match.
    pub fn every(&mut self, text: &str) -> Option<u32> {
        let words = std::mem::take(&mut self.words);
        let rated = words.iter().try_fold(0, |sum, word| Some(sum + self.rate(word, text)?));
        self.words = words;
        rated
    }

    /// How many of the words match one of several names, and how well; `None` when none does. (Workspace: a search of
    /// several words finds everything that matches one of them.)
    pub fn some<'a>(&mut self, names: impl Iterator<Item = &'a str> + Clone) -> Option<(usize, u32)> {
        if self.words.is_empty() {
            return Some((0, 0));
        }
        let words = std::mem::take(&mut self.words);
        let rated =
            words.iter().filter_map(|word| names.clone().filter_map(|name| self.rate(word, name)).max());
        let (count, sum) = rated.fold((0, 0), |(count, sum), rate| (count + 1, sum + rate));
        self.words = words;
        (count > 0).then_some((count, sum))
    }

    /// Whether a telephone number contains the search.
    pub fn rings(&self, number: &str) -> bool {
        self.number.as_ref().is_some_and(|typed| phone::fits(number, typed))
    }

    /// A sort key for the results of [`Self::some`], best first.
    pub const fn order(rate: (usize, u32)) -> (Reverse<usize>, Reverse<u32>) {
        (Reverse(rate.0), Reverse(rate.1))
    }
}

/// The letters of a text for the matcher, each as a separate character: in clusters, it would drop vowel signs.
fn utf32(text: &str) -> Utf32String {
    if text.is_ascii() {
        Utf32String::Ascii(text.into())
    } else {
        Utf32String::Unicode(text.chars().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_case_nor_accents_nor_signs_matter() {
        for (typed, text) in [
            ("lucia", "Lucía"),
            ("LUCÍA", "Lucia"),
            ("ferndz", "Fernández"),
            ("!ana", "x!ana"),
            ("şahn", "Şahin"),
        ] {
            assert!(Search::new(typed, MatchMode::Fuzzy).every(text).is_some(), "{typed} {text}");
        }
        assert_eq!(Search::new("!ana", MatchMode::Fuzzy).every("Ben"), None);
        assert!(Search::new("fernán", MatchMode::Part).every("Lucia Fernandez").is_some());
        assert_eq!(Search::new("ferndz", MatchMode::Part).every("Fernández"), None);
        assert!(Search::new("kate london", MatchMode::Exact).every("Kate LONDON").is_some());
        assert_eq!(Search::new("kate", MatchMode::Exact).every("Kate London"), None);
        assert!(Search::new(" * ", MatchMode::Exact).is_empty());
    }

    #[test]
    fn every_word_must_fit_or_any_of_them() {
        let mut search = Search::new("kate ruiz", MatchMode::Part);
        assert_eq!(search.every("Kate London"), None);
        let names = ["Kate London", "kl"];
        let one = search.some(names.into_iter()).unwrap();
        let both = search.some(["Ruiz Kate"].into_iter()).unwrap();
        assert!(Search::order(both) < Search::order(one));
        assert_eq!(search.some(["Ben"].into_iter()), None);
        assert!(Search::new("0034 600", MatchMode::Part).rings("+34 600 000 101"));
        assert!(!Search::new("ana 600", MatchMode::Part).rings("+34 600 000 101"));
    }
}
