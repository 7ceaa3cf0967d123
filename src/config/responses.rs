//! Reads a file of standard responses and its attachments, for `deskline import responses`.
//!
//! Must not: store them.
//! Invariants: all errors are reported at once, with their positions in the file; a library without errors can be stored.

use super::error::{ConfigError, Problem};
use super::places::{KeyLocations, Path as KeyPath, dotted};
use super::shape;
use crate::domain::Millis;
use crate::domain::response::{
    Category, FieldCode, FileInfo, MOST_DEPTH, MOST_FILES, StandardResponse, endings, kind_of, name_trouble,
    render,
};
use jiff::civil;
use jiff::tz::TimeZone;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File as Opened};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use toml::de::DeTable;
use toml::value::Datetime;

/// A library without errors, and its warnings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// Parents before their children.
    pub categories: Vec<Category>,
    pub responses: Vec<StandardResponse>,
    /// The paths of the attachments, by document ID.
    pub documents: BTreeMap<String, PathBuf>,
    /// Values that are valid but probably not intended.
    pub warnings: Vec<Problem>,
}

/// Values from outside the file that reading it needs.
#[derive(Clone, Debug)]
pub struct ImportContext {
    /// The current time.
    pub now: Millis,
    /// The time zone of dates without a time.
    pub zone: TimeZone,
    /// The most bytes of a text. (`whatsappsession.max-text-message-size`.)
    pub max_text: usize,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Shape {
    category: Vec<CategoryEntry>,
    response: Vec<ResponseEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CategoryEntry {
    path: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    description: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResponseEntry {
    name: String,
    category: String,
    body: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    status: ResponseStatus,
    #[serde(default)]
    usage: ResponseUsage,
    starts: Option<Datetime>,
    expires: Option<Datetime>,
    #[serde(default)]
    attachments: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ResponseStatus {
    #[default]
    Approved,
    Draft,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ResponseUsage {
    #[default]
    SuggestedResponse,
    Acknowledgement,
    AutoResponse,
}

impl ResponseUsage {
    const fn word(self) -> &'static str {
        match self {
            Self::SuggestedResponse => "SuggestedResponse",
            Self::Acknowledgement => "Acknowledgement",
            Self::AutoResponse => "AutoResponse",
        }
    }
}

/// Reads the file and checks its attachments.
///
/// # Errors
/// When it cannot be read or has errors.
pub fn load(path: &Path, context: &ImportContext) -> Result<Import, ConfigError> {
    let text =
        fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    let folder = path.parent().unwrap_or(Path::new("."));
    parse(&text, &path.display().to_string(), folder, context)
}

/// The text with Unix line breaks.
fn unix_lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Parses the text of a file; its attachments are in `folder`.
///
/// # Errors
/// When it has errors.
pub fn parse(text: &str, file: &str, folder: &Path, context: &ImportContext) -> Result<Import, ConfigError> {
    let table = DeTable::parse(text)
        .map_err(|error| ConfigError::Invalid(vec![shape::not_toml(file, text, &error)]))?;
    let places = KeyLocations::of(text, table.get_ref());
    let mut shape: Shape = toml::from_str(text)
        .map_err(|error| ConfigError::Invalid(vec![shape::not_config(file, text, &places, &error)]))?;
    for entry in &mut shape.response {
        entry.body = unix_lines(&entry.body);
        entry.description = unix_lines(&entry.description);
    }
    let mut reader = Reader {
        file,
        folder,
        places: &places,
        context,
        import: Import::default(),
        problems: Vec::new(),
        seen: BTreeMap::new(),
        named: BTreeSet::new(),
        files: BTreeMap::new(),
    };
    for (index, entry) in shape.category.iter().enumerate() {
        reader.category(index, entry);
    }
    for (index, entry) in shape.response.iter().enumerate() {
        reader.response(index, entry);
    }
    let Reader { mut import, mut problems, .. } = reader;
    if problems.is_empty() {
        import.categories.sort_by(|a, b| a.path.cmp(&b.path));
        import.warnings.sort_by_key(|warning| warning.at);
        return Ok(import);
    }
    problems.sort_by_key(|problem| problem.at);
    Err(ConfigError::Invalid(problems))
}

struct Reader<'a> {
    file: &'a str,
    folder: &'a Path,
    places: &'a KeyLocations,
    context: &'a ImportContext,
    import: Import,
    problems: Vec<Problem>,
    /// The lines of responses, by category, name and language.
    seen: BTreeMap<(String, String, String), usize>,
    /// Categories that have a block.
    named: BTreeSet<String>,
    /// Attachments that were checked.
    files: BTreeMap<String, Result<FileInfo, String>>,
}

fn at(list: &str, index: usize, name: &str) -> KeyPath {
    vec![list.to_owned(), format!("[{index}]"), name.to_owned()]
}

impl Reader<'_> {
    fn problem(&self, path: &[String], sentence: String) -> Problem {
        let at = self.places.nearest(path);
        Problem { file: self.file.to_owned(), at, key: dotted(path), sentence, snippet: String::new() }
    }

    fn wrong(&mut self, path: &[String], sentence: impl Into<String>) {
        let problem = self.problem(path, sentence.into());
        self.problems.push(problem);
    }

    fn warn(&mut self, path: &[String], sentence: impl Into<String>) {
        let problem = self.problem(path, sentence.into());
        self.import.warnings.push(problem);
    }

    fn category(&mut self, index: usize, entry: &CategoryEntry) {
        let path = at("category", index, "path");
        if !self.is_path(&path, &entry.path) {
            return;
        }
        if !self.named.insert(entry.path.clone()) {
            return self.wrong(&path, format!("the category {:?} occurs twice", entry.path));
        }
        self.folders(&entry.path);
        if let Some(known) = self.import.categories.iter_mut().find(|known| known.path == entry.path) {
            entry.language.trim().clone_into(&mut known.language);
            entry.description.trim().clone_into(&mut known.description);
        }
    }

    fn is_path(&mut self, at: &[String], text: &str) -> bool {
        let depth = text.split('/').count();
        if depth > MOST_DEPTH {
            self.wrong(
                at,
                format!("{depth} folders stand inside each other here; there may be {MOST_DEPTH}"),
            );
            return false;
        }
        match text.split('/').find_map(name_trouble) {
            Some(trouble) => {
                self.wrong(
                    at,
                    format!("{trouble}. Folders stand behind each other with a slash: Orders/Delivery"),
                );
                false
            }
            None => true,
        }
    }

    /// Adds a category and its missing parents.
    fn folders(&mut self, path: &str) {
        let mut whole = String::new();
        for name in path.split('/') {
            if !whole.is_empty() {
                whole.push('/');
            }
            whole.push_str(name);
            if !self.import.categories.iter().any(|known| known.path == whole) {
                let id = id(&["category", &whole]);
                let category = Category { id, path: whole.clone(), ..Category::default() };
                self.import.categories.push(category);
            }
        }
    }

    fn response(&mut self, index: usize, entry: &ResponseEntry) {
        let key = |name| at("response", index, name);
        let wrong_before = self.problems.len();
        if let Some(trouble) = name_trouble(&entry.name) {
            self.wrong(&key("name"), trouble);
        }
        self.is_path(&key("category"), &entry.category);
        let language = entry.language.trim();
        if language.chars().any(char::is_control) {
            self.wrong(&key("language"), "a language is one line of text");
        }
        if entry.body.trim().is_empty() && entry.attachments.is_empty() {
            self.wrong(&key("body"), "there is nothing to send: write a text or name an attachment");
        }
        let same = (entry.category.clone(), entry.name.to_lowercase(), language.to_lowercase());
        if let Some(before) = self.seen.insert(same, index) {
            let line = self.places.nearest(&at("response", before, "name")).map_or(0, |(line, _)| line);
            let sentence = format!(
                "{:?} occurs twice in {:?} in the same language, first in line {line}",
                entry.name, entry.category
            );
            self.wrong(&key("name"), sentence);
        }
        self.body(index, entry);
        let starts = self.moment(&key("starts"), entry.starts, false);
        let expires = self.moment(&key("expires"), entry.expires, true);
        if let (Some(starts), Some(expires)) = (starts, expires)
            && expires <= starts
        {
            self.wrong(&key("expires"), "it expires before it starts");
        }
        if entry.attachments.len() > MOST_FILES {
            let many = entry.attachments.len();
            self.wrong(&key("attachments"), format!("{many} files are too many: there may be {MOST_FILES}"));
        }
        let files: Vec<FileInfo> =
            entry.attachments.iter().filter_map(|name| self.attachment(&key("attachments"), name)).collect();
        if self.problems.len() > wrong_before {
            return;
        }
        self.folders(&entry.category);
        self.import.responses.push(StandardResponse {
            id: id(&["response", &entry.category, &entry.name, language]),
            category: id(&["category", &entry.category]),
            name: entry.name.clone(),
            language: language.to_owned(),
            body: entry.body.trim_end_matches('\n').to_owned(),
            description: entry.description.trim().to_owned(),
            approved: entry.status == ResponseStatus::Approved,
            starts,
            expires,
            usage: entry.usage.word().to_owned(),
            files,
            modified: self.context.now,
        });
        if expires.is_some_and(|expires| expires <= self.context.now) {
            self.warn(&key("expires"), "it has expired: agents do not see it");
        }
    }

    fn body(&mut self, index: usize, entry: &ResponseEntry) {
        let key = at("response", index, "body");
        let bytes = entry.body.trim_end_matches('\n').len();
        if bytes > self.context.max_text {
            let most = self.context.max_text;
            let sentence = format!(
                "it has {bytes} bytes and one message may have {most} \
                 (whatsappsession.max-text-message-size): agents must shorten it before they can send it"
            );
            self.warn(&key, sentence);
        }
        let codes = render(&entry.body, |_| Some(String::from("x")));
        for code in codes.unknown {
            let hint = if FieldCode::parse(&code).is_none()
                && code.to_lowercase().starts_with("interaction.attacheddata")
            {
                ": write <$Interaction.AttachedData(\"key\")$>"
            } else {
                ": the codes stand in docs/responses.md"
            };
            self.wrong(&key, format!("there is no field code <${code}$>{hint}"));
        }
    }

    /// Converts a date and time. A date without a time is the beginning of that day, or its end.
    fn moment(&mut self, key: &[String], written: Option<Datetime>, to_the_end: bool) -> Option<Millis> {
        let written = written?;
        let text = written.to_string();
        let read = match (written.date, written.offset) {
            (Some(_), Some(_)) => text.parse::<jiff::Timestamp>().ok(),
            (Some(_), None) if written.time.is_none() => text.parse::<civil::Date>().ok().and_then(|day| {
                let day = if to_the_end { day.tomorrow().ok()? } else { day };
                day.to_zoned(self.context.zone.clone()).ok().map(|zoned| zoned.timestamp())
            }),
            (Some(_), None) => text.parse::<civil::DateTime>().ok().and_then(|moment| {
                moment.to_zoned(self.context.zone.clone()).ok().map(|zoned| zoned.timestamp())
            }),
            (None, _) => None,
        };
        if read.is_none() {
            self.wrong(key, format!("{text} is no day: write it like 2026-11-22 or 2026-11-22T18:00:00"));
        }
        read.map(|moment| Millis(moment.as_millisecond()))
    }

    fn attachment(&mut self, key: &[String], name: &str) -> Option<FileInfo> {
        let looked = match self.files.get(name) {
            Some(known) => known.clone(),
            None => {
                let looked = self.look(name);
                self.files.insert(name.to_owned(), looked.clone());
                looked
            }
        };
        looked.map_err(|sentence| self.wrong(key, sentence)).ok()
    }

    fn look(&mut self, name: &str) -> Result<FileInfo, String> {
        let relative = Path::new(name);
        let inside = relative.components().all(|part| matches!(part, Component::Normal(_)));
        let shown = relative.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !inside || shown.is_empty() || shown.chars().any(char::is_control) {
            return Err(format!(
                "{name:?} is no file beside this one: name it without .. and without a leading /"
            ));
        }
        let Some(kind) = kind_of(shown) else {
            return Err(format!(
                "WhatsApp does not take {name}: its name must end with one of {}",
                endings()
            ));
        };
        let path = self.folder.join(relative);
        let (document, size, start) =
            read(&path).map_err(|error| format!("the file {name} cannot be read: {error}"))?;
        if size == 0 {
            return Err(format!("the file {name} is empty"));
        }
        if size > kind.most {
            return Err(format!(
                "the file {name} has {size} bytes, and WhatsApp takes {} of this kind ({})",
                kind.most, kind.word
            ));
        }
        if !is_so(kind.mime, &start) {
            return Err(format!("what is in {name} is not {}: WhatsApp would refuse it", kind.mime));
        }
        self.import.documents.insert(document.clone(), path);
        Ok(FileInfo { document, name: shown.to_owned(), mime: kind.mime.to_owned(), size })
    }
}

/// The ID of a file's contents, its size, and its first bytes.
fn read(path: &Path) -> io::Result<(String, u64, Vec<u8>)> {
    let mut file = Opened::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let (mut hash, mut size, mut start) = (Sha256::new(), 0_u64, Vec::new());
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else { break };
        if start.is_empty() {
            start = piece.iter().take(16).copied().collect();
        }
        hash.update(piece);
        size += piece.len() as u64;
    }
    Ok((hex(&hash.finalize()), size, start))
}

/// Whether the first bytes of a file match its type, for types that can be recognised.
fn is_so(mime: &str, start: &[u8]) -> bool {
    match mime {
        "image/jpeg" => start.starts_with(b"\xff\xd8\xff"),
        "image/png" => start.starts_with(b"\x89PNG\r\n\x1a\n"),
        "image/webp" => start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP"),
        "application/pdf" => start.starts_with(b"%PDF-"),
        "audio/ogg" => start.starts_with(b"OggS"),
        _ => true,
    }
}

/// An ID that is the same for the same words, so that favourites survive a repeated import.
fn id(words: &[&str]) -> String {
    let mut hash = Sha256::new();
    for word in words {
        hash.update(word.as_bytes());
        hash.update([0]);
    }
    hex(&hash.finalize()).chars().take(16).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
