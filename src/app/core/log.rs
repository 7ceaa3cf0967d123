//! Reading the log of a session from the server.

use crate::app::core::effect::Effect;
use crate::app::core::requests::call;
use crate::app::core::state::{Awaited, State};
use crate::domain::InteractionId;
use crate::proto::media::LogQuery;
use crate::proto::request::Request;

/// Reads the missing part of a session's log, unless a read is in progress: its newest part, or what came after
/// the known part.
pub(in crate::app) fn read(state: &mut State, id: &InteractionId, out: &mut Vec<Effect>) {
    let Some(transcript) = state.by_id(id).map(|session| &session.transcript) else { return };
    let part = match (transcript.first(), transcript.gap()) {
        (None, _) => LogQuery::NEWEST,
        (Some(_), Some(gap)) => LogQuery::after(gap.saturating_sub(1)),
        (Some(_), None) => LogQuery::after(transcript.last_index()),
    };
    read_part(state, id, part, out);
}

/// Reads a part of a session's log, unless another part is being read.
pub(in crate::app) fn read_part(
    state: &mut State,
    id: &InteractionId,
    part: LogQuery,
    out: &mut Vec<Effect>,
) {
    if state.by_id(id).is_none_or(|session| session.reading.is_some()) {
        return;
    }
    let operation =
        call(state, Request::Messages(id.clone(), part), Awaited::Messages(id.clone(), part), out);
    if let Some(session) = state.by_id_mut(id) {
        session.reading = Some(operation);
    }
}
