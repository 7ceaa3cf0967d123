//! What only a real terminal shows: modes given back, keys handed over, and the end when the terminal goes.
//!
//! Each test starts this very test program again, inside a pty, with one test ([`child`]) that plays a small console.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

use deskline::term::burst::BurstThresholds;
use deskline::term::caps::ColorDepth;
use deskline::term::guard::{self, Modes, TerminalGuard};
use deskline::term::input::{InputReader, TerminalEvent};
use deskline::term::screen::Screen;
use deskline::term::{editor, hangup, refuse, screen};

const ROLE: &str = "DESKLINE_TEST_TERMINAL_CHILD";
/// How the small console ends when its terminal has gone.
const GONE: i32 = 7;
/// Longer than any of this takes, also on a busy machine; what is late by then hangs.
const TOO_LONG: Duration = Duration::from_secs(180);

/// The small console. Without the variable it is not asked for and does nothing.
#[test]
fn child() {
    if std::env::var_os(ROLE).is_some() {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let code = runtime.block_on(console());
        std::process::exit(code);
    }
}

async fn console() -> i32 {
    refuse::require_terminal().unwrap();
    guard::install_panic_hook();
    let mut guard = TerminalGuard::enter(Modes { mouse: true, title: true, keyboard_flags: true }).unwrap();
    let screen = Screen::new(screen::open().unwrap(), screen::size().unwrap(), ColorDepth::Many);
    let mut terminal = ratatui::Terminal::new(screen).unwrap();
    let mut reader = InputReader::start(BurstThresholds::default()).unwrap();
    let mut told = "ready".to_owned();
    let mut text = String::new();
    loop {
        let drawn = terminal.draw(|frame| {
            let area = frame.area();
            frame.render_widget(ratatui::text::Line::raw(format!("<{told}>")), area);
        });
        if drawn.is_err() {
            guard.abandon();
            return GONE;
        }
        match reader.next().await {
            None | Some(TerminalEvent::Closed) => {
                guard.abandon();
                return GONE;
            }
            Some(TerminalEvent::Paste(pasted)) => {
                // A burst may come in pieces.
                text.push_str(&pasted);
                told = tell(&text);
            }
            Some(TerminalEvent::Resize(width, height)) => {
                terminal.backend_mut().resize(ratatui::layout::Size::new(width, height));
                told = format!("{width}x{height}");
            }
            Some(TerminalEvent::Focus(on)) => told = format!("focus {on}"),
            Some(TerminalEvent::Mouse(mouse)) => told = format!("mouse {:?}", mouse.kind),
            Some(TerminalEvent::Key(key)) => match key.code.as_char() {
                Some('q') => {
                    guard.leave().unwrap();
                    return 0;
                }
                Some('p') => panic!("on purpose"),
                Some('e') => {
                    reader.stop().await;
                    guard.suspend().unwrap();
                    let command = editor::command(|name| std::env::var(name).ok()).unwrap();
                    let edited = editor::edit("draft", &command).await.unwrap();
                    guard.resume().unwrap();
                    terminal.backend_mut().invalidate();
                    reader = InputReader::start(BurstThresholds::default()).unwrap();
                    told = format!("edited {edited}");
                }
                Some('z') => {
                    reader.stop().await;
                    guard.suspend().unwrap();
                    hangup::stop_self().await.unwrap();
                    guard.resume().unwrap();
                    terminal.backend_mut().invalidate();
                    reader = InputReader::start(BurstThresholds::default()).unwrap();
                    told = "back".to_owned();
                }
                Some(c) => {
                    text.push(c);
                    told = tell(&text);
                }
                None => told = format!("key {:?}", key.code),
            },
        }
    }
}

fn tell(text: &str) -> String {
    if text.len() > 40 { format!("{} bytes", text.len()) } else { format!("text {text:?}") }
}

/// The child in a pty, and what its terminal shows.
struct Desk {
    master: Box<dyn MasterPty + Send>,
    reader: Box<dyn Read + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    parser: vt100::Parser,
    /// The modes of the line before the child started.
    line: String,
}

impl Desk {
    fn start(change: impl FnOnce(&mut CommandBuilder)) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut command = CommandBuilder::new(program);
        // A long report would push what is looked for off the screen.
        command.env("RUST_BACKTRACE", "0");
        command.args(["--exact", "child", "--nocapture"]);
        Self::run(command, change)
    }

    fn run(mut command: CommandBuilder, change: impl FnOnce(&mut CommandBuilder)) -> Self {
        let size = PtySize { rows: 30, cols: 100, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let line = line_modes(&*pair.master);
        command.env(ROLE, "1");
        command.env("TERM", "xterm-256color");
        change(&mut command);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        // A test that hangs ends as a failed one: the read below fails when the child is gone.
        let pid = child.process_id().and_then(|pid| rustix::process::Pid::from_raw(pid.try_into().unwrap()));
        std::thread::spawn(move || {
            std::thread::sleep(TOO_LONG);
            let _ = rustix::process::kill_process_group(pid.unwrap(), rustix::process::Signal::KILL);
        });
        let of = |n: u16| NonZeroU16::new(n).unwrap();
        Self {
            reader: pair.master.try_clone_reader().unwrap(),
            writer: pair.master.take_writer().unwrap(),
            master: pair.master,
            child,
            parser: vt100::Parser::new(of(30), of(100), 0),
            line,
        }
    }

    fn text(&self) -> String {
        self.parser.screen().contents()
    }

    /// Reads until the screen shows `text`.
    fn wait_for(&mut self, text: &str) {
        let mut buffer = [0; 4096];
        while !self.text().contains(text) {
            match self.reader.read(&mut buffer) {
                Ok(count) if count > 0 => self.parser.process(&buffer[..count]),
                end => panic!("no {text:?} before {end:?} on:\n{}", self.text()),
            }
        }
    }

    /// Reads until the child has closed the terminal, and tells how it ended.
    fn wait_for_end(&mut self) -> ExitStatus {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = self.reader.read(&mut buffer) {
            self.parser.process(&buffer[..count]);
        }
        self.child.wait().unwrap()
    }

    fn send(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
    }

    fn assert_given_back(&self) {
        let screen = self.parser.screen();
        assert!(!screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        assert_eq!(line_modes(&*self.master), self.line);
    }
}

fn line_modes(master: &(dyn MasterPty + Send)) -> String {
    format!("{:?}", master.get_termios().unwrap())
}

#[test]
fn the_terminal_is_taken_and_given_back_exactly() {
    let mut desk = Desk::start(|_| {});
    desk.wait_for("<ready>");
    let screen = desk.parser.screen();
    assert!(screen.alternate_screen() && screen.bracketed_paste());
    assert_ne!(line_modes(&*desk.master), desk.line);
    desk.send("q");
    assert!(desk.wait_for_end().success());
    desk.assert_given_back();
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_reports() {
    let mut desk = Desk::start(|_| {});
    desk.wait_for("<ready>");
    desk.send("p");
    assert!(!desk.wait_for_end().success());
    desk.assert_given_back();
    assert!(desk.text().contains("on purpose"), "the report is on the main screen:\n{}", desk.text());
}

#[test]
fn the_process_ends_by_itself_when_the_terminal_goes() {
    for controlling in [true, false] {
        // Without a controlling terminal no SIGHUP comes, and the terminal itself has to tell.
        let mut desk = Desk::start(|command| command.set_controlling_tty(controlling));
        desk.wait_for("<ready>");
        let Desk { master, reader, writer, mut child, .. } = desk;
        drop((master, reader, writer));
        let status = child.wait().unwrap();
        assert_eq!(
            status.exit_code(),
            u32::try_from(GONE).unwrap(),
            "ended by itself; controlling terminal: {controlling}"
        );
    }
}

#[test]
fn pastes_with_and_without_brackets_are_pastes() {
    let mut desk = Desk::start(|_| {});
    desk.wait_for("<ready>");
    desk.send("\x1b[200~q\rq\x1b[201~");
    desk.wait_for(r#"<text "q\nq">"#);
    // An Enter among them would be told as a key.
    desk.send("hurry\rhurry\r");
    desk.wait_for(r#"<text "q\nqhurry\nhurry\n">"#);
}

#[test]
fn a_long_burst_arrives_whole() {
    for size in [1000, 1024, 1025, 3000, 4000] {
        let mut desk = Desk::start(|_| {});
        desk.wait_for("<ready>");
        desk.send(&"a".repeat(size));
        desk.wait_for(&format!("<{size} bytes>"));
    }
}

#[test]
fn keys_focus_mouse_and_size_arrive() {
    let mut desk = Desk::start(|_| {});
    desk.wait_for("<ready>");
    desk.send("\x1b[A");
    desk.wait_for("<key Up>");
    desk.send("\x1b[O");
    desk.wait_for("<focus false>");
    desk.send("\x1b[<64;5;5M");
    desk.wait_for("<mouse ScrollUp>");
    desk.master.resize(PtySize { rows: 10, cols: 50, pixel_width: 0, pixel_height: 0 }).unwrap();
    desk.wait_for("<50x10>");
}

#[test]
fn the_editor_gets_every_key_and_the_console_comes_back() {
    let script =
        r#"sh -c "printf 'edit> '; read line; printf '\033[2J'; printf %s \"$line\" >> \"$1\"" editor"#;
    let mut desk = Desk::start(|command| {
        command.env("VISUAL", script.replace('$', "\\$").replace("\\033", "\\\\033"));
    });
    desk.wait_for("<ready>");
    for times in 1..=3 {
        desk.send("e");
        desk.wait_for("edit> ");
        assert!(!desk.parser.screen().alternate_screen());
        desk.send(&format!(" quiet please {times}\r"));
        desk.wait_for(&format!("<edited draftquiet please {times}>"));
        assert!(desk.parser.screen().alternate_screen());
        desk.send("\x1b[A");
        desk.wait_for("<key Up>");
    }
    desk.send("q");
    assert!(desk.wait_for_end().success());
    desk.assert_given_back();
}

#[test]
fn a_stop_gives_the_shell_the_terminal_until_continued() {
    let mut command = CommandBuilder::new("sh");
    let script = r#"set -m; "$0" --exact child --nocapture; echo "shell has it"; read line; fg"#;
    command.args(["-c", script]);
    command.arg(std::env::current_exe().unwrap());
    let mut desk = Desk::run(command, |_| {});
    desk.wait_for("<ready>");
    desk.send("z");
    desk.wait_for("shell has it");
    let screen = desk.parser.screen();
    assert!(!screen.alternate_screen() && !screen.hide_cursor(), "{}", screen.contents());
    desk.send("go on\r");
    desk.wait_for("<back>");
    assert!(desk.parser.screen().alternate_screen());
    desk.send("q");
    assert!(desk.wait_for_end().success());
    desk.assert_given_back();
}

#[test]
fn without_a_shell_a_stop_is_refused() {
    // The child leads its own session here, as under `ssh host deskline`.
    let mut desk = Desk::start(|_| {});
    desk.wait_for("<ready>");
    desk.send("z");
    assert!(!desk.wait_for_end().success());
    desk.assert_given_back();
    assert!(desk.text().contains("no shell is there"), "{}", desk.text());
}
