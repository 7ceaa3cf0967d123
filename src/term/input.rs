//! What comes from the terminal.
//!
//! Owns: the thread that reads the terminal, and the watch for its end. Must not: decide what a key means.
//! Invariants: the channel is bounded, and a full one makes the thread wait, so the terminal's own buffer fills and
//! nothing is lost; after [`Input::Closed`] nothing follows; between [`Reader::stop`] and the next
//! [`Reader::start`] nobody reads the terminal, so an editor gets every key.
//!
//! crossterm's reader neither ends nor fails when the terminal goes away: it spins. So the end is found without it, on
//! another task, by the hang-up signal and by the readiness of the terminal itself, and the process is expected to exit
//! then. It is also told of new bytes only once and reads 1024 of them, so what lies beyond would wait for the next key;
//! a look at the terminal shortly after each arrival finds such bytes, and a nudge makes it read on.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{Event, EventStream, KeyEvent, KeyEventKind, MouseEvent};
use futures_util::StreamExt;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::term::burst::{BurstDetector, Rules, Typed};

/// What the terminal told. Text in it is what a person typed or pasted and is not clean yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key was pressed or repeats; releases are not told.
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

/// Inputs held between the thread and the console's loop.
const HELD: usize = 256;
/// How long crossterm gets to read what arrived before it is nudged.
const LOOK_AFTER: Duration = Duration::from_millis(10);
/// How long [`Reader::stop`] waits for crossterm's thread to let go.
const LET_GO: Duration = Duration::from_millis(200);

/// The reading of the terminal. Only one may exist at a time, so it must be stopped, not dropped, before another.
#[derive(Debug)]
pub struct Reader {
    inputs: mpsc::Receiver<Input>,
    closed: bool,
    watch: JoinHandle<()>,
    stop: oneshot::Sender<()>,
    stopped: oneshot::Receiver<()>,
}

impl Reader {
    /// Starts to read standard input, which must be a terminal in raw mode. Needs a tokio runtime.
    ///
    /// # Errors
    /// When standard input is no terminal, or cannot be watched.
    pub fn start(rules: Rules) -> io::Result<Self> {
        if !io::stdin().is_terminal() {
            return Err(io::Error::other("standard input is not a terminal"));
        }
        let mut watch = Watch { hangup: signal(SignalKind::hangup())?, tty: readiness()? };
        // Overflow: the senders wait.
        let (sender, inputs) = mpsc::channel(HELD);
        let arrived = Arc::new(Notify::new());

        let (stop, stop_asked) = oneshot::channel();
        let (done, stopped) = oneshot::channel();
        let keys = read(arrived.clone(), sender.clone(), BurstDetector::new(rules));
        // On a thread of its own: when the terminal has gone, crossterm may spin in a poll and never come back. With a
        // runtime of its own, so that it outlives the console's by a moment without harm.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        std::thread::Builder::new().name("keys".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stop_asked => {}
                    () = keys => {}
                }
            });
            let _ = done.send(());
        })?;
        let watch = tokio::spawn(async move {
            while watch.next().await == Sign::BytesArrived {
                arrived.notify_one();
            }
            // Nobody listens any more when it fails.
            let _ = sender.send(Input::Closed).await;
        });
        Ok(Self { inputs, closed: false, watch, stop, stopped })
    }

    /// The next input; `None` after [`Input::Closed`]. Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Input> {
        if self.closed {
            return None;
        }
        let input = self.inputs.recv().await.unwrap_or(Input::Closed);
        self.closed = input == Input::Closed;
        Some(input)
    }

    /// Stops to read, and returns what was read and not yet taken. When it returns, nobody reads the terminal.
    pub async fn stop(mut self) -> Vec<Input> {
        self.watch.abort();
        // The terminal can be watched again only when this watch has let go of it.
        let _ = self.watch.await;
        // It may have ended by itself.
        let _ = self.stop.send(());
        if tokio::time::timeout(LET_GO, self.stopped).await.is_ok() {
            let_go().await;
        }
        let mut rest = Vec::new();
        while let Ok(input) = self.inputs.try_recv() {
            rest.push(input);
        }
        rest
    }
}

/// Waits until crossterm's thread has left its poll. Making another stream waits for exactly that, and dropping it
/// wakes a thread that was late to begin. The wake-up that may stay behind costs the next reader its first notice of
/// bytes, which the nudge makes up for. It runs on a thread of its own, with a limit, because after a hang-up it
/// would wait for ever.
async fn let_go() {
    let (done, wait) = oneshot::channel();
    std::thread::spawn(move || {
        drop(EventStream::new());
        let _ = done.send(());
    });
    let _ = tokio::time::timeout(LET_GO, wait).await;
}

#[expect(
    deprecated,
    reason = "its successor is unsafe to call; what it asks for holds, standard input is never closed"
)]
fn readiness() -> io::Result<AsyncFd<io::Stdin>> {
    AsyncFd::with_interest(io::stdin(), Interest::READABLE)
}

/// What is watched besides the keys.
struct Watch {
    hangup: Signal,
    tty: AsyncFd<io::Stdin>,
}

/// What the watch saw.
#[derive(Debug, PartialEq, Eq)]
enum Sign {
    Gone,
    BytesArrived,
}

impl Watch {
    /// Wakes once for each arrival of bytes and never while nothing happens.
    async fn next(&mut self) -> Sign {
        tokio::select! {
            _ = self.hangup.recv() => Sign::Gone,
            ready = self.tty.readable() => match ready {
                Ok(mut ready) if !ready.ready().is_read_closed() && io::stdin().is_terminal() => {
                    ready.clear_ready();
                    Sign::BytesArrived
                }
                _ => Sign::Gone,
            },
        }
    }
}

/// Makes the system tell crossterm again of bytes it left unread; false when there are none. Setting the terminal's
/// modes to what they are changes nothing and wakes whoever waits for it.
fn nudge() -> bool {
    let stdin = rustix::stdio::stdin();
    if !rustix::io::ioctl_fionread(stdin).is_ok_and(|unread| unread > 0) {
        return false;
    }
    if let Ok(modes) = rustix::termios::tcgetattr(stdin) {
        // If it fails the terminal has gone, which the watch tells.
        let _ = rustix::termios::tcsetattr(stdin, rustix::termios::OptionalActions::Now, &modes);
    }
    true
}

/// Waits until `when`; for ever if absent.
async fn until(when: Option<Instant>) {
    match when {
        Some(when) => tokio::time::sleep_until(when.into()).await,
        None => std::future::pending().await,
    }
}

/// Reads until crossterm fails or nobody listens any more.
async fn read(arrived: Arc<Notify>, inputs: mpsc::Sender<Input>, mut burst: BurstDetector) {
    let mut events = EventStream::new();
    let mut typed = Vec::new();
    // Bytes may have come while nobody read.
    let mut look = Some(Instant::now() + LOOK_AFTER);
    loop {
        let mut after = None;
        tokio::select! {
            biased;
            () = arrived.notified() => look = Some(Instant::now() + LOOK_AFTER),
            event = events.next() => match event {
                Some(Ok(Event::Key(key))) => {
                    if key.kind != KeyEventKind::Release {
                        burst.key(Instant::now(), key, &mut typed);
                    }
                }
                Some(Ok(event)) => after = Some(translate(event)),
                // An error would come again for ever.
                Some(Err(_)) | None => after = Some(Input::Closed),
            },
            () = until(look) => look = nudge().then(|| Instant::now() + LOOK_AFTER),
            () = until(burst.deadline()) => burst.settle(Instant::now(), &mut typed),
        }
        if after.is_some() {
            burst.release(&mut typed);
        }
        let closed = after == Some(Input::Closed);
        let typed = typed.drain(..).map(|typed| match typed {
            Typed::Key(key) => Input::Key(key),
            Typed::Paste(text) => Input::Paste(text),
        });
        for input in typed.chain(after) {
            if inputs.send(input).await.is_err() {
                return;
            }
        }
        if closed {
            return;
        }
    }
}

fn translate(event: Event) -> Input {
    match event {
        Event::Key(key) => Input::Key(key),
        Event::Paste(text) => Input::Paste(text.replace("\r\n", "\n").replace('\r', "\n")),
        Event::Resize(columns, rows) => Input::Resize(columns, rows),
        Event::FocusGained => Input::Focus(true),
        Event::FocusLost => Input::Focus(false),
        Event::Mouse(mouse) => Input::Mouse(mouse),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paste_has_one_kind_of_line_break() {
        let input = translate(Event::Paste("a\rb\r\nc\nd".to_owned()));
        assert_eq!(input, Input::Paste("a\nb\nc\nd".to_owned()));
    }

    #[test]
    fn size_and_focus_are_told() {
        assert_eq!(translate(Event::Resize(80, 24)), Input::Resize(80, 24));
        assert_eq!(translate(Event::FocusLost), Input::Focus(false));
    }
}
