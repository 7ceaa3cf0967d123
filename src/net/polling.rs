//! Long-polling: every array is an HTTP request, and the server holds the one with the connect message.
//!
//! Invariants: besides the held request, there is at most one request at a time, in order.

use super::carrier_event::CarrierEvent;
use super::http::{Cookies, Http, HttpReply, TransportError};
use crate::proto::bayeux::{self, BayeuxMessage};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::task::JoinSet;

struct Done {
    messages: Vec<BayeuxMessage>,
    result: Result<HttpReply, TransportError>,
}

/// A carrier over HTTP requests.
#[derive(Debug)]
pub(super) struct Polling {
    http: Http,
    cookies: Cookies,
    requests: JoinSet<Done>,
    /// The arrays behind the one in flight: a handful, as many as the Bayeux client sends.
    waiting: VecDeque<(Vec<BayeuxMessage>, Duration)>,
    busy: bool,
}

fn connects(messages: &[BayeuxMessage]) -> bool {
    messages.iter().any(|message| message.channel == bayeux::CONNECT)
}

impl Polling {
    /// A carrier for a workspace session.
    pub fn new(http: Http, cookies: Cookies) -> Self {
        Self { http, cookies, requests: JoinSet::new(), waiting: VecDeque::new(), busy: false }
    }

    /// The cookies that the server set last.
    pub fn cookies(&self) -> &Cookies {
        &self.cookies
    }

    /// Sends an array after those before it.
    pub fn send(&mut self, messages: Vec<BayeuxMessage>, limit: Duration) {
        if connects(&messages) {
            self.go(messages, limit);
        } else if self.busy {
            self.waiting.push_back((messages, limit));
        } else {
            self.busy = true;
            self.go(messages, limit);
        }
    }

    fn go(&mut self, messages: Vec<BayeuxMessage>, limit: Duration) {
        let (http, cookies) = (self.http.clone(), self.cookies.clone());
        self.requests.spawn(async move {
            let result = http.bayeux(&cookies, &messages, limit).await;
            Done { messages, result }
        });
    }

    /// The next report. Cancel-safe.
    pub async fn next(&mut self) -> CarrierEvent {
        let Some(done) = self.requests.join_next().await else {
            // No request is in flight, so there is nothing to report.
            return std::future::pending().await;
        };
        let Ok(Done { messages, result }) = done else {
            return CarrierEvent::Broken("a request ended without a result".to_owned());
        };
        if let Ok(reply) = &result {
            self.cookies.update_from(&reply.headers);
        }
        if !connects(&messages) {
            match self.waiting.pop_front() {
                Some((messages, limit)) => self.go(messages, limit),
                None => self.busy = false,
            }
        }
        match result {
            Ok(reply) => match reply.status.as_u16() {
                200 => match bayeux::parse(&reply.body) {
                    Ok(replies) if !replies.is_empty() => CarrierEvent::Received(replies),
                    _ => CarrierEvent::Failed(messages),
                },
                401..=403 => CarrierEvent::Unauthorised(format!("the server answers HTTP {}", reply.status)),
                status => {
                    tracing::debug!(status, "a poll was answered without messages");
                    CarrierEvent::Failed(messages)
                }
            },
            Err(TransportError::NotReached(why)) => CarrierEvent::Broken(why),
            Err(TransportError::NoAnswer(why)) => {
                tracing::debug!(why, "a poll was not answered");
                CarrierEvent::Failed(messages)
            }
        }
    }
}
