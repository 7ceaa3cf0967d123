//! Older messages: earlier sessions of the same customer, read when the agent asks for them.

use crate::app::core::action::Action;
use crate::app::core::effect::Effect;
use crate::app::core::log::read_part;
use crate::app::core::notice::Level;
use crate::app::core::requests::{call, online};
use crate::app::core::scroll::Scroll;
use crate::app::core::state::{Awaited, State};
use crate::app::features::older::model::OlderRequest;
use crate::app::features::older::{Earlier, Known, OlderSession};
use crate::domain::message::Side;
use crate::domain::transcript::Transcript;
use crate::domain::{InteractionId, OperationId};
use crate::proto::media::{LogPage, LogQuery};
use crate::proto::request::Request;
use crate::proto::ucs::PastDto;
use crate::proto::{decode, time};
use crate::text::Clean;
use serde_json::Value as Json;

/// Requests the list of earlier sessions, unless it is known or the customer is not.
pub(in crate::app) fn ask(state: &mut State, id: &InteractionId, out: &mut Vec<Effect>) {
    let Some(session) = state.by_id(id).filter(|session| session.older.known == Known::Nothing) else {
        return;
    };
    let Some(contact) = session.interaction.contact.clone() else { return };
    let operation =
        call(state, Request::History(contact), Awaited::Older(OlderRequest::History(id.clone())), out);
    if let Some(session) = state.by_id_mut(id) {
        session.older.known = Known::Asked(operation);
    }
}

/// Shows as many more earlier sessions as the option says. (Workspace:
/// `whatsappsession.transcript-interactions-count`, the value at the start of the session.)
pub(in crate::app) fn see(state: &mut State, out: &mut Vec<Effect>) {
    let Some(session) = state.session() else {
        state.say(Level::Info, "there is no session");
        return;
    };
    let id = session.interaction.id.clone();
    let count = usize::try_from(session.options.transcript_count).unwrap_or(usize::MAX);
    let words = match &session.older.known {
        // The log of this session is read first, when the agent scrolls up.
        _ if session.transcript.has_older() => {
            if let Some(session) = state.by_id_mut(&id) {
                session.set_scroll(Scroll::Held { back: 0, at: 1, skip: 0 });
            }
            return;
        }
        _ if session.older.reading.is_some() => return,
        Known::Left(left) if left.is_empty() => "there are no older messages",
        Known::Nothing if session.interaction.contact.is_none() => {
            "the server does not say whose session this is: older messages cannot be found"
        }
        _ => {
            if !online(state) {
                return;
            }
            if let Some(session) = state.by_id_mut(&id) {
                session.older.wanted = count;
                session.older.failed = false;
            }
            ask(state, &id, out);
            return next(state, &id, out);
        }
    };
    state.say(Level::Info, words);
}

/// Reads the next wanted session. One at a time, so that other requests do not wait behind many reads.
fn next(state: &mut State, id: &InteractionId, out: &mut Vec<Effect>) {
    if let Some(earlier) = state.by_id_mut(id).and_then(|session| session.older.take_next()) {
        let request = match earlier.channel {
            Some(media) => {
                Request::MessagesOf { media: media.to_string(), id: earlier.id, part: LogQuery::NEWEST }
            }
            None => Request::Messages(earlier.id, LogQuery::NEWEST),
        };
        call(state, request, Awaited::Older(OlderRequest::Log(id.clone())), out);
    }
}

/// The server has accepted the request for the history. The result or a failure arrives as an event.
fn taken(state: &mut State, id: &InteractionId) {
    let Some(Known::Asked(operation)) = state.by_id(id).map(|session| session.older.known.clone()) else {
        return;
    };
    state.awaited.insert(operation, Awaited::Older(OlderRequest::History(id.clone())));
}

/// Stores the history of a customer.
pub(in crate::app) fn history(state: &mut State, contact: &str, past: &[PastDto], out: &mut Vec<Effect>) {
    let asked = |known: &Known| match known {
        Known::Asked(operation) => Some(operation.clone()),
        _ => None,
    };
    let waiting: Vec<(InteractionId, OperationId)> = state
        .sessions
        .iter()
        .filter(|session| session.interaction.contact.as_ref().is_some_and(|own| own.as_str() == contact))
        .filter_map(|session| Some((session.interaction.id.clone(), asked(&session.older.known)?)))
        .collect();
    for (id, operation) in waiting {
        state.awaited.remove(&operation);
        if let Some(session) = state.by_id_mut(&id) {
            let own = &session.interaction;
            let mut left: Vec<Earlier> = past
                .iter()
                .filter(|dto| session.options.cross_channel || dto.media_type == own.media_type)
                .filter(|dto| dto.state != "InProgress")
                .filter(|dto| !dto.id.is_empty() && dto.id != own.id.as_str())
                .map(|dto| earlier(dto, &own.media_type))
                .filter(|earlier| own.started.is_none_or(|own| earlier.started.is_none_or(|at| at <= own)))
                .filter(|earlier| session.older.shown.iter().all(|shown| shown.id != earlier.id))
                .collect();
            left.sort_by_key(|earlier| earlier.started);
            let none = left.is_empty() && session.older.wanted > 0;
            session.older.known = Known::Left(left);
            if none {
                session.older.wanted = 0;
                state.say(Level::Info, "there are no older messages");
            }
        }
        next(state, &id, out);
    }
}

/// Converts an entry of the history. An entry of another channel keeps the channel's name. (Workspace:
/// `whatsappsession.show-cross-channel-messages`.)
fn earlier(dto: &PastDto, own: &str) -> Earlier {
    let names = dto.owner_information.iter().filter_map(|owner| {
        let full = format!("{} {}", owner.first_name, owner.last_name);
        let name = if full.trim().is_empty() { owner.user_name.as_str() } else { full.trim() };
        (!name.is_empty()).then(|| name.to_owned())
    });
    let names = names.collect::<Vec<_>>().join(", ");
    Earlier {
        id: dto.id.as_str().into(),
        started: time::parse(&dto.start_date),
        handled_by: (!names.is_empty()).then(|| Clean::line(&names)),
        channel: (dto.media_type != own).then(|| Clean::line(&dto.media_type)),
        subject: (dto.media_type != own && !dto.subject.trim().is_empty()).then(|| Clean::line(&dto.subject)),
    }
}

/// Adds an earlier session that was read above all others, without moving the visible text.
fn arrived(state: &mut State, id: &InteractionId, page: &LogPage, out: &mut Vec<Effect>) {
    let area = state.layout().transcript;
    let (width, height) = (area.width, usize::from(area.height));
    let zone = state.zone.clone();
    let Some(session) = state.by_id_mut(id) else { return };
    let above = session.scroll.above_all(&session.measure(width, &zone));
    let Some(earlier) = session.older.reading.take() else { return };
    let mut transcript = Transcript::default();
    transcript.insert_older(page.messages.iter().map(decode::message));
    decode::page(&mut transcript, LogQuery::NEWEST, page);
    let lines = transcript.lines();
    let agent = lines
        .iter()
        .rev()
        .map(|line| &line.message)
        .find(|message| message.side == Side::Agent && !message.name.is_empty());
    let older = OlderSession {
        started: earlier.started.or_else(|| lines.first().map(|line| line.message.at)),
        handled_by: earlier.handled_by.or_else(|| agent.map(|message| message.name.clone())),
        id: earlier.id,
        channel: earlier.channel,
        subject: earlier.subject,
        transcript,
    };
    session.older.shown.insert(0, older);
    session.older.wanted = session.older.wanted.saturating_sub(1);
    if let (Scroll::Held { back, .. }, Some(rows)) = (session.scroll, above) {
        let rows = isize::try_from(rows).unwrap_or(0);
        let first = Scroll::Held { back, at: 1, skip: 0 };
        session.scroll = first.moved(&session.measure(width, &zone), height, -rows);
    }
    let out_of_sight = session.scroll.top(&session.measure(width, &zone), height).0 > 0;
    next(state, id, out);
    if out_of_sight && state.by_id(id).is_some_and(|session| session.older.reading.is_none()) {
        let up = state.settings.keymap.hint(Action::PageUp);
        state.say(Level::Info, format!("the older messages are above: {up} goes there"));
    }
}

/// The distance in blocks from the first loaded block at which the part before it is requested.
const NEAR: usize = 8;

/// Reads the next older part when the agent is near the beginning of the loaded blocks: of the shown session's
/// log, or of the uppermost earlier session's.
pub(in crate::app) fn read_on(state: &mut State, out: &mut Vec<Effect>) {
    let area = state.layout().transcript;
    let Some(session) = state.session().filter(|_| state.online()) else { return };
    let uppermost = session.older.shown.first();
    let transcript = session.uppermost();
    let Some(first) = transcript.first().filter(|_| transcript.has_older()) else { return };
    let measure = session.measure(area.width, &state.zone);
    if session.scroll.top(&measure, usize::from(area.height)).0 >= NEAR {
        return;
    }
    let id = session.interaction.id.clone();
    let part = LogQuery::before(first);
    let Some(earlier) = uppermost else { return read_part(state, &id, part, out) };
    if session.older.reads_part {
        return;
    }
    let request = match &earlier.channel {
        Some(media) => Request::MessagesOf { media: media.to_string(), id: earlier.id.clone(), part },
        None => Request::Messages(earlier.id.clone(), part),
    };
    call(state, request, Awaited::Older(OlderRequest::Part(id.clone())), out);
    if let Some(session) = state.by_id_mut(&id) {
        session.older.reads_part = true;
    }
}

/// Inserts an older part of the uppermost earlier session.
fn part_arrived(state: &mut State, id: &InteractionId, page: &LogPage) {
    let Some(session) = state.by_id_mut(id) else { return };
    session.older.reads_part = false;
    let Some(earlier) = session.older.shown.first_mut() else { return };
    if let Some(first) = earlier.transcript.first() {
        decode::page(&mut earlier.transcript, LogQuery::before(first), page);
    }
}

/// The server answered a request.
pub(in crate::app) fn replied(state: &mut State, request: &OlderRequest, data: Json, out: &mut Vec<Effect>) {
    let page = |data| serde_json::from_value::<LogPage>(data).unwrap_or_default();
    match request {
        OlderRequest::History(id) => taken(state, id),
        OlderRequest::Log(id) => arrived(state, id, &page(data), out),
        OlderRequest::Part(id) => part_arrived(state, id, &page(data)),
    }
}

/// The history or an earlier session could not be read. This is no error of the current session.
pub(in crate::app) fn failed(state: &mut State, request: &OlderRequest, words: &str, out: &mut Vec<Effect>) {
    let id = request.session();
    let Some(session) = state.by_id_mut(id) else { return };
    // Not every channel has messages; the entry of the history is shown without them.
    if session.older.reading.as_ref().is_some_and(|earlier| earlier.channel.is_some()) {
        return arrived(state, id, &LogPage::default(), out);
    }
    let asked = session.older.wanted > 0;
    session.older.interrupted();
    if asked {
        state.say(Level::Info, format!("older messages could not be read: {words}"));
    }
}
