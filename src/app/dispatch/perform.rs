//! The table of actions: what each one does.

use crate::app::core::action::Action;
use crate::app::core::effect::Effect;
use crate::app::core::layer::{ConfirmAction, Layer};
use crate::app::core::notice::Level;
use crate::app::core::state::State;
use crate::app::core::view;
use crate::app::dispatch::{confirm, finish, lock, palette};
use crate::app::features::case::update as case;
use crate::app::features::compose::{addressees, resend, update as compose};
use crate::app::features::contacts::{ContactListPurpose, update as contacts};
use crate::app::features::disposition::update as disposition;
use crate::app::features::emoji::update as emoji;
use crate::app::features::invitations::update as invitations;
use crate::app::features::note::update as note;
use crate::app::features::older::update as older;
use crate::app::features::parties::{leave, update as parties};
use crate::app::features::reach::update as reach;
use crate::app::features::responses::update as responses;
use crate::app::features::search::update as search;
use crate::app::features::sessions::update as sessions;
use crate::app::features::status::{NewStatus, update as status};
use crate::app::features::supervise::update as supervise;
use crate::app::features::targets::update as targets;
use crate::app::features::workbins::update as workbins;
use crate::domain::monitoring::MonitorMode;
use crate::domain::routing_based::RequestKind;

/// Performs an action, with the text after its slash command.
pub(in crate::app) fn perform(state: &mut State, action: Action, arguments: &str, out: &mut Vec<Effect>) {
    match action {
        Action::Accept => invitations::answer(state, numbered(arguments), true, out),
        Action::Reject => invitations::answer(state, numbered(arguments), false, out),
        Action::NextInvitation => invitations::next(state),
        Action::NextSession => sessions::step(state, true),
        Action::PreviousSession => sessions::step(state, false),
        Action::WaitingSession => sessions::waiting(state),
        Action::FindSession => sessions::find(state, arguments),
        Action::Session1 => sessions::show_numbered(state, 1),
        Action::Session2 => sessions::show_numbered(state, 2),
        Action::Session3 => sessions::show_numbered(state, 3),
        Action::Session4 => sessions::show_numbered(state, 4),
        Action::Session5 => sessions::show_numbered(state, 5),
        Action::Session6 => sessions::show_numbered(state, 6),
        Action::Session7 => sessions::show_numbered(state, 7),
        Action::Session8 => sessions::show_numbered(state, 8),
        Action::Session9 => sessions::show_numbered(state, 9),
        Action::Done => finish::finish_shown(state, arguments, out),
        Action::UndoDone => finish::undo(state, out),
        Action::Transfer => open_targets(state, RequestKind::OneStepTransfer, arguments, out),
        Action::Conference => open_targets(state, RequestKind::OneStepConference, arguments, out),
        Action::Consult => open_targets(state, RequestKind::InitConference, arguments, out),
        Action::CancelConsult => leave::cancel(state, out),
        Action::Remove => leave::remove(state, arguments, out),
        Action::Leave => leave::leave(state, out),
        Action::Monitor => supervise::open(state, arguments, out),
        Action::StopMonitoring => supervise::stop(state, arguments, out),
        Action::Watch => supervise::switch(state, MonitorMode::Monitor, out),
        Action::Coach => supervise::switch(state, MonitorMode::Coach, out),
        Action::BargeIn => supervise::switch(state, MonitorMode::BargeIn, out),
        Action::Disposition => disposition::open_shown(state, arguments, out),
        Action::EditCase => case::open(state, arguments, out),
        Action::Note => note::open(state, arguments, out),
        Action::WriteTo => addressees::write_to(state, arguments, out),
        Action::Park => workbins::park(state, out),
        Action::Workbin => workbins::open(state),
        Action::Status => status::menu(state),
        Action::Ready => status::set(state, None, &NewStatus::Ready, out),
        Action::NotReady => status::not_ready(state, arguments, out),
        Action::AfterCallWork => status::set(state, None, &NewStatus::AfterCallWork(None), out),
        Action::DoNotDisturb => status::do_not_disturb(state, out),
        Action::LogOff => confirm::log_off(state, None, out),
        Action::Channels => status::channels(state),
        Action::Lock => lock::lock_console(state, false, out),
        Action::Reach => reach::open(state, arguments, out),
        Action::Template => reach::for_session(state, arguments, out),
        Action::Contact => contacts::open_own(state, out),
        Action::Contacts => contacts::directory(state, ContactListPurpose::Directory, arguments, out),
        Action::History => contacts::history_own(state, arguments, out),
        Action::AssignContact => contacts::assign_own(state, out),
        Action::Unmerge => contacts::unmerge_own(state, out),
        Action::SignOut => confirm::ask_to_leave(state, ConfirmAction::SignOut, "Sign out?", out),
        Action::PageUp => view::scroll_page(state, false),
        Action::PageDown => view::scroll_page(state, true),
        Action::LineUp => view::scroll(state, -1),
        Action::LineDown => view::scroll(state, 1),
        Action::Top => view::scroll_to_top(state),
        Action::Bottom => view::scroll_to_bottom(state),
        Action::Older => older::see(state, out),
        Action::Search => search::prompt(state, arguments),
        Action::Links => search::links(state),
        Action::CopyMessage => search::copy(state, out),
        Action::SidePane => case::toggle_pane(state),
        Action::RoutingData => case::routing_data(state),
        Action::Editor => compose::open_editor(state, out),
        Action::Emoji => emoji::pick(state, arguments),
        Action::Responses | Action::Response => responses::open(state, arguments, out),
        Action::Detach => responses::detach(state, arguments, out),
        Action::Retry => resend::retry(state, out),
        Action::TakeBack => resend::take_back(state, out),
        Action::Help => state.layers.push(Layer::Help(0)),
        Action::Palette => palette::open(state),
        Action::Notices => open_notices(state),
        Action::Redraw => out.push(Effect::Redraw),
        Action::Mouse => toggle_mouse(state, out),
        Action::Suspend => out.push(Effect::Suspend),
        Action::Quit => confirm::ask_to_leave(state, ConfirmAction::Quit, "Quit?", out),
        // These edit the draft or move in a list: they work as keys only.
        Action::Send
        | Action::Newline
        | Action::CompleteEmoji
        | Action::Left
        | Action::Right
        | Action::WordLeft
        | Action::WordRight
        | Action::LineStart
        | Action::LineEnd
        | Action::Up
        | Action::Down
        | Action::Backspace
        | Action::Delete
        | Action::KillWordBack
        | Action::KillWord
        | Action::KillLine
        | Action::KillToEnd
        | Action::Yank
        | Action::Undo
        | Action::Redo
        | Action::NextFilter
        | Action::PreviousFilter
        | Action::Favourite => {}
    }
}

/// The index for a number written after a command; numbers begin with 1.
fn numbered(arguments: &str) -> Option<usize> {
    arguments.parse::<usize>().ok().map(|number| number.saturating_sub(1))
}

fn open_notices(state: &mut State) {
    state.notices.read_all();
    state.layers.push(Layer::Notices(0));
}

fn toggle_mouse(state: &mut State, out: &mut Vec<Effect>) {
    state.settings.mouse = !state.settings.mouse;
    out.push(Effect::CaptureMouse(state.settings.mouse));
    let key = state.settings.keymap.hint(Action::Mouse);
    let off = if key.is_empty() { "/mouse" } else { key.as_str() };
    let words = if state.settings.mouse {
        format!("Mouse on ({off} turns it off)")
    } else {
        "Mouse off: the terminal selects text".to_owned()
    };
    state.say(Level::Info, words);
}

/// Opens the list of targets, the consulted colleagues first.
fn open_targets(state: &mut State, kind: RequestKind, arguments: &str, out: &mut Vec<Effect>) {
    let consulted = parties::consultants(state, kind);
    targets::open(state, kind, arguments, consulted, out);
}
