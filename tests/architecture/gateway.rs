//! The directions inside `src/gateway`: router <- writer <- what answers requests <- http.

use crate::{code, sources};
use std::fs;
use std::path::Path;

/// A file or folder below `src/gateway`, and the others that it may name. For a file the longest name that fits
/// counts: `whatsapp/graph.rs` is not part of `whatsapp` here. A room names only rooms above it, so there are no circles.
const ROOMS: &[(&str, &[&str])] = &[
    ("accept", &[]),
    ("directory", &[]),
    ("library", &[]),
    ("masking", &[]),
    ("router", &[]),
    ("secret_hash", &[]),
    // What webhooks and WhatsApp's replies say, without a request.
    ("whatsapp", &[]),
    ("webhook", &["whatsapp"]),
    ("hub", &["secret_hash"]),
    ("writer", &["masking", "router", "whatsapp", "hub"]),
    ("whatsapp/templates", &["whatsapp", "writer"]),
    ("whatsapp/catalog", &["whatsapp/templates"]),
    ("whatsapp/graph", &["whatsapp", "writer", "whatsapp/templates"]),
    ("whatsapp/inspect", &["whatsapp", "whatsapp/graph"]),
    ("whatsapp/sender", &["whatsapp", "writer", "whatsapp/graph"]),
    ("whatsapp/sync", &["whatsapp", "writer", "whatsapp/catalog"]),
    ("customers", &["whatsapp", "whatsapp/templates"]),
    ("audit", &["writer"]),
    ("auth", &["directory", "secret_hash", "writer"]),
    ("feed", &["router", "whatsapp", "writer"]),
    (
        "services",
        &["directory", "library", "webhook", "whatsapp/catalog", "hub", "writer", "audit", "auth", "feed"],
    ),
    ("reply", &["writer", "services"]),
    ("bayeux", &["accept", "hub", "auth", "services", "reply"]),
    (
        "http",
        &[
            "accept",
            "directory",
            "masking",
            "webhook",
            "writer",
            "auth",
            "feed",
            "services",
            "reply",
            "bayeux",
        ],
    ),
];

/// The room of a file or of a path such as `whatsapp/graph/Graph`.
fn room(path: &str) -> Option<&'static (&'static str, &'static [&'static str])> {
    let fits =
        |room: &str| path.strip_prefix(room).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    ROOMS.iter().filter(|(room, _)| fits(room)).max_by_key(|(room, _)| room.len())
}

/// The parts of a group of a `use`, up to the brace that closes it.
fn parts(group: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                parts.push(group.get(start..at).unwrap_or_default().trim());
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    parts
}

/// The paths at the start of a text: `a::{b, c::d}` names `a::b` and `a::c::d`.
fn paths(text: &str) -> Vec<String> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(text.len());
    let (path, rest) = text.split_at(end);
    match rest.strip_prefix('{') {
        Some(group) => {
            let inner = parts(group).into_iter().flat_map(paths);
            inner.map(|inner| format!("{path}{inner}")).collect()
        }
        None => vec![path.to_owned()],
    }
}

/// What a file names below `src/gateway`, as `writer/api/Command`, by `crate::` and by `super::`.
fn named(file: &str, code: &str) -> Vec<String> {
    let module: Vec<&str> = file.trim_end_matches(".rs").split('/').filter(|part| *part != "mod").collect();
    let starts = ["crate::gateway::", "super::"].into_iter().flat_map(|word| code.match_indices(word));
    // `super::super::` is one path, not two.
    let starts = starts.filter(|(at, _)| !code.get(..*at).unwrap_or_default().ends_with("::"));
    let found = starts.flat_map(|(at, _)| paths(code.get(at..).unwrap_or_default()));
    let below = found.filter_map(|path| {
        if let Some(path) = path.strip_prefix("crate::gateway::") {
            return Some(path.replace("::", "/"));
        }
        let up = path.matches("super::").count();
        let base = module.get(..module.len().checked_sub(up)?)?;
        let rest = path.trim_start_matches("super::").split("::");
        Some(base.iter().copied().chain(rest).collect::<Vec<_>>().join("/"))
    });
    below.collect()
}

/// What is wrong with one file, given its path below `src/gateway`.
fn faults(file: &str, source: &str) -> Vec<String> {
    let code = code(source);
    let Some((own, allowed)) = room(file.trim_end_matches(".rs")) else {
        return vec![format!("gateway/{file} is in no room of this test: give it a row in ROOMS")];
    };
    let mut faults: Vec<String> = named(file, &code)
        .iter()
        .filter_map(|path| room(path))
        .filter(|(other, _)| other != own && !allowed.contains(other))
        .map(|(other, _)| format!("gateway/{file}: {own} may not name {other}"))
        .collect();
    faults.sort();
    faults.dedup();
    faults
}

#[test]
fn the_gateway_keeps_its_directions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/gateway");
    let mut files = Vec::new();
    sources(&root, &mut files);
    files.sort();
    let all: Vec<String> = files
        .iter()
        .map(|file| (file.strip_prefix(&root).unwrap().to_str().unwrap(), file))
        // `mod.rs` declares the rooms. A file of tests may use what it likes.
        .filter(|(path, _)| *path != "mod.rs" && !path.ends_with("tests.rs") && !path.contains("/tests/"))
        .flat_map(|(path, file)| faults(path, &fs::read_to_string(file).unwrap()))
        .collect();
    assert!(all.is_empty(), "\n{}", all.join("\n"));
}

#[test]
fn a_room_of_the_gateway_names_only_rooms_above_it() {
    for (at, (room, allowed)) in ROOMS.iter().enumerate() {
        for other in *allowed {
            let above = ROOMS.iter().take(at).any(|(known, _)| known == other);
            assert!(above, "{room} may name {other}, which is not above it in ROOMS");
        }
    }
}

#[test]
fn a_wrong_direction_in_the_gateway_is_reported() {
    let of = |file: &str, code: &str| faults(file, &format!("//! Owns.\n{code}\n"));
    let wrong = "use crate::gateway::http::session;";
    assert_eq!(of("bayeux/poll.rs", wrong), ["gateway/bayeux/poll.rs: bayeux may not name http"]);
    assert_eq!(
        of("services.rs", "use super::{auth, http::admin};"),
        ["gateway/services.rs: services may not name http"]
    );
    assert_eq!(of("router/due.rs", "fn f(_: super::super::hub::Hub) {}").len(), 1);
    assert_eq!(
        of("whatsapp/parse.rs", "use super::graph::Graph;"),
        ["gateway/whatsapp/parse.rs: whatsapp may not name whatsapp/graph"]
    );
    assert_eq!(
        of("writer/actor.rs", "use crate::gateway::{hub::Hub, whatsapp::sender::{A, B}};"),
        ["gateway/writer/actor.rs: writer may not name whatsapp/sender"]
    );
    assert_eq!(
        of("attic/mod.rs", ""),
        ["gateway/attic/mod.rs is in no room of this test: give it a row in ROOMS"]
    );
    let allowed =
        "use super::state::State;\nuse crate::gateway::whatsapp::inbound::Content;\n// crate::gateway::http";
    assert_eq!(of("writer/ingest.rs", allowed), [""; 0]);
    assert_eq!(
        of("writer/actor/contacts.rs", "use super::super::hub;\nuse super::super::super::hub;"),
        [""; 0]
    );
}
