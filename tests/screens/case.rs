//! Case data that an attribute describes, dispositions in folders, and the note.

use crate::desk::Desk;
use deskline::app::core::layer::Layer;
use serde_json::json;

fn described(width: u16, height: u16) -> Desk {
    let annex = |pairs: serde_json::Value| json!({"interaction-workspace": pairs});
    let mut desk = Desk::empty(width, height);
    let value = |name: &str, display: &str, pairs: serde_json::Value| json!({"name": name, "displayName": display, "userProperties": annex(pairs)});
    let folder = |path: &str| json!({"interaction.disposition.folder": path});
    desk.state.configuration = serde_json::from_value(json!({"businessAttributes": [
        {"name": "Case", "displayName": "Your case", "values": [
            value("Order", "Order number", json!({"display-type": "int", "mandatory": "true"})),
            value("Segment", "Segment", json!({"display-type": "enum", "enum.business-attribute": "Segment"})),
            value("Language", "Language", json!({"read-only": "true"})),
            value("Track", "Tracking", json!({"display-type": "link"})),
            value("Until", "Promised for", json!({"display-type": "date"}))]},
        {"name": "Segment", "values": [{"name": "Gold", "displayName": "★ Gold"}]},
        {"name": "DispositionCode", "displayName": "Outcome", "values": [
            value("solved", "Solved", json!({})),
            value("late", "Came late", folder("Complaints/Delivery")),
            value("lost", "Never came", folder("Complaints/Delivery")),
            value("rude", "Unfriendly", folder("Complaints")),
            value("later", "Later today", folder("Call back"))]}]}))
    .unwrap_or_default();
    desk.state.settings.local = [
        ("interaction.case-data.format-business-attribute", "Case"),
        ("interaction.disposition.is-mandatory", "true"),
    ]
    .into_iter()
    .collect();
    desk.session(
        "s1",
        "Lucía Fernández",
        "34600000101",
        &[
            ("Language", "es"),
            ("Segment", "Gold"),
            ("Track", "https://track.example/48213"),
            ("DispositionCode", "rude"),
        ],
    );
    desk
}

/// The lists and forms of this part.
pub fn layers() -> Vec<Layer> {
    let mut desk = described(80, 24);
    let mut layers = Vec::new();
    for key in ["F6", "Alt+E"] {
        desk.key(key);
        layers.extend(desk.state.layers.pop());
    }
    layers
}

#[test]
fn described_case_data_beside_the_messages() {
    let mut desk = described(120, 32);
    desk.key("F7");
    desk.types("leave it with the neighbour");
    desk.key("Alt+Enter");
    desk.types("ring twice");
    snapshot!("case_note_120x32", desk.draw().text());
    desk.key("Esc");
    snapshot!("case_120x32", desk.draw().styled());
}

#[test]
fn case_data_is_edited_in_a_form() {
    let mut desk = described(80, 24);
    desk.key("Alt+E");
    snapshot!("case_form_80x24", desk.draw().text());
    desk.key("F10");
    desk.key("F5");
    snapshot!("case_80x24", desk.draw().text());
}

#[test]
fn dispositions_are_in_folders_and_found_by_typing() {
    for (width, height, name) in [(80, 24, "80x24"), (120, 32, "120x32"), (40, 10, "40x10")] {
        let mut desk = described(width, height);
        desk.key("F6");
        insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(format!("disposition_{name}"), desk.draw().text());
        });
        desk.types("late");
        insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(format!("disposition_found_{name}"), desk.draw().text());
        });
    }
}
