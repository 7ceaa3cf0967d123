//! A drawn buffer as text, as styled text, and as a picture.
//!
//! For tests and documents. Nothing here is used while the console runs.

use crate::text::width::cluster_width;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Position;
use ratatui::style::{Color, Modifier, Style};
use std::fmt::Write as _;

/// The rows as plain text, without spaces at their ends.
pub fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for row in rows(buffer) {
        let line: String = row.iter().map(|(_, cell)| cell.symbol()).collect();
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The rows as text in which styled runs are written as `‹look:words›`, such as `‹bold.green:Ready›`.
pub fn styled(buffer: &Buffer) -> String {
    let mut out = String::new();
    for row in rows(buffer) {
        let mut line = String::new();
        for run in row.chunk_by(|(_, a), (_, b)| tag(a) == tag(b)) {
            let words: String = run.iter().map(|(_, cell)| cell.symbol()).collect();
            match run.first().map(|(_, cell)| tag(cell)).filter(|tag| !tag.is_empty()) {
                Some(tag) => line.push_str(&format!("‹{tag}:{words}›")),
                None => line.push_str(&words),
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The cells of each row with their columns, without those that a wide cluster before them covers.
fn rows(buffer: &Buffer) -> Vec<Vec<(u16, &Cell)>> {
    let area = buffer.area;
    (area.y..area.bottom())
        .map(|y| {
            let mut row = Vec::new();
            let mut x = area.x;
            while let Some(cell) = buffer.cell((x, y)) {
                row.push((x, cell));
                x += cluster_width(cell.symbol()).max(1);
            }
            row
        })
        .collect()
}

const MODIFIERS: &[(Modifier, &str)] = &[
    (Modifier::BOLD, "bold"),
    (Modifier::DIM, "dim"),
    (Modifier::ITALIC, "italic"),
    (Modifier::UNDERLINED, "under"),
    (Modifier::SLOW_BLINK, "blink"),
    (Modifier::REVERSED, "rev"),
    (Modifier::CROSSED_OUT, "struck"),
];

fn tag(cell: &Cell) -> String {
    let Style { fg, bg, .. } = cell.style();
    let mut parts: Vec<String> = MODIFIERS
        .iter()
        .filter(|(modifier, _)| cell.modifier.contains(*modifier))
        .map(|(_, name)| (*name).to_owned())
        .collect();
    let named =
        |colour: Option<Color>| colour.filter(|c| *c != Color::Reset).map(|c| c.to_string().to_lowercase());
    parts.extend(named(fg));
    parts.extend(named(bg).map(|name| format!("on-{name}")));
    parts.join(".")
}

/// The terminal that a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    /// Light text on a dark background.
    Dark,
    /// Dark text on a light background.
    Light,
}

/// Pixels of a cell in a picture.
const CELL: (u32, u32) = (9, 18);
/// Pixels around a picture.
const MARGIN: u32 = 10;

const DARK: [&str; 18] = [
    "#1b1d22", "#d8dbe2", // background, text
    "#2b2e35", "#d05c5c", "#6fb56f", "#d0a850", "#6b93d6", "#b07cc6", "#58b0b8",
    "#c3c7cf", // the first eight
    "#6d727d", "#f07878", "#8fd48f", "#ecc978", "#8fb3f0", "#d09ce6", "#7fd3da",
    "#ffffff", // the bright eight
];
const LIGHT: [&str; 18] = [
    "#fbfbf8", "#24272c", //
    "#24272c", "#b02a2a", "#2c7a2c", "#e8cf7a", "#2a56b0", "#8a3a9c", "#1f7f88", "#dfe1e5", //
    "#80858f", "#d04040", "#3c9a3c", "#f0dc90", "#4070d0", "#a858bc", "#2f9faa", "#ffffff",
];

/// The buffer as a picture: every cluster is drawn exactly in its cells. The cursor is drawn as an outline.
pub fn svg(buffer: &Buffer, cursor: Option<Position>, ground: Background) -> String {
    let palette = if ground == Background::Dark { &DARK } else { &LIGHT };
    let (w, h) = CELL;
    let width = u32::from(buffer.area.width) * w + 2 * MARGIN;
    let height = u32::from(buffer.area.height) * h + 2 * MARGIN;
    let [paper, ink, ..] = palette;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"{paper}\"/>\n\
         <g font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"15\" xml:space=\"preserve\">\n"
    );
    for (y, row) in (0..).zip(rows(buffer)) {
        let top = MARGIN + y * h;
        for run in row.chunk_by(|(_, a), (_, b)| tag(a) == tag(b)) {
            let Some((first, cell)) = run.first() else { continue };
            let cells: u32 = run.iter().map(|(_, cell)| u32::from(cluster_width(cell.symbol()).max(1))).sum();
            let (ink, paper) = colours(cell, palette);
            if paper != palette.first().copied().unwrap_or_default() {
                let x = MARGIN + u32::from(first - buffer.area.x) * w;
                let _ = writeln!(
                    out,
                    "<rect x=\"{x}\" y=\"{top}\" width=\"{}\" height=\"{h}\" fill=\"{paper}\"/>",
                    cells * w
                );
            }
            // ASCII is written as one text, stretched over its cells; other text cell by cell, since its width differs
            // between fonts.
            for part in run.chunk_by(|(_, a), (_, b)| a.symbol().is_ascii() && b.symbol().is_ascii()) {
                write_run(&mut out, part, buffer.area.x, top, ink, cell.modifier);
            }
        }
    }
    if let Some(at) = cursor {
        let (x, y) = (MARGIN + u32::from(at.x) * w, MARGIN + u32::from(at.y) * h);
        let _ = writeln!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"2\" height=\"{h}\" fill=\"{ink}\"/>");
    }
    out.push_str("</g>\n</svg>\n");
    out
}

fn write_run(out: &mut String, part: &[(u16, &Cell)], left: u16, top: u32, ink: &str, modifier: Modifier) {
    let text: String = part.iter().map(|(_, cell)| cell.symbol()).collect();
    let decorated = modifier.intersects(Modifier::UNDERLINED | Modifier::CROSSED_OUT);
    let Some((first, _)) = part.first() else { return };
    if text.trim().is_empty() && !decorated {
        return;
    }
    let cells: u32 = part.iter().map(|(_, cell)| u32::from(cluster_width(cell.symbol()).max(1))).sum();
    let (x, y) = (MARGIN + u32::from(first - left) * CELL.0, top + 14);
    let mut looks = String::new();
    for (on, look) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::ITALIC, " font-style=\"italic\""),
        (Modifier::DIM, " fill-opacity=\"0.6\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
        (Modifier::CROSSED_OUT, " text-decoration=\"line-through\""),
    ] {
        if modifier.contains(on) {
            looks.push_str(look);
        }
    }
    let _ = writeln!(
        out,
        "<text x=\"{x}\" y=\"{y}\" fill=\"{ink}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"{looks}>{}</text>",
        cells * CELL.0,
        escaped(&text)
    );
}

fn colours<'a>(cell: &Cell, palette: &'a [&'a str; 18]) -> (&'a str, &'a str) {
    let [paper, ink, ..] = palette;
    let pick = |colour: Color, default: &'a str| {
        let place = match colour {
            Color::Black => 0,
            Color::Red => 1,
            Color::Green => 2,
            Color::Yellow => 3,
            Color::Blue => 4,
            Color::Magenta => 5,
            Color::Cyan => 6,
            Color::Gray => 7,
            Color::DarkGray => 8,
            Color::LightRed => 9,
            Color::LightGreen => 10,
            Color::LightYellow => 11,
            Color::LightBlue => 12,
            Color::LightMagenta => 13,
            Color::LightCyan => 14,
            Color::White => 15,
            _ => return default,
        };
        palette.get(place + 2).copied().unwrap_or(default)
    };
    let (ink, paper) = (pick(cell.fg, ink), pick(cell.bg, paper));
    if cell.modifier.contains(Modifier::REVERSED) { (paper, ink) } else { (ink, paper) }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;

    fn buffer() -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 2));
        buffer.set_string(0, 0, "a 👍 <b>", Style::new());
        buffer.set_string(0, 1, "hot", Style::new().fg(Color::Red).add_modifier(Modifier::BOLD));
        buffer
    }

    #[test]
    fn text_has_each_cluster_once_and_no_trailing_spaces() {
        assert_eq!(text(&buffer()), "a 👍 <b>\nhot\n");
    }

    #[test]
    fn styled_text_names_the_styles() {
        assert_eq!(styled(&buffer()), "a 👍 <b>\n‹bold.red:hot›\n");
    }

    #[test]
    fn svg_escapes_markup_and_keeps_to_the_grid() {
        let picture = svg(&buffer(), Some(Position::new(3, 1)), Background::Light);
        assert!(picture.contains("&lt;b&gt;") && !picture.contains("<b>"));
        // The thumb is in the third cell and takes two.
        assert!(picture.contains("<text x=\"28\" y=\"24\" fill=\"#24272c\" textLength=\"18\""), "{picture}");
        assert!(picture.contains("font-weight=\"bold\""));
    }
}
