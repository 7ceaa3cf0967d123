//! Events for clients: one bounded queue for each Bayeux client.
//!
//! Owns: the clients' Bayeux sessions: their owners, subscriptions and queued events.
//! Must not: know a transport, or wait. The lock is held briefly and never across an await.
//! Invariants: a client whose queue is full is removed; its next request is refused as unknown, so it
//! handshakes again and reads everything again. A burst in one session takes the room of a few
//! events (`queue`), so this happens only to a client that reads too slowly.

mod event;
mod queue;

pub use event::{ClientEvent, ClientId, Publish, Recipient};

use crate::domain::{EmployeeId, InteractionId};
use crate::gateway::auth::SecretHash;
use crate::proto::bayeux::covers;
use crate::proto::channel;
use queue::{EventQueue, weight};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// About how many bytes of events are in one message to a client: far below the 8 MiB that a console accepts.
const MOST_BYTES: usize = 1 << 20;

/// Limits of the hub.
#[derive(Clone, Copy, Debug)]
pub struct HubLimits {
    /// Events that wait for one client. One more and the client is removed and has to handshake again.
    pub queue: usize,
    /// About how many bytes these events may have. The same happens beyond that.
    pub bytes: usize,
    /// Subscriptions of one client.
    pub subscriptions: usize,
    /// Clients of one person. When all are connected no further one is taken.
    pub clients: usize,
    /// How long a person may be without a connection before the writer counts them as away.
    pub max_interval: Duration,
    /// How long a client may be without a connection before it is forgotten. Longer than
    /// `max_interval`, since official clients do not subscribe again after a forced handshake.
    pub keep: Duration,
}

impl Default for HubLimits {
    fn default() -> Self {
        Self {
            queue: 4096,
            bytes: 8 << 20,
            subscriptions: 64,
            clients: 32,
            max_interval: Duration::from_secs(10),
            keep: Duration::from_secs(120),
        }
    }
}

/// For how many sessions of one person the last sent entry is remembered.
const REMEMBERED: usize = 256;

/// All clients of this gateway.
#[derive(Debug)]
pub struct Hub {
    limits: HubLimits,
    inner: Mutex<Inner>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    clients: HashMap<ClientId, ClientState>,
    of: HashMap<EmployeeId, Vec<ClientId>>,
    /// People the writer believes to be there, and when they last had a connection.
    there: HashMap<EmployeeId, Instant>,
    /// The last entry of each session that a person was sent in replies, or through clients that are gone;
    /// the newest session last. Bounded by [`REMEMBERED`] for each person.
    sent: HashMap<EmployeeId, VecDeque<(InteractionId, u64)>>,
}

#[derive(Debug)]
struct ClientState {
    employee: EmployeeId,
    session: Option<SecretHash>,
    subscriptions: Vec<String>,
    queue: EventQueue,
    /// The last entry of each session that was sent to this client. Bounded by the sessions of one sign-in.
    sent: BTreeMap<InteractionId, u64>,
    /// How many events, and bytes of them, from the client's subscription may wait in addition to the limits.
    /// Bounded by what the person has; without this, a person with more than a queue holds would have to
    /// start over for ever.
    owed: (usize, usize),
    line: Arc<ClientSignal>,
    /// Which connection events go to; an older one finds that its turn is over.
    turn: u64,
    /// Whether that connection is there.
    held: bool,
    /// When it went.
    quiet_since: Instant,
}

/// What a client and its connection share.
#[derive(Debug, Default)]
struct ClientSignal {
    wake: Notify,
    /// The client disconnected.
    left: AtomicBool,
}

/// What a connection gets when it takes events from the queue of its client.
#[derive(Debug, PartialEq)]
pub enum EventBatch {
    /// Events, the oldest first.
    Events(Vec<ClientEvent>),
    /// Nothing.
    Nothing,
    /// Another connection serves this client now.
    Replaced,
    /// The client disconnected.
    Left,
    /// The client is not known any more.
    Gone,
}

impl Hub {
    /// A hub without clients.
    pub fn new(limits: HubLimits) -> Self {
        Self { limits, inner: Mutex::default(), arrived: Notify::new() }
    }

    /// The limits it was made with.
    pub const fn limits(&self) -> &HubLimits {
        &self.limits
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a client. Returns `false` when the person has too many that are connected; one without a
    /// connection makes room.
    pub fn open(&self, id: ClientId, employee: &EmployeeId, session: Option<SecretHash>) -> bool {
        let mut inner = self.lock();
        let mine = inner.of.get(employee).cloned().unwrap_or_default();
        if mine.len() >= self.limits.clients {
            let idle = mine
                .iter()
                .filter_map(|id| inner.clients.get_key_value(id))
                .filter(|(_, client)| !client.held)
                .min_by_key(|(_, client)| client.quiet_since)
                .map(|(id, _)| ClientId::clone(id));
            let Some(idle) = idle else { return false };
            inner.remove(&idle);
        }
        inner.of.entry(employee.clone()).or_default().push(id.clone());
        inner.clients.insert(
            id,
            ClientState {
                employee: employee.clone(),
                session,
                subscriptions: Vec::new(),
                queue: EventQueue::default(),
                sent: BTreeMap::new(),
                owed: (0, 0),
                line: Arc::default(),
                turn: 0,
                held: false,
                quiet_since: Instant::now(),
            },
        );
        true
    }

    /// Whether that is a client of that person.
    pub fn knows(&self, id: &str, employee: &EmployeeId) -> bool {
        self.lock().clients.get(id).is_some_and(|client| client.employee == *employee)
    }

    /// Removes a client that disconnects, and wakes a connection that waits for its events.
    pub fn close(&self, id: &str) {
        let mut inner = self.lock();
        if let Some(client) = inner.clients.get(id) {
            client.line.left.store(true, Ordering::Relaxed);
        }
        inner.remove(id);
    }

    /// Removes the clients of a workspace session. Returns whether the person has other clients.
    pub fn close_session(&self, session: &SecretHash, employee: &EmployeeId) -> bool {
        let mut inner = self.lock();
        let mine = inner.of.get(employee).cloned().unwrap_or_default();
        for id in mine {
            if inner.clients.get(&id).is_some_and(|client| client.session.as_ref() == Some(session)) {
                inner.remove(&id);
            }
        }
        inner.of.contains_key(employee)
    }

    /// Whether a person has clients, connected or not.
    pub fn has_clients(&self, employee: &EmployeeId) -> bool {
        self.lock().of.contains_key(employee)
    }

    /// Whether a workspace session has a client with a connection.
    pub fn serves(&self, session: &SecretHash, employee: &EmployeeId) -> bool {
        let inner = self.lock();
        inner
            .of
            .get(employee)
            .into_iter()
            .flatten()
            .filter_map(|id| inner.clients.get(id))
            .any(|client| client.held && client.session.as_ref() == Some(session))
    }

    /// Subscribes to channels. Returns the earlier subscriptions; `None` when there are too many, or the client is
    /// not known.
    pub fn subscribe(&self, id: &str, names: &[&str]) -> Option<Vec<String>> {
        let mut inner = self.lock();
        let client = inner.clients.get_mut(id)?;
        let before = client.subscriptions.clone();
        for name in names {
            if !client.subscriptions.iter().any(|had| had == name) {
                client.subscriptions.push((*name).to_owned());
            }
        }
        if client.subscriptions.len() > self.limits.subscriptions {
            client.subscriptions = before;
            return None;
        }
        Some(before)
    }

    /// Removes subscriptions. Returns `false` when one of them did not exist.
    pub fn unsubscribe(&self, id: &str, names: &[&str]) -> bool {
        let mut inner = self.lock();
        let Some(client) = inner.clients.get_mut(id) else { return false };
        let all = names.iter().all(|name| client.subscriptions.iter().any(|had| had == name));
        client.subscriptions.retain(|had| !names.contains(&had.as_str()));
        all
    }

    /// Connects a client: from now on its events go to whoever has the [`Hold`], and to nobody before
    /// them. The flag tells whether it is the first time. `None` when the client is not known.
    pub fn hold(self: &Arc<Self>, id: &str) -> Option<(Hold, bool)> {
        let mut inner = self.lock();
        let (id, _) = inner.clients.get_key_value(id)?;
        let id = ClientId::clone(id);
        let client = inner.clients.get_mut(&id)?;
        let first = client.turn == 0;
        client.turn += 1;
        client.held = true;
        client.line.wake.notify_waiters();
        let hold =
            Hold { hub: Arc::clone(self), client: id, turn: client.turn, line: Arc::clone(&client.line) };
        let employee = client.employee.clone();
        if !inner.there.contains_key(&employee) {
            self.arrived.notify_one();
        }
        Some((hold, first))
    }

    /// Waits until somebody came who was not there at the last [`sweep`](Self::sweep).
    pub async fn arrival(&self) {
        self.arrived.notified().await;
    }

    /// Removes clients that disconnected long ago. Returns who connected (`true`) or has been away for
    /// `max_interval` (`false`) since the last call. One caller only, or the writer gets the changes out of order.
    pub fn sweep(&self, now: Instant) -> Vec<(EmployeeId, bool)> {
        let mut inner = self.lock();
        let silent =
            |client: &ClientState| !client.held && now.duration_since(client.quiet_since) >= self.limits.keep;
        let old: Vec<ClientId> =
            inner.clients.iter().filter(|(_, c)| silent(c)).map(|(id, _)| id.clone()).collect();
        for id in old {
            inner.remove(&id);
        }
        let Inner { clients, there, .. } = &mut *inner;
        let mut changes = Vec::new();
        for client in clients.values().filter(|client| client.turn > 0) {
            let seen = if client.held { now } else { client.quiet_since };
            match there.get_mut(&client.employee) {
                Some(last) => *last = seen.max(*last),
                // Between two polls nobody holds; a client that just went was there all the same.
                None if now.duration_since(seen) < self.limits.max_interval => {
                    there.insert(client.employee.clone(), seen);
                    changes.push((client.employee.clone(), true));
                }
                None => {}
            }
        }
        there.retain(|employee, last| {
            let stays = now.duration_since(*last) < self.limits.max_interval;
            if !stays {
                changes.push((employee.clone(), false));
            }
            stays
        });
        changes
    }

    /// The last entry of each session that a person was sent: by events to the clients of that workspace
    /// session, to any of theirs without one, by replies, and through clients that are gone.
    pub fn sent(&self, session: Option<&SecretHash>, employee: &EmployeeId) -> BTreeMap<InteractionId, u64> {
        let inner = self.lock();
        let mine = inner.of.get(employee).into_iter().flatten().filter_map(|id| inner.clients.get(id));
        let asking = mine.filter(|client| session.is_none() || client.session.as_ref() == session);
        let by_event = asking.flat_map(|client| client.sent.iter().map(|(id, last)| (id.clone(), *last)));
        let otherwise = inner.sent.get(employee).into_iter().flatten().cloned();
        let mut sent = BTreeMap::new();
        for (id, last) in by_event.chain(otherwise) {
            let known = sent.entry(id).or_insert(0);
            *known = last.max(*known);
        }
        sent
    }

    /// Notes that a reply sent a person the entries of a session up to this one.
    pub fn replied(&self, employee: &EmployeeId, id: &InteractionId, last: u64) {
        self.lock().note_sent(employee, id.clone(), last);
    }

    /// Whether a client of that workspace session receives the events of sessions.
    pub fn follows_sessions(&self, session: Option<&SecretHash>, employee: &EmployeeId) -> bool {
        let inner = self.lock();
        let mut mine = inner.of.get(employee).into_iter().flatten().filter_map(|id| inner.clients.get(id));
        mine.any(|client| {
            (session.is_none() || client.session.as_ref() == session)
                && client.channel(channel::WHATSAPP).is_some()
        })
    }

    /// The number of clients.
    pub fn clients(&self) -> usize {
        self.lock().clients.len()
    }
}

impl Publish for Hub {
    fn publish(&self, to: &Recipient, notice: ClientEvent) {
        let bytes = weight(&notice.data);
        let mut inner = self.lock();
        match to {
            Recipient::Agent(employee) => {
                for id in inner.of.get(employee).cloned().unwrap_or_default() {
                    inner.put(&id, notice.clone(), bytes, &self.limits);
                }
            }
            Recipient::Client(id) => {
                if let Some(client) = inner.clients.get_mut(id) {
                    client.owed.0 += 1;
                    client.owed.1 += bytes;
                }
                inner.put(id, notice, bytes, &self.limits);
            }
        }
    }
}

impl Inner {
    fn put(&mut self, id: &str, notice: ClientEvent, bytes: usize, limits: &HubLimits) {
        let Some(client) = self.clients.get_mut(id) else { return };
        let Some(on) = client.channel(notice.channel) else { return };
        client.queue.push(ClientEvent { channel: on, data: notice.data }, bytes);
        let (events, owed) = client.owed;
        if client.queue.len() > limits.queue + events || client.queue.bytes() > limits.bytes + owed {
            tracing::warn!(employee = %client.employee, "a client read too slowly and has to handshake again");
            self.remove(id);
            return;
        }
        client.line.wake.notify_waiters();
    }

    /// Notes how far a person was sent a session, by a reply or through a client that is gone.
    fn note_sent(&mut self, employee: &EmployeeId, id: InteractionId, last: u64) {
        let sent = self.sent.entry(employee.clone()).or_default();
        let known = sent.iter().position(|(known, _)| *known == id).and_then(|at| sent.remove(at));
        let before = known.map_or(0, |(_, before)| before);
        if sent.len() >= REMEMBERED {
            sent.pop_front();
        }
        sent.push_back((id, last.max(before)));
    }

    fn remove(&mut self, id: &str) {
        let Some(client) = self.clients.remove(id) else { return };
        for (session, last) in &client.sent {
            self.note_sent(&client.employee, session.clone(), *last);
        }
        client.line.wake.notify_waiters();
        if client.held
            && let Some(last) = self.there.get_mut(&client.employee)
        {
            *last = Instant::now();
        }
        if let Some(mine) = self.of.get_mut(&client.employee) {
            mine.retain(|other| **other != *id);
            if mine.is_empty() {
                self.of.remove(&client.employee);
            }
        }
    }
}

impl ClientState {
    fn subscribed(&self, channel: &str) -> bool {
        self.subscriptions.iter().any(|name| covers(name, channel))
    }

    /// The channel on which this client gets an event, if any. WhatsApp sessions come on their own
    /// channel, and as chat to a client that knows only chat, as official ones do.
    fn channel(&self, channel: &'static str) -> Option<&'static str> {
        let candidates: &[&'static str] = match channel {
            channel::WHATSAPP | channel::CHAT => &[channel::WHATSAPP, channel::CHAT],
            other => return self.subscribed(other).then_some(other),
        };
        candidates.iter().copied().find(|name| self.subscribed(name))
    }
}

/// A connection that serves a client. When it is dropped, the client has no connection.
#[derive(Debug)]
pub struct Hold {
    hub: Arc<Hub>,
    client: ClientId,
    turn: u64,
    line: Arc<ClientSignal>,
}

impl Hold {
    /// Which client.
    pub const fn client(&self) -> &ClientId {
        &self.client
    }

    /// Takes up to `most` events, as many as fit in one message. Never waits.
    pub fn take(&self, most: usize) -> EventBatch {
        let mut inner = self.hub.lock();
        let Some(client) = inner.clients.get_mut(&self.client) else {
            // Written and read under the lock.
            let left = self.line.left.load(Ordering::Relaxed);
            return if left { EventBatch::Left } else { EventBatch::Gone };
        };
        if client.turn != self.turn {
            return EventBatch::Replaced;
        }
        let events = client.queue.take(most, MOST_BYTES);
        client.sent.extend(events.iter().filter_map(ClientEvent::brings));
        if events.is_empty() { EventBatch::Nothing } else { EventBatch::Events(events) }
    }

    /// Waits until [`take`](Self::take) may have something, and takes it. Safe to drop.
    pub async fn next(&self, most: usize) -> EventBatch {
        loop {
            let woken = self.line.wake.notified();
            tokio::pin!(woken);
            // Registered before looking, so that nothing is missed in between.
            woken.as_mut().enable();
            match self.take(most) {
                EventBatch::Nothing => woken.await,
                taken => return taken,
            }
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut inner = self.hub.lock();
        if let Some(client) = inner.clients.get_mut(&self.client)
            && client.turn == self.turn
        {
            client.held = false;
            client.quiet_since = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn hub(limits: HubLimits) -> Arc<Hub> {
        let hub = Arc::new(Hub::new(limits));
        assert!(hub.open("c".into(), &"ana".into(), None));
        hub
    }

    fn tell(hub: &Hub, on: &'static str, text: &str) {
        hub.publish(
            &Recipient::Agent("ana".into()),
            ClientEvent { channel: on, data: Arc::new(json!(text)) },
        );
    }

    fn taken(hold: &Hold) -> Vec<(&'static str, String)> {
        match hold.take(100) {
            EventBatch::Events(events) => {
                events.into_iter().map(|e| (e.channel, e.data.as_str().unwrap().to_owned())).collect()
            }
            EventBatch::Nothing => Vec::new(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_client_that_knows_only_chat_gets_sessions_as_chat() {
        let rows: [(&[&str], Option<&str>); 5] = [
            (&[channel::CHAT], Some(channel::CHAT)),
            (&[channel::CHAT, channel::WHATSAPP], Some(channel::WHATSAPP)),
            (&[channel::CHAT, "/workspace/v3/media/*"], Some(channel::WHATSAPP)),
            (&["/**"], Some(channel::WHATSAPP)),
            (&[channel::MEDIA], None),
        ];
        for (names, expected) in rows {
            let hub = hub(HubLimits::default());
            hub.subscribe("c", names).unwrap();
            let (hold, _) = hub.hold("c").unwrap();
            tell(&hub, channel::WHATSAPP, "x");
            assert_eq!(taken(&hold).first().map(|(on, _)| *on), expected, "{names:?}");
            assert!(taken(&hold).is_empty());
        }
    }

    #[test]
    fn a_full_queue_forgets_its_client_and_no_other() {
        let hub = hub(HubLimits { queue: 2, ..HubLimits::default() });
        assert!(hub.open("d".into(), &"ana".into(), None));
        for id in ["c", "d"] {
            hub.subscribe(id, &["/**"]).unwrap();
        }
        let (slow, _) = hub.hold("c").unwrap();
        let (quick, _) = hub.hold("d").unwrap();
        for text in ["1", "2", "3"] {
            tell(&hub, channel::MEDIA, text);
            assert_eq!(taken(&quick), [(channel::MEDIA, text.to_owned())]);
        }
        assert_eq!(slow.take(9), EventBatch::Gone);
        assert!(!hub.knows("c", &"ana".into()) && hub.knows("d", &"ana".into()));
    }

    #[test]
    fn who_has_more_than_a_queue_holds_is_told_all_of_it_and_does_not_begin_anew() {
        let hub = hub(HubLimits { queue: 2, ..HubLimits::default() });
        hub.subscribe("c", &["/**"]).unwrap();
        let (hold, _) = hub.hold("c").unwrap();
        for text in ["1", "2", "3", "4", "5"] {
            let notice = ClientEvent { channel: channel::MEDIA, data: Arc::new(json!(text)) };
            hub.publish(&Recipient::Client("c".into()), notice);
        }
        tell(&hub, channel::MEDIA, "new");
        assert_eq!(taken(&hold).len(), 6);
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_connection_releases_the_first() {
        let hub = hub(HubLimits::default());
        let (first, is_first) = hub.hold("c").unwrap();
        assert!(is_first);
        let waiting = tokio::spawn(async move { first.next(9).await });
        tokio::task::yield_now().await;
        let (second, is_first) = hub.hold("c").unwrap();
        assert!(!is_first);
        assert_eq!(waiting.await.unwrap(), EventBatch::Replaced);
        hub.subscribe("c", &["/**"]).unwrap();
        tell(&hub, channel::MEDIA, "x");
        assert_eq!(taken(&second).len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn presence_ends_after_max_interval_and_the_client_lives_on() {
        let hub = hub(HubLimits::default());
        let ana = EmployeeId::from("ana");
        assert!(hub.sweep(Instant::now()).is_empty(), "a handshake alone is no presence");
        let (hold, _) = hub.hold("c").unwrap();
        assert_eq!(hub.sweep(Instant::now()), [(ana.clone(), true)]);
        drop(hold);
        tokio::time::advance(Duration::from_secs(9)).await;
        assert!(hub.sweep(Instant::now()).is_empty());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(hub.sweep(Instant::now()), [(ana.clone(), false)]);
        hub.subscribe("c", &["/**"]).unwrap();
        tell(&hub, channel::MEDIA, "kept");
        tokio::time::advance(Duration::from_secs(50)).await;
        assert!(hub.sweep(Instant::now()).is_empty());
        let (hold, first) = hub.hold("c").unwrap();
        assert!(!first);
        assert_eq!(taken(&hold), [(channel::MEDIA, "kept".to_owned())]);
        assert_eq!(hub.sweep(Instant::now()), [(ana, true)]);
        drop(hold);
        tokio::time::advance(Duration::from_secs(121)).await;
        hub.sweep(Instant::now());
        assert_eq!(hub.clients(), 0);
    }

    fn log(hub: &Hub, id: &str, indexes: &[u64]) {
        let messages: Vec<_> = indexes.iter().map(|index| json!({"index": index})).collect();
        let data = json!({"messageType": "MessageLogUpdated", "interactionId": id, "messages": messages});
        let notice = ClientEvent { channel: channel::WHATSAPP, data: Arc::new(data) };
        hub.publish(&Recipient::Agent("ana".into()), notice);
    }

    #[test]
    fn an_event_counts_as_sent_once_a_connection_took_it() {
        let hub = hub(HubLimits::default());
        let ana = EmployeeId::from("ana");
        let sent = |id: &str| hub.sent(None, &ana).get(id).copied();
        hub.subscribe("c", &["/**"]).unwrap();
        log(&hub, "i1", &[1, 2]);
        assert_eq!(sent("i1"), None, "it waits");
        let (hold, _) = hub.hold("c").unwrap();
        log(&hub, "i2", &[3]);
        hold.take(1);
        assert_eq!((sent("i1"), sent("i2")), (Some(2), None));
        // Entries that wait for the same connection become one event.
        log(&hub, "i2", &[4]);
        hold.take(1);
        assert_eq!((sent("i1"), sent("i2")), (Some(2), Some(4)));
        // The client disconnects before the agent signs out, and still counts as having been sent this.
        drop(hold);
        hub.close("c");
        assert_eq!(sent("i2"), Some(4));
        assert_eq!(hub.sent(None, &"bob".into()), BTreeMap::new());
    }

    #[test]
    fn a_reply_counts_as_sent_and_few_are_remembered() {
        let hub = hub(HubLimits::default());
        let ana = EmployeeId::from("ana");
        hub.replied(&ana, &"i1".into(), 7);
        hub.replied(&ana, &"i1".into(), 5);
        assert_eq!(hub.sent(None, &ana).get("i1"), Some(&7));
        for number in 0..REMEMBERED {
            hub.replied(&ana, &format!("s{number}").as_str().into(), 1);
        }
        assert_eq!(hub.sent(None, &ana).len(), REMEMBERED);
        assert_eq!(hub.sent(None, &ana).get("i1"), None, "the oldest goes");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_begins_anew_was_never_away() {
        let hub = hub(HubLimits { queue: 0, ..HubLimits::default() });
        hub.subscribe("c", &["/**"]).unwrap();
        let (hold, _) = hub.hold("c").unwrap();
        assert_eq!(hub.sweep(Instant::now()).len(), 1);
        tell(&hub, channel::MEDIA, "too much");
        assert_eq!(hold.take(1), EventBatch::Gone);
        drop(hold);
        assert!(hub.sweep(Instant::now()).is_empty());
        assert!(hub.open("e".into(), &"ana".into(), None));
        let _hold = hub.hold("e").unwrap();
        tokio::time::advance(Duration::from_secs(30)).await;
        assert!(hub.sweep(Instant::now()).is_empty());
    }
}
