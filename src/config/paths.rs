//! The files of this program.
//!
//! Owns: the folders of the XDG rules, and their permissions.
//! Must not: derive a path from text of a customer, a server or a file. All names are constants.
//! Invariants: a folder that this program creates has mode 0700, whatever the umask is.

use etcetera::base_strategy::{BaseStrategy, Xdg};
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use thiserror::Error;

const NAME: &str = "deskline";

/// The account has no home folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this account has no home folder, so there is no place for settings and logs: set HOME")]
pub struct NoHome;

/// The folders of this program. They need not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    config: PathBuf,
    state: PathBuf,
    data: PathBuf,
}

impl Paths {
    /// The folders under `XDG_CONFIG_HOME`, `XDG_STATE_HOME` and `XDG_DATA_HOME`, or under the defaults of XDG.
    ///
    /// # Errors
    /// When the account has no home folder.
    pub fn find() -> Result<Self, NoHome> {
        let xdg = Xdg::new().map_err(|_| NoHome)?;
        Ok(Self {
            config: xdg.config_dir().join(NAME),
            state: xdg.state_dir().ok_or(NoHome)?.join(NAME),
            data: xdg.data_dir().join(NAME),
        })
    }

    /// The config file that is read when no other is named.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The console's database: drafts, unsent messages, cursors.
    pub fn console_db(&self) -> PathBuf {
        self.state.join("console.db")
    }

    /// The log file when the config does not name one.
    pub fn log_file(&self) -> PathBuf {
        self.state.join("deskline.log")
    }

    /// The folder for state that is created again when it is missing.
    pub fn state_dir(&self) -> &Path {
        &self.state
    }

    /// The folder for data that must not be lost.
    pub fn data_dir(&self) -> &Path {
        &self.data
    }
}

/// Creates a folder and its missing parents, each with mode 0700. Existing folders are not changed.
///
/// # Errors
/// When a folder cannot be created.
pub fn private_dir(path: &Path) -> io::Result<()> {
    // The parent of a relative path with one part is empty, which means the working directory.
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        private_dir(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => fs::set_permissions(path, Permissions::from_mode(0o700)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_private_and_existing_ones_are_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let open = dir.path().join("open");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, Permissions::from_mode(0o755)).unwrap();
        let deep = open.join("a/b");
        private_dir(&deep).unwrap();
        private_dir(&deep).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&open), mode(&open.join("a")), mode(&deep)), (0o755, 0o700, 0o700));
        fs::write(dir.path().join("file"), "").unwrap();
        assert!(private_dir(&dir.path().join("file")).is_err());
    }

    #[test]
    fn every_path_is_inside_a_folder_of_this_program() {
        let paths = Paths::find().unwrap();
        for path in [paths.config_file(), paths.console_db(), paths.log_file()] {
            assert!(path.is_absolute() && path.parent().unwrap().ends_with("deskline"), "{path:?}");
        }
    }
}
