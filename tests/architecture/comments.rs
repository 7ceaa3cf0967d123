//! Public items say what they are.
//!
//! Fields and variants need no comment where their names say it all, so the compiler's `missing_docs` would ask for
//! too much.

use crate::code;
use crate::graph::read;

/// The kinds of items that need a comment. A module has its own at the top of its file.
const ITEMS: &[&str] = &["fn", "struct", "enum", "trait", "type", "const", "static"];

/// The public items without a comment, as `line: the line`.
fn bare(path: &str, source: &str) -> Vec<String> {
    let length = code(source).lines().count();
    let lines: Vec<&str> = source.lines().take(length).map(str::trim).collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(item) = line.strip_prefix("pub ") else { continue };
        let mut words = item.split_whitespace().filter(|word| !matches!(*word, "async" | "unsafe"));
        let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let kind = if first == "const" && second == "fn" { second } else { first };
        // Inside the writer, which is private to the gateway, the names of functions and their files say it.
        let inner = kind == "fn" && path.starts_with("gateway/writer/");
        if !ITEMS.contains(&kind) || inner || second.starts_with('$') {
            continue;
        }
        if !has_comment(lines.get(..at).unwrap_or_default()) {
            found.push(format!("{}: {line}", at + 1));
        }
    }
    found
}

/// Whether a comment ends the lines, perhaps with attributes after it.
fn has_comment(before: &[&str]) -> bool {
    let mut lines = before.iter().rev();
    while let Some(line) = lines.next() {
        if line.starts_with("#[") {
            continue;
        }
        if *line == ")]" {
            // An attribute over several lines.
            lines.by_ref().find(|line| line.starts_with("#["));
            continue;
        }
        return line.starts_with("///");
    }
    false
}

#[test]
fn every_public_item_has_a_comment() {
    let files = read();
    let found = files
        .iter()
        .flat_map(|(path, source)| bare(path, source).into_iter().map(move |line| format!("{path}:{line}")));
    let found: Vec<String> = found.collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn a_public_item_without_a_comment_is_reported() {
    let source = "//! Owns.\n\n/// A.\n#[derive(Debug)]\npub struct A;\n\npub const fn b() {}\n\n/// C.\npub const C: u8 = 1;\n\
                  #[expect(\n    clippy::x,\n    reason = \"y\"\n)]\npub async fn d() {}\npub mod e;\nfn f() {}\n\
                  #[cfg(test)]\nmod tests {\n    pub fn g() {}\n}\n";
    assert_eq!(bare("ui/a.rs", source), ["7: pub const fn b() {}", "15: pub async fn d() {}"]);
    assert_eq!(bare("gateway/writer/a.rs", source), [""; 0]);
}
