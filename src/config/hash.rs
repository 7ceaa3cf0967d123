//! Hashes of passwords: argon2id, as PHC strings.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// What every hash begins with.
pub const PREFIX: &str = "$argon2id$";

/// A password could not be hashed: the system gave no randomness, or the password is over 4 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the password could not be hashed: the system gave no randomness")]
pub struct HashError;

/// Hashes a password with a fresh salt. Takes tens of milliseconds and 19 MiB on purpose: run it off the loop.
///
/// # Errors
/// When the system gives no randomness.
pub fn hash_password(password: &SecretString) -> Result<String, HashError> {
    Argon2::default()
        .hash_password(password.expose_secret().as_bytes())
        .map(|hash: PasswordHash| hash.to_string())
        .map_err(|_| HashError)
}

/// Whether this is the password. A text that is no hash fits no password. As slow as [`hash_password`].
pub fn verify(hash: &str, password: &SecretString) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash).is_ok()
    })
}

/// Whether a text is a whole hash that [`verify`] can use.
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
    fn only_the_same_password_fits_and_no_two_hashes_are_the_same() {
        let password = SecretString::from("corre ct ñandú");
        let hash = hash_password(&password).unwrap();
        assert!(hash.starts_with(PREFIX) && is_hash(&hash), "{hash}");
        assert!(verify(&hash, &password));
        assert!(!verify(&hash, &SecretString::from("corre ct ñandu")));
        assert!(!verify("$argon2id$nonsense", &password) && !verify("", &password));
        assert_ne!(hash, hash_password(&password).unwrap());
    }

    #[test]
    fn half_a_hash_is_no_hash() {
        assert!(is_hash(HASH));
        let (half, _) = HASH.rsplit_once('$').unwrap();
        for bad in
            ["", "secret", "$argon2id$", half, "$argon2i$v=19$m=19456,t=2,p=1$MTIzNDU2Nzg$mC8E5bT3xXyX"]
        {
            assert!(!is_hash(bad), "{bad}");
        }
    }
}
