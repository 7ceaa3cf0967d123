//! Moves the cursor with as few bytes as possible.

use ratatui::layout::Position;

/// Appends the shortest bytes that bring the cursor from `from` (unknown if absent) to `to`.
pub(super) fn travel(from: Option<Position>, to: Position, out: &mut Vec<u8>) {
    if from == Some(to) {
        return;
    }
    let mut ways = vec![absolute(to)];
    if let Some(from) = from {
        ways.push(format!("{}{}", down_or_up(from.y, to.y), across(from.x, to.x)));
        if to.y >= from.y && to.y - from.y <= 3 {
            // Only after a carriage return, so that it does not matter whether a line feed returns the carriage too.
            ways.push(format!("\r{}{}", "\n".repeat(usize::from(to.y - from.y)), forward(to.x)));
        }
    }
    if let Some(shortest) = ways.iter().min_by_key(|way| way.len()) {
        out.extend_from_slice(shortest.as_bytes());
    }
}

fn absolute(to: Position) -> String {
    match (to.x, to.y) {
        (0, 0) => "\x1b[H".to_owned(),
        (0, y) => format!("\x1b[{}H", u32::from(y) + 1),
        (x, y) => format!("\x1b[{};{}H", u32::from(y) + 1, u32::from(x) + 1),
    }
}

fn down_or_up(from: u16, to: u16) -> String {
    match (to.saturating_sub(from), from.saturating_sub(to)) {
        (0, 0) => String::new(),
        (down, 0) => step(down, 'B'),
        (_, up) => step(up, 'A'),
    }
}

fn across(from: u16, to: u16) -> String {
    if to >= from {
        return forward(to - from);
    }
    match (to, from - to) {
        (0, _) => "\r".to_owned(),
        (_, back @ 1..=3) => "\x08".repeat(usize::from(back)),
        (_, back) => step(back, 'D'),
    }
}

fn forward(count: u16) -> String {
    if count == 0 { String::new() } else { step(count, 'C') }
}

fn step(count: u16, direction: char) -> String {
    if count == 1 { format!("\x1b[{direction}") } else { format!("\x1b[{count}{direction}") }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU16;

    use super::*;

    #[test]
    fn every_cursor_move_arrives_and_is_never_the_longest() {
        for (fx, fy, tx, ty) in (0..12u16)
            .flat_map(|fx| (0..8u16).map(move |fy| (fx, fy)))
            .flat_map(|(fx, fy)| (0..12u16).flat_map(move |tx| (0..8u16).map(move |ty| (fx, fy, tx, ty))))
        {
            let mut terminal =
                vt100::Parser::new(NonZeroU16::new(8).unwrap(), NonZeroU16::new(12).unwrap(), 0);
            terminal.process(format!("\x1b[{};{}H", fy + 1, fx + 1).as_bytes());
            let mut out = Vec::new();
            travel(Some(Position::new(fx, fy)), Position::new(tx, ty), &mut out);
            terminal.process(&out);
            assert_eq!(terminal.screen().cursor_position(), (ty, tx), "from {fx},{fy}: {out:?}");
            assert!(out.len() <= absolute(Position::new(tx, ty)).len());
        }
    }

    #[test]
    fn short_ways_are_taken() {
        let way = |from: Option<(u16, u16)>, to: (u16, u16)| {
            let mut out = Vec::new();
            travel(from.map(|(x, y)| Position::new(x, y)), Position::new(to.0, to.1), &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(way(Some((40, 9)), (0, 10)), "\r\n");
        assert_eq!(way(Some((40, 9)), (39, 9)), "\x08");
        assert_eq!(way(Some((4, 9)), (5, 9)), "\x1b[C");
        assert_eq!(way(None, (5, 9)), "\x1b[10;6H");
        assert_eq!(way(Some((5, 9)), (5, 9)), "");
    }
}
