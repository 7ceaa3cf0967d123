//! Checks that the types of the schema cannot express: limits, references to names, and duplicate names.

mod agents;
mod console;
mod gateway;
mod queues;
mod whatsapp;

use super::error::Problem;
use super::options::{annex, interaction_workspace};
use super::places::{KeyLocations, Path, dotted};
use super::schema::Config;
use crate::text::nearest::nearest;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path;
use url::{Host, Url};

/// The most characters of a name: names are keys on the wire and must fit on a line of a screen.
const MAX_NAME: usize = 200;

/// All errors and all warnings, each in the order of the file.
pub fn check(config: &Config, file: &str, places: &KeyLocations) -> (Vec<Problem>, Vec<Problem>) {
    let mut check = Check { file, places, problems: Vec::new(), warnings: Vec::new() };
    check.console(&config.console);
    check.themes(config);
    check.options(&key(&[], "interaction-workspace"), &config.interaction_workspace);
    check.routing_based(&config.routing_based);
    check.gateway(&config.gateway);
    check.privacy(&config.privacy);
    check.queue_option(&config.interaction_workspace, &[], &config.gateway);
    let Check { mut problems, mut warnings, .. } = check;
    problems.sort_by_key(|problem| problem.at);
    warnings.sort_by_key(|warning| warning.at);
    (problems, warnings)
}

struct Check<'a> {
    file: &'a str,
    places: &'a KeyLocations,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

/// The path of `name` in the table at `table`.
fn key(table: &[String], name: &str) -> Path {
    table.iter().cloned().chain([name.to_owned()]).collect()
}

/// The path of the item `index` of the list `name` in `[gateway]`.
fn item(name: &str, index: usize) -> Path {
    vec!["gateway".to_owned(), name.to_owned(), format!("[{index}]")]
}

impl Check<'_> {
    fn problem(&self, path: &[String], sentence: String) -> Problem {
        let at = self.places.nearest(path);
        Problem { file: self.file.to_owned(), at, key: dotted(path), sentence, snippet: String::new() }
    }

    fn wrong(&mut self, table: &[String], name: &str, sentence: impl Into<String>) {
        let problem = self.problem(&key(table, name), sentence.into());
        self.problems.push(problem);
    }

    fn warn(&mut self, table: &[String], name: &str, sentence: impl Into<String>) {
        let warning = self.problem(&key(table, name), sentence.into());
        self.warnings.push(warning);
    }

    fn range<T: PartialOrd + std::fmt::Display>(
        &mut self,
        table: &[String],
        name: &str,
        value: T,
        limits: RangeInclusive<T>,
    ) {
        if !limits.contains(&value) {
            let (least, most) = limits.into_inner();
            self.wrong(
                table,
                name,
                format!("{value} is out of range: it takes a number from {least} to {most}"),
            );
        }
    }

    /// A name must not be empty or too long, or contain control characters.
    fn name(&mut self, table: &[String], name: &str, value: &str) {
        if value.trim().is_empty() {
            self.wrong(table, name, "this is empty: it takes a name");
        } else if value != value.trim() {
            self.wrong(table, name, format!("{value:?} begins or ends with a space, which nobody would see"));
        } else {
            self.line(table, name, value);
        }
    }

    /// Checks text that is shown. It may be empty.
    fn line(&mut self, table: &[String], name: &str, value: &str) {
        if value.chars().any(char::is_control) {
            self.wrong(
                table,
                name,
                format!("{value:?} holds a control character: it takes one line of text"),
            );
        } else if value.chars().count() > MAX_NAME {
            self.wrong(table, name, format!("this is longer than {MAX_NAME} characters"));
        }
    }

    fn path(&mut self, table: &[String], name: &str, value: &path::Path) {
        if value.as_os_str().is_empty() {
            self.wrong(table, name, "this is empty: it takes a path, or leave the key out");
        } else if value.starts_with("~") {
            self.wrong(table, name, "`~` means nothing here: write the whole path, beginning with /");
        }
    }

    fn url(&mut self, table: &[String], name: &str, value: &str) -> Option<Url> {
        const VALID: &str = "it takes an address such as https://desk.example.com";
        match Url::parse(value) {
            Ok(url) if !matches!(url.scheme(), "http" | "https") => {
                self.wrong(table, name, format!("{:?} is neither http nor https: {VALID}", url.scheme()));
                None
            }
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                self.wrong(table, name, "a name or a password does not belong in an address");
                None
            }
            Ok(url) if url.query().is_some() || url.fragment().is_some() => {
                self.wrong(table, name, format!("{value:?} has a `?` or a `#`: {VALID}"));
                None
            }
            Ok(url) => Some(url),
            Err(error) => {
                self.wrong(table, name, format!("{value:?} is not an address ({error}): {VALID}"));
                None
            }
        }
    }

    fn options(&mut self, path: &[String], table: &toml::Table) {
        for refused in interaction_workspace(table).err().into_iter().flatten() {
            let path: Path = path.iter().cloned().chain(refused.path).collect();
            let problem = self.problem(&path, refused.sentence);
            self.problems.push(problem);
        }
    }

    fn annex(&mut self, at: &[String], table: &toml::Table) {
        for refused in annex(table).err().into_iter().flatten() {
            self.wrong(
                at,
                "interaction-workspace",
                format!("{}: {}", refused.path.join("."), refused.sentence),
            );
        }
    }

    /// Reports names that occur twice in a list.
    fn twice<'a>(&mut self, list: &str, name: &str, values: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for (index, value) in values.enumerate() {
            if !seen.insert(value) {
                self.wrong(&item(list, index), name, format!("{value:?} is taken by another one above"));
            }
        }
    }

    fn exists(&mut self, path: &[String], value: &str, what: &str, known: &BTreeSet<&str>) {
        if known.contains(value) {
            return;
        }
        let hint = nearest(value, known.iter().copied()).map_or_else(
            || {
                let all: Vec<&str> = known.iter().copied().collect();
                if all.is_empty() {
                    "; there is none".to_owned()
                } else {
                    format!("; there is {}", all.join(", "))
                }
            },
            |guess| format!("; did you mean {guess:?}?"),
        );
        let problem = self.problem(path, format!("there is no {what} {value:?}{hint}"));
        self.problems.push(problem);
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
