//! The composer: drafts, sending, sending again, and the addressees.

pub(in crate::app) mod addressees;
pub(in crate::app) mod resend;
#[cfg(test)]
mod tests;
pub(in crate::app) mod update;
