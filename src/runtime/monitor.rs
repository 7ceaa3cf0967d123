//! The supervisor's monitor in the terminal, and the task that reads for it.
//!
//! Owns: the connection and the terminal. Must not: decide anything that [`crate::app::monitor`] decides.

use super::console::Exit;
use super::event_loop::{EventLoop, FollowUp, Program, RawTerminal};
use super::live_view::{self, LiveViewClient, LiveViewEvent};
use super::{clock, translate};
use crate::app::Effects;
use crate::app::monitor::live_updates::{self, thresholds};
use crate::app::monitor::{
    Monitor, MonitorEffect, MonitorEvent, MonitorLink, MonitorMsg, MonitoringCounts, update,
};
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
use ratatui::Frame;
use serde_json::Value as Json;
use std::convert::Infallible;
use std::fs::File;
use std::future::pending;
use std::io;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

/// Events that the task has reported and the loop has not taken. Bounded; a task that finds it full waits.
const REPORTS: usize = 64;
/// Transcripts that have to be read. Each pane requests one part at a time, so it never fills.
const REQUESTS: usize = 16;
/// How long the server may wait for a change before it answers, in seconds.
const WAIT: u64 = 8;
/// Time for the end of the task in addition to the time that it allows itself.
const MARGIN: Duration = Duration::from_millis(200);

/// What the monitor is started with.
#[derive(Debug)]
pub struct MonitorOptions {
    pub connection: ConnectionSettings,
    /// Options of the configuration file, for those that the server does not set.
    pub local: AttachedData,
    pub look: Look,
    /// The number of colours; `None` detects it.
    pub depth: Option<ColorDepth>,
}

/// Runs the monitor until the person quits or the terminal goes away.
///
/// # Errors
/// When there is no terminal, or it cannot be set up.
pub async fn run(options: MonitorOptions) -> io::Result<Exit> {
    let caps = Caps::detect(|name| std::env::var(name).ok());
    let modes = Modes { mouse: false, title: caps.title, keyboard_flags: caps.keyboard_flags };
    let tty = RawTerminal::open(modes, options.depth.unwrap_or(caps.colors))?;
    let (reports, from_task) = mpsc::channel(REPORTS);
    let (to_task, requests) = mpsc::channel(REQUESTS);
    let (end, ended) = oneshot::channel();
    let mut source = tokio::spawn(source(options.connection, options.local, requests, reports, ended));
    let zone = jiff::tz::TimeZone::system();
    let state = Monitor::new(zone, tty.size(), clock::now());
    let program = MonitorProgram { state, look: options.look, to_task, from_task: Some(from_task) };
    let mut event_loop = EventLoop::new(program, tty);
    let result = event_loop.run().await;
    let (program, is_terminal_gone) = event_loop.close();
    drop(end);
    // Monitoring that began at the server is ended.
    if timeout(live_view::GOODBYE + MARGIN, &mut source).await.is_err() {
        source.abort();
    }
    result?;
    Ok(match program.state.link {
        _ if is_terminal_gone => Exit::TerminalGone,
        MonitorLink::Stopped { reason } => Exit::NotAuthorised(reason),
        MonitorLink::Connecting | MonitorLink::Online | MonitorLink::Lost { .. } => Exit::Fine,
    })
}

struct MonitorProgram {
    state: Monitor,
    look: Look,
    to_task: mpsc::Sender<(InteractionId, LogQuery)>,
    /// `None` once the source has ended.
    from_task: Option<mpsc::Receiver<MonitorEvent>>,
}

impl Program for MonitorProgram {
    type Event = MonitorEvent;
    type Effect = MonitorEffect;
    const WAKE: MonitorEvent = MonitorEvent::Wake;
    const TERMINATE: MonitorEvent = MonitorEvent::Terminate;

    fn update(&mut self, what: MonitorEvent) -> Effects<MonitorEffect> {
        update(&mut self.state, MonitorMsg { at: clock::now(), what })
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

    fn event_of(&self, input: TerminalEvent) -> Option<MonitorEvent> {
        match input {
            TerminalEvent::Key(event) => translate::key(event).map(MonitorEvent::Key),
            TerminalEvent::Paste(text) => Some(MonitorEvent::Paste(text)),
            TerminalEvent::Resize(width, height) => Some(MonitorEvent::Resize(width, height)),
            TerminalEvent::Closed => Some(MonitorEvent::Terminate),
            TerminalEvent::Focus(_) | TerminalEvent::Mouse(_) => None,
        }
    }

    async fn next_event(&mut self) -> MonitorEvent {
        if let Some(from_task) = &mut self.from_task {
            match from_task.recv().await {
                Some(what) => return what,
                None => self.from_task = None,
            }
        }
        pending().await
    }

    fn returns_terminal(&self, _: &MonitorEvent) -> bool {
        false
    }

    async fn run(
        &mut self,
        effect: MonitorEffect,
        _: &mut Screen<File>,
    ) -> io::Result<FollowUp<MonitorEvent>> {
        Ok(match effect {
            MonitorEffect::Read { id, part } => {
                // A task that has ended reads nothing.
                drop(self.to_task.send((id, part)).await);
                FollowUp::Nothing
            }
            MonitorEffect::Redraw => FollowUp::Redraw,
            MonitorEffect::Suspend => FollowUp::Suspend,
            MonitorEffect::Quit => FollowUp::Nothing,
        })
    }
}

/// Reports the live view until `ended`: the gateway's, or on a server without one, that of monitored agents.
async fn source(
    settings: ConnectionSettings,
    local: AttachedData,
    mut requests: mpsc::Receiver<(InteractionId, LogQuery)>,
    reports: mpsc::Sender<MonitorEvent>,
    mut ended: oneshot::Receiver<()>,
) {
    let has_live_view = tokio::select! {
        has_live_view = read_live_view(settings.clone(), &local, &reports) => has_live_view,
        never = read_transcripts(settings.clone(), &mut requests, &reports) => match never {},
        _ = &mut ended => true,
    };
    if !has_live_view {
        monitor_agents(settings, &local, &mut requests, &reports, ended).await;
    }
}

/// Reads the gateway's live view page after page, and all of it after a lost connection. False when the server has none.
async fn read_live_view(
    settings: ConnectionSettings,
    local: &AttachedData,
    reports: &mpsc::Sender<MonitorEvent>,
) -> bool {
    let mut reader = match ApiReader::new(settings).await {
        Ok(reader) => reader,
        Err(error) => {
            stop(reports, &error).await;
            return true;
        }
    };
    let mut after = None;
    let mut online = false;
    loop {
        match reader.get(&live_path(after, WAIT)).await.and_then(page) {
            Ok(page) => {
                if !std::mem::replace(&mut online, true) {
                    if reports.send(MonitorEvent::Link(MonitorLink::Online)).await.is_err() {
                        return true;
                    }
                    // Without them the defaults apply.
                    if let Ok(data) = reader.get(&settings_path()).await
                        && let Ok(configuration) = serde_json::from_value(data)
                    {
                        let event = MonitorEvent::Thresholds(thresholds(&configuration, local));
                        drop(reports.send(event).await);
                    }
                }
                after = Some(page.next);
                if reports.send(MonitorEvent::Live(Box::new(page))).await.is_err() {
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
                if reports.send(MonitorEvent::Link(MonitorLink::Lost { reason, retry_at })).await.is_err() {
                    return true;
                }
                sleep(pause).await;
            }
            Err(error) => {
                stop(reports, &error).await;
                return true;
            }
        }
    }
}

/// Monitors agents one by one until `ended`, and ends that at the server.
async fn monitor_agents(
    settings: ConnectionSettings,
    local: &AttachedData,
    requests: &mut mpsc::Receiver<(InteractionId, LogQuery)>,
    reports: &mpsc::Sender<MonitorEvent>,
    mut ended: oneshot::Receiver<()>,
) {
    let mut client = LiveViewClient::start(settings);
    if reports.send(MonitorEvent::WithoutFeed(MonitoringCounts::default())).await.is_err() {
        return;
    }
    loop {
        let event = tokio::select! {
            _ = &mut ended => break,
            Some((id, part)) = requests.recv() => {
                client.read(id, part);
                continue;
            }
            event = client.next() => event,
        };
        let (events, has_stopped) = match event {
            LiveViewEvent::Updates(updates) => {
                (live_updates::events_of(updates, client.monitoring(), local), false)
            }
            LiveViewEvent::Lost { reason, retry_in } => (
                vec![MonitorEvent::Link(MonitorLink::Lost { reason, retry_at: clock::now().plus(retry_in) })],
                false,
            ),
            LiveViewEvent::Stopped(reason) => {
                (vec![MonitorEvent::Link(MonitorLink::Stopped { reason: reason.to_string() })], true)
            }
        };
        let mut is_closed = has_stopped;
        for event in events {
            is_closed |= reports.send(event).await.is_err();
        }
        if is_closed {
            break;
        }
    }
    client.end().await;
}

async fn stop(reports: &mpsc::Sender<MonitorEvent>, error: &ReadError) {
    // A loop that has ended needs no report.
    drop(reports.send(MonitorEvent::Link(MonitorLink::Stopped { reason: error.to_string() })).await);
}

fn page(data: Json) -> Result<LivePage, ReadError> {
    serde_json::from_value(data)
        .map_err(|error| ReadError::Later(format!("the answer cannot be read: {error}")))
}

/// Reads the transcripts that are in view.
async fn read_transcripts(
    settings: ConnectionSettings,
    requests: &mut mpsc::Receiver<(InteractionId, LogQuery)>,
    reports: &mpsc::Sender<MonitorEvent>,
) -> Infallible {
    // The other reader reports what is wrong with the settings.
    let Ok(mut reader) = ApiReader::new(settings).await else { return pending().await };
    while let Some((id, part)) = requests.recv().await {
        let result = match reader.get(&log_path(&id, part)).await {
            Ok(data) => serde_json::from_value::<LogPage>(data).map_err(|error| error.to_string()),
            Err(error) => Err(Clean::line(&error.to_string()).to_string()),
        };
        if reports.send(MonitorEvent::Log { id, part, result }).await.is_err() {
            break;
        }
    }
    pending().await
}
