//! The supervisor's loop: one queue of what happens, one place that draws, and tasks that only read.

use super::clock;
use super::console::Exit;
use super::frame::Frames;
use super::oversee::{self, News, Oversight, Tell};
use super::translate;
use crate::app::monitor::{Effect, Link, Monitor, Msg, Plain, What, update};
use crate::app::msg::What as Input;
use crate::domain::options::{Options, SECTION};
use crate::domain::pending::Thresholds;
use crate::domain::{AttachedData, InteractionId};
use crate::net::Settings;
use crate::net::reader::{ReadError, Reader};
use crate::proto::media::{LogPage, LogQuery};
use crate::proto::session::{ConfigurationDto, section_of};
use crate::proto::watch::{LivePage, live_path, log_path, settings_path};
use crate::term::burst::Rules;
use crate::term::caps::{Caps, ColorDepth};
use crate::term::guard::{Guard, Modes};
use crate::term::hangup::{self, Signal, Signals};
use crate::term::input::{self, Reader as Keyboard};
use crate::term::screen::{self, Screen};
use crate::text::Clean;
use crate::ui::{self, Look};
use ratatui::Terminal;
use ratatui::layout::Size;
use serde_json::Value as Json;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::fs::File;
use std::future::pending;
use std::io;
use std::time::Duration;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

/// What the tasks bring and the loop has not taken. Bounded; a task that finds it full waits.
const ARRIVED: usize = 64;
/// Transcripts that are to be read. Each pane asks once at a time, so it never fills.
const ASKED: usize = 16;
/// How long the server holds a question while nothing changes, in seconds.
const WAIT: u64 = 8;
/// What the end of a source may take beyond what it allows itself.
const MARGIN: Duration = Duration::from_millis(200);

/// What a monitor is started with.
#[derive(Debug)]
pub struct Start {
    /// How it connects.
    pub connection: Settings,
    /// Options of the local file, for what the server does not set.
    pub local: AttachedData,
    /// How it looks.
    pub look: Look,
    /// How many colours; `None` finds out.
    pub depth: Option<ColorDepth>,
}

/// Runs the monitor until the person leaves or the terminal goes.
///
/// # Errors
/// When there is no terminal, or it cannot be set up.
pub async fn run(start: Start) -> io::Result<Exit> {
    let caps = Caps::detect(|name| std::env::var(name).ok());
    let modes = Modes { mouse: false, title: caps.title, keyboard_flags: caps.keyboard_flags };
    let signals = Signals::new()?;
    let guard = Guard::enter(modes)?;
    let size = screen::size().unwrap_or(screen::USUAL);
    let depth = start.depth.unwrap_or(caps.colors);
    let terminal = Terminal::new(Screen::new(screen::open()?, size, depth))?;
    let keyboard = Keyboard::start(Rules::default())?;
    let (bring, arrived) = mpsc::channel(ARRIVED);
    let (asks, asked) = mpsc::channel(ASKED);
    let (end, ended) = oneshot::channel();
    let mut source = tokio::spawn(source(start.connection, start.local, asked, bring, ended));
    let zone = jiff::tz::TimeZone::system();
    let mut desk = Desk {
        state: Monitor::new(zone, (size.width, size.height), clock::now()),
        terminal,
        guard: Some(guard),
        keyboard: Some(keyboard),
        frames: Frames::default(),
        look: start.look,
        asks,
        gone: false,
        wanted: VecDeque::new(),
    };
    desk.frames.want();
    let result = desk.run(signals, arrived).await;
    let exit = desk.leave();
    drop(end);
    // What was begun at the server is ended; nobody waits longer for that than it takes.
    if timeout(oversee::GOODBYE + MARGIN, &mut source).await.is_err() {
        source.abort();
    }
    result?;
    Ok(exit)
}

struct Desk {
    state: Monitor,
    terminal: Terminal<Screen<File>>,
    /// Absent once the terminal has been given back for good.
    guard: Option<Guard>,
    keyboard: Option<Keyboard>,
    frames: Frames,
    look: Look,
    asks: mpsc::Sender<(InteractionId, LogQuery)>,
    /// The terminal went away: not a byte more to it.
    gone: bool,
    /// Effects that are not run yet, in order.
    wanted: VecDeque<Effect>,
}

impl Desk {
    async fn run(&mut self, mut signals: Signals, mut arrived: mpsc::Receiver<What>) -> io::Result<()> {
        while !self.state.ending {
            let draw_at = self.frames.due(Instant::now());
            let wake_at = self.state.next_wake();
            // Biased: what a person does comes before what the network brings, so a flood never starves typing.
            tokio::select! {
                biased;
                signal = signals.next() => self.signal(signal).await?,
                pressed = next(self.keyboard.as_mut()) => self.pressed(pressed).await?,
                () = super::console::sleep_until(draw_at), if draw_at.is_some() => self.draw()?,
                Some(what) = arrived.recv() => self.happened(what).await?,
                () = sleep(wake_at.map(clock::until).unwrap_or_default()), if wake_at.is_some() => {
                    self.happened(What::Wake).await?;
                }
            }
        }
        Ok(())
    }

    async fn pressed(&mut self, pressed: Option<input::Input>) -> io::Result<()> {
        let Some(pressed) = pressed.filter(|pressed| !matches!(pressed, input::Input::Closed)) else {
            self.gone = true;
            self.state.ending = true;
            return Ok(());
        };
        if let input::Input::Resize(width, height) = pressed {
            self.terminal.backend_mut().take_size(Size::new(width, height));
        }
        match understood(pressed) {
            Some(what) => self.happened(what).await,
            None => Ok(()),
        }
    }

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
            match effect {
                // A task that has ended was told to; then nothing is to be read any more.
                Effect::Read { id, part } => drop(self.asks.send((id, part)).await),
                Effect::Redraw => self.terminal.backend_mut().invalidate(),
                Effect::Suspend => self.suspend().await?,
                Effect::Quit => {}
            }
        }
        Ok(())
    }

    async fn signal(&mut self, signal: Signal) -> io::Result<()> {
        match signal {
            Signal::Hangup => {
                self.gone = true;
                self.state.ending = true;
                Ok(())
            }
            Signal::Terminate | Signal::Interrupt => self.happened(What::Terminate).await,
            Signal::Stop => {
                self.suspend().await?;
                self.do_wanted().await
            }
            Signal::Continue => {
                self.terminal.backend_mut().invalidate();
                self.frames.want();
                Ok(())
            }
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        let (state, look) = (&self.state, &self.look);
        let drawn = self.terminal.draw(|frame| ui::draw_monitor(state, look, frame));
        self.frames.drawn(Instant::now());
        drawn.map(|_| ())
    }

    /// Ctrl+Z: gives the terminal back, stops, and takes it again when told to go on.
    async fn suspend(&mut self) -> io::Result<()> {
        if !hangup::can_stop() {
            return Ok(());
        }
        if let Some(keyboard) = self.keyboard.take() {
            // Keys after the one that stops the program are processed when it continues.
            keyboard.stop().await.into_iter().filter_map(understood).for_each(|what| self.change(what));
        }
        self.guard.as_mut().map_or(Ok(()), Guard::suspend)?;
        hangup::stop_self().await?;
        self.guard.as_mut().map_or(Ok(()), Guard::resume)?;
        self.keyboard = Some(Keyboard::start(Rules::default())?);
        let size = screen::size().unwrap_or(screen::USUAL);
        self.terminal.backend_mut().take_size(size);
        self.change(What::Resize(size.width, size.height));
        Ok(())
    }

    /// Gives the terminal back, or leaves it alone when it has gone, and says how it ended.
    fn leave(mut self) -> Exit {
        if self.gone
            && let Some(guard) = self.guard.take()
        {
            guard.abandon();
        }
        drop(self.keyboard.take());
        drop(self.guard.take());
        match &self.state.link {
            _ if self.gone => Exit::TerminalGone,
            Link::Stopped { reason } => Exit::NotAuthorised(reason.clone()),
            _ => Exit::Fine,
        }
    }
}

/// The meaning of an input for the monitor, if any.
fn understood(input: input::Input) -> Option<What> {
    match translate::input(input, |_, _| None)? {
        Input::Key(key) => Some(What::Key(key)),
        Input::Paste(text) => Some(What::Paste(text)),
        Input::Resize(width, height) => Some(What::Resize(width, height)),
        Input::Terminate => Some(What::Terminate),
        _ => None,
    }
}

async fn next(keyboard: Option<&mut Keyboard>) -> Option<input::Input> {
    match keyboard {
        Some(keyboard) => keyboard.next().await,
        None => pending().await,
    }
}

/// Brings how the desk stands until `ended`: as the server tells it, or where it does not, by monitoring.
async fn source(
    settings: Settings,
    local: AttachedData,
    mut asked: mpsc::Receiver<(InteractionId, LogQuery)>,
    bring: mpsc::Sender<What>,
    mut ended: oneshot::Receiver<()>,
) {
    let tells = tokio::select! {
        tells = watch(settings.clone(), &local, &bring) => tells,
        never = read(settings.clone(), &mut asked, &bring) => match never {},
        _ = &mut ended => true,
    };
    if !tells {
        monitored(settings, &local, &mut asked, &bring, ended).await;
    }
}

/// Reads how the desk stands, again and again: after a broken connection all of it. False when the server does not know
/// that question.
async fn watch(settings: Settings, local: &AttachedData, bring: &mpsc::Sender<What>) -> bool {
    let mut reader = match Reader::new(settings).await {
        Ok(reader) => reader,
        Err(error) => {
            stop(bring, &error).await;
            return true;
        }
    };
    let mut after = None;
    let mut online = false;
    loop {
        match reader.get(&live_path(after, WAIT)).await.and_then(page) {
            Ok(page) => {
                if !std::mem::replace(&mut online, true) {
                    if bring.send(What::Link(Link::Online)).await.is_err() {
                        return true;
                    }
                    // Without them the usual ones hold.
                    if let Ok(data) = reader.get(&settings_path()).await
                        && let Ok(configuration) = serde_json::from_value(data)
                    {
                        let told = What::Thresholds(thresholds(&configuration, local));
                        drop(bring.send(told).await);
                    }
                }
                after = Some(page.next);
                if bring.send(What::Live(Box::new(page))).await.is_err() {
                    return true;
                }
            }
            Err(ReadError::Refused { http: 404, .. }) => {
                reader.close().await;
                return false;
            }
            Err(ReadError::Later(reason)) => {
                online = false;
                let pause = reader.pause();
                let retry_at = clock::now().plus(pause);
                if bring.send(What::Link(Link::Lost { reason, retry_at })).await.is_err() {
                    return true;
                }
                sleep(pause).await;
            }
            Err(error) => {
                stop(bring, &error).await;
                return true;
            }
        }
    }
}

/// Monitors agents one by one, and ends that when it is told to.
async fn monitored(
    settings: Settings,
    local: &AttachedData,
    asked: &mut mpsc::Receiver<(InteractionId, LogQuery)>,
    bring: &mpsc::Sender<What>,
    mut ended: oneshot::Receiver<()>,
) {
    let mut oversight = Oversight::start(settings);
    let mut known = false;
    if bring.send(What::Plain(Plain::default())).await.is_err() {
        return;
    }
    loop {
        let news = tokio::select! {
            _ = &mut ended => break,
            Some((id, part)) = asked.recv() => {
                oversight.read(id, part);
                continue;
            }
            news = oversight.next() => news,
        };
        let mut stopped = false;
        for what in translated(&oversight, news, &mut known, local) {
            stopped |= matches!(what, What::Link(Link::Stopped { .. }));
            if bring.send(what).await.is_err() {
                stopped = true;
            }
        }
        if stopped {
            break;
        }
    }
    oversight.end().await;
}

/// What news mean to the monitor: one page for all that changed on the floor.
fn translated(oversight: &Oversight, news: Vec<News>, known: &mut bool, local: &AttachedData) -> Vec<What> {
    let (mut all, mut page, mut whole) = (Vec::new(), LivePage::default(), false);
    for one in news {
        match one {
            News::Online => all.push(What::Link(Link::Online)),
            News::Configured(configuration) => {
                all.push(What::Thresholds(thresholds(&configuration, local)));
            }
            News::Lost { reason, retry_in } => {
                all.push(What::Link(Link::Lost { reason, retry_at: clock::now().plus(retry_in) }));
            }
            News::Stopped(reason) => all.push(What::Link(Link::Stopped { reason: reason.to_string() })),
            News::Known => {
                *known = true;
                whole = true;
            }
            News::Floor(Tell::Agents) => whole = true,
            News::Floor(Tell::Session(id)) => {
                page.gone.retain(|gone| *gone != id);
                page.sessions.retain(|session| session.id != id);
                page.sessions.extend(oversight.floor().live(&id));
            }
            News::Floor(Tell::Gone(id)) => {
                page.sessions.retain(|session| session.id != id);
                page.gone.push(id);
            }
            News::Floor(Tell::Entry(_) | Tell::Preview(_)) => {}
            News::Watching { monitored, refused } => all.push(What::Plain(Plain { monitored, refused })),
            News::Transcript { id, part, result } => all.push(What::Log { id, part, result }),
        }
    }
    if whole && *known {
        all.push(What::Live(Box::new(oversight.floor().page())));
    } else if *known && !(page.sessions.is_empty() && page.gone.is_empty()) {
        all.push(What::Live(Box::new(page)));
    }
    all
}

/// When an answer is late: as the server says, else as the file of this person does.
fn thresholds(configuration: &ConfigurationDto, local: &AttachedData) -> Thresholds {
    let mut layers = vec![local.clone()];
    layers.extend(configuration.layers(SECTION));
    layers.extend(configuration.user_properties.iter().map(|own| section_of(own, SECTION)));
    Options::resolve(&layers.iter().collect::<Vec<_>>()).0.pending
}

async fn stop(bring: &mpsc::Sender<What>, error: &ReadError) {
    // A closed loop has nobody to tell.
    drop(bring.send(What::Link(Link::Stopped { reason: error.to_string() })).await);
}

fn page(data: Json) -> Result<LivePage, ReadError> {
    serde_json::from_value(data)
        .map_err(|error| ReadError::Later(format!("the answer cannot be read: {error}")))
}

/// Reads the transcripts that are in sight.
async fn read(
    settings: Settings,
    asked: &mut mpsc::Receiver<(InteractionId, LogQuery)>,
    bring: &mpsc::Sender<What>,
) -> Infallible {
    // What is wrong with the settings is told by who watches, and the end by who is asked to end.
    let Ok(mut reader) = Reader::new(settings).await else { return pending().await };
    while let Some((id, part)) = asked.recv().await {
        let result = match reader.get(&log_path(&id, part)).await {
            Ok(data) => serde_json::from_value::<LogPage>(data).map_err(|error| error.to_string()),
            Err(error) => Err(Clean::line(&error.to_string()).to_string()),
        };
        if bring.send(What::Log { id, part, result }).await.is_err() {
            break;
        }
    }
    pending().await
}
