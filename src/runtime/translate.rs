//! Translates reports of the terminal and the connection into events of the application.

use crate::app::core::key::{Code, Key};
use crate::app::core::msg::{ClickTarget, Link, Mouse, RequestError, What};
use crate::net::{self, FromNet, LinkState, StopReason};
use crate::term::input::TerminalEvent;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEventKind};

/// An input of the terminal; `target` finds what is shown at a cell. `None` for an input without a meaning here.
pub(super) fn input(input: TerminalEvent, target: impl Fn(u16, u16) -> Option<ClickTarget>) -> Option<What> {
    Some(match input {
        TerminalEvent::Key(event) => What::Key(key(event)?),
        TerminalEvent::Paste(text) => What::Paste(text),
        TerminalEvent::Resize(width, height) => What::Resize(width, height),
        TerminalEvent::Focus(focused) => What::Focus(focused),
        TerminalEvent::Mouse(event) => What::Mouse(match event.kind {
            MouseEventKind::ScrollUp => Mouse::WheelUp,
            MouseEventKind::ScrollDown => Mouse::WheelDown,
            MouseEventKind::Down(MouseButton::Left) => Mouse::Click(target(event.column, event.row)?),
            _ => return None,
        }),
        TerminalEvent::Closed => What::Terminate,
    })
}

/// A key of crossterm; `None` for one that the application does not know.
pub(super) fn key(event: KeyEvent) -> Option<Key> {
    let code = match event.code {
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::F(number) => Code::F(number),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Insert => Code::Insert,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        _ => return None,
    };
    let held = |modifier| event.modifiers.contains(modifier);
    let key = Key {
        code,
        ctrl: held(KeyModifiers::CONTROL),
        alt: held(KeyModifiers::ALT),
        shift: held(KeyModifiers::SHIFT),
    };
    Some(key.normal())
}

/// A report of the connection.
pub(super) fn net(from: FromNet) -> What {
    match from {
        FromNet::Link(state) => What::Link(link(state)),
        FromNet::SessionStarted { session, fresh, .. } => What::SessionStarted { session, fresh },
        FromNet::Event(event) => What::Event(event),
        FromNet::Reply { operation, result, .. } => {
            What::Reply { operation, result: result.map_err(request_error) }
        }
        FromNet::Latency(took) => What::Latency(took),
    }
}

fn link(state: LinkState) -> Link {
    match state {
        LinkState::Connecting { .. } => Link::Connecting,
        LinkState::Online { carrier } => Link::Online { websocket: carrier == net::Carrier::Websocket },
        LinkState::Lost { reason, retry_in } => {
            Link::Lost { reason, retry_at: super::clock::now().plus(retry_in) }
        }
        LinkState::Stopped { reason } => {
            Link::Stopped { signed_out: reason == StopReason::SignedOut, reason: reason.to_string() }
        }
    }
}

fn request_error(error: net::CallError) -> RequestError {
    match error {
        net::CallError::Refused { code, message, .. } => RequestError::Refused { code, message },
        net::CallError::Unread { message, unread } => RequestError::Unread { message, unread },
        net::CallError::NotSent(reason) => RequestError::NotSent(reason),
        net::CallError::OutcomeUnknown(reason) => RequestError::OutcomeUnknown(reason),
    }
}
