//! New names for sessions and contacts.

/// Makes unique IDs: a random start and a counter, mixed so that an ID reveals nothing.
#[derive(Debug)]
pub(super) struct Ids {
    next: u64,
}

impl Ids {
    /// Begins at a random place.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn new() -> Result<Self, getrandom::Error> {
        Ok(Self { next: getrandom::u64()? })
    }

    /// Sixteen hexadecimal digits.
    pub fn next(&mut self) -> String {
        self.next = self.next.wrapping_add(0x9e37_79b9_7f4a_7c15);
        // A bijection (SplitMix64), so that two counts never give one name.
        let mut mixed = self.next;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        format!("{:016x}", mixed ^ (mixed >> 31))
    }
}

#[cfg(test)]
mod tests {
    use super::Ids;

    #[test]
    fn names_are_sixteen_digits_and_differ() {
        let mut ids = Ids::new().unwrap();
        let names: std::collections::BTreeSet<String> = (0..1000).map(|_| ids.next()).collect();
        assert_eq!(names.len(), 1000);
        assert!(names.iter().all(|name| name.len() == 16));
    }
}
