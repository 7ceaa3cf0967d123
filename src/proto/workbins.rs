//! Workbins on the wire: their list, their contents, and changes.

use super::media::InteractionDto;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// `messageType` of every event about workbins.
pub const KIND: &str = "WorkbinsMessage";

/// A workbin, with or without its contents.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WorkbinDto {
    pub id: String,
    pub workbin_name: String,
    pub display_name: String,
    /// `Agent`, `AgentGroup`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// The ID of its owner.
    #[serde(alias = "ownerId", skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// The interactions in it; absent in a list of workbins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interactions: Option<Vec<InteractionDto>>,
}

/// An event about workbins.
#[derive(Clone, Debug, PartialEq)]
pub enum WorkbinEvent {
    /// The workbins of the agent.
    List(Vec<WorkbinDto>),
    /// The contents of some workbins.
    Content(Vec<WorkbinDto>),
    /// An interaction was added or removed.
    Changed {
        workbin: String,
        interaction: Box<InteractionDto>,
        /// Whether it was added.
        added: bool,
        /// Why it was removed; see [`super::wa::BECAUSE`].
        because: Option<String>,
    },
    /// Any other event, such as an acknowledgement.
    Other,
}

/// Reads the data of an event. Items that cannot be read are left out.
pub fn read(data: &Json) -> WorkbinEvent {
    let text = |name: &str| data.get(name).and_then(Json::as_str);
    let one = |item: &Json| serde_json::from_value::<WorkbinDto>(item.clone()).ok();
    match text("name") {
        Some("EventWorkbins") => {
            let items = data.get("workbins").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
            WorkbinEvent::List(items.iter().filter_map(one).collect())
        }
        Some("EventWorkbinContent") => {
            WorkbinEvent::Content(data.get("workbin").and_then(one).into_iter().collect())
        }
        Some("EventWorkbinsContent") => {
            let of = |(id, item): (&String, &Json)| {
                let mut workbin = one(item)?;
                if workbin.id.is_empty() {
                    workbin.id.clone_from(id);
                }
                Some(workbin)
            };
            let items = data.get("workbins").and_then(Json::as_object);
            WorkbinEvent::Content(items.into_iter().flatten().filter_map(of).collect())
        }
        Some("EventWorkbinContentChanged") => {
            let interaction = data.get("interaction").cloned().unwrap_or_default();
            let workbin = data.pointer("/workbin/id").and_then(Json::as_str);
            let (Ok(interaction), Some(workbin)) = (serde_json::from_value(interaction), workbin) else {
                return WorkbinEvent::Other;
            };
            WorkbinEvent::Changed {
                workbin: workbin.to_owned(),
                interaction: Box::new(interaction),
                added: text("workbinContentOperation") == Some("Add"),
                because: text(super::wa::BECAUSE).map(str::to_owned),
            }
        }
        _ => WorkbinEvent::Other,
    }
}

/// The data of the event that lists workbins.
pub fn list(workbins: &[WorkbinDto], operation_id: &str) -> Json {
    json!({"name": "EventWorkbins", "workbins": workbins, "operationId": operation_id, "messageType": KIND})
}

/// The data of the event with the contents of one workbin.
pub fn content(workbin: &WorkbinDto, operation_id: &str) -> Json {
    json!({"name": "EventWorkbinContent", "workbin": workbin, "operationId": operation_id, "messageType": KIND})
}

/// The data of the event with the contents of several workbins, by their IDs.
pub fn contents(workbins: &[WorkbinDto], operation_id: &str) -> Json {
    let by_id: serde_json::Map<String, Json> =
        workbins.iter().map(|workbin| (workbin.id.clone(), json!(workbin))).collect();
    json!({"name": "EventWorkbinsContent", "workbins": by_id, "operationId": operation_id, "messageType": KIND})
}

/// The data of the event that acknowledges a request.
pub fn ack(operation: &str, workbin: Option<&str>, operation_id: &str) -> Json {
    json!({
        "name": "EventAck", "operation": operation, "workbinId": workbin, "operationId": operation_id,
        "messageType": KIND,
    })
}

/// The data of the event with an interaction in a workbin.
pub fn details(interaction: &InteractionDto, operation_id: &str) -> Json {
    json!({
        "name": "EventGetInteractionDetails", "interaction": interaction, "operationId": operation_id,
        "messageType": KIND,
    })
}

/// The data of the event about a change. (Workspace: it names no request.)
pub fn changed(
    interaction: &InteractionDto,
    operation: &str,
    content: &str,
    workbin: &str,
    owner: &str,
    because: Option<&str>,
) -> Json {
    let mut data = json!({
        "name": "EventWorkbinContentChanged", "interaction": interaction, "operation": operation,
        "workbin": {"id": workbin, "owner": owner}, "workbinContentOperation": content, "messageType": KIND,
    });
    if let (Some(because), Json::Object(map)) = (because, &mut data) {
        map.insert(super::wa::BECAUSE.to_owned(), because.into());
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_workbin_event_survives_the_wire() {
        let inside = InteractionDto { id: "i1".into(), state: "InWorkbin".into(), ..Default::default() };
        let full =
            WorkbinDto { id: "w".into(), interactions: Some(vec![inside.clone()]), ..Default::default() };
        assert_eq!(read(&content(&full, "o")), WorkbinEvent::Content(vec![full.clone()]));
        assert_eq!(read(&contents(std::slice::from_ref(&full), "o")), WorkbinEvent::Content(vec![full]));
        let bare = WorkbinDto { id: "w".into(), kind: "Agent".into(), ..Default::default() };
        assert_eq!(read(&list(std::slice::from_ref(&bare), "o")), WorkbinEvent::List(vec![bare]));
        let data = changed(&inside, "Pull", "Remove", "w", "ana", Some("customer"));
        let WorkbinEvent::Changed { workbin, interaction, added, because } = read(&data) else {
            panic!("it is no change");
        };
        assert_eq!((workbin.as_str(), interaction.id.as_str(), added), ("w", "i1", false));
        assert_eq!(because.as_deref(), Some("customer"));
        assert_eq!(read(&ack("SubscribeWorkbinEvents", None, "o")), WorkbinEvent::Other);
    }
}
