//! What may lie over the desk. The topmost one takes the keys.

use crate::app::core::action::Action;
use crate::app::core::form::Form;
use crate::app::core::picker::{List, Picker};
use crate::app::features::contacts::model::{PastView, People, Pick};
use crate::app::features::disposition::model::Dispositions;
use crate::app::features::done::model::Ending;
use crate::app::features::reach::model::{Menu, Ready, TemplateList};
use crate::app::features::responses::model::Responses;
use crate::app::features::status::model::Wanted;
use crate::app::features::targets::model::Targets;
use crate::app::features::workbins::model::WorkbinList;
use crate::domain::message::Visibility;
use crate::domain::target::Target;
use crate::domain::{ContactId, InteractionId};
use crate::text::Clean;
use crate::text::compose::Composer;

/// A layer.
#[derive(Clone, Debug)]
pub enum Layer {
    /// The keys, scrolled by that many rows.
    Help(usize),
    /// The notices, scrolled by that many rows.
    Notices(usize),
    /// Case data of the shown session where there is no room beside it, scrolled by that many rows.
    Case(usize),
    /// A list to choose from.
    Pick(Picker<Choice>),
    /// A list of targets, which the server is asked for.
    Targets(Box<Targets>),
    /// What is in the workbins.
    Workbins(WorkbinList),
    /// The standard responses, with what is shown of the chosen one.
    Responses(Box<Responses>),
    /// A line to write.
    Prompt(Prompt),
    /// The dispositions of a session.
    Dispositions(Box<Dispositions>),
    /// The ways to a customer.
    Reach(Box<Menu>),
    /// The templates, which the server is asked for.
    Templates(Box<TemplateList>),
    /// What was done outside this desk.
    Outside(Outside),
    /// A list of contacts or of what happened with one, which the server is asked for.
    People(Box<People>),
    /// A past session.
    Past(Box<PastView>),
    /// Fields to fill in.
    Form(Box<Form>),
    /// A question.
    Confirm(Confirm),
}

impl Layer {
    /// The list to choose from, when the layer is one.
    pub fn list(&self) -> Option<&dyn List> {
        match self {
            Self::Pick(picker) => Some(picker),
            Self::Targets(list) => Some(&list.picker),
            Self::Templates(list) => Some(&list.picker),
            Self::Reach(menu) => Some(&menu.picker),
            Self::People(list) => Some(&list.picker),
            Self::Responses(list) => Some(&list.picker),
            Self::Help(_)
            | Self::Notices(_)
            | Self::Case(_)
            | Self::Workbins(_)
            | Self::Prompt(_)
            | Self::Dispositions(_)
            | Self::Outside(_)
            | Self::Past(_)
            | Self::Form(_)
            | Self::Confirm(_) => None,
        }
    }

    /// The list to choose from, when the layer is one.
    pub(in crate::app) fn list_mut(&mut self) -> Option<&mut dyn List> {
        match self {
            Self::Pick(picker) => Some(picker),
            Self::Targets(list) => Some(&mut list.picker),
            Self::Templates(list) => Some(&mut list.picker),
            Self::Reach(menu) => Some(&mut menu.picker),
            Self::People(list) => Some(&mut list.picker),
            Self::Responses(list) => Some(&mut list.picker),
            Self::Help(_)
            | Self::Notices(_)
            | Self::Case(_)
            | Self::Workbins(_)
            | Self::Prompt(_)
            | Self::Dispositions(_)
            | Self::Outside(_)
            | Self::Past(_)
            | Self::Form(_)
            | Self::Confirm(_) => None,
        }
    }

    /// Whether the layer stays valid when another session is shown below it.
    pub(in crate::app) const fn is_about_no_session(&self) -> bool {
        match self {
            Self::Help(_) | Self::Notices(_) => true,
            Self::Case(_)
            | Self::Pick(_)
            | Self::Targets(_)
            | Self::Workbins(_)
            | Self::Responses(_)
            | Self::Prompt(_)
            | Self::Dispositions(_)
            | Self::Reach(_)
            | Self::Templates(_)
            | Self::Outside(_)
            | Self::People(_)
            | Self::Past(_)
            | Self::Form(_)
            | Self::Confirm(_) => false,
        }
    }
}

/// What choosing in a list means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// An act.
    Do(Action),
    /// Show a session.
    Session(InteractionId),
    /// Be that on a channel, or on all.
    Status {
        /// The channel.
        channel: Option<String>,
        /// What to be.
        to: Wanted,
    },
    /// The menu of a channel.
    Channel(String),
    /// Monitor an agent, or no more.
    Monitor {
        /// Their employee ID.
        agent: String,
        /// Their name.
        name: Clean,
        /// Whether to begin.
        on: bool,
    },
    /// Take a colleague out of a session.
    Remove {
        /// The session.
        session: InteractionId,
        /// Their employee ID.
        agent: String,
        /// Their name.
        name: Clean,
    },
    /// Insert an emoji into the draft of the shown session.
    Emoji(String),
    /// Copy a link.
    Link(String),
    /// Something with a contact.
    Contact(Pick),
    /// Put that value into the field of the form below.
    FormValue(String),
    /// Add the field at that place of what the form below offers.
    FormAdd(usize),
}

/// A line to write.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// Heading.
    pub title: Clean,
    /// What is written.
    pub input: Composer,
    /// What it is for.
    pub purpose: Purpose,
}

/// What a line is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Words to find in the transcript.
    Search(InteractionId),
    /// A number or an address, for the customer of a session or for nobody known.
    Reach(Option<InteractionId>),
    /// A slash command, where there is no session to write it in.
    Command,
}

/// Something that this desk cannot do itself: its link, for a program that can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// Heading.
    pub title: Clean,
    /// The number or the address, which is on the clipboard.
    pub value: Clean,
    /// The link: `tel:`, `sms:` or `mailto:`.
    pub link: String,
    /// Whether the server was asked to note it.
    pub noted: bool,
}

/// A question with a yes (Enter) and a no (Esc).
#[derive(Clone, Debug)]
pub struct Confirm {
    /// The question and what yes means.
    pub text: Clean,
    /// What yes does.
    pub then: Then,
}

/// What a yes does.
#[derive(Clone, Debug, PartialEq)]
pub enum Then {
    /// Quit.
    Quit,
    /// Sign out.
    SignOut,
    /// Transfer the session although nobody is Ready there.
    Transfer(InteractionId, Box<Target>),
    /// Log off one channel, or all of them.
    LogOff(Option<String>),
    /// Finish the session although its customer is waiting or something is not sent.
    Done {
        /// The session.
        id: InteractionId,
        /// The customer's entry that the question quotes, or 0.
        read: u64,
    },
    /// End the session, or give it away, although its customer has written in the meantime.
    Anyway {
        /// The session.
        id: InteractionId,
        /// The customer's newest entry that the question quotes.
        read: u64,
        /// The way in which the session ends.
        ending: Ending,
    },
    /// Send that template.
    SendTemplate(Box<Ready>),
    /// Keep that value at the contact, under that attribute.
    KeepWay(ContactId, &'static str, String),
    /// Send the draft of that session although it begins with a slash.
    SendLiterally(InteractionId),
    /// Send this text in the session although field codes in it have no value.
    SendUnfilled(InteractionId, String),
    /// Assign a contact to the customer of the session.
    AssignContact {
        /// The session.
        session: InteractionId,
        /// The contact to assign.
        contact: ContactId,
        /// The contact's name.
        name: Clean,
    },
    /// Delete that contact of that name.
    DeleteContact(ContactId, Clean),
    /// Throw away what is changed in the form below.
    DropForm,
    /// Let the draft of that session be for the customer, or for colleagues only.
    WriteTo(InteractionId, Visibility),
}
