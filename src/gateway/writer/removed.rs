//! What a start with a configuration releases, announced beforehand.
//!
//! Owns: the sentences of `deskline check` about people and workbins that were removed. Must not: change anything.

use super::decide::orphans::{agents, parked};
use super::load::load;
use super::setup::WriterSetup;
use crate::domain::Millis;
use crate::store::{Store, StoreError};
use std::collections::BTreeMap;

/// What a start with that configuration releases, each item in a sentence for an administrator.
///
/// # Errors
/// When the store cannot be read.
pub async fn removed(store: &dyn Store, setup: &WriterSetup, now: Millis) -> Result<Vec<String>, StoreError> {
    let state = load(store, setup, now).await?.state;
    let sessions = |count: usize| match count {
        1 => "1 session".to_owned(),
        many => format!("{many} sessions"),
    };
    let mut sentences = Vec::new();
    for agent in agents(&state, setup) {
        let has = sessions(state.router.interactions_of(&agent).len());
        sentences.push(format!(
            "{agent} is not an agent in this configuration and has {has}: when the gateway starts, they go to a \
             colleague who is in them, or back to their queue"
        ));
    }
    let mut bins: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for parked in parked(&state, setup).filter_map(|session| session.workbin.as_ref()) {
        *bins.entry((&parked.workbin, &parked.owner)).or_default() += 1;
    }
    for ((workbin, owner), count) in bins {
        let held = sessions(count);
        sentences.push(format!(
            "{held} in the workbin {workbin} of {owner} cannot be taken out by anybody in this configuration: when the \
             gateway starts, they go back to their queue"
        ));
    }
    Ok(sentences)
}
