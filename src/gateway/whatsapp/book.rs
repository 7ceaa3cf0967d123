//! The templates that may be sent: WhatsApp's list, read now and again, and those of the configuration.
//!
//! Owns: when the list is read. Must not: keep it anywhere else; after a start it is read anew.
//! Invariants: a list that cannot be read leaves the last one in force and says why; nobody waits for
//! WhatsApp longer than `FIRST`.

use super::templates::{APPROVED, Source};
use crate::domain::Millis;
use crate::domain::template::Template;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, timeout};

/// How long who asks waits for the first reading.
const FIRST: Duration = Duration::from_secs(5);
/// A list that is older than this is read anew when somebody looks at it.
const STALE: Duration = Duration::from_secs(60);
/// Until a list that could not be read is tried again.
const RETRY: Duration = Duration::from_secs(30);

/// The list as it was read last.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// Approved templates, by name and language.
    pub templates: Vec<Template>,
    /// When WhatsApp's list was read.
    pub read_at: Option<Millis>,
    /// Why it could not be read the last time.
    pub trouble: Option<String>,
    /// WhatsApp's error code for that, or 0.
    pub code: i64,
    /// Templates of WhatsApp's list that may be sent: name and language.
    pub approved: Vec<(String, String)>,
    /// Templates of WhatsApp's list that may not be sent: name, language and WhatsApp's word for the state.
    pub refused: Vec<(String, String, String)>,
    /// When it was tried last.
    tried: Option<Instant>,
}

/// Looks into the book.
#[derive(Clone, Debug)]
pub struct Templates {
    book: watch::Receiver<Arc<Book>>,
    /// Room for one: who finds it full asks for what is going to happen anyway.
    wanted: mpsc::Sender<()>,
}

/// Reads the book's list.
#[derive(Debug)]
pub struct Reader {
    source: Source,
    own: Vec<Template>,
    every: Duration,
    book: watch::Sender<Arc<Book>>,
    wanted: mpsc::Receiver<()>,
}

impl Templates {
    /// A book of these alone.
    pub fn fixed(own: Vec<Template>) -> Self {
        let book = Book { templates: merged(own, Vec::new()), ..Book::default() };
        let (_, book) = watch::channel(Arc::new(book));
        let (wanted, _) = mpsc::channel(1);
        Self { book, wanted }
    }

    /// A book with WhatsApp's list, and `own` where that has none of the name and language. The reader must
    /// run.
    pub fn read_from(source: Source, own: Vec<Template>, every: Duration) -> (Self, Reader) {
        let first = Book { templates: merged(own.clone(), Vec::new()), ..Book::default() };
        let (sender, book) = watch::channel(Arc::new(first));
        let (wanted, asked) = mpsc::channel(1);
        (Self { book, wanted }, Reader { source, own, every, book: sender, wanted: asked })
    }

    /// The list. One that was never read is waited for a little; an old one is read anew for the next who asks.
    pub async fn list(&self) -> Arc<Book> {
        let mut book = self.book.clone();
        if !self.wanted.is_closed() {
            // In time or not: what there is is told.
            let _ = timeout(FIRST, book.wait_for(|book| book.tried.is_some())).await;
            if book.borrow().tried.is_some_and(|at| at.elapsed() > STALE) {
                let _ = self.wanted.try_send(());
            }
        }
        Arc::clone(&book.borrow())
    }
}

impl Templates {
    /// Has the list read again at once.
    pub fn refresh(&self) {
        // The channel is full, so a reading is due anyway.
        let _ = self.wanted.try_send(());
    }

    /// Waits for the next reading and returns the list; `None` when there will be no further reading.
    pub async fn next(&mut self) -> Option<Arc<Book>> {
        self.book.changed().await.ok()?;
        Some(Arc::clone(&self.book.borrow_and_update()))
    }
}

impl Book {
    /// Whether a list that was read after that moment contains the template as approved.
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

impl Reader {
    /// Reads until the gateway stops.
    pub async fn run(mut self, mut stopping: watch::Receiver<bool>) {
        loop {
            let read = tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => return,
                read = self.source.read() => read,
            };
            let before = Arc::clone(&self.book.borrow());
            let (book, wait) = match read {
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
                        Book { templates, read_at, approved: names, refused, tried, ..Book::default() },
                        self.every,
                    )
                }
                Err((code, trouble)) => {
                    tracing::warn!(trouble, "the list of templates could not be read");
                    let tried = Some(Instant::now());
                    let book = Book { trouble: Some(trouble), code, tried, ..Book::clone(&before) };
                    (book, self.every.min(RETRY))
                }
            };
            self.book.send_replace(Arc::new(book));
            tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => return,
                asked = self.wanted.recv() => if asked.is_none() { return },
                () = sleep(wait) => {}
            }
        }
    }
}

/// WhatsApp's list, and ours where it has none of that name and language; in order.
fn merged(own: Vec<Template>, mut listed: Vec<Template>) -> Vec<Template> {
    for one in own {
        if listed.iter().all(|known| known.name != one.name || known.language != one.language) {
            listed.push(one);
        }
    }
    listed.sort_by(|a, b| (&a.name, &a.language).cmp(&(&b.name, &b.language)));
    listed
}
