//! Draws the console's state.
//!
//! Owns: the look of everything, the position of the cursor, and the meaning of clicks.
//! Must not: change the state, read a clock, or write to a terminal; a frame is a function of the state.
//! Invariants: any size can be drawn; untrusted text stays in its cells; meaning is never carried by colour alone; the cost
//! of a frame depends on what is visible, not on the number of sessions and messages.

mod bar;
mod confirm;
mod contacts;
mod disposition;
pub mod dump;
mod form;
mod header;
mod help;
mod hints;
mod hit;
mod input;
mod invitations;
mod layers;
mod list;
mod lock;
mod look;
mod monitor;
mod notices;
mod paint;
mod picker;
mod prompt;
mod reach;
mod responses;
mod side;
mod strip;
pub mod theme;
mod transcript;
mod window;
mod workbins;

pub use hit::HitMap;
pub use look::Look;
pub use monitor::draw as draw_monitor;
pub use theme::Theme;

use crate::app::State;
use paint::{Canvas, rect};
use ratatui::Frame;
use ratatui::layout::Rect;

/// Draws everything, positions the real cursor, and returns what can be clicked.
pub fn draw(state: &State, look: &Look, frame: &mut Frame<'_>) -> HitMap {
    let layout = state.layout();
    let screen = Rect::new(0, 0, state.size.0, state.size.1).intersection(frame.area());
    let mut hits = HitMap::default();
    let mut canvas = Canvas::new(frame.buffer_mut(), look);

    bar::draw(state, rect(layout.status), &mut canvas);
    if let Some(lock) = &state.lock {
        // Nothing else is drawn, so no data of a customer is visible.
        invitations::draw_locked(state, rect(layout.invitations), &mut canvas);
        let top = layout.invitations.y + layout.invitations.height;
        let under = Rect { y: top, height: screen.height.saturating_sub(top), ..screen };
        let cursor = lock::draw(state, lock, under, &mut canvas);
        if let Some(position) = cursor.filter(|position| screen.contains(*position)) {
            frame.set_cursor_position(position);
        }
        return hits;
    }
    list::draw_tabs(state, rect(layout.tabs), &mut canvas, &mut hits);
    list::draw(state, rect(layout.list), &mut canvas, &mut hits);
    header::draw(state, rect(layout.header), &mut canvas);
    // Customers' text must not touch the line beside it; the layout decides whether there is a gutter.
    let gutter = layout.header.width > layout.transcript.width;
    transcript::draw(state, rect(layout.transcript), gutter, &mut canvas, &mut hits);
    side::draw(state, rect(layout.side), &mut canvas);
    strip::draw(state, &layout, &mut canvas, &mut hits);
    let mut cursor = input::draw(state, rect(layout.input), &mut canvas);
    hints::draw(state, rect(layout.hints), &mut canvas);
    if let Some(layer) = state.layers.last() {
        // What is below an open layer cannot be clicked.
        hits.clear();
        let place = rect(layout.layer).intersection(screen);
        cursor = layers::draw(state, layer, place, &mut canvas, &mut hits);
    }
    // Bar, notice and invitations stay visible and usable above any layer.
    bar::draw_notice(state, rect(layout.notice), &mut canvas);
    invitations::draw(state, rect(layout.invitations), &mut canvas, &mut hits);

    if let Some(position) = cursor.filter(|position| screen.contains(*position)) {
        frame.set_cursor_position(position);
    }
    hits
}
