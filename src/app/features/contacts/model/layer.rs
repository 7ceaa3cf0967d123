//! The layers of contacts.

use super::list::ContactList;
use super::past::PastView;
use crate::app::core::picker::List;

/// A layer of contacts.
#[derive(Clone, Debug)]
pub enum ContactsLayer {
    /// Contacts, or the history of one.
    List(Box<ContactList>),
    /// A past session.
    Past(PastView),
}

impl ContactsLayer {
    /// The list to choose from, when the layer is one.
    pub fn list(&self) -> Option<&dyn List> {
        match self {
            Self::List(list) => Some(&list.picker),
            Self::Past(_) => None,
        }
    }

    /// The contacts, when the layer lists them.
    pub(in crate::app) fn contacts_mut(&mut self) -> Option<&mut ContactList> {
        match self {
            Self::List(list) => Some(list),
            Self::Past(_) => None,
        }
    }

    /// The list to choose from, when the layer is one.
    pub(in crate::app) fn list_mut(&mut self) -> Option<&mut dyn List> {
        match self {
            Self::List(list) => Some(&mut list.picker),
            Self::Past(_) => None,
        }
    }
}
