//! Holds the documents to the program: tables come from it, commands are its own.
//!
//! `BLESS=1 cargo test --test docs` writes the generated documents again.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "the helpers of a test may fail it"
)]

use clap::Parser as _;
use clap::error::ErrorKind;
use deskline::app::Action;
use deskline::app::core::keymap::Keymap;
use deskline::cli::Cli;
use deskline::config::Config;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Everything that people read, by its path.
fn documents() -> Vec<(String, String)> {
    let mut paths: Vec<String> =
        ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"].map(str::to_owned).to_vec();
    let mut in_docs: Vec<PathBuf> =
        fs::read_dir(root().join("docs")).unwrap().map(|file| file.unwrap().path()).collect();
    in_docs.sort();
    let markdown = in_docs.iter().filter(|path| path.extension().is_some_and(|end| end == "md"));
    paths.extend(markdown.map(|path| format!("docs/{}", path.file_name().unwrap().to_str().unwrap())));
    assert!(paths.len() > 5, "{paths:?}");
    paths.into_iter().map(|path| (path.clone(), read(&path))).collect()
}

/// Compares a generated file with the one that is committed. `BLESS=1` writes it.
fn compare(path: &str, generated: &str) {
    if std::env::var_os("BLESS").is_some() {
        fs::write(root().join(path), generated).unwrap();
    }
    let kept = fs::read_to_string(root().join(path)).unwrap_or_default();
    assert!(kept == generated, "{path} is not what the program makes of it: BLESS=1 writes it again");
}

// ---------------------------------------------------------------------------------------------------------
// Keys
// ---------------------------------------------------------------------------------------------------------

const KEYS_HEAD: &str = "\
# Keys and commands

This is the list of all actions of the console. Each has a name, and most have a key, a slash command, or both; the palette
(`Ctrl+K`) finds each by its words. F1 in the console shows this list with the keys that you have set.

Type a slash command into the input and press Enter: `/done resolved`. Tab completes its name. To send a text that begins
with a slash, begin it with two: `//done` sends `/done`.

## Other keys

Name the action under `[keys]` in the configuration, with its key or a list of keys; an empty list removes its keys:

```toml
[keys]
accept = \"F8\"
done = [\"F12\", \"Ctrl+D\"]
suspend = []
```

A key is a name (`Enter`, `Tab`, `BackTab`, `Backspace`, `Delete`, `Insert`, `Home`, `End`, `PageUp`, `PageDown`, `Up`,
`Down`, `Left`, `Right`, `Space`, `Plus`, `F1` to `F24`) or a character, with `Ctrl+`, `Alt+` or `Shift+` before it. A
character alone cannot be a command, because you need it for typing. A key that you give to one action is removed from the
action that has it here. One key for two actions is refused with its line, and so is a name that does not exist.

No default takes a prefix of tmux or screen (`Ctrl+B`, `Ctrl+A`), flow control (`Ctrl+S`, `Ctrl+Q`) or `Ctrl+\\`. Esc closes
the topmost layer, ends a search and goes to the newest message, whatever you bind to it; it never deletes text.

<!-- From here on this file is made by the program: BLESS=1 cargo test --test docs -->
";

#[test]
fn the_keymap_is_the_one_in_force() {
    compare("docs/keymap.md", &format!("{KEYS_HEAD}{}", Keymap::default().to_markdown()));
}

/// The TOML of documents that has keys in it.
#[test]
fn keys_in_examples_exist() {
    let switched_on: String = read("config.toml.example")
        .split("[keys]")
        .nth(1)
        .unwrap()
        .split("\n# ---")
        .next()
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')))
        .map(|line| format!("{line}\n"))
        .collect();
    let mut blocks = vec![format!("[keys]\n{switched_on}")];
    let all = documents();
    blocks.extend(all.iter().flat_map(|(_, text)| fences(text, "toml")).filter(|b| b.contains("[keys]")));
    let mut seen = 0;
    for block in blocks {
        let loaded = Config::parse(&block, "the example").unwrap_or_else(|error| panic!("{error}\n{block}"));
        for (name, keys) in &loaded.config.keys {
            use deskline::config::schema::Keys;
            let keys = match keys {
                Keys::One(key) => vec![key.as_str()],
                Keys::Many(keys) => keys.iter().map(String::as_str).collect(),
            };
            let (_, errors) = Keymap::new([(name.as_str(), keys)]);
            assert_eq!(errors, [], "{block}");
            seen += 1;
        }
    }
    assert!(seen >= 5, "only {seen} keys were found in examples");
}

/// Every example of a configuration in a document is one.
#[test]
fn examples_of_configurations_are_valid() {
    let mut seen = 0;
    for (path, text) in documents() {
        for block in fences(&text, "toml") {
            // A hash that nobody knows the password of stands for one that is made.
            let block = block.replace("$argon2id$…", "$argon2id$v=19$m=19456,t=2,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng$mC8E5bT3xXyX9yq9TqXk7T7vU8nq2v5pYk6r3m0nQ1s");
            if let Err(error) = Config::parse(&block, &path) {
                panic!("{error}\n{block}");
            }
            seen += 1;
        }
    }
    assert!(seen >= 3, "only {seen} examples were found");
}

// ---------------------------------------------------------------------------------------------------------
// Words
// ---------------------------------------------------------------------------------------------------------

/// The fenced blocks of a language; every one when it is empty.
fn fences(text: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(named)) => open = Some((named.trim().to_owned(), String::new())),
            (Some(_), Some(_)) => {
                let (named, block) = open.take().unwrap();
                if language.is_empty() || named == language {
                    blocks.push(block);
                }
            }
            (Some((_, block)), None) => block.push_str(&format!("{line}\n")),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    blocks
}

/// The `code` in running text, without that of fenced blocks.
fn spans(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    found
}

/// The words after `deskline` where a line calls it, as a shell would split them.
fn call(line: &str) -> Option<Vec<String>> {
    let line = line.trim().trim_start_matches("$ ");
    let line = line.strip_prefix("ExecStart=").or_else(|| line.strip_prefix("ForceCommand ")).unwrap_or(line);
    // What an SSH key may run.
    let line = line.split_once("command=\"").and_then(|(_, key)| key.split('"').next()).unwrap_or(line);
    let line = line.split([';', '|', '&', '<', '>', '#']).next().unwrap_or_default();
    let mut words = line.split_whitespace().peekable();
    while words.peek().is_some_and(|w| {
        w.split_once('=').is_some_and(|(n, _)| n.chars().all(|c| c.is_uppercase() || c == '_'))
    }) {
        words.next();
    }
    if words.peek() == Some(&"sudo") {
        words.next();
        if words.peek() == Some(&"-u") {
            words.nth(1);
        }
    }
    let words: Vec<String> = match words.next()? {
        program if program == "deskline" || program.ends_with("/deskline") => words.map(unquoted).collect(),
        "cargo" => {
            let all: Vec<&str> = words.collect();
            let at = all.iter().position(|word| *word == "--").filter(|_| all.first() == Some(&"run"))?;
            all.get(at + 1..)?.iter().copied().map(unquoted).collect()
        }
        _ => return None,
    };
    Some(words)
}

fn unquoted(word: &str) -> String {
    word.trim_matches(['"', '\'']).to_owned()
}

#[test]
fn every_command_that_is_named_is_one() {
    let mut seen = BTreeSet::new();
    for (path, text) in documents() {
        let whole = fences(&text, "").join("\n").replace("\\\n", " ");
        let calls = whole.lines().map(|line| (line.to_owned(), false));
        for (line, mentioned) in calls.chain(spans(&text).into_iter().map(|span| (span, true))) {
            let Some(words) = call(&line) else { continue };
            let parsed = Cli::try_parse_from(std::iter::once("deskline".to_owned()).chain(words.clone()));
            if let Err(error) = parsed {
                // Text may name a command without what it takes.
                let short = matches!(
                    error.kind(),
                    ErrorKind::MissingRequiredArgument
                        | ErrorKind::MissingSubcommand
                        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
                );
                let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
                assert!(asked || (mentioned && short), "{path}: {line}\n{error}");
            }
            seen.extend(words.into_iter().next());
        }
    }
    for command in ["serve", "demo", "check", "why", "user", "monitor", "tail", "audit"] {
        assert!(seen.contains(command), "no document says how to use deskline {command}: {seen:?}");
    }
}

#[test]
fn every_slash_command_that_is_named_exists() {
    // Addresses, not commands.
    let addresses = ["/healthz", "/metrics"];
    let mut seen = 0;
    for (path, text) in documents() {
        if path == "docs/protocol.md" {
            continue;
        }
        for span in spans(&text) {
            let first = span.split_whitespace().next().unwrap_or_default();
            let Some(name) = first.strip_prefix('/').filter(|name| !name.is_empty()) else { continue };
            if addresses.contains(&first) || !name.chars().all(|c| c.is_ascii_lowercase()) {
                continue;
            }
            assert!(Action::of_slash(name).is_some(), "{path}: there is no command /{name}");
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} commands were found");
}

/// How a heading is called in a link.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    kept.chars()
        .filter_map(|c| match c {
            ' ' | '-' => Some('-'),
            c if c.is_alphanumeric() || c == '_' => Some(c),
            _ => None,
        })
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    for (path, text) in documents() {
        let folder = root().join(&path).parent().unwrap().to_owned();
        let links = text.match_indices("](").map(|(at, _)| text[at + 2..].split(')').next().unwrap());
        for link in links {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { root().join(&path) } else { folder.join(file) };
            assert!(target.exists(), "{path}: {link} leads nowhere");
            if !heading.is_empty() {
                let there = fs::read_to_string(&target).unwrap();
                let mut headings = there.lines().filter(|line| line.starts_with('#'));
                let found = headings.any(|line| anchor(line.trim_start_matches('#')) == heading);
                assert!(found, "{path}: {link} leads to no heading");
            }
        }
    }
}

/// Whether a path of running text is in the repository. The rest of a path with `*` or `…` is not looked at.
fn is_there(path: &str) -> bool {
    let known = path.split(['*', '…']).next().unwrap().trim_end_matches('/');
    root().join(known).exists()
}

/// Whether `gateway::router` is a module, or `gateway::whatsapp::account` something that a module has.
fn is_module_or_item(path: &str) -> bool {
    let place = |parts: &[&str]| root().join("src").join(parts.join("/"));
    let source = |parts: &[&str]| {
        let file = place(parts).with_extension("rs");
        fs::read_to_string(file).or_else(|_| fs::read_to_string(place(parts).join("mod.rs"))).ok()
    };
    let parts: Vec<&str> = path.split("::").collect();
    let (last, parent) = parts.split_last().unwrap();
    let is_item = |code: String| {
        let mut words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.any(|word| word == *last)
    };
    place(&parts).is_dir() || source(&parts).is_some() || source(parent).is_some_and(is_item)
}

/// A file or module that moves takes its name in the documents along.
#[test]
fn every_file_and_module_that_is_named_exists() {
    let rooms: Vec<String> = fs::read_dir(root().join("src"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let (mut seen, mut missing) = (0, Vec::new());
    for (page, text) in documents() {
        for span in spans(&text) {
            let span = span.trim_end_matches("()");
            let is_path =
                |span: &str| !span.contains([' ', '{', '=', ':', '<', '~', '$']) && span.contains('/');
            let first = span.split(['/', ':']).next().unwrap_or_default();
            let named = match first {
                "src" | "tests" | "docs" | "benches" | ".ci" | ".github" | ".cargo" if is_path(span) => {
                    is_there(span)
                }
                room if rooms.iter().any(|known| known == room) && span.contains("::") => {
                    let path = span.split(['(', '<', '{', ' ']).next().unwrap();
                    is_module_or_item(path.trim_end_matches("::"))
                }
                // Tables of one room leave out the part that every row would repeat.
                room if span.ends_with(".rs") && is_path(span) && rooms.iter().any(|known| known == room) => {
                    is_there(&format!("src/{span}"))
                }
                _ if span.ends_with(".rs") && is_path(span) => false,
                _ => continue,
            };
            seen += 1;
            if !named {
                missing.push(format!("{page}: {span}"));
            }
        }
    }
    assert!(seen > 100, "only {seen} names were found");
    assert!(missing.is_empty(), "named and not there: {missing:#?}");
}

/// A page that nothing links to is read by nobody.
#[test]
fn every_page_is_linked_from_an_index() {
    let mut linked = String::new();
    for index in ["README.md", "docs/README.md"] {
        let folder = if index.starts_with("docs/") { "docs/" } else { "" };
        for link in read(index).split("](").skip(1) {
            let file = link.split([')', '#']).next().unwrap();
            let path = format!("{folder}{file}").replace("docs/../", "");
            linked.push_str(&format!("<{path}>"));
        }
    }
    for (page, _) in documents().iter().filter(|(page, _)| page != "README.md") {
        assert!(linked.contains(&format!("<{page}>")) || page == "docs/README.md", "nothing links to {page}");
    }
    assert!(linked.contains("<docs/README.md>"), "nothing links to docs/README.md");
}

#[test]
fn no_document_speaks_of_one_machine_or_of_what_is_to_be_done() {
    for (path, text) in documents() {
        // Ana's home is everybody's.
        let text = text.replace("/home/ana/", "");
        for word in ["/root/", "/tmp/", "/home/", "/Users/", "TODO", "FIXME"] {
            assert!(!text.contains(word), "{path} mentions {word}");
        }
    }
}

// ---------------------------------------------------------------------------------------------------------
// The protocol
// ---------------------------------------------------------------------------------------------------------

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The text between each pair of these marks.
fn between<'a>(text: &'a str, before: &'a str, after: char) -> impl Iterator<Item = &'a str> {
    text.match_indices(before).filter_map(move |(at, _)| text[at + before.len()..].split(after).next())
}

#[test]
fn the_protocol_names_everything_that_is_added_to_it() {
    let protocol = read("docs/protocol.md");
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    let mut names = BTreeSet::new();
    for file in files {
        let source = fs::read_to_string(file).unwrap();
        names.extend(between(&source, "\"wa.", '"').filter(|n| !n.is_empty()).map(|n| format!("wa.{n}")));
    }
    assert!(names.len() > 20, "{names:?}");
    let missing: Vec<_> = names.iter().filter(|name| !protocol.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "docs/protocol.md does not name {missing:?}");
}

#[test]
fn the_protocol_names_every_kind_of_notice() {
    let protocol = read("docs/protocol.md");
    let source = read("src/proto/wa.rs");
    let kinds = source.lines().find(|line| line.contains("the kind of a `CustomNotice`")).unwrap();
    let kinds: Vec<&str> = kinds.split('`').skip(3).step_by(2).collect();
    assert!(kinds.contains(&"status"), "{kinds:?}");
    for kind in kinds {
        assert!(protocol.contains(&format!("| `{kind}` |")), "docs/protocol.md does not name {kind}");
    }
}

#[test]
fn the_protocol_names_every_address_and_operation() {
    let protocol = read("docs/protocol.md");
    let routes = read("src/gateway/http/mod.rs");
    for route in between(&routes, ".route(\"", '"') {
        let route = route.trim_start_matches("/workspace/v3").trim_end_matches('/');
        assert!(protocol.contains(&format!("{route}`")), "docs/protocol.md does not name {route}");
    }
    let operations = read("src/gateway/http/operation.rs");
    let code = operations.split("#[cfg(test)]").next().unwrap();
    let mut seen = 0;
    for line in code.lines().filter(|line| line.starts_with("        \"") && line.contains(" =>")) {
        for name in line.split("=>").next().unwrap().split('"').skip(1).step_by(2) {
            assert!(protocol.contains(&format!("`{name}`")), "docs/protocol.md does not name {name}");
            seen += 1;
        }
    }
    assert!(seen > 15, "only {seen} operations were found");
}

#[test]
fn operators_are_told_of_every_metric() {
    let operations = read("docs/operations.md");
    let admin = read("src/gateway/http/admin.rs");
    let code = admin.split("#[cfg(test)]").next().unwrap();
    let words: String = code.split_whitespace().collect();
    let metrics: Vec<&str> = between(&words, "family(\"", '"').collect();
    assert!(metrics.len() >= 5, "{metrics:?}");
    for metric in metrics {
        assert!(operations.contains(&format!("`deskline_{metric}`")), "docs/operations.md: {metric}");
    }
}

/// Everything that the list of behaviours names is there: the file, and the test.
#[test]
fn each_behaviour_of_workspace_names_code_and_a_test_that_exist() {
    let mut files = Vec::new();
    sources(&root().join("src"), &mut files);
    sources(&root().join("tests"), &mut files);
    let all: String = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let (mut rows, mut missing) = (0, Vec::new());
    for line in
        read("docs/workspace-parity.md").lines().filter(|line| line.starts_with("| ") && line.contains('`'))
    {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        let [_, places, tests] = cells.as_slice() else { panic!("three columns: {line}") };
        rows += 1;
        for place in spans(places) {
            if !root().join("src").join(&place).is_file() {
                missing.push(place);
            }
        }
        for test in spans(tests) {
            let name = test.rsplit("::").next().unwrap();
            if !all.contains(&format!("fn {name}(")) && !all.contains(&format!("mod {name};")) {
                missing.push(test);
            }
        }
    }
    assert!(rows > 60, "{rows}");
    assert!(missing.is_empty(), "named and not there: {missing:#?}");
}
