//! The hash by which the gateway recognizes a token or a cookie.
//!
//! Must not: contain the secret itself, or make one; sign-in does.

use sha2::{Digest as _, Sha256};

/// SHA-256 of a secret that a client keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash of a secret.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }
}
