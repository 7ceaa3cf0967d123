//! Simulated colleagues of the demo's agent, so that transfers, conferences and consultations can be tried alone.
//!
//! Owns: when they accept, reject or answer, and what they write. Must not: use anything of the gateway but its Workspace
//! API, over the network as a console does.
//! Invariants: the seed decides every delay and every text; a person who signs in as one of them replaces them for good;
//! an idle colleague sets no timer.

use super::clock;
use super::live_view::{LiveViewClient, LiveViewEvent};
use crate::domain::agent::AgentState;
use crate::domain::interaction::{Interaction, InteractionState, MEDIA_TYPE};
use crate::domain::message::{Body, Message, Side, Visibility};
use crate::domain::{InteractionId, OperationId};
use crate::gateway::customers::Tempo;
use crate::gateway::customers::prng::Prng;
use crate::net::{self, ConnectionSettings, FromNet, LinkState, ToNet};
use crate::proto::decode;
use crate::proto::event::Event;
use crate::proto::media::{InteractionDto, MediaDto};
use crate::proto::request::Request;
use crate::proto::session::SessionDto;
use std::collections::BTreeMap;
use std::future::pending;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// How a colleague treats invitations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// Accepts it after a few seconds.
    Accepts,
    /// Rejects it after a few seconds.
    Rejects,
    /// Lets it expire.
    Ignores,
}

/// The agents by user name; the demo's configuration has their skills and groups.
const AGENTS: [(&str, Manner); 3] =
    [("kate", Manner::Accepts), ("noah", Manner::Rejects), ("ivy", Manner::Ignores)];
/// The supervisor, who monitors every agent silently.
const SUPERVISOR: &str = "vera";

/// The request that must succeed before a colleague can be Ready.
const ACTIVATE: &str = "activate-channels";

/// The first message to a customer, and the following ones.
const GREETINGS: [&str; 3] = [
    "Hello, I am Kate. I am reading what you have written so far.",
    "Hi, this is Kate. Give me a moment to read, please.",
    "Hello, Kate here. I will look into this for you.",
];
const ANSWERS: [&str; 6] = [
    "Thank you, I see it now.",
    "I have asked the warehouse and will tell you as soon as they answer.",
    "That is possible. I have noted it for you.",
    "I am sorry about that. I will put it right today.",
    "Let me check … yes, that is correct.",
    "Is there anything else that I can do for you?",
];
/// Messages to the agent who asked for advice.
const ADVICE: [&str; 4] = [
    "Hi! Tell me what it is about.",
    "I had the same last week: offer them a new delivery.",
    "Yes, that is within the rules.",
    "I can take it over if you like.",
];

/// Milliseconds at normal pace until an invitation is answered.
const DECIDING: (u64, u64) = (2_000, 5_000);
/// Milliseconds at normal pace that writing an answer takes.
const WRITING: (u64, u64) = (3_000, 8_000);
/// Milliseconds of silence at normal pace after which a colleague finishes a session, or leaves it.
const SILENCE: u64 = 60_000;
/// Milliseconds at normal pace until a colleague who was made Not Ready by an expired invitation is Ready
/// again.
const BACK: u64 = 15_000;
/// How many messages a colleague who has joined a conference writes to the customer.
const MESSAGES_OF_A_GUEST: usize = 2;

/// The colleagues; dropping this signs them out.
#[derive(Debug)]
pub struct Colleagues {
    #[expect(dead_code, reason = "held for its drop, which ends them")]
    tasks: JoinSet<()>,
}

/// Signs in all of them. `connect` returns the connection settings for a user name.
pub fn start(connect: impl Fn(&str) -> ConnectionSettings, seed: u64, tempo: Tempo) -> Colleagues {
    let mut tasks = JoinSet::new();
    for (number, (user, manner)) in AGENTS.into_iter().enumerate() {
        let prng = Prng::new(seed).fork(number as u64);
        let colleague = SimulatedColleague::new(user, manner, prng, tempo);
        tasks.spawn(work(connect(user), colleague));
    }
    tasks.spawn(supervise(connect(SUPERVISOR)));
    Colleagues { tasks }
}

/// Monitors every agent, silently, until somebody else signs in as the supervisor.
async fn supervise(settings: ConnectionSettings) {
    let mut client = LiveViewClient::start(settings);
    while !matches!(client.next().await, LiveViewEvent::Stopped(_)) {}
}

/// Works as a colleague until somebody else signs in as the same agent.
async fn work(settings: ConnectionSettings, mut colleague: SimulatedColleague) {
    let (to, mut from, _connection) = net::start(settings);
    // Two runs on the same data must not use the same request ID.
    let run = clock::now().0;
    let mut count = 0_u64;
    loop {
        let due = colleague.due();
        let wait = async {
            match due {
                Some(due) => sleep_until(due).await,
                None => pending().await,
            }
        };
        let requests = tokio::select! {
            report = from.recv() => match report {
                None | Some(FromNet::Link(LinkState::Stopped { .. })) => return,
                Some(report) => colleague.take(report, Instant::now()),
            },
            () = wait => colleague.act(Instant::now()),
        };
        for request in requests {
            count += 1;
            let operation = OperationId::from(format!("{}-{run:x}-{count}", colleague.user));
            if to.send(ToNet::Call { operation, request }).await.is_err() {
                return;
            }
        }
    }
}

/// The next action of a colleague in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ColleagueAction {
    Accept,
    Reject,
    Write,
    End,
}

/// A session from a colleague's point of view.
#[derive(Debug, Default)]
struct Participation {
    /// Whether an invitation was seen, and whether it was accepted.
    invited: bool,
    active: bool,
    /// Whether only the agent who asked sees what is written.
    advises: bool,
    /// Whether nobody else serves the customer.
    alone: bool,
    me: String,
    written: usize,
    /// The number of the last entry that was read.
    seen: u64,
    next: Option<(Instant, ColleagueAction)>,
}

/// A simulated agent: its decisions, without a connection.
#[derive(Debug)]
struct SimulatedColleague {
    user: &'static str,
    manner: Manner,
    prng: Prng,
    tempo: Tempo,
    employee: String,
    participations: BTreeMap<InteractionId, Participation>,
    /// When to become Ready again.
    back: Option<Instant>,
}

impl SimulatedColleague {
    const fn new(user: &'static str, manner: Manner, prng: Prng, tempo: Tempo) -> Self {
        Self {
            user,
            manner,
            prng,
            tempo,
            employee: String::new(),
            participations: BTreeMap::new(),
            back: None,
        }
    }

    /// When the next action is due, if any.
    fn due(&self) -> Option<Instant> {
        let participations = self.participations.values().filter_map(|part| part.next.map(|(due, _)| due));
        participations.chain(self.back).min()
    }

    /// Processes a report of the connection; returns the requests to send at once.
    fn take(&mut self, report: FromNet, now: Instant) -> Vec<Request> {
        match report {
            FromNet::SessionStarted { session, .. } => self.sign_in(&session, now),
            FromNet::Reply { request_name: ACTIVATE, result: Ok(_), .. } => vec![ready()],
            FromNet::Event(Event::Interaction { interaction, .. }) => {
                self.interaction(&interaction, now);
                Vec::new()
            }
            FromNet::Event(Event::Messages { interaction_id, messages, .. }) => {
                for message in messages.iter().map(decode::message) {
                    self.message(&interaction_id.as_str().into(), &message, now);
                }
                Vec::new()
            }
            FromNet::Event(Event::Channels(media)) => {
                self.channels(&media, now);
                Vec::new()
            }
            FromNet::Event(_) | FromNet::Link(_) | FromNet::Reply { .. } | FromNet::Latency(_) => Vec::new(),
        }
    }

    fn sign_in(&mut self, session: &SessionDto, now: Instant) -> Vec<Request> {
        let Some(user) = &session.user else { return Vec::new() };
        self.employee.clone_from(&user.employee_id);
        self.participations.clear();
        let channels = user.active_session.iter().flat_map(|active| &active.media.channels);
        for open in channels.flat_map(|channel| &channel.interactions) {
            if let Ok(dto) = serde_json::from_value::<InteractionDto>(open.clone()) {
                self.interaction(&dto, now);
            }
        }
        let agent_id = user.agent_login.clone().unwrap_or_else(|| user.employee_id.clone());
        vec![Request::ActivateChannels { agent_id, place: user.default_place.clone() }]
    }

    fn interaction(&mut self, dto: &InteractionDto, now: Instant) {
        let interaction = decode::interaction(dto, clock::now());
        match &interaction.state {
            InteractionState::Invited => {
                let after = self.after(DECIDING);
                let act = match self.manner {
                    Manner::Accepts => Some(ColleagueAction::Accept),
                    Manner::Rejects => Some(ColleagueAction::Reject),
                    Manner::Ignores => None,
                };
                let part = self.participations.entry(interaction.id).or_default();
                if !part.invited {
                    *part = Participation {
                        invited: true,
                        next: act.map(|act| (now + after, act)),
                        ..Participation::default()
                    };
                }
            }
            InteractionState::Active(_) => self.active(&interaction, now),
            InteractionState::Revoked
            | InteractionState::InWorkbin
            | InteractionState::Queued
            | InteractionState::Completed
            | InteractionState::Canceled => {
                self.participations.remove(&interaction.id);
            }
        }
    }

    /// A session in which this colleague takes part. A colleague who has just joined writes, and so does a consulted one
    /// who now handles the session.
    fn active(&mut self, interaction: &Interaction, now: Instant) {
        let after = self.after(WRITING);
        let others = interaction.others(&self.employee).any(|other| !other.supervises);
        let advises = interaction.am_consulted();
        let part = self.participations.entry(interaction.id.clone()).or_default();
        let is_new = !part.active || (part.advises && !advises);
        if is_new {
            part.written = 0;
            part.next = Some((now + after, ColleagueAction::Write));
        }
        part.active = true;
        part.invited = false;
        part.advises = advises;
        part.alone = !others;
        if let Some(me) = &interaction.my_participant {
            me.as_str().clone_into(&mut part.me);
        }
    }

    fn message(&mut self, id: &InteractionId, message: &Message, now: Instant) {
        let after = self.after(WRITING);
        let Some(part) = self.participations.get_mut(id).filter(|part| part.active) else { return };
        let is_new = message.index > part.seen;
        part.seen = part.seen.max(message.index);
        let says_something =
            matches!(message.body, Body::Text(_) | Body::Url(_) | Body::Media(_) | Body::Placeholder(_));
        let is_for_me = match message.side {
            Side::Customer => !part.advises && (part.alone || part.written < MESSAGES_OF_A_GUEST),
            Side::Agent => part.advises && message.participant.as_str() != part.me,
            Side::Supervisor | Side::System => false,
        };
        if is_new && says_something && is_for_me {
            // One answer is for everything that arrives while it is written.
            part.next = Some((now + after, ColleagueAction::Write));
        }
    }

    fn channels(&mut self, media: &MediaDto, now: Instant) {
        for channel in media.channels.iter().filter(|channel| channel.name == MEDIA_TYPE) {
            let state = decode::channel(channel, |_| None).state;
            self.back = (state == AgentState::NotReady).then(|| now + self.tempo.millis(BACK));
        }
    }

    /// Runs the actions that are due.
    fn act(&mut self, now: Instant) -> Vec<Request> {
        let mut requests = Vec::new();
        if self.back.take_if(|back| *back <= now).is_some() {
            requests.push(ready());
        }
        let silence = self.tempo.millis(SILENCE);
        for (id, part) in &mut self.participations {
            let Some((_, act)) = part.next.take_if(|(due, _)| *due <= now) else { continue };
            let id = id.clone();
            requests.push(match act {
                ColleagueAction::Accept => Request::Accept { id, nickname: "Kate".to_owned() },
                ColleagueAction::Reject => Request::Reject(id),
                ColleagueAction::Write => {
                    let text = text(part, &mut self.prng).to_owned();
                    let to = if part.advises { Visibility::Agent } else { Visibility::All };
                    part.written += 1;
                    // A consultation continues until the agent who requested it ends it.
                    part.next = (!part.advises).then(|| (now + silence, ColleagueAction::End));
                    Request::SendMessage { id, text, to }
                }
                ColleagueAction::End if part.alone => Request::Complete { id, read: part.seen },
                ColleagueAction::End => Request::Leave { id, read: part.seen },
            });
        }
        requests
    }

    fn after(&mut self, (least, most): (u64, u64)) -> std::time::Duration {
        self.tempo.millis(self.prng.between(least, most))
    }
}

fn ready() -> Request {
    Request::Ready { channel: MEDIA_TYPE.to_owned() }
}

fn text(part: &Participation, prng: &mut Prng) -> &'static str {
    let texts: &[&str] = match (part.advises, part.written) {
        (true, 0) => ADVICE.get(..1).unwrap_or_default(),
        (true, _) => ADVICE.get(1..).unwrap_or_default(),
        (false, 0) => &GREETINGS,
        (false, _) => &ANSWERS,
    };
    let last = texts.len().saturating_sub(1);
    let index = usize::try_from(prng.between(0, last as u64)).unwrap_or(0);
    texts.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};
    use std::time::Duration;

    fn colleague(manner: Manner) -> SimulatedColleague {
        SimulatedColleague::new("kate", manner, Prng::new(1), Tempo::new(1.0))
    }

    fn interaction(state: &str, participants: Json) -> FromNet {
        let chat = json!({"participants": participants, "myParticipantId": "k"});
        let dto = json!({"id": "i", "mediatype": MEDIA_TYPE, "state": state, "chat": chat});
        let interaction = Box::new(serde_json::from_value(dto).unwrap());
        let notification = "StatusChange".to_owned();
        FromNet::Event(Event::Interaction { interaction, notification, operation_id: None })
    }

    fn party(id: &str, visibility: &str) -> Json {
        json!({"participantId": id, "type": "Agent", "nickname": id, "visibility": visibility, "personId": id})
    }

    fn message(index: u64, from: &str, id: &str) -> FromNet {
        let dto =
            json!({"index": index, "type": "Text", "text": "x", "from": {"participantId": id, "type": from}});
        let messages = vec![serde_json::from_value(dto).unwrap()];
        FromNet::Event(Event::Messages { interaction_id: "i".to_owned(), messages, operation_id: None })
    }

    /// Waits for the next action that is due, and runs it.
    fn next(colleague: &mut SimulatedColleague) -> Option<Request> {
        let due = colleague.due()?;
        let mut requests = colleague.act(due);
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests.pop()
    }

    fn after(colleague: &SimulatedColleague, now: Instant) -> Duration {
        colleague.due().unwrap().duration_since(now)
    }

    #[test]
    fn each_colleague_decides_on_invitations_in_their_manner() {
        let now = Instant::now();
        for (manner, wanted) in [
            (Manner::Accepts, Some(Request::Accept { id: "i".into(), nickname: "Kate".to_owned() })),
            (Manner::Rejects, Some(Request::Reject("i".into()))),
            (Manner::Ignores, None),
        ] {
            let mut colleague = colleague(manner);
            assert_eq!(colleague.take(interaction("Invited", json!([])), now), []);
            let due = colleague.due();
            assert!(due.is_none_or(|_| after(&colleague, now) >= Duration::from_secs(2)));
            // Reported again, it is the same invitation.
            colleague.take(interaction("Invited", json!([])), now + Duration::from_secs(1));
            assert_eq!(colleague.due(), due);
            assert_eq!(next(&mut colleague), wanted);
        }
    }

    #[test]
    fn a_colleague_with_the_session_answers_and_ends_it() {
        let now = Instant::now();
        let mut kate = colleague(Manner::Accepts);
        kate.take(interaction("Processing", json!([party("k", "All")])), now);
        for index in 1..=4 {
            let written = next(&mut kate);
            assert!(matches!(written, Some(Request::SendMessage { to: Visibility::All, .. })), "{written:?}");
            kate.take(message(index, "Customer", "c"), now);
        }
        assert!(matches!(next(&mut kate), Some(Request::SendMessage { .. })));
        assert_eq!(next(&mut kate), Some(Request::Complete { id: "i".into(), read: 4 }));
        kate.take(interaction("Completed", json!([])), now);
        assert_eq!(kate.due(), None);
    }

    #[test]
    fn a_colleague_in_a_conference_writes_little_and_leaves() {
        let now = Instant::now();
        let mut kate = colleague(Manner::Accepts);
        let both = json!([party("a", "All"), party("k", "All")]);
        kate.take(interaction("Processing", both), now);
        for index in 1..=MESSAGES_OF_A_GUEST as u64 {
            assert!(matches!(next(&mut kate), Some(Request::SendMessage { .. })));
            kate.take(message(index, "Customer", "c"), now);
        }
        assert_eq!(
            next(&mut kate),
            Some(Request::Leave { id: "i".into(), read: MESSAGES_OF_A_GUEST as u64 })
        );
    }

    #[test]
    fn a_consulted_colleague_writes_to_the_agent_only() {
        let now = Instant::now();
        let mut kate = colleague(Manner::Accepts);
        kate.take(interaction("Processing", json!([party("a", "All"), party("k", "Agent")])), now);
        assert!(matches!(next(&mut kate), Some(Request::SendMessage { to: Visibility::Agent, .. })));
        // She has to answer neither the customer nor her own messages.
        kate.take(message(1, "Customer", "c"), now);
        kate.take(message(2, "Agent", "k"), now);
        assert_eq!(kate.due(), None);
        kate.take(message(3, "Agent", "a"), now);
        assert!(matches!(next(&mut kate), Some(Request::SendMessage { to: Visibility::Agent, .. })));
        kate.take(interaction("Processing", json!([party("k", "All")])), now);
        assert!(matches!(next(&mut kate), Some(Request::SendMessage { to: Visibility::All, .. })));
    }

    #[test]
    fn a_colleague_made_not_ready_becomes_ready_again() {
        let now = Instant::now();
        let mut ivy = colleague(Manner::Ignores);
        let channels = |state: &str| {
            let media = json!({"channels": [{"name": MEDIA_TYPE, "state": state}]});
            FromNet::Event(Event::Channels(serde_json::from_value(media).unwrap()))
        };
        ivy.take(channels("NotReady"), now);
        assert_eq!(next(&mut ivy), Some(ready()));
        ivy.take(channels("Ready"), now);
        assert_eq!(ivy.due(), None);
    }
}
