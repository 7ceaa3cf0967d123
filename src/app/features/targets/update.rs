//! The list of targets for transfer, conference and consultation: opening, searching and refreshing it, and
//! choosing.

use crate::app::Action;
use crate::app::core::effect::Effect;
use crate::app::core::layer::Layer;
use crate::app::core::notice::Level;
use crate::app::core::requests::{call, online};
use crate::app::core::state::{Awaited, State};
use crate::app::features::targets::model::TargetsRequest;
use crate::app::features::targets::{TargetPart, Targets};
use crate::domain::routing_based::RequestKind;
use crate::domain::target::{ListedTarget, Target, TargetKind};
use crate::domain::{ContactId, InteractionId, Millis};
use crate::proto::request::Request;
use crate::proto::targets;
use crate::text::Clean;
use serde_json::Value as Json;

/// Opens the list for the shown session; `/transfer agent kate` names the target at once.
pub(in crate::app) fn open(
    state: &mut State,
    kind: RequestKind,
    arguments: &str,
    consulted: Vec<Target>,
    out: &mut Vec<Effect>,
) {
    let Some(session) = state.session() else {
        state.say(Level::Info, "there is no session");
        return;
    };
    if let Some(asked) = &session.asked {
        let words = format!(
            "{}: that is being asked already; it must be answered first, or taken back with /cancel",
            asked.what()
        );
        state.say(Level::Info, words);
        return;
    }
    let (id, who) = (session.interaction.id.clone(), session.name());
    if !online(state) {
        return;
    }
    let (word, rest) = arguments.split_once(char::is_whitespace).unwrap_or((arguments, ""));
    let only = TargetKind::named(word);
    let name = if only.is_some() { rest.trim() } else { arguments.trim() };
    let mine = state.me.as_ref().map(|me| me.employee_id.clone()).unwrap_or_default();
    let key = state.settings.keymap.hint(Action::Favourite);
    let mut list = Targets::new(id, &who, kind, only, &state.options(), &mine, key);
    list.consult(consulted);
    if !name.is_empty() {
        list.picker.edit(|query| query.insert(name));
        list.name = Some(name.to_owned());
    }
    let asked = list.asked.clone();
    state.layers.push(Layer::Targets(Box::new(list)));
    search(state, asked, out);
    // A command that names its target usually needs no list.
    if name.is_empty() {
        call(state, Request::Favourites, Awaited::Targets(TargetsRequest::Favourites), out);
    }
}

fn list_mut(state: &mut State) -> Option<&mut Targets> {
    state.layers.iter_mut().rev().find_map(|layer| match layer {
        Layer::Targets(list) => Some(&mut **list),
        _ => None,
    })
}

fn search(state: &mut State, asked: (String, Vec<TargetKind>), out: &mut Vec<Effect>) {
    let now = state.now;
    let Some(list) = list_mut(state) else { return };
    list.due = None;
    list.fresh(now);
    let request = Request::Targets { search: asked.0.clone(), kinds: asked.1.clone() };
    call(state, request, Awaited::Targets(TargetsRequest::Search(asked)), out);
}

/// Reacts to a change of the query.
pub(in crate::app) fn typed(state: &mut State) {
    let now = state.now;
    let Some(list) = list_mut(state) else { return };
    // An agent who continues typing chooses a row.
    list.name = None;
    list.changed(now);
}

/// Reacts to the choice of another part: requests its data at once.
pub(in crate::app) fn filtered(state: &mut State, out: &mut Vec<Effect>) {
    let options = state.options();
    let Some(list) = list_mut(state) else { return };
    list.name = None;
    list.widen(&options);
    list.rebuild();
    if state.online() {
        read_part(state, out);
    }
}

/// Requests the missing data of the shown part.
fn read_part(state: &mut State, out: &mut Vec<Effect>) {
    let (now, recents) = (state.now, state.options().target_recents);
    let Some(list) = list_mut(state) else { return };
    match list.part() {
        TargetPart::Favourites => {
            list.fresh(now);
            call(state, Request::Favourites, Awaited::Targets(TargetsRequest::Favourites), out);
        }
        TargetPart::Recents => {
            list.fresh(now);
            let request = Request::Recents { limit: recents };
            call(state, request, Awaited::Targets(TargetsRequest::Recents), out);
        }
        TargetPart::All | TargetPart::Kind(_) => {
            if let Some(wanted) = list.wanted() {
                list.asked = wanted.clone();
                search(state, wanted, out);
            }
        }
    }
}

/// Searches when the typing pauses, and refreshes old data. Nothing is requested while a request is pending, so
/// that a slow server is not asked faster than it answers.
pub(in crate::app) fn tick(state: &mut State, out: &mut Vec<Effect>) {
    let now = state.now;
    // Nobody sees the list while the console is locked.
    if !state.online() || state.lock.is_some() {
        return;
    }
    let waiting = state.is_awaiting_targets();
    let Some(list) = list_mut(state) else { return };
    if list.due.is_some_and(|due| due <= now) {
        list.due = None;
        return read_part(state, out);
    }
    if waiting || list.stale_at > now {
        return;
    }
    // A failed search is repeated first.
    let missing = list.due.is_none() && list.wanted().is_some();
    match list.again().filter(|_| !missing) {
        Some(asked) => search_again(state, asked, out),
        None if !missing && list.part() == TargetPart::Kind(TargetKind::Contact) => list.fresh(now),
        None => read_part(state, out),
    }
}

/// Like [`search`], but does not cancel the search that waits for a pause in typing.
fn search_again(state: &mut State, asked: (String, Vec<TargetKind>), out: &mut Vec<Effect>) {
    let due = list_mut(state).and_then(|list| list.due);
    search(state, asked, out);
    if let Some(list) = list_mut(state) {
        list.due = due;
    }
}

/// A target named with the command: the session, the kind of request, the target.
pub(in crate::app) type Named = (InteractionId, RequestKind, Target);

/// The server answered. Returns the target that was named with the command, once it is clear which one is
/// meant.
pub(in crate::app) fn replied(
    state: &mut State,
    asked: TargetsRequest,
    data: &Json,
    out: &mut Vec<Effect>,
) -> Option<Named> {
    let limit = state.options().target_recents;
    let (found, total) = targets::read(data);
    match asked {
        TargetsRequest::Search(asked) => return searched(state, &asked, found, total, out),
        TargetsRequest::Favourites => {
            if let Some(list) = list_mut(state) {
                list.set_favourites(Ok(found));
            }
        }
        TargetsRequest::Recents => {
            if let Some(list) = list_mut(state) {
                list.set_recents(Ok(found.into_iter().take(limit).collect()));
            }
        }
        TargetsRequest::Mark { target, on } => {
            let words = if on { "is a favourite now" } else { "is no favourite any more" };
            state.say(Level::Good, format!("{} {words}", target.called()));
            if let Some(list) = list_mut(state) {
                list.mark(target.kind, &target.id, on);
            }
        }
    }
    None
}

fn searched(
    state: &mut State,
    asked: &(String, Vec<TargetKind>),
    found: Vec<ListedTarget>,
    total: u64,
    out: &mut Vec<Effect>,
) -> Option<Named> {
    let list = list_mut(state)?;
    list.add(asked, found, total);
    if list.asked != *asked {
        return None;
    }
    let name = list.name.clone()?;
    // Not all targets are known yet: only the search for the name shows whether it matches one target.
    if !list.knows_all()
        && asked.0 != name
        && let Some((_, kinds)) = list.again()
    {
        let asked = (name, kinds);
        list.asked = asked.clone();
        search(state, asked, out);
        return None;
    }
    let meant = list.meant(&name).cloned();
    list.name = None;
    let (session, kind) = (list.session.clone(), list.kind);
    match meant {
        Some(target) => {
            state.layers.retain(|layer| !matches!(layer, Layer::Targets(_)));
            Some((session, kind, target))
        }
        // The list stays open, with all its rows.
        None => {
            call(state, Request::Favourites, Awaited::Targets(TargetsRequest::Favourites), out);
            if let Some(list) = list_mut(state)
                && list.wanted().is_some()
            {
                list.due = Some(Millis(0));
            }
            None
        }
    }
}

/// The server refused a request.
pub(in crate::app) fn failed(state: &mut State, asked: &TargetsRequest, words: &str) {
    if let TargetsRequest::Mark { target, on } = asked {
        let what = if *on { "made a favourite" } else { "taken off the favourites" };
        return state.say(Level::Error, format!("{} could not be {what}: {words}", target.called()));
    }
    let Some(list) = list_mut(state) else { return };
    match asked {
        TargetsRequest::Favourites => {
            list.set_favourites(Err(Clean::line(&format!("this server keeps no favourites: {words}"))));
        }
        TargetsRequest::Recents => {
            list.set_recents(Err(Clean::line(&format!("this server keeps no recent targets: {words}"))));
        }
        TargetsRequest::Search(_) | TargetsRequest::Mark { .. } => list.failed(words),
    }
}

/// The connection broke. The results stay, and are requested again when the connection is back.
pub(in crate::app) fn lost(state: &mut State) {
    let now = state.now;
    if let Some(list) = list_mut(state) {
        list.stale_at = now;
        list.failed("the connection is lost");
    }
}

/// Marks the selected row as a favourite, or unmarks it.
pub(in crate::app) fn favourite(state: &mut State, out: &mut Vec<Effect>) {
    let Some(list) = list_mut(state) else { return };
    let Some(chosen) = list.chosen().cloned() else { return };
    if let Some(why) = list.no_favourites() {
        return state.say(Level::Warning, why);
    }
    if chosen.corporate {
        let words =
            format!("{} is a favourite of everybody: your administrator sets that", chosen.target.called());
        return state.say(Level::Info, words);
    }
    let on = !list.is_favourite(&chosen.target);
    if !online(state) {
        return;
    }
    let target = chosen.target.clone();
    let request = if on {
        Request::SaveFavourite(Box::new(chosen))
    } else {
        Request::DeleteFavourite { kind: target.kind, id: target.id.clone() }
    };
    call(state, request, Awaited::Targets(TargetsRequest::Mark { target, on }), out);
}

/// Reports that a contact cannot get a session, and what can be done instead.
pub(in crate::app) fn contact_chosen(state: &mut State, _contact: &ContactId, name: &Clean) {
    let words = format!(
        "{name} is a contact and cannot be given a session: choose an agent, a group, a skill or a queue"
    );
    state.say(Level::Warning, words);
}
