//! The client side of Bayeux as a state machine.
//!
//! Owns: which message is sent when, what a reply and its advice mean, and what is subscribed.
//! Must not: send, read a clock, or interpret events.
//! Invariants: a handshake is alone in its array; at most one connect is pending; a reply counts only for a pending
//! request; events are delivered wherever they are in an array; every handshake is followed by all subscriptions.

use super::{Advice, BayeuxMessage, CONNECT, DISCONNECT, HANDSHAKE, SUBSCRIBE};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Milliseconds within which a reply must arrive, except to a held connect. (CometD: `maxNetworkDelay`.)
pub const NETWORK_DELAY: u64 = 10_000;
/// Milliseconds for which a connect is held if the server's advice does not say.
const CONNECT_TIMEOUT: u64 = 60_000;
/// The longest hold and the longest wait that the client accepts as advice, in milliseconds.
const MOST_TIMEOUT: u64 = 600_000;
const MOST_INTERVAL: u64 = 60_000;
/// Milliseconds before a retry, multiplied by the number of failures.
const PENALTY: u64 = 1_000;
/// How many consecutive connects may fail.
const MOST_FAILURES: u32 = 3;

/// The transport of the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// One WebSocket.
    Websocket,
    /// HTTP requests; the server holds one of them.
    LongPolling,
}

impl Carrier {
    /// The value of `connectionType`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Websocket => "websocket",
            Self::LongPolling => "long-polling",
        }
    }
}

/// An input of the state machine.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Start a session over an open carrier.
    Start(Carrier),
    /// An array arrived.
    Received(Vec<BayeuxMessage>),
    /// A sent array got no reply, while the server can still be reached.
    Failed(Vec<BayeuxMessage>),
    /// The wait of [`ClientOutput::Wait`] is over.
    Timer,
    /// End the session.
    Leave,
}

/// An output of the state machine.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientOutput {
    /// Send this array. Its replies must arrive within `limit` milliseconds.
    Send { messages: Vec<BayeuxMessage>, limit: u64 },
    /// Deliver an event.
    Deliver { channel: String, data: Json },
    /// Feed [`Input::Timer`] after this many milliseconds. There is one timer: a new wait replaces the old one.
    Wait(u64),
    /// Everything is subscribed and connected. Emitted after every handshake, and after a connect whose reply was lost:
    /// events may be missing, so state must be read again.
    Settled,
    /// The server refused a subscription; the session continues without it.
    Refused { subscription: String, error: String },
    /// The server forgot the session; a new handshake follows.
    Rehandshake,
    /// The handshake was refused. Another attempt with a new workspace session may succeed.
    Denied(String),
    /// This session cannot continue; start a new one later.
    Broken(String),
    /// The server told this client to stop.
    Stop(String),
    /// The server confirmed the end.
    Left,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    Handshaking,
    /// The first subscription was sent.
    First,
    /// The other subscriptions and the first connect were sent.
    Others,
    Running,
    Leaving,
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Handshake,
    Connect,
}

/// The state machine; see the module.
#[derive(Debug)]
pub struct Client {
    channels: Vec<String>,
    carrier: Carrier,
    phase: Phase,
    client_id: Option<String>,
    last_id: u64,
    /// The requests without a reply: ID to channel.
    pending: BTreeMap<String, String>,
    timeout: u64,
    interval: u64,
    after_wait: Option<Next>,
    connected: bool,
    /// How many consecutive connects have failed.
    failures: u32,
    /// How many handshakes there have been since the last successful connect.
    handshakes: u32,
}

impl Client {
    /// A client that subscribes these channels: first the first one alone, then the others together.
    pub fn new<'a>(channels: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            channels: channels.into_iter().map(str::to_owned).collect(),
            carrier: Carrier::LongPolling,
            phase: Phase::Idle,
            client_id: None,
            last_id: 0,
            pending: BTreeMap::new(),
            timeout: CONNECT_TIMEOUT,
            interval: 0,
            after_wait: None,
            connected: false,
            failures: 0,
            handshakes: 0,
        }
    }

    /// Processes an input. The outputs must be executed in order.
    pub fn step(&mut self, input: Input) -> Vec<ClientOutput> {
        let mut out = Vec::new();
        match input {
            Input::Start(carrier) => {
                self.carrier = carrier;
                self.handshake(&mut out);
            }
            Input::Received(messages) => self.received(messages, &mut out),
            Input::Failed(messages) => self.failed(&messages, &mut out),
            Input::Timer => match self.after_wait.take() {
                Some(Next::Handshake) => self.handshake(&mut out),
                Some(Next::Connect) => self.connect(&mut out),
                None => {}
            },
            Input::Leave => self.leave(&mut out),
        }
        out
    }

    fn request(&mut self, channel: &str) -> BayeuxMessage {
        self.last_id = self.last_id.saturating_add(1);
        let id = self.last_id.to_string();
        self.pending.insert(id.clone(), channel.to_owned());
        BayeuxMessage {
            id: Some(id),
            channel: channel.to_owned(),
            client_id: self.client_id.clone(),
            ..BayeuxMessage::default()
        }
    }

    fn handshake(&mut self, out: &mut Vec<ClientOutput>) {
        self.phase = Phase::Handshaking;
        self.client_id = None;
        self.pending.clear();
        self.after_wait = None;
        self.connected = false;
        self.failures = 0;
        self.handshakes = self.handshakes.saturating_add(1);
        let types: &[Carrier] = match self.carrier {
            Carrier::Websocket => &[Carrier::Websocket, Carrier::LongPolling],
            Carrier::LongPolling => &[Carrier::LongPolling],
        };
        let message = BayeuxMessage {
            version: Some("1.0".to_owned()),
            minimum_version: Some("1.0".to_owned()),
            supported_connection_types: Some(types.iter().map(|t| t.name().to_owned()).collect()),
            advice: Some(Advice { timeout: Some(CONNECT_TIMEOUT), interval: Some(0), ..Advice::default() }),
            ..self.request(HANDSHAKE)
        };
        out.push(ClientOutput::Send { messages: vec![message], limit: NETWORK_DELAY });
    }

    fn subscribe(&mut self, channels: &[String], out: &mut Vec<ClientOutput>) {
        let messages: Vec<BayeuxMessage> = channels
            .iter()
            .map(|channel| BayeuxMessage {
                subscription: Some(Json::from(channel.as_str())),
                ..self.request(SUBSCRIBE)
            })
            .collect();
        if !messages.is_empty() {
            out.push(ClientOutput::Send { messages, limit: NETWORK_DELAY });
        }
    }

    /// Connects, unless a connect is pending. The first connect, and one after a failure, is not held, so that the result
    /// shows at once whether the session is alive.
    fn connect(&mut self, out: &mut Vec<ClientOutput>) {
        if self.pending.values().any(|channel| channel == CONNECT) {
            return;
        }
        let at_once = !self.connected || self.failures > 0;
        let message = BayeuxMessage {
            connection_type: Some(self.carrier.name().to_owned()),
            advice: at_once.then(|| Advice { timeout: Some(0), ..Advice::default() }),
            ..self.request(CONNECT)
        };
        let held = if at_once { 0 } else { self.timeout };
        out.push(ClientOutput::Send { messages: vec![message], limit: held.saturating_add(NETWORK_DELAY) });
    }

    fn leave(&mut self, out: &mut Vec<ClientOutput>) {
        self.after_wait = None;
        if self.client_id.is_none() || matches!(self.phase, Phase::Idle | Phase::Over) {
            self.phase = Phase::Over;
            out.push(ClientOutput::Left);
            return;
        }
        self.phase = Phase::Leaving;
        let message = self.request(DISCONNECT);
        out.push(ClientOutput::Send { messages: vec![message], limit: NETWORK_DELAY });
    }

    fn later(&mut self, next: Next, millis: u64, out: &mut Vec<ClientOutput>) {
        self.after_wait = Some(next);
        if millis > 0 {
            out.push(ClientOutput::Wait(millis));
            return;
        }
        self.after_wait = None;
        match next {
            Next::Handshake => self.handshake(out),
            Next::Connect => self.connect(out),
        }
    }

    /// Removes the request that a reply answers; false when there is none. A reply without an ID answers any request on its
    /// channel.
    fn answered(&mut self, reply: &BayeuxMessage) -> bool {
        match &reply.id {
            Some(id) => self.pending.remove(id).is_some(),
            None => {
                let id = self.pending.iter().find(|(_, c)| **c == reply.channel).map(|(id, _)| id.clone());
                id.is_some_and(|id| self.pending.remove(&id).is_some())
            }
        }
    }

    fn received(&mut self, messages: Vec<BayeuxMessage>, out: &mut Vec<ClientOutput>) {
        let mut verdict = None;
        for message in messages {
            if message.is_meta() {
                if self.phase == Phase::Over || !self.answered(&message) {
                    continue;
                }
                let asked = self.reply(&message, out);
                verdict = verdict.max(asked);
            } else if let Some(data) = message.data {
                out.push(ClientOutput::Deliver { channel: message.channel, data });
            }
        }
        match verdict {
            Some(Verdict::Handshake) if self.phase != Phase::Leaving => {
                out.push(ClientOutput::Rehandshake);
                self.client_id = None;
                self.pending.clear();
                self.phase = Phase::Handshaking;
                let penalty = PENALTY.saturating_mul(u64::from(self.handshakes));
                self.later(Next::Handshake, self.interval.max(penalty).min(MOST_INTERVAL), out);
            }
            Some(Verdict::Stop(error)) => {
                self.phase = Phase::Over;
                self.after_wait = None;
                out.push(ClientOutput::Stop(error));
            }
            Some(Verdict::Handshake) | None => {}
        }
    }

    /// Processes a reply; returns what it requires besides continuing.
    fn reply(&mut self, reply: &BayeuxMessage, out: &mut Vec<ClientOutput>) -> Option<Verdict> {
        let advice = reply.advice.clone().unwrap_or_default();
        if let Some(timeout) = advice.timeout {
            self.timeout = timeout.min(MOST_TIMEOUT);
        }
        if let Some(interval) = advice.interval {
            self.interval = interval.min(MOST_INTERVAL);
        }
        let well = reply.successful == Some(true);
        let error = || reply.error.clone().unwrap_or_else(|| "the server gave no reason".to_owned());
        let advised = advice.reconnect.as_deref();
        if reply.channel == HANDSHAKE && !well {
            self.phase = Phase::Over;
            if advised == Some("none") {
                return Some(Verdict::Stop(error()));
            }
            out.push(ClientOutput::Denied(error()));
            return None;
        }
        if reply.channel == DISCONNECT {
            self.phase = Phase::Over;
            out.push(ClientOutput::Left);
            return None;
        }
        if self.phase == Phase::Leaving {
            return None;
        }
        let unknown = !well && error().starts_with("402");
        match advised {
            Some("none") => return Some(Verdict::Stop(error())),
            Some("handshake") => return Some(Verdict::Handshake),
            _ if unknown => return Some(Verdict::Handshake),
            _ => {}
        }
        match reply.channel.as_str() {
            HANDSHAKE => {
                self.client_id.clone_from(&reply.client_id);
                self.phase = Phase::First;
                let first: Vec<String> = self.channels.first().cloned().into_iter().collect();
                if first.is_empty() {
                    self.others(out);
                }
                self.subscribe(&first, out);
            }
            SUBSCRIBE => {
                if !well {
                    let subscription = reply.subscriptions().join(", ");
                    if self.phase == Phase::First {
                        self.phase = Phase::Over;
                        out.push(ClientOutput::Broken(format!(
                            "the server refuses the first subscription: {}",
                            error()
                        )));
                        return None;
                    }
                    out.push(ClientOutput::Refused { subscription, error: error() });
                }
                if self.phase == Phase::First {
                    self.others(out);
                } else {
                    self.settle(out);
                }
            }
            CONNECT if well => {
                let resumed = self.failures > 0;
                self.failures = 0;
                self.handshakes = 0;
                self.connected = true;
                if resumed && self.phase == Phase::Running {
                    out.push(ClientOutput::Settled);
                }
                self.settle(out);
                self.later(Next::Connect, self.interval, out);
            }
            CONNECT => self.connect_failed(&error(), out),
            _ => {}
        }
        None
    }

    fn others(&mut self, out: &mut Vec<ClientOutput>) {
        self.phase = Phase::Others;
        let others: Vec<String> = self.channels.iter().skip(1).cloned().collect();
        self.subscribe(&others, out);
        self.connect(out);
    }

    fn settle(&mut self, out: &mut Vec<ClientOutput>) {
        let subscribed = !self.pending.values().any(|channel| channel == SUBSCRIBE);
        if self.phase == Phase::Others && subscribed && self.connected {
            self.phase = Phase::Running;
            out.push(ClientOutput::Settled);
        }
    }

    fn connect_failed(&mut self, why: &str, out: &mut Vec<ClientOutput>) {
        self.failures = self.failures.saturating_add(1);
        if self.failures > MOST_FAILURES {
            self.phase = Phase::Over;
            out.push(ClientOutput::Broken(format!("the server does not hold the connection: {why}")));
            return;
        }
        let wait = self.interval.max(PENALTY.saturating_mul(u64::from(self.failures)));
        self.later(Next::Connect, wait, out);
    }

    fn failed(&mut self, messages: &[BayeuxMessage], out: &mut Vec<ClientOutput>) {
        let ours = |m: &&BayeuxMessage| m.id.as_ref().is_some_and(|id| self.pending.contains_key(id));
        let lost: Vec<BayeuxMessage> = messages.iter().filter(ours).cloned().collect();
        for message in lost {
            if let Some(id) = &message.id {
                self.pending.remove(id);
            }
            match (message.channel.as_str(), self.phase) {
                (_, Phase::Over) => {}
                (DISCONNECT, _) => {
                    self.phase = Phase::Over;
                    out.push(ClientOutput::Left);
                }
                (_, Phase::Leaving) => {}
                (CONNECT, _) => self.connect_failed("no answer", out),
                (channel, _) => {
                    self.phase = Phase::Over;
                    out.push(ClientOutput::Broken(format!("no answer to {channel}")));
                }
            }
        }
    }
}

/// What a reply requires. Of several replies in an array, the strongest verdict counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Handshake,
    Stop(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn client() -> Client {
        Client::new(["/init", "/media", "/media/whatsapp"])
    }

    fn arrays(out: &[ClientOutput]) -> Vec<Vec<BayeuxMessage>> {
        out.iter()
            .filter_map(|o| match o {
                ClientOutput::Send { messages, .. } => Some(messages.clone()),
                _ => None,
            })
            .collect()
    }

    fn channels(out: &[ClientOutput]) -> Vec<String> {
        arrays(out)
            .concat()
            .iter()
            .map(|m| match m.subscriptions().first() {
                Some(sub) => format!("sub {sub}"),
                None => m.channel.clone(),
            })
            .collect()
    }

    fn message(json: Json) -> BayeuxMessage {
        serde_json::from_value(json).unwrap()
    }

    /// Successful replies to everything in these arrays.
    fn replies(out: &[ClientOutput]) -> Vec<BayeuxMessage> {
        arrays(out)
            .concat()
            .into_iter()
            .map(|m| BayeuxMessage {
                id: m.id,
                client_id: (m.channel == HANDSHAKE).then(|| "c1".to_owned()),
                channel: m.channel,
                subscription: m.subscription,
                successful: Some(true),
                ..BayeuxMessage::default()
            })
            .collect()
    }

    fn answer(client: &mut Client, out: &[ClientOutput]) -> Vec<ClientOutput> {
        client.step(Input::Received(replies(out)))
    }

    fn running() -> (Client, Vec<ClientOutput>) {
        let mut client = client();
        let mut out = client.step(Input::Start(Carrier::Websocket));
        for _ in 0..3 {
            out = answer(&mut client, &out);
        }
        assert!(out.contains(&ClientOutput::Settled), "{out:?}");
        (client, out)
    }

    fn refuse(out: &[ClientOutput], error: &str, advice: Json) -> Input {
        let refused = replies(out)
            .into_iter()
            .map(|m| BayeuxMessage {
                successful: Some(false),
                error: Some(error.to_owned()),
                advice: serde_json::from_value(advice.clone()).unwrap(),
                ..m
            })
            .collect();
        Input::Received(refused)
    }

    #[test]
    fn handshake_first_subscription_others_and_connect_in_order() {
        let mut client = client();
        let out = client.step(Input::Start(Carrier::Websocket));
        let sent = arrays(&out).remove(0);
        assert_eq!(sent.len(), 1, "a handshake is alone");
        let wire = serde_json::to_value(&sent).unwrap();
        assert_eq!(wire[0]["id"], "1");
        assert_eq!(wire[0]["supportedConnectionTypes"], json!(["websocket", "long-polling"]));
        assert!(wire[0].get("clientId").is_none());
        let out = answer(&mut client, &out);
        assert_eq!(channels(&out), ["sub /init"]);
        let out = answer(&mut client, &out);
        assert_eq!(channels(&out), ["sub /media", "sub /media/whatsapp", CONNECT]);
        let connect = arrays(&out).concat().pop().unwrap();
        assert_eq!(connect.advice.as_ref().unwrap().timeout, Some(0));
        assert_eq!(connect.client_id.as_deref(), Some("c1"));
        assert_eq!(connect.connection_type.as_deref(), Some("websocket"));
        let out = answer(&mut client, &out);
        assert!(out.contains(&ClientOutput::Settled));
        let next = arrays(&out).concat().pop().unwrap();
        assert_eq!((next.channel.as_str(), &next.advice), (CONNECT, &None), "later ones are held");
    }

    #[test]
    fn events_are_delivered_before_and_after_replies() {
        let (mut client, out) = running();
        let event = message(json!({"channel": "/media", "data": {"n": 1}}));
        let later = message(json!({"channel": "/media", "data": {"n": 2}}));
        let mut array = vec![event];
        array.extend(replies(&out));
        array.push(later);
        let out = client.step(Input::Received(array));
        let told: Vec<&Json> = out
            .iter()
            .filter_map(|o| match o {
                ClientOutput::Deliver { data, .. } => Some(&data["n"]),
                _ => None,
            })
            .collect();
        assert_eq!(told, [1, 2]);
        assert_eq!(channels(&out), [CONNECT]);
    }

    #[test]
    fn advice_says_how_long_to_wait_and_to_hold() {
        let (mut client, out) = running();
        let mut array = replies(&out);
        array[0].advice = Some(Advice { interval: Some(700), timeout: Some(5000), ..Advice::default() });
        assert_eq!(client.step(Input::Received(array)), [ClientOutput::Wait(700)]);
        match client.step(Input::Timer).as_slice() {
            [ClientOutput::Send { limit, .. }] => assert_eq!(*limit, 15_000),
            other => panic!("{other:?}"),
        }
        assert_eq!(client.step(Input::Timer), [], "a timer counts once");
    }

    #[test]
    fn a_forgotten_session_is_handshaken_and_subscribed_again() {
        for advice in [json!({"reconnect": "handshake", "interval": 0}), json!(null)] {
            let (mut client, out) = running();
            let mut out = client.step(refuse(&out, "402::session_unknown", advice));
            assert_eq!(out.first(), Some(&ClientOutput::Rehandshake));
            assert_eq!(channels(&out), [HANDSHAKE]);
            out = answer(&mut client, &out);
            assert_eq!(channels(&out), ["sub /init"]);
            out = answer(&mut client, &out);
            assert_eq!(channels(&out), ["sub /media", "sub /media/whatsapp", CONNECT]);
            assert!(answer(&mut client, &out).contains(&ClientOutput::Settled));
        }
    }

    #[test]
    fn rehandshakes_wait_when_the_server_forgets_at_once() {
        let (mut client, mut out) = running();
        let mut waits = Vec::new();
        for _ in 0..4 {
            out = client.step(refuse(&out, "402::session_unknown", json!({"reconnect": "handshake"})));
            if let Some(ClientOutput::Wait(millis)) = out.last() {
                waits.push(*millis);
                out = client.step(Input::Timer);
            }
            out = answer(&mut client, &out);
        }
        assert_eq!(waits, [1000, 2000, 3000], "the first repeat is at once, later ones wait longer");
    }

    #[test]
    fn advice_none_stops_whatever_it_came_on() {
        let (mut client, out) = running();
        let out = client.step(refuse(&out, "403::gone", json!({"reconnect": "none"})));
        assert_eq!(out, [ClientOutput::Stop("403::gone".to_owned())]);
        let mut fresh = Client::new(["/init"]);
        let out = fresh.step(Input::Start(Carrier::LongPolling));
        let out = fresh.step(refuse(&out, "403::handshake_denied", json!({"reconnect": "none"})));
        assert_eq!(out, [ClientOutput::Stop("403::handshake_denied".to_owned())]);
    }

    #[test]
    fn a_refused_handshake_may_be_tried_with_a_new_session() {
        let mut client = client();
        let out = client.step(Input::Start(Carrier::LongPolling));
        let out = client.step(refuse(&out, "401::no", json!(null)));
        assert_eq!(out, [ClientOutput::Denied("401::no".to_owned())]);
    }

    #[test]
    fn only_the_first_channel_is_indispensable() {
        let mut client = client();
        let out = client.step(Input::Start(Carrier::Websocket));
        let first = answer(&mut client, &out);
        let out = answer(&mut client, &first);
        let mut array = replies(&out);
        array[1].successful = Some(false);
        array[1].error = Some("403::no:subscribe_denied".to_owned());
        let out = client.step(Input::Received(array));
        assert!(out.iter().any(
            |o| matches!(o, ClientOutput::Refused { subscription, .. } if subscription == "/media/whatsapp")
        ));
        assert!(out.contains(&ClientOutput::Settled));

        let mut client = self::client();
        let out = client.step(Input::Start(Carrier::Websocket));
        let first = answer(&mut client, &out);
        let out = client.step(refuse(&first, "403::no", json!(null)));
        assert!(matches!(out.as_slice(), [ClientOutput::Broken(_)]));
    }

    #[test]
    fn a_connect_without_a_reply_is_repeated_then_given_up() {
        let (mut client, mut out) = running();
        for wait in [1000, 2000, 3000] {
            let lost = arrays(&out).concat();
            assert_eq!(client.step(Input::Failed(lost)), [ClientOutput::Wait(wait)]);
            out = client.step(Input::Timer);
            let sent = arrays(&out).concat();
            assert_eq!(sent[0].advice.as_ref().unwrap().timeout, Some(0), "it must show at once");
        }
        let lost = arrays(&out).concat();
        assert!(matches!(client.step(Input::Failed(lost)).as_slice(), [ClientOutput::Broken(_)]));
    }

    #[test]
    fn a_connect_after_a_failure_requires_reading_again() {
        let (mut client, out) = running();
        client.step(Input::Failed(arrays(&out).concat()));
        let out = client.step(Input::Timer);
        let out = answer(&mut client, &out);
        assert!(out.contains(&ClientOutput::Settled));
    }

    #[test]
    fn a_reply_to_nothing_changes_nothing() {
        let (mut client, _) = running();
        let stale = message(json!({"id": "1", "channel": CONNECT, "successful": false,
            "error": "402::session_unknown", "advice": {"reconnect": "handshake"}}));
        assert_eq!(client.step(Input::Received(vec![stale])), []);
    }

    #[test]
    fn leaving_is_confirmed_once() {
        let (mut client, _) = running();
        let out = client.step(Input::Leave);
        assert_eq!(channels(&out), [DISCONNECT]);
        assert_eq!(answer(&mut client, &out), [ClientOutput::Left]);
        assert_eq!(client.step(Input::Leave), [ClientOutput::Left]);
    }
}
