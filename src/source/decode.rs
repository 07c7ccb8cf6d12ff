//! Bytes to text: UTF-8 unless the file says, or shows, that it is Latin-1.

/// The UTF-8 byte order mark.
pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// How a file's bytes stand for characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Latin1 {
        /// A `coding:` comment says so. Otherwise the bytes are no valid UTF-8, and Latin-1, which
        /// gives every byte a meaning, is how Erlang releases before 17 read such a file.
        declared: bool,
    },
}

pub(super) struct Decoded {
    pub text: String,
    pub encoding: Encoding,
    pub bom: bool,
}

pub(super) fn decode(mut bytes: Vec<u8>) -> Decoded {
    let bom = bytes.starts_with(BOM);
    if bom {
        bytes.drain(..BOM.len());
    } else if declares_latin1(&bytes) {
        return latin1(&bytes, true);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Decoded { text, encoding: Encoding::Utf8, bom },
        Err(error) => {
            let mut decoded = latin1(error.as_bytes(), false);
            // The mark was taken off above; without it, offsets on disk would be three too small.
            if bom {
                decoded.text.insert_str(0, "\u{ef}\u{bb}\u{bf}");
            }
            decoded
        }
    }
}

/// The encoding in which a text is to be written.
pub(super) fn encoding_of(text: &str) -> Encoding {
    if declares_latin1(text.as_bytes()) { Encoding::Latin1 { declared: true } } else { Encoding::Utf8 }
}

fn latin1(bytes: &[u8], declared: bool) -> Decoded {
    let text = bytes.iter().map(|&byte| char::from(byte)).collect();
    Decoded { text, encoding: Encoding::Latin1 { declared }, bom: false }
}

/// Whether one of the first two lines holds a comment with `coding: latin-1`.
///
/// The rule is `epp`'s (Erlang/OTP's preprocessor): `coding`, then `:` or `=`, then blanks, then the name.
fn declares_latin1(bytes: &[u8]) -> bool {
    bytes.splitn(3, |&b| b == b'\n').take(2).any(|line| {
        let Some(comment) = line.iter().position(|&b| b == b'%') else {
            return false;
        };
        let comment = &line[comment..];
        memchr::memmem::find_iter(comment, b"coding").any(|at| {
            let rest = comment[at + b"coding".len()..].trim_ascii_start();
            let Some((b':' | b'=', rest)) = rest.split_first() else {
                return false;
            };
            let name = rest.trim_ascii_start();
            name.len() >= 7 && name[..7].eq_ignore_ascii_case(b"latin-1")
        })
    })
}
