//! Case data: the pairs of a session, shown, edited and checked.

#[cfg(test)]
mod tests;
pub(in crate::app) mod update;
