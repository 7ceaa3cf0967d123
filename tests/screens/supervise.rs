//! A supervisor in an agent's session, on the agent's screen and on their own.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

use crate::desk::{Desk, customer, entry};
use crate::parties::shared;
use deskline::proto::event::Event;
use deskline::proto::media::{InteractionDto, MessageDto};
use serde_json::json;

/// What a coach said.
fn coached(index: u64) -> MessageDto {
    let mut said = entry(index, "Text", "offer her a refund", ("Supervisor", "Sue", "sue"), 30);
    said.visibility = "Agent".into();
    said
}

fn joined(index: u64) -> MessageDto {
    let mut joined = entry(index, "ParticipantJoined", "", ("Supervisor", "Sue", "sue"), 40);
    joined.visibility = "Agent".into();
    joined
}

/// Sue's desk, with a session of Ana's in which she is so.
pub fn overseen(width: u16, height: u16, mode: &str, visibility: &str) -> Desk {
    let mut desk = Desk::empty(width, height);
    if let Some(me) = &mut desk.state.me {
        (me.oversees, me.employee_id) = (true, "sue".into());
    }
    let interaction: InteractionDto = serde_json::from_value(json!({
        "id": "s1", "mediatype": "whatsappsession", "state": "Processing", "monitorMode": mode, "agentId": "ana",
        "capabilities": ["switch-to-monitor", "switch-to-coach", "switch-to-barge-in", "leave"],
        "userData": {"wa.contact-name": "Lucía Fernández", "wa.number": "34600000101"},
        "chat": {"myParticipantId": "sue", "participants": [
            {"id": "ana", "type": "Agent", "nickname": "Ana", "personId": "ana", "visibility": "All"},
            {"id": "sue", "type": "Supervisor", "nickname": "Sue", "personId": "sue", "visibility": visibility}]},
    }))
    .unwrap();
    let interaction = Box::new(interaction);
    desk.does(deskline::app::What::Event(Event::Interaction {
        interaction,
        notification: "StatusChange".into(),
        operation_id: None,
    }));
    desk.says("s1", &[customer(1, "Hola, mi pedido no llega", 300)]);
    desk
}

#[test]
fn a_coach_looks_so_on_the_agents_screen() {
    let mut desk = shared(80, 24, "All", &[("Sue", "Agent")]);
    desk.says("s1", &[joined(6), coached(7)]);
    let screen = desk.draw();
    for part in
        ["Sue (coach)", "Sue coaches; the customer does not see it", "Sue (coach) · the customer does"]
    {
        assert!(screen.find(part).is_some(), "{part}\n{}", screen.text());
    }
    snapshot!("coached_80x24", screen.styled());
}

#[test]
fn coaching_elsewhere_has_its_own_mark_in_list_and_tabs() {
    for (width, height) in [(80, 24), (120, 32), (200, 50)] {
        let mut desk = shared(width, height, "All", &[("Sue", "Agent")]);
        desk.session("s2", "Karim Haddad", "212600000012", &[]);
        desk.says("s2", &[customer(1, "Bonjour", 20)]);
        desk.state.shown = Some("s2".into());
        desk.says("s1", &[joined(6), coached(7)]);
        let screen = desk.draw();
        assert!(screen.find("◆1").is_some(), "{}", screen.text());
        snapshot!(format!("coached_elsewhere_{width}x{height}"), screen.styled());
    }
}

#[test]
fn a_coach_looks_so_on_their_own_screen_at_every_size() {
    let mut desk = overseen(80, 24, "Coach", "Agent");
    desk.says("s1", &[joined(2), coached(3)]);
    desk.types("¿un vale?");
    let screen = desk.draw();
    assert!(screen.find("◆ you coach Ana").is_some() && screen.find("TO THE AGENT ONLY").is_some());
    snapshot!("coach_80x24", screen.styled());
    for (width, height) in [(200, 50), (40, 10), (12, 3), (1, 1), (0, 0)] {
        desk.state.size = (width, height);
        desk.draw_in(width, height);
    }
}

#[test]
fn who_watches_silently_sees_that_nothing_goes_out() {
    let mut desk = overseen(120, 32, "Monitor", "Supervisor");
    desk.types("hm");
    let screen = desk.draw();
    assert!(screen.find("you watch silently").is_some() && screen.find("to customer").is_none());
    snapshot!("watching_120x32", screen.text());
}
