//! Changes the monitor when something happens.

use super::actions::{self, MonitorAction};
use super::layout::heading_rows;
use super::msg::{MonitorEffect, MonitorEvent, MonitorLink, MonitorMsg};
use super::row::MonitorRow;
use super::state::{Monitor, MonitorLayer, PINS, Sort};
use super::transcript::TranscriptPane;
use crate::app::core::effect::Effects;
use crate::app::core::key::{Code, Key};
use crate::app::core::layout::Area;
use crate::app::core::picker::{Item, Picker};
use crate::app::core::scroll::Scroll;
use crate::app::core::typing::type_into;
use crate::domain::{InteractionId, Millis};
use crate::proto::decode;
use crate::proto::media::{LogPage, LogQuery};
use crate::proto::watch::LivePage;
use crate::text::search::{MatchMode, Search};
use crate::text::{Clean, fold};
use jiff::tz::TimeZone;

/// Rows that PageUp and PageDown scroll, whatever the pane's height: a grid has several.
const PAGE: isize = 8;

/// Changes the state, and returns what has to be done.
pub fn update(state: &mut Monitor, msg: MonitorMsg) -> Effects<MonitorEffect> {
    state.now = state.now.max(msg.at);
    let mut out = Vec::new();
    match msg.what {
        MonitorEvent::Key(key) => self::key(state, key, &mut out),
        MonitorEvent::Paste(text) => {
            state.filter.insert(text.lines().next().unwrap_or_default());
            arrange(state);
        }
        MonitorEvent::Resize(width, height) => state.size = (width, height),
        MonitorEvent::Wake => {}
        MonitorEvent::Link(link) => {
            // Requests of the old connection are repeated on the new one.
            if state.link != MonitorLink::Online && link == MonitorLink::Online {
                for pane in state.transcripts.values_mut() {
                    pane.is_reading = false;
                    pane.error = None;
                }
            }
            state.link = link;
        }
        MonitorEvent::Thresholds(thresholds) => state.thresholds = thresholds,
        MonitorEvent::Live(page) => live(state, &page),
        MonitorEvent::Log { id, part, result } => log(state, &id, part, result),
        MonitorEvent::WithoutFeed(counts) => state.without_feed = Some(counts),
        MonitorEvent::Terminate => state.ending = true,
    }
    read_transcripts(state, &mut out);
    if state.ending {
        out.push(MonitorEffect::Quit);
    }
    out.into()
}

/// Takes a page of the live view.
fn live(state: &mut Monitor, page: &LivePage) {
    state.has_page = true;
    let before: Option<InteractionId> = state.chosen.clone();
    if page.whole {
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
        state.rows.remove(id);
    }
    let mut newest = None;
    for session in &page.sessions {
        let row = MonitorRow::of(session, &state.agents, &state.queues);
        let is_longer = state.rows.get(&row.id).is_none_or(|before| before.last_index < row.last_index);
        if is_longer && !page.whole {
            newest = Some(row.id.clone());
        }
        state.rows.insert(row.id.clone(), row);
    }
    arrange(state);
    if let Some(newest) = newest.filter(|id| state.follows && state.order.contains(id)) {
        state.chosen = Some(newest);
    } else if before.as_ref().is_some_and(|id| state.rows.contains_key(id)) {
        state.chosen = before;
    }
    for (id, pane) in &mut state.transcripts {
        pane.has_ended = state.has_page && !state.rows.contains_key(id);
        // A log that could not be read is requested again when something happens in the session.
        if page.whole || page.sessions.iter().any(|session| session.id == *id) {
            pane.error = None;
        }
    }
}

/// Filters and sorts the list. The chosen session stays chosen while it is in the list, else the first one is.
fn arrange(state: &mut Monitor) {
    let mut search = Search::new(state.filter.text(), MatchMode::Part);
    let fits = |row: &&MonitorRow| search.every(&row.key).is_some() || search.rings(&row.number);
    let mut rows: Vec<&MonitorRow> = state.rows.values().filter(fits).collect();
    let last = Millis(i64::MAX);
    let folded =
        |text: Option<&Clean>| text.map_or_else(|| "\u{10ffff}".to_owned(), |text| fold::folded(text));
    // Equal ones are ordered by waiting time, so that the order is stable.
    let waiting = |row: &MonitorRow| row.waiting_since.unwrap_or(last);
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
    let Some(pane) = state.transcripts.get_mut(id) else { return };
    pane.is_reading = false;
    match result {
        Ok(page) => {
            pane.error = None;
            if part.before.is_none() && part.after.is_none() {
                pane.transcript = crate::domain::transcript::Transcript::default();
            }
            if part.before.is_none() {
                for message in &page.messages {
                    pane.transcript.insert(decode::message(message));
                }
            }
            decode::page(&mut pane.transcript, part, &page);
        }
        Err(why) => pane.error = Some(Clean::line(&why)),
    }
}

/// Drops the transcripts that are no longer in view, and requests the next part of those that are.
fn read_transcripts(state: &mut Monitor, out: &mut Vec<MonitorEffect>) {
    let panes = state.panes();
    state.transcripts.retain(|id, _| panes.contains(id));
    state.pane = state.pane.min(panes.len().saturating_sub(1));
    let areas = state.layout().panes;
    for (place, id) in panes.into_iter().enumerate() {
        let row = state.rows.get(&id);
        let last = row.map(|row| row.last_index);
        let title = row.map(|row| row.customer.clone());
        let pane = state.transcripts.entry(id.clone()).or_default();
        if let Some(title) = title {
            pane.title = title;
        }
        let area = areas.get(place).copied().unwrap_or_default();
        let part = wanted(pane, last.unwrap_or(0), area, &state.zone);
        if let Some(part) =
            part.filter(|_| state.link == MonitorLink::Online && !pane.is_reading && pane.error.is_none())
        {
            pane.is_reading = true;
            out.push(MonitorEffect::Read { id, part });
        }
    }
}

/// The part before the first loaded block is read when fewer than this many blocks are above the view.
const NEAR: usize = 8;

/// The part of a log to read next: the newest entries, else the part before the ones in view.
fn wanted(pane: &TranscriptPane, last: u64, area: Area, zone: &TimeZone) -> Option<LogQuery> {
    let transcript = &pane.transcript;
    let Some(first) = transcript.first() else { return (last > 0).then_some(LogQuery::NEWEST) };
    if let Some(gap) = transcript.gap() {
        return Some(LogQuery::after(gap.saturating_sub(1)));
    }
    if last > transcript.last_index() {
        return Some(LogQuery::after(transcript.last_index()));
    }
    let top =
        || pane.scroll.top(&pane.measure(area.width, zone), usize::from(area.height.saturating_sub(1))).0;
    (transcript.has_older() && area.width > 0 && top() < NEAR).then(|| LogQuery::before(first))
}

fn key(state: &mut Monitor, key: Key, out: &mut Vec<MonitorEffect>) {
    let action = actions::action_of(key);
    match (&state.layer, action) {
        (Some(MonitorLayer::Help(_)), _) => help_key(state, action),
        (Some(MonitorLayer::Palette(_)), _) => palette_key(state, key, action, out),
        (None, Some(action)) => perform(state, action, out),
        (None, None) => {
            let before = state.filter.text().to_owned();
            type_into(&mut state.filter, key, state.keymap.action(key));
            if state.filter.text() != before {
                arrange(state);
            }
        }
    }
}

/// Scrolls the help; any other key closes it.
fn help_key(state: &mut Monitor, action: Option<MonitorAction>) {
    let Some(MonitorLayer::Help(top)) = &mut state.layer else { return };
    match action {
        Some(MonitorAction::Up) => *top = top.saturating_sub(1),
        Some(MonitorAction::Down) => *top = top.saturating_add(1),
        Some(MonitorAction::PageUp) => *top = top.saturating_sub(10),
        Some(MonitorAction::PageDown) => *top = top.saturating_add(10),
        Some(
            MonitorAction::Oldest
            | MonitorAction::Newest
            | MonitorAction::Sort
            | MonitorAction::Longest
            | MonitorAction::Follow
            | MonitorAction::Pin
            | MonitorAction::Pane
            | MonitorAction::Unpin
            | MonitorAction::Zoom
            | MonitorAction::Clear
            | MonitorAction::Help
            | MonitorAction::Palette
            | MonitorAction::Redraw
            | MonitorAction::Suspend
            | MonitorAction::Quit,
        )
        | None => state.layer = None,
    }
}

fn palette_key(state: &mut Monitor, key: Key, action: Option<MonitorAction>, out: &mut Vec<MonitorEffect>) {
    let Some(MonitorLayer::Palette(picker)) = &mut state.layer else { return };
    match (key.code, action) {
        (Code::Enter, _) => {
            let chosen = picker.chosen().map(|item| item.value);
            state.layer = None;
            if let Some(action) = chosen {
                perform(state, action, out);
            }
        }
        (Code::Esc, _) => state.layer = None,
        (_, Some(MonitorAction::Up)) => picker.step(false),
        (_, Some(MonitorAction::Down)) => picker.step(true),
        (_, Some(MonitorAction::Quit)) => state.ending = true,
        (_, _) => picker.edit(|query| type_into(query, key, state.keymap.action(key))),
    }
}

fn perform(state: &mut Monitor, action: MonitorAction, out: &mut Vec<MonitorEffect>) {
    match action {
        MonitorAction::Up | MonitorAction::Down => step(state, action == MonitorAction::Down),
        MonitorAction::PageUp => scroll(state, -PAGE),
        MonitorAction::PageDown => scroll(state, PAGE),
        MonitorAction::Oldest => {
            set_scroll(state, Scroll::Held { back: 0, at: 0, skip: 0 });
            // A short transcript cannot be scrolled; of a long one, the part before is read first.
            let shown = state.panes().get(state.pane).and_then(|id| state.transcripts.get(id));
            if shown.is_some_and(|pane| !pane.transcript.has_older()) {
                scroll(state, 0);
            }
        }
        MonitorAction::Newest => set_scroll(state, Scroll::Bottom),
        MonitorAction::Sort => {
            state.sort = state.sort.next();
            arrange(state);
        }
        MonitorAction::Longest => {
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
        MonitorAction::Follow => state.follows = !state.follows,
        MonitorAction::Pin => pin(state),
        MonitorAction::Pane => state.pane = (state.pane + 1) % state.panes().len().max(1),
        MonitorAction::Unpin => state.pins.clear(),
        MonitorAction::Zoom => state.zoomed = !state.zoomed,
        MonitorAction::Clear => {
            state.filter.set_text(String::new());
            arrange(state);
        }
        MonitorAction::Help => state.layer = Some(MonitorLayer::Help(0)),
        MonitorAction::Palette => state.layer = Some(MonitorLayer::Palette(Box::new(palette()))),
        MonitorAction::Redraw => out.push(MonitorEffect::Redraw),
        MonitorAction::Suspend => out.push(MonitorEffect::Suspend),
        MonitorAction::Quit => state.ending = true,
    }
}

/// The list of all actions but itself.
fn palette() -> Picker<MonitorAction> {
    let actions = actions::MONITOR_ACTIONS.iter().filter(|(action, ..)| *action != MonitorAction::Palette);
    let items = actions.map(|(action, help, keys)| Item {
        label: Clean::line(help),
        detail: Clean::line(keys.first().copied().unwrap_or_default()),
        value: *action,
    });
    Picker::new("Commands", "no command fits", items.collect())
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
            // The oldest pin makes room.
            if state.pins.len() >= PINS {
                state.pins.remove(0);
            }
            state.pins.push(id);
            state.pane = state.pins.len() - 1;
        }
    }
}

/// Sets the position in the scrolled pane.
fn set_scroll(state: &mut Monitor, to: Scroll) {
    let Some(id) = state.panes().get(state.pane).cloned() else { return };
    if let Some(pane) = state.transcripts.get_mut(&id) {
        pane.scroll = to;
    }
}

/// Scrolls the current pane by rows, up when negative.
fn scroll(state: &mut Monitor, rows: isize) {
    let Some(id) = state.panes().get(state.pane).cloned() else { return };
    let Some(area) = state.layout().panes.get(state.pane).copied() else { return };
    let zone = state.zone.clone();
    if let Some(pane) = state.transcripts.get_mut(&id) {
        let height = usize::from(area.height.saturating_sub(heading_rows(area.height)));
        let to = pane.scroll.moved(&pane.measure(area.width, &zone), height, rows);
        pane.scroll = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    fn page(whole: bool, sessions: Vec<LiveSession>, gone: &[&str]) -> MonitorEvent {
        let agent =
            |id: &str, name: &str| LiveAgent { id: id.into(), name: name.into(), ..LiveAgent::default() };
        let queue = LiveQueue { name: "sales".into(), display_name: "Sales".into(), ..LiveQueue::default() };
        MonitorEvent::Live(Box::new(LivePage {
            next: 1,
            whole,
            sessions,
            gone: gone.iter().map(|id| (*id).into()).collect(),
            agents: vec![agent("ana", "Ana Ruiz"), agent("ben", "Ben Okafor")],
            queues: vec![queue],
            ..LivePage::default()
        }))
    }

    fn does(state: &mut Monitor, what: MonitorEvent) -> Vec<MonitorEffect> {
        update(state, MonitorMsg { at: NOW, what }).into_iter().collect()
    }

    /// Three sessions: Lucía waits longest, Karim a little, Mary not at all.
    fn three_sessions() -> Monitor {
        let mut state = Monitor::new(TimeZone::UTC, (120, 32), NOW);
        does(&mut state, MonitorEvent::Link(MonitorLink::Online));
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
            does(state, MonitorEvent::Key(Key::plain(Code::Char(c))));
        }
    }

    fn press(state: &mut Monitor, name: &str) -> Vec<MonitorEffect> {
        does(state, MonitorEvent::Key(Key::parse(name).unwrap()))
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

    fn log(id: &str, after: u64, indexes: std::ops::RangeInclusive<u64>) -> MonitorEvent {
        let part = if after == 0 { LogQuery::NEWEST } else { LogQuery::after(after) };
        let page = LogPage { messages: indexes.map(message).collect(), ..LogPage::default() };
        MonitorEvent::Log { id: id.into(), part, result: Ok(page) }
    }

    #[test]
    fn all_words_of_the_filter_must_match() {
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
            let mut state = three_sessions();
            types(&mut state, words);
            assert_eq!(listed(&state), wanted, "{words}");
            press(&mut state, "Esc");
            assert_eq!(listed(&state), "cba");
        }
    }

    #[test]
    fn only_the_first_line_of_a_paste_goes_into_the_filter() {
        let mut state = three_sessions();
        does(&mut state, MonitorEvent::Paste("karim\nrm -rf".into()));
        assert_eq!((state.filter.text(), listed(&state).as_str()), ("karim", "b"));
    }

    #[test]
    fn each_order_sorts_differently_and_keeps_the_choice() {
        let mut state = three_sessions();
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
    fn a_fifth_pin_replaces_the_first() {
        let mut state = three_sessions();
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
    fn following_chooses_new_messages_that_match_the_filter() {
        let mut state = three_sessions();
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
    fn the_longest_wait_clears_a_filter_that_hides_it() {
        let mut state = three_sessions();
        types(&mut state, "mary");
        press(&mut state, "Alt+W");
        assert_eq!((chosen(&state), state.filter.text()), ("c", ""));
    }

    #[test]
    fn the_chosen_transcript_is_read_and_continued() {
        let mut state = Monitor::new(TimeZone::UTC, (120, 32), NOW);
        does(&mut state, MonitorEvent::Link(MonitorLink::Online));
        let effects = does(&mut state, page(true, vec![session("a", "Mary", None, None, 3)], &[]));
        assert_eq!(effects, [MonitorEffect::Read { id: "a".into(), part: LogQuery::NEWEST }]);
        assert_eq!(does(&mut state, MonitorEvent::Wake), [], "asked once at a time");
        assert_eq!(does(&mut state, log("a", 0, 1..=3)), []);
        let effects = does(&mut state, page(false, vec![session("a", "Mary", None, None, 5)], &[]));
        assert_eq!(effects, [MonitorEffect::Read { id: "a".into(), part: LogQuery::after(3) }]);
        assert_eq!(does(&mut state, log("a", 3, 4..=5)), []);
        assert_eq!(state.transcript(&"a".into()).unwrap().transcript.last_index(), 5);
    }

    #[test]
    fn a_long_log_is_read_newest_first_and_on_scrolling() {
        const LAST: u64 = 50_000;
        let mut state = Monitor::new(TimeZone::UTC, (120, 32), NOW);
        does(&mut state, MonitorEvent::Link(MonitorLink::Online));
        let mut effects = does(&mut state, page(true, vec![session("a", "Mary", None, None, LAST)], &[]));
        let mut parts = 0;
        // The server returns at most 500 at a time.
        let answer = |part: LogQuery| {
            let end = part.before.unwrap_or(LAST + 1);
            let start = end.saturating_sub(500).max(1);
            let messages = (start..end).map(message).collect();
            LogPage { messages, older: start > 1, newer: part.before.is_some() }
        };
        let reads = |effects: Vec<MonitorEffect>| match effects.as_slice() {
            [MonitorEffect::Read { part, .. }] => Some(*part),
            _ => None,
        };
        let part = reads(effects).unwrap();
        assert_eq!(part, LogQuery::NEWEST);
        effects = does(&mut state, MonitorEvent::Log { id: "a".into(), part, result: Ok(answer(part)) });
        assert_eq!(effects, [], "what is not looked at is not read");
        effects = press(&mut state, "Ctrl+Home");
        while let Some(part) = reads(std::mem::take(&mut effects)) {
            effects = does(&mut state, MonitorEvent::Log { id: "a".into(), part, result: Ok(answer(part)) });
            parts += 1;
        }
        let pane = state.transcript(&"a".into()).unwrap();
        assert_eq!(parts, LAST / 500 - 1);
        assert_eq!(pane.transcript.lines().len() as u64, LAST);
        assert_eq!(pane.scroll.top(&pane.measure(60, &TimeZone::UTC), 20).0, 0, "the first entry is on top");
    }

    #[test]
    fn a_transcript_out_of_view_is_dropped() {
        let mut state = three_sessions();
        does(&mut state, log("c", 0, 1..=1));
        for _ in 0..2 {
            press(&mut state, "Down");
            assert_eq!(state.transcripts.len(), 1);
        }
        // What was asked for it and comes late is not kept.
        does(&mut state, log("c", 0, 1..=1));
        assert_eq!(state.transcripts.len(), 1);
        press(&mut state, "F2");
        press(&mut state, "Up");
        assert_eq!(state.transcripts.len(), 2, "the pinned one and the chosen one are in sight");
        types(&mut state, "nobody");
        press(&mut state, "F3");
        assert_eq!(state.transcripts.len(), 0);
    }

    #[test]
    fn an_ended_session_stays_readable_while_pinned() {
        let mut state = three_sessions();
        does(&mut state, log("c", 0, 1..=1));
        press(&mut state, "F2");
        does(&mut state, page(false, Vec::new(), &["c"]));
        assert_eq!((listed(&state).as_str(), chosen(&state)), ("ba", "b"));
        let pane: &TranscriptPane = state.transcript(&"c".into()).unwrap();
        assert!(pane.has_ended && pane.title.as_str() == "Lucía");
        assert_eq!(state.rows.len(), 2);
        press(&mut state, "F3");
        assert!(state.transcript(&"c".into()).is_none());
    }

    #[test]
    fn after_a_lost_connection_logs_are_requested_again() {
        let mut state = Monitor::new(TimeZone::UTC, (120, 32), NOW);
        does(&mut state, MonitorEvent::Link(MonitorLink::Online));
        does(&mut state, page(true, vec![session("a", "Mary", None, None, 3)], &[]));
        let lost = MonitorLink::Lost { reason: "gone".into(), retry_at: Millis(NOW.0 + 1000) };
        assert_eq!(does(&mut state, MonitorEvent::Link(lost)), []);
        let why = Err("the server is not there".to_owned());
        assert_eq!(
            does(&mut state, MonitorEvent::Log { id: "a".into(), part: LogQuery::NEWEST, result: why }),
            []
        );
        assert!(state.transcript(&"a".into()).unwrap().error.is_some());
        assert_eq!((state.live(), listed(&state).as_str()), (1, "a"), "what is seen stays");
        let effects = does(&mut state, MonitorEvent::Link(MonitorLink::Online));
        assert_eq!(effects, [MonitorEffect::Read { id: "a".into(), part: LogQuery::NEWEST }]);
        assert!(state.transcript(&"a".into()).unwrap().error.is_none());
    }

    #[test]
    fn a_whole_page_replaces_all_sessions() {
        let mut state = three_sessions();
        does(&mut state, page(true, vec![session("b", "Karim", Some("ben"), None, 2)], &[]));
        assert_eq!((listed(&state).as_str(), chosen(&state), state.live()), ("b", "b", 1));
    }

    #[test]
    fn no_key_has_an_effect_but_reading_and_quitting() {
        let mut state = three_sessions();
        for (action, _, keys) in actions::MONITOR_ACTIONS {
            for name in *keys {
                let mut state = state.clone();
                for effect in press(&mut state, name) {
                    let reads = matches!(
                        effect,
                        MonitorEffect::Read { .. }
                            | MonitorEffect::Redraw
                            | MonitorEffect::Suspend
                            | MonitorEffect::Quit
                    );
                    assert!(reads, "{action:?}");
                }
            }
        }
        assert_eq!(press(&mut state, "F10"), [MonitorEffect::Quit]);
    }

    #[test]
    fn the_palette_performs_the_chosen_action() {
        let mut state = three_sessions();
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
