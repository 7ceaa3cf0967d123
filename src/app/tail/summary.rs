//! The summary of `deskline tail`: what it printed, and what it could not show.

use super::line;
use crate::proto::watch::FeedEntry;

/// Counts for the summary at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TailSummary {
    pub lines: u64,
    /// Lines about content that is not text, or that this version does not know.
    pub partial: u64,
    /// How often the connection was lost.
    pub breaks: u64,
}

impl TailSummary {
    pub(super) fn count(&mut self, entry: &FeedEntry) {
        self.lines += 1;
        self.partial += u64::from(!line::is_complete(entry));
    }

    /// What could not be shown, as one line; `None` when everything was.
    pub fn missing(&self) -> Option<String> {
        let mut parts = Vec::new();
        if self.partial > 0 {
            parts.push(format!(
                "{} of {} lines replace pictures, files or events without text",
                self.partial, self.lines
            ));
        }
        if self.breaks > 0 {
            let times = if self.breaks == 1 { "once".to_owned() } else { format!("{} times", self.breaks) };
            parts.push(format!("the connection broke {times}; nothing is missing or doubled"));
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_shown_is_one_line() {
        assert_eq!(TailSummary { lines: 9, ..TailSummary::default() }.missing(), None);
        let summary = TailSummary { lines: 9, partial: 2, breaks: 1 };
        assert_eq!(
            summary.missing().unwrap(),
            "2 of 9 lines replace pictures, files or events without text; the connection broke once; nothing is missing or doubled"
        );
    }
}
