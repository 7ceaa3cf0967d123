//! Copies text to the clipboard of the terminal (OSC 52), which over SSH is that of the person's own machine.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::term::caps::Multiplexer;

/// The most bytes of a copied text: 100,000 bytes of base64, the limit of common terminals.
pub const MAX_COPY: usize = 74_994;

/// The text is too long for the terminal's clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not copied: the text has {size} bytes and a terminal takes {MAX_COPY} at most; the clipboard is unchanged; copy less, or save it to a file"
)]
pub struct TooLong {
    size: usize,
}

/// The bytes that put `text` on the clipboard. The terminal does not answer, so success cannot be known.
///
/// Inside tmux, both forms are sent: the plain sequence, which tmux handles with `set-clipboard on`, and the one passed
/// through, which works with `allow-passthrough on`.
///
/// # Errors
/// [`TooLong`] beyond [`MAX_COPY`] bytes.
pub fn copy(text: &str, multiplexer: Multiplexer) -> Result<Vec<u8>, TooLong> {
    if text.len() > MAX_COPY {
        return Err(TooLong { size: text.len() });
    }
    let plain = format!("\x1b]52;c;{}\x07", STANDARD.encode(text)).into_bytes();
    let mut out = multiplexer.pass_through(&plain);
    if multiplexer == Multiplexer::Tmux {
        out.extend_from_slice(&plain);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_sent_as_osc_52() {
        assert_eq!(copy("hola", Multiplexer::None).unwrap(), b"\x1b]52;c;aG9sYQ==\x07");
    }

    #[test]
    fn tmux_gets_it_both_ways() {
        let bytes = copy("hola", Multiplexer::Tmux).unwrap();
        assert_eq!(bytes, b"\x1bPtmux;\x1b\x1b]52;c;aG9sYQ==\x07\x1b\\\x1b]52;c;aG9sYQ==\x07");
    }

    #[test]
    fn a_text_too_long_is_refused_with_both_sizes() {
        assert!(copy(&"a".repeat(MAX_COPY), Multiplexer::None).is_ok());
        let error = copy(&"a".repeat(MAX_COPY + 1), Multiplexer::None).unwrap_err().to_string();
        assert!(error.contains("74995") && error.contains("74994"), "{error}");
    }

    #[test]
    fn hostile_text_cannot_end_the_sequence() {
        let bytes = copy("\x07\x1b]2;owned\x07", Multiplexer::None).unwrap();
        assert_eq!(bytes.iter().filter(|byte| **byte == 0x07).count(), 1);
        assert_eq!(bytes.iter().filter(|byte| **byte == 0x1b).count(), 1);
    }
}
