//! Targets: found, kept, and remembered.

use super::rig::{Person, Rig};
use deskline::domain::Millis;
use deskline::domain::contact::AliasKind;
use deskline::store::{Alias, Batch, Store as _, TableChange};
use reqwest::Method;
use serde_json::{Value, json};

/// Some contacts in the gateway's store.
async fn contacts(rig: &Rig) {
    let mut changes = Vec::new();
    for (id, name, number) in
        [("c1", "Lucía Fernández", "34600000101"), ("c2", "Karim Haddad", "212600000012")]
    {
        let (profile_name, username) = (Some(name.into()), None);
        changes.push(TableChange::Contact { id: id.into(), profile_name, username, at: Millis(1) });
        changes.push(TableChange::Alias {
            alias: Alias { kind: AliasKind::WaId, value: number.into() },
            contact: id.into(),
        });
    }
    rig.store.append(Batch { changes, ..Batch::default() }).await.unwrap();
}

impl Person<'_> {
    /// The targets at that address.
    async fn targets(&self, path: &str) -> Vec<Value> {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{body}");
        body["data"]["targets"].as_array().unwrap().clone()
    }

    async fn found(&self, query: &str) -> Vec<String> {
        let targets = self.targets(&format!("/targets?{query}")).await;
        targets.iter().map(|target| target["name"].as_str().unwrap().to_owned()).collect()
    }

    async fn kept(&self, path: &str) -> Vec<String> {
        let targets = self.targets(path).await;
        targets
            .iter()
            .map(|target| format!("{} {}", target["type"].as_str().unwrap(), target["id"]))
            .collect()
    }
}

#[tokio::test]
async fn words_fuzzy_letters_accents_and_numbers_find_targets() {
    let rig = Rig::new().await;
    contacts(&rig).await;
    let ana = rig.person("ana").await;
    assert_eq!(ana.found("searchTerm=r%C3%BAiz").await, ["Ana Ruiz"]);
    assert_eq!(ana.found("searchTerm=ruiz%20bob").await, ["bob", "Ana Ruiz"], "any word will do");
    assert_eq!(ana.found("searchTerm=bob%20b").await, ["bob", "Billing", "wa-inbound"], "the best first");
    assert_eq!(ana.found("searchTerm=anrz").await, [""; 0]);
    assert_eq!(ana.found("searchTerm=anrz&matchType=fuzzy").await, ["Ana Ruiz"]);
    for number in ["%2B34%20600%20000%20202", "0034600000202", "600-000-202", "000%20202"] {
        assert_eq!(ana.found(&format!("searchTerm={number}")).await, ["bob"], "{number}");
    }
    let everybody = "types=agent,contact&limit=3&searchTerm=";
    assert_eq!(ana.found(&format!("{everybody}lucia")).await, ["Lucía Fernández"]);
    assert_eq!(ana.found(&format!("{everybody}600000")).await, ["bob", "Karim Haddad", "Lucía Fernández"]);
    assert_eq!(ana.found("searchTerm=lucia").await, [""; 0], "contacts only where they are asked for");
    let (_, body) = ana.get("/targets?types=contact&limit=1&searchTerm=*").await;
    assert_eq!(
        (&body["data"]["totalMatches"], body["data"]["targets"].as_array().unwrap().len()),
        (&json!(2), 1)
    );
    let one = ana.targets("/targets/contact/c1").await.remove(0);
    assert_eq!((&one["type"], &one["numbers"]), (&json!("contact"), &json!(["+34600000101"])));
    assert_eq!(ana.get("/targets/contact/nobody").await.0, 404);
    assert_eq!(ana.found("searchTerm=*&types=starship,agent").await, ["Ana Ruiz", "bob"]);
}

#[tokio::test]
async fn an_agent_who_is_not_ready_has_a_reason_with_a_name() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    let bob = ana.targets("/targets/agent/bob").await.remove(0);
    let state = &bob["availability"]["channels"][0]["userState"];
    assert_eq!((&state["state"], &state["reason"]), (&json!("NotReady"), &json!("Lunch")));
    assert_eq!(bob["numbers"], json!(["+34 600 000 202"]));
}

#[tokio::test]
async fn favourites_belong_to_one_agent_and_match_official_clients() {
    let rig = Rig::new().await;
    contacts(&rig).await;
    let (ana, bob) = (rig.person("ana").await, rig.person("bob").await);
    let favourites = "/targets/personal-favorites";
    let save = async |target: Value, again: bool| {
        let body = json!({"data": {"target": target, "category": "Mine", "ignoreDuplication": again}});
        ana.post(&format!("{favourites}/save"), body.to_string()).await
    };
    // By number, by user name, by name; in both spellings of a type.
    let shown = json!({"type": "AGENT", "id": "102", "firstName": "B", "favoriteDisplayName": "Bobby"});
    let (status, body) = save(shown, false).await;
    assert_eq!((status.as_u16(), &body["status"]["code"]), (200, &json!(0)));
    assert_eq!(save(json!({"type": "agent", "id": "bob"}), false).await.0, 409, "he is one already");
    assert_eq!(save(json!({"type": "agent", "id": "bob"}), true).await.0, 200);
    assert_eq!(save(json!({"type": "skill", "id": "French"}), true).await.0, 200);
    assert_eq!(save(json!({"type": "contact", "id": "c1"}), true).await.0, 200);
    assert_eq!(save(json!({"type": "custom-contact", "id": "x", "firstName": "X"}), true).await.0, 200);
    for (target, code) in [
        (json!({"type": "agent", "id": "nobody"}), 404),
        (json!({"type": "contact", "id": "c9"}), 404),
        (json!({"type": "agent"}), 400),
        (json!({"id": "bob"}), 400),
        (json!({"type": "agent", "id": "x".repeat(300)}), 400),
        (json!({"type": "agent", "id": "bob", "firstName": "x".repeat(9000)}), 400),
        (json!(7), 400),
    ] {
        assert_eq!(save(target.clone(), true).await.0.as_u16(), code, "{target}");
    }
    let kept = [
        "agent-group \"Billing\"",
        "agent \"bob\"",
        "skill \"French\"",
        "contact \"c1\"",
        "custom-contact \"x\"",
    ];
    let mine = ana.targets(favourites).await;
    assert_eq!((&mine[0]["wa.corporate"], &mine[0]["favoriteDisplayName"]), (&json!(true), &json!("Money")));
    assert_eq!(
        (&mine[1]["category"], &mine[1]["availability"]["channels"][0]["userState"]["state"]),
        (&json!("Mine"), &json!("NotReady"))
    );
    assert_eq!(mine[3]["numbers"], json!(["+34600000101"]));
    let named: Vec<String> = mine
        .iter()
        .map(|one| {
            format!(
                "{} {}",
                one["type"].as_str().unwrap(),
                if one["id"].is_null() { &one["name"] } else { &one["id"] }
            )
        })
        .collect();
    assert_eq!(named, kept);
    assert_eq!(bob.targets(favourites).await.len(), 1, "only what is everybody's");
    assert_eq!(ana.targets(&format!("{favourites}?limit=2")).await.len(), 2);
    for gone in ["agent/102", "SKILL/French", "custom-contact/x", "agent/nobody"] {
        assert_eq!(ana.post(&format!("{favourites}/delete/{gone}"), "").await.0, 200, "{gone}");
    }
    assert_eq!(ana.targets(favourites).await.len(), 2);
}

#[tokio::test]
async fn the_hundred_and_first_favourite_is_refused_with_what_to_do() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    for number in 0..=100 {
        let body = json!({"data": {"target": {"type": "custom-contact", "id": number}}}).to_string();
        let (status, answer) = ana.post("/targets/personal-favorites/save", body).await;
        assert_eq!(status.as_u16(), if number < 100 { 200 } else { 409 }, "{answer}");
        if number == 100 {
            assert!(answer["status"]["message"].as_str().unwrap().contains("take one away"), "{answer}");
        }
    }
}

#[tokio::test]
async fn recents_come_newest_first_and_each_once() {
    let rig = Rig::new().await;
    let ana = rig.person("ana").await;
    for (kind, id) in
        [("agent", "bob"), ("skill", "French"), ("agent", "bob"), ("interaction-queue", "wa-inbound")]
    {
        let body = json!({"data": {"target": {"type": kind, "id": id},
            "recentInformation": {"media": "whatsappsession", "timeStamp": 1}}});
        assert_eq!(ana.post("/targets/recents/add", body.to_string()).await.0, 200);
        // Two in the same millisecond have no order.
        let before = jiff::Timestamp::now().as_millisecond();
        while jiff::Timestamp::now().as_millisecond() <= before {
            tokio::task::yield_now().await;
        }
    }
    let wanted = ["interaction-queue \"wa-inbound\"", "agent \"bob\"", "skill \"French\""];
    assert_eq!(ana.kept("/targets/recents").await, wanted);
    assert_eq!(ana.kept("/targets/recents?limit=1").await, wanted[..1]);
    let first = ana.targets("/targets/recents").await.remove(0);
    assert_eq!(first["recentInformation"]["media"], "whatsappsession");
    assert_eq!(first["availability"]["waitingCalls"], 3);
    assert_eq!(ana.post("/targets/recents/ack-missed-calls", "").await.0, 200);
    assert_eq!(ana.post("/targets/recents/add", "{}").await.0, 400);
}

#[tokio::test]
async fn a_supervisor_may_look_at_targets_and_change_nothing() {
    let rig = Rig::new().await;
    let nobody = Person { rig: &rig, cookie: String::new() };
    for user in ["sup", "adm"] {
        let person = rig.person(user).await;
        for path in ["/targets", "/targets/personal-favorites", "/targets/recents"] {
            assert_eq!(person.get(path).await.0, 200, "{user} {path}");
            assert_eq!(nobody.get(path).await.0, 401);
        }
        for path in [
            "/targets/personal-favorites/save",
            "/targets/personal-favorites/delete/agent/bob",
            "/targets/recents/add",
            "/targets/recents/ack-missed-calls",
        ] {
            let body = r#"{"data":{"target":{"type":"agent","id":"bob"}}}"#;
            assert_eq!(person.post(path, body).await.0, 403, "{user} {path}");
            assert_eq!(nobody.post(path, body).await.0, 401);
        }
    }
    let ana = rig.person("ana").await;
    for (method, path, code) in [
        (Method::GET, "/workspace/v3/targets/personal-favorites/save/x", 404),
        (Method::POST, "/workspace/v3/targets/recents", 405),
    ] {
        assert_eq!(ana.send(method, path, "").await.0.as_u16(), code, "{path}");
    }
}
