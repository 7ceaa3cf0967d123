//! The loop of a program that owns the terminal: the console and the monitor run in it.
//!
//! Owns: the terminal, its keys and its signals; when a frame is drawn; suspending, and lending the terminal to an editor.
//! Must not: know what a program shows or does.
//! Invariants: a program's state changes in one place, and the effects of a change run in order; keys come before the
//! program's other events, so a flood of those never starves typing; a frame is drawn only when neither is waiting, or
//! when it is overdue; a terminal that has gone gets no byte.

use super::clock;
use super::frame::Frames;
use crate::app::Effects;
use crate::domain::Millis;
use crate::term::burst::BurstThresholds;
use crate::term::caps::ColorDepth;
use crate::term::guard::{Modes, TerminalGuard};
use crate::term::hangup::{self, Signal, Signals};
use crate::term::input::{InputReader, TerminalEvent};
use crate::term::screen::{self, Screen};
use ratatui::layout::Size;
use ratatui::{Frame, Terminal};
use std::collections::VecDeque;
use std::fs::File;
use std::future::pending;
use std::io;
use std::pin::Pin;
use std::time::Instant;

/// A state machine with a screen.
pub(super) trait Program {
    /// Something that happened.
    type Event;
    /// Something that has to be done after a change.
    type Effect;
    /// The event for the moment of [`Self::next_wake`].
    const WAKE: Self::Event;
    /// The event for a process that was asked to end.
    const TERMINATE: Self::Event;

    /// Changes the state.
    fn update(&mut self, event: Self::Event) -> Effects<Self::Effect>;

    /// Draws the state.
    fn draw(&mut self, frame: &mut Frame<'_>);

    /// The next moment at which the screen looks different although nothing happens.
    fn next_wake(&self) -> Option<Millis>;

    /// Whether the state says that the program ends.
    fn is_ending(&self) -> bool;

    /// The event of an input of the terminal, if it has a meaning.
    fn event_of(&self, input: TerminalEvent) -> Option<Self::Event>;

    /// Waits for the next event from anywhere else. Dropping the future loses no event.
    async fn next_event(&mut self) -> Self::Event;

    /// Whether an event of [`Self::next_event`] says that an editor has returned the terminal.
    fn returns_terminal(&self, event: &Self::Event) -> bool;

    /// Runs an effect.
    async fn run(
        &mut self,
        effect: Self::Effect,
        screen: &mut Screen<File>,
    ) -> io::Result<FollowUp<Self::Event>>;
}

/// What the loop has to do after an effect.
pub(super) enum FollowUp<E> {
    Nothing,
    /// Change the state again.
    Event(E),
    /// Draw every cell again.
    Redraw,
    /// Stop for job control.
    Suspend,
    /// Capture the mouse, or release it.
    CaptureMouse(bool),
    /// Lend the terminal to an editor.
    Lend(Loan<E>),
}

/// A request to lend the terminal to an editor.
pub(super) struct Loan<E> {
    /// Runs the editor. It starts once the terminal is free; after its end an event
    /// [returns the terminal](Program::returns_terminal).
    pub(super) editor: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// Happens instead when an editor has the terminal already.
    pub(super) busy: E,
}

/// The terminal in raw mode, with its keys and the process's signals. Dropping it gives the terminal back.
pub(super) struct RawTerminal {
    signals: Signals,
    terminal: Terminal<Screen<File>>,
    /// `None` once the terminal has been given back for good.
    guard: Option<TerminalGuard>,
    /// `None` while somebody else reads the terminal.
    reader: Option<InputReader>,
    size: Size,
}

impl RawTerminal {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When there is no terminal, or it cannot be set up.
    pub(super) fn open(modes: Modes, depth: ColorDepth) -> io::Result<Self> {
        let signals = Signals::new()?;
        let guard = TerminalGuard::enter(modes)?;
        let size = screen::size().unwrap_or(screen::USUAL);
        let terminal = Terminal::new(Screen::new(screen::open()?, size, depth))?;
        let reader = InputReader::start(BurstThresholds::default())?;
        Ok(Self { signals, terminal, guard: Some(guard), reader: Some(reader), size })
    }

    /// Columns and rows at the start.
    pub(super) const fn size(&self) -> (u16, u16) {
        (self.size.width, self.size.height)
    }
}

/// A program in its terminal.
pub(super) struct EventLoop<P: Program> {
    program: P,
    tty: RawTerminal,
    frames: Frames,
    /// The terminal has gone: it gets no byte any more.
    is_gone: bool,
    /// An editor has the terminal.
    is_lent: bool,
    /// Effects that have not run yet, in order.
    effects: VecDeque<P::Effect>,
}

impl<P: Program> EventLoop<P> {
    pub(super) fn new(program: P, tty: RawTerminal) -> Self {
        let mut frames = Frames::default();
        frames.want();
        Self { program, tty, frames, is_gone: false, is_lent: false, effects: VecDeque::new() }
    }

    /// Runs until the program ends or the terminal goes.
    ///
    /// # Errors
    /// When the terminal cannot be written.
    pub(super) async fn run(&mut self) -> io::Result<()> {
        while !self.is_gone && !self.program.is_ending() {
            let draw_at = if self.is_lent { None } else { self.frames.due(Instant::now()) };
            let wake_at = self.program.next_wake();
            tokio::select! {
                biased;
                signal = self.tty.signals.next() => self.signal(signal).await?,
                input = next_input(self.tty.reader.as_mut()) => self.input(input).await?,
                () = sleep_until(draw_at), if draw_at.is_some() => self.draw()?,
                event = self.program.next_event() => {
                    if self.program.returns_terminal(&event) {
                        self.take_terminal()?;
                    }
                    self.handle(event).await?;
                }
                () = tokio::time::sleep(wake_at.map(clock::until).unwrap_or_default()), if wake_at.is_some() => {
                    self.handle(P::WAKE).await?;
                }
            }
        }
        Ok(())
    }

    /// Changes the state and runs the effects; a frame is drawn when nothing else is waiting.
    pub(super) async fn handle(&mut self, event: P::Event) -> io::Result<()> {
        self.change(event);
        self.run_effects().await
    }

    /// Changes the state. The effects wait for [`Self::run_effects`].
    fn change(&mut self, event: P::Event) {
        self.effects.extend(self.program.update(event));
        self.frames.want();
    }

    /// Runs the effects, and the changes that follow from them.
    async fn run_effects(&mut self) -> io::Result<()> {
        while let Some(effect) = self.effects.pop_front() {
            let screen = self.tty.terminal.backend_mut();
            match self.program.run(effect, screen).await? {
                FollowUp::Nothing => {}
                FollowUp::Event(event) => self.change(event),
                FollowUp::Redraw => screen.invalidate(),
                FollowUp::Suspend => self.suspend().await?,
                FollowUp::CaptureMouse(on) => {
                    self.tty.guard.as_mut().map_or(Ok(()), |guard| guard.set_mouse(on))?;
                }
                FollowUp::Lend(loan) if self.is_lent => self.change(loan.busy),
                FollowUp::Lend(loan) => {
                    self.release_terminal().await?;
                    tokio::spawn(loan.editor);
                }
            }
        }
        Ok(())
    }

    async fn input(&mut self, input: Option<TerminalEvent>) -> io::Result<()> {
        let Some(input) = input.filter(|input| !matches!(input, TerminalEvent::Closed)) else {
            self.is_gone = true;
            return Ok(());
        };
        if let TerminalEvent::Resize(width, height) = input {
            self.tty.terminal.backend_mut().take_size(Size::new(width, height));
        }
        match self.program.event_of(input) {
            Some(event) => self.handle(event).await,
            None => Ok(()),
        }
    }

    async fn signal(&mut self, signal: Signal) -> io::Result<()> {
        match signal {
            Signal::Hangup => self.is_gone = true,
            Signal::Terminate | Signal::Interrupt => self.handle(P::TERMINATE).await?,
            Signal::Stop => {
                self.suspend().await?;
                self.run_effects().await?;
            }
            Signal::Continue => {
                self.tty.terminal.backend_mut().invalidate();
                self.frames.want();
            }
        }
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        let program = &mut self.program;
        let drawn = self.tty.terminal.draw(|frame| program.draw(frame));
        self.frames.drawn(Instant::now());
        drawn.map(|_| ())
    }

    /// Ctrl+Z: gives the terminal back, stops, and takes it again when the process continues.
    async fn suspend(&mut self) -> io::Result<()> {
        if self.is_lent || !hangup::can_stop() {
            return Ok(());
        }
        self.release_terminal().await?;
        hangup::stop_self().await?;
        self.take_terminal()
    }

    async fn release_terminal(&mut self) -> io::Result<()> {
        self.is_lent = true;
        if let Some(reader) = self.tty.reader.take() {
            // Keys that were typed before the terminal is released are processed, too.
            for input in reader.stop().await {
                if let Some(event) = self.program.event_of(input) {
                    self.change(event);
                }
            }
        }
        self.tty.guard.as_mut().map_or(Ok(()), TerminalGuard::suspend)
    }

    fn take_terminal(&mut self) -> io::Result<()> {
        self.is_lent = false;
        self.tty.guard.as_mut().map_or(Ok(()), TerminalGuard::resume)?;
        self.tty.reader = Some(InputReader::start(BurstThresholds::default())?);
        let size = screen::size().unwrap_or(screen::USUAL);
        self.tty.terminal.backend_mut().take_size(size);
        if let Some(event) = self.program.event_of(TerminalEvent::Resize(size.width, size.height)) {
            self.change(event);
        }
        Ok(())
    }

    /// Gives the terminal back, or leaves it alone when it has gone. Returns the program, and whether the terminal has
    /// gone.
    pub(super) fn close(mut self) -> (P, bool) {
        if self.is_gone
            && let Some(guard) = self.tty.guard.take()
        {
            guard.abandon();
        }
        drop(self.tty.reader.take());
        drop(self.tty.guard.take());
        (self.program, self.is_gone)
    }
}

async fn next_input(reader: Option<&mut InputReader>) -> Option<TerminalEvent> {
    match reader {
        Some(reader) => reader.next().await,
        None => pending().await,
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => pending().await,
    }
}
