//! The rig of the console's tests: a console without a terminal, a network or a clock.

use crate::app::core::effect::Effect;
use crate::app::core::key::Key;
use crate::app::core::layer::{Choice, Layer};
use crate::app::core::msg::{Link, Msg, RequestError, What};
use crate::app::core::picker::Picker;
use crate::app::core::settings::Settings;
use crate::app::core::state::State;
use crate::app::dispatch::update;
use crate::domain::{Millis, OperationId};
use crate::proto::envelope::Envelope;
use crate::proto::event::Event;
use crate::proto::request::Request;
use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

/// A console under test: events go in, effects come out.
pub(in crate::app) struct TestConsole {
    pub(in crate::app) state: State,
    pub(in crate::app) at: i64,
    pub(in crate::app) wanted: Vec<Effect>,
    /// Whether earlier interactions of other channels are asked for.
    pub(in crate::app) cross_channel: bool,
}

impl TestConsole {
    /// Connected and signed in as Ana.
    pub(in crate::app) fn new() -> Self {
        Self::with(Settings::default())
    }

    pub(in crate::app) fn with(settings: Settings) -> Self {
        let state = State::new(settings, TimeZone::UTC, "d", (80, 24), Millis(0));
        let mut console = Self { state, at: 1_800_000_000_000, wanted: Vec::new(), cross_channel: false };
        console.tell(What::Link(Link::Online { websocket: true }));
        let session = json!({
            "user": {"employeeId": "ana", "userName": "ana", "firstName": "Ana", "lastName": "Ruiz"},
            "configuration": {
                "actionCodes": [{"name": "Lunch", "code": "L", "type": "NotReady"}],
                "businessAttributes": [{"name": "DispositionCode", "values": [
                    {"name": "solved", "displayName": "Solved"}, {"name": "call", "displayName": "Call back"}]}],
                "settings": [{"key": "interaction-workspace", "type": "kvlist", "value": []}]
            }
        });
        let session = Box::new(serde_json::from_value(session).unwrap());
        console.tell(What::SessionStarted { session, fresh: true });
        console
    }

    pub(in crate::app) fn tell(&mut self, what: What) {
        let wanted = update(&mut self.state, Msg { at: Millis(self.at), what });
        self.wanted.extend(wanted);
    }

    pub(in crate::app) fn later(&mut self, millis: i64) {
        self.at += millis;
        self.tell(What::Wake);
    }

    /// Keys as people write them, separated by spaces; other words are typed.
    pub(in crate::app) fn keys(&mut self, keys: &str) {
        for key in keys.split(' ') {
            self.tell(What::Key(Key::parse(key).unwrap()));
        }
    }

    pub(in crate::app) fn typed(&mut self, text: &str) {
        for c in text.chars() {
            self.tell(What::Key(Key::plain(crate::app::core::key::Code::Char(c))));
        }
    }

    pub(in crate::app) fn event(&mut self, channel: &str, data: Json) {
        self.tell(What::Event(Event::decode(channel, &data)));
    }

    pub(in crate::app) fn interaction(&mut self, id: &str, state: &str) {
        let data = json!({"messageType": "InteractionStateChanged", "interaction": {
            "id": id, "mediatype": "whatsappsession", "state": state, "userData": [
                {"key": "wa.profile-name", "type": "str", "value": format!("Name {id}")},
                {"key": "wa.accept-left-ms", "type": "int", "value": 30000}]}});
        self.event("/workspace/v3/media/whatsappsession", data);
    }

    pub(in crate::app) fn says(&mut self, id: &str, index: u64, who: &str, text: &str) {
        self.log(
            id,
            json!([{"index": index, "type": "Text", "text": text, "from": {"type": who, "nickname": who},
            "timestamp": self.at}]),
        );
    }

    pub(in crate::app) fn log(&mut self, id: &str, messages: Json) {
        let data = json!({"messageType": "MessageLogUpdated", "interactionId": id, "messages": messages});
        self.event("/workspace/v3/media/whatsappsession", data);
    }

    /// An open session, shown, with its (empty) log read.
    pub(in crate::app) fn open(&mut self, id: &str) {
        self.interaction(id, "Invited");
        self.keys("F2");
        self.interaction(id, "Processing");
        self.answer_all("messages", json!({"messages": []}));
    }

    /// The list on top, of those that hold whatever a row may mean.
    pub(in crate::app) fn picker(&self) -> &Picker<Choice> {
        match self.state.layers.last() {
            Some(Layer::Pick(picker)) => picker,
            other => panic!("{other:?} is no such list"),
        }
    }

    /// What was asked since the last look.
    pub(in crate::app) fn asked(&mut self) -> Vec<(OperationId, Request)> {
        let calls = self.wanted.drain(..).filter_map(|effect| match effect {
            Effect::Call { operation, request } => Some((operation, request)),
            _ => None,
        });
        calls.collect()
    }

    pub(in crate::app) fn names(&mut self) -> Vec<&'static str> {
        self.asked().iter().map(|(_, request)| request.name()).collect()
    }

    pub(in crate::app) fn answer(&mut self, operation: &OperationId, result: Result<Json, RequestError>) {
        let result = result.map(|data| Envelope::ok(0, None, data));
        self.tell(What::Reply { operation: operation.clone(), result });
    }

    pub(in crate::app) fn answer_all(&mut self, name: &str, data: Json) {
        for (operation, request) in self.asked() {
            if request.name() == name {
                self.answer(&operation, Ok(data.clone()));
            }
        }
    }

    pub(in crate::app) fn sent(&mut self) -> Vec<(OperationId, String)> {
        let sent = self.asked().into_iter().filter_map(|(operation, request)| match request {
            Request::SendMessage { text, .. } => Some((operation, text)),
            _ => None,
        });
        sent.collect()
    }

    /// The newest notice, whether it was shown yet or not.
    pub(in crate::app) fn notice(&self) -> String {
        self.state.notices.newest_first().next().map_or(String::new(), |notice| notice.text.to_string())
    }

    pub(in crate::app) fn shown(&self) -> &str {
        self.state.shown.as_ref().map_or("", |id| id.as_str())
    }
}

pub(in crate::app) fn everybody() -> Json {
    json!({"totalMatches": 6, "targets": [
        {"type": "agent", "name": "Ana Ruiz", "employeeId": "ana"},
        {"type": "agent", "name": "Kate London", "employeeId": "kate.l"},
        {"type": "agent", "name": "Kató Nagy", "employeeId": "kato"},
        {"type": "agent-group", "name": "Billing"},
        {"type": "skill", "name": "French"},
        {"type": "interaction-queue", "name": "wa-orders", "displayName": "Orders"},
    ]})
}

pub(in crate::app) fn settings(queue: &str, subtype: &str) -> Json {
    json!({
        "settings": [{"key": "interaction-workspace", "type": "kvlist", "value": [
            {"key": "intercommunication.whatsappsession.queue", "type": "str", "value": queue}]}],
        "businessAttributes": [{"name": "InteractionSubtype", "values": [{"name": subtype}]}]
    })
}

pub(in crate::app) fn set() -> Json {
    settings("wa-internal", "InternalConferenceInvite")
}
