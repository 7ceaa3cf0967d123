//! Requests about contacts, and the choices in their lists.

use crate::app::core::form::FormPurpose;
use crate::domain::{ContactId, InteractionId};
use crate::proto::contact::ContactDto;
use crate::text::Clean;

/// The purpose of a request about contacts.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) enum ContactRequest {
    Open,
    /// A search: query, part, rows to skip, rows of a page.
    Search((String, usize, usize, usize)),
    /// Suggestions for the customer of this session.
    Suggest(InteractionId),
    History(ContactId),
    Save(FormPurpose),
    Create(FormPurpose),
    /// An action; the texts report its success and its failure.
    Act(Clean, &'static str),
    Past(Clean),
}

/// The purpose of a list of contacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContactListPurpose {
    Directory,
    /// The choice of a contact to merge into this one.
    Merge(Box<ContactDto>),
    /// Suggestions for the customer of this session.
    Suggest(InteractionId),
    /// The past sessions of this contact.
    History {
        contact: ContactId,
        /// The query that came with the command.
        words: String,
    },
}

/// What choosing a row does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContactChoice {
    /// Lists the actions for the contact.
    Acts(Box<ContactDto>),
    /// Opens the contact.
    Open(ContactId),
    /// Shows the contact's history.
    History(ContactId),
    /// Assigns the contact to the customer of the session.
    Assign { session: InteractionId, contact: ContactId, name: Clean },
    /// Opens the list of contacts to merge into this one.
    MergeWith(Box<ContactDto>),
    /// Shows the preview of a merge.
    Compare {
        /// The contact that stays.
        into: Box<ContactDto>,
        /// The contact that becomes part of `into`.
        from: Box<ContactDto>,
    },
    Merge {
        /// The contact that stays.
        into: ContactId,
        /// The contact that becomes part of `into`.
        from: ContactId,
    },
    /// Undoes the last merge.
    Unmerge(ContactId),
    /// Asks whether to delete the contact.
    Delete { contact: ContactId, name: Clean },
    /// Creates a contact, and assigns it to the customer of this session.
    New(Option<InteractionId>),
    /// Searches the directory.
    Search,
    /// Shows another page: the rows to skip, and the rows of a page.
    Page(usize, usize),
    /// Opens a past session.
    Past {
        id: InteractionId,
        /// The title of the view.
        title: Clean,
    },
    /// Does nothing: the row only shows something.
    Nothing,
}
