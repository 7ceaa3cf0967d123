//! A desk made by what happened, for tests that look at the screen, and what they say to it.

use deskline::app::core::msg::Link;
use deskline::app::core::settings::Settings;
use deskline::app::core::state::Me;
use deskline::app::{Effect, Msg, State, What, update};
use deskline::domain::agent::Reason;
use deskline::domain::{AttachedData, Millis};
use deskline::proto::event::Event;
use deskline::proto::media::{ChannelDto, ChatDto, InteractionDto, MediaDto, MessageDto, ParticipantDto};
use deskline::text::bidi::Bidi;
use deskline::ui::{HitMap, Look, Theme, draw, dump};
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use std::time::Duration;

/// Sunday 22 November 2026, 14:02:11 UTC.
pub const NOW: Millis = Millis(1_795_356_131_000);

pub struct Desk {
    pub state: State,
    pub look: Look,
}

pub struct Screen {
    pub buffer: Buffer,
    pub cursor: Option<Position>,
    pub hits: HitMap,
}

impl Screen {
    pub fn text(&self) -> String {
        dump::text(&self.buffer)
    }

    /// The looks and where the cursor is.
    pub fn styled(&self) -> String {
        let cursor = self.cursor.map_or("none".to_owned(), |at| format!("{},{}", at.x, at.y));
        format!("{}cursor {cursor}\n", dump::styled(&self.buffer))
    }

    pub fn find(&self, words: &str) -> Option<(u16, u16)> {
        self.text().lines().enumerate().find_map(|(y, line)| {
            let (before, _) = line.split_once(words)?;
            Some((deskline::text::width::str_width(before), u16::try_from(y).ok()?))
        })
    }
}

impl Desk {
    pub fn empty(width: u16, height: u16) -> Self {
        let state = State::new(Settings::default(), TimeZone::UTC, "t", (width, height), NOW);
        // Blinking is looked at where it is meant.
        let theme = Theme { news: Theme::dark().unread, ..Theme::dark() };
        let look = Look { theme, bidi: Bidi::App };
        let mut desk = Self { state, look };
        desk.state.me = Some(Me { employee_id: "ana".into(), name: "Ana Ruiz".into(), ..Me::default() });
        desk.state.reasons = vec![Reason { code: "LUNCH".into(), name: "Lunch".into() }];
        desk.does(What::Link(Link::Online { websocket: true }));
        desk.does(What::Latency(Duration::from_millis(38)));
        desk.channel("Ready", None);
        desk
    }

    /// Three sessions and invitations: a shift that is going well.
    pub fn busy(width: u16, height: u16, invitations: usize) -> Self {
        let mut desk = Self::empty(width, height);
        desk.session(
            "s1",
            "Lucía Fernández",
            "34600000101",
            &[("Language", "es"), ("Order", "48213"), ("Segment", "Gold")],
        );
        desk.session("s2", "Karim Haddad", "212600000012", &[("Language", "fr")]);
        desk.session("s3", "", "15550100142", &[]);
        let (day, hour) = (86_400, 3600);
        desk.says("s1", &[
            customer(1, "Hola, ¿siguen abiertos?", day),
            agent(2, "Sí, hasta las ocho.", day - 60),
            customer(3, "Hola, mi pedido *no llega* y el enlace https://shop.example/p/48213 no funciona", 300),
            customer(4, "¿me ayudan?", 290),
            agent(5, "Claro, lo reviso. Deme un momento, por favor: tengo que preguntar en el almacén, que hoy cierra más tarde.", 200),
            status(6, 5, "delivered", ""),
            customer(7, "👍 gracias", 42),
        ]);
        desk.says(
            "s2",
            &[
                customer(1, "Bonjour", 4 * hour),
                agent(2, "Bonjour !", 4 * hour - 50),
                customer(3, "merci beaucoup", 200),
            ],
        );
        desk.says("s3", &[customer(1, "ok", 35)]);
        let offers = [
            (
                "Omar Benali",
                "213550000077",
                "Bonjour, ma facture est fausse et personne ne répond",
                "Billing",
                21_000,
            ),
            ("Sofía", "5491150000031", "Necesito cambiar la dirección de entrega", "Orders", 17_500),
            ("李小龙", "8613800000000", "你好，我的包裹在哪里？", "Orders", 9000),
            ("Peter", "4915100000000", "Hallo", "Billing", 4000),
            ("Mary", "447700900000", "Hi", "Billing", 30_000),
        ];
        for (i, (name, number, preview, origin, left)) in offers.iter().take(invitations).enumerate() {
            desk.offer(&format!("i{i}"), name, number, preview, origin, *left);
        }
        desk
    }

    pub fn does(&mut self, what: What) {
        drop(update(&mut self.state, Msg { at: NOW, what }));
    }

    pub fn later(&mut self, seconds: i64) {
        drop(update(&mut self.state, Msg { at: Millis(NOW.0 + seconds * 1000), what: What::Wake }));
    }

    pub fn key(&mut self, key: &str) {
        match deskline::app::core::key::Key::parse(key) {
            Ok(key) => self.does(What::Key(key)),
            Err(problem) => assert_eq!(problem, "", "{key} is no key"),
        }
    }

    pub fn key_effects(&mut self, key: &str) -> Vec<Effect> {
        let Ok(key) = deskline::app::core::key::Key::parse(key) else { return Vec::new() };
        update(&mut self.state, Msg { at: NOW, what: What::Key(key) }).into_iter().collect()
    }

    pub fn effects(&mut self, what: What) -> Vec<Effect> {
        update(&mut self.state, Msg { at: NOW, what }).into_iter().collect()
    }

    pub fn types(&mut self, text: &str) {
        for c in text.chars() {
            let code = deskline::app::core::key::Code::Char(c);
            self.does(What::Key(deskline::app::core::key::Key::plain(code)));
        }
    }

    pub fn channel(&mut self, state: &str, reason: Option<&str>) {
        let reasons: AttachedData = reason.map(|code| ("ReasonCode", code)).into_iter().collect();
        let channel = ChannelDto {
            name: "whatsappsession".into(),
            state: state.into(),
            reasons,
            ..ChannelDto::default()
        };
        self.does(What::Event(Event::Channels(MediaDto { channels: vec![channel] })));
    }

    pub fn interaction(&mut self, id: &str, state: &str, data: AttachedData, queue: Option<&str>) {
        let interaction = InteractionDto {
            id: id.into(),
            mediatype: "whatsappsession".into(),
            state: state.into(),
            queue: queue.map(Into::into),
            user_data: data,
            chat: Some(ChatDto { my_participant_id: Some("me".into()), ..ChatDto::default() }),
            ..InteractionDto::default()
        };
        let event = Event::Interaction {
            interaction: Box::new(interaction),
            notification: "StatusChange".into(),
            operation_id: None,
        };
        self.does(What::Event(event));
    }

    pub fn session(&mut self, id: &str, name: &str, number: &str, case: &[(&str, &str)]) {
        let ends = Millis(NOW.0 + (21 * 3600 + 14 * 60) * 1000).to_rfc3339();
        let mut data: AttachedData = case.iter().copied().collect();
        data.set("wa.contact-name", name);
        data.set("wa.number", number);
        data.set("wa.window-ends", ends);
        self.interaction(id, "Processing", data, Some("Orders"));
    }

    pub fn offer(&mut self, id: &str, name: &str, number: &str, preview: &str, origin: &str, left: i64) {
        let mut data: AttachedData = [("Segment", "Gold")].into_iter().collect();
        data.set("wa.contact-name", name);
        data.set("wa.number", number);
        data.set("wa.preview", preview);
        data.set("wa.accept-left-ms", left);
        data.set("wa.accept-total-ms", 30_000);
        self.interaction(id, "Invited", data, Some(origin));
    }

    pub fn says(&mut self, id: &str, messages: &[MessageDto]) {
        let event =
            Event::Messages { interaction_id: id.into(), messages: messages.to_vec(), operation_id: None };
        self.does(What::Event(event));
    }

    pub fn draw(&self) -> Screen {
        self.draw_in(self.state.size.0, self.state.size.1)
    }

    pub fn draw_in(&self, width: u16, height: u16) -> Screen {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let mut hits = HitMap::default();
        let mut cursor = None;
        let frame = terminal.draw(|frame| hits = draw(&self.state, &self.look, frame)).unwrap();
        let buffer = frame.buffer.clone();
        if terminal.backend().cursor_visible() {
            cursor = Some(terminal.backend().cursor_position());
        }
        Screen { buffer, cursor, hits }
    }
}

pub fn entry(index: u64, kind: &str, text: &str, from: (&str, &str, &str), ago: i64) -> MessageDto {
    MessageDto {
        index,
        kind: kind.into(),
        text: Some(text.into()),
        from: ParticipantDto {
            kind: from.0.into(),
            nickname: from.1.into(),
            participant_id: from.2.into(),
            ..ParticipantDto::default()
        },
        visibility: "All".into(),
        timestamp_seconds: NOW.0 / 1000 - ago,
        ..MessageDto::default()
    }
}

pub fn customer(index: u64, text: &str, ago: i64) -> MessageDto {
    entry(index, "Text", text, ("Customer", "x", "them"), ago)
}

pub fn agent(index: u64, text: &str, ago: i64) -> MessageDto {
    entry(index, "Text", text, ("Agent", "Ana", "me"), ago)
}

pub fn colleague(index: u64, text: &str, ago: i64) -> MessageDto {
    entry(index, "Text", text, ("Agent", "Ben", "ben"), ago)
}

pub fn status(index: u64, of: i64, word: &str, reason: &str) -> MessageDto {
    let mut dto = entry(index, "CustomNotice", "", ("External", "", ""), 0);
    dto.user_data = [("wa.kind", "status"), ("wa.status", word), ("wa.reason", reason)].into_iter().collect();
    dto.user_data.set("wa.of", of);
    dto
}

pub fn typing(index: u64) -> MessageDto {
    entry(index, "TypingStarted", "", ("Customer", "x", "them"), 0)
}
