//! The composer: drafts, sending, sending again, and the addressees.

pub(in crate::app) mod addressees;
pub(in crate::app) mod resend;
pub(in crate::app) mod update;
