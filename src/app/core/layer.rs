//! The layers that can be open above the transcript. The topmost layer takes the keys.

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

/// Something open above the transcript.
#[derive(Clone, Debug)]
pub enum Layer {
    /// The keys, scrolled by this many rows.
    Help(usize),
    /// The notices, scrolled by this many rows.
    Notices(usize),
    /// Case data of the shown session when there is no room beside the messages, scrolled by this many rows.
    Case(usize),
    Pick(Picker<Choice>),
    /// A list of targets, which are searched on the server.
    Targets(Box<Targets>),
    /// The contents of the workbins.
    Workbins(WorkbinList),
    /// The standard responses, with a preview of the chosen one.
    Responses(Box<Responses>),
    /// A line of input.
    Prompt(Prompt),
    Dispositions(Box<Dispositions>),
    Reach(Box<ReachLayer>),
    Contacts(ContactsLayer),
    Form(Box<Form>),
    /// A question with a yes and a no.
    Confirm(Confirm),
}

impl Layer {
    /// The layer's list, if it has one.
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

    /// The layer's list, if it has one.
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

/// The meaning of the chosen row in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Do an action.
    Do(Action),
    Session(InteractionId),
    Status(StatusChoice),
    /// Begin or stop monitoring an agent.
    Monitor(MonitorChange),
    /// Remove a colleague from a session.
    Remove(Removal),
    /// Insert an emoji into the draft of the shown session.
    Emoji(String),
    Link(String),
    Contact(ContactChoice),
    Form(FormChoice),
}

/// The meaning of the chosen row in a list that belongs to a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormChoice {
    /// Set the field to this value.
    Value(String),
    /// Add the offered field at this place.
    Add(usize),
}

/// A line of input with a purpose.
#[derive(Clone, Debug)]
pub struct Prompt {
    pub title: Clean,
    pub input: Composer,
    pub purpose: PromptPurpose,
}

/// The purpose of a line of input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptPurpose {
    /// A search in the transcript.
    Search(InteractionId),
    /// A number or an address to reach: the session's customer, or an unknown person.
    Reach(Option<InteractionId>),
    /// A slash command when no session is open to type it in.
    Command,
}

/// A question that Enter answers with yes and Esc with no.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// The question, and what yes does.
    pub text: Clean,
    pub then: ConfirmAction,
}

/// The action that yes confirms.
#[derive(Clone, Debug, PartialEq)]
pub enum ConfirmAction {
    Quit,
    SignOut,
    /// Transfer the session although nobody there is Ready.
    Transfer(InteractionId, Box<Target>),
    /// Log off one channel, or all of them.
    LogOff(Option<String>),
    /// Finish the session although its customer is waiting or a message is not sent.
    Done {
        id: InteractionId,
        /// The customer's entry that the question quotes, or 0.
        read: u64,
    },
    /// End the session or transfer it, although its customer has written in the meantime.
    Anyway {
        id: InteractionId,
        /// The customer's newest entry that the question quotes.
        read: u64,
        /// The way in which the session ends.
        ending: Ending,
    },
    SendTemplate(Box<TemplateDraft>),
    /// Save this value to the contact, under this attribute.
    KeepWay(ContactId, &'static str, String),
    /// Send the draft of this session although it begins with a slash.
    SendLiterally(InteractionId),
    /// Send this text in the session although field codes in it have no value.
    SendUnfilled(InteractionId, String),
    /// Assign a contact to the customer of the session.
    AssignContact {
        session: InteractionId,
        contact: ContactId,
        name: Clean,
    },
    /// Delete the contact; the name is for the notice.
    DeleteContact(ContactId, Clean),
    /// Discard the changes in the form below.
    DropForm,
    /// Change whether the draft of this session goes to the customer or to colleagues only.
    WriteTo(InteractionId, Visibility),
}
