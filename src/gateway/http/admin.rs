//! Health and metrics, on a separate listener.

use crate::domain::agent::AgentState;
use crate::gateway::services::Services;
use crate::gateway::writer::model::account::Account;
use crate::gateway::writer::model::views::StatusSnapshot;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long the writer may take before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(5);

/// The routes of the admin listener. They need no password: bind it to an address that only operators reach.
pub fn router(services: &Arc<Services>) -> Router {
    Router::new()
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .with_state(Arc::clone(services))
}

async fn status(services: &Services) -> Option<StatusSnapshot> {
    timeout(PATIENCE, services.writer.status()).await.ok()?.ok()
}

async fn health(State(services): State<Arc<Services>>) -> (StatusCode, &'static str) {
    match status(&services).await {
        Some(_) => (StatusCode::OK, "ok\n"),
        None => (StatusCode::SERVICE_UNAVAILABLE, "the writer does not answer\n"),
    }
}

async fn metrics(State(services): State<Arc<Services>>) -> Response {
    match status(&services).await {
        Some(board) => {
            let text = write(&board, services.hub.clients(), &services.writer.account().borrow());
            ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
        }
        None => (StatusCode::SERVICE_UNAVAILABLE, "the writer does not answer\n").into_response(),
    }
}

/// Metrics in Prometheus's text format.
fn write(board: &StatusSnapshot, clients: usize, account: &Account) -> String {
    let mut out = String::new();
    let mut family = |name: &str, kind: &str, help: &str, rows: Vec<(String, u64)>| {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "# HELP deskline_{name} {help}\n# TYPE deskline_{name} {kind}");
        for (labels, value) in rows {
            let _ = writeln!(out, "deskline_{name}{labels} {value}");
        }
    };
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let one = |n: u64| vec![(String::new(), n)];
    family("clients", "gauge", "Clients that are signed in.", one(count(clients)));
    family(
        "sessions_open",
        "gauge",
        "Sessions that are open, waiting ones included.",
        one(count(board.open)),
    );
    let queues = board.queues.iter();
    let rows = queues.map(|(name, n)| (format!("{{queue=\"{}\"}}", escaped(name)), count(*n))).collect();
    family("queue_waiting", "gauge", "Sessions that wait in a queue.", rows);
    let states = [
        ("ready", AgentState::Ready),
        ("not_ready", AgentState::NotReady),
        ("after_call_work", AgentState::AfterCallWork),
        ("do_not_disturb", AgentState::DoNotDisturb),
        ("logged_out", AgentState::LoggedOut),
    ];
    let rows = states.map(|(word, state)| {
        let n = board.agents.iter().filter(|(_, other, ..)| *other == state).count();
        (format!("{{state=\"{word}\"}}"), count(n))
    });
    family("agents", "gauge", "Agents by state.", rows.to_vec());
    let rows = board.not_routed.iter().map(|(why, n)| (format!("{{why=\"{}\"}}", why.word()), *n)).collect();
    family("not_routed_total", "counter", "WhatsApp messages that were withheld from agents.", rows);
    let troubles = account.troubles.iter();
    let rows = troubles.map(|one| (format!("{{topic=\"{}\"}}", escaped(&one.change.topic)), 1)).collect();
    family("account_trouble", "gauge", "Current troubles of the account at WhatsApp.", rows);
    let help = "Changes of the account at WhatsApp that were reported.";
    family("account_changes_total", "counter", help, one(account.told));
    family("events_total", "counter", "Entries in the event log.", one(board.events));
    out
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queues_name_cannot_break_the_metrics() {
        let board = StatusSnapshot {
            queues: vec![("a\"\n\\".into(), 3)],
            agents: vec![("ana".into(), AgentState::Ready, 1, 4)],
            events: 9,
            open: 4,
            ..StatusSnapshot::default()
        };
        let text = write(&board, 2, &Account::default());
        assert!(text.contains("deskline_queue_waiting{queue=\"a\\\"\\n\\\\\"} 3\n"), "{text}");
        assert!(text.contains("deskline_agents{state=\"ready\"} 1\n"));
        assert!(text.contains("deskline_events_total 9\n") && text.contains("deskline_clients 2\n"));
    }
}
