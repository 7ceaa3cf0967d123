//! Enter in the input: runs a slash command, or sends the text.

use crate::app::core::action::Action;
use crate::app::core::drafts::save_draft;
use crate::app::core::effect::Effect;
use crate::app::core::layer::{Confirm, ConfirmAction, Layer};
use crate::app::core::notice::Level;
use crate::app::core::outbox::send_held;
use crate::app::core::slash;
use crate::app::core::slash::Line;
use crate::app::core::state::State;
use crate::app::dispatch::perform;
use crate::app::features::compose::update as compose;
use crate::app::features::parties::update as parties;
use crate::app::features::status::update as status;

/// Handles Enter: runs a command, or sends the draft.
pub(in crate::app) fn enter(state: &mut State, out: &mut Vec<Effect>) {
    let Some(session) = state.session_mut() else {
        state.say(Level::Info, "there is no session to write in");
        return;
    };
    let id = session.interaction.id.clone();
    if std::mem::take(&mut session.pasted_line) {
        // The line breaks at the end of the draft came from the Enter of the pasted line, which this Enter
        // replaces.
        let text = session.draft.text().trim_end_matches('\n').to_owned();
        session.draft.set_text(text);
    }
    let text = session.draft.text().to_owned();
    // A command is one line: several lines that begin with a slash were pasted, with or without brackets.
    if text.starts_with('/') && (session.pasted_slash || text.contains('\n')) {
        let who = if session.is_internal() { "colleagues" } else { "the customer" };
        let question = format!(
            "This begins with a slash but was pasted, or has several lines. Enter sends it to {who} as it is; Esc keeps it here."
        );
        let text = question.as_str().into();
        state.layers.push(Layer::Confirm(Confirm { text, then: ConfirmAction::SendLiterally(id) }));
        return;
    }
    if text.trim().is_empty() && session.enclosures.is_empty() {
        return send_held(state, &id, out);
    }
    match command(state, &text) {
        Line::Words(words) => compose::send(state, &id, words, out),
        Line::Command(action, arguments) => {
            if let Some(session) = state.by_id_mut(&id) {
                session.draft.take();
            }
            save_draft(state, &id, out);
            if arguments.is_empty() && parties::promoted(state, action, out) {
                return;
            }
            perform::perform(state, action, &arguments, out);
        }
        Line::Unknown(command) => {
            let words = format!(
                "there is no command /{command}. To send text that begins with a slash, begin with //"
            );
            state.say(Level::Warning, words);
        }
    }
}

/// Parses the input. The name of a Not Ready reason is a command too: `/lunch`.
pub(in crate::app) fn command(state: &State, text: &str) -> Line {
    let line = slash::parse(text);
    let is_free = match &line {
        Line::Unknown(_) => true,
        Line::Command(action, arguments) => *action == Action::NotReady && arguments.is_empty(),
        Line::Words(_) => false,
    };
    let reason = text.strip_prefix('/').filter(|_| is_free).and_then(|word| status::reason(state, word));
    reason.map_or(line, |reason| Line::Command(Action::NotReady, reason.name.to_string()))
}
