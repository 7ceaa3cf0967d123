//! The capabilities of the terminal, as far as the environment tells.
//!
//! Owns: the reading of the environment. Must not: write to the terminal or wait for an answer from it; an answer that
//! never comes would hold up the start, and one that comes late would be typed into the reply.
//! sshd passes `TERM` and drops most of the rest, so nothing here is needed for the console to work, only to be nicer.

use ratatui::style::Color;

/// The warning for a locale that is not UTF-8.
pub const NOT_UTF8: &str = "the locale is not UTF-8, so letters may look or arrive wrong: set LANG=C.UTF-8 before you start deskline";

/// How many colours may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorDepth {
    /// No colours at all; bold, underline and reverse stay.
    None,
    /// The sixteen named ones.
    Sixteen,
    /// 256 and direct colours, sent as they are.
    Many,
}

impl ColorDepth {
    /// The nearest colour that this depth allows.
    pub fn fit(self, color: Color) -> Color {
        match (self, color) {
            (Self::None, _) => Color::Reset,
            (Self::Sixteen, Color::Rgb(r, g, b)) => nearest_named(r, g, b),
            (Self::Sixteen, Color::Indexed(index)) => from_index(index),
            (_, color) => color,
        }
    }
}

/// The sixteen names and what xterm shows for them.
const NAMED: [(Color, [u8; 3]); 16] = [
    (Color::Black, [0, 0, 0]),
    (Color::Red, [205, 0, 0]),
    (Color::Green, [0, 205, 0]),
    (Color::Yellow, [205, 205, 0]),
    (Color::Blue, [0, 0, 238]),
    (Color::Magenta, [205, 0, 205]),
    (Color::Cyan, [0, 205, 205]),
    (Color::Gray, [229, 229, 229]),
    (Color::DarkGray, [127, 127, 127]),
    (Color::LightRed, [255, 0, 0]),
    (Color::LightGreen, [0, 255, 0]),
    (Color::LightYellow, [255, 255, 0]),
    (Color::LightBlue, [92, 92, 255]),
    (Color::LightMagenta, [255, 0, 255]),
    (Color::LightCyan, [0, 255, 255]),
    (Color::White, [255, 255, 255]),
];

fn nearest_named(r: u8, g: u8, b: u8) -> Color {
    let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    NAMED
        .iter()
        .min_by_key(|(_, [nr, ng, nb])| square(r, *nr) + square(g, *ng) + square(b, *nb))
        .map_or(Color::Reset, |(color, _)| *color)
}

/// xterm's 256 colours: sixteen names, a cube of six levels a side, 24 greys.
fn from_index(index: u8) -> Color {
    match index {
        0..=15 => NAMED.get(usize::from(index)).map_or(Color::Reset, |(color, _)| *color),
        16..=231 => {
            let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let cube = index - 16;
            nearest_named(level(cube / 36), level(cube / 6 % 6), level(cube % 6))
        }
        232.. => {
            let grey = 8 + 10 * (index - 232);
            nearest_named(grey, grey, grey)
        }
    }
}

/// A terminal multiplexer between the console and the terminal of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Multiplexer {
    /// Nothing.
    None,
    /// tmux (`TMUX` is set).
    Tmux,
    /// GNU screen (`STY` is set).
    Screen,
}

/// GNU screen drops a longer string in one piece.
const SCREEN_CHUNK: usize = 240;

impl Multiplexer {
    /// Wraps an escape sequence so that it reaches the terminal outside. tmux lets it through only with
    /// `allow-passthrough on`.
    pub fn pass_through(self, sequence: &[u8]) -> Vec<u8> {
        match self {
            Self::None => sequence.to_vec(),
            Self::Tmux => {
                let mut out = b"\x1bPtmux;".to_vec();
                for byte in sequence {
                    if *byte == 0x1b {
                        out.push(0x1b);
                    }
                    out.push(*byte);
                }
                out.extend_from_slice(b"\x1b\\");
                out
            }
            Self::Screen => {
                let mut out = Vec::new();
                for chunk in sequence.chunks(SCREEN_CHUNK) {
                    out.extend_from_slice(b"\x1bP");
                    out.extend_from_slice(chunk);
                    out.extend_from_slice(b"\x1b\\");
                }
                out
            }
        }
    }
}

/// The capabilities of the terminal according to the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// How many colours may be sent.
    pub colors: ColorDepth,
    /// The multiplexer in between.
    pub multiplexer: Multiplexer,
    /// The console runs at the far end of SSH: the clipboard of this machine is the wrong one.
    pub ssh: bool,
    /// `TERM` is `dumb` or not set: no cursor movement, so only the linear mode can work.
    pub dumb: bool,
    /// A screen reader seems to be in use: prefer the linear mode, without animation.
    pub screen_reader: bool,
    /// The terminal sets a window title.
    pub title: bool,
    /// Asking for unambiguous keys (kitty's protocol) is worth the bytes and can do no harm.
    pub keyboard_flags: bool,
    /// Whether the locale says UTF-8, which the program writes and reads.
    pub utf8: bool,
}

impl Caps {
    /// Reads the environment through `env`. An empty variable counts as not set.
    pub fn detect(env: impl Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| env(name).filter(|value| !value.is_empty());
        let on = |name: &str| get(name).is_some_and(|value| value != "0" && value != "false");
        let term = get("TERM").unwrap_or_default();
        let dumb = term.is_empty() || term == "dumb";
        let many = term.contains("256color")
            || term.contains("direct")
            || get("COLORTERM").is_some_and(|value| value == "truecolor" || value == "24bit");
        let colors = match (get("NO_COLOR").is_some() || dumb, many) {
            (true, _) => ColorDepth::None,
            (false, true) => ColorDepth::Many,
            (false, false) => ColorDepth::Sixteen,
        };
        let multiplexer = match (get("TMUX").is_some(), get("STY").is_some()) {
            (true, _) => Multiplexer::Tmux,
            (false, true) => Multiplexer::Screen,
            (false, false) => Multiplexer::None,
        };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(get).unwrap_or_default();
        let charset = locale.to_ascii_lowercase().replace('-', "");
        // The virtual consoles have no title, and older kernels print the tail of a sequence they don't know.
        let console = ["linux", "vt", "cons", "sun"].iter().any(|name| term.starts_with(name));
        Self {
            colors,
            multiplexer,
            ssh: get("SSH_TTY").is_some() || get("SSH_CONNECTION").is_some(),
            dumb,
            screen_reader: on("ACCESSIBLE") || on("SCREEN_READER") || get("EMACSPEAK_DIR").is_some(),
            title: !dumb && !console,
            keyboard_flags: !dumb && !console && multiplexer != Multiplexer::Screen,
            utf8: charset.contains("utf8"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caps(env: &[(&str, &str)]) -> Caps {
        Caps::detect(|name| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn colours_follow_no_color_then_term_then_colorterm() {
        assert_eq!(caps(&[("TERM", "xterm-256color")]).colors, ColorDepth::Many);
        assert_eq!(caps(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]).colors, ColorDepth::None);
        assert_eq!(caps(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]).colors, ColorDepth::Many);
        assert_eq!(caps(&[("TERM", "xterm")]).colors, ColorDepth::Sixteen);
        assert_eq!(caps(&[("TERM", "xterm"), ("COLORTERM", "truecolor")]).colors, ColorDepth::Many);
        assert_eq!(caps(&[("TERM", "dumb"), ("COLORTERM", "truecolor")]).colors, ColorDepth::None);
    }

    #[test]
    fn a_dumb_or_missing_terminal_is_recognised() {
        assert!(caps(&[("TERM", "dumb")]).dumb);
        assert!(caps(&[]).dumb);
        assert!(!caps(&[("TERM", "vt220")]).dumb);
    }

    #[test]
    fn multiplexer_ssh_and_screen_readers_are_seen() {
        assert_eq!(caps(&[("TMUX", "/tmp/x"), ("STY", "1")]).multiplexer, Multiplexer::Tmux);
        assert_eq!(caps(&[("STY", "1.pts")]).multiplexer, Multiplexer::Screen);
        assert!(caps(&[("SSH_CONNECTION", "1.2.3.4 1 2 3")]).ssh);
        assert!(!caps(&[]).ssh);
        assert!(caps(&[("ACCESSIBLE", "1")]).screen_reader);
        assert!(!caps(&[("ACCESSIBLE", "0")]).screen_reader);
    }

    #[test]
    fn the_linux_console_gets_no_title_and_no_keyboard_flags() {
        let console = caps(&[("TERM", "linux")]);
        assert!(!console.title && !console.keyboard_flags);
        let xterm = caps(&[("TERM", "xterm")]);
        assert!(xterm.title && xterm.keyboard_flags);
    }

    #[test]
    fn a_locale_without_utf8_is_noticed() {
        for utf8 in [
            &[("LANG", "es_ES.UTF-8")][..],
            &[("LANG", "C.utf8")],
            &[("LANG", "C"), ("LC_CTYPE", "en_US.UTF-8")],
            &[("LC_ALL", ""), ("LC_CTYPE", "UTF-8")],
        ] {
            assert!(caps(utf8).utf8, "{utf8:?}");
        }
        for other in [
            &[][..],
            &[("LANG", "C")],
            &[("LANG", "es_ES@euro")],
            &[("LANG", "en_US.UTF-8"), ("LC_ALL", "POSIX")],
        ] {
            assert!(!caps(other).utf8, "{other:?}");
        }
    }

    #[test]
    fn colours_fit_the_depth() {
        assert_eq!(ColorDepth::None.fit(Color::Red), Color::Reset);
        assert_eq!(ColorDepth::Sixteen.fit(Color::Rgb(250, 3, 3)), Color::LightRed);
        assert_eq!(ColorDepth::Sixteen.fit(Color::Indexed(2)), Color::Green);
        assert_eq!(ColorDepth::Sixteen.fit(Color::Indexed(196)), Color::LightRed);
        assert_eq!(ColorDepth::Sixteen.fit(Color::Indexed(255)), Color::Gray);
        assert_eq!(ColorDepth::Sixteen.fit(Color::Reset), Color::Reset);
        assert_eq!(ColorDepth::Many.fit(Color::Rgb(1, 2, 3)), Color::Rgb(1, 2, 3));
    }

    #[test]
    fn tmux_sees_escapes_doubled_and_screen_sees_short_pieces() {
        assert_eq!(Multiplexer::Tmux.pass_through(b"\x1b]9;a\x07"), b"\x1bPtmux;\x1b\x1b]9;a\x07\x1b\\");
        let long = Multiplexer::Screen.pass_through(&[b'a'; 500]);
        assert_eq!(long.windows(2).filter(|pair| *pair == b"\x1bP").count(), 3);
    }
}
