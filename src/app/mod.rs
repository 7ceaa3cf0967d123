//! The console as a state machine.
