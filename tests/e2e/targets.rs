//! Whom a session may go to, between consoles.

use super::pty::{ACCEPT, ESC, Pty, REJECT};
use super::rig::{Setup, World, hash};

const TRANSFER: &str = "\x14";
const TAB: &str = "\t";
const INSERT: &str = "\x1b[2~";
const CLEAR: &str = "\x15";
const NOT_READY: &str = "\x1bn";

fn kate() -> String {
    format!(
        "[[gateway.agent]]\nuser-name = \"kate\"\nfirst-name = \"Kate\"\nlast-name = \"Löndon\"\n\
         phone = \"+34 600 000 777\"\npassword-hash = \"{}\"\n\
         [[gateway.corporate-favourite]]\ntype = \"InteractionQueue\"\nid = \"wa-inbound\"\n\
         [[gateway.action-code]]\nname = \"Lunch\"\ncode = \"L\"\n",
        hash()
    )
}

async fn world(more: &str) -> World {
    World::new(Setup { agents: &["ana", "ben"], more, ..Setup::default() }).await
}

/// A console with a session open in it.
async fn at_work(world: &World, user: &str) -> Pty {
    let mut desk = world.ready(user);
    world.writes("Lucía", "34600000101", "hola").await;
    desk.wait_for("accept F2");
    desk.send(ACCEPT);
    desk.wait_for("to customer");
    desk
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn favourite_survives_gateway_restart_and_new_sign_in() {
    let mut world = world(&kate()).await;
    let mut ana = at_work(&world, "ana").await;
    ana.send(TRANSFER);
    ana.wait_for("★ WhatsApp");
    ana.write("london");
    ana.wait_for("▸   Kate Löndon");
    ana.send(INSERT);
    ana.wait_for("▸ ★ Kate Löndon");
    ana.send(ESC);
    ana.wait_gone("[All]");
    ana.quit();
    world.kill_and_restart();
    let mut ana = world.console("ana");
    ana.wait_for("to customer");
    ana.send(TRANSFER);
    ana.wait_for("[All]");
    ana.send(TAB);
    ana.wait_for("[Favourites]");
    ana.wait_for("★ Kate Löndon");
    ana.wait_for("Signed out  agent");
    assert!(ana.shows("★ WhatsApp") && ana.shows("corporate"), "{}", ana.screen());
    ana.wait_for("2 targets");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn whom_one_asked_stands_among_the_recent_ones() {
    let world = world("").await;
    let mut ana = at_work(&world, "ana").await;
    let mut ben = world.ready("ben");
    ana.send(TRANSFER);
    ana.wait_for("[All]");
    ana.send(TAB);
    ana.wait_for("[Favourites]");
    ana.send(TAB);
    ana.wait_for("nobody yet: your last targets appear here");
    ana.send(ESC);
    ana.wait_gone("[Recents]");
    ana.write("/transfer agent ben");
    ana.send("\r");
    ben.wait_for("accept F2");
    ben.send(REJECT);
    ana.wait_for("⚠ transfer to Ben Ruiz");
    ana.send(TRANSFER);
    ana.wait_for("[All]");
    ana.send(TAB);
    ana.wait_for("[Favourites]");
    ana.send(TAB);
    ana.wait_for("[Recents]");
    ana.wait_for("Ready 0/4  agent");
    ana.wait_for("1 target ");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn people_are_found_by_number_and_a_contact_says_what_it_is() {
    let world = world(&kate()).await;
    let mut ana = at_work(&world, "ana").await;
    ana.send(TRANSFER);
    ana.wait_for("[All]");
    ana.write("0034 600 000 777");
    ana.wait_for("+34 600 000 777  Signed out  agent");
    ana.send(CLEAR);
    ana.wait_gone("› 0034");
    ana.write("600 000 101");
    ana.wait_for("+34600000101  contact");
    ana.wait_for("0 matching targets and 1 matching contact");
    ana.send("\r");
    ana.wait_for("is a contact and cannot be given a session");
    assert!(ana.shows("to customer"), "{}", ana.screen());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_a_colleague_does_is_seen_while_the_list_is_open() {
    let world = world(&kate()).await;
    let mut ana = at_work(&world, "ana").await;
    ana.send(TRANSFER);
    ana.wait_for("Ben Ruiz");
    ana.wait_for("Signed out  agent");
    let mut ben = world.ready("ben");
    ana.wait_for("Ready 0/4  agent");
    ben.send(NOT_READY);
    ben.wait_for("Lunch");
    ben.send("\r");
    ben.wait_for("You are Not Ready");
    ana.wait_for("Not Ready: Lunch  agent");
}
