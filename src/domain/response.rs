//! Standard responses: prepared answers with field codes and files.
//!
//! Owns: what a response is, when it is valid, how field codes are filled in, and which files WhatsApp accepts.
//! Must not: know where responses are stored.
//! Invariant: values are data, never templates: a field code in the name of a customer is not filled in.

use super::Millis;
use crate::text::Clean;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most characters of the name of a response or category.
pub const MOST_NAME: usize = 100;
/// The most levels of categories.
pub const MOST_DEPTH: usize = 8;
/// The most files of one response.
pub const MOST_FILES: usize = 10;
/// The most characters between `<$` and `$>`; a longer text is not a code.
const MOST_CODE: usize = 200;

/// A category of the library: a folder of responses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    pub id: String,
    /// The names from the root to it, separated by `/`.
    pub path: String,
    /// The language of its responses; empty: all.
    pub language: String,
    pub description: String,
}

impl Category {
    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The path of the parent category; `None` at the root.
    pub fn parent(&self) -> Option<&str> {
        self.path.rsplit_once('/').map(|(parent, _)| parent)
    }
}

/// A standard response.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandardResponse {
    pub id: String,
    /// The ID of its category.
    pub category: String,
    pub name: String,
    /// Its language, as the administrator wrote it.
    pub language: String,
    /// The text, with field codes.
    pub body: String,
    pub description: String,
    /// Whether agents may use it; a draft is visible only to its authors.
    pub approved: bool,
    /// The first moment at which it may be used.
    pub starts: Option<Millis>,
    /// The moment at which it may no longer be used.
    pub expires: Option<Millis>,
    /// Its purpose in the words of the API: `SuggestedResponse`, …
    pub usage: String,
    /// Its files, in the order in which they are sent.
    pub files: Vec<FileInfo>,
    /// When it was last written.
    pub modified: Millis,
}

impl StandardResponse {
    /// Whether agents may use it at that moment.
    pub fn is_valid(&self, now: Millis) -> bool {
        self.approved
            && self.starts.is_none_or(|starts| starts <= now)
            && self.expires.is_none_or(|expires| now < expires)
    }
}

/// A file of a response.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInfo {
    pub document: String,
    pub name: String,
    pub mime: String,
    pub size: u64,
}

/// A file of a response that an agent sends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enclosure {
    /// The ID of the response.
    pub response: String,
    pub file: FileInfo,
}

/// A type of file that WhatsApp accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileKind {
    /// WhatsApp's type of the message: `image`, `video`, `audio`, `document`, `sticker`.
    pub word: &'static str,
    pub mime: &'static str,
    /// The most bytes.
    pub most: u64,
}

const MB: u64 = 1024 * 1024;

/// File extensions that WhatsApp accepts: type, MIME type, most bytes. (WhatsApp: media types.)
const KINDS: &[(&str, &str, &str, u64)] = &[
    ("jpg", "image", "image/jpeg", 5 * MB),
    ("jpeg", "image", "image/jpeg", 5 * MB),
    ("png", "image", "image/png", 5 * MB),
    ("mp4", "video", "video/mp4", 16 * MB),
    ("3gp", "video", "video/3gpp", 16 * MB),
    ("aac", "audio", "audio/aac", 16 * MB),
    ("amr", "audio", "audio/amr", 16 * MB),
    ("mp3", "audio", "audio/mpeg", 16 * MB),
    ("m4a", "audio", "audio/mp4", 16 * MB),
    ("ogg", "audio", "audio/ogg", 16 * MB),
    ("webp", "sticker", "image/webp", 100 * 1024),
    ("txt", "document", "text/plain", 100 * MB),
    ("pdf", "document", "application/pdf", 100 * MB),
    ("doc", "document", "application/msword", 100 * MB),
    ("docx", "document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", 100 * MB),
    ("xls", "document", "application/vnd.ms-excel", 100 * MB),
    ("xlsx", "document", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 100 * MB),
    ("ppt", "document", "application/vnd.ms-powerpoint", 100 * MB),
    (
        "pptx",
        "document",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        100 * MB,
    ),
];

/// The extensions that [`kind_of`] knows, for people.
pub fn endings() -> String {
    KINDS.iter().map(|(ending, ..)| *ending).collect::<Vec<_>>().join(", ")
}

/// The type of a file, by its extension.
pub fn kind_of(name: &str) -> Option<FileKind> {
    let (_, ending) = name.rsplit_once('.')?;
    let found = KINDS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(ending))?;
    Some(FileKind { word: found.1, mime: found.2, most: found.3 })
}

/// WhatsApp's type of the message for a MIME type.
pub fn word_of(mime: &str) -> &'static str {
    KINDS.iter().find(|(_, _, known, _)| *known == mime).map_or("document", |(_, word, ..)| word)
}

/// What is wrong with the name of a response or category; `None` when it is valid. (Workspace: letters, digits, hyphens,
/// underscores and spaces.)
pub fn name_trouble(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("this is empty: it takes a name".to_owned());
    }
    if name.trim() != name {
        return Some(format!("{name:?} begins or ends with a space, which nobody would see"));
    }
    if let Some(bad) = name.chars().find(|c| !(c.is_alphanumeric() || matches!(c, '-' | '_' | ' '))) {
        return Some(format!(
            "{name:?} has {bad:?}: a name has letters, digits, hyphens, underscores and spaces"
        ));
    }
    let length = name.chars().count();
    (length > MOST_NAME).then(|| format!("this name has {length} characters and may have {MOST_NAME}"))
}

/// A known field code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldCode {
    /// One of [`CODES`].
    Named(&'static str),
    /// A pair of the interaction's attached data, by its key.
    AttachedData(String),
}

/// The field codes, besides `Interaction.AttachedData("key")`.
pub const CODES: &[&str] = &[
    "Contact.FirstName",
    "Contact.LastName",
    "Contact.FullName",
    "Contact.Title",
    "Contact.PhoneNumber",
    "Contact.PrimaryPhoneNumber",
    "Contact.EmailAddress",
    "Contact.PrimaryEmailAddress",
    "Agent.FirstName",
    "Agent.LastName",
    "Agent.FullName",
    "Interaction.Id",
    "Interaction.Subject",
    "Interaction.DateCreated",
];

impl FieldCode {
    /// Parses the text between `<$` and `$>`. Case and surrounding spaces do not matter.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(code) = CODES.iter().find(|code| code.eq_ignore_ascii_case(text)) {
            return Some(Self::Named(code));
        }
        let prefix = "Interaction.AttachedData";
        let (start, rest) = text.split_at_checked(prefix.len())?;
        if !start.eq_ignore_ascii_case(prefix) {
            return None;
        }
        let inner = rest.trim().strip_prefix('(')?.strip_suffix(')')?.trim();
        let quoted = |quote| inner.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        let key = quoted('"').or_else(|| quoted('\''))?;
        // Keys with this prefix belong to the gateway and are not case data.
        (!key.is_empty() && !key.starts_with("wa.")).then(|| Self::AttachedData(key.to_owned()))
    }
}

/// A text with its field codes filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// Codes that are unknown. They stay in the text.
    pub unknown: Vec<String>,
    /// Codes without a value. The text contains their placeholders.
    pub empty: Vec<String>,
}

/// A part of a text with field codes.
enum TextPart<'a> {
    Text(&'a str),
    /// The text between `<$` and `$>`.
    Code(&'a str),
}

fn parts(body: &str) -> Vec<TextPart<'_>> {
    let mut parts = Vec::new();
    let mut rest = body;
    while let Some((before, after)) = rest.split_once("<$") {
        let code = after
            .split_once("$>")
            .filter(|(code, _)| !code.contains(['\n', '<']) && code.chars().count() <= MOST_CODE);
        parts.push(TextPart::Text(before));
        match code {
            Some((code, behind)) => {
                parts.push(TextPart::Code(code));
                rest = behind;
            }
            None => {
                parts.push(TextPart::Text("<$"));
                rest = after;
            }
        }
    }
    parts.push(TextPart::Text(rest));
    parts
}

impl FieldCode {
    /// The placeholder for this code when it has no value. Agents see it and fill it in by hand.
    pub fn placeholder(&self) -> String {
        let name = match self {
            Self::Named(code) => code.rsplit('.').next().unwrap_or(code),
            Self::AttachedData(key) => key,
        };
        let name: String = one_line(name).chars().filter(|c| !matches!(c, '[' | ']')).collect();
        format!("[{name}?]")
    }
}

/// Fills in field codes. Values become one line without control characters, and codes inside values are not filled in.
pub fn render(body: &str, value: impl Fn(&FieldCode) -> Option<String>) -> Rendered {
    let mut done = Rendered::default();
    for part in parts(body) {
        let code = match part {
            TextPart::Text(text) => {
                done.text.push_str(text);
                continue;
            }
            TextPart::Code(code) => code,
        };
        let (name, list) = match FieldCode::parse(code) {
            Some(known) => match value(&known).map(|value| one_line(&value)).filter(|v| !v.is_empty()) {
                Some(value) => {
                    done.text.push_str(&value);
                    continue;
                }
                None => {
                    done.text.push_str(&known.placeholder());
                    (code.trim().to_owned(), &mut done.empty)
                }
            },
            None => {
                done.text.push_str(&format!("<${code}$>"));
                (code.trim().to_owned(), &mut done.unknown)
            }
        };
        if !list.contains(&name) {
            list.push(name);
        }
    }
    done
}

/// Puts placeholders into a text from which a server has removed the codes without a value. `body` is the text with its
/// codes.
pub fn with_placeholders(body: &str, filled: &str) -> String {
    let mut out = String::new();
    let mut rest = filled;
    let mut codes: Vec<FieldCode> = Vec::new();
    let put = |value: &str, codes: &mut Vec<FieldCode>, out: &mut String| {
        if value.trim().is_empty() {
            out.extend(codes.iter().map(FieldCode::placeholder));
        }
        out.push_str(value);
        codes.clear();
    };
    for part in parts(body) {
        match part {
            TextPart::Text("") => {}
            TextPart::Code(code) => match FieldCode::parse(code) {
                Some(code) => codes.push(code),
                // A server may keep the code or drop it.
                None => {
                    let literal = format!("<${code}$>");
                    if let (true, Some(behind)) = (codes.is_empty(), rest.strip_prefix(&literal)) {
                        out.push_str(&literal);
                        rest = behind;
                    }
                }
            },
            TextPart::Text(text) => {
                let Some((value, behind)) =
                    rest.split_once(text).filter(|(value, _)| value.is_empty() || !codes.is_empty())
                else {
                    // The server changed more than the codes.
                    return filled.to_owned();
                };
                put(value, &mut codes, &mut out);
                out.push_str(text);
                rest = behind;
            }
        }
    }
    put(rest, &mut codes, &mut out);
    out
}

/// The field codes in a text that are not filled in, as they appear in it: `[Order?]` and `<$Contact.Shoe$>`.
pub fn unfilled(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in parts(text) {
        match part {
            TextPart::Code(code) => found.push(format!("<${code}$>")),
            TextPart::Text(text) => {
                let starts = text.split('[').skip(1);
                let names = starts.filter_map(|rest| rest.split_once("?]")).map(|(name, _)| name);
                let is_name = |name: &&str| {
                    name.starts_with(char::is_alphanumeric)
                        && !name.contains(['\n', ']'])
                        && name.chars().count() <= MOST_CODE
                };
                found.extend(names.filter(is_name).map(|name| format!("[{name}?]")));
            }
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|code| seen.insert(code.clone()));
    found
}

fn one_line(value: &str) -> String {
    let line = Clean::line(value);
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(body: &str, name: &str) -> Rendered {
        render(body, |code| match code {
            FieldCode::Named("Contact.FirstName") => Some(name.to_owned()),
            FieldCode::AttachedData(key) if key == "Order" => Some("48213".to_owned()),
            _ => None,
        })
    }

    #[test]
    fn codes_are_filled_whatever_their_case_and_spaces() {
        let done = filled(
            "Hola <$Contact.FirstName$>, <$ contact.firstname $>! <$Interaction.AttachedData('Order')$> <$interaction.attacheddata( \"Order\" )$>",
            "Ana",
        );
        assert_eq!(done.text, "Hola Ana, Ana! 48213 48213");
        assert!(done.unknown.is_empty() && done.empty.is_empty());
    }

    #[test]
    fn unknown_and_empty_codes_are_reported() {
        let done = filled(
            "<$Contact.Shoe$> <$Contact.Shoe$> [<$Agent.LastName$>] <$$> <$Interaction.AttachedData(Order)$>",
            "Ana",
        );
        assert_eq!(
            done.text,
            "<$Contact.Shoe$> <$Contact.Shoe$> [[LastName?]] <$$> <$Interaction.AttachedData(Order)$>"
        );
        assert_eq!(done.unknown, ["Contact.Shoe", "", "Interaction.AttachedData(Order)"]);
        assert_eq!(done.empty, ["Agent.LastName"]);
    }

    #[test]
    fn a_customer_name_is_never_a_template_or_a_control() {
        for hostile in
            ["<$Interaction.AttachedData('Order')$>", "<$Contact.FirstName$>", "{{7*7}}", "$>", "<$"]
        {
            assert_eq!(filled("a <$Contact.FirstName$> b", hostile).text, format!("a {hostile} b"));
        }
        let done = filled("<$Contact.FirstName$>|<$Interaction.AttachedData('Order')$>", "<$Inter");
        assert_eq!(done.text, "<$Inter|48213");
        let done = filled("<$Contact.FirstName$>", "Ana\u{1b}[2J\r\n\u{202e}x\u{7}");
        assert!(!done.text.contains(char::is_control) && !done.text.contains('\u{202e}'), "{:?}", done.text);
    }

    #[test]
    fn a_code_that_is_not_closed_or_too_long_is_text() {
        let long = format!("<${}$>", "x".repeat(MOST_CODE + 1));
        for text in ["<$", "a <$Contact.FirstName", "<$Contact\n.FirstName$>", &long, "$>"] {
            let done = filled(text, "Ana");
            assert_eq!((done.text.as_str(), done.unknown.len()), (text, 0));
        }
        assert_eq!(filled("<$ <$Contact.FirstName$>", "Ana").text, "<$ Ana");
    }

    #[test]
    fn a_code_without_value_stays_visible() {
        let done = filled(
            "Order <$Interaction.AttachedData('Order no')$> of <$Agent.LastName$>, <$Contact.Shoe$>",
            "",
        );
        assert_eq!(done.text, "Order [Order no?] of [LastName?], <$Contact.Shoe$>");
        assert_eq!(unfilled(&done.text), ["[Order no?]", "[LastName?]", "<$Contact.Shoe$>"]);
        for fine in
            ["", "Is that right?", "[see below]", "[?]", "a[0]", "why? [1]", "[a\nb?]", "<$ 5", "array[i]?"]
        {
            assert!(unfilled(fine).is_empty(), "{fine:?}");
        }
        assert_eq!(unfilled("[A?] [A?]"), ["[A?]"]);
    }

    #[test]
    fn gap_that_a_server_left_gets_its_placeholder() {
        let body = "Hi <$Contact.FirstName$>, order <$Interaction.AttachedData('Order')$>.";
        for (text, expected) in [
            ("Hi Ana, order .", "Hi Ana, order [Order?]."),
            ("Hi , order 7.", "Hi [FirstName?], order 7."),
            ("Hi Ana, order 7.", "Hi Ana, order 7."),
            ("Hi [FirstName?], order 7.", "Hi [FirstName?], order 7."),
            ("Something else", "Something else"),
        ] {
            assert_eq!(with_placeholders(body, text), expected);
        }
        assert_eq!(with_placeholders("<$Contact.FullName$>", ""), "[FullName?]");
        assert_eq!(with_placeholders("a <$Contact.Shoe$> b", "a <$Contact.Shoe$> b"), "a <$Contact.Shoe$> b");
    }

    #[test]
    fn the_gateways_own_pairs_are_no_field_codes() {
        assert_eq!(FieldCode::parse("Interaction.AttachedData('wa.number')"), None);
    }

    #[test]
    fn only_approved_responses_in_their_time_are_valid() {
        let mut one = StandardResponse { approved: true, ..StandardResponse::default() };
        assert!(one.is_valid(Millis(5)));
        one.starts = Some(Millis(5));
        one.expires = Some(Millis(7));
        assert_eq!([4, 5, 6, 7].map(|at| one.is_valid(Millis(at))), [false, true, true, false]);
        one.approved = false;
        assert!(!one.is_valid(Millis(6)));
    }

    #[test]
    fn names_and_files_are_checked_like_those_of_workspace() {
        assert_eq!(name_trouble("Entrega-2 días_x"), None);
        for bad in ["", " a", "a/b", "a.b", "a\nb", &"x".repeat(101)] {
            assert!(name_trouble(bad).is_some(), "{bad:?}");
        }
        assert_eq!(kind_of("Menu.PDF").unwrap().word, "document");
        assert_eq!(kind_of("x.webp").unwrap().most, 100 * 1024);
        assert!(kind_of("x.exe").is_none() && kind_of("pdf").is_none());
        assert_eq!(word_of("image/png"), "image");
    }
}
