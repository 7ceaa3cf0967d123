//! Letters as they are compared when people search: case and common accents do not matter.

use super::width::clusters;
use nucleo_matcher::chars::normalize;
use std::ops::Range;

/// The letters of a text as they are compared, each with the cluster it comes from.
pub fn letters(text: &str) -> impl Iterator<Item = (Range<usize>, char)> + '_ {
    clusters(text).flat_map(|(at, cluster)| {
        let letter = cluster.chars().next().map(normalize);
        letter.into_iter().flat_map(char::to_lowercase).map(move |c| (at..at + cluster.len(), c))
    })
}

/// A text as it is compared.
pub fn folded(text: &str) -> String {
    letters(text).map(|(_, letter)| letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_do_not_matter() {
        assert_eq!(folded("Está AQUÍ"), "esta aqui");
        // The accent may stand alone behind its letter.
        assert_eq!(folded("Esta\u{301}"), "esta");
        assert_eq!(letters("é!").map(|(range, _)| range).collect::<Vec<_>>(), [0..2, 2..3]);
    }
}
