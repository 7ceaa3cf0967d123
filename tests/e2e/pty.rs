//! The program in a pty, and what its terminal shows.

use super::rig::patience;
use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

pub const ACCEPT: &str = "\x1bOQ";
pub const REJECT: &str = "\x1bOR";
pub const NOTICES: &str = "\x1b[20~";
pub const END: &str = "\x1b[F";
pub const QUIT: &str = "\x1b[21~";
pub const DONE: &str = "\x04";
/// Alt+.
pub const ROUTING_PAIRS: &str = "\x1b.";
pub const ESC: &str = "\x1b";
/// Columns of the list of sessions with its rule, at the width used here.
const LIST: u16 = 27;

const ROWS: u16 = 32;
const COLUMNS: u16 = 120;

struct Seen {
    parser: vt100::Parser,
    bytes: usize,
    ended: bool,
}

struct Shared {
    seen: Mutex<Seen>,
    news: Condvar,
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A program in a terminal of 120 by 32. It is killed when this is dropped.
pub struct Pty {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    shared: Arc<Shared>,
    /// The modes of the line before the program started.
    line: String,
}

fn line_modes(master: &(dyn MasterPty + Send)) -> String {
    format!("{:?}", master.get_termios().unwrap())
}

/// A terminal with a program in it.
pub struct Parts {
    pub master: Box<dyn MasterPty + Send>,
    pub reader: Box<dyn Read + Send>,
    pub child: Box<dyn Child + Send + Sync>,
    line: String,
}

pub fn open(command: CommandBuilder) -> Parts {
    let size = PtySize { rows: ROWS, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).unwrap();
    let line = line_modes(&*pair.master);
    let child = pair.slave.spawn_command(command).unwrap();
    let reader = pair.master.try_clone_reader().unwrap();
    Parts { master: pair.master, reader, child, line }
}

pub fn parser() -> vt100::Parser {
    let of = |n: u16| NonZeroU16::new(n).unwrap();
    vt100::Parser::new(of(ROWS), of(COLUMNS), 0)
}

pub fn pid(child: &(dyn Child + Send + Sync)) -> Pid {
    Pid::from_raw(child.process_id().unwrap().try_into().unwrap()).unwrap()
}

impl Pty {
    pub fn start(command: CommandBuilder) -> Self {
        let Parts { master, mut reader, child, line } = open(command);
        let seen = Seen { parser: parser(), bytes: 0, ended: false };
        let shared = Arc::new(Shared { seen: Mutex::new(seen), news: Condvar::new() });
        let writes = Arc::clone(&shared);
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            loop {
                let count = reader.read(&mut buffer).unwrap_or(0);
                let mut seen = writes.seen();
                seen.parser.process(&buffer[..count]);
                seen.bytes += count;
                seen.ended = count == 0;
                writes.news.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        Self { writer: master.take_writer().unwrap(), master, child, shared, line }
    }

    /// Waits until the terminal shows something.
    pub fn wait(&self, what: &str, mut is: impl FnMut(&vt100::Screen) -> bool) {
        let seen = self.shared.seen();
        let patience = patience();
        let (seen, _) = self
            .shared
            .news
            .wait_timeout_while(seen, patience, |seen| !is(seen.parser.screen()) && !seen.ended)
            .unwrap();
        let screen = seen.parser.screen();
        assert!(is(screen), "waited in vain for {what} on:\n{}", screen.contents());
    }

    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        self.wait(&format!("{text:?}"), |screen| screen.contents().contains(text));
    }

    #[track_caller]
    pub fn wait_gone(&self, text: &str) {
        self.wait(&format!("the end of {text:?}"), |screen| !screen.contents().contains(text));
    }

    /// Waits until a message of the agent has a time: the gateway has it.
    #[track_caller]
    pub fn wait_confirmed(&self, text: &str) {
        let before = format!("{text}  ");
        self.wait(&format!("the confirmation of {text:?}"), |screen| {
            let shown = screen.contents();
            shown.split(&before).skip(1).any(|tail| tail.starts_with(|c: char| c.is_ascii_digit()))
        });
    }

    /// How many bytes the program has written so far.
    pub fn bytes(&self) -> usize {
        self.shared.seen().bytes
    }

    pub fn screen(&self) -> String {
        self.shared.seen().parser.screen().contents()
    }

    /// How often a text stands beside the list of sessions.
    pub fn count(&self, text: &str) -> usize {
        let seen = self.shared.seen();
        let rows = seen.parser.screen().rows(LIST, COLUMNS - LIST);
        rows.map(|row| row.matches(text).count()).sum()
    }

    pub fn shows(&self, text: &str) -> bool {
        self.screen().contains(text)
    }

    pub fn send(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    /// Types a line into the empty input as a person does: one key, and the next when it is seen. Keys that
    /// come all at once are a paste, and an Enter right behind them is part of it.
    #[track_caller]
    pub fn write(&mut self, text: &str) {
        self.write_after("›", text);
    }

    /// The same, where what is written stands after another mark.
    #[track_caller]
    pub fn write_after(&mut self, mark: &str, text: &str) {
        let mut written = String::new();
        let mut keys = String::new();
        for key in text.chars() {
            keys.push(key);
            // A space at the end cannot be seen.
            if key != ' ' {
                self.send(&keys);
                written.push_str(&keys);
                keys.clear();
                self.wait_for(&format!("{mark} {written}"));
            }
        }
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        let of = |n: u16| NonZeroU16::new(n).unwrap();
        self.shared.seen().parser.screen_mut().set_size(of(rows), of(columns));
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.resize(size).unwrap();
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(pid(&*self.child), signal).unwrap();
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.signal(Signal::KILL);
        self.child.wait().unwrap();
    }

    /// Waits until the program has let go of its terminal, and tells how it ended.
    pub fn wait_for_end(&mut self) -> ExitStatus {
        let seen = self.shared.seen();
        let (seen, _) = self.shared.news.wait_timeout_while(seen, patience(), |seen| !seen.ended).unwrap();
        assert!(seen.ended, "it does not end:\n{}", seen.parser.screen().contents());
        drop(seen);
        self.child.wait().unwrap()
    }

    /// Quits and gives how that ended.
    pub fn quit(&mut self) -> ExitStatus {
        self.send(QUIT);
        let open = self.ask_shown();
        if open {
            self.send("\r");
        }
        self.wait_for_end()
    }

    /// Whether a question has come up, rather than the end.
    fn ask_shown(&self) -> bool {
        let seen = self.shared.seen();
        let asks = |seen: &Seen| seen.parser.screen().contents().contains("Enter does it");
        let (seen, _) =
            self.shared.news.wait_timeout_while(seen, patience(), |seen| !asks(seen) && !seen.ended).unwrap();
        asks(&seen)
    }

    /// The screen is as it was before the program started.
    #[track_caller]
    pub fn assert_modes_off(&self) {
        let seen = self.shared.seen();
        let screen = seen.parser.screen();
        let text = screen.contents();
        assert!(!screen.alternate_screen(), "still the other screen:\n{text}");
        assert!(!screen.bracketed_paste() && !screen.hide_cursor(), "modes were left on:\n{text}");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    }

    /// The screen and the line are as they were.
    #[track_caller]
    pub fn assert_given_back(&self) {
        self.assert_modes_off();
        assert_eq!(line_modes(&*self.master), self.line);
    }

    pub fn is_on_other_screen(&self) -> bool {
        self.shared.seen().parser.screen().alternate_screen()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = kill_process(pid(&*self.child), Signal::KILL);
            let _ = self.child.wait();
        }
    }
}
