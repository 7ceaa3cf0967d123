//! Tests of this feature, by subject.

mod conference;
mod consult;
mod request;
