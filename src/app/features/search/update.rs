//! Searching and copying text of a transcript, and listing its links.

use crate::app::core::action::Action;
use crate::app::core::case_data;
use crate::app::core::effect::Effect;
use crate::app::core::layer::{Choice, Layer, Prompt, PromptPurpose};
use crate::app::core::notice::Level;
use crate::app::core::picker::{Item, Picker};
use crate::app::core::scroll::Scroll;
use crate::app::core::session::Session;
use crate::app::core::state::State;
use crate::app::features::search::{Hit, TranscriptSearch};
use crate::domain::message::{Body, Side};
use crate::domain::transcript::TranscriptEntry;
use crate::domain::{InteractionId, Millis};
use crate::text::compose::Composer;
use crate::text::{Clean, fold};

pub(in crate::app) fn prompt(state: &mut State, words: &str) {
    let Some(session) = state.session() else { return };
    let id = session.interaction.id.clone();
    if !words.is_empty() {
        return search(state, &id, words);
    }
    if let Some(found) = session.search.clone() {
        // The same search again goes to the previous match.
        let at = found.at.checked_sub(1).unwrap_or(found.hits.len().saturating_sub(1));
        return go_to_hit(state, &id, TranscriptSearch { at, ..found });
    }
    let prompt =
        Prompt { title: "Search".into(), input: Composer::new(), purpose: PromptPurpose::Search(id) };
    state.layers.push(Layer::Prompt(prompt));
}

/// Searches the session and the earlier ones that are shown, the newest match first. Case and accents do not
/// matter.
pub(in crate::app) fn search(state: &mut State, id: &InteractionId, words: &str) {
    let needle = fold::folded(words.trim());
    let Some(session) = state.by_id(id).filter(|_| !needle.is_empty()) else { return };
    let holds = |text: &Clean| fold::folded(text).contains(&needle);
    let found = |body: &Body| match body {
        Body::Text(text) | Body::Url(text) | Body::Placeholder(text) | Body::Notice(text) => holds(text),
        Body::Media(media) => media.caption.iter().chain(&media.name).any(holds),
        _ => false,
    };
    let older = session.older.shown.iter().map(|older| &older.transcript);
    let logs = older.chain([&session.transcript]);
    let back = (0..=session.older.shown.len()).rev();
    let hits: Vec<Hit> = back
        .zip(logs)
        .flat_map(|(back, log)| {
            let lines = log.lines().iter().filter(|line| found(&line.message.body));
            lines.map(move |line| Hit { back, index: line.message.index })
        })
        .collect();
    let rest = session.older.unread_part();
    let key = state.settings.keymap.hint(Action::Older);
    let rest = if rest.is_empty() { String::new() } else { format!("{rest}: {key} brings them") };
    if hits.is_empty() {
        let rest = if rest.is_empty() { rest } else { format!("; {rest}") };
        state.say(Level::Info, format!("{:?} is not here{rest}", words.trim()));
        return;
    }
    if !rest.is_empty() {
        state.say(Level::Info, rest);
    }
    let at = hits.len() - 1;
    go_to_hit(state, id, TranscriptSearch { words: Clean::line(words.trim()), hits, at });
}

pub(in crate::app) fn go_to_hit(state: &mut State, id: &InteractionId, search: TranscriptSearch) {
    let area = state.layout().transcript;
    let zone = state.zone.clone();
    let Some(session) = state.by_id_mut(id) else { return };
    if let Some(hit) = search.hits.get(search.at) {
        // The match is shown a third down, so that the messages before it are visible.
        let held = Scroll::Held { back: hit.back, at: hit.index, skip: 0 };
        let above = isize::try_from(area.height / 3).unwrap_or(0);
        let measure = session.measure(area.width, &zone);
        let to = held.moved(&measure, usize::from(area.height), -above);
        session.set_scroll(to);
    }
    session.search = Some(search);
}

/// The messages of a session and of the earlier ones that are shown, the newest first; for an earlier session
/// with its start.
pub(in crate::app) fn newest_first(
    session: &Session,
) -> impl Iterator<Item = (Option<Millis>, &TranscriptEntry)> {
    let own = session.transcript.lines().iter().rev().map(|line| (None, line));
    let older = session.older.shown.iter().rev();
    own.chain(older.flat_map(|older| {
        let lines = older.transcript.lines().iter().rev();
        lines.map(|line| (older.started.or(Some(line.message.at)), line))
    }))
}

pub(in crate::app) fn links(state: &mut State) {
    let Some(session) = state.session() else { return };
    let mut items = Vec::new();
    let links_of = |session: &Session| -> Vec<(Clean, Clean)> {
        let hidden = [session.options.disposition_key.as_str(), session.options.override_key.as_str()];
        let attribute = session.options.case_attribute.as_deref();
        let shown = case_data::shown(&state.configuration, attribute, &session.interaction, &hidden);
        let found = |pair: case_data::Shown| {
            let range = crate::text::links::links(&pair.value).into_iter().next()?;
            Some((Clean::line(pair.value.get(range)?), Clean::line(&format!("case data: {}", pair.label))))
        };
        shown.into_iter().filter_map(found).collect()
    };
    for (label, detail) in links_of(session) {
        let value = Choice::Link(label.to_string());
        items.push(Item { label, detail, value });
    }
    for (began, line) in newest_first(session) {
        let (Body::Text(text) | Body::Url(text) | Body::Notice(text)) = &line.message.body else { continue };
        for range in crate::text::links::links(text) {
            let Some(link) = text.get(range) else { continue };
            let who = match line.message.side {
                Side::Customer => "customer",
                Side::Agent | Side::Supervisor => "agent",
                Side::System => "notice",
            };
            let date = began.map(|at| at.in_zone(&state.zone).strftime(", %-d %b %Y").to_string());
            items.push(Item {
                label: Clean::line(link),
                detail: Clean::line(&format!("{who}{}", date.unwrap_or_default())),
                value: Choice::Link(link.to_owned()),
            });
        }
    }
    state.layers.push(Layer::Pick(Picker::new("Links: Enter copies", "no link in this session", items)));
}

pub(in crate::app) fn copy(state: &mut State, out: &mut Vec<Effect>) {
    let words = state.session().and_then(|session| {
        newest_first(session).find_map(|(began, line)| match &line.message.body {
            Body::Text(text) if line.message.side == Side::Customer => Some((text.to_string(), began)),
            _ => None,
        })
    });
    match words {
        Some((text, began)) => {
            out.push(Effect::Copy(text));
            let when = began.map(|at| at.in_zone(&state.zone).strftime(", of %-d %b %Y,").to_string());
            let words =
                format!("the customer's last message{} is on your clipboard", when.unwrap_or_default());
            state.say(Level::Good, words);
        }
        None => state.say(Level::Info, "the customer has not written here"),
    }
}
