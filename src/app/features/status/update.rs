//! The agent's status: menus, requests to change it, and changes reported by the server.

use crate::app::core::action::Action;
use crate::app::core::effect::Effect;
use crate::app::core::layer::{Choice, Layer};
use crate::app::core::notice::Level;
use crate::app::core::picker::{Item, Picker};
use crate::app::core::requests::{call, online};
use crate::app::core::state::{Awaited, State};
use crate::app::features::status::model::{StatusChoice, StatusRequest};
use crate::app::features::status::{NamedChannel, NewStatus, channel_label};
use crate::domain::agent::{AgentState, Reason, StatusAction};
use crate::domain::interaction::MEDIA_TYPE;
use crate::proto::media::ChannelDto;
use crate::proto::request::Request;
use crate::proto::{decode, wa};
use crate::text::Clean;
use crate::text::fold::folded;

fn item(label: impl AsRef<str>, detail: &str, value: Choice) -> Item<Choice> {
    Item { label: Clean::line(label.as_ref()), detail: Clean::line(detail), value }
}

/// The rows of a status menu, in the order of the option that lists them.
fn entries(state: &State, actions: &[StatusAction], channel: Option<&str>) -> Vec<Item<Choice>> {
    let choice = |to: NewStatus| Choice::Status(StatusChoice::Set(channel.map(str::to_owned), to));
    let coded = |reasons: &[Reason], word: &str, to: fn(Option<String>) -> NewStatus| -> Vec<Item<Choice>> {
        let one = |reason: &Reason| {
            item(format!("{word}: {}", reason.name), "", choice(to(Some(reason.code.clone()))))
        };
        reasons.iter().map(one).collect()
    };
    let mut items = Vec::new();
    for action in actions {
        match action {
            StatusAction::Ready => items.push(item("Ready", "take new sessions", choice(NewStatus::Ready))),
            StatusAction::NotReady => {
                items.push(item("Not Ready", "take no new sessions", choice(NewStatus::NotReady(None))));
            }
            StatusAction::NotReadyReason => {
                items.extend(coded(&state.reasons, "Not Ready", NewStatus::NotReady))
            }
            StatusAction::AfterCallWork => {
                items.push(item("After Call Work", "finish up", choice(NewStatus::AfterCallWork(None))));
            }
            StatusAction::AfterCallWorkReason => {
                items.extend(coded(&state.work_reasons, "After Call Work", NewStatus::AfterCallWork));
            }
            // Workspace: Do Not Disturb is not per channel.
            StatusAction::DoNotDisturb if channel.is_none() => {
                items.push(item("Do Not Disturb", "on or off", Choice::Do(Action::DoNotDisturb)));
            }
            StatusAction::DoNotDisturb => {}
            StatusAction::LogOff => {
                items.push(item("Log off", "and stay here", choice(NewStatus::LogOff)));
            }
        }
    }
    items
}

/// The menu for all channels.
pub(in crate::app) fn menu(state: &mut State) {
    let actions = state.options().actions_global;
    let mut items = entries(state, &actions, None);
    items.push(item("Channels", "each with its state", Choice::Do(Action::Channels)));
    items.push(item("Sign out", "and quit", Choice::Do(Action::SignOut)));
    state.layers.push(Layer::Pick(Picker::new("Your status", "no status fits", items)));
}

/// Lists who is signed in and where, and each channel with its state and since when.
pub(in crate::app) fn channels(state: &mut State) {
    let me = state.me.clone().unwrap_or_default();
    let place = me.place.as_deref().map_or(String::new(), |place| format!(", place {place}"));
    let title = format!("{} ({}{place})", me.name, me.login);
    let row = |named: &NamedChannel| {
        let channel = &named.channel;
        let reason = channel.reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
        let since = channel.since.map_or(String::new(), |since| {
            format!(" since {}", since.in_zone(&state.zone).strftime("%H:%M"))
        });
        let detail = format!("{}{reason}{since}", channel.state.label());
        item(
            channel_label(&named.name).as_str(),
            &detail,
            Choice::Status(StatusChoice::Channel(named.name.clone())),
        )
    };
    let items = state.channels.iter().map(row).collect();
    let picker = Picker::new(Clean::line(&title), "the server has reported no channel", items);
    state.layers.push(Layer::Pick(picker));
}

/// The menu of one channel.
pub(in crate::app) fn channel_menu(state: &mut State, name: &str) {
    let actions = state.options().actions_by_channel;
    let items = entries(state, &actions, Some(name));
    let title = Clean::line(&format!("Your status on {}", channel_label(name)));
    state.layers.push(Layer::Pick(Picker::new(title, "no status fits", items)));
}

/// Sets Not Ready with the given reason, or with one chosen from a list.
pub(in crate::app) fn not_ready(state: &mut State, reason: &str, out: &mut Vec<Effect>) {
    if reason.is_empty() && !state.reasons.is_empty() {
        let choice =
            |code: Option<String>| Choice::Status(StatusChoice::Set(None, NewStatus::NotReady(code)));
        let one = |reason: &Reason| item(reason.name.as_str(), "", choice(Some(reason.code.clone())));
        let mut items: Vec<_> = state.reasons.iter().map(one).collect();
        items.push(item("no reason", "", choice(None)));
        state.layers.push(Layer::Pick(Picker::new("Not Ready", "no reason fits", items)));
        return;
    }
    let found = code_of(state, reason);
    if found.is_none() && !reason.is_empty() {
        let names: Vec<&str> = state.reasons.iter().map(|r| r.name.as_str()).collect();
        let words = format!("there is no reason {reason:?}; there are: {}", names.join(", "));
        state.say(Level::Warning, words);
        return;
    }
    set(state, None, &NewStatus::NotReady(found), out);
}

/// The reason with this code or name.
pub(in crate::app) fn reason<'a>(state: &'a State, word: &str) -> Option<&'a Reason> {
    let word = folded(word.trim());
    let means = |reason: &&Reason| folded(&reason.code) == word || folded(&reason.name) == word;
    state.reasons.iter().find(means)
}

fn code_of(state: &State, word: &str) -> Option<String> {
    reason(state, word).map(|reason| reason.code.clone())
}

/// Changes the state on a channel, or on all.
pub(in crate::app) fn set(state: &mut State, channel: Option<&str>, to: &NewStatus, out: &mut Vec<Effect>) {
    if !online(state) {
        return;
    }
    let names = channel.map_or_else(|| state.channel_names(), |name| vec![name.to_owned()]);
    let gone = |name: &String| {
        let known = state.channels.iter().find(|named| named.name == *name);
        known.is_some_and(|named| named.channel.state == AgentState::LoggedOut)
    };
    if *to != NewStatus::LogOff
        && names.iter().all(gone)
        && let Some(me) = &state.me
    {
        // An agent who is signed out of the channels is signed in first.
        let request = Request::ActivateChannels { agent_id: me.agent_id.clone(), place: me.place.clone() };
        state.status_asked = true;
        call(state, request, Awaited::Status(StatusRequest::Activate(Some(to.clone()))), out);
        return;
    }
    for name in names {
        ask(state, name, to, out);
    }
}

/// Changes the state on all channels, after these were activated.
fn set_now(state: &mut State, to: &NewStatus, out: &mut Vec<Effect>) {
    for name in state.channel_names() {
        ask(state, name, to, out);
    }
}

fn ask(state: &mut State, channel: String, to: &NewStatus, out: &mut Vec<Effect>) {
    let (request, what) = match to {
        NewStatus::Ready => (Request::Ready { channel }, "Ready"),
        NewStatus::NotReady(reason) => {
            let request = Request::NotReady { channel, reason: reason.clone(), after_call_work: false };
            (request, "Not Ready")
        }
        NewStatus::AfterCallWork(reason) => {
            let request = Request::NotReady { channel, reason: reason.clone(), after_call_work: true };
            (request, "After Call Work")
        }
        NewStatus::LogOff => {
            let read = state.read_all();
            (Request::LogOff { channel, read }, "logging off")
        }
    };
    state.status_asked = true;
    call(state, request, Awaited::Status(StatusRequest::Change(what)), out);
}

/// Toggles Do Not Disturb for all channels.
pub(in crate::app) fn do_not_disturb(state: &mut State, out: &mut Vec<Effect>) {
    if online(state) {
        let on = state.channel.state != AgentState::DoNotDisturb;
        state.status_asked = true;
        call(state, Request::DoNotDisturb(on), Awaited::Status(StatusRequest::Change("Do Not Disturb")), out);
    }
}

/// The status to set after signing in. (Workspace: `login.whatsappsession.is-auto-ready` and
/// `…auto-not-ready-reason`.)
pub(in crate::app) fn at_sign_in(state: &State) -> Option<NewStatus> {
    let options = state.options();
    if options.auto_ready {
        return Some(NewStatus::Ready);
    }
    let reason = options.auto_not_ready_reason?;
    Some(NewStatus::NotReady(Some(code_of(state, &reason).unwrap_or(reason))))
}

/// Sets the status for a locked console. (Workspace: the `security.session-lock-…` options; nothing is set back
/// afterwards.)
pub(in crate::app) fn locked(state: &mut State, out: &mut Vec<Effect>) {
    let options = state.options();
    if !options.lock_sets_not_ready || !state.online() {
        return;
    }
    let reason = options.lock_reason.map(|reason| code_of(state, &reason).unwrap_or(reason));
    let changes = |named: &&NamedChannel| match named.channel.state {
        AgentState::Ready | AgentState::AfterCallWork => true,
        AgentState::NotReady => options.lock_forces_not_ready,
        AgentState::LoggedOut | AgentState::DoNotDisturb => false,
    };
    let names: Vec<String> = state.channels.iter().filter(changes).map(|named| named.name.clone()).collect();
    for name in names {
        ask(state, name, &NewStatus::NotReady(reason.clone()), out);
    }
}

/// Applies changes of channels.
pub(in crate::app) fn changed(state: &mut State, channels: &[ChannelDto]) {
    for dto in channels.iter().filter(|dto| !dto.name.is_empty()) {
        let (reasons, work) = (&state.reasons, &state.work_reasons);
        let name_of =
            |code: &str| reasons.iter().chain(work).find(|r| r.code == code).map(|r| r.name.clone());
        let channel = decode::channel(dto, name_of);
        match state.channels.iter_mut().find(|named| named.name == dto.name) {
            Some(named) => named.channel = channel,
            None => state.channels.push(NamedChannel { name: dto.name.clone(), channel }),
        }
        if let Some(capacity) = dto.extension.number(wa::CAPACITY).and_then(|n| usize::try_from(n).ok()) {
            state.capacity = Some(capacity);
        }
    }
    // A server may handle WhatsApp sessions as chat; the channel of their own is more precise.
    let ours = [MEDIA_TYPE, "chat"];
    let ours = ours.iter().find_map(|name| state.channels.iter().find(|named| named.name == *name));
    let Some(ours) = ours.map(|named| named.channel.clone()) else { return };
    let before = std::mem::replace(&mut state.channel, ours);
    if before.state == state.channel.state || before.state == AgentState::LoggedOut {
        return;
    }
    let reason = state.channel.reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
    let now = state.channel.state.label();
    let asked = std::mem::take(&mut state.status_asked);
    let (level, words) = match (asked, before.state, state.channel.state) {
        (true, ..) => (Level::Info, format!("Status: {now}{reason}")),
        (false, AgentState::AfterCallWork, AgentState::Ready) => {
            (Level::Info, "After Call Work is over. Status: Ready".to_owned())
        }
        (false, _, AgentState::LoggedOut) => {
            (Level::Warning, "you were signed out of the channel".to_owned())
        }
        (false, ..) => (Level::Warning, format!("your status was set to {now}{reason}")),
    };
    state.say(level, words);
}

/// The server answered a request.
pub(in crate::app) fn replied(state: &mut State, request: &StatusRequest, out: &mut Vec<Effect>) {
    match request {
        StatusRequest::Activate(Some(to)) => set_now(state, to, out),
        StatusRequest::Activate(None) | StatusRequest::Change(_) => {}
    }
}

/// The server refused a request.
pub(in crate::app) fn failed(state: &mut State, request: &StatusRequest, words: &str) {
    let sentence = match request {
        StatusRequest::Activate(_) => format!("you could not be signed in on the channel: {words}"),
        StatusRequest::Change(what) => {
            state.status_asked = false;
            format!("{what} was refused: {words}")
        }
    };
    state.say(Level::Error, sentence);
}

/// The connection is lost: the status that was to follow an activation is set when it is back.
pub(in crate::app) fn lost(state: &mut State) {
    let due = state.awaited.values().find_map(|awaited| match awaited {
        Awaited::Status(StatusRequest::Activate(then)) => then.clone(),
        _ => None,
    });
    state.status_due = due.or(state.status_due.take());
}
