//! The lock: nothing can be done but unlock the desk or sign out.

use super::Desk;
use crate::app::core::effect::Effect;
use crate::app::core::layer::Layer;
use crate::app::core::msg::{Link, What};
use crate::app::core::settings::Settings;
use crate::app::features::lock::AuthFailure;
use crate::domain::{Millis, OperationId};
use crate::proto::request::Request;
use secrecy::ExposeSecret;
use serde_json::json;
use std::time::Duration;

fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.typed("draft");
    desk.wanted.clear();
    desk
}

/// The password that the server is asked about, with the name of the question.
fn asked(desk: &mut Desk) -> Option<(OperationId, String)> {
    desk.wanted.drain(..).find_map(|effect| match effect {
        Effect::Authenticate { operation, password } => {
            Some((operation, password.secret().expose_secret().to_owned()))
        }
        _ => None,
    })
}

fn tries(desk: &mut Desk, password: &str, result: Result<(), AuthFailure>) {
    desk.typed(password);
    desk.keys("Enter");
    let (operation, typed) = asked(desk).unwrap();
    assert_eq!(typed, password);
    desk.tell(What::Authenticated { operation, result });
}

fn trouble(desk: &Desk) -> String {
    let lock = desk.state.lock.as_ref().unwrap();
    lock.trouble.as_ref().map_or(String::new(), ToString::to_string)
}

#[test]
fn a_locked_desk_does_nothing_and_unlocks_with_the_password() {
    let mut desk = desk();
    desk.keys("Alt+Z");
    assert!(desk.wanted.contains(&Effect::Title("deskline: locked".into())));
    desk.interaction("i2", "Invited");
    desk.wanted.clear();
    desk.keys("F2 F3 Ctrl+D Ctrl+K Alt+S F4 Ctrl+C F10 Ctrl+Z");
    assert!(desk.wanted.is_empty() && desk.state.layers.is_empty(), "{:?}", desk.wanted);
    assert!(!desk.state.ending);
    desk.tell(What::Paste("x\n".into()));
    desk.keys("Backspace");
    assert_eq!(desk.state.session().unwrap().draft.text(), "draft");
    desk.keys("Enter");
    assert!(asked(&mut desk).is_none(), "nothing is no password");
    tries(&mut desk, "secret", Ok(()));
    assert!(desk.state.lock.is_none());
    assert_eq!(desk.state.session().unwrap().draft.text(), "draft", "drafts stay");
    assert!(desk.wanted.contains(&Effect::Title("deskline: 1 to answer".into())));
}

#[test]
fn a_wrong_password_is_said_and_after_a_few_one_has_to_wait() {
    let mut desk = desk();
    desk.keys("Alt+Z");
    for _ in 0..2 {
        tries(&mut desk, "wrong", Err(AuthFailure::Wrong));
        assert_eq!(trouble(&desk), "that is not your password");
    }
    tries(&mut desk, "wrong", Err(AuthFailure::Wrong));
    assert_eq!(trouble(&desk), "that is not your password; wait 2 s before the next");
    desk.typed("secret");
    desk.keys("Enter");
    assert!(asked(&mut desk).is_none());
    assert_eq!(trouble(&desk), "too many wrong passwords: try again in 2 s");
    desk.later(2000);
    desk.keys("Enter");
    let (operation, typed) = asked(&mut desk).unwrap();
    assert_eq!(typed, "secret");
    desk.tell(What::Authenticated { operation: "another".into(), result: Ok(()) });
    assert!(desk.state.lock.is_some(), "only the answer to this question counts");
    desk.tell(What::Authenticated { operation, result: Ok(()) });
    assert!(desk.state.lock.is_none());
}

#[test]
fn a_server_that_cannot_be_reached_leaves_it_locked_with_a_sentence() {
    let mut desk = desk();
    desk.keys("Alt+Z");
    tries(&mut desk, "secret", Err(AuthFailure::Unknown("desk.example:443 cannot be reached".into())));
    assert_eq!(
        trouble(&desk),
        "the password could not be checked, so the desk stays locked: desk.example:443 cannot be reached"
    );
    tries(&mut desk, "secret", Ok(()));
    assert!(desk.state.lock.is_none());
}

#[test]
fn a_password_is_never_written_down() {
    let mut desk = desk();
    desk.keys("Alt+Z");
    desk.typed("hunter2");
    assert!(!format!("{:?}", desk.state).contains("hunter2"));
    desk.keys("Enter");
    assert!(!format!("{:?}", desk.wanted).contains("hunter2"));
    assert!(desk.state.lock.as_ref().unwrap().password.is_empty(), "it is gone once it was asked about");
}

#[test]
fn title_and_bell_tell_nothing_while_it_is_locked() {
    let mut desk = desk();
    desk.open("i2");
    desk.keys("Alt+Z");
    desk.wanted.clear();
    desk.says("i1", 1, "Customer", "a");
    desk.says("i2", 1, "Customer", "a");
    let told = |effect: &Effect| {
        matches!(effect, Effect::Bell)
            || matches!(effect, Effect::Title(t) if t.as_str() != "deskline: locked")
    };
    assert!(!desk.wanted.iter().any(told), "{:?}", desk.wanted);
    let unread: usize = desk.state.sessions.iter().map(|session| session.unread).sum();
    assert_eq!(unread, 2, "messages keep arriving, and nobody has seen them");
    desk.interaction("i3", "Invited");
    assert!(desk.wanted.contains(&Effect::Bell), "an invitation rings");
}

#[test]
fn signing_out_is_possible_and_is_asked_about() {
    let mut desk = desk();
    desk.keys("Alt+Z Alt+Q Esc");
    assert!(desk.wanted.iter().all(|effect| !matches!(effect, Effect::SignOut(_))));
    desk.keys("Alt+Q Enter");
    assert!(desk.wanted.iter().any(|effect| matches!(effect, Effect::SignOut(_))));
    let mut desk = self::desk();
    desk.keys("Alt+Z");
    desk.tell(What::Link(Link::Lost { reason: "gone".into(), retry_at: Millis(desk.at + 9000) }));
    desk.keys("Alt+Q Enter");
    assert!(desk.state.ending && desk.wanted.contains(&Effect::Quit));
}

#[test]
fn a_desk_that_nobody_uses_locks_by_itself_with_one_wake() {
    let settings = Settings { lock_after: Some(Duration::from_secs(600)), ..Settings::default() };
    let mut desk = Desk::with(settings);
    desk.keys("Esc");
    assert_eq!(desk.state.next_wake(), Some(Millis(desk.at + 600_000)), "one moment, and nothing before it");
    desk.later(599_999);
    assert!(desk.state.lock.is_none());
    desk.keys("Esc");
    desk.later(599_999);
    assert!(desk.state.lock.is_none(), "a key begins it anew");
    desk.later(1);
    assert!(desk.state.lock.as_ref().is_some_and(|lock| lock.by_itself));
    assert_eq!(desk.state.next_wake(), None, "a locked desk has nothing to wake up for");
    // A key that comes late does nothing but begin a password.
    let mut desk = Desk::with(Settings { lock_after: Some(Duration::from_secs(60)), ..Settings::default() });
    desk.at += 61_000;
    desk.keys("Alt+Q");
    assert!(desk.state.lock.is_some() && desk.state.layers.is_empty());
}

#[test]
fn the_shorter_of_the_two_times_holds() {
    let local = [("deskline.lock-after", "5")].into_iter().collect();
    let desk =
        Desk::with(Settings { lock_after: Some(Duration::from_secs(900)), local, ..Settings::default() });
    assert_eq!(desk.state.lock_after(), Some(Duration::from_secs(300)));
    assert_eq!(Desk::new().state.lock_after(), None);
}

fn locked_with(options: &[(&str, &str)], state: &str, reason: Option<&str>) -> Vec<Request> {
    let local = options.iter().copied().collect();
    let mut desk = Desk::with(Settings { local, ..Settings::default() });
    let reasons: Vec<_> =
        reason.into_iter().map(|code| json!({"key": "ReasonCode", "type": "str", "value": code})).collect();
    desk.event(
        "/workspace/v3/media",
        json!({"messageType": "ChannelStateChanged", "media": {"channels": [
            {"name": "whatsappsession", "state": state, "reasons": reasons}]}}),
    );
    desk.asked();
    desk.keys("Alt+Z");
    desk.asked().into_iter().map(|(_, request)| request).collect()
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
    let mut desk = Desk::with(Settings { local, ..Settings::default() });
    desk.keys("Alt+Z");
    desk.asked();
    tries(&mut desk, "secret", Ok(()));
    assert!(desk.asked().is_empty());
}

#[test]
fn settings_that_are_read_again_lock_a_desk_that_nobody_uses() {
    let mut desk = Desk::with(Settings::default());
    desk.keys("Esc");
    desk.later(90_000);
    assert!(desk.state.lock.is_none());
    let settings = Box::new(Settings { lock_after: Some(Duration::from_secs(60)), ..Settings::default() });
    desk.tell(What::Settings { settings, restart: Vec::new() });
    assert!(desk.state.lock.is_some());
}

#[test]
fn a_form_under_the_lock_keeps_what_is_in_it_and_takes_nothing() {
    let mut desk = desk();
    desk.keys("F7");
    desk.typed("half a note");
    desk.keys("Alt+Z");
    assert!(desk.state.lock.is_some(), "it can be locked from everywhere");
    desk.typed("secret");
    desk.keys("Enter");
    let (operation, _) = asked(&mut desk).unwrap();
    desk.tell(What::Authenticated { operation, result: Ok(()) });
    assert!(desk.state.lock.is_none());
    let note = desk.state.session().unwrap().note.as_ref().map(|note| note.text.clone());
    assert_eq!(note.as_deref(), Some("half a note"));
    assert!(matches!(desk.state.layers.last(), Some(Layer::Form(_))));
    assert_eq!(desk.state.session().unwrap().draft.text(), "draft");
}

#[test]
fn what_is_held_leaves_behind_the_lock() {
    let held = Settings { undo_send: Duration::from_secs(5), send_typing: false, ..Settings::default() };
    let mut desk = Desk::with(held);
    desk.open("i1");
    desk.typed("hello");
    desk.keys("Enter Alt+Z");
    desk.asked();
    assert!(desk.state.lock.is_some());
    desk.later(5000);
    assert_eq!(desk.names(), ["send-message"]);
}
