//! Other ways to reach a customer: the menu, the list of templates, and the template about to be sent.
//!
//! Owns: the ways that a contact's data offers, and the initial values of a template.
//! Must not: ask the server.

use crate::app::core::picker::{Item, List, Picker};
use crate::app::core::session::Session;
use crate::domain::profile::{Attributes, EMAIL, PHONE};
use crate::domain::reach::{ContactMethod, number};
use crate::domain::template::{Parameter, Template};
use crate::domain::{AttachedData, ContactId, InteractionId};
use crate::proto::templates::ApprovedTemplates;
use crate::text::{Clean, fold};

/// A request for one of the ways to reach a customer.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) enum ReachRequest {
    Templates,
    Send(Box<TemplateDraft>),
    /// Recording a call or a mail that is made outside the console.
    Note,
    /// Reading the contact of that session's customer, for its numbers and addresses.
    Contact(InteractionId),
    /// Saving this number or address to the contact.
    Keep(String),
}

/// The recipient of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateRecipient {
    /// An open session.
    Session(InteractionId),
    /// A number, in a new session.
    New {
        /// The owner of the number, if known.
        contact: Option<ContactId>,
        /// The number, with `+`.
        number: String,
        /// The customer's display name.
        name: Clean,
    },
}

/// A layer for reaching a customer.
#[derive(Clone, Debug)]
pub enum ReachLayer {
    Menu(ReachMenu),
    /// The templates, which come from the server.
    Templates(TemplateList),
    /// A way that leads outside the console.
    Outside(OutsideLink),
}

impl ReachLayer {
    /// The layer's list, if it has one.
    pub fn list(&self) -> Option<&dyn List> {
        match self {
            Self::Menu(menu) => Some(&menu.picker),
            Self::Templates(list) => Some(&list.picker),
            Self::Outside(_) => None,
        }
    }

    /// The list of templates, if the layer has one.
    pub(in crate::app) fn templates_mut(&mut self) -> Option<&mut TemplateList> {
        match self {
            Self::Templates(list) => Some(list),
            Self::Menu(_) | Self::Outside(_) => None,
        }
    }

    /// The layer's list, if it has one.
    pub(in crate::app) fn list_mut(&mut self) -> Option<&mut dyn List> {
        match self {
            Self::Menu(menu) => Some(&mut menu.picker),
            Self::Templates(list) => Some(&mut list.picker),
            Self::Outside(_) => None,
        }
    }
}

/// Something that the console can't do itself: a link for another program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideLink {
    pub title: Clean,
    /// The number or the address, which was copied to the clipboard.
    pub value: Clean,
    /// The link: `tel:`, `sms:` or `mailto:`.
    pub link: String,
    /// Whether the server was asked to record it.
    pub noted: bool,
}

/// A way to reach a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReachChoice {
    /// Writing in the open session.
    Write(InteractionId),
    /// Sending a template.
    Template(TemplateRecipient),
    /// Using another program; for the session's customer, if there is a session.
    Outside {
        /// The session in which it is recorded.
        session: Option<InteractionId>,
        way: ContactMethod,
        value: String,
    },
    /// Entering a number or an address by hand.
    ByHand(Option<InteractionId>),
}

/// A template that is about to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct TemplateDraft {
    pub to: TemplateRecipient,
    pub template: Template,
    /// The values of its parameters.
    pub values: AttachedData,
}

/// The menu of ways to reach somebody.
#[derive(Clone, Debug)]
pub struct ReachMenu {
    /// The session whose customer is meant, if any.
    pub session: Option<InteractionId>,
    pub picker: Picker<ReachChoice>,
}

/// The list of templates.
#[derive(Clone, Debug)]
pub struct TemplateList {
    /// The recipient of the chosen template.
    pub to: TemplateRecipient,
    /// The list, which may be limited to one language.
    pub picker: Picker<Template>,
    /// The templates; empty until the server has sent them.
    all: Vec<Template>,
    languages: Vec<String>,
    /// The customer's language, if the case data contains it.
    language: String,
}

impl TemplateList {
    /// Creates a list that waits for the server, with a query.
    pub fn new(to: TemplateRecipient, who: &Clean, language: &str, typed: &str) -> Self {
        let title = Clean::line(&format!("Template for {who}"));
        let mut picker = Picker::new(title, "asking the server for its templates…", Vec::new());
        picker.edit(|query| query.insert(typed));
        let language = language.to_owned();
        Self { to, picker, all: Vec::new(), languages: Vec::new(), language }
    }

    /// Stores the server's list. The part with the customer's language is shown first if it is not empty.
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

    /// Shows the templates of the chosen language.
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

    /// The selected template.
    pub fn chosen(&self) -> Option<&Template> {
        self.picker.chosen().map(|item| &item.value)
    }
}

/// Numbers and addresses of a contact, the primary ones first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ways {
    /// Telephone numbers, in their original notation.
    pub numbers: Vec<String>,
    /// E-mail addresses, in their original notation.
    pub addresses: Vec<String>,
}

impl Ways {
    /// What the session itself contains about its customer.
    pub fn of(session: &Session) -> Self {
        let data = &session.interaction.user_data;
        let mut ways = Self::default();
        let number = session.interaction.party.display_number().map(|number| number.to_string());
        ways.add_number(number.unwrap_or_default());
        ways.add_number(data.text("PhoneNumber").unwrap_or_default().to_owned());
        ways.add_address(data.text("EmailAddress").unwrap_or_default().to_owned());
        ways
    }

    /// Adds the data of the contact database, the primary values first.
    pub fn add(&mut self, attributes: &Attributes) {
        let sorted = |name: &str| {
            let mut values: Vec<_> = attributes.get(name).into_iter().flatten().collect();
            values.sort_by_key(|value| !value.primary);
            values.into_iter().map(|value| value.value.clone())
        };
        sorted(PHONE).for_each(|number| self.add_number(number));
        sorted(EMAIL).for_each(|address| self.add_address(address));
    }

    /// Adds a number, unless it is there in any notation.
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

    /// The rows of the menu: for the customer of a session, or for a value entered by hand.
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

/// The initial value of a parameter: what the case data or the contact has under its name. The first gap of a
/// text gets the customer's first name, because that is the most common use.
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
