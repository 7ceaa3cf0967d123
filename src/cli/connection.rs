//! From the configuration and the command line to the settings of a connection.

use super::{Failure, block_on, complain};
use crate::config::schema::Console;
use crate::config::secret;
use crate::net::Settings;
use crate::net::verify::{VerifyError, verify};
use secrecy::SecretString;
use std::cell::Cell;

/// How often a person is asked for a password.
const TRIES: usize = 3;

/// What a connection is made with. Asks for the password when nothing else gives it.
///
/// # Errors
/// When there is no user, or a secret cannot be had.
pub(super) fn settings(console: &Console) -> Result<Settings, Failure> {
    let usage = |error: &dyn std::fmt::Display| Failure::Usage(error.to_string());
    let user = console.user.clone().ok_or_else(|| {
        Failure::Usage("who signs in? Set console.user in the configuration, or give --user NAME; to try deskline with nothing to \
             set up, run: deskline demo"
                .to_owned())
    })?;
    let url = url::Url::parse(&console.url).map_err(|error| {
        Failure::Usage(format!(
            "console.url = {:?} is no address: {error}; write http://HOST:PORT or https://HOST",
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
    let file = |path: &Option<std::path::PathBuf>| -> Result<Option<SecretString>, Failure> {
        path.as_deref().map(secret::from_file).transpose().map_err(|error| usage(&error))
    };
    let ca = console
        .ca_file
        .as_ref()
        .map(|path| {
            std::fs::read(path).map_err(|error| {
                Failure::Usage(format!("console.ca-file {} cannot be read: {error}", path.display()))
            })
        })
        .transpose()?;
    let settings = Settings {
        url,
        user,
        password,
        client_id: console.client_id.clone(),
        client_secret: file(&console.client_secret_file)?,
        api_key: file(&console.api_key_file)?,
        transport: console.transport,
        ca,
    };
    if asked.get() { checked(settings, &question) } else { Ok(settings) }
}

/// Asks again while the server says that the password is wrong. If the server cannot say, connecting will
/// show it.
fn checked(mut settings: Settings, question: &str) -> Result<Settings, Failure> {
    for left in (0..TRIES).rev() {
        let answer = block_on(verify(&settings, settings.password.clone()))?;
        match answer {
            Ok(()) | Err(VerifyError::Unknown(_)) => return Ok(settings),
            Err(VerifyError::Wrong) if left > 0 => {
                complain(&format!("{} is not known by this password; try again", settings.user));
                settings.password =
                    secret::from_terminal(question).map_err(|error| Failure::Usage(error.to_string()))?;
            }
            Err(VerifyError::Wrong) => {}
        }
    }
    Err(Failure::NotAuthorised(format!("the server does not accept the password of {}", settings.user)))
}
