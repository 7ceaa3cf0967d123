//! The options of the section `interaction-workspace`, spelled as Genesys spells them.
//!
//! Values come in layers: the tenant, the agent group, the agent, and last the local file, for options that the
//! server does not set. A value that is not valid is reported together with what is valid, and the previous value
//! stays.

mod layers;
mod names;
mod table;
mod values;

pub use layers::OptionError;
pub use names::*;
pub use table::{KNOWN, KnownOption};
pub use values::Options;
