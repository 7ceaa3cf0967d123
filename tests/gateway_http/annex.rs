//! Annexes of business attributes, as clients read them.

use super::rig::Rig;
use serde_json::json;

#[tokio::test]
async fn annexes_come_as_sections_of_pairs() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let (_, body) = ana.get("/configuration/business-attribute/Case").await;
    let section = |pairs: serde_json::Value| json!([{"key": "interaction-workspace", "type": "kvlist", "value": pairs}]);
    assert_eq!(
        body["data"]["userProperties"],
        section(json!([{"key": "interaction.case-data.order", "type": "str", "value": "Order"}]))
    );
    assert_eq!(
        body["data"]["values"][0]["userProperties"],
        section(json!([
            {"key": "display-type", "type": "str", "value": "int"},
            {"key": "int.min-value", "type": "str", "value": "1"}
        ]))
    );
}
