//! The view of a past session.

use crate::domain::message::{Body, Side};
use crate::domain::transcript::Transcript;
use crate::proto::decode;
use crate::text::Clean;
use crate::text::fold::folded;
use jiff::tz::TimeZone;

/// The view of a past session.
#[derive(Clone, Debug)]
pub struct PastView {
    pub title: Clean,
    /// The log, a paragraph for each message: heading, side, text.
    pub entries: Vec<(Clean, Side, Clean)>,
    /// The number of rows that are scrolled away.
    pub top: usize,
    /// The search text.
    pub find: String,
}

impl PastView {
    /// Creates the view of a log.
    pub fn new(title: Clean, messages: &[crate::proto::media::MessageDto], zone: &TimeZone) -> Self {
        let mut transcript = Transcript::default();
        for message in messages {
            transcript.insert(decode::message(message));
        }
        let entries = transcript
            .lines()
            .iter()
            .filter_map(|line| {
                let message = &line.message;
                let words = match &message.body {
                    Body::Text(text) | Body::Url(text) | Body::Placeholder(text) | Body::Notice(text) => {
                        text.clone()
                    }
                    Body::Media(media) => {
                        let caption = media.caption.as_ref().map(Clean::as_str).unwrap_or_default();
                        Clean::new(&format!("[{}] {caption}", media.kind))
                    }
                    Body::Joined => "joined".into(),
                    Body::Left => "left".into(),
                    Body::Error(reason) => reason.clone(),
                    _ => return None,
                };
                let at = message.at.in_zone(zone).strftime("%H:%M").to_string();
                Some((Clean::line(&format!("{at} {}", message.name)), message.side, words))
            })
            .collect();
        Self { title, entries, top: 0, find: String::new() }
    }

    /// Whether an entry contains the search text.
    pub fn holds(&self, words: &Clean) -> bool {
        let find = folded(&self.find);
        !find.is_empty() && folded(words).contains(&find)
    }

    /// The rows of each entry at a width: those of its heading and those of its text.
    pub fn rows(&self, width: u16) -> Vec<(usize, usize)> {
        let mut first = 0;
        self.entries
            .iter()
            .map(|(_, _, words)| {
                let at = first;
                let rows = 1 + crate::text::wrap::height(words, width.saturating_sub(2).max(1));
                first += rows;
                (at, rows)
            })
            .collect()
    }

    /// Scrolls to the next entry below the top that contains the search text, wrapping at the end. Returns
    /// false when none does.
    pub fn next_hit(&mut self, width: u16, from_top: bool) -> bool {
        let rows = self.rows(width);
        let hits: Vec<usize> = self
            .entries
            .iter()
            .zip(&rows)
            .filter(|((_, _, words), _)| self.holds(words))
            .map(|(_, (first, _))| *first)
            .collect();
        let next = hits.iter().find(|first| if from_top { **first >= self.top } else { **first > self.top });
        match next.or_else(|| hits.first()) {
            Some(first) => {
                self.top = *first;
                true
            }
            None => false,
        }
    }
}
