//! The signals of a terminal program, and stopping at Ctrl+Z.
//!
//! Owns: their handlers.
//! Must not: touch the terminal or end the process; the receiver does.
//! Once [`Signals`] exists, none of them has its default effect any more.

use std::io;

use nix::unistd::{getpgid, getpgrp, getpid, getppid, getsid};
use rustix::process::kill_current_process_group;
use tokio::signal::unix::{Signal as Handler, SignalKind, signal};

/// A signal, by its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The terminal has gone (`SIGHUP`): exit without writing to it.
    Hangup,
    /// Exit, tidily (`SIGTERM`).
    Terminate,
    /// Stop until `SIGCONT` (`SIGTSTP`): give the terminal back, then [`stop_self`].
    Stop,
    /// Continue after a stop (`SIGCONT`): the screen must be drawn again.
    Continue,
    /// Exit, requested by the keyboard or by another process (`SIGINT`).
    Interrupt,
}

/// The stream of signals. The system keeps one of each kind at most, so it needs no bound.
#[derive(Debug)]
pub struct Signals {
    hangup: Handler,
    terminate: Handler,
    stop: Handler,
    resume: Handler,
    interrupt: Handler,
}

impl Signals {
    /// Starts to catch the signals. Needs a tokio runtime.
    ///
    /// # Errors
    /// When a handler cannot be installed.
    pub fn new() -> io::Result<Self> {
        let other = |kind: rustix::process::Signal| signal(SignalKind::from_raw(kind.as_raw()));
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            stop: other(rustix::process::Signal::TSTP)?,
            resume: other(rustix::process::Signal::CONT)?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// The next signal. Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            biased;
            _ = self.hangup.recv() => Signal::Hangup,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.stop.recv() => Signal::Stop,
            _ = self.resume.recv() => Signal::Continue,
        }
    }

    /// Waits for the next signal that asks the program to exit, and skips others.
    pub async fn exit(&mut self) {
        while matches!(self.next().await, Signal::Stop | Signal::Continue) {}
    }
}

/// Whether a process can continue this one after a stop: a parent in our session but outside our process group, as a
/// shell with job control is. `ssh host deskline` has none.
///
/// A container shows the sessions outside it as 0, which rustix takes for impossible; hence nix.
pub fn can_stop() -> bool {
    let parent = getppid();
    let (Ok(ours), Ok(theirs)) = (getsid(None), getsid(Some(parent))) else {
        return false;
    };
    let same_group = getpgid(Some(parent)).is_ok_and(|group| group == getpgrp());
    parent.as_raw() != 0 && ours == theirs && !same_group && ours != getpid()
}

/// Stops this process and those of its group, as a shell expects of a job. Ends after it was continued.
///
/// # Errors
/// When nobody could wake it again ([`can_stop`]); nothing was stopped then.
pub async fn stop_self() -> io::Result<()> {
    if !can_stop() {
        return Err(io::Error::other("not stopped: no shell is there to go on from"));
    }
    // A stop reaches the threads one after another; only `SIGCONT` proves that it is over.
    let mut resumed = signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?;
    kill_current_process_group(rustix::process::Signal::STOP)?;
    resumed.recv().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Signal, Signals};
    use rustix::process::{getpid, kill_process};

    #[tokio::test]
    async fn signals_arrive_as_what_they_ask_for() {
        let mut signals = Signals::new().unwrap();
        for (sent, told) in [
            (rustix::process::Signal::HUP, Signal::Hangup),
            (rustix::process::Signal::TERM, Signal::Terminate),
            (rustix::process::Signal::INT, Signal::Interrupt),
            (rustix::process::Signal::CONT, Signal::Continue),
            (rustix::process::Signal::TSTP, Signal::Stop),
        ] {
            kill_process(getpid(), sent).unwrap();
            assert_eq!(signals.next().await, told);
        }
        kill_process(getpid(), rustix::process::Signal::CONT).unwrap();
        kill_process(getpid(), rustix::process::Signal::TERM).unwrap();
        signals.exit().await;
    }
}
