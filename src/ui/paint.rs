//! Writes text into cells.
//!
//! Owns: the one way to write: cluster by cluster, with the widths of `text::width`, never past an edge.
//! Must not: know what the text means.

use super::look::Look;
use super::theme::Theme;
use crate::app::core::layout::Area;
use crate::text::bidi;
use crate::text::width::{cluster_width, clusters, str_width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::time::Duration;

/// The rectangle of a part of the layout.
pub(super) fn rect(area: Area) -> Rect {
    Rect::new(area.x, area.y, area.width, area.height)
}

/// One row of a rectangle; without cells when it has no such row.
pub(super) fn row(area: Rect, row: u16) -> Rect {
    let height = u16::from(row < area.height);
    Rect::new(area.x, area.y.saturating_add(row), area.width, height)
}

/// A rectangle without its first columns.
pub(super) fn skip_columns(area: Rect, columns: u16) -> Rect {
    let columns = columns.min(area.width);
    Rect { x: area.x.saturating_add(columns), width: area.width - columns, ..area }
}

/// A text cut to at most `cells` cells; a cut text ends with `…`.
pub(super) fn truncate(text: &str, cells: u16) -> String {
    if str_width(text) <= cells {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for (_, cluster) in clusters(text) {
        let width = cluster_width(cluster);
        if used + width >= cells {
            break;
        }
        used += width;
        out.push_str(cluster);
    }
    if cells > 0 {
        out.truncate(out.trim_end().len());
        out.push('…');
    }
    out
}

/// A waiting time: in seconds in the first minute, then in minutes.
pub(super) fn short_duration(time: Duration) -> String {
    let minutes = time.as_secs() / 60;
    match minutes {
        0 => format!("0:{:02}", time.as_secs()),
        1..60 => format!("{minutes} min"),
        60..1440 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1440),
    }
}

/// The text of a row, in parts with styles.
#[derive(Clone, Debug, Default)]
pub(super) struct StyledLine {
    pieces: Vec<(String, Style)>,
    width: u16,
}

impl StyledLine {
    /// Adds text of the program.
    pub(super) fn push(&mut self, text: impl AsRef<str>, style: Style) {
        let text = text.as_ref();
        self.width = self.width.saturating_add(str_width(text));
        self.pieces.push((text.to_owned(), style));
    }

    /// Adds text from outside the program, cut to at most `cells` cells, in visual order.
    pub(super) fn push_text(&mut self, text: &str, cells: u16, style: Style, look: &Look) {
        let fitted = truncate(text, cells);
        self.push(bidi::visual(&fitted, look.bidi), style);
    }

    /// Adds a sentence of the program that may contain names from outside, cut to at most `cells` cells.
    pub(super) fn push_sentence(&mut self, text: &str, cells: u16, style: Style, look: &Look) {
        let fitted = truncate(text, cells);
        self.push(bidi::sentence(&fitted, look.bidi), style);
    }

    /// Adds this many blank cells.
    pub(super) fn push_gap(&mut self, cells: u16) {
        self.push(" ".repeat(cells.into()), Style::new());
    }

    pub(super) fn width(&self) -> u16 {
        self.width
    }

    pub(super) fn append(&mut self, other: Self) {
        self.width = self.width.saturating_add(other.width);
        self.pieces.extend(other.pieces);
    }
}

/// The buffer to draw into, with the look.
pub(super) struct Canvas<'a> {
    buffer: &'a mut Buffer,
    pub(super) look: &'a Look,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(buffer: &'a mut Buffer, look: &'a Look) -> Self {
        Self { buffer, look }
    }

    pub(super) fn theme(&self) -> &'a Theme {
        &self.look.theme
    }

    /// Writes a cluster; false when it does not fit before `end`. A cluster of width 0 is not written.
    pub(super) fn cluster(&mut self, x: u16, y: u16, end: u16, cluster: &str, style: Style) -> bool {
        let width = cluster_width(cluster);
        if width == 0 {
            return true;
        }
        let end = end.min(self.buffer.area.right());
        if x.saturating_add(width) > end {
            return false;
        }
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            cell.reset();
            cell.set_symbol(cluster).set_style(style);
        }
        for covered in x + 1..x + width {
            if let Some(cell) = self.buffer.cell_mut((covered, y)) {
                cell.reset();
                cell.set_style(style);
            }
        }
        true
    }

    /// Writes a text in the first row of an area; returns the column after it.
    pub(super) fn put(&mut self, area: Rect, text: &str, style: Style) -> u16 {
        let mut x = area.x;
        if area.height == 0 {
            return x;
        }
        for (_, cluster) in clusters(text) {
            if !self.cluster(x, area.y, area.right(), cluster, style) {
                break;
            }
            x = x.saturating_add(cluster_width(cluster));
        }
        x
    }

    /// Writes a line at the left of the first row of an area.
    pub(super) fn left(&mut self, area: Rect, line: &StyledLine) {
        let mut rest = area;
        for (text, style) in &line.pieces {
            let x = self.put(rest, text, *style);
            rest = skip_columns(rest, x.saturating_sub(rest.x));
        }
    }

    /// Writes a line at the right of the first row of an area; returns its rectangle. The end of a line that is wider than
    /// the area is cut.
    pub(super) fn right(&mut self, area: Rect, line: &StyledLine) -> Rect {
        let place = skip_columns(row(area, 0), area.width.saturating_sub(line.width()));
        self.left(place, line);
        place
    }

    /// Adds a style to all cells of an area.
    pub(super) fn tint(&mut self, area: Rect, style: Style) {
        self.buffer.set_style(area.intersection(self.buffer.area), style);
    }

    /// Fills the first row of an area with one symbol that takes a cell.
    pub(super) fn rule(&mut self, area: Rect, symbol: &str, style: Style) {
        for x in area.x..area.right() {
            self.cluster(x, area.y, if area.height > 0 { area.right() } else { 0 }, symbol, style);
        }
    }

    /// Fills the first column of an area with one symbol that takes a cell.
    pub(super) fn column(&mut self, area: Rect, symbol: &str, style: Style) {
        for y in area.y..area.bottom() {
            self.cluster(area.x, y, area.right(), symbol, style);
        }
    }

    /// Clears an area. A wide cluster that reaches into it from the left is removed completely.
    pub(super) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.y..area.bottom() {
            if let Some(before) = area.x.checked_sub(1).and_then(|x| self.buffer.cell_mut((x, y)))
                && cluster_width(before.symbol()) > 1
            {
                before.set_symbol(" ");
            }
            for x in area.x..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                }
            }
        }
    }
}
