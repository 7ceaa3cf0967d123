//! What is parked, and how the bar counts it.

use crate::desk::{Desk, NOW};
use deskline::app::What;
use deskline::app::core::layer::Layer;
use deskline::app::core::msg::ClickTarget;
use deskline::proto::channel;
use deskline::proto::event::Event;
use serde_json::{Value as Json, json};

fn item(id: &str, name: &str, number: &str, words: &str, note: &str, hours: (i64, i64)) -> Json {
    let (ago, left) = hours;
    let at = |hours: i64| deskline::domain::Millis(NOW.0 + hours * 3_600_000).to_rfc3339();
    let pair = |key: &str, value: &str| json!({"key": key, "type": "str", "value": value});
    json!({"id": id, "mediatype": "whatsappsession", "state": "InWorkbin", "placedInQueueAt": at(-ago),
        "comment": note, "userData": [pair("wa.contact-name", name), pair("wa.number", number),
            pair("wa.last-words", words), pair("wa.window-ends", &at(left))]})
}

fn tell(desk: &mut Desk, data: Json) {
    desk.does(What::Event(Event::decode(channel::WORKBINS, &data)));
}

pub fn parked(width: u16, height: u16, bins: usize) -> Desk {
    let mut desk = Desk::busy(width, height, 0);
    let all = [
        json!({"id": "whatsapp-workbin", "displayName": "Mine", "type": "Agent"}),
        json!({"id": "billing", "displayName": "Billing, later", "type": "AgentGroup"}),
    ];
    let some: Vec<&Json> = all.iter().take(bins).collect();
    tell(&mut desk, json!({"messageType": "WorkbinsMessage", "name": "EventWorkbins", "workbins": some}));
    let mine = [
        item(
            "p1",
            "Sofía Castro",
            "5491150000031",
            "Le confirmo en cuanto llegue",
            "waits for the warehouse",
            (1, 20),
        ),
        item("p2", "Omar Benali", "213550000077", "ok, à demain", "", (26, -2)),
        item("p3", "", "4915100000000", "يرجى الانتظار", "call back on Monday, after ten", (3, 1)),
    ];
    let shared = [item("p4", "Mary", "447700900000", "thanks", "", (2, 9))];
    tell(
        &mut desk,
        json!({"messageType": "WorkbinsMessage", "name": "EventWorkbinsContent", "workbins": {
            "whatsapp-workbin": {"id": "whatsapp-workbin", "interactions": mine},
            "billing": {"id": "billing", "interactions": shared}}}),
    );
    desk
}

#[test]
fn what_is_parked_at_80x24_and_120x32() {
    let mut desk = parked(80, 24, 1);
    desk.key("Alt+V");
    let screen = desk.draw();
    snapshot!("layer_workbin_80x24", screen.styled());
    let (x, y) = screen.find("Omar Benali").unwrap();
    assert_eq!(screen.hits.at(x, y), Some(ClickTarget::Pick(2)));
    let mut desk = parked(120, 32, 2);
    desk.key("Alt+V");
    desk.key("Down");
    snapshot!("layer_workbins_120x32", desk.draw().styled());
    desk.key("Tab");
    assert!(desk.draw().find("Mary").is_some());
}

#[test]
fn an_empty_workbin_says_so_and_the_bar_does_not_count_it() {
    let mut desk = Desk::empty(80, 24);
    tell(
        &mut desk,
        json!({"messageType": "WorkbinsMessage", "name": "EventWorkbins",
            "workbins": [{"id": "w", "displayName": "Mine", "type": "Agent"}]}),
    );
    assert!(desk.draw().find("workbin").is_none());
    desk.key("Alt+V");
    assert!(desk.draw().find("Nothing is parked here.").is_some());
}

/// The layers of this part.
pub fn layers() -> Vec<Layer> {
    let mut desk = parked(80, 24, 2);
    desk.key("Alt+V");
    desk.state.layers.pop().into_iter().collect()
}
