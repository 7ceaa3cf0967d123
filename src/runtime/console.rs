//! The console's loop: one queue of what happens, one place that draws.

use super::clock;
use super::effects::{Effects, Flow};
use super::frame::Frames;
use super::{translate, watch};
use crate::app::msg::{Link, What};
use crate::app::state::Settings;
use crate::app::{Effect, Msg, State, update};
use crate::config::schema::{BidiMode, Colors, Console as ConsoleConfig};
use crate::net::{self, FromNet};
use crate::store::drafts::Drafts;
use crate::term::burst::Rules;
use crate::term::caps::{Caps, ColorDepth, NOT_UTF8};
use crate::term::guard::{Guard, Modes};
use crate::term::hangup::{self, Signal, Signals};
use crate::term::input::{Input, Reader};
use crate::term::screen::{self, Screen};
use crate::text::bidi::Bidi;
use crate::ui::{self, HitMap, Look, Theme};
use ratatui::Terminal;
use ratatui::layout::Size;
use std::collections::VecDeque;
use std::fmt;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::time::Instant;
use tokio::sync::mpsc;

/// How the console ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// As asked.
    Fine,
    /// The server does not want this person, with a sentence.
    NotAuthorised(String),
    /// The terminal went away.
    TerminalGone,
}

/// What a console is started with.
#[derive(Debug)]
pub struct Start {
    /// How it connects.
    pub connection: net::Settings,
    /// What the person set.
    pub settings: Settings,
    /// The console's part of the configuration.
    pub config: ConsoleConfig,
    /// Colours.
    pub theme: Theme,
    /// Where edits of the settings are found; none when they come from no file.
    pub edits: Option<Edits>,
    /// Where drafts are kept; in memory only without it.
    pub drafts: Option<Drafts>,
    /// Good-to-know sentences about this machine, to be shown at the start.
    pub hints: Vec<String>,
    /// What went wrong before the start, in sentences.
    pub warnings: Vec<String>,
}

/// A file with settings that is watched.
pub struct Edits {
    /// The file. It need not exist.
    pub path: PathBuf,
    /// Reads it again, after the same checks as at the start; else a sentence that says what is wrong.
    pub read: Box<dyn Fn() -> Result<Edited, String> + Send>,
}

impl fmt::Debug for Edits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edits").field("path", &self.path).finish_non_exhaustive()
    }
}

/// What an edited file says.
#[derive(Debug)]
pub struct Edited {
    /// What the person set.
    pub settings: Settings,
    /// Colours.
    pub theme: Theme,
    /// The console's part of the configuration.
    pub config: ConsoleConfig,
    /// Keys that differ and are only read at the start.
    pub restart: Vec<String>,
}

/// What the loop waits for from tasks of its own. Bounded; a task that finds it full waits.
const INTERNAL: usize = 64;

/// Runs the console until the person leaves or the terminal goes.
///
/// # Errors
/// When there is no terminal, or it cannot be set up.
pub async fn run(start: Start) -> io::Result<Exit> {
    let caps = Caps::detect(|name| std::env::var(name).ok());
    let depth = match start.config.colors {
        Colors::Auto => caps.colors,
        Colors::Sixteen => ColorDepth::Sixteen,
        Colors::None => ColorDepth::None,
    };
    let modes = Modes { mouse: start.config.mouse, title: caps.title, keyboard_flags: caps.keyboard_flags };
    let signals = Signals::new()?;
    let guard = Guard::enter(modes)?;
    let size = screen::size().unwrap_or(screen::USUAL);
    let terminal = Terminal::new(Screen::new(screen::open()?, size, depth))?;
    let reader = Reader::start(Rules::default())?;
    let connection = start.connection.clone();
    let (to_net, from_net, net_task) = net::start(start.connection);
    let (internal, from_tasks) = mpsc::channel(INTERNAL);
    let zone = jiff::tz::TimeZone::system();
    let state = State::new(start.settings, zone, &desk_name(), (size.width, size.height), clock::now());
    // A terminal without colours, and the one of the kernel, show blinking badly or not at all.
    let term = std::env::var("TERM").unwrap_or_default();
    let blinks = depth != ColorDepth::None && !matches!(term.as_str(), "" | "dumb" | "linux");
    let look = look(start.theme, &start.config, blinks);
    // Without a file to watch nothing is ever received.
    let edited = start.edits.as_ref().map_or_else(|| mpsc::channel(1).1, |edits| watch::start(&edits.path));
    let effects = Effects { to_net, internal, drafts: start.drafts, caps, connection };
    let mut console = Console {
        state,
        effects,
        terminal,
        guard: Some(guard),
        reader: Some(reader),
        frames: Frames::default(),
        look,
        blinks,
        edits: start.edits,
        hits: HitMap::default(),
        gone: false,
        lent: false,
        wanted: VecDeque::new(),
    };
    console.frames.want();
    let not_utf8 = (!caps.utf8).then(|| NOT_UTF8.to_owned());
    let hints = not_utf8.into_iter().chain(start.hints).map(What::Hint);
    for what in hints.chain(start.warnings.into_iter().map(What::Trouble)) {
        console.happened(what).await?;
    }
    let result = console.run(signals, from_net, from_tasks, edited).await;
    let exit = console.leave().await;
    net_task.abort();
    result?;
    Ok(exit)
}

struct Console {
    state: State,
    effects: Effects,
    terminal: Terminal<Screen<File>>,
    /// Absent once the terminal has been given back for good.
    guard: Option<Guard>,
    /// Absent while somebody else reads the terminal.
    reader: Option<Reader>,
    frames: Frames,
    look: Look,
    /// Whether the terminal can show what blinks.
    blinks: bool,
    edits: Option<Edits>,
    hits: HitMap,
    /// The terminal went away: not a byte more to it.
    gone: bool,
    /// An editor has the terminal.
    lent: bool,
    /// Effects that are not run yet, in order.
    wanted: VecDeque<Effect>,
}

impl Console {
    async fn run(
        &mut self,
        mut signals: Signals,
        mut from_net: mpsc::Receiver<FromNet>,
        mut from_tasks: mpsc::Receiver<What>,
        mut edited: mpsc::Receiver<()>,
    ) -> io::Result<()> {
        let mut connected = true;
        while !self.state.ending {
            let draw_at = if self.lent { None } else { self.frames.due(Instant::now()) };
            let wake_at = self.state.next_wake();
            // Biased: what a person does comes before what the network brings, so a flood never starves
            // typing; a frame is drawn when neither has anything at once, or it is overdue.
            tokio::select! {
                biased;
                signal = signals.next() => self.signal(signal).await?,
                input = next_input(self.reader.as_mut()) => match input {
                    Some(Input::Closed) | None => {
                        self.gone = true;
                        self.state.ending = true;
                    }
                    Some(input) => {
                        if let Input::Resize(width, height) = input {
                            self.terminal.backend_mut().take_size(Size::new(width, height));
                        }
                        let hits = &self.hits;
                        if let Some(what) = translate::input(input, |x, y| hits.at(x, y)) {
                            self.happened(what).await?;
                        }
                    }
                },
                () = sleep_until(draw_at), if draw_at.is_some() => self.draw()?,
                Some(what) = from_tasks.recv() => {
                    if matches!(what, What::Edited { .. }) {
                        self.take_back().await?;
                    }
                    self.happened(what).await?;
                }
                Some(()) = edited.recv() => self.reread().await?,
                report = from_net.recv(), if connected => match report {
                    Some(report) => self.happened(translate::net(report)).await?,
                    None => connected = false,
                },
                () = tokio::time::sleep(wake_at.map(clock::until).unwrap_or_default()), if wake_at.is_some() => {
                    self.happened(What::Wake).await?;
                }
            }
        }
        Ok(())
    }

    /// Changes the state, does what is wanted, and has a frame drawn when the queue is empty.
    async fn happened(&mut self, what: What) -> io::Result<()> {
        self.change(what);
        self.do_wanted().await
    }

    /// Changes the state. The only place that does so here: the effects then wait for [`Self::do_wanted`].
    fn change(&mut self, what: What) {
        self.wanted.extend(update(&mut self.state, Msg { at: clock::now(), what }));
        self.frames.want();
    }

    /// Runs the effects, and the changes that follow from them.
    async fn do_wanted(&mut self) -> io::Result<()> {
        while let Some(effect) = self.wanted.pop_front() {
            match self.effects.run(effect, self.terminal.backend_mut()).await? {
                Flow::On => {}
                Flow::Redraw => self.terminal.backend_mut().invalidate(),
                Flow::Mouse(on) => self.guard.as_mut().map_or(Ok(()), |guard| guard.set_mouse(on))?,
                Flow::Suspend => self.suspend().await?,
                Flow::Lend(id, text) => self.lend(id, text).await?,
            }
        }
        Ok(())
    }

    /// Takes an edit of the person's settings, or says why not.
    async fn reread(&mut self) -> io::Result<()> {
        let Some(read) = self.edits.as_ref().map(|edits| (edits.read)()) else { return Ok(()) };
        match read {
            Ok(Edited { settings, theme, config, restart }) => {
                self.look = look(theme, &config, self.blinks);
                self.happened(What::Settings { settings: Box::new(settings), restart }).await
            }
            Err(sentence) => self.happened(What::Trouble(sentence)).await,
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        let (state, look) = (&self.state, &self.look);
        let mut hits = HitMap::default();
        let drawn = self.terminal.draw(|frame| hits = ui::draw(state, look, frame));
        self.hits = hits;
        self.frames.drawn(Instant::now());
        drawn.map(|_| ())
    }

    async fn signal(&mut self, signal: Signal) -> io::Result<()> {
        match signal {
            Signal::Hangup => {
                self.gone = true;
                self.state.ending = true;
            }
            Signal::Terminate | Signal::Interrupt => self.happened(What::Terminate).await?,
            Signal::Stop => {
                self.suspend().await?;
                self.do_wanted().await?;
            }
            Signal::Continue => {
                self.terminal.backend_mut().invalidate();
                self.frames.want();
            }
        }
        Ok(())
    }

    /// Ctrl+Z: gives the terminal back, stops, and takes it again when told to go on.
    async fn suspend(&mut self) -> io::Result<()> {
        if self.lent || !hangup::can_stop() {
            return Ok(());
        }
        self.let_go().await?;
        hangup::stop_self().await?;
        self.take_back().await
    }

    async fn let_go(&mut self) -> io::Result<()> {
        self.lent = true;
        if let Some(reader) = self.reader.take() {
            for input in reader.stop().await {
                let hits = &self.hits;
                if let Some(what) = translate::input(input, |x, y| hits.at(x, y)) {
                    self.change(what);
                }
            }
        }
        self.guard.as_mut().map_or(Ok(()), Guard::suspend)
    }

    async fn take_back(&mut self) -> io::Result<()> {
        self.lent = false;
        if let Some(guard) = &mut self.guard {
            guard.resume()?;
        }
        self.reader = Some(Reader::start(Rules::default())?);
        let size = screen::size().unwrap_or(screen::USUAL);
        self.terminal.backend_mut().take_size(size);
        self.change(What::Resize(size.width, size.height));
        Ok(())
    }

    /// Lends the terminal to an editor. The connection goes on meanwhile.
    async fn lend(&mut self, session: crate::domain::InteractionId, text: String) -> io::Result<()> {
        if self.lent {
            let result = Err("an editor is open already; your text is unchanged".to_owned());
            self.change(What::Edited { session, result });
            return Ok(());
        }
        match crate::term::editor::command(|name| std::env::var(name).ok()) {
            Err(error) => self.change(What::Trouble(error.to_string())),
            Ok(command) => {
                self.let_go().await?;
                let internal = self.effects.internal.clone();
                tokio::spawn(async move {
                    let result = crate::term::editor::edit(&text, &command).await.map_err(|e| e.to_string());
                    let _ = internal.send(What::Edited { session, result }).await;
                });
            }
        }
        Ok(())
    }

    /// Gives the terminal back, or leaves it alone when it has gone, and says how it ended.
    async fn leave(mut self) -> Exit {
        if self.gone
            && let Some(guard) = self.guard.take()
        {
            guard.abandon();
        }
        drop(self.reader.take());
        drop(self.guard.take());
        if let Some(drafts) = self.effects.drafts.take() {
            drafts.close().await;
        }
        match &self.state.link {
            _ if self.gone => Exit::TerminalGone,
            Link::Stopped { signed_out: false, reason } => Exit::NotAuthorised(reason.clone()),
            _ => Exit::Fine,
        }
    }
}

async fn next_input(reader: Option<&mut Reader>) -> Option<Input> {
    match reader {
        Some(reader) => reader.next().await,
        None => std::future::pending().await,
    }
}

pub(super) async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// A word that no other console has: requests are named by it.
fn desk_name() -> String {
    let mut bytes = [0; 8];
    if getrandom::fill(&mut bytes).is_err() {
        bytes = clock::now().0.to_be_bytes();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn look(theme: Theme, config: &ConsoleConfig, blinks: bool) -> Look {
    let theme = if blinks && config.blink { theme } else { theme.still() };
    Look { theme, bidi: bidi(config.bidi) }
}

pub(crate) const fn bidi(mode: BidiMode) -> Bidi {
    match mode {
        BidiMode::App => Bidi::App,
        BidiMode::Terminal => Bidi::Off,
    }
}
