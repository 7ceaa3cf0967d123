//! Requests to the server: sent, and remembered until the answer arrives.

use crate::app::core::effect::Effect;
use crate::app::core::msg::Link;
use crate::app::core::notice::Level;
use crate::app::core::state::{Awaited, State};
use crate::domain::OperationId;
use crate::proto::request::Request;

/// Sends a request, and remembers its purpose for the answer.
pub(in crate::app) fn call(
    state: &mut State,
    request: Request,
    awaited: Awaited,
    out: &mut Vec<Effect>,
) -> OperationId {
    let operation = state.operation();
    state.awaited.insert(operation.clone(), awaited);
    out.push(Effect::Call { operation: operation.clone(), request });
    operation
}

/// Whether requests can be sent now; shows a notice if not.
pub(in crate::app) fn online(state: &mut State) -> bool {
    if state.online() {
        return true;
    }
    let words = match &state.link {
        Link::Stopped { .. } => "you are signed out: nothing was done",
        _ => "there is no connection: nothing was done, try again when it is back",
    };
    state.say(Level::Warning, words);
    false
}
