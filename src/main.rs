//! The `deskline` program.

fn main() {}
