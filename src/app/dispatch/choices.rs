//! Passes the chosen row of a list to the feature that it belongs to.

use crate::app::core::drafts::draft_changed;
use crate::app::core::effect::Effect;
use crate::app::core::forms;
use crate::app::core::layer::{Choice, FormChoice};
use crate::app::core::notice::Level;
use crate::app::core::state::State;
use crate::app::core::view::show;
use crate::app::dispatch::{confirm, perform};
use crate::app::features::contacts::update as contacts;
use crate::app::features::parties::leave;
use crate::app::features::status::model::{NewStatus, StatusChoice};
use crate::app::features::status::update as status;
use crate::app::features::supervise::update as supervise;

/// Does what the chosen row of a list means.
pub(in crate::app) fn apply_choice(state: &mut State, choice: Choice, out: &mut Vec<Effect>) {
    match choice {
        Choice::Do(action) => perform::perform(state, action, "", out),
        Choice::Session(id) => show(state, &id),
        Choice::Status(StatusChoice::Set(channel, NewStatus::LogOff)) => {
            confirm::log_off(state, channel, out)
        }
        Choice::Status(StatusChoice::Set(channel, to)) => status::set(state, channel.as_deref(), &to, out),
        Choice::Status(StatusChoice::Channel(name)) => status::channel_menu(state, &name),
        Choice::Monitor(change) => supervise::monitor(state, change, out),
        Choice::Remove(removal) => leave::remove_colleague(state, removal, out),
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
        Choice::Contact(pick) => contacts::apply_choice(state, pick, out),
        Choice::Form(FormChoice::Value(value)) => forms::set_value(state, &value),
        Choice::Form(FormChoice::Add(offer)) => forms::add_offer(state, offer),
    }
}
