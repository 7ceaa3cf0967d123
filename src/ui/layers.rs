//! Draws the topmost layer.

use super::hit::HitMap;
use super::paint::Canvas;
use super::window::draw_scrolled;
use super::{
    confirm, contacts, disposition, form, help, notices, picker, prompt, reach, responses, side, workbins,
};
use crate::app::State;
use crate::app::core::layer::Layer;
use crate::app::features::contacts::ContactsLayer;
use crate::app::features::reach::ReachLayer;
use ratatui::layout::{Position, Rect};

/// Draws a layer; returns the cursor position.
pub(super) fn draw(
    state: &State,
    layer: &Layer,
    screen: Rect,
    canvas: &mut Canvas<'_>,
    hits: &mut HitMap,
) -> Option<Position> {
    match layer {
        Layer::Help(top) => draw_scrolled(help::rows(state, screen, canvas), *top, "Keys", screen, canvas),
        Layer::Notices(top) => {
            draw_scrolled(notices::rows(state, screen, canvas), *top, "Notices", screen, canvas)
        }
        Layer::Case(top) => {
            draw_scrolled(side::case_rows(state, screen, canvas), *top, "Case", screen, canvas)
        }
        Layer::Pick(list) => picker::draw(list, screen, canvas, hits),
        Layer::Targets(list) => picker::draw(&list.picker, screen, canvas, hits),
        Layer::Workbins(list) => workbins::draw(state, *list, screen, canvas, hits),
        Layer::Reach(layer) => match &**layer {
            ReachLayer::Menu(menu) => picker::draw(&menu.picker, screen, canvas, hits),
            ReachLayer::Templates(list) => reach::draw_templates(list, screen, canvas, hits),
            ReachLayer::Outside(link) => reach::draw_outside(link, screen, canvas),
        },
        Layer::Contacts(layer) => match layer {
            ContactsLayer::List(list) => picker::draw(&list.picker, screen, canvas, hits),
            ContactsLayer::Past(view) => contacts::draw_past_session(view, screen, canvas),
        },
        Layer::Responses(list) => responses::draw(state, list, screen, canvas, hits),
        Layer::Prompt(line) => prompt::draw(line, screen, canvas),
        Layer::Dispositions(list) => disposition::draw(list, screen, canvas, hits),
        Layer::Form(form) => form::draw(form, screen, canvas, hits),
        Layer::Confirm(question) => confirm::draw(question, screen, canvas),
    }
}
