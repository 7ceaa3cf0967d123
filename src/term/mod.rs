//! The terminal, borrowed and given back.
