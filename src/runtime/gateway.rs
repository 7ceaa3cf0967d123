//! Puts a gateway together and takes it down again.

use super::clock;
use crate::config::hash;
use crate::config::options::interaction_workspace;
use crate::config::paths::private_dir;
use crate::config::schema::{Config, TextTemplate, WhatsAppConfig};
use crate::config::secret::WhatsAppSecrets;
use crate::domain::AttachedData;
use crate::gateway::accept::{self, ListenerLimits};
use crate::gateway::audit::{self, Audit};
use crate::gateway::directory::Directory;
use crate::gateway::feed as watching;
use crate::gateway::http::{self};
use crate::gateway::hub::{self, Hub};
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

/// Messages on their way from the writer to WhatsApp's sender. Overflow: the writer keeps the rest in its log
/// and hands it over later.
const OUTBOUND: usize = 256;
/// Time for a request.
const REQUEST: Duration = Duration::from_secs(30);
/// How long requests and sends under way may take to finish at a stop. The rest is cut off; the event log has
/// every promise, and the next start resumes it.
const DRAIN: Duration = Duration::from_secs(8);
/// How long writing their last results may take after that.
const LAST_BATCH: Duration = Duration::from_secs(1);

/// Why a gateway does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The data cannot be used.
    #[error("the data folder {path} cannot be used: {reason}")]
    Data {
        /// Which.
        path: String,
        /// Why.
        reason: String,
    },
    /// The writer does not start.
    #[error(transparent)]
    Writer(#[from] writer::WriterStartError),
    /// WhatsApp's side cannot be set up.
    #[error("{0}")]
    WhatsApp(String),
}

/// A task of a running gateway, with its name for the log.
type Task = (&'static str, JoinHandle<()>);

/// A gateway that runs.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// What an edit changes. Not all services: whoever holds them holds the writer, which then never ends.
    directory: Arc<Directory>,
    stop: watch::Sender<bool>,
    /// Tasks that send commands to the writer.
    tasks: Vec<Task>,
    /// Tasks that end after the others: they write or show the results.
    followers: Vec<Task>,
    /// Ends by itself only when something went wrong.
    writer: JoinHandle<()>,
}

/// Starts a gateway on the data in a folder. All unfinished work is resumed first.
///
/// # Errors
/// When a part cannot be set up; nothing runs then.
pub async fn start(
    config: &Config,
    dir: &Path,
    secrets: Option<WhatsAppSecrets>,
) -> Result<Running, StartError> {
    let gateway = Arc::new(config.gateway.clone());
    let bad_data = |reason: String| StartError::Data { path: dir.display().to_string(), reason };
    private_dir(dir).map_err(|error| bad_data(error.to_string()))?;
    // The port comes first: a second gateway on it must not touch the data.
    let listener = listen(gateway.listen).await?;
    let address =
        listener.local_addr().map_err(|source| StartError::Listen { address: gateway.listen, source })?;
    let admin = match gateway.admin_listen {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    let opened = tokio::task::spawn_blocking({
        let dir = dir.to_owned();
        move || {
            let store = Sqlite::open(&dir)?;
            // Files of many megabytes must not keep the writer waiting.
            Ok((store, Sqlite::open_shared(&dir)?))
        }
    });
    let (store, library) = opened
        .await
        .map_err(|error| bad_data(error.to_string()))?
        .map_err(|e: StoreError| bad_data(e.to_string()))?;
    let library: Arc<dyn ResponseStore> = Arc::new(library);
    let (stop, stopping) = watch::channel(false);
    let hub = Arc::new(Hub::new(hub::HubLimits::default()));
    let (to_sender, outbound) = mpsc::channel(OUTBOUND);
    let mask = config.privacy.mask().unwrap_or_default();
    let setup = WriterSetup {
        words: config.routing_based.clone(),
        mask: mask.clone(),
        ..WriterSetup::from_config(&gateway, parse::parse)
    };
    let publish = Arc::clone(&hub);
    let store = Arc::new(store);
    let target_book = Arc::clone(&store);
    let log: Arc<dyn Store> = store;
    let (writer, writer_task) =
        writer::start(setup, Arc::clone(&log), publish, to_sender, Arc::new(clock::now)).await?;
    let (mut tasks, mut followers) = (Vec::new(), Vec::new());
    let (audit, rows) = Audit::new(Arc::clone(&log), Arc::new(clock::now));
    // It ends when the last request that could add to it has.
    followers.push(("audit", tokio::spawn(audit::write_rows(Arc::clone(&log), rows))));
    let house = watching::Organization::from_config(&gateway);
    let written = writer.written();
    let started =
        watching::start(log, house, writer.clone(), written, Arc::new(clock::now), TimeZone::system()).await;
    let (feed, follow) = started.map_err(|error| bad_data(error.to_string()))?;
    followers.push(("live view", tokio::spawn(follow.run())));
    let templates = match (&gateway.whatsapp, &secrets) {
        (Some(whatsapp), Some(secrets)) => {
            let templates = templates(whatsapp, secrets, &stopping, &mut tasks)?;
            let run = sync::run(templates.clone(), writer.clone(), stopping.clone());
            tasks.push(("templates of the account", tokio::spawn(run)));
            templates
        }
        _ => TemplateCatalog::fixed(Vec::new()),
    };
    let webhook = match (&gateway.whatsapp, secrets) {
        (Some(whatsapp), Some(secrets)) => {
            let graph = graph_of(whatsapp, &secrets)?.with_files(Arc::clone(&library));
            let run =
                sender::run(outbound, graph, writer.clone(), SenderOptions::default(), stopping.clone());
            tasks.push(("sends", tokio::spawn(run)));
            Some(webhook(secrets.app_secret, secrets.verify_token))
        }
        _ => {
            tasks.push(("sends", tokio::spawn(nowhere(outbound, writer.clone(), stopping.clone()))));
            None
        }
    };
    let services = Services::new(ServiceParts {
        gateway: Arc::clone(&gateway),
        options: config.interaction_workspace.clone(),
        read_options: |table| interaction_workspace(table).unwrap_or_else(|_| AttachedData::new()),
        verify_password: |hash, password| hash::verify(hash, &SecretString::from(password.to_owned())),
        writer,
        library: LibraryCache::new(library),
        hub,
        target_book,
        webhook,
        feed: Some(feed),
        mask,
        audit: Some(audit),
        templates,
        stopping: stopping.clone(),
        request_timeout: REQUEST,
    });
    let directory = Arc::clone(&services.directory);
    tasks.push(("presence", tokio::spawn(Arc::clone(&services).track_presence())));
    let limits = ListenerLimits { connections: gateway.max_connections, ..ListenerLimits::default() };
    let serve = accept::run(listener, http::router(&services), limits, told(stopping.clone()));
    tasks.push(("requests", tokio::spawn(serve)));
    if let Some(admin) = admin {
        let serve =
            accept::run(admin, http::admin::router(&services), ListenerLimits::default(), told(stopping));
        tasks.push(("requests of administrators", tokio::spawn(serve)));
    }
    Ok(Running { address, directory, stop, tasks, followers, writer: writer_task })
}

impl Running {
    /// The address as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes what an edit of the configuration may change while it runs: options, reasons, business
    /// attributes and hashes of passwords, all at once.
    pub fn apply(&self, config: &Config) {
        let gateway = Arc::new(config.gateway.clone());
        self.directory.apply(gateway, &config.interaction_workspace);
    }

    /// Ready when the writer has ended though nobody stopped it.
    pub async fn broken(&mut self) {
        let _ = (&mut self.writer).await;
    }

    /// Stops, or gives up at the next signal that asks to exit. Then it returns false: the process must end,
    /// and the next start finds what a `kill -9` leaves.
    pub async fn stop_unless_told_again(self, signals: &mut Signals) -> bool {
        tokio::select! {
            () = self.stop() => true,
            () = signals.exit() => false,
        }
    }

    /// Stops within ten seconds: no new connections; requests and sends under way finish or are cut off; then
    /// the writer writes the last commands.
    async fn stop(mut self) {
        let _ = self.stop.send(true);
        end_by(Instant::now() + DRAIN, &mut self.tasks).await;
        self.followers.insert(0, ("writer", self.writer));
        end_by(Instant::now() + LAST_BATCH, &mut self.followers).await;
    }
}

/// Waits for the end of tasks, and aborts those that are still running at that moment.
async fn end_by(moment: Instant, tasks: &mut [Task]) {
    for (name, task) in tasks {
        if timeout_at(moment, &mut *task).await.is_err() {
            tracing::warn!(part = *name, "was cut off at the stop");
            task.abort();
            // Whatever the task held is released when this returns.
            let _ = task.await;
        }
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, source })
}

async fn told(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

fn graph_of(whatsapp: &WhatsAppConfig, secrets: &WhatsAppSecrets) -> Result<Graph, StartError> {
    Graph::new(&GraphOptions {
        url: whatsapp.graph_url.clone(),
        version: whatsapp.graph_version.clone(),
        phone_number_id: whatsapp.phone_number_id.clone(),
        access_token: secrets.access_token.clone(),
        timeout: graph::TIMEOUT,
    })
    .map_err(|error| StartError::WhatsApp(error.to_string()))
}

/// The templates: WhatsApp's where the account is named, and the configuration's.
fn templates(
    whatsapp: &WhatsAppConfig,
    secrets: &WhatsAppSecrets,
    stopping: &watch::Receiver<bool>,
    tasks: &mut Vec<Task>,
) -> Result<TemplateCatalog, StartError> {
    let own = whatsapp.template.iter().map(TextTemplate::template).collect();
    let Some(account) = &whatsapp.business_account_id else { return Ok(TemplateCatalog::fixed(own)) };
    let token = secrets.access_token.clone();
    let source =
        TemplateSource::new(&whatsapp.graph_url, &whatsapp.graph_version, account, token, graph::TIMEOUT)
            .map_err(StartError::WhatsApp)?;
    let every = Duration::from_secs(whatsapp.template_refresh * 60);
    let (templates, reader) = TemplateCatalog::read_from(source, own, every);
    tasks.push(("templates", tokio::spawn(reader.run(stopping.clone()))));
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

/// Fails every message until the gateway stops: this gateway has no number.
///
/// It holds a handle of the writer, which ends only when nobody does, so it must not wait for the writer to
/// end.
async fn nowhere(
    mut outbound: mpsc::Receiver<Outbound>,
    writer: WriterHandle,
    stopping: watch::Receiver<bool>,
) {
    let stopped = told(stopping);
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
            tracing::warn!(%refusal, "the end of a send was not kept");
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
        let gateway = Arc::new(crate::config::schema::GatewayConfig::default());
        let directory = Arc::new(Directory::new(gateway, &toml::Table::new(), |_| AttachedData::new()));
        let (address, stop) = (SocketAddr::from(([127, 0, 0, 1], 1)), watch::channel(false).0);
        let tasks = vec![("one", hanging()), ("another", hanging())];
        let followers = vec![("follower", hanging())];
        let running = Running { address, directory, stop, tasks, followers, writer: hanging() };
        tokio::time::timeout(Duration::from_secs(10), running.stop()).await.unwrap();
    }
}
