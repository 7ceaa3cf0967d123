//! Standard responses: prepared answers with field codes and files.
//!
//! Owns: what a response is, who may see it when, how field codes are filled, and what WhatsApp takes as a
//! file. Must not: know where responses are kept.
//! Invariants: a value never becomes part of the template: what a customer is called is put in as it is,
//! and is not looked at for codes again.

use super::Millis;
use crate::text::Clean;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Characters of a response's or a category's name at most.
pub const MOST_NAME: usize = 100;
/// Folders that stand inside each other at most.
pub const MOST_DEPTH: usize = 8;
/// Files of one response at most.
pub const MOST_FILES: usize = 10;
/// Characters between `<$` and `$>` at most; what is longer is no code.
const MOST_CODE: usize = 200;

/// A folder of the library.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// Its name on the wire.
    pub id: String,
    /// The names from the root to it, with `/` between.
    pub path: String,
    /// The language it is for; empty when it is for all.
    pub language: String,
    /// What it is for.
    pub description: String,
}

impl Category {
    /// Its own name.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The path of the folder it stands in; `None` at the root.
    pub fn parent(&self) -> Option<&str> {
        self.path.rsplit_once('/').map(|(parent, _)| parent)
    }
}

/// A prepared answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandardResponse {
    /// Its name on the wire.
    pub id: String,
    /// The name of the one category it stands in.
    pub category: String,
    /// Its name for people.
    pub name: String,
    /// Its language, as the shop writes it.
    pub language: String,
    /// What it says, with field codes.
    pub body: String,
    /// What it is for.
    pub description: String,
    /// Whether agents may use it; a draft is for its authors only.
    pub approved: bool,
    /// From when on it may be used.
    pub starts: Option<Millis>,
    /// Until when it may be used, that moment not included.
    pub expires: Option<Millis>,
    /// What it is meant for, in the words of the API: `SuggestedResponse`, …
    pub usage: String,
    /// Its files, in the order in which they are sent.
    pub files: Vec<FileInfo>,
    /// When it was last written.
    pub modified: Millis,
}

impl StandardResponse {
    /// Whether an agent may use it at that moment.
    pub fn is_valid(&self, now: Millis) -> bool {
        self.approved
            && self.starts.is_none_or(|starts| starts <= now)
            && self.expires.is_none_or(|expires| now < expires)
    }
}

/// A file of a response.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInfo {
    /// Its name on the wire.
    pub document: String,
    /// Its name for people.
    pub name: String,
    /// MIME type.
    pub mime: String,
    /// Bytes.
    pub size: u64,
}

/// A file that an agent is sending: whose it is, and what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enclosure {
    /// The response that it belongs to.
    pub response: String,
    /// The file.
    pub file: FileInfo,
}

/// What WhatsApp calls a kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileKind {
    /// WhatsApp's type of the message: `image`, `video`, `audio`, `document`, `sticker`.
    pub word: &'static str,
    /// MIME type.
    pub mime: &'static str,
    /// Bytes at most.
    pub most: u64,
}

const MB: u64 = 1024 * 1024;

/// File name endings that WhatsApp takes: type, MIME type, bytes at most. (WhatsApp: media types.)
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

/// The endings of [`kind_of`], for people.
pub fn endings() -> String {
    KINDS.iter().map(|(ending, ..)| *ending).collect::<Vec<_>>().join(", ")
}

/// What WhatsApp takes a file for, by the ending of its name.
pub fn kind_of(name: &str) -> Option<FileKind> {
    let (_, ending) = name.rsplit_once('.')?;
    let found = KINDS.iter().find(|(known, ..)| known.eq_ignore_ascii_case(ending))?;
    Some(FileKind { word: found.1, mime: found.2, most: found.3 })
}

/// WhatsApp's type of the message for a MIME type.
pub fn word_of(mime: &str) -> &'static str {
    KINDS.iter().find(|(_, _, known, _)| *known == mime).map_or("document", |(_, word, ..)| word)
}

/// What is wrong with the name of a response or a category; nothing when it does. (Workspace: letters,
/// digits, hyphens, underscores and spaces.)
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

/// A field code that is known.
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
    /// Reads what stands between `<$` and `$>`. Case and spaces around it do not matter.
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
        // What begins so is the gateway's own and no data of the case.
        (!key.is_empty() && !key.starts_with("wa.")).then(|| Self::AttachedData(key.to_owned()))
    }
}

/// A text with its field codes filled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The text.
    pub text: String,
    /// What looks like a code and is none: it stands in the text as it was.
    pub unknown: Vec<String>,
    /// Codes without a value: the text holds their placeholders.
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
    /// The placeholder where this code has no value: visible, and to be filled in by hand.
    pub fn placeholder(&self) -> String {
        let name = match self {
            Self::Named(code) => code.rsplit('.').next().unwrap_or(code),
            Self::AttachedData(key) => key,
        };
        let name: String = one_line(name).chars().filter(|c| !matches!(c, '[' | ']')).collect();
        format!("[{name}?]")
    }
}

/// Fills field codes. A value is one line without terminal control characters, and codes inside a value are
/// not filled.
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

/// Shows the codes without a value in a text in which a server has replaced them by nothing. `body` is the
/// text before that.
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

/// The field codes in a text that are not filled, as they appear in it: `[Order?]` and `<$Contact.Shoe$>`.
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
    fn an_unknown_code_is_left_and_named_once_and_an_empty_one_is_named() {
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
    fn a_customers_name_is_data_and_never_a_template_or_a_control() {
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
    fn what_is_not_closed_or_too_long_is_text() {
        let long = format!("<${}$>", "x".repeat(MOST_CODE + 1));
        for text in ["<$", "a <$Contact.FirstName", "<$Contact\n.FirstName$>", &long, "$>"] {
            let done = filled(text, "Ana");
            assert_eq!((done.text.as_str(), done.unknown.len()), (text, 0));
        }
        assert_eq!(filled("<$ <$Contact.FirstName$>", "Ana").text, "<$ Ana");
    }

    #[test]
    fn code_without_a_value_stays_visible_and_is_found_again() {
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
    fn names_and_files_are_checked_as_the_field_does() {
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
