//! The acts: what each entry of the table does.

use crate::app::core::action::Action;
use crate::app::core::case_data;
use crate::app::core::drafts::draft_changed;
use crate::app::core::effect::Effect;
use crate::app::core::forms as form;
use crate::app::core::layer::{Choice, Confirm, Layer, Prompt, Purpose, Then};
use crate::app::core::layout;
use crate::app::core::notice::Level;
use crate::app::core::picker::{Item, Picker};
use crate::app::core::requests::call;
use crate::app::core::requests::online;
use crate::app::core::scroll::Scroll;
use crate::app::core::session::Session;
use crate::app::core::state::{Awaited, State};
use crate::app::core::view::scroll;
use crate::app::core::view::show;
use crate::app::dispatch::finish;
use crate::app::dispatch::lists;
use crate::app::features::case::update as case;
use crate::app::features::compose::addressees as consult;
use crate::app::features::compose::resend;
use crate::app::features::compose::update as compose;
use crate::app::features::contacts::Aim;
use crate::app::features::contacts::update as contacts;
use crate::app::features::disposition::update as disposition;
use crate::app::features::done::update as ends;
use crate::app::features::emoji::update as emoji;
use crate::app::features::invitations;
use crate::app::features::note::update as note;
use crate::app::features::older::More;
use crate::app::features::older::update as older;
use crate::app::features::parties::update as party;
use crate::app::features::reach::update as reach;
use crate::app::features::responses::update as responses;
use crate::app::features::search::{Hit, Search};
use crate::app::features::status::Wanted;
use crate::app::features::status::update as status;
use crate::app::features::supervise::update as supervise;
use crate::app::features::targets::update as targets;
use crate::app::features::workbins::update as workbins;
use crate::domain::message::{Body, Side};
use crate::domain::monitoring::MonitorMode;
use crate::domain::routing_based::RequestKind;
use crate::domain::transcript::{Line, Pending, SendState};
use crate::domain::{InteractionId, Millis};
use crate::proto::request::Request;
use crate::text::compose::Composer;
use crate::text::{Clean, fold, links};

/// Does an act, with what was written after its slash command.
pub(in crate::app) fn perform(state: &mut State, action: Action, arguments: &str, out: &mut Vec<Effect>) {
    match action {
        Action::Accept | Action::Reject => {
            let place = arguments.parse::<usize>().ok().map(|number| number.saturating_sub(1));
            answer(state, place, action == Action::Accept, out);
        }
        Action::NextInvitation => {
            state.invitation = (state.invitation + 1) % state.invitations.len().max(1);
        }
        Action::NextSession => step(state, true),
        Action::PreviousSession => step(state, false),
        Action::WaitingSession => waiting(state),
        Action::FindSession => find(state, arguments),
        Action::Done => finish::finish_shown(state, arguments, out),
        Action::UndoDone => {
            if let Some((id, note)) = ends::undo(state, out) {
                note::put_aside(state, &id, Some(note));
            }
        }
        Action::Transfer => open_targets(state, RequestKind::OneStepTransfer, arguments, out),
        Action::Conference => open_targets(state, RequestKind::OneStepConference, arguments, out),
        Action::Consult => open_targets(state, RequestKind::InitConference, arguments, out),
        Action::CancelConsult => party::cancel(state, out),
        Action::Remove => party::remove(state, arguments, out),
        Action::Leave => party::leave(state, out),
        Action::Monitor => supervise::open(state, arguments, out),
        Action::StopMonitoring => supervise::stop(state, arguments, out),
        Action::Watch => supervise::switch(state, MonitorMode::Monitor, out),
        Action::Coach => supervise::switch(state, MonitorMode::Coach, out),
        Action::BargeIn => supervise::switch(state, MonitorMode::BargeIn, out),
        Action::Disposition => match state.session().map(|session| session.interaction.id.clone()) {
            Some(id) => disposition::open(state, &id, arguments, false, out),
            None => state.say(Level::Info, "there is no session"),
        },
        Action::EditCase => case::open(state, arguments, out),
        Action::Note => note::open(state, arguments, out),
        Action::WriteTo => consult::write_to(state, arguments, out),
        Action::Park => workbins::park(state, out),
        Action::Workbin => workbins::open(state),
        Action::Status => status::menu(state),
        Action::Ready => status::set(state, None, &Wanted::Ready, out),
        Action::NotReady => status::not_ready(state, arguments, out),
        Action::AfterCallWork => status::set(state, None, &Wanted::AfterCallWork(None), out),
        Action::DoNotDisturb => status::do_not_disturb(state, out),
        Action::LogOff => log_off(state, None, out),
        Action::Channels => status::channels(state),
        Action::Lock => super::lock_console(state, false, out),
        Action::Reach => reach::open(state, arguments, out),
        Action::Template => reach::for_session(state, arguments, out),
        Action::Contact => contacts::open_own(state, out),
        Action::Contacts => contacts::directory(state, Aim::Directory, arguments, out),
        Action::History => contacts::history_own(state, arguments, out),
        Action::AssignContact => contacts::assign_own(state, out),
        Action::Unmerge => contacts::unmerge_own(state, out),
        Action::SignOut => ask_to_leave(state, Then::SignOut, "Sign out?", out),
        Action::PageUp | Action::PageDown => {
            let page =
                isize::try_from(state.layout().transcript.height.saturating_sub(2).max(1)).unwrap_or(1);
            scroll(state, if action == Action::PageUp { -page } else { page });
        }
        Action::LineUp => scroll(state, -1),
        Action::LineDown => scroll(state, 1),
        Action::Top => {
            if let Some(session) = state.session_mut() {
                let back = session.older.shown.len();
                session.set_scroll(Scroll::Held { back, at: 0, skip: 0 });
            }
            // A short log cannot be scrolled; of a long one, the part before is read first.
            if !state.session().is_some_and(|session| session.uppermost().has_older()) {
                scroll(state, 0);
            }
        }
        Action::Bottom => {
            if let Some(session) = state.session_mut() {
                session.set_scroll(Scroll::Bottom);
            }
        }
        Action::Older => older::see(state, out),
        Action::Search => search_prompt(state, arguments),
        Action::Links => list_links(state),
        Action::CopyMessage => copy(state, out),
        Action::SidePane if state.size.0 >= layout::WITH_SIDE => state.side_pane = !state.side_pane,
        Action::SidePane => match state.session() {
            Some(_) => state.layers.push(Layer::Case(0)),
            None => state.say(Level::Info, "there is no session"),
        },
        Action::RoutingData => routing_data(state),
        Action::Editor => {
            if let Some(session) = state.session_mut() {
                session.editing = Some(session.to);
                let (session, text) = (session.interaction.id.clone(), session.draft.text().to_owned());
                out.push(Effect::Edit { session, text });
            }
        }
        Action::Emoji => emoji::pick(state, arguments),
        Action::Responses | Action::Response => responses::open(state, arguments, out),
        Action::Detach => responses::detach(state, arguments, out),
        Action::Retry => resend::retry(state, out),
        Action::TakeBack => resend::take_back(state, out),
        Action::Help => state.layers.push(Layer::Help(0)),
        Action::Palette => lists::palette(state),
        Action::Notices => {
            state.notices.read_all();
            state.layers.push(Layer::Notices(0));
        }
        Action::Redraw => out.push(Effect::Redraw),
        Action::Mouse => {
            state.settings.mouse = !state.settings.mouse;
            out.push(Effect::CaptureMouse(state.settings.mouse));
            let words =
                if state.settings.mouse { "the mouse is the desk's" } else { "the mouse is the terminal's" };
            state.say(Level::Info, words);
        }
        Action::Suspend => out.push(Effect::Suspend),
        Action::Quit => ask_to_leave(state, Then::Quit, "Quit?", out),
        other => {
            if let Some(place) = other.session_place() {
                match state.sessions.get(place).map(|session| session.interaction.id.clone()) {
                    Some(id) => show(state, &id),
                    None => state.say(Level::Info, format!("there is no session {}", place + 1)),
                }
            }
        }
    }
}

/// Unfolds or folds the pairs that routing attached, where they are visible.
fn routing_data(state: &mut State) {
    let Some(session) = state.session() else { return state.say(Level::Info, "there is no session") };
    let attribute = session.options.case_attribute.as_deref();
    let data = &session.interaction.user_data;
    if !session.options.case_shown || case_data::routing(&state.configuration, attribute, data).is_empty() {
        return state.say(Level::Info, "routing has attached nothing to this session");
    }
    let has_pane = state.layout().side.width > 0 || matches!(state.layers.last(), Some(Layer::Case(_)));
    state.routing_shown = !(state.routing_shown && has_pane);
    if !has_pane {
        state.layers.push(Layer::Case(0));
    }
}

/// Answers an invitation: the one at that place, else the chosen one.
pub(in crate::app) fn answer(state: &mut State, place: Option<usize>, accept: bool, out: &mut Vec<Effect>) {
    let place = place.unwrap_or(state.invitation);
    let Some(id) = state.invitations.get(place).map(|invitation| invitation.id.clone()) else {
        let words = if state.invitations.is_empty() {
            "there is no invitation"
        } else {
            "there is no invitation with that number"
        };
        state.say(Level::Info, words);
        return;
    };
    if !online(state) || state.accepted.contains(&id) {
        return;
    }
    if accept {
        let nickname = state.me.as_ref().map(|me| me.nickname.clone()).unwrap_or_default();
        state.accepted.push(id.clone());
        call(state, Request::Accept { id: id.clone(), nickname }, Awaited::Offer(id), out);
    } else {
        let words = invitations::rejected(&state.invitations.remove(place));
        state.invitation = state.invitation.min(state.invitations.len().saturating_sub(1));
        state.say(Level::Info, words);
        call(state, Request::Reject(id.clone()), Awaited::Offer(id), out);
        out.push(crate::app::core::view::title(state));
    }
}

fn step(state: &mut State, forward: bool) {
    let count = state.sessions.len();
    let at = state.shown.as_ref().and_then(|id| state.sessions.iter().position(|s| s.interaction.id == *id));
    let next = match at {
        None => 0,
        Some(at) if forward => (at + 1) % count.max(1),
        Some(at) => (at + count.max(1) - 1) % count.max(1),
    };
    if let Some(id) = state.sessions.get(next).map(|session| session.interaction.id.clone()) {
        show(state, &id);
    }
}

fn waiting(state: &mut State) {
    let longest = state
        .sessions
        .iter()
        .filter_map(|session| session.waiting_since().map(|since| (since, session.interaction.id.clone())))
        .min_by_key(|(since, _)| *since);
    match longest {
        Some((_, id)) => show(state, &id),
        None => state.say(Level::Good, "nobody waits for an answer"),
    }
}

fn find(state: &mut State, name: &str) {
    let item = |session: &Session| Item {
        label: session.name(),
        detail: session.interaction.party.display_number().unwrap_or_default(),
        value: Choice::Session(session.interaction.id.clone()),
    };
    let mut picker =
        Picker::new("Go to session", "no session fits", state.sessions.iter().map(item).collect());
    if !name.is_empty() {
        picker.edit(|query| query.insert(name));
        if let Some(Choice::Session(id)) = picker.chosen().map(|item| item.value.clone()) {
            return show(state, &id);
        }
    }
    state.layers.push(Layer::Pick(picker));
}

/// Logs off one channel, or all, after a confirmation.
fn log_off(state: &mut State, channel: Option<String>, out: &mut Vec<Effect>) {
    if online(state) {
        ask_to_leave(state, Then::LogOff(channel), "Log off?", out);
    }
}

fn ask_to_leave(state: &mut State, then: Then, question: &str, out: &mut Vec<Effect>) {
    let open = state.sessions.len();
    let held = |pending: &Pending| matches!(pending.state, SendState::Held { .. });
    let unsent = state.sessions.iter().any(|session| !session.transcript.pending().iter().all(held));
    if open == 0 && then == Then::Quit {
        return confirmed(state, then, out);
    }
    let mut words = match (open, &then) {
        (0, _) => format!("{question} Enter does it; Esc stays."),
        (_, Then::SignOut | Then::LogOff(_)) => format!(
            "{question} Your open sessions ({open}) go to your workbin, or where your contact centre sends them. Enter does it; Esc stays."
        ),
        (1, _) => format!(
            "{question} A session is open; it stays yours for a while, then goes back to the queue. Enter does it; Esc stays."
        ),
        (_, _) => format!(
            "{question} {open} sessions are open; they stay yours for a while, then go back to the queue. Enter does it; Esc stays."
        ),
    };
    if unsent {
        words.push_str(" Messages that are not sent yet go out when you are back.");
    }
    if state.sessions.iter().any(|session| session.held_until().is_some()) {
        words.push_str(" What is still held stays here, not sent.");
    }
    state.layers.push(Layer::Confirm(Confirm { text: Clean::line(&words), then }));
}

/// A question was answered with yes.
pub(in crate::app) fn confirmed(state: &mut State, then: Then, out: &mut Vec<Effect>) {
    match then {
        Then::Quit => {
            state.ending = true;
            out.push(Effect::Quit);
        }
        Then::SignOut => {
            if state.online() {
                let read = state.read_all();
                out.push(Effect::SignOut(read));
            } else {
                state.ending = true;
                out.push(Effect::Quit);
            }
        }
        Then::Transfer(id, target) => party::begin(state, &id, RequestKind::OneStepTransfer, *target, out),
        Then::LogOff(channel) => status::set(state, channel.as_deref(), &Wanted::LogOff, out),
        Then::Done { id, read } => {
            if let Some(session) = state.by_id_mut(&id) {
                session.read.seen(read);
            }
            if online(state) {
                ends::finish(state, &id, out);
            }
        }
        Then::Anyway { id, read, ending } => finish::anyway(state, &id, read, ending, out),
        Then::SendTemplate(ready) => reach::send(state, *ready, out),
        Then::KeepWay(contact, attribute, value) => reach::keep(state, contact, attribute, value, out),
        Then::AssignContact { session, contact, name } => {
            contacts::assign(state, session, contact, &name, out);
        }
        Then::DeleteContact(contact, name) => contacts::delete(state, contact, &name, out),
        Then::DropForm => {
            state.layers.pop();
        }
        Then::WriteTo(id, to) => consult::set(state, &id, to, out),
        Then::SendUnfilled(id, words) => compose::send_as_is(state, &id, words, out),
        Then::SendLiterally(id) => {
            if let Some(text) = state.by_id(&id).map(|session| session.draft.text().to_owned()) {
                compose::send(state, &id, text, out);
            }
        }
    }
}

/// Something was chosen in a list.
pub(in crate::app) fn chosen(state: &mut State, choice: Choice, out: &mut Vec<Effect>) {
    match choice {
        Choice::Do(action) => perform(state, action, "", out),
        Choice::Session(id) => show(state, &id),
        Choice::Status { channel, to: Wanted::LogOff } => log_off(state, channel, out),
        Choice::Status { channel, to } => status::set(state, channel.as_deref(), &to, out),
        Choice::Channel(name) => status::channel_menu(state, &name),
        Choice::Monitor { agent, name, on } => supervise::monitor(state, agent, name, on, out),
        Choice::Remove { session, agent, name } => {
            party::remove_colleague(state, session, agent, &name, out);
        }
        Choice::Emoji(emoji) => {
            if let Some(session) = state.session_mut() {
                session.draft.paste(&emoji);
            }
            draft_changed(state, out);
        }
        Choice::Link(link) => {
            out.push(Effect::Copy(link));
            state.say(Level::Good, "the link is on your clipboard");
        }
        Choice::Contact(pick) => contacts::chosen(state, pick, out),
        Choice::FormValue(value) => form::chosen(state, &value),
        Choice::FormAdd(offer) => form::added(state, offer),
    }
}

fn search_prompt(state: &mut State, words: &str) {
    let Some(session) = state.session() else { return };
    let id = session.interaction.id.clone();
    if !words.is_empty() {
        return search(state, &id, words);
    }
    if let Some(found) = session.search.clone() {
        // Once more goes to the hit before.
        let at = found.at.checked_sub(1).unwrap_or(found.hits.len().saturating_sub(1));
        return go_to_hit(state, &id, Search { at, ..found });
    }
    let prompt = Prompt { title: "Search".into(), input: Composer::new(), purpose: Purpose::Search(id) };
    state.layers.push(Layer::Prompt(prompt));
}

/// Searches the session and the earlier ones that are shown, the newest hit first. Case and accents do not matter.
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
    let rest = match session.older.more() {
        Some(More::Sessions(1)) => "1 older session is not shown and was not searched",
        Some(More::Sessions(_)) => "older sessions that are not shown were not searched",
        Some(More::Reading | More::Failed) => "older messages that are not read yet were not searched",
        None => "",
    };
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
    go_to_hit(state, id, Search { words: Clean::line(words.trim()), hits, at });
}

fn go_to_hit(state: &mut State, id: &InteractionId, search: Search) {
    let area = state.layout().transcript;
    let zone = state.zone.clone();
    let Some(session) = state.by_id_mut(id) else { return };
    if let Some(hit) = search.hits.get(search.at) {
        // The hit stands a third down, so that what led to it can be read.
        let held = Scroll::Held { back: hit.back, at: hit.index, skip: 0 };
        let above = isize::try_from(area.height / 3).unwrap_or(0);
        let measure = session.measure(area.width, &zone);
        let to = held.moved(&measure, usize::from(area.height), -above);
        session.set_scroll(to);
    }
    session.search = Some(search);
}

/// The messages of a session and of the earlier ones that are shown, the newest first, with when an earlier session
/// began.
fn newest_first(session: &Session) -> impl Iterator<Item = (Option<Millis>, &Line)> {
    let own = session.transcript.lines().iter().rev().map(|line| (None, line));
    let older = session.older.shown.iter().rev();
    own.chain(older.flat_map(|older| {
        let lines = older.transcript.lines().iter().rev();
        lines.map(|line| (older.started.or(Some(line.message.at)), line))
    }))
}

fn list_links(state: &mut State) {
    let Some(session) = state.session() else { return };
    let mut items = Vec::new();
    let links_of = |session: &Session| -> Vec<(Clean, Clean)> {
        let hidden = [session.options.disposition_key.as_str(), session.options.override_key.as_str()];
        let attribute = session.options.case_attribute.as_deref();
        let shown = case_data::shown(&state.configuration, attribute, &session.interaction, &hidden);
        let found = |pair: case_data::Shown| {
            let range = links::links(&pair.value).into_iter().next()?;
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
        for range in links::links(text) {
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

fn copy(state: &mut State, out: &mut Vec<Effect>) {
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

/// Opens the list of targets, with those first who are consulted in the session.
fn open_targets(state: &mut State, kind: RequestKind, arguments: &str, out: &mut Vec<Effect>) {
    let consulted = party::consultants(state, kind);
    targets::open(state, kind, arguments, consulted, out);
}
