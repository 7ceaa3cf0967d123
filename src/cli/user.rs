//! `deskline user`: the agents of a configuration file.

use super::common::{print_diagnostic, print_line};
use super::error::CliError;
use crate::config::Config;
use crate::config::hash::hash_password;
use crate::config::paths::Paths;
use crate::config::schema::AgentConfig;
use crate::config::{secret, user};
use crate::domain::role::{Privilege, Role};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Read};
use std::path::{Path, PathBuf};

/// The most bytes of a password from a pipe.
const MAX_PASSWORD_BYTES: u64 = 4096;

/// The commands. The password comes from `DESKLINE_PASSWORD`, from a pipe, or is asked for.
#[derive(Debug, clap::Subcommand)]
pub enum UserCommand {
    /// Print the configuration of a new agent, with the hash of their password
    Add {
        /// Name to sign in with
        user_name: String,
        /// Employee ID [default: the user name]
        #[arg(long)]
        employee_id: Option<String>,
        /// First name
        #[arg(long, default_value = "")]
        first_name: String,
        /// Last name
        #[arg(long, default_value = "")]
        last_name: String,
        /// agent, supervisor or administrator
        #[arg(long, default_value = "agent", value_parser = role)]
        role: Role,
        /// An agent group; may be given more than once
        #[arg(long = "group", value_name = "GROUP")]
        groups: Vec<String>,
        /// An agent group that a supervisor or administrator oversees; may be repeated [default: all]
        #[arg(long = "oversees", value_name = "GROUP")]
        oversees: Vec<String>,
        /// What a supervisor or administrator may do besides reading: coach, barge-in; may be repeated
        #[arg(long = "privilege", value_name = "PRIVILEGE", value_parser = privilege)]
        privileges: Vec<Privilege>,
        /// A skill with its level, such as French=5; may be given more than once
        #[arg(long = "skill", value_name = "SKILL=LEVEL", value_parser = skill)]
        skills: Vec<(String, u8)>,
        /// Sessions at a time
        #[arg(long, default_value_t = 4)]
        capacity: u32,
        /// Add it to the end of the configuration file instead of printing it
        #[arg(long)]
        write: bool,
    },
    /// Change the password of an agent
    Passwd {
        /// Name to sign in with
        user_name: String,
    },
    /// List the agents
    List,
}

/// Runs a command.
pub(super) fn run(config: Option<&Path>, command: UserCommand) -> Result<(), CliError> {
    let usage = |error: user::UserError| CliError::Usage(error.to_string());
    match command {
        UserCommand::Add {
            user_name,
            employee_id,
            first_name,
            last_name,
            role,
            groups,
            oversees,
            privileges,
            skills,
            capacity,
            write,
        } => {
            let password_hash = new_hash(&user_name)?;
            let agent = AgentConfig {
                phone: None,
                user_name,
                employee_id,
                first_name,
                last_name,
                role,
                password_hash,
                groups,
                oversees,
                privileges,
                skills: BTreeMap::from_iter(skills),
                capacity,
                interaction_workspace: toml::Table::new(),
            };
            if write {
                let file = file(config)?;
                user::add_to_file(&file, &agent).map_err(usage)?;
                print_diagnostic(&format!("{} was added to {}", agent.user_name, file.display()));
                Ok(())
            } else {
                // The printed block must be valid in a configuration.
                user::with_agent("", "the new agent", &agent).map_err(usage)?;
                print_line(user::render(&agent).trim_end())
            }
        }
        UserCommand::Passwd { user_name } => {
            let file = file(config)?;
            let hash = new_hash(&user_name)?;
            user::change_password(&file, &user_name, &hash).map_err(usage)?;
            let file = file.display();
            print_diagnostic(&format!(
                "the password of {user_name} is changed in {file}; a running gateway takes it over by itself"
            ));
            Ok(())
        }
        UserCommand::List => {
            let loaded = Config::load(config)?;
            print_diagnostic(&format!("the agents of {}", file(config)?.display()));
            for line in user::list(&loaded.config.gateway).lines() {
                print_line(line)?;
            }
            Ok(())
        }
    }
}

fn file(config: Option<&Path>) -> Result<PathBuf, CliError> {
    match config {
        Some(path) => Ok(path.to_owned()),
        None => {
            Paths::find().map(|paths| paths.config_file()).map_err(|error| CliError::Usage(error.to_string()))
        }
    }
}

fn new_hash(user_name: &str) -> Result<String, CliError> {
    let usage = |error: secret::SecretError| CliError::Usage(error.to_string());
    let password = match std::env::var("DESKLINE_PASSWORD").ok().filter(|password| !password.is_empty()) {
        Some(password) => SecretString::from(password),
        None if !std::io::stdin().is_terminal() => read_piped_password()?,
        None => {
            let first = secret::from_terminal(&format!("New password of {user_name}: ")).map_err(usage)?;
            let again = secret::from_terminal("Once more: ").map_err(usage)?;
            if first.expose_secret() != again.expose_secret() {
                return Err(CliError::Usage("the two passwords differ: nothing was changed".to_owned()));
            }
            first
        }
    };
    if password.expose_secret().is_empty() {
        return Err(CliError::Usage("the password is empty: nothing was changed".to_owned()));
    }
    hash_password(&password).map_err(|error| CliError::Failed(error.to_string()))
}

/// The first line of standard input.
fn read_piped_password() -> Result<SecretString, CliError> {
    let mut line = String::new();
    let read = std::io::stdin().lock().take(MAX_PASSWORD_BYTES).read_line(&mut line);
    read.map_err(|error| {
        CliError::Usage(format!("the password could not be read from standard input: {error}"))
    })?;
    Ok(SecretString::from(line.trim_end_matches(['\r', '\n']).to_owned()))
}

fn role(text: &str) -> Result<Role, String> {
    Role::from_word(text).ok_or("a role is agent, supervisor or administrator".to_owned())
}

fn privilege(text: &str) -> Result<Privilege, String> {
    let all = [Privilege::Coach, Privilege::BargeIn];
    all.into_iter().find(|one| one.word() == text).ok_or("a privilege is coach or barge-in".to_owned())
}

fn skill(text: &str) -> Result<(String, u8), String> {
    let (name, level) = text.split_once('=').ok_or("write a skill as NAME=LEVEL, such as French=5")?;
    let level =
        level.trim().parse().map_err(|_| format!("{level:?} is not a level; write a whole number"))?;
    Ok((name.trim().to_owned(), level))
}
