//! The templates that may be sent: WhatsApp's list, which is read periodically, and those of the configuration.
//!
//! Owns: when the list is read. Must not: store it; after a start it is read again.
//! Invariants: when the list cannot be read, the last one stays valid together with the reason; no caller waits for
//! WhatsApp longer than `FIRST`.

use super::templates::{APPROVED, TemplateSource};
use crate::domain::Millis;
use crate::domain::template::Template;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, timeout};

/// How long a caller waits for the first reading.
const FIRST: Duration = Duration::from_secs(5);
/// A list that is older than this is read again after a caller got it.
const STALE: Duration = Duration::from_secs(60);
/// The delay before a list that could not be read is tried again.
const RETRY: Duration = Duration::from_secs(30);

/// The list as it was read last.
#[derive(Clone, Debug, Default)]
pub struct CatalogSnapshot {
    /// Approved templates, by name and language.
    pub templates: Vec<Template>,
    /// When WhatsApp's list was read.
    pub read_at: Option<Millis>,
    /// Why it could not be read the last time.
    pub read_error: Option<String>,
    /// WhatsApp's error code for that, or 0.
    pub code: i64,
    /// Templates of WhatsApp's list that may be sent: name and language.
    pub approved: Vec<(String, String)>,
    /// Templates of WhatsApp's list that may not be sent: name, language and WhatsApp's word for the state.
    pub refused: Vec<(String, String, String)>,
    /// When it was tried last.
    tried: Option<Instant>,
}

/// A handle that returns the current list.
#[derive(Clone, Debug)]
pub struct TemplateCatalog {
    snapshot: watch::Receiver<Arc<CatalogSnapshot>>,
    /// Capacity of one. Overflow: the request is dropped, since a reading is due anyway.
    wanted: mpsc::Sender<()>,
}

/// The task that reads the list.
#[derive(Debug)]
pub struct CatalogReader {
    source: TemplateSource,
    own: Vec<Template>,
    every: Duration,
    snapshot: watch::Sender<Arc<CatalogSnapshot>>,
    wanted: mpsc::Receiver<()>,
}

impl TemplateCatalog {
    /// A catalog of these templates only.
    pub fn fixed(own: Vec<Template>) -> Self {
        let snapshot = CatalogSnapshot { templates: merged(own, Vec::new()), ..CatalogSnapshot::default() };
        let (_, snapshot) = watch::channel(Arc::new(snapshot));
        let (wanted, _) = mpsc::channel(1);
        Self { snapshot, wanted }
    }

    /// A catalog of WhatsApp's list, and of the templates in `own` that it does not contain. The reader must run.
    pub fn read_from(source: TemplateSource, own: Vec<Template>, every: Duration) -> (Self, CatalogReader) {
        let first =
            CatalogSnapshot { templates: merged(own.clone(), Vec::new()), ..CatalogSnapshot::default() };
        let (sender, snapshot) = watch::channel(Arc::new(first));
        let (wanted, asked) = mpsc::channel(1);
        (Self { snapshot, wanted }, CatalogReader { source, own, every, snapshot: sender, wanted: asked })
    }

    /// The current list. Waits a short time for the first reading; an old list is read again for the next caller.
    pub async fn list(&self) -> Arc<CatalogSnapshot> {
        let mut snapshot = self.snapshot.clone();
        if !self.wanted.is_closed() {
            // After the timeout the current list is returned.
            let _ = timeout(FIRST, snapshot.wait_for(|snapshot| snapshot.tried.is_some())).await;
            if snapshot.borrow().tried.is_some_and(|at| at.elapsed() > STALE) {
                let _ = self.wanted.try_send(());
            }
        }
        Arc::clone(&snapshot.borrow())
    }
}

impl TemplateCatalog {
    /// Has the list read again at once.
    pub fn refresh(&self) {
        // The channel is full, so a reading is due anyway.
        let _ = self.wanted.try_send(());
    }

    /// Waits for the next reading and returns the list; `None` when there will be no further reading.
    pub async fn next(&mut self) -> Option<Arc<CatalogSnapshot>> {
        self.snapshot.changed().await.ok()?;
        Some(Arc::clone(&self.snapshot.borrow_and_update()))
    }
}

impl CatalogSnapshot {
    /// Whether a list that was read after `moment` contains the template as approved.
    pub fn is_approved_after(&self, name: &str, language: &str, moment: Millis) -> bool {
        self.read_at.is_some_and(|at| at > moment)
            && self.approved.iter().any(|one| one.0 == name && one.1 == language)
    }

    /// Why a template of WhatsApp's list cannot be sent; `None` when it may be sent, or is not listed.
    pub fn why_refused(&self, name: &str, language: &str) -> Option<String> {
        let is_it = |one: &&(String, String, String)| one.0 == name && one.1 == language;
        let (_, _, status) = self.refused.iter().find(is_it)?;
        let status = status.to_lowercase().replace('_', " ");
        Some(format!("the template {name} ({language}) is {status} at WhatsApp"))
    }

    /// The template of that name in that language.
    pub fn find(&self, name: &str, language: &str) -> Option<&Template> {
        self.templates.iter().find(|one| one.name == name && one.language == language)
    }
}

impl CatalogReader {
    /// Reads until the gateway stops.
    pub async fn run(mut self, mut stopping: watch::Receiver<bool>) {
        loop {
            let read = tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => return,
                read = self.source.read() => read,
            };
            let before = Arc::clone(&self.snapshot.borrow());
            let (snapshot, wait) = match read {
                Ok(all) => {
                    let (approved, rest): (Vec<_>, Vec<_>) =
                        all.into_iter().partition(|(_, status)| status == APPROVED);
                    let refused: Vec<_> =
                        rest.into_iter().map(|(one, status)| (one.name, one.language, status)).collect();
                    // A configured template that WhatsApp refuses to send is not offered either.
                    let is_refused = |own: &Template| {
                        refused
                            .iter()
                            .any(|(name, language, _)| *name == own.name && *language == own.language)
                    };
                    let own = self.own.iter().filter(|own| !is_refused(own)).cloned().collect();
                    let names =
                        approved.iter().map(|(one, _)| (one.name.clone(), one.language.clone())).collect();
                    let templates = merged(own, approved.into_iter().map(|(template, _)| template).collect());
                    let read_at = Some(Millis(jiff::Timestamp::now().as_millisecond()));
                    let tried = Some(Instant::now());
                    (
                        CatalogSnapshot {
                            templates,
                            read_at,
                            approved: names,
                            refused,
                            tried,
                            ..CatalogSnapshot::default()
                        },
                        self.every,
                    )
                }
                Err((code, trouble)) => {
                    tracing::warn!(trouble, "the list of templates could not be read");
                    let tried = Some(Instant::now());
                    let snapshot = CatalogSnapshot {
                        read_error: Some(trouble),
                        code,
                        tried,
                        ..CatalogSnapshot::clone(&before)
                    };
                    (snapshot, self.every.min(RETRY))
                }
            };
            self.snapshot.send_replace(Arc::new(snapshot));
            tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => return,
                asked = self.wanted.recv() => if asked.is_none() { return },
                () = sleep(wait) => {}
            }
        }
    }
}

/// WhatsApp's list and the templates of `own` that it does not contain, by name and language.
fn merged(own: Vec<Template>, mut listed: Vec<Template>) -> Vec<Template> {
    for one in own {
        if listed.iter().all(|known| known.name != one.name || known.language != one.language) {
            listed.push(one);
        }
    }
    listed.sort_by(|a, b| (&a.name, &a.language).cmp(&(&b.name, &b.language)));
    listed
}
