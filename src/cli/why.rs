//! `deskline why ID`: asks the gateway to explain a routing decision.

use super::{Failure, block_on, connection, console, print};
use crate::config::load::Loaded;
use crate::net::{self, FromNet, LinkState, RequestError, StopReason, ToNet};
use crate::proto::envelope::Envelope;
use crate::proto::request::{Read, Request};
use crate::text::Clean;
use std::time::Duration;

/// How long the whole may take.
const LIMIT: Duration = Duration::from_secs(20);

/// Prints the explanation.
pub(super) fn run(loaded: &Loaded, options: console::Options, id: &str) -> Result<(), Failure> {
    let settings = connection::settings(&options.over(&loaded.config.console))?;
    let url = settings.url.clone();
    let asked =
        block_on(async { tokio::time::timeout(LIMIT, ask(settings, Request::Why(id.into()))).await })?;
    let envelope = asked.map_err(|_| Failure::Unreachable(format!("{url} did not answer in time")))??;
    let text = envelope.data.as_str().unwrap_or_default();
    for line in Clean::new(text).lines() {
        print(line)?;
    }
    Ok(())
}

/// Signs in, asks once, and leaves.
async fn ask(settings: net::Settings, request: Request) -> Result<Envelope, Failure> {
    let (to_net, mut from_net, _task) = net::start(settings);
    let operation = "why".into();
    while let Some(report) = from_net.recv().await {
        match report {
            FromNet::SessionStarted { .. } => {
                let call = ToNet::Call { operation, request };
                let _ = to_net.send(call).await;
                break;
            }
            FromNet::Link(LinkState::Lost { reason, .. }) => return Err(Failure::Unreachable(reason)),
            FromNet::Link(LinkState::Stopped { reason }) => return Err(stopped(&reason)),
            _ => {}
        }
    }
    while let Some(report) = from_net.recv().await {
        match report {
            FromNet::Reply { result, .. } => {
                let _ = to_net.send(ToNet::SignOut(Read::new())).await;
                // The sign-out is given its moment, so that no session is left behind at the server.
                while from_net.recv().await.is_some() {}
                return result.map_err(|error| match error {
                    RequestError::Refused { http: 401 | 403, message, .. } => Failure::NotAuthorised(message),
                    RequestError::Refused { message, .. } => Failure::Failed(message),
                    other => Failure::Unreachable(other.to_string()),
                });
            }
            FromNet::Link(LinkState::Stopped { reason }) => return Err(stopped(&reason)),
            _ => {}
        }
    }
    Err(Failure::Unreachable("the connection ended".to_owned()))
}

fn stopped(reason: &StopReason) -> Failure {
    match reason {
        StopReason::WrongPassword | StopReason::NotAuthorised(_) => {
            Failure::NotAuthorised(reason.to_string())
        }
        _ => Failure::Failed(reason.to_string()),
    }
}
