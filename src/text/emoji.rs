//! Emoji by name.
//!
//! Owns: the `:name:` codes that an agent may type, and the suggestions while one is typed.

/// How suggestions are sorted: how the name matched, length of the code, position in Unicode's order.
type Rank = (Match, usize, usize);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    ExactCode,
    CodeStart,
    CodeWord,
    ExactName,
    NameStart,
    NameWord,
}

/// Suggestions for the beginning of a name, best first, each emoji once: short codes before names, an exact match
/// before a beginning, a beginning before a later word. Case does not matter. An empty prefix has no suggestions.
pub fn complete(prefix: &str, limit: usize) -> Vec<(&'static str, &'static str)> {
    if prefix.is_empty() {
        return Vec::new();
    }
    let prefix = prefix.to_lowercase();
    let spoken = prefix.replace('_', " ");
    let mut found: Vec<(Rank, &str, &str)> = emojis::iter()
        .enumerate()
        .filter_map(|(place, emoji)| {
            let by_code = emoji
                .shortcodes()
                .filter_map(|code| Some((match_code(code, &prefix)?, code.len(), code)))
                .min_by_key(|(how, len, _)| (*how, *len));
            let (how, len, code) = by_code.or_else(|| {
                let how = match_name(emoji.name(), &spoken)?;
                let code = emoji.shortcode().unwrap_or_else(|| emoji.name());
                Some((how, code.len(), code))
            })?;
            Some(((how, len, place), code, emoji.as_str()))
        })
        .collect();
    found.sort_unstable_by_key(|(rank, ..)| *rank);
    found.into_iter().take(limit).map(|(_, name, emoji)| (name, emoji)).collect()
}

/// All emoji in Unicode's order, each with the name to type for it.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    emojis::iter().map(|emoji| (emoji.shortcode().unwrap_or_else(|| emoji.name()), emoji.as_str()))
}

/// The emoji of a code with its colons: `:wave:`.
pub fn lookup(code: &str) -> Option<&'static str> {
    let code = code.strip_prefix(':')?.strip_suffix(':')?;
    emojis::get_by_shortcode(code)
        .or_else(|| emojis::get_by_shortcode(&code.to_lowercase()))
        .map(emojis::Emoji::as_str)
}

/// The name to type for an emoji.
pub fn name(emoji: &str) -> Option<&'static str> {
    let emoji = emojis::get(emoji)?;
    emoji.shortcode().or_else(|| Some(emoji.name()))
}

fn match_code(code: &str, prefix: &str) -> Option<Match> {
    if code == prefix {
        Some(Match::ExactCode)
    } else if code.starts_with(prefix) {
        Some(Match::CodeStart)
    } else if later_word(code, '_', prefix) {
        Some(Match::CodeWord)
    } else {
        None
    }
}

fn match_name(name: &str, prefix: &str) -> Option<Match> {
    let name = name.to_lowercase();
    if name == prefix {
        Some(Match::ExactName)
    } else if name.starts_with(prefix) {
        Some(Match::NameStart)
    } else if later_word(&name, ' ', prefix) {
        Some(Match::NameWord)
    } else {
        None
    }
}

/// Whether a word after the first starts with the prefix.
fn later_word(text: &str, separator: char, prefix: &str) -> bool {
    text.match_indices(separator)
        .filter_map(|(at, separator)| text.get(at + separator.len()..))
        .any(|word| word.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_emoji() {
        assert_eq!(lookup(":wave:"), Some("👋"));
        assert_eq!(lookup(":WAVE:"), Some("👋"));
        assert_eq!(lookup(":+1:"), Some("👍"));
        assert_eq!(lookup("wave"), None);
        assert_eq!(lookup(":no such:"), None);
        assert_eq!(lookup(":"), None);
    }

    #[test]
    fn exact_codes_come_first_and_then_beginnings() {
        assert_eq!(complete("smile", 1), [("smile", "😄")]);
        assert_eq!(complete("tada", 5).first(), Some(&("tada", "🎉")));
        let found = complete("hea", 200);
        let split = found.iter().position(|(name, _)| !name.starts_with("hea")).unwrap_or(found.len());
        assert!(split > 5, "{found:?}");
        let codes = found.iter().skip(split).take_while(|(name, _)| name.contains("_hea")).count();
        assert!(codes > 0, "{found:?}");
    }

    #[test]
    fn names_are_searched_after_codes() {
        // Its code is `tada`; its name is `party popper`.
        assert!(complete("party_pop", 5).contains(&("tada", "🎉")));
    }

    #[test]
    fn suggestions_are_bounded_and_each_emoji_comes_once() {
        assert_eq!(complete("a", 7).len(), 7);
        assert!(complete("", 7).is_empty());
        assert!(complete("a", 0).is_empty());
        let all = complete("s", usize::MAX);
        let unique: std::collections::HashSet<_> = all.iter().map(|(_, emoji)| emoji).collect();
        assert_eq!(unique.len(), all.len());
    }
}
