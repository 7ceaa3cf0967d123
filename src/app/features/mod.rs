//! The features of the console, one folder each: its data (`model`), its changes (`update`) and its tests.
//!
//! Must not: name another feature. Code that two features share is in [`core`](super::core); code that combines
//! features is in `dispatch`.

pub mod case;
pub mod compose;
pub mod contacts;
pub mod disposition;
pub mod done;
pub mod emoji;
pub mod invitations;
pub mod lock;
pub mod note;
pub mod older;
pub mod parties;
pub mod reach;
pub mod responses;
pub mod search;
pub mod seen;
pub mod sessions;
pub mod status;
pub mod supervise;
pub mod targets;
pub mod workbins;
