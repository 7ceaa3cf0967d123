//! One simulated customer's side of a chat, and the delivery statuses of the gateway's messages.

use super::graph_stub::{AcceptedSend, GraphStub};
use super::prng::Prng;
use super::profiles::{ChatAction, CustomerProfile, Receipts};
use super::tempo::Tempo;
use super::webhook_sender::{Customer, WebhookSender};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

/// How long a customer waits for an answer before they ask again or leave, in simulated milliseconds.
const PATIENCE: u64 = 150_000;

/// How long an agent may pause between two messages that the customer answers together.
const TOGETHER: u64 = 4_000;

/// A chat of one customer.
pub(super) struct Conversation {
    pub person: &'static CustomerProfile,
    pub prng: Prng,
    pub tempo: Tempo,
    pub webhooks: Arc<WebhookSender>,
    pub graph: Arc<GraphStub>,
    pub inbox: mpsc::Receiver<AcceptedSend>,
    /// Id of the customer's own last message.
    pub last_own: String,
    /// Id of the agent's last message.
    pub last_agent: String,
}

impl Conversation {
    /// Runs the chat to its end. Returns the customer's address.
    pub(super) async fn run(mut self) -> &'static str {
        let person = self.person;
        let mut lines = person.opening.iter();
        if let Some(first) = lines.next() {
            self.say(*first).await;
        }
        for line in lines {
            self.write(*line).await;
        }
        for reply in person.replies {
            if !self.wait_for_answer().await {
                return person.address;
            }
            let thinking = self.prng.between(3_000, 9_000);
            sleep(self.tempo.millis(thinking)).await;
            for line in *reply {
                self.write(*line).await;
            }
        }
        person.address
    }

    /// Waits for the agent, and asks once more if no answer comes. Returns `false` when the customer leaves.
    async fn wait_for_answer(&mut self) -> bool {
        let mut nudge = self.person.nudge;
        loop {
            match timeout(self.tempo.millis(PATIENCE), self.inbox.recv()).await {
                Ok(Some(message)) => {
                    self.last_agent = message.wamid;
                    while let Ok(Some(more)) = timeout(self.tempo.millis(TOGETHER), self.inbox.recv()).await {
                        self.last_agent = more.wamid;
                    }
                    return true;
                }
                Ok(None) => return false,
                Err(_) => match nudge.take() {
                    Some(words) => self.say(ChatAction::Text(words)).await,
                    None => return false,
                },
            }
        }
    }

    /// Waits as long as a person would type, then sends the line.
    async fn write(&mut self, line: ChatAction) {
        let typing = match line {
            ChatAction::Text(text) | ChatAction::Quote(text) | ChatAction::Edit(text) => {
                600 + 45 * text.chars().count() as u64
            }
            ChatAction::Pause(secs) => secs * 1000,
            ChatAction::File(..)
            | ChatAction::Voice
            | ChatAction::Place(..)
            | ChatAction::Card(..)
            | ChatAction::React(_)
            | ChatAction::Revoke
            | ChatAction::Poll
            | ChatAction::Button(_) => 2_000,
        };
        let hesitation = self.prng.between(0, 1_500);
        sleep(self.tempo.millis(typing.min(60_000) + hesitation)).await;
        self.say(line).await;
    }

    async fn say(&mut self, line: ChatAction) {
        let media =
            json!({"id": format!("{}", self.prng.between(1 << 40, 1 << 50)), "sha256": "c2ltdWxhdGVk"});
        let with = |mut media: Value, parts: &[(&str, &str)]| {
            if let Value::Object(map) = &mut media {
                let parts = parts.iter().filter(|(_, part)| !part.is_empty());
                map.extend(parts.map(|(key, part)| ((*key).to_owned(), json!(part))));
            }
            media
        };
        let parts = match line {
            ChatAction::Pause(_) => return,
            ChatAction::Text(text) => json!({"type": "text", "text": {"body": text}}),
            ChatAction::Quote(text) => {
                json!({"type": "text", "text": {"body": text}, "context": {"id": self.last_agent}})
            }
            ChatAction::File(kind, mime, name, caption) => {
                let file = with(media, &[("mime_type", mime), ("filename", name), ("caption", caption)]);
                json!({"type": kind, kind: file})
            }
            ChatAction::Voice => {
                let mut file = with(media, &[("mime_type", "audio/ogg; codecs=opus")]);
                if let Value::Object(map) = &mut file {
                    map.insert("voice".to_owned(), json!(true));
                }
                json!({"type": "audio", "audio": file})
            }
            ChatAction::Place(name, address) => json!({"type": "location",
                "location": {"latitude": 54.5, "longitude": -3.25, "name": name, "address": address}}),
            ChatAction::Card(name, phone) => json!({"type": "contacts",
                "contacts": [{"name": {"formatted_name": name}, "phones": [{"phone": phone, "type": "CELL"}]}]}),
            ChatAction::React(emoji) => {
                json!({"type": "reaction", "reaction": {"message_id": self.last_agent, "emoji": emoji}})
            }
            ChatAction::Edit(text) => json!({"type": "edit", "edit": {"original_message_id": self.last_own,
                "message": {"type": "text", "text": {"body": text}}}}),
            ChatAction::Revoke => json!({"type": "revoke", "revoke": {"original_message_id": self.last_own}}),
            ChatAction::Poll => json!({"type": "unsupported", "unsupported": {"type": "poll_creation"},
                "errors": [{"code": 131_051, "title": "Message type unknown"}]}),
            ChatAction::Button(title) => {
                json!({"type": "interactive", "interactive": {"type": "button_reply",
                "button_reply": {"id": title, "title": title}}})
            }
        };
        let CustomerProfile { name, address, username, .. } = *self.person;
        // Before the webhook, because the gateway may answer before this request ends.
        self.graph.customer_wrote(address);
        let id = self.webhooks.message(Customer { address, name, username }, parts).await;
        if !matches!(line, ChatAction::React(_) | ChatAction::Edit(_) | ChatAction::Revoke) {
            self.last_own = id;
        }
    }
}

/// Sends the delivery statuses of a message: late, out of order, twice, or not at all, as on WhatsApp.
pub(super) async fn statuses(
    receipts: Receipts,
    message: AcceptedSend,
    mut prng: Prng,
    tempo: Tempo,
    webhooks: Arc<WebhookSender>,
) {
    let mut words: Vec<(&str, u64)> = vec![("sent", prng.between(80, 400))];
    if receipts != Receipts::OnlySent {
        words.push(("delivered", prng.between(200, 1_500)));
    }
    if receipts == Receipts::All {
        words.push(("read", prng.between(800, 6_000)));
        if prng.chance(15) {
            // WhatsApp may send `read` without `delivered`.
            words.retain(|(word, _)| *word != "delivered");
        }
    }
    if prng.chance(20) {
        prng.shuffle(&mut words);
    }
    if prng.chance(20)
        && let Some(last) = words.last().copied()
    {
        words.push(last);
    }
    for (word, wait) in words {
        sleep(tempo.millis(wait)).await;
        webhooks.status(&message.wamid, &message.tracker, word, None).await;
    }
}
