//! The library of standard responses, cached in memory.

use crate::store::StoreError;
use crate::store::library::{ResponseLibrary, ResponseStore};
use std::sync::{Arc, Mutex, PoisonError};

/// Reads the whole library from the store, and again only after it changed.
#[derive(Debug)]
pub struct LibraryCache {
    pub store: Arc<dyn ResponseStore>,
    /// The version that was read, and its content. The lock is held only to copy or replace the pointer.
    read: Mutex<Option<(i64, Arc<ResponseLibrary>)>>,
}

impl LibraryCache {
    /// An empty cache over a store.
    pub fn new(store: Arc<dyn ResponseStore>) -> Self {
        Self { store, read: Mutex::new(None) }
    }

    /// The current content.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn content(&self) -> Result<Arc<ResponseLibrary>, StoreError> {
        let version = self.store.version().await?;
        let known = self.read.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, content)) = known.filter(|(read, _)| *read == version) {
            return Ok(content);
        }
        let content = Arc::new(self.store.load().await?);
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some((version, Arc::clone(&content)));
        Ok(content)
    }
}
