//! The line of keys: it names none that would do nothing.

use crate::desk::{Desk, NOW, agent, customer, status};
use crate::parties::shared;
use crate::supervise::overseen;
use crate::workbins::parked;
use deskline::app::core::key::Key;
use deskline::app::core::msg::Link;
use deskline::app::{Effect, What};
use deskline::domain::Millis;

/// The named keys, with their words. Arrows and letters stand for more than one key.
fn named(desk: &Desk) -> Vec<(String, String)> {
    let screen = desk.draw().text();
    let row = usize::from(desk.state.layout().hints.y);
    let line = screen.lines().nth(row).unwrap_or_default().to_owned();
    let hints = line.split("   ").map(str::trim).filter(|hint| !hint.is_empty());
    let pairs = hints.filter_map(|hint| hint.split_once(' '));
    let one = pairs.filter(|(key, words)| Key::parse(&long(key)).is_ok() && !words.starts_with('↑'));
    one.filter(|(key, _)| !"↑→".contains(*key)).map(|(key, words)| (long(key), words.to_owned())).collect()
}

fn long(key: &str) -> String {
    key.strip_prefix('^').map_or_else(|| key.to_owned(), |rest| format!("Ctrl+{rest}"))
}

/// The visible rows, without the notices.
fn seen(desk: &Desk) -> Vec<String> {
    let bar = desk.state.layout().status;
    let rows = desk.draw().text();
    let below = rows.lines().skip(usize::from(bar.y + bar.height)).map(str::to_owned);
    below.collect()
}

fn lost(desk: &mut Desk) {
    desk.does(What::Link(Link::Lost { reason: "cut".into(), retry_at: Millis(NOW.0 + 9000) }));
}

fn failed() -> Desk {
    let mut desk = Desk::empty(200, 30);
    desk.session("s1", "Lucía", "34600000101", &[]);
    desk.says("s1", &[customer(1, "hola", 60), agent(2, "hola", 50), status(3, 2, "failed", "no phone")]);
    desk
}

type Made = (&'static str, fn() -> Desk);

const MODES: &[Made] = &[
    ("no session", || Desk::empty(200, 30)),
    ("three sessions", || Desk::busy(200, 30, 2)),
    ("one session", failed),
    ("closed reply window", || {
        let mut desk = failed();
        desk.later(22 * 3600);
        desk
    }),
    ("a draft", || {
        let mut desk = Desk::busy(200, 30, 0);
        desk.types("half a sentence");
        desk
    }),
    ("without a connection", || {
        let mut desk = Desk::busy(200, 30, 1);
        lost(&mut desk);
        desk
    }),
    ("no session, without a connection", || {
        let mut desk = Desk::empty(200, 30);
        lost(&mut desk);
        desk
    }),
    ("a colleague beside", || shared(200, 30, "All", &[("Kate", "All")])),
    ("a colleague is consulted", || shared(200, 30, "All", &[("Kate", "Agent")])),
    ("asked for advice", || shared(200, 30, "Agent", &[("Kate", "All")])),
    ("for colleagues", || {
        let mut desk = shared(200, 30, "All", &[("Kate", "All")]);
        desk.key("Alt+G");
        desk
    }),
    ("parked sessions", || parked(200, 30, 2)),
    ("the workbin", || {
        let mut desk = parked(200, 30, 2);
        desk.key("Alt+V");
        desk
    }),
    ("monitoring", || overseen(200, 30, "Monitor", "Supervisor")),
    ("coaching", || overseen(200, 30, "Coach", "Agent")),
    ("barged in", || overseen(200, 30, "BargeIn", "All")),
    ("monitoring without a connection", || {
        let mut desk = overseen(200, 30, "Monitor", "Supervisor");
        lost(&mut desk);
        desk
    }),
    ("a supervisor without a session", || {
        let mut desk = Desk::empty(200, 30);
        if let Some(me) = &mut desk.state.me {
            me.oversees = true;
        }
        desk
    }),
    ("the palette", || {
        let mut desk = Desk::busy(200, 30, 0);
        desk.key("Ctrl+K");
        desk
    }),
    ("an empty list", || {
        let mut desk = Desk::busy(200, 30, 0);
        desk.key("Ctrl+K");
        desk.types("zzzzqqq");
        desk
    }),
    ("help", || {
        let mut desk = Desk::busy(200, 30, 0);
        desk.key("F1");
        desk
    }),
    ("a note", || {
        let mut desk = Desk::busy(200, 30, 0);
        desk.key("F7");
        desk
    }),
    ("a question", || {
        let mut desk = Desk::busy(200, 30, 0);
        desk.key("F10");
        desk
    }),
    ("a search", || {
        let mut desk = Desk::busy(200, 30, 0);
        desk.key("Ctrl+F");
        desk.types("pedido");
        desk.key("Enter");
        desk
    }),
];

#[test]
fn a_hinted_key_does_something_in_every_mode() {
    for (mode, make) in MODES {
        let keys = named(&make());
        assert!(!keys.is_empty(), "{mode}: nothing is named");
        for (key, words) in keys {
            let mut desk = make();
            let before = seen(&desk);
            let wanted: Vec<Effect> = desk.key_effects(&key);
            let typed = key == "/" && desk.state.session().is_some_and(|s| s.draft.text().starts_with('/'));
            assert!(
                !wanted.is_empty() || seen(&desk) != before || typed,
                "{mode}: {key} {words} does nothing"
            );
        }
    }
}

#[test]
fn keys_that_need_a_connection_are_not_hinted_without_one() {
    let mut desk = Desk::busy(200, 30, 0);
    let has = |desk: &Desk, words: &str| named(desk).iter().any(|(_, hint)| hint == words);
    assert!(has(&desk, "done") && has(&desk, "transfer"));
    lost(&mut desk);
    assert!(!has(&desk, "done") && !has(&desk, "transfer") && !has(&desk, "responses"));
    assert!(has(&desk, "keys") && has(&desk, "search"));
}

#[test]
fn what_failed_is_hinted_with_keys_that_work() {
    let desk = failed();
    assert!(desk.draw().find("not delivered · Alt+R sends it again · Alt+T takes it back").is_some());
    let mut offline = failed();
    lost(&mut offline);
    assert!(offline.draw().find("not delivered · Alt+T takes it back").is_some());
}
