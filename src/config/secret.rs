//! Where secrets come from: a file, the environment, a command, a person. Never the config or the command line.
//!
//! Owns: the order in which sources are asked, and what is said when one does not do.
//! Must not: log or print a secret; keep a copy outside a [`SecretString`], which is wiped when dropped.

use super::schema::{ConsoleConfig, WhatsAppConfig};
use rustix::fs::OFlags;
use secrecy::SecretString;
use secrecy::zeroize::Zeroizing;
use std::fs::OpenOptions;
use std::io::{self, IsTerminal, Read};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};
use thiserror::Error;

/// The password of the person who signs in.
pub const PASSWORD: &str = "DESKLINE_PASSWORD";
/// The secret that signs webhooks.
pub const APP_SECRET: &str = "DESKLINE_APP_SECRET";
/// The token that the Graph API wants.
pub const ACCESS_TOKEN: &str = "DESKLINE_ACCESS_TOKEN";
/// The token of a webhook's verification.
pub const VERIFY_TOKEN: &str = "DESKLINE_VERIFY_TOKEN";

/// How long `password-command` may take: long enough to unlock a key by hand.
const COMMAND_LIMIT: Duration = Duration::from_secs(30);
/// The most bytes a secret may have.
const MAX: usize = 64 * 1024;

/// Why there is no secret.
#[derive(Debug, Error)]
pub enum SecretError {
    /// The file could not be read.
    #[error("cannot read the secret in {}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder, a pipe or a device.
    #[error("{} is not a regular file: a secret is read from a regular file only", .0.display())]
    NotRegular(PathBuf),
    /// Others may read it.
    #[error("{} can be used by others (mode {mode:04o}): a secret must be its owner's alone; run: chmod 600 '{}'", path.display(), path.display())]
    Loose {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Nothing in it, or something that is no secret.
    #[error("the secret in {} does not do: {why}", path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// Why.
        why: &'static str,
    },
    /// The command could not be run.
    #[error("password-command could not be run: {0}")]
    Start(io::Error),
    /// The command failed.
    #[error("password-command failed ({0}); run it by hand to see why")]
    Failed(ExitStatus),
    /// The command did not end.
    #[error("password-command did not end within {} seconds and was stopped", .0.as_secs())]
    Slow(Duration),
    /// The command said nothing that is a password.
    #[error("password-command does not do: {0} on its first line")]
    Said(&'static str),
    /// There is nobody to ask.
    #[error(
        "there is no password: set {PASSWORD}, or console.password-command in the config, or run in a terminal to be asked"
    )]
    Nobody,
    /// Asking failed.
    #[error("the password could not be read from the terminal: {0}")]
    Asked(io::Error),
    /// Neither a file nor a variable is given.
    #[error("{key} is missing: name a file with mode 0600 there, or set {variable}")]
    Missing {
        /// The key of the config.
        key: &'static str,
        /// The environment variable.
        variable: &'static str,
    },
}

/// The secrets of WhatsApp's side.
#[derive(Debug)]
pub struct WhatsAppSecrets {
    /// Signs webhooks.
    pub app_secret: SecretString,
    /// Sent to the Graph API.
    pub access_token: SecretString,
    /// Answers a webhook's verification.
    pub verify_token: SecretString,
}

/// The password to sign in with: [`PASSWORD`], then `password-command`, then `ask`. Blocks.
///
/// # Errors
/// When the first source that is set does not give a password; the next is not tried.
pub fn password(
    console: &ConsoleConfig,
    env: impl Fn(&str) -> Option<String>,
    ask: impl FnOnce() -> Result<SecretString, SecretError>,
) -> Result<SecretString, SecretError> {
    if let Some(password) = variable(&env, PASSWORD) {
        return Ok(password);
    }
    match &console.password_command {
        Some(command) => from_command(command, COMMAND_LIMIT),
        None => ask(),
    }
}

/// Asks on the terminal, without showing what is typed. Blocks.
///
/// # Errors
/// [`SecretError::Nobody`] when stdin is no terminal.
pub fn from_terminal(question: &str) -> Result<SecretString, SecretError> {
    if !io::stdin().is_terminal() {
        return Err(SecretError::Nobody);
    }
    rpassword::prompt_password(question).map(SecretString::from).map_err(SecretError::Asked)
}

/// The secrets of WhatsApp's side: each from its variable, else from its file.
///
/// # Errors
/// When one is missing or its file does not do.
pub fn whatsapp(
    whatsapp: &WhatsAppConfig,
    env: impl Fn(&str) -> Option<String>,
) -> Result<WhatsAppSecrets, SecretError> {
    let one = |file: &Option<PathBuf>, key, name| match (variable(&env, name), file) {
        (Some(secret), _) => Ok(secret),
        (None, Some(path)) => from_file(path),
        (None, None) => Err(SecretError::Missing { key, variable: name }),
    };
    Ok(WhatsAppSecrets {
        app_secret: one(&whatsapp.app_secret_file, "gateway.whatsapp.app-secret-file", APP_SECRET)?,
        access_token: one(&whatsapp.access_token_file, "gateway.whatsapp.access-token-file", ACCESS_TOKEN)?,
        verify_token: one(&whatsapp.verify_token_file, "gateway.whatsapp.verify-token-file", VERIFY_TOKEN)?,
    })
}

/// A variable that is set to something.
fn variable(env: &impl Fn(&str) -> Option<String>, name: &str) -> Option<SecretString> {
    env(name).filter(|value| !value.is_empty()).map(SecretString::from)
}

/// The secret in a file, without the line break at its end.
///
/// # Errors
/// When it is not a regular file of mode 0600 or stricter with one line of text, at most 64 KiB.
pub fn from_file(path: &Path) -> Result<SecretString, SecretError> {
    let failed = |source| SecretError::File { path: path.to_owned(), source };
    // Without NONBLOCK, opening a pipe waits for its writer. The open file is looked at, not the name,
    // which could come to mean another file in between.
    let nonblocking = OFlags::NONBLOCK.bits().cast_signed();
    let mut file = OpenOptions::new().read(true).custom_flags(nonblocking).open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(SecretError::NotRegular(path.to_owned()));
    }
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(SecretError::Loose { path: path.to_owned(), mode });
    }
    let bytes = read(&mut file).map_err(failed)?;
    let content = |why| SecretError::Content { path: path.to_owned(), why };
    let text = text(&bytes).map_err(content)?;
    let secret = text.strip_suffix('\n').unwrap_or(text);
    let secret = secret.strip_suffix('\r').unwrap_or(secret);
    if secret.contains(['\n', '\r']) {
        return Err(content("it has more than one line"));
    }
    some(secret).map_err(content)
}

/// The first line that a command prints.
fn from_command(command: &str, limit: Duration) -> Result<SecretString, SecretError> {
    let deadline = Instant::now() + limit;
    // stdin and stderr stay the terminal's: the command may have to ask for a passphrase.
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(command)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(SecretError::Start)?;
    let outcome = first_line(&mut child, deadline, limit);
    if outcome.is_err() {
        // It may have ended by itself, and then there is nothing to stop.
        let _ = child.kill();
        let _ = child.wait();
    }
    outcome
}

fn first_line(child: &mut Child, deadline: Instant, limit: Duration) -> Result<SecretString, SecretError> {
    let Some(mut stdout) = child.stdout.take() else { return Err(SecretError::Said("it has nothing")) };
    // One answer is ever sent, so it never waits for room. The thread ends with the pipe.
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::spawn(move || sender.send(read(&mut stdout)));
    let bytes = match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        Ok(bytes) => bytes.map_err(SecretError::Start)?,
        Err(RecvTimeoutError::Timeout) => return Err(SecretError::Slow(limit)),
        Err(RecvTimeoutError::Disconnected) => return Err(SecretError::Said("it has nothing")),
    };
    let status = loop {
        match child.try_wait().map_err(SecretError::Start)? {
            Some(status) => break status,
            None if Instant::now() >= deadline => return Err(SecretError::Slow(limit)),
            // The pipe is closed: it is about to end.
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    if !status.success() {
        return Err(SecretError::Failed(status));
    }
    let text = text(&bytes).map_err(SecretError::Said)?;
    some(text.lines().next().unwrap_or_default()).map_err(SecretError::Said)
}

/// All of it up to the limit, and one byte more so that the limit is noticed.
fn read(from: &mut impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    // The room is made at once: growing would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX + 1));
    from.take(MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn text(bytes: &[u8]) -> Result<&str, &'static str> {
    if bytes.len() > MAX {
        return Err("it has more than 64 KiB");
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "it has something that is not text")?;
    // Windows editors mark UTF-8 with these bytes.
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn some(secret: &str) -> Result<SecretString, &'static str> {
    if secret.is_empty() { Err("it has nothing") } else { Ok(SecretString::from(secret)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::fs::{self, Permissions};

    fn file(text: &[u8], mode: u32) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        (dir, path)
    }

    fn nobody() -> Result<SecretString, SecretError> {
        Err(SecretError::Nobody)
    }

    fn with_command(command: &str) -> ConsoleConfig {
        ConsoleConfig { password_command: Some(command.to_owned()), ..ConsoleConfig::default() }
    }

    #[test]
    fn a_file_gives_its_line_without_the_break() {
        for text in ["a b ", "a b \n", "a b \r\n", "a b \r", "\u{feff}a b ", "\u{feff}a b \r\n"] {
            let (_dir, path) = file(text.as_bytes(), 0o400);
            assert_eq!(from_file(&path).unwrap().expose_secret(), "a b ");
        }
    }

    #[test]
    fn a_file_that_others_may_read_is_refused_with_the_command_that_helps() {
        let (_dir, path) = file(b"s", 0o640);
        let said = from_file(&path).unwrap_err().to_string();
        assert!(
            said.contains("mode 0640") && said.contains(&format!("chmod 600 '{}'", path.display())),
            "{said}"
        );
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for (text, why) in [
            (&b""[..], "nothing"),
            (b"\n", "nothing"),
            (b"a\nb\n", "more than one line"),
            (b"\xff", "not text"),
        ] {
            let (_dir, path) = file(text, 0o600);
            let said = from_file(&path).unwrap_err().to_string();
            assert!(said.contains(why), "{said}");
        }
        let (_dir, path) = file(&vec![b'a'; MAX + 1], 0o600);
        assert!(from_file(&path).unwrap_err().to_string().contains("64 KiB"));
    }

    #[test]
    fn a_pipe_and_a_folder_are_refused_without_waiting() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(matches!(from_file(&pipe), Err(SecretError::NotRegular(_))));
        assert!(matches!(from_file(dir.path()), Err(SecretError::NotRegular(_))));
        assert!(matches!(from_file(&dir.path().join("none")), Err(SecretError::File { .. })));
    }

    #[test]
    fn the_variable_comes_before_the_command_and_the_command_before_the_question() {
        let console = with_command("echo from-command; echo second");
        let env = |name: &str| (name == PASSWORD).then(|| "from-env".to_owned());
        assert_eq!(password(&console, env, nobody).unwrap().expose_secret(), "from-env");
        assert_eq!(password(&console, |_| None, nobody).unwrap().expose_secret(), "from-command");
        let empty = |_: &str| Some(String::new());
        let asked = password(&ConsoleConfig::default(), empty, || Ok(SecretString::from("typed")));
        assert_eq!(asked.unwrap().expose_secret(), "typed");
        let said = password(&ConsoleConfig::default(), |_| None, nobody).unwrap_err().to_string();
        assert!(said.contains(PASSWORD) && said.contains("password-command"), "{said}");
    }

    #[test]
    fn a_command_that_fails_says_how() {
        let said = password(&with_command("echo half; exit 3"), |_| None, nobody).unwrap_err().to_string();
        assert!(said.contains("exit status: 3"), "{said}");
        assert!(matches!(password(&with_command("true"), |_| None, nobody), Err(SecretError::Said(_))));
    }

    #[test]
    fn a_command_that_does_not_end_is_stopped() {
        // Once with its output open, once closed: each waits in another place.
        for command in ["exec sleep 100", "exec sleep 100 >&-"] {
            let began = Instant::now();
            assert!(matches!(from_command(command, Duration::from_millis(50)), Err(SecretError::Slow(_))));
            assert!(began.elapsed() < Duration::from_secs(50));
        }
    }

    #[test]
    fn whatsapp_secrets_come_from_variables_or_files_and_a_missing_one_is_named() {
        let (_dir, path) = file(b"from-file\n", 0o600);
        let text = format!(
            "phone-number-id = \"1\"\nqueue = \"q\"\naccess-token-file = {path:?}\nverify-token-file = {path:?}"
        );
        let settings: WhatsAppConfig = toml::from_str(&text).unwrap();
        let said = whatsapp(&settings, |_| None).unwrap_err().to_string();
        assert!(said.contains("gateway.whatsapp.app-secret-file") && said.contains(APP_SECRET), "{said}");
        let secrets = whatsapp(&settings, |name| (name != VERIFY_TOKEN).then(|| name.to_owned())).unwrap();
        assert_eq!(secrets.access_token.expose_secret(), ACCESS_TOKEN);
        assert_eq!(secrets.verify_token.expose_secret(), "from-file");
        let shown = format!("{secrets:?}");
        assert!(!shown.contains("from-file") && !shown.contains(APP_SECRET), "{shown}");
    }
}
