//! What stays visible: the bar, its notice and the invitations under every layer, load and name beside every
//! notice, and sentences and names that can be read in full.

use crate::desk::{Desk, NOW, agent, customer};
use crate::{layers, rich};
use deskline::app::core::keymap::Keymap;
use deskline::app::core::layer::Layer;
use deskline::app::core::notice::Level;
use deskline::app::features::contacts::ContactsLayer;
use deskline::app::features::reach::ReachLayer;
use deskline::app::{Effect, What};
use deskline::domain::{AttachedData, Millis};
use deskline::proto::request::Request;
use deskline::text::Clean;
use deskline::text::width::str_width;
use ratatui::layout::Position;
use std::collections::BTreeSet;

/// A refusal that an administrator has to act on.
const MISSING: &str = "conference with agent group Billing: nothing was sent. An administrator has to set the option \
                       intercommunication.whatsappsession.queue, to the name of an interaction queue, and the value \
                       InternalConferenceInvite in the business attribute InteractionSubtype";

/// A new kind of layer gets a name here and an example in [`layers`].
const KINDS: usize = 16;

fn kind(layer: &Layer) -> &'static str {
    match layer {
        Layer::Help(_) => "help",
        Layer::Notices(_) => "notices",
        Layer::Case(_) => "case",
        Layer::Pick(_) => "pick",
        Layer::Targets(_) => "targets",
        Layer::Workbins(_) => "workbins",
        Layer::Responses(_) => "responses",
        Layer::Prompt(_) => "prompt",
        Layer::Dispositions(_) => "dispositions",
        Layer::Reach(layer) => match &**layer {
            ReachLayer::Menu(_) => "reach",
            ReachLayer::Templates(_) => "templates",
            ReachLayer::Outside(_) => "outside link",
        },
        Layer::Contacts(layer) => match layer {
            ContactsLayer::List(_) => "contacts",
            ContactsLayer::Past(_) => "past session",
        },
        Layer::Form(_) => "form",
        Layer::Confirm(_) => "confirm",
    }
}

/// One layer of each kind.
fn each_kind() -> Vec<Layer> {
    let mut known = BTreeSet::new();
    let all: Vec<Layer> = layers().into_iter().filter(|layer| known.insert(kind(layer))).collect();
    assert_eq!(all.len(), KINDS, "{known:?}");
    all
}

#[test]
fn every_layer_leaves_bar_and_invitations_in_sight() {
    let layers = each_kind();
    let mut desk = rich();
    desk.does(What::Trouble(
        "the log could not be written: no space is left on the device of the log".into(),
    ));
    for width in [1, 40, 50, 80, 120, 200] {
        for height in [1, 3, 6, 9, 12, 16, 20, 24, 50] {
            desk.does(What::Resize(width, height));
            desk.state.layers.clear();
            let (layout, before) = (desk.state.layout(), desk.draw());
            assert!(layout.layer.height > 0, "{width}x{height}: no room for any layer");
            for layer in &layers {
                desk.state.layers = vec![layer.clone()];
                let after = desk.draw();
                let same = (0..layout.layer.y).all(|y| {
                    let cell = |x| (before.buffer[(x, y)].clone(), before.hits.at(x, y));
                    (0..width).all(|x| cell(x) == (after.buffer[(x, y)].clone(), after.hits.at(x, y)))
                });
                assert!(same, "{width}x{height} {}\n{}\n{}", kind(layer), before.text(), after.text());
            }
        }
    }
}

#[test]
fn invitations_are_answered_above_every_layer() {
    for layer in each_kind() {
        let name = kind(&layer);
        let desk = || {
            let mut desk = Desk::busy(80, 24, 2);
            desk.state.layers = vec![layer.clone()];
            desk
        };
        let asks = |desk: &mut Desk, key: &str| {
            let effects = desk.key_effects(key);
            effects.into_iter().find_map(|effect| match effect {
                Effect::Call { request, .. } => Some(request.name().to_owned()),
                _ => None,
            })
        };
        let mut accepting = desk();
        assert_eq!(asks(&mut accepting, "F2").as_deref(), Some("accept"), "{name}");
        assert_eq!(accepting.state.layers.len(), 1, "{name} stays open");
        accepting.session("i0", "Omar Benali", "213550000077", &[]);
        let shown = accepting.state.shown.clone();
        let stays = !matches!(layer, Layer::Help(_) | Layer::Notices(_));
        assert_eq!(shown == Some("s1".into()), stays, "what {name} is about stays shown");

        assert_eq!(asks(&mut desk(), "F3").as_deref(), Some("reject"), "{name}");
        let mut choosing = desk();
        choosing.key("Shift+F2");
        assert_eq!((choosing.state.invitation, choosing.state.layers.len()), (1, 1), "{name}");
    }
}

#[test]
fn a_key_that_a_list_takes_is_not_shown_lit_above_it() {
    let mut desk = Desk::busy(80, 24, 1);
    desk.state.settings.keymap = Keymap::new([("favourite", vec!["F2"])]).0;
    assert!(desk.draw().text().contains("accept F2"));
    desk.key("Ctrl+T");
    let text = desk.draw().text();
    assert!(!text.contains("accept") && text.contains("reject F3"), "{text}");
    let effects = desk.key_effects("F2");
    let accepts = |effect: &Effect| matches!(effect, Effect::Call { request: Request::Accept { .. }, .. });
    assert!(!effects.iter().any(accepts));
}

fn offers(width: u16, height: u16) -> Desk {
    let mut desk = Desk::busy(width, height, 0);
    let ago = |minutes: i64| Millis(NOW.0 - minutes * 60_000).to_rfc3339();
    let offers = [
        ("Omar Benali", "213550000077", "new", "", ago(3), "ma facture est fausse et personne ne répond"),
        (
            "Sofía Castro",
            "5491150000031",
            "transfer",
            "Kate London",
            ago(21),
            "Necesito cambiar la dirección",
        ),
        ("أحمد", "8613800000000", "conference", "Ben Okafor", String::new(), "أين طلبي؟"),
        ("Mary", "447700900000", "consultation", "מרים לוי", ago(1), "Hi"),
    ];
    for (place, (name, number, kind, from, since, preview)) in (0..).zip(offers) {
        let mut data: AttachedData = [("Segment", "Gold"), ("Order", "48213")].into_iter().collect();
        let pairs = [
            ("wa.contact-name", name),
            ("wa.number", number),
            ("wa.preview", preview),
            ("wa.offer", kind),
            ("wa.offer-from", from),
            ("wa.waiting-since", &since),
            ("IW_RoutingBasedRequestType", "OneStepTransfer"),
        ];
        pairs
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .for_each(|(key, value)| data.set(key, value));
        data.set("wa.accept-left-ms", 21_000 - 2000 * place);
        data.set("wa.accept-total-ms", 30_000);
        desk.interaction(&format!("i{place}"), "Invited", data, Some("Billing"));
    }
    desk
}

#[test]
fn an_invitation_says_what_it_is_and_how_long_one_waits() {
    for (width, height) in [(80, 24), (120, 32), (200, 50), (40, 10)] {
        let mut desk = offers(width, height);
        insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(format!("invitations_{width}x{height}"), desk.draw().text());
        });
        if width < 60 {
            continue;
        }
        assert!(desk.draw().text().contains("new  waits 3 min"));
        desk.key("Shift+F2");
        let text = desk.draw().text();
        assert!(text.contains("transfer from Kate London  waits 21 min"), "{text}");
        assert!(
            text.contains("Billing") && text.contains("Gold") && !text.contains("OneStepTransfer"),
            "{text}"
        );
    }
}

#[test]
fn the_wait_of_an_invitation_goes_on_without_a_countdown() {
    let mut desk = Desk::empty(80, 24);
    let mut data = AttachedData::new();
    data.set("wa.waiting-since", Millis(NOW.0 - 90_000).to_rfc3339());
    desk.interaction("i", "Invited", data, None);
    assert!(desk.draw().text().contains("waits 1 min"));
    assert_eq!(desk.state.next_wake(), Some(Millis(NOW.0 + 30_000)));
    desk.later(30);
    assert!(desk.draw().text().contains("waits 2 min"));
}

#[test]
fn load_and_name_stay_beside_any_notice() {
    for width in [60, 80, 120, 200] {
        for words in ["saved", "the log could not be written: no space is left", MISSING] {
            let mut desk = Desk::busy(width, 24, 0);
            desk.does(What::Trouble(words.into()));
            let text = desk.draw().text();
            let bar = text.lines().next().unwrap();
            assert!(bar.contains("3 sessions") && bar.contains("Ana Ruiz") && bar.contains("▮▮▮"), "{text}");
        }
    }
}

#[test]
fn places_that_invitations_take_are_in_the_bar() {
    let mut desk = Desk::busy(80, 24, 1);
    desk.state.capacity = Some(4);
    assert!(desk.draw().text().contains(" 3+1/4 "));
    desk.state.invitations.clear();
    assert!(desk.draw().text().contains(" 3/4 "));
}

#[test]
fn a_notice_that_begins_with_an_rtl_name_keeps_its_order() {
    let mut desk = Desk::empty(80, 24);
    desk.state.notices.push(NOW, Level::Good, "מרים לוי: transfer to אבי was refused, 3 times");
    let wanted = "יול םירמ: transfer to יבא was refused, 3 times";
    let text = desk.draw().text();
    assert!(text.contains(&format!("✓ {wanted}")), "{text}");
    desk.key("F9");
    let text = desk.draw().text();
    assert!(text.contains(&format!("✓ {wanted}")), "{text}");
}

/// All rows of an area as one line.
fn read(desk: &Desk, area: deskline::app::core::layout::Area) -> String {
    let screen = desk.draw();
    let rows = (area.y..area.y + area.height).map(|y| {
        let row = (area.x..area.x + area.width).map(|x| screen.buffer[(x, y)].symbol()).collect::<String>();
        row.trim().to_owned()
    });
    rows.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_sentence_for_administrators_is_whole_at_80_columns() {
    let mut desk = Desk::busy(80, 24, 2);
    desk.does(What::Trouble(MISSING.into()));
    assert_eq!(read(&desk, desk.state.layout().notice), format!("⚠ {MISSING}"));
    desk.key("Esc");
    assert_eq!(desk.state.layout().notice.height, 0);
    desk.state.sessions[0].trouble = Some(MISSING.into());
    let said = read(&desk, desk.state.layout().header);
    assert!(said.ends_with(&format!("⚠ {MISSING}")), "{said}");
}

#[test]
fn the_header_and_the_bar_do_not_say_the_same_at_length() {
    let mut desk = Desk::busy(80, 24, 0);
    desk.state.sessions[0].trouble = Some(MISSING.into());
    desk.does(What::Trouble(format!("Lucía Fernández: {MISSING}")));
    assert_eq!(desk.state.layout().notice.height, 0);
    assert!(read(&desk, desk.state.layout().header).ends_with(MISSING));
    // Under a layer the header is covered.
    desk.key("F1");
    assert!(desk.state.layout().notice.height > 2);
}

#[test]
fn a_sentence_that_does_not_fit_names_the_key_that_shows_it() {
    for (width, height) in [(80, 24), (40, 10), (80, 12)] {
        let mut desk = Desk::busy(width, height, 0);
        desk.does(What::Trouble(format!("{} and this is the end", MISSING.repeat(2))));
        assert!(read(&desk, desk.state.layout().notice).ends_with("… F9"));
        desk.key("F9");
        desk.key("End");
        assert!(desk.draw().text().contains("the end"), "{}", desk.draw().text());
    }
}

#[test]
fn a_list_says_whole_why_it_is_empty() {
    let mut desk = Desk::busy(80, 24, 0);
    desk.key("Ctrl+K");
    if let Some(Layer::Pick(picker)) = desk.state.layers.last_mut() {
        picker.empty = Clean::line(MISSING);
    }
    desk.types("zzzz");
    let text = desk.draw().text();
    let inside: Vec<_> = text.lines().filter_map(|row| row.split('│').nth(1).map(str::trim)).collect();
    assert!(inside.join(" ").contains(MISSING), "{text}");
}

#[test]
fn responses_leave_the_last_messages_in_sight() {
    for (width, height) in [(80, 24), (120, 32), (200, 50)] {
        for invitations in [0, 3] {
            let mut desk = Desk::busy(width, height, invitations);
            let log: Vec<_> = (8..60).map(|i| customer(i, &format!("message {i}"), 40)).collect();
            desk.says("s1", &log);
            desk.says("s1", &[agent(60, "the last one", 5)]);
            desk.types("half a sentence");
            desk.key("Ctrl+R");
            let text = desk.draw().text();
            assert!(text.contains("Standard responses") && text.contains("the last one"), "{text}");
            assert!(text.contains("message 59") && text.contains("half a sentence"), "{text}");
        }
        // A few messages are below the list too, not under it.
        let mut desk = Desk::empty(width, height);
        desk.session("s1", "Lucía", "34600000101", &[]);
        desk.says("s1", &[customer(1, "the only one", 40)]);
        desk.key("Ctrl+R");
        let text = desk.draw().text();
        assert!(text.contains("Standard responses") && text.contains("the only one"), "{text}");
    }
}

#[test]
fn names_are_whole_where_a_wide_screen_has_room() {
    let name = "Maria Aparecida dos Santos Oliveira";
    let mut desk = Desk::busy(200, 50, 0);
    desk.session("s9", name, "5511900000000", &[]);
    let at = desk.draw().find(name).map(|(x, _)| x);
    assert!(at.is_some_and(|x| x < desk.state.layout().list.width), "{}", desk.draw().text());
    desk.key("Ctrl+G");
    let screen = desk.draw();
    let row = screen.text().lines().find(|row| row.contains("▸")).unwrap().to_owned();
    assert!(str_width(row.trim()) > 110, "{}", screen.text());
    // A single session on a narrow screen has the whole line of tabs.
    let mut desk = Desk::empty(80, 24);
    desk.session("s9", name, "5511900000000", &[]);
    assert!(desk.draw().text().lines().nth(1).unwrap().contains(name));
}

#[test]
fn lists_use_the_width_at_200x50() {
    let mut desk = Desk::busy(200, 50, 2);
    desk.key("Ctrl+K");
    desk.types("ses");
    snapshot!("layer_palette_200x50", desk.draw().text());
}

#[test]
fn help_and_notices_at_each_size_with_invitations() {
    for (width, height) in [(80, 24), (120, 32), (200, 50)] {
        let mut desk = offers(width, height);
        desk.does(What::Trouble(format!("Lucía Fernández: {MISSING}")));
        for (name, key) in [("help", "F1"), ("notices", "F9")] {
            desk.key(key);
            insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
                insta::assert_snapshot!(format!("sight_{name}_{width}x{height}"), desk.draw().text());
            });
            desk.key("Esc");
        }
    }
}

#[test]
fn a_full_desk_says_so_in_the_list_of_the_workbin() {
    let mut desk = crate::workbins::parked(80, 24, 2);
    desk.state.capacity = Some(4);
    desk.offer("i", "Omar", "1", "hi", "Billing", 9000);
    desk.key("Alt+V");
    let text = desk.draw().text();
    assert!(
        text.contains("No free place: 3 sessions and 1 invitation. Reject the invitation (F3) first"),
        "{text}"
    );
    desk.key("F3");
    assert!(!desk.draw().text().contains("No free place"));
}

#[test]
fn clicks_reach_invitations_above_a_layer() {
    let mut desk = Desk::busy(120, 32, 2);
    desk.key("F1");
    let screen = desk.draw();
    let (x, y) = screen.find("reject F3").unwrap();
    assert!(screen.hits.at(x, y).is_some() && desk.state.layout().layer.y > y);
    assert_eq!(screen.cursor.map(|at: Position| at.y >= desk.state.layout().layer.y), Some(true));
}
