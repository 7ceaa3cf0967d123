//! Holds the config to what is promised of it: the exact messages, the example, the manual.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

use deskline::config::{Config, ConfigError};
use deskline::domain::options::KNOWN;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const EXAMPLE: &str = include_str!("../config.toml.example");
const MANUAL: &str = include_str!("../docs/configuration.md");

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    assert!(!files.is_empty());
    files
}

/// Compares what was said about each file with the text beside it. `BLESS=1` writes the texts anew.
fn compare(files: &[PathBuf], say: impl Fn(&str, &str) -> String) {
    let mut different = String::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let said = say(&fs::read_to_string(file).unwrap(), name);
        let beside = file.with_extension("txt");
        if std::env::var_os("BLESS").is_some() {
            if said.is_empty() {
                let _ = fs::remove_file(&beside);
            } else {
                fs::write(&beside, format!("{said}\n")).unwrap();
            }
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if said != expected.trim_end_matches('\n') {
            different.push_str(&format!("\n--- {name} was to say\n{expected}--- and said\n{said}\n"));
        }
    }
    assert!(different.is_empty(), "{different}");
}

#[test]
fn every_invalid_config_is_refused_with_its_message() {
    compare(&files("invalid"), |text, name| match Config::parse(text, name) {
        Err(error @ ConfigError::Invalid(_)) => error.to_string(),
        other => panic!("{name} was not refused: {other:?}"),
    });
}

#[test]
fn every_valid_config_is_taken_with_its_warnings() {
    compare(&files("valid"), |text, name| {
        let loaded = Config::parse(text, name).unwrap_or_else(|error| panic!("{error}"));
        let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
        warnings.join("\n")
    });
}

/// A setting of the example.
#[derive(Debug)]
struct Setting {
    /// `gateway.queue`; a list's block is named like a table.
    table: String,
    /// `[gateway]` or `[[gateway.queue]]`.
    header: String,
    /// As written, with dots.
    key: String,
    /// As written.
    value: String,
    /// What the text above it claims.
    has_default: bool,
    required: bool,
}

/// A switched-off line is a `#` with no space behind it.
fn switched_on(line: &str) -> &str {
    match line.strip_prefix('#') {
        Some(rest) if !rest.is_empty() && !rest.starts_with([' ', '#']) => rest,
        _ => line,
    }
}

fn settings() -> Vec<Setting> {
    let (mut header, mut comment, mut settings) = (String::new(), String::new(), Vec::new());
    let mut before_was_comment = false;
    for line in EXAMPLE.lines() {
        let on = switched_on(line);
        if let Some(text) = line.strip_prefix("# ").or((line == "#").then_some("")) {
            if !before_was_comment {
                comment.clear();
            }
            comment.push_str(text);
            before_was_comment = true;
            continue;
        }
        before_was_comment = false;
        if on.starts_with('[') {
            header = on.to_owned();
        } else if let Some((key, value)) = on.split_once(" = ") {
            settings.push(Setting {
                table: header.trim_matches(['[', ']']).to_owned(),
                header: header.clone(),
                key: key.to_owned(),
                value: value.to_owned(),
                has_default: !comment.contains("No default"),
                required: comment.contains("Required"),
            });
        } else {
            assert!(on.is_empty(), "neither a comment nor a setting: {line}");
            comment.clear();
        }
    }
    settings
}

#[test]
fn the_example_as_it_stands_is_the_defaults() {
    assert_eq!(Config::parse(EXAMPLE, "example").unwrap().config, Config::default());
}

#[test]
fn the_example_with_everything_switched_on_is_valid() {
    let all: Vec<&str> = EXAMPLE.lines().map(switched_on).collect();
    let loaded = Config::parse(&all.join("\n"), "example").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(loaded.config.gateway.agent.len(), 1);
}

/// A table with its required keys and perhaps one more reads the same: then the one more was the default.
#[test]
fn what_the_example_shows_as_a_default_is_the_default() {
    let settings = settings();
    let mut compared = 0;
    for setting in &settings {
        let required: Vec<String> = settings
            .iter()
            .filter(|other| other.table == setting.table && other.required)
            .map(|other| format!("{} = {}", other.key, other.value))
            .collect();
        // A list inside a table needs what the table needs.
        let around = if setting.header.starts_with("[[gateway.whatsapp.") {
            "[gateway.whatsapp]\nphone-number-id = \"1\"\nqueue = \"q\"\n"
        } else {
            ""
        };
        let without = format!("{around}{}\n{}\n", setting.header, required.join("\n"));
        if setting.required || setting.table == "interaction-workspace" {
            continue;
        }
        let with = format!("{without}{} = {}\n", setting.key, setting.value);
        let read =
            |text: &str| toml::from_str::<Config>(text).unwrap_or_else(|error| panic!("{text}\n{error}"));
        assert_eq!(read(&without) == read(&with), setting.has_default, "{setting:?}");
        compared += 1;
    }
    assert!(compared > 60, "only {compared} settings were found");
}

#[test]
fn the_example_has_every_option_with_its_default() {
    let shown: BTreeMap<String, String> = settings()
        .into_iter()
        .filter(|setting| setting.table == "interaction-workspace")
        .map(|setting| (setting.key, setting.value.trim_matches('"').to_owned()))
        .collect();
    let known: BTreeMap<String, String> =
        KNOWN.iter().map(|known| (known.name.to_owned(), known.default.to_owned())).collect();
    assert_eq!(shown, known);
}

/// Asks the schema itself: a key that cannot exist is refused with the list of those that can.
fn keys_of_the_schema() -> BTreeMap<String, BTreeSet<String>> {
    fn keys(before: &str) -> Option<BTreeSet<String>> {
        let error = toml::from_str::<Config>(&format!("{before}\n\"?\" = 1\n")).err()?;
        let rest = error.message().strip_prefix("unknown field `?`, expected")?.to_owned();
        Some(rest.split('`').skip(1).step_by(2).map(str::to_owned).collect())
    }
    let mut tables = BTreeMap::new();
    let mut open = vec![(String::new(), keys("").unwrap())];
    while let Some((table, names)) = open.pop() {
        for name in &names {
            let inner = format!("{table}.{name}").trim_matches('.').to_owned();
            // A list of tables takes a block, a table takes a header; what is neither takes no key at all.
            let found = keys(&format!("[{inner}]")).or_else(|| keys(&format!("[[{inner}]]")));
            open.extend(found.map(|names| (inner, names)));
        }
        tables.insert(table, names);
    }
    tables
}

#[test]
fn the_example_has_every_key_of_the_schema_and_no_other() {
    let schema = keys_of_the_schema();
    assert!(schema.len() >= 10 && schema.contains_key("gateway.queue"), "{:?}", schema.keys());
    let mut shown: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for setting in settings() {
        shown.entry(setting.table).or_default().insert(setting.key);
    }
    for (table, keys) in &schema {
        let mut keys = keys.clone();
        // A key that is a table of its own is shown by its header.
        keys.retain(|key| !shown.contains_key(format!("{table}.{key}").trim_matches('.')));
        assert_eq!(shown.get(table).cloned().unwrap_or_default(), keys, "in [{table}]");
    }
    for name in ["interaction-workspace", "keys"] {
        assert!(shown.contains_key(name), "[{name}] is missing");
    }
}

#[test]
fn the_manual_has_every_setting_of_the_example_with_its_default() {
    let mut missing = Vec::new();
    for setting in settings() {
        let heading = format!("## `{}`", setting.header);
        let section = MANUAL.split("\n## ").find(|section| format!("## {section}").starts_with(&heading));
        let cells: Vec<Vec<&str>> = section
            .unwrap_or_default()
            .lines()
            .map(|line| line.split(" | ").map(|cell| cell.trim_matches(['|', ' '])).collect())
            .collect();
        let documented = cells.iter().any(|row| {
            row.first() == Some(&format!("`{}`", setting.key).as_str())
                && (!setting.has_default || row.get(1) == Some(&format!("`{}`", setting.value).as_str()))
        });
        let in_words = setting.table == "keys" && section.is_some_and(|text| text.contains(&setting.key));
        if !documented && !in_words {
            missing.push(format!("[{}] {} = {}", setting.table, setting.key, setting.value));
        }
    }
    assert!(
        missing.is_empty(),
        "docs/configuration.md lacks, or has with another default:\n{}",
        missing.join("\n")
    );
}
