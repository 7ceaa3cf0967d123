//! Contacts in the console: the lists to choose from, the form of a contact, and a past session that is read.
//!
//! Must not: ask the server; the update does. Invariants: everything that came from elsewhere is a
//! [`Clean`](crate::text::Clean) before it is in a row.

mod actions;
mod choice;
mod form;
mod layer;
mod list;
mod names;
mod past;

pub use actions::{acts, compare};
pub(in crate::app) use choice::ContactRequest;
pub use choice::{ContactChoice, ContactListPurpose};
pub use form::{changes, form, given_by, written};
pub use layer::ContactsLayer;
pub use list::ContactList;
pub use names::{called, label};
pub use past::PastView;
