//! `kill -9` of the gateway, again and again, while customers and agents write.

use super::api::{Agent, Answer};
use super::rig::{NUMBER, Setup, World, http, post, until};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

const WEBHOOKS: usize = 1000;
const CUSTOMERS: usize = 50;
/// By agents, to each customer.
const ANSWERS: usize = 4;
const POSTERS: usize = 12;

/// What everybody knows.
struct Run {
    http: reqwest::Client,
    /// Where the gateway is.
    url: watch::Sender<String>,
    next: AtomicUsize,
    posted: watch::Sender<usize>,
    answered: watch::Sender<usize>,
}

impl Run {
    /// After no answer: until there is another gateway, or a moment has passed.
    async fn breathe(&self, url: &str) {
        let mut news = self.url.subscribe();
        let _ = timeout(Duration::from_millis(100), news.wait_for(|now| now != url)).await;
    }

    fn address(&self) -> String {
        self.url.borrow().clone()
    }
}

fn webhook(number: usize) -> String {
    let customer = format!("346{:08}", number % CUSTOMERS);
    let message = json!({"from": customer, "id": format!("wamid.{number}"), "type": "text",
        "timestamp": jiff::Timestamp::now().as_second().to_string(), "text": {"body": format!("w{number}")}});
    let contact = json!({"profile": {"name": customer}, "wa_id": customer});
    let value = json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message],
        "metadata": {"display_phone_number": "15550100000", "phone_number_id": NUMBER}});
    json!({"object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]})
    .to_string()
}

/// Posts as WhatsApp does: until it is answered with 200, and sometimes once more.
async fn poster(run: Arc<Run>) {
    loop {
        let number = run.next.fetch_add(1, Ordering::Relaxed);
        if number >= WEBHOOKS {
            return;
        }
        let body = webhook(number);
        for _ in 0..if number.is_multiple_of(5) { 2 } else { 1 } {
            loop {
                let url = run.address();
                if post(&run.http, &url, body.clone()).await == Some(200) {
                    break;
                }
                run.breathe(&url).await;
            }
        }
        run.posted.send_modify(|count| *count += 1);
    }
}

/// An act that is repeated under its name until its outcome is known.
#[derive(Clone)]
struct Wish {
    session: String,
    act: &'static str,
    operation: String,
    data: Value,
}

/// What an agent has done for sure.
#[derive(Default)]
struct Done {
    accepted: BTreeSet<String>,
    /// Texts.
    sent: BTreeSet<String>,
}

/// Accepts what is offered and answers each customer.
async fn agent(run: Arc<Run>, user: &'static str) -> Done {
    let mut done = Done::default();
    let mut asked = BTreeSet::new();
    let mut wishes: VecDeque<Wish> = VecDeque::new();
    'signed_in: loop {
        let url = run.address();
        let Some(agent) = Agent::with_password(&run.http, &url, user).await else {
            run.breathe(&url).await;
            continue;
        };
        while *run.answered.borrow() < CUSTOMERS * ANSWERS {
            if wishes.is_empty() {
                let Some(offers) = agent.sessions("Invited").await else {
                    run.breathe(&url).await;
                    continue 'signed_in;
                };
                for (session, _) in offers.into_iter().filter(|(session, _)| asked.insert(session.clone())) {
                    let operation = format!("{user}-accept-{session}");
                    wishes.push_back(Wish { session, act: "accept", operation, data: json!({}) });
                }
            }
            let Some(wish) = wishes.pop_front() else {
                run.breathe(&url).await;
                continue;
            };
            match agent.act(&wish.session, wish.act, &wish.operation, wish.data.clone()).await {
                Answer::Done(_) if wish.act == "accept" => {
                    for number in 0..ANSWERS {
                        let text = format!("{user} to {} {number}", wish.session);
                        wishes.push_back(Wish {
                            session: wish.session.clone(),
                            act: "send-message",
                            operation: text.clone(),
                            data: json!({"message": text, "visibility": "All"}),
                        });
                    }
                    done.accepted.insert(wish.session);
                }
                Answer::Done(envelope) => {
                    assert_eq!(envelope["status"]["code"], 1, "{envelope}");
                    done.sent.insert(wish.operation);
                    run.answered.send_modify(|count| *count += 1);
                }
                Answer::Refused(status @ (400 | 404 | 409 | 410), why) => {
                    panic!("{user} {} {}: {status} {why}", wish.act, wish.session)
                }
                Answer::Refused(..) | Answer::Unknown => {
                    wishes.push_front(wish);
                    run.breathe(&url).await;
                    continue 'signed_in;
                }
            }
        }
        return done;
    }
}

/// Message entries of the log: texts with how often they stand there, of customers and of agents.
fn logged(world: &World) -> (BTreeMap<String, usize>, BTreeMap<String, usize>) {
    let (mut customers, mut agents) = (BTreeMap::new(), BTreeMap::new());
    for (of_customer, text) in world.history() {
        *(if of_customer { &mut customers } else { &mut agents }).entry(text).or_insert(0) += 1;
    }
    (customers, agents)
}

/// Texts of agents' messages by how sending ended.
fn outcomes(world: &World, kind: &str) -> BTreeSet<String> {
    let data = world.data();
    let sql = "SELECT m.body FROM event e JOIN message m
        ON m.interaction = json_extract(e.body, '$.interaction') AND m.idx = json_extract(e.body, '$.index')
        WHERE e.kind = ?1";
    let mut wanted = data.prepare(sql).unwrap();
    let bodies = wanted.query_map([kind], |row| row.get::<_, String>(0)).unwrap();
    let text =
        |body: String| serde_json::from_str::<Value>(&body).unwrap()["text"].as_str().unwrap().to_owned();
    bodies.map(|body| text(body.unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gateway_kills_lose_and_double_nothing() {
    let setup = Setup {
        agents: &["ana", "ben"],
        capacity: 60,
        gateway: "grace = 3600\nunknown-outcome-wait = 1",
        ..Setup::default()
    };
    let mut world = World::new(setup).await;
    let run = Arc::new(Run {
        http: http(),
        url: watch::Sender::new(world.gateway.url()),
        next: AtomicUsize::new(0),
        posted: watch::Sender::new(0),
        answered: watch::Sender::new(0),
    });
    let agents = ["ana", "ben"].map(|user| tokio::spawn(agent(Arc::clone(&run), user)));
    let posters: Vec<_> = (0..POSTERS).map(|_| tokio::spawn(poster(Arc::clone(&run)))).collect();
    let (mut posted, mut answered) = (run.posted.subscribe(), run.answered.subscribe());
    for moment in 1..=4 {
        posted.wait_for(|count| *count >= moment * WEBHOOKS / 5).await.unwrap();
        world.kill_and_restart();
        run.url.send_replace(world.gateway.url());
        answered.wait_for(|count| *count >= moment * CUSTOMERS * ANSWERS / 5).await.unwrap();
        world.kill_and_restart();
        run.url.send_replace(world.gateway.url());
    }
    for poster in posters {
        poster.await.unwrap();
    }
    let [ana, ben] = agents;
    let (ana, ben) = (ana.await.unwrap(), ben.await.unwrap());

    // Ownership: as it was accepted, nobody's twice, nothing lost.
    assert_eq!(ana.accepted.intersection(&ben.accepted).count(), 0);
    assert_eq!(ana.accepted.len() + ben.accepted.len(), CUSTOMERS);
    let (client, url) = (run.http.clone(), world.gateway.url());
    for (user, done) in [("ana", &ana), ("ben", &ben)] {
        let agent = until("a sign-in", async || Agent::with_password(&client, &url, user).await).await;
        let mine = agent.sessions("Processing").await.unwrap().into_iter().map(|(session, _)| session);
        assert_eq!(mine.collect::<BTreeSet<_>>(), done.accepted, "{user}");
    }

    // Everything that goes to WhatsApp has come to an end.
    let sent: BTreeSet<String> = ana.sent.union(&ben.sent).cloned().collect();
    assert_eq!(sent.len(), CUSTOMERS * ANSWERS);
    until("the end of every send", async || {
        let ended = outcomes(&world, "send_accepted").len() + outcomes(&world, "send_failed").len();
        (ended >= sent.len()).then_some(())
    })
    .await;
    assert!(world.stop().success());

    let (customers, answers) = logged(&world);
    let expected: BTreeMap<String, usize> = (0..WEBHOOKS).map(|n| (format!("w{n}"), 1)).collect();
    assert_eq!(customers, expected);
    assert_eq!(answers, sent.iter().map(|text| (text.clone(), 1)).collect());
    assert_eq!(world.sessions().len(), CUSTOMERS);
    let confirmed = outcomes(&world, "send_accepted");
    let mut reached: BTreeMap<String, usize> = BTreeMap::new();
    for raw in world.graph.bodies() {
        let body: Value = serde_json::from_slice(&raw).unwrap();
        if let Some(text) = body["text"]["body"].as_str() {
            *reached.entry(text.to_owned()).or_insert(0) += 1;
        }
    }
    assert_eq!(reached.values().find(|count| **count > 1), None, "{reached:?}");
    assert_eq!(confirmed.iter().find(|text| !reached.contains_key(*text)), None);
    let unconfirmed = outcomes(&world, "send_failed");
    assert_eq!(sent.difference(&confirmed).cloned().collect::<BTreeSet<_>>(), unconfirmed);
    // In eight kills at most what was on its way then.
    assert!(unconfirmed.len() < sent.len() / 2, "{unconfirmed:?}");
    eprintln!("{} of {} sends were not confirmed", unconfirmed.len(), sent.len());
}
