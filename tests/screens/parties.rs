//! Colleagues in a session, and for whom one writes.

use crate::desk::{Desk, NOW, agent, colleague, customer, entry};
use deskline::app::core::layer::Layer;
use deskline::domain::AttachedData;
use deskline::proto::event::Event;
use deskline::proto::media::{ChatDto, InteractionDto, ParticipantDto};

/// A session of Ana's in which others are, each with a name and who sees them.
pub fn shared(width: u16, height: u16, mine: &str, others: &[(&str, &str)]) -> Desk {
    let mut desk = Desk::empty(width, height);
    let party = |id: &str, name: &str, visibility: &str| ParticipantDto {
        participant_id: id.to_lowercase(),
        kind: if name == "Sue" { "Supervisor" } else { "Agent" }.into(),
        nickname: name.into(),
        visibility: visibility.into(),
        person_id: Some(id.to_lowercase()),
    };
    let mut participants = vec![party("ana", "Ana", mine)];
    participants.extend(others.iter().map(|(name, visibility)| party(name, name, visibility)));
    let mut data: AttachedData = [
        ("IW_RoutingBasedOriginalEmployeeId", "ana"),
        ("IW_RoutingBasedTargetId", "kate"),
        ("IW_RoutingBasedTargetType", "Agent"),
        ("IW_RoutingBasedRequestType", "InitConference"),
    ]
    .into_iter()
    .collect();
    data.set("wa.contact-name", "Lucía Fernández");
    data.set("wa.number", "34600000101");
    data.set("wa.window-ends", deskline::domain::Millis(NOW.0 + 3_600_000 * 20).to_rfc3339());
    let interaction = InteractionDto {
        id: "s1".into(),
        mediatype: "whatsappsession".into(),
        state: "Processing".into(),
        user_data: data,
        chat: Some(ChatDto { my_participant_id: Some("ana".into()), participants, ..ChatDto::default() }),
        ..InteractionDto::default()
    };
    let event = Event::Interaction {
        interaction: Box::new(interaction),
        notification: "StatusChange".into(),
        operation_id: None,
    };
    desk.does(deskline::app::What::Event(event));
    let mut log = vec![
        customer(1, "Hola, mi pedido no llega", 300),
        entry(2, "ParticipantJoined", "", ("Agent", "Ana", "ana"), 290),
    ];
    let mut ours = agent(3, "Claro, lo reviso.", 200);
    ours.from.participant_id = "ana".into();
    log.push(ours);
    for (place, (name, visibility)) in others.iter().enumerate() {
        let index = 4 + place as u64;
        let mut joined = entry(
            index,
            "ParticipantJoined",
            "",
            ("Agent", name, &name.to_lowercase()),
            120 - 10 * place as i64,
        );
        joined.visibility = (*visibility).to_owned();
        log.push(joined);
    }
    let mut words = colleague(4 + others.len() as u64, "pregunta en el almacén antes de prometer nada", 60);
    words.visibility = "Agent".into();
    words.from.nickname = "Kate".into();
    words.from.participant_id = "kate".into();
    log.push(words);
    desk.says("s1", &log);
    desk
}

#[test]
fn an_internal_draft_has_a_row_of_its_own_look() {
    for (width, height) in [(80, 24), (120, 32)] {
        let mut desk = shared(width, height, "All", &[("Kate", "Agent")]);
        assert!(desk.draw().find("to customer").is_some());
        desk.key("Alt+G");
        desk.types("¿le ofrezco un descuento?");
        let screen = desk.draw();
        assert!(screen.find("to customer").is_none() && screen.find("◆ TO COLLEAGUES ONLY").is_some());
        if width == 80 {
            snapshot!("consult_80x24", screen.styled());
            desk.key("Alt+G");
            snapshot!("consult_change_80x24", desk.draw().text());
        } else {
            snapshot!("consult_120x32", screen.styled());
        }
    }
}

#[test]
fn the_destination_is_shown_without_colour_and_when_narrow() {
    let mut desk = shared(40, 10, "All", &[("Kate", "Agent")]);
    desk.look.theme = deskline::ui::Theme::mono();
    desk.key("Alt+G");
    desk.types("x");
    for (width, height) in [(40, 10), (24, 6), (12, 3), (5, 1)] {
        desk.state.size = (width, height);
        let screen = desk.draw_in(width, height);
        let last = screen.text().lines().filter(|line| line.contains('◆')).count();
        assert!(last > 0, "{width}x{height}:\n{}", screen.text());
    }
    desk.state.size = (40, 10);
    snapshot!("consult_mono_40x10", desk.draw_in(40, 10).styled());
}

#[test]
fn a_consulted_agent_sees_that_they_are_unseen() {
    let desk = shared(80, 24, "Agent", &[("Kate", "All")]);
    let screen = desk.draw();
    assert!(screen.find("you advise").is_some() && screen.find("TO COLLEAGUES ONLY").is_some());
    snapshot!("consultant_80x24", screen.text());
}

#[test]
fn parties_stand_with_their_role_and_since_when() {
    let parties = [("Kate", "All"), ("Ben", "Agent"), ("Sue", "Supervisor")];
    let mut desk = shared(120, 32, "All", &parties);
    snapshot!("parties_120x32", desk.draw().text());
    desk.state.size = (80, 24);
    desk.key("F5");
    assert!(matches!(desk.state.layers.last(), Some(Layer::Case(_))));
    snapshot!("parties_80x24", desk.draw().text());
}

#[test]
fn an_error_is_shown_at_the_top_of_the_session() {
    let mut desk = shared(80, 24, "All", &[("Kate", "Agent")]);
    if let Some(session) = desk.state.sessions.first_mut() {
        session.trouble = Some("transfer to Kate London: Kate London refused the transfer".into());
    }
    snapshot!("party_trouble_80x24", desk.draw().text());
}

#[test]
fn consultants_come_first_among_the_targets() {
    let mut desk = shared(80, 24, "All", &[("Kate", "Agent")]);
    crate::targets::open(&mut desk, "Ctrl+T");
    snapshot!("targets_consultant_80x24", desk.draw().text());
}

#[test]
fn routing_pairs_are_one_line_that_a_key_opens() {
    for (width, height) in [(80, 24), (120, 32), (200, 50)] {
        let mut desk = shared(width, height, "All", &[("Kate", "All")]);
        if width < 100 {
            desk.key("F5");
        }
        let screen = desk.draw();
        assert!(screen.find("▸ 4 routing pairs  Alt+.").is_some(), "{}", screen.text());
        assert!(screen.find("IW_RoutingBased").is_none(), "{}", screen.text());
        desk.key("Alt+.");
        let screen = desk.draw();
        assert!(screen.find("▾ 4 routing pairs").is_some(), "{}", screen.text());
        assert!(screen.find("IW_RoutingBasedTargetType").is_some(), "{}", screen.text());
        desk.key("Alt+.");
        assert!(desk.draw().find("IW_RoutingBased").is_none());
    }
}
