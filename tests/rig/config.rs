//! Configurations of the gateways that tests and benchmarks start.
//!
//! Owns what agents and queues have in common in all of them. It is included by path, because test targets share no
//! crate: every function here is used by each of them.

use deskline::config::schema::Config;
use std::fmt::{Display, Formatter, Result};
use toml::{Table, Value};

/// A configuration that grows table by table.
#[derive(Clone)]
pub struct TestConfig {
    tables: Table,
    password_hash: String,
}

impl TestConfig {
    /// An empty configuration in which all agents have the password with this hash.
    pub fn new(password_hash: &str) -> Self {
        Self { tables: Table::new(), password_hash: password_hash.to_owned() }
    }

    /// Merges TOML: tables are joined, arrays are appended, and a later value replaces an earlier one.
    pub fn tables(mut self, toml: &str) -> Self {
        merge(&mut self.tables, toml.parse().unwrap());
        self
    }

    /// Adds a queue with these lines, or adds the lines to the queue that has the name.
    pub fn queue(mut self, name: &str, lines: &str) -> Self {
        merge(named(&mut self.tables, "queue", "name", name), lines.parse().unwrap());
        self
    }

    /// Adds an agent with these lines, or adds the lines to the agent who has the name. The first name is the user
    /// name with a capital unless a line gives another one.
    pub fn agent(mut self, user_name: &str, lines: &str) -> Self {
        let table = named(&mut self.tables, "agent", "user-name", user_name);
        let mut letters = user_name.chars();
        let first_name = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
        table.entry("first-name").or_insert(Value::String(first_name));
        table.entry("password-hash").or_insert(Value::String(self.password_hash.clone()));
        merge(table, lines.parse().unwrap());
        self
    }
}

/// The table of `[[gateway.LIST]]` that has the name, made if there is none.
fn named<'a>(tables: &'a mut Table, list: &str, key: &str, name: &str) -> &'a mut Table {
    let gateway = tables.entry("gateway").or_insert_with(|| Table::new().into());
    let all = gateway.as_table_mut().unwrap().entry(list).or_insert_with(|| Value::Array(Vec::new()));
    let all = all.as_array_mut().unwrap();
    let position = all.iter().position(|one| one[key].as_str() == Some(name)).unwrap_or_else(|| {
        all.push(Table::from_iter([(key.to_owned(), Value::from(name))]).into());
        all.len() - 1
    });
    all[position].as_table_mut().unwrap()
}

fn merge(into: &mut Table, more: Table) {
    for (key, value) in more {
        match (into.get_mut(&key), value) {
            (Some(Value::Table(old)), Value::Table(new)) => merge(old, new),
            (Some(Value::Array(old)), Value::Array(new)) => old.extend(new),
            (_, value) => drop(into.insert(key, value)),
        }
    }
}

/// As TOML, to be written to a file.
impl Display for TestConfig {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}", self.tables)
    }
}

impl From<TestConfig> for Config {
    fn from(config: TestConfig) -> Self {
        config.tables.try_into().unwrap()
    }
}
