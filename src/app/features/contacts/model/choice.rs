//! Requests about contacts, and what can be chosen in their lists.

use crate::app::core::form::FormPurpose;
use crate::domain::{ContactId, InteractionId};
use crate::proto::contact::ContactDto;
use crate::text::Clean;

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
    Save(FormPurpose),
    /// To make a contact from that form.
    Create(FormPurpose),
    /// To do what the words say when it is done, and what they say when it is not.
    Act(Clean, &'static str),
    /// To read a past session.
    Past(Clean),
}

/// What a list of contacts is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContactListPurpose {
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

/// What is done with a contact that was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContactChoice {
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
