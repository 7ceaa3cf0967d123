//! `deskline check`: reports what is wrong with a configuration and a connection.

use super::common::{block_on, print_line};
use super::connection::{self, ConnectionArgs};
use super::console;
use super::error::CliError;
use crate::config::Config;
use crate::config::schema::WhatsAppConfig;
use crate::config::secret;
use crate::domain::Millis;
use crate::gateway::whatsapp::graph::{GraphOptions, TIMEOUT};
use crate::gateway::whatsapp::{inspect, parse};
use crate::gateway::writer::{self, WriterSetup};
use crate::net::probe;
use crate::store::{Sqlite, StoreError};
use crate::text::Clean;
use secrecy::SecretString;
use std::path::Path;

/// Checks the configuration, then tries each step of a connection.
pub(super) fn run(path: Option<&Path>, args: ConnectionArgs, offline: bool) -> Result<(), CliError> {
    let loaded = Config::load(path)?;
    let from =
        loaded.path.as_ref().map_or("no file: all defaults".to_owned(), |path| path.display().to_string());
    for warning in &loaded.warnings {
        print_line(&format!("warn  {warning}"))?;
    }
    console::settings(&loaded)?;
    console::theme(&loaded)?;
    print_line(&format!("ok    the configuration ({from}) is valid"))?;
    let mut failed = 0;
    match loaded.data_dir() {
        Ok(dir) => {
            print_line(&format!(
                "ok    a gateway with this configuration keeps its data in {}",
                dir.display()
            ))?;
            for words in missing_references(&loaded.config, &dir) {
                print_line(&format!("warn  {words}"))?;
            }
        }
        Err(error) => {
            failed += 1;
            print_line(&format!("fail  {error}"))?;
        }
    }
    // The step that failed; there is one at most, since later steps need it.
    let mut step_failed = None;
    if let Some(whatsapp) = &loaded.config.gateway.whatsapp {
        match secret::whatsapp(whatsapp, |name| std::env::var(name).ok()) {
            Ok(secrets) => {
                print_line("ok    the secrets for WhatsApp can be read")?;
                if offline {
                    print_line("skip  WhatsApp was not checked: --offline")?;
                } else {
                    failed += check_whatsapp(whatsapp, secrets.access_token)?;
                }
            }
            Err(error) => {
                failed += 1;
                print_line(&format!("fail  {error}"))?;
            }
        }
    }
    let console = args.apply_to(&loaded.config.console);
    if offline || console.user.is_none() {
        let why = if offline { "--offline" } else { "console.user is not set" };
        print_line(&format!("skip  the connection was not tried: {why}"))?;
    } else {
        let settings = connection::settings(&console)?;
        for step in block_on(probe::probe(settings))? {
            match step.result {
                Ok(words) => print_line(&format!("ok    {}: {words}", step.name))?,
                Err(words) => {
                    failed += 1;
                    step_failed = Some(step.name);
                    print_line(&format!("fail  {}: {words}", step.name))?;
                }
            }
        }
    }
    let sentence = match failed {
        0 => return Ok(()),
        1 => "one check failed".to_owned(),
        many => format!("{many} checks failed"),
    };
    Err(match step_failed {
        Some("resolve" | "tcp" | "tls" | "http") => CliError::Unreachable(sentence),
        Some("token") => CliError::NotAuthorised(sentence),
        Some(_) | None => CliError::Failed(sentence),
    })
}

/// The agents, workbins and queues that the gateway's data refers to and the configuration does not have.
fn missing_references(config: &Config, dir: &Path) -> Vec<String> {
    if !dir.join("gateway.db").is_file() {
        return Vec::new();
    }
    let setup = WriterSetup::from_config(&config.gateway, parse::parse);
    let now = Millis(jiff::Timestamp::now().as_millisecond());
    let found = block_on(async { writer::removed(&Sqlite::read_only(dir)?, &setup, now).await });
    let unread = |error: &str| vec![format!("the data in {} could not be read: {error}", dir.display())];
    match found {
        Ok(Ok(sentences)) => sentences,
        Ok(Err(error)) => unread(&StoreError::to_string(&error)),
        Err(_) => Vec::new(),
    }
}

/// Checks token, number and webhooks at WhatsApp, without changing anything there. Returns the number of problems.
fn check_whatsapp(whatsapp: &WhatsAppConfig, access_token: SecretString) -> Result<usize, CliError> {
    let options = GraphOptions {
        url: whatsapp.graph_url.clone(),
        version: whatsapp.graph_version.clone(),
        phone_number_id: whatsapp.phone_number_id.clone(),
        access_token,
        timeout: TIMEOUT,
    };
    let account = whatsapp.business_account_id.as_deref();
    let steps = block_on(inspect::inspect(&options, &whatsapp.display_phone_number, account))?;
    for step in &steps {
        match &step.result {
            Ok(words) => print_line(&format!("ok    WhatsApp, {}: {}", step.name, Clean::line(words)))?,
            Err(words) => print_line(&format!("fail  WhatsApp, {}: {}", step.name, Clean::line(words)))?,
        }
    }
    Ok(steps.iter().filter(|step| step.result.is_err()).count())
}
