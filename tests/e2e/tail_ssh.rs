//! An SSH account whose only command is `deskline tail`.

use super::rig::{PROGRAM, World, command, is_installed, until};
use super::tail::Tail;
use serde_json::Value;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// An SSH server on the loopback that runs one command, whatever command the client sends.
struct Sshd {
    child: Child,
    port: u16,
    dir: PathBuf,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn keygen(path: &Path) {
    let made =
        Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(path).status().unwrap();
    assert!(made.success());
}

impl Sshd {
    /// `Err` says why this machine cannot start one.
    async fn start(dir: &Path, forced: &str) -> Result<Self, String> {
        loop {
            match Self::on_some_port(dir, forced).await {
                // sshd cannot pick a port itself, so another process may have taken it in between.
                Err(log) if log.contains("Address already in use") => {}
                started => return started,
            }
        }
    }

    async fn on_some_port(dir: &Path, forced: &str) -> Result<Self, String> {
        let places = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd"];
        let program = places.iter().find(|place| Path::new(place).exists());
        let (Some(program), true, true) = (program, is_installed("ssh"), is_installed("ssh-keygen")) else {
            return Err("it is not installed".to_owned());
        };
        let dir = dir.to_owned();
        for name in ["host", "key"] {
            keygen(&dir.join(name));
        }
        fs::copy(dir.join("key.pub"), dir.join("authorized")).unwrap();
        fs::set_permissions(dir.join("authorized"), fs::Permissions::from_mode(0o600)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {0}/host\nPidFile none\nUsePAM no\nStrictModes no\n\
             AuthorizedKeysFile {0}/authorized\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
             PermitTTY no\nAllowTcpForwarding no\nX11Forwarding no\nForceCommand {forced}\n",
            dir.display()
        );
        fs::write(dir.join("sshd_config"), config).unwrap();
        let errors = fs::File::create(dir.join("sshd.log")).unwrap();
        let mut child = Command::new(program)
            .args(["-D", "-e", "-f"])
            .arg(dir.join("sshd_config"))
            .stderr(errors)
            // sshd kills its process group when it ends.
            .process_group(0)
            .spawn()
            .unwrap();
        let log = || fs::read_to_string(dir.join("sshd.log")).unwrap();
        let ended = until("sshd", async || match child.try_wait().unwrap() {
            Some(_) => Some(true),
            None => log().contains("Server listening").then_some(false),
        })
        .await;
        if ended {
            return Err(log());
        }
        Ok(Self { child, port, dir })
    }

    fn ssh(&self) -> Command {
        let user = Command::new("id").arg("-un").output().unwrap().stdout;
        let mut ssh = Command::new("ssh");
        ssh.args(["-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"])
            .args(["-o", "LogLevel=ERROR", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-i"])
            .arg(self.dir.join("key"))
            .args(["-p", &self.port.to_string()])
            .arg(format!("{}@127.0.0.1", String::from_utf8(user).unwrap().trim()))
            .stdin(Stdio::null());
        ssh
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn ssh_account_with_forced_tail_ignores_other_commands() {
    let mut world = World::with_supervisor(&["ana"]).await;
    let home = world.home("sam");
    let config = world.console_config("sam", &world.gateway.url(), "password-command = \"echo secret\"");
    let forced = format!(
        "env HOME={0}/home XDG_CONFIG_HOME={0}/config XDG_STATE_HOME={0}/state {PROGRAM} --config {1} tail --json --since 1h --follow",
        home.display(),
        config.display()
    );
    // Makes the folders.
    drop(command(&home));
    let server = match Sshd::start(world.dir.path(), &forced).await {
        Ok(server) => server,
        Err(why) => {
            println!("skipped, there is no sshd to start: {why}");
            return;
        }
    };
    let ana = world.agent("ana").await;
    world.conversation(&ana, "Hola", "buenas").await;
    let mut ssh = server.ssh();
    ssh.args(["rm", "-rf", "anything"]);
    let seen = Tail::start(ssh);
    let lines = seen.wait_for("buenas");
    assert!(lines.iter().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{lines:?}");
    world.conversation(&ana, "¿sigue ahí?", "sí").await;
    seen.wait_for("\"text\":\"sí\"");
}
