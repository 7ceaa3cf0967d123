//! Links in a text.
//!
//! Owns: where `http://`, `https://`, `www.`, `mailto:` and `tel:` links begin and end.
//! Must not: open, fetch or judge them.

use std::ops::Range;

/// The links of a text as byte ranges, in order. The punctuation of the sentence around a link, and a
/// closing bracket whose opening one is outside, are not part of it.
pub fn links(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut inside_word = false;
    let mut skip_to = 0;
    for (at, c) in text.char_indices() {
        if at < skip_to {
            continue;
        }
        if !inside_word
            && let Some(rest) = text.get(at..)
            && let Some((scheme, kind)) = scheme(rest)
        {
            let run = rest.find(|c| !kind.may_hold(c)).unwrap_or(rest.len());
            let link = trim(rest.get(..run).unwrap_or_default());
            if link.get(scheme..).is_some_and(|target| kind.accepts(target)) {
                found.push(at..at + link.len());
            }
            // Continue after the whole run either way, so that rejected text is not read twice.
            skip_to = at + run.max(scheme);
            inside_word = false;
            continue;
        }
        // Chinese and Japanese have no space before a link.
        inside_word = c.is_ascii_alphanumeric();
    }
    found
}

#[derive(Clone, Copy)]
enum LinkKind {
    Web,
    /// `www.` without a scheme: the host must contain another dot.
    Www,
    Mail,
    Phone,
}

/// The scheme at the start of a text: its length in bytes, and the kind of link.
fn scheme(text: &str) -> Option<(usize, LinkKind)> {
    let schemes = [
        ("https://", LinkKind::Web),
        ("http://", LinkKind::Web),
        ("www.", LinkKind::Www),
        ("mailto:", LinkKind::Mail),
        ("tel:", LinkKind::Phone),
    ];
    schemes.into_iter().find_map(|(name, kind)| {
        let start = text.get(..name.len())?;
        start.eq_ignore_ascii_case(name).then_some((name.len(), kind))
    })
}

impl LinkKind {
    fn may_hold(self, c: char) -> bool {
        match self {
            Self::Phone => c.is_ascii_alphanumeric() || "+-.()*#:;=".contains(c),
            Self::Web | Self::Www | Self::Mail => {
                !c.is_whitespace()
                    && !c.is_control()
                    && !"<>\"`|\\^{}«»“”„‘’␛。，、！？；：「」『』（）【】《》⁇".contains(c)
            }
        }
    }

    /// Whether the text after the scheme can be the target of a link.
    fn accepts(self, target: &str) -> bool {
        match self {
            Self::Web => target.starts_with(|c: char| c.is_alphanumeric() || c == '['),
            Self::Www => {
                let host = target.split(['/', '?', '#']).next().unwrap_or_default();
                host.starts_with(char::is_alphanumeric) && host.trim_end_matches('.').contains('.')
            }
            Self::Mail => {
                target.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
            }
            Self::Phone => target.chars().filter(char::is_ascii_digit).count() >= 3,
        }
    }
}

/// Removes the punctuation of the sentence from the end.
fn trim(link: &str) -> &str {
    let count = |c: char| link.matches(c).count();
    let mut round = (count('('), count(')'));
    let mut square = (count('['), count(']'));
    let mut rest = link.chars();
    loop {
        let kept = rest.as_str();
        let unbalanced = match rest.next_back() {
            Some('.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_' | '~' | '…' | '(' | '[') => continue,
            Some(')') => &mut round,
            Some(']') => &mut square,
            _ => return kept,
        };
        if unbalanced.1 <= unbalanced.0 {
            return kept;
        }
        unbalanced.1 -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(text: &str) -> Vec<&str> {
        links(text).into_iter().map(|range| text.get(range).unwrap()).collect()
    }

    #[test]
    fn every_kind_of_link_is_found() {
        assert_eq!(
            found(
                "see https://a.example/b?c=d#e, HTTP://X.example or www.b.example. mailto:a@b.example tel:+1-555-0100"
            ),
            [
                "https://a.example/b?c=d#e",
                "HTTP://X.example",
                "www.b.example",
                "mailto:a@b.example",
                "tel:+1-555-0100"
            ]
        );
    }

    #[test]
    fn punctuation_around_a_link_is_left_out() {
        assert_eq!(found("(https://a.example/x)."), ["https://a.example/x"]);
        assert_eq!(found("https://a.example/x_(y)!"), ["https://a.example/x_(y)"]);
        assert_eq!(found("*https://a.example*"), ["https://a.example"]);
        assert_eq!(found("<https://a.example>"), ["https://a.example"]);
        assert_eq!(found("“https://a.example”"), ["https://a.example"]);
        assert_eq!(found("看https://a.example。好"), ["https://a.example"]);
    }

    #[test]
    fn what_is_no_link_is_not_found() {
        for text in ["http://", "www.", "www.x", "mailto:", "mailto:x", "tel:12", "xhttp://a.b", "https:// a"]
        {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn a_hundred_thousand_refused_links_are_read_in_one_go() {
        for unit in ["mailto:", "www.", "tel:", "http://", "http://(", "https://a)"] {
            links(&unit.repeat(20_000));
        }
    }

    proptest! {
        #[test]
        fn links_are_in_order_and_without_spaces(
            text in prop_oneof![any::<String>(), "((https?://|www\\.|mailto:|tel:|[a-z0-9.@()é日 ]){0,6} ?){0,6}"]
        ) {
            let mut at = 0;
            for link in links(&text) {
                prop_assert!(link.start >= at && link.end > link.start);
                let part = text.get(link.clone()).expect("a link is a range of the text");
                prop_assert!(!part.contains(char::is_whitespace));
                at = link.end;
            }
        }
    }
}
