//! The composer: drafts, sending, resending, and who reads what is written.

pub(in crate::app) mod addressees;
pub(in crate::app) mod resend;
pub(in crate::app) mod update;
