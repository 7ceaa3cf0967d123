//! Tells when the configuration file was edited.
//!
//! Owns: watching one file. Must not: read what is in it; whoever is told does.
//! Invariants: an edit is told once it has settled, and a file that was only touched is not told of.

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;

/// Editors write in several steps; after the last of them it is quiet for so long.
const SETTLED: Duration = Duration::from_millis(150);
/// How often the file is looked at where the system does not tell of changes.
const LOOK: Duration = Duration::from_secs(2);

/// Begins to watch a file, which need not exist. What is received says that it holds something else now.
/// One that waits to be received says all there is to say, so there is room for one. Ends with its receiver.
pub fn start(path: &Path) -> mpsc::Receiver<()> {
    let (tell, told) = mpsc::channel(1);
    tokio::spawn(run(path.to_owned(), tell));
    told
}

async fn run(path: PathBuf, tell: mpsc::Sender<()>) {
    // Full means that an event waits: the file is looked at in any case.
    let (event, mut events) = mpsc::channel(1);
    let watcher = watcher(&path, event);
    if let Err(error) = &watcher {
        tracing::info!(%error, "the configuration file is looked at from time to time: it cannot be watched");
    }
    let mut known = tokio::fs::read(&path).await.ok();
    loop {
        tokio::select! {
            () = tell.closed() => return,
            Some(()) = events.recv() => {}
            () = tokio::time::sleep(LOOK), if watcher.is_err() => {}
        }
        while let Ok(Some(())) = tokio::time::timeout(SETTLED, events.recv()).await {}
        // A file that is not there is one that is just being replaced, or whose settings stay in force.
        let Ok(now) = tokio::fs::read(&path).await else { continue };
        if known.as_ref() != Some(&now) {
            known = Some(now);
            if tell.send(()).await.is_err() {
                return;
            }
        }
    }
}

/// Watches the folders, since editors put another file in the place of the old one.
fn watcher(path: &Path, event: mpsc::Sender<()>) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |found: notify::Result<notify::Event>| {
        let reading = found.is_ok_and(|found| match found.kind {
            EventKind::Access(how) => how != AccessKind::Close(AccessMode::Write),
            _ => false,
        });
        if !reading {
            let _ = event.try_send(());
        }
    })?;
    for folder in folders(path) {
        watcher.watch(&folder, RecursiveMode::NonRecursive)?;
    }
    Ok(watcher)
}

/// The folder of the file, and that of what it is a link to.
fn folders(path: &Path) -> BTreeSet<PathBuf> {
    let real = std::fs::canonicalize(path).ok();
    let parents = [Some(path), real.as_deref()].into_iter().flatten().filter_map(Path::parent);
    parents
        .map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
        .map(|folder| std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    async fn told(edits: &mut mpsc::Receiver<()>) {
        tokio::time::timeout(Duration::from_secs(60), edits.recv()).await.unwrap().unwrap();
    }

    /// Writes until it is told: the watch may have begun after the first time.
    async fn edited(edits: &mut mpsc::Receiver<()>, write: impl Fn(u32)) {
        for round in 0.. {
            write(round);
            if tokio::time::timeout(Duration::from_secs(3), edits.recv()).await.is_ok() {
                return;
            }
        }
    }

    #[tokio::test]
    async fn an_edit_in_place_by_rename_and_behind_a_link_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().join("real");
        fs::create_dir(&real).unwrap();
        let (file, link) = (real.join("c.toml"), dir.path().join("c.toml"));
        fs::write(&file, "a").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let mut edits = start(&link);
        edited(&mut edits, |round| fs::write(&file, format!("b{round}")).unwrap()).await;
        fs::write(real.join("new"), "c").unwrap();
        fs::rename(real.join("new"), &file).unwrap();
        told(&mut edits).await;
    }

    #[tokio::test]
    async fn where_nothing_can_be_watched_the_file_is_looked_at() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("later");
        let mut edits = start(&folder.join("c.toml"));
        edited(&mut edits, |round| {
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("c.toml"), format!("{round}")).unwrap();
        })
        .await;
    }
}
