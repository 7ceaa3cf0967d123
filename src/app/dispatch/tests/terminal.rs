//! How the console deals with a terminal that pastes line by line, and with having been killed.

use crate::app::core::effect::Effect;
use crate::app::core::key::Key;
use crate::app::core::layer::Layer;
use crate::app::core::msg::What;
use crate::app::core::notice::Level;
use crate::app::test_console::TestConsole;
use crate::domain::InteractionId;

fn in_session() -> TestConsole {
    let mut console = TestConsole::new();
    console.open("i1");
    console.asked();
    console
}

impl TestConsole {
    /// A line and its Enter arrive together, as the terminal's reader delivers them.
    pub(in crate::app) fn pasted_line(&mut self, text: &str) {
        self.typed(text);
        self.tell(What::Paste("\n".into()));
    }

    pub(in crate::app) fn written(&self) -> &str {
        self.state.session().unwrap().draft.text()
    }

    pub(in crate::app) fn notices(&self, words: &str) -> usize {
        self.state.notices.newest_first().filter(|notice| notice.text.contains(words)).count()
    }

    pub(in crate::app) fn unread(&self, id: &str) -> usize {
        self.state.by_id(&InteractionId::from(id)).unwrap().unread
    }
}

#[test]
fn a_pasted_line_is_sent_by_the_next_enter() {
    let mut console = in_session();
    console.pasted_line("one");
    console.pasted_line("two");
    assert_eq!((console.sent().len(), console.written()), (0, "one\ntwo\n"));
    assert_eq!(console.notices("Looks pasted: press Enter to send"), 1, "said once");
    console.keys("Enter");
    assert_eq!(console.sent().into_iter().map(|(_, text)| text).collect::<Vec<_>>(), ["one\ntwo"]);
    console.pasted_line("three");
    assert_eq!(console.notices("Looks pasted: press Enter to send"), 2, "said for the next one");
}

#[test]
fn a_pasted_line_with_a_slash_is_no_command() {
    let mut console = in_session();
    console.pasted_line("/done");
    console.keys("Enter");
    assert!(matches!(console.state.layers.last(), Some(Layer::Confirm(_))));
    assert!(console.sent().is_empty());
    assert_eq!(console.written(), "/done");
}

#[test]
fn a_pasted_line_chooses_nothing_in_a_list() {
    let mut console = in_session();
    console.keys("Ctrl+K");
    console.pasted_line("lock");
    assert!(!console.state.layers.is_empty() && console.state.lock.is_none());
    assert_eq!(console.notices("press Enter to go on"), 1);
}

#[test]
fn a_paste_that_is_too_long_says_so() {
    let mut console = in_session();
    console.tell(What::Paste("ñ".repeat(1024 * 1024)));
    assert_eq!(console.written().len(), 1024 * 1024);
    let notice = console.state.notices.newest_first().next().unwrap();
    assert!(notice.level == Level::Warning && notice.text.contains("its end was left out"));
}

#[test]
fn what_is_in_sight_is_kept_as_looked_at() {
    let mut console = in_session();
    console.tell(What::Seen { entries: Vec::new(), last: None });
    console.wanted.clear();
    console.says("i1", 1, "Customer", "a");
    console.says("i1", 2, "Customer", "b");
    let kept = |entry| Effect::KeepSeen { session: "i1".into(), entry };
    let seen = |console: &TestConsole| {
        let kept = console.wanted.iter().filter(|effect| matches!(effect, Effect::KeepSeen { .. }));
        kept.cloned().collect::<Vec<_>>()
    };
    assert_eq!(seen(&console), [kept(1), kept(2)]);
    console.wanted.clear();
    console.tell(What::Focus(false));
    console.says("i1", 3, "Customer", "c");
    assert_eq!(seen(&console), []);
    console.tell(What::Focus(true));
    assert_eq!(seen(&console), [kept(3)]);
}

#[test]
fn a_session_read_before_the_kill_has_nothing_unread() {
    for answer_first in [true, false] {
        let mut console = TestConsole::new();
        let seen = What::Seen { entries: vec![("i1".into(), 2), ("i2".into(), 1)], last: Some("i2".into()) };
        if answer_first {
            console.tell(seen.clone());
        }
        for id in ["i1", "i2", "i3"] {
            console.interaction(id, "Processing");
        }
        for (id, last) in [("i1", 3), ("i2", 1), ("i3", 2)] {
            for index in 1..=last {
                console.says(id, index, "Customer", "words");
            }
        }
        if !answer_first {
            console.tell(seen);
        }
        assert_eq!(console.state.shown, Some("i2".into()), "the one shown before");
        assert_eq!(console.unread("i2"), 0);
        // The session that opened first was in view for a moment when the answer came late.
        assert_eq!(console.unread("i1"), if answer_first { 1 } else { 0 });
        assert_eq!(console.unread("i3"), 2);
        let read = |id: &str| console.state.by_id(&id.into()).unwrap().read.upto();
        assert!(read("i1") >= 2, "an act that ends it says so too");
        assert_eq!(read("i3"), 0);
    }
}

#[test]
fn what_the_agent_shows_stays_shown() {
    let mut console = TestConsole::new();
    console.tell(What::Seen { entries: Vec::new(), last: Some("i2".into()) });
    console.interaction("i1", "Processing");
    console.tell(What::Key(Key::parse("x").unwrap()));
    console.interaction("i2", "Processing");
    assert_eq!(console.state.shown, Some("i1".into()));
}
