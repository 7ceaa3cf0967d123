//! The keys by which the store recognises what it has seen: names of customers, and marks of messages and statuses.
//!
//! Owns: the form of these keys. Must not: decide anything.
//! Invariants: a key never changes its form; older stores have them.

use super::archive::day;
use crate::domain::Millis;
use crate::domain::contact::AliasKind;
use crate::domain::delivery::DeliveryStatus;
use crate::domain::reach::other_forms;
use crate::gateway::whatsapp::inbound::{CustomerNames, UnroutedMessage};
use crate::gateway::whatsapp::parse::FILE_PENDING_PREFIX;
use crate::store::Alias;

/// The aliases among names.
pub fn aliases(names: &CustomerNames) -> impl Iterator<Item = Alias> {
    let named = |kind, value: &Option<String>| {
        value.as_ref().filter(|value| !value.is_empty()).map(|value| Alias { kind, value: value.clone() })
    };
    [named(AliasKind::WaId, &names.wa_id), named(AliasKind::UserId, &names.user_id)].into_iter().flatten()
}

/// The aliases among names, and those under which the same number may be known.
pub fn forms(names: &CustomerNames) -> impl Iterator<Item = Alias> {
    let others = names.wa_id.iter().flat_map(|digits| other_forms(digits));
    aliases(names).chain(others.map(|value| Alias { kind: AliasKind::WaId, value }))
}

/// The mark of a status, by which a repeated delivery is recognised.
pub fn status_mark(wamid: &str, status: &DeliveryStatus) -> String {
    format!("status:{}:{wamid}", status.word())
}

/// The mark of a message that is withheld from agents, by which a repeated delivery is recognised. It is not
/// the message's own mark: the same message may still arrive where it belongs.
pub fn not_routed_mark(wamid: &str) -> String {
    format!("not-routed:{wamid}")
}

/// The mark that the administrator was notified of such messages today.
pub fn not_routed_day(message: &UnroutedMessage, at: Millis) -> String {
    let day = day(at);
    format!("not-routed:{}:{}:{day}", message.why.word(), message.about)
}

/// The mark that these names belong to two contacts.
pub fn conflict_mark(names: &CustomerNames) -> String {
    let [one, other] = [&names.wa_id, &names.user_id].map(|name| name.as_deref().unwrap_or_default());
    format!("conflict:{one}:{other}")
}

/// The prefix of the mark of a message of the history: the same message may also arrive live.
const HISTORY: &str = "history:";

/// The mark of a message of the history.
pub fn history_mark(wamid: &str) -> String {
    format!("{HISTORY}{wamid}")
}

/// WhatsApp's ID in the mark of a message.
pub fn wamid(mark: &str) -> &str {
    mark.strip_prefix(HISTORY).unwrap_or(mark)
}

/// The ID of the message whose file this placeholder represents.
pub fn stands_in_for(wamid: &str) -> Option<&str> {
    wamid.strip_prefix(FILE_PENDING_PREFIX)
}
