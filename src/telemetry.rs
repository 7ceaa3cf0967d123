//! Logs, to a file only.
