//! Output to the terminal, in as few bytes as possible.
//!
//! Owns: a picture of what the terminal shows, the pen and the cursor as the terminal has them, and a ratatui
//! [`Backend`] that sends the difference. Must not: read from the terminal, or know what is drawn.
//! Invariants: nothing changed means nothing written; a frame is one write, and a longer one is shown at once
//! (DEC mode 2026, which terminals that don't know it ignore); no control character of a cell reaches the terminal;
//! after a cluster whose width terminals disagree about, the cursor is positioned again.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Cell, CellDiffOption, CellWidth};
use ratatui::layout::{Position, Size};
use ratatui::style::Color;
use unicode_width::UnicodeWidthChar;

use crate::term::caps::ColorDepth;
use crate::term::pen::{Pen, VISIBLE_ON_BLANK, is_plain};
use crate::term::travel::travel;

const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";
/// A frame up to this many bytes is one small write that no terminal shows in parts; so an echoed key stays cheap.
const SMALL: usize = 64;

/// Standard output without Rust's line buffer, so that a frame is one write.
///
/// # Errors
/// When the descriptor cannot be copied.
pub fn open() -> io::Result<File> {
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

/// The size of the terminal at standard output, in cells. A terminal that does not know it (0 x 0, as behind
/// a serial line or in some remote shells) has the size in the environment, else [`USUAL`].
///
/// # Errors
/// When standard output is not a terminal.
pub fn size() -> io::Result<Size> {
    let size = rustix::termios::tcgetwinsize(io::stdout())?;
    Ok(size_of(Size::new(size.ws_col, size.ws_row), |name| std::env::var(name).ok()))
}

/// The size of a terminal about which nothing is known.
pub const USUAL: Size = Size::new(80, 24);

/// Each side separately: what the terminal reports, then `COLUMNS` or `LINES`, then the usual size.
fn size_of(reported: Size, env: impl Fn(&str) -> Option<String>) -> Size {
    let side = |told: u16, name: &str, usual: u16| {
        let said = || env(name).and_then(|value| value.trim().parse().ok()).filter(|side| *side > 0);
        if told > 0 { told } else { said().unwrap_or(usual) }
    };
    Size::new(side(reported.width, "COLUMNS", USUAL.width), side(reported.height, "LINES", USUAL.height))
}

/// The right half of a wide mark, in the picture only.
fn covered() -> Cell {
    Cell::new("")
}

/// The bytes to send, and the state of the terminal after them.
#[derive(Debug, Default)]
struct Wire {
    bytes: Vec<u8>,
    /// Absent when unknown.
    pen: Option<Pen>,
    /// Absent when unknown.
    at: Option<Position>,
    /// Absent when unknown.
    cursor_shown: Option<bool>,
}

impl Wire {
    fn go(&mut self, to: Position) {
        travel(self.at, to, &mut self.bytes);
        self.at = Some(to);
    }

    fn take(&mut self, pen: Pen) {
        pen.write_from(self.pen, &mut self.bytes);
        self.pen = Some(pen);
    }

    fn pen_for(&mut self, cell: &Cell) {
        if self.pen.is_none_or(|pen| !pen.suits(cell)) {
            self.take(Pen::of(cell));
        }
    }

    /// Moves right from the cursor's place in a row over unchanged cells: by writing them again when that is shorter.
    fn skip_to(&mut self, x: u16, y: u16, row: &[Cell]) {
        if let Some(at) = self.at
            && at.y == y
            && at.x < x
            && let Some(gap) = row.get(usize::from(at.x)..usize::from(x))
            && gap.len() <= 4
            && let Some(pen) = self.pen
            && gap.iter().all(|cell| matches!(cell.symbol().as_bytes(), [b' '..=b'~']) && pen.suits(cell))
        {
            for cell in gap {
                self.bytes.extend_from_slice(cell.symbol().as_bytes());
            }
            self.at = Some(Position::new(x, y));
        }
        self.go(Position::new(x, y));
    }

    /// Writes one cell of `span` columns at the cursor, in a row of `width` columns.
    fn put(&mut self, cell: &Cell, span: u16, width: u16) {
        self.pen_for(cell);
        let symbol = cell.symbol();
        if is_doubtful(symbol) {
            // If the terminal draws the cluster narrower, the remaining cells must be blank.
            self.bytes.resize(self.bytes.len() + usize::from(span), b' ');
            if let Some(at) = self.at.take() {
                // A blank in the last column leaves the cursor's place unknown.
                let now = (at.x + span < width).then(|| Position::new(at.x + span, at.y));
                travel(now, at, &mut self.bytes);
            }
            self.bytes.extend_from_slice(symbol.as_bytes());
            return;
        }
        self.bytes.extend_from_slice(symbol.as_bytes());
        // In the last column terminals differ about where the cursor is.
        self.at = self.at.filter(|at| at.x + span < width).map(|at| Position::new(at.x + span, at.y));
    }

    /// Erases from the cursor to the end of the row.
    fn erase_rest(&mut self) {
        if self.pen.is_none_or(|pen| pen.bg != Color::Reset || pen.modifier.intersects(VISIBLE_ON_BLANK)) {
            self.take(Pen::default());
        }
        self.bytes.extend_from_slice(b"\x1b[K");
    }
}

/// Terminals disagree about clusters of several characters: joined emoji, flags, keycaps, presentation selectors,
/// spacing marks.
fn is_doubtful(symbol: &str) -> bool {
    symbol.chars().nth(1).is_some()
}

/// How many columns a terminal may take that draws each character by itself.
fn reach(symbol: &str) -> u16 {
    symbol.chars().map(|c| u16::try_from(c.width().unwrap_or(0)).unwrap_or(0)).fold(0, u16::saturating_add)
}

/// The columns of a cell in the picture: 1, or more for a wide mark.
fn span(cell: &Cell) -> u16 {
    if cell.symbol().is_empty() { 1 } else { cell.cell_width().max(1) }
}

/// A ratatui backend that writes only differences, all at once when the frame is flushed.
#[derive(Debug)]
pub struct Screen<W: Write> {
    out: W,
    depth: ColorDepth,
    size: Size,
    /// What the terminal shows.
    shown: Vec<Cell>,
    /// What it should show.
    wanted: Vec<Cell>,
    /// Rows in which the two may differ.
    dirty: Vec<bool>,
    /// The terminal is to be cleared first.
    erase: bool,
    cursor: Position,
    cursor_shown: bool,
    wire: Wire,
    written: u64,
}

impl<W: Write> Screen<W> {
    /// A screen of `size` cells. Nothing is assumed of what it shows.
    pub fn new(out: W, size: Size, depth: ColorDepth) -> Self {
        let mut screen = Self {
            out,
            depth,
            size: Size::ZERO,
            shown: Vec::new(),
            wanted: Vec::new(),
            dirty: Vec::new(),
            erase: true,
            cursor: Position::ORIGIN,
            cursor_shown: false,
            wire: Wire::default(),
            written: 0,
        };
        screen.resize(size);
        screen
    }

    /// Takes a new size. The next frame draws everything, because terminals differ in what they keep.
    pub fn resize(&mut self, size: Size) {
        let cells = usize::from(size.width) * usize::from(size.height);
        self.size = size;
        self.wanted = vec![Cell::EMPTY; cells];
        self.shown = vec![Cell::EMPTY; cells];
        self.dirty = vec![false; usize::from(size.height)];
        self.invalidate();
    }

    /// Makes the screen as large as the terminal. If the size is the same, the wanted cells are kept and only drawn again.
    pub fn take_size(&mut self, size: Size) {
        if self.size == size { self.invalidate() } else { self.resize(size) }
    }

    /// Forgets what the terminal shows, so that the next frame draws everything: another program wrote to it.
    pub fn invalidate(&mut self) {
        self.erase = true;
        self.wire = Wire::default();
    }

    /// Writes a sequence that moves nothing and draws nothing: a bell, a title, a copy. Between frames only.
    ///
    /// # Errors
    /// Of the writer; the terminal may have gone.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.out.write_all(bytes)?;
        self.out.flush()?;
        self.written += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    /// How many bytes were sent so far.
    pub fn bytes_written(&self) -> u64 {
        self.written
    }

    /// The cell in the colours of this terminal.
    fn fit(&self, cell: &Cell) -> Cell {
        let mut fitted = cell.clone();
        let symbol = cell.symbol();
        if symbol.chars().any(char::is_control) {
            fitted.set_symbol("\u{fffd}");
        } else if symbol.is_empty() || cell.cell_width() == 0 {
            fitted.set_symbol(" ");
        }
        fitted.fg = self.depth.fit(cell.fg);
        fitted.bg = self.depth.fit(cell.bg);
        fitted.underline_color = Color::Reset;
        fitted.diff_option = CellDiffOption::None;
        if is_plain(&fitted) {
            // Unseen differences cost bytes too.
            let bg = fitted.bg;
            fitted = Cell::EMPTY;
            fitted.bg = bg;
        }
        fitted
    }

    /// Puts one cell into the wanted picture.
    fn want(&mut self, x: u16, y: u16, cell: &Cell) {
        let width = usize::from(self.size.width);
        let mut cell = self.fit(cell);
        let column = usize::from(x);
        if usize::from(span(&cell)) > width.saturating_sub(column) {
            cell.set_symbol(" ");
        }
        let start = usize::from(y) * width;
        let Some(row) = self.wanted.get_mut(start..start + width) else {
            return;
        };
        let Some(old) = row.get(column) else {
            return;
        };
        if old.symbol().is_empty() {
            // The right half of a wide mark that stays. Writing into it would tear the mark.
            return;
        }
        let end = column + usize::from(span(&cell));
        // Whatever this cell overlaps loses its right half; the rest of it becomes blank.
        let mut blank_to = end;
        for (index, old) in row.iter().enumerate().take(end).skip(column) {
            blank_to = blank_to.max(index + usize::from(span(old)));
        }
        for (index, slot) in row.iter_mut().enumerate().take(blank_to).skip(column) {
            *slot = match index {
                index if index == column => cell.clone(),
                index if index < end => covered(),
                _ => Cell::EMPTY,
            };
        }
        if let Some(dirty) = self.dirty.get_mut(usize::from(y)) {
            *dirty = true;
        }
    }

    /// Turns the difference between the two pictures into bytes.
    fn paint(&mut self) {
        let width = usize::from(self.size.width);
        if self.erase {
            self.erase = false;
            self.wire.take(Pen::default());
            self.wire.bytes.extend_from_slice(b"\x1b[2J");
            self.shown.fill(Cell::EMPTY);
            self.dirty.fill(true);
        }
        if width > 0 {
            let rows = self.shown.chunks_mut(width).zip(self.wanted.chunks(width));
            for (y, ((shown, wanted), dirty)) in (0u16..).zip(rows.zip(self.dirty.iter_mut())) {
                if std::mem::take(dirty) {
                    paint_row(&mut self.wire, y, shown, wanted);
                }
            }
        }
        if self.cursor_shown && width > 0 && self.size.height > 0 {
            let x = self.cursor.x.min(self.size.width - 1);
            let y = self.cursor.y.min(self.size.height - 1);
            self.wire.go(Position::new(x, y));
        }
        if self.wire.cursor_shown != Some(self.cursor_shown) {
            self.wire.cursor_shown = Some(self.cursor_shown);
            let sequence: &[u8] = if self.cursor_shown { b"\x1b[?25h" } else { b"\x1b[?25l" };
            self.wire.bytes.extend_from_slice(sequence);
        }
    }
}

fn paint_row(wire: &mut Wire, y: u16, shown: &mut [Cell], wanted: &[Cell]) {
    let width = u16::try_from(wanted.len()).unwrap_or(u16::MAX);
    let rest = wanted.iter().rev().take_while(|cell| is_plain(cell) && cell.bg == Color::Reset).count();
    let rest_from = wanted.len() - rest;
    // Columns that a doubtful cluster may have run over are written again.
    let mut redo_to = 0;
    let mut column = 0;
    while let Some(cell) = wanted.get(column) {
        let columns = span(cell);
        let next = column + usize::from(columns);
        let same = column >= redo_to && shown.get(column..next) == wanted.get(column..next);
        if same {
            column = next;
            continue;
        }
        let x = u16::try_from(column).unwrap_or(u16::MAX);
        wire.skip_to(x, y, wanted);
        let stale = |from: usize| shown.iter().zip(wanted).skip(from).filter(|(a, b)| a != b).count();
        if column >= rest_from && (redo_to > column || stale(column) > 3) {
            wire.erase_rest();
            for (slot, cell) in shown.iter_mut().zip(wanted).skip(column) {
                slot.clone_from(cell);
            }
            return;
        }
        wire.put(cell, columns, width);
        if is_doubtful(cell.symbol()) {
            redo_to = redo_to.max(column + usize::from(reach(cell.symbol())));
        }
        for (slot, cell) in shown.iter_mut().zip(wanted).take(next).skip(column) {
            slot.clone_from(cell);
        }
        column = next;
    }
}

impl<W: Write> Backend for Screen<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        for (x, y, cell) in content {
            self.want(x, y, cell);
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.cursor_shown = false;
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.cursor_shown = true;
        Ok(())
    }

    /// Where the cursor was last asked to be; the terminal is not asked.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.cursor = position.into();
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.wanted.fill(Cell::EMPTY);
        self.invalidate();
        Ok(())
    }

    /// The whole screen only; the console draws on nothing else.
    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        match clear_type {
            ClearType::All => self.clear(),
            _ => Err(io::Error::new(io::ErrorKind::Unsupported, "only the whole screen can be cleared")),
        }
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::ZERO })
    }

    /// Sends the frame: one write, or none when nothing changed.
    ///
    /// # Errors
    /// Of the writer (`EIO` or `EPIPE` when the terminal has gone); the next frame then draws everything.
    fn flush(&mut self) -> io::Result<()> {
        self.paint();
        let mut frame = std::mem::take(&mut self.wire.bytes);
        if frame.len() > SMALL {
            frame.splice(0..0, BEGIN.iter().copied());
            frame.extend_from_slice(END);
        }
        let sent = self.send(&frame);
        if sent.is_err() {
            self.invalidate();
        }
        frame.clear();
        self.wire.bytes = frame;
        sent
    }
}

#[cfg(test)]
mod tests;
