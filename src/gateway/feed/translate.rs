//! Translates events of the log into entries of the feed.
//!
//! Owns: which events are in the feed, and their words. Must not: read, wait, or know who may see what.

use super::context::SessionContext;
use crate::domain::monitoring::MonitorMode;
use crate::domain::{EmployeeId, Millis};
use crate::gateway::router::{Fact, ReleaseReason, RequeueReason, RevokeReason, WorkState};
use crate::gateway::whatsapp::account::{AccountChange, ChangeStatus};
use crate::gateway::writer::model::entry::EntryKind;
use crate::gateway::writer::model::event::LogEvent;
use crate::gateway::writer::model::logged::EntryLogged;
use crate::gateway::writer::model::monitoring::Watcher;
use crate::gateway::writer::model::party::{InviteRequest, InviteResult, LeaveReason};
use crate::gateway::writer::model::workbin::UnparkReason;
use crate::proto::media::ParticipantDto;
use crate::proto::watch::FeedEntry;

/// The entry of an event, with its session's context. `None` for events that only the gateway needs.
pub(super) fn entry(
    seq: u64,
    at: Millis,
    event: &LogEvent,
    context: Option<&SessionContext>,
) -> Option<FeedEntry> {
    let mut entry = FeedEntry { seq, at: at.to_rfc3339(), ..FeedEntry::default() };
    add_context(&mut entry, context);
    entry.session = event.interaction().cloned();
    let name = match event {
        LogEvent::Routing(fact) => routing(fact, &mut entry)?,
        LogEvent::SessionStarted(_) => "session.started",
        LogEvent::EntryLogged(logged) => message(logged, &mut entry)?,
        LogEvent::UserDataSet { data, .. } => {
            data_set(data.iter().map(|(key, value)| (key.to_owned(), value.to_text())), &mut entry)
        }
        LogEvent::UserDataDeleted { keys, .. } => {
            data_set(keys.iter().map(|key| (key.clone(), String::new())), &mut entry)
        }
        LogEvent::CommentSet { comment, .. } => {
            entry.text = Some(comment.clone());
            "note.set"
        }
        LogEvent::PartyAsked { asked, .. } => party_asked(asked, &mut entry),
        LogEvent::PartyAnswered { asked, answer, .. } => party_answered(asked, answer, &mut entry),
        LogEvent::PartyLeft { agent, how, to, .. } => party_left(agent, *how, to, &mut entry),
        LogEvent::SupervisorGone { watcher, .. } => supervisor_gone(watcher, &mut entry)?,
        LogEvent::WorkbinPlaced { workbin, owner, by, .. } => {
            moved(&mut entry, by.as_str(), Some(workbin), Some(&format!("workbin of {owner}")));
            "session.parked"
        }
        LogEvent::WorkbinLeft { workbin, why, by, .. } => {
            let by = by.as_ref().map_or("customer", EmployeeId::as_str);
            moved(&mut entry, by, Some(workbin), Some(unparked(*why)));
            "session.unparked"
        }
        LogEvent::ContactReached { by, way, address, .. } => contact_reached(by, way, address, &mut entry),
        LogEvent::AccountChanged { change, .. } => account(change, &mut entry),
        LogEvent::Completed { by, .. } => {
            moved(&mut entry, by.as_str(), None, None);
            "session.done"
        }
        LogEvent::Reopened { by, .. } => {
            moved(&mut entry, by.as_str(), None, None);
            "session.reopened"
        }
        LogEvent::WebhookParsed { .. }
        | LogEvent::ContactCreated { .. }
        | LogEvent::ContactNamed { .. }
        | LogEvent::ContactAliased { .. }
        | LogEvent::ContactConflict { .. }
        | LogEvent::ContactEdited { .. }
        | LogEvent::ContactDeleted { .. }
        | LogEvent::ContactsMerged { .. }
        | LogEvent::ContactsUnmerged { .. }
        | LogEvent::ContactAssigned { .. }
        | LogEvent::SessionContact { .. }
        | LogEvent::SendAttempted { .. }
        | LogEvent::SendDeferred { .. }
        | LogEvent::SendAccepted { .. }
        | LogEvent::SendFailed { .. }
        | LogEvent::SendUnknown { .. }
        | LogEvent::StatusUnmatched(_)
        | LogEvent::MessageArchived(_)
        | LogEvent::ChangeUnmatched(_)
        | LogEvent::NotRouted { .. }
        | LogEvent::Unplaced { .. }
        | LogEvent::TargetSpent { .. }
        | LogEvent::MonitoringStarted { .. }
        | LogEvent::MonitoringStopped { .. }
        | LogEvent::SupervisorSet { .. }
        | LogEvent::OperationDone { .. }
        | LogEvent::AccountNotice { .. }
        | LogEvent::Checkpoint { .. } => return None,
    };
    entry.event = name.to_owned();
    Some(entry)
}

/// Sets from whom, to whom and why something went.
fn moved(entry: &mut FeedEntry, from: &str, to: Option<&str>, reason: Option<&str>) {
    entry.from = Some(from.to_owned());
    entry.to = to.map(str::to_owned);
    entry.reason = reason.map(str::to_owned);
}

/// Fills in an entry of a transcript, and returns the name of its event. [`LogEvent::PartyLeft`] has its own
/// entry, which says how the party left.
fn message(logged: &EntryLogged, entry: &mut FeedEntry) -> Option<&'static str> {
    if EntryKind::of(&logged.entry) == EntryKind::Left {
        return None;
    }
    entry.say(&logged.entry)
}

/// Fills in an entry about attached data, and returns the name of its event. A deleted pair has no value.
fn data_set(pairs: impl Iterator<Item = (String, String)>, entry: &mut FeedEntry) -> &'static str {
    entry.data = pairs.collect();
    "data.set"
}

/// Fills in an entry about a request for a colleague, and returns the name of its event.
fn party_asked(asked: &InviteRequest, entry: &mut FeedEntry) -> &'static str {
    let to = asked.target.as_ref().map_or(asked.whom.as_str(), EmployeeId::as_str);
    moved(entry, asked.by.as_str(), Some(to), Some(asked.purpose.word()));
    "party.asked"
}

/// Fills in an entry about the end of such a request, and returns the name of its event.
fn party_answered(asked: &InviteRequest, answer: &InviteResult, entry: &mut FeedEntry) -> &'static str {
    let to = if let InviteResult::Accepted { by } = answer { Some(by.as_str()) } else { None };
    moved(entry, asked.by.as_str(), to, Some(asked.purpose.word()));
    entry.state = Some(answered(answer).to_owned());
    "party.answered"
}

/// Fills in an entry about an agent who left, and returns the name of its event.
fn party_left(agent: &EmployeeId, how: LeaveReason, to: &str, entry: &mut FeedEntry) -> &'static str {
    moved(entry, agent.as_str(), Some(to).filter(|to| !to.is_empty()), Some(gone(how)));
    "party.left"
}

/// Fills in an entry about a supervisor who left, and returns the name of its event. A supervisor who only
/// monitors is no party.
fn supervisor_gone(watcher: &Watcher, entry: &mut FeedEntry) -> Option<&'static str> {
    if watcher.mode == MonitorMode::Monitor {
        return None;
    }
    moved(entry, watcher.supervisor.as_str(), None, Some("supervisor"));
    Some("party.left")
}

/// Fills in an entry about contact outside this desk, and returns the name of its event.
fn contact_reached(by: &ParticipantDto, way: &str, address: &str, entry: &mut FeedEntry) -> &'static str {
    entry.from.clone_from(&by.person_id);
    entry.kind = Some(way.to_owned());
    entry.text = Some(address.to_owned());
    "contact.reached"
}

fn add_context(entry: &mut FeedEntry, context: Option<&SessionContext>) {
    let Some(context) = context else { return };
    entry.agent = context.agent().map(|agent| agent.as_str().to_owned());
    entry.queue = Some(context.queue.clone()).filter(|queue| !queue.is_empty());
    entry.contact = context.contact.as_ref().map(|contact| contact.as_str().to_owned());
    entry.customer = Some(context.customer.clone()).filter(|name| !name.is_empty());
    entry.number.clone_from(&context.number);
}

/// Fills in an entry about the account, and returns the name of its event.
fn account(change: &AccountChange, entry: &mut FeedEntry) -> &'static str {
    entry.kind = Some(change.topic.clone());
    entry.text = Some(change.text.clone());
    match change.status {
        ChangeStatus::Problem => "account.trouble",
        ChangeStatus::Resolved => "account.over",
        ChangeStatus::Notice => "account.news",
    }
}

/// Fills in an entry about routing, and returns the name of its event.
fn routing(fact: &Fact, entry: &mut FeedEntry) -> Option<&'static str> {
    let mut set = |state: Option<&str>, reason: Option<&str>| {
        entry.state = state.map(str::to_owned);
        entry.reason = reason.filter(|reason| !reason.is_empty()).map(str::to_owned);
    };
    let name = match fact {
        Fact::SignedIn { .. } => "agent.signed-in",
        Fact::SignedOut { .. } => "agent.signed-out",
        Fact::ConnectionLost { .. } => "agent.lost",
        Fact::ConnectionBack { .. } => "agent.back",
        Fact::StateSet { work, .. } => {
            let (state, reason) = work_state(work);
            set(Some(state), reason);
            "agent.state"
        }
        Fact::MadeNotReady { reason, .. } => {
            set(Some("Not Ready"), Some(reason));
            "agent.state"
        }
        Fact::Enqueued(entered) => {
            entry.queue = Some(entered.queue.clone());
            "session.queued"
        }
        Fact::Offered { .. } => "session.offered",
        Fact::Accepted { .. } => "session.accepted",
        Fact::Rejected { .. } => "session.rejected",
        Fact::OfferExpired { .. } => "session.unanswered",
        Fact::OfferRevoked { why, .. } => {
            set(None, Some(revoked(*why)));
            "session.revoked"
        }
        Fact::Assigned { .. } => "session.assigned",
        Fact::Requeued { why, .. } => {
            set(None, Some(requeued(*why)));
            "session.returned"
        }
        Fact::Released { why, .. } => {
            set(None, Some(released(*why)));
            "session.released"
        }
        Fact::Overflowed { from, to, .. } => {
            entry.queue = Some(from.clone());
            entry.to = Some(to.clone());
            "session.overflowed"
        }
        Fact::AgentSeen { .. }
        | Fact::InactiveWarned { .. }
        | Fact::TargetFailed { .. }
        | Fact::Closed { .. }
        | Fact::CustomerSpoke { .. }
        | Fact::AgentSpoke { .. }
        | Fact::ReplyFailed { .. }
        | Fact::PartyGone { .. }
        | Fact::PartyBack { .. }
        | Fact::Parked { .. }
        | Fact::Urgent { .. }
        | Fact::LastAgentOver { .. }
        | Fact::Relaxed { .. } => return None,
    };
    if let Some(agent) = fact.agent() {
        entry.agent = Some(agent.as_str().to_owned());
    }
    Some(name)
}

const fn work_state(work: &WorkState) -> (&'static str, Option<&str>) {
    match work {
        WorkState::Ready => ("Ready", None),
        WorkState::NotReady { reason } => ("Not Ready", Some(reason.as_str())),
        WorkState::AfterCallWork => ("After Call Work", None),
        WorkState::DoNotDisturb => ("Do Not Disturb", None),
    }
}

const fn revoked(why: RevokeReason) -> &'static str {
    match why {
        RevokeReason::AgentGone => "agent gone",
        RevokeReason::AgentNotReady => "agent not ready",
        RevokeReason::Cancelled => "cancelled",
    }
}

const fn requeued(why: RequeueReason) -> &'static str {
    match why {
        RequeueReason::GraceOver => "agent gone",
        RequeueReason::Inactive => "agent inactive",
        RequeueReason::OverCapacity => "over capacity",
        RequeueReason::Requested => "asked",
    }
}

const fn released(why: ReleaseReason) -> &'static str {
    match why {
        ReleaseReason::Workbin => "workbin",
        ReleaseReason::Left => "left",
        ReleaseReason::Taken => "taken",
    }
}

const fn unparked(why: UnparkReason) -> &'static str {
    match why {
        UnparkReason::Customer => "the customer wrote",
        UnparkReason::Pulled => "pulled",
        UnparkReason::Unreachable => "nobody can take it",
    }
}

const fn answered(answer: &InviteResult) -> &'static str {
    match answer {
        InviteResult::Accepted { .. } => "accepted",
        InviteResult::Refused => "refused",
        InviteResult::NoAnswer => "no answer",
        InviteResult::Nobody => "nobody",
        InviteResult::NobodyLeft => "nobody left",
        InviteResult::Cancelled => "cancelled",
    }
}

const fn gone(how: LeaveReason) -> &'static str {
    match how {
        LeaveReason::Left => "left",
        LeaveReason::Removed => "removed",
        LeaveReason::Transferred => "transferred",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::media::MessageDto;
    use crate::proto::wa;
    use crate::proto::watch::EVENTS;

    fn entry_of(event: &LogEvent) -> Option<FeedEntry> {
        let context =
            SessionContext { owner: Some("ana".into()), queue: "sales".into(), ..SessionContext::default() };
        entry(9, Millis(0), event, Some(&context))
    }

    fn logged(dto: MessageDto) -> LogEvent {
        LogEvent::EntryLogged(EntryLogged {
            interaction: "i".into(),
            at: Millis(0),
            entry: dto,
            mark: None,
            send_to: None,
        })
    }

    #[test]
    fn an_entry_of_a_message_names_the_agent_and_queue() {
        let from =
            ParticipantDto { kind: "Customer".into(), nickname: "Lucía".into(), ..Default::default() };
        let dto = MessageDto {
            index: 3,
            kind: "Text".into(),
            text: Some("hola".into()),
            from,
            ..Default::default()
        };
        let entry = entry_of(&logged(dto)).unwrap();
        assert_eq!((entry.event.as_str(), entry.from.as_deref()), ("message", Some("customer")));
        assert_eq!((entry.agent.as_deref(), entry.queue.as_deref()), (Some("ana"), Some("sales")));
        assert_eq!((entry.text.as_deref(), entry.index, entry.seq), (Some("hola"), Some(3), 9));
    }

    #[test]
    fn a_status_is_about_the_message_it_names() {
        let mut dto = MessageDto { index: 8, kind: "CustomNotice".into(), ..Default::default() };
        dto.user_data =
            [(wa::KIND, "status"), (wa::STATUS, "failed"), (wa::REASON, "no")].into_iter().collect();
        dto.user_data.set(wa::OF, 5);
        let entry = entry_of(&logged(dto)).unwrap();
        assert_eq!((entry.event.as_str(), entry.index), ("message.status", Some(5)));
        assert_eq!((entry.state.as_deref(), entry.reason.as_deref()), (Some("failed"), Some("no")));
    }

    #[test]
    fn every_feed_event_is_in_the_published_list() {
        let agent = EmployeeId::from("kate");
        let at = Millis(0);
        let facts = [
            Fact::SignedIn { agent: agent.clone(), at },
            Fact::SignedOut { agent: agent.clone(), at },
            Fact::ConnectionLost { agent: agent.clone(), at },
            Fact::ConnectionBack { agent: agent.clone(), at },
            Fact::StateSet { agent: agent.clone(), work: WorkState::NotReady { reason: "LUNCH".into() }, at },
            Fact::Released { interaction: "i".into(), agent: agent.clone(), why: ReleaseReason::Workbin, at },
            Fact::Requeued { interaction: "i".into(), agent, why: RequeueReason::GraceOver, at },
        ];
        for fact in facts {
            let entry = entry_of(&LogEvent::Routing(fact)).unwrap();
            assert!(EVENTS.iter().any(|(name, _)| *name == entry.event), "{}", entry.event);
            assert_eq!(entry.agent.as_deref(), Some("kate"));
        }
        assert_eq!(entry_of(&LogEvent::WebhookParsed { webhook: 1 }), None);
    }
}
