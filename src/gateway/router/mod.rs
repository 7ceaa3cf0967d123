//! Who gets which interaction.
//!
//! Owns: queues, offers, owners, and the decision which agent is offered which interaction, with its explanation.
//! Must not: read a clock, use randomness, or do any input or output. Time is an argument of type
//! [`Millis`](crate::domain::Millis).
//! Invariants:
//! - The state follows from the [`Fact`]s that were applied and from nothing else. The same facts, setup and
//!   clock give the same decisions.
//! - An interaction is offered to at most one agent at a time, and an offer has a number, so a late
//!   answer to an old offer has no effect.
//! - Sessions that count plus offers never exceed an agent's capacity by more than
//!   [`RoutingRules::wake_over_cap`], except for what a supervisor assigns or the agent takes ([`Fact::Assigned`]).
//!
//! Usage: a command such as [`Router::accept`] returns facts. Log them and [`Router::apply`] them. Then call
//! [`Router::step`], which has applied the facts that it returns, so log them before anything acts on them. Sleep until
//! [`Router::next_deadline`]. If the log cannot be written after a step, the router is ahead of the log and must be built
//! again from it.

mod agent;
mod apply;
mod commands;
mod decide;
mod decision;
mod due;
mod explain;
mod fact;
mod interaction;
mod lanes;
mod offers;
mod reason;
mod setup;
mod state;
mod timers;
mod views;

pub use agent::Counters;
pub use commands::{ColleagueRequest, RoutingError};
pub use decision::{Candidate, Decision, Eligibility, MOST_LISTED, Priority, SelectionReason};
pub use explain::{Explanation, HistoryEvent, HistoryEventKind, Placement};
pub use fact::{CandidateFilter, Enqueued, Fact, WorkState};
pub use reason::{GoneReason, ReleaseReason, RequeueReason, RevokeReason, TargetFailure};
pub use setup::{AgentSetup, QueueSetup, Relax, RouterSetup, RoutingRules, SelectionStrategy, Skills};
pub use state::Router;
pub use views::{AgentView, Position};
