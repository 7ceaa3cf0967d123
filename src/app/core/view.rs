//! The visible part: the shown session, its scroll position, and the title of the window.

use crate::app::core::effect::Effect;
use crate::app::core::scroll::Scroll;
use crate::app::core::state::State;
use crate::domain::InteractionId;

/// Shows a session, if it is open.
pub(in crate::app) fn show(state: &mut State, id: &InteractionId) {
    if state.by_id(id).is_some() {
        state.shown = Some(id.clone());
        mark_seen(state);
    }
}

/// Marks the shown session as seen when it is at its newest message in a focused terminal.
pub(in crate::app) fn mark_seen(state: &mut State) {
    if !state.focused || state.lock.is_some() {
        return;
    }
    if let Some(session) = state.session_mut().filter(|session| session.scroll == Scroll::Bottom) {
        session.unread = 0;
        session.aside = 0;
    }
}

/// Scrolls the transcript of the shown session by rows; up when negative.
pub(in crate::app) fn scroll(state: &mut State, rows: isize) {
    let area = state.layout().transcript;
    let zone = state.zone.clone();
    if let Some(session) = state.session_mut() {
        let to = session.scroll.moved(&session.measure(area.width, &zone), usize::from(area.height), rows);
        session.set_scroll(to);
    }
}

/// Scrolls a page up or down, and keeps two rows in sight.
pub(in crate::app) fn scroll_page(state: &mut State, down: bool) {
    let page = isize::try_from(state.layout().transcript.height.saturating_sub(2).max(1)).unwrap_or(1);
    scroll(state, if down { page } else { -page });
}

/// Scrolls to the first loaded message.
pub(in crate::app) fn scroll_to_top(state: &mut State) {
    if let Some(session) = state.session_mut() {
        let back = session.older.shown.len();
        session.set_scroll(Scroll::Held { back, at: 0, skip: 0 });
    }
    // A short log cannot be scrolled; for a long one, the part before is read first.
    if !state.session().is_some_and(|session| session.uppermost().has_older()) {
        scroll(state, 0);
    }
}

/// Scrolls to the newest message.
pub(in crate::app) fn scroll_to_bottom(state: &mut State) {
    if let Some(session) = state.session_mut() {
        session.set_scroll(Scroll::Bottom);
    }
}

/// The title of the window, with the number of those waiting.
pub(in crate::app) fn title(state: &State) -> Effect {
    let unread: usize = state.sessions.iter().map(|session| session.unread).sum();
    let offers = state.invitations.len();
    let mut parts = Vec::new();
    if offers > 0 {
        parts.push(format!("{offers} to answer"));
    }
    if unread > 0 {
        parts.push(format!("{unread} unread"));
    }
    let aside: usize = state.sessions.iter().map(|session| session.aside).sum();
    if aside > 0 {
        parts.push(format!("{aside} from colleagues"));
    }
    let text =
        if parts.is_empty() { "deskline".to_owned() } else { format!("deskline: {}", parts.join(", ")) };
    Effect::Title(text.as_str().into())
}
