//! The library of standard responses.

use super::endpoint::{Endpoint, post};
use super::path::segment;
use crate::domain::InteractionId;
use serde_json::json;

fn path(id: &str, operation: &str) -> String {
    format!("/ucs/responses/{}/{operation}", segment(id))
}

pub(super) fn root() -> Endpoint {
    post("/ucs/responses/categories/get-root", json!({"approved": true}))
}

pub(super) fn category(id: &str) -> Endpoint {
    post(
        format!("/ucs/responses/categories/{}/get-details", segment(id)),
        json!({"returnChildrenCategories": true, "returnChildrenSRInfo": true, "approved": true}),
    )
}

pub(super) fn response(id: &str) -> Endpoint {
    post(path(id, "get-details"), json!({"attachments": true}))
}

pub(super) fn render(response: &str, interaction: &InteractionId) -> Endpoint {
    post(path(response, "render-field-codes"), json!({"interactionId": interaction, "usePlainText": true}))
}

pub(super) fn search(query: &str) -> Endpoint {
    const ATTRIBUTES: [&str; 4] = ["Id", "Name", "Body", "Language"];
    let data = json!({"query": query, "returnedAttributes": ATTRIBUTES, "maxResults": 100});
    post("/ucs/responses/search", data)
}

pub(super) fn favorites() -> Endpoint {
    post("/ucs/responses/get-favorites", json!({}))
}

pub(super) fn set_favorite(response: &str, on: bool) -> Endpoint {
    let operation = if on { "add-to-favorites" } else { "remove-from-favorites" };
    post(path(response, operation), json!({}))
}

pub(super) fn report(response: &str, interaction: &InteractionId) -> Endpoint {
    // Workspace spells it so.
    let data = json!({"interactionId": interaction, "responseType": "SuggestedResponseChoosen"});
    post(path(response, "report-usage"), data)
}
