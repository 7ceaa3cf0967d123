//! The gateway's HTTP side over real sockets, with a writer that only records its requests.

#[cfg(test)]
mod annex;
#[cfg(test)]
mod channels;
#[cfg(test)]
#[path = "../rig/config.rs"]
mod config;
#[cfg(test)]
mod contacts;
#[cfg(test)]
mod events;
#[cfg(test)]
mod options;
#[cfg(test)]
mod responses;
#[cfg(test)]
mod rest;
#[cfg(test)]
mod rig;
#[cfg(test)]
mod socket;
#[cfg(test)]
mod targets;
#[cfg(test)]
mod watch;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod workbins;
