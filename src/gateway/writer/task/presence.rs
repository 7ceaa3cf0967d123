//! Whether people are connected.
//!
//! Owns: what a lost or new connection means to the router and to supervisors. Must not: know a rule of routing.

use super::work::Work;
use crate::domain::{EmployeeId, Millis};
use crate::gateway::writer::model::event::LogEvent;
use std::collections::BTreeMap;

/// Takes in whether somebody is connected. A supervisor who monitors and is not does so for as long as an agent keeps
/// their sessions.
pub fn set_presence(
    work: &mut Work<'_>,
    departing: &mut BTreeMap<EmployeeId, Millis>,
    employee: &EmployeeId,
    connected: bool,
) {
    let router = &work.state.router;
    let facts = if connected {
        router.connection_back(employee, work.now)
    } else {
        router.connection_lost(employee, work.now)
    };
    // An agent who is not signed in has no sessions.
    for fact in facts.unwrap_or_default() {
        work.push(&LogEvent::Routing(fact), None);
    }
    if connected {
        departing.remove(employee);
    } else if work.state.overseers().contains(employee) {
        departing.entry(employee.clone()).or_insert(work.now.plus(work.setup.router.rules.grace));
    }
}
