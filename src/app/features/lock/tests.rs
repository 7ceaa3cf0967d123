//! The lock: while it is on, the user can only unlock the console or sign out.

use crate::app::core::effect::Effect;
use crate::app::core::layer::Layer;
use crate::app::core::msg::{Link, What};
use crate::app::core::settings::Settings;
use crate::app::features::lock::AuthFailure;
use crate::app::test_console::TestConsole;
use crate::domain::{Millis, OperationId};
use crate::proto::request::Request;
use secrecy::ExposeSecret;
use serde_json::json;
use std::time::Duration;

fn console() -> TestConsole {
    let mut console = TestConsole::new();
    console.open("i1");
    console.typed("draft");
    console.wanted.clear();
    console
}

/// The password that the server is asked about, with the name of the question.
fn asked(console: &mut TestConsole) -> Option<(OperationId, String)> {
    console.wanted.drain(..).find_map(|effect| match effect {
        Effect::Authenticate { operation, password } => {
            Some((operation, password.secret().expose_secret().to_owned()))
        }
        _ => None,
    })
}

fn tries(console: &mut TestConsole, password: &str, result: Result<(), AuthFailure>) {
    console.typed(password);
    console.keys("Enter");
    let (operation, typed) = asked(console).unwrap();
    assert_eq!(typed, password);
    console.tell(What::Authenticated { operation, result });
}

fn trouble(console: &TestConsole) -> String {
    let lock = console.state.lock.as_ref().unwrap();
    lock.trouble.as_ref().map_or(String::new(), ToString::to_string)
}

#[test]
fn a_locked_desk_does_nothing_and_unlocks_with_the_password() {
    let mut console = console();
    console.keys("Alt+Z");
    assert!(console.wanted.contains(&Effect::Title("deskline: locked".into())));
    console.interaction("i2", "Invited");
    console.wanted.clear();
    console.keys("F2 F3 Ctrl+D Ctrl+K Alt+S F4 Ctrl+C F10 Ctrl+Z");
    assert!(console.wanted.is_empty() && console.state.layers.is_empty(), "{:?}", console.wanted);
    assert!(!console.state.ending);
    console.tell(What::Paste("x\n".into()));
    console.keys("Backspace");
    assert_eq!(console.state.session().unwrap().draft.text(), "draft");
    console.keys("Enter");
    assert!(asked(&mut console).is_none(), "nothing is no password");
    tries(&mut console, "secret", Ok(()));
    assert!(console.state.lock.is_none());
    assert_eq!(console.state.session().unwrap().draft.text(), "draft", "drafts stay");
    assert!(console.wanted.contains(&Effect::Title("deskline: 1 to answer".into())));
}

#[test]
fn a_wrong_password_is_said_and_after_a_few_one_has_to_wait() {
    let mut console = console();
    console.keys("Alt+Z");
    for _ in 0..2 {
        tries(&mut console, "wrong", Err(AuthFailure::Wrong));
        assert_eq!(trouble(&console), "that is not your password");
    }
    tries(&mut console, "wrong", Err(AuthFailure::Wrong));
    assert_eq!(trouble(&console), "that is not your password; wait 2 s before the next");
    console.typed("secret");
    console.keys("Enter");
    assert!(asked(&mut console).is_none());
    assert_eq!(trouble(&console), "too many wrong passwords: try again in 2 s");
    console.later(2000);
    console.keys("Enter");
    let (operation, typed) = asked(&mut console).unwrap();
    assert_eq!(typed, "secret");
    console.tell(What::Authenticated { operation: "another".into(), result: Ok(()) });
    assert!(console.state.lock.is_some(), "only the answer to this question counts");
    console.tell(What::Authenticated { operation, result: Ok(()) });
    assert!(console.state.lock.is_none());
}

#[test]
fn a_server_that_cannot_be_reached_leaves_it_locked_with_a_sentence() {
    let mut console = console();
    console.keys("Alt+Z");
    tries(&mut console, "secret", Err(AuthFailure::Unknown("desk.example:443 cannot be reached".into())));
    assert_eq!(
        trouble(&console),
        "the password could not be checked, so the desk stays locked: desk.example:443 cannot be reached"
    );
    tries(&mut console, "secret", Ok(()));
    assert!(console.state.lock.is_none());
}

#[test]
fn a_password_is_never_written_down() {
    let mut console = console();
    console.keys("Alt+Z");
    console.typed("hunter2");
    assert!(!format!("{:?}", console.state).contains("hunter2"));
    console.keys("Enter");
    assert!(!format!("{:?}", console.wanted).contains("hunter2"));
    assert!(console.state.lock.as_ref().unwrap().password.is_empty(), "it is gone once it was asked about");
}

#[test]
fn title_and_bell_tell_nothing_while_it_is_locked() {
    let mut console = console();
    console.open("i2");
    console.keys("Alt+Z");
    console.wanted.clear();
    console.says("i1", 1, "Customer", "a");
    console.says("i2", 1, "Customer", "a");
    let told = |effect: &Effect| {
        matches!(effect, Effect::Bell)
            || matches!(effect, Effect::Title(t) if t.as_str() != "deskline: locked")
    };
    assert!(!console.wanted.iter().any(told), "{:?}", console.wanted);
    let unread: usize = console.state.sessions.iter().map(|session| session.unread).sum();
    assert_eq!(unread, 2, "messages keep arriving, and nobody has seen them");
    console.interaction("i3", "Invited");
    assert!(console.wanted.contains(&Effect::Bell), "an invitation rings");
}

#[test]
fn signing_out_is_possible_and_is_asked_about() {
    let mut console = console();
    console.keys("Alt+Z Alt+Q Esc");
    assert!(console.wanted.iter().all(|effect| !matches!(effect, Effect::SignOut(_))));
    console.keys("Alt+Q Enter");
    assert!(console.wanted.iter().any(|effect| matches!(effect, Effect::SignOut(_))));
    let mut console = self::console();
    console.keys("Alt+Z");
    console.tell(What::Link(Link::Lost { reason: "gone".into(), retry_at: Millis(console.at + 9000) }));
    console.keys("Alt+Q Enter");
    assert!(console.state.ending && console.wanted.contains(&Effect::Quit));
}

#[test]
fn a_desk_that_nobody_uses_locks_by_itself_with_one_wake() {
    let settings = Settings { lock_after: Some(Duration::from_secs(600)), ..Settings::default() };
    let mut console = TestConsole::with(settings);
    console.keys("Esc");
    assert_eq!(
        console.state.next_wake(),
        Some(Millis(console.at + 600_000)),
        "one moment, and nothing before it"
    );
    console.later(599_999);
    assert!(console.state.lock.is_none());
    console.keys("Esc");
    console.later(599_999);
    assert!(console.state.lock.is_none(), "a key begins it anew");
    console.later(1);
    assert!(console.state.lock.as_ref().is_some_and(|lock| lock.by_itself));
    assert_eq!(console.state.next_wake(), None, "a locked desk has nothing to wake up for");
    // A key that comes late does nothing but begin a password.
    let mut console =
        TestConsole::with(Settings { lock_after: Some(Duration::from_secs(60)), ..Settings::default() });
    console.at += 61_000;
    console.keys("Alt+Q");
    assert!(console.state.lock.is_some() && console.state.layers.is_empty());
}

#[test]
fn the_shorter_of_the_two_times_holds() {
    let local = [("deskline.lock-after", "5")].into_iter().collect();
    let console = TestConsole::with(Settings {
        lock_after: Some(Duration::from_secs(900)),
        local,
        ..Settings::default()
    });
    assert_eq!(console.state.lock_after(), Some(Duration::from_secs(300)));
    assert_eq!(TestConsole::new().state.lock_after(), None);
}

fn locked_with(options: &[(&str, &str)], state: &str, reason: Option<&str>) -> Vec<Request> {
    let local = options.iter().copied().collect();
    let mut console = TestConsole::with(Settings { local, ..Settings::default() });
    let reasons: Vec<_> =
        reason.into_iter().map(|code| json!({"key": "ReasonCode", "type": "str", "value": code})).collect();
    console.event(
        "/workspace/v3/media",
        json!({"messageType": "ChannelStateChanged", "media": {"channels": [
            {"name": "whatsappsession", "state": state, "reasons": reasons}]}}),
    );
    console.asked();
    console.keys("Alt+Z");
    console.asked().into_iter().map(|(_, request)| request).collect()
}

#[test]
fn locking_makes_not_ready_as_the_options_say() {
    let set = ("security.session-lock-set-agent-not-ready", "true");
    let reason = ("security.session-lock-not-ready-reason", "Lunch");
    let force = ("security.session-lock-force-not-ready-state", "true");
    let not_ready = |reason: Option<&str>| {
        vec![Request::NotReady {
            channel: "whatsappsession".into(),
            reason: reason.map(Into::into),
            after_call_work: false,
        }]
    };
    assert_eq!(locked_with(&[], "Ready", None), []);
    assert_eq!(locked_with(&[set], "Ready", None), not_ready(None));
    assert_eq!(locked_with(&[set, reason], "Ready", None), not_ready(Some("L")));
    assert_eq!(locked_with(&[set, reason], "NotReady", Some("X")), []);
    assert_eq!(locked_with(&[set, reason, force], "NotReady", Some("X")), not_ready(Some("L")));
    assert_eq!(locked_with(&[set, force], "LoggedOut", None), []);
}

#[test]
fn the_status_is_not_set_back_by_unlocking() {
    let local = [("security.session-lock-set-agent-not-ready", "true")].into_iter().collect();
    let mut console = TestConsole::with(Settings { local, ..Settings::default() });
    console.keys("Alt+Z");
    console.asked();
    tries(&mut console, "secret", Ok(()));
    assert!(console.asked().is_empty());
}

#[test]
fn settings_that_are_read_again_lock_a_desk_that_nobody_uses() {
    let mut console = TestConsole::with(Settings::default());
    console.keys("Esc");
    console.later(90_000);
    assert!(console.state.lock.is_none());
    let settings = Box::new(Settings { lock_after: Some(Duration::from_secs(60)), ..Settings::default() });
    console.tell(What::Settings { settings, restart: Vec::new() });
    assert!(console.state.lock.is_some());
}

#[test]
fn a_form_under_the_lock_keeps_what_is_in_it_and_takes_nothing() {
    let mut console = console();
    console.keys("F7");
    console.typed("half a note");
    console.keys("Alt+Z");
    assert!(console.state.lock.is_some(), "it can be locked from everywhere");
    console.typed("secret");
    console.keys("Enter");
    let (operation, _) = asked(&mut console).unwrap();
    console.tell(What::Authenticated { operation, result: Ok(()) });
    assert!(console.state.lock.is_none());
    let note = console.state.session().unwrap().note.as_ref().map(|note| note.text.clone());
    assert_eq!(note.as_deref(), Some("half a note"));
    assert!(matches!(console.state.layers.last(), Some(Layer::Form(_))));
    assert_eq!(console.state.session().unwrap().draft.text(), "draft");
}

#[test]
fn what_is_held_leaves_behind_the_lock() {
    let held = Settings { undo_send: Duration::from_secs(5), send_typing: false, ..Settings::default() };
    let mut console = TestConsole::with(held);
    console.open("i1");
    console.typed("hello");
    console.keys("Enter Alt+Z");
    console.asked();
    assert!(console.state.lock.is_some());
    console.later(5000);
    assert_eq!(console.names(), ["send-message"]);
}
