//! The console's connection to a server.
