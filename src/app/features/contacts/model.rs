//! Contacts on the desk: the lists to choose from, the form of a contact, and a past session that is read.
//!
//! Owns: what stands in each. Must not: ask the server; the updates do.
//! Invariants: everything that came from elsewhere is a [`Clean`] before it is in a row.

use crate::app::core::form::{Add, Field, Filled, Form, Purpose, Row};
use crate::app::core::picker::{Extra, Item, Picker};
use crate::app::core::session::Session;
use crate::domain::contact::visible_name;
use crate::domain::field::FieldType;
use crate::domain::message::{Body, Side};
use crate::domain::options::Options;
use crate::domain::profile::{
    AttributeValue, Attributes, COMPANY, EMAIL, FIRST_NAME, LAST_NAME, PHONE, TITLE, main_value, merged, tidy,
};
use crate::domain::transcript::Transcript;
use crate::domain::{ContactId, InteractionId, Millis};
use crate::proto::contact::{AttributeChange, ContactDto, Query, Turn};
use crate::proto::ucs::PastDto;
use crate::proto::{decode, time, wa};
use crate::text::Clean;
use crate::text::fold::folded;
use jiff::tz::TimeZone;
use std::time::Duration;

/// What a request about contacts was for.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) enum ContactRequest {
    /// To open the contact.
    Open,
    /// To find contacts: words, part, rows passed over, rows of a page.
    Search((String, usize, usize, usize)),
    /// To suggest who the customer of that session may be.
    Suggest(InteractionId),
    /// To list what happened.
    History(ContactId),
    /// To save that form.
    Save(Purpose),
    /// To make a contact from that form.
    Create(Purpose),
    /// To do what the words say when it is done, and what they say when it is not.
    Act(Clean, &'static str),
    /// To read a past session.
    Past(Clean),
}

/// What a list of contacts is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aim {
    /// The directory.
    Directory,
    /// Who becomes part of that contact.
    Merge(Box<ContactDto>),
    /// Who the customer of that session may be.
    Suggest(InteractionId),
    /// What happened with that contact.
    History {
        /// The contact.
        contact: ContactId,
        /// Words that came with the command.
        words: String,
    },
}

/// A list whose rows the server tells.
#[derive(Clone, Debug)]
pub struct People {
    /// The list.
    pub picker: Picker<Pick>,
    /// What it is for.
    pub aim: Aim,
    /// The session that was shown when it was opened.
    pub session: Option<InteractionId>,
    /// The fields that are searched, one for each part after the first.
    fields: Vec<String>,
    /// Rows of a page.
    pub(in crate::app) size: usize,
    /// How many rows are passed over.
    pub(in crate::app) start: usize,
    /// What was asked last: its words, part and page.
    pub(in crate::app) asked: Option<(String, usize, usize, usize)>,
    past: Vec<PastDto>,
}

/// What is done with a contact that was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// Asks what to do with it.
    Acts(Box<ContactDto>),
    /// Opens it.
    Open(ContactId),
    /// Shows its history.
    History(ContactId),
    /// Says that the customer of that session is this contact.
    Assign {
        /// The session.
        session: InteractionId,
        /// The contact.
        contact: ContactId,
        /// Its name.
        name: Clean,
    },
    /// Chooses whom to merge into it.
    MergeWith(Box<ContactDto>),
    /// Shows what a merge would do.
    Compare {
        /// The one that stays.
        into: Box<ContactDto>,
        /// The other one.
        from: Box<ContactDto>,
    },
    /// Merges.
    Merge {
        /// The one that stays.
        into: ContactId,
        /// The other one.
        from: ContactId,
    },
    /// Takes the last merge back.
    Unmerge(ContactId),
    /// Asks whether to delete it.
    Delete {
        /// The contact.
        contact: ContactId,
        /// Its name.
        name: Clean,
    },
    /// Makes a new one, and says that the customer of that session is it.
    New(Option<InteractionId>),
    /// Searches the directory.
    Search,
    /// Another page: how many rows are passed over, and how many a page has.
    Page(usize, usize),
    /// Opens a past session.
    Past {
        /// The session.
        id: InteractionId,
        /// What stands above it.
        title: Clean,
    },
    /// Nothing: a row to be read.
    Nothing,
}

/// The name of a contact: first and last name, else what WhatsApp calls the customer.
pub fn called(contact: &ContactDto) -> Clean {
    let of = |name: &str| main_value(&contact.attributes, name).unwrap_or_default();
    let name = format!("{} {}", of(FIRST_NAME), of(LAST_NAME));
    let (name, profile) = (visible_name(&name), visible_name(of(wa::PROFILE_NAME)));
    let first = [PHONE, EMAIL, COMPANY].into_iter().map(of).find(|value| !value.is_empty());
    match (name, profile, of(wa::NUMBER)) {
        (None, None, "") => Clean::line(first.unwrap_or("no name")),
        (None, None, number) => Clean::line(&format!("+{number}")),
        (None, Some(profile), _) => Clean::line(&format!("~{profile}")),
        (Some(name), ..) => Clean::line(name),
    }
}

fn detail(contact: &ContactDto) -> Clean {
    let of = |name: &str| main_value(&contact.attributes, name).map(str::to_owned);
    let number = of(PHONE).or_else(|| of(wa::NUMBER).map(|number| format!("+{number}")));
    let parts: Vec<String> = [contact.reason.clone(), number, of(EMAIL), of(COMPANY)]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    Clean::line(&parts.join(" · "))
}

/// What people call an attribute.
pub fn label(name: &str) -> String {
    match name {
        FIRST_NAME => "First name".to_owned(),
        LAST_NAME => "Last name".to_owned(),
        COMPANY => "Company".to_owned(),
        PHONE => "Phone".to_owned(),
        EMAIL => "E-mail".to_owned(),
        wa::NUMBER => "WhatsApp number".to_owned(),
        wa::USER_ID => "WhatsApp user ID".to_owned(),
        wa::USER_NAME => "WhatsApp user name".to_owned(),
        wa::PROFILE_NAME => "WhatsApp name".to_owned(),
        other => other.to_owned(),
    }
}

fn item(label: impl Into<Clean>, detail: impl Into<Clean>, pick: Pick) -> Item<Pick> {
    Item { label: label.into(), detail: detail.into(), value: pick }
}

impl People {
    /// A list before the server has answered.
    pub fn new(aim: Aim, session: Option<InteractionId>, options: &Options, words: &str) -> Self {
        let mut fields = Vec::new();
        let (title, parts): (String, Vec<Clean>) = match &aim {
            Aim::Directory | Aim::Merge(_) => {
                fields.clone_from(&options.contact_search);
                let parts = fields.iter().map(|field| Clean::line(&label(field)));
                let parts = std::iter::once("All fields".into()).chain(parts).collect();
                match &aim {
                    Aim::Merge(into) => (format!("Merge with {}: with whom?", called(into)), parts),
                    _ => ("Contacts".to_owned(), parts),
                }
            }
            Aim::Suggest(_) => ("Who is this customer?".to_owned(), Vec::new()),
            Aim::History { .. } => (
                "History".to_owned(),
                ["All", "Open", "Done", "Mine", "7 days", "30 days"].map(Clean::from).to_vec(),
            ),
        };
        let is_searched = matches!(aim, Aim::Directory | Aim::Merge(_));
        let mut picker = Picker::new(Clean::line(&title), "looking…", Vec::new());
        if !parts.is_empty() {
            picker = picker.with_filters(parts, false);
        }
        if is_searched {
            picker = picker.found_elsewhere();
        }
        if !words.is_empty() {
            picker.edit(|query| query.insert(words));
        }
        let size = options.contact_page;
        Self { picker, aim, session, fields, size, start: 0, asked: None, past: Vec::new() }
    }

    /// What the server is to be asked now: a search, how many rows to pass over and how many to give.
    pub fn query(&self) -> Query {
        let text = self.picker.query().text();
        match self.picker.filter().checked_sub(1).and_then(|place| self.fields.get(place)) {
            Some(field) => Query::phrase(field, text),
            None => Query::keywords(text, &[]),
        }
    }

    /// What stands in the list now, to be compared with what was asked.
    pub(in crate::app) fn wanted(&self) -> (String, usize, usize, usize) {
        (self.picker.query().text().trim().to_owned(), self.picker.filter(), self.start, self.size)
    }

    /// Puts what a search found into the list.
    pub fn found(&mut self, contacts: &[ContactDto], total: usize, options: &Options) {
        self.picker.empty = "no contact fits".into();
        let other = |contact: &&ContactDto| match &self.aim {
            Aim::Merge(into) => contact.id != into.id,
            _ => true,
        };
        let mut items: Vec<Item<Pick>> = contacts
            .iter()
            .filter(other)
            .map(|contact| {
                let pick = match &self.aim {
                    Aim::Merge(into) => Pick::Compare { into: into.clone(), from: Box::new(contact.clone()) },
                    _ => Pick::Acts(Box::new(contact.clone())),
                };
                item(called(contact), detail(contact), pick)
            })
            .collect();
        let last = self.start + contacts.len();
        if last < total {
            let to = (last + self.size).min(total);
            let label = format!("next page: {} to {to} of {total}", last + 1);
            items.push(item(Clean::line(&label), "", Pick::Page(last, self.size)));
        }
        if self.start > 0 {
            items.push(item("page before", "", Pick::Page(self.start.saturating_sub(self.size), self.size)));
        }
        if total > self.size.min(contacts.len()) || self.start > 0 {
            let sizes = &options.contact_pages;
            let next = sizes.iter().find(|size| **size > self.size).or_else(|| sizes.first());
            if let Some(next) = next.filter(|next| **next != self.size) {
                let label = format!("show {next} on a page");
                items.push(item(Clean::line(&label), "", Pick::Page(0, *next)));
            }
        }
        if matches!(self.aim, Aim::Directory) && options.contact_create {
            items.push(item("create a new contact", "", Pick::New(None)));
        }
        self.picker.summary = if total == 0 {
            Clean::default()
        } else {
            Clean::line(&format!("{} to {last} of {total}", self.start + 1))
        };
        self.picker.set_items(items);
    }

    /// Puts who a customer may be into the list.
    pub fn suggested(&mut self, session: &InteractionId, contacts: &[ContactDto], options: &Options) {
        let mut items: Vec<Item<Pick>> = contacts
            .iter()
            .map(|contact| item(called(contact), detail(contact), Pick::Acts(Box::new(contact.clone()))))
            .collect();
        if items.is_empty() {
            items.push(item("nobody like this customer is known", "", Pick::Nothing));
        }
        if options.contact_lookup {
            items.push(item("search the directory", "", Pick::Search));
        }
        if options.contact_create {
            let label = "create a new contact for this customer";
            items.push(item(label, "", Pick::New(Some(session.clone()))));
        }
        self.picker.set_items(items);
    }

    /// Keeps what happened with a contact.
    pub fn happened(&mut self, past: &[PastDto]) {
        self.past = past.to_vec();
        self.past.sort_by_key(|dto| std::cmp::Reverse(time::parse(&dto.start_date)));
        self.picker.empty = "nothing in the history fits".into();
    }

    /// Shows the part of the history that is chosen. `me` is the agent's employee ID and name.
    pub fn show_past(
        &mut self,
        me: (&str, &str),
        current: Option<&InteractionId>,
        options: &Options,
        now: Millis,
        zone: &TimeZone,
    ) {
        let since = |days: u64| now.minus(Duration::from_secs(days * 24 * 3600));
        let part = self.picker.filter();
        let fits = |dto: &&PastDto| {
            let started = time::parse(&dto.start_date).unwrap_or_default();
            match part {
                1 => dto.state == "InProgress",
                2 => dto.state != "InProgress",
                3 => dto.owner_information.iter().any(|owner| owner.user_name == me.0) || owners(dto) == me.1,
                4 => started >= since(7),
                5 => started >= since(30),
                _ => true,
            }
        };
        let rows: Vec<(Item<Pick>, Extra)> = self
            .past
            .iter()
            .filter(fits)
            .map(|dto| (past_row(dto, current, options, zone), Extra::default()))
            .collect();
        self.picker.summary = Clean::line(&format!("{} of {}", rows.len(), self.past.len()));
        // The history is read again when a session opens; a choice made in the meantime is kept.
        self.picker.set_rows(rows, |a, b| a == b);
    }
}

fn owners(dto: &PastDto) -> String {
    let names = dto.owner_information.iter().map(|owner| {
        let full = format!("{} {}", owner.first_name, owner.last_name);
        if full.trim().is_empty() { owner.user_name.clone() } else { full.trim().to_owned() }
    });
    names.collect::<Vec<_>>().join(", ")
}

fn past_row(
    dto: &PastDto,
    current: Option<&InteractionId>,
    options: &Options,
    zone: &TimeZone,
) -> Item<Pick> {
    let is_current = current.is_some_and(|id| id.as_str() == dto.id);
    let shown = |json: &serde_json::Value, format: &str| {
        time::parse(json).map(|at| at.in_zone(zone).strftime(format).to_string()).unwrap_or_default()
    };
    let start = shown(&dto.start_date, "%Y-%m-%d %H:%M");
    let channel = match dto.media_type.as_str() {
        "whatsappsession" => "WhatsApp",
        other => other,
    };
    let status = match (is_current, dto.state.as_str()) {
        (true, _) => "● this session",
        (false, "InProgress") => "open",
        (false, _) => "done",
    };
    let has = |column: &str| options.contact_history.iter().any(|known| known == column);
    let only = |column: &str, text: String| if has(column) { text } else { String::new() };
    let mut when = only("StartDate", start.clone());
    let end = shown(&dto.end_date, "%H:%M");
    if has("EndDate") && !end.is_empty() {
        when = format!("{when}–{end}");
    }
    let label = [when, channel.to_owned(), only("Subject", dto.subject.clone())];
    let status = if is_current { status.to_owned() } else { only("Status", status.to_owned()) };
    let disposition = dto.user_data.text(&options.disposition_key).unwrap_or_default().to_owned();
    let detail = [status, only("OwnerId", owners(dto)), disposition, dto.comment.clone()];
    let join = |parts: &[String]| {
        let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        Clean::line(&parts.join(" · "))
    };
    let title = Clean::line(&format!("{start} · {}", owners(dto)));
    item(join(&label), join(&detail), Pick::Past { id: dto.id.as_str().into(), title })
}

/// What can be done with a contact. `session` is the one that may be assigned to it.
pub fn acts(contact: &ContactDto, session: Option<&Session>, options: &Options) -> Picker<Pick> {
    let (id, name) = (ContactId::from(contact.id.as_str()), called(contact));
    let mut items = vec![
        item("view and edit", detail(contact), Pick::Open(id.clone())),
        item("history", "", Pick::History(id.clone())),
        item("merge with another contact", "", Pick::MergeWith(Box::new(contact.clone()))),
    ];
    if let Some(merged) = &contact.merged {
        let words = Clean::line(&format!("undo the merge with {merged}"));
        items.push(item(words, "", Pick::Unmerge(id.clone())));
    }
    let other = |session: &&Session| session.interaction.contact.as_ref() != Some(&id);
    if let Some(session) = session.filter(|_| options.contact_assign).filter(other) {
        let words = Clean::line(&format!("{} is this contact: assign", session.name()));
        let pick =
            Pick::Assign { session: session.interaction.id.clone(), contact: id.clone(), name: name.clone() };
        // Never first, where Enter alone would choose it. It makes sense for an unknown customer; for a known
        // one it would be a slip.
        let place = if session.is_unknown() { 1 } else { items.len() };
        items.insert(place, item(words, "", pick));
    }
    items.push(item("delete", "", Pick::Delete { contact: id, name: name.clone() }));
    Picker::new(name, "nothing fits", items)
}

/// What a merge would do: both contacts side by side, and what stays.
pub fn compare(into: &ContactDto, from: &ContactDto) -> Picker<Pick> {
    let yes = Pick::Merge { into: into.id.as_str().into(), from: from.id.as_str().into() };
    let mut items = vec![item(
        Clean::line(&format!("merge: {} becomes part of {}", called(from), called(into))),
        "can be undone",
        yes,
    )];
    let set = merged(&into.attributes, &from.attributes);
    let names: std::collections::BTreeSet<&String> =
        into.attributes.keys().chain(from.attributes.keys()).collect();
    let list = |values: Option<&Vec<AttributeValue>>| {
        let mut shown: Vec<&str> = Vec::new();
        for value in values.into_iter().flatten() {
            if !shown.contains(&value.value.as_str()) {
                shown.push(&value.value);
            }
        }
        if shown.is_empty() { "–".to_owned() } else { shown.join(", ") }
    };
    for name in names {
        let (own, theirs) = (into.attributes.get(name), from.attributes.get(name));
        let stays = match name.starts_with("wa.") {
            true => list(Some(&own.into_iter().chain(theirs).flatten().cloned().collect())),
            false => list(set.get(name).or(own)),
        };
        let label = format!("{}: {} │ {}", label(name), list(own), list(theirs));
        items.push(item(Clean::line(&label), Clean::line(&format!("→ {stays}")), Pick::Nothing));
    }
    Picker::new("Merge: left stays, right becomes part of it", "nothing fits", items)
}

/// The attributes that every contact's form shows.
const SHOWN: [&str; 4] = [TITLE, FIRST_NAME, LAST_NAME, COMPANY];

/// The form of a contact, or of a new one. `assign` is the session whose customer the new one is.
pub fn form(
    contact: Option<&ContactDto>,
    given: &Attributes,
    assign: Option<&InteractionId>,
    options: &Options,
) -> Form {
    let attributes = contact.map_or(given, |contact| &contact.attributes);
    let mandatory = |name: &str| options.contact_mandatory.iter().any(|known| known == name);
    let several = |name: &str| options.contact_multiple.iter().any(|known| known == name);
    let mut rows = Vec::new();
    let one = |name: &str, value: &str| {
        Row::Field(
            Field::new(name, Clean::line(&label(name)), FieldType::Text, value).mandatory(mandatory(name)),
        )
    };
    let others = attributes
        .keys()
        .map(String::as_str)
        .filter(|name| !SHOWN.contains(name) && !several(name) && !name.starts_with("wa."));
    let wanted = options.contact_mandatory.iter().map(String::as_str);
    let mut singles: Vec<&str> = SHOWN.to_vec();
    for name in others.chain(wanted) {
        if !singles.contains(&name) && !several(name) {
            singles.push(name);
        }
    }
    for name in singles {
        rows.push(one(name, main_value(attributes, name).unwrap_or_default()));
    }
    for name in &options.contact_multiple {
        let values = attributes.get(name).map(Vec::as_slice).unwrap_or_default();
        rows.push(Row::Heading(Clean::line(&label(name))));
        for value in values {
            let what = if value.description.is_empty() { label(name) } else { value.description.clone() };
            let alone = values.len() == 1;
            let field = Field::new(name.as_str(), Clean::line(&what), FieldType::Text, &value.value);
            rows.push(Row::Field(field.one_of_several(value.primary || alone)));
        }
        let field = Field::new(name.as_str(), Clean::line(&label(name)), FieldType::Text, "");
        let offer = field.one_of_several(false).mandatory(mandatory(name) && values.is_empty());
        let label = Clean::line(&format!("add {}", article(name)));
        rows.push(Row::Add(Add { label, offers: vec![offer], repeats: true }));
    }
    let fixed = attributes.iter().filter(|(name, _)| name.starts_with("wa."));
    let fixed: Vec<Row> = fixed
        .flat_map(|(name, values)| values.iter().map(move |value| (name, &value.value)))
        .map(|(name, value)| {
            let shown = if name == wa::NUMBER { format!("+{value}") } else { value.clone() };
            Row::Field(
                Field::new(name.as_str(), Clean::line(&label(name)), FieldType::Text, &shown).read_only(true),
            )
        })
        .collect();
    if !fixed.is_empty() {
        rows.push(Row::Heading("WhatsApp".into()));
        rows.extend(fixed);
    }
    let title = match contact {
        Some(contact) => {
            let by = contact.changed.as_ref().map(|(by, at)| {
                let day = time::parse(at).map(|at| at.to_rfc3339().chars().take(10).collect::<String>());
                format!(" (changed by {by}{})", day.map(|day| format!(", {day}")).unwrap_or_default())
            });
            Clean::line(&format!("Contact {}{}", called(contact), by.unwrap_or_default()))
        }
        None => "New contact".into(),
    };
    let purpose = match contact {
        Some(contact) => Purpose::Contact(Box::new(contact.clone())),
        None => Purpose::NewContact(assign.cloned()),
    };
    Form::new(title, purpose, rows)
}

fn article(name: &str) -> String {
    match name {
        PHONE => "a phone number".to_owned(),
        EMAIL => "an e-mail address".to_owned(),
        other => format!("a value of {other}"),
    }
}

/// What a form says of the attributes, by name. Descriptions stay with their values.
pub fn written(filled: &[Filled], before: &Attributes) -> Attributes {
    let mut all = Attributes::new();
    for field in filled.iter().filter(|field| !field.name.starts_with("wa.")) {
        let values = all.entry(field.name.clone()).or_default();
        let old = before.get(&field.name).map(Vec::as_slice).unwrap_or_default();
        let place = values.len();
        let same = old.iter().find(|value| value.value == field.value).or_else(|| old.get(place));
        values.push(AttributeValue {
            value: field.value.clone(),
            description: same.map(|value| value.description.clone()).unwrap_or_default(),
            primary: field.primary,
        });
    }
    // One value alone need not be said to be primary.
    for (name, values) in &mut all {
        *values = tidy(values);
        let was_primary = before.get(name).and_then(|old| old.first()).is_some_and(|value| value.primary);
        if let [one] = values.as_mut_slice() {
            one.primary = was_primary;
        }
    }
    all
}

/// What has to change so that the attributes are as they were written.
pub fn changes(before: &Attributes, written: &Attributes) -> Vec<AttributeChange> {
    let names: std::collections::BTreeSet<&String> = before.keys().chain(written.keys()).collect();
    let names = names.into_iter().filter(|name| !name.starts_with("wa."));
    let of = |attributes: &Attributes, name: &String| attributes.get(name).cloned().unwrap_or_default();
    names
        .filter(|name| of(before, name) != of(written, name))
        .map(|name| {
            let was = Some(of(before, name));
            AttributeChange { name: name.clone(), turn: Turn::Set(of(written, name)), was }
        })
        .collect()
}

/// A past session that is read.
#[derive(Clone, Debug)]
pub struct PastView {
    /// What stands above it.
    pub title: Clean,
    /// Its log, a paragraph for each message: when, who, what.
    pub entries: Vec<(Clean, Side, Clean)>,
    /// Rows that are scrolled away.
    pub top: usize,
    /// What is searched.
    pub find: String,
}

impl PastView {
    /// A log to be read.
    pub fn new(title: Clean, messages: &[crate::proto::media::MessageDto], zone: &TimeZone) -> Self {
        let mut transcript = Transcript::default();
        for message in messages {
            transcript.insert(decode::message(message));
        }
        let entries = transcript
            .lines()
            .iter()
            .filter_map(|line| {
                let message = &line.message;
                let words = match &message.body {
                    Body::Text(text) | Body::Url(text) | Body::Placeholder(text) | Body::Notice(text) => {
                        text.clone()
                    }
                    Body::Media(media) => {
                        let caption = media.caption.as_ref().map(Clean::as_str).unwrap_or_default();
                        Clean::new(&format!("[{}] {caption}", media.kind))
                    }
                    Body::Joined => "joined".into(),
                    Body::Left => "left".into(),
                    Body::Error(reason) => reason.clone(),
                    _ => return None,
                };
                let at = message.at.in_zone(zone).strftime("%H:%M").to_string();
                Some((Clean::line(&format!("{at} {}", message.name)), message.side, words))
            })
            .collect();
        Self { title, entries, top: 0, find: String::new() }
    }

    /// Whether an entry holds what is searched.
    pub fn holds(&self, words: &Clean) -> bool {
        let find = folded(&self.find);
        !find.is_empty() && folded(words).contains(&find)
    }

    /// The rows of each entry at a width: its heading and its words.
    pub fn rows(&self, width: u16) -> Vec<(usize, usize)> {
        let mut first = 0;
        self.entries
            .iter()
            .map(|(_, _, words)| {
                let at = first;
                let rows = 1 + crate::text::wrap::height(words, width.saturating_sub(2).max(1));
                first += rows;
                (at, rows)
            })
            .collect()
    }

    /// Goes to the next entry that holds what is searched, after the top; round at the end. False when none does.
    pub fn next_hit(&mut self, width: u16, from_top: bool) -> bool {
        let rows = self.rows(width);
        let hits: Vec<usize> = self
            .entries
            .iter()
            .zip(&rows)
            .filter(|((_, _, words), _)| self.holds(words))
            .map(|(_, (first, _))| *first)
            .collect();
        let next = hits.iter().find(|first| if from_top { **first >= self.top } else { **first > self.top });
        match next.or_else(|| hits.first()) {
            Some(first) => {
                self.top = *first;
                true
            }
            None => false,
        }
    }
}

/// What is known of a customer for whom a contact is made.
pub fn given_by(profile_name: Option<&Clean>, number: Option<&Clean>) -> Attributes {
    let mut given = Attributes::new();
    if let Some(name) = profile_name {
        let (first, last) = name.trim().split_once(' ').unwrap_or((name.trim(), ""));
        for (attribute, value) in [(FIRST_NAME, first), (LAST_NAME, last)] {
            if !value.trim().is_empty() {
                given.insert(attribute.to_owned(), vec![AttributeValue::plain(value.trim())]);
            }
        }
    }
    if let Some(number) = number {
        given.insert(PHONE.to_owned(), vec![AttributeValue::plain(number.as_str())]);
    }
    given
}
