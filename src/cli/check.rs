//! `deskline check`: says in sentences what is wrong with a configuration and a connection.

use super::{Failure, block_on, connection, console, print};
use crate::config::Config;
use crate::config::schema::WhatsApp;
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
pub(super) fn run(path: Option<&Path>, options: console::Options, offline: bool) -> Result<(), Failure> {
    let loaded = Config::load(path)?;
    let from =
        loaded.path.as_ref().map_or("no file: all defaults".to_owned(), |path| path.display().to_string());
    for warning in &loaded.warnings {
        print(&format!("warn  {warning}"))?;
    }
    console::settings(&loaded)?;
    console::theme(&loaded)?;
    print(&format!("ok    the configuration ({from}) is valid"))?;
    let mut failed = 0;
    match loaded.data_dir() {
        Ok(dir) => {
            print(&format!("ok    a gateway with this configuration keeps its data in {}", dir.display()))?;
            for words in removed(&loaded.config, &dir) {
                print(&format!("warn  {words}"))?;
            }
        }
        Err(error) => {
            failed += 1;
            print(&format!("fail  {error}"))?;
        }
    }
    // Which step of the connection failed; there is one at most, since the rest needs it.
    let mut step_failed = None;
    if let Some(whatsapp) = &loaded.config.gateway.whatsapp {
        match secret::whatsapp(whatsapp, |name| std::env::var(name).ok()) {
            Ok(secrets) => {
                print("ok    the secrets of WhatsApp's side can be read")?;
                if offline {
                    print("skip  WhatsApp was not asked: --offline")?;
                } else {
                    failed += ask_whatsapp(whatsapp, secrets.access_token)?;
                }
            }
            Err(error) => {
                failed += 1;
                print(&format!("fail  {error}"))?;
            }
        }
    }
    let console = options.over(&loaded.config.console);
    if offline || console.user.is_none() {
        let why = if offline { "--offline" } else { "console.user is not set" };
        print(&format!("skip  the connection was not tried: {why}"))?;
    } else {
        let settings = connection::settings(&console)?;
        for step in block_on(probe::probe(settings))? {
            match step.result {
                Ok(words) => print(&format!("ok    {}: {words}", step.name))?,
                Err(words) => {
                    failed += 1;
                    step_failed = Some(step.name);
                    print(&format!("fail  {}: {words}", step.name))?;
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
        Some("resolve" | "tcp" | "tls" | "http") => Failure::Unreachable(sentence),
        Some("token") => Failure::NotAuthorised(sentence),
        _ => Failure::Failed(sentence),
    })
}

/// What the gateway's data refers to although this configuration does not have it: agents, workbins and
/// queues.
fn removed(config: &Config, dir: &Path) -> Vec<String> {
    if !dir.join("gateway.db").is_file() {
        return Vec::new();
    }
    let setup = WriterSetup::from_config(&config.gateway, parse::parse);
    let now = Millis(jiff::Timestamp::now().as_millisecond());
    let found = block_on(async { writer::removed(&Sqlite::read_only(dir)?, &setup, now).await });
    let unread = |error: &str| vec![format!("the data in {} was not looked at: {error}", dir.display())];
    match found {
        Ok(Ok(sentences)) => sentences,
        Ok(Err(error)) => unread(&StoreError::to_string(&error)),
        Err(_) => Vec::new(),
    }
}

/// Checks token, number and webhooks with WhatsApp, and prints how many of them are wrong. Changes nothing
/// there.
fn ask_whatsapp(whatsapp: &WhatsApp, access_token: SecretString) -> Result<usize, Failure> {
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
            Ok(words) => print(&format!("ok    WhatsApp, {}: {}", step.name, Clean::line(words)))?,
            Err(words) => print(&format!("fail  WhatsApp, {}: {}", step.name, Clean::line(words)))?,
        }
    }
    Ok(steps.iter().filter(|step| step.result.is_err()).count())
}
