//! Builds the settings of a connection from the configuration and the command line.

use super::common::{block_on, print_diagnostic};
use super::error::CliError;
use crate::config::schema::ConsoleConfig;
use crate::config::secret;
use crate::net::ConnectionSettings;
use crate::net::verify::{VerifyError, verify};
use secrecy::SecretString;
use std::cell::Cell;

/// How often the password may be entered.
const PASSWORD_ATTEMPTS: usize = 3;

/// The connection options of the command line.
#[derive(Debug, Default, clap::Args)]
pub struct ConnectionArgs {
    /// The server [default: console.url of the configuration]
    #[arg(long, global = true, value_name = "URL")]
    url: Option<String>,
    /// Who signs in [default: console.user of the configuration]
    #[arg(long, global = true, value_name = "NAME")]
    user: Option<String>,
}

impl ConnectionArgs {
    /// The console's settings, overridden by these options.
    pub(super) fn apply_to(self, console: &ConsoleConfig) -> ConsoleConfig {
        let mut console = console.clone();
        if let Some(url) = self.url {
            console.url = url;
        }
        if self.user.is_some() {
            console.user = self.user;
        }
        console
    }
}

/// The settings of a connection. Asks for the password if no other source has it.
///
/// # Errors
/// When there is no user name, or a secret cannot be read.
pub(super) fn settings(console: &ConsoleConfig) -> Result<ConnectionSettings, CliError> {
    let usage = |error: &dyn std::fmt::Display| CliError::Usage(error.to_string());
    let user = console.user.clone().ok_or_else(|| {
        CliError::Usage("who signs in? Set console.user in the configuration, or give --user NAME; to try deskline with nothing to \
             set up, run: deskline demo"
                .to_owned())
    })?;
    let url = url::Url::parse(&console.url).map_err(|error| {
        CliError::Usage(format!(
            "console.url = {:?} is not an address: {error}; write http://HOST:PORT or https://HOST",
            console.url
        ))
    })?;
    let question = format!("Password of {user} at {}: ", url.host_str().unwrap_or_default());
    let asked = Cell::new(false);
    let ask = || {
        asked.set(true);
        secret::from_terminal(&question)
    };
    let password =
        secret::password(console, |name| std::env::var(name).ok(), ask).map_err(|error| usage(&error))?;
    let file = |path: &Option<std::path::PathBuf>| -> Result<Option<SecretString>, CliError> {
        path.as_deref().map(secret::from_file).transpose().map_err(|error| usage(&error))
    };
    let ca = console
        .ca_file
        .as_ref()
        .map(|path| {
            std::fs::read(path).map_err(|error| {
                CliError::Usage(format!("console.ca-file {} cannot be read: {error}", path.display()))
            })
        })
        .transpose()?;
    let settings = ConnectionSettings {
        url,
        user,
        password,
        client_id: console.client_id.clone(),
        client_secret: file(&console.client_secret_file)?,
        api_key: file(&console.api_key_file)?,
        transport: console.transport,
        ca,
    };
    if asked.get() { verify_password(settings, &question) } else { Ok(settings) }
}

/// Asks again while the server reports a wrong password. If the server is unreachable, the connection reports it later.
fn verify_password(mut settings: ConnectionSettings, question: &str) -> Result<ConnectionSettings, CliError> {
    for left in (0..PASSWORD_ATTEMPTS).rev() {
        let answer = block_on(verify(&settings, settings.password.clone()))?;
        match answer {
            Ok(()) | Err(VerifyError::Unknown(_)) => return Ok(settings),
            Err(VerifyError::Wrong) if left > 0 => {
                print_diagnostic("the server does not accept this user name and password; try again");
                settings.password =
                    secret::from_terminal(question).map_err(|error| CliError::Usage(error.to_string()))?;
            }
            Err(VerifyError::Wrong) => {}
        }
    }
    Err(CliError::NotAuthorised(format!("the server does not accept the password of {}", settings.user)))
}
