//! Events for clients: one bounded queue for each Bayeux client.
//!
//! Owns: the clients' Bayeux sessions: their owners, subscriptions and queued events.
//! Must not: know a transport, or wait. The lock is held briefly and never across an await.
//! Invariants: a client whose queue is full is removed; its next request is refused as unknown, so it
//! handshakes again and reads everything again. A burst in one session takes the room of a few
//! events (see `queue`), so this happens only to a client that reads too slowly.

mod event;
mod queue;

pub use event::{ClientEvent, ClientId, EventRecipient, Publish};

use crate::domain::{EmployeeId, InteractionId};
use crate::gateway::secret_hash::SecretHash;
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
    /// Clients of one person. When all are connected, another one is refused.
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
    /// People whom the writer has as connected, and when they last had a connection.
    present: HashMap<EmployeeId, Instant>,
    /// The last entry of each session that a person received in replies, or through clients that were removed; the
    /// newest session last. Bounded by [`REMEMBERED`] for each person.
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
    /// Bounded by the person's sessions; without it, a person whose sessions do not fit in a queue would have to
    /// handshake again for ever.
    catch_up: (usize, usize),
    signal: Arc<ClientSignal>,
    /// The number of the connection that events go to. Connections with an older number are replaced.
    connection: u64,
    /// Whether that connection is open.
    connected: bool,
    /// When it was closed.
    closed_at: Instant,
}

/// What a client shares with its connection.
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

    /// The limits of each client.
    pub const fn limits(&self) -> &HubLimits {
        &self.limits
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a client. A person who has too many clients loses one that is not connected; returns `false` when all are
    /// connected.
    pub fn open(&self, id: ClientId, employee: &EmployeeId, session: Option<SecretHash>) -> bool {
        let mut inner = self.lock();
        let mine = inner.of.get(employee).cloned().unwrap_or_default();
        if mine.len() >= self.limits.clients {
            let idle = mine
                .iter()
                .filter_map(|id| inner.clients.get_key_value(id))
                .filter(|(_, client)| !client.connected)
                .min_by_key(|(_, client)| client.closed_at)
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
                catch_up: (0, 0),
                signal: Arc::default(),
                connection: 0,
                connected: false,
                closed_at: Instant::now(),
            },
        );
        true
    }

    /// Whether a client belongs to a person.
    pub fn knows(&self, id: &str, employee: &EmployeeId) -> bool {
        self.lock().clients.get(id).is_some_and(|client| client.employee == *employee)
    }

    /// Removes a client that disconnects, and wakes a connection that waits for its events.
    pub fn close(&self, id: &str) {
        let mut inner = self.lock();
        if let Some(client) = inner.clients.get(id) {
            client.signal.left.store(true, Ordering::Relaxed);
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
            .any(|client| client.connected && client.session.as_ref() == Some(session))
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

    /// Connects a client: from now on its events go to this [`Hold`] and to no earlier one. The flag says whether it is
    /// the first connection. `None` when the client is not known.
    pub fn hold(self: &Arc<Self>, id: &str) -> Option<(Hold, bool)> {
        let mut inner = self.lock();
        let (id, _) = inner.clients.get_key_value(id)?;
        let id = ClientId::clone(id);
        let client = inner.clients.get_mut(&id)?;
        let first = client.connection == 0;
        client.connection += 1;
        client.connected = true;
        client.signal.wake.notify_waiters();
        let hold = Hold {
            hub: Arc::clone(self),
            client: id,
            connection: client.connection,
            signal: Arc::clone(&client.signal),
        };
        let employee = client.employee.clone();
        if !inner.present.contains_key(&employee) {
            self.arrived.notify_one();
        }
        Some((hold, first))
    }

    /// Waits until somebody connects who was away at the last [`sweep`](Self::sweep).
    pub async fn arrival(&self) {
        self.arrived.notified().await;
    }

    /// Removes clients that have been without a connection for too long. Returns who connected (`true`) or has been away
    /// for `max_interval` (`false`) since the last call. Must have one caller, so that the writer gets the changes in
    /// order.
    pub fn sweep(&self, now: Instant) -> Vec<(EmployeeId, bool)> {
        let mut inner = self.lock();
        let silent = |client: &ClientState| {
            !client.connected && now.duration_since(client.closed_at) >= self.limits.keep
        };
        let old: Vec<ClientId> =
            inner.clients.iter().filter(|(_, c)| silent(c)).map(|(id, _)| id.clone()).collect();
        for id in old {
            inner.remove(&id);
        }
        let Inner { clients, present, .. } = &mut *inner;
        let mut changes = Vec::new();
        for client in clients.values().filter(|client| client.connection > 0) {
            let seen = if client.connected { now } else { client.closed_at };
            match present.get_mut(&client.employee) {
                Some(last) => *last = seen.max(*last),
                // A client between two polls has no connection, but counts as connected.
                None if now.duration_since(seen) < self.limits.max_interval => {
                    present.insert(client.employee.clone(), seen);
                    changes.push((client.employee.clone(), true));
                }
                None => {}
            }
        }
        present.retain(|employee, last| {
            let stays = now.duration_since(*last) < self.limits.max_interval;
            if !stays {
                changes.push((employee.clone(), false));
            }
            stays
        });
        changes
    }

    /// The last entry of each session that a person received: by events to the clients of that workspace session (to all
    /// clients when `session` is `None`), by replies, and through clients that were removed.
    pub fn sent(&self, session: Option<&SecretHash>, employee: &EmployeeId) -> BTreeMap<InteractionId, u64> {
        let inner = self.lock();
        let mine = inner.of.get(employee).into_iter().flatten().filter_map(|id| inner.clients.get(id));
        let selected = mine.filter(|client| session.is_none() || client.session.as_ref() == session);
        let by_event = selected.flat_map(|client| client.sent.iter().map(|(id, last)| (id.clone(), *last)));
        let by_reply = inner.sent.get(employee).into_iter().flatten().cloned();
        let mut sent = BTreeMap::new();
        for (id, last) in by_event.chain(by_reply) {
            let known = sent.entry(id).or_insert(0);
            *known = last.max(*known);
        }
        sent
    }

    /// Records that a reply contained the entries of a session up to `last`.
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
    fn publish(&self, to: &EventRecipient, event: ClientEvent) {
        let bytes = weight(&event.data);
        let mut inner = self.lock();
        match to {
            EventRecipient::Agent(employee) => {
                for id in inner.of.get(employee).cloned().unwrap_or_default() {
                    inner.put(&id, event.clone(), bytes, &self.limits);
                }
            }
            EventRecipient::Client(id) => {
                if let Some(client) = inner.clients.get_mut(id) {
                    client.catch_up.0 += 1;
                    client.catch_up.1 += bytes;
                }
                inner.put(id, event, bytes, &self.limits);
            }
        }
    }
}

impl Inner {
    fn put(&mut self, id: &str, event: ClientEvent, bytes: usize, limits: &HubLimits) {
        let Some(client) = self.clients.get_mut(id) else { return };
        let Some(on) = client.channel(event.channel) else { return };
        client.queue.push(ClientEvent { channel: on, data: event.data }, bytes);
        let (more_events, more_bytes) = client.catch_up;
        if client.queue.len() > limits.queue + more_events || client.queue.bytes() > limits.bytes + more_bytes
        {
            tracing::warn!(employee = %client.employee, "a client read too slowly and has to handshake again");
            self.remove(id);
            return;
        }
        client.signal.wake.notify_waiters();
    }

    /// Records how much of a session a person received, by a reply or through a client that was removed.
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
        client.signal.wake.notify_waiters();
        if client.connected
            && let Some(last) = self.present.get_mut(&client.employee)
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

    /// The channel on which this client gets an event, if any. Events of WhatsApp sessions go to their own channel, or
    /// to the chat channel for a client that subscribed only to that, as official clients do.
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
    connection: u64,
    signal: Arc<ClientSignal>,
}

impl Hold {
    /// The client that is served.
    pub const fn client(&self) -> &ClientId {
        &self.client
    }

    /// Takes up to `most` events, as many as fit in one message. Never waits.
    pub fn take(&self, most: usize) -> EventBatch {
        let mut inner = self.hub.lock();
        let Some(client) = inner.clients.get_mut(&self.client) else {
            // The flag is written and read under the lock, so this order is enough.
            let left = self.signal.left.load(Ordering::Relaxed);
            return if left { EventBatch::Left } else { EventBatch::Gone };
        };
        if client.connection != self.connection {
            return EventBatch::Replaced;
        }
        let events = client.queue.take(most, MOST_BYTES);
        client.sent.extend(events.iter().filter_map(ClientEvent::last_entry));
        if events.is_empty() { EventBatch::Nothing } else { EventBatch::Events(events) }
    }

    /// Waits for events and takes them. Cancellation safe.
    pub async fn next(&self, most: usize) -> EventBatch {
        loop {
            let woken = self.signal.wake.notified();
            tokio::pin!(woken);
            // Registered before `take`, so that no event between the two is missed.
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
            && client.connection == self.connection
        {
            client.connected = false;
            client.closed_at = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests;
