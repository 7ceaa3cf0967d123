//! The supervisor's console.

use crate::desk::{NOW, Screen, agent, customer, status};
use crate::inside;
use deskline::app::core::key::{Code, Key};
use deskline::app::monitor::{
    Monitor, MonitorEffect, MonitorEvent, MonitorLink, MonitorMsg, MonitoringCounts, update,
};
use deskline::domain::Millis;
use deskline::domain::pending::Thresholds;
use deskline::proto::media::{LogPage, LogQuery, MessageDto};
use deskline::proto::watch::{Alert, LiveAgent, LivePage, LiveQueue, LiveSession, Today};
use deskline::text::bidi::Bidi;
use deskline::ui::{HitMap, Look, Theme, draw_monitor};
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

pub struct MonitorScreen {
    pub state: Monitor,
    look: Look,
}

fn session(
    id: &str,
    who: (&str, &str),
    with: (Option<&str>, &str),
    waits: Option<i64>,
    last: u64,
) -> LiveSession {
    let ago = |seconds: i64| Millis(NOW.0 - seconds * 1000).to_rfc3339();
    LiveSession {
        id: id.into(),
        state: with.1.to_owned(),
        agent: with.0.map(str::to_owned),
        queue: "orders".to_owned(),
        customer: who.0.to_owned(),
        number: Some(who.1.to_owned()),
        started: ago(3600),
        waiting_since: waits.map(ago),
        window_ends: Some(ago(-20 * 3600)),
        last: "…".to_owned(),
        last_index: last,
        ..LiveSession::default()
    }
}

fn page() -> LivePage {
    let person = |id: &str, name: &str, state: &str, sessions| LiveAgent {
        id: id.to_owned(),
        name: name.to_owned(),
        state: state.to_owned(),
        sessions,
        capacity: 4,
        ..LiveAgent::default()
    };
    let queue = |name: &str, shown: &str, waiting| LiveQueue {
        name: name.to_owned(),
        display_name: shown.to_owned(),
        waiting,
        ..LiveQueue::default()
    };
    LivePage {
        next: 100,
        whole: true,
        sessions: vec![
            session("s1", ("Lucía Fernández", "34600000101"), (Some("ana"), "Processing"), Some(330), 4),
            session("s2", ("Karim Haddad", "212600000012"), (Some("ana"), "Processing"), None, 2),
            session("s3", ("李小龙", "8613800000000"), (Some("ben"), "Invited"), Some(45), 1),
            session("s4", ("مريم", "966500000000"), (None, "Queued"), Some(12), 1),
            session("s5", ("", "4915100000000"), (Some("ben"), "InWorkbin"), None, 3),
        ],
        gone: Vec::new(),
        agents: vec![
            person("ana", "Ana Ruiz", "Ready", 2),
            person("ben", "Ben Okafor", "Ready", 1),
            person("zoe", "Zoe Blanc", "Not Ready", 0),
        ],
        queues: vec![queue("orders", "Orders", 2), queue("billing", "Billing", 0)],
        today: Today {
            started: 41,
            answered: 38,
            in_time: 35,
            done: 33,
            received: 210,
            sent: 190,
            failed: 1,
            threshold: 60,
            arrivals: vec![0, 1, 2, 4, 8, 3, 2, 1, 0, 1, 2, 5],
            answers: vec![0, 1, 2, 3, 8, 4, 2, 1, 0, 1, 2, 4],
            replied: 38,
            replied_in_time: 35,
            missed: 3,
            replies: vec![0, 1, 2, 3, 8, 4, 2, 1, 0, 1, 2, 4],
        },
        alerts: Vec::new(),
    }
}

impl MonitorScreen {
    fn empty(width: u16, height: u16) -> Self {
        let look = Look { theme: Theme::dark(), bidi: Bidi::App };
        Self { state: Monitor::new(TimeZone::UTC, (width, height), NOW), look }
    }

    /// Five sessions, as they stand, and what is said in the first of them.
    pub fn busy(width: u16, height: u16) -> Self {
        let mut monitor = Self::empty(width, height);
        monitor.does(MonitorEvent::Link(MonitorLink::Online));
        monitor.does(MonitorEvent::Live(Box::new(page())));
        monitor.says(
            "s1",
            &[
                customer(1, "Hola, ¿siguen abiertos?", 600),
                agent(2, "Sí, hasta las ocho.", 500),
                status(3, 2, "read", ""),
                customer(
                    4,
                    "Entonces mi pedido *no llega* y el enlace https://shop.example/p/48213 no funciona",
                    330,
                ),
            ],
        );
        monitor
    }

    fn does(&mut self, what: MonitorEvent) -> Vec<MonitorEffect> {
        update(&mut self.state, MonitorMsg { at: NOW, what }).into_iter().collect()
    }

    fn says(&mut self, id: &str, messages: &[MessageDto]) {
        let page = LogPage { messages: messages.to_vec(), ..LogPage::default() };
        self.does(MonitorEvent::Log { id: id.into(), part: LogQuery::NEWEST, result: Ok(page) });
    }

    fn key(&mut self, name: &str) {
        match Key::parse(name) {
            Ok(key) => drop(self.does(MonitorEvent::Key(key))),
            Err(problem) => assert_eq!(problem, "", "{name} is no key"),
        }
    }

    fn types(&mut self, text: &str) {
        for c in text.chars() {
            self.does(MonitorEvent::Key(Key::plain(Code::Char(c))));
        }
    }

    /// Four pinned sessions.
    fn pinned(width: u16, height: u16) -> Self {
        let mut monitor = Self::busy(width, height);
        for (id, words) in [
            ("s1", "uno"),
            ("s3", "你好，我的包裹在哪里？"),
            ("s4", "مرحبا، أين طلبي؟"),
            ("s2", "merci beaucoup"),
        ] {
            monitor.key("F2");
            monitor.says(id, &[customer(1, words, 200)]);
            monitor.key("Down");
        }
        monitor
    }

    fn draw(&self) -> Screen {
        let (width, height) = self.state.size;
        self.draw_in(width, height)
    }

    fn draw_in(&self, width: u16, height: u16) -> Screen {
        let Ok(mut terminal) = Terminal::new(TestBackend::new(width, height));
        let Ok(_) = terminal.draw(|frame| draw_monitor(&self.state, &self.look, frame));
        let mut cursor = None;
        if terminal.backend().cursor_visible() {
            cursor = Some(terminal.backend().cursor_position());
        }
        Screen { buffer: terminal.backend().buffer().clone(), cursor, hits: HitMap::default() }
    }
}

#[test]
fn a_floor_at_every_usual_size() {
    snapshot!("monitor_80x24", MonitorScreen::busy(80, 24).draw().styled());
    snapshot!("monitor_120x32", MonitorScreen::busy(120, 32).draw().styled());
    snapshot!("monitor_200x50", MonitorScreen::busy(200, 50).draw().styled());
    snapshot!("monitor_40x10", MonitorScreen::busy(40, 10).draw().styled());
}

#[test]
fn four_pinned_sessions_stand_side_by_side() {
    snapshot!("monitor_pinned_120x32", MonitorScreen::pinned(120, 32).draw().text());
    snapshot!("monitor_pinned_200x50", MonitorScreen::pinned(200, 50).draw().text());
    snapshot!("monitor_pinned_80x24", MonitorScreen::pinned(80, 24).draw().text());
}

#[test]
fn the_chosen_session_is_shown_beside_the_pins() {
    let mut monitor = MonitorScreen::pinned(200, 50);
    monitor.says("s5", &[customer(1, "ich bin gewählt", 100)]);
    assert!(monitor.draw().find("ich bin gewählt").is_some(), "{}", monitor.draw().text());
    monitor.key("Up");
    assert!(monitor.draw().find("ich bin gewählt").is_none(), "a pinned one is chosen: it has its pane");
}

#[test]
fn the_longest_wait_is_lit_beyond_the_threshold_only() {
    let mut monitor = MonitorScreen::busy(120, 32);
    assert!(monitor.draw().find("◉! longest wait 5 min").is_some());
    let late = |minutes: u64| std::time::Duration::from_secs(minutes * 60);
    monitor.does(MonitorEvent::Thresholds(Thresholds { warning: late(4), maximum: late(6) }));
    let screen = monitor.draw();
    assert!(screen.find("◉! longest").is_none() && screen.find("longest wait 5 min").is_some());
}

#[test]
fn columns_have_headings_where_there_is_room() {
    for (width, height, headings) in
        [(80, 24, true), (120, 32, true), (200, 50, true), (40, 10, true), (40, 6, false)]
    {
        let screen = MonitorScreen::busy(width, height).draw();
        let found = ["Agent", "Customer", "Waits"].iter().all(|word| screen.find(word).is_some());
        assert_eq!(found, headings, "{}", screen.text());
    }
}

#[test]
fn filter_whole_screen_help_and_palette() {
    let mut monitor = MonitorScreen::busy(80, 24);
    monitor.types("orders ana");
    snapshot!("monitor_filter_80x24", monitor.draw().styled());
    monitor.types(" nobody");
    snapshot!("monitor_nothing_fits_80x24", monitor.draw().text());
    monitor.key("Enter");
    assert!(
        monitor.draw().text().contains("No session matches the filter"),
        "the whole screen of nothing says why"
    );
    monitor.key("Esc");
    snapshot!("monitor_whole_screen_80x24", monitor.draw().text());
    monitor.key("F1");
    snapshot!("monitor_help_80x24", monitor.draw().text());
    monitor.key("Esc");
    monitor.key("Ctrl+K");
    monitor.types("pin");
    snapshot!("monitor_palette_80x24", monitor.draw().text());
}

#[test]
fn trouble_of_the_account_has_a_line_of_its_own() {
    for (width, height) in [(80, 24), (120, 32), (200, 50)] {
        let mut monitor = MonitorScreen::busy(width, height);
        let before = monitor.draw().text();
        let alert = |text: &str| Alert { text: text.to_owned(), ..Alert::default() };
        let alerts = vec![
            alert("the template winter_sale (en) is paused\u{1b}[2J at WhatsApp; it is not offered"),
            alert("renew the token"),
        ];
        monitor.does(MonitorEvent::Live(Box::new(LivePage { alerts, ..page() })));
        let text = monitor.draw().text();
        let line = text
            .lines()
            .find(|line| line.contains("⚠ WhatsApp: the template winter_sale (en) is paused"))
            .unwrap();
        assert!(line.contains("+1 more") && !line.contains('\u{1b}'), "{line}");
        monitor.does(MonitorEvent::Live(Box::new(page())));
        assert_eq!(monitor.draw().text(), before, "it goes when the trouble is over");
    }
}

#[test]
fn the_connection_says_how_it_stands() {
    snapshot!("monitor_connecting_80x24", MonitorScreen::empty(80, 24).draw().text());
    let mut monitor = MonitorScreen::busy(80, 24);
    let reason = "the gateway does not answer".to_owned();
    monitor.does(MonitorEvent::Link(MonitorLink::Lost { reason, retry_at: Millis(NOW.0 + 3500) }));
    snapshot!("monitor_lost_80x24", monitor.draw().text());
    let mut monitor = MonitorScreen::empty(80, 24);
    let reason = "only a supervisor or an administrator may see this".to_owned();
    monitor.does(MonitorEvent::Link(MonitorLink::Stopped { reason }));
    snapshot!("monitor_stopped_80x24", monitor.draw().text());
}

#[test]
fn a_server_without_queues_is_shown_without_zeros() {
    let mut monitor = MonitorScreen::busy(80, 24);
    monitor.does(MonitorEvent::WithoutFeed(MonitoringCounts { monitored: 3, refused: 1 }));
    snapshot!("monitor_plain_80x24", monitor.draw().text());
    assert!(!monitor.draw().text().contains("without an agent"));
}

#[test]
fn every_size_of_the_monitor_is_drawn() {
    let mut monitors =
        [MonitorScreen::empty(0, 0), MonitorScreen::busy(0, 0), MonitorScreen::pinned(120, 32)];
    let widths: Vec<u16> = (0..=16).chain([23, 39, 40, 41, 59, 60, 61, 79, 80, 119, 160]).collect();
    for width in widths {
        for height in (0..=17).chain([23, 24, 32, 45]) {
            for monitor in &mut monitors {
                monitor.does(MonitorEvent::Resize(width, height));
                inside(&monitor.draw_in(width, height), width, height);
                for key in ["F1", "Ctrl+K"] {
                    monitor.key(key);
                    inside(&monitor.draw_in(width, height), width, height);
                    monitor.key("Esc");
                }
            }
        }
    }
}

#[test]
fn a_terminal_smaller_than_the_monitor_believes_is_drawn() {
    let monitor = MonitorScreen::busy(120, 32);
    for (width, height) in [(0, 0), (10, 3), (119, 31)] {
        monitor.draw_in(width, height);
    }
}

#[test]
fn an_idle_monitor_draws_the_same_until_it_is_woken() {
    let mut monitor = MonitorScreen::busy(120, 32);
    let before = monitor.draw().styled();
    assert_eq!(monitor.draw().styled(), before);
    let wake = monitor.state.next_wake().unwrap();
    assert!(wake > NOW);
    drop(update(&mut monitor.state, MonitorMsg { at: Millis(wake.0 - 1), what: MonitorEvent::Wake }));
    assert_eq!(monitor.draw().styled(), before, "nothing changes before the moment it said");
    drop(update(&mut monitor.state, MonitorMsg { at: wake, what: MonitorEvent::Wake }));
    assert_ne!(monitor.draw().styled(), before, "and then something does");
    // Without anybody who waits there is nothing to wake for.
    assert_eq!(MonitorScreen::empty(80, 24).state.next_wake(), None);
}
