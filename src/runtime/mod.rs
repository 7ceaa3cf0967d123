//! Wires the edges to the console and runs it.
