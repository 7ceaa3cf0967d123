//! Finds, parses and checks a config file.

use super::check;
use super::error::{ConfigError, Problem};
use super::paths::Paths;
use super::places::KeyLocations;
use super::schema::Config;
use super::shape;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use toml::de::DeTable;

/// A config without errors.
#[derive(Clone, Debug, Default)]
pub struct LoadedConfig {
    pub config: Config,
    /// The file; `None` when there was none and all values are defaults.
    pub path: Option<PathBuf>,
    /// Values that are valid but probably not intended.
    pub warnings: Vec<Problem>,
    /// The contents of the file, without defaults.
    pub table: toml::Table,
    places: KeyLocations,
}

impl LoadedConfig {
    /// Line and column, from 1, of a key: `["keys", "transfer"]`. For checks outside this module.
    pub fn line_of(&self, path: &[&str]) -> Option<(usize, usize)> {
        self.places.find(path)
    }

    /// A problem with the value of a key that a check outside this module found.
    pub fn problem(&self, path: &[&str], sentence: impl Into<String>) -> Problem {
        let file = self.path.as_ref().map_or_else(|| "config".to_owned(), |path| path.display().to_string());
        Problem {
            file,
            at: self.line_of(path),
            key: path.join("."),
            sentence: sentence.into(),
            snippet: String::new(),
        }
    }
}

impl Config {
    /// Reads `path`, which must exist. Without a path, reads the file in the user's config folder, or uses the defaults if
    /// there is none.
    ///
    /// # Errors
    /// When the file cannot be read or has errors. All errors are reported at once.
    pub fn load(path: Option<&Path>) -> Result<LoadedConfig, ConfigError> {
        let (path, required) = match path {
            Some(path) => (path.to_owned(), true),
            None => (Paths::find()?.config_file(), false),
        };
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if !required && error.kind() == io::ErrorKind::NotFound => {
                return Ok(LoadedConfig::default());
            }
            Err(source) => return Err(ConfigError::Read { path, source }),
        };
        let mut loaded = Self::parse(&text, &path.display().to_string())?;
        if let Some(sentence) = readable(&path, &loaded.config) {
            let file = path.display().to_string();
            let (at, key, snippet) = (None, String::new(), String::new());
            loaded.warnings.push(Problem { file, at, key, sentence, snippet });
        }
        resolve_paths(&mut loaded.config, &path);
        loaded.path = Some(path);
        Ok(loaded)
    }

    /// Parses a config. `file_name` is only for messages.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`]: the first error of the TOML or of a key, or otherwise every value that is not valid.
    pub fn parse(text: &str, file_name: &str) -> Result<LoadedConfig, ConfigError> {
        let table = DeTable::parse(text)
            .map_err(|error| ConfigError::Invalid(vec![shape::not_toml(file_name, text, &error)]))?;
        let places = KeyLocations::of(text, table.get_ref());
        let config: Self = toml::from_str(text).map_err(|error| {
            ConfigError::Invalid(vec![shape::not_config(file_name, text, &places, &error)])
        })?;
        let (problems, warnings) = check::check(&config, file_name, &places);
        if problems.is_empty() {
            // It has just been parsed successfully.
            let table = toml::from_str(text).unwrap_or_default();
            Ok(LoadedConfig { config, path: None, warnings, table, places })
        } else {
            Err(ConfigError::Invalid(problems))
        }
    }
}

/// Resolves relative paths in the config from the folder of its file.
fn resolve_paths(config: &mut Config, file: &Path) {
    // Without a working directory the paths stay as written, which has the same effect.
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let base = file.parent().unwrap_or(&file);
    let Config { console, gateway, .. } = config;
    let secrets = gateway.whatsapp.iter_mut().flat_map(|whatsapp| {
        [&mut whatsapp.app_secret_file, &mut whatsapp.access_token_file, &mut whatsapp.verify_token_file]
    });
    let others = [
        &mut console.client_secret_file,
        &mut console.api_key_file,
        &mut console.ca_file,
        &mut console.log_file,
        &mut gateway.data_dir,
    ];
    for path in others.into_iter().chain(secrets).flatten() {
        *path = base.join(&*path);
    }
}

/// A warning when other accounts may read the file, since password hashes can be attacked by guessing.
fn readable(path: &Path, config: &Config) -> Option<String> {
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o7777;
    (!config.gateway.agent.is_empty() && mode & 0o007 != 0).then(|| {
        format!(
            "everybody on this machine can read or change the hashes of passwords in it (mode {mode:04o}); run: chmod 640 '{}'",
            path.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_for_later_errors() {
        let loaded = Config::parse("[keys]\n  transfer = \"Ctrl+T\"\n", "c.toml").unwrap();
        assert_eq!(loaded.line_of(&["keys", "transfer"]), Some((2, 3)));
        assert_eq!(loaded.line_of(&["keys", "accept"]), None);
        let said = loaded.problem(&["keys", "transfer"], "no such key").to_string();
        assert_eq!(said, "config:2:3: keys.transfer: no such key");
    }

    #[test]
    fn relative_paths_begin_in_the_folder_of_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let text = "[console]\nlog-file = \"logs/a.log\"\nca-file = \"/etc/ca.pem\"\n[gateway]\ndata-dir = \"data\"\n\
            [gateway.whatsapp]\nphone-number-id = \"1\"\nqueue = \"q\"\naccess-token-file = \"token\"\n\
            [[gateway.queue]]\nname = \"q\"\n";
        let config = {
            let path = dir.path().join("config.toml");
            fs::write(&path, text).unwrap();
            Config::load(Some(&path)).unwrap().config
        };
        assert_eq!(config.console.log_file, Some(dir.path().join("logs/a.log")));
        assert_eq!(config.console.ca_file, Some(PathBuf::from("/etc/ca.pem")));
        assert_eq!(config.gateway.data_dir, Some(dir.path().join("data")));
        let whatsapp = config.gateway.whatsapp.unwrap();
        assert_eq!(whatsapp.access_token_file, Some(dir.path().join("token")));
    }

    #[test]
    fn a_named_file_must_exist_and_be_text() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("none.toml");
        let error = Config::load(Some(&path)).unwrap_err();
        assert!(matches!(error, ConfigError::Read { .. }));
        assert!(error.to_string().starts_with(&format!("cannot read the config file {}", path.display())));
        fs::write(&path, b"\xff").unwrap();
        assert!(matches!(Config::load(Some(&path)), Err(ConfigError::Read { .. })));
    }

    #[test]
    fn a_config_readable_by_others_gives_a_warning() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.toml");
        let hash = crate::config::hash::tests::HASH;
        fs::write(&path, format!("[[gateway.agent]]\nuser-name = \"a\"\npassword-hash = \"{hash}\"\n"))
            .unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let warnings = Config::load(Some(&path)).unwrap().warnings;
        assert!(warnings.iter().any(|w| w.to_string().contains("chmod 640")), "{warnings:?}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let loaded = Config::load(Some(&path)).unwrap();
        assert_eq!(loaded.warnings, []);
        assert_eq!(loaded.path.as_deref(), Some(path.as_path()));
    }
}
