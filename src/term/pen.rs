//! Colours and attributes as the terminal has them, and the shortest way from one to another.

use std::io::Write;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// Attributes that show on a cell without a mark.
pub(super) const VISIBLE_ON_BLANK: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK)
    .union(Modifier::CROSSED_OUT);

const WEIGHT: Modifier = Modifier::BOLD.union(Modifier::DIM);
const BLINK: Modifier = Modifier::SLOW_BLINK.union(Modifier::RAPID_BLINK);

/// What the next mark will look like. Underline colours are not used: terminals that don't know them read the
/// sequence as something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Pen {
    pub(super) fg: Color,
    pub(super) bg: Color,
    pub(super) modifier: Modifier,
}

impl Pen {
    pub(super) fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }

    /// Whether `cell` looks right when it is written with this pen. A blank shows no colour of its own.
    pub(super) fn suits(self, cell: &Cell) -> bool {
        if is_plain(cell) {
            self.bg == cell.bg && !self.modifier.intersects(VISIBLE_ON_BLANK)
        } else {
            self == Self::of(cell)
        }
    }

    /// Writes the change from `from` (unknown if absent) to this pen.
    pub(super) fn write_from(self, from: Option<Self>, out: &mut Vec<u8>) {
        let mut fresh = Codes::default();
        if self != Self::default() {
            fresh.add(b"0");
        }
        fresh.attributes(self.modifier);
        fresh.colors(Self::default(), self);
        let shortest = match from {
            None => fresh,
            Some(from) if from == self => return,
            Some(from) => {
                let mut step = Codes::default();
                let gone = from.modifier - self.modifier;
                let mut added = self.modifier - from.modifier;
                for (group, code) in OFF {
                    if gone.intersects(group) {
                        step.add(code);
                        added |= self.modifier & group;
                    }
                }
                step.attributes(added);
                step.colors(from, self);
                if step.0.len() <= fresh.0.len() { step } else { fresh }
            }
        };
        out.extend_from_slice(b"\x1b[");
        out.extend_from_slice(&shortest.0);
        out.push(b'm');
    }
}

/// A blank without a visible attribute.
pub(super) fn is_plain(cell: &Cell) -> bool {
    cell.symbol() == " " && !cell.modifier.intersects(VISIBLE_ON_BLANK)
}

const ON: [(Modifier, &[u8]); 9] = [
    (Modifier::BOLD, b"1"),
    (Modifier::DIM, b"2"),
    (Modifier::ITALIC, b"3"),
    (Modifier::UNDERLINED, b"4"),
    (Modifier::SLOW_BLINK, b"5"),
    (Modifier::RAPID_BLINK, b"6"),
    (Modifier::REVERSED, b"7"),
    (Modifier::HIDDEN, b"8"),
    (Modifier::CROSSED_OUT, b"9"),
];

/// One code takes a whole group away.
const OFF: [(Modifier, &[u8]); 7] = [
    (WEIGHT, b"22"),
    (Modifier::ITALIC, b"23"),
    (Modifier::UNDERLINED, b"24"),
    (BLINK, b"25"),
    (Modifier::REVERSED, b"27"),
    (Modifier::HIDDEN, b"28"),
    (Modifier::CROSSED_OUT, b"29"),
];

/// The parameters of one SGR sequence.
#[derive(Default)]
struct Codes(Vec<u8>);

impl Codes {
    fn add(&mut self, code: &[u8]) {
        if !self.0.is_empty() {
            self.0.push(b';');
        }
        self.0.extend_from_slice(code);
    }

    fn attributes(&mut self, modifier: Modifier) {
        for (one, code) in ON {
            if modifier.contains(one) {
                self.add(code);
            }
        }
    }

    fn colors(&mut self, from: Pen, to: Pen) {
        if from.fg != to.fg {
            self.color(to.fg, 30);
        }
        if from.bg != to.bg {
            self.color(to.bg, 40);
        }
    }

    /// `base` is 30 for the foreground and 40 for the background.
    fn color(&mut self, color: Color, base: u8) {
        let named = |n: u8| if n < 8 { base + n } else { base + 60 + n - 8 };
        let code = match color {
            Color::Reset => base + 9,
            Color::Black => named(0),
            Color::Red => named(1),
            Color::Green => named(2),
            Color::Yellow => named(3),
            Color::Blue => named(4),
            Color::Magenta => named(5),
            Color::Cyan => named(6),
            Color::Gray => named(7),
            Color::DarkGray => named(8),
            Color::LightRed => named(9),
            Color::LightGreen => named(10),
            Color::LightYellow => named(11),
            Color::LightBlue => named(12),
            Color::LightMagenta => named(13),
            Color::LightCyan => named(14),
            Color::White => named(15),
            Color::Indexed(n) if n < 16 => named(n),
            Color::Indexed(n) => {
                self.add(&[]);
                let _ = write!(self.0, "{};5;{n}", base + 8);
                return;
            }
            Color::Rgb(r, g, b) => {
                self.add(&[]);
                let _ = write!(self.0, "{};2;{r};{g};{b}", base + 8);
                return;
            }
        };
        self.add(&[]);
        let _ = write!(self.0, "{code}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(from: Option<Pen>, to: Pen) -> String {
        let mut out = Vec::new();
        to.write_from(from, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_the_difference_is_sent() {
        let plain = Pen::default();
        let bold = Pen { modifier: Modifier::BOLD, ..plain };
        let bold_red = Pen { fg: Color::Red, ..bold };
        assert_eq!(change(Some(plain), plain), "");
        assert_eq!(change(Some(plain), bold), "\x1b[1m");
        assert_eq!(change(Some(bold), bold_red), "\x1b[31m");
        assert_eq!(change(Some(bold_red), Pen { fg: Color::Red, ..plain }), "\x1b[22m");
        assert_eq!(change(Some(bold_red), plain), "\x1b[m");
        assert_eq!(change(None, bold_red), "\x1b[0;1;31m");
        assert_eq!(change(None, plain), "\x1b[m");
    }

    #[test]
    fn what_shares_an_off_code_is_set_again() {
        let plain = Pen::default();
        let both = Pen { modifier: WEIGHT, fg: Color::Rgb(1, 2, 3), ..plain };
        let dim = Pen { modifier: Modifier::DIM, ..both };
        assert_eq!(change(Some(both), dim), "\x1b[22;2m");
    }

    #[test]
    fn bright_and_indexed_colours_have_their_codes() {
        let plain = Pen::default();
        assert_eq!(change(Some(plain), Pen { bg: Color::White, ..plain }), "\x1b[107m");
        assert_eq!(change(Some(plain), Pen { fg: Color::DarkGray, ..plain }), "\x1b[90m");
        assert_eq!(change(Some(plain), Pen { fg: Color::Indexed(200), ..plain }), "\x1b[38;5;200m");
        assert_eq!(change(Some(plain), Pen { bg: Color::Rgb(1, 2, 3), ..plain }), "\x1b[48;2;1;2;3m");
    }
}
