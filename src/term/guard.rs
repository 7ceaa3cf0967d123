//! Sets the modes of the terminal and restores them exactly.
//!
//! Owns: the list of modes, each with the bytes that set it and the bytes that reset it, and the one record of what
//! is set now. Must not: draw.
//! Invariants: leaving writes the resets of what was set, in reverse, and nothing else; it happens once, whoever asks
//! first (the owner, its drop, a panic); it goes on after a failure and reports the first.

use std::fs::File;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU8, Ordering};

use crate::term::screen;

/// The optional modes, besides those that the console always needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Modes {
    /// Mouse reports. They disable the terminal's own selection, so they are off by default.
    pub mouse: bool,
    /// Save the title of the window and restore it at the end.
    pub title: bool,
    /// Unambiguous keys by kitty's protocol; a terminal that does not know it ignores it.
    pub keyboard_flags: bool,
}

const ENTERED: u8 = 1;
const MOUSE: u8 = 2;
const TITLE: u8 = 4;
const KEYBOARD_FLAGS: u8 = 8;

const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// The modes that are set now; zero when the terminal is not in use. The process has one terminal, so this is global.
static HELD: AtomicU8 = AtomicU8::new(0);

impl Modes {
    fn bits(self) -> u8 {
        let bit = |on: bool, bit: u8| if on { bit } else { 0 };
        ENTERED | bit(self.mouse, MOUSE) | bit(self.title, TITLE) | bit(self.keyboard_flags, KEYBOARD_FLAGS)
    }

    fn from_bits(bits: u8) -> Option<Self> {
        (bits & ENTERED != 0).then_some(Self {
            mouse: bits & MOUSE != 0,
            title: bits & TITLE != 0,
            keyboard_flags: bits & KEYBOARD_FLAGS != 0,
        })
    }

    /// Each mode as the bytes that set it and the bytes that reset it, in the order of setting.
    fn pairs(self) -> impl DoubleEndedIterator<Item = (&'static str, &'static str)> {
        [
            // The terminal saves the title on its own stack.
            (self.title, "\x1b[22;0t", "\x1b[23;0t"),
            // Alternate screen. Keyboard flags belong to a screen, so they come after it.
            (true, "\x1b[?1049h", "\x1b[?1049l"),
            // No automatic wrap: a cluster that is wider than we think must not push the row below, or scroll.
            (true, "\x1b[?7l", "\x1b[?7h"),
            (true, "\x1b[?2004h", "\x1b[?2004l"), // bracketed paste
            (true, "\x1b[?1004h", "\x1b[?1004l"), // focus events
            (self.mouse, MOUSE_ON, MOUSE_OFF),
            (self.keyboard_flags, "\x1b[>1u", "\x1b[<1u"),
            // The cursor is hidden until the first frame positions it. On leaving, the colours are reset first.
            (true, "\x1b[m\x1b[?25l", "\x1b[m\x1b[?25h"),
        ]
        .into_iter()
        .filter_map(|(wanted, set, reset)| wanted.then_some((set, reset)))
    }
}

/// Writes the sequences that set `modes`.
///
/// # Errors
/// The first failure of the writer; nothing is written after it.
pub fn write_enter(out: &mut impl Write, modes: Modes) -> io::Result<()> {
    modes.pairs().try_for_each(|(set, _)| out.write_all(set.as_bytes()))?;
    out.flush()
}

/// Writes the sequences that reverse [`write_enter`], last mode first. Continues after a failure.
///
/// # Errors
/// The first failure of the writer.
pub fn write_leave(out: &mut impl Write, modes: Modes) -> io::Result<()> {
    let mut result = Ok(());
    for (_, reset) in modes.pairs().rev() {
        result = result.and(out.write_all(reset.as_bytes()));
    }
    result.and(out.flush())
}

/// Exclusive use of the terminal until this is dropped.
#[derive(Debug)]
pub struct TerminalGuard {
    modes: Modes,
}

impl TerminalGuard {
    /// Sets raw mode, the alternate screen, bracketed paste, focus events, and the optional `modes`.
    ///
    /// # Errors
    /// When the terminal is in use already, or cannot be set; modes that were set by then are reset.
    pub fn enter(modes: Modes) -> io::Result<Self> {
        enter_modes(modes)?;
        Ok(Self { modes })
    }

    /// Restores the terminal. A second call does nothing.
    ///
    /// # Errors
    /// The first failure; all other modes are still reset.
    pub fn leave(&mut self) -> io::Result<()> {
        give_back()
    }

    /// Restores the terminal for another program: the shell after Ctrl+Z, or an editor.
    ///
    /// # Errors
    /// As [`TerminalGuard::leave`].
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back()
    }

    /// Sets the modes again. The screen must be invalidated afterwards.
    ///
    /// # Errors
    /// As [`TerminalGuard::enter`].
    pub fn resume(&mut self) -> io::Result<()> {
        enter_modes(self.modes)
    }

    /// Turns mouse reports on or off while the terminal is in use.
    ///
    /// # Errors
    /// When the terminal cannot be written; the reset at the end is correct anyway.
    pub fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        self.modes.mouse = on;
        if HELD.load(Ordering::SeqCst) == 0 {
            return Ok(());
        }
        HELD.store(self.modes.bits(), Ordering::SeqCst);
        screen::open()?.write_all(if on { MOUSE_ON } else { MOUSE_OFF }.as_bytes())
    }

    /// Gives up the terminal without a write, because it has gone and a write would fail or hang.
    pub fn abandon(self) {
        HELD.store(0, Ordering::SeqCst);
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        // A failure cannot be reported here.
        let _ = give_back();
    }
}

/// Installs a panic hook that restores the terminal before the previous hook prints its report.
pub fn install_panic_hook() {
    let old = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let _ = give_back();
        old(info);
    }));
}

fn enter_modes(modes: Modes) -> io::Result<()> {
    if HELD.compare_exchange(0, modes.bits(), Ordering::SeqCst, Ordering::SeqCst).is_err() {
        return Err(io::Error::other("the terminal is taken already"));
    }
    let set = || {
        crossterm::terminal::enable_raw_mode()?;
        // One write, so that no incomplete sequence is sent.
        let mut bytes = Vec::new();
        write_enter(&mut bytes, modes)?;
        screen::open()?.write_all(&bytes)
    };
    set().inspect_err(|_| {
        // Only the first failure is reported.
        let _ = give_back();
    })
}

fn give_back() -> io::Result<()> {
    let Some(modes) = Modes::from_bits(HELD.swap(0, Ordering::SeqCst)) else {
        return Ok(());
    };
    let written = screen::open().and_then(|mut out: File| write_leave(&mut out, modes));
    // Unread keys and late replies of the terminal must not reach the shell.
    let flushed = rustix::termios::tcflush(rustix::stdio::stdin(), rustix::termios::QueueSelector::IFlush);
    let cooked = crossterm::terminal::disable_raw_mode();
    written.and(cooked).and(flushed.map_err(io::Error::from))
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU16;

    use super::*;

    const ALL: Modes = Modes { mouse: true, title: true, keyboard_flags: true };

    fn parser() -> vt100::Parser {
        vt100::Parser::new(NonZeroU16::new(5).unwrap(), NonZeroU16::new(20).unwrap(), 0)
    }

    fn bytes(write: impl Fn(&mut Vec<u8>) -> io::Result<()>) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        out
    }

    #[test]
    fn leaving_reverses_entering() {
        let mut terminal = parser();
        terminal.process(b"$ deskline\r\n");
        let before = terminal.screen().state_formatted();

        terminal.process(&bytes(|out| write_enter(out, ALL)));
        let screen = terminal.screen();
        assert!(screen.alternate_screen() && screen.bracketed_paste() && screen.hide_cursor());
        assert_ne!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        assert_eq!(screen.contents(), "");

        terminal.process(b"\x1b[1;41mleft over");
        terminal.process(&bytes(|out| write_leave(out, ALL)));
        assert_eq!(terminal.screen().state_formatted(), before);
        assert_eq!(terminal.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    }

    #[test]
    fn only_requested_modes_are_set_and_reset() {
        let few = Modes::default();
        for text in [bytes(|out| write_enter(out, few)), bytes(|out| write_leave(out, few))] {
            let text = String::from_utf8(text).unwrap();
            assert!(!text.contains("1000") && !text.contains('u') && !text.contains('t'), "{text:?}");
        }
        for modes in [few, ALL, Modes { title: true, ..few }] {
            let sets = bytes(|out| write_enter(out, modes)).iter().filter(|byte| **byte == b'h').count();
            let resets = bytes(|out| write_leave(out, modes)).iter().filter(|byte| **byte == b'l').count();
            // The cursor is the one mode that is set by hiding it.
            assert_eq!(sets + 1, resets + 1);
        }
    }

    #[test]
    fn the_record_remembers_every_mode() {
        for modes in [Modes::default(), ALL, Modes { keyboard_flags: true, ..Modes::default() }] {
            assert_eq!(Modes::from_bits(modes.bits()), Some(modes));
        }
        assert_eq!(Modes::from_bits(0), None);
    }

    #[test]
    fn restoring_continues_after_a_failure_and_reports_the_first() {
        struct Flaky(Vec<u8>, u32);
        impl Write for Flaky {
            fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
                self.1 += 1;
                match self.1 {
                    2 => Err(io::Error::other("second write")),
                    3 => Err(io::Error::other("third write")),
                    _ => self.0.write(buf),
                }
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut out = Flaky(Vec::new(), 0);
        let error = write_leave(&mut out, ALL).unwrap_err();
        assert_eq!(error.to_string(), "second write");
        let text = String::from_utf8(out.0).unwrap();
        assert!(text.contains("\x1b[?1049l") && text.contains("\x1b[?25h"));
    }
}
