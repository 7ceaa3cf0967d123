//! The list of whom a session may go to.

use crate::desk::Desk;
use deskline::app::{Effect, What};
use deskline::proto::envelope::Envelope;

pub fn targets(desk: &mut Desk, key: &str) {
    let asked = desk.key_effects(key);
    let Some(Effect::Call { operation, .. }) = asked.into_iter().next() else {
        return assert_eq!(key, "", "nothing was asked");
    };
    let agent = |name: &str, id: &str, state: &str, sessions: u64| {
        serde_json::json!({"type": "agent", "name": name, "employeeId": id, "availability": {"channels": [
            {"name": "whatsappsession", "userState": {"state": state}, "wa.sessions": sessions, "wa.capacity": 4}]}})
    };
    let found = serde_json::json!({"totalMatches": 6, "targets": [
        agent("Ana Ruiz", "ana", "Ready", 3),
        agent("Ben Okafor", "ben", "NotReady", 0),
        {"type": "agent-group", "name": "Billing", "availability": {"readyAgents": 3}},
        {"type": "skill", "name": "French", "availability": {"readyAgents": 0}},
        agent("Kate London", "kate", "Ready", 1),
        {"type": "interaction-queue", "name": "wa-orders", "displayName": "Orders", "availability": {"waitingCalls": 2}},
    ]});
    desk.does(What::Reply { operation, result: Ok(Envelope::ok(0, None, found)) });
}

#[test]
fn whom_a_session_may_go_to_at_80x24_and_120x32() {
    let mut desk = Desk::busy(80, 24, 0);
    targets(&mut desk, "Ctrl+T");
    snapshot!("layer_targets_80x24", desk.draw().styled());
    let mut desk = Desk::busy(120, 32, 0);
    targets(&mut desk, "Alt+O");
    desk.types("re");
    snapshot!("layer_targets_120x32", desk.draw().styled());
}
