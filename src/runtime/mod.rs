//! Wires the edges to the application and runs it.
