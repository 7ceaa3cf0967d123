//! What may lie over the desk. The topmost one takes the keys.

use super::action::Action;
use super::party::Targets;
use super::picker::Picker;
use super::responses::Responses;
use crate::domain::InteractionId;
use crate::domain::routing_based::RequestKind;
use crate::domain::target::Target;
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
    /// The standard responses, with what is shown of the chosen one.
    Responses(Box<Responses>),
    /// A line to write.
    Prompt(Prompt),
    /// A question.
    Confirm(Confirm),
}

impl Layer {
    /// The list to choose from, when it is one.
    pub fn picker(&self) -> Option<&Picker<Choice>> {
        match self {
            Self::Pick(picker) => Some(picker),
            Self::Targets(list) => Some(&list.picker),
            Self::Responses(list) => Some(&list.picker),
            _ => None,
        }
    }

    pub(super) fn picker_mut(&mut self) -> Option<&mut Picker<Choice>> {
        match self {
            Self::Pick(picker) => Some(picker),
            Self::Targets(list) => Some(&mut list.picker),
            Self::Responses(list) => Some(&mut list.picker),
            _ => None,
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
    /// Be not ready for the reason with that code.
    NotReady(Option<String>),
    /// After Call Work.
    AfterCallWork,
    /// Set the disposition of that session; done with it then or not.
    Disposition {
        /// The session.
        session: InteractionId,
        /// The value's name; `None` takes it away.
        value: Option<String>,
        /// Whether the session is finished with it.
        then_done: bool,
    },
    /// Ask a target into a session, or give it the session.
    Target {
        /// The session.
        session: InteractionId,
        /// What is asked for.
        kind: RequestKind,
        /// Who is asked.
        target: Target,
    },
    /// Put a standard response into the draft of that session.
    Response {
        /// The session.
        session: InteractionId,
        /// The response.
        response: String,
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
    /// Copy a link.
    Link(String),
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
    /// The note of the session.
    Note(InteractionId),
    /// A slash command, where there is no session to write it in.
    Command,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// Quit.
    Quit,
    /// Sign out.
    SignOut,
    /// Finish that session though something is not sent.
    Done(InteractionId),
    /// Send the draft of that session although it begins with a slash.
    SendLiterally(InteractionId),
}
