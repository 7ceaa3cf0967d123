//! The list of whom a session may go to.

use super::Desk;
use super::party::{everybody, set};
use crate::app::core::layer::Layer;
use crate::app::core::msg::{ClickTarget as Clicked, Link, Mouse, RequestError, What};
use crate::app::features::targets::{TargetChoice, Targets};
use crate::domain::Millis;
use crate::domain::target::TargetKind;
use crate::proto::request::Request;
use serde_json::{Value as Json, json};

fn agent(name: &str, id: &str, state: &str, sessions: u64) -> Json {
    json!({"type": "agent", "name": name, "employeeId": id, "numbers": ["+34 600 000 2"],
        "availability": {"channels": [{"name": "whatsappsession",
            "userState": {"state": state, "reason": "Lunch"}, "wa.sessions": sessions, "wa.capacity": 4}]}})
}

fn contact() -> Json {
    json!({"type": "contact", "id": "c1", "name": "Lucía Fernández", "numbers": ["+34600000101"]})
}

fn targets(list: &[Json], total: usize) -> Json {
    json!({"totalMatches": total, "targets": list})
}

impl Desk {
    pub(super) fn list(&self) -> &Targets {
        match self.state.layers.last() {
            Some(Layer::Targets(list)) => list,
            other => panic!("no list: {other:?}"),
        }
    }

    fn found(&self) -> Vec<String> {
        self.list().picker.shown().map(|item| item.label.to_string()).collect()
    }

    fn summary(&self) -> String {
        self.list().picker.summary.to_string()
    }

    /// The only request of that name goes unanswered no longer.
    fn replies(&mut self, name: &str, result: Result<Json, RequestError>) {
        let asked = self.asked();
        let names: Vec<_> = asked.iter().map(|(_, request)| request.name()).collect();
        let found = asked.into_iter().find(|(_, request)| request.name() == name);
        let (operation, _) = found.unwrap_or_else(|| panic!("{name} is not among {names:?}"));
        self.answer(&operation, result);
    }

    fn searched(&mut self) -> Vec<(String, Vec<TargetKind>)> {
        let asked = self.asked().into_iter().filter_map(|(_, request)| match request {
            Request::Targets { search, kinds } => Some((search, kinds)),
            _ => None,
        });
        asked.collect()
    }
}

#[test]
fn a_name_that_fits_several_is_chosen_from_the_list() {
    let mut desk = Desk::at_work();
    desk.commands("/transfer agent kat");
    assert_eq!(desk.found(), ["Kate London", "Kató Nagy"]);
    assert_eq!(desk.names(), ["favourites"]);
    desk.typed("o na");
    assert_eq!(desk.found().first().map(String::as_str), Some("Kató Nagy"));
    desk.keys("Enter");
    let sent = desk.wire(&set());
    assert_eq!(sent.last().unwrap().1["agentId"], "kato");
}

#[test]
fn the_list_leaves_oneself_out_and_keeps_to_the_kind() {
    let mut desk = Desk::at_work();
    desk.keys("Ctrl+T");
    let (operation, request) = desk.asked().remove(0);
    assert_eq!(
        request.call(&operation).path,
        "/workspace/v3/targets?searchTerm=%2A&types=agent,agent-group,skill,interaction-queue&limit=200&matchType=fuzzy"
    );
    desk.answer(&operation, Ok(everybody()));
    assert_eq!((desk.found().len(), desk.summary()), (5, "5 targets".into()));
    desk.keys("Esc");
    desk.typed("/conference skill");
    desk.keys("Enter");
    let (operation, request) = desk.asked().remove(0);
    assert!(request.call(&operation).path.contains("types=skill&"));
    desk.answer(&operation, Ok(targets(&[json!({"type": "skill", "name": "French"})], 1)));
    assert_eq!(desk.list().picker.filters()[desk.list().picker.filter()].as_str(), "Skills");
}

#[test]
fn the_first_letter_is_searched_for_once_the_typing_pauses() {
    let mut desk = Desk::at_work();
    desk.keys("Ctrl+T");
    let mut many = everybody();
    many["totalMatches"] = json!(900);
    desk.answer_all("targets", many);
    desk.typed("z");
    assert_eq!(desk.searched(), []);
    let due = desk.state.next_wake().unwrap();
    assert!(due.0 <= desk.at + 500, "{due:?}");
    desk.later(500);
    let kinds: Vec<_> = TargetKind::ALL.into_iter().chain([TargetKind::Contact]).collect();
    let zoe = targets(&[json!({"type": "agent", "name": "Zoë", "employeeId": "zoe"}), contact()], 2);
    let asked = desk.asked();
    assert!(
        matches!(&asked[0].1, Request::Targets { search, kinds: k } if search == "z" && *k == kinds),
        "{asked:?}"
    );
    desk.answer(&asked[0].0, Ok(zoe));
    desk.typed("o");
    desk.typed("e");
    desk.later(499);
    assert_eq!(desk.searched(), []);
    desk.later(1);
    assert_eq!(desk.searched(), [("zoe".to_owned(), kinds)]);
    desk.keys("Enter");
    assert_eq!(desk.wire(&set()).last().unwrap().1["agentId"], "zoe");
}

#[test]
fn once_all_targets_are_known_only_contacts_are_searched_for() {
    let mut desk = Desk::at_work();
    desk.keys("Ctrl+T");
    desk.answer_all("targets", everybody());
    desk.typed("lucia");
    desk.later(500);
    let asked = desk.asked();
    assert!(
        matches!(&asked[0].1, Request::Targets { kinds, .. } if *kinds == [TargetKind::Contact]),
        "{asked:?}"
    );
    desk.answer(&asked[0].0, Ok(targets(&[contact()], 1)));
    assert_eq!(
        (desk.found(), desk.summary()),
        (vec!["Lucía Fernández".into()], "0 matching targets and 1 matching contact".into())
    );
    let detail = desk.list().picker.chosen().unwrap().detail.to_string();
    assert_eq!(detail, "+34600000101  contact");
}

#[test]
fn a_contact_cannot_be_given_a_session_and_choosing_one_says_so() {
    let mut desk = Desk::at_work();
    desk.keys("Ctrl+T");
    desk.answer_all("targets", everybody());
    desk.keys("BackTab");
    desk.replies("targets", Ok(targets(&[contact()], 1)));
    assert!(matches!(desk.list().picker.chosen().unwrap().value, TargetChoice::Contact { .. }));
    desk.keys("Enter");
    assert!(desk.notice().contains("Lucía Fernández is a contact"), "{}", desk.notice());
    assert!(desk.state.session().unwrap().asked.is_none() && desk.asked().is_empty());
}

#[test]
fn a_number_in_any_writing_finds_who_has_it() {
    let mut desk = Desk::at_work();
    desk.keys("Ctrl+T");
    let found = targets(&[agent("Ben", "ben", "Ready", 1), json!({"type": "skill", "name": "600"})], 2);
    desk.answer_all("targets", found);
    for typed in ["+34 600 000 2", "0034600", "600 000 2"] {
        desk.typed(typed);
        assert_eq!(desk.found()[0], "Ben", "{typed}");
        assert_eq!(desk.list().picker.chosen().unwrap().detail.as_str(), "+34 600 000 2  Ready 1/4  agent");
        desk.keys("Ctrl+U");
    }
}

#[test]
fn who_could_answer_at_once_stands_first_and_a_reason_is_shown() {
    let mut desk = Desk::at_work();
    desk.keys("Ctrl+T");
    let list = [
        agent("Anna", "anna", "LoggedOut", 0),
        agent("Bea", "bea", "NotReady", 0),
        agent("Carl", "carl", "Ready", 4),
        agent("Dora", "dora", "Ready", 3),
    ];
    desk.answer_all("targets", targets(&list, 4));
    assert_eq!(desk.found(), ["Dora", "Carl", "Bea", "Anna"]);
    let details: Vec<String> = desk.list().picker.shown().map(|item| item.detail.to_string()).collect();
    assert_eq!(
        details,
        ["Ready 3/4  agent", "Busy 4/4  agent", "Not Ready: Lunch  agent", "Signed out  agent"]
    );
}

#[test]
fn what_is_shown_is_asked_for_again_while_the_list_is_open_and_the_choice_stays() {
    let mut desk = Desk::at_work();
    desk.keys("Ctrl+T");
    let both = |state: &str| targets(&[agent("Ben", "ben", state, 0), agent("Eve", "eve", "Ready", 0)], 2);
    for (operation, request) in desk.asked() {
        desk.answer(&operation, Ok(if request == Request::Favourites { Json::Null } else { both("Ready") }));
    }
    desk.keys("Down");
    desk.later(4999);
    assert_eq!(desk.searched(), []);
    desk.later(1);
    let again = desk.asked();
    assert_eq!(again.len(), 1, "{again:?}");
    // A slow server is not asked faster than it answers.
    desk.later(60_000);
    assert_eq!(desk.searched(), []);
    desk.answer(&again[0].0, Ok(both("NotReady")));
    assert_eq!(desk.found(), ["Eve", "Ben"]);
    assert_eq!(desk.list().picker.chosen().unwrap().label.as_str(), "Eve");
    desk.asked();
    desk.keys("Esc");
    desk.later(60_000);
    assert_eq!(desk.searched(), [], "nobody looks any more");
    assert!(desk.state.next_wake().is_none_or(|at| at.0 > desk.at + 900));
}

#[test]
fn a_favourite_is_marked_and_unmarked() {
    let mut desk = Desk::at_work();
    desk.keys("Ctrl+T");
    desk.keys("Insert");
    for (operation, request) in desk.asked() {
        let group = json!({"type": "agent-group", "name": "Billing", "favoriteDisplayName": "x", "wa.corporate": true});
        let found = if request == Request::Favourites { targets(&[group], 1) } else { everybody() };
        desk.answer(&operation, Ok(found));
    }
    desk.keys("Tab");
    assert_eq!(desk.found(), ["x"], "as the administrator calls it");
    desk.keys("Insert");
    assert!(desk.notice().contains("favourite of everybody"));
    desk.keys("Tab Tab");
    assert_eq!(desk.found(), ["Kate London", "Kató Nagy"]);
    desk.asked();
    desk.keys("Insert");
    let (operation, request) = desk.asked().remove(0);
    let call = request.call(&operation);
    assert_eq!(call.path, "/workspace/v3/targets/personal-favorites/save");
    assert_eq!(call.body.unwrap()["data"]["target"]["id"], "kate.l");
    desk.answer(&operation, Ok(Json::Null));
    assert!(desk.list().picker.is_favourite(0) && !desk.list().picker.is_favourite(1));
    assert_eq!(desk.notice(), "Kate London is a favourite now");
    desk.keys("Insert");
    let (operation, request) = desk.asked().remove(0);
    assert_eq!(
        request.call(&operation).path,
        "/workspace/v3/targets/personal-favorites/delete/agent/kate%2El".replace("%2E", ".")
    );
    desk.answer(&operation, Err(RequestError::Refused { code: 500, message: "disk full".into() }));
    assert!(desk.list().picker.is_favourite(0) && desk.notice().contains("disk full"));
}

#[test]
fn a_server_without_favourites_and_recents_is_said_in_their_parts() {
    let mut desk = Desk::at_work();
    desk.keys("Ctrl+T");
    let missing = || RequestError::Refused { code: 404, message: "there is nothing at this address".into() };
    for (operation, request) in desk.asked() {
        desk.answer(
            &operation,
            if request == Request::Favourites { Err(missing()) } else { Ok(everybody()) },
        );
    }
    desk.keys("Insert");
    assert!(desk.notice().contains("keeps no favourites"));
    desk.keys("Tab");
    assert_eq!(desk.found(), Vec::<String>::new());
    assert!(desk.list().picker.empty.contains("keeps no favourites"));
    desk.keys("Tab");
    desk.replies("recents", Err(missing()));
    assert!(desk.list().picker.empty.contains("keeps no recent targets"));
    desk.keys("Tab");
    assert_eq!(desk.found().len(), 2, "the rest works");
}

#[test]
fn whom_one_asked_stands_among_the_recent_ones() {
    let mut desk = Desk::at_work();
    desk.commands("/transfer agent kate l");
    desk.replies("current-session", Ok(json!({"user": {"employeeId": "ana"}})));
    desk.replies("configuration", Ok(set()));
    desk.replies("update-user-data", Ok(Json::Null));
    desk.replies("transfer-agent", Ok(Json::Null));
    let (operation, request) = desk.asked().remove(0);
    let data = request.call(&operation).body.unwrap()["data"].clone();
    assert_eq!(
        (&data["target"]["id"], &data["recentInformation"]["timeStamp"]),
        (&json!("kate.l"), &json!(desk.at))
    );
    // A server that keeps none is no news.
    let before = desk.notice();
    desk.answer(&operation, Err(RequestError::Refused { code: 404, message: "no".into() }));
    assert_eq!(desk.notice(), before);
    desk.fails_asked();
    desk.keys("Ctrl+O Tab Tab");
    desk.asked_recents(&[
        json!({"type": "skill", "name": "French"}),
        json!({"type": "agent", "id": "kate.l"}),
    ]);
    assert_eq!(desk.found(), ["French", "kate.l"], "the newest first");
}

impl Desk {
    fn fails_asked(&mut self) {
        self.event(
            "/workspace/v3/media/whatsappsession",
            json!({"messageType": "EventError", "interactionId": "i1",
                "error": {"errorMessage": "no", "errorCode": 1}}),
        );
    }

    fn asked_recents(&mut self, list: &[Json]) {
        let data = targets(list, list.len());
        self.replies("recents", Ok(data));
    }
}

#[test]
fn a_broken_connection_is_said_and_the_list_goes_on_when_it_is_back() {
    let mut desk = Desk::at_work();
    desk.keys("Ctrl+T");
    desk.asked();
    desk.tell(What::Link(Link::Lost { reason: "cut".into(), retry_at: Millis(0) }));
    assert!(desk.list().picker.empty.contains("the connection is lost"));
    desk.typed("ka");
    desk.keys("Tab Tab Tab");
    desk.later(60_000);
    assert!(desk.asked().is_empty());
    desk.tell(What::Link(Link::Online { websocket: true }));
    desk.answer_all("targets", everybody());
    assert_eq!(desk.found(), ["Kate London", "Kató Nagy"]);
}

#[test]
fn hostile_names_are_clean_and_strange_targets_passed_over() {
    let mut desk = Desk::at_work();
    desk.keys("Ctrl+T");
    let list = [
        json!({"type": "agent", "employeeId": "e\u{1b}]0;x\u{7}", "name": "Eve\u{1b}[31m\u{202e}\nEvil"}),
        json!({"type": "starship", "name": "x"}),
        json!({"type": 7}),
        json!(null),
    ];
    desk.answer_all("targets", targets(&list, 4));
    assert_eq!(desk.found().len(), 1);
    assert!(desk.found()[0].chars().all(|c| !c.is_control() && c != '\u{202e}'), "{:?}", desk.found());
}

#[test]
fn a_part_is_chosen_by_mouse_too_and_options_decide_which_there_are() {
    let mut desk = Desk::new();
    let options = json!({"settings": [{"key": "interaction-workspace", "type": "kvlist", "value": [
        {"key": "teamcommunicator.list-filter-showing", "type": "str", "value": "Skill,Agent"},
        {"key": "teamcommunicator.max-size", "type": "str", "value": "2"},
        {"key": "teamcommunicator.max-suggestion-size", "type": "str", "value": "1"}]}]});
    desk.interaction("i1", "Processing");
    desk.answer_all("configuration", options);
    desk.keys("Ctrl+T");
    desk.answer_all("targets", everybody());
    let names: Vec<_> = desk.list().picker.filters().iter().map(|name| name.to_string()).collect();
    assert_eq!(names, ["All", "Favourites", "Recents", "Skills", "Agents"]);
    assert_eq!((desk.found().len(), desk.summary()), (2, "2 targets, the best of 3".into()));
    desk.typed("k");
    assert_eq!((desk.found().len(), desk.summary()), (1, "1 matching target, the best of 3".into()));
    desk.tell(What::Mouse(Mouse::Click(Clicked::Filter(4))));
    assert_eq!(desk.found(), ["Kate London", "Kató Nagy"]);
    desk.tell(What::Mouse(Mouse::Click(Clicked::Pick(1))));
    assert_eq!(desk.wire(&set()).last().unwrap().1["agentId"], "kato");
}

#[test]
fn a_list_behind_the_lock_asks_nothing_and_goes_on_when_it_is_unlocked() {
    let mut desk = Desk::at_work();
    desk.keys("Ctrl+T");
    for (operation, request) in desk.asked() {
        let all = if request.name() == "targets" { everybody() } else { targets(&[], 0) };
        desk.answer(&operation, Ok(all));
    }
    desk.asked();
    desk.keys("Alt+Z");
    assert_eq!(desk.state.next_wake(), None);
    desk.later(600_000);
    assert!(desk.asked().is_empty());
    desk.state.lock = None;
    desk.tell(What::Wake);
    assert!(desk.names().contains(&"targets"), "what is shown is fresh again");
}

#[test]
fn who_chooses_for_a_session_that_is_gone_is_told() {
    let mut desk = Desk::at_work();
    desk.keys("Ctrl+T");
    desk.answer_all("targets", everybody());
    desk.interaction("i1", "Revoked");
    desk.asked();
    desk.keys("Enter");
    assert!(desk.asked().is_empty());
    assert!(desk.notice().contains("not yours any more"), "{}", desk.notice());
}
