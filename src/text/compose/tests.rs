//! Editing: motions, undo, kills, history and layout.

use proptest::prelude::*;

use super::*;

const FAMILY: &str = "👩‍👩‍👧‍👦";

fn with(text: &str) -> Composer {
    let mut composer = Composer::new();
    composer.paste(text);
    composer
}

fn typed(text: &str) -> Composer {
    let mut composer = Composer::new();
    for c in text.chars() {
        composer.insert(&c.to_string());
    }
    composer
}

fn shown(composer: &Composer, width: u16, max_rows: u16) -> Vec<&str> {
    composer.layout(width, max_rows).rows.iter().map(|row| row.of(composer.text())).collect()
}

#[test]
fn backspace_and_delete_take_a_whole_cluster() {
    let mut composer = with(&format!("a{FAMILY}e\u{301}🇧🇷"));
    composer.backspace();
    composer.backspace();
    assert_eq!(composer.text(), format!("a{FAMILY}"));
    composer.backspace();
    assert_eq!(composer.text(), "a");
    composer.paste(FAMILY);
    composer.left();
    composer.delete();
    assert_eq!(composer.text(), "a");
    composer.backspace();
    composer.backspace();
    assert!(composer.is_empty());
}

#[test]
fn a_cluster_typed_in_parts_is_one_to_the_cursor() {
    let mut composer = typed("x👩\u{200d}🚀e\u{301}");
    assert_eq!(composer.cursor(), composer.len_bytes());
    composer.left();
    composer.left();
    assert_eq!(composer.cursor(), 1);
}

#[test]
fn input_is_kept_but_for_controls() {
    let mut composer = with("a\r\nb\rc\td\u{1b}[31m\u{7}\u{202e}\u{2028}é e\u{301}\u{200b}");
    assert_eq!(composer.text(), "a\nb\nc    d[31m\né e\u{301}\u{200b}");
    composer.set_text("x\u{9b}\r\n".to_owned());
    assert_eq!(composer.text(), "x\n");
}

#[test]
fn typing_is_undone_word_by_word() {
    let mut composer = typed("hello big world");
    composer.undo();
    assert_eq!(composer.text(), "hello big ");
    composer.undo();
    assert_eq!(composer.text(), "hello ");
    assert!(composer.redo());
    assert_eq!((composer.text(), composer.cursor()), ("hello big ", 10));
    composer.insert("x");
    assert!(!composer.redo());
    composer.undo();
    composer.undo();
    assert!(composer.undo());
    assert!(composer.is_empty() && !composer.undo());
}

#[test]
fn a_motion_parts_typing_and_a_paste_is_one_step() {
    let mut composer = typed("ab");
    composer.left();
    composer.right();
    composer.insert("c");
    composer.undo();
    assert_eq!(composer.text(), "ab");
    composer.paste("one two\r\nthree");
    composer.undo();
    assert_eq!(composer.text(), "ab");
}

#[test]
fn take_empties_and_remembers() {
    let mut composer = with("first");
    assert_eq!(composer.take(), "first");
    assert!(composer.is_empty() && composer.cursor() == 0 && !composer.undo());
    composer.paste("  ");
    composer.take();
    composer.paste("draft");
    assert!(composer.history_prev());
    assert_eq!(composer.text(), "first");
    assert!(!composer.history_prev());
    assert!(composer.history_next());
    assert_eq!((composer.text(), composer.cursor()), ("draft", 5));
    assert!(!composer.history_next());
}

#[test]
fn history_is_bounded_and_without_repeats() {
    let mut composer = Composer::new();
    for n in 0..150 {
        for _ in 0..2 {
            composer.paste(&n.to_string());
            composer.take();
        }
    }
    let mut seen = Vec::new();
    while composer.history_prev() {
        seen.push(composer.text().to_owned());
    }
    assert_eq!(seen.len(), 100);
    assert_eq!(seen.first().map(String::as_str), Some("149"));
    assert_eq!(seen.last().map(String::as_str), Some("50"));
}

#[test]
fn set_text_can_be_undone() {
    let mut composer = with("mine");
    composer.set_text("a standard response".to_owned());
    assert_eq!(composer.cursor(), composer.len_bytes());
    composer.undo();
    assert_eq!(composer.text(), "mine");
}

#[test]
fn words_are_letters_and_emoji_and_not_punctuation() {
    let mut composer = with("don't stop, 👍 (now)");
    composer.buffer_start();
    composer.word_right();
    assert_eq!(composer.cursor(), "don't".len());
    composer.word_right();
    assert_eq!(composer.cursor(), "don't stop".len());
    composer.word_right();
    assert_eq!(composer.cursor(), "don't stop, 👍".len());
    composer.word_right();
    assert_eq!(composer.cursor(), "don't stop, 👍 (now".len());
    composer.word_right();
    assert_eq!(composer.cursor(), composer.len_bytes());
    composer.word_left();
    assert_eq!(composer.cursor(), "don't stop, 👍 (".len());
    composer.word_left();
    assert_eq!(composer.cursor(), "don't stop, ".len());
}

#[test]
fn home_and_end_stay_on_the_line() {
    let mut composer = with("one\ntwo\nthree");
    composer.home();
    assert_eq!(composer.cursor(), 8);
    composer.left();
    composer.home();
    assert_eq!(composer.cursor(), 4);
    composer.end();
    assert_eq!(composer.cursor(), 7);
    composer.buffer_start();
    composer.end();
    assert_eq!(composer.cursor(), 3);
    composer.buffer_end();
    assert_eq!(composer.cursor(), 13);
}

#[test]
fn kills_in_a_row_are_yanked_as_one() {
    let mut composer = with("one two three\nfour");
    composer.buffer_start();
    composer.kill_word_forward();
    composer.kill_word_forward();
    composer.kill_to_end();
    composer.kill_to_end();
    assert_eq!(composer.text(), "four");
    composer.yank();
    assert_eq!(composer.text(), "one two three\nfour");

    composer.buffer_end();
    composer.kill_word_back();
    composer.kill_to_start();
    assert_eq!(composer.text(), "one two three");
    composer.yank();
    assert_eq!(composer.text(), "one two three\nfour");

    composer.left();
    composer.kill_to_end();
    composer.home();
    composer.yank();
    assert_eq!(composer.text(), "one two three\nrfou");
}

#[test]
fn ctrl_u_clears_the_line() {
    let mut composer = typed("/transfer agent kate");
    composer.kill_to_start();
    assert!(composer.is_empty());
    composer.undo();
    assert_eq!(composer.text(), "/transfer agent kate");
}

#[test]
fn up_and_down_keep_the_column() {
    let mut composer = with("long line\nab\nlong line");
    assert!(!composer.down(20));
    assert_eq!(composer.cursor(), 22);
    assert!(composer.up(20));
    assert_eq!(composer.cursor(), 12);
    assert!(composer.up(20));
    assert_eq!(composer.cursor(), 9);
    assert!(!composer.up(20));
    assert_eq!(composer.cursor(), 9);
    assert!(composer.down(20) && composer.down(20));
    assert_eq!(composer.cursor(), 22);
}

#[test]
fn up_and_down_move_by_drawn_rows() {
    // Four columns and the cursor's: abcd / efgh / ij
    let mut composer = with("abcdefghij");
    assert!(composer.up(5));
    assert_eq!(composer.cursor(), 6);
    assert!(composer.up(5));
    assert_eq!(composer.cursor(), 2);
    composer.go(7);
    assert!(composer.up(5));
    assert_eq!(composer.cursor(), 3);
    // The position after the last cell of a cut row is the start of the next row.
    composer.set_text("abcdefgh\nwxyz".to_owned());
    assert!(composer.up(5) && composer.up(5));
    assert_eq!(composer.cursor(), 3);
}

#[test]
fn the_layout_grows_and_then_keeps_the_cursor_in_view() {
    let mut composer = with("a\nb\nc\nd\ne");
    assert_eq!(shown(&composer, 10, 9), ["a", "b", "c", "d", "e"]);
    let view = composer.layout(10, 3);
    assert_eq!((view.first_row, view.cursor_row, view.cursor_col), (2, 2, 1));
    assert_eq!(shown(&composer, 10, 3), ["c", "d", "e"]);
    composer.buffer_start();
    let view = composer.layout(10, 3);
    assert_eq!((view.first_row, view.cursor_row, view.cursor_col), (0, 0, 0));
    assert_eq!(Composer::new().layout(10, 3).rows.len(), 1);
}

#[test]
fn the_cursor_is_where_the_next_letter_will_be() {
    let composer = with("日本");
    assert_eq!(composer.layout(10, 3).cursor_col, 4);
    let composer = with("abc    ");
    assert_eq!(composer.layout(5, 3).cursor_col, 4);
    let composer = with("abcd\n");
    let view = composer.layout(5, 3);
    assert_eq!((view.cursor_row, view.cursor_col), (1, 0));
}

#[test]
fn an_emoji_name_is_seen_while_it_is_typed() {
    let composer = typed("hi :wa");
    assert_eq!(composer.emoji_prefix(), Some((3..6, "wa")));
    for text in [":w", "10:30", "a::b", "http://x", ": wa", "wa", "a:bc", ""] {
        assert_eq!(typed(text).emoji_prefix(), None, "{text}");
    }
    let mut composer = typed("(:+1");
    let (range, _) = composer.emoji_prefix().unwrap();
    composer.replace(range, "👍");
    assert_eq!(composer.text(), "(👍");
    composer.undo();
    assert_eq!(composer.text(), "(:+1");
}

#[test]
fn a_range_that_cuts_a_cluster_is_widened() {
    let mut composer = with(&format!("a{FAMILY}b"));
    composer.replace(3..5, "x");
    assert_eq!(composer.text(), "axb");
    composer.replace(7..99, "!");
    assert_eq!(composer.text(), "axb!");
}

#[derive(Clone, Debug)]
enum Act {
    Insert(String),
    Paste(String),
    Replace(usize, usize, String),
    Up(u16),
    Down(u16),
    Do(fn(&mut Composer)),
    Try(fn(&mut Composer) -> bool),
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        prop::sample::select(vec![
            "a",
            " ",
            "\n",
            "word",
            FAMILY,
            "👩",
            "\u{200d}",
            "🇧",
            "\u{301}",
            "e\u{301}",
            "日本",
            "ｶﾞ",
            "\t",
            "\u{1b}",
            "\r\n",
            "क्\u{200d}ष",
            "ع",
        ])
        .prop_map(str::to_owned),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let plain: Vec<fn(&mut Composer)> = vec![
        Composer::newline,
        Composer::backspace,
        Composer::delete,
        Composer::left,
        Composer::right,
        Composer::word_left,
        Composer::word_right,
        Composer::home,
        Composer::end,
        Composer::buffer_start,
        Composer::buffer_end,
        Composer::kill_to_end,
        Composer::kill_to_start,
        Composer::kill_word_back,
        Composer::kill_word_forward,
        Composer::yank,
    ];
    let tried: Vec<fn(&mut Composer) -> bool> = vec![Composer::undo, Composer::redo];
    prop_oneof![
        3 => piece().prop_map(Act::Insert),
        1 => piece().prop_map(Act::Paste),
        1 => (0usize..40, 0usize..40, piece()).prop_map(|(from, to, with)| Act::Replace(from, to, with)),
        1 => (0u16..9).prop_map(Act::Up),
        1 => (0u16..9).prop_map(Act::Down),
        6 => prop::sample::select(plain).prop_map(Act::Do),
        2 => prop::sample::select(tried).prop_map(Act::Try),
    ]
}

fn apply(composer: &mut Composer, act: &Act) {
    match act {
        Act::Insert(text) => composer.insert(text),
        Act::Paste(text) => composer.paste(text),
        Act::Replace(from, to, with) => composer.replace(*from..*to, with),
        Act::Up(width) => drop(composer.up(*width)),
        Act::Down(width) => drop(composer.down(*width)),
        Act::Do(act) => act(composer),
        Act::Try(act) => drop(act(composer)),
    }
}

proptest! {
    #[test]
    fn any_edits_keep_the_cursor_on_a_cluster_and_the_text_plain(
        acts in prop::collection::vec(act(), 0..60),
        width in 0u16..9,
    ) {
        let mut composer = Composer::new();
        for act in &acts {
            apply(&mut composer, act);
            let text = composer.text();
            let edge = composer.cursor() == text.len() || clusters(text).any(|(at, _)| at == composer.cursor());
            prop_assert!(edge, "{:?} at {} after {:?}", text, composer.cursor(), act);
            prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
            let view = composer.layout(width, 3);
            prop_assert!(usize::from(view.cursor_row) < view.rows.len() && view.rows.len() <= 3);
            prop_assert!(view.cursor_col < width.max(1));
        }
    }

    #[test]
    fn undo_all_returns_to_the_start_and_redo_all_to_the_end(
        acts in prop::collection::vec(act(), 0..60),
    ) {
        let mut composer = Composer::new();
        for act in &acts {
            apply(&mut composer, act);
        }
        while composer.redo() {}
        let end = composer.text().to_owned();
        while composer.undo() {}
        prop_assert_eq!(composer.text(), "");
        while composer.redo() {}
        prop_assert_eq!(composer.text(), end);
    }

    #[test]
    fn up_and_down_change_the_row_by_one(text in "[a-z \n日]{0,40}", width in 1u16..9) {
        let mut composer = with(&text);
        loop {
            let before = composer.layout(width, u16::MAX).cursor_row;
            if !composer.up(width) {
                prop_assert_eq!(before, 0);
                break;
            }
            prop_assert_eq!(composer.layout(width, u16::MAX).cursor_row + 1, before);
        }
    }
}
