//! The console as a state machine.
//!
//! Owns: everything a console knows and how each thing that happens changes it.
//! Must not: read a clock, draw, connect, or keep anything on disk; it asks for that with [`Effect`]s.
//! Invariants: [`update`] is the only place where [`State`] changes; time arrives inside [`Msg`]; a draft
//! belongs to its session and is never deleted by anything but sending it or the agent's own editing.
//!
//! Rooms: `core` (what every feature uses), `features` (one folder each), `dispatch` (what happens goes to the
//! feature it belongs to). A feature never names another one; `dispatch` combines them.
//!
//! Beside the console: `monitor` and `tail` for supervisors, and `live_view`, which both use on a server without a feed.

pub mod core;
mod dispatch;
pub mod features;
pub mod live_view;
pub mod monitor;
pub mod tail;
#[cfg(test)]
mod test_console;

pub use self::core::action::Action;
pub use self::core::effect::{Effect, Effects};
pub use self::core::msg::{Msg, What};
pub use self::core::state::State;
pub use dispatch::update;
