//! The Workspace API v3 on the wire, as types.
