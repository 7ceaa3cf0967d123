//! The terminal is given back, however the console ends.

use super::pty::{self, ACCEPT, Parts, Pty, QUIT};
use super::rig::{PROGRAM, Setup, World, in_terminal, until};
use rustix::process::Signal;
use std::io::Read;

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn quit_asks_with_open_session_and_restores_the_terminal() {
    let world = World::new(Setup::default()).await;
    let mut desk = world.ready("ana");
    assert!(desk.is_on_other_screen());
    world.writes("Karim", "212600000012", "Bonjour").await;
    desk.wait_for("accept F2");
    desk.send(ACCEPT);
    desk.wait_for("to customer");
    desk.send(QUIT);
    desk.wait_for("A session is open");
    desk.send("\r");
    assert!(desk.wait_for_end().success());
    desk.assert_given_back();
    // It is still hers.
    let desk = world.console("ana");
    desk.wait_for("Bonjour  ");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_terminated_console_gives_the_terminal_back() {
    let world = World::new(Setup::default()).await;
    for signal in [Signal::TERM, Signal::INT] {
        let mut desk = world.ready("ana");
        desk.signal(signal);
        let status = desk.wait_for_end();
        assert!(status.success(), "{status:?}");
        desk.assert_given_back();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_wrong_password_is_a_sentence_and_exit_code_3() {
    let world = World::new(Setup::default()).await;
    let config = world.console_config("ana", &world.gateway.url(), "");
    let mut command = in_terminal(PROGRAM, &world.home("ana"));
    command.arg("--config");
    command.arg(config);
    command.env("DESKLINE_PASSWORD", "wrong");
    let mut desk = Pty::start(command);
    let sentence = "The server does not accept this user name and password.";
    desk.wait_for(sentence);
    desk.wait_for("F10 quits");
    assert_eq!(desk.quit().exit_code(), 3);
    desk.assert_given_back();
    assert!(desk.shows(sentence), "on the main screen too:\n{}", desk.screen());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_stopped_console_comes_back_with_what_happened_meanwhile() {
    let world = World::new(Setup::default()).await;
    let config = world.console_config("ana", &world.gateway.url(), "");
    let mut command = in_terminal("sh", &world.home("ana"));
    command.args(["-c", r#"set -m; "$0" "$@"; echo "shell has it"; read line; fg"#, PROGRAM, "--config"]);
    command.arg(config);
    let mut desk = Pty::start(command);
    desk.wait_for("You are Ready");
    desk.send("\x1a");
    desk.wait_for("shell has it");
    desk.assert_modes_off();
    world.writes("Karim", "212600000012", "Bonjour").await;
    desk.send("go on\r");
    desk.wait_for("accept F2");
    assert!(desk.is_on_other_screen());
    desk.send(ACCEPT);
    desk.wait_for("Bonjour  ");
    assert!(desk.quit().success());
    desk.assert_given_back();
}

/// A console that a shell starts, followed by a line; `while_stopped` runs before that.
fn in_shell(world: &World, settings: &str, while_stopped: &str) -> Pty {
    let config = world.console_config("ana", &world.gateway.url(), settings);
    let mut command = in_terminal("sh", &world.home("ana"));
    let script = format!(r#"set -m; "$0" "$@"; {while_stopped}; echo "shell has it"; read line; fg"#);
    command.args(["-c", &script, PROGRAM, "--config"]);
    command.arg(config);
    Pty::start(command)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_held_message_leaves_after_a_stop() {
    let mut world = World::new(Setup::default()).await;
    // The stop lasts longer than the message is shown.
    let mut desk = in_shell(&world, "undo-send = 1", "sleep 2");
    desk.wait_for("You are Ready");
    world.writes("Karim", "212600000012", "Bonjour").await;
    desk.wait_for("accept F2");
    desk.send(ACCEPT);
    desk.wait_for("Bonjour  ");
    desk.write("hola");
    desk.send("\r\x1a");
    desk.wait_for("shell has it");
    desk.send("go on\r");
    assert_eq!(world.taken().await.text, "hola");
    desk.wait_confirmed("hola");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn keys_behind_a_stop_are_done_when_it_is_over() {
    let mut world = World::new(Setup::default()).await;
    let mut desk = in_shell(&world, "", "true");
    desk.wait_for("You are Ready");
    world.writes("Karim", "212600000012", "Bonjour").await;
    desk.wait_for("accept F2");
    desk.send(ACCEPT);
    desk.wait_for("Bonjour  ");
    desk.write("hola");
    desk.send("\x1a\r");
    desk.wait_for("shell has it");
    desk.send("go on\r");
    assert_eq!(world.taken().await.text, "hola");
    desk.wait_confirmed("hola");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_was_read_stays_read_after_a_kill() {
    let world = World::new(Setup::default()).await;
    let mut desk = world.ready("ana");
    for (name, number, text) in [("Karim", "212600000012", "Bonjour"), ("Mary", "15550100142", "Hello")] {
        world.writes(name, number, text).await;
        desk.wait_for("accept F2");
        desk.send(ACCEPT);
        desk.wait_for(&format!("{text}  "));
    }
    let right = |screen: &vt100::Screen, text: &str| screen.rows(27, 93).any(|row| row.contains(text));
    desk.wait("Mary's session", |screen| right(screen, "Hello  "));
    let file = world.home("ana").join("state/deskline/console.db");
    until("what was read", async || {
        let db = rusqlite::Connection::open(&file).ok()?;
        let count = db.query_row("SELECT COUNT(*) FROM seen WHERE entry > 0", [], |row| row.get::<_, i64>(0));
        (count.ok()? == 2).then_some(())
    })
    .await;
    desk.kill();
    let desk = world.console("ana");
    desk.wait("Mary's session again", |screen| right(screen, "Hello  "));
    desk.wait("both sessions", |screen| {
        // The count of unread messages is at the end of the row.
        let unread = |row: &String| row.trim_end().ends_with(|c: char| c.is_ascii_digit());
        let names: Vec<String> = screen.rows(0, 26).filter(|row| row.contains('~')).collect();
        names.len() == 2 && !names.iter().any(unread)
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_wrong_password_is_asked_for_again() {
    let world = World::new(Setup::default()).await;
    let mut command = in_terminal(PROGRAM, &world.home("ana"));
    command.arg("--config");
    command.arg(world.console_config("ana", &world.gateway.url(), ""));
    command.env_remove("DESKLINE_PASSWORD");
    let mut desk = Pty::start(command);
    desk.wait_for("Password of ana");
    desk.send("wrong\r");
    desk.wait_for("try again");
    desk.wait("the second question", |screen| screen.contents().matches("Password of ana").count() == 2);
    desk.send("secret\r");
    desk.wait_for("You are Ready");
    assert!(desk.quit().success());
}

#[test]
fn a_dumb_terminal_is_a_sentence_and_exit_code_2() {
    let home = tempfile::tempdir().unwrap();
    for term in ["dumb", ""] {
        for arguments in [&[][..], &["monitor"], &["demo"]] {
            let mut command = in_terminal(PROGRAM, home.path());
            command.args(arguments);
            command.env("TERM", term);
            let mut desk = Pty::start(command);
            desk.wait_for("deskline tail");
            assert_eq!(desk.wait_for_end().exit_code(), 2, "{arguments:?}");
        }
    }
}

#[test]
fn without_configuration_the_demo_is_named() {
    let home = tempfile::tempdir().unwrap();
    let mut desk = Pty::start(in_terminal(PROGRAM, home.path()));
    desk.wait_for("deskline demo");
    assert_eq!(desk.wait_for_end().exit_code(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_console_ends_by_itself_when_its_terminal_goes() {
    let world = World::new(Setup::default()).await;
    for controlling in [true, false] {
        let mut command = in_terminal(PROGRAM, &world.home("ana"));
        command.arg("--config");
        command.arg(world.console_config("ana", &world.gateway.url(), ""));
        // Without a controlling terminal no SIGHUP comes, and the terminal itself has to tell.
        command.set_controlling_tty(controlling);
        let Parts { master, mut reader, mut child, .. } = pty::open(command);
        let mut parser = pty::parser();
        let mut buffer = [0; 8192];
        while !parser.screen().contents().contains("You are Ready") {
            match reader.read(&mut buffer) {
                Ok(count @ 1..) => parser.process(&buffer[..count]),
                end => panic!("{end:?}:\n{}", parser.screen().contents()),
            }
        }
        let writer = master.take_writer().unwrap();
        drop((master, reader, writer));
        until("the end", async || child.try_wait().unwrap()).await;
        assert_eq!(child.wait().unwrap().exit_code(), 1, "by itself; controlling terminal: {controlling}");
    }
}
