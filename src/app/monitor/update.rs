//! How each thing that happens changes the monitor.

use super::{Act, Effect, Layer, Link, Monitor, Msg, PINS, Row, Sort, What, acts};
use crate::app::key::{Code, Key};
use crate::app::picker::{Item, Picker};
use crate::app::scroll::Scroll;
use crate::domain::{InteractionId, Millis};
use crate::proto::decode;
use crate::proto::media::MessageDto;
use crate::proto::watch::LivePage;
use crate::text::{Clean, fold};

/// Rows that a page of a transcript moves, whatever the pane's height: grids have several.
const PAGE: isize = 8;

/// Changes the state by what happened, and says what is to be done.
pub fn update(state: &mut Monitor, msg: Msg) -> Vec<Effect> {
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
        What::Live(page) => live(state, &page),
        What::Log { id, after, result } => log(state, &id, after, result),
        What::Terminate => state.ending = true,
    }
    read_along(state, &mut out);
    if state.ending {
        out.push(Effect::Quit);
    }
    out
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
    }
}

/// Filters and sorts the list; the choice stays where it is, or goes to the first.
fn arrange(state: &mut Monitor) {
    let words: Vec<String> = state.filter.text().split_whitespace().map(fold::folded).collect();
    let fits = |row: &&Row| words.iter().all(|word| row.key.contains(word.as_str()));
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

fn log(state: &mut Monitor, id: &InteractionId, after: u64, result: Result<Vec<MessageDto>, String>) {
    let Some(reading) = state.readings.get_mut(id) else { return };
    reading.asked = false;
    match result {
        Ok(messages) => {
            reading.trouble = None;
            if after == 0 {
                reading.transcript = crate::domain::transcript::Transcript::default();
            }
            for message in &messages {
                reading.transcript.insert(decode::message(message));
            }
        }
        Err(why) => reading.trouble = Some(Clean::line(&why)),
    }
}

/// Lets go of transcripts out of sight, and reads on in those that are in it.
fn read_along(state: &mut Monitor, out: &mut Vec<Effect>) {
    let panes = state.panes();
    state.readings.retain(|id, _| panes.contains(id));
    state.pane = state.pane.min(panes.len().saturating_sub(1));
    for id in panes {
        let row = state.rows.get(&id);
        let last = row.map(|row| row.last_index);
        let title = row.map(|row| row.customer.clone());
        let reading = state.readings.entry(id.clone()).or_default();
        if let Some(title) = title {
            reading.title = title;
        }
        let read = reading.transcript.last_index();
        if state.link == Link::Online
            && !reading.asked
            && last.is_some_and(|last| last > read)
            && reading.trouble.is_none()
        {
            reading.asked = true;
            out.push(Effect::Read { id, after: read });
        }
    }
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
            // A short one has nowhere to scroll to.
            scroll(state, 0);
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
        // The pane's first row is its heading.
        let height = usize::from(area.height.saturating_sub(1));
        let to = reading.scroll.moved(&reading.measure(area.width, &zone), height, rows);
        reading.scroll = to;
    }
}
