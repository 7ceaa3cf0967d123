//! The end of a control string (OSC, DCS, APC, PM or SOS), whose content is dropped.

use std::time::Instant;

use super::token::ESC;

const BEL: u8 = 0x07;

/// A string that has begun.
#[derive(Debug)]
pub(super) struct DroppedString {
    pub(super) began: Instant,
    /// In bytes.
    pub(super) size: usize,
    /// Continuation bytes of a character that are still to come: one of them may look like an 8-bit
    /// terminator.
    continuation: u8,
    /// The last byte was `ESC`.
    escaped: bool,
}

/// The meaning of a byte for a string that is being dropped.
pub(super) enum StringByte {
    Inside,
    End,
    /// A key: the string has no terminator.
    Key,
    /// The byte after an `ESC` that did not end the string.
    Escape,
}

impl DroppedString {
    pub(super) fn new(now: Instant) -> Self {
        Self { began: now, size: 0, continuation: 0, escaped: false }
    }

    /// Processes the next byte.
    pub(super) fn take(&mut self, byte: u8) -> StringByte {
        self.size = self.size.saturating_add(1);
        if std::mem::take(&mut self.escaped) {
            return if byte == b'\\' { StringByte::End } else { StringByte::Escape };
        }
        let inside_character = self.continuation > 0 && (0x80..=0xbf).contains(&byte);
        self.continuation = match byte {
            _ if inside_character => self.continuation - 1,
            0xc2..=0xdf => 1,
            0xe0..=0xef => 2,
            0xf0..=0xf4 => 3,
            _ => 0,
        };
        match byte {
            0x9c if !inside_character => StringByte::End,
            // Cancel and substitute end a string too, and so does a line break, which no reply holds: without them an
            // Enter would send the words around it.
            BEL | 0x18 | 0x1a | b'\r' | b'\n' => StringByte::End,
            ESC => {
                self.escaped = true;
                StringByte::Inside
            }
            0x01..=0x06 | 0x08 | 0x0b | 0x0c | 0x0e..=0x17 | 0x19 | 0x1c..=0x1f => StringByte::Key,
            _ => StringByte::Inside,
        }
    }
}
