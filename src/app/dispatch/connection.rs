//! The connection to the server, and the workspace session on it: the sessions open there are shown here.

use crate::app::core::effect::Effect;
use crate::app::core::forms;
use crate::app::core::log::read;
use crate::app::core::msg::Link;
use crate::app::core::notice::Level;
use crate::app::core::requests::call;
use crate::app::core::state::{Awaited, State};
use crate::app::dispatch::{configuration, interactions};
use crate::app::features::contacts::update as contacts;
use crate::app::features::older::update as older;
use crate::app::features::parties::update as parties;
use crate::app::features::reach::update as reach;
use crate::app::features::responses::update as responses;
use crate::app::features::status::model::{NewStatus, StatusRequest};
use crate::app::features::status::update as status;
use crate::app::features::supervise::update as supervise;
use crate::app::features::targets::update as targets;
use crate::app::features::workbins::update as workbins;
use crate::domain::InteractionId;
use crate::domain::agent::AgentState;
use crate::domain::interaction::MEDIA_TYPE;
use crate::proto::media::InteractionDto;
use crate::proto::request::Request;
use crate::proto::session::SessionDto;
use serde_json::Value as Json;

/// The connection changed.
pub(in crate::app) fn link(state: &mut State, link: Link, out: &mut Vec<Effect>) {
    match &link {
        Link::Lost { reason, .. } => {
            parties::lost(state);
            if !state.lost {
                let sentence =
                    format!("connection lost: {reason}. Keep typing; deskline reconnects by itself");
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
            status::lost(state);
            // Everything is read again when the connection is back; only what became of messages matters.
            state.awaited.retain(|_, awaited| matches!(awaited, Awaited::Message(_)));
            state.accepted.clear();
            state.parking.clear();
            targets::lost(state);
            contacts::lost(state);
            forms::lost(state);
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

/// The workspace session has started, for the first time or again.
pub(in crate::app) fn started(state: &mut State, session: SessionDto, fresh: bool, out: &mut Vec<Effect>) {
    let first = state.me.is_none();
    if let Some(user) = session.user {
        configuration::set_user(state, &user);
    }
    configuration::set(state, session.configuration);
    let Some(me) = &state.me else { return };
    if first {
        state.active_at = state.now;
        out.push(Effect::LoadKept);
    }
    // A Ready agent whose connection comes back becomes Ready again, but not behind a lock that made them Not
    // Ready; the first time, options decide.
    let away = state.lock.is_some() && state.options().lock_sets_not_ready;
    let due = state.status_due.take();
    // An activation without a reply is repeated, since the server may not have received it.
    let activates = first || fresh || due.is_some();
    let then = if first {
        status::at_sign_in(state)
    } else {
        let ready = || (state.channel.state == AgentState::Ready).then_some(NewStatus::Ready);
        due.or_else(ready).filter(|_| !away)
    };
    let activate = Request::ActivateChannels { agent_id: me.agent_id.clone(), place: me.place.clone() };
    // Supervisors have no channels and no workbins.
    let oversees = me.oversees;
    if activates && !oversees {
        call(state, activate, Awaited::Status(StatusRequest::Activate(then)), out);
    }
    call(state, Request::CurrentSession, Awaited::CurrentSession, out);
    if !oversees {
        workbins::ask(state, out);
    }
}

/// Updates the console with the sessions that are open at the server, after a connection was established.
pub(in crate::app) fn current(state: &mut State, data: Json, out: &mut Vec<Effect>) {
    let session: SessionDto = match serde_json::from_value(data) {
        Ok(session) => session,
        Err(_) => return,
    };
    if let Some(user) = &session.user {
        configuration::set_own_options(state, user);
    }
    configuration::set(state, session.configuration);
    supervise::resume_monitoring(state, session.monitored, out);
    let Some(active) = session.user.and_then(|user| user.active_session) else { return };
    let mut open = Vec::new();
    for channel in active.media.channels.iter().filter(|c| c.name == MEDIA_TYPE || c.name == "chat") {
        for item in &channel.interactions {
            if let Ok(dto) = serde_json::from_value::<InteractionDto>(item.clone()) {
                open.push(InteractionId::from(dto.id.as_str()));
                interactions::changed(state, &dto, out);
            }
        }
    }
    // An open session was not finished, even if that was requested before the connection broke.
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
        interactions::close(state, &id, how, Level::Warning, out);
    }
    for id in open {
        read(state, &id, out);
        older::ask(state, &id, out);
    }
}
