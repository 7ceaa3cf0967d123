//! The locked desk.

use crate::desk::{Desk, NOW, customer};
use crate::inside;
use deskline::app::features::lock::AuthFailure;
use deskline::app::{Effect, What};

fn locked(width: u16, height: u16) -> Desk {
    let mut desk = Desk::busy(width, height, 2);
    desk.types("Su pedido sale hoy");
    desk.key("Alt+Z");
    desk.says("s1", &[customer(8, "SECRET-WORDS", 1)]);
    desk
}

#[test]
fn a_locked_desk_at_80x24_and_120x32() {
    let mut desk = locked(80, 24);
    desk.types("abc");
    snapshot!("locked_80x24", desk.draw().styled());
    let mut desk = locked(120, 32);
    desk.types("wrong");
    let asked = desk.key_effects("Enter");
    let operation = asked.into_iter().find_map(|effect| match effect {
        Effect::Authenticate { operation, .. } => Some(operation),
        _ => None,
    });
    let result = Err(AuthFailure::Wrong);
    desk.does(What::Authenticated { operation: operation.unwrap(), result });
    snapshot!("locked_wrong_120x32", desk.draw().styled());
    desk.key("Alt+Q");
    assert!(desk.draw().find("Sign out?").is_some());
}

#[test]
fn nothing_of_anybody_is_on_a_locked_desk() {
    for (width, height) in [(200, 50), (120, 32), (80, 24), (40, 10), (20, 6), (7, 3), (1, 1), (0, 0)] {
        let mut desk = locked(width, height);
        desk.does(What::Trouble("Lucía Fernández is done".into()));
        let screen = desk.draw_in(width, height);
        inside(&screen, width, height);
        let text = screen.text();
        for word in
            ["Luc", "Karim", "Omar", "213", "facture", "Gold", "Billing", "pedido", "SECRET", "600 000"]
        {
            assert!(!text.contains(word), "{word} at {width}x{height}:\n{text}");
        }
        for y in 0..height {
            for x in 0..width {
                assert_eq!(screen.hits.at(x, y), None, "nothing can be clicked");
            }
        }
    }
    let desk = locked(80, 24);
    assert!(desk.draw().find("an invitation waits").is_some(), "{}", desk.draw().text());
    assert_eq!(desk.state.now, NOW);
}

#[test]
fn unlocking_restores_the_screen() {
    let mut before = Desk::busy(80, 24, 2);
    before.types("Su pedido sale hoy");
    let expected = before.draw().text();
    before.key("Alt+Z");
    before.types("secret");
    let asked = before.key_effects("Enter");
    let Some(Effect::Authenticate { operation, .. }) = asked.into_iter().next() else {
        return assert_eq!(expected, "", "nothing was asked");
    };
    before.does(What::Authenticated { operation, result: Ok(()) });
    assert_eq!(before.draw().text(), expected);
}
