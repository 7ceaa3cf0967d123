//! The directions inside `src/app`: core <- features <- dispatch.

use crate::graph::{Graph, read};

/// What is wrong with one file that names another, both as modules below `app`: `features::note::update`.
fn fault(from: &[&str], to: &[&str]) -> Option<&'static str> {
    match (from, to) {
        (["core", ..], ["features", _, "model", ..]) => None,
        (["core", ..], ["features", ..]) => Some("core may name a feature's model and nothing else of it"),
        (["features", own, ..], ["features", other, ..]) if own != other => {
            Some("a feature may not name another one: what both need is in core")
        }
        (["core" | "features", ..], ["dispatch", ..]) => Some("only app/mod.rs names dispatch"),
        (["core" | "features" | "dispatch", ..], ["monitor", ..]) => {
            Some("the console may not name the monitor: what both need is in core")
        }
        _ => None,
    }
}

fn faults(graph: &Graph) -> Vec<String> {
    let mut faults = Vec::new();
    for (from, to) in graph.edges() {
        let parts = |module: &str| module.split("::").map(str::to_owned).collect::<Vec<_>>();
        let (from_parts, to_parts) = (parts(from), parts(to));
        let from_parts: Vec<&str> = from_parts.iter().map(String::as_str).collect();
        let to_parts: Vec<&str> = to_parts.iter().map(String::as_str).collect();
        let (["app", from_rest @ ..], ["app", to_rest @ ..]) = (from_parts.as_slice(), to_parts.as_slice())
        else {
            continue;
        };
        if let Some(words) = fault(from_rest, to_rest) {
            faults.push(format!("{from} names {to}: {words}"));
        }
    }
    faults
}

#[test]
fn the_console_keeps_its_directions() {
    let faults = faults(&Graph::of(&read()));
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_wrong_direction_in_the_console_is_reported() {
    let files = [
        ("app/mod.rs", "pub mod core;\nmod dispatch;\npub mod features;\n"),
        ("app/core/mod.rs", "pub mod state;\n"),
        (
            "app/core/state.rs",
            "use crate::app::features::note::model::Note;\nuse crate::app::features::note::update;\n\
                               fn f() { update::open() }\npub struct State;\n",
        ),
        ("app/features/mod.rs", "pub mod case;\npub mod note;\n"),
        ("app/features/note/mod.rs", "pub mod model;\npub mod update;\n"),
        ("app/features/note/model.rs", "pub struct Note;\n"),
        ("app/features/note/update.rs", "pub fn open() {}\n"),
        (
            "app/features/case/mod.rs",
            "use crate::app::features::note::model::Note;\nuse crate::app::dispatch::update;\n",
        ),
        ("app/dispatch/mod.rs", "use crate::app::features::note::update::open;\npub fn update() {}\n"),
    ];
    let files = files.map(|(path, source)| (path.to_owned(), source.to_owned()));
    assert_eq!(
        faults(&Graph::of(&files)),
        [
            "app::core::state names app::features::note::update: core may name a feature's model and nothing else of it",
            "app::features::case names app::dispatch: only app/mod.rs names dispatch",
            "app::features::case names app::features::note::model: a feature may not name another one: what both need is in core",
        ]
    );
}
