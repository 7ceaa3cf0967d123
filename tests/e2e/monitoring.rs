//! A supervisor in an agent's session: customer, agent and supervisor, each at their own end.

use super::api::{Agent, Answer};
use super::proxy::Proxy;
use super::pty::{ACCEPT, Pty};
use super::rig::{PASSWORD, Setup, World, hash, until};
use serde_json::json;

const WATCH: &str = "\x1b[15;2~";
const COACH: &str = "\x1b[17;2~";
const BARGE_IN: &str = "\x1b[18;2~";
const ALT_G: &str = "\x1bg";

async fn world_with_sue(privileges: &str) -> World {
    world_with_sue_and(privileges, "").await
}

async fn world_with_sue_and(privileges: &str, gateway: &str) -> World {
    let more = format!(
        "[[gateway.agent]]\nuser-name = \"sue\"\nfirst-name = \"Sue\"\nrole = \"supervisor\"\n\
         privileges = {privileges}\npassword-hash = \"{0}\"\n\
         [[gateway.agent]]\nuser-name = \"sam\"\nfirst-name = \"Sam\"\nrole = \"supervisor\"\npassword-hash = \"{0}\"\n",
        hash()
    );
    World::new(Setup { agents: &["ana"], more: &more, gateway, ..Setup::default() }).await
}

fn says(desk: &mut Pty, mark: &str, text: &str) {
    desk.write_after(mark, text);
    desk.send("\r");
    desk.wait_confirmed(text);
}

/// A customer has written, the agent has the session, and the supervisor watches it.
async fn watched(world: &World, url: &str) -> (Pty, Pty) {
    let mut ana = world.console_at("ana", url, "");
    ana.wait_for("You are Ready");
    world.writes("Karim", "212600000012", "Bonjour").await;
    ana.wait_for("accept F2");
    ana.send(ACCEPT);
    ana.wait_for("to customer");
    let mut sue = world.console_at("sue", url, "");
    sue.wait_for("monitors the sessions of an agent");
    sue.write_after("›", "/monitor ana");
    sue.send("\r");
    sue.wait_for("Bonjour");
    sue.wait_for("you watch silently");
    (ana, sue)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_supervisor_watches_coaches_and_comes_into_the_session() {
    let mut world = world_with_sue("[\"coach\", \"barge-in\"]").await;
    let (mut ana, mut sue) = watched(&world, &world.gateway.url()).await;
    says(&mut ana, "›", "un moment");
    assert_eq!(world.taken().await.text, "un moment");
    sue.wait_for("un moment");
    assert!(!ana.shows("Sue"), "who watches silently is not seen:\n{}", ana.screen());
    sue.write_after("◎", "not to be sent");
    sue.send("\r");
    sue.wait_for("not sent: you watch silently");
    sue.send("\x15");

    sue.send(COACH);
    sue.wait_for("TO THE AGENT ONLY");
    ana.wait_for("Sue coaches; the customer does not see it");
    says(&mut sue, "◆", "propose un avoir");
    ana.wait_for("Sue (coach) · the customer does not see this");
    ana.wait_for("propose un avoir");
    ana.send(ALT_G);
    ana.wait_for("TO COLLEAGUES ONLY");
    says(&mut ana, "◆", "merci Sue");
    sue.wait_for("merci Sue");
    ana.send(ALT_G);
    ana.wait_for("to customer");

    sue.send(BARGE_IN);
    assert_eq!(world.taken().await.text, "Sue has joined the conversation.");
    sue.wait_for("to customer");
    says(&mut sue, "›", "Bonjour, ici Sue");
    assert_eq!(world.taken().await.text, "Bonjour, ici Sue");
    ana.wait_for("Sue (supervisor)");
    world.writes("Karim", "212600000012", "enchanté").await;
    sue.wait_for("enchanté");

    sue.send(WATCH);
    ana.wait_for("Sue, a supervisor, left");
    sue.wait_for("you watch silently");
    says(&mut ana, "›", "au revoir");
    assert_eq!(world.taken().await.text, "au revoir", "and nothing of the coaching in between");
    assert_eq!((world.sent("propose un avoir"), world.sent("merci Sue")), (0, 0));
    ana.send("\x04");
    sue.wait_for("No session.");
    sue.quit();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn missing_privilege_only_watches_and_coaching_survives_kills() {
    let mut world = world_with_sue("[\"coach\"]").await;
    let proxy = Proxy::start(world.gateway.address).await;
    let (ana, mut sue) = watched(&world, &proxy.url()).await;
    sue.send(BARGE_IN);
    sue.wait_for("no privilege for that");
    sue.send(COACH);
    sue.wait_for("TO THE AGENT ONLY");
    ana.wait_for("Sue coaches");
    world.kill_and_restart();
    proxy.lead_to(world.gateway.address);
    sue.wait_for("connected again");
    ana.wait_for("connected again");
    says(&mut sue, "◆", "still with you");
    ana.wait_for("still with you");
    // The supervisor's console dies; another one goes on where it was.
    sue.kill();
    let mut sue = world.console_at("sue", &proxy.url(), "");
    sue.wait_for("TO THE AGENT ONLY");
    sue.wait_for("still with you");
    says(&mut sue, "◆", "back again");
    ana.wait_for("back again");
    sue.write_after("◆", "/leave");
    sue.send("\r");
    sue.wait_for("No session.");
    ana.wait_for("Sue, a supervisor, left");
    // The other console knows whom the one before it monitored.
    sue.write_after("›", "/stopmonitoring");
    sue.send("\r");
    sue.wait_for("you no longer monitor ana");
    assert_eq!(world.sent("still with you"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_agent_is_told_who_looks_on_where_the_shop_wants_that() {
    let world = world_with_sue_and("[]", "show-silent-monitoring = true").await;
    let (mut ana, mut sue) = watched(&world, &world.gateway.url()).await;
    ana.wait_for("◎ Sue (watching)");
    sue.write_after("◎", "/leave");
    sue.send("\r");
    ana.wait_gone("◎ Sue (watching)");
    let reading = world.monitor("sam", &world.gateway.url());
    reading.wait_for("Bonjour");
    ana.wait_for("Sam reads along");
    says(&mut ana, "›", "un moment");
    reading.wait_for("un moment");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn monitor_of_a_consultant_reads_the_other_agents_session() {
    let more = format!(
        "[[gateway.agent]]\nuser-name = \"kate\"\ngroups = [\"Billing\"]\npassword-hash = \"{0}\"\n\
         [[gateway.agent]]\nuser-name = \"sue\"\nrole = \"supervisor\"\noversees = [\"Billing\"]\npassword-hash = \"{0}\"\n",
        hash()
    );
    let world = World::new(Setup { agents: &["ana"], more: &more, ..Setup::default() }).await;
    let url = world.gateway.url();
    let ana = Agent::with_password(&world.http, &url, "ana").await.unwrap();
    world.writes("Karim", "212600000012", "Bonjour").await;
    let id = until("the invitation", async || ana.sessions("Invited").await?.pop()).await.0;
    let done = |answer: Answer| assert!(matches!(answer, Answer::Done(_)), "{answer:?}");
    done(ana.act(&id, "accept", "op-1", json!({})).await);
    let kate = Agent::with_password(&world.http, &url, "kate").await.unwrap();
    let sue = Agent::begin(&world.http, &url, "sue", PASSWORD).await.unwrap();
    let log = format!("/media/whatsappsession/interactions/{id}/messages");
    assert!(matches!(sue.get(&log).await, Answer::Refused(404, _)), "Ana is not of her group");
    let begin = |agent: &str| {
        json!({"data": {"agentId": agent, "monitoringMode": "Monitor",
            "monitoringNextInteractionType": "AllInteractions"}})
    };
    let path = "/media/whatsappsession/start-monitoring";
    assert!(matches!(sue.post(path, begin("ana")).await, Answer::Refused(403, _)));
    done(sue.post(path, begin("kate")).await);
    done(ana.act(&id, "consult", "op-2", json!({"agentId": "kate"})).await);
    done(kate.act(&id, "accept", "op-3", json!({})).await);
    assert_eq!(sue.sessions("Processing").await.unwrap().len(), 1);
    done(sue.get(&log).await);
    done(ana.act(&id, "remove-from-conference", "op-4", json!({"agentId": "kate"})).await);
    assert_eq!(sue.sessions("Processing").await.unwrap().len(), 0);
    assert!(matches!(sue.get(&log).await, Answer::Refused(404, _)), "out of it with Kate");
}
