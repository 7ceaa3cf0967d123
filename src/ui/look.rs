//! How the screen looks.

use super::theme::Theme;
use crate::text::bidi::Bidi;

/// What a person chose for the look of the screen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// Colours.
    pub theme: Theme,
    /// Who reorders right-to-left text.
    pub bidi: Bidi,
}
