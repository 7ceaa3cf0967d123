//! Wires the edges to the application and runs it.
//!
//! Owns: the loop of console and monitor, the start and the end of each program, the clock.
//! Must not: decide anything that `app` or `gateway` decides.
//! Invariants: a frame is drawn only when no event is waiting or the frame is overdue.

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
