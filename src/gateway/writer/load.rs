//! Reads the state of the writer from the store: at a start, and when the store failed.

use super::model::event::LogEvent;
use super::setup::WriterSetup;
use super::state::{OPERATIONS_KEPT, WriterState};
use crate::domain::Millis;
use crate::store::{Store, StoreError, StoredEvent};

/// How many events are read at a time.
const PAGE: u32 = 4096;

/// What the store says.
#[derive(Debug)]
pub(super) struct LoadedState {
    pub state: WriterState,
    /// The number of the last event.
    pub last_seq: u64,
    /// The number of the last checkpoint.
    pub checkpoint: u64,
}

/// Folds the log: what live sessions need from before the last checkpoint, and everything from it on.
pub(super) async fn load(
    store: &dyn Store,
    setup: &WriterSetup,
    now: Millis,
) -> Result<LoadedState, StoreError> {
    let start = store.startup_events(now.minus(OPERATIONS_KEPT)).await?;
    let mut state = WriterState::new(setup.router.clone());
    for stored in &start.before {
        state.apply(&read(stored)?);
    }
    let mut after = start.checkpoint.saturating_sub(1);
    loop {
        let page = store.events(after, PAGE).await?;
        for stored in &page {
            state.apply(&read(stored)?);
        }
        match page.last() {
            Some(last) => {
                after = last.seq;
                // What ended long before an event was settled in the batch of that event, or earlier.
                state.sweep(last.at);
            }
            None => break,
        }
    }
    Ok(LoadedState { state, last_seq: after.max(start.last_seq), checkpoint: start.checkpoint })
}

fn read(stored: &StoredEvent) -> Result<LogEvent, StoreError> {
    serde_json::from_str(&stored.body)
        .map_err(|error| StoreError::Database(format!("event {} cannot be read: {error}", stored.seq)))
}
