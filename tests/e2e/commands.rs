//! The commands beside the console: exit codes, and sentences on the right stream.

use super::api::Agent;
use super::pty::Pty;
use super::rig::{PASSWORD, PROGRAM, Setup, World, command, gateway_config, hash, in_terminal, until};
use std::fs;
use std::path::Path;
use std::process::Output;
use tokio::net::TcpSocket;

fn run(home: &Path, arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command(home).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// An address on which nobody listens while the socket is kept: the port is bound but never accepts.
pub fn nobody() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    (socket, url)
}

#[test]
fn without_a_terminal_the_console_refuses_with_a_sentence() {
    let home = tempfile::tempdir().unwrap();
    for arguments in [&["--user", "ana"][..], &["demo"]] {
        let (code, out, said) = run(home.path(), arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{said}");
        assert!(said.starts_with("deskline: the console needs a terminal"), "{said}");
    }
}

#[test]
fn a_wrong_configuration_is_named_by_file_and_line() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("config.toml");
    fs::write(&file, "[console]\nurl = \"http://127.0.0.1:1\"\nusr = \"ana\"\n").unwrap();
    let path = file.to_str().unwrap();
    for arguments in [&["--config", path][..], &["check", "--config", path], &["--config", path, "serve"]] {
        let (code, out, said) = run(home.path(), arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{said}");
        assert!(said.contains(&format!("{path}:3:")) && said.contains("usr"), "{said}");
    }
    fs::write(&file, "[keys]\nacept = \"F2\"\n").unwrap();
    let (code, _, said) = run(home.path(), &["check", "--offline", "--config", path]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains(&format!("{path}:2:")) && said.contains("acept"), "{said}");
}

#[test]
fn a_server_that_is_not_there_is_said_so_and_the_console_stays() {
    let home = tempfile::tempdir().unwrap();
    let (_taken, url) = nobody();
    let mut command = in_terminal(PROGRAM, home.path());
    command.args(["--url", &url, "--user", "ana"]);
    let mut desk = Pty::start(command);
    desk.wait_for("The connection is lost. deskline reconnects automatically");
    assert!(desk.quit().success());
    desk.assert_given_back();

    let (code, out, said) = run(home.path(), &["check", "--url", &url, "--user", "ana"]);
    assert_eq!(code, 4, "{out}{said}");
    assert!(out.contains("fail  tcp: ") && out.contains("cannot be reached"), "{out}");
    let (code, _, said) = run(home.path(), &["why", "x", "--url", &url, "--user", "ana"]);
    assert_eq!(code, 4, "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn check_tells_every_step() {
    let world = World::new(Setup::default()).await;
    let home = world.home("ana");
    let config = world.console_config("ana", &world.gateway.url(), "");
    let config = config.to_str().unwrap();
    let (code, out, said) = run(&home, &["check", "--config", config]);
    assert_eq!((code, said.as_str()), (0, ""), "{out}");
    assert!(out.lines().all(|line| line.starts_with("ok    ")), "{out}");
    assert!(out.contains("The session is ready for Ana Ruiz"), "{out}");
    let wrong = command(&home).args(["check", "--config", config]).env("DESKLINE_PASSWORD", "wrong").output();
    let wrong = wrong.unwrap();
    assert_eq!(wrong.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&wrong.stdout).contains("fail  token: The server does not accept"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_decision_is_explained_and_the_agents_console_is_left_alone() {
    let more = format!(
        "[[gateway.agent]]\nuser-name = \"sue\"\nrole = \"supervisor\"\npassword-hash = \"{}\"\n",
        hash()
    );
    let setup = Setup { agents: &["ana", "ben"], more: &more, ..Setup::default() };
    let world = World::new(setup).await;
    let home = world.home("asks");
    let config = world.console_config("asks", &world.gateway.url(), "");
    let config = config.to_str().unwrap();
    let ana = world.ready("ana");
    world.writes("Karim", "212600000012", "Bonjour").await;
    ana.wait_for("accept F2");
    let session = world.sessions().remove(0);
    for user in ["ana", "sue"] {
        let (code, out, said) = run(&home, &["why", &session, "--config", config, "--user", user]);
        assert_eq!(code, 0, "{said}");
        assert!(
            out.contains("offered to ana") && out.contains("passed over ben: not signed in"),
            "{out}{said}"
        );
    }
    let (code, out, _) = run(&home, &["check", "--config", config, "--user", "ana"]);
    assert_eq!(code, 0, "{out}");
    // Whose it is not does not hear of it.
    let (code, out, said) = run(&home, &["why", &session, "--config", config, "--user", "ben"]);
    assert_eq!((code, out.as_str()), (1, ""), "{said}");
    assert!(said.contains("no live session"), "{said}");
    // A command signs in and out as the same person; that is no reason to lose anything.
    world.writes("Omar", "213550000077", "and I").await;
    ana.wait_for("Omar");
    assert!(ana.shows("● Ready") && ana.shows("accept F2"), "{}", ana.screen());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_new_user_signs_in_with_what_was_printed() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["user", "add", "zoë", "--first-name", "Zoë", "--last-name", "O'Neill \"Z\"", "--skill"];
    let (code, block, said) =
        run(home.path(), &[&arguments[..], &["French=5", "--group", "Billing"]].concat());
    assert_eq!(code, 0, "{said}");
    let more = format!("\n{block}\n");
    let world = World::new(Setup { more: &more, ..Setup::default() }).await;
    let url = world.gateway.url();
    let (code, out, _) = run(home.path(), &["check", "--url", &url, "--user", "zoë"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("The session is ready for Zoë O'Neill \"Z\""), "{out}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_second_gateway_on_the_same_data_is_refused() {
    let world = World::new(Setup::default()).await;
    let config = world.dir.path().join("second.toml");
    fs::write(&config, gateway_config(&Setup::default(), world.dir.path(), world.graph.url())).unwrap();
    let mut second = command(&world.home("second"));
    for name in ["DESKLINE_APP_SECRET", "DESKLINE_ACCESS_TOKEN", "DESKLINE_VERIFY_TOKEN"] {
        second.env(name, "x");
    }
    let output = second.arg("serve").arg("--config").arg(&config).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{said}");
    assert!(said.contains("data"), "{said}");
    // The first one goes on.
    let (http, url) = (world.http.clone(), world.gateway.url());
    until("the first one", async || Agent::sign_in(&http, &url, "ana", PASSWORD).await).await;
}
