//! What comes from the terminal.
//!
//! Owns: the task that reads the terminal, and the watch for its end. Must not: decide what a key means.
//! Invariants: the channel is bounded, and a full one makes the task wait, so the terminal's own buffer fills and
//! nothing is lost; after [`Input::Closed`] nothing follows; between [`Reader::stop`] and the next
//! [`Reader::start`] nobody reads the terminal, so an editor gets every key.
//!
//! crossterm's reader neither ends nor fails when the terminal goes away: it spins. So the end is found without it,
//! by the hang-up signal and by the readiness of the terminal itself, and the process is expected to exit then.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use crossterm::event::{Event, EventStream, KeyEvent, KeyEventKind, MouseEvent};
use futures_util::StreamExt;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, oneshot};
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

/// Keys held between the task and the console's loop. When it is full, the task waits.
const HELD: usize = 256;
/// How long [`Reader::stop`] waits for crossterm's thread to let go.
const LET_GO: Duration = Duration::from_millis(200);

/// The reading of the terminal. Only one may exist at a time.
#[derive(Debug)]
pub struct Reader {
    inputs: mpsc::Receiver<Input>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
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
        let end = End { hangup: signal(SignalKind::hangup())?, tty: watch()? };
        // Overflow: the task waits.
        let (sender, inputs) = mpsc::channel(HELD);
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            tokio::select! {
                _ = stopped => {}
                () = read(end, &sender, BurstDetector::new(rules)) => {}
            }
        });
        Ok(Self { inputs, stop, task })
    }

    /// The next input; `None` after [`Input::Closed`]. Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Input> {
        self.inputs.recv().await
    }

    /// Stops to read, and returns what was read and not yet taken. When it returns, nobody reads the terminal.
    pub async fn stop(mut self) -> Vec<Input> {
        // The task may have ended by itself.
        let _ = self.stop.send(());
        let _ = self.task.await;
        let mut rest = Vec::new();
        while let Ok(input) = self.inputs.try_recv() {
            rest.push(input);
        }
        if !rest.contains(&Input::Closed) {
            let_go().await;
        }
        rest
    }
}

/// Waits until crossterm's thread has left its poll. Making another stream waits for exactly that. It is done on a
/// thread of its own, with a limit, because after a hang-up it would wait for ever.
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
fn watch() -> io::Result<AsyncFd<io::Stdin>> {
    AsyncFd::with_interest(io::stdin(), Interest::READABLE)
}

/// The two signs that the terminal has gone.
struct End {
    hangup: Signal,
    tty: AsyncFd<io::Stdin>,
}

impl End {
    async fn wait(&mut self) {
        tokio::select! {
            _ = self.hangup.recv() => {}
            () = gone(&self.tty) => {}
        }
    }
}

/// Waits until the terminal has gone. Wakes once for what is typed and never while nothing happens.
async fn gone(tty: &AsyncFd<io::Stdin>) {
    loop {
        let Ok(mut ready) = tty.readable().await else {
            return;
        };
        if ready.ready().is_read_closed() || !io::stdin().is_terminal() {
            return;
        }
        ready.clear_ready();
    }
}

async fn read(mut end: End, inputs: &mpsc::Sender<Input>, mut burst: BurstDetector) {
    let mut events = EventStream::new();
    let mut typed = Vec::new();
    loop {
        let deadline = burst.deadline();
        let settle = async {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                None => std::future::pending().await,
            }
        };
        let mut after = None;
        tokio::select! {
            biased;
            () = end.wait() => after = Some(Input::Closed),
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
            () = settle => burst.settle(Instant::now(), &mut typed),
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
