//! The list of whom a session may go to.

use crate::desk::{Desk, NOW};
use deskline::app::{Effect, What};
use deskline::proto::envelope::Envelope;
use deskline::proto::request::Request;
use serde_json::{Value as Json, json};

fn agent(name: &str, id: &str, state: &str, sessions: u64) -> Json {
    json!({"type": "agent", "name": name, "employeeId": id, "numbers": ["+34 600 000 2"],
        "availability": {"channels": [{"name": "whatsappsession", "userState": {"state": state, "reason": "Lunch"},
            "wa.sessions": sessions, "wa.capacity": 4}]}})
}

fn targets() -> Vec<Json> {
    vec![
        agent("Ana Ruiz", "ana", "Ready", 3),
        agent("Ben Okafor", "ben", "NotReady", 0),
        json!({"type": "agent-group", "name": "Billing", "availability": {"readyAgents": 3}}),
        agent("Carla Nogueira", "carla", "LoggedOut", 0),
        json!({"type": "skill", "name": "French", "availability": {"readyAgents": 0}}),
        agent("Kate London", "kate", "Ready", 1),
        agent("Mehmet Öztürk", "mehmet", "Ready", 4),
        json!({"type": "interaction-queue", "name": "wa-orders", "displayName": "Orders",
            "availability": {"waitingCalls": 2}}),
    ]
}

fn contacts() -> Vec<Json> {
    vec![
        json!({"type": "contact", "id": "c1", "name": "Lucía Fernández", "numbers": ["+34600000101"]}),
        json!({"type": "contact", "id": "c2", "name": "مريم حداد", "numbers": ["+212600000012"]}),
    ]
}

fn named(name: &str) -> Vec<Json> {
    targets().into_iter().filter(|one| one["name"] == name).collect()
}

/// Opens the list and answers all that it asks, as a gateway does.
pub fn open(desk: &mut Desk, key: &str) {
    let asked = desk.key_effects(key);
    answer(desk, asked);
}

fn answer(desk: &mut Desk, asked: impl IntoIterator<Item = Effect>) {
    for effect in asked {
        let Effect::Call { operation, request } = effect else { continue };
        let list = match request {
            Request::Targets { kinds, .. } if kinds.iter().all(|kind| !kind.takes_sessions()) => contacts(),
            Request::Targets { .. } => targets(),
            Request::Favourites => {
                let mut money = named("Billing");
                for one in &mut money {
                    one["wa.corporate"] = json!(true);
                }
                money.into_iter().chain(named("Kate London")).chain(contacts().into_iter().take(1)).collect()
            }
            Request::Recents { .. } => named("French").into_iter().chain(named("Ben Okafor")).collect(),
            _ => continue,
        };
        let found = json!({"totalMatches": list.len(), "targets": list});
        desk.does(What::Reply { operation, result: Ok(Envelope::ok(0, None, found)) });
    }
}

#[test]
fn whom_a_session_may_go_to_at_80x24_and_120x32() {
    let mut desk = Desk::busy(80, 24, 0);
    open(&mut desk, "Ctrl+T");
    snapshot!("layer_targets_80x24", desk.draw().styled());
    let mut desk = Desk::busy(120, 32, 0);
    open(&mut desk, "Alt+O");
    desk.types("re");
    snapshot!("layer_targets_120x32", desk.draw().styled());
}

#[test]
fn every_part_of_the_list_at_80x24_and_120x32() {
    for (columns, rows) in [(80, 24), (120, 32)] {
        let mut desk = Desk::busy(columns, rows, 0);
        open(&mut desk, "Ctrl+T");
        for part in ["favourites", "recents", "agents"] {
            open(&mut desk, "Tab");
            insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
                insta::assert_snapshot!(format!("targets_{part}_{columns}x{rows}"), desk.draw().styled());
            });
        }
        for _ in 0..4 {
            open(&mut desk, "Tab");
        }
        insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(format!("targets_contacts_{columns}x{rows}"), desk.draw().styled());
        });
        desk.types("zzz");
        let asked = deskline::app::update(
            &mut desk.state,
            deskline::app::Msg { at: deskline::domain::Millis(NOW.0 + 2000), what: What::Wake },
        );
        answer(&mut desk, asked);
        insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(format!("targets_empty_{columns}x{rows}"), desk.draw().styled());
        });
    }
}

#[test]
fn a_number_finds_people_at_80x24_and_on_a_narrow_screen() {
    let mut desk = Desk::busy(80, 24, 0);
    open(&mut desk, "Ctrl+T");
    desk.types("0034 600");
    snapshot!("targets_number_80x24", desk.draw().styled());
    let mut desk = Desk::busy(40, 10, 0);
    open(&mut desk, "Ctrl+T");
    for _ in 0..6 {
        open(&mut desk, "Tab");
    }
    snapshot!("targets_queues_40x10", desk.draw().styled());
}

#[test]
fn a_list_that_nothing_changes_in_is_drawn_the_same() {
    let mut desk = Desk::busy(120, 32, 0);
    open(&mut desk, "Ctrl+T");
    let before = desk.draw().styled();
    let again = desk.key_effects("F24");
    assert!(again.is_empty());
    desk.state.now = deskline::domain::Millis(desk.state.now.0 + 6000);
    let asked = deskline::app::update(&mut desk.state, deskline::app::Msg { at: NOW, what: What::Wake });
    let asked: Vec<Effect> = asked.into_iter().collect();
    assert!(
        asked.iter().any(|effect| matches!(effect, Effect::Call { request: Request::Targets { .. }, .. }))
    );
    answer(&mut desk, asked);
    desk.state.now = NOW;
    assert_eq!(desk.draw().styled(), before);
}
