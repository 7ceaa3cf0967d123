//! Settings that are edited while everything runs.

use super::pty::{ACCEPT, ESC, NOTICES, Pty};
use super::rig::{Setup, World, hash, until};
use std::fs;
use std::path::Path;

/// The way editors save: another file in the place of the old one.
fn save(path: &Path, text: &str) {
    let new = path.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::rename(&new, path).unwrap();
}

/// Edits the gateway's file and waits until the gateway says that about it.
async fn edit(world: &World, change: impl FnOnce(String) -> String, said: &str) {
    let path = world.dir.path().join("gateway.toml");
    let stderr = world.dir.path().join("stderr");
    let before = fs::read_to_string(&stderr).unwrap().len();
    save(&path, &change(fs::read_to_string(&path).unwrap()));
    until(said, async || fs::read_to_string(&stderr).unwrap().get(before..)?.contains(said).then_some(()))
        .await;
}

const READ: &str = "the configuration was read again";

async fn takes(world: &World, desk: &mut Pty, name: &str, number: &str) {
    world.writes(name, number, "hola").await;
    desk.wait_for("accept F2");
    desk.send(ACCEPT);
    desk.wait_gone("accept F2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn edited_limit_counts_from_the_next_session_on() {
    let more = "[interaction-workspace]\nwhatsappsession.max-text-message-size = 4096\n";
    let world = World::new(Setup { more, agents: &["ana", "ben"], ..Setup::default() }).await;
    let mut ana = world.ready("ana");
    takes(&world, &mut ana, "Karim", "212600000012").await;
    ana.wait_for("/ 4096 B");
    edit(&world, |text| text.replace("= 4096", "= 77"), READ).await;
    takes(&world, &mut ana, "Lucia", "34600000101").await;
    ana.send("\x1b2");
    ana.wait_for("/ 77 B");
    ana.send("\x1b1");
    ana.wait_for("/ 4096 B");
    // A bad value is refused by its name with what is valid, and the one before it stays.
    let wrong = "interaction-workspace.whatsappsession.max-text-message-size: \"0\" is not valid: it takes a whole number of bytes from 1 to 2147483647";
    edit(&world, |text| text.replace("= 77", "= 0"), wrong).await;
    takes(&world, &mut ana, "Omar", "213550000077").await;
    ana.send("\x1b3");
    ana.wait_for("/ 77 B");
    // What needs a restart is named.
    edit(
        &world,
        |text| text.replace("= 0", "= 78").replace("accept-timeout = 300", "accept-timeout = 301"),
        "restart the gateway for gateway.queue",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn agent_options_and_emoji_reach_the_agents_next_session() {
    let world = World::new(Setup::default()).await;
    let mut ana = world.ready("ana");
    takes(&world, &mut ana, "Karim", "212600000012").await;
    ana.wait_for("/ 4096 B");
    let own = "interaction-workspace = { whatsappsession = { max-text-message-size = 50, emojis-business-attribute = \"Emojis\" } }\n\
        [[gateway.business-attribute]]\nname = \"Emojis\"\nvalues = [{ name = \"parcel\", display-name = \"📦\" }]\n";
    edit(&world, |text| text + own, READ).await;
    takes(&world, &mut ana, "Lucia", "34600000101").await;
    ana.send("\x1b2");
    ana.wait_for("/ 50 B");
    ana.write(":parcel");
    ana.wait_for("Tab 📦 parcel");
    ana.send(":");
    ana.wait_for("› 📦");
    ana.send("\x15");
    ana.write(":tada");
    assert!(!ana.shows("🎉"), "{}", ana.screen());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_queue_option_is_read_at_each_attempt() {
    let more = "[interaction-workspace]\nintercommunication.whatsappsession.queue = \"\"\n\
        [[gateway.business-attribute]]\nname = \"InteractionSubtype\"\nvalues = [\"InternalConferenceInvite\"]\n\
        [[gateway.group]]\nname = \"Billing\"\n";
    let world = World::new(Setup { more, ..Setup::default() }).await;
    let mut ana = world.ready("ana");
    takes(&world, &mut ana, "Karim", "212600000012").await;
    ana.wait_for("/ 4096 B");
    ana.write("/conference group billing");
    ana.send("\r");
    ana.wait_for("administrator has to set the option");
    ana.send(ESC);
    let queue = |text: String| text.replace("queue = \"\"", "queue = \"wa-inbound\"");
    edit(&world, queue, READ).await;
    ana.write("/conference group billing");
    ana.send("\r");
    ana.wait_gone("administrator has to set");
    ana.wait_for("conference with");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn console_applies_edits_of_its_file_and_refuses_bad_ones() {
    let world = World::new(Setup::default()).await;
    let mut ana = world.ready("ana");
    takes(&world, &mut ana, "Karim", "212600000012").await;
    ana.wait_for("/ 4096 B");
    let path = world.home("ana").join("config.toml");
    let before = fs::read_to_string(&path).unwrap();
    let edited =
        "[keys]\nnotices = \"F7\"\n[interaction-workspace]\nwhatsappsession.max-text-message-size = 60\n";
    save(&path, &format!("{before}theme = \"mine\"\n{edited}[theme.mine]\nowm = \"bold\"\n"));
    ana.wait_for("your edit is refused");
    ana.send(NOTICES);
    ana.wait_for("config.toml:11:1: theme.mine.owm:");
    ana.wait_for("there is no role \"owm\"; did you mean \"own\"?");
    ana.send(ESC);
    ana.wait_gone("─ Notices ─");
    save(
        &path,
        &format!(
            "{before}theme = \"mine\"\nurl = \"http://127.0.0.1:1\"\n{edited}[theme.mine]\nown = \"bold\"\n"
        )
        .replacen(&format!("url = \"{}\"\n", world.gateway.url()), "", 1),
    );
    ana.wait_for("restart deskline to apply console.url");
    // The key is another one at once; the session keeps what it began with, and the next one does not.
    ana.send("\x1b[18~");
    ana.wait_for("your settings were read again");
    ana.send(ESC);
    ana.wait_for("/ 4096 B");
    takes(&world, &mut ana, "Lucia", "34600000101").await;
    ana.send("\x1b2");
    ana.wait_for("/ 60 B");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_held_message_can_be_taken_back_and_outlives_a_kill_unsent() {
    let mut world = World::new(Setup::default()).await;
    let mut ana = world.console_at("ana", &world.gateway.url(), "undo-send = 10");
    ana.wait_for("You are Ready");
    takes(&world, &mut ana, "Karim", "212600000012").await;
    ana.wait_for("/ 4096 B");
    ana.write("wrong words");
    ana.send("\r");
    ana.wait_for("leaves in");
    ana.send("\x1bt");
    ana.wait_gone("leaves in");
    ana.send("\x15");
    ana.wait_for("  0 / 4096 B");
    for text in ["one", "two"] {
        ana.write(text);
        ana.send("\r");
        ana.wait_for("  0 / 4096 B");
    }
    // Enter on an empty line sends what is held, in order.
    ana.send("\r");
    assert_eq!(world.taken().await.text, "one");
    assert_eq!(world.taken().await.text, "two");
    ana.write("three");
    ana.send("\r");
    ana.wait_for("leaves in");
    // It is on disk before the console is killed.
    let drafts = world.home("ana").join("state/deskline/console.db");
    until("a kept message", async || {
        let db = rusqlite::Connection::open(&drafts).ok()?;
        let count = "SELECT COUNT(*) FROM unsent WHERE text = 'three' AND held = 1";
        db.query_row(count, [], |row| row.get::<_, i64>(0)).ok().filter(|count| *count == 1)
    })
    .await;
    ana.kill();
    let mut ana = world.console_at("ana", &world.gateway.url(), "undo-send = 10");
    ana.wait_for("not sent: the desk ended while it was held");
    assert_eq!(world.sent("three"), 0);
    assert_eq!(world.sent("wrong words"), 0);
    ana.send("\x1br");
    assert_eq!(world.taken().await.text, "three");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_changed_password_counts_from_the_next_sign_in() {
    let world = World::new(Setup::default()).await;
    let ana = world.ready("ana");
    let other = deskline::config::hash::hash_password(&secrecy::SecretString::from("other")).unwrap();
    edit(&world, |text| text.replace(hash(), &other), READ).await;
    let again = world.console("ana");
    again.wait_for("password");
    assert!(ana.shows("You are Ready"), "{}", ana.screen());
}
