//! A file is about one thing: without its tests it has at most 500 lines.

use crate::graph::read;

const MOST_LINES: usize = 500;

/// The lines of a source before its tests, which are its last part.
fn lines(source: &str) -> usize {
    let tests = source.find("\n#[cfg(test)]\nmod tests {").map(|at| at + 1);
    source.get(..tests.unwrap_or(source.len())).unwrap_or_default().lines().count()
}

#[test]
fn no_file_is_long() {
    let long: Vec<String> = read()
        .iter()
        .map(|(path, source)| (path, lines(source)))
        .filter(|(_, count)| *count > MOST_LINES)
        .map(|(path, count)| format!("{path}: {count} lines: split it by subject"))
        .collect();
    assert!(long.is_empty(), "\n{}", long.join("\n"));
}

#[test]
fn tests_in_a_file_are_not_counted() {
    let code = "fn f() {}\n".repeat(501);
    assert_eq!(lines(&code), 501);
    assert_eq!(lines(&format!("//! Owns.\n#[cfg(test)]\nmod tests {{\n{code}}}\n")), 1);
    assert_eq!(lines(&format!("#[cfg(test)]\nmod tests;\n{code}")), 503);
}
