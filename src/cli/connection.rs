//! From the configuration and the command line to the settings of a connection.

use super::Failure;
use crate::config::schema::Console;
use crate::config::secret;
use crate::net::Settings;
use secrecy::SecretString;

/// What a connection is made with. Asks for the password when nothing else gives it.
///
/// # Errors
/// When there is no user, or a secret cannot be had.
pub(super) fn settings(console: &Console) -> Result<Settings, Failure> {
    let usage = |error: &dyn std::fmt::Display| Failure::Usage(error.to_string());
    let user = console.user.clone().ok_or_else(|| {
        Failure::Usage("who signs in? Set console.user in the configuration, or give --user NAME".to_owned())
    })?;
    let url = url::Url::parse(&console.url).map_err(|error| {
        Failure::Usage(format!(
            "console.url = {:?} is no address: {error}; write http://HOST:PORT or https://HOST",
            console.url
        ))
    })?;
    let ask =
        || secret::from_terminal(&format!("Password of {user} at {}: ", url.host_str().unwrap_or_default()));
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
    Ok(Settings {
        url,
        user,
        password,
        client_id: console.client_id.clone(),
        client_secret: file(&console.client_secret_file)?,
        api_key: file(&console.api_key_file)?,
        transport: console.transport,
        ca,
    })
}
