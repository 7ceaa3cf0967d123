//! What may be open above the transcript. The topmost layer takes the keys.

use crate::app::core::action::Action;
use crate::app::core::form::Form;
use crate::app::core::picker::{List, Picker};
use crate::app::features::contacts::model::{ContactChoice, ContactsLayer};
use crate::app::features::disposition::model::Dispositions;
use crate::app::features::done::model::Ending;
use crate::app::features::parties::model::Removal;
use crate::app::features::reach::model::{ReachLayer, TemplateDraft};
use crate::app::features::responses::model::Responses;
use crate::app::features::status::model::StatusChoice;
use crate::app::features::supervise::model::MonitorChange;
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
    /// See [`ReachLayer`].
    Reach(Box<ReachLayer>),
    /// See [`ContactsLayer`].
    Contacts(ContactsLayer),
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
            Self::Reach(layer) => layer.list(),
            Self::Contacts(layer) => layer.list(),
            Self::Responses(list) => Some(&list.picker),
            Self::Help(_)
            | Self::Notices(_)
            | Self::Case(_)
            | Self::Workbins(_)
            | Self::Prompt(_)
            | Self::Dispositions(_)
            | Self::Form(_)
            | Self::Confirm(_) => None,
        }
    }

    /// The list to choose from, when the layer is one.
    pub(in crate::app) fn list_mut(&mut self) -> Option<&mut dyn List> {
        match self {
            Self::Pick(picker) => Some(picker),
            Self::Targets(list) => Some(&mut list.picker),
            Self::Reach(layer) => layer.list_mut(),
            Self::Contacts(layer) => layer.list_mut(),
            Self::Responses(list) => Some(&mut list.picker),
            Self::Help(_)
            | Self::Notices(_)
            | Self::Case(_)
            | Self::Workbins(_)
            | Self::Prompt(_)
            | Self::Dispositions(_)
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
            | Self::Contacts(_)
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
    /// See [`StatusChoice`].
    Status(StatusChoice),
    /// Begin or end to monitor an agent.
    Monitor(MonitorChange),
    /// Remove a colleague from a session.
    Remove(Removal),
    /// Insert an emoji into the draft of the shown session.
    Emoji(String),
    /// Copy a link.
    Link(String),
    /// See [`ContactChoice`].
    Contact(ContactChoice),
    /// See [`FormChoice`].
    Form(FormChoice),
}

/// What choosing means in a list that belongs to a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormChoice {
    /// Set the field to this value.
    Value(String),
    /// Add the offered field at this place.
    Add(usize),
}

/// A line to write.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// Heading.
    pub title: Clean,
    /// What is written.
    pub input: Composer,
    /// What it is for.
    pub purpose: PromptPurpose,
}

/// What a line is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptPurpose {
    /// Words to find in the transcript.
    Search(InteractionId),
    /// A number or an address, for the customer of a session or for nobody known.
    Reach(Option<InteractionId>),
    /// A slash command, where there is no session to write it in.
    Command,
}

/// A question with a yes (Enter) and a no (Esc).
#[derive(Clone, Debug)]
pub struct Confirm {
    /// The question and what yes means.
    pub text: Clean,
    /// What yes does.
    pub then: ConfirmAction,
}

/// What a yes does.
#[derive(Clone, Debug, PartialEq)]
pub enum ConfirmAction {
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
    SendTemplate(Box<TemplateDraft>),
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
