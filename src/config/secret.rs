//! Reads secrets from a file, the environment, a command or the terminal. Never from the config or the command line.
//!
//! Owns: the order of the sources, and their errors.
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

/// The variable with the password for sign-in.
pub const PASSWORD: &str = "DESKLINE_PASSWORD";
/// The variable with the secret that signs webhooks.
pub const APP_SECRET: &str = "DESKLINE_APP_SECRET";
/// The variable with the access token of the Graph API.
pub const ACCESS_TOKEN: &str = "DESKLINE_ACCESS_TOKEN";
/// The variable with the token for the verification of the webhook.
pub const VERIFY_TOKEN: &str = "DESKLINE_VERIFY_TOKEN";

/// The time limit of `password-command`: long enough to unlock a key by hand.
const COMMAND_LIMIT: Duration = Duration::from_secs(30);
/// The most bytes of a secret.
const MAX: usize = 64 * 1024;

/// Why a secret cannot be read.
#[derive(Debug, Error)]
pub enum SecretError {
    /// The file could not be read.
    #[error("cannot read the secret in {}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    /// The path is a folder, a pipe or a device.
    #[error("{} is not a regular file: a secret is read from a regular file only", .0.display())]
    NotRegular(PathBuf),
    /// Other accounts may use the file.
    #[error("{} can be used by others (mode {mode:04o}): a secret must be its owner's alone; run: chmod 600 '{}'", path.display(), path.display())]
    Loose { path: PathBuf, mode: u32 },
    /// The file is empty or does not contain a secret.
    #[error("the secret in {} cannot be used: {why}", path.display())]
    Content { path: PathBuf, why: &'static str },
    /// The command could not be run.
    #[error("password-command could not be run: {0}")]
    Start(io::Error),
    /// The command failed.
    #[error("password-command failed ({0}); run it by hand to see why")]
    Failed(ExitStatus),
    /// The command did not end.
    #[error("password-command did not end within {} seconds and was stopped", .0.as_secs())]
    Slow(Duration),
    /// The command did not print a password.
    #[error("password-command printed no password: {0} on its first line")]
    Said(&'static str),
    /// There is no terminal to ask on.
    #[error(
        "there is no password: set {PASSWORD}, or console.password-command in the config, or run in a terminal to be asked"
    )]
    Nobody,
    /// Reading from the terminal failed.
    #[error("the password could not be read from the terminal: {0}")]
    Asked(io::Error),
    /// Neither a file nor a variable is set.
    #[error("{key} is missing: name a file with mode 0600 there, or set {variable}")]
    Missing { key: &'static str, variable: &'static str },
}

/// The secrets for WhatsApp.
#[derive(Debug)]
pub struct WhatsAppSecrets {
    /// Signs webhooks.
    pub app_secret: SecretString,
    /// Sent to the Graph API.
    pub access_token: SecretString,
    /// Compared in the verification of the webhook.
    pub verify_token: SecretString,
}

/// The password for sign-in: from [`PASSWORD`], otherwise `password-command`, otherwise `ask`. Blocks.
///
/// # Errors
/// When the first source that is set has no password. Other sources are not tried then.
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

/// Asks on the terminal without echo. Blocks.
///
/// # Errors
/// [`SecretError::Nobody`] when stdin is not a terminal.
pub fn from_terminal(question: &str) -> Result<SecretString, SecretError> {
    if !io::stdin().is_terminal() {
        return Err(SecretError::Nobody);
    }
    rpassword::prompt_password(question).map(SecretString::from).map_err(SecretError::Asked)
}

/// The secrets for WhatsApp: each from its variable, otherwise from its file.
///
/// # Errors
/// When one is missing or its file cannot be used.
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

/// The value of a variable that is set and not empty.
fn variable(env: &impl Fn(&str) -> Option<String>, name: &str) -> Option<SecretString> {
    env(name).filter(|value| !value.is_empty()).map(SecretString::from)
}

/// The secret in a file, without the line break at its end.
///
/// # Errors
/// When it is not a regular file of mode 0600 or stricter with one line of text, at most 64 KiB.
pub fn from_file(path: &Path) -> Result<SecretString, SecretError> {
    let failed = |source| SecretError::File { path: path.to_owned(), source };
    // Without NONBLOCK, opening a pipe waits for its writer. The open file is checked and not the name, which could refer
    // to another file by then.
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
    // stdin and stderr stay connected to the terminal: the command may have to ask for a passphrase.
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(command)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(SecretError::Start)?;
    let outcome = first_line(&mut child, deadline, limit);
    if outcome.is_err() {
        // It may have ended by itself.
        let _ = child.kill();
        let _ = child.wait();
    }
    outcome
}

fn first_line(child: &mut Child, deadline: Instant, limit: Duration) -> Result<SecretString, SecretError> {
    let Some(mut stdout) = child.stdout.take() else { return Err(SecretError::Said("it has nothing")) };
    // Only one message is ever sent, so the channel is never full. The thread ends with the pipe.
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
            // The pipe is closed: the command is about to end.
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    if !status.success() {
        return Err(SecretError::Failed(status));
    }
    let text = text(&bytes).map_err(SecretError::Said)?;
    some(text.lines().next().unwrap_or_default()).map_err(SecretError::Said)
}

/// Reads up to one byte more than the limit, so that a secret over the limit is noticed.
fn read(from: &mut impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    // The capacity is allocated at once, because growing would leave copies in memory.
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
    fn a_file_readable_by_others_is_refused_with_advice() {
        let (_dir, path) = file(b"s", 0o640);
        let said = from_file(&path).unwrap_err().to_string();
        assert!(
            said.contains("mode 0640") && said.contains(&format!("chmod 600 '{}'", path.display())),
            "{said}"
        );
    }

    #[test]
    fn contents_that_are_no_secret_are_refused() {
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
    fn password_sources_are_variable_then_command_then_question() {
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
    fn a_failed_command_reports_its_status() {
        let said = password(&with_command("echo half; exit 3"), |_| None, nobody).unwrap_err().to_string();
        assert!(said.contains("exit status: 3"), "{said}");
        assert!(matches!(password(&with_command("true"), |_| None, nobody), Err(SecretError::Said(_))));
    }

    #[test]
    fn a_command_that_does_not_end_is_stopped() {
        // With its output open and closed: the code waits in different places.
        for command in ["exec sleep 100", "exec sleep 100 >&-"] {
            let began = Instant::now();
            assert!(matches!(from_command(command, Duration::from_millis(50)), Err(SecretError::Slow(_))));
            assert!(began.elapsed() < Duration::from_secs(50));
        }
    }

    #[test]
    fn a_missing_whatsapp_secret_is_named() {
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
