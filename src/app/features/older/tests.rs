//! Logs that are longer than one answer of the server.

use crate::app::core::notice::Level;
use crate::app::test_console::TestConsole;
use crate::proto::media::LogQuery;
use crate::proto::request::Request;
use serde_json::{Value as Json, json};

/// The answer of a server with this many entries and this page size; a server without pages returns all.
fn answer(console: &mut TestConsole, last: u64, page: u64, knows_parts: bool) -> usize {
    let mut asked_for = 0;
    loop {
        let asked = console.asked();
        let log = asked.iter().find_map(|(operation, request)| match request {
            Request::Messages(_, part) => Some((operation, *part)),
            _ => None,
        });
        let Some((operation, LogQuery { after, before, .. })) = log else { return asked_for };
        let (start, end) = match (after, before) {
            _ if !knows_parts => (1, last),
            (Some(after), _) => (after + 1, last.min(after + page)),
            (None, before) => {
                let end = before.map_or(last, |before| before - 1);
                (end.saturating_sub(page - 1).max(1), end)
            }
        };
        let messages: Vec<Json> = (start..=end)
            .map(|index| {
                json!({"index": index, "type": "Text", "text": format!("m{index}"), "timestamp": console.at,
                "from": {"type": "Customer", "nickname": "x"}})
            })
            .collect();
        let data = json!({"messages": messages, "older": knows_parts && start > 1, "newer": knows_parts && end < last});
        console.answer(operation, Ok(data));
        asked_for += 1;
    }
}

fn opened() -> TestConsole {
    let mut console = TestConsole::new();
    console.interaction("i1", "Invited");
    console.keys("F2");
    console.interaction("i1", "Processing");
    console
}

fn indexes(console: &TestConsole) -> Vec<u64> {
    console.state.session().unwrap().transcript.lines().iter().map(|line| line.message.index).collect()
}

#[test]
fn a_long_log_opens_with_its_newest_part() {
    let mut console = opened();
    assert_eq!(answer(&mut console, 50_000, 200, true), 1);
    assert_eq!(indexes(&console), (49_801..=50_000).collect::<Vec<_>>());
    assert_eq!(console.state.session().unwrap().trouble, None);
}

#[test]
fn one_who_scrolls_up_reads_part_by_part_and_reaches_the_first() {
    let mut console = opened();
    answer(&mut console, 50_000, 200, true);
    let mut parts = 0;
    for _ in 0..60 {
        console.keys("PageUp");
        parts += answer(&mut console, 50_000, 200, true);
    }
    assert!((2..40).contains(&parts), "{parts}");
    console.keys("Ctrl+Home");
    answer(&mut console, 50_000, 200, true);
    assert_eq!(console.state.session().unwrap().transcript.lines().len(), 50_000);
    assert!(console.rows(3).iter().any(|row| row == "m1"), "{:?}", console.rows(3));
    console.keys("PageDown PageUp");
    assert_eq!(answer(&mut console, 50_000, 200, true), 0, "all of it is here");
}

#[test]
fn what_is_read_stays_where_it_is_when_an_older_part_comes() {
    let mut console = opened();
    answer(&mut console, 1000, 100, true);
    for _ in 0..12 {
        let before = console.rows(5);
        answer(&mut console, 1000, 100, true);
        assert_eq!(console.rows(5), before);
        console.keys("PageUp");
    }
}

#[test]
fn holes_and_breaks_are_read_from_where_they_begin() {
    let mut console = opened();
    answer(&mut console, 1000, 200, true);
    console.says("i1", 1010, "Customer", "m1010");
    assert_eq!(answer(&mut console, 1010, 200, true), 1);
    assert_eq!(indexes(&console).last(), Some(&1010));
    assert_eq!(console.state.session().unwrap().transcript.gap(), None);
    // After a break of the connection, five parts are missing.
    console.says("i1", 2000, "Customer", "m2000");
    assert_eq!(answer(&mut console, 2000, 200, true), 5);
    assert_eq!(console.state.session().unwrap().transcript.gap(), None);
}

#[test]
fn a_server_that_knows_no_parts_is_read_once_and_whole() {
    let mut console = opened();
    assert_eq!(answer(&mut console, 700, 200, false), 1);
    assert_eq!(indexes(&console).len(), 700);
    console.keys("Ctrl+Home");
    assert_eq!(answer(&mut console, 700, 200, false), 0);
}

#[test]
fn trouble_of_the_account_is_said_once_and_so_is_its_end() {
    let mut console = TestConsole::new();
    let tell = |console: &mut TestConsole, standing: &str, text: &str| {
        let data = json!({"messageType": "wa.AccountChanged", "topic": "send access", "standing": standing, "text": text});
        console.event("/workspace/v3/media/whatsappsession", data);
        console.notice()
    };
    assert_eq!(tell(&mut console, "trouble", "renew the token"), "WhatsApp account: renew the token");
    console.state.say(Level::Error, "something else");
    assert_eq!(
        tell(&mut console, "trouble", "renew the token"),
        "something else",
        "a new connection says it again"
    );
    assert_eq!(tell(&mut console, "over", "it works again"), "WhatsApp account: it works again");
}
