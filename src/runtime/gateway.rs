//! Starts the parts of a gateway, and stops them.
//!
//! Must not: decide anything that [`crate::gateway`] decides.
//! Invariants: a stop takes at most ten seconds, whatever a part waits for.

use super::clock;
use crate::config::hash;
use crate::config::options::interaction_workspace;
use crate::config::paths::private_dir;
use crate::config::schema::{Config, GatewayConfig, TextTemplate, WhatsAppConfig};
use crate::config::secret::WhatsAppSecrets;
use crate::domain::AttachedData;
use crate::gateway::accept::{self, ListenerLimits};
use crate::gateway::audit::{self, Audit};
use crate::gateway::directory::Directory;
use crate::gateway::feed::{self, Feed};
use crate::gateway::http;
use crate::gateway::hub::{self, Hub, Publish};
use crate::gateway::library::LibraryCache;
use crate::gateway::services::{ServiceParts, Services};
use crate::gateway::webhook::WebhookVerifier;
use crate::gateway::whatsapp::catalog::TemplateCatalog;
use crate::gateway::whatsapp::graph::{self, Graph, GraphOptions};
use crate::gateway::whatsapp::inbound::CustomerNames;
use crate::gateway::whatsapp::sender::{self, SenderOptions};
use crate::gateway::whatsapp::templates::TemplateSource;
use crate::gateway::whatsapp::{parse, signature, sync};
use crate::gateway::writer::api::{Outbound, SendOutcome, SendReport};
use crate::gateway::writer::{self, WriterHandle, WriterSetup};
use crate::store::library::ResponseStore;
use crate::store::{Sqlite, Store, StoreError};
use crate::term::hangup::Signals;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

/// Messages on their way from the writer to WhatsApp's sender. Overflow: the rest stays in the writer's log and is sent
/// later.
const OUTBOUND: usize = 256;
/// Timeout of a request.
const REQUEST: Duration = Duration::from_secs(30);
/// Time for requests and sends under way to finish at a stop. The rest is aborted; the event log has every message that
/// was accepted, and the next start resumes its sending.
const DRAIN: Duration = Duration::from_secs(8);
/// Time for writing their last results after that.
const LAST_BATCH: Duration = Duration::from_secs(1);

/// Why a gateway does not start.
#[derive(Debug, Error)]
pub enum GatewayStartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: std::io::Error },
    /// The data cannot be used.
    #[error("the data folder {path} cannot be used: {reason}")]
    Data { path: String, reason: String },
    /// The writer does not start.
    #[error(transparent)]
    Writer(#[from] writer::WriterStartError),
    /// WhatsApp's side cannot be set up.
    #[error("{0}")]
    WhatsApp(String),
}

/// A task of a running gateway, with its name for the log.
type Task = (&'static str, JoinHandle<()>);

/// A running gateway.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// What an edit of the configuration changes. The services as a whole hold the writer's handle, and the writer does
    /// not end before its last handle is dropped.
    directory: Arc<Directory>,
    stop: watch::Sender<bool>,
    tasks: Tasks,
    /// Ends by itself only when something went wrong.
    writer: JoinHandle<()>,
}

/// The tasks of a gateway, in the order in which a stop waits for them.
#[derive(Default)]
struct Tasks {
    /// Tasks that send commands to the writer.
    senders: Vec<Task>,
    /// Tasks that end after the others: they write or show the results.
    followers: Vec<Task>,
}

impl Tasks {
    fn spawn(&mut self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.senders.push((name, tokio::spawn(task)));
    }

    fn spawn_follower(&mut self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.followers.push((name, tokio::spawn(task)));
    }
}

/// The sockets, bound and not served yet.
struct Listeners {
    address: SocketAddr,
    api: TcpListener,
    admin: Option<TcpListener>,
}

/// The connections to the data.
struct Stores {
    log: Arc<Sqlite>,
    /// A connection of its own: files of many megabytes must not delay the writer.
    library: Arc<dyn ResponseStore>,
}

/// What services and tasks need of WhatsApp.
struct WhatsAppSide {
    templates: TemplateCatalog,
    webhook: Option<WebhookVerifier>,
}

/// Starts a gateway on the data in a folder. All unfinished work is resumed first.
///
/// # Errors
/// When a part cannot be set up; nothing runs then.
pub async fn start(
    config: &Config,
    dir: &Path,
    secrets: Option<WhatsAppSecrets>,
) -> Result<Running, GatewayStartError> {
    let gateway = Arc::new(config.gateway.clone());
    private_dir(dir).map_err(|error| data_error(dir, &error))?;
    // The port comes first: a second gateway on it must not touch the data.
    let listeners = Listeners::bind(&gateway).await?;
    let stores = Stores::open(dir).await?;
    let (stop, stopping) = watch::channel(false);
    let mut tasks = Tasks::default();
    let hub = Arc::new(Hub::new(hub::HubLimits::default()));
    let (to_sender, outbound) = mpsc::channel(OUTBOUND);
    let mask = config.privacy.mask().unwrap_or_default();
    let setup = WriterSetup {
        words: config.routing_based.clone(),
        mask: mask.clone(),
        ..WriterSetup::from_config(&gateway, parse::parse)
    };
    let log: Arc<dyn Store> = Arc::<Sqlite>::clone(&stores.log);
    let publish: Arc<dyn Publish> = Arc::<Hub>::clone(&hub);
    let (writer, writer_task) =
        writer::start(setup, Arc::clone(&log), publish, to_sender, Arc::new(clock::now)).await?;
    let (audit, rows) = Audit::new(Arc::clone(&log), Arc::new(clock::now));
    // It ends when the last request that could add to it has.
    tasks.spawn_follower("audit", audit::write_rows(Arc::clone(&log), rows));
    let feed =
        start_feed(&gateway, log, &writer, &mut tasks).await.map_err(|error| data_error(dir, &error))?;
    let library = Arc::clone(&stores.library);
    let WhatsAppSide { templates, webhook } =
        start_whatsapp(&gateway, secrets, outbound, library, &writer, &stopping, &mut tasks)?;
    let services = Services::new(ServiceParts {
        gateway: Arc::clone(&gateway),
        options: config.interaction_workspace.clone(),
        read_options: |table| interaction_workspace(table).unwrap_or_else(|_| AttachedData::new()),
        verify_password: |hash, password| hash::verify(hash, &SecretString::from(password.to_owned())),
        writer,
        library: LibraryCache::new(stores.library),
        hub,
        target_book: stores.log,
        webhook,
        feed: Some(feed),
        mask,
        audit: Some(audit),
        templates,
        stopping: stopping.clone(),
        request_timeout: REQUEST,
    });
    let directory = Arc::clone(&services.directory);
    tasks.spawn("presence", Arc::clone(&services).track_presence());
    let address = listeners.address;
    listeners.serve(&services, &gateway, &stopping, &mut tasks);
    Ok(Running { address, directory, stop, tasks, writer: writer_task })
}

fn data_error(dir: &Path, error: &dyn std::fmt::Display) -> GatewayStartError {
    GatewayStartError::Data { path: dir.display().to_string(), reason: error.to_string() }
}

impl Listeners {
    async fn bind(gateway: &GatewayConfig) -> Result<Self, GatewayStartError> {
        let api = listen(gateway.listen).await?;
        let address = api
            .local_addr()
            .map_err(|source| GatewayStartError::Listen { address: gateway.listen, source })?;
        let admin = match gateway.admin_listen {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        Ok(Self { address, api, admin })
    }

    fn serve(
        self,
        services: &Arc<Services>,
        gateway: &GatewayConfig,
        stopping: &watch::Receiver<bool>,
        tasks: &mut Tasks,
    ) {
        let limits = ListenerLimits { connections: gateway.max_connections, ..ListenerLimits::default() };
        let stop = stopped(stopping.clone());
        tasks.spawn("requests", accept::run(self.api, http::router(services), limits, stop));
        if let Some(admin) = self.admin {
            let (router, stop) = (http::admin::router(services), stopped(stopping.clone()));
            let serve = accept::run(admin, router, ListenerLimits::default(), stop);
            tasks.spawn("requests of administrators", serve);
        }
    }
}

impl Stores {
    async fn open(dir: &Path) -> Result<Self, GatewayStartError> {
        let opened = tokio::task::spawn_blocking({
            let dir = dir.to_owned();
            move || Ok((Sqlite::open(&dir)?, Sqlite::open_shared(&dir)?))
        });
        let (log, library) = opened
            .await
            .map_err(|error| data_error(dir, &error))?
            .map_err(|error: StoreError| data_error(dir, &error))?;
        Ok(Self { log: Arc::new(log), library: Arc::new(library) })
    }
}

/// Starts the feed for supervisors.
async fn start_feed(
    gateway: &GatewayConfig,
    log: Arc<dyn Store>,
    writer: &WriterHandle,
    tasks: &mut Tasks,
) -> Result<Feed, StoreError> {
    let organization = feed::Organization::from_config(gateway);
    let (written, clock) = (writer.written(), Arc::new(clock::now));
    let (feed, follow) =
        feed::start(log, organization, writer.clone(), written, clock, TimeZone::system()).await?;
    tasks.spawn_follower("live view", follow.run());
    Ok(feed)
}

/// Starts what sends to WhatsApp and reads from it. Without a number, or without its secrets, every message fails.
fn start_whatsapp(
    gateway: &GatewayConfig,
    secrets: Option<WhatsAppSecrets>,
    outbound: mpsc::Receiver<Outbound>,
    library: Arc<dyn ResponseStore>,
    writer: &WriterHandle,
    stopping: &watch::Receiver<bool>,
    tasks: &mut Tasks,
) -> Result<WhatsAppSide, GatewayStartError> {
    let (Some(whatsapp), Some(secrets)) = (&gateway.whatsapp, secrets) else {
        tasks.spawn("sends", fail_sends(outbound, writer.clone(), stopping.clone()));
        return Ok(WhatsAppSide { templates: TemplateCatalog::fixed(Vec::new()), webhook: None });
    };
    let templates = templates(whatsapp, &secrets, stopping, tasks)?;
    let sync = sync::run(templates.clone(), writer.clone(), stopping.clone());
    tasks.spawn("templates of the account", sync);
    let graph = graph_of(whatsapp, &secrets)?.with_files(library);
    let sends = sender::run(outbound, graph, writer.clone(), SenderOptions::default(), stopping.clone());
    tasks.spawn("sends", sends);
    let webhook = webhook(secrets.app_secret, secrets.verify_token);
    Ok(WhatsAppSide { templates, webhook: Some(webhook) })
}

impl Running {
    /// The address as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Applies what an edit of the configuration may change at run time: options, reasons, business attributes and password
    /// hashes, all at once.
    pub fn apply(&self, config: &Config) {
        let gateway = Arc::new(config.gateway.clone());
        self.directory.apply(gateway, &config.interaction_workspace);
    }

    /// Waits until the writer ends by itself, after a failure.
    pub async fn failed(&mut self) {
        let _ = (&mut self.writer).await;
    }

    /// Stops; false when another signal asks to exit meanwhile. Then the process must end at once, and the next start
    /// recovers as after a `kill -9`.
    pub async fn stop_until_signal(self, signals: &mut Signals) -> bool {
        tokio::select! {
            () = self.stop() => true,
            () = signals.exit() => false,
        }
    }

    /// Stops within ten seconds: no new connections; requests and sends under way finish or are aborted; then the writer
    /// writes the last commands.
    async fn stop(mut self) {
        let _ = self.stop.send(true);
        end_by(Instant::now() + DRAIN, &mut self.tasks.senders).await;
        self.tasks.followers.insert(0, ("writer", self.writer));
        end_by(Instant::now() + LAST_BATCH, &mut self.tasks.followers).await;
    }
}

/// Waits for tasks to end, and aborts those that are still running at that moment.
async fn end_by(moment: Instant, tasks: &mut [Task]) {
    for (name, task) in tasks {
        if timeout_at(moment, &mut *task).await.is_err() {
            tracing::warn!(part = *name, "was aborted at the stop");
            task.abort();
            // Whatever the task held is released when this returns.
            let _ = task.await;
        }
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, GatewayStartError> {
    TcpListener::bind(address).await.map_err(|source| GatewayStartError::Listen { address, source })
}

/// Ready when the gateway stops.
async fn stopped(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

fn graph_of(whatsapp: &WhatsAppConfig, secrets: &WhatsAppSecrets) -> Result<Graph, GatewayStartError> {
    Graph::new(&GraphOptions {
        url: whatsapp.graph_url.clone(),
        version: whatsapp.graph_version.clone(),
        phone_number_id: whatsapp.phone_number_id.clone(),
        access_token: secrets.access_token.clone(),
        timeout: graph::TIMEOUT,
    })
    .map_err(|error| GatewayStartError::WhatsApp(error.to_string()))
}

/// The templates: WhatsApp's where the account is named, and the configuration's.
fn templates(
    whatsapp: &WhatsAppConfig,
    secrets: &WhatsAppSecrets,
    stopping: &watch::Receiver<bool>,
    tasks: &mut Tasks,
) -> Result<TemplateCatalog, GatewayStartError> {
    let own = whatsapp.template.iter().map(TextTemplate::template).collect();
    let Some(account) = &whatsapp.business_account_id else { return Ok(TemplateCatalog::fixed(own)) };
    let token = secrets.access_token.clone();
    let source =
        TemplateSource::new(&whatsapp.graph_url, &whatsapp.graph_version, account, token, graph::TIMEOUT)
            .map_err(GatewayStartError::WhatsApp)?;
    let every = Duration::from_secs(whatsapp.template_refresh * 60);
    let (templates, reader) = TemplateCatalog::read_from(source, own, every);
    tasks.spawn("templates", reader.run(stopping.clone()));
    Ok(templates)
}

fn webhook(app_secret: SecretString, verify_token: SecretString) -> WebhookVerifier {
    WebhookVerifier {
        answer_challenge: Box::new(move |query| signature::verify(query, verify_token.expose_secret())),
        is_signed: Box::new(move |raw, header| {
            signature::is_signed(app_secret.expose_secret().as_bytes(), raw, header)
        }),
    }
}

/// Fails every message until the gateway stops: this gateway has no number. It must not wait for the writer to end: the
/// writer waits for this handle to be dropped.
async fn fail_sends(
    mut outbound: mpsc::Receiver<Outbound>,
    writer: WriterHandle,
    stopping: watch::Receiver<bool>,
) {
    let stopped = stopped(stopping);
    tokio::pin!(stopped);
    loop {
        let message = tokio::select! {
            () = &mut stopped => return,
            message = outbound.recv() => message,
        };
        let Some(message) = message else { return };
        let reason = "this gateway has no WhatsApp number; ask the administrator".to_owned();
        let outcome = SendOutcome::Failed { code: 0, reason };
        let report = SendReport {
            tracker: message.tracker,
            outcome,
            at: clock::now(),
            customer: CustomerNames::default(),
        };
        if let Err(refusal) = writer.report(report).await {
            tracing::warn!(%refusal, "the result of a send was not written");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    #[tokio::test(start_paused = true)]
    async fn a_stop_takes_ten_seconds_whatever_hangs() {
        let hanging = || tokio::spawn(pending());
        let gateway = Arc::new(GatewayConfig::default());
        let directory = Arc::new(Directory::new(gateway, &toml::Table::new(), |_| AttachedData::new()));
        let (address, stop) = (SocketAddr::from(([127, 0, 0, 1], 1)), watch::channel(false).0);
        let senders = vec![("one", hanging()), ("another", hanging())];
        let tasks = Tasks { senders, followers: vec![("follower", hanging())] };
        let running = Running { address, directory, stop, tasks, writer: hanging() };
        tokio::time::timeout(Duration::from_secs(10), running.stop()).await.unwrap();
    }
}
