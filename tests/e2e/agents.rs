//! Two agents and one customer.

use super::api::{Agent, Answer};
use super::proxy::Proxy;
use super::pty::{ACCEPT, ESC, NOTICES, Pty, REJECT};
use super::rig::{PASSWORD, Setup, World, until};
use serde_json::json;

/// Which of two is offered a session, and then the other.
async fn offered<'a>(one: &'a mut Pty, two: &'a mut Pty) -> (&'a mut Pty, &'a mut Pty) {
    let offer = |desk: &Pty| desk.shows("accept F2");
    until("an offer", async || (offer(one) || offer(two)).then_some(())).await;
    if offer(one) { (one, two) } else { (two, one) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_one_agent_rejects_is_offered_to_the_other() {
    let mut world = World::new(Setup { agents: &["ana", "ben"], ..Setup::default() }).await;
    let (mut ana, mut ben) = (world.ready("ana"), world.ready("ben"));
    world.writes("Karim", "212600000012", "Bonjour").await;
    let (first, second) = offered(&mut ana, &mut ben).await;
    assert!(!second.shows("accept F2"), "one at a time:\n{}", second.screen());
    first.send(REJECT);
    first.wait_for("Karim was rejected and goes back to the queue");
    second.wait_for("accept F2");
    second.send(ACCEPT);
    second.wait_for("to customer");
    second.write("oui?");
    second.send("\r");
    assert_eq!(world.taken().await.text, "oui?");
    assert!(first.shows("No session. You are Ready"), "{}", first.screen());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn who_does_not_answer_is_not_ready_and_the_session_goes_on() {
    let setup = Setup { agents: &["ana", "ben"], accept_timeout: 2, ..Setup::default() };
    let world = World::new(setup).await;
    let mut ana = world.ready("ana");
    world.writes("Karim", "212600000012", "Bonjour").await;
    // The invitation itself is shown too briefly to wait for it.
    ana.wait_for("Not Ready: no answer");
    ana.wait_gone("accept F2");
    ana.wait_for("You are Not Ready (no answer): you get no invitations.");
    ana.send(NOTICES);
    ana.wait_for("You did not accept ~Karim in time");
    ana.send(ESC);
    ana.wait_gone("You did not accept ~Karim in time");
    ana.send(ACCEPT);
    ana.wait_for("there is no invitation");
    // It went on to Ben, who does not answer either.
    let mut ben = world.console("ben");
    ben.wait_for("Not Ready: no answer");
    ben.send(NOTICES);
    ben.wait_for("You did not accept ~Karim in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_late_accept_is_told_that_it_is_gone() {
    let mut world = World::new(Setup { agents: &["ana", "ben"], ..Setup::default() }).await;
    let proxy = Proxy::start(world.gateway.address).await;
    let mut ana = world.console_at("ana", &proxy.url(), "");
    ana.wait_for("You are Ready");
    world.writes("Karim", "212600000012", "Bonjour").await;
    ana.wait_for("accept F2");
    // Her line is stuck: she does not see that it went on to Ben.
    proxy.hold();
    let elsewhere = Agent::begin(&world.http, &world.gateway.url(), "ana", PASSWORD).await.unwrap();
    let session = world.sessions().remove(0);
    let rejected = elsewhere.act(&session, "reject", "elsewhere", json!({})).await;
    assert!(matches!(rejected, Answer::Done(_)), "{rejected:?}");
    let mut ben = world.console("ben");
    ben.wait_for("accept F2");
    ben.send(ACCEPT);
    ben.wait_for("to customer");
    assert!(ana.shows("accept F2"), "{}", ana.screen());
    ana.send(ACCEPT);
    // Once this is seen, the key before it has been taken.
    ana.send(NOTICES);
    ana.wait_for("─ Notices ─");
    proxy.open();
    ana.wait_gone("accept F2");
    ana.wait_for("this invitation is no longer yours");
    ana.send(ESC);
    ana.wait_for("F9 notices");
    assert!(ana.shows("No session."), "{}", ana.screen());
    ben.write("bonjour");
    ben.send("\r");
    assert_eq!(world.taken().await.text, "bonjour");
}
