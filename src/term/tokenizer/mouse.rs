//! Mouse reports: the meaning of button byte and position.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::keys;
use super::token::InputToken;

/// `CSI < button ; column ; row M`, or `m` when the button was released.
pub(super) fn sgr(report: &[u8], up: bool) -> Option<InputToken> {
    let [button, column, row] = three(report)?;
    let (kind, modifiers) = button_of(button)?;
    let kind = match kind {
        MouseEventKind::Down(button) if up => MouseEventKind::Up(button),
        other => other,
    };
    at(kind, modifiers, column, row)
}

/// `CSI button ; column ; row M`.
pub(super) fn urxvt(report: &[u8]) -> Option<InputToken> {
    let [button, column, row] = three(report)?;
    let (kind, modifiers) = button_of(button.checked_sub(32)?)?;
    at(kind, modifiers, column, row)
}

/// `CSI M` and three bytes, each with 32 added.
pub(super) fn x10(button: u8, column: u8, row: u8) -> Option<InputToken> {
    let (kind, modifiers) = button_of(u32::from(button.checked_sub(32)?))?;
    at(kind, modifiers, u32::from(column).checked_sub(32)?, u32::from(row).checked_sub(32)?)
}

fn three(report: &[u8]) -> Option<[u32; 3]> {
    let numbers = keys::numbers(report);
    match numbers.as_slice() {
        [button, column, row] => {
            let first = |field: &Vec<Option<u32>>| field.first().copied().flatten();
            Some([first(button)?, first(column)?, first(row)?])
        }
        _ => None,
    }
}

/// Positions count from 1.
fn at(kind: MouseEventKind, modifiers: KeyModifiers, column: u32, row: u32) -> Option<InputToken> {
    let place = |number: u32| number.checked_sub(1).and_then(|number| u16::try_from(number).ok());
    Some(InputToken::Mouse(MouseEvent { kind, column: place(column)?, row: place(row)?, modifiers }))
}

/// The lowest two bits and the two highest are the button, 4, 8 and 16 the modifiers, 32 a movement.
fn button_of(code: u32) -> Option<(MouseEventKind, KeyModifiers)> {
    let button = match code & 3 {
        0 => MouseButton::Left,
        1 => MouseButton::Middle,
        _ => MouseButton::Right,
    };
    let number = (code & 3) | ((code & 0xc0) >> 4);
    let moved = code & 32 != 0;
    let kind = match (number, moved) {
        (0..=2, false) => MouseEventKind::Down(button),
        (0..=2, true) => MouseEventKind::Drag(button),
        (3, false) => MouseEventKind::Up(MouseButton::Left),
        (3, true) => MouseEventKind::Moved,
        (4, false) => MouseEventKind::ScrollUp,
        (5, false) => MouseEventKind::ScrollDown,
        (6, false) => MouseEventKind::ScrollLeft,
        (7, false) => MouseEventKind::ScrollRight,
        _ => return None,
    };
    let held = [(4, KeyModifiers::SHIFT), (8, KeyModifiers::ALT), (16, KeyModifiers::CONTROL)];
    let modifiers = held.iter().filter(|(bit, _)| code & bit != 0).map(|(_, held)| *held).collect();
    Some((kind, modifiers))
}
