//! Draws the console's state.
