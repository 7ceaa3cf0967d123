//! The status: its menu, each channel, and the bar.

use crate::desk::{Desk, NOW};
use deskline::app::What;
use deskline::app::core::layer::Layer;
use deskline::proto::channel;
use deskline::proto::event::Event;
use serde_json::{Value as Json, json};

fn channels(desk: &mut Desk, channels: &[Json]) {
    let data = json!({"messageType": "ChannelStateChanged", "media": {"channels": channels}});
    desk.does(What::Event(Event::decode(channel::MEDIA, &data)));
}

fn of(name: &str, state: &str, reason: Option<&str>, minutes: i64) -> Json {
    let reasons: Vec<Json> =
        reason.into_iter().map(|code| json!({"key": "ReasonCode", "type": "str", "value": code})).collect();
    json!({"name": name, "state": state, "reasons": reasons, "timestamp": NOW.0 - minutes * 60_000,
        "extension": [{"key": "wa.capacity", "type": "int", "value": 4}]})
}

fn several(width: u16, height: u16) -> Desk {
    let mut desk = Desk::busy(width, height, 0);
    if let Some(me) = &mut desk.state.me {
        me.login = "ana".into();
        me.place = Some("Place_ana".into());
    }
    channels(
        &mut desk,
        &[
            of("whatsappsession", "Ready", None, 12),
            of("email", "NotReady", Some("LUNCH"), 47),
            of("workitem", "LoggedOut", None, 300),
        ],
    );
    desk
}

#[test]
fn each_channel_with_its_state_at_80x24_and_120x32() {
    let mut desk = several(80, 24);
    desk.key("F4");
    desk.types("chann");
    desk.key("Enter");
    snapshot!("layer_channels_80x24", desk.draw().styled());
    let mut desk = several(120, 32);
    desk.key("F4");
    snapshot!("layer_status_120x32", desk.draw().styled());
}

#[test]
fn the_bar_shows_ready_channels_and_free_places() {
    let desk = several(120, 32);
    let bar = desk.draw().text().lines().next().unwrap_or_default().to_owned();
    assert!(bar.contains("◑ Ready on 1 of 3") && bar.contains("3/4"), "{bar}");
}

#[test]
fn the_bar_says_how_long_after_call_work_lasts() {
    let mut desk = Desk::empty(80, 24);
    let mut finishing = of("whatsappsession", "NotReady", None, 7);
    finishing["extension"] = json!([{"key": "wa.work-mode", "type": "str", "value": "AfterCallWork"}]);
    channels(&mut desk, &[finishing]);
    assert!(desk.draw().find("◐ After Call Work 7 min").is_some(), "{}", desk.draw().text());
    desk.later(60);
    assert!(desk.draw().find("◐ After Call Work 8 min").is_some(), "{}", desk.draw().text());
}

/// The layers of this part.
pub fn layers() -> Vec<Layer> {
    let mut desk = several(80, 24);
    desk.key("F4");
    desk.types("chann");
    desk.key("Enter");
    let list = desk.state.layers.last().cloned();
    desk.key("Enter");
    list.into_iter().chain(desk.state.layers.pop()).collect()
}
