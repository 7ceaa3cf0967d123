//! Targets of transfers and conferences, favourites and recent targets.

use super::endpoint::{Endpoint, get, post};
use super::path::segment;
use crate::domain::Millis;
use crate::domain::target::{ListedTarget, TargetKind};
use crate::proto::targets;
use serde_json::json;

/// How many targets a request asks for. (Workspace: 50.)
const LIMIT: usize = 200;

pub(super) fn search(search: &str, kinds: &[TargetKind]) -> Endpoint {
    let types: Vec<&str> = kinds.iter().map(|kind| targets::type_of(*kind)).collect();
    let (search, types) = (segment(search), types.join(","));
    get(format!("/targets?searchTerm={search}&types={types}&limit={LIMIT}&matchType=fuzzy"))
}

pub(super) fn favourites() -> Endpoint {
    get(format!("/targets/personal-favorites?limit={LIMIT}"))
}

pub(super) fn save_favourite(listed: &ListedTarget) -> Endpoint {
    post("/targets/personal-favorites/save", targets::save(listed))
}

pub(super) fn delete_favourite(kind: TargetKind, id: &str) -> Endpoint {
    let (kind, id) = (targets::type_of(kind), segment(id));
    post(format!("/targets/personal-favorites/delete/{kind}/{id}"), json!({}))
}

pub(super) fn recents(limit: usize) -> Endpoint {
    get(format!("/targets/recents?limit={limit}"))
}

pub(super) fn add_recent(listed: &ListedTarget, at: Millis) -> Endpoint {
    post("/targets/recents/add", targets::recent(listed, at))
}
