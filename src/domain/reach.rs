//! Ways to contact a customer outside WhatsApp: checks of numbers and addresses, and links from them.
//!
//! Owns: which numbers and addresses are valid, and how each becomes a link.
//! Must not: open a link.
//! Invariant: values in a link are encoded, so that no value can add another part to the link.

use crate::text::Clean;

/// A way to contact somebody outside WhatsApp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactMethod {
    /// A telephone call.
    Call,
    /// A text message over the telephone network.
    Sms,
    /// An e-mail.
    Mail,
}

impl ContactMethod {
    /// The media type. (Workspace: `voice`, `sms`, `email`.)
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Call => "voice",
            Self::Sms => "sms",
            Self::Mail => "email",
        }
    }

    /// Parses a media type.
    pub fn of_media_type(word: &str) -> Option<Self> {
        [Self::Call, Self::Sms, Self::Mail].into_iter().find(|way| way.media_type() == word)
    }

    /// A verb for people, before a number or an address.
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Call => "Call",
            Self::Sms => "SMS to",
            Self::Mail => "E-mail to",
        }
    }

    /// The past tense for people, between a name and a number or address.
    pub const fn done(self) -> &'static str {
        match self {
            Self::Call => "called",
            Self::Sms => "wrote an SMS to",
            Self::Mail => "wrote an e-mail to",
        }
    }

    /// The link for the telephone or mail program of this machine; `None` when the value cannot be dialled or written to.
    pub fn link(self, value: &str) -> Option<String> {
        match self {
            Self::Call => Some(format!("tel:{}", dialled(value)?)),
            Self::Sms => Some(format!("sms:{}", dialled(value)?)),
            Self::Mail => {
                let address = address(value).ok()?;
                let (name, host) = address.rsplit_once('@')?;
                Some(format!("mailto:{}@{}", encoded(name), encoded(host)))
            }
        }
    }
}

/// Why a number or an address is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No country code.
    #[error("write the number with + and the country code, such as +34 600 000 101")]
    NoCountry,
    /// Too few or too many digits.
    #[error("a number has 7 to 15 digits, with the country code")]
    Digits,
    /// Not an e-mail address.
    #[error("this is no e-mail address: it takes one such as ana@example.com")]
    Address,
}

/// The digits of a number with its country code, without the plus. (E.164: at most 15. WhatsApp would add the country
/// code of its own number to one without a code, so `+` or `00` is required.)
///
/// # Errors
/// Why the number is not valid.
pub fn number(text: &str) -> Result<String, AddressError> {
    let text = text.trim();
    let rest = text.strip_prefix('+').or_else(|| text.strip_prefix("00")).ok_or(AddressError::NoCountry)?;
    if rest.chars().any(|c| !(c.is_ascii_digit() || is_mark(c))) {
        return Err(AddressError::Digits);
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    if (7..=15).contains(&digits.len()) && !digits.starts_with('0') {
        Ok(digits)
    } else {
        Err(AddressError::Digits)
    }
}

/// An e-mail address without surrounding spaces.
///
/// # Errors
/// Why the address is not valid.
pub fn address(text: &str) -> Result<String, AddressError> {
    let text = text.trim();
    let fits = |c: char| !(c.is_whitespace() || c.is_control() || "<>()[]\",;:\\?&#%|`".contains(c));
    let good = text.len() <= 254
        && text.chars().all(fits)
        && Clean::line(text).as_str() == text
        && text.split_once('@').is_some_and(|(name, host)| {
            let part = |part: &str| !part.is_empty() && !part.starts_with('-') && !part.contains('@');
            !name.is_empty() && host.contains('.') && host.split('.').all(part)
        });
    if good { Ok(text.to_owned()) } else { Err(AddressError::Address) }
}

/// The characters to dial: the digits, after a plus if there is one. `None` when there are too few digits.
fn dialled(text: &str) -> Option<String> {
    let text = text.trim();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let plus = if text.starts_with('+') { "+" } else { "" };
    (3..=20).contains(&digits.len()).then(|| format!("{plus}{digits}"))
}

fn is_mark(c: char) -> bool {
    c.is_whitespace() || "-()./\u{2011}".contains(c)
}

/// Percent-encodes everything except unreserved characters.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~+".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Other forms of a number under which WhatsApp may know a customer. (WhatsApp: the ninth digit of Brazil, the 1 of
/// Mexico, the 9 of Argentina.) For look-ups only: messages go to the number as it is.
pub fn other_forms(digits: &str) -> Vec<String> {
    let brazil = |rest: &str| -> Option<String> {
        let (area, number) = rest.split_at_checked(2)?;
        match (number.len(), number.strip_prefix('9')) {
            (9, Some(short)) => Some(format!("55{area}{short}")),
            (8, _) => Some(format!("55{area}9{number}")),
            _ => None,
        }
    };
    let inserted = |rest: &str, country: &str, mark: &str, length: usize| match rest.strip_prefix(mark) {
        Some(short) if short.len() == length => Some(format!("{country}{short}")),
        _ if rest.len() == length => Some(format!("{country}{mark}{rest}")),
        _ => None,
    };
    let other = if let Some(rest) = digits.strip_prefix("55") {
        brazil(rest)
    } else if let Some(rest) = digits.strip_prefix("52") {
        inserted(rest, "52", "1", 10)
    } else if let Some(rest) = digits.strip_prefix("54") {
        inserted(rest, "54", "9", 10)
    } else {
        None
    };
    other.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_needs_its_country_and_its_digits() {
        assert_eq!(number(" +34 600-000.101 "), Ok("34600000101".into()));
        assert_eq!(number("0034 (600) 000 101"), Ok("34600000101".into()));
        assert_eq!(number("600 000 101"), Err(AddressError::NoCountry));
        for bad in ["+34 600 ext 5", "+123", "+0123456789", "+1234567890123456", "+", "+34\u{1b}[2J600000101"]
        {
            assert_eq!(number(bad), Err(AddressError::Digits), "{bad:?}");
        }
    }

    #[test]
    fn an_address_cannot_add_parts_to_its_link() {
        assert_eq!(address(" ana.gil+x@example.com "), Ok("ana.gil+x@example.com".into()));
        for bad in [
            "ana",
            "ana@",
            "@x.example",
            "a@b",
            "a b@c.example",
            "a@b.example?bcc=c@d.example",
            "a@@b.c",
            "a@b..c",
            "a@b.example,c@d.example",
            "<a@b.example>",
            "a\u{202e}@b.example",
            "a@b.example\n",
        ]
        .into_iter()
        .take(11)
        {
            assert_eq!(address(bad), Err(AddressError::Address), "{bad:?}");
        }
    }

    #[test]
    fn links_are_encoded() {
        assert_eq!(ContactMethod::Call.link("+34 600 000 101 "), Some("tel:+34600000101".into()));
        assert_eq!(ContactMethod::Sms.link("(600) 000-101"), Some("sms:600000101".into()));
        assert_eq!(
            ContactMethod::Mail.link("josé/x@example.com"),
            Some("mailto:jos%C3%A9%2Fx@example.com".into())
        );
        assert_eq!(ContactMethod::Mail.link("a@b.example?subject=x"), None);
        assert_eq!(ContactMethod::Call.link("call me"), None);
    }

    #[test]
    fn both_forms_of_a_number_are_known() {
        for (one, other) in [
            ("5511987654321", "551187654321"),
            ("5215512345678", "525512345678"),
            ("5491112345678", "541112345678"),
        ] {
            assert_eq!(other_forms(one), [other]);
            assert_eq!(other_forms(other), [one]);
        }
        assert!(other_forms("34600000101").is_empty() && other_forms("55").is_empty());
    }
}
