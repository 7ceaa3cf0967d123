//! Data that the program wrote before its types got their present names: every name in the log, on disk and on the
//! wire is what it was. `tests/fixtures/before-renames/README.md` says how the data were made.

use super::rig::{World, actor, open};
use deskline::config::schema::Config;
use deskline::domain::Millis;
use deskline::gateway::feed::{Feed, Organization};
use deskline::gateway::writer::WriterSetup;
use deskline::gateway::writer::model::event::LogEvent;
use deskline::proto::media::{ChannelDto, InteractionDto, MessageDto};
use deskline::proto::watch::{FeedEntry, Filter, LivePage};
use deskline::store::Store;
use deskline::store::library::ResponseStore;
use deskline::store::targets::TargetStore;
use rusqlite::Connection;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/before-renames").join(name);
    std::fs::read_to_string(path).unwrap()
}

fn lines(name: &str) -> Vec<Json> {
    fixture(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A folder with the old database.
fn data() -> TempDir {
    let dir = TempDir::new().unwrap();
    let connection = Connection::open(dir.path().join("gateway.db")).unwrap();
    connection.execute_batch(&fixture("gateway.sql")).unwrap();
    dir
}

/// Reads JSON into a type and requires that the type writes the same JSON.
fn same<T: DeserializeOwned + Serialize>(stored: &Json) -> T {
    let read = serde_json::from_value(stored.clone());
    assert!(read.is_ok(), "{}: {stored:#}", read.err().unwrap());
    let value: T = read.unwrap();
    assert_eq!(serde_json::to_value(&value).unwrap(), *stored);
    value
}

fn config() -> Config {
    toml::from_str(&fixture("gateway.toml")).unwrap()
}

/// A writer that has loaded the old database, at the time of `views.json`.
async fn loaded() -> World {
    let views: Json = serde_json::from_str(&fixture("views.json")).unwrap();
    let mut setup = WriterSetup::from_config(&config().gateway, super::rig::parse);
    setup.router.rules.inactive_after = Some(Duration::from_secs(600));
    World::with_data(data(), views["now"].as_i64().unwrap(), setup).await
}

/// The feed, and all its entries.
async fn read_feed(world: &World) -> (Feed, Vec<FeedEntry>) {
    let (feed, _follow) = world.watch(Organization::from_config(&config().gateway)).await;
    let last = *world.writer.written().borrow();
    let (mut after, mut entries) = (0, Vec::new());
    while after < last {
        let page = feed.feed(&"sue".into(), &Filter::default(), after, 500, Duration::ZERO).await.unwrap();
        entries.extend(page.entries);
        if page.next == after {
            // The feed has not read that far yet.
            tokio::task::yield_now().await;
        }
        after = page.next;
    }
    (feed, entries)
}

#[test]
fn old_events_are_read_and_written_with_the_same_names() {
    let dir = data();
    let connection = Connection::open(dir.path().join("gateway.db")).unwrap();
    let mut rows = connection.prepare("SELECT kind, body FROM event ORDER BY seq").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let stored = rows.map(|row: rusqlite::Result<(String, String)>| {
        let (kind, body) = row.unwrap();
        let event: LogEvent = same(&serde_json::from_str(&body).unwrap());
        assert_eq!(event.kind(), kind);
        event
    });
    let written = lines("events.jsonl");
    let kinds: BTreeSet<&str> =
        stored.chain(written.iter().map(same::<LogEvent>)).map(|event| event.kind()).collect();
    assert_eq!(kinds.len(), 44, "{kinds:?}");
}

#[tokio::test]
async fn old_log_gives_the_same_feed() {
    let world = loaded().await;
    let (_, entries) = read_feed(&world).await;
    let old = lines("feed.jsonl");
    for (entry, old) in entries.iter().zip(&old) {
        assert_eq!(serde_json::to_value(entry).unwrap(), *old);
        assert_eq!(same::<FeedEntry>(old), *entry);
    }
    assert_eq!(entries.len(), old.len());
}

#[tokio::test]
async fn consoles_see_the_sessions_of_an_old_database() {
    let world = loaded().await;
    let old: Json = serde_json::from_str(&fixture("views.json")).unwrap();
    for (who, old) in old["views"].as_object().unwrap() {
        let view = world.writer.session(who.as_str().into()).await.unwrap();
        let workbins = world.writer.workbins(who.as_str().into()).await.unwrap();
        let workbins: Vec<Json> = workbins
            .iter()
            .map(|bin| json!({"name": bin.name, "owner": bin.owner, "interactions": bin.interactions}))
            .collect();
        let now = json!({"channel": view.channel, "interactions": view.interactions,
            "monitored": view.monitored, "workbins": workbins});
        assert_eq!(now, *old, "{who}");
        // A console reads what the old gateway sent it.
        assert_eq!(same::<ChannelDto>(&old["channel"]), view.channel);
        assert_eq!(same::<Vec<InteractionDto>>(&old["interactions"]), view.interactions);
    }
    let seen = |who: &str| old["views"][who]["interactions"].as_array().unwrap().len();
    assert!(seen("ana") > 0 && seen("kate") > 0 && seen("sue") > 0);
}

#[tokio::test]
async fn supervisors_see_the_live_sessions_of_an_old_database() {
    let world = loaded().await;
    let (feed, _) = read_feed(&world).await;
    // The figures of the day are counted by the follower of the log.
    while feed.head() < *world.writer.written().borrow() {
        tokio::task::yield_now().await;
    }
    let old: Json = serde_json::from_str(&fixture("views.json")).unwrap();
    let live = feed.live(&"sue".into(), None, Duration::ZERO).await.unwrap();
    assert_eq!(serde_json::to_value(&live).unwrap(), old["live"]);
    assert_eq!(same::<LivePage>(&old["live"]), live);
    let logs = old["logs"].as_object().unwrap();
    assert_eq!(logs.len(), live.sessions.len());
    for (id, old) in logs {
        let log = world.log(&id.as_str().into()).await;
        assert_eq!(serde_json::to_value(&log).unwrap(), *old, "{id}");
        assert_eq!(same::<Vec<MessageDto>>(old), log);
    }
}

#[tokio::test]
async fn old_database_keeps_responses_targets_and_audit() {
    let dir = data();
    let store = open(dir.path()).await;
    let library = store.load().await.unwrap();
    let paths: Vec<&str> = library.categories.iter().map(|category| category.path.as_str()).collect();
    assert_eq!(paths, ["Pedidos", "Pedidos/Envío"]);
    let responses: Vec<(&str, &str, bool)> = library
        .responses
        .iter()
        .map(|one| (one.name.as_str(), one.language.as_str(), one.approved))
        .collect();
    assert_eq!(responses, [("Número", "es", true), ("Retraso", "es", true)]);
    assert_eq!(store.favorites("ana".into()).await.unwrap(), ["r2"]);
    assert_eq!(store.favourites("ana".into()).await.unwrap()[0].id, "kate");
    assert_eq!(store.recents("ana".into()).await.unwrap()[0].id, "colleagues");
    let audit = store.audit_rows(0, Millis(0), 100).await.unwrap();
    assert_eq!(audit.len(), 14);
    assert!(audit.iter().any(|row| row.who == "sue" && row.act == "saw" && row.outcome == "done"));
}

#[tokio::test]
async fn work_goes_on_in_an_old_database() {
    let mut world = loaded().await;
    // What the old gateway had not sent is sent.
    while world.outbound.recv().await.unwrap().text != "sin respuesta de WhatsApp" {}
    world.ready("ana").await;
    let open = world.view("ana").await;
    let id = open.iter().find(|dto| dto.state == "Processing").unwrap().id.as_str().into();
    world.says("ana", &id, "seguimos").await.unwrap();
    let log = world.writer.messages(actor("ana"), id, Default::default()).await.unwrap();
    assert_eq!(log.messages.last().unwrap().text.as_deref(), Some("seguimos"));
}
