//! What the server tells.

use crate::app::core::action::Action;
use crate::app::core::effect::Effect;
use crate::app::core::form::Purpose;
use crate::app::core::forms as form;
use crate::app::core::layer::Layer;
use crate::app::core::log::read;
use crate::app::core::msg::{Link, RequestError};
use crate::app::core::notice::Level;
use crate::app::core::requests::call;
use crate::app::core::session::{Session, TYPING_SHOWN};
use crate::app::core::state::{Awaited, Me, PartyStep, State};
use crate::app::core::view::looked_at;
use crate::app::core::view::show;
use crate::app::core::view::title;
use crate::app::dispatch::finish;
use crate::app::features::case::update as case;
use crate::app::features::compose::addressees as consult;
use crate::app::features::compose::resend::not_received;
use crate::app::features::compose::update as compose;
use crate::app::features::contacts::update as contacts;
use crate::app::features::disposition::update as disposition;
use crate::app::features::done::update as ends;
use crate::app::features::emoji::Emojis;
use crate::app::features::invitations;
use crate::app::features::note::update as note;
use crate::app::features::older::update as older;
use crate::app::features::parties::update as party;
use crate::app::features::reach::update as reach;
use crate::app::features::responses::update as responses;
use crate::app::features::status::Wanted;
use crate::app::features::status::update as status;
use crate::app::features::supervise::update as supervise;
use crate::app::features::targets::update as targets;
use crate::app::features::workbins::update as workbins;
use crate::domain::agent::{AgentState, Reason};
use crate::domain::interaction::{Interaction, InteractionState, MEDIA_TYPE};
use crate::domain::message::{Body, Message, Side, Visibility};
use crate::domain::options::{EMOJIS, Options, SECTION};
use crate::domain::role::Role;
use crate::domain::routing_based::RequestKind;
use crate::domain::transcript::{Draft, Pending, SendState};
use crate::domain::{InteractionId, OperationId};
use crate::proto::envelope::Envelope;
use crate::proto::event::Event;
use crate::proto::media::{InteractionDto, LogPage, MessageDto};
use crate::proto::request::Request;
use crate::proto::session::{ConfigurationDto, SessionDto, UserDto, section_of};
use crate::proto::{decode, kv, wa};
use crate::text::Clean;

/// The connection changed.
pub(in crate::app) fn link(state: &mut State, link: Link, out: &mut Vec<Effect>) {
    match &link {
        Link::Lost { reason, .. } => {
            party::lost(state);
            if !state.lost {
                let sentence = format!("connection lost: {reason}. Keep typing; it is tried again by itself");
                state.say(Level::Warning, sentence);
            }
            state.lost = true;
            for session in &mut state.sessions {
                session.typing_until = None;
                session.reading = None;
                session.finishing = None;
                session.older.interrupted();
            }
            reach::lost(state);
            state.begun.clear();
            // Everything is read anew when the connection is back; only what became of messages matters.
            state.awaited.retain(|_, awaited| matches!(awaited, Awaited::Message(_)));
            state.accepted.clear();
            state.parking.clear();
            targets::lost(state);
            contacts::lost(state);
            form::lost(state);
            responses::lost(state);
        }
        Link::Online { .. } if state.lost => {
            state.lost = false;
            state.say(Level::Good, "connected again");
        }
        Link::Stopped { reason, .. } => state.say(Level::Error, reason.as_str()),
        Link::Connecting | Link::Online { .. } => {}
    }
    if let Link::Stopped { signed_out: true, .. } = link {
        state.ending = true;
        out.push(Effect::Quit);
    }
    state.link = link;
}

/// The workspace session began, for the first time or anew.
pub(in crate::app) fn started(state: &mut State, session: SessionDto, fresh: bool, out: &mut Vec<Effect>) {
    let first = state.me.is_none();
    if let Some(user) = session.user {
        person(state, &user);
    }
    configure(state, session.configuration);
    let Some(me) = &state.me else { return };
    if first {
        state.active_at = state.now;
        out.push(Effect::LoadKept);
    }
    // A Ready agent who comes back is meant to be Ready again, but not behind a lock that made them Not
    // Ready; the first time options decide.
    let away = state.lock.is_some() && state.options().lock_sets_not_ready;
    let then = if first {
        status::at_sign_in(state)
    } else {
        (state.channel.state == AgentState::Ready && !away).then_some(Wanted::Ready)
    };
    let activate = Request::ActivateChannels { agent_id: me.agent_id.clone(), place: me.place.clone() };
    // Who oversees has no channel to be on, and no workbin.
    let oversees = me.oversees;
    if (first || fresh) && !oversees {
        call(state, activate, Awaited::Activate { then }, out);
    }
    call(state, Request::CurrentSession, Awaited::CurrentSession, out);
    if !oversees {
        workbins::ask(state, out);
    }
}

/// The server's settings are these now; without a configuration only the agent's own were told. Values that
/// are not valid are named, and the ones before them stay.
fn configure(state: &mut State, configuration: Option<ConfigurationDto>) {
    if let Some(configuration) = configuration {
        configured(state, configuration);
    }
    let mut layers = state.configuration.layers(SECTION);
    layers.push(state.my_options.clone());
    let layers: Vec<_> = layers.iter().collect();
    let (options, refused) = Options::merge(&layers, &state.server_options);
    state.server_options = options;
    let before = std::mem::take(&mut state.refused_options);
    for error in refused.iter().filter(|error| !before.contains(error)) {
        state.say(Level::Warning, format!("the server's option {error}; the value before it stays"));
    }
    state.refused_options = refused;
}

fn configured(state: &mut State, configuration: ConfigurationDto) {
    if let Some(properties) = &configuration.user_properties {
        state.my_options = section_of(properties, SECTION);
    }
    let coded = |kind: &str| {
        let codes = configuration.action_codes.iter().filter(|code| code.kind == kind);
        codes.map(|code| Reason { code: code.code.clone(), name: Clean::line(&code.name) }).collect()
    };
    (state.reasons, state.work_reasons) = (coded("NotReady"), coded("AfterCallWork"));
    state.configuration = configuration;
}

fn person(state: &mut State, user: &UserDto) {
    let name = format!("{} {}", user.first_name, user.last_name);
    let shown = if name.trim().is_empty() { user.user_name.as_str() } else { name.trim() };
    let nickname = [state.settings.nickname.as_str(), user.first_name.as_str(), user.user_name.as_str()];
    state.me = Some(Me {
        employee_id: user.employee_id.clone(),
        login: Clean::line(&user.user_name),
        name: Clean::line(shown),
        nickname: nickname.into_iter().find(|n| !n.trim().is_empty()).unwrap_or("Agent").to_owned(),
        agent_id: user.agent_login.clone().unwrap_or_else(|| user.employee_id.clone()),
        place: user.default_place.clone(),
        oversees: user.role.as_deref().and_then(Role::from_word).is_some_and(|role| !role.handles_sessions()),
    });
    own_options(state, user);
}

/// The agent's own options at the server.
fn own_options(state: &mut State, user: &UserDto) {
    let properties = kv::to_json(&user.user_properties);
    state.my_options = section_of(&properties, SECTION);
}

/// The server tells something.
pub(in crate::app) fn event(state: &mut State, event: Event, out: &mut Vec<Effect>) {
    match event {
        Event::Channels(media) => status::changed(state, &media.channels),
        Event::Workbins(event) => workbins::told(state, event, out),
        Event::Interaction { interaction, operation_id, .. } => {
            reach::begun(state, &interaction.id, operation_id.as_deref());
            changed(state, &interaction, out);
        }
        Event::Messages { interaction_id, messages, operation_id } => {
            let id = interaction_id.as_str().into();
            logged(state, &id, &messages, operation_id.as_deref(), out);
            say_failures(state, &id, &messages);
        }
        Event::History { contact_id, interactions } => {
            contacts::happened(state, &contact_id, &interactions);
            older::history(state, &contact_id, &interactions, out);
        }
        Event::Contacts(answer) => {
            reach::answered(state, &answer);
            contacts::answered(state, *answer, out);
        }
        Event::Responses { told, operation_id } => {
            responses::told(state, told, operation_id.as_deref(), out);
        }
        Event::Service { name, available } => {
            let (level, word) =
                if available { (Level::Good, "is back") } else { (Level::Warning, "is unavailable") };
            state.say(level, format!("the server's service {name} {word}"));
        }
        Event::Error { message, operation_id, interaction_id, .. } => {
            let operation = operation_id.map(OperationId::from);
            if party::failed_later(state, operation.as_ref(), interaction_id.as_deref(), &message) {
                return;
            }
            if responses::failed_later(state, operation.as_ref(), &message, out) {
                return;
            }
            match operation.and_then(|operation| state.awaited.remove(&operation)) {
                Some(awaited) => failed(state, awaited, &message, out),
                None => state.say(Level::Error, format!("the server says: {message}")),
            }
        }
        Event::TransferOutcome { interaction_id, by } => {
            party::outcome(state, &interaction_id, by.as_deref());
        }
        Event::Account { topic, standing, text } => account(state, topic, &standing, &text),
        Event::Declined { interaction_id, by, answer, request } => {
            party::declined(state, &interaction_id, &by, &answer, &request);
        }
        Event::Seen { interaction_id, by } => supervise::seen_by(state, &interaction_id, &by),
        Event::InitializationFailed(reason) => {
            state.say(Level::Error, format!("the server could not start your session: {reason}"));
        }
        Event::InitializationProgress(_) | Event::InitializationComplete(_) | Event::Other { .. } => {}
    }
}

/// A change at the account at WhatsApp: shown once, however often the connection repeats it.
fn account(state: &mut State, topic: String, standing: &str, text: &str) {
    let level = match standing {
        "trouble" => {
            if state.account.insert(topic, text.to_owned()).is_some_and(|before| before == text) {
                return;
            }
            Level::Error
        }
        "over" => {
            state.account.remove(&topic);
            Level::Good
        }
        _ => Level::Warning,
    };
    state.say(level, format!("WhatsApp account: {text}"));
}

/// An interaction changed; it is always whole.
fn changed(state: &mut State, dto: &InteractionDto, out: &mut Vec<Effect>) {
    if dto.mediatype != MEDIA_TYPE && dto.mediatype != "chat" {
        return;
    }
    let interaction = decode::interaction(dto, state.now);
    let id = interaction.id.clone();
    match &interaction.state {
        InteractionState::Invited => invited(state, interaction, out),
        InteractionState::Active(_) => {
            withdraw(state, &id);
            opened(state, interaction, out);
        }
        InteractionState::Revoked => {
            let ends = state.invitations.iter().find(|known| known.id == id);
            let ends = ends.and_then(|known| known.offer.as_ref()?.lapses);
            if withdraw(state, &id) {
                let (level, words) = invitations::withdrawn(&interaction, ends, state.now);
                state.say(level, words);
                out.push(title(state));
            }
            close(state, &id, "was taken back", Level::Warning, out);
        }
        InteractionState::Completed => {
            withdraw(state, &id);
            let (how, level) = finished(state, &interaction);
            ends::remember(state, &interaction);
            close(state, &id, &how, level, out);
        }
        InteractionState::InWorkbin => {
            withdraw(state, &id);
            let own = state.parking.contains(&id);
            let was_shown = state.shown.as_ref() == Some(&id);
            let (how, level) = workbins::gone_in(state, &id);
            close(state, &id, &how, level, out);
            if own && was_shown {
                workbins::next_waiting(state);
            }
        }
        InteractionState::Queued => {
            withdraw(state, &id);
            let (how, level) = queued(state, &id);
            close(state, &id, &how, level, out);
        }
        InteractionState::Canceled => {
            if withdraw(state, &id) {
                let name = interaction.party.display_name();
                state.say(
                    Level::Info,
                    format!("{name}: you are not asked any more; the request was taken back"),
                );
                out.push(title(state));
            }
            close(state, &id, "was cancelled", Level::Info, out);
        }
    }
    if let Some(chat) = dto.chat.as_ref().filter(|chat| !chat.messages.is_empty()) {
        logged(state, &id, &chat.messages, None, out);
    }
}

/// How a session that is completed for this agent left the desk.
fn finished(state: &State, interaction: &Interaction) -> (String, Level) {
    let session = state.by_id(&interaction.id);
    let who = interaction.user_data.text(wa::LEFT_TO);
    if session.is_some_and(|session| session.interaction.monitor.is_some()) {
        let left = session.is_some_and(|session| session.leaving);
        let words = if left { "is watched by you no more" } else { supervise::OVER };
        return (words.to_owned(), Level::Info);
    }
    match interaction.user_data.text(wa::LEFT) {
        Some("transferred") => {
            let asked = session.and_then(|session| session.asked.as_ref());
            let to = who.map(Clean::line).or_else(|| asked.map(|asked| asked.target.called()));
            let to = to.unwrap_or_else(|| "somebody else".into());
            (format!("was transferred to {to}"), Level::Good)
        }
        Some("removed") => {
            let by = who.map_or(String::new(), |by| format!(" by {by}"));
            (format!("goes on without you: you were taken out{by}"), Level::Warning)
        }
        // Other servers do not say how; this desk knows what it asked for.
        word if word == Some("left") || session.is_some_and(|session| session.leaving) => {
            ("is left to your colleagues".to_owned(), Level::Good)
        }
        _ => ("was finished".to_owned(), Level::Info),
    }
}

/// How a session that waits in a queue left the desk.
fn queued(state: &mut State, id: &InteractionId) -> (String, Level) {
    let passed_on = state.by_id(id).and_then(|session| {
        let asked = session.asked.as_ref().filter(|asked| asked.kind == RequestKind::OneStepTransfer)?;
        Some((asked.target.called(), session.name()))
    });
    let Some((target, name)) = passed_on else {
        return ("went back to its queue".to_owned(), Level::Warning);
    };
    if state.given.len() >= State::GIVEN {
        state.given.pop_front();
    }
    state.given.push_back((id.clone(), name));
    (format!("went to {target} and waits there for an answer"), Level::Good)
}

fn invited(state: &mut State, mut interaction: Interaction, out: &mut Vec<Effect>) {
    let me = state.me.as_ref().map_or("", |me| me.employee_id.as_str());
    invitations::complete(&mut interaction, &state.settings.routing_based, me);
    match state.invitations.iter_mut().find(|other| other.id == interaction.id) {
        Some(known) => *known = interaction,
        None => {
            state.invitations.push(interaction);
            if state.settings.bell {
                out.push(Effect::Bell);
            }
            out.push(title(state));
        }
    }
}

/// Takes an invitation off the bar; tells whether it was there and not just accepted here.
fn withdraw(state: &mut State, id: &InteractionId) -> bool {
    let Some(place) = state.invitations.iter().position(|invitation| invitation.id == *id) else {
        return false;
    };
    state.invitations.remove(place);
    if state.invitation >= place {
        state.invitation = state.invitation.saturating_sub(1);
    }
    !state.accepted.contains(id)
}

fn opened(state: &mut State, interaction: Interaction, out: &mut Vec<Effect>) {
    let id = interaction.id.clone();
    party::joined(state, &interaction);
    if let Some(session) = state.by_id_mut(&id) {
        let before = std::mem::replace(&mut session.interaction, interaction);
        if before.contact != session.interaction.contact {
            // The earlier sessions belonged to another contact.
            session.forget_older();
            state.awaited.retain(
                |_, awaited| !matches!(awaited, Awaited::Older(of) | Awaited::History(of) if *of == id),
            );
            older::ask(state, &id, out);
        }
        party::follow(state, &id);
        supervise::changed(state, &id, &before);
        consult::changed(state, &id, before.writes_aside(), out);
        return;
    }
    // A session keeps the options it begins with. They are asked for now, so that an edit at the server is
    // in them; until the answer is here, those that were known hold.
    let options = state.options_of(&interaction);
    let mut session = Session::open(interaction, options);
    if let Some(draft) = state.drafts.remove(&id) {
        consult::restored(&mut session, draft);
    }
    session.enclosures = state.enclosures.remove(&id).unwrap_or_default();
    if let Some(entry) = state.seen_before.remove(&id) {
        session.looked_at_up_to(entry);
    }
    state.sessions.push(session);
    party::follow(state, &id);
    begin_with(state, &id);
    compose::adopt(state, &id);
    note::restore(state, &id);
    call(state, Request::Configuration, Awaited::Configuration(id.clone()), out);
    read(state, &id, out);
    older::ask(state, &id, out);
    let ours =
        state.accepted.iter().position(|accepted| *accepted == id).map(|place| state.accepted.remove(place));
    let writing = state.session().is_some_and(|shown| !shown.draft.is_empty());
    let before = state.shown_before.as_ref() == Some(&id);
    // An open layer belongs to the session that was shown when it was opened.
    let busy = !state.layers.iter().all(Layer::is_about_no_session);
    let takes_focus = !busy && (!writing || state.settings.accept_takes_focus);
    if state.shown.is_none() || before || (ours.is_some() && takes_focus) {
        show(state, &id);
    } else if ours.is_some() {
        let name = state.by_id(&id).map(Session::name).unwrap_or_default();
        let next = state.settings.keymap.hint(Action::NextSession);
        state.say(Level::Info, format!("{name} is open; {next} goes there when you are done here"));
    }
    out.push(title(state));
}

/// Gives a session that begins the options of this moment, and what they name.
fn begin_with(state: &mut State, id: &InteractionId) {
    let Some(session) = state.by_id(id) else { return };
    let options = state.options_of(&session.interaction);
    let attribute = options.emojis.as_deref();
    let found = attribute.and_then(|name| state.configuration.business_attribute(name));
    let emojis = found.map(Emojis::of).unwrap_or_default();
    let missing =
        attribute.filter(|_| found.is_none() && !state.configuration.business_attributes.is_empty());
    let missing = missing.map(str::to_owned);
    if let Some(name) = missing.as_ref().filter(|_| missing != state.missing_emojis) {
        let words = format!(
            "{EMOJIS} names {name:?}, and the server has no such business attribute: all emoji are offered"
        );
        state.say(Level::Warning, words);
    }
    state.missing_emojis = missing;
    if let Some(session) = state.by_id_mut(id) {
        session.options = options;
        session.emojis = emojis;
    }
}

/// A session is no longer this desk's. Its draft is kept in case it comes back.
fn close(state: &mut State, id: &InteractionId, how: &str, level: Level, out: &mut Vec<Effect>) {
    let Some(place) = state.sessions.iter().position(|session| session.interaction.id == *id) else { return };
    let session = state.sessions.remove(place);
    let mut writing = !session.draft.is_empty();
    if let Some(at) = state.finished.iter().position(|finished| finished == id) {
        writing = false;
        state.finished.remove(at);
        ends::say_finished(state, id, &session.name());
        note::put_aside(state, id, None);
        note::forget(id, out);
        out.push(Effect::SaveDraft { session: id.clone(), draft: Draft::default() });
        out.push(Effect::SaveFiles { session: id.clone(), files: Vec::new() });
    } else {
        note::put_aside(state, id, session.note.clone());
        state.say(level, format!("{} {how}", session.name()));
        // What was surely not sent is kept like a draft; what may have arrived must not be sent twice.
        let unsent = |p: &&Pending| {
            matches!(p.state, SendState::Held { .. } | SendState::Queued | SendState::Refused(_))
        };
        // Where some of it was for colleagues, none of it may become words for the customer by itself.
        let internal = session.transcript.pending().iter().filter(unsent).any(|p| p.to != Visibility::All)
            || (session.is_internal() && !session.draft.is_empty());
        let to = if internal { Visibility::Agent } else { Visibility::All };
        let pending = session.transcript.pending().iter().filter(unsent);
        let texts = pending.clone().filter(|p| p.file.is_none()).map(|p| p.text.as_str());
        let files: Vec<_> =
            pending.filter_map(|p| p.file.clone()).chain(session.enclosures.clone()).collect();
        if !files.is_empty() {
            state.enclosures.insert(id.clone(), files.clone());
            out.push(Effect::SaveFiles { session: id.clone(), files });
        }
        let kept: Vec<&str> =
            texts.chain((!session.draft.is_empty()).then(|| session.draft.text())).collect();
        if !kept.is_empty() {
            let draft = Draft { text: kept.join("\n"), to };
            state.drafts.insert(id.clone(), draft.clone());
            out.push(Effect::SaveDraft { session: id.clone(), draft });
        }
    }
    let gone = session.transcript.pending().iter().map(|pending| pending.operation.clone());
    out.extend(gone.map(Effect::ForgetUnsent));
    if state.shown.as_ref() == Some(id) {
        // Keys on their way must not become words to another customer: who writes goes on by themselves.
        let next = state.sessions.get(place).or_else(|| state.sessions.last()).filter(|_| !writing);
        state.shown = next.map(|session| session.interaction.id.clone());
        looked_at(state);
    }
    out.push(title(state));
}

/// Entries of a log.
fn logged(
    state: &mut State,
    id: &InteractionId,
    messages: &[MessageDto],
    operation: Option<&str>,
    out: &mut Vec<Effect>,
) {
    let now = state.now;
    let shown = state.shown.as_ref() == Some(id) && state.focused && state.lock.is_none();
    let Some(session) = state.by_id_mut(id) else { return };
    let (mut unseen, mut writer) = (false, None);
    // Entries from before the session came to this agent are not news.
    let (opens, aside) = (session.transcript.lines().is_empty(), session.aside);
    let waiting: Vec<OperationId> =
        session.transcript.pending().iter().map(|p| p.operation.clone()).collect();
    for dto in messages {
        let mut message = decode::message(dto);
        if let Body::Typing(started) = message.body {
            if message.side == Side::Customer {
                session.typing_until = started.then(|| now.plus(TYPING_SHOWN));
            }
            continue;
        }
        if message.operation.is_none() && matches!(message.side, Side::Agent | Side::Supervisor) {
            message.operation = confirmed_by(session, &message, operation);
        }
        let name = message.name.clone();
        let inserted = session.transcript.insert(message);
        let (before, before_aside) = (session.unread, session.aside);
        if session.take_note(inserted, shown) == Some(Side::Customer) && !shown {
            unseen = true;
        }
        if session.unread > before {
            session.news_at = Some(now);
        }
        if session.aside > before_aside {
            writer = Some(name);
        }
    }
    if opens {
        (session.aside, writer) = (aside, None);
    }
    let told =
        writer.filter(|_| aside == 0).map(|by| format!("{}: {by} wrote to colleagues only", session.name()));
    let confirmed =
        waiting.into_iter().filter(|name| session.transcript.pending().iter().all(|p| p.operation != *name));
    out.extend(confirmed.map(Effect::ForgetUnsent));
    let last = session.transcript.last_index();
    session.read.arrived(last, now);
    // A hole means that entries were missed: the log is read from there, and duplicates have no effect.
    if session.transcript.gap().is_some() {
        read(state, id, out);
    }
    if unseen && state.settings.bell {
        out.push(Effect::Bell);
    }
    if unseen || told.is_some() {
        out.push(title(state));
    }
    if let Some(words) = told {
        state.say(Level::Warning, Clean::line(&words));
    }
}

/// Shows at once that a reply of the agent did not reach the customer, whichever session is shown.
fn say_failures(state: &mut State, id: &InteractionId, messages: &[MessageDto]) {
    let Some(session) = state.by_id(id) else { return };
    let open = session.open_failures();
    let told = messages.iter().filter_map(|dto| match decode::message(dto).body {
        Body::Status { of, failure: Some(failure), .. } => Some((of, failure)),
        _ => None,
    });
    let mut told = told.filter(|(of, _)| open.iter().any(|(index, _)| index == of));
    let Some((_, failure)) = told.next_back() else { return };
    let key = state.settings.keymap.hint(Action::Retry);
    let again = if key.is_empty() { String::new() } else { format!("; {key} in the session sends it again") };
    let reason = failure.reason.as_str().trim_end_matches('.');
    let words = format!("{}: {reason}{again}", not_received(&session.name()));
    state.say(Level::Warning, words);
}

/// Which of the messages on their way this entry of ours is, on servers that do not say it in the entry:
/// the request named beside the event, else the oldest one with these words.
fn confirmed_by(session: &Session, message: &Message, operation: Option<&str>) -> Option<OperationId> {
    let waiting = session.transcript.pending();
    let same = |pending: &&Pending| match (&message.body, &pending.file) {
        (Body::Text(text), None) => pending.to == message.visibility && Clean::new(&pending.text) == *text,
        (Body::Media(media), Some(file)) => media.name.as_ref() == Some(&Clean::line(&file.file.name)),
        _ => false,
    };
    let named = operation.and_then(|name| waiting.iter().filter(same).find(|p| p.operation.as_str() == name));
    let sent = |p: &&Pending| matches!(p.state, SendState::Sending | SendState::Unknown);
    named.or_else(|| waiting.iter().filter(sent).find(same)).map(|pending| pending.operation.clone())
}

/// The server answered a request.
pub(in crate::app) fn reply(
    state: &mut State,
    operation: &OperationId,
    result: Result<Envelope, RequestError>,
    out: &mut Vec<Effect>,
) {
    let Some(awaited) = state.awaited.remove(operation) else { return };
    match result {
        Ok(envelope) => match awaited {
            Awaited::Contact(what) => contacts::replied(state, operation, what, &envelope, out),
            Awaited::Reach(request) => reach::replied(state, operation, request, &envelope.data),
            Awaited::Message(id) => responses::accepted(state, &id, operation, out),
            awaited => done(state, awaited, envelope, out),
        },
        Err(error) => {
            if let Awaited::Message(id) = &awaited {
                let to = match &error {
                    RequestError::Refused { message, .. } | RequestError::Unread { message, .. } => {
                        SendState::Refused(Clean::line(message))
                    }
                    RequestError::NotSent(_) => SendState::Queued,
                    RequestError::OutcomeUnknown(_) => SendState::Unknown,
                };
                if let Some(session) = state.by_id_mut(id) {
                    session.transcript.set_pending(operation, to);
                }
                // Whether an unknown one arrived, the log says; it is read before anything is sent again.
                if matches!(error, RequestError::OutcomeUnknown(_)) && state.online() {
                    read(state, id, out);
                }
                return;
            }
            let mut awaited = awaited;
            let words = match error {
                RequestError::Refused { message, .. } => message,
                RequestError::Unread { message, unread } => {
                    match finish::ask_anyway(state, awaited, &message, &unread) {
                        Ok(()) => return,
                        Err(other) => awaited = other,
                    }
                    message
                }
                RequestError::NotSent(reason) => format!("nothing was sent: {reason}"),
                RequestError::OutcomeUnknown(reason) => {
                    format!("it is not known whether it was done: {reason}")
                }
            };
            failed(state, awaited, &words, out);
        }
    }
}

fn done(state: &mut State, awaited: Awaited, envelope: Envelope, out: &mut Vec<Effect>) {
    match awaited {
        Awaited::Activate { then: Some(to) } => status::set_now(state, &to, out),
        Awaited::CurrentSession => current(state, &envelope, out),
        Awaited::Configuration(id) => {
            if let Ok(configuration) = serde_json::from_value(envelope.data) {
                configure(state, Some(configuration));
            }
            begin_with(state, &id);
        }
        Awaited::Messages(id, part) => {
            let page: LogPage = serde_json::from_value(envelope.data).unwrap_or_default();
            let first = state.by_id(&id).is_some_and(|session| session.transcript.lines().is_empty());
            // Holes count only when the part has arrived.
            if part.before.is_none() {
                logged(state, &id, &page.messages, None, out);
            }
            if let Some(session) = state.by_id_mut(&id) {
                session.reading = None;
                decode::page(&mut session.transcript, part, &page);
                let is_behind = part.after.is_some() && page.newer;
                if is_behind || session.transcript.gap().is_some() {
                    read(state, &id, out);
                }
            }
            if first && state.shown.as_ref() == Some(&id) {
                looked_at(state);
            }
            compose::flush(state, &id, out);
        }
        Awaited::History(id) => older::taken(state, &id),
        Awaited::Older(id) => {
            let page: LogPage = serde_json::from_value(envelope.data).unwrap_or_default();
            older::arrived(state, &id, &page, out);
        }
        Awaited::OlderPart(id) => {
            let page: LogPage = serde_json::from_value(envelope.data).unwrap_or_default();
            older::part_arrived(state, &id, &page);
        }
        Awaited::Targets(asked) => {
            if let Some((session, kind, target)) = targets::answered(state, asked, &envelope.data, out) {
                party::choose(state, &session, kind, target, out);
            }
        }
        Awaited::Monitorable(name) => supervise::listed(state, &name, &envelope.data, out),
        Awaited::Monitoring { agent, name, on } => supervise::monitored(state, agent, &name, on),
        Awaited::Party(id, step) => {
            if step == PartyStep::Person
                && let Ok(SessionDto { user: Some(user), .. }) = serde_json::from_value(envelope.data.clone())
            {
                own_options(state, &user);
            }
            if step == PartyStep::Configured
                && let Ok(configuration) = serde_json::from_value(envelope.data)
            {
                configure(state, Some(configuration));
            }
            party::step(state, &id, step, out);
        }
        Awaited::Cancel(id) => party::cancelled(state, &id),
        Awaited::Disposition(id, name, then_done) => {
            if disposition::attached(state, &id, &name, then_done) {
                finish::continue_finishing(state, &id, out);
            }
        }
        Awaited::Case(purpose, data) => {
            if case::saved(state, &purpose, &data)
                && let Purpose::Case { session, .. } = &purpose
            {
                finish::continue_finishing(state, session, out);
            }
        }
        Awaited::Note(id, text) => note::saved(state, &id, &text, out),
        Awaited::Activate { .. }
        | Awaited::Leave(_)
        | Awaited::Offer(_)
        | Awaited::Done(_)
        | Awaited::Reopen(..)
        | Awaited::Contact(_)
        | Awaited::Message(_)
        | Awaited::Responses(_)
        | Awaited::Act(_)
        | Awaited::Workbins
        | Awaited::Park(_)
        | Awaited::Pull(_)
        | Awaited::Reach(_)
        | Awaited::Silent => {}
    }
}

/// What is open at the server after a connection came (back): the desk is made to say the same.
fn current(state: &mut State, envelope: &Envelope, out: &mut Vec<Effect>) {
    let session: SessionDto = match serde_json::from_value(envelope.data.clone()) {
        Ok(session) => session,
        Err(_) => return,
    };
    if let Some(user) = &session.user {
        own_options(state, user);
    }
    configure(state, session.configuration);
    supervise::resumed(state, session.monitored, out);
    let Some(active) = session.user.and_then(|user| user.active_session) else { return };
    let mut open = Vec::new();
    for channel in active.media.channels.iter().filter(|c| c.name == MEDIA_TYPE || c.name == "chat") {
        for item in &channel.interactions {
            if let Ok(dto) = serde_json::from_value::<InteractionDto>(item.clone()) {
                open.push(InteractionId::from(dto.id.as_str()));
                changed(state, &dto, out);
            }
        }
    }
    // What is open was not finished, whatever was asked before the connection broke.
    state.finished.retain(|id| !open.contains(id));
    status::changed(state, &active.media.channels);
    state.invitations.retain(|invitation| open.contains(&invitation.id));
    state.invitation = state.invitation.min(state.invitations.len().saturating_sub(1));
    let gone: Vec<InteractionId> = state
        .sessions
        .iter()
        .map(|session| session.interaction.id.clone())
        .filter(|id| !open.contains(id))
        .collect();
    for id in gone {
        let watched = state.by_id(&id).is_some_and(|session| session.interaction.monitor.is_some());
        let how = if watched { supervise::OVER } else { "went to somebody else while you were away" };
        close(state, &id, how, Level::Warning, out);
    }
    for id in open {
        read(state, &id, out);
        older::ask(state, &id, out);
    }
}

fn failed(state: &mut State, awaited: Awaited, words: &str, out: &mut Vec<Effect>) {
    let sentence = match awaited {
        Awaited::Activate { .. } => format!("you could not be signed in on the channel: {words}"),
        Awaited::CurrentSession => format!("what is open could not be read: {words}"),
        Awaited::Messages(id, _) => {
            let Some(session) = state.by_id_mut(&id) else { return };
            session.reading = None;
            session.trouble = Some(Clean::line(&format!("the messages could not be read: {words}")));
            return;
        }
        Awaited::History(id) | Awaited::Older(id) | Awaited::OlderPart(id) => {
            return older::failed(state, &id, words, out);
        }
        Awaited::Offer(id) => {
            state.accepted.retain(|accepted| *accepted != id);
            state.invitations.retain(|invitation| invitation.id != id);
            words.to_owned()
        }
        Awaited::Done(id) => {
            ends::not_finished(state, &id);
            if let Some(session) = state.by_id_mut(&id) {
                session.trouble = Some(Clean::line(&format!("the session could not be finished: {words}")));
            }
            format!("the session could not be finished: {words}")
        }
        Awaited::Reopen(id, name) => return ends::not_reopened(state, &id, &name, words),
        Awaited::Targets(asked) => return targets::failed(state, &asked, words),
        Awaited::Monitorable(_) => format!("who may be monitored could not be read: {words}"),
        Awaited::Monitoring { agent, name, on } => {
            return supervise::refused(state, &agent, &name, on, words);
        }
        Awaited::Contact(what) => return contacts::failed(state, what, words),
        Awaited::Reach(request) => return reach::failed(state, request, words),
        Awaited::Responses(what) => return responses::failed(state, &what, words, out),
        Awaited::Party(id, _) => return party::failed(state, &id, words),
        Awaited::Cancel(id) => return party::not_cancelled(state, &id, words),
        Awaited::Leave(id) => {
            if let Some(session) = state.by_id_mut(&id) {
                session.leaving = false;
            }
            format!("the session could not be left: {words}")
        }
        Awaited::Disposition(..) => format!("the disposition was not set: {words}"),
        Awaited::Case(purpose, _) => return case::failed(state, &purpose, words),
        Awaited::Note(id, _) => return note::failed(state, &id, words),
        Awaited::Workbins => return workbins::refused(state, words),
        Awaited::Park(id) => workbins::not_parked(state, &id, words),
        Awaited::Pull(id) => return workbins::not_pulled(state, &id, words, out),
        Awaited::Act(what) => {
            state.status_asked = false;
            format!("{what} was refused: {words}")
        }
        Awaited::Configuration(_) | Awaited::Message(_) | Awaited::Silent => return,
    };
    state.say(Level::Error, sentence);
}
