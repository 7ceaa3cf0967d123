//! A list of contacts, or of the history of one, whose rows the server sends.
//!
//! Owns: its rows. Must not: ask the server; the update does.

use super::choice::{ContactChoice, ContactListPurpose};
use super::names::{detail, display_name, item, label};
use crate::app::core::picker::{Extra, Item, Picker};
use crate::domain::options::Options;
use crate::domain::{InteractionId, Millis};
use crate::proto::contact::{ContactDto, Query};
use crate::proto::time;
use crate::proto::ucs::PastDto;
use crate::text::Clean;
use jiff::tz::TimeZone;
use std::time::Duration;

/// A list whose rows come from the server.
#[derive(Clone, Debug)]
pub struct ContactList {
    pub picker: Picker<ContactChoice>,
    pub aim: ContactListPurpose,
    /// The session that was shown when the list was opened.
    pub session: Option<InteractionId>,
    /// The fields to search, one for each part after the first.
    fields: Vec<String>,
    /// The number of rows of a page.
    pub(in crate::app) size: usize,
    /// The number of rows that are skipped.
    pub(in crate::app) start: usize,
    /// The last requested query, part and page.
    pub(in crate::app) asked: Option<(String, usize, usize, usize)>,
    past: Vec<PastDto>,
}

impl ContactList {
    /// Creates a list that waits for the server's answer.
    pub fn new(
        aim: ContactListPurpose,
        session: Option<InteractionId>,
        options: &Options,
        words: &str,
    ) -> Self {
        let mut fields = Vec::new();
        let (title, parts): (String, Vec<Clean>) = match &aim {
            ContactListPurpose::Directory | ContactListPurpose::Merge(_) => {
                fields.clone_from(&options.contact_search);
                let parts = fields.iter().map(|field| Clean::line(&label(field)));
                let parts = std::iter::once("All fields".into()).chain(parts).collect();
                match &aim {
                    ContactListPurpose::Merge(into) => {
                        (format!("Merge with {}: with whom?", display_name(into)), parts)
                    }
                    _ => ("Contacts".to_owned(), parts),
                }
            }
            ContactListPurpose::Suggest(_) => ("Who is this customer?".to_owned(), Vec::new()),
            ContactListPurpose::History { .. } => (
                "History".to_owned(),
                ["All", "Open", "Done", "Mine", "7 days", "30 days"].map(Clean::from).to_vec(),
            ),
        };
        let is_searched = matches!(aim, ContactListPurpose::Directory | ContactListPurpose::Merge(_));
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

    /// The request for the list's current state: a search, the rows to skip, the rows to return.
    pub fn query(&self) -> Query {
        let text = self.picker.query().text();
        match self.picker.filter().checked_sub(1).and_then(|place| self.fields.get(place)) {
            Some(field) => Query::phrase(field, text),
            None => Query::keywords(text, &[]),
        }
    }

    /// The current query, part and page, to be compared with `asked`.
    pub(in crate::app) fn wanted(&self) -> (String, usize, usize, usize) {
        (self.picker.query().text().trim().to_owned(), self.picker.filter(), self.start, self.size)
    }

    /// Shows the result of a search.
    pub fn found(&mut self, contacts: &[ContactDto], total: usize, options: &Options) {
        self.picker.empty = "no contact fits".into();
        let other = |contact: &&ContactDto| match &self.aim {
            ContactListPurpose::Merge(into) => contact.id != into.id,
            _ => true,
        };
        let mut items: Vec<Item<ContactChoice>> = contacts
            .iter()
            .filter(other)
            .map(|contact| {
                let pick = match &self.aim {
                    ContactListPurpose::Merge(into) => {
                        ContactChoice::Compare { into: into.clone(), from: Box::new(contact.clone()) }
                    }
                    _ => ContactChoice::Acts(Box::new(contact.clone())),
                };
                item(display_name(contact), detail(contact), pick)
            })
            .collect();
        let last = self.start + contacts.len();
        if last < total {
            let to = (last + self.size).min(total);
            let label = format!("next page: {} to {to} of {total}", last + 1);
            items.push(item(Clean::line(&label), "", ContactChoice::Page(last, self.size)));
        }
        if self.start > 0 {
            items.push(item(
                "page before",
                "",
                ContactChoice::Page(self.start.saturating_sub(self.size), self.size),
            ));
        }
        if total > self.size.min(contacts.len()) || self.start > 0 {
            let sizes = &options.contact_pages;
            let next = sizes.iter().find(|size| **size > self.size).or_else(|| sizes.first());
            if let Some(next) = next.filter(|next| **next != self.size) {
                let label = format!("show {next} on a page");
                items.push(item(Clean::line(&label), "", ContactChoice::Page(0, *next)));
            }
        }
        if matches!(self.aim, ContactListPurpose::Directory) && options.contact_create {
            items.push(item("create a new contact", "", ContactChoice::New(None)));
        }
        self.picker.summary = if total == 0 {
            Clean::default()
        } else {
            Clean::line(&format!("{} to {last} of {total}", self.start + 1))
        };
        self.picker.set_items(items);
    }

    /// Shows the suggestions for a customer.
    pub fn suggested(&mut self, session: &InteractionId, contacts: &[ContactDto], options: &Options) {
        let mut items: Vec<Item<ContactChoice>> = contacts
            .iter()
            .map(|contact| {
                item(display_name(contact), detail(contact), ContactChoice::Acts(Box::new(contact.clone())))
            })
            .collect();
        if items.is_empty() {
            items.push(item("no known contact resembles this customer", "", ContactChoice::Nothing));
        }
        if options.contact_lookup {
            items.push(item("search the directory", "", ContactChoice::Search));
        }
        if options.contact_create {
            let label = "create a new contact for this customer";
            items.push(item(label, "", ContactChoice::New(Some(session.clone()))));
        }
        self.picker.set_items(items);
    }

    /// Stores the history of a contact.
    pub fn set_history(&mut self, past: &[PastDto]) {
        self.past = past.to_vec();
        self.past.sort_by_key(|dto| std::cmp::Reverse(time::parse(&dto.start_date)));
        self.picker.empty = "nothing in the history fits".into();
    }

    /// Shows the chosen part of the history. `me` is the agent's employee ID and name.
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
        let rows: Vec<(Item<ContactChoice>, Extra)> = self
            .past
            .iter()
            .filter(fits)
            .map(|dto| (past_row(dto, current, options, zone), Extra::default()))
            .collect();
        self.picker.summary = Clean::line(&format!("{} of {}", rows.len(), self.past.len()));
        // The history is read again when a session opens; the selection is kept.
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
) -> Item<ContactChoice> {
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
    item(join(&label), join(&detail), ContactChoice::Past { id: dto.id.as_str().into(), title })
}
