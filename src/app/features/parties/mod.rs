//! Transfer, conference and consultation.

pub(in crate::app) mod leave;
pub(in crate::app) mod model;
#[cfg(test)]
mod tests;
pub(in crate::app) mod update;
