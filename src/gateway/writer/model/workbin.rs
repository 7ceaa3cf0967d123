//! Sessions in workbins.
//!
//! Owns: the data. Must not: decide anything.

use crate::domain::{EmployeeId, Millis};
use serde::{Deserialize, Serialize};

/// Workspace: the suffix that makes a queue name of a workbin's name.
pub const PRIVATE_QUEUE: &str = "/PrivateQueue";

/// Where a session was put aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    pub workbin: String,
    /// Whose it is: an agent, or a group.
    pub owner: String,
    /// Who put it there.
    pub by: EmployeeId,
    pub at: Millis,
}

/// Why a session left a workbin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnparkReason {
    /// Its customer wrote.
    Customer,
    /// An agent took it.
    Pulled,
    /// Nobody could take the session any more: its owner, or the workbin, is not in the configuration.
    Unreachable,
}
