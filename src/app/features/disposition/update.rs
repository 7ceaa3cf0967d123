//! Dispositions: choosing one, attaching it, and reporting why it can't be changed.

use crate::app::core::action::Action;
use crate::app::core::case_data as case;
use crate::app::core::effect::Effect;
use crate::app::core::key::{Code, Key};
use crate::app::core::layer::Layer;
use crate::app::core::notice::Level;
use crate::app::core::requests::{call, online};
use crate::app::core::session::Session;
use crate::app::core::state::{Awaited, State};
use crate::app::core::typing::type_into;
use crate::app::features::disposition::model::DispositionRequest;
use crate::app::features::disposition::{Dispositions, Leaf, leaves};
use crate::domain::message::{Body, Side};
use crate::domain::{AttachedData, InteractionId};
use crate::proto::request::Request;
use crate::text::Clean;
use crate::text::fold::folded;

/// Whether the session has ended for the customer or is being finished.
fn is_idle(session: &Session) -> bool {
    let gone = session.transcript.lines().iter().rev().find_map(|line| match line.message.body {
        Body::Joined if line.message.side == Side::Customer => Some(false),
        Body::Left if line.message.side == Side::Customer => Some(true),
        Body::Text(_) | Body::Media(_) if line.message.side == Side::Customer => Some(false),
        _ => None,
    });
    session.finishing.is_some() || gone == Some(true)
}

/// Why the disposition cannot be changed any more. (Workspace: `interaction.disposition.is-read-only-on-idle`.)
/// A mandatory disposition that is missing can still be set, otherwise the session could never be finished.
fn locked(session: &Session) -> bool {
    let options = &session.options;
    let set = !case::value(&session.interaction.user_data, &options.disposition_key).is_empty();
    options.disposition_read_only && is_idle(session) && (set || !options.disposition_mandatory)
}

/// Whether the disposition of a session can be chosen now.
pub(in crate::app) fn is_open(state: &State, session: &Session) -> bool {
    !locked(session) && !leaves(&state.configuration, &session.options.disposition_attribute).is_empty()
}

/// Opens the list for a session, or attaches a disposition given with the command at once.
pub(in crate::app) fn open(
    state: &mut State,
    id: &InteractionId,
    code: &str,
    then_done: bool,
    out: &mut Vec<Effect>,
) {
    let Some(session) = state.by_id(id) else { return };
    if locked(session) {
        state.say(Level::Warning, "the session has ended: its disposition can no longer be changed");
        return;
    }
    let attribute = session.options.disposition_attribute.clone();
    let set = case::value(&session.interaction.user_data, &session.options.disposition_key);
    let leaves = leaves(&state.configuration, &attribute);
    if leaves.is_empty() {
        let words = format!(
            "there are no dispositions: the business attribute {attribute} has no values on the server"
        );
        state.say(Level::Warning, words);
        return;
    }
    let same = |text: &str| folded(text) == folded(code);
    let exact: Vec<&Leaf> = leaves.iter().filter(|leaf| same(&leaf.name) || same(&leaf.shown)).collect();
    if let (false, [only]) = (code.is_empty(), exact.as_slice()) {
        let name = only.name.clone();
        return attach(state, id, name, &set, then_done, out);
    }
    let named = state.configuration.business_attribute(&attribute).map(case::title).unwrap_or_default();
    let title = if then_done { Clean::line(&format!("{named}, then done")) } else { named };
    let mut list = Dispositions::new(title, id.clone(), then_done, set, leaves);
    if !code.is_empty() {
        list.edit(|query| query.insert(code));
    }
    state.layers.push(Layer::Dispositions(Box::new(list)));
}

/// Handles a key while the list is the topmost layer.
pub(in crate::app) fn key(state: &mut State, key: Key, action: Option<Action>, out: &mut Vec<Effect>) {
    let page = isize::try_from(state.layer_rows()).unwrap_or(10);
    let Some(Layer::Dispositions(list)) = state.layers.last_mut() else { return };
    let searching = !list.query().is_empty();
    match key.code {
        Code::Enter => choose(state, out),
        Code::Up | Code::BackTab => list.go(-1),
        Code::Down | Code::Tab => list.go(1),
        Code::PageUp => list.go(-page),
        Code::PageDown => list.go(page),
        Code::Right if !searching => list.fold(true),
        Code::Left if !searching => list.fold(false),
        Code::Delete if key.alt => clear(state, out),
        _ => list.edit(|query| type_into(query, key, action)),
    }
}

/// Handles a click on a row.
pub(in crate::app) fn pick(state: &mut State, place: usize, out: &mut Vec<Effect>) {
    if let Some(Layer::Dispositions(list)) = state.layers.last_mut() {
        list.select(place);
        choose(state, out);
    }
}

fn choose(state: &mut State, out: &mut Vec<Effect>) {
    let Some(Layer::Dispositions(list)) = state.layers.last_mut() else { return };
    let Some(leaf) = list.chosen() else { return list.toggle() };
    let (id, set, then_done) = (list.session.clone(), list.set.clone(), list.then_done);
    if online(state) {
        state.layers.pop();
        attach(state, &id, leaf.name, &set, then_done, out);
    }
}

/// Removes the disposition.
fn clear(state: &mut State, out: &mut Vec<Effect>) {
    let Some(Layer::Dispositions(list)) = state.layers.last() else { return };
    if list.set.is_empty() {
        return state.say(Level::Info, "no disposition is set");
    }
    let (id, set) = (list.session.clone(), list.set.clone());
    if online(state) {
        state.layers.pop();
        attach(state, &id, String::new(), &set, false, out);
    }
}

/// Attaches a disposition, unless somebody else has attached another one since the list was opened.
fn attach(
    state: &mut State,
    id: &InteractionId,
    name: String,
    over: &str,
    then_done: bool,
    out: &mut Vec<Effect>,
) {
    if !online(state) {
        return;
    }
    let Some(session) = state.by_id(id) else {
        return state.say(Level::Warning, "the session is gone: nothing was set");
    };
    let key = session.options.disposition_key.clone();
    let now = case::value(&session.interaction.user_data, &key);
    if now != over && now != name {
        open(state, id, "", then_done, out);
        let shown = shown(state, id, &now);
        let words =
            format!("somebody else set the disposition to {shown} meanwhile; choose once more to replace it");
        return state.say(Level::Warning, words);
    }
    let mut data = AttachedData::new();
    data.set(key, name.clone());
    let request = Request::UpdateUserData { id: id.clone(), data };
    call(
        state,
        request,
        Awaited::Disposition(DispositionRequest { session: id.clone(), name, then_done }),
        out,
    );
}

/// The display name of a disposition.
pub(in crate::app) fn shown(state: &State, id: &InteractionId, name: &str) -> Clean {
    let attribute = state.by_id(id).map(|session| session.options.disposition_attribute.as_str());
    let leaves = leaves(&state.configuration, attribute.unwrap_or_default());
    let found = leaves.into_iter().find(|leaf| leaf.name == name).map(|leaf| leaf.shown);
    found.unwrap_or_else(|| Clean::line(if name.is_empty() { "none" } else { name }))
}

/// The server has attached the disposition. Returns whether the session must be finished now.
pub(in crate::app) fn attached(state: &mut State, request: &DispositionRequest) -> bool {
    let DispositionRequest { session: id, name, then_done } = request;
    let shown = shown(state, id, name);
    let Some(session) = state.by_id_mut(id) else { return false };
    let key = session.options.disposition_key.clone();
    session.interaction.user_data.set(key, name.as_str());
    if *then_done {
        return true;
    }
    let words = if name.is_empty() {
        "the disposition is removed".to_owned()
    } else {
        format!("the disposition is {shown}")
    };
    state.say(Level::Good, words);
    false
}

/// Opens the dispositions of the shown session.
pub(in crate::app) fn open_shown(state: &mut State, code: &str, out: &mut Vec<Effect>) {
    match state.session().map(|session| session.interaction.id.clone()) {
        Some(id) => open(state, &id, code, false, out),
        None => state.say(Level::Info, "there is no session"),
    }
}
