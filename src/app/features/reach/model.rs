//! Other ways to a customer: what can be chosen, the list of templates, and what is about to be sent.
//!
//! Owns: which ways a contact's data offers, and what is filled into a template beforehand.
//! Must not: ask the server.

use crate::app::core::picker::{Item, List, Picker};
use crate::app::core::session::Session;
use crate::domain::profile::{Attributes, EMAIL, PHONE};
use crate::domain::reach::{ContactMethod, number};
use crate::domain::template::{Parameter, Template};
use crate::domain::{AttachedData, ContactId, InteractionId};
use crate::proto::templates::ApprovedTemplates;
use crate::text::{Clean, fold};

/// What was requested for one of the ways to a customer.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) enum ReachRequest {
    /// The list of templates.
    Templates,
    /// To send that template.
    Send(Box<TemplateDraft>),
    /// To note a call or a mail outside the console.
    Note,
    /// The contact of that session's customer, for its numbers and addresses.
    Contact(InteractionId),
    /// To keep that number or address at the contact.
    Keep(String),
}

/// Where a template goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateRecipient {
    /// Into a session that is open.
    Session(InteractionId),
    /// To a number, in a session that begins with it.
    New {
        /// Whose number it is, when that is known.
        contact: Option<ContactId>,
        /// The number, with `+`.
        number: String,
        /// What the customer is called, for people.
        name: Clean,
    },
}

/// A layer of reaching a customer.
#[derive(Clone, Debug)]
pub enum ReachLayer {
    /// The ways to a customer.
    Menu(ReachMenu),
    /// The templates, which come from the server.
    Templates(TemplateList),
    /// A way outside the console.
    Outside(OutsideLink),
}

impl ReachLayer {
    /// The list to choose from, when the layer is one.
    pub fn list(&self) -> Option<&dyn List> {
        match self {
            Self::Menu(menu) => Some(&menu.picker),
            Self::Templates(list) => Some(&list.picker),
            Self::Outside(_) => None,
        }
    }

    /// The templates, when the layer lists them.
    pub(in crate::app) fn templates_mut(&mut self) -> Option<&mut TemplateList> {
        match self {
            Self::Templates(list) => Some(list),
            Self::Menu(_) | Self::Outside(_) => None,
        }
    }

    /// The list to choose from, when the layer is one.
    pub(in crate::app) fn list_mut(&mut self) -> Option<&mut dyn List> {
        match self {
            Self::Menu(menu) => Some(&mut menu.picker),
            Self::Templates(list) => Some(&mut list.picker),
            Self::Outside(_) => None,
        }
    }
}

/// Something that the console can't do itself: its link, for a program that can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideLink {
    /// Heading.
    pub title: Clean,
    /// The number or the address, which is on the clipboard.
    pub value: Clean,
    /// The link: `tel:`, `sms:` or `mailto:`.
    pub link: String,
    /// Whether the server was asked to note it.
    pub noted: bool,
}

/// A way that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReachChoice {
    /// Write in the session that is open.
    Write(InteractionId),
    /// A template.
    Template(TemplateRecipient),
    /// Something outside this desk, for that session's customer where there is one.
    Outside {
        /// The session in which it is noted.
        session: Option<InteractionId>,
        /// How.
        way: ContactMethod,
        /// The number or the address.
        value: String,
    },
    /// Write a number or an address by hand.
    ByHand(Option<InteractionId>),
}

/// A template that is about to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateDraft {
    /// Where it goes.
    pub to: TemplateRecipient,
    /// The template.
    pub template: Template,
    /// What is filled in.
    pub values: AttachedData,
}

/// The menu of the ways to somebody.
#[derive(Clone, Debug)]
pub struct ReachMenu {
    /// The session whose customer it is about.
    pub session: Option<InteractionId>,
    /// The ways.
    pub picker: Picker<ReachChoice>,
}

/// The list of templates.
#[derive(Clone, Debug)]
pub struct TemplateList {
    /// Where the chosen one goes.
    pub to: TemplateRecipient,
    /// The list, of which the part of one language may be shown.
    pub picker: Picker<Template>,
    /// The templates; none until the server has told them.
    all: Vec<Template>,
    languages: Vec<String>,
    /// The language of the customer, as far as the case data says it.
    language: String,
}

impl TemplateList {
    /// A list that waits for the server, with what was typed already.
    pub fn new(to: TemplateRecipient, who: &Clean, language: &str, typed: &str) -> Self {
        let title = Clean::line(&format!("Template for {who}"));
        let mut picker = Picker::new(title, "asking the server for its templates…", Vec::new());
        picker.edit(|query| query.insert(typed));
        let language = language.to_owned();
        Self { to, picker, all: Vec::new(), languages: Vec::new(), language }
    }

    /// Takes the server's list. The customer's language is shown first, where there is something in it.
    pub fn fill(&mut self, listed: ApprovedTemplates) {
        let mut languages: Vec<String> = listed.templates.iter().map(|one| one.language.clone()).collect();
        languages.sort();
        languages.dedup();
        let own = fold::folded(&self.language);
        let at = languages.iter().position(|one| !own.is_empty() && fold::folded(one).starts_with(&own));
        let parts = std::iter::once("All".into()).chain(languages.iter().map(|one| Clean::line(one)));
        let mut picker = std::mem::replace(&mut self.picker, Picker::new("", "", Vec::new()));
        picker = picker.with_filters(parts.collect(), false);
        picker.set_filter(at.map_or(0, |at| at + 1));
        picker.empty = match (&listed.trouble, listed.templates.is_empty()) {
            (Some(trouble), true) => {
                Clean::line(&format!("the server could not read its templates: {trouble}"))
            }
            (None, true) => "the server has no approved template; ask your administrator".into(),
            _ => "no template fits; Tab shows other languages".into(),
        };
        if let (Some(trouble), false) = (&listed.trouble, listed.templates.is_empty()) {
            picker.summary = Clean::line(&format!("the list may be old: {trouble}"));
        }
        (self.picker, self.all, self.languages) = (picker, listed.templates, languages);
        self.show();
    }

    /// Puts the templates of the chosen language into the list.
    pub fn show(&mut self) {
        let wanted = self.picker.filter().checked_sub(1).and_then(|at| self.languages.get(at));
        let fits = |one: &&Template| wanted.is_none_or(|wanted| one.language == *wanted);
        let items = self.all.iter().filter(fits).map(|one| {
            let mark = if one.unusable.is_empty() { "" } else { "not from here: " };
            let words = format!("{mark}{} {} · {}", one.language, one.category.to_lowercase(), one.body);
            Item { label: Clean::line(&one.name), detail: Clean::line(&words), value: one.clone() }
        });
        let items = items.collect();
        self.picker.set_items(items);
    }

    /// The template where one stands.
    pub fn chosen(&self) -> Option<&Template> {
        self.picker.chosen().map(|item| &item.value)
    }
}

/// Numbers and addresses of a contact, the primary ones first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// Telephone numbers, as they were written.
    pub numbers: Vec<String>,
    /// E-mail addresses, as they were written.
    pub addresses: Vec<String>,
}

impl Ways {
    /// What is known of a session's customer without asking.
    pub fn of(session: &Session) -> Self {
        let data = &session.interaction.user_data;
        let mut ways = Self::default();
        let number = session.interaction.party.display_number().map(|number| number.to_string());
        ways.add_number(number.unwrap_or_default());
        ways.add_number(data.text("PhoneNumber").unwrap_or_default().to_owned());
        ways.add_address(data.text("EmailAddress").unwrap_or_default().to_owned());
        ways
    }

    /// Adds what the contact database knows, the primary ones first.
    pub fn add(&mut self, attributes: &Attributes) {
        let sorted = |name: &str| {
            let mut values: Vec<_> = attributes.get(name).into_iter().flatten().collect();
            values.sort_by_key(|value| !value.primary);
            values.into_iter().map(|value| value.value.clone())
        };
        sorted(PHONE).for_each(|number| self.add_number(number));
        sorted(EMAIL).for_each(|address| self.add_address(address));
    }

    /// Adds a number, unless it is there in any writing.
    pub fn add_number(&mut self, text: String) {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let new = digits(&text);
        if !new.is_empty() && self.numbers.iter().all(|known| digits(known) != new) {
            self.numbers.push(text);
        }
    }

    /// Adds an address, unless it is there.
    pub fn add_address(&mut self, text: String) {
        let new = !text.trim().is_empty() && self.addresses.iter().all(|known| *known != text);
        if new {
            self.addresses.push(text);
        }
    }

    /// The rows of the menu: for the customer of a session, or for what was written by hand.
    pub fn rows(&self, session: Option<&Session>, closed: bool) -> Vec<Item<ReachChoice>> {
        let id = session.map(|session| session.interaction.id.clone());
        let mut rows = Vec::new();
        let mut row = |label: String, detail: &str, reach: ReachChoice| {
            rows.push(Item { label: Clean::line(&label), detail: Clean::line(detail), value: reach });
        };
        if let Some(id) = &id {
            let template = ReachChoice::Template(TemplateRecipient::Session(id.clone()));
            if closed {
                row("WhatsApp: a template".to_owned(), "reply window closed", template);
            } else {
                row("WhatsApp: write in this session".to_owned(), "", ReachChoice::Write(id.clone()));
                row("WhatsApp: a template in this session".to_owned(), "", template);
            }
        }
        let own = session.and_then(|session| session.interaction.party.number.clone());
        let own: String = own.iter().flat_map(|number| number.chars()).filter(char::is_ascii_digit).collect();
        let name = session.map(Session::name);
        let contact = session.and_then(|session| session.interaction.contact.clone());
        for one in &self.numbers {
            if let Ok(digits) = number(one)
                && digits != own
            {
                let number = format!("+{digits}");
                let name = name.clone().unwrap_or_else(|| Clean::line(&number));
                let to = TemplateRecipient::New { contact: contact.clone(), number, name };
                row(
                    format!("WhatsApp: a new session with {one}"),
                    "by a template",
                    ReachChoice::Template(to),
                );
            }
        }
        let mut outside = |way: ContactMethod, value: &String| {
            if let Some(link) = way.link(value) {
                let (session, value) = (id.clone(), value.clone());
                row(format!("{} {value}", way.verb()), &link, ReachChoice::Outside { session, way, value });
            }
        };
        self.numbers.iter().for_each(|one| outside(ContactMethod::Call, one));
        self.numbers.iter().for_each(|one| outside(ContactMethod::Sms, one));
        self.addresses.iter().for_each(|one| outside(ContactMethod::Mail, one));
        rows
    }
}

/// What a parameter begins with: what the case data and the contact say under its name, and the customer's first
/// name for the first gap of a text, since that is what mostly stands there.
pub fn suggested(parameter: &Parameter, session: Option<&Session>) -> String {
    let Some(session) = session else { return String::new() };
    let data = &session.interaction.user_data;
    let plain = |text: &str| fold::folded(text).chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let wanted = plain(&parameter.name);
    let named = data.iter().find(|(key, _)| !key.starts_with("wa.") && plain(key) == wanted);
    if let Some((_, value)) = named.filter(|_| !parameter.is_numbered()) {
        return value.to_text();
    }
    let party = &session.interaction.party;
    let name = party.contact_name.as_ref().or(party.profile_name.as_ref()).map(ToString::to_string);
    let name = name.unwrap_or_default();
    let first = data.text("FirstName").map(str::to_owned);
    let first =
        || first.clone().or_else(|| name.split_whitespace().next().map(str::to_owned)).unwrap_or_default();
    match (wanted.as_str(), parameter.key.as_str()) {
        ("firstname", _) | (_, "body.1") => first(),
        ("name" | "customer" | "customername" | "fullname", _) => name,
        _ => String::new(),
    }
}
