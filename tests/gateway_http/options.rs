//! Settings that change while the gateway runs.

use super::rig::{Rig, config};
use deskline::config::schema::{Config, GatewayConfig};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;

/// The rig's settings with these parts of the text replaced.
fn edited(changes: &[(&str, &str)]) -> Arc<GatewayConfig> {
    let text = changes.iter().fold(config().to_string(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    let config: Config = toml::from_str(&text).unwrap();
    Arc::new(config.gateway)
}

fn tenant(value: &str) -> toml::Table {
    toml::Table::from_iter([("a".to_owned(), value.into())])
}

#[tokio::test]
async fn an_edit_is_in_force_as_a_whole_from_the_next_request_on() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let (_, before) = ana.get("/configuration").await;
    assert_eq!(before["data"]["wa.userProperties"][0]["value"][0]["value"], "agent");
    let changes = [
        ("a = \"agent\"", "a = \"agent 2\""),
        ("a = \"group\"", "a = \"group 2\""),
        ("\"Lunch\"", "\"Meeting\""),
        ("\"Solved\"", "\"Sold\""),
    ];
    rig.services.directory.apply(edited(&changes), &tenant("tenant 2"));
    let (_, after) = ana.get("/configuration").await;
    let data = &after["data"];
    assert_eq!(data["settings"][0]["value"][0]["value"], "tenant 2");
    assert_eq!(data["agentGroups"][0]["settings"]["interaction-workspace"]["a"], "group 2");
    assert_eq!(data["wa.userProperties"][0]["value"][0]["value"], "agent 2");
    assert_eq!(data["actionCodes"][0]["name"], "Meeting");
    assert_eq!(data["businessAttributes"][0]["values"][0]["name"], "Sold");
    // A console that connects is told the same.
    let (_, session) = ana.get("/current-session").await;
    assert_eq!(session["data"]["configuration"]["settings"], data["settings"]);
    assert_eq!(session["data"]["user"]["userProperties"], data["wa.userProperties"]);
    let (_, one) = ana.get("/configuration/business-attribute/DispositionCode").await;
    assert_eq!(one["data"]["values"][0]["name"], "Sold");
}

#[tokio::test]
async fn what_needs_a_restart_is_left_as_it_was() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let changes =
        [("name = \"wa-inbound\"", "name = \"wa-other\""), ("last-name = \"Ruiz\"", "last-name = \"Roy\"")];
    rig.services.directory.apply(edited(&changes), &tenant("tenant"));
    let (_, found) = ana.get("/targets?searchTerm=*").await;
    let names: Vec<&Value> =
        found["data"]["targets"].as_array().unwrap().iter().map(|target| &target["name"]).collect();
    assert!(names.contains(&&json!("Ana Ruiz")) && names.contains(&&json!("wa-inbound")), "{names:?}");
}

#[tokio::test]
async fn an_edited_password_counts_from_the_next_sign_in_on() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let changes = [("password-hash = \"secret\"", "password-hash = \"changed\"")];
    rig.services.directory.apply(edited(&changes), &tenant("tenant"));
    let form = |password| format!("grant_type=password&username=ana&password={password}&client_id=x&scope=*");
    assert_eq!(rig.form(&form("secret")).await.0, 400, "OAuth: invalid_grant");
    assert_eq!(rig.form(&form("changed")).await.0, 200);
    let (status, _) = ana.send(Method::GET, "/workspace/v3/current-session", "").await;
    assert_eq!(status, 200, "who is signed in stays");
}

#[tokio::test]
async fn the_persons_own_options_come_with_the_settings() {
    let rig = Rig::new().await;
    let bob = rig.person("bob").await;
    let (_, some) = bob.get("/configuration?types=settings").await;
    let names: Vec<_> = some["data"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["settings", "wa.userProperties"]);
    assert_eq!(some["data"]["wa.userProperties"], json!([]));
}
