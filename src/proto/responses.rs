//! Standard responses on the wire: categories, responses, filled-in texts, and their events.

use super::wa;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value as Json, json};

/// A category of standard responses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct CategoryDto {
    pub category_id: String,
    pub name: String,
    pub language: String,
    /// `Approved`, …
    pub status: String,
    pub description: String,
    /// `Category`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The categories in it, if they were requested.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "readable")]
    pub children_categories: Vec<Self>,
    /// The responses in it, if they were requested.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "readable")]
    pub children_std_responses: Vec<ResponseDto>,
}

/// A standard response. In lists, most fields may be missing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ResponseDto {
    /// The ID inside the server.
    pub id: String,
    pub standard_response_id: String,
    pub name: String,
    pub lang: String,
    /// The text with field codes; absent in lists of names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// `Approved`, `Draft`, …
    pub status: String,
    pub subject: String,
    pub is_active: bool,
    pub usage_type: String,
    pub description: String,
    #[serde(skip_serializing_if = "Json::is_null")]
    pub modified_date: Json,
    #[serde(skip_serializing_if = "Json::is_null")]
    pub version: Json,
    /// The ID of its category, if the server says so.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub category_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "readable")]
    pub attachments: Vec<FileDto>,
}

/// A file of a response.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct FileDto {
    /// Some servers call it `id`.
    #[serde(alias = "id")]
    pub document_id: String,
    pub name: String,
    #[serde(alias = "mimeType")]
    pub mime: String,
    pub size: u64,
}

/// The content of an event about standard responses.
#[derive(Clone, Debug, PartialEq)]
pub enum ResponsesEvent {
    /// The categories at the root.
    Root(Vec<CategoryDto>),
    /// A category with its contents.
    Category(Box<CategoryDto>),
    /// A complete response.
    Response(Box<ResponseDto>),
    /// A text with its field codes filled in.
    Rendered {
        body: String,
        /// Unknown codes.
        unknown: Vec<String>,
        /// Codes without a value.
        empty: Vec<String>,
    },
    /// The results of a search.
    Found(Vec<ResponseDto>),
    /// The favourite responses of the agent.
    Favorites(Vec<ResponseDto>),
}

const ROOT: &str = "EventGetRootCategories";
const CATEGORY: &str = "EventGetCategory";
const RESPONSE: &str = "EventGetStandardResponse";
const RENDERED: &str = "EventRenderFieldCodes";
const FOUND: &str = "EventSearchStandardResponses";
const FAVORITES: &str = "EventGetFavoriteResponses";
/// The name of the event that acknowledges a usage report.
pub const USED: &str = "EventReportStandardResponseUsageAck";

/// The data of an event about standard responses.
pub fn event(told: &ResponsesEvent, operation_id: &str) -> Json {
    let (name, key, value) = match told {
        ResponsesEvent::Root(all) => (ROOT, "categories", json!(all)),
        ResponsesEvent::Category(one) => (CATEGORY, "category", json!(one)),
        ResponsesEvent::Response(one) => (RESPONSE, "standardResponse", json!(one)),
        ResponsesEvent::Rendered { body, .. } => (RENDERED, "body", json!(body)),
        ResponsesEvent::Found(all) => (FOUND, "responses", json!(all)),
        ResponsesEvent::Favorites(all) => (FAVORITES, "standardResponses", json!(all)),
    };
    let mut data = plain(name, operation_id);
    if let Json::Object(map) = &mut data {
        map.insert(key.to_owned(), value);
        if let ResponsesEvent::Rendered { unknown, empty, .. } = told {
            map.insert(wa::UNKNOWN_CODES.to_owned(), json!(unknown));
            map.insert(wa::EMPTY_CODES.to_owned(), json!(empty));
        }
    }
    data
}

/// The data of an event that only acknowledges a request.
pub fn plain(name: &str, operation_id: &str) -> Json {
    json!({"name": name, "operationId": operation_id, "messageType": "UcsMessage"})
}

/// Reads the data of an event about standard responses; `None` when it is another event or cannot be read.
pub fn read(data: &Json) -> Option<ResponsesEvent> {
    let field = |name: &str| data.get(name).cloned().unwrap_or_default();
    Some(match data.get("name").and_then(Json::as_str)? {
        ROOT => ResponsesEvent::Root(list(&field("categories"))),
        CATEGORY => ResponsesEvent::Category(serde_json::from_value(field("category")).ok()?),
        RESPONSE => ResponsesEvent::Response(serde_json::from_value(field("standardResponse")).ok()?),
        RENDERED => ResponsesEvent::Rendered {
            body: data.get("body").and_then(Json::as_str)?.to_owned(),
            unknown: list(&field(wa::UNKNOWN_CODES)),
            empty: list(&field(wa::EMPTY_CODES)),
        },
        FOUND => ResponsesEvent::Found(list(&field("responses"))),
        FAVORITES => ResponsesEvent::Favorites(list(&field("standardResponses"))),
        _ => return None,
    })
}

fn readable<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Vec<T>, D::Error> {
    Json::deserialize(from).map(|json| list(&json))
}

/// The items of a list that can be read.
fn list<T: DeserializeOwned>(json: &Json) -> Vec<T> {
    let items = json.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| serde_json::from_value(item.clone()).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_survives_the_wire() {
        let response = ResponseDto {
            standard_response_id: "r".into(),
            body: Some("x".into()),
            attachments: vec![FileDto { document_id: "d".into(), ..FileDto::default() }],
            ..ResponseDto::default()
        };
        let category = CategoryDto {
            category_id: "c".into(),
            children_std_responses: vec![response.clone()],
            ..CategoryDto::default()
        };
        for told in [
            ResponsesEvent::Root(vec![category.clone()]),
            ResponsesEvent::Category(Box::new(category)),
            ResponsesEvent::Response(Box::new(response.clone())),
            ResponsesEvent::Rendered { body: "b".into(), unknown: vec!["u".into()], empty: vec!["e".into()] },
            ResponsesEvent::Found(vec![response.clone()]),
            ResponsesEvent::Favorites(vec![response]),
        ] {
            assert_eq!(read(&event(&told, "op")), Some(told));
        }
        assert_eq!(read(&plain(USED, "op")), None);
    }

    #[test]
    fn an_event_with_fewer_fields_is_read() {
        let told = read(&json!({"name": "EventGetCategory", "category": {"categoryId": "c", "name": "n",
            "childrenStdResponses": [{"id": "1", "standardResponseId": "r", "name": "x"}, 7]}}));
        let Some(ResponsesEvent::Category(category)) = told else { panic!("{told:?}") };
        assert_eq!(category.children_std_responses[0].body, None);
        assert_eq!(category.children_std_responses.len(), 1);
    }
}
