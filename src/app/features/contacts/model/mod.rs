//! Contacts in the console: their lists, the form of a contact, and a past session in reading.
//!
//! Must not: ask the server; the update does.
//! Invariants: every text from elsewhere becomes a [`Clean`](crate::text::Clean) before it is put in a row.

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
pub use names::{display_name, label};
pub use past::PastView;
