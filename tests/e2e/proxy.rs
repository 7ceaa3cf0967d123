//! A network that can be cut and held, and that can hide what only our gateway has.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Open,
    /// Nothing gets through, and nobody is told.
    Held,
    /// Every connection breaks.
    Cut,
}

/// Where our additions live, and an address of the same length where nothing does.
const OURS: &[u8] = b"/deskline/";
const NOWHERE: &[u8] = b"/elsewher/";

/// A port that leads to another one.
pub struct Proxy {
    address: SocketAddr,
    target: Arc<Mutex<SocketAddr>>,
    mode: watch::Sender<Mode>,
}

impl Proxy {
    pub async fn start(target: SocketAddr) -> Self {
        Self::with(target, false).await
    }

    /// One behind which our additions are not found, as on another server.
    pub async fn without_additions(target: SocketAddr) -> Self {
        Self::with(target, true).await
    }

    async fn with(target: SocketAddr, hides: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let target = Arc::new(Mutex::new(target));
        let mode = watch::Sender::new(Mode::Open);
        let (to, watching) = (Arc::clone(&target), mode.subscribe());
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let to = *to.lock().unwrap();
                tokio::spawn(carry(near, to, watching.clone(), hides));
            }
        });
        Self { address, target, mode }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Leads somewhere else from now on.
    pub fn lead_to(&self, target: SocketAddr) {
        *self.target.lock().unwrap() = target;
    }

    pub fn cut(&self) {
        self.mode.send_replace(Mode::Cut);
    }

    pub fn hold(&self) {
        self.mode.send_replace(Mode::Held);
    }

    pub fn open(&self) {
        self.mode.send_replace(Mode::Open);
    }
}

async fn carry(near: TcpStream, to: SocketAddr, mode: watch::Receiver<Mode>, hides: bool) {
    let mut cut = mode.clone();
    tokio::select! {
        biased;
        _ = cut.wait_for(|mode| *mode == Mode::Cut) => {}
        () = both_ways(near, to, mode, hides) => {}
    }
}

async fn both_ways(near: TcpStream, to: SocketAddr, mode: watch::Receiver<Mode>, hides: bool) {
    let Ok(far) = TcpStream::connect(to).await else { return };
    let (near, far) = (near.into_split(), far.into_split());
    tokio::join!(pump(near.0, far.1, mode.clone(), hides), pump(far.0, near.1, mode, false));
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut mode: watch::Receiver<Mode>, hides: bool) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        // The head of a request comes in one piece from the clients here.
        let places =
            buffer[..count].windows(OURS.len()).enumerate().filter(|(_, part)| hides && *part == OURS);
        for at in places.map(|(at, _)| at).collect::<Vec<_>>() {
            buffer[at..at + NOWHERE.len()].copy_from_slice(NOWHERE);
        }
        if mode.wait_for(|mode| *mode == Mode::Open).await.is_err()
            || to.write_all(&buffer[..count]).await.is_err()
        {
            return;
        }
    }
}
