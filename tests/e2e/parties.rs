//! Two and three agents, one customer: transfer, conference, consultation.

use super::proxy::Proxy;
use super::pty::{ACCEPT, Pty, REJECT, ROUTING_PAIRS};
use super::rig::{Setup, World, hash};

const ALT_G: &str = "\x1bg";
const CTRL_T: &str = "\x14";

/// Ana serves customers; Kate is of Billing, Ben speaks French. Nobody but Ana is asked by customers.
fn config_of_three(timeout: u32, settings: &str, subtype: &str) -> String {
    let agent = |first: &str, last: &str, rest: &str| {
        let name = first.to_lowercase();
        format!(
            "\n[[gateway.agent]]\nuser-name = \"{name}\"\nfirst-name = \"{first}\"\nlast-name = \"{last}\"\n\
             password-hash = \"{}\"\n{rest}\n",
            hash()
        )
    };
    format!(
        "group = \"Front\"\n[[gateway.queue]]\nname = \"wa-internal\"\naccept-timeout = {timeout}\n\
         [[gateway.business-attribute]]\nname = \"InteractionSubtype\"\nvalues = [\"{subtype}\"]\n\
         [interaction-workspace]\n{settings}\n{}{}{}",
        agent("Ana", "Ruiz", "groups = [\"Front\"]"),
        agent("Kate", "London", "groups = [\"Billing\"]"),
        agent("Ben", "Okafor", "skills = { French = 5 }"),
    )
}

const QUEUE: &str = "intercommunication.whatsappsession.queue = \"wa-internal\"";

async fn world_with(timeout: u32, settings: &str, subtype: &str) -> World {
    let more = config_of_three(timeout, settings, subtype);
    let setup = Setup {
        agents: &[],
        accept_timeout: timeout,
        gateway: "misses-before-not-ready = 100\nno-repeat = 0",
        more: &more,
        ..Setup::default()
    };
    World::new(setup).await
}

async fn world(timeout: u32) -> World {
    world_with(timeout, QUEUE, "InternalConferenceInvite").await
}

/// Runs a slash command, after the mark of the input.
fn command(desk: &mut Pty, mark: &str, line: &str) {
    desk.write_after(mark, line);
    desk.send("\r");
    desk.wait_gone(&format!("{mark} {line}"));
}

/// Writes and sends a message.
fn says(desk: &mut Pty, mark: &str, text: &str) {
    desk.write_after(mark, text);
    desk.send("\r");
    desk.wait_confirmed(text);
}

/// A customer has written and the agent has the session.
async fn served(world: &World, desk: &mut Pty) {
    world.writes("Karim", "212600000012", "Bonjour").await;
    desk.wait_for("accept F2");
    desk.send(ACCEPT);
    desk.wait_for("to customer");
    desk.wait_for("Bonjour");
}

fn accepts(desk: &mut Pty, label: &str) {
    desk.wait_for("accept F2");
    desk.send(ACCEPT);
    desk.wait_for(label);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_transfer_that_nobody_answers_stays_with_the_sender() {
    let mut world = world(2).await;
    let mut ana = world.ready("ana");
    served(&world, &mut ana).await;
    let kate = world.ready("kate");
    command(&mut ana, "›", "/transfer agent kate");
    ana.wait_for("Kate London did not answer in time");
    kate.wait_gone("accept F2");
    says(&mut ana, "›", "moment");
    assert_eq!(world.taken().await.text, "moment", "the session is hers all the while");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_transfer_is_refused_and_then_accepted() {
    let mut world = world(120).await;
    let mut ana = world.ready("ana");
    served(&world, &mut ana).await;
    command(&mut ana, "›", "/transfer agent kate");
    ana.wait_for("Kate London is not signed in");

    let mut kate = world.ready("kate");
    command(&mut ana, "›", "/transfer agent kate");
    kate.wait_for("accept F2");
    kate.send(REJECT);
    ana.wait_for("Kate London refused the transfer");
    kate.wait_gone("accept F2");
    says(&mut ana, "›", "moment");
    assert_eq!(world.taken().await.text, "moment", "the session is hers all the while");

    command(&mut ana, "›", "/transfer agent kate");
    accepts(&mut kate, "to customer");
    ana.wait_for("was transferred to Kate London");
    ana.wait_for("No session.");
    kate.send(ROUTING_PAIRS);
    kate.wait_for("OneStepTransfer");
    kate.wait_for("moment");
    says(&mut kate, "›", "c'est Kate");
    assert_eq!(world.taken().await.text, "c'est Kate");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_transfer_to_a_group_a_skill_and_a_queue_finds_who_fits() {
    for (target, who) in [("group Billing", "kate"), ("skill French", "ben"), ("queue wa-internal", "ben")] {
        let mut world = world(60).await;
        let mut ana = world.ready("ana");
        served(&world, &mut ana).await;
        command(&mut ana, "›", &format!("/transfer {target}"));
        // Nobody is signed in there yet.
        ana.wait_for("Transfer anyway?");
        ana.send("\r");
        ana.wait_for("waits there for an answer");
        ana.wait_for("No session.");
        let mut taker = world.console(who);
        accepts(&mut taker, "to customer");
        ana.wait_for("has taken ~Karim");
        says(&mut taker, "›", "me voici");
        assert_eq!(world.taken().await.text, "me voici");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn both_write_in_a_conference_and_the_customer_is_notified() {
    let mut world = world(60).await;
    let (mut ana, mut kate, mut ben) = (world.ready("ana"), world.ready("kate"), world.ready("ben"));
    served(&world, &mut ana).await;
    command(&mut ana, "›", "/conference group Billing");
    accepts(&mut kate, "to customer");
    assert_eq!(world.taken().await.text, "Kate has joined the conversation.");
    ana.wait_for("Parties");
    ana.wait_for("agent, since");
    says(&mut ana, "›", "from ana");
    says(&mut kate, "›", "from kate");
    ana.wait_for("from kate");
    kate.wait_for("from ana");
    assert_eq!((world.taken().await.text, world.taken().await.text), ("from ana".into(), "from kate".into()));

    command(&mut ana, "›", "/conference skill French");
    accepts(&mut ben, "to customer");
    assert_eq!(world.taken().await.text, "Ben has joined the conversation.");
    command(&mut ana, "›", "/remove ben");
    ben.wait_for("you were removed by Ana Ruiz");
    ben.wait_for("No session.");
    // The owner goes, and the others go on.
    command(&mut ana, "›", "/leave");
    ana.wait_for("is left to your colleagues");
    kate.wait_for("the session is now Kate's");
    says(&mut kate, "›", "still here");
    assert_eq!(world.taken().await.text, "still here");
}

/// Kate is consulted, and both have said something to each other.
async fn consulted(world: &mut World) -> (Pty, Pty) {
    let (mut ana, mut kate) = (world.ready("ana"), world.ready("kate"));
    served(world, &mut ana).await;
    command(&mut ana, "›", "/consult agent kate");
    accepts(&mut kate, "TO COLLEAGUES ONLY");
    ana.wait_for("Kate (consultant)");
    ana.send(ALT_G);
    ana.wait_for("TO COLLEAGUES ONLY");
    says(&mut ana, "◆", "is he right?");
    kate.wait_for("is he right?");
    kate.send(ALT_G);
    kate.wait_for("you are asked for advice here");
    says(&mut kate, "◆", "he is not");
    ana.wait_for("he is not");
    ana.send(ALT_G);
    ana.wait_for("to customer");
    says(&mut ana, "›", "un moment");
    assert_eq!(world.taken().await.text, "un moment", "the first words that reach WhatsApp");
    (ana, kate)
}

fn nothing_internal(world: &World) {
    for words in ["is he right?", "he is not", "Kate has joined the conversation."] {
        assert_eq!(world.sent(words), 0, "{words}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_consultation_stays_among_colleagues_and_becomes_a_transfer() {
    let mut world = world(60).await;
    let (mut ana, mut kate) = consulted(&mut world).await;
    nothing_internal(&world);
    // Who is consulted comes first in the list.
    ana.send(CTRL_T);
    ana.wait_for("is consulted now");
    ana.send("\r");
    ana.wait_for("was transferred to Kate");
    kate.wait_for("goes to the customer again");
    kate.wait_for("to customer");
    says(&mut kate, "›", "c'est Kate");
    assert_eq!(world.taken().await.text, "c'est Kate");
    nothing_internal(&world);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_consultation_becomes_a_conference_and_is_called_off_before() {
    let mut world = world(60).await;
    let (mut ana, mut kate) = consulted(&mut world).await;
    nothing_internal(&world);
    kate.write_after("◆", "half a thought");
    command(&mut ana, "›", "/conference");
    assert_eq!(world.taken().await.text, "Kate has joined the conversation.");
    kate.wait_for("you are here for the customer too now");
    assert!(kate.shows("◆ half a thought"), "{}", kate.screen());
    // It becomes a text to the customer only when she says so.
    kate.send(ALT_G);
    kate.wait_for("CUSTOMER. It is not sent yet.");
    kate.send("\r");
    kate.wait_for("› half a thought");
    kate.send("\r");
    assert_eq!(world.taken().await.text, "half a thought");

    let ben = world.ready("ben");
    command(&mut ana, "›", "/consult agent ben");
    ben.wait_for("accept F2");
    command(&mut ana, "›", "/cancel");
    ana.wait_for("was taken back");
    ben.wait_gone("accept F2");
    assert_eq!(world.sent("Ben has joined the conversation."), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn internal_messages_stay_internal_after_kills() {
    let mut world = world(60).await;
    let proxy = Proxy::start(world.gateway.address).await;
    let mut kate = world.ready("kate");
    let mut ana = world.console_at("ana", &proxy.url(), "");
    ana.wait_for("You are Ready");
    served(&world, &mut ana).await;
    command(&mut ana, "›", "/consult agent kate");
    accepts(&mut kate, "TO COLLEAGUES ONLY");
    ana.wait_for("Kate (consultant)");
    ana.send(ALT_G);
    ana.wait_for("TO COLLEAGUES ONLY");
    proxy.hold();
    ana.write_after("◆", "he is rude");
    ana.send("\r");
    ana.wait_gone("◆ he is rude");
    ana.wait_for("he is rude");
    ana.write_after("◆", "and loud");
    world.kill_and_restart();
    ana.kill();
    let mut kate = {
        drop(kate);
        world.console("kate")
    };
    kate.wait_for("TO COLLEAGUES ONLY");
    proxy.open();
    proxy.lead_to(world.gateway.address);
    let mut ana = world.console_at("ana", &proxy.url(), "");
    ana.wait_for("◆ and loud");
    // What was not confirmed goes out again, to colleagues.
    kate.wait_for("he is rude");
    ana.send("\r");
    kate.wait_for("and loud");
    ana.send(ALT_G);
    ana.wait_for("to customer");
    says(&mut ana, "›", "merci");
    assert_eq!(world.taken().await.text, "merci");
    assert_eq!((world.sent("he is rude"), world.sent("and loud")), (0, 0));
    says(&mut kate, "◆", "well done");
    assert_eq!(world.sent("well done"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_offer_outlives_the_gateway() {
    let mut world = world(120).await;
    let proxy = Proxy::start(world.gateway.address).await;
    let mut ana = world.console_at("ana", &proxy.url(), "");
    ana.wait_for("You are Ready");
    let mut kate = world.console_at("kate", &proxy.url(), "");
    kate.wait_for("You are Ready");
    served(&world, &mut ana).await;
    command(&mut ana, "›", "/transfer agent kate");
    kate.wait_for("accept F2");
    world.kill_and_restart();
    proxy.lead_to(world.gateway.address);
    ana.wait_for("connected again");
    kate.wait_for("connected again");
    // The request goes on undisturbed, and the console learns of it from the gateway.
    kate.send(ACCEPT);
    kate.wait_for("to customer");
    ana.wait_for("was transferred to Kate London");
    says(&mut kate, "›", "me voici");
    assert_eq!(world.taken().await.text, "me voici");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn missing_setting_is_named_and_nothing_is_sent() {
    let world = world_with(60, "", "InboundNew").await;
    let (mut ana, kate) = (world.ready("ana"), world.ready("kate"));
    served(&world, &mut ana).await;
    command(&mut ana, "›", "/transfer group Billing");
    ana.wait_for("administrator has to set the option");
    ana.wait_for("intercommunication.whatsappsession.queue");
    ana.send("\x1b[20~");
    ana.wait_for("─ Notices ─");
    ana.send("\x1b");
    ana.wait_gone("─ Notices ─");
    command(&mut ana, "›", "/conference agent kate");
    ana.wait_for("⚠ conference with Kate");
    ana.send("\x1b[20~");
    ana.wait_for("InternalConferenceInvite");
    assert!(!kate.shows("accept F2"), "{}", kate.screen());
}
