//! How each thing that happens changes the monitor.

use super::layout::heading_rows;
use super::{Act, Effect, Layer, Link, Monitor, Msg, PINS, Reading, Row, Sort, What, acts};
use crate::app::core::effect::Effects;
use crate::app::core::key::{Code, Key};
use crate::app::core::layout::Area;
use crate::app::core::picker::{Item, Picker};
use crate::app::core::scroll::Scroll;
use crate::domain::{InteractionId, Millis};
use crate::proto::decode;
use crate::proto::media::{LogPage, LogQuery};
use crate::proto::watch::LivePage;
use crate::text::search::{MatchMode, Search};
use crate::text::{Clean, fold};
use jiff::tz::TimeZone;

/// Rows that a page of a transcript moves, whatever the pane's height: grids have several.
const PAGE: isize = 8;

/// Changes the state by what happened, and says what is to be done.
pub fn update(state: &mut Monitor, msg: Msg) -> Effects<Effect> {
    state.now = state.now.max(msg.at);
    let mut out = Vec::new();
    match msg.what {
        What::Key(key) => self::key(state, key, &mut out),
        What::Paste(text) => {
            state.filter.insert(text.lines().next().unwrap_or_default());
            arrange(state);
        }
        What::Resize(width, height) => state.size = (width, height),
        What::Wake => {}
        What::Link(link) => {
            // What was asked on the old connection is asked again on the new one.
            if state.link != Link::Online && link == Link::Online {
                for reading in state.readings.values_mut() {
                    reading.asked = false;
                    reading.trouble = None;
                }
            }
            state.link = link;
        }
        What::Thresholds(thresholds) => state.thresholds = thresholds,
        What::Live(page) => live(state, &page),
        What::Log { id, part, result } => log(state, &id, part, result),
        What::Plain(plain) => state.plain = Some(plain),
        What::Terminate => state.ending = true,
    }
    read_along(state, &mut out);
    if state.ending {
        out.push(Effect::Quit);
    }
    out.into()
}

fn live(state: &mut Monitor, page: &LivePage) {
    state.seen = true;
    let before: Option<InteractionId> = state.chosen.clone();
    if page.whole {
        state.raw.clear();
        state.rows.clear();
        state.agents.clear();
    }
    for agent in &page.agents {
        state.agents.insert(agent.id.clone(), agent.clone());
    }
    if page.whole || !page.queues.is_empty() {
        state.queues.clone_from(&page.queues);
    }
    state.today = page.today.clone();
    state.alerts = page.alerts.iter().map(|alert| Clean::line(&alert.text)).collect();
    for id in &page.gone {
        state.raw.remove(id);
        state.rows.remove(id);
    }
    let mut newest = None;
    for session in &page.sessions {
        let row = Row::of(session, &state.agents, &state.queues);
        let said = state.rows.get(&row.id).is_none_or(|before| before.last_index < row.last_index);
        if said && !page.whole {
            newest = Some(row.id.clone());
        }
        state.raw.insert(row.id.clone(), session.clone());
        state.rows.insert(row.id.clone(), row);
    }
    arrange(state);
    if let Some(newest) = newest.filter(|id| state.follows && state.order.contains(id)) {
        state.chosen = Some(newest);
    } else if before.as_ref().is_some_and(|id| state.rows.contains_key(id)) {
        state.chosen = before;
    }
    for (id, reading) in &mut state.readings {
        reading.over = state.seen && !state.rows.contains_key(id);
        // What could not be read is tried again when something happens in it.
        if page.whole || page.sessions.iter().any(|session| session.id == *id) {
            reading.trouble = None;
        }
    }
}

/// Filters and sorts the list; the choice stays where it is, or goes to the first.
fn arrange(state: &mut Monitor) {
    let mut search = Search::new(state.filter.text(), MatchMode::Part);
    let fits = |row: &&Row| search.every(&row.key).is_some() || search.rings(&row.number);
    let mut rows: Vec<&Row> = state.rows.values().filter(fits).collect();
    let last = Millis(i64::MAX);
    let folded =
        |text: Option<&Clean>| text.map_or_else(|| "\u{10ffff}".to_owned(), |text| fold::folded(text));
    // Equal ones stand by who waits longest, so that the order does not jump.
    let waiting = |row: &Row| row.waiting_since.unwrap_or(last);
    match state.sort {
        Sort::Waiting => rows.sort_by_key(|row| waiting(row)),
        Sort::Agent => rows.sort_by_cached_key(|row| (folded(row.agent.as_ref()), waiting(row))),
        Sort::Customer => rows.sort_by_cached_key(|row| (folded(Some(&row.customer)), waiting(row))),
        Sort::Queue => rows.sort_by_cached_key(|row| (folded(Some(&row.queue)), waiting(row))),
        Sort::Window => rows.sort_by_key(|row| row.window_ends.unwrap_or(last)),
    }
    let order: Vec<InteractionId> = rows.iter().map(|row| row.id.clone()).collect();
    if !state.chosen.as_ref().is_some_and(|id| order.contains(id)) {
        state.chosen = order.first().cloned();
    }
    state.order = order;
}

fn log(state: &mut Monitor, id: &InteractionId, part: LogQuery, result: Result<LogPage, String>) {
    let Some(reading) = state.readings.get_mut(id) else { return };
    reading.asked = false;
    match result {
        Ok(page) => {
            reading.trouble = None;
            if part.before.is_none() && part.after.is_none() {
                reading.transcript = crate::domain::transcript::Transcript::default();
            }
            if part.before.is_none() {
                for message in &page.messages {
                    reading.transcript.insert(decode::message(message));
                }
            }
            decode::page(&mut reading.transcript, part, &page);
        }
        Err(why) => reading.trouble = Some(Clean::line(&why)),
    }
}

/// Lets go of transcripts out of sight, and reads on in those that are in it.
fn read_along(state: &mut Monitor, out: &mut Vec<Effect>) {
    let panes = state.panes();
    state.readings.retain(|id, _| panes.contains(id));
    state.pane = state.pane.min(panes.len().saturating_sub(1));
    let areas = state.layout().panes;
    for (place, id) in panes.into_iter().enumerate() {
        let row = state.rows.get(&id);
        let last = row.map(|row| row.last_index);
        let title = row.map(|row| row.customer.clone());
        let reading = state.readings.entry(id.clone()).or_default();
        if let Some(title) = title {
            reading.title = title;
        }
        let area = areas.get(place).copied().unwrap_or_default();
        let part = wanted(reading, last.unwrap_or(0), area, &state.zone);
        if let Some(part) =
            part.filter(|_| state.link == Link::Online && !reading.asked && reading.trouble.is_none())
        {
            reading.asked = true;
            out.push(Effect::Read { id, part });
        }
    }
}

/// How near to the first loaded block one must scroll before the part before it is read, in blocks.
const NEAR: usize = 8;

/// The part of a log to read next: the newest entries, else the part before the ones in view.
fn wanted(reading: &Reading, last: u64, area: Area, zone: &TimeZone) -> Option<LogQuery> {
    let transcript = &reading.transcript;
    let Some(first) = transcript.first() else { return (last > 0).then_some(LogQuery::NEWEST) };
    if let Some(gap) = transcript.gap() {
        return Some(LogQuery::after(gap.saturating_sub(1)));
    }
    if last > transcript.last_index() {
        return Some(LogQuery::after(transcript.last_index()));
    }
    let top = || {
        reading.scroll.top(&reading.measure(area.width, zone), usize::from(area.height.saturating_sub(1))).0
    };
    (transcript.has_older() && area.width > 0 && top() < NEAR).then(|| LogQuery::before(first))
}

fn key(state: &mut Monitor, key: Key, out: &mut Vec<Effect>) {
    let act = acts::of(key);
    match &mut state.layer {
        Some(Layer::Help(top)) => {
            match act {
                Some(Act::Up) => *top = top.saturating_sub(1),
                Some(Act::Down) => *top = top.saturating_add(1),
                Some(Act::PageUp) => *top = top.saturating_sub(10),
                Some(Act::PageDown) => *top = top.saturating_add(10),
                _ => state.layer = None,
            }
            return;
        }
        Some(Layer::Palette(picker)) => {
            match (act, key.code) {
                (_, Code::Enter) => {
                    let chosen = picker.chosen().map(|item| item.value);
                    state.layer = None;
                    if let Some(act) = chosen {
                        perform(state, act, out);
                    }
                }
                (_, Code::Esc) => state.layer = None,
                (Some(Act::Up), _) => picker.step(false),
                (Some(Act::Down), _) => picker.step(true),
                (Some(Act::Quit), _) => perform(state, Act::Quit, out),
                _ => picker.edit(|query| type_into(query, key)),
            }
            return;
        }
        None => {}
    }
    match act {
        Some(act) => perform(state, act, out),
        None => {
            let before = state.filter.text().to_owned();
            type_into(&mut state.filter, key);
            if state.filter.text() != before {
                arrange(state);
            }
        }
    }
}

fn type_into(line: &mut crate::text::compose::Composer, key: Key) {
    match key.code {
        Code::Char(c) if !key.ctrl && !key.alt => line.insert(c.encode_utf8(&mut [0; 4])),
        Code::Char('u') if key.ctrl => line.set_text(String::new()),
        Code::Char('w') if key.ctrl => line.kill_word_back(),
        Code::Backspace => line.backspace(),
        Code::Delete => line.delete(),
        Code::Left => line.left(),
        Code::Right => line.right(),
        _ => {}
    }
}

fn perform(state: &mut Monitor, act: Act, out: &mut Vec<Effect>) {
    match act {
        Act::Up | Act::Down => step(state, act == Act::Down),
        Act::PageUp => scroll(state, -PAGE),
        Act::PageDown => scroll(state, PAGE),
        Act::Oldest => {
            held(state, Scroll::Held { back: 0, at: 0, skip: 0 });
            // A short transcript cannot be scrolled; of a long one, the part before is read first.
            let shown = state.panes().get(state.pane).and_then(|id| state.readings.get(id));
            if shown.is_some_and(|reading| !reading.transcript.has_older()) {
                scroll(state, 0);
            }
        }
        Act::Newest => held(state, Scroll::Bottom),
        Act::Sort => {
            state.sort = state.sort.next();
            arrange(state);
        }
        Act::Longest => {
            let longest = state.longest().map(|row| row.id.clone());
            if let Some(id) = longest {
                if !state.order.contains(&id) {
                    state.filter.set_text(String::new());
                    arrange(state);
                }
                state.chosen = Some(id);
                state.follows = false;
            }
        }
        Act::Follow => state.follows = !state.follows,
        Act::Pin => pin(state),
        Act::Pane => state.pane = (state.pane + 1) % state.panes().len().max(1),
        Act::Unpin => state.pins.clear(),
        Act::Zoom => state.zoomed = !state.zoomed,
        Act::Clear => {
            state.filter.set_text(String::new());
            arrange(state);
        }
        Act::Help => state.layer = Some(Layer::Help(0)),
        Act::Palette => {
            let item = |(act, help, keys): &(Act, &str, &[&str])| Item {
                label: Clean::line(help),
                detail: Clean::line(keys.first().copied().unwrap_or_default()),
                value: *act,
            };
            let items = acts::ACTS.iter().filter(|(act, ..)| *act != Act::Palette).map(item).collect();
            state.layer = Some(Layer::Palette(Box::new(Picker::new("Commands", "no command fits", items))));
        }
        Act::Redraw => out.push(Effect::Redraw),
        Act::Suspend => out.push(Effect::Suspend),
        Act::Quit => state.ending = true,
    }
}

fn step(state: &mut Monitor, forward: bool) {
    let count = state.order.len();
    let Some(at) = state.place() else { return };
    let to = if forward { (at + 1).min(count.saturating_sub(1)) } else { at.saturating_sub(1) };
    state.chosen = state.order.get(to).cloned();
    state.follows = false;
    // The chosen session is the one whose transcript is read.
    let place = state.panes().iter().position(|id| Some(id) == state.chosen.as_ref());
    state.pane = place.unwrap_or(state.pane);
}

fn pin(state: &mut Monitor) {
    let Some(id) = state.chosen.clone() else { return };
    match state.pins.iter().position(|pinned| *pinned == id) {
        Some(place) => {
            state.pins.remove(place);
        }
        None => {
            // A fifth takes the place of the first.
            if state.pins.len() >= PINS {
                state.pins.remove(0);
            }
            state.pins.push(id);
            state.pane = state.pins.len() - 1;
        }
    }
}

fn held(state: &mut Monitor, to: Scroll) {
    let Some(id) = state.panes().get(state.pane).cloned() else { return };
    if let Some(reading) = state.readings.get_mut(&id) {
        reading.scroll = to;
    }
}

/// Moves in the pane that is scrolled, up when negative.
fn scroll(state: &mut Monitor, rows: isize) {
    let Some(id) = state.panes().get(state.pane).cloned() else { return };
    let Some(area) = state.layout().panes.get(state.pane).copied() else { return };
    let zone = state.zone.clone();
    if let Some(reading) = state.readings.get_mut(&id) {
        let height = usize::from(area.height.saturating_sub(heading_rows(area.height)));
        let to = reading.scroll.moved(&reading.measure(area.width, &zone), height, rows);
        reading.scroll = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::monitor::Reading;
    use crate::proto::media::{MessageDto, ParticipantDto};
    use crate::proto::watch::{LiveAgent, LiveQueue, LiveSession};
    use jiff::tz::TimeZone;

    const NOW: Millis = Millis(1_800_000_000_000);

    /// A session whose customer has waited for so many seconds, with that many entries.
    fn session(id: &str, customer: &str, agent: Option<&str>, waits: Option<i64>, last: u64) -> LiveSession {
        LiveSession {
            id: id.into(),
            state: "Processing".into(),
            agent: agent.map(str::to_owned),
            queue: "sales".into(),
            customer: customer.into(),
            number: Some(format!("3460000010{last}")),
            waiting_since: waits.map(|ago| Millis(NOW.0 - ago * 1000).to_rfc3339()),
            window_ends: Some(Millis(NOW.0 + last as i64 * 1000).to_rfc3339()),
            last_index: last,
            ..LiveSession::default()
        }
    }

    fn page(whole: bool, sessions: Vec<LiveSession>, gone: &[&str]) -> What {
        let agent =
            |id: &str, name: &str| LiveAgent { id: id.into(), name: name.into(), ..LiveAgent::default() };
        let queue = LiveQueue { name: "sales".into(), display_name: "Sales".into(), ..LiveQueue::default() };
        What::Live(Box::new(LivePage {
            next: 1,
            whole,
            sessions,
            gone: gone.iter().map(|id| (*id).into()).collect(),
            agents: vec![agent("ana", "Ana Ruiz"), agent("ben", "Ben Okafor")],
            queues: vec![queue],
            ..LivePage::default()
        }))
    }

    fn does(state: &mut Monitor, what: What) -> Vec<Effect> {
        update(state, Msg { at: NOW, what }).into_iter().collect()
    }

    /// Three sessions: Lucía waits longest, Karim a little, Mary not at all.
    fn floor() -> Monitor {
        let mut state = Monitor::new(TimeZone::UTC, (120, 32), NOW);
        does(&mut state, What::Link(Link::Online));
        let sessions = vec![
            session("a", "Mary", Some("ana"), None, 3),
            session("b", "Karim", Some("ben"), Some(10), 2),
            session("c", "Lucía", None, Some(300), 1),
        ];
        does(&mut state, page(true, sessions, &[]));
        state
    }

    fn types(state: &mut Monitor, text: &str) {
        for c in text.chars() {
            does(state, What::Key(Key::plain(Code::Char(c))));
        }
    }

    fn press(state: &mut Monitor, name: &str) -> Vec<Effect> {
        does(state, What::Key(Key::parse(name).unwrap()))
    }

    fn listed(state: &Monitor) -> String {
        state.listed().map(|row| row.id.as_str()).collect()
    }

    fn chosen(state: &Monitor) -> &str {
        state.chosen.as_ref().map_or("", InteractionId::as_str)
    }

    fn message(index: u64) -> MessageDto {
        let from = ParticipantDto { kind: "Customer".into(), ..ParticipantDto::default() };
        MessageDto { index, kind: "Text".into(), text: Some("hola".into()), from, ..MessageDto::default() }
    }

    fn log(id: &str, after: u64, indexes: std::ops::RangeInclusive<u64>) -> What {
        let part = if after == 0 { LogQuery::NEWEST } else { LogQuery::after(after) };
        let page = LogPage { messages: indexes.map(message).collect(), ..LogPage::default() };
        What::Log { id: id.into(), part, result: Ok(page) }
    }

    #[test]
    fn the_filter_takes_words_of_agent_customer_queue_and_number_and_all_must_fit() {
        for (words, wanted) in [
            ("lucia", "c"),
            ("RUIZ", "a"),
            ("ben", "b"),
            ("sales", "cba"),
            ("sales karim", "b"),
            ("sales nobody", ""),
            ("0102", "b"),
            ("+3460", "cba"),
        ] {
            let mut state = floor();
            types(&mut state, words);
            assert_eq!(listed(&state), wanted, "{words}");
            press(&mut state, "Esc");
            assert_eq!(listed(&state), "cba");
        }
    }

    #[test]
    fn only_the_first_line_of_a_paste_goes_into_the_filter() {
        let mut state = floor();
        does(&mut state, What::Paste("karim\nrm -rf".into()));
        assert_eq!((state.filter.text(), listed(&state).as_str()), ("karim", "b"));
    }

    #[test]
    fn every_order_is_its_own_and_the_choice_stays_where_it_was() {
        let mut state = floor();
        press(&mut state, "Down");
        assert_eq!((listed(&state).as_str(), chosen(&state)), ("cba", "b"));
        // By agent (who has none last), customer, queue (then waiting), reply window, waiting again.
        for wanted in ["abc", "bca", "cba", "cba", "cba"] {
            press(&mut state, "F6");
            assert_eq!((listed(&state).as_str(), chosen(&state)), (wanted, "b"), "{:?}", state.sort);
        }
        assert_eq!(state.sort, Sort::Waiting);
    }

    #[test]
    fn four_are_pinned_at_most_and_a_fifth_takes_the_place_of_the_first() {
        let mut state = floor();
        let more = vec![session("d", "Omar", None, Some(5), 1), session("e", "Sofía", None, Some(4), 1)];
        does(&mut state, page(false, more, &[]));
        for _ in 0..5 {
            press(&mut state, "F2");
            press(&mut state, "Down");
        }
        let pinned: String = state.pins.iter().map(InteractionId::as_str).collect();
        assert_eq!(pinned, "bdea");
        press(&mut state, "F2");
        assert_eq!(
            (state.pins.len(), state.panes().len()),
            (3, 4),
            "once more takes it out; it is chosen still"
        );
        press(&mut state, "Tab");
        assert!(state.pane < 4);
        press(&mut state, "F3");
        assert_eq!(state.panes(), [InteractionId::from("a")]);
        assert_eq!(state.pane, 0);
    }

    #[test]
    fn following_chooses_what_is_said_and_only_in_what_the_filter_shows() {
        let mut state = floor();
        press(&mut state, "F5");
        does(&mut state, page(false, vec![session("a", "Mary", Some("ana"), Some(0), 4)], &[]));
        assert_eq!(chosen(&state), "a");
        // A change in which nothing is said moves nothing.
        does(&mut state, page(false, vec![session("b", "Karim", Some("ana"), None, 2)], &[]));
        assert_eq!(chosen(&state), "a");
        types(&mut state, "mary");
        does(&mut state, page(false, vec![session("c", "Lucía", None, Some(300), 9)], &[]));
        assert_eq!(chosen(&state), "a");
        press(&mut state, "Esc");
        press(&mut state, "Down");
        assert!(!state.follows, "who chooses follows no more");
    }

    #[test]
    fn the_longest_wait_is_found_behind_a_filter_too() {
        let mut state = floor();
        types(&mut state, "mary");
        press(&mut state, "Alt+W");
        assert_eq!((chosen(&state), state.filter.text()), ("c", ""));
    }

    #[test]
    fn what_is_chosen_is_read_and_read_on() {
        let mut state = Monitor::new(TimeZone::UTC, (120, 32), NOW);
        does(&mut state, What::Link(Link::Online));
        let effects = does(&mut state, page(true, vec![session("a", "Mary", None, None, 3)], &[]));
        assert_eq!(effects, [Effect::Read { id: "a".into(), part: LogQuery::NEWEST }]);
        assert_eq!(does(&mut state, What::Wake), [], "asked once at a time");
        assert_eq!(does(&mut state, log("a", 0, 1..=3)), []);
        let effects = does(&mut state, page(false, vec![session("a", "Mary", None, None, 5)], &[]));
        assert_eq!(effects, [Effect::Read { id: "a".into(), part: LogQuery::after(3) }]);
        assert_eq!(does(&mut state, log("a", 3, 4..=5)), []);
        assert_eq!(state.reading(&"a".into()).unwrap().transcript.last_index(), 5);
    }

    #[test]
    fn a_long_log_is_read_newest_first_and_upwards_as_one_scrolls() {
        const LAST: u64 = 50_000;
        let mut state = Monitor::new(TimeZone::UTC, (120, 32), NOW);
        does(&mut state, What::Link(Link::Online));
        let mut effects = does(&mut state, page(true, vec![session("a", "Mary", None, None, LAST)], &[]));
        let mut parts = 0;
        // The server returns at most 500 at a time.
        let answer = |part: LogQuery| {
            let end = part.before.unwrap_or(LAST + 1);
            let start = end.saturating_sub(500).max(1);
            let messages = (start..end).map(message).collect();
            LogPage { messages, older: start > 1, newer: part.before.is_some() }
        };
        let reads = |effects: Vec<Effect>| match effects.as_slice() {
            [Effect::Read { part, .. }] => Some(*part),
            _ => None,
        };
        let part = reads(effects).unwrap();
        assert_eq!(part, LogQuery::NEWEST);
        effects = does(&mut state, What::Log { id: "a".into(), part, result: Ok(answer(part)) });
        assert_eq!(effects, [], "what is not looked at is not read");
        effects = press(&mut state, "Ctrl+Home");
        while let Some(part) = reads(std::mem::take(&mut effects)) {
            effects = does(&mut state, What::Log { id: "a".into(), part, result: Ok(answer(part)) });
            parts += 1;
        }
        let reading = state.reading(&"a".into()).unwrap();
        assert_eq!(parts, LAST / 500 - 1);
        assert_eq!(reading.transcript.lines().len() as u64, LAST);
        assert_eq!(
            reading.scroll.top(&reading.measure(60, &TimeZone::UTC), 20).0,
            0,
            "the first entry is on top"
        );
    }

    #[test]
    fn a_transcript_out_of_sight_is_let_go() {
        let mut state = floor();
        does(&mut state, log("c", 0, 1..=1));
        for _ in 0..2 {
            press(&mut state, "Down");
            assert_eq!(state.readings.len(), 1);
        }
        // What was asked for it and comes late is not kept.
        does(&mut state, log("c", 0, 1..=1));
        assert_eq!(state.readings.len(), 1);
        press(&mut state, "F2");
        press(&mut state, "Up");
        assert_eq!(state.readings.len(), 2, "the pinned one and the chosen one are in sight");
        types(&mut state, "nobody");
        press(&mut state, "F3");
        assert_eq!(state.readings.len(), 0);
    }

    #[test]
    fn a_session_that_is_over_leaves_the_list_and_stays_readable_where_it_is_pinned() {
        let mut state = floor();
        does(&mut state, log("c", 0, 1..=1));
        press(&mut state, "F2");
        does(&mut state, page(false, Vec::new(), &["c"]));
        assert_eq!((listed(&state).as_str(), chosen(&state)), ("ba", "b"));
        let reading: &Reading = state.reading(&"c".into()).unwrap();
        assert!(reading.over && reading.title.as_str() == "Lucía");
        assert_eq!((state.raw.len(), state.rows.len()), (2, 2));
        press(&mut state, "F3");
        assert!(state.reading(&"c".into()).is_none());
    }

    #[test]
    fn after_a_lost_connection_everything_is_asked_again() {
        let mut state = Monitor::new(TimeZone::UTC, (120, 32), NOW);
        does(&mut state, What::Link(Link::Online));
        does(&mut state, page(true, vec![session("a", "Mary", None, None, 3)], &[]));
        let lost = Link::Lost { reason: "gone".into(), retry_at: Millis(NOW.0 + 1000) };
        assert_eq!(does(&mut state, What::Link(lost)), []);
        let why = Err("the server is not there".to_owned());
        assert_eq!(does(&mut state, What::Log { id: "a".into(), part: LogQuery::NEWEST, result: why }), []);
        assert!(state.reading(&"a".into()).unwrap().trouble.is_some());
        assert_eq!((state.live(), listed(&state).as_str()), (1, "a"), "what is seen stays");
        let effects = does(&mut state, What::Link(Link::Online));
        assert_eq!(effects, [Effect::Read { id: "a".into(), part: LogQuery::NEWEST }]);
        assert!(state.reading(&"a".into()).unwrap().trouble.is_none());
    }

    #[test]
    fn a_whole_page_replaces_what_was_known() {
        let mut state = floor();
        does(&mut state, page(true, vec![session("b", "Karim", Some("ben"), None, 2)], &[]));
        assert_eq!((listed(&state).as_str(), chosen(&state), state.live()), ("b", "b", 1));
    }

    #[test]
    fn no_key_has_an_effect_but_reading_and_leaving() {
        let mut state = floor();
        for (act, _, keys) in acts::ACTS {
            for name in *keys {
                let mut state = state.clone();
                for effect in press(&mut state, name) {
                    let reads = matches!(
                        effect,
                        Effect::Read { .. } | Effect::Redraw | Effect::Suspend | Effect::Quit
                    );
                    assert!(reads, "{act:?}");
                }
            }
        }
        assert_eq!(press(&mut state, "F10"), [Effect::Quit]);
    }

    #[test]
    fn the_palette_does_what_its_keys_do() {
        let mut state = floor();
        press(&mut state, "Ctrl+K");
        types(&mut state, "pin the");
        press(&mut state, "Enter");
        assert!(state.layer.is_none());
        assert_eq!((state.pins.len(), state.filter.text()), (1, ""));
        press(&mut state, "F1");
        press(&mut state, "Esc");
        assert!(state.layer.is_none());
    }
}
