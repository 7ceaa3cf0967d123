//! Workbins and the lock, with two consoles.

use super::pty::{ACCEPT, Pty, QUIT};
use super::rig::{PASSWORD, Setup, World};

const PARK: &str = "\x1bs";
const WORKBIN: &str = "\x1bv";
const NOT_READY: &str = "\x1bn";
const SIGN_OUT: &str = "\x1bq";
const LOCK: &str = "\x1bz";

/// Ana has Karim's session, and Ben is there too.
async fn with_session(world: &World) -> (Pty, Pty) {
    let ana = alone(world).await;
    let ben = world.ready("ben");
    (ana, ben)
}

/// Ana has Karim's session.
async fn alone(world: &World) -> Pty {
    let mut ana = world.ready("ana");
    world.writes("Karim", "212600000012", "Bonjour").await;
    ana.wait_for("accept F2");
    ana.send(ACCEPT);
    ana.wait_for("to customer");
    ana
}

fn park(ana: &mut Pty) {
    ana.send(PARK);
    ana.wait_for("is in your workbin; Alt+V Enter takes it back");
    ana.wait_for("workbin 1");
}

/// Types a password, which shows as marks, and asks with it.
fn password(desk: &mut Pty, text: &str) {
    for (place, c) in text.chars().enumerate() {
        desk.send(&c.to_string());
        desk.wait_for(&format!("Password {}", "•".repeat(place + 1)));
    }
    desk.send("\r");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn parked_customer_who_writes_returns_to_agent_or_colleague() {
    let mut world = World::new(Setup { agents: &["ana", "ben"], ..Setup::default() }).await;
    let (mut ana, mut ben) = with_session(&world).await;
    park(&mut ana);
    world.writes("Karim", "212600000012", "vous êtes là ?").await;
    ana.wait_for("accept F2");
    assert!(!ben.shows("accept F2"), "she comes first:\n{}", ben.screen());
    ana.send(ACCEPT);
    ana.wait_for("vous êtes là ?");
    ana.wait_gone("workbin 1");
    park(&mut ana);
    ana.send(NOT_READY);
    ana.wait_for("Not Ready");
    world.writes("Karim", "212600000012", "toujours là ?").await;
    ben.wait_for("accept F2");
    ana.wait_for("Karim wrote again: the session left your workbin");
    ben.send(ACCEPT);
    ben.wait_for("toujours là ?");
    ben.write("oui !");
    ben.send("\r");
    assert_eq!(world.taken().await.text, "oui !");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_parked_session_is_pulled_back_after_the_gateway_was_killed() {
    let mut world = World::new(Setup { agents: &["ana", "ben"], ..Setup::default() }).await;
    let (mut ana, ben) = with_session(&world).await;
    park(&mut ana);
    assert!(ana.quit().success());
    drop(ben);
    world.kill_and_restart();
    let mut ana = world.ready("ana");
    ana.wait_for("workbin 1");
    ana.send(WORKBIN);
    ana.wait_for("Bonjour");
    // A whole day where the clock of this machine was set back meanwhile.
    let window = ana.shows("window 2") || ana.shows("window 1 d");
    assert!(window, "the reply window:\n{}", ana.screen());
    ana.send("\r");
    ana.wait_for("to customer");
    ana.write("me voilà");
    ana.send("\r");
    assert_eq!(world.taken().await.text, "me voilà");
    ana.wait_gone("workbin 1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn who_signs_out_finds_the_session_in_the_workbin_next_time() {
    let world = World::new(Setup { agents: &["ana", "ben"], ..Setup::default() }).await;
    let (mut ana, _ben) = with_session(&world).await;
    ana.send(SIGN_OUT);
    ana.wait_for("go to your workbin");
    ana.send("\r");
    assert!(ana.wait_for_end().success());
    let mut ana = world.ready("ana");
    ana.wait_for("workbin 1");
    ana.send(WORKBIN);
    ana.wait_for("Karim");
    ana.send("\r");
    ana.wait_for("to customer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn locked_console_hides_all_and_unlocks_only_by_password() {
    let mut world = World::new(Setup::default()).await;
    let mut ana = alone(&world).await;
    ana.write("half a reply");
    ana.wait_for("half a reply");
    ana.send(LOCK);
    ana.wait_for("Locked: Ana Ruiz");
    assert!(!ana.shows("Karim") && !ana.shows("Bonjour") && !ana.shows("half a reply"), "{}", ana.screen());
    world.writes("Karim", "212600000012", "allô ?").await;
    world.writes("Omar", "213550000077", "ma facture").await;
    ana.wait_for("an invitation waits");
    assert!(!ana.shows("Omar") && !ana.shows("facture") && !ana.shows("allô"), "{}", ana.screen());
    ana.send(QUIT);
    ana.send(ACCEPT);
    password(&mut ana, "not it");
    ana.wait_for("that is not your password");
    password(&mut ana, PASSWORD);
    ana.wait_for("allô ?");
    ana.wait_for("accept F2");
    assert!(ana.shows("half a reply"), "{}", ana.screen());
    // A server that is gone leaves it locked.
    ana.send(LOCK);
    ana.wait_for("Locked: Ana Ruiz");
    assert!(world.stop().success());
    password(&mut ana, PASSWORD);
    ana.wait_for("the password could not be checked, so the desk stays locked");
    ana.send(SIGN_OUT);
    ana.wait_for("Sign out?");
    ana.send("\r");
    assert!(ana.wait_for_end().success());
}
