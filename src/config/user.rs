//! Agents in the config file: add one, change a password, list them.
//!
//! Owns: the smallest edit of the file for each. Nothing else in the file changes.
//! Invariants: the new text is parsed and checked before it is written; the file is replaced atomically and keeps its mode
//! and owner.

use super::error::ConfigError;
use super::schema::{AgentConfig, Config, GatewayConfig};
use crate::domain::role::Role;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use thiserror::Error;
use toml::Value;
use toml::de::DeTable;

/// Why the file was not changed.
#[derive(Debug, Error)]
pub enum UserError {
    /// The file has errors, or would have after the change.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No such agent.
    #[error("there is no agent {name:?} in the config; the agents are {known}")]
    NoAgent {
        /// The name that was given.
        name: String,
        /// The existing names.
        known: String,
    },
    /// The file could not be written.
    #[error("cannot write {}: {source}; it is as it was", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// The block of an agent for the end of a config file. Keys with default values are left out.
pub fn render(agent: &AgentConfig) -> String {
    let mut block = String::from("[[gateway.agent]]\n");
    let mut line = |key: &str, value: Value| {
        // Writing to a string cannot fail.
        let _ = writeln!(block, "{key} = {value}");
    };
    let text = |value: &str| Value::String(value.to_owned());
    line("user-name", text(&agent.user_name));
    if let Some(employee_id) = &agent.employee_id {
        line("employee-id", text(employee_id));
    }
    for (key, value) in [("first-name", &agent.first_name), ("last-name", &agent.last_name)] {
        if !value.is_empty() {
            line(key, text(value));
        }
    }
    if agent.role != Role::default() {
        line("role", text(agent.role.word()));
    }
    line("password-hash", text(&agent.password_hash));
    if !agent.groups.is_empty() {
        line("groups", Value::Array(agent.groups.iter().map(|group| text(group)).collect()));
    }
    if !agent.oversees.is_empty() {
        line("oversees", Value::Array(agent.oversees.iter().map(|group| text(group)).collect()));
    }
    if !agent.privileges.is_empty() {
        let words = agent.privileges.iter().map(|privilege| text(privilege.word()));
        line("privileges", Value::Array(words.collect()));
    }
    if !agent.skills.is_empty() {
        let skills =
            agent.skills.iter().map(|(skill, level)| (skill.clone(), Value::Integer((*level).into())));
        line("skills", Value::Table(skills.collect()));
    }
    line("capacity", Value::Integer(agent.capacity.into()));
    block
}

/// The text of a config with an agent added at its end.
///
/// # Errors
/// When the result has errors, such as a user name that is taken.
pub fn with_agent(text: &str, file_name: &str, agent: &AgentConfig) -> Result<String, UserError> {
    let gap = match text {
        "" => "",
        _ if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    let added = format!("{text}{gap}{}", render(agent));
    Config::parse(&added, file_name)?;
    Ok(added)
}

/// The text of a config with a new password hash for an agent.
///
/// # Errors
/// When there is no such agent, or the config has errors.
pub fn with_password(text: &str, file_name: &str, user_name: &str, hash: &str) -> Result<String, UserError> {
    let config = Config::parse(text, file_name)?.config;
    let missing = || {
        let known: Vec<&str> = config.gateway.agent.iter().map(|agent| agent.user_name.as_str()).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        UserError::NoAgent { name: user_name.to_owned(), known }
    };
    let index =
        config.gateway.agent.iter().position(|agent| agent.user_name == user_name).ok_or_else(missing)?;
    // It has just been parsed, so the span is found.
    let span = DeTable::parse(text).ok().and_then(|table| {
        let agent = table.get_ref().get("gateway")?.get_ref().get("agent")?.get_ref().get(index)?.get_ref();
        agent.get("password-hash").map(toml::Spanned::span)
    });
    let (before, after) =
        span.and_then(|span| Some((text.get(..span.start)?, text.get(span.end..)?))).ok_or_else(missing)?;
    let changed = format!("{before}{}{after}", Value::String(hash.to_owned()));
    Config::parse(&changed, file_name)?;
    Ok(changed)
}

/// A line per agent, for people and for pipes: user name, employee ID, role, name, groups, skills and capacity, separated
/// by tabs.
pub fn list(gateway: &GatewayConfig) -> String {
    let mut lines = String::new();
    for agent in &gateway.agent {
        let skills: Vec<String> =
            agent.skills.iter().map(|(skill, level)| format!("{skill}={level}")).collect();
        let name = format!("{} {}", agent.first_name, agent.last_name);
        let _ = writeln!(
            lines,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}",
            agent.user_name,
            agent.employee_id(),
            agent.role.word(),
            name.trim(),
            agent.groups.join(","),
            skills.join(","),
            agent.capacity,
        );
    }
    lines
}

/// Adds an agent to a config file, which is created with mode 0600 if there is none.
///
/// # Errors
/// Those of [`with_agent`], and when the file cannot be read or written.
pub fn add_to_file(path: &Path, agent: &AgentConfig) -> Result<(), UserError> {
    change(path, |text, name| with_agent(text, name, agent))
}

/// Changes the password of an agent in a config file.
///
/// # Errors
/// Those of [`with_password`], and when the file cannot be read or written.
pub fn change_password(path: &Path, user_name: &str, hash: &str) -> Result<(), UserError> {
    change(path, |text, name| with_password(text, name, user_name, hash))
}

fn change(path: &Path, edit: impl FnOnce(&str, &str) -> Result<String, UserError>) -> Result<(), UserError> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read.map_err(|source| ConfigError::Read { path: path.to_owned(), source })?,
    };
    let text = edit(&text, &path.display().to_string())?;
    replace(path, &text).map_err(|source| UserError::Write { path: path.to_owned(), source })
}

/// Replaces the text of a file atomically: after a crash there is the old file or the new one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // A symbolic link stays one: its target is replaced.
    let path = if path.exists() { fs::canonicalize(path)? } else { path.to_owned() };
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(name);
    let written = write(&path, &new, text).and_then(|()| fs::rename(&new, &path));
    if written.is_err() {
        // Best effort: the first error is the one to report.
        let _ = fs::remove_file(&new);
    }
    written
}

fn write(path: &Path, new: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(new)?;
    if let Ok(old) = fs::metadata(path) {
        let made = file.metadata()?;
        if (old.uid(), old.gid()) != (made.uid(), made.gid()) {
            fchown(&file, Some(old.uid()), Some(old.gid()))?;
        }
        file.set_permissions(Permissions::from_mode(old.mode() & 0o7777))?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::hash::{hash_password, tests::HASH, verify};
    use secrecy::SecretString;
    use std::collections::BTreeMap;

    fn agent(user_name: &str) -> AgentConfig {
        AgentConfig {
            phone: None,
            user_name: user_name.to_owned(),
            employee_id: None,
            first_name: "Ana \"la\" Ruiz".to_owned(),
            last_name: String::new(),
            role: Role::Supervisor,
            password_hash: HASH.to_owned(),
            groups: vec!["Billing, north".to_owned()],
            oversees: Vec::new(),
            privileges: Vec::new(),
            skills: BTreeMap::from([("Français oral".to_owned(), 5)]),
            capacity: 3,
            interaction_workspace: toml::Table::new(),
        }
    }

    #[test]
    fn a_rendered_agent_reads_back_the_same() {
        let config = Config::parse(&render(&agent("ana")), "c").unwrap().config;
        assert_eq!(config.gateway.agent, [agent("ana")]);
    }

    #[test]
    fn adding_keeps_existing_text_and_refuses_a_taken_name() {
        let before = "# mine\n[console]\nuser = 'ana' # me";
        let once = with_agent(before, "c", &agent("ana")).unwrap();
        assert!(once.starts_with(before));
        let twice = with_agent(&once, "c", &agent("kate")).unwrap();
        assert_eq!(Config::parse(&twice, "c").unwrap().config.gateway.agent.len(), 2);
        let error = with_agent(&twice, "c", &agent("ana")).unwrap_err().to_string();
        assert!(error.contains("gateway.agent.user-name: \"ana\" is taken"), "{error}");
    }

    #[test]
    fn a_new_password_changes_its_value_and_nothing_else() {
        let text = format!(
            "[[gateway.agent]]\nuser-name = \"ana\"\npassword-hash = \"{HASH}\"\n\n\
             [[gateway.agent]] # the second\npassword-hash   =  '{HASH}'   # her own\nuser-name = \"kate\"\n"
        );
        let password = SecretString::from("nuevo");
        let hash = hash_password(&password).unwrap();
        let changed = with_password(&text, "c", "kate", &hash).unwrap();
        assert_eq!(changed, text.replace(&format!("'{HASH}'"), &format!("\"{hash}\"")));
        let config = Config::parse(&changed, "c").unwrap().config;
        assert!(
            config.gateway.agent.iter().any(|a| a.user_name == "kate" && verify(&a.password_hash, &password))
        );
        let error = with_password(&text, "c", "kat", &hash).unwrap_err().to_string();
        assert_eq!(error, "there is no agent \"kat\" in the config; the agents are ana, kate");
    }

    #[test]
    fn a_changed_file_keeps_its_mode_and_link() {
        let dir = tempfile::tempdir().unwrap();
        let (path, link) = (dir.path().join("c.toml"), dir.path().join("link.toml"));
        add_to_file(&path, &agent("ana")).unwrap();
        let mode = || fs::metadata(&path).unwrap().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        add_to_file(&link, &agent("kate")).unwrap();
        assert_eq!(mode(), 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let before = fs::read_to_string(&path).unwrap();
        assert!(add_to_file(&path, &agent("kate")).is_err());
        assert!(change_password(&path, "ana", "not a hash").is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), before);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "nothing is left behind");
    }

    #[test]
    fn the_list_has_a_line_per_agent() {
        let gateway = GatewayConfig { agent: vec![agent("ana"), agent("kate")], ..GatewayConfig::default() };
        let list = list(&gateway);
        assert_eq!(list.lines().count(), 2);
        let first = list.lines().next().unwrap();
        assert_eq!(first, "ana\tana\tsupervisor\tAna \"la\" Ruiz\tBilling, north\tFrançais oral=5\t3");
    }
}
