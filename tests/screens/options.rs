//! Themes of one's own, what blinks, the emoji of a list, and messages that are held.

use crate::desk::{Desk, NOW, customer};
use deskline::app::What;
use deskline::app::core::settings::Settings;
use deskline::app::features::emoji::Emojis;
use deskline::ui::Theme;
use std::time::Duration;

/// A desk at which messages are held for some seconds, with one of them.
fn holding(width: u16, height: u16) -> Desk {
    let mut desk = Desk::busy(width, height, 0);
    let settings = Settings { undo_send: Duration::from_secs(5), ..desk.state.settings.clone() };
    desk.does(What::Settings { settings: Box::new(settings), restart: Vec::new() });
    desk.key("Esc");
    desk.types("Su pedido sale hoy, llega el martes.");
    desk.key("Enter");
    desk.later(2);
    desk
}

#[test]
fn a_held_message_says_when_it_leaves_at_80x24() {
    let desk = holding(80, 24);
    snapshot!("held_80x24", desk.draw().styled());
}

#[test]
fn a_held_message_says_when_it_leaves_at_120x32() {
    let desk = holding(120, 32);
    snapshot!("held_120x32", desk.draw().text());
}

#[test]
fn the_keys_of_a_held_message_are_those_in_force() {
    let mut desk = holding(120, 32);
    desk.state.settings.keymap = deskline::app::core::keymap::Keymap::new([("take-back", vec!["Ctrl+Y"])]).0;
    let text = desk.draw().text();
    assert!(text.contains("held: ^Y takes it back · Enter sends it now"), "{text}");
}

#[test]
fn a_theme_of_ones_own_at_80x24() {
    let mut desk = Desk::busy(80, 24, 1);
    let mut theme = Theme::dark();
    for (role, look) in
        [("customer", "bold"), ("own", "light-cyan"), ("unread", "black on yellow"), ("bar", "white on blue")]
    {
        theme.set(role, look).unwrap();
    }
    theme.news = theme.unread;
    desk.look.theme = theme;
    snapshot!("own_theme_80x24", desk.draw().styled());
}

#[test]
fn a_new_message_blinks_at_120x32_and_only_its_count() {
    let mut desk = Desk::busy(120, 32, 0);
    desk.look.theme = Theme::dark();
    desk.says("s2", &[customer(4, "encore une question", 1)]);
    snapshot!("blinking_120x32", desk.draw().styled());
    desk.look.theme = Theme::dark().without_blink();
    let still = desk.draw();
    assert!(!still.styled().contains("blink"), "{}", still.styled());
    desk.look.theme = Theme::dark();
    assert_eq!(desk.draw().text(), still.text(), "blinking tells nothing that words do not");
}

#[test]
fn a_session_blinks_among_the_tabs_too() {
    let mut desk = Desk::busy(80, 24, 0);
    desk.look.theme = Theme::dark();
    assert!(desk.draw().styled().contains("‹bold.blink:1›"), "{}", desk.draw().styled());
}

#[test]
fn only_the_emoji_of_the_list_are_offered() {
    for (width, height) in [(80, 24), (120, 32)] {
        let mut desk = Desk::busy(width, height, 0);
        let these = [("smile", "🙂"), ("smiling_parcel", "📦")];
        let these = these.map(|(name, emoji)| (name.to_owned(), emoji.to_owned()));
        desk.state.sessions.first_mut().unwrap().emojis = Emojis::These(these.to_vec());
        desk.types("ok :smi");
        let text = desk.draw().text();
        assert!(text.contains("Tab 🙂 smile  📦 smiling_parcel"), "{text}");
        assert!(!text.contains("😄"), "{text}");
    }
}

#[test]
fn an_edit_of_the_settings_names_what_needs_a_restart() {
    let mut desk = Desk::busy(120, 32, 0);
    let settings = Box::new(desk.state.settings.clone());
    desk.does(What::Settings { settings, restart: vec!["console.url".into(), "console.user".into()] });
    let text = desk.draw().text();
    assert!(text.contains("restart deskline to apply console.url, console.user"), "{text}");
    assert!(desk.state.notices.newest_first().all(|notice| notice.at == NOW));
}

#[test]
fn the_document_of_themes_has_every_role_and_every_theme() {
    let document = include_str!("../../docs/themes.md");
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(rows.collect::<Vec<_>>(), deskline::ui::theme::ROLES);
    for name in deskline::ui::theme::BUILT_IN {
        assert!(document.contains(&format!("`{name}`")), "{name}");
        assert!(Theme::built_in(name).is_some());
        let config = format!("[console]\ntheme = \"{name}\"\n");
        assert!(deskline::config::Config::parse(&config, "c").is_ok());
    }
}
