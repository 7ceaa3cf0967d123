//! What supervisors cost: with 500 live sessions, a page of how the desk stands, a page of 200 events of the feed, and
//! a key in the monitor's filter with its frame.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use deskline::app::key::{Code, Key};
use deskline::app::monitor::{Link, Monitor, Msg, What, update};
use deskline::config::schema::Config;
use deskline::domain::Millis;
use deskline::gateway::desk::{Clock, DeskSetup, start};
use deskline::gateway::hub::{Notice, Publish, Recipient};
use deskline::gateway::watch::{self, House, Watch};
use deskline::gateway::whatsapp::inbound::{Content, InboundMessage, Names, Update};
use deskline::proto::watch::Filter;
use deskline::store::{Sqlite, Store};
use deskline::text::bidi::Bidi;
use deskline::ui::{Look, Theme, draw_monitor};
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

const NOW: Millis = Millis(1_800_000_000_000);
const SESSIONS: usize = 500;
const PAGE: usize = 200;
const CONFIG: &str = r#"
    [gateway]
    contact-lookup = false
    [[gateway.queue]]
    name = "sales"
    [[gateway.agent]]
    user-name = "ana"
    groups = ["Billing"]
    password-hash = ""
    [[gateway.agent]]
    user-name = "sue"
    role = "supervisor"
    password-hash = ""
"#;

/// One message of each customer of a line: `NUMBER…`.
fn parse(raw: &[u8]) -> Vec<Update> {
    let lines = String::from_utf8_lossy(raw).into_owned();
    let message = |number: &str| {
        Update::Message(InboundMessage {
            wamid: format!("w{number}"),
            phone_number_id: None,
            customer: Names {
                wa_id: Some(number.to_owned()),
                profile_name: Some(format!("Customer {number}")),
                ..Names::default()
            },
            at: NOW,
            content: Content::Text("¿dónde está mi pedido? he esperado toda la mañana".to_owned()),
            quotes: None,
        })
    };
    lines.lines().map(message).collect()
}

struct Nobody;

impl Publish for Nobody {
    fn publish(&self, _: &Recipient, _: Notice) {}
}

/// A desk with so many live sessions, and what supervisors read of it.
async fn floor(
    dir: &std::path::Path,
) -> Option<(Watch, mpsc::Receiver<deskline::gateway::desk::api::Outbound>)> {
    let config: Config = toml::from_str(CONFIG).ok()?;
    let log: Arc<dyn Store> = Arc::new(Sqlite::open(dir).ok()?);
    let (sender, outbound) = mpsc::channel(64);
    let clock: Clock = Arc::new(|| NOW);
    let setup = DeskSetup::from_config(&config.gateway, parse);
    let (desk, _) =
        start(setup, Arc::clone(&log), Arc::new(Nobody), sender, Arc::clone(&clock)).await.ok()?;
    let numbers: Vec<String> = (0..SESSIONS).map(|number| format!("34600{number:06}")).collect();
    for some in numbers.chunks(50) {
        desk.webhook(Bytes::from(some.join("\n"))).await.ok()?;
    }
    let written = desk.written();
    let last = {
        desk.board().await.ok()?;
        *written.borrow()
    };
    let house = House::from_config(&config.gateway);
    let (watch, follow) = watch::start(log, house, desk, written, clock, TimeZone::UTC).await.ok()?;
    tokio::spawn(follow.run());
    while watch.head() < last {
        tokio::task::yield_now().await;
    }
    Some((watch, outbound))
}

fn pages(criterion: &mut Criterion) {
    let (Ok(runtime), Ok(dir)) = (Runtime::new(), tempfile::tempdir()) else { return };
    let Some((watch, _outbound)) = runtime.block_on(floor(dir.path())) else { return };
    let sue = "sue".into();
    let mut group = criterion.benchmark_group("watch");
    group.measurement_time(Duration::from_secs(5));
    group.bench_function("live/500 sessions", |bencher| {
        bencher.iter(|| {
            let page = runtime.block_on(watch.live(&sue, 0, Duration::ZERO));
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
    let Ok(page) = runtime.block_on(watch.live(&sue, 0, Duration::ZERO)) else { return };
    let mut state = Monitor::new(TimeZone::UTC, (120, 32), NOW);
    let happens = |state: &mut Monitor, what: What| update(state, Msg { at: NOW, what });
    happens(&mut state, What::Link(Link::Online));
    happens(&mut state, What::Live(Box::new(page)));
    let Ok(mut terminal) = Terminal::new(TestBackend::new(120, 32));
    let look = Look { theme: Theme::dark(), bidi: Bidi::App };
    let mut clear = false;
    group.bench_function("monitor/a key in the filter and a frame", |bencher| {
        bencher.iter(|| {
            clear = !clear;
            let code = if clear { Code::Char('3') } else { Code::Backspace };
            happens(&mut state, What::Key(Key::plain(code)));
            let Ok(frame) = terminal.draw(|frame| draw_monitor(&state, &look, frame));
            black_box(frame.count)
        });
    });
    group.finish();
}

criterion_group!(benches, pages);
criterion_main!(benches);
