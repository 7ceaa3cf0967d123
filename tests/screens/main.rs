//! Screens as people see them: drawn from a state that was made by what happened, and compared whole.
//!
//! Owns: the desk that the tests make ([`desk`]), and a file a part of the screen. `BLESS=1 INSTA_UPDATE=always
//! cargo test --test screens` writes anew what is compared.

/// Compares a screen with the one that is kept under that name.
macro_rules! snapshot {
    ($name:expr, $screen:expr) => {
        insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!($name, $screen);
        });
    };
}

mod case;
mod contacts;
mod desk;
mod form;
mod hints;
mod lock;
mod monitor;
mod older;
mod options;
mod parties;
mod pictures;
mod reach;
mod responses;
mod sight;
mod status;
mod supervise;
mod targets;
mod workbins;

use desk::{Desk, NOW, Screen, agent, colleague, customer, entry, status, typing};
use deskline::app::core::layer::{Confirm, ConfirmAction, Layer};
use deskline::app::core::msg::{ClickTarget, Link, Mouse};
use deskline::app::core::notice::Level;
use deskline::app::{Action, Msg, What, update};
use deskline::domain::Millis;
use deskline::ui::{Theme, dump};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use ratatui::style::Color;

#[test]
fn a_shift_at_80x24() {
    let mut desk = Desk::busy(80, 24, 2);
    desk.says("s1", &[typing(8)]);
    desk.types("Su pedido sale hoy");
    snapshot!("desk_80x24", desk.draw().styled());
}

#[test]
fn a_shift_at_120x32() {
    let mut desk = Desk::busy(120, 32, 1);
    desk.says("s1", &[typing(8)]);
    desk.types("Su pedido sale hoy");
    snapshot!("desk_120x32", desk.draw().styled());
}

#[test]
fn a_shift_at_200x50() {
    let mut desk = Desk::busy(200, 50, 5);
    desk.does(What::Trouble("the log could not be written".into()));
    snapshot!("desk_200x50", desk.draw().styled());
}

#[test]
fn a_shift_at_40x10() {
    let mut desk = Desk::busy(40, 10, 3);
    desk.types("Su pedido");
    snapshot!("desk_40x10", desk.draw().styled());
}

#[test]
fn every_kind_of_message_at_80x24() {
    let mut desk = Desk::empty(80, 24);
    desk.session("s1", "Lucía Fernández", "34600000101", &[]);
    let mut note = colleague(6, "pregunta en el almacén antes de prometer nada", 150);
    note.visibility = "Agent".into();
    let mut answer = agent(4, "Lo reviso", 200);
    answer.user_data.set("wa.quotes", 1);
    let mut picture = entry(3, "CustomNotice", "", ("Customer", "x", "them"), 250);
    picture.user_data = [
        ("wa.kind", "media"),
        ("wa.media-type", "image"),
        ("wa.media-name", "recibo.jpg"),
        ("wa.media-caption", "el _recibo_"),
    ]
    .into_iter()
    .collect();
    desk.says(
        "s1",
        &[
            customer(1, "*Hola*, mira `A-12` y ~no~ _sí_: https://shop.example", 300),
            entry(2, "ParticipantJoined", "", ("Agent", "Ben", "ben"), 290),
            picture,
            answer,
            status(5, 4, "failed", "outside the 24 h window"),
            note,
            colleague(7, "Hola, soy Ben", 120),
            status(8, 7, "read", ""),
            customer(9, "مرحبا، أين طلبي رقم 48213؟", 100),
            entry(10, "Notice", "the session was transferred by Ben", ("External", "", ""), 90),
        ],
    );
    desk.types("va en camino");
    desk.key("Enter");
    desk.does(What::Link(Link::Lost { reason: "timed out".into(), retry_at: Millis(NOW.0 + 3500) }));
    desk.types("hola?");
    desk.key("Enter");
    snapshot!("messages_80x24", desk.draw().styled());
}

#[test]
fn the_layers_at_80x24() {
    let mut desk = Desk::busy(80, 24, 0);
    for (name, key) in
        [("help", "F1"), ("palette", "Ctrl+K"), ("status", "F4"), ("note", "F7"), ("notices", "F9")]
    {
        desk.state.layers.clear();
        desk.key(key);
        if name == "palette" {
            desk.types("ses");
        }
        insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(format!("layer_{name}_80x24"), desk.draw().text());
        });
    }
    desk.state.layers.clear();
    desk.key("F10");
    snapshot!("layer_confirm_80x24", desk.draw().styled());
}

fn layers() -> Vec<Layer> {
    let mut desk = Desk::busy(80, 24, 2);
    let mut layers = vec![
        Layer::Help(0),
        Layer::Help(usize::MAX / 2),
        Layer::Notices(3),
        Layer::Case(0),
        Layer::Confirm(Confirm { text: "Quit? Enter does it; Esc stays.".into(), then: ConfirmAction::Quit }),
    ];
    layers.push(form::every_kind());
    layers.extend(case::layers());
    layers.extend(contacts::layers());
    for key in ["Ctrl+K", "Ctrl+G", "F4", "F7", "Ctrl+F", "Alt+L", "Ctrl+T"] {
        desk.key(key);
        layers.extend(desk.state.layers.pop());
    }
    let mut desk = parties::shared(80, 24, "All", &[("Kate", "Agent")]);
    desk.key("Alt+G");
    desk.types("x");
    desk.key("Alt+G");
    layers.extend(desk.state.layers.pop());
    layers.extend(workbins::layers());
    layers.extend(status::layers());
    layers.extend(reach::layers());
    layers.extend(responses::layer(&mut desk));
    layers
}

/// Sizes from nothing to larger than what has all panes: every small one, and both sides of each size
/// from which something is drawn another way.
fn sizes() -> impl Iterator<Item = (u16, u16)> {
    let widths = (0..=16).chain([23, 39, 40, 41, 49, 50, 51, 59, 60, 79, 80, 99, 100, 117, 118, 130]);
    widths.flat_map(|width| (0..=13).chain([16, 23, 24, 32, 45]).map(move |height| (width, height)))
}

fn rich() -> Desk {
    let mut desk = Desk::busy(0, 0, 5);
    desk.says("s1", &[customer(8, "日本語 👩‍👩‍👧‍👦 ".repeat(30).as_str(), 5)]);
    desk.types("draft");
    desk
}

#[test]
fn an_accepted_invitation_says_so_until_the_server_answers() {
    let mut desk = Desk::busy(80, 24, 2);
    let before = dump::text(&desk.draw().buffer);
    desk.key("F2");
    let after = dump::text(&desk.draw().buffer);
    assert!(
        before.contains("accept F2") && !after.contains("accept F2") && after.contains("accepting…"),
        "{after}"
    );
}

#[test]
fn every_size_is_drawn() {
    let mut desks = [Desk::empty(0, 0), rich()];
    for (width, height) in sizes() {
        for desk in &mut desks {
            desk.does(What::Resize(width, height));
            inside(&desk.draw_in(width, height), width, height);
        }
    }
}

#[test]
fn small_and_large_sizes_are_drawn_under_every_layer() {
    let mut desk = rich();
    let layers = layers();
    for (width, height) in sizes().step_by(3) {
        desk.does(What::Resize(width, height));
        // Small sizes are where a layer has no room; beyond, each size gets one of them.
        let small = width < 8 || height < 6 || (48..=51).contains(&width) && height < 12;
        let place = usize::from(width) + usize::from(height) * 3;
        let some = if small { layers.len() } else { 1 };
        for layer in layers.iter().cycle().skip(place % layers.len()).take(some) {
            desk.state.layers = vec![layer.clone()];
            inside(&desk.draw_in(width, height), width, height);
        }
    }
}

fn inside(screen: &Screen, width: u16, height: u16) {
    if let Some(at) = screen.cursor {
        assert!(at.x < width && at.y < height, "{width}x{height}: cursor at {at:?}");
    }
    // Looking at every cell takes longer than drawing it; every seventh size is looked at.
    if (width + height).is_multiple_of(7) {
        grid(&screen.buffer);
    }
}

/// Every row is exactly as wide as the screen: nothing a message holds moves what stands beside it.
fn grid(buffer: &Buffer) {
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            assert!(!symbol.contains(char::is_control), "a control at {x},{y}: {symbol:?}");
            let width = deskline::text::width::str_width(symbol);
            assert!(width >= 1, "nothing at {x},{y}: {symbol:?}");
            for covered in x + 1..x + width {
                assert_eq!(buffer[(covered, y)].symbol(), " ", "under a wide cluster at {covered},{y}");
            }
            x += width;
        }
        assert_eq!(x, buffer.area.width, "row {y} has a wide cluster over the edge");
    }
}

#[test]
fn a_terminal_smaller_than_the_state_believes_is_drawn() {
    let desk = Desk::busy(120, 32, 3);
    for (width, height) in [(0, 0), (10, 3), (119, 31)] {
        desk.draw_in(width, height);
    }
}

#[test]
fn hostile_text_stays_in_its_cells() {
    let zalgo = format!("z{}", "\u{0301}".repeat(300));
    let hostile = [
        "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m",
        "\u{202e}evil\u{202c} שלום (עולם) abc 123",
        &zalgo,
        "👩‍👩‍👧‍👦🏳️‍🌈🇧🇷1️⃣☎️👍🏽",
        "ｶﾞｷﾞ\u{200b}\u{e000}\u{fe0e}☎\u{fe0e}",
        "a\tb\rc\u{0}d\u{2028}e",
    ];
    for (width, height) in [(120, 32), (80, 24), (40, 10), (7, 9)] {
        let mut desk = Desk::empty(width, height);
        for (i, text) in hostile.iter().enumerate() {
            let id = format!("h{i}");
            desk.session(&id, text, text, &[(text, text)]);
            desk.says(&id, &[customer(1, text, 10), agent(2, text, 5)]);
            desk.offer(&format!("o{i}"), text, text, text, text, 9000);
            desk.key(&format!("Alt+{}", i + 1));
            desk.does(What::Paste((*text).to_owned()));
            desk.does(What::Trouble((*text).to_owned()));
            grid(&desk.draw().buffer);
            desk.key("F4");
            desk.does(What::Paste((*text).to_owned()));
            grid(&desk.draw().buffer);
            desk.key("Esc");
        }
        assert!(!desk.draw().text().contains('\u{1b}'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_of_anybody_keeps_the_grid(text in any::<String>(), width in 1_u16..130, height in 1_u16..30) {
        let mut desk = Desk::empty(width, height);
        desk.session("s", &text, "1", &[(&text, &text)]);
        desk.says("s", &[customer(1, &text, 10)]);
        desk.does(What::Paste(text));
        grid(&desk.draw().buffer);
    }
}

#[test]
fn a_layer_over_wide_text_keeps_the_grid() {
    let mut desk = Desk::empty(81, 24);
    desk.session("s", "日本語", "1", &[]);
    let lines: Vec<_> =
        (1..40).map(|i| customer(i, &format!("{}日本語の長い文", "a".repeat((i % 2) as usize)), 9)).collect();
    desk.says("s", &lines);
    for key in ["F4", "F1"] {
        desk.key(key);
        let screen = desk.draw();
        grid(&screen.buffer);
        for y in 0..24 {
            let symbol = |x| screen.buffer[(x, y)].symbol();
            // No wide cluster may reach into the left edge of the box.
            if let Some(left) = (1..40).find(|x| matches!(symbol(*x), "│" | "┌" | "└")) {
                assert_eq!(deskline::text::width::str_width(symbol(left - 1)), 1);
            }
        }
        desk.key("Esc");
    }
}

#[test]
fn what_is_over_the_limit_is_counted_under_the_messages() {
    let mut desk = Desk::busy(80, 24, 0);
    desk.does(What::Paste("ñ".repeat(2054)));
    let screen = desk.draw();
    let (_, y) = screen.find("12 bytes over the limit of 4096: not sent").unwrap();
    assert_eq!(y, desk.state.layout().strip.y);
    assert!(screen.text().contains("4108 / 4096 B"));
}

#[test]
fn the_cursor_stands_where_the_draft_is_written() {
    let mut desk = Desk::busy(80, 24, 0);
    let input = desk.state.layout().input;
    assert_eq!(desk.draw().cursor, Some(Position::new(3, input.y)));
    desk.types("日本");
    assert_eq!(desk.draw().cursor, Some(Position::new(7, input.y)));
    desk.key("Left");
    assert_eq!(desk.draw().cursor, Some(Position::new(5, input.y)));
    desk.key("Alt+Enter");
    desk.types("x");
    let input = desk.state.layout().input;
    assert_eq!((input.height, desk.draw().cursor), (2, Some(Position::new(4, input.y + 1))));
}

#[test]
fn the_cursor_goes_to_the_input_of_a_layer() {
    let mut desk = Desk::busy(80, 24, 0);
    desk.key("Ctrl+K");
    desk.types("do");
    let screen = desk.draw();
    let (x, y) = screen.find("› do").unwrap();
    assert_eq!(screen.cursor, Some(Position::new(x + 4, y)));
}

#[test]
fn a_new_size_keeps_the_message_that_is_read() {
    let mut desk = Desk::empty(120, 32);
    desk.session("s", "Lucía", "34600000101", &[]);
    let lines: Vec<_> = (1..200)
        .map(|i| customer(i, &format!("message number {i} {}", "and more words ".repeat(6)), 9))
        .collect();
    desk.says("s", &lines);
    desk.key("PageUp");
    desk.key("PageUp");
    // The list of sessions shows last words too.
    let messages = |screen: &Screen| {
        let text = screen.text();
        text.lines()
            .map(|line| line.split_once('│').map_or(line, |(_, rest)| rest).to_owned() + "\n")
            .collect::<String>()
    };
    // The first row of a message stands at the top.
    let first = |desk: &Desk| {
        let y = desk.state.layout().transcript.y;
        messages(&desk.draw()).lines().nth(y.into()).is_some_and(|row| row.contains("number "))
    };
    while !first(&desk) {
        desk.key("Shift+Up");
    }
    let top = |desk: &Desk| {
        let screen = desk.draw();
        let text = messages(&screen);
        let row = text.lines().nth(desk.state.layout().transcript.y.into()).unwrap().to_owned();
        row.split("number ").nth(1).and_then(|rest| rest.split(' ').next().map(str::to_owned))
    };
    let before = top(&desk);
    assert!(before.is_some());
    for (width, height) in [(200, 50), (150, 40), (120, 32)] {
        desk.does(What::Resize(width, height));
        assert_eq!(top(&desk), before);
    }
    desk.says("s", &[customer(200, "new", 1), customer(201, "newer", 1)]);
    assert_eq!(top(&desk), before);
    assert!(desk.draw().text().contains("2 new ↓"));
}

#[test]
fn a_search_shows_where_the_words_are() {
    let mut desk = Desk::busy(80, 24, 0);
    desk.key("Ctrl+F");
    desk.types("pedido");
    desk.key("Enter");
    let screen = desk.draw();
    assert!(screen.text().contains("“pedido” 1 of 1"));
    let (x, y) = screen.find("pedido *no").unwrap();
    assert_eq!(screen.buffer[(x, y)].fg, Color::Yellow);
    assert_ne!(screen.buffer[(x - 1, y)].fg, Color::Yellow);
}

#[test]
fn commands_and_emoji_are_offered_while_they_are_written() {
    let mut desk = Desk::busy(80, 24, 0);
    desk.types("/no");
    let text = desk.draw().text();
    assert!(
        text.contains("/note TEXT") && text.contains("/notready [REASON]") && text.contains(" command "),
        "{text}"
    );
    desk.types("tr");
    assert!(desk.draw().text().contains("take no new sessions"));
    desk.key("Ctrl+U");
    desk.types("ok :smi");
    assert!(desk.draw().text().contains("Tab 😄 smile"));
}

#[test]
fn what_can_be_clicked_is_found() {
    let mut desk = Desk::busy(120, 32, 2);
    let screen = desk.draw();
    let at = |screen: &Screen, words: &str| {
        let (x, y) = screen.find(words).unwrap_or_else(|| panic!("{words} in\n{}", screen.text()));
        screen.hits.at(x, y)
    };
    assert_eq!(at(&screen, "Karim"), Some(ClickTarget::Session(1)));
    assert_eq!(at(&screen, "accept F2"), Some(ClickTarget::Accept(0)));
    assert_eq!(at(&screen, "reject F3"), Some(ClickTarget::Reject(0)));
    assert_eq!(at(&screen, "Omar"), None);
    desk.does(What::Resize(80, 24));
    let screen = desk.draw();
    assert_eq!(at(&screen, "3 Customer 0142"), Some(ClickTarget::Session(2)));
    desk.key("F4");
    let screen = desk.draw();
    assert_eq!(at(&screen, "After Call Work"), Some(ClickTarget::Pick(3)));
    // What is under a layer cannot be clicked; invitations are above it.
    assert_eq!(at(&screen, "3 Customer 0142"), None);
    assert_eq!(at(&screen, "accept F2"), Some(ClickTarget::Accept(0)));
    desk.does(What::Mouse(Mouse::Click(ClickTarget::Pick(3))));
    assert!(desk.state.layers.is_empty());
}

#[test]
fn mono_distinguishes_everything_without_colour() {
    let mut desk = Desk::busy(120, 32, 5);
    desk.look.theme = Theme::mono();
    desk.does(What::Trouble("something".into()));
    desk.types("/x");
    for layer in std::iter::once(None).chain(layers().into_iter().map(Some)) {
        desk.state.layers = layer.into_iter().collect();
        let buffer = desk.draw().buffer;
        assert!(buffer.content().iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    }
    desk.state.layers.clear();
    let text = desk.draw().text();
    for mark in ["◉!", "◐", "●", "▸", "▌", "⚠ something"] {
        assert!(text.contains(mark), "{mark}");
    }
}

#[test]
fn no_theme_sets_black_or_white_text() {
    for theme in [Theme::dark(), Theme::light(), Theme::high_contrast(), Theme::mono()] {
        let mut desk = Desk::busy(120, 32, 5);
        desk.look.theme = theme;
        for cell in desk.draw().buffer.content() {
            assert!(!matches!(cell.fg, Color::Black | Color::White | Color::Rgb(..) | Color::Indexed(_)));
        }
    }
}

#[test]
fn an_idle_screen_does_not_change_between_its_moments() {
    let mut desk = Desk::busy(120, 32, 2);
    desk.state.notices.push(NOW, Level::Good, "saved");
    for _ in 0..40 {
        let before = desk.draw().buffer;
        let next = desk.state.next_wake().unwrap();
        let almost = Msg { at: Millis(next.0 - 1), what: What::Wake };
        drop(update(&mut desk.state, almost));
        assert_eq!(desk.draw().buffer, before, "something changed before {next:?}");
        drop(update(&mut desk.state, Msg { at: next, what: What::Wake }));
    }
}

#[test]
fn the_reply_window_counts_hours_then_minutes() {
    let mut desk = Desk::busy(120, 32, 0);
    let moments = [
        (0, "21 h"),
        (14 * 60, "20 h"),
        (20 * 3600 + 14 * 60, "59 min"),
        (21 * 3600, "13 min"),
        (21 * 3600 + 13 * 60 + 1, "under 1 min"),
        (21 * 3600 + 14 * 60, "closed"),
    ];
    for (seconds, words) in moments {
        desk.later(seconds);
        let text = desk.draw().text();
        assert!(text.contains(&format!("reply window {words}  ")), "{seconds}: {words}\n{text}");
    }
}

#[test]
fn without_a_session_the_screen_says_what_to_do() {
    let mut desk = Desk::empty(80, 24);
    assert!(desk.draw().text().contains("You are Ready"));
    desk.channel("NotReady", Some("LUNCH"));
    let text = desk.draw().text();
    assert!(text.contains("Not Ready (Lunch)") && text.contains("F4 changes your status"), "{text}");
    desk.offer("i", "Omar", "1", "hi", "Billing", 5000);
    assert!(desk.draw().text().contains("F2 accepts"));
    desk.does(What::Link(Link::Lost { reason: "x".into(), retry_at: Millis(NOW.0 + 4000) }));
    assert!(desk.draw().text().contains("offline, again in 4 s"));
    // The change to Not Ready was shown before.
    desk.key("Esc");
    desk.key("Esc");
    let text = desk.draw().text();
    assert!(text.contains("offline, again in 4 s") && text.contains("reconnects automatically"), "{text}");
    desk.does(What::Link(Link::Stopped {
        reason: "Somebody signed in with your name.".into(),
        signed_out: false,
    }));
    assert!(desk.draw().text().contains("F10 quits"));
}

#[test]
fn keys_on_the_screen_are_those_in_force() {
    let mut desk = Desk::busy(80, 24, 1);
    desk.state.settings.keymap =
        deskline::app::core::keymap::Keymap::new([("accept", vec!["F11"]), ("done", vec!["F12"])]).0;
    let text = desk.draw().text();
    assert!(
        text.contains("accept F11") && text.contains("F12 done") && !text.contains("accept F2"),
        "{text}"
    );
    assert_eq!(desk.state.settings.keymap.hint(Action::Accept), "F11");
}

#[test]
fn more_sessions_than_rows_keep_the_shown_one_in_view() {
    for (width, height) in [(120, 14), (80, 24), (40, 10)] {
        let mut desk = Desk::empty(width, height);
        for i in 1..=9 {
            desk.session(&format!("s{i}"), &format!("Name{i}"), "1", &[]);
        }
        for i in 1..=9 {
            desk.key(&format!("Alt+{i}"));
            let text = desk.draw().text();
            assert!(text.contains(&format!("▌{i} Name{i}")), "{width}x{height} {i}\n{text}");
        }
    }
}
