//! Holds the sources to the architecture that `src/lib.rs` draws.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

mod app;
mod comments;
mod gateway;
mod graph;
mod sizes;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room, and the rooms it may use besides itself. `None` is all of them.
const ROOMS: &[(&str, Option<&[&str]>)] = &[
    ("text", Some(&[])),
    ("domain", Some(&["text"])),
    ("proto", Some(&["domain", "text"])),
    ("app", Some(&["proto", "domain", "text"])),
    ("ui", Some(&["app", "proto", "domain", "text"])),
    ("config", Some(&["domain", "text"])),
    ("telemetry", Some(&["config", "domain", "text"])),
    ("term", Some(EDGE)),
    ("net", Some(EDGE)),
    ("store", Some(EDGE)),
    ("gateway", Some(&["text", "domain", "proto", "config", "telemetry", "store"])),
    (
        "runtime",
        Some(&[
            "text",
            "domain",
            "proto",
            "app",
            "ui",
            "config",
            "telemetry",
            "term",
            "net",
            "store",
            "gateway",
        ]),
    ),
    ("cli", None),
    ("main", None),
    ("lib", None),
];

const EDGE: &[&str] = &["text", "domain", "proto", "config", "telemetry"];

/// Where nothing may come from outside but through arguments.
const PURE: &[&str] = &["text/", "domain/", "proto/", "app/", "ui/", "gateway/router"];

/// What would let a clock, a file, a thread or chance into a pure room.
const IMPURE: &[&str] = &[
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::sync::Mutex",
    "std::sync::RwLock",
    "tokio::",
    "getrandom",
    ".await",
];

/// What is wrong with one source file, given its path below `src`.
fn faults(path: &str, source: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !source.starts_with("//!") {
        faults.push(format!("{path}: does not start with //! and what it owns"));
    }
    let room = path.split('/').next().unwrap_or_default().trim_end_matches(".rs");
    let Some((_, allowed)) = ROOMS.iter().find(|(known, _)| *known == room) else {
        faults.push(format!("{path}: {room} is a room that this test does not know: give it its neighbours"));
        return faults;
    };
    // A file of tests only may use what it likes, as tests at the end of a file may.
    let code = if path.ends_with("/tests.rs") { String::new() } else { code(source) };
    for used in crate_paths(&code) {
        let known = ROOMS.iter().any(|(known, _)| *known == used);
        if known && used != room && allowed.is_some_and(|allowed| !allowed.contains(&used.as_str())) {
            faults.push(format!("{path}: {room} uses {used}"));
        }
    }
    if climbs_to_the_top(path, &code) {
        faults.push(format!("{path}: reaches another room with super:: instead of crate::"));
    }
    if PURE.iter().any(|pure| path.starts_with(pure)) {
        for word in IMPURE.iter().filter(|word| mentions(&code, word)) {
            faults.push(format!("{path}: {room} is pure and mentions {word}"));
        }
    }
    faults
}

/// Whether a word stands in code as a whole: `.await` is not in `.awaiting`.
fn mentions(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let after = code.get(at + word.len()..).and_then(|rest| rest.chars().next());
        word.ends_with(':') || !after.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

/// The source without comments and without its tests, which stand last.
fn code(source: &str) -> String {
    let lines: Vec<&str> = source.lines().collect();
    let tests = lines.iter().enumerate().position(|(index, line)| {
        line.trim() == "#[cfg(test)]"
            && lines
                .iter()
                .skip(index + 1)
                .find(|next| !next.trim().starts_with("#["))
                .is_some_and(|next| next.contains("mod ") && next.trim_end().ends_with('{'))
    });
    let kept = lines.iter().take(tests.unwrap_or(lines.len()));
    let bare = kept.map(|line| {
        let line = line.trim_start();
        if line.starts_with("//") { "" } else { line.split(" // ").next().unwrap_or_default() }
    });
    bare.collect::<Vec<_>>().join("\n")
}

/// The rooms named by `crate::room` and by `crate::{room, other::{…}}`.
fn crate_paths(code: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    for (_, after) in code.match_indices("crate::").map(|(at, word)| code.split_at(at + word.len())) {
        match after.strip_prefix('{') {
            None => {
                rooms.insert(word(after));
            }
            Some(group) => {
                let (mut depth, mut fresh) = (0, true);
                for (at, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => fresh = true,
                        c if fresh && !c.is_whitespace() => {
                            rooms.insert(word(group.get(at..).unwrap_or_default()));
                            fresh = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    rooms
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Whether a chain of `super::` leads out of the room.
fn climbs_to_the_top(path: &str, code: &str) -> bool {
    let parts: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
    // `app/mod.rs` and `app.rs` are one step below the top.
    let depth = if parts.last() == Some(&"mod") { parts.len() - 1 } else { parts.len() };
    code.contains(&"super::".repeat(depth))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn the_sources_keep_to_their_rooms() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 20, "only {} sources were found", files.len());
    files.sort();
    let all: Vec<String> = files
        .iter()
        .flat_map(|file| {
            let path = file.strip_prefix(&root).unwrap().to_str().unwrap();
            faults(path, &fs::read_to_string(file).unwrap())
        })
        .collect();
    assert!(all.is_empty(), "\n{}", all.join("\n"));
}

#[test]
fn a_wrong_neighbour_would_be_found() {
    let told = |path: &str, code: &str| faults(path, &format!("//! Owns.\n{code}\n"));
    assert_eq!(told("ui/pane.rs", "use crate::net::Client;"), ["ui/pane.rs: ui uses net"]);
    assert_eq!(told("domain/x.rs", "fn f() -> crate::proto::Kv {}"), ["domain/x.rs: domain uses proto"]);
    assert_eq!(
        told("net/mod.rs", "use crate::{\n    domain::{Millis, ids},\n    store::{self, x},\n    text,\n};"),
        ["net/mod.rs: net uses store"]
    );
    assert_eq!(told("runtime/x.rs", "pub(crate) use crate::cli;"), ["runtime/x.rs: runtime uses cli"]);
    assert_eq!(told("app/x.rs", "use crate::config::Config;"), ["app/x.rs: app uses config"]);
    assert_eq!(told("text/clean.rs", "use super::super::domain::Millis;").len(), 1);
    assert_eq!(told("attic/mod.rs", "").len(), 1);
    let allowed = "use crate::app::State; // not crate::net\n/// [`crate::term`]\nuse super::pane;";
    assert_eq!(told("ui/list.rs", allowed), [""; 0]);
    assert_eq!(told("gateway/writer/a.rs", "use super::super::hub; use crate::store::Store;"), [""; 0]);
}

#[test]
fn a_clock_in_a_pure_room_would_be_found() {
    let code = "//! Owns.\nlet now = Instant::now();\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n";
    assert_eq!(faults("app/update.rs", code), ["app/update.rs: app is pure and mentions Instant::now"]);
    assert_eq!(faults("gateway/router/mod.rs", code).len(), 1);
    assert_eq!(faults("runtime/clock.rs", code), [""; 0]);
    assert_eq!(faults("app/update.rs", "//! Owns.\nself.awaiting = true;\n"), [""; 0]);
    assert_eq!(faults("app/update.rs", "//! Owns.\nf().await;\n").len(), 1);
    assert_eq!(faults("app/update/tests.rs", "//! Tests.\nuse std::fs;\n"), [""; 0]);
    // One item for tests in the middle does not hide what stands below it.
    let middle = "//! Owns.\n#[cfg(test)]\nfn helper() {}\nuse tokio::sync::mpsc;\n";
    assert_eq!(faults("app/update.rs", middle).len(), 1);
    let silent = "use std::fmt;\n";
    assert_eq!(faults("app/update.rs", silent), ["app/update.rs: does not start with //! and what it owns"]);
}

/// The versions of a package in the lock file.
fn versions(lock: &str, package: &str) -> usize {
    let line = format!("name = \"{package}\"");
    lock.lines().filter(|known| *known == line).count()
}

#[test]
fn there_is_one_version_of_what_must_be_one_and_none_of_what_needs_c() {
    let lock = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).unwrap();
    for package in ["crossterm", "tungstenite", "unicode-width", "rustls"] {
        assert_eq!(versions(&lock, package), 1, "{package}");
    }
    for package in ["openssl-sys", "aws-lc-rs", "aws-lc-sys", "native-tls"] {
        assert_eq!(versions(&lock, package), 0, "{package}");
    }
    assert_eq!(versions("name = \"a\"\nname = \"a\"\nname = \"ab\"", "a"), 2);
}

#[test]
fn each_loop_changes_its_state_in_one_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/runtime");
    // At a second place somebody would forget to run the effects.
    for (file, change) in [
        ("console.rs", "update(&mut self.state"),
        ("monitor.rs", "update(&mut self.state"),
        ("event_loop.rs", "program.update("),
    ] {
        let source = fs::read_to_string(root.join(file)).unwrap();
        assert_eq!(source.matches(change).count(), 1, "{file}");
    }
    // Only the one loop runs the state machines.
    for file in ["console.rs", "monitor.rs"] {
        let source = fs::read_to_string(root.join(file)).unwrap();
        assert_eq!(source.matches(".update(").count(), 0, "{file}");
    }
}
