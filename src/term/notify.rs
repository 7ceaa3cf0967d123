//! Notifications outside the screen: the bell, a desktop notification, the window title.
//!
//! The text is cleaned once more here, because it leaves the cells: a mark that is harmless in a cell could end an
//! escape sequence, or make a title read backwards.

use crate::term::caps::Multiplexer;
use crate::text::Clean;

/// The longest title, in characters.
pub const MAX_TITLE: usize = 80;
/// The longest notification, in characters.
pub const MAX_ALERT: usize = 200;

/// How an event is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notification {
    /// Not at all.
    None,
    /// By the terminal's bell, which some set to flash.
    Bell,
    /// By a desktop notification (OSC 9), in the terminals that know it.
    Desktop,
}

/// The bytes that announce `text`. The bell does not contain it.
pub fn alert(kind: Notification, text: &Clean, multiplexer: Multiplexer) -> Vec<u8> {
    match kind {
        Notification::None => Vec::new(),
        Notification::Bell => vec![0x07],
        Notification::Desktop => {
            // Some terminals read “4;…” as a progress bar, so no text may hold a semicolon.
            let text = printable(text, MAX_ALERT).replace(';', ",");
            multiplexer.pass_through(format!("\x1b]9;{text}\x07").as_bytes())
        }
    }
}

/// The bytes that set the window's title (OSC 2). The guard puts the old one back.
pub fn title(text: &Clean) -> Vec<u8> {
    format!("\x1b]2;{}\x07", printable(text, MAX_TITLE)).into_bytes()
}

fn printable(text: &Clean, limit: usize) -> String {
    let mut kept = text.chars().map(|c| if c == '\n' { ' ' } else { c }).filter(|c| is_printable(*c));
    let mut out: String = kept.by_ref().take(limit).collect();
    if kept.next().is_some() {
        out.pop();
        out.push('…');
    }
    out
}

fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{e0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_without_controls() {
        let bytes = title(&Clean::new("Lucía\u{1b}]0;x\u{7}\n(2)\u{202e}"));
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.matches('\x1b').count(), 1);
        assert_eq!(text.matches('\x07').count(), 1);
        assert!(text.starts_with("\x1b]2;Lucía"));
        assert!(!text.contains('\u{202e}') && !text.contains('\n'));
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        let text = String::from_utf8(title(&Clean::new(&"á".repeat(500)))).unwrap();
        assert_eq!(text.matches('á').count(), MAX_TITLE - 1);
        assert!(text.contains('…'));
    }

    #[test]
    fn each_kind_of_alert_has_its_bytes() {
        let text = Clean::new("4;1;100");
        assert!(alert(Notification::None, &text, Multiplexer::None).is_empty());
        assert_eq!(alert(Notification::Bell, &text, Multiplexer::Tmux), [7]);
        assert_eq!(alert(Notification::Desktop, &text, Multiplexer::None), b"\x1b]9;4,1,100\x07");
        assert!(alert(Notification::Desktop, &text, Multiplexer::Tmux).starts_with(b"\x1bPtmux;"));
    }
}
