//! Every option: what it is without being set, what it takes, whose value wins, and when it is read.

use crate::app::core::msg::What;
use crate::app::core::session::Session;
use crate::app::core::settings::Settings;
use crate::app::core::state::State;
use crate::app::test_console::TestConsole;
use crate::domain::options::{
    ACTIONS_BY_CHANNEL, ACTIONS_GLOBAL, AUTO_NOT_READY_REASON, AUTO_READY, BLINKING, BLINKING_DURATION,
    CASE_ATTRIBUTE, CASE_CONTENT, CONTACT_ASSIGN, CONTACT_CREATE, CONTACT_HISTORY, CONTACT_LOOKUP,
    CONTACT_MANDATORY, CONTACT_MULTIPLE, CONTACT_PAGE, CONTACT_PAGES, CONTACT_SEARCH, CROSS_CHANNEL,
    DISPOSITION_ATTRIBUTE, DISPOSITION_KEY, DISPOSITION_MANDATORY, DISPOSITION_READ_ONLY, EMOJIS, KNOWN,
    LOCK_AFTER, LOCK_FORCES_NOT_READY, LOCK_REASON, LOCK_SETS_NOT_READY, MAX_TEXT, OVERRIDE_KEY, Options,
    PENDING, QUEUE, RESPONSE_CATEGORIES, RESPONSE_LANGUAGES, TARGET_FILTERS, TARGET_MOST, TARGET_RECENTS,
    TARGET_SUGGESTIONS, TARGET_TIMER, TOAST_ATTRIBUTE, TOAST_CONTENT, TRANSCRIPT_COUNT,
};
use serde_json::{Value as Json, json};

/// When an option is read.
#[derive(Clone, Copy, PartialEq)]
enum Read {
    /// A session that is open keeps it.
    SessionStart,
    /// At each attempt, and at nothing before.
    Attempt,
    /// When the agent signs in.
    SignIn,
}
use Read::{Attempt, SessionStart, SignIn};

/// Option, two valid values that differ, values that are not valid, when it is read.
const TABLE: &[(&str, [&str; 2], &[&str], Read)] = &[
    (QUEUE, ["wa-a", "wa-b"], &[], Attempt),
    (MAX_TEXT, ["1", "2147483647"], &["0", "-1", "2147483648", "4k", ""], SessionStart),
    (TRANSCRIPT_COUNT, ["2", "1000"], &["0", "1001", "x", ""], SessionStart),
    (PENDING, ["0,1", "60, 90"], &["30", "50,30", "30,30", "-1,5", ""], SessionStart),
    (EMOJIS, ["Emojis", "Others"], &[], SessionStart),
    (BLINKING, ["false", "TRUE"], &["yes", "1", ""], SessionStart),
    (BLINKING_DURATION, ["5", "2147483647"], &["-1", "2147483648", "forever"], SessionStart),
    (CROSS_CHANNEL, ["true", "false"], &["on", ""], SessionStart),
    (DISPOSITION_MANDATORY, ["true", "false"], &["on", ""], SessionStart),
    (DISPOSITION_READ_ONLY, ["true", "false"], &["on", ""], SessionStart),
    (DISPOSITION_KEY, ["Outcome", "My key"], &["", "a-b", "a.b"], SessionStart),
    (DISPOSITION_ATTRIBUTE, ["Outcomes", "Others"], &[""], SessionStart),
    (CASE_CONTENT, ["History", "CaseData, History"], &["Case", "History;CaseData"], SessionStart),
    (CASE_ATTRIBUTE, ["CaseKeys", "Others"], &[], SessionStart),
    (TOAST_CONTENT, ["", "History,CaseData"], &["true", "History CaseData"], Attempt),
    (TOAST_ATTRIBUTE, ["ToastKeys", "Others"], &[], Attempt),
    (OVERRIDE_KEY, ["Overrides", "Others"], &[""], Attempt),
    (RESPONSE_LANGUAGES, ["English", "English,Spanish"], &[], SessionStart),
    (RESPONSE_CATEGORIES, ["Sales", "Sales/Prices,Help"], &[], SessionStart),
    (AUTO_READY, ["false", "true"], &["on", ""], SignIn),
    (TARGET_FILTERS, ["Skill,Agent", "Agent,Skill,RoutingPoint"], &["", "Agents", "RoutingPoint"], Attempt),
    (TARGET_MOST, ["1", "1000"], &["0", "1001", "x", ""], Attempt),
    (TARGET_SUGGESTIONS, ["1", "1000"], &["0", "1001", "x", ""], Attempt),
    (TARGET_RECENTS, ["0", "100"], &["-1", "101", ""], Attempt),
    (TARGET_TIMER, ["0", "10000"], &["-1", "10001", ""], Attempt),
    (AUTO_NOT_READY_REASON, ["Lunch", "1003"], &[], SignIn),
    (ACTIONS_GLOBAL, ["Ready", "notready,LogOff"], &["", "Ready,Lunch"], Attempt),
    (ACTIONS_BY_CHANNEL, ["Ready", "Dnd, Ready"], &["", "Ready;NotReady"], Attempt),
    (LOCK_SETS_NOT_READY, ["true", "false"], &["on", ""], Attempt),
    (LOCK_REASON, ["Lunch", "1003"], &[], Attempt),
    (LOCK_FORCES_NOT_READY, ["true", "false"], &["on", ""], Attempt),
    (LOCK_AFTER, ["1", "1440"], &["-1", "1441", "never"], Attempt),
    (CONTACT_LOOKUP, ["false", "true"], &["on", ""], Attempt),
    (CONTACT_CREATE, ["false", "true"], &["on", ""], Attempt),
    (CONTACT_ASSIGN, ["false", "true"], &["on", ""], Attempt),
    (CONTACT_PAGE, ["1", "200"], &["0", "201", "x", ""], Attempt),
    (CONTACT_PAGES, ["1", "20,200"], &["0", "5,x", "201"], Attempt),
    (CONTACT_MANDATORY, ["LastName", "Title"], &[], Attempt),
    (CONTACT_MULTIPLE, ["PhoneNumber", "EmailAddress"], &[], Attempt),
    (CONTACT_SEARCH, ["LastName", "PhoneNumber"], &[], Attempt),
    (CONTACT_HISTORY, ["Status", "Subject,Status"], &["State"], Attempt),
];

fn with(name: &str, value: &str) -> Options {
    let mut options = Options::default();
    options.set(name, value).unwrap();
    options
}

/// What a server says: tenant, group and agent, each where there is a value.
fn server(name: &str, [tenant, group, agent]: [Option<&str>; 3]) -> Json {
    let layer = |value: Option<&str>| match value {
        Some(value) => json!({"interaction-workspace": {name: value}}),
        None => json!({}),
    };
    json!({"settings": layer(tenant), "agentGroups": [{"DBID": 1, "name": "g", "settings": layer(group)}],
        "wa.userProperties": layer(agent)})
}

fn begins(console: &mut TestConsole, id: &str, configuration: &Json) {
    console.interaction(id, "Processing");
    console.answer_all("configuration", configuration.clone());
}

fn options(console: &TestConsole) -> Vec<Options> {
    let of = |session: &Session| session.options.clone();
    console.state.sessions.iter().map(of).collect()
}

#[test]
fn the_table_has_every_option() {
    let table: Vec<&str> = TABLE.iter().map(|(name, ..)| *name).collect();
    let known: Vec<&str> = KNOWN.iter().map(|known| known.name).collect();
    assert_eq!(table, known);
    for (name, [one, other], ..) in TABLE {
        assert_ne!(with(name, one), with(name, other), "{name}");
    }
}

#[test]
fn without_a_value_each_has_its_default() {
    let mut console = TestConsole::new();
    begins(&mut console, "i1", &json!({}));
    assert_eq!(options(&console), [Options::default()]);
}

#[test]
fn each_says_what_it_takes_when_a_value_is_not_valid_and_keeps_the_one_before() {
    for (name, [one, _], bad, _) in TABLE {
        let valid = KNOWN.iter().find(|known| known.name == *name).unwrap().valid;
        for bad in *bad {
            let mut console = TestConsole::new();
            begins(&mut console, "i1", &server(name, [Some(one), None, None]));
            begins(&mut console, "i2", &server(name, [Some(bad), None, None]));
            let said = console.notice();
            for part in [*name, &format!("{:?}", bad.trim()), valid, "the value before it stays"] {
                assert!(said.contains(part), "{part} in {said}");
            }
            assert_eq!(options(&console), [with(name, one), with(name, one)], "{name} = {bad:?}");
        }
    }
}

#[test]
fn a_running_session_keeps_its_value_and_the_next_one_gets_the_edited() {
    for (name, [one, other], _, read) in TABLE {
        let mut console = TestConsole::new();
        begins(&mut console, "i1", &server(name, [Some(one), None, None]));
        begins(&mut console, "i2", &server(name, [Some(other), None, None]));
        assert_eq!(options(&console), [with(name, one), with(name, other)], "{name}");
        if *read == Attempt {
            assert_eq!(console.state.options(), with(name, other), "an attempt takes what holds now");
        }
    }
}

#[test]
fn tenant_group_and_agent_stand_over_each_other_and_the_local_file_under_them() {
    for (name, [one, other], ..) in TABLE {
        for (layers, wanted) in [
            ([None, None, None], one),
            ([Some(*other), None, None], other),
            ([Some(*one), Some(*other), None], other),
            ([Some(*one), Some(*one), Some(*other)], other),
            ([None, None, Some(*other)], other),
        ] {
            let local = [(*name, *one)].into_iter().collect();
            let mut console = TestConsole::with(Settings { local, ..Settings::default() });
            begins(&mut console, "i1", &server(name, layers));
            assert_eq!(options(&console), [with(name, wanted)], "{name} {layers:?}");
        }
    }
}

#[test]
fn an_edit_of_the_local_file_reaches_the_next_session_too() {
    for (name, [one, other], ..) in TABLE {
        let local =
            |value: &str| Settings { local: [(*name, value)].into_iter().collect(), ..Settings::default() };
        let mut console = TestConsole::with(local(one));
        begins(&mut console, "i1", &json!({}));
        console
            .tell(What::Settings { settings: Box::new(local(other)), restart: vec!["console.url".into()] });
        assert!(console.notice().contains("console.url"));
        begins(&mut console, "i2", &json!({}));
        assert_eq!(options(&console), [with(name, one), with(name, other)], "{name}");
    }
}

#[test]
fn ready_at_sign_in_is_decided_by_its_option() {
    for (value, ready) in [("true", true), ("false", false)] {
        assert!(TABLE.iter().any(|(name, .., read)| *name == AUTO_READY && *read == SignIn));
        let local = [(AUTO_READY, value)].into_iter().collect();
        let mut console = TestConsole::with(Settings { local, ..Settings::default() });
        console.answer_all("activate-channels", Json::Null);
        assert_eq!(console.names().contains(&"ready"), ready);
    }
}

#[test]
fn a_session_that_begins_without_a_connection_takes_what_was_known() {
    let mut console = TestConsole::new();
    begins(&mut console, "i1", &server(MAX_TEXT, [Some("9"), None, None]));
    console.interaction("i2", "Processing");
    assert_eq!(options(&console).last().map(|options| options.max_text), Some(9));
}

fn blinks(state: &State) -> Vec<bool> {
    state.sessions.iter().map(|session| session.blinks_until(state.now).is_some()).collect()
}

#[test]
fn a_new_message_blinks_until_it_is_seen_or_its_time_is_over() {
    for (value, after) in [("0", true), ("5", false)] {
        let mut console = TestConsole::new();
        begins(&mut console, "i1", &json!({}));
        begins(&mut console, "i2", &server(BLINKING_DURATION, [Some(value), None, None]));
        console.says("i2", 1, "Customer", "hi");
        assert_eq!(blinks(&console.state), [false, true]);
        console.later(4000);
        assert_eq!(blinks(&console.state), [false, true]);
        console.later(1000);
        assert_eq!(blinks(&console.state), [false, after], "{value}");
        console.says("i2", 2, "Customer", "hi?");
        assert_eq!(blinks(&console.state), [false, true], "each new message begins anew");
        console.keys("Alt+2");
        assert_eq!(blinks(&console.state), [false, false]);
    }
    let mut console = TestConsole::new();
    begins(&mut console, "i1", &json!({}));
    begins(&mut console, "i2", &server(BLINKING, [Some("false"), None, None]));
    console.says("i2", 1, "Customer", "hi");
    assert_eq!(blinks(&console.state), [false, false]);
}

#[test]
fn the_end_of_blinking_is_one_moment_to_wake_up_for() {
    let mut console = TestConsole::new();
    begins(&mut console, "i1", &json!({}));
    begins(&mut console, "i2", &server(BLINKING_DURATION, [Some("300"), None, None]));
    console.says("i2", 1, "Customer", "hi");
    let end = console.at + 300_000;
    let mut moments = Vec::new();
    while let Some(next) = console.state.next_wake().filter(|next| next.0 <= end) {
        console.later(next.0 - console.at);
        moments.push(next.0);
    }
    assert_eq!(moments.iter().filter(|at| **at == end).count(), 1);
}

#[test]
fn a_list_of_emoji_is_exactly_what_is_offered_from_the_next_session_on() {
    let mut console = TestConsole::new();
    begins(&mut console, "i1", &json!({}));
    let mut configuration = server(EMOJIS, [Some("Emojis"), None, None]);
    configuration["businessAttributes"] =
        json!([{"name": "Emojis", "values": [{"name": "parcel", "displayName": "📦"}]}]);
    begins(&mut console, "i2", &configuration);
    console.keys("Alt+2");
    console.typed("a :parcel: b :tada: :par");
    console.keys("Tab");
    assert_eq!(console.state.session().unwrap().draft.text(), "a 📦 b :tada: 📦");
    console.keys("Alt+1");
    console.typed(":parcel: :tada:");
    assert_eq!(console.state.session().unwrap().draft.text(), ":parcel: 🎉");
}

#[test]
fn a_list_of_emoji_that_is_not_there_is_told_once_and_all_are_offered() {
    let mut console = TestConsole::new();
    let mut configuration = server(EMOJIS, [Some("Emojiz"), None, None]);
    configuration["businessAttributes"] = json!([{"name": "Emojis", "values": []}]);
    for id in ["i1", "i2"] {
        begins(&mut console, id, &configuration);
    }
    let told =
        console.state.notices.newest_first().filter(|notice| notice.text.contains("\"Emojiz\"")).count();
    assert_eq!(told, 1);
    console.typed(":tada:");
    assert_eq!(console.state.session().unwrap().draft.text(), "🎉");
}
