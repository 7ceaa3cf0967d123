//! A transcript in view.

use crate::app::core::blocks::Measure;
use crate::app::core::scroll::Scroll;
use crate::domain::transcript::Transcript;
use crate::text::Clean;
use jiff::tz::TimeZone;

/// A transcript in view.
#[derive(Clone, Debug, Default)]
pub struct TranscriptPane {
    /// The log, as far as it was read.
    pub transcript: Transcript,
    pub scroll: Scroll,
    /// Whether a part was requested and has not arrived.
    pub is_reading: bool,
    /// Why the log could not be read.
    pub error: Option<Clean>,
    /// The customer, also after the session has ended.
    pub title: Clean,
    pub has_ended: bool,
}

impl TranscriptPane {
    /// The transcript, measured for a width.
    pub fn measure<'a>(&'a self, width: u16, zone: &'a TimeZone) -> Measure<'a> {
        Measure { transcript: &self.transcript, older: &[], more: None, width, zone, me: None }
    }
}
