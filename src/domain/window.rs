//! The reply window: the 24 hours in which free text may be sent to a customer.

use super::Millis;
use std::time::Duration;

/// How long after the customer's last message free text is allowed (WhatsApp).
pub const REPLY_WINDOW: Duration = Duration::from_secs(24 * 3600);

/// What is left of the reply window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyWindow {
    /// The server does not say.
    Unknown,
    /// Open for this long.
    Open(Duration),
    /// Closed: only a template may be sent.
    Closed,
}

/// The state of a window that ends at `ends`.
pub fn reply_window(ends: Option<Millis>, now: Millis) -> ReplyWindow {
    match ends {
        None => ReplyWindow::Unknown,
        Some(ends) if ends > now => ReplyWindow::Open(ends.since(now)),
        Some(_) => ReplyWindow::Closed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_closes_at_its_last_millisecond() {
        assert_eq!(reply_window(None, Millis(5)), ReplyWindow::Unknown);
        assert_eq!(reply_window(Some(Millis(6)), Millis(5)), ReplyWindow::Open(Duration::from_millis(1)));
        assert_eq!(reply_window(Some(Millis(5)), Millis(5)), ReplyWindow::Closed);
    }
}
