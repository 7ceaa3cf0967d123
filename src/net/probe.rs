//! Tests a connection step by step, for `deskline check`.
//!
//! Must not: change the agent's state or sessions. It signs in, activates no channel, and signs out.

use super::carrier_event::CarrierEvent;
use super::dial;
use super::driver::INITIALIZATION;
use super::error::clean_server_text;
use super::http::{Cookies, Http, SignInError, Tokens, TransportError};
use super::link::OpenCarrier;
use super::polling::Polling;
use super::settings::{CHANNELS, ConnectionSettings};
use super::socket::{self, OpenResult};
use crate::config::schema::Transport;
use crate::proto::bayeux::client::{Client, ClientOutput, Input};
use crate::proto::event::Event;
use crate::proto::request::ReadPositions;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// One step of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeStep {
    /// The name of the step.
    pub name: &'static str,
    /// The result or the problem, each as a sentence. Text of the server in it is clean.
    pub result: Result<String, String>,
}

/// Runs the steps up to the first failure.
pub async fn probe(settings: ConnectionSettings) -> Vec<ProbeStep> {
    let mut steps = Vec::new();
    // The steps are the result; the last one shows where the test ended.
    let _ = run_steps(&settings, &mut steps).await;
    steps
}

fn step<T>(
    steps: &mut Vec<ProbeStep>,
    name: &'static str,
    result: Result<T, String>,
    describe: impl FnOnce(&T) -> String,
) -> Option<T> {
    match result {
        Ok(value) => {
            steps.push(ProbeStep { name, result: Ok(describe(&value)) });
            Some(value)
        }
        Err(why) => {
            steps.push(ProbeStep { name, result: Err(format!("{why}.")) });
            None
        }
    }
}

fn sentence(error: SignInError) -> String {
    let said = match error {
        SignInError::Stop(reason) => reason.to_string(),
        SignInError::Later(why) => why,
    };
    said.trim_end_matches('.').to_owned()
}

async fn run_steps(settings: &ConnectionSettings, steps: &mut Vec<ProbeStep>) -> Option<()> {
    let url = &settings.url;
    let place = dial::host_and_port(url);
    let http = step(steps, "settings", Http::new(settings).await, |_| format!("The address is {place}."))?;
    let found = dial::resolve(url)
        .await
        .map_err(|why| format!("The name has no address: {}", dial::innermost_cause(&why)));
    let addresses = step(steps, "resolve", found, |found| {
        let first = found.first().map(|address| address.ip().to_string()).unwrap_or_default();
        format!("The name has {} address(es); the first is {first}.", found.len())
    })?;
    let reached = dial::tcp(&addresses)
        .await
        .map_err(|why| format!("{place} cannot be reached: {}", dial::innermost_cause(&why)));
    step(steps, "tcp", reached, |_| format!("{place} accepts connections."))?;
    let secure = url.scheme() == "https";
    let answered = http.ping().await.map_err(TransportError::reason);
    step(steps, if secure { "tls" } else { "http" }, answered, |status| {
        let how = if secure { "Its certificate is trusted" } else { "It speaks HTTP, without encryption" };
        format!("{how}, and it answers (HTTP {}).", status.as_u16())
    })?;
    let mut tokens = Tokens::default();
    let token = http.token(settings, &mut tokens).await.map_err(sentence);
    step(steps, "token", token, |_| "The user name and password are accepted.".to_owned())?;
    let begun = http.initialize(settings, &mut tokens).await.map_err(sentence);
    let mut cookies = step(steps, "initialize", begun, |_| "A workspace session was begun.".to_owned())?;
    let link = open_carrier(settings, &http, &mut cookies, steps).await;
    if let Some(link) = link {
        await_session(link, steps).await;
    }
    let ended = http.logout(&cookies, &ReadPositions::new()).await;
    step(steps, "logout", ended, |()| "The workspace session was ended.".to_owned())
}

async fn open_carrier(
    settings: &ConnectionSettings,
    http: &Http,
    cookies: &mut Cookies,
    steps: &mut Vec<ProbeStep>,
) -> Option<OpenCarrier> {
    let polling =
        |cookies: &Cookies| OpenCarrier::Polling(Box::new(Polling::new(http.clone(), cookies.clone())));
    if settings.transport == Transport::LongPolling {
        let result = Ok("Not tried: the settings describe long-polling.".to_owned());
        steps.push(ProbeStep { name: "websocket", result });
        return Some(polling(cookies));
    }
    let fall_back = settings.transport == Transport::Auto;
    let result = match socket::open(http, cookies).await {
        OpenResult::Open(socket, headers) => {
            cookies.update_from(&headers);
            steps.push(ProbeStep { name: "websocket", result: Ok("A WebSocket is open.".to_owned()) });
            return Some(OpenCarrier::Socket(socket));
        }
        OpenResult::Refused(status) if fall_back => {
            Ok(format!("The server refuses a WebSocket (HTTP {status}); long-polling is used."))
        }
        OpenResult::Refused(status) => Err(format!(
            "The server refuses a WebSocket (HTTP {status}), and the settings allow nothing else."
        )),
        OpenResult::UpgradeFailed(why) if fall_back => {
            Ok(format!("No WebSocket ({why}); long-polling is used."))
        }
        OpenResult::UpgradeFailed(why) | OpenResult::Unreachable(why) => Err(format!("{why}.")),
    };
    let go_on = result.is_ok();
    steps.push(ProbeStep { name: "websocket", result });
    go_on.then(|| polling(cookies))
}

/// Tests the handshake, the subscriptions, and the initialization.
async fn await_session(mut link: OpenCarrier, steps: &mut Vec<ProbeStep>) {
    let mut client = Client::new(CHANNELS);
    let until = Instant::now() + INITIALIZATION;
    let (mut stage, mut refused, mut settled, mut complete) = ("handshake", Vec::new(), false, None);
    let mut input = Input::Start(link.carrier());
    let mut timer: Option<Instant> = None;
    let fail = |steps: &mut Vec<ProbeStep>, stage, why: String| {
        steps.push(ProbeStep { name: stage, result: Err(format!("{}.", why.trim_end_matches('.'))) });
    };
    loop {
        for output in client.step(input) {
            match output {
                ClientOutput::Send { messages, limit } => {
                    if stage == "handshake" && messages.iter().any(|m| m.subscription.is_some()) {
                        let result = Ok("The server takes the handshake.".to_owned());
                        steps.push(ProbeStep { name: stage, result });
                        stage = "subscribe";
                    }
                    if let Err(why) = link.send(messages, Duration::from_millis(limit)).await {
                        return fail(steps, stage, why);
                    }
                }
                ClientOutput::Deliver { channel, data } => match Event::decode(&channel, &data) {
                    Event::InitializationComplete(session) => complete = Some(session),
                    Event::InitializationFailed(why) => {
                        return fail(steps, "complete", clean_server_text(&why));
                    }
                    _ => {}
                },
                ClientOutput::Wait(millis) => timer = Some(Instant::now() + Duration::from_millis(millis)),
                ClientOutput::Settled if !settled => {
                    settled = true;
                    let result = Ok(if refused.is_empty() {
                        "Every channel is subscribed.".to_owned()
                    } else {
                        format!("Subscribed, but the server refuses {}.", refused.join(", "))
                    });
                    steps.push(ProbeStep { name: stage, result });
                    stage = "complete";
                }
                ClientOutput::Refused { subscription, .. } => refused.push(clean_server_text(&subscription)),
                ClientOutput::Denied(why) | ClientOutput::Broken(why) | ClientOutput::Stop(why) => {
                    return fail(steps, stage, clean_server_text(&why));
                }
                ClientOutput::Settled | ClientOutput::Rehandshake | ClientOutput::Left => {}
            }
        }
        if settled && let Some(session) = complete.take() {
            let name = session.user.map(|user| format!("{} {}", user.first_name, user.last_name));
            let who = clean_server_text(name.unwrap_or_default().trim());
            let result =
                Ok(format!("The session is ready for {}.", if who.is_empty() { "the agent" } else { &who }));
            steps.push(ProbeStep { name: "complete", result });
            return link.close().await;
        }
        input = tokio::select! {
            arrival = link.next() => match arrival {
                CarrierEvent::Received(messages) => Input::Received(messages),
                CarrierEvent::Failed(messages) => Input::Failed(messages),
                CarrierEvent::Unauthorised(why) | CarrierEvent::Broken(why) => return fail(steps, stage, why),
            },
            () = sleep_until(timer.unwrap_or(until)), if timer.is_some() => {
                timer = None;
                Input::Timer
            }
            () = sleep_until(until) => {
                let secs = INITIALIZATION.as_secs();
                return fail(steps, stage, format!("The server did not get there within {secs} s"));
            }
        };
    }
}
