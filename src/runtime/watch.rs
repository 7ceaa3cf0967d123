//! Reports edits of the configuration file.
//!
//! Owns: watching one file. Must not: interpret its content.
//! Invariants: an edit is reported when the editor has finished, and only when the content has changed.

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;

/// Editors write in several steps. An edit is complete after this time without another step.
const SETTLED: Duration = Duration::from_millis(150);
/// How often the file is read where the system reports no changes.
const POLL: Duration = Duration::from_secs(2);

/// Starts to watch a file, which need not exist. A message means that its content has changed. The channel has room for
/// one, since a second message would add nothing. Watching ends when the receiver is dropped.
pub fn start(path: &Path) -> mpsc::Receiver<()> {
    let (changes, changed) = mpsc::channel(1);
    tokio::spawn(run(path.to_owned(), changes));
    changed
}

async fn run(path: PathBuf, changes: mpsc::Sender<()>) {
    // When it is full, the file is read in any case.
    let (event, mut events) = mpsc::channel(1);
    let watcher = watcher(&path, event);
    if let Err(error) = &watcher {
        tracing::info!(%error, "the configuration file cannot be watched, so it is read from time to time");
    }
    let mut known = tokio::fs::read(&path).await.ok();
    loop {
        tokio::select! {
            () = changes.closed() => return,
            Some(()) = events.recv() => {}
            () = tokio::time::sleep(POLL), if watcher.is_err() => {}
        }
        while let Ok(Some(())) = tokio::time::timeout(SETTLED, events.recv()).await {}
        // A missing file is just being replaced, or its settings stay in force.
        let Ok(now) = tokio::fs::read(&path).await else { continue };
        if known.as_ref() != Some(&now) {
            known = Some(now);
            if changes.send(()).await.is_err() {
                return;
            }
        }
    }
}

/// Watches the folders, since editors replace the file.
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

/// The folder of the file, and if it is a link, the folder of its target.
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

    async fn reported(edits: &mut mpsc::Receiver<()>) {
        tokio::time::timeout(Duration::from_secs(60), edits.recv()).await.unwrap().unwrap();
    }

    /// Writes until an edit is reported: watching may begin after the first one.
    async fn edited(edits: &mut mpsc::Receiver<()>, write: impl Fn(u32)) {
        for round in 0.. {
            write(round);
            if tokio::time::timeout(Duration::from_secs(3), edits.recv()).await.is_ok() {
                return;
            }
        }
    }

    #[tokio::test]
    async fn edits_in_place_by_rename_and_behind_a_link_are_reported() {
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
        reported(&mut edits).await;
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_watched_is_polled() {
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
