//! The supervisor's monitor in the terminal, and the tasks that read for it.

use super::console::Exit;
use super::event_loop::{EventLoop, FollowUp, Program, RawTerminal};
use super::live_view::{self, LiveViewClient, LiveViewEvent};
use super::{clock, translate};
use crate::app::Effects;
use crate::app::monitor::live_updates::{self, thresholds};
use crate::app::monitor::{Effect, Link, Monitor, Msg, Plain, What, update};
use crate::domain::{AttachedData, InteractionId, Millis};
use crate::net::ConnectionSettings;
use crate::net::reader::{ApiReader, ReadError};
use crate::proto::media::{LogPage, LogQuery};
use crate::proto::watch::{LivePage, live_path, log_path, settings_path};
use crate::term::caps::{Caps, ColorDepth};
use crate::term::guard::Modes;
use crate::term::input::TerminalEvent;
use crate::term::screen::Screen;
use crate::text::Clean;
use crate::ui::{self, Look};
use ratatui::terminal::Frame;
use serde_json::Value as Json;
use std::convert::Infallible;
use std::fs::File;
use std::future::pending;
use std::io;
use std::time::Duration;
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
    pub connection: ConnectionSettings,
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
    let tty = RawTerminal::open(modes, start.depth.unwrap_or(caps.colors))?;
    let (bring, arrived) = mpsc::channel(ARRIVED);
    let (asks, asked) = mpsc::channel(ASKED);
    let (end, ended) = oneshot::channel();
    let mut source = tokio::spawn(source(start.connection, start.local, asked, bring, ended));
    let zone = jiff::tz::TimeZone::system();
    let state = Monitor::new(zone, tty.size(), clock::now());
    let program = MonitorProgram { state, look: start.look, asks, arrived: Some(arrived) };
    let mut event_loop = EventLoop::new(program, tty);
    let result = event_loop.run().await;
    let (program, is_terminal_gone) = event_loop.close();
    drop(end);
    // What was begun at the server is ended; nobody waits longer for that than it takes.
    if timeout(live_view::GOODBYE + MARGIN, &mut source).await.is_err() {
        source.abort();
    }
    result?;
    Ok(match program.state.link {
        _ if is_terminal_gone => Exit::TerminalGone,
        Link::Stopped { reason } => Exit::NotAuthorised(reason),
        Link::Connecting | Link::Online | Link::Lost { .. } => Exit::Fine,
    })
}

struct MonitorProgram {
    state: Monitor,
    look: Look,
    asks: mpsc::Sender<(InteractionId, LogQuery)>,
    /// `None` once the source has ended.
    arrived: Option<mpsc::Receiver<What>>,
}

impl Program for MonitorProgram {
    type Event = What;
    type Effect = Effect;
    const WAKE: What = What::Wake;
    const TERMINATE: What = What::Terminate;

    fn update(&mut self, what: What) -> Effects<Effect> {
        update(&mut self.state, Msg { at: clock::now(), what })
    }

    fn draw(&mut self, frame: &mut Frame<'_>) {
        ui::draw_monitor(&self.state, &self.look, frame);
    }

    fn next_wake(&self) -> Option<Millis> {
        self.state.next_wake()
    }

    fn is_ending(&self) -> bool {
        self.state.ending
    }

    fn event_of(&self, input: TerminalEvent) -> Option<What> {
        match input {
            TerminalEvent::Key(event) => translate::key(event).map(What::Key),
            TerminalEvent::Paste(text) => Some(What::Paste(text)),
            TerminalEvent::Resize(width, height) => Some(What::Resize(width, height)),
            TerminalEvent::Closed => Some(What::Terminate),
            TerminalEvent::Focus(_) | TerminalEvent::Mouse(_) => None,
        }
    }

    async fn next_event(&mut self) -> What {
        if let Some(arrived) = &mut self.arrived {
            match arrived.recv().await {
                Some(what) => return what,
                None => self.arrived = None,
            }
        }
        pending().await
    }

    fn returns_terminal(&self, _: &What) -> bool {
        false
    }

    async fn run(&mut self, effect: Effect, _: &mut Screen<File>) -> io::Result<FollowUp<What>> {
        Ok(match effect {
            Effect::Read { id, part } => {
                // A source that has ended reads nothing any more.
                drop(self.asks.send((id, part)).await);
                FollowUp::Nothing
            }
            Effect::Redraw => FollowUp::Redraw,
            Effect::Suspend => FollowUp::Suspend,
            Effect::Quit => FollowUp::Nothing,
        })
    }
}

/// Brings how the desk stands until `ended`: as the server tells it, or where it does not, by monitoring.
async fn source(
    settings: ConnectionSettings,
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
async fn watch(settings: ConnectionSettings, local: &AttachedData, bring: &mpsc::Sender<What>) -> bool {
    let mut reader = match ApiReader::new(settings).await {
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

/// Monitors agents one by one until `ended`, and ends that at the server.
async fn monitored(
    settings: ConnectionSettings,
    local: &AttachedData,
    asked: &mut mpsc::Receiver<(InteractionId, LogQuery)>,
    bring: &mpsc::Sender<What>,
    mut ended: oneshot::Receiver<()>,
) {
    let mut client = LiveViewClient::start(settings);
    if bring.send(What::Plain(Plain::default())).await.is_err() {
        return;
    }
    loop {
        let event = tokio::select! {
            _ = &mut ended => break,
            Some((id, part)) = asked.recv() => {
                client.read(id, part);
                continue;
            }
            event = client.next() => event,
        };
        let (events, has_stopped) = match event {
            LiveViewEvent::Updates(updates) => {
                (live_updates::events_of(updates, client.monitoring(), local), false)
            }
            LiveViewEvent::Lost { reason, retry_in } => {
                (vec![What::Link(Link::Lost { reason, retry_at: clock::now().plus(retry_in) })], false)
            }
            LiveViewEvent::Stopped(reason) => {
                (vec![What::Link(Link::Stopped { reason: reason.to_string() })], true)
            }
        };
        let mut is_closed = has_stopped;
        for event in events {
            is_closed |= bring.send(event).await.is_err();
        }
        if is_closed {
            break;
        }
    }
    client.end().await;
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
    settings: ConnectionSettings,
    asked: &mut mpsc::Receiver<(InteractionId, LogQuery)>,
    bring: &mpsc::Sender<What>,
) -> Infallible {
    // What is wrong with the settings is told by who watches, and the end by who is asked to end.
    let Ok(mut reader) = ApiReader::new(settings).await else { return pending().await };
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
