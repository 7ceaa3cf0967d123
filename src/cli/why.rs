//! `deskline why ID`: asks the gateway to explain a routing decision.

use super::common::{block_on, print_line};
use super::connection::{self, ConnectionArgs};
use super::error::CliError;
use crate::config::load::LoadedConfig;
use crate::net::{self, CallError, FromNet, LinkState, StopReason, ToNet};
use crate::proto::envelope::Envelope;
use crate::proto::request::{ReadPositions, Request};
use crate::text::Clean;
use std::time::Duration;

/// The time limit of the whole command.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Prints the explanation.
pub(super) fn run(loaded: &LoadedConfig, args: ConnectionArgs, id: &str) -> Result<(), CliError> {
    let settings = connection::settings(&args.apply_to(&loaded.config.console))?;
    let url = settings.url.clone();
    let reply = block_on(async {
        tokio::time::timeout(TIMEOUT, send_request(settings, Request::Why(id.into()))).await
    })?;
    let envelope = reply.map_err(|_| CliError::Unreachable(format!("{url} did not answer in time")))??;
    let text = envelope.data.as_str().unwrap_or_default();
    for line in Clean::new(text).lines() {
        print_line(line)?;
    }
    Ok(())
}

/// Signs in, sends one request, and signs out.
async fn send_request(settings: net::ConnectionSettings, request: Request) -> Result<Envelope, CliError> {
    let (to_net, mut from_net, _task) = net::start(settings);
    let operation = "why".into();
    while let Some(report) = from_net.recv().await {
        match report {
            FromNet::SessionStarted { .. } => {
                let call = ToNet::Call { operation, request };
                let _ = to_net.send(call).await;
                break;
            }
            FromNet::Link(LinkState::Lost { reason, .. }) => return Err(CliError::Unreachable(reason)),
            FromNet::Link(LinkState::Stopped { reason }) => return Err(stop_error(&reason)),
            FromNet::Link(LinkState::Connecting { .. } | LinkState::Online { .. })
            | FromNet::Event(_)
            | FromNet::Reply { .. }
            | FromNet::Latency(_) => {}
        }
    }
    while let Some(report) = from_net.recv().await {
        match report {
            FromNet::Reply { result, .. } => {
                let _ = to_net.send(ToNet::SignOut(ReadPositions::new())).await;
                // Waits for the sign-out, so that no session stays open at the server.
                while from_net.recv().await.is_some() {}
                return result.map_err(|error| match error {
                    CallError::Refused { http: 401 | 403, message, .. } => CliError::NotAuthorised(message),
                    CallError::Refused { message, .. } => CliError::Failed(message),
                    other => CliError::Unreachable(other.to_string()),
                });
            }
            FromNet::Link(LinkState::Stopped { reason }) => return Err(stop_error(&reason)),
            FromNet::Link(
                LinkState::Connecting { .. } | LinkState::Online { .. } | LinkState::Lost { .. },
            )
            | FromNet::SessionStarted { .. }
            | FromNet::Event(_)
            | FromNet::Latency(_) => {}
        }
    }
    Err(CliError::Unreachable("the connection ended".to_owned()))
}

fn stop_error(reason: &StopReason) -> CliError {
    match reason {
        StopReason::WrongPassword | StopReason::NotAuthorised(_) => {
            CliError::NotAuthorised(reason.to_string())
        }
        StopReason::SignedOut | StopReason::Replaced | StopReason::Outdated | StopReason::BadSettings(_) => {
            CliError::Failed(reason.to_string())
        }
    }
}
