//! An unknown customer becomes a contact, a colleague corrects the name, and the past is read.

use super::pty::{ACCEPT, DONE, ESC, Pty};
use super::rig::{Setup, World};

const F8: &str = "\x1b[19~";
const ALT_H: &str = "\x1bh";
const DOWN: &str = "\x1b[B";
const ENTER: &str = "\r";
const TAB: &str = "\t";

/// Chooses in the open list what is found by these letters.
fn choose(desk: &mut Pty, letters: &str, shows: &str) {
    desk.write(letters);
    desk.wait_for(shows);
    desk.send(ENTER);
}

/// Types behind what stands there, key by key.
fn fill(desk: &mut Pty, before: &str, text: &str) {
    let mut written = before.to_owned();
    for key in text.chars() {
        written.push(key);
        desk.send(&key.to_string());
        // A space at the end cannot be seen.
        if key != ' ' {
            desk.wait_for(&written);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn unknown_customer_becomes_a_contact_colleagues_can_edit() {
    let world = World::new(Setup { agents: &["ana", "ben"], ..Setup::default() }).await;
    let mut ana = world.ready("ana");
    world.writes("Karim", "212600000012", "Bonjour").await;
    ana.wait_for("accept F2");
    ana.send(ACCEPT);
    ana.wait_for("to customer");

    ana.send(F8);
    ana.wait_for("Who is this customer?");
    ana.wait_for("no known contact resembles this customer");
    choose(&mut ana, "create", "create a new contact");
    ana.wait_for("New contact");
    ana.send(TAB);
    ana.wait_for("▸ First name");
    ana.send(TAB);
    ana.wait_for("▸ Last name");
    ana.send(ENTER);
    ana.wait_for("this must be filled in");
    fill(&mut ana, "", "Haddad");
    ana.send(ENTER);
    ana.wait_gone("New contact");
    ana.wait_for("Karim Haddad  ");

    // A colleague who has no session finds the contact and corrects the name.
    let mut ben = world.ready("ben");
    ben.send("/");
    ben.wait_for("Command");
    fill(&mut ben, "/", "contacts hadd");
    ben.send(ENTER);
    ben.wait_for("Karim Haddad");
    ben.send(ENTER);
    ben.wait_for("merge with another contact");
    choose(&mut ben, "view", "view and edit");
    ben.wait_for("Contact Karim Haddad");
    ben.send(TAB);
    ben.wait_for("▸ First name");
    ben.send(TAB);
    ben.wait_for("▸ Last name");
    fill(&mut ben, "Haddad", "i");
    ben.send(ENTER);
    ben.wait_for("the contact is saved");
    ana.wait_for("Karim Haddadi");

    ben.send(ESC);
    ben.wait_gone("[All fields]");
    assert!(ben.quit().success());

    // The next session of the same number is that contact's, and the one before can be read.
    ana.send(DONE);
    ana.wait_for("Karim Haddadi waits for an answer");
    ana.send(ENTER);
    ana.wait_for("Karim Haddadi is done");
    world.writes("Karim", "212600000012", "encore moi").await;
    ana.wait_for("accept F2");
    ana.send(ACCEPT);
    ana.wait_for("to customer");
    ana.send(ALT_H);
    ana.wait_for("History");
    ana.wait_for("this session");
    ana.send(DOWN);
    ana.wait("another row than this session to be chosen", |screen| {
        let shown = screen.contents();
        shown.lines().any(|row| row.contains("this session") && !row.contains('▸'))
    });
    ana.send(ENTER);
    ana.wait_gone("this session");
    ana.wait_for("Bonjour");
    ana.send(ESC);
    ana.wait_for("this session");
}
