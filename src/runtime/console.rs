//! The agent's console in the terminal.
//!
//! Owns: how a console starts and ends, and where its events come from. Must not: decide anything that `app` decides.

use super::effects::EffectRunner;
use super::event_loop::{EventLoop, FollowUp, Program, RawTerminal};
use super::{clock, translate, watch};
use crate::app::core::msg::{Link, What};
use crate::app::core::settings::Settings;
use crate::app::{Effect, Effects, Msg, State, update};
use crate::config::schema::{BidiMode, Colors, ConsoleConfig};
use crate::domain::Millis;
use crate::net::{self, FromNet};
use crate::store::drafts::Drafts;
use crate::term::caps::{Caps, ColorDepth, NOT_UTF8};
use crate::term::guard::Modes;
use crate::term::input::TerminalEvent;
use crate::term::screen::Screen;
use crate::text::bidi::Bidi;
use crate::ui::{self, HitMap, Look, Theme};
use ratatui::Frame;
use std::fmt;
use std::fs::File;
use std::future::pending;
use std::io;
use std::path::PathBuf;
use tokio::sync::mpsc;

/// How the console ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The person quit.
    Fine,
    /// The server refuses this person, for the reason in this sentence.
    NotAuthorised(String),
    /// The terminal went away.
    TerminalGone,
}

/// What the console is started with.
#[derive(Debug)]
pub struct ConsoleOptions {
    pub connection: net::ConnectionSettings,
    pub settings: Settings,
    pub config: ConsoleConfig,
    pub theme: Theme,
    /// Edits of the settings; `None` when they come from no file.
    pub edits: Option<Edits>,
    /// Stores drafts; without it they are in memory only.
    pub drafts: Option<Drafts>,
    /// Sentences that are good to know at the start, such as about the terminal.
    pub hints: Vec<String>,
    /// Sentences about what failed before the start.
    pub warnings: Vec<String>,
}

/// A file with settings, which is watched for edits.
pub struct Edits {
    /// The file. It need not exist.
    pub path: PathBuf,
    /// Reads it again with the checks of the start. The error is a sentence.
    pub read: Box<dyn Fn() -> Result<Edited, String> + Send>,
}

impl fmt::Debug for Edits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edits").field("path", &self.path).finish_non_exhaustive()
    }
}

/// The settings after an edit.
#[derive(Debug)]
pub struct Edited {
    pub settings: Settings,
    pub theme: Theme,
    pub config: ConsoleConfig,
    /// Keys that were changed and take effect only at a restart.
    pub restart: Vec<String>,
}

/// Events that tasks of the console have reported and the loop has not taken. Bounded; a task that finds it full waits.
const REPORTS: usize = 64;

/// Runs the console until the person quits or the terminal goes away.
///
/// # Errors
/// When there is no terminal, or it cannot be set up.
pub async fn run(options: ConsoleOptions) -> io::Result<Exit> {
    let caps = Caps::detect(|name| std::env::var(name).ok());
    let depth = match options.config.colors {
        Colors::Auto => caps.colors,
        Colors::Sixteen => ColorDepth::Sixteen,
        Colors::None => ColorDepth::None,
    };
    let modes = Modes { mouse: options.config.mouse, title: caps.title, keyboard_flags: caps.keyboard_flags };
    let tty = RawTerminal::open(modes, depth)?;
    let connection = options.connection.clone();
    let (to_net, from_net, net_task) = net::start(options.connection);
    let (reports, from_tasks) = mpsc::channel(REPORTS);
    let zone = jiff::tz::TimeZone::system();
    let state = State::new(options.settings, zone, &console_name(), tty.size(), clock::now());
    // Terminals without colours and the Linux console show blinking text badly or not at all.
    let term = std::env::var("TERM").unwrap_or_default();
    let can_blink = depth != ColorDepth::None && !matches!(term.as_str(), "" | "dumb" | "linux");
    let console = ConsoleProgram {
        state,
        effects: EffectRunner { to_net, reports, drafts: options.drafts, caps, connection },
        look: look(options.theme, &options.config, can_blink),
        can_blink,
        // Without a file nothing is ever received.
        edited: options.edits.as_ref().map_or_else(|| mpsc::channel(1).1, |edits| watch::start(&edits.path)),
        edits: options.edits,
        hits: HitMap::default(),
        from_tasks,
        from_net: Some(from_net),
    };
    let mut console = EventLoop::new(console, tty);
    let not_utf8 = (!caps.utf8).then(|| NOT_UTF8.to_owned());
    let hints = not_utf8.into_iter().chain(options.hints).map(What::Hint);
    for what in hints.chain(options.warnings.into_iter().map(What::Trouble)) {
        console.handle(what).await?;
    }
    let result = console.run().await;
    let (console, is_terminal_gone) = console.close();
    let exit = console.close(is_terminal_gone).await;
    net_task.abort();
    result?;
    Ok(exit)
}

struct ConsoleProgram {
    state: State,
    effects: EffectRunner,
    look: Look,
    /// Whether the terminal can show blinking text.
    can_blink: bool,
    edits: Option<Edits>,
    /// The places of everything clickable in the last frame.
    hits: HitMap,
    from_tasks: mpsc::Receiver<What>,
    edited: mpsc::Receiver<()>,
    /// `None` once the connection has ended.
    from_net: Option<mpsc::Receiver<FromNet>>,
}

impl Program for ConsoleProgram {
    type Event = What;
    type Effect = Effect;
    const WAKE: What = What::Wake;
    const TERMINATE: What = What::Terminate;

    fn update(&mut self, what: What) -> Effects {
        update(&mut self.state, Msg { at: clock::now(), what })
    }

    fn draw(&mut self, frame: &mut Frame<'_>) {
        self.hits = ui::draw(&self.state, &self.look, frame);
    }

    fn next_wake(&self) -> Option<Millis> {
        self.state.next_wake()
    }

    fn is_ending(&self) -> bool {
        self.state.ending
    }

    fn event_of(&self, input: TerminalEvent) -> Option<What> {
        translate::input(input, |x, y| self.hits.at(x, y))
    }

    async fn next_event(&mut self) -> What {
        loop {
            tokio::select! {
                biased;
                Some(what) = self.from_tasks.recv() => return what,
                Some(()) = self.edited.recv() => {
                    if let Some(what) = self.read_edit() {
                        return what;
                    }
                }
                report = next_report(self.from_net.as_mut()) => match report {
                    Some(report) => return translate::net(report),
                    None => self.from_net = None,
                },
            }
        }
    }

    fn returns_terminal(&self, what: &What) -> bool {
        matches!(what, What::Edited { .. })
    }

    async fn run(&mut self, effect: Effect, screen: &mut Screen<File>) -> io::Result<FollowUp<What>> {
        self.effects.run(effect, screen).await
    }
}

impl ConsoleProgram {
    /// Reads the edited file: the new settings, or why they are rejected.
    fn read_edit(&mut self) -> Option<What> {
        Some(match (self.edits.as_ref()?.read)() {
            Ok(Edited { settings, theme, config, restart }) => {
                self.look = look(theme, &config, self.can_blink);
                What::Settings { settings: Box::new(settings), restart }
            }
            Err(sentence) => What::Trouble(sentence),
        })
    }

    /// Waits until all drafts are stored, and returns how the console ended.
    async fn close(mut self, is_terminal_gone: bool) -> Exit {
        if let Some(drafts) = self.effects.drafts.take() {
            drafts.close().await;
        }
        match self.state.link {
            _ if is_terminal_gone => Exit::TerminalGone,
            Link::Stopped { signed_out: false, reason } => Exit::NotAuthorised(reason),
            Link::Stopped { .. } | Link::Connecting | Link::Online { .. } | Link::Lost { .. } => Exit::Fine,
        }
    }
}

async fn next_report(from_net: Option<&mut mpsc::Receiver<FromNet>>) -> Option<FromNet> {
    match from_net {
        Some(from_net) => from_net.recv().await,
        None => pending().await,
    }
}

/// A unique name, which is part of the IDs of the console's requests.
fn console_name() -> String {
    let mut bytes = [0; 8];
    if getrandom::fill(&mut bytes).is_err() {
        bytes = clock::now().0.to_be_bytes();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn look(theme: Theme, config: &ConsoleConfig, can_blink: bool) -> Look {
    let theme = if can_blink && config.blink { theme } else { theme.without_blink() };
    Look { theme, bidi: bidi(config.bidi) }
}

pub(crate) const fn bidi(mode: BidiMode) -> Bidi {
    match mode {
        BidiMode::App => Bidi::App,
        BidiMode::Terminal => Bidi::Off,
    }
}
