//! What supervisors cost: with 500 live sessions, a page of the live view, a page of 200 events of the feed, and
//! a key in the monitor's filter with its frame; and ten seconds of 200 events a second, with and without supervisors.

#![expect(clippy::print_stdout, reason = "a benchmark says what it measured")]

#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "shared with the tests, which fail by panicking"
)]
#[path = "../tests/rig/config.rs"]
mod config;

use config::TestConfig;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use deskline::app::core::key::{Code, Key};
use deskline::app::monitor::{Monitor, MonitorEvent, MonitorLink, MonitorMsg, update};
use deskline::config::schema::Config;
use deskline::domain::Millis;
use deskline::domain::monitoring::{MonitorMode, MonitoringScope};
use deskline::domain::role::Role;
use deskline::gateway::feed::{self, Feed, Organization};
use deskline::gateway::hub::{ClientId, Hub, HubLimits};
use deskline::gateway::whatsapp::inbound::{Content, CustomerNames, InboundMessage, WebhookUpdate};
use deskline::gateway::writer::api::{Actor, Command, Outbound, RequestedState};
use deskline::gateway::writer::{Clock, WriterHandle, WriterSetup, start};
use deskline::proto::watch::{Filter, LivePage};
use deskline::store::{Sqlite, Store};
use deskline::text::bidi::Bidi;
use deskline::ui::{Look, Theme, draw_monitor};
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch as watch_channel};
use tokio::time::interval;

const NOW: Millis = Millis(1_800_000_000_000);
const SESSIONS: usize = 500;
const PAGE: usize = 200;
/// Messages of ten seconds.
const POURED: usize = 2000;
fn config() -> TestConfig {
    TestConfig::new("")
        .tables("gateway.contact-lookup = false")
        .queue("sales", "")
        .agent("ana", "capacity = 100\ngroups = ['Billing']")
        .agent("sue", "role = 'supervisor'")
}

/// One message of each customer of a line: `NUMBER`, and a word that tells it from others.
fn parse(raw: &[u8]) -> Vec<WebhookUpdate> {
    let lines = String::from_utf8_lossy(raw).into_owned();
    let message = |line: &str| {
        let (number, _) = line.split_once(' ').unwrap_or((line, ""));
        WebhookUpdate::Message(InboundMessage {
            wamid: format!("w{line}"),
            phone_number_id: None,
            customer: CustomerNames {
                wa_id: Some(number.to_owned()),
                profile_name: Some(format!("Customer {number}")),
                ..CustomerNames::default()
            },
            at: NOW,
            content: Content::Text("¿dónde está mi pedido? he esperado toda la mañana".to_owned()),
            quotes: None,
            remarks: Vec::new(),
        })
    };
    lines.lines().map(message).collect()
}

/// A writer with so many live sessions, and what supervisors read of it.
async fn live_gateway(
    dir: &std::path::Path,
) -> Option<(Feed, WriterHandle, Arc<Hub>, mpsc::Receiver<Outbound>)> {
    let config = Config::from(config());
    let log: Arc<dyn Store> = Arc::new(Sqlite::open(dir).ok()?);
    let (sender, outbound) = mpsc::channel(64);
    let clock: Clock = Arc::new(|| NOW);
    let setup = WriterSetup::from_config(&config.gateway, parse);
    let hub = Arc::new(Hub::new(HubLimits::default()));
    let (writer, _) =
        start(setup, Arc::clone(&log), Arc::clone(&hub) as _, sender, Arc::clone(&clock)).await.ok()?;
    let ana = || Actor { employee: "ana".into(), role: Role::Agent };
    writer.act(ana(), None, Command::Activate).await.ok()?;
    writer.act(ana(), None, Command::SetState(RequestedState::Ready)).await.ok()?;
    let numbers: Vec<String> = (0..SESSIONS).map(|number| format!("34600{number:06}")).collect();
    for some in numbers.chunks(50) {
        writer.webhook(Bytes::from(some.join("\n"))).await.ok()?;
    }
    // As many as may be are with an agent, so that supervisors have somebody to monitor.
    while let Ok(view) = writer.session("ana".into()).await {
        let Some(offered) = view.interactions.iter().find(|one| one.state == "Invited") else { break };
        let id = offered.id.as_str().into();
        writer.act(ana(), None, Command::Accept { id, nickname: None }).await.ok()?;
    }
    let written = writer.written();
    let last = {
        writer.status().await.ok()?;
        *written.borrow()
    };
    let organization = Organization::from_config(&config.gateway);
    let (watch, follow) =
        feed::start(log, organization, writer.clone(), written, clock, TimeZone::UTC).await.ok()?;
    tokio::spawn(follow.run());
    while watch.head() < last {
        tokio::task::yield_now().await;
    }
    Some((watch, writer, hub, outbound))
}

/// Times in order, as the middle one, the one in a hundred, and the worst.
fn spread(mut times: Vec<Duration>) -> String {
    times.sort();
    let at =
        |share: usize| times.get(times.len() * share / 100).or(times.last()).copied().unwrap_or_default();
    format!(
        "{} measured: half within {:?}, 99 of 100 within {:?}, all within {:?}",
        times.len(),
        at(50),
        at(99),
        at(100)
    )
}

/// Ten seconds of 200 messages a second, one at a time; how long each took until it was on disk.
async fn pour(writer: &WriterHandle, round: usize) -> Vec<Duration> {
    let mut ticks = interval(Duration::from_millis(1000 / 200));
    let mut times = Vec::new();
    for number in 0..POURED {
        ticks.tick().await;
        let began = Instant::now();
        // A number makes the customer, the word before it the message's name.
        let line = format!("34600{:06} {round}-{number}", number % SESSIONS);
        if writer.webhook(Bytes::from(line)).await.is_ok() {
            times.push(began.elapsed());
        }
    }
    times
}

/// A monitor that reads along while somebody types in its filter: how long each key and its frame took, and how many
/// entries it saw.
async fn monitor(
    watch: Feed,
    until: watch_channel::Receiver<bool>,
    written: watch_channel::Receiver<u64>,
) -> (Vec<Duration>, u64) {
    let (mut state, look) =
        (Monitor::new(TimeZone::UTC, (120, 32), NOW), Look { theme: Theme::dark(), bidi: Bidi::App });
    let Ok(mut terminal) = Terminal::new(TestBackend::new(120, 32));
    let (mut times, mut after, mut clear) = (Vec::new(), None, false);
    loop {
        let ended = *until.borrow();
        let Ok(page) = watch.live(&"sue".into(), after, Duration::from_millis(50)).await else { break };
        after = Some(page.next);
        drop(update(&mut state, MonitorMsg { at: NOW, what: MonitorEvent::Live(Box::new(page)) }));
        let began = Instant::now();
        clear = !clear;
        let code = if clear { Code::Char('3') } else { Code::Backspace };
        drop(update(&mut state, MonitorMsg { at: NOW, what: MonitorEvent::Key(Key::plain(code)) }));
        let Ok(frame) = terminal.draw(|frame| draw_monitor(&state, &look, frame));
        black_box(frame.count);
        times.push(began.elapsed());
        if ended && after >= Some(*written.borrow()) {
            break;
        }
    }
    let seen = watch.live(&"sue".into(), None, Duration::ZERO).await.unwrap_or_default();
    let entries = seen.sessions.iter().filter_map(|one| state.row(&one.id)).map(|row| row.last_index).sum();
    (times, entries)
}

/// Prints what supervisors cost those who work, and what many live sessions cost a monitor.
fn load(_: &mut Criterion) {
    let (Ok(runtime), Ok(dir)) = (Runtime::new(), tempfile::tempdir()) else { return };
    runtime.block_on(async {
        let Some((watch, writer, hub, _outbound)) = live_gateway(dir.path()).await else { return };
        let entries = |page: LivePage| page.sessions.iter().map(|one| one.last_index).sum::<u64>();
        let before = watch.live(&"sue".into(), None, Duration::ZERO).await.map(entries).unwrap_or_default();
        let alone = pour(&writer, 1).await;
        println!("a message on disk, no supervisor: {}", spread(alone));
        // One whose link is stuck has subscribed and takes nothing; one reads along.
        let id: ClientId = "stuck".into();
        hub.open(Arc::clone(&id), &"sue".into(), None);
        hub.subscribe(&id, &["/workspace/v3/media/whatsappsession"]);
        let sue = Actor { employee: "sue".into(), role: Role::Supervisor };
        let (agent, mode, which) = ("ana".into(), MonitorMode::Monitor, MonitoringScope::AllInteractions);
        let begun = writer.act(sue, None, Command::StartMonitoring { agent, mode, which }).await;
        let (end, until) = watch_channel::channel(false);
        let reading = tokio::spawn(monitor(watch, until, writer.written()));
        let watched = pour(&writer, 2).await;
        println!("a message on disk, one monitor and one stuck link ({begun:?}): {}", spread(watched));
        end.send_replace(true);
        let Ok((keys, entries)) = reading.await else { return };
        println!("a key in the filter with 500 sessions and 200 messages a second: {}", spread(keys));
        let wanted = before + 2 * POURED as u64;
        println!("entries that the monitor saw: {entries} of {wanted}");
    });
}

fn pages(criterion: &mut Criterion) {
    let (Ok(runtime), Ok(dir)) = (Runtime::new(), tempfile::tempdir()) else { return };
    let Some((watch, _desk, _hub, _outbound)) = runtime.block_on(live_gateway(dir.path())) else { return };
    let sue = "sue".into();
    let mut group = criterion.benchmark_group("watch");
    group.measurement_time(Duration::from_secs(5));
    group.bench_function("live/500 sessions", |bencher| {
        bencher.iter(|| {
            let page = runtime.block_on(watch.live(&sue, None, Duration::ZERO));
            let count =
                page.map(|page| serde_json::to_vec(&page).map(|text| (page.sessions.len(), text.len())));
            assert!(matches!(count, Ok(Ok((SESSIONS, _)))));
            black_box(count)
        });
    });
    for (name, filter) in [
        ("feed/200 events", Filter::default()),
        ("feed/200 events, one kind", Filter { events: vec!["message".to_owned()], ..Filter::default() }),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let page = runtime.block_on(watch.feed(&sue, &filter, 0, PAGE, Duration::ZERO));
                let count =
                    page.map(|page| serde_json::to_vec(&page).map(|text| (page.entries.len(), text.len())));
                assert!(matches!(count, Ok(Ok((PAGE, _)))));
                black_box(count)
            });
        });
    }
    let Ok(page) = runtime.block_on(watch.live(&sue, None, Duration::ZERO)) else { return };
    let mut state = Monitor::new(TimeZone::UTC, (120, 32), NOW);
    let happens = |state: &mut Monitor, what: MonitorEvent| drop(update(state, MonitorMsg { at: NOW, what }));
    happens(&mut state, MonitorEvent::Link(MonitorLink::Online));
    happens(&mut state, MonitorEvent::Live(Box::new(page)));
    let Ok(mut terminal) = Terminal::new(TestBackend::new(120, 32));
    let look = Look { theme: Theme::dark(), bidi: Bidi::App };
    let mut clear = false;
    group.bench_function("monitor/a key in the filter and a frame", |bencher| {
        bencher.iter(|| {
            clear = !clear;
            let code = if clear { Code::Char('3') } else { Code::Backspace };
            happens(&mut state, MonitorEvent::Key(Key::plain(code)));
            let Ok(frame) = terminal.draw(|frame| draw_monitor(&state, &look, frame));
            black_box(frame.count)
        });
    });
    group.finish();
}

criterion_group!(benches, pages, load);
criterion_main!(benches);
