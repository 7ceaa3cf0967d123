//! Files uploaded to the simulated Graph API.

use bytes::Bytes;

/// A file that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// WhatsApp's type of the message; empty until a message contains the file.
    pub kind: String,
    /// File name.
    pub name: String,
    /// MIME type.
    pub mime: String,
    pub bytes: Bytes,
}

/// Reads a multipart form of `messaging_product`, `type` and `file`, given the delimiter between its parts.
pub(super) fn parse_form(raw: &Bytes, line: &str) -> Option<Uploaded> {
    let find = |from: usize, what: &[u8]| {
        let rest = raw.get(from..)?;
        rest.windows(what.len()).position(|window| window == what).map(|at| from + at)
    };
    let product = find(0, b"name=\"messaging_product\"\r\n\r\nwhatsapp\r\n");
    let start = find(product?, b"name=\"file\"; filename=\"")?;
    let head = find(start, b"\r\n\r\n")?;
    let described = String::from_utf8_lossy(raw.get(start..head)?).into_owned();
    let name = described.split('"').nth(3)?.to_owned();
    let mime = described.split_once("content-type: ")?.1.trim().to_owned();
    let end = find(head, format!("\r\n{line}--").as_bytes())?;
    Some(Uploaded { kind: String::new(), name, mime, bytes: raw.slice(head + 4..end) })
}
