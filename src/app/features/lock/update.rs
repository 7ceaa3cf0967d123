//! Locking and unlocking the console.
//!
//! While it is locked, the user can only unlock it or sign out; messages keep arriving and drafts are kept.

use crate::app::core::action::Action;
use crate::app::core::effect::Effect;
use crate::app::core::key::{Code, Key};
use crate::app::core::notice::Level;
use crate::app::core::state::State;
use crate::app::core::view::mark_seen;
use crate::app::core::view::title;
use crate::app::features::lock::{AuthFailure, Lock};
use crate::domain::{Millis, OperationId};
use crate::text::Clean;

/// The title of the window while the console is locked.
const TITLE: &str = "deskline: locked";

/// When the console locks by itself if no key is pressed until then.
pub(in crate::app) fn due_at(state: &State) -> Option<Millis> {
    if state.lock.is_some() || state.me.is_none() || state.ending {
        return None;
    }
    Some(state.active_at.plus(state.lock_after()?))
}

/// Locks the console; returns whether it was open before.
pub(in crate::app) fn lock(state: &mut State, by_itself: bool, out: &mut Vec<Effect>) -> bool {
    if state.me.is_none() {
        state.say(Level::Info, "nobody is signed in yet: there is nothing to lock");
        return false;
    }
    if state.lock.is_some() {
        return false;
    }
    state.lock = Some(Lock::new(by_itself));
    out.push(Effect::Title(TITLE.into()));
    true
}

/// Handles a key while the console is locked.
pub(in crate::app) fn key(state: &mut State, key: Key, out: &mut Vec<Effect>) {
    let action = state.settings.keymap.action(key);
    let (now, online) = (state.now, state.online());
    let Some(lock) = &mut state.lock else { return };
    if lock.leaving {
        match key.code {
            Code::Enter => {
                state.ending = !online;
                let read = state.read_all();
                out.push(if online { Effect::SignOut(read) } else { Effect::Quit });
            }
            _ => lock.leaving = false,
        }
        return;
    }
    match (key.code, action) {
        (Code::Enter, _) => enter(state, out),
        (_, Some(Action::SignOut)) => lock.leaving = true,
        (_, Some(Action::Redraw)) => out.push(Effect::Redraw),
        (Code::Esc, _) | (_, Some(Action::KillLine)) => {
            lock.password = crate::app::features::lock::Password::default();
            lock.trouble = None;
        }
        (Code::Backspace, _) => lock.password.pop(),
        _ => {
            if let Some(c) = key.typed().filter(|_| lock.checking.is_none()) {
                lock.password.push(c.encode_utf8(&mut [0; 4]));
                if lock.wait(now).is_none() {
                    lock.trouble = None;
                }
            }
        }
    }
}

/// A paste goes into the password only.
pub(in crate::app) fn paste(state: &mut State, text: &str) {
    if let Some(lock) = state.lock.as_mut().filter(|lock| lock.checking.is_none()) {
        lock.password.push(text.trim_end_matches(['\r', '\n']));
    }
}

fn enter(state: &mut State, out: &mut Vec<Effect>) {
    let operation = state.operation();
    let now = state.now;
    let Some(lock) = state.lock.as_mut().filter(|lock| lock.checking.is_none()) else { return };
    if lock.password.is_empty() {
        return;
    }
    if let Some(wait) = lock.wait(now) {
        let seconds = wait.as_millis().div_ceil(1000);
        lock.trouble = Some(Clean::line(&format!("too many wrong passwords: try again in {seconds} s")));
        return;
    }
    lock.checking = Some(operation.clone());
    lock.trouble = None;
    let password = std::mem::take(&mut lock.password);
    out.push(Effect::Authenticate { operation, password });
}

/// The server has checked the password.
pub(in crate::app) fn apply_answer(
    state: &mut State,
    operation: &OperationId,
    result: Result<(), AuthFailure>,
    out: &mut Vec<Effect>,
) {
    let now = state.now;
    let Some(lock) = state.lock.as_mut().filter(|lock| lock.checking.as_ref() == Some(operation)) else {
        return;
    };
    lock.checking = None;
    match result {
        Ok(()) => {
            state.lock = None;
            state.active_at = now;
            mark_seen(state);
            out.push(title(state));
        }
        Err(AuthFailure::Wrong) => {
            lock.was_wrong(now);
            let more = lock
                .wait(now)
                .map_or(String::new(), |wait| format!("; wait {} s before the next", wait.as_secs()));
            lock.trouble = Some(Clean::line(&format!("that is not your password{more}")));
        }
        Err(AuthFailure::Unknown(words)) => {
            lock.trouble = Some(Clean::line(&format!(
                "the password could not be checked, so the desk stays locked: {words}"
            )));
        }
    }
}

/// While the console is locked, the window's title and the bell reveal nothing: only an invitation rings.
pub(in crate::app) fn hush(state: &State, offers_before: usize, out: &mut Vec<Effect>) {
    if state.lock.is_none() {
        return;
    }
    out.retain(|effect| *effect != Effect::Bell || state.invitations.len() > offers_before);
    for effect in out {
        if let Effect::Title(title) = effect {
            *title = TITLE.into();
        }
    }
}
