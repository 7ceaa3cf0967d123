//! Case data of a session: the form to edit it.

use super::{call, form};
use crate::app::effect::Effect;
use crate::app::form::{Filled, Purpose};
use crate::app::state::{Awaited, State};
use crate::domain::AttachedData;
use crate::proto::request::Request;

/// Saves what was changed.
pub(super) fn save(state: &mut State, purpose: &Purpose, filled: &[Filled], out: &mut Vec<Effect>) {
    let Purpose::Case { session, .. } = purpose else { return };
    let changed = filled.iter().filter(|field| field.changed);
    let data: AttachedData = changed.map(|field| (field.name.as_str(), field.value.as_str())).collect();
    call(state, Request::UpdateUserData { id: session.clone(), data }, Awaited::Act("the case data"), out);
    form::close(state, purpose);
}
