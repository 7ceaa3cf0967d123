//! Slows down clients that guess passwords.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;
use tokio::time::Instant;

/// Attempts with one user name from one address without a wait.
const FREE: u32 = 5;
/// Attempts from one address without a wait, with any user name.
const FREE_OF_ADDRESS: u32 = 50;
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(300);
/// After this time without an attempt, the attempts are forgotten.
const MEMORY: Duration = Duration::from_secs(900);
/// Entries that are stored. When it is full, the oldest tenth is removed.
const ENTRIES: usize = 10_000;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum ThrottleKey {
    /// A user name from one address, so that nobody can lock a person out from another address.
    Pair(String, IpAddr),
    Address(IpAddr),
}

#[derive(Clone, Copy, Debug)]
struct Attempts {
    count: u32,
    last: Instant,
}

/// Attempts that have not succeeded.
#[derive(Debug, Default)]
pub struct Throttle(HashMap<ThrottleKey, Attempts>);

impl Throttle {
    /// Counts an attempt before the password is checked, so that concurrent attempts count too.
    ///
    /// # Errors
    /// How long to wait; the attempt is not counted.
    pub fn attempt(&mut self, user: &str, address: IpAddr, now: Instant) -> Result<(), Duration> {
        // The name is cut, so that long names do not fill the memory.
        let user: String = user.chars().take(64).collect::<String>().to_lowercase();
        let mut counted = vec![(ThrottleKey::Pair(user, address), FREE)];
        // Behind a proxy on this machine all clients have its address.
        if !address.is_loopback() {
            counted.push((ThrottleKey::Address(address), FREE_OF_ADDRESS));
        }
        for (who, free) in &counted {
            if let Some(wait) = self.0.get(who).and_then(|tries| tries.wait(*free, now)) {
                return Err(wait);
            }
        }
        for (who, _) in counted {
            self.make_room(now);
            let tries = self.0.entry(who).or_insert(Attempts { count: 0, last: now });
            if now.duration_since(tries.last) > MEMORY {
                tries.count = 0;
            }
            *tries = Attempts { count: tries.count.saturating_add(1), last: now };
        }
        Ok(())
    }

    /// Forgets the attempts of a user who signed in.
    pub fn succeeded(&mut self, user: &str, address: IpAddr) {
        let user: String = user.chars().take(64).collect::<String>().to_lowercase();
        self.0.remove(&ThrottleKey::Pair(user, address));
        if let Some(tries) = self.0.get_mut(&ThrottleKey::Address(address)) {
            tries.count = tries.count.saturating_sub(1);
        }
    }

    fn make_room(&mut self, now: Instant) {
        if self.0.len() < ENTRIES {
            return;
        }
        self.0.retain(|_, tries| now.duration_since(tries.last) <= MEMORY);
        if self.0.len() < ENTRIES {
            return;
        }
        // A tenth at once, so that a flood does not cause this search at every attempt.
        let mut times: Vec<Instant> = self.0.values().map(|tries| tries.last).collect();
        let (_, cut, _) = times.select_nth_unstable(ENTRIES / 10);
        let cut = *cut;
        self.0.retain(|_, tries| tries.last > cut);
    }
}

impl Attempts {
    fn wait(&self, free: u32, now: Instant) -> Option<Duration> {
        let over = self.count.checked_sub(free)?;
        let span = Duration::from_secs(1u64 << over.min(16)).min(LONGEST);
        span.checked_sub(now.duration_since(self.last)).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn guessing_gets_slower_only_for_the_guessing_address() {
        let (here, there) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let mut throttle = Throttle::default();
        let now = Instant::now();
        for _ in 0..5 {
            throttle.attempt("ana", here, now).unwrap();
        }
        assert_eq!(throttle.attempt("Ana", here, now), Err(Duration::from_secs(1)));
        assert!(throttle.attempt("ana", there, now).is_ok());
        let later = now + Duration::from_secs(1);
        assert!(throttle.attempt("ana", here, later).is_ok());
        assert_eq!(throttle.attempt("ana", here, later), Err(Duration::from_secs(2)));
        throttle.succeeded("ana", here);
        assert!(throttle.attempt("ana", here, later).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn the_memory_is_bounded() {
        let mut throttle = Throttle::default();
        let start = Instant::now();
        for n in 0..(ENTRIES as u32 + 100) {
            let now = start + Duration::from_millis(n.into());
            let _ = throttle.attempt("ana", IpAddr::from(n.to_be_bytes()), now);
        }
        assert!(throttle.0.len() <= ENTRIES && throttle.0.len() > ENTRIES / 2);
    }
}
