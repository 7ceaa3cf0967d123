//! Earlier sessions of the customer, in line above this one.

use crate::desk::{Desk, NOW, agent, colleague, customer};
use crate::inside;
use deskline::app::core::msg::ClickTarget;
use deskline::app::features::older::{Earlier, Known, OlderSession};
use deskline::domain::Millis;
use deskline::domain::transcript::Transcript;
use deskline::proto::media::{MessageDto, ParticipantDto};
use deskline::proto::wa;

/// A session whose customer had others before, of which some are read.
fn with_past(width: u16, height: u16) -> Desk {
    let mut desk = Desk::empty(width, height);
    let day = 86_400;
    desk.session("s1", "Lucía Fernández", "34600000101", &[]);
    desk.says("s1", &[customer(1, "Hola, mi pedido no llega", 300), agent(2, "Claro, lo reviso.", 200)]);
    let Some(session) = desk.state.sessions.first_mut() else { return desk };
    let earlier = |id: &str, days: i64, by: &str| Earlier {
        id: id.into(),
        started: Some(Millis(NOW.0 - days * day * 1000)),
        handled_by: Some(by.into()),
        channel: None,
        subject: None,
    };
    session.older.known = Known::Left(vec![earlier("o4", 40, "Ana Ruiz"), earlier("o3", 30, "Ana Ruiz")]);
    let mut read = |id: &str, days: i64, by: &str, messages: &[MessageDto]| {
        let Earlier { id, started, handled_by, channel, subject } = earlier(id, days, by);
        let mut transcript = Transcript::default();
        for message in messages {
            transcript.insert(deskline::proto::decode::message(message));
        }
        session.older.shown.push(OlderSession { id, transcript, started, handled_by, channel, subject });
    };
    read(
        "o2",
        9,
        "Ben Ortega",
        &[
            customer(1, "¿Tienen tienda en Bilbao?", 9 * day),
            colleague(2, "Sí, en la Gran Vía.", 9 * day - 60),
        ],
    );
    read(
        "o1",
        1,
        "Ana Ruiz",
        &[customer(1, "¿siguen abiertos?", day), agent(2, "Hasta las ocho.", day - 60)],
    );
    desk
}

#[test]
fn earlier_sessions_stand_above_at_80x24() {
    let mut desk = with_past(80, 24);
    let screen = desk.draw();
    snapshot!("older_80x24", screen.text());
    let (x, y) = screen.find("see older messages (2 sessions)").unwrap();
    assert_eq!(screen.hits.at(x, y), Some(ClickTarget::Older));
    assert_eq!(screen.hits.at(x, y + 1), None);
    desk.state.size = (80, 12);
    assert!(desk.draw().find("see older").is_none(), "it stands at the very top of all");
    desk.key("Ctrl+Home");
    assert!(desk.draw().find("see older").is_some());
    for (width, height) in [(0, 0), (1, 1), (7, 9), (20, 10), (40, 10)] {
        desk.state.size = (width, height);
        inside(&desk.draw_in(width, height), width, height);
    }
}

#[test]
fn what_came_by_another_channel_says_so_at_80x24() {
    let mut desk = with_past(80, 24);
    if let Some(older) = desk.state.sessions.first_mut().and_then(|session| session.older.shown.last_mut()) {
        older.channel = Some("email".into());
        older.subject = Some("Invoice 48213 is wrong".into());
        older.transcript = Transcript::default();
    }
    if let Some(session) = desk.state.sessions.first_mut() {
        session.older.failed = true;
    }
    desk.key("Ctrl+Home");
    snapshot!("older_channel_80x24", desk.draw().text());
}

/// A session of a customer who came from an ad, replied to what the shop wrote from the phone, and called.
fn with_lines(width: u16, height: u16) -> Desk {
    let mut desk = Desk::empty(width, height);
    desk.session("s1", "Lucía Fernández", "34600000101", &[]);
    let line = |index: u64, text: &str| MessageDto {
        kind: "Notice".into(),
        text: Some(text.into()),
        from: ParticipantDto { kind: "System".into(), ..ParticipantDto::default() },
        visibility: "Agent".into(),
        ..customer(index, "", 300)
    };
    let mut call = customer(7, "called on WhatsApp, and the call was missed", 60);
    call.kind = "CustomNotice".into();
    call.user_data.set(wa::KIND, "placeholder");
    let messages = [
        line(1, "Written from the WhatsApp phone 2 hours ago: “Tu pedido está en la tienda”"),
        line(
            2,
            "The customer came from an ad: Rebajas \u{1b}[31m – Todo a mitad de precio (https://fb.me/2ZxYkQ)",
        ),
        line(3, "The customer asks about the product red-42 of the catalog c1"),
        line(4, "The customer replies to “Tu pedido está en la tienda”"),
        line(5, "The next message came 3 days late"),
        customer(6, "¡Gracias! ¿A qué hora cierran?", 300),
        call,
    ];
    desk.says("s1", &messages);
    let Some(session) = desk.state.sessions.first_mut() else { return desk };
    let started = Some(Millis(NOW.0 - 7_200_000));
    let mut transcript = Transcript::default();
    let mut echo = colleague(1, "Tu pedido está en la tienda", 7200);
    echo.from.nickname = "WhatsApp phone".into();
    transcript.insert(deskline::proto::decode::message(&echo));
    let handled_by = Some("WhatsApp phone".into());
    let (id, channel, subject) = ("o1".into(), None, None);
    session.older.shown.push(OlderSession { id, transcript, started, handled_by, channel, subject });
    desk
}

#[test]
fn lines_around_a_message_are_shown_at_each_size() {
    let text = |width, height| {
        let mut desk = with_lines(width, height);
        desk.key("Ctrl+Home");
        desk.draw().text()
    };
    snapshot!("lines_80x24", text(80, 24));
    snapshot!("lines_120x32", text(120, 32));
    snapshot!("lines_200x50", text(200, 50));
}
