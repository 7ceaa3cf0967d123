//! The terminal is given back, however the console ends.

use super::pty::{self, ACCEPT, Parts, Pty, QUIT};
use super::rig::{PROGRAM, Setup, World, in_terminal, until};
use rustix::process::Signal;
use std::io::Read;

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn quitting_asks_while_a_session_is_open_and_gives_the_terminal_back() {
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
