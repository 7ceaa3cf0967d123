//! Parking sessions in a workbin and pulling them back.

use crate::app::core::action::Action;
use crate::app::core::effect::Effect;
use crate::app::core::key::{Code, Key};
use crate::app::core::layer::Layer;
use crate::app::core::notice::Level;
use crate::app::core::outbox::send_held;
use crate::app::core::requests::{call, online};
use crate::app::core::state::{Awaited, State};
use crate::app::core::view::show;
use crate::app::features::workbins::model::WorkbinRequest;
use crate::app::features::workbins::{ParkedSession, Workbin, WorkbinList};
use crate::domain::InteractionId;
use crate::domain::interaction::MEDIA_TYPE;
use crate::domain::transcript::SendState;
use crate::proto::media::InteractionDto;
use crate::proto::request::Request;
use crate::proto::workbins::{WorkbinDto, WorkbinEvent};
use crate::proto::{decode, time, wa};
use crate::text::Clean;

/// Requests the workbins. They arrive as an event, and so do their contents.
pub(in crate::app) fn ask(state: &mut State, out: &mut Vec<Effect>) {
    call(state, Request::Workbins, Awaited::Workbins(WorkbinRequest::List), out);
}

/// Applies an event about workbins.
pub(in crate::app) fn apply_event(state: &mut State, event: WorkbinEvent, out: &mut Vec<Effect>) {
    match event {
        WorkbinEvent::List(list) => listed(state, &list, out),
        WorkbinEvent::Content(list) => {
            for dto in list {
                let Some(items) = dto.interactions else { continue };
                let mut items: Vec<ParkedSession> =
                    items.iter().filter_map(|dto| parked(state, dto)).collect();
                items.sort_by_key(|item| std::cmp::Reverse(item.since));
                if let Some(workbin) = state.workbins.get_mut(&dto.id) {
                    workbin.items = items;
                }
            }
        }
        WorkbinEvent::Changed { workbin, interaction, added, because } => {
            let was = state.workbins.remove(&interaction.id.as_str().into());
            if !added {
                if let (Some((name, item)), Some("customer")) = (was, because.as_deref()) {
                    let who = item.interaction.party.display_name();
                    let words = format!("{who} wrote again: the session left {name} and is offered again");
                    state.say(Level::Info, words);
                }
            } else if let Some(item) = parked(state, &interaction)
                && let Some(known) = state.workbins.get_mut(&workbin)
            {
                known.items.insert(0, item);
            }
        }
        WorkbinEvent::Other => {}
    }
    keep_choice(state);
}

fn listed(state: &mut State, list: &[WorkbinDto], out: &mut Vec<Effect>) {
    let mut before = std::mem::take(&mut state.workbins);
    for dto in list.iter().filter(|dto| !dto.id.is_empty()) {
        let name = [&dto.display_name, &dto.workbin_name, &dto.id].into_iter().find(|name| !name.is_empty());
        let items = before.get_mut(&dto.id).map(|known| std::mem::take(&mut known.items)).unwrap_or_default();
        state.workbins.all.push(Workbin {
            id: dto.id.clone(),
            name: Clean::line(name.map_or("", String::as_str)),
            own: dto.kind.is_empty() || dto.kind == "Agent",
            items,
        });
    }
    // The workbin to park in comes first, so that a session just parked is at the top.
    let parking = state.workbins.parking().map(|workbin| workbin.id.clone());
    state.workbins.all.sort_by_key(|workbin| (parking.as_ref() != Some(&workbin.id), !workbin.own));
    let ids: Vec<String> = state.workbins.all.iter().map(|workbin| workbin.id.clone()).collect();
    if ids.is_empty() {
        return;
    }
    for id in &ids {
        call(state, Request::FollowWorkbin(id.clone()), Awaited::Silent, out);
    }
    call(state, Request::WorkbinContents(ids), Awaited::Silent, out);
}

/// A session of a workbin; `None` when it is not a WhatsApp session.
fn parked(state: &State, dto: &InteractionDto) -> Option<ParkedSession> {
    if dto.mediatype != MEDIA_TYPE && dto.mediatype != "chat" {
        return None;
    }
    Some(ParkedSession {
        interaction: decode::interaction(dto, state.now),
        last_words: dto.user_data.text(wa::LAST_WORDS).map(Clean::line).unwrap_or_default(),
        since: dto.rest.get("placedInQueueAt").and_then(time::parse),
    })
}

/// Keeps the selection inside the list.
fn keep_choice(state: &mut State) {
    let counts: Vec<usize> = state.workbins.all.iter().map(|workbin| workbin.items.len()).collect();
    for layer in &mut state.layers {
        if let Layer::Workbins(list) = layer {
            list.tab = list.tab.min(counts.len().saturating_sub(1));
            let count = counts.get(list.tab).copied().unwrap_or(0);
            list.selected = list.selected.min(count.saturating_sub(1));
        }
    }
}

/// Parks the shown session in the agent's workbin.
pub(in crate::app) fn park(state: &mut State, out: &mut Vec<Effect>) {
    let Some(session) = state.session() else {
        state.say(Level::Info, "there is no session to park");
        return;
    };
    let id = session.interaction.id.clone();
    let advises = session.interaction.am_consulted();
    // A pending request must finish first: once the session is gone, nobody would see its outcome.
    let under_way =
        session.transcript.pending().iter().any(|pending| {
            matches!(pending.state, SendState::Sending | SendState::Unknown | SendState::Queued)
        });
    if state.parking.contains(&id) || !online(state) {
        return;
    }
    if advises {
        let words = "you are asked for advice here, the session is not yours to park; /leave leaves it";
        state.say(Level::Info, words);
        return;
    }
    if under_way {
        state.say(Level::Info, "a message is on its way: park the session when it is sent");
        return;
    }
    park_now(state, &id, out);
}

/// Sends the request to place a session in the agent's workbin.
pub(in crate::app) fn park_now(state: &mut State, id: &InteractionId, out: &mut Vec<Effect>) {
    let Some(workbin) = state.workbins.parking().map(|workbin| workbin.id.clone()) else {
        let words = none(state);
        state.say(Level::Warning, format!("{words}; the session stays here"));
        return;
    };
    // A held message was meant for the customer now, not when the session comes back. Requests for one session
    // keep their order.
    send_held(state, id, out);
    let Some(read) = state.by_id(id).map(|session| session.read.upto()) else { return };
    state.parking.push(id.clone());
    call(
        state,
        Request::Park { id: id.clone(), workbin, read },
        Awaited::Workbins(WorkbinRequest::Park(id.clone())),
        out,
    );
}

fn none(state: &State) -> String {
    match &state.workbins.refused {
        Some(words) => format!("the server has no workbin for you ({words})"),
        None => "the server has no workbin for you".to_owned(),
    }
}

/// The notice for a session that went to a workbin. After the agent has parked it, the session whose customer
/// waits longest is shown next.
pub(in crate::app) fn gone_in(state: &mut State, id: &InteractionId) -> (String, Level) {
    let own = state.parking.iter().position(|parking| parking == id);
    if let Some(place) = own {
        state.parking.remove(place);
    }
    let key = state.settings.keymap.hint(Action::Workbin);
    let known = state.workbins.parking().map(|workbin| state.workbins.name_in_sentence(workbin));
    let place = known.unwrap_or_else(|| "a workbin".to_owned());
    let undo =
        if own.is_some() && !key.is_empty() { format!("; {key} Enter takes it back") } else { String::new() };
    (format!("is in {place}{undo}"), if own.is_some() { Level::Good } else { Level::Warning })
}

/// Shows the session whose customer waits longest.
pub(in crate::app) fn next_waiting(state: &mut State) {
    let waiting =
        state.sessions.iter().filter_map(|session| Some((session.waiting_since()?, &session.interaction.id)));
    if let Some(id) = waiting.min_by_key(|(since, _)| *since).map(|(_, id)| id.clone()) {
        show(state, &id);
    }
}

/// Opens the list of workbins.
pub(in crate::app) fn open(state: &mut State) {
    if state.workbins.all.is_empty() {
        let words = none(state);
        state.say(Level::Warning, words);
        return;
    }
    state.layers.push(Layer::Workbins(WorkbinList::default()));
}

/// Handles a key in the list.
pub(in crate::app) fn key(state: &mut State, key: Key, out: &mut Vec<Effect>) {
    let counts: Vec<usize> = state.workbins.all.iter().map(|workbin| workbin.items.len()).collect();
    let tabs = counts.len().max(1);
    let Some(Layer::Workbins(list)) = state.layers.last_mut() else { return };
    let count = counts.get(list.tab).copied().unwrap_or(0).max(1);
    match key.code {
        Code::Down => list.selected = (list.selected + 1) % count,
        Code::Up => list.selected = (list.selected + count - 1) % count,
        Code::PageDown | Code::End => list.selected = count - 1,
        Code::PageUp | Code::Home => list.selected = 0,
        Code::Tab | Code::BackTab => {
            let step = if key.code == Code::Tab { 1 } else { tabs - 1 };
            *list = WorkbinList { tab: (list.tab + step) % tabs, selected: 0 };
        }
        Code::Enter => {
            let WorkbinList { tab, selected } = *list;
            pull(state, tab, selected, out);
        }
        _ => {}
    }
}

/// Takes a session out of a workbin, by its index in the list.
pub(in crate::app) fn pull(state: &mut State, tab: usize, selected: usize, out: &mut Vec<Effect>) {
    let Some(workbin) = state.workbins.all.get(tab) else { return };
    let Some(item) = workbin.items.get(selected) else { return };
    let (id, workbin) = (item.interaction.id.clone(), workbin.id.clone());
    if state.accepted.contains(&id) || !online(state) {
        return;
    }
    state.layers.pop();
    // The session is shown as soon as it opens, like an accepted invitation.
    state.accepted.push(id.clone());
    call(state, Request::Pull { id: id.clone(), workbin }, Awaited::Workbins(WorkbinRequest::Pull(id)), out);
}

/// The server refused a request.
pub(in crate::app) fn failed(
    state: &mut State,
    request: &WorkbinRequest,
    words: &str,
    out: &mut Vec<Effect>,
) {
    match request {
        // The console works without workbins.
        WorkbinRequest::List => state.workbins.refused = Some(Clean::line(words)),
        WorkbinRequest::Park(id) => {
            state.parking.retain(|parking| parking != id);
            let sentence = format!("the session could not be parked: {words}");
            if let Some(session) = state.by_id_mut(id) {
                session.trouble = Some(Clean::line(&sentence));
            }
            state.say(Level::Error, sentence);
        }
        WorkbinRequest::Pull(id) => {
            state.accepted.retain(|accepted| accepted != id);
            state.say(Level::Error, format!("the session could not be taken out of the workbin: {words}"));
            // The list was out of date: it is read again.
            if state.online() {
                ask(state, out);
            }
        }
    }
}
