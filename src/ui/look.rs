//! The look of the screen.

use super::theme::Theme;
use crate::text::bidi::Bidi;

/// The user's settings for the look of the screen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    pub theme: Theme,
    /// What reorders right-to-left text.
    pub bidi: Bidi,
}
