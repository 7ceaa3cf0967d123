//! What every request is built from: its method, path and body, and the operation ID that the server recognises.

use crate::domain::{InteractionId, OperationId};
use crate::proto::WORKSPACE;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// The index of the last entry of each session that the agent's screen has shown: an addition of this project,
/// see [`READ`](crate::proto::wa::READ).
pub type ReadPositions = BTreeMap<InteractionId, u64>;

/// A request in the form that HTTP sends.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// Path and query below the server's address.
    pub path: String,
    /// `None` is an empty body.
    pub body: Option<Json>,
}

/// A request before it has an operation ID. Paths start below [`WORKSPACE`].
pub(super) enum Endpoint {
    Get(String),
    Post { path: String, data: Json },
}

pub(super) fn get(path: impl Into<String>) -> Endpoint {
    Endpoint::Get(path.into())
}

pub(super) fn post(path: impl Into<String>, data: Json) -> Endpoint {
    Endpoint::Post { path: path.into(), data }
}

impl Endpoint {
    pub(super) fn call(self, operation: &OperationId) -> Call {
        let path = |path: &str| format!("{WORKSPACE}{path}");
        match self {
            Self::Get(below) => Call { method: "GET", path: path(&below), body: None },
            Self::Post { path: below, data } => Call {
                method: "POST",
                path: path(&below),
                body: Some(json!({"operationId": operation, "data": data})),
            },
        }
    }
}
