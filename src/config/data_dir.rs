//! The base of relative paths in a configuration, and the folder of the gateway's data.
//!
//! Owns: the rule for both, which does not depend on the working directory.
//! Must not: create or open the folder; the store does.

use super::load::LoadedConfig;
use super::paths::{NoHome, Paths};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The folder that earlier versions used without `gateway.data-dir`, in their working directory.
const EARLIER_DEFAULT: &str = "deskline-data";
/// The file by which a data folder is recognised.
const DATABASE: &str = "gateway.db";

/// Why there is no usable data folder.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DataDirError {
    /// `gateway.data-dir` is not set, and the platform has no folder for data.
    #[error("{0}, or name the folder for the gateway's data in gateway.data-dir")]
    NoHome(#[from] NoHome),
    /// The data is in the folder of an earlier version, and the current folder has none.
    #[error(
        "the gateway's data is in {}, where an earlier version put it, and would now be in {}; \
         stop the gateway and move the first folder to the second, or set gateway.data-dir to \"{}\" to leave it there",
        earlier.display(), now.display(), earlier.display()
    )]
    Earlier {
        /// Where the data is.
        earlier: PathBuf,
        /// Where this version looks for it.
        now: PathBuf,
    },
}

impl LoadedConfig {
    /// The folder of the gateway's data: `gateway.data-dir`, or `deskline` in the platform's data folder.
    ///
    /// # Errors
    /// When there is no home folder, or the data is still in the folder of an earlier version.
    pub fn data_dir(&self) -> Result<PathBuf, DataDirError> {
        let now = match &self.config.gateway.data_dir {
            Some(folder) => folder.clone(),
            None => Paths::find()?.data_dir().to_owned(),
        };
        let written = self.table.get("gateway").and_then(|gateway| gateway.get("data-dir"));
        let written = written.and_then(toml::Value::as_str).unwrap_or(EARLIER_DEFAULT);
        let earlier = std::path::absolute(written).unwrap_or_else(|_| now.clone());
        found(&earlier, now)
    }
}

/// The folder `now`, unless only the folder of an earlier version has data.
fn found(earlier: &Path, now: PathBuf) -> Result<PathBuf, DataDirError> {
    if earlier != now && earlier.join(DATABASE).exists() && !now.join(DATABASE).exists() {
        return Err(DataDirError::Earlier { earlier: earlier.to_owned(), now });
    }
    Ok(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::fs;

    fn load(file: &Path, text: &str) -> LoadedConfig {
        fs::write(file, text).unwrap();
        Config::load(Some(file)).unwrap()
    }

    #[test]
    fn without_data_dir_the_data_is_in_the_platforms_folder() {
        let dir = tempfile::tempdir().unwrap();
        let loaded = load(&dir.path().join("config.toml"), "[gateway]\n");
        assert_eq!(loaded.data_dir().unwrap(), Paths::find().unwrap().data_dir());
    }

    #[test]
    fn data_of_an_earlier_version_is_not_left_behind() {
        let dir = tempfile::tempdir().unwrap();
        let (earlier, now) = (dir.path().join("earlier"), dir.path().join("now"));
        fs::create_dir(&earlier).unwrap();
        fs::create_dir(&now).unwrap();
        assert_eq!(found(&earlier, now.clone()), Ok(now.clone()));
        fs::write(earlier.join(DATABASE), "").unwrap();
        let said = found(&earlier, now.clone()).unwrap_err().to_string();
        assert!(said.contains(&format!("set gateway.data-dir to \"{}\"", earlier.display())), "{said}");
        // It is found if the option is set or the data was moved.
        assert_eq!(found(&earlier, earlier.clone()), Ok(earlier.clone()));
        fs::rename(earlier.join(DATABASE), now.join(DATABASE)).unwrap();
        assert_eq!(found(&earlier, now.clone()), Ok(now));
    }
}
