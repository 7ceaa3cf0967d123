//! Tests of this feature, by subject.

mod failures;
mod hold;
