//! How the console deals with a terminal that pastes line by line, and with having been killed.

use super::Desk;
use crate::app::core::effect::Effect;
use crate::app::core::key::Key;
use crate::app::core::layer::Layer;
use crate::app::core::msg::What;
use crate::app::core::notice::Level;
use crate::domain::InteractionId;

fn in_session() -> Desk {
    let mut desk = Desk::new();
    desk.open("i1");
    desk.asked();
    desk
}

impl Desk {
    /// A line and its Enter arrive together, as the terminal's reader delivers them.
    fn pasted_line(&mut self, text: &str) {
        self.typed(text);
        self.tell(What::Paste("\n".into()));
    }

    fn written(&self) -> &str {
        self.state.session().unwrap().draft.text()
    }

    fn notices(&self, words: &str) -> usize {
        self.state.notices.newest_first().filter(|notice| notice.text.contains(words)).count()
    }

    fn unread(&self, id: &str) -> usize {
        self.state.by_id(&InteractionId::from(id)).unwrap().unread
    }
}

#[test]
fn a_pasted_line_is_sent_by_the_next_enter() {
    let mut desk = in_session();
    desk.pasted_line("one");
    desk.pasted_line("two");
    assert_eq!((desk.sent().len(), desk.written()), (0, "one\ntwo\n"));
    assert_eq!(desk.notices("Looks pasted: press Enter to send"), 1, "said once");
    desk.keys("Enter");
    assert_eq!(desk.sent().into_iter().map(|(_, text)| text).collect::<Vec<_>>(), ["one\ntwo"]);
    desk.pasted_line("three");
    assert_eq!(desk.notices("Looks pasted: press Enter to send"), 2, "said for the next one");
}

#[test]
fn a_pasted_line_with_a_slash_is_no_command() {
    let mut desk = in_session();
    desk.pasted_line("/done");
    desk.keys("Enter");
    assert!(matches!(desk.state.layers.last(), Some(Layer::Confirm(_))));
    assert!(desk.sent().is_empty());
    assert_eq!(desk.written(), "/done");
}

#[test]
fn a_pasted_line_chooses_nothing_in_a_list() {
    let mut desk = in_session();
    desk.keys("Ctrl+K");
    desk.pasted_line("lock");
    assert!(!desk.state.layers.is_empty() && desk.state.lock.is_none());
    assert_eq!(desk.notices("press Enter to go on"), 1);
}

#[test]
fn a_paste_that_is_too_long_says_so() {
    let mut desk = in_session();
    desk.tell(What::Paste("ñ".repeat(1024 * 1024)));
    assert_eq!(desk.written().len(), 1024 * 1024);
    let notice = desk.state.notices.newest_first().next().unwrap();
    assert!(notice.level == Level::Warning && notice.text.contains("its end was left out"));
}

#[test]
fn what_is_in_sight_is_kept_as_looked_at() {
    let mut desk = in_session();
    desk.tell(What::Seen { entries: Vec::new(), last: None });
    desk.wanted.clear();
    desk.says("i1", 1, "Customer", "a");
    desk.says("i1", 2, "Customer", "b");
    let kept = |entry| Effect::KeepSeen { session: "i1".into(), entry };
    let seen = |desk: &Desk| {
        let kept = desk.wanted.iter().filter(|effect| matches!(effect, Effect::KeepSeen { .. }));
        kept.cloned().collect::<Vec<_>>()
    };
    assert_eq!(seen(&desk), [kept(1), kept(2)]);
    desk.wanted.clear();
    desk.tell(What::Focus(false));
    desk.says("i1", 3, "Customer", "c");
    assert_eq!(seen(&desk), []);
    desk.tell(What::Focus(true));
    assert_eq!(seen(&desk), [kept(3)]);
}

#[test]
fn a_session_read_before_the_kill_has_nothing_unread() {
    for answer_first in [true, false] {
        let mut desk = Desk::new();
        let seen = What::Seen { entries: vec![("i1".into(), 2), ("i2".into(), 1)], last: Some("i2".into()) };
        if answer_first {
            desk.tell(seen.clone());
        }
        for id in ["i1", "i2", "i3"] {
            desk.interaction(id, "Processing");
        }
        for (id, last) in [("i1", 3), ("i2", 1), ("i3", 2)] {
            for index in 1..=last {
                desk.says(id, index, "Customer", "words");
            }
        }
        if !answer_first {
            desk.tell(seen);
        }
        assert_eq!(desk.state.shown, Some("i2".into()), "the one shown before");
        assert_eq!(desk.unread("i2"), 0);
        // The session that opened first was in view for a moment when the answer came late.
        assert_eq!(desk.unread("i1"), if answer_first { 1 } else { 0 });
        assert_eq!(desk.unread("i3"), 2);
        let read = |id: &str| desk.state.by_id(&id.into()).unwrap().read.upto();
        assert!(read("i1") >= 2, "an act that ends it says so too");
        assert_eq!(read("i3"), 0);
    }
}

#[test]
fn what_the_agent_shows_stays_shown() {
    let mut desk = Desk::new();
    desk.tell(What::Seen { entries: Vec::new(), last: Some("i2".into()) });
    desk.interaction("i1", "Processing");
    desk.tell(What::Key(Key::parse("x").unwrap()));
    desk.interaction("i2", "Processing");
    assert_eq!(desk.state.shown, Some("i1".into()));
}
