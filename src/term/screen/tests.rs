//! What a terminal shows for our bytes, and how many they are.

use std::num::NonZeroU16;

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::*;

const WIDTH: u16 = 24;
const HEIGHT: u16 = 7;

/// A ratatui terminal on our screen, with a real terminal's parser behind it.
struct Rig {
    terminal: Terminal<Screen<Vec<u8>>>,
    parser: vt100::Parser,
}

impl Rig {
    fn new(width: u16, height: u16, depth: ColorDepth) -> Self {
        let screen = Screen::new(Vec::new(), Size::new(width, height), depth);
        let of = |n: u16| NonZeroU16::new(n.max(1)).unwrap();
        Self {
            terminal: Terminal::new(screen).unwrap(),
            parser: vt100::Parser::new(of(height), of(width), 0),
        }
    }

    /// Draws one frame and returns its bytes.
    fn draw(&mut self, paint: impl FnOnce(&mut Buffer), cursor: Option<(u16, u16)>) -> Vec<u8> {
        self.terminal
            .draw(|frame| {
                paint(frame.buffer_mut());
                if let Some(cursor) = cursor {
                    frame.set_cursor_position(cursor);
                }
            })
            .unwrap();
        let bytes = std::mem::take(&mut self.terminal.backend_mut().out);
        self.parser.process(&bytes);
        bytes
    }

    /// Draws one line of text with the cursor behind it.
    fn line(&mut self, text: &str) -> Vec<u8> {
        let end = u16::try_from(text.len()).unwrap();
        self.draw(
            |buffer| {
                buffer.set_string(0, 3, text, Style::new());
            },
            Some((end, 3)),
        )
    }

    fn cell(&self, x: u16, y: u16) -> &vt100::Cell {
        self.parser.screen().cell(y, x).unwrap()
    }
}

fn color(color: Color) -> vt100::Color {
    match color {
        Color::Reset => vt100::Color::Default,
        Color::Red => vt100::Color::Idx(1),
        Color::Gray => vt100::Color::Idx(7),
        Color::LightBlue => vt100::Color::Idx(12),
        Color::Indexed(n) => vt100::Color::Idx(n),
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        other => panic!("not in the tests: {other:?}"),
    }
}

/// The parser shows exactly what the buffer holds.
fn assert_shows(parser: &vt100::Parser, buffer: &Buffer) {
    let area = buffer.area;
    for y in 0..area.height {
        let mut x = 0;
        while x < area.width {
            let wanted = &buffer[(x, y)];
            let shown = parser.screen().cell(y, x).unwrap();
            let text = if shown.has_contents() { shown.contents() } else { " " };
            assert_eq!(text, wanted.symbol(), "symbol at {x},{y}");
            let modifier = wanted.modifier;
            assert_eq!(shown.bgcolor(), color(wanted.bg), "background at {x},{y}");
            assert_eq!(shown.inverse(), modifier.contains(Modifier::REVERSED), "reverse at {x},{y}");
            assert_eq!(shown.underline(), modifier.contains(Modifier::UNDERLINED), "underline at {x},{y}");
            if !is_plain(wanted) {
                assert_eq!(shown.fgcolor(), color(wanted.fg), "foreground at {x},{y}");
                assert_eq!(shown.bold(), modifier.contains(Modifier::BOLD), "bold at {x},{y}");
                assert_eq!(shown.dim(), modifier.contains(Modifier::DIM), "dim at {x},{y}");
                assert_eq!(shown.italic(), modifier.contains(Modifier::ITALIC), "italic at {x},{y}");
            }
            x += wanted.cell_width().max(1);
        }
    }
}

#[test]
fn an_unchanged_frame_writes_nothing() {
    let mut rig = Rig::new(80, 24, ColorDepth::Many);
    assert!(!rig.line("hola").is_empty());
    let before = rig.terminal.backend().bytes_written();
    assert_eq!(rig.line("hola"), b"");
    assert_eq!(rig.terminal.backend().bytes_written(), before);
}

#[test]
fn an_echoed_key_costs_one_byte_at_the_end_of_the_line() {
    let mut rig = Rig::new(80, 24, ColorDepth::Many);
    rig.line("hol");
    assert_eq!(rig.line("hola"), b"a");
    let middle = rig.draw(
        |buffer| {
            buffer.set_string(0, 3, "hXola", Style::new());
        },
        Some((2, 3)),
    );
    assert!(middle.len() < 20, "{middle:?}");
    assert_eq!(rig.parser.screen().cursor_position(), (3, 2));
    // Styled, far from the cursor, and with a clock that ticks elsewhere.
    let far = rig.draw(
        |buffer| {
            buffer.set_string(0, 3, "hXolaX", Style::new());
            buffer.set_string(70, 0, "14:02:11", Style::new().fg(Color::Gray));
        },
        Some((6, 3)),
    );
    assert!(far.len() < 60, "{far:?}");
}

#[test]
fn a_longer_frame_is_shown_at_once_and_counted() {
    let mut rig = Rig::new(80, 24, ColorDepth::Many);
    let bytes = rig.line(&"x".repeat(79));
    assert!(bytes.starts_with(BEGIN) && bytes.ends_with(END));
    assert_eq!(rig.terminal.backend().bytes_written(), bytes.len() as u64);
}

#[test]
fn blanks_to_the_end_of_a_row_are_erased_not_written() {
    let mut rig = Rig::new(80, 24, ColorDepth::Many);
    rig.line(&"x".repeat(70));
    let bytes = rig.draw(
        |buffer| {
            buffer.set_string(0, 3, "x", Style::new());
        },
        Some((1, 3)),
    );
    assert!(bytes.len() < 16, "{:?}", String::from_utf8_lossy(&bytes));
    assert_eq!(rig.parser.screen().contents().trim(), "x");
}

#[test]
fn a_frame_is_one_write() {
    struct Counting(usize);
    impl Write for Counting {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            self.0 += 1;
            Ok(buf.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let screen = Screen::new(Counting(0), Size::new(80, 24), ColorDepth::Many);
    let mut terminal = Terminal::new(screen).unwrap();
    terminal
        .draw(|frame| {
            frame.buffer_mut().set_string(0, 0, "a\u{301} 👨‍👩‍👧 b", Style::new().bold());
        })
        .unwrap();
    assert_eq!(terminal.backend().out.0, 1);
}

#[test]
fn text_after_a_doubtful_cluster_keeps_its_place() {
    // The parser counts each person of the family for itself, as older terminals do.
    for cluster in ["👨‍👩‍👧", "❤️", "🇪🇸", "👍🏽", "1️⃣", "क्षि", "e\u{301}"]
    {
        let mut rig = Rig::new(40, 5, ColorDepth::Many);
        let width = cluster.cell_width();
        let text = format!("{cluster}|after the cluster");
        rig.draw(
            |buffer| {
                buffer.set_string(2, 1, &text, Style::new());
            },
            None,
        );
        assert_eq!(rig.cell(2 + width, 1).contents(), "|", "{cluster}");
        // The cluster alone appears over text that does not change.
        let mut rig = Rig::new(40, 5, ColorDepth::Many);
        let before = format!("{}|after the cluster", "x".repeat(usize::from(width)));
        rig.draw(
            |buffer| {
                buffer.set_string(2, 1, &before, Style::new());
            },
            None,
        );
        rig.draw(
            |buffer| {
                buffer.set_string(2, 1, &text, Style::new());
            },
            None,
        );
        let row: String = rig.parser.screen().rows(0, 40).nth(1).unwrap();
        assert!(row.ends_with("|after the cluster"), "{cluster}: {row:?}");
        assert_eq!(rig.cell(2 + width, 1).contents(), "|", "{cluster}");
    }
}

#[test]
fn no_control_character_of_a_cell_reaches_the_terminal() {
    let mut rig = Rig::new(20, 3, ColorDepth::Many);
    let bytes = rig.draw(
        |buffer| {
            buffer[(0, 0)].set_symbol("\x1b]2;owned\x07");
            buffer[(1, 0)].set_symbol("\u{9b}2J");
        },
        None,
    );
    assert!(!bytes.windows(2).any(|pair| pair == b"\x1b]"));
    let text = String::from_utf8(bytes).unwrap();
    assert!(!text.contains('\u{9b}') && !text.contains('\u{7}') && text.contains('\u{fffd}'), "{text:?}");
}

#[test]
fn without_colours_the_attributes_stay() {
    let mut rig = Rig::new(20, 3, ColorDepth::None);
    let style = Style::new().fg(Color::Red).bg(Color::LightBlue).bold().reversed().underlined();
    rig.draw(
        |buffer| {
            buffer.set_string(0, 0, "late", style);
        },
        None,
    );
    let cell = rig.cell(0, 0);
    assert_eq!((cell.fgcolor(), cell.bgcolor()), (vt100::Color::Default, vt100::Color::Default));
    assert!(cell.bold() && cell.inverse() && cell.underline());
}

#[test]
fn the_whole_frame_is_drawn_after_another_program_wrote() {
    let mut rig = Rig::new(20, 3, ColorDepth::Many);
    rig.draw(
        |buffer| {
            buffer.set_string(1, 1, "hola", Style::new().bold());
        },
        Some((5, 1)),
    );
    rig.parser.process(b"\x1b[2J\x1b[1;1Hgarbage\x1b[41m\x1b[?25l");
    rig.terminal.backend_mut().invalidate();
    rig.draw(
        |buffer| {
            buffer.set_string(1, 1, "hola", Style::new().bold());
        },
        Some((5, 1)),
    );
    assert_eq!(rig.parser.screen().contents().trim(), "hola");
    assert_eq!(rig.parser.screen().cursor_position(), (1, 5));
    assert!(!rig.parser.screen().hide_cursor());
    assert_eq!(rig.cell(0, 0).bgcolor(), vt100::Color::Default);
}

#[test]
fn every_size_down_to_nothing_draws() {
    for (width, height) in [(0, 0), (0, 3), (3, 0), (1, 1), (2, 1), (300, 2)] {
        let mut rig = Rig::new(width, height, ColorDepth::Many);
        rig.draw(
            |buffer| {
                let area = buffer.area;
                if area.width > 0 && area.height > 0 {
                    buffer.set_stringn(0, 0, "漢字 hola", usize::from(area.width), Style::new());
                }
            },
            Some((9, 9)),
        );
    }
}

#[test]
fn a_failed_write_is_reported_and_the_next_frame_is_whole() {
    struct Broken(bool, Vec<u8>);
    impl Write for Broken {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            if self.0 { Err(io::Error::from_raw_os_error(5)) } else { self.1.write(buf) }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let screen = Screen::new(Broken(true, Vec::new()), Size::new(20, 3), ColorDepth::Many);
    let mut terminal = Terminal::new(screen).unwrap();
    let paint = |frame: &mut ratatui::Frame<'_>| {
        frame.buffer_mut().set_string(0, 0, "hola", Style::new());
    };
    assert_eq!(terminal.draw(paint).unwrap_err().raw_os_error(), Some(5));
    terminal.backend_mut().out.0 = false;
    terminal.draw(paint).unwrap();
    let sent = String::from_utf8(terminal.backend().out.1.clone()).unwrap();
    assert!(sent.contains("\x1b[2J") && sent.contains("hola"));
}

fn styles() -> impl Strategy<Value = Style> {
    let colors = prop_oneof![
        3 => Just(Color::Reset),
        1 => Just(Color::Red),
        1 => Just(Color::Gray),
        1 => Just(Color::LightBlue),
        1 => Just(Color::Indexed(200)),
        1 => Just(Color::Rgb(1, 2, 3)),
    ];
    (colors.clone(), colors, 0u16..512).prop_map(|(fg, bg, bits)| {
        // Most text is plain.
        let modifier = if bits < 300 { Modifier::empty() } else { Modifier::from_bits_truncate(bits) };
        // The parser hides nothing.
        Style::new().fg(fg).bg(bg).add_modifier(modifier - Modifier::HIDDEN)
    })
}

/// A write: where, what, how.
fn writes() -> impl Strategy<Value = Vec<(u16, u16, String, Style)>> {
    let text = prop_oneof![
        Just("hola".to_owned()),
        Just(" ".repeat(9)),
        Just("漢字かな".to_owned()),
        Just("a 😀b 😀".to_owned()),
        Just("مرحبا".to_owned()),
        "[a-z ]{1,24}",
    ];
    prop::collection::vec((0..WIDTH, 0..HEIGHT, text, styles()), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn a_terminal_shows_exactly_the_buffers(
        frames in prop::collection::vec((writes(), 0..WIDTH, 0..HEIGHT, any::<bool>(), 0u8..10), 1..6)
    ) {
        let mut rig = Rig::new(WIDTH, HEIGHT, ColorDepth::Many);
        for (writes, x, y, shown, trouble) in frames {
            if trouble == 0 {
                rig.parser.process(b"\x1b[1;1Hwrote here");
                rig.terminal.backend_mut().invalidate();
            }
            let mut wanted = Buffer::empty(Rect::new(0, 0, WIDTH, HEIGHT));
            let paint = |buffer: &mut Buffer| {
                for (x, y, text, style) in &writes {
                    buffer.set_stringn(*x, *y, text, usize::from(WIDTH - x), *style);
                }
                tear(buffer);
            };
            paint(&mut wanted);
            let cursor = shown.then_some((x, y));
            rig.draw(paint, cursor);
            assert_shows(&rig.parser, &wanted);
            prop_assert_eq!(rig.parser.screen().hide_cursor(), !shown);
            if shown {
                prop_assert_eq!(rig.parser.screen().cursor_position(), (y, x));
            }
            let again = rig.draw(paint, cursor);
            prop_assert!(again.is_empty(), "an unchanged frame wrote {:?}", String::from_utf8_lossy(&again));
        }
    }
}

/// A wide mark whose right half was written over is no picture a terminal can show: it becomes blank. The parser
/// knows bold or dim, not both.
fn tear(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if cell.modifier.contains(Modifier::BOLD) {
            cell.modifier.remove(Modifier::DIM);
        }
    }
    for y in 0..buffer.area.height {
        let mut x = 0;
        while x < buffer.area.width {
            let width = buffer[(x, y)].cell_width().max(1);
            let torn = (x + 1..x + width).any(|x| x >= buffer.area.width || buffer[(x, y)].symbol() != " ");
            if torn {
                buffer[(x, y)].set_symbol(" ");
                x += 1;
            } else {
                for x in x + 1..x + width {
                    buffer[(x, y)].reset();
                }
                x += width;
            }
        }
    }
}

#[test]
fn a_terminal_without_a_size_asks_the_environment() {
    let env = |pairs: &'static [(&str, &str)]| {
        move |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    };
    let both: &[(&str, &str)] = &[("COLUMNS", "132"), ("LINES", "43")];
    assert_eq!(size_of(Size::ZERO, env(both)), Size::new(132, 43));
    assert_eq!(size_of(Size::new(100, 0), env(both)), Size::new(100, 43));
    assert_eq!(size_of(Size::new(100, 30), env(both)), Size::new(100, 30));
    for useless in [&[][..], &[("COLUMNS", "0"), ("LINES", "many")], &[("COLUMNS", ""), ("LINES", "-3")]] {
        assert_eq!(size_of(Size::ZERO, env(useless)), USUAL);
    }
}
