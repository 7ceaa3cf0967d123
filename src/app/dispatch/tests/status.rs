//! The agent's status on each channel and on all.

use super::Desk;
use crate::app::core::layer::Layer;
use crate::app::core::settings::Settings;
use crate::domain::Millis;
use crate::domain::agent::AgentState;
use crate::proto::request::Request;
use serde_json::{Value as Json, json};

fn channel(name: &str, state: &str, reason: Option<&str>) -> Json {
    let reasons: Vec<Json> =
        reason.into_iter().map(|code| json!({"key": "ReasonCode", "type": "str", "value": code})).collect();
    json!({"name": name, "state": state, "reasons": reasons})
}

fn told(desk: &mut Desk, channels: &[Json]) {
    desk.event(
        "/workspace/v3/media",
        json!({"messageType": "ChannelStateChanged", "media": {"channels": channels}}),
    );
}

fn with(options: &[(&str, &str)]) -> Desk {
    let mut desk = Desk::with(Settings { local: options.iter().copied().collect(), ..Settings::default() });
    desk.asked();
    desk
}

fn menu(desk: &Desk) -> Vec<String> {
    let Some(Layer::Pick(picker)) = desk.state.layers.last() else { return Vec::new() };
    picker.shown().map(|item| item.label.to_string()).collect()
}

#[test]
fn the_menu_stands_in_the_order_of_the_option() {
    let mut desk = with(&[("agent-status.enabled-actions-global", "NotReadyReason,Ready,LogOff")]);
    desk.keys("F4");
    assert_eq!(menu(&desk), ["Not Ready: Lunch", "Ready", "Log off", "Channels", "Sign out"]);
    let mut desk = with(&[]);
    desk.keys("F4");
    assert_eq!(
        menu(&desk),
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
    let mut desk = with(&[("agent-status.enabled-actions-by-channel", "Ready,NotReady,Dnd")]);
    told(&mut desk, &[channel("whatsappsession", "Ready", None), channel("email", "NotReady", Some("L"))]);
    let overall = desk.state.overall();
    assert_eq!((overall.state, overall.partial, overall.reason), (AgentState::Ready, Some((1, 2)), None));
    desk.typed("/channels");
    desk.keys("Enter");
    assert_eq!(menu(&desk), ["WhatsApp", "email"]);
    desk.keys("Down Enter");
    assert_eq!(menu(&desk), ["Ready", "Not Ready"], "Do Not Disturb is not per channel");
    desk.keys("Enter");
    assert_eq!(desk.asked().pop().unwrap().1, Request::Ready { channel: "email".into() });
    desk.keys("Alt+A");
    let all: Vec<Request> = desk.asked().into_iter().map(|(_, request)| request).collect();
    assert_eq!(all, ["whatsappsession", "email"].map(|name| Request::Ready { channel: name.into() }));
}

#[test]
fn mixed_channels_are_a_state_of_their_own() {
    let mut desk = with(&[]);
    let overall = |desk: &mut Desk, a: (&str, Option<&str>), b: (&str, Option<&str>)| {
        told(desk, &[channel("whatsappsession", a.0, a.1), channel("email", b.0, b.1)]);
        let overall = desk.state.overall();
        (overall.state, overall.partial, overall.reason.map(|reason| reason.to_string()))
    };
    let not = |reason| ("NotReady", reason);
    assert_eq!(
        overall(&mut desk, not(Some("L")), not(Some("L"))),
        (AgentState::NotReady, None, Some("Lunch".into()))
    );
    assert_eq!(
        overall(&mut desk, not(Some("L")), not(Some("X"))),
        (AgentState::NotReady, None, Some("2 reasons".into()))
    );
    assert_eq!(overall(&mut desk, ("Ready", None), ("Ready", None)), (AgentState::Ready, None, None));
    assert_eq!(
        overall(&mut desk, ("LoggedOut", None), ("Ready", None)),
        (AgentState::Ready, Some((1, 2)), None)
    );
    assert_eq!(
        overall(&mut desk, ("LoggedOut", None), ("LoggedOut", None)),
        (AgentState::LoggedOut, None, None)
    );
}

#[test]
fn what_the_server_changes_by_itself_is_told_apart_with_its_reason() {
    let mut desk = with(&[]);
    told(&mut desk, &[channel("whatsappsession", "Ready", None)]);
    told(&mut desk, &[channel("whatsappsession", "NotReady", Some("no answer"))]);
    assert_eq!(desk.notice(), "you were made Not Ready: no answer");
    desk.keys("Alt+A");
    told(&mut desk, &[channel("whatsappsession", "Ready", None)]);
    assert_eq!(desk.notice(), "Status: Ready");
    let mut finishing = channel("whatsappsession", "NotReady", None);
    finishing["extension"] = json!([{"key": "wa.work-mode", "type": "str", "value": "AfterCallWork"}]);
    desk.keys("Alt+J");
    told(&mut desk, &[finishing]);
    assert_eq!(desk.state.channel.state, AgentState::AfterCallWork);
    told(&mut desk, &[channel("whatsappsession", "Ready", None)]);
    assert_eq!(desk.notice(), "After Call Work is over. Status: Ready");
}

#[test]
fn who_is_signed_out_of_the_channels_is_signed_in_first() {
    let mut desk = with(&[]);
    told(&mut desk, &[channel("whatsappsession", "Ready", None)]);
    desk.typed("/logoff");
    desk.keys("Enter Enter");
    let read = Default::default();
    assert_eq!(desk.asked().pop().unwrap().1, Request::LogOff { channel: "whatsappsession".into(), read });
    told(&mut desk, &[channel("whatsappsession", "LoggedOut", None)]);
    assert!(!desk.state.ending, "it is not the same as leaving");
    desk.typed("/notready lunch");
    desk.keys("Enter");
    let (operation, request) = desk.asked().pop().unwrap();
    assert_eq!(request.name(), "activate-channels");
    desk.answer(&operation, Ok(Json::Null));
    assert!(matches!(&desk.asked()[0].1, Request::NotReady { reason: Some(code), .. } if code == "L"));
}

#[test]
fn who_is_not_ready_after_signing_in_has_the_reason_of_the_option() {
    let mut desk = Desk::with(Settings {
        local: [
            ("login.whatsappsession.is-auto-ready", "false"),
            ("login.whatsappsession.auto-not-ready-reason", "lunch"),
        ]
        .into_iter()
        .collect(),
        ..Settings::default()
    });
    let asked = desk.asked();
    desk.answer(&asked[0].0, Ok(Json::Null));
    assert!(
        matches!(&desk.asked()[0].1, Request::NotReady { reason: Some(code), after_call_work: false, .. } if code == "L")
    );
}

#[test]
fn after_call_work_wakes_the_screen_by_the_minute_only() {
    let mut desk = with(&[]);
    desk.later(60_000);
    let since = desk.at - 90_000;
    let finishing = json!({"name": "whatsappsession", "state": "NotReady", "timestamp": since,
        "extension": [{"key": "wa.work-mode", "type": "str", "value": "AfterCallWork"}]});
    told(&mut desk, &[finishing]);
    desk.keys("Esc");
    assert_eq!(desk.state.next_wake(), Some(Millis(since + 120_000)));
}
