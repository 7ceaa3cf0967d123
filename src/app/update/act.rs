//! The acts: what each entry of the table does.

use super::{call, compose, older, online, party, responses, scroll, show};
use crate::app::action::{ACTIONS, Action};
use crate::app::effect::Effect;
use crate::app::layer::{Choice, Confirm, Layer, Prompt, Purpose, Then};
use crate::app::layout;
use crate::app::notice::Level;
use crate::app::picker::{Item, Picker};
use crate::app::scroll::Scroll;
use crate::app::session::{Search, Session};
use crate::app::state::{Awaited, State};
use crate::domain::agent::AgentState;
use crate::domain::message::{Body, Side};
use crate::domain::routing_based::RequestKind;
use crate::domain::{AttachedData, InteractionId};
use crate::proto::request::Request;
use crate::text::compose::Composer;
use crate::text::{Clean, fold, links};

/// Does an act, with what was written after its slash command.
pub(super) fn perform(state: &mut State, action: Action, arguments: &str, out: &mut Vec<Effect>) {
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
        Action::Done => done(state, arguments, out),
        Action::Transfer => party::open(state, RequestKind::OneStepTransfer, arguments, out),
        Action::Conference => party::open(state, RequestKind::OneStepConference, arguments, out),
        Action::Consult => party::open(state, RequestKind::InitConference, arguments, out),
        Action::CancelConsult => party::cancel(state, out),
        Action::Remove => party::remove(state, arguments, out),
        Action::Leave => party::leave(state, out),
        Action::Disposition => disposition(state, arguments, false, out),
        Action::Note => note_prompt(state, arguments, out),
        Action::Status => statuses(state),
        Action::Ready => set_state(state, Request::Ready, "Ready", out),
        Action::NotReady => not_ready(state, arguments, out),
        Action::AfterCallWork => {
            set_state(
                state,
                Request::NotReady { reason: None, after_call_work: true },
                "After Call Work",
                out,
            );
        }
        Action::DoNotDisturb => {
            let on = state.channel.state != AgentState::DoNotDisturb;
            set_state(state, Request::DoNotDisturb(on), "Do Not Disturb", out);
        }
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
            // A short session has nowhere to scroll to.
            scroll(state, 0);
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
        Action::Editor => {
            if let Some(session) = state.session() {
                let (session, text) = (session.interaction.id.clone(), session.draft.text().to_owned());
                out.push(Effect::Edit { session, text });
            }
        }
        Action::Responses | Action::Response => responses::open(state, arguments, out),
        Action::Detach => responses::detach(state, arguments, out),
        Action::Retry => compose::retry(state, out),
        Action::TakeBack => compose::take_back(state, out),
        Action::Help => state.layers.push(Layer::Help(0)),
        Action::Palette => palette(state),
        Action::Notices => state.layers.push(Layer::Notices(0)),
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

/// Answers an invitation: the one at that place, else the chosen one.
pub(super) fn answer(state: &mut State, place: Option<usize>, accept: bool, out: &mut Vec<Effect>) {
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
        let name = state.invitations.get(place).map(|invitation| invitation.party.display_name());
        state.invitations.remove(place);
        state.invitation = state.invitation.min(state.invitations.len().saturating_sub(1));
        state.say(
            Level::Info,
            format!("{} was rejected and goes back to the queue", name.unwrap_or_default()),
        );
        call(state, Request::Reject(id.clone()), Awaited::Offer(id), out);
        out.push(super::title(state));
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

/// Done. (Workspace: the session ends, is saved in contact history, and its window closes.)
fn done(state: &mut State, code: &str, out: &mut Vec<Effect>) {
    let Some(session) = state.session() else {
        state.say(Level::Info, "there is no session to finish");
        return;
    };
    if session.finishing.is_some() || !online(state) {
        return;
    }
    if !code.is_empty() {
        return disposition(state, code, true, out);
    }
    let Some(session) = state.session() else { return };
    let id = session.interaction.id.clone();
    let set =
        session.interaction.user_data.text(&session.options.disposition_key).is_some_and(|d| !d.is_empty());
    if session.options.disposition_mandatory && !set {
        return disposition(state, "", true, out);
    }
    let unsent = session.transcript.pending().len();
    let empty = session.draft.is_empty() && session.enclosures.is_empty();
    if !empty || unsent > 0 {
        let what = match (empty, unsent) {
            (false, _) => "What you have written here is not sent.".to_owned(),
            (true, 1) => "A message here is not sent.".to_owned(),
            (true, many) => format!("{many} messages here are not sent."),
        };
        let text = Clean::line(&format!("{what} Enter finishes the session all the same; Esc goes back."));
        state.layers.push(Layer::Confirm(Confirm { text, then: Then::Done(id) }));
        return;
    }
    finish(state, &id, out);
}

fn finish(state: &mut State, id: &InteractionId, out: &mut Vec<Effect>) {
    state.finished.push(id.clone());
    let operation = call(state, Request::Complete(id.clone()), Awaited::Done(id.clone()), out);
    if let Some(session) = state.by_id_mut(id) {
        session.finishing = Some(operation);
    }
}

fn disposition(state: &mut State, code: &str, then_done: bool, out: &mut Vec<Effect>) {
    let Some(session) = state.session().map(|session| session.interaction.id.clone()) else {
        state.say(Level::Info, "there is no session");
        return;
    };
    let values = state.dispositions();
    if values.is_empty() {
        let attribute = state.options().disposition_attribute;
        let words = format!(
            "there are no dispositions: the business attribute {attribute} has no values on the server"
        );
        state.say(Level::Warning, words);
        return;
    }
    let item = |(name, shown): &(String, Clean)| Item {
        label: shown.clone(),
        detail: if shown.as_str() == name { Clean::default() } else { Clean::line(name) },
        value: Choice::Disposition { session: session.clone(), value: Some(name.clone()), then_done },
    };
    let exact = values
        .iter()
        .find(|(name, shown)| name.eq_ignore_ascii_case(code) || shown.eq_ignore_ascii_case(code));
    if let Some((name, _)) = exact.filter(|_| !code.is_empty()) {
        let choice = Choice::Disposition { session, value: Some(name.clone()), then_done };
        return chosen(state, choice, out);
    }
    let mut items: Vec<_> = values.iter().map(item).collect();
    if !then_done {
        let value = Choice::Disposition { session: session.clone(), value: None, then_done };
        items.push(Item { label: "none".into(), detail: "take it away".into(), value });
    }
    let heading = if then_done { "Disposition, then done" } else { "Disposition" };
    let mut picker = Picker::new(heading, "no disposition fits", items);
    if !code.is_empty() {
        picker.edit(|query| query.insert(code));
    }
    state.layers.push(Layer::Pick(picker));
}

fn statuses(state: &mut State) {
    let item =
        |label: &str, detail: &str, value: Choice| Item { label: label.into(), detail: detail.into(), value };
    let mut items = vec![item("Ready", "take new sessions", Choice::Do(Action::Ready))];
    items.push(item("Not Ready", "take no new sessions", Choice::NotReady(None)));
    for reason in &state.reasons {
        let value = Choice::NotReady(Some(reason.code.clone()));
        items.push(item(&format!("Not Ready: {}", reason.name), "", value));
    }
    items.push(item("After Call Work", "finish up", Choice::AfterCallWork));
    items.push(item("Do Not Disturb", "on or off", Choice::Do(Action::DoNotDisturb)));
    items.push(item("Sign out", "and quit", Choice::Do(Action::SignOut)));
    state.layers.push(Layer::Pick(Picker::new("Your status", "no status fits", items)));
}

fn not_ready(state: &mut State, reason: &str, out: &mut Vec<Effect>) {
    if reason.is_empty() && !state.reasons.is_empty() {
        let mut items: Vec<_> = state
            .reasons
            .iter()
            .map(|r| Item {
                label: r.name.clone(),
                detail: Clean::default(),
                value: Choice::NotReady(Some(r.code.clone())),
            })
            .collect();
        items.push(Item {
            label: "no reason".into(),
            detail: Clean::default(),
            value: Choice::NotReady(None),
        });
        state.layers.push(Layer::Pick(Picker::new("Not Ready", "no reason fits", items)));
        return;
    }
    let found = state
        .reasons
        .iter()
        .find(|r| r.code.eq_ignore_ascii_case(reason) || r.name.eq_ignore_ascii_case(reason))
        .map(|r| r.code.clone());
    if found.is_none() && !reason.is_empty() {
        let names: Vec<&str> = state.reasons.iter().map(|r| r.name.as_str()).collect();
        let words = format!("there is no reason {reason:?}; there are: {}", names.join(", "));
        state.say(Level::Warning, words);
        return;
    }
    set_state(state, Request::NotReady { reason: found, after_call_work: false }, "Not Ready", out);
}

fn set_state(state: &mut State, request: Request, what: &'static str, out: &mut Vec<Effect>) {
    if online(state) {
        call(state, request, Awaited::Act(what), out);
    }
}

fn ask_to_leave(state: &mut State, then: Then, question: &str, out: &mut Vec<Effect>) {
    let open = state.sessions.len();
    let unsent = state.sessions.iter().any(|session| !session.transcript.pending().is_empty());
    if open == 0 && then == Then::Quit {
        return confirmed(state, then, out);
    }
    let mut words = match (open, &then) {
        (0, _) => format!("{question} Enter does it; Esc stays."),
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
    state.layers.push(Layer::Confirm(Confirm { text: Clean::line(&words), then }));
}

/// A question was answered with yes.
pub(super) fn confirmed(state: &mut State, then: Then, out: &mut Vec<Effect>) {
    match then {
        Then::Quit => {
            state.ending = true;
            out.push(Effect::Quit);
        }
        Then::SignOut => {
            if state.online() {
                out.push(Effect::SignOut);
            } else {
                state.ending = true;
                out.push(Effect::Quit);
            }
        }
        Then::Done(id) => finish(state, &id, out),
        Then::SendLiterally(id) => {
            if let Some(text) = state.by_id(&id).map(|session| session.draft.text().to_owned()) {
                compose::send(state, &id, text, out);
            }
        }
    }
}

/// Something was chosen in a list.
pub(super) fn chosen(state: &mut State, choice: Choice, out: &mut Vec<Effect>) {
    match choice {
        Choice::Do(action) => perform(state, action, "", out),
        Choice::Session(id) => show(state, &id),
        Choice::NotReady(reason) => {
            set_state(state, Request::NotReady { reason, after_call_work: false }, "Not Ready", out);
        }
        Choice::AfterCallWork => perform(state, Action::AfterCallWork, "", out),
        Choice::Disposition { session, value, then_done } => {
            let Some(key) = state.by_id(&session).map(|s| s.options.disposition_key.clone()) else { return };
            if !online(state) {
                return;
            }
            let mut data = AttachedData::new();
            data.set(key.clone(), value.clone().unwrap_or_default());
            let request = Request::UpdateUserData { id: session.clone(), data };
            call(state, request, Awaited::Act("the disposition"), out);
            if let Some(open) = state.by_id_mut(&session) {
                open.interaction.user_data.set(key, value.unwrap_or_default());
            }
            if then_done {
                done(state, "", out);
            }
        }
        Choice::Target { session, kind, target } => party::begin(state, &session, kind, target, out),
        Choice::Response { session, response } => responses::choose(state, &session, &response, out),
        Choice::Remove { session, agent, name } => {
            if online(state) {
                let request = Request::RemoveFromConference { id: session, agent };
                call(state, request, Awaited::Act("taking a colleague out"), out);
                state.say(Level::Info, format!("{name} is asked out of the session"));
            }
        }
        Choice::Link(link) => {
            out.push(Effect::Copy(link));
            state.say(Level::Good, "the link is on your clipboard");
        }
    }
}

fn note_prompt(state: &mut State, text: &str, out: &mut Vec<Effect>) {
    let Some(session) = state.session() else {
        state.say(Level::Info, "there is no session");
        return;
    };
    let id = session.interaction.id.clone();
    if !text.is_empty() {
        return note(state, &id, text.to_owned(), out);
    }
    let mut input = Composer::new();
    input.set_text(session.interaction.comment.to_string());
    input.buffer_end();
    state.layers.push(Layer::Prompt(Prompt { title: "Note".into(), input, purpose: Purpose::Note(id) }));
}

/// Sets the note of a session.
pub(super) fn note(state: &mut State, id: &InteractionId, text: String, out: &mut Vec<Effect>) {
    if !online(state) {
        return;
    }
    if let Some(session) = state.by_id_mut(id) {
        session.interaction.comment = Clean::new(&text);
    }
    call(state, Request::SetComment { id: id.clone(), comment: text }, Awaited::Act("the note"), out);
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

/// Searches the transcript, the newest hit first. Case and accents do not matter.
pub(super) fn search(state: &mut State, id: &InteractionId, words: &str) {
    let needle = fold::folded(words.trim());
    let Some(session) = state.by_id(id).filter(|_| !needle.is_empty()) else { return };
    let holds = |text: &Clean| fold::folded(text).contains(&needle);
    let hits: Vec<u64> = session
        .transcript
        .lines()
        .iter()
        .filter(|line| match &line.message.body {
            Body::Text(text) | Body::Url(text) | Body::Placeholder(text) => holds(text),
            Body::Media(media) => media.caption.iter().chain(&media.name).any(holds),
            _ => false,
        })
        .map(|line| line.message.index)
        .collect();
    if hits.is_empty() {
        state.say(Level::Info, format!("{:?} is not in this session", words.trim()));
        return;
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
        let held = Scroll::Held { back: 0, at: *hit, skip: 0 };
        let above = isize::try_from(area.height / 3).unwrap_or(0);
        let measure = session.measure(area.width, &zone);
        let to = held.moved(&measure, usize::from(area.height), -above);
        session.set_scroll(to);
    }
    session.search = Some(search);
}

fn list_links(state: &mut State) {
    let Some(session) = state.session() else { return };
    let mut items = Vec::new();
    for line in session.transcript.lines().iter().rev() {
        let (Body::Text(text) | Body::Url(text)) = &line.message.body else { continue };
        for range in links::links(text) {
            let Some(link) = text.get(range) else { continue };
            let who = if line.message.side == Side::Customer { "customer" } else { "agent" };
            items.push(Item {
                label: Clean::line(link),
                detail: who.into(),
                value: Choice::Link(link.to_owned()),
            });
        }
    }
    state.layers.push(Layer::Pick(Picker::new("Links: Enter copies", "no link in this session", items)));
}

fn copy(state: &mut State, out: &mut Vec<Effect>) {
    let words = state.session().and_then(|session| {
        session.transcript.lines().iter().rev().find_map(|line| match &line.message.body {
            Body::Text(text) if line.message.side == Side::Customer => Some(text.to_string()),
            _ => None,
        })
    });
    match words {
        Some(text) => {
            out.push(Effect::Copy(text));
            state.say(Level::Good, "the customer's last message is on your clipboard");
        }
        None => state.say(Level::Info, "the customer has not written here"),
    }
}

fn palette(state: &mut State) {
    let keymap = &state.settings.keymap;
    let items = ACTIONS
        .iter()
        .filter(|info| info.action.in_palette())
        .map(|info| {
            let slash = info.slash.map_or(String::new(), |(name, _)| format!("  /{name}"));
            let detail = format!("{}{slash}", keymap.hint(info.action));
            Item {
                label: info.help.into(),
                detail: Clean::line(detail.trim()),
                value: Choice::Do(info.action),
            }
        })
        .collect();
    state.layers.push(Layer::Pick(Picker::new("Commands", "no command fits", items)));
}
