//! Guesses the word that somebody probably meant.

/// The candidate with the smallest edit distance, if that is small for a word of this length.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (word.chars().count() / 3).max(2);
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(changes, _)| *changes <= most)
        .min_by_key(|(changes, _)| *changes)
        .map(|(_, candidate)| candidate)
}

/// The edit distance: letters to add, drop or replace to turn `a` into `b`. Keeps one row of the table.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (done, letter) in a.chars().enumerate() {
        let mut diagonal = done;
        let mut left = done + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, other) in row.iter_mut().skip(1).zip(&b) {
            let above = *cell;
            left = (diagonal + usize::from(letter != *other)).min(above + 1).min(left + 1);
            *cell = left;
            diagonal = above;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        assert_eq!(nearest("uzer", ["url", "user", "theme"]), Some("user"));
        assert_eq!(nearest("pasword", ["url", "password-command"]), None);
        assert_eq!(nearest("x", []), None);
    }

    #[test]
    fn changes_are_counted_both_ways() {
        for (a, b, changes) in
            [("", "abc", 3), ("kitten", "sitting", 3), ("aé", "ae", 1), ("same", "same", 0)]
        {
            assert_eq!(distance(a, b), changes);
            assert_eq!(distance(b, a), changes);
        }
    }
}
