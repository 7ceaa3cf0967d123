//! The fold: what a start reads equals what was there before.

use super::api::{Actor, Command, Outgoing, ReadState, RequestedState};
use super::handle::WriterRequest;
use super::load::load;
use super::setup::WriterSetup;
use super::task::writer::{Clock, Worker};
use crate::config::schema::GatewayConfig;
use crate::domain::message::Visibility;
use crate::domain::monitoring::{MonitorMode, MonitoringScope};
use crate::domain::role::Role;
use crate::domain::{InteractionId, Millis};
use crate::gateway::hub::{ClientEvent, EventRecipient, Publish};
use crate::gateway::whatsapp::inbound::{Content, CustomerNames, InboundMessage, WebhookUpdate};
use crate::store::{Sqlite, Store};
use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::{mpsc, oneshot};

mod contacts;

struct Nobody;

impl Publish for Nobody {
    fn publish(&self, _: &EventRecipient, _: ClientEvent) {}
}

/// `customer number`: a text of that number.
fn parse(raw: &[u8]) -> Vec<WebhookUpdate> {
    let text = String::from_utf8_lossy(raw).into_owned();
    let (from, number) = text.split_once(' ').unwrap();
    vec![WebhookUpdate::Message(InboundMessage {
        wamid: format!("w{number}"),
        phone_number_id: None,
        customer: CustomerNames { wa_id: Some(from.to_owned()), ..CustomerNames::default() },
        at: Millis(1_800_000_000_000),
        content: Content::Text(text.clone()),
        quotes: None,
        remarks: Vec::new(),
    })]
}

struct Rig {
    worker: Worker,
    store: Arc<dyn Store>,
    setup: WriterSetup,
    clock: Arc<AtomicI64>,
    _outbound: mpsc::Receiver<crate::gateway::writer::api::Outbound>,
    _dir: tempfile::TempDir,
}

impl Rig {
    async fn new() -> Self {
        let gateway: GatewayConfig = toml::from_str(
            "queue = [{ name = \"q\" }]
             agent = [{ user-name = \"ana\", capacity = 50, password-hash = \"\" },
                      { user-name = \"ben\", capacity = 3, password-hash = \"\" },
                      { user-name = \"sue\", role = \"supervisor\", privileges = [\"coach\"], password-hash = \"\" }]",
        )
        .unwrap();
        let setup = WriterSetup::from_config(&gateway, parse);
        let dir = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = Arc::new(Sqlite::open(dir.path()).unwrap());
        let clock = Arc::new(AtomicI64::new(1_800_000_000_000));
        let time = Arc::clone(&clock);
        let now: Clock = Arc::new(move || Millis(time.load(Ordering::SeqCst)));
        let (sender, outbound) = mpsc::channel(4);
        let worker =
            Worker::open(setup.clone(), Arc::clone(&store), Arc::new(Nobody), sender, now).await.unwrap();
        Self { worker, store, setup, clock, _outbound: outbound, _dir: dir }
    }

    async fn hooks(&mut self, bodies: impl Iterator<Item = String>) {
        let make = |body: String| {
            let (answer, _) = oneshot::channel();
            WriterRequest::Webhook { raw: Bytes::from(body), answer }
        };
        let mut batch: Vec<WriterRequest> = bodies.map(make).collect();
        self.worker.run_turn(&mut batch).await;
    }

    async fn act(&mut self, who: &str, command: Command) {
        let (answer, mut reply) = oneshot::channel();
        let role = if who == "sue" { Role::Supervisor } else { Role::Agent };
        let actor = Actor { employee: who.into(), role };
        let operation = Some(format!("op-{}", self.worker.last_seq()).into());
        self.worker
            .run_turn(&mut vec![WriterRequest::Command {
                actor,
                operation,
                command,
                reading: ReadState::Everything,
                answer,
            }])
            .await;
        reply.try_recv().unwrap().unwrap();
    }

    fn sessions(&self) -> Vec<InteractionId> {
        self.worker.state().sessions.keys().cloned().collect()
    }

    fn offered_to(&self, who: &str) -> Vec<InteractionId> {
        self.worker.state().router.offers_of(&who.into()).into_iter().map(|(id, _)| id).collect()
    }

    async fn some_life(&mut self) {
        for who in ["ana", "ben"] {
            self.act(who, Command::Activate).await;
            self.act(who, Command::SetState(RequestedState::Ready)).await;
        }
        for (agent, mode) in [("ana", MonitorMode::Monitor), ("ben", MonitorMode::Coach)] {
            let (agent, which) = (agent.into(), MonitoringScope::AllInteractions);
            self.act("sue", Command::StartMonitoring { agent, mode, which }).await;
        }
        self.hooks((0..12).map(|n| format!("{n} {n}"))).await;
        for who in ["ana", "ben"] {
            for id in self.offered_to(who) {
                self.act(who, Command::Accept { id: id.clone(), nickname: None }).await;
                let what = Outgoing::Text("hello".to_owned());
                self.act(who, Command::Send { id, what, visibility: Visibility::All }).await;
            }
        }
        let ids = self.sessions();
        let ana = self.worker.state().router.interactions_of(&"ana".into());
        self.act("ana", Command::SetComment { id: ana[0].clone(), comment: "x".into() }).await;
        self.act("ana", Command::Complete(ana[1].clone())).await;
        self.hooks((0..12).map(|n| format!("{n} {}", n + 100))).await;
        self.clock.fetch_add(45_000, Ordering::SeqCst);
        self.hooks(std::iter::once("77 777".to_owned())).await;
        assert!(ids.len() == 12 && self.sessions().len() >= 13);
    }

    async fn loaded(&self) -> super::load::LoadedState {
        let now = Millis(self.clock.load(Ordering::SeqCst));
        load(self.store.as_ref(), &self.setup, now).await.unwrap()
    }
}

#[tokio::test]
async fn a_start_finds_what_was_there() {
    let mut rig = Rig::new().await;
    rig.some_life().await;
    let loaded = rig.loaded().await;
    assert_eq!(loaded.last_seq, rig.worker.last_seq());
    assert_eq!(&loaded.state, rig.worker.state());
}

#[tokio::test]
async fn a_start_from_a_summed_up_log_finds_sessions_sends_agents_and_requests() {
    let mut rig = Rig::new().await;
    rig.some_life().await;
    rig.worker.checkpoint_now().await;
    rig.hooks((0..3).map(|n| format!("{n} {}", n + 200))).await;
    let loaded = rig.loaded().await;
    assert!(loaded.checkpoint > 0);
    let (now, then) = (&loaded.state, rig.worker.state());
    assert_eq!((&now.sessions, &now.sends), (&then.sessions, &then.sends));
    assert_eq!((now.monitoring.len(), &now.monitoring), (2, &then.monitoring));
    for who in ["ana", "ben"].map(Into::into) {
        assert_eq!(now.router.interactions_of(&who), then.router.interactions_of(&who));
        assert_eq!(now.router.offers_of(&who), then.router.offers_of(&who));
        let (now, then) = (now.router.agent_state(&who), then.router.agent_state(&who));
        assert_eq!((now.signed_in, now.work, now.load), (then.signed_in, then.work, then.load));
    }
    assert_eq!(now.router.waiting("q"), then.router.waiting("q"));
    assert!(now.has_done(&"ana".into(), &"op-0".into()));
}

#[tokio::test]
#[ignore = "measures: how long a start takes after a hundred thousand events"]
async fn a_start_is_quick_after_a_hundred_thousand_events() {
    let mut rig = Rig::new().await;
    rig.act("ana", Command::Activate).await;
    rig.act("ana", Command::SetState(RequestedState::Ready)).await;
    let mut number = 0;
    while rig.worker.last_seq() < 100_000 {
        let first = number;
        number += 200;
        rig.hooks((first..number).map(|n| format!("{} {n}", n % 500))).await;
    }
    let begin = std::time::Instant::now();
    let loaded = rig.loaded().await;
    println!("{} events, checkpoint {}: {:?}", loaded.last_seq, loaded.checkpoint, begin.elapsed());
}
