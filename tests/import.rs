//! `deskline import responses`: what it refuses, with the exact messages, and what it keeps.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test may fail it")]

use deskline::config::ConfigError;
use deskline::config::responses::{Import, ImportContext, load};
use deskline::domain::Millis;
use deskline::store::Sqlite;
use deskline::store::library::{ResponseLibrary, ResponseStore};
use jiff::tz::TimeZone;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn context() -> ImportContext {
    // Sunday 22 November 2026.
    ImportContext { now: Millis(1_795_356_131_000), zone: TimeZone::UTC, max_text: 4096 }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn example() -> PathBuf {
    root().join("docs/examples/responses/responses.toml")
}

#[test]
fn every_invalid_file_is_refused_with_its_message() {
    let folder = root().join("tests/responses/invalid");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "toml"));
    files.sort();
    assert!(files.len() >= 8);
    let mut different = String::new();
    for file in &files {
        let said = match load(file, &context()) {
            Err(error @ ConfigError::Invalid(_)) => error.to_string(),
            other => panic!("{} was not refused: {other:?}", file.display()),
        };
        let said = said.replace(&format!("{}/", folder.display()), "");
        let beside = file.with_extension("txt");
        if std::env::var_os("BLESS").is_some() {
            fs::write(&beside, format!("{said}\n")).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if said != expected.trim_end_matches('\n') {
            different
                .push_str(&format!("\n--- {} was to say\n{expected}--- and said\n{said}\n", file.display()));
        }
    }
    assert!(different.is_empty(), "{different}");
}

fn read(text: &str) -> Import {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("r.toml");
    fs::write(&file, text).unwrap();
    load(&file, &context()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn imported_texts_have_unix_line_breaks() {
    let text = "[[category]]\npath = \"Orders\"\n\n[[response]]\nname = \"Sent\"\ncategory = \"Orders\"\n\
                description = \"a\\r\\nb\"\nbody = \"\"\"\none\\r\\ntwo\nthree\rfour\"\"\"\n";
    // A carriage return alone is not valid TOML; an escaped one is.
    let text = text.replace("three\rfour", "three\\rfour");
    for text in [text.clone(), format!("\u{feff}{}", text.replace('\n', "\r\n"))] {
        let import = read(&text);
        let response = import.responses.first().unwrap();
        assert_eq!(
            (response.body.as_str(), response.description.as_str()),
            ("one\ntwo\nthree\nfour", "a\nb")
        );
    }
}

#[test]
fn the_example_of_the_documents_is_taken_without_a_warning() {
    let import = load(&example(), &context()).unwrap();
    assert_eq!(import.warnings, []);
    assert!(import.responses.len() >= 8 && import.documents.len() == 1);
    let paths: Vec<&str> = import.categories.iter().map(|category| category.path.as_str()).collect();
    assert_eq!(paths, ["Greetings", "Orders", "Orders/Delivery", "Shop"]);
    let languages: std::collections::BTreeSet<_> =
        import.responses.iter().map(|r| r.language.as_str()).collect();
    assert_eq!(languages.into_iter().collect::<Vec<_>>(), ["English", "French", "Spanish"]);
}

#[test]
fn dates_mean_midnight_and_past_ones_are_warned_about() {
    let import = read(
        "[[response]]\nname = \"a\"\ncategory = \"A\"\nbody = \"x\"\nstarts = 2026-11-20\nexpires = 2026-11-21\n",
    );
    let one = &import.responses[0];
    assert_eq!(one.starts.unwrap().to_rfc3339(), "2026-11-20T00:00:00.000Z");
    assert_eq!(one.expires.unwrap().to_rfc3339(), "2026-11-22T00:00:00.000Z");
    assert!(import.warnings[0].to_string().contains("it has expired"), "{:?}", import.warnings);
}

#[test]
fn a_text_over_the_limit_is_warned_of() {
    let body = "é".repeat(2049);
    let import = read(&format!("[[response]]\nname = \"a\"\ncategory = \"A\"\nbody = \"{body}\"\n"));
    let said = import.warnings[0].to_string();
    assert!(said.contains("4098 bytes") && said.contains("4096"), "{said}");
}

fn deskline(dir: &Path, arguments: &[&str]) -> Output {
    let config = dir.join("config.toml");
    fs::write(&config, format!("[gateway]\ndata-dir = \"{}\"\n", dir.join("data").display())).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskline"));
    command.arg("--config").arg(config).args(["import", "responses"]).args(arguments);
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[tokio::test]
async fn an_import_can_be_tried_repeated_and_made_exact() {
    let dir = tempfile::tempdir().unwrap();
    let file = example();
    let file = file.to_str().unwrap();
    let tried = deskline(dir.path(), &[file, "--dry-run"]);
    assert_eq!(said(&tried), "standard responses: 8 would be added, 0 would be changed, 0 as before");
    let done = deskline(dir.path(), &[file]);
    assert_eq!(said(&done), "standard responses: 8 added, 0 changed, 0 as before");
    assert!(done.status.success());
    let again = deskline(dir.path(), &[file]);
    assert_eq!(said(&again), "standard responses: 0 added, 0 changed, 8 as before");
    let store = Sqlite::open_shared(&dir.path().join("data")).unwrap();
    let before = store.load().await.unwrap();
    let one = dir.path().join("one.toml");
    fs::write(
        &one,
        "[[response]]\nname = \"Welcome\"\ncategory = \"Greetings\"\nlanguage = \"English\"\nbody = \"Hi\"\n",
    )
    .unwrap();
    let one = one.to_str().unwrap();
    assert_eq!(said(&deskline(dir.path(), &[one])), "standard responses: 0 added, 1 changed, 0 as before");
    let exact = deskline(dir.path(), &[one, "--replace"]);
    assert_eq!(said(&exact), "standard responses: 0 added, 0 changed, 1 as before, 7 removed");
    let after = store.load().await.unwrap();
    assert_eq!((after.responses.len(), after.categories.len()), (1, 1));
    let same = before.responses.iter().find(|old| old.id == after.responses[0].id).unwrap();
    assert_eq!(
        (same.name.as_str(), same.language.as_str()),
        ("Welcome", "English"),
        "names on the wire stay"
    );
}

#[test]
fn a_gateway_that_runs_is_no_hindrance_and_a_bad_file_is_exit_2() {
    let dir = tempfile::tempdir().unwrap();
    let _gateway = Sqlite::open(&dir.path().join("data")).unwrap();
    let file = example();
    let done = deskline(dir.path(), &[file.to_str().unwrap()]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let bad = root().join("tests/responses/invalid/bodies.toml");
    assert_eq!(deskline(dir.path(), &[bad.to_str().unwrap()]).status.code(), Some(2));
    assert_eq!(deskline(dir.path(), &["nothing-there.toml"]).status.code(), Some(2));
}

#[tokio::test]
async fn a_gateway_of_an_older_program_is_not_written_beside() {
    let dir = tempfile::tempdir().unwrap();
    let gateway = Sqlite::open(dir.path()).unwrap();
    let data = rusqlite::Connection::open(dir.path().join("gateway.db")).unwrap();
    data.execute("DELETE FROM migration WHERE version = (SELECT MAX(version) FROM migration)", []).unwrap();
    let error = Sqlite::open_shared(dir.path()).unwrap_err().to_string();
    assert!(error.contains("older program") && error.contains("restart it"), "{error}");
    drop(gateway);
}

#[tokio::test]
async fn data_that_is_only_looked_at_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    assert!(Sqlite::read_only(dir.path()).is_err());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is made");
    drop(Sqlite::open(dir.path()).unwrap());
    let store = Sqlite::read_only(dir.path()).unwrap();
    assert_eq!(store.load().await.unwrap(), ResponseLibrary::default());
    assert!(store.import(ResponseLibrary::default(), true, false).await.is_err(), "nothing can be written");
    drop(store);
    let data = rusqlite::Connection::open(dir.path().join("gateway.db")).unwrap();
    let version = "SELECT MAX(version) FROM migration";
    data.execute(&format!("DELETE FROM migration WHERE version = ({version})"), []).unwrap();
    let before: i64 = data.query_row(version, [], |row| row.get(0)).unwrap();
    assert!(Sqlite::read_only(dir.path()).is_err(), "it is not brought to this version either");
    assert_eq!(data.query_row(version, [], |row| row.get::<_, i64>(0)).unwrap(), before);
}

#[tokio::test]
async fn a_dry_run_keeps_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = Sqlite::open_shared(dir.path()).unwrap();
    let version = store.version().await.unwrap();
    let import = load(&example(), &context()).unwrap();
    let shelf = ResponseLibrary { categories: import.categories, responses: import.responses };
    assert_eq!(store.import(shelf, false, true).await.unwrap().added, 8);
    assert_eq!(
        (store.load().await.unwrap(), store.version().await.unwrap()),
        (ResponseLibrary::default(), version)
    );
}

#[test]
fn every_command_finds_the_same_data_folder() {
    let dir = tempfile::tempdir().unwrap();
    let (home, elsewhere) = (dir.path().join("home"), dir.path().join("elsewhere"));
    fs::create_dir_all(&elsewhere).unwrap();
    fs::create_dir_all(&home).unwrap();
    let config = dir.path().join("config.toml");
    let file = example();
    for (text, data) in
        [("[gateway]\ndata-dir = \"data\"\n", dir.path().join("data")), ("", home.join("deskline"))]
    {
        fs::write(&config, text).unwrap();
        let run = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_deskline"));
            command.current_dir(&elsewhere).env("XDG_DATA_HOME", &home).arg("--config").arg(&config);
            command.args(arguments).output().unwrap()
        };
        let names_it = |output: &Output| {
            let all = [&output.stdout[..], &output.stderr[..]].concat();
            let all = String::from_utf8(all).unwrap();
            assert!(all.contains(data.to_str().unwrap()), "{all}");
        };
        names_it(&run(&["check", "--offline"]));
        assert!(!data.exists(), "checking makes nothing");
        names_it(&run(&["import", "responses", file.to_str().unwrap()]));
        assert!(data.join("gateway.db").exists());
        let _gateway = Sqlite::open(&data).unwrap();
        // The folder is locked, so that this ends by itself.
        names_it(&run(&["serve"]));
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0, "nothing where it was started");
    }
}
