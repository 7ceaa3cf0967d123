//! The targets of clicks.

use crate::app::core::msg::ClickTarget;
use ratatui::layout::{Position, Rect};

/// The rectangles of one frame that can be clicked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HitMap(Vec<(Rect, ClickTarget)>);

impl HitMap {
    /// The target at a column and row. The one drawn last is on top.
    pub fn at(&self, x: u16, y: u16) -> Option<ClickTarget> {
        self.0.iter().rev().find(|(area, _)| area.contains(Position::new(x, y))).map(|(_, target)| *target)
    }

    pub(super) fn add(&mut self, area: Rect, target: ClickTarget) {
        if !area.is_empty() {
            self.0.push((area, target));
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
