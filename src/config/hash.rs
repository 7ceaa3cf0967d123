//! Hashes of passwords: argon2id, as PHC strings.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// The prefix of every hash.
pub const PREFIX: &str = "$argon2id$";

/// A password could not be hashed: the system has no randomness, or the password is larger than 4 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the password could not be hashed: the system gave no randomness")]
pub struct HashError;

/// Hashes a password with a new salt. Takes tens of milliseconds and 19 MiB on purpose, so do not run it on an async task.
///
/// # Errors
/// When the system has no randomness.
pub fn hash_password(password: &SecretString) -> Result<String, HashError> {
    Argon2::default()
        .hash_password(password.expose_secret().as_bytes())
        .map(|hash: PasswordHash| hash.to_string())
        .map_err(|_| HashError)
}

/// Whether the password matches the hash. False for a text that is not a hash. As slow as [`hash_password`].
pub fn verify(hash: &str, password: &SecretString) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash).is_ok()
    })
}

/// Whether a text is a complete hash for [`verify`].
pub fn is_hash(text: &str) -> bool {
    text.starts_with(PREFIX)
        && PasswordHash::new(text).is_ok_and(|hash| hash.hash.is_some() && hash.salt.is_some())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A hash whose password nobody knows.
    pub const HASH: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng$mC8E5bT3xXyX9yq9TqXk7T7vU8nq2v5pYk6r3m0nQ1s";

    #[test]
    fn only_the_password_matches_and_hashes_are_salted() {
        let password = SecretString::from("corre ct ñandú");
        let hash = hash_password(&password).unwrap();
        assert!(hash.starts_with(PREFIX) && is_hash(&hash), "{hash}");
        assert!(verify(&hash, &password));
        assert!(!verify(&hash, &SecretString::from("corre ct ñandu")));
        assert!(!verify("$argon2id$nonsense", &password) && !verify("", &password));
        assert_ne!(hash, hash_password(&password).unwrap());
    }

    #[test]
    fn an_incomplete_hash_is_not_a_hash() {
        assert!(is_hash(HASH));
        let (half, _) = HASH.rsplit_once('$').unwrap();
        for bad in
            ["", "secret", "$argon2id$", half, "$argon2i$v=19$m=19456,t=2,p=1$MTIzNDU2Nzg$mC8E5bT3xXyX"]
        {
            assert!(!is_hash(bad), "{bad}");
        }
    }
}
