//! Simulated customers beside a gateway, for `demo` and `serve --simulate`.
//!
//! Owns: WhatsApp's side of such a gateway. Invariants: the Graph API is on this machine, whatever the configuration says,
//! so that nothing reaches WhatsApp; a configured gateway stores simulated data in a separate folder.

use crate::config::schema::{GatewayConfig, WhatsAppConfig};
use crate::config::secret::WhatsAppSecrets;
use crate::gateway::customers::{Simulator, SimulatorOptions};
use secrecy::SecretString;
use std::io;

/// The business number of the simulation.
const NUMBER: &str = "15550100100";
/// The number as people read it.
const DISPLAYED: &str = "+1 555 010 0100";
/// The business account, which has the templates.
const ACCOUNT: &str = "102290129340398";
/// The folder in the gateway's `data-dir` that holds what is simulated.
pub const FOLDER: &str = "simulated";

/// Parses how many times faster than life the simulation runs.
///
/// # Errors
/// A sentence that says which values are valid.
pub fn speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if (0.01..=1000.0).contains(&speed) => Ok(speed),
        _ => Err("a speed is a number from 0.01 to 1000".to_owned()),
    }
}

/// Secrets of the simulated account, which never leave this machine.
pub fn secrets() -> WhatsAppSecrets {
    WhatsAppSecrets {
        app_secret: SecretString::from("demo app secret"),
        access_token: SecretString::from("demo access token"),
        verify_token: SecretString::from("demo verify token"),
    }
}

/// Customers with a Graph API. They start to write when [`Simulator::open`] names the gateway's address.
///
/// # Errors
/// When no port can be bound.
pub async fn customers(seed: u64, speed: f64) -> io::Result<Simulator> {
    let WhatsAppSecrets { app_secret, access_token, verify_token } = secrets();
    let phone_number_id = NUMBER.to_owned();
    Simulator::start(SimulatorOptions {
        seed,
        speed,
        app_secret,
        verify_token,
        access_token,
        phone_number_id,
    })
    .await
}

/// The simulation as the WhatsApp part of a gateway's configuration.
pub fn whatsapp(graph_url: &str, queue: &str) -> WhatsAppConfig {
    WhatsAppConfig {
        display_phone_number: DISPLAYED.to_owned(),
        business_account_id: Some(ACCOUNT.to_owned()),
        ..WhatsAppConfig::at(NUMBER, graph_url, queue)
    }
}

/// Turns a configured gateway into one for simulated customers: it uses their Graph API instead of
/// WhatsApp's. Its data belongs in [`FOLDER`], apart from real data.
///
/// # Errors
/// A sentence when there is no queue for the customers.
pub fn replace_whatsapp(gateway: &mut GatewayConfig, graph_url: &str) -> Result<(), String> {
    let named = gateway.whatsapp.as_ref().map(|whatsapp| whatsapp.queue.clone());
    let queue = named
        .or_else(|| gateway.queue.first().map(|queue| queue.name.clone()))
        .ok_or("simulated customers need an interaction queue: add a [[gateway.queue]] with a name")?;
    gateway.whatsapp = Some(whatsapp(graph_url, &queue));
    Ok(())
}
