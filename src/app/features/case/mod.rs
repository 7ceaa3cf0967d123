//! Case data: the pairs of a session, shown, edited and checked.

pub(in crate::app) mod update;
