//! Verifies that a webhook comes from WhatsApp: its signature, and the verification of the address.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use thiserror::Error;
use url::form_urlencoded;

const PREFIX: &str = "sha256=";

/// Why an address was not verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WebhookVerifyError {
    /// The request is not one of verification.
    #[error(
        "this address takes WhatsApp's webhooks: a verification needs hub.mode=subscribe and hub.challenge"
    )]
    NotAVerification,
    /// The token is not ours.
    #[error("the verify token is not the one that the gateway is set up with")]
    WrongToken,
}

/// Whether `header` (`X-Hub-Signature-256`) is the signature of exactly these bytes. WhatsApp: `sha256=` and
/// the HMAC-SHA256 under the app secret in 64 hex digits. An empty secret signs nothing.
pub fn is_signed(secret: &[u8], raw: &[u8], header: Option<&str>) -> bool {
    let Some(given) = header.and_then(|header| header.strip_prefix(PREFIX)).and_then(from_hex) else {
        return false;
    };
    // The comparison takes the same time wherever the first difference is.
    !secret.is_empty() && mac(secret, raw).is_some_and(|mac| mac.verify_slice(&given).is_ok())
}

/// The header that [`is_signed`] accepts.
pub fn sign(secret: &[u8], raw: &[u8]) -> String {
    let tag = mac(secret, raw).map(|mac| mac.finalize().into_bytes().to_vec()).unwrap_or_default();
    tag.iter().fold(PREFIX.to_owned(), |mut header, byte| {
        header
            .extend([byte >> 4, byte & 15].map(|half| char::from_digit(u32::from(half), 16).unwrap_or('0')));
        header
    })
}

/// The text to answer to a GET on the webhook's address with status 200, from the request's query.
///
/// # Errors
/// When the request is of another kind or has a wrong token; answer 4xx.
pub fn verify(query: &str, token: &str) -> Result<String, WebhookVerifyError> {
    let value =
        |name: &str| form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, v)| v);
    let (Some(mode), Some(challenge)) = (value("hub.mode"), value("hub.challenge")) else {
        return Err(WebhookVerifyError::NotAVerification);
    };
    if mode != "subscribe" {
        return Err(WebhookVerifyError::NotAVerification);
    }
    let given = value("hub.verify_token").unwrap_or_default();
    // An empty token in the settings must not let everyone in.
    if token.is_empty() || !bool::from(given.as_bytes().ct_eq(token.as_bytes())) {
        return Err(WebhookVerifyError::WrongToken);
    }
    Ok(challenge.into_owned())
}

fn mac(secret: &[u8], raw: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret).ok()?;
    mac.update(raw);
    Some(mac)
}

/// 32 bytes from 64 hex digits.
fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0_u8; 32];
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    if pairs.len() != bytes.len() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let digit = |c: &u8| char::from(*c).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        *byte = digit(high)? << 4 | digit(low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"kiln";
    const BODY: &[u8] = br#"{"a":"\u00e9 \/"}"#;

    #[test]
    fn a_known_signature_is_accepted() {
        // RFC 4231, test case 2.
        let header = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(sign(b"Jefe", b"what do ya want for nothing?"), header);
        assert!(is_signed(b"Jefe", b"what do ya want for nothing?", Some(header)));
    }

    #[test]
    fn anything_but_the_exact_signature_is_refused() {
        let good = sign(SECRET, BODY);
        assert!(is_signed(SECRET, BODY, Some(&good)));
        let digits = good.strip_prefix(PREFIX).unwrap();
        let same_meaning = "{\"a\":\"é /\"}".as_bytes();
        assert!(!is_signed(SECRET, same_meaning, Some(&good)), "other bytes with the same meaning");
        assert!(!is_signed(b"other", BODY, Some(&good)), "other secret");
        assert!(!is_signed(b"", BODY, Some(&sign(b"", BODY))), "empty secret");
        assert!(!is_signed(SECRET, BODY, None), "missing");
        for bad in [
            String::new(),
            PREFIX.to_owned(),
            digits.to_owned(),
            format!("sha1={digits}"),
            format!("{PREFIX}{}", digits.get(..62).unwrap()),
            format!("{good}00"),
            format!("{PREFIX}{}", "z".repeat(64)),
            format!("{PREFIX}{}", "é".repeat(32)),
            format!(" {good}"),
        ] {
            assert!(!is_signed(SECRET, BODY, Some(&bad)), "{bad}");
        }
    }

    #[test]
    fn the_challenge_comes_back_only_for_the_right_token() {
        let query = "hub.mode=subscribe&hub.verify_token=se%20cret&hub.challenge=11+58";
        assert_eq!(verify(query, "se cret"), Ok("11 58".to_owned()));
        assert_eq!(verify(query, "secret"), Err(WebhookVerifyError::WrongToken));
        assert_eq!(verify("hub.mode=subscribe&hub.challenge=1", "x"), Err(WebhookVerifyError::WrongToken));
        assert_eq!(
            verify("hub.mode=subscribe&hub.verify_token=&hub.challenge=1", ""),
            Err(WebhookVerifyError::WrongToken)
        );
        assert_eq!(
            verify("hub.mode=other&hub.verify_token=x&hub.challenge=1", "x"),
            Err(WebhookVerifyError::NotAVerification)
        );
        assert_eq!(verify("", "x"), Err(WebhookVerifyError::NotAVerification));
    }
}
