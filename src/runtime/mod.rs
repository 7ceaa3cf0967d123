//! Wires the edges to the application and runs it.
//!
//! Owns: the console's loop, the gateway's start and end, the demo, the clock.
//! Must not: decide anything that `app` or `gateway` decides.
//! Invariants: one queue of what happens; a frame is drawn only when it is empty.

pub mod clock;
mod colleagues;
pub mod console;
pub mod demo;
mod effects;
mod event_loop;
mod frame;
pub mod gateway;
pub mod live_view;
pub mod monitor;
pub mod serve;
pub mod simulate;
pub mod tail;
mod translate;
mod watch;
