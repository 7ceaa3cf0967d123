//! The connection of one who oversees: events, and the few requests that watching takes.
//!
//! Owns: which requests there are at all for one who watches. Must not: write anything into a session.
//! Invariants: nothing but [`Wish`] can be asked through a [`Line`], so watching cannot change what it watches.

use super::backoff::chance;
use super::{FromNet, Settings, ToNet};
use crate::domain::interaction::{Interaction, InteractionState};
use crate::domain::monitoring::{MonitorMode, Monitored};
use crate::domain::{InteractionId, OperationId};
use crate::proto::media::LogQuery;
use crate::proto::request::{Read, Request};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// The preview of a session that is to be watched silently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview(InteractionId);

impl Preview {
    /// The preview that an interaction is; `None` for every other one. An invitation to coach or to join is none, and
    /// neither is one to handle the session.
    pub fn of(interaction: &Interaction) -> Option<Self> {
        (interaction.am_silent() && interaction.state == InteractionState::Invited)
            .then(|| Self(interaction.id.clone()))
    }

    /// The session.
    pub const fn id(&self) -> &InteractionId {
        &self.0
    }
}

/// What one who watches may ask. Three of these are posted; none of them is seen by a customer.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// Groups whose agents may be monitored.
    Groups,
    /// Agents of these groups, or all of them.
    Agents(Vec<String>),
    /// The log of a session.
    Log {
        /// Its media type.
        media: String,
        /// The session.
        id: InteractionId,
        /// The part to read.
        part: LogQuery,
    },
    /// Watch all sessions of an agent, silently.
    Start(String),
    /// Watch them no more.
    Stop(String),
    /// Look into a session that is previewed.
    Accept {
        /// Which.
        preview: Preview,
        /// The name that who may see it is given: nobody, while it is silent.
        nickname: String,
    },
}

impl From<Wish> for Request {
    fn from(wish: Wish) -> Self {
        match wish {
            Wish::Groups => Self::MonitorableGroups,
            Wish::Agents(groups) => Self::MonitorableAgents { groups },
            Wish::Log { media, id, part } => Self::MessagesOf { media, id, part },
            Wish::Start(agent) => {
                Self::StartMonitoring { agent, mode: MonitorMode::Monitor, which: Monitored::AllInteractions }
            }
            Wish::Stop(agent) => Self::StopMonitoring { agent },
            Wish::Accept { preview, nickname } => Self::Accept { id: preview.0, nickname },
        }
    }
}

/// Where wishes go.
#[derive(Debug)]
pub struct Line {
    to: mpsc::Sender<ToNet>,
    /// Before the number of a request: two runs of this program never name two requests alike.
    name: String,
    count: u64,
}

impl Line {
    fn call(&mut self, wish: Wish) -> (OperationId, ToNet) {
        self.count += 1;
        let operation = OperationId::from(format!("{}-{}", self.name, self.count));
        (operation.clone(), ToNet::Call { operation, request: wish.into() })
    }

    /// Asks, and gives the name that the answer will have. `None` when the line is busy or gone.
    pub fn ask(&mut self, wish: Wish) -> Option<OperationId> {
        let (operation, call) = self.call(wish);
        self.to.try_send(call).ok().map(|()| operation)
    }

    /// Asks, and waits where the line is busy. `None` when it is gone.
    pub async fn ask_in_turn(&mut self, wish: Wish) -> Option<OperationId> {
        let (operation, call) = self.call(wish);
        self.to.send(call).await.ok().map(|()| operation)
    }

    /// Signs out and ends the connection, which takes that this line is kept until the last report has come.
    pub async fn sign_out(&self) {
        // A connection that has ended is signed out as far as it will ever be.
        let _ = self.to.send(ToNet::SignOut(Read::new())).await;
    }
}

/// Starts to connect, as [`super::start`] does; no channel is activated, since who watches takes no sessions.
pub fn start(settings: Settings) -> (Line, mpsc::Receiver<FromNet>, JoinHandle<()>) {
    let (to, from, task) = super::start(settings);
    (Line { to, name: format!("watch-{:08x}{:08x}", chance(), chance()), count: 0 }, from, task)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Millis;
    use crate::proto::decode;
    use serde_json::json;

    fn read(state: &str, mode: Option<&str>) -> Interaction {
        let dto = json!({"id": "i", "state": state, "monitorMode": mode});
        decode::interaction(&serde_json::from_value(dto).unwrap(), Millis(0))
    }

    #[test]
    fn only_a_silent_preview_can_be_accepted() {
        assert!(Preview::of(&read("Invited", Some("Monitor"))).is_some());
        for (state, mode) in [
            ("Invited", None),
            ("Invited", Some("Coach")),
            ("Invited", Some("Bargein")),
            ("Processing", Some("Monitor")),
        ] {
            assert_eq!(Preview::of(&read(state, mode)), None, "{state} {mode:?}");
        }
    }

    #[test]
    fn what_is_posted_begins_looks_or_ends_and_says_that_it_is_silent() {
        let preview = Preview::of(&read("Invited", Some("Monitor"))).unwrap();
        let all = [
            Wish::Groups,
            Wish::Agents(vec!["Sales & more".into()]),
            Wish::Log { media: "chat".into(), id: "i".into(), part: LogQuery::default() },
            Wish::Start("ana".into()),
            Wish::Stop("ana".into()),
            Wish::Accept { preview, nickname: "Sam".into() },
        ];
        let posted: Vec<String> = all
            .into_iter()
            .map(|wish| Request::from(wish).call(&"op".into()))
            .filter(|call| call.method != "GET")
            .map(|call| format!("{} {}", call.path, call.body.unwrap()["data"]))
            .collect();
        let media = "/workspace/v3/media/whatsappsession";
        let wanted = [
            format!(
                r#"{media}/start-monitoring {{"agentId":"ana","monitoringMode":"Monitor","monitoringNextInteractionType":"AllInteractions"}}"#
            ),
            format!(r#"{media}/stop-monitoring {{"agentId":"ana"}}"#),
            format!(r#"{media}/interactions/i/accept {{"nickname":"Sam"}}"#),
        ];
        assert_eq!(posted, wanted);
    }
}
