//! Paths of requests.

use crate::domain::InteractionId;
use crate::domain::interaction::MEDIA_TYPE;

/// One segment of a path. Everything except unreserved characters is escaped, so that no name from outside can
/// change the path.
pub fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'~')
            || (byte == b'.' && text.len() > 2)
        {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// An operation of a channel.
pub(super) fn channel(media_type: &str, operation: &str) -> String {
    format!("/media/{}/{operation}", segment(media_type))
}

/// An operation of a session.
pub(super) fn session(id: &InteractionId, operation: &str) -> String {
    format!("/media/{MEDIA_TYPE}/interactions/{}/{operation}", segment(id.as_str()))
}

/// An operation of a session that only this project's gateway has.
pub(super) fn own(id: &InteractionId, operation: &str) -> String {
    format!("/deskline/interactions/{}/{operation}", segment(id.as_str()))
}
