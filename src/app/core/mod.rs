//! What every feature of the console uses: the state, messages and effects, lists and forms, and the helpers that
//! send a request or show a session.
//!
//! Must not: name a feature, except where data of all features comes together: the state, a session, the layers.

pub mod action;
pub mod bar;
pub mod blocks;
pub mod case_data;
pub mod columns;
pub(in crate::app) mod drafts;
pub mod effect;
pub mod form;
pub(in crate::app) mod forms;
pub mod key;
pub mod keymap;
pub mod layer;
pub mod layout;
pub(in crate::app) mod list_feature;
pub(in crate::app) mod log;
pub mod msg;
pub mod note_draft;
pub mod notice;
pub(in crate::app) mod outbox;
pub mod party_request;
pub mod picker;
pub(in crate::app) mod requests;
pub mod scroll;
pub mod session;
pub mod settings;
pub mod slash;
pub mod state;
pub(in crate::app) mod typing;
pub(in crate::app) mod view;
