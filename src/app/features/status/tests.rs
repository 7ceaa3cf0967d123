//! The agent's status on each channel and on all.

use crate::app::core::layer::Layer;
use crate::app::core::settings::Settings;
use crate::app::test_console::TestConsole;
use crate::domain::Millis;
use crate::domain::agent::AgentState;
use crate::proto::request::Request;
use serde_json::{Value as Json, json};

fn channel(name: &str, state: &str, reason: Option<&str>) -> Json {
    let reasons: Vec<Json> =
        reason.into_iter().map(|code| json!({"key": "ReasonCode", "type": "str", "value": code})).collect();
    json!({"name": name, "state": state, "reasons": reasons})
}

fn told(console: &mut TestConsole, channels: &[Json]) {
    console.event(
        "/workspace/v3/media",
        json!({"messageType": "ChannelStateChanged", "media": {"channels": channels}}),
    );
}

fn with(options: &[(&str, &str)]) -> TestConsole {
    let mut console =
        TestConsole::with(Settings { local: options.iter().copied().collect(), ..Settings::default() });
    console.asked();
    console
}

fn menu(console: &TestConsole) -> Vec<String> {
    let Some(Layer::Pick(picker)) = console.state.layers.last() else { return Vec::new() };
    picker.shown().map(|item| item.label.to_string()).collect()
}

#[test]
fn the_menu_stands_in_the_order_of_the_option() {
    let mut console = with(&[("agent-status.enabled-actions-global", "NotReadyReason,Ready,LogOff")]);
    console.keys("F4");
    assert_eq!(menu(&console), ["Not Ready: Lunch", "Ready", "Log off", "Channels", "Sign out"]);
    let mut console = with(&[]);
    console.keys("F4");
    assert_eq!(
        menu(&console),
        [
            "Ready",
            "Not Ready",
            "Not Ready: Lunch",
            "After Call Work",
            "Do Not Disturb",
            "Log off",
            "Channels",
            "Sign out"
        ]
    );
}

#[test]
fn every_channel_can_be_set_alone_or_with_the_others() {
    let mut console = with(&[("agent-status.enabled-actions-by-channel", "Ready,NotReady,Dnd")]);
    told(&mut console, &[channel("whatsappsession", "Ready", None), channel("email", "NotReady", Some("L"))]);
    let overall = console.state.overall();
    assert_eq!((overall.state, overall.partial, overall.reason), (AgentState::Ready, Some((1, 2)), None));
    console.typed("/channels");
    console.keys("Enter");
    assert_eq!(menu(&console), ["WhatsApp", "email"]);
    console.keys("Down Enter");
    assert_eq!(menu(&console), ["Ready", "Not Ready"], "Do Not Disturb is not per channel");
    console.keys("Enter");
    assert_eq!(console.asked().pop().unwrap().1, Request::Ready { channel: "email".into() });
    console.keys("Alt+A");
    let all: Vec<Request> = console.asked().into_iter().map(|(_, request)| request).collect();
    assert_eq!(all, ["whatsappsession", "email"].map(|name| Request::Ready { channel: name.into() }));
}

#[test]
fn mixed_channels_are_a_state_of_their_own() {
    let mut console = with(&[]);
    let overall = |console: &mut TestConsole, a: (&str, Option<&str>), b: (&str, Option<&str>)| {
        told(console, &[channel("whatsappsession", a.0, a.1), channel("email", b.0, b.1)]);
        let overall = console.state.overall();
        (overall.state, overall.partial, overall.reason.map(|reason| reason.to_string()))
    };
    let not = |reason| ("NotReady", reason);
    assert_eq!(
        overall(&mut console, not(Some("L")), not(Some("L"))),
        (AgentState::NotReady, None, Some("Lunch".into()))
    );
    assert_eq!(
        overall(&mut console, not(Some("L")), not(Some("X"))),
        (AgentState::NotReady, None, Some("2 reasons".into()))
    );
    assert_eq!(overall(&mut console, ("Ready", None), ("Ready", None)), (AgentState::Ready, None, None));
    assert_eq!(
        overall(&mut console, ("LoggedOut", None), ("Ready", None)),
        (AgentState::Ready, Some((1, 2)), None)
    );
    assert_eq!(
        overall(&mut console, ("LoggedOut", None), ("LoggedOut", None)),
        (AgentState::LoggedOut, None, None)
    );
}

#[test]
fn what_the_server_changes_by_itself_is_told_apart_with_its_reason() {
    let mut console = with(&[]);
    told(&mut console, &[channel("whatsappsession", "Ready", None)]);
    told(&mut console, &[channel("whatsappsession", "NotReady", Some("no answer"))]);
    assert_eq!(console.notice(), "your status was set to Not Ready: no answer");
    console.keys("Alt+A");
    told(&mut console, &[channel("whatsappsession", "Ready", None)]);
    assert_eq!(console.notice(), "Status: Ready");
    let mut finishing = channel("whatsappsession", "NotReady", None);
    finishing["extension"] = json!([{"key": "wa.work-mode", "type": "str", "value": "AfterCallWork"}]);
    console.keys("Alt+J");
    told(&mut console, &[finishing]);
    assert_eq!(console.state.channel.state, AgentState::AfterCallWork);
    told(&mut console, &[channel("whatsappsession", "Ready", None)]);
    assert_eq!(console.notice(), "After Call Work is over. Status: Ready");
}

#[test]
fn who_is_signed_out_of_the_channels_is_signed_in_first() {
    let mut console = with(&[]);
    told(&mut console, &[channel("whatsappsession", "Ready", None)]);
    console.typed("/logoff");
    console.keys("Enter Enter");
    let read = Default::default();
    assert_eq!(console.asked().pop().unwrap().1, Request::LogOff { channel: "whatsappsession".into(), read });
    told(&mut console, &[channel("whatsappsession", "LoggedOut", None)]);
    assert!(!console.state.ending, "it is not the same as leaving");
    console.typed("/notready lunch");
    console.keys("Enter");
    let (operation, request) = console.asked().pop().unwrap();
    assert_eq!(request.name(), "activate-channels");
    console.answer(&operation, Ok(Json::Null));
    assert!(matches!(&console.asked()[0].1, Request::NotReady { reason: Some(code), .. } if code == "L"));
}

#[test]
fn who_is_not_ready_after_signing_in_has_the_reason_of_the_option() {
    let mut console = TestConsole::with(Settings {
        local: [
            ("login.whatsappsession.is-auto-ready", "false"),
            ("login.whatsappsession.auto-not-ready-reason", "lunch"),
        ]
        .into_iter()
        .collect(),
        ..Settings::default()
    });
    let asked = console.asked();
    console.answer(&asked[0].0, Ok(Json::Null));
    assert!(
        matches!(&console.asked()[0].1, Request::NotReady { reason: Some(code), after_call_work: false, .. } if code == "L")
    );
}

#[test]
fn after_call_work_wakes_the_screen_by_the_minute_only() {
    let mut console = with(&[]);
    console.later(60_000);
    let since = console.at - 90_000;
    let finishing = json!({"name": "whatsappsession", "state": "NotReady", "timestamp": since,
        "extension": [{"key": "wa.work-mode", "type": "str", "value": "AfterCallWork"}]});
    told(&mut console, &[finishing]);
    console.keys("Esc");
    assert_eq!(console.state.next_wake(), Some(Millis(since + 120_000)));
}
