//! Note, case data and dispositions between two agents.

use super::pty::{ACCEPT, DONE, ESC, Pty};
use super::rig::{Setup, World};

const F6: &str = "\u{1b}[17~";
const F7: &str = "\u{1b}[18~";
const EDIT: &str = "\u{1b}e";

/// Case data that is described, and dispositions in folders.
const DESCRIBED: &str = r#"
[interaction-workspace]
interaction.case-data.format-business-attribute = "Case"
interaction.disposition.is-mandatory = true

[[gateway.business-attribute]]
name = "Case"
display-name = "Your case"
interaction-workspace.interaction.case-data.order = "Order,Segment"
values = [
  { name = "Segment", display-name = "Customer segment", interaction-workspace = { display-type = "enum", "enum.business-attribute" = "Segment" } },
  { name = "Order", display-name = "Order number", interaction-workspace = { display-type = "int", "int.min-value" = 1, mandatory = true } },
]

[[gateway.business-attribute]]
name = "Segment"
values = [{ name = "g", display-name = "Gold" }, { name = "s", display-name = "Silver" }]

[[gateway.business-attribute]]
name = "DispositionCode"
display-name = "Outcome"
values = [
  { name = "solved", display-name = "Solved" },
  { name = "late", display-name = "Came late", interaction-workspace = { "interaction.disposition.folder" = "Complaints/Delivery" } },
]
"#;

fn setup() -> Setup<'static> {
    Setup { agents: &["ana", "kate"], more: DESCRIBED, ..Setup::default() }
}

/// Types into a form, one key after the other is seen: keys that come all at once are a paste.
fn fill(desk: &mut Pty, text: &str) {
    let mut written = String::new();
    for key in text.chars() {
        desk.send(key.encode_utf8(&mut [0; 4]));
        written.push(key);
        desk.wait_for(written.trim_end());
    }
}

async fn accepted(world: &World, user: &str) -> Pty {
    let desk = world.ready(user);
    world.writes("Karim", "212600000012", "Bonjour").await;
    desk.wait_for("accept F2");
    desk
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_one_agent_writes_down_the_next_one_sees() {
    let world = World::new(setup()).await;
    let mut ana = accepted(&world, "ana").await;
    let mut kate = world.ready("kate");
    ana.send(ACCEPT);
    ana.wait_for("to customer");
    ana.send(F7);
    ana.wait_for("─ Note ─");
    fill(&mut ana, "the parcel is lost");
    ana.send("\r");
    ana.wait_for("the note is saved");
    ana.send(EDIT);
    ana.wait_for("─ Your case ─");
    fill(&mut ana, "0");
    ana.send("\r");
    ana.wait_for("this takes a whole number from 1 on");
    ana.send("\u{7f}");
    ana.wait_gone("this takes");
    fill(&mut ana, "48213");
    ana.send("\r");
    ana.wait_for("the case data is saved");
    ana.write("/edit customer segment gold");
    ana.send("\r");
    ana.wait_for("Gold");
    ana.write("/transfer agent kate");
    ana.send("\r");
    kate.wait_for("accept F2");
    kate.send(ACCEPT);
    kate.wait_for("to customer");
    for words in ["the parcel is lost", "48213", "Gold", "Order number"] {
        kate.wait_for(words);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_session_is_done_once_what_must_be_filled_in_is() {
    let mut setup = setup();
    setup.agents = &["ana"];
    let world = World::new(setup).await;
    let mut ana = accepted(&world, "ana").await;
    ana.send(ACCEPT);
    ana.wait_for("to customer");
    ana.send(DONE);
    ana.wait_for("─ Outcome, then done ─");
    assert!(!ana.shows("Came late"), "a closed folder:\n{}", ana.screen());
    ana.send(ESC);
    ana.wait_gone("then done");
    ana.send(F6);
    ana.wait_for("Complaints");
    ana.write("late");
    ana.wait_for("Came late");
    assert!(!ana.shows("Solved"), "{}", ana.screen());
    ana.send("\r");
    ana.wait_for("the disposition is Came late");
    ana.send(DONE);
    ana.wait_for("a field must be filled in");
    fill(&mut ana, "7");
    ana.send("\r");
    ana.wait_for("waits for an answer");
    ana.send("\r");
    ana.wait_for("is done and saved to history");
    let data: String = world.data().query_row("SELECT user_data FROM session", [], |row| row.get(0)).unwrap();
    assert!(data.contains("late") && data.contains("Order"), "{data}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_note_outlives_the_gateway() {
    let mut setup = setup();
    setup.agents = &["ana"];
    setup.gateway = "grace = 600";
    let mut world = World::new(setup).await;
    let mut ana = accepted(&world, "ana").await;
    ana.send(ACCEPT);
    ana.wait_for("to customer");
    ana.send(F7);
    ana.wait_for("─ Note ─");
    fill(&mut ana, "half a thou");
    ana.wait_for("half a thou");
    world.stop();
    ana.send("\r");
    ana.wait_for("there is no connection");
    fill(&mut ana, "ght");
    ana.wait_for("half a thought");
}
