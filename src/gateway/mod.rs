//! A small contact centre behind the Workspace API.

pub mod router;
