//! The input of the terminal.
//!
//! Owns: the task that reads the terminal, and the watch for its end. Must not: decide what a key means.
//! Invariants: the channel is bounded, and a full one makes the task wait, so the terminal's own buffer fills and
//! nothing is lost; after [`TerminalEvent::Closed`] nothing follows; between [`InputReader::stop`] and the next
//! [`InputReader::start`] nobody reads the terminal, so an editor gets every key, and what was read before the stop is
//! returned by it.
//!
//! The bytes go through the [`tokenizer`](crate::term::tokenizer), then through the [`burst`](crate::term::burst)
//! detector. They may come from any source: [`InputReader::over`].

use std::io::{self, IsTerminal};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use crossterm::event::{KeyEvent, MouseEvent};
use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncReadExt, Interest, ReadBuf};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::term::burst::{BurstDetector, BurstThresholds, TypedInput};
use crate::term::caps::Caps;
use crate::term::screen;
use crate::term::tokenizer::{Delays, InputToken, Tokenizer};

/// An input of the terminal. Text in it was typed or pasted by a person and is not cleaned yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TerminalEvent {
    /// A key was pressed or repeats; releases are dropped.
    Key(KeyEvent),
    /// Text was pasted, with brackets or too fast for fingers. Line breaks are `\n`.
    Paste(String),
    /// The terminal has a new size, in columns and rows.
    Resize(u16, u16),
    /// The terminal's window got or lost the focus.
    Focus(bool),
    /// The mouse, when its reports are on.
    Mouse(MouseEvent),
    /// The terminal has gone. Write nothing more to it, and exit.
    Closed,
}

/// How many inputs may wait for the console's loop. Overflow: the task waits.
const QUEUE_SIZE: usize = 256;
/// Bytes read at a time.
const READ_SIZE: usize = 16 * 1024;

/// The reading of the terminal. Only one may exist at a time, so it must be stopped, not dropped, before another.
#[derive(Debug)]
pub struct InputReader {
    inputs: mpsc::Receiver<TerminalEvent>,
    closed: bool,
    /// Returns what was read but not sent.
    task: JoinHandle<Vec<TerminalEvent>>,
    stop: oneshot::Sender<()>,
}

impl InputReader {
    /// Starts to read standard input, which must be a terminal in raw mode. Needs a tokio runtime.
    ///
    /// # Errors
    /// When standard input is no terminal, or cannot be watched.
    pub fn start(rules: BurstThresholds) -> io::Result<Self> {
        if !io::stdin().is_terminal() {
            return Err(io::Error::other("standard input is not a terminal"));
        }
        let signals = TerminalSignals {
            hangup: signal(SignalKind::hangup())?,
            resized: signal(SignalKind::window_change())?,
        };
        let caps = Caps::detect(|name| std::env::var(name).ok());
        let delays = if caps.ssh { Delays::REMOTE } else { Delays::LOCAL };
        Ok(Self::spawn(Tty { fd: readiness()? }, rules, delays, Some(signals)))
    }

    /// Starts to read any source of a terminal's bytes, such as a channel of a network connection. Its end is
    /// the terminal's end. Needs a tokio runtime.
    pub fn over(
        source: impl AsyncRead + Unpin + Send + 'static,
        rules: BurstThresholds,
        delays: Delays,
    ) -> Self {
        Self::spawn(source, rules, delays, None)
    }

    fn spawn(
        source: impl AsyncRead + Unpin + Send + 'static,
        rules: BurstThresholds,
        delays: Delays,
        signals: Option<TerminalSignals>,
    ) -> Self {
        // When the channel is full, the sender waits.
        let (sender, inputs) = mpsc::channel(QUEUE_SIZE);
        let (stop, stopped) = oneshot::channel();
        let input_task = InputTask {
            tokenizer: Tokenizer::new(delays),
            burst: BurstDetector::new(rules),
            tokens: Vec::new(),
            typed: Vec::new(),
            inputs: Vec::new(),
        };
        let task = tokio::spawn(input_task.run(source, signals, sender, stopped));
        Self { inputs, closed: false, task, stop }
    }

    /// The next input; `None` after [`TerminalEvent::Closed`]. Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<TerminalEvent> {
        if self.closed {
            return None;
        }
        let input = self.inputs.recv().await.unwrap_or(TerminalEvent::Closed);
        self.closed = input == TerminalEvent::Closed;
        Some(input)
    }

    /// Stops to read, and returns what was read and not yet taken. When it returns, nobody reads the terminal.
    pub async fn stop(mut self) -> Vec<TerminalEvent> {
        // It may have ended by itself.
        let _ = self.stop.send(());
        let unsent = self.task.await.unwrap_or_default();
        let mut rest = Vec::new();
        while let Ok(input) = self.inputs.try_recv() {
            rest.push(input);
        }
        rest.extend(unsent);
        rest
    }
}

#[expect(
    deprecated,
    reason = "its successor is unsafe to call; what it asks for holds, standard input is never closed"
)]
fn readiness() -> io::Result<AsyncFd<io::Stdin>> {
    AsyncFd::with_interest(io::stdin(), Interest::READABLE)
}

/// Standard input, read only when there is something to read, so that a read never blocks. It is not made
/// non-blocking: that would apply to the shell and to standard output too.
struct Tty {
    fd: AsyncFd<io::Stdin>,
}

impl AsyncRead for Tty {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let stdin = rustix::stdio::stdin();
        loop {
            let mut readiness = ready!(self.fd.poll_read_ready(cx))?;
            if rustix::io::ioctl_fionread(stdin).map_err(io::Error::from)? > 0 {
                let count = rustix::io::read(stdin, buf.initialize_unfilled())?;
                buf.advance(count);
                return Poll::Ready(Ok(()));
            }
            if readiness.ready().is_read_closed() || !io::stdin().is_terminal() {
                return Poll::Ready(Ok(()));
            }
            readiness.clear_ready();
        }
    }
}

/// The signals that concern the terminal of this process.
struct TerminalSignals {
    hangup: Signal,
    resized: Signal,
}

/// The meaning of a signal.
enum TerminalSignal {
    Gone,
    Resized,
}

async fn next_signal(signals: Option<&mut TerminalSignals>) -> TerminalSignal {
    match signals {
        Some(signals) => tokio::select! {
            _ = signals.hangup.recv() => TerminalSignal::Gone,
            _ = signals.resized.recv() => TerminalSignal::Resized,
        },
        None => std::future::pending().await,
    }
}

/// Waits until `when`; for ever if absent.
async fn until(when: Option<Instant>) {
    match when {
        Some(when) => tokio::time::sleep_until(when.into()).await,
        None => std::future::pending().await,
    }
}

/// Turns bytes into inputs.
struct InputTask {
    tokenizer: Tokenizer,
    burst: BurstDetector,
    tokens: Vec<InputToken>,
    typed: Vec<TypedInput>,
    /// Inputs that are not sent yet.
    inputs: Vec<TerminalEvent>,
}

impl InputTask {
    /// Reads until it is stopped, the source ends, or nobody listens. Returns what was read but not sent.
    async fn run(
        mut self,
        mut source: impl AsyncRead + Unpin,
        mut signals: Option<TerminalSignals>,
        sender: mpsc::Sender<TerminalEvent>,
        mut stopped: oneshot::Receiver<()>,
    ) -> Vec<TerminalEvent> {
        let mut bytes = vec![0; READ_SIZE];
        loop {
            let deadline = [self.tokenizer.deadline(), self.burst.deadline()].into_iter().flatten().min();
            let mut closed = false;
            tokio::select! {
                biased;
                _ = &mut stopped => {
                    self.finish(Instant::now());
                    return self.inputs;
                }
                sign = next_signal(signals.as_mut()) => match sign {
                    TerminalSignal::Gone => closed = true,
                    TerminalSignal::Resized => self.resized(),
                },
                read = source.read(&mut bytes) => match read {
                    Ok(count) if count > 0 => {
                        self.feed(Instant::now(), bytes.get(..count).unwrap_or_default());
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Ok(_) | Err(_) => closed = true,
                },
                () = until(deadline) => self.flush_expired(Instant::now()),
            }
            if closed {
                self.inputs.push(TerminalEvent::Closed);
            }
            let mut waiting = std::mem::take(&mut self.inputs).into_iter();
            while let Some(input) = waiting.next() {
                let room = tokio::select! {
                    biased;
                    _ = &mut stopped => {
                        self.finish(Instant::now());
                        return std::iter::once(input).chain(waiting).chain(self.inputs).collect();
                    }
                    room = sender.reserve() => room,
                };
                match room {
                    Ok(room) => room.send(input),
                    Err(_) => return Vec::new(),
                }
            }
            if closed {
                return Vec::new();
            }
        }
    }

    fn feed(&mut self, now: Instant, bytes: &[u8]) {
        self.flush_expired(now);
        self.burst.begin_read();
        self.tokenizer.feed(now, bytes, &mut self.tokens);
        self.sort(now);
    }

    fn flush_expired(&mut self, now: Instant) {
        self.tokenizer.flush_expired(now, &mut self.tokens);
        self.sort(now);
        self.burst.flush_expired(now, &mut self.typed);
        self.take_typed();
    }

    /// Ends reading: held bytes are delivered as they are.
    fn finish(&mut self, now: Instant) {
        self.tokenizer.finish(now, &mut self.tokens);
        self.sort(now);
        self.burst.flush(&mut self.typed);
        self.take_typed();
    }

    fn resized(&mut self) {
        self.burst.flush(&mut self.typed);
        self.take_typed();
        let size = screen::size().unwrap_or(screen::USUAL);
        self.inputs.push(TerminalEvent::Resize(size.width, size.height));
    }

    /// Sends keys through the burst detector, and everything else in its place among them.
    fn sort(&mut self, now: Instant) {
        for token in std::mem::take(&mut self.tokens) {
            let other = match token {
                InputToken::Key(key) => {
                    self.burst.key(now, key, &mut self.typed);
                    continue;
                }
                InputToken::Paste { text, cut_off } => {
                    if cut_off {
                        self.burst.paste_cut_off(now);
                    }
                    TerminalEvent::Paste(text)
                }
                InputToken::Focus(on) => TerminalEvent::Focus(on),
                InputToken::Mouse(mouse) => TerminalEvent::Mouse(mouse),
                InputToken::Resize(columns, rows) => TerminalEvent::Resize(columns, rows),
            };
            self.burst.flush(&mut self.typed);
            self.take_typed();
            self.inputs.push(other);
        }
        self.take_typed();
    }

    fn take_typed(&mut self) {
        self.inputs.extend(self.typed.drain(..).map(|typed| match typed {
            TypedInput::Key(key) => TerminalEvent::Key(key),
            TypedInput::Paste(text) => TerminalEvent::Paste(text),
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyCode, KeyModifiers};
    use std::time::Duration;
    use tokio::io::AsyncWriteExt;

    const SIZE: usize = 1024 * 1024;

    fn key(code: KeyCode) -> TerminalEvent {
        TerminalEvent::Key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    #[tokio::test]
    async fn any_byte_source_can_drive_the_reader() {
        let (mut terminal, source) = tokio::io::duplex(64);
        let mut reader = InputReader::over(source, BurstThresholds::default(), Delays::LOCAL);
        terminal.write_all(b"a\x1b[A\x1b[200~b\rc\r\nd\x1b[201~\x1b[O").await.unwrap();
        let expected = [
            key(KeyCode::Char('a')),
            key(KeyCode::Up),
            TerminalEvent::Paste("b\nc\nd".into()),
            TerminalEvent::Focus(false),
        ];
        for input in expected {
            assert_eq!(reader.next().await, Some(input));
        }
        drop(terminal);
        assert_eq!(reader.next().await, Some(TerminalEvent::Closed));
        assert_eq!(reader.next().await, None);
    }

    #[tokio::test]
    async fn stop_returns_everything_that_was_read() {
        let (mut terminal, source) = tokio::io::duplex(SIZE);
        let reader = InputReader::over(source, BurstThresholds::default(), Delays::LOCAL);
        terminal.write_all("x".repeat(5000).as_bytes()).await.unwrap();
        terminal.write_all(b"\x1b[200~unfinished").await.unwrap();
        let mut seen = Vec::new();
        let mut reader = reader;
        // More than the channel holds has been read once this many have arrived.
        for _ in 0..100 {
            seen.extend(reader.next().await);
        }
        seen.extend(reader.stop().await);
        let typed = seen.iter().filter(|input| **input == key(KeyCode::Char('x'))).count();
        assert!((100..=5000).contains(&typed), "{typed}");
        // What was not read stays in the terminal's buffer, and the order is kept.
        assert!(seen.iter().take(typed).all(|input| *input == key(KeyCode::Char('x'))));
    }

    #[tokio::test(start_paused = true)]
    async fn escape_alone_is_a_key_after_its_delay() {
        let (mut terminal, source) = tokio::io::duplex(64);
        let mut reader = InputReader::over(source, BurstThresholds::default(), Delays::REMOTE);
        terminal.write_all(b"\x1b").await.unwrap();
        let waited = tokio::time::timeout(Duration::from_secs(1), reader.next()).await;
        assert_eq!(waited.unwrap(), Some(key(KeyCode::Esc)));
    }
}
