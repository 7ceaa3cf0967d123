//! The list of whom a session may go to.

use crate::app::core::layer::Layer;
use crate::app::core::msg::{ClickTarget as Clicked, Link, Mouse, RequestError, What};
use crate::app::features::targets::{TargetChoice, Targets};
use crate::app::test_console::TestConsole;
use crate::app::test_console::{everybody, set};
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

impl TestConsole {
    pub(in crate::app) fn list(&self) -> &Targets {
        match self.state.layers.last() {
            Some(Layer::Targets(list)) => list,
            other => panic!("no list: {other:?}"),
        }
    }

    pub(in crate::app) fn found(&self) -> Vec<String> {
        self.list().picker.shown().map(|item| item.label.to_string()).collect()
    }

    pub(in crate::app) fn summary(&self) -> String {
        self.list().picker.summary.to_string()
    }

    /// The only request of that name goes unanswered no longer.
    pub(in crate::app) fn replies(&mut self, name: &str, result: Result<Json, RequestError>) {
        let asked = self.asked();
        let names: Vec<_> = asked.iter().map(|(_, request)| request.name()).collect();
        let found = asked.into_iter().find(|(_, request)| request.name() == name);
        let (operation, _) = found.unwrap_or_else(|| panic!("{name} is not among {names:?}"));
        self.answer(&operation, result);
    }

    pub(in crate::app) fn searched(&mut self) -> Vec<(String, Vec<TargetKind>)> {
        let asked = self.asked().into_iter().filter_map(|(_, request)| match request {
            Request::Targets { search, kinds } => Some((search, kinds)),
            _ => None,
        });
        asked.collect()
    }
}

#[test]
fn a_name_that_fits_several_is_chosen_from_the_list() {
    let mut console = TestConsole::at_work();
    console.commands("/transfer agent kat");
    assert_eq!(console.found(), ["Kate London", "Kató Nagy"]);
    assert_eq!(console.names(), ["favourites"]);
    console.typed("o na");
    assert_eq!(console.found().first().map(String::as_str), Some("Kató Nagy"));
    console.keys("Enter");
    let sent = console.wire(&set());
    assert_eq!(sent.last().unwrap().1["agentId"], "kato");
}

#[test]
fn the_list_leaves_oneself_out_and_keeps_to_the_kind() {
    let mut console = TestConsole::at_work();
    console.keys("Ctrl+T");
    let (operation, request) = console.asked().remove(0);
    assert_eq!(
        request.call(&operation).path,
        "/workspace/v3/targets?searchTerm=%2A&types=agent,agent-group,skill,interaction-queue&limit=200&matchType=fuzzy"
    );
    console.answer(&operation, Ok(everybody()));
    assert_eq!((console.found().len(), console.summary()), (5, "5 targets".into()));
    console.keys("Esc");
    console.typed("/conference skill");
    console.keys("Enter");
    let (operation, request) = console.asked().remove(0);
    assert!(request.call(&operation).path.contains("types=skill&"));
    console.answer(&operation, Ok(targets(&[json!({"type": "skill", "name": "French"})], 1)));
    assert_eq!(console.list().picker.filters()[console.list().picker.filter()].as_str(), "Skills");
}

#[test]
fn the_first_letter_is_searched_for_once_the_typing_pauses() {
    let mut console = TestConsole::at_work();
    console.keys("Ctrl+T");
    let mut many = everybody();
    many["totalMatches"] = json!(900);
    console.answer_all("targets", many);
    console.typed("z");
    assert_eq!(console.searched(), []);
    let due = console.state.next_wake().unwrap();
    assert!(due.0 <= console.at + 500, "{due:?}");
    console.later(500);
    let kinds: Vec<_> = TargetKind::ALL.into_iter().chain([TargetKind::Contact]).collect();
    let zoe = targets(&[json!({"type": "agent", "name": "Zoë", "employeeId": "zoe"}), contact()], 2);
    let asked = console.asked();
    assert!(
        matches!(&asked[0].1, Request::Targets { search, kinds: k } if search == "z" && *k == kinds),
        "{asked:?}"
    );
    console.answer(&asked[0].0, Ok(zoe));
    console.typed("o");
    console.typed("e");
    console.later(499);
    assert_eq!(console.searched(), []);
    console.later(1);
    assert_eq!(console.searched(), [("zoe".to_owned(), kinds)]);
    console.keys("Enter");
    assert_eq!(console.wire(&set()).last().unwrap().1["agentId"], "zoe");
}

#[test]
fn once_all_targets_are_known_only_contacts_are_searched_for() {
    let mut console = TestConsole::at_work();
    console.keys("Ctrl+T");
    console.answer_all("targets", everybody());
    console.typed("lucia");
    console.later(500);
    let asked = console.asked();
    assert!(
        matches!(&asked[0].1, Request::Targets { kinds, .. } if *kinds == [TargetKind::Contact]),
        "{asked:?}"
    );
    console.answer(&asked[0].0, Ok(targets(&[contact()], 1)));
    assert_eq!(
        (console.found(), console.summary()),
        (vec!["Lucía Fernández".into()], "0 matching targets and 1 matching contact".into())
    );
    let detail = console.list().picker.chosen().unwrap().detail.to_string();
    assert_eq!(detail, "+34600000101  contact");
}

#[test]
fn a_contact_cannot_be_given_a_session_and_choosing_one_says_so() {
    let mut console = TestConsole::at_work();
    console.keys("Ctrl+T");
    console.answer_all("targets", everybody());
    console.keys("BackTab");
    console.replies("targets", Ok(targets(&[contact()], 1)));
    assert!(matches!(console.list().picker.chosen().unwrap().value, TargetChoice::Contact { .. }));
    console.keys("Enter");
    assert!(console.notice().contains("Lucía Fernández is a contact"), "{}", console.notice());
    assert!(console.state.session().unwrap().asked.is_none() && console.asked().is_empty());
}

#[test]
fn a_number_in_any_writing_finds_who_has_it() {
    let mut console = TestConsole::at_work();
    console.keys("Ctrl+T");
    let found = targets(&[agent("Ben", "ben", "Ready", 1), json!({"type": "skill", "name": "600"})], 2);
    console.answer_all("targets", found);
    for typed in ["+34 600 000 2", "0034600", "600 000 2"] {
        console.typed(typed);
        assert_eq!(console.found()[0], "Ben", "{typed}");
        assert_eq!(
            console.list().picker.chosen().unwrap().detail.as_str(),
            "+34 600 000 2  Ready 1/4  agent"
        );
        console.keys("Ctrl+U");
    }
}

#[test]
fn who_could_answer_at_once_stands_first_and_a_reason_is_shown() {
    let mut console = TestConsole::at_work();
    console.keys("Ctrl+T");
    let list = [
        agent("Anna", "anna", "LoggedOut", 0),
        agent("Bea", "bea", "NotReady", 0),
        agent("Carl", "carl", "Ready", 4),
        agent("Dora", "dora", "Ready", 3),
    ];
    console.answer_all("targets", targets(&list, 4));
    assert_eq!(console.found(), ["Dora", "Carl", "Bea", "Anna"]);
    let details: Vec<String> = console.list().picker.shown().map(|item| item.detail.to_string()).collect();
    assert_eq!(
        details,
        ["Ready 3/4  agent", "Busy 4/4  agent", "Not Ready: Lunch  agent", "Signed out  agent"]
    );
}

#[test]
fn what_is_shown_is_asked_for_again_while_the_list_is_open_and_the_choice_stays() {
    let mut console = TestConsole::at_work();
    console.keys("Ctrl+T");
    let both = |state: &str| targets(&[agent("Ben", "ben", state, 0), agent("Eve", "eve", "Ready", 0)], 2);
    for (operation, request) in console.asked() {
        console
            .answer(&operation, Ok(if request == Request::Favourites { Json::Null } else { both("Ready") }));
    }
    console.keys("Down");
    console.later(4999);
    assert_eq!(console.searched(), []);
    console.later(1);
    let again = console.asked();
    assert_eq!(again.len(), 1, "{again:?}");
    // A slow server is not asked faster than it answers.
    console.later(60_000);
    assert_eq!(console.searched(), []);
    console.answer(&again[0].0, Ok(both("NotReady")));
    assert_eq!(console.found(), ["Eve", "Ben"]);
    assert_eq!(console.list().picker.chosen().unwrap().label.as_str(), "Eve");
    console.asked();
    console.keys("Esc");
    console.later(60_000);
    assert_eq!(console.searched(), [], "nobody looks any more");
    assert!(console.state.next_wake().is_none_or(|at| at.0 > console.at + 900));
}

#[test]
fn a_favourite_is_marked_and_unmarked() {
    let mut console = TestConsole::at_work();
    console.keys("Ctrl+T");
    console.keys("Insert");
    for (operation, request) in console.asked() {
        let group = json!({"type": "agent-group", "name": "Billing", "favoriteDisplayName": "x", "wa.corporate": true});
        let found = if request == Request::Favourites { targets(&[group], 1) } else { everybody() };
        console.answer(&operation, Ok(found));
    }
    console.keys("Tab");
    assert_eq!(console.found(), ["x"], "as the administrator calls it");
    console.keys("Insert");
    assert!(console.notice().contains("favourite of everybody"));
    console.keys("Tab Tab");
    assert_eq!(console.found(), ["Kate London", "Kató Nagy"]);
    console.asked();
    console.keys("Insert");
    let (operation, request) = console.asked().remove(0);
    let call = request.call(&operation);
    assert_eq!(call.path, "/workspace/v3/targets/personal-favorites/save");
    assert_eq!(call.body.unwrap()["data"]["target"]["id"], "kate.l");
    console.answer(&operation, Ok(Json::Null));
    assert!(console.list().picker.is_favourite(0) && !console.list().picker.is_favourite(1));
    assert_eq!(console.notice(), "Kate London is a favourite now");
    console.keys("Insert");
    let (operation, request) = console.asked().remove(0);
    assert_eq!(
        request.call(&operation).path,
        "/workspace/v3/targets/personal-favorites/delete/agent/kate%2El".replace("%2E", ".")
    );
    console.answer(&operation, Err(RequestError::Refused { code: 500, message: "disk full".into() }));
    assert!(console.list().picker.is_favourite(0) && console.notice().contains("disk full"));
}

#[test]
fn a_server_without_favourites_and_recents_is_said_in_their_parts() {
    let mut console = TestConsole::at_work();
    console.keys("Ctrl+T");
    let missing = || RequestError::Refused { code: 404, message: "there is nothing at this address".into() };
    for (operation, request) in console.asked() {
        console.answer(
            &operation,
            if request == Request::Favourites { Err(missing()) } else { Ok(everybody()) },
        );
    }
    console.keys("Insert");
    assert!(console.notice().contains("keeps no favourites"));
    console.keys("Tab");
    assert_eq!(console.found(), Vec::<String>::new());
    assert!(console.list().picker.empty.contains("keeps no favourites"));
    console.keys("Tab");
    console.replies("recents", Err(missing()));
    assert!(console.list().picker.empty.contains("keeps no recent targets"));
    console.keys("Tab");
    assert_eq!(console.found().len(), 2, "the rest works");
}

#[test]
fn whom_one_asked_stands_among_the_recent_ones() {
    let mut console = TestConsole::at_work();
    console.commands("/transfer agent kate l");
    console.replies("current-session", Ok(json!({"user": {"employeeId": "ana"}})));
    console.replies("configuration", Ok(set()));
    console.replies("update-user-data", Ok(Json::Null));
    console.replies("transfer-agent", Ok(Json::Null));
    let (operation, request) = console.asked().remove(0);
    let data = request.call(&operation).body.unwrap()["data"].clone();
    assert_eq!(
        (&data["target"]["id"], &data["recentInformation"]["timeStamp"]),
        (&json!("kate.l"), &json!(console.at))
    );
    // A server that keeps none is no news.
    let before = console.notice();
    console.answer(&operation, Err(RequestError::Refused { code: 404, message: "no".into() }));
    assert_eq!(console.notice(), before);
    console.fails_asked();
    console.keys("Ctrl+O Tab Tab");
    console.asked_recents(&[
        json!({"type": "skill", "name": "French"}),
        json!({"type": "agent", "id": "kate.l"}),
    ]);
    assert_eq!(console.found(), ["French", "kate.l"], "the newest first");
}

impl TestConsole {
    pub(in crate::app) fn fails_asked(&mut self) {
        self.event(
            "/workspace/v3/media/whatsappsession",
            json!({"messageType": "EventError", "interactionId": "i1",
                "error": {"errorMessage": "no", "errorCode": 1}}),
        );
    }

    pub(in crate::app) fn asked_recents(&mut self, list: &[Json]) {
        let data = targets(list, list.len());
        self.replies("recents", Ok(data));
    }
}

#[test]
fn a_broken_connection_is_said_and_the_list_goes_on_when_it_is_back() {
    let mut console = TestConsole::at_work();
    console.keys("Ctrl+T");
    console.asked();
    console.tell(What::Link(Link::Lost { reason: "cut".into(), retry_at: Millis(0) }));
    assert!(console.list().picker.empty.contains("the connection is lost"));
    console.typed("ka");
    console.keys("Tab Tab Tab");
    console.later(60_000);
    assert!(console.asked().is_empty());
    console.tell(What::Link(Link::Online { websocket: true }));
    console.answer_all("targets", everybody());
    assert_eq!(console.found(), ["Kate London", "Kató Nagy"]);
}

#[test]
fn hostile_names_are_clean_and_strange_targets_passed_over() {
    let mut console = TestConsole::at_work();
    console.keys("Ctrl+T");
    let list = [
        json!({"type": "agent", "employeeId": "e\u{1b}]0;x\u{7}", "name": "Eve\u{1b}[31m\u{202e}\nEvil"}),
        json!({"type": "starship", "name": "x"}),
        json!({"type": 7}),
        json!(null),
    ];
    console.answer_all("targets", targets(&list, 4));
    assert_eq!(console.found().len(), 1);
    assert!(console.found()[0].chars().all(|c| !c.is_control() && c != '\u{202e}'), "{:?}", console.found());
}

#[test]
fn a_part_is_chosen_by_mouse_too_and_options_decide_which_there_are() {
    let mut console = TestConsole::new();
    let options = json!({"settings": [{"key": "interaction-workspace", "type": "kvlist", "value": [
        {"key": "teamcommunicator.list-filter-showing", "type": "str", "value": "Skill,Agent"},
        {"key": "teamcommunicator.max-size", "type": "str", "value": "2"},
        {"key": "teamcommunicator.max-suggestion-size", "type": "str", "value": "1"}]}]});
    console.interaction("i1", "Processing");
    console.answer_all("configuration", options);
    console.keys("Ctrl+T");
    console.answer_all("targets", everybody());
    let names: Vec<_> = console.list().picker.filters().iter().map(|name| name.to_string()).collect();
    assert_eq!(names, ["All", "Favourites", "Recents", "Skills", "Agents"]);
    assert_eq!((console.found().len(), console.summary()), (2, "2 targets, the best of 3".into()));
    console.typed("k");
    assert_eq!((console.found().len(), console.summary()), (1, "1 matching target, the best of 3".into()));
    console.tell(What::Mouse(Mouse::Click(Clicked::Filter(4))));
    assert_eq!(console.found(), ["Kate London", "Kató Nagy"]);
    console.tell(What::Mouse(Mouse::Click(Clicked::Pick(1))));
    assert_eq!(console.wire(&set()).last().unwrap().1["agentId"], "kato");
}

#[test]
fn a_list_behind_the_lock_asks_nothing_and_goes_on_when_it_is_unlocked() {
    let mut console = TestConsole::at_work();
    console.keys("Ctrl+T");
    for (operation, request) in console.asked() {
        let all = if request.name() == "targets" { everybody() } else { targets(&[], 0) };
        console.answer(&operation, Ok(all));
    }
    console.asked();
    console.keys("Alt+Z");
    assert_eq!(console.state.next_wake(), None);
    console.later(600_000);
    assert!(console.asked().is_empty());
    console.state.lock = None;
    console.tell(What::Wake);
    assert!(console.names().contains(&"targets"), "what is shown is fresh again");
}

#[test]
fn who_chooses_for_a_session_that_is_gone_is_told() {
    let mut console = TestConsole::at_work();
    console.keys("Ctrl+T");
    console.answer_all("targets", everybody());
    console.interaction("i1", "Revoked");
    console.asked();
    console.keys("Enter");
    assert!(console.asked().is_empty());
    assert!(console.notice().contains("not yours any more"), "{}", console.notice());
}
