//! A small contact centre behind the Workspace API.
