//! The width of a layer, by the width of the screen.

/// Below this width in columns, a layer fills the screen and has no frame.
pub const FULL_WIDTH: u16 = 50;

/// The width in columns inside a layer with sentences: all columns of a narrow screen, three fifths of a wide
/// one, because longer rows are hard to read.
pub const fn layer_width(screen: u16) -> u16 {
    inside(screen, 96)
}

/// The width in columns inside a list or a form.
pub const fn list_width(screen: u16) -> u16 {
    inside(screen, 72)
}

const fn inside(screen: u16, least: u16) -> u16 {
    let share = screen / 5 * 3;
    let wanted = if share < least { least } else { share };
    let columns = match screen {
        0..FULL_WIDTH => screen.saturating_sub(2),
        // A narrower margin would only show fragments of words.
        _ if screen < wanted + 16 => screen - 4,
        _ => wanted,
    };
    if columns == 0 { 1 } else { columns }
}
