//! The layers for contacts.

use super::list::ContactList;
use super::past::PastView;
use crate::app::core::picker::List;

/// A layer for contacts.
#[derive(Clone, Debug)]
pub enum ContactsLayer {
    /// Contacts, or the history of one.
    List(Box<ContactList>),
    Past(PastView),
}

impl ContactsLayer {
    /// The layer's list, if it has one.
    pub fn list(&self) -> Option<&dyn List> {
        match self {
            Self::List(list) => Some(&list.picker),
            Self::Past(_) => None,
        }
    }

    /// The list of contacts, if the layer has one.
    pub(in crate::app) fn contacts_mut(&mut self) -> Option<&mut ContactList> {
        match self {
            Self::List(list) => Some(list),
            Self::Past(_) => None,
        }
    }

    /// The layer's list, if it has one.
    pub(in crate::app) fn list_mut(&mut self) -> Option<&mut dyn List> {
        match self {
            Self::List(list) => Some(&mut list.picker),
            Self::Past(_) => None,
        }
    }
}
