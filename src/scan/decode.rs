//! Turns the bytes of a file into text: a Python file as PEP 263 says, any other as UTF-8.

use std::fmt;

use encoding_rs::Encoding;

/// Text, with what went wrong while it was decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark; undecodable bytes stand as U+FFFD.
    pub text: String,
    /// The first place that could not be decoded.
    pub loss: Option<Loss>,
}

/// Where and why decoding lost something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Offset of the first replacement character in the decoded text, in bytes.
    pub offset: u32,
    /// What is wrong, as one sentence without a full stop.
    pub message: String,
}

/// Why a file cannot be decoded: the encoding that it declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadDeclaration {
    /// There is none of this name.
    Unknown(String),
    /// It is not how Python spells that of the byte order mark before it.
    BehindMark(String),
}

impl fmt::Display for BadDeclaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadDeclaration::Unknown(name) => {
                write!(f, "declares the encoding `{name}`, which is not known")
            }
            BadDeclaration::BehindMark(name) => write!(
                f,
                "declares the encoding `{name}` behind a byte order mark, where Python takes only `utf-8`"
            ),
        }
    }
}

/// Decodes the bytes of a Python file: byte order mark, encoding declaration, else UTF-8.
///
/// Invalid bytes are replaced and reported as a [`Loss`].
///
/// # Errors
/// Where Python knows nothing to do with the declaration.
pub fn decode(bytes: Vec<u8>) -> Result<Decoded, BadDeclaration> {
    if let Some(marked) = bytes.strip_prefix(BYTE_ORDER_MARK) {
        return match declared(marked) {
            Some(name) if !is_utf8_spelled_out(&name) => Err(BadDeclaration::BehindMark(name)),
            _ => Ok(decode_utf8(bytes)),
        };
    }
    let or_else = ", and no encoding is declared that it belongs to";
    let known = |name: String| codec(&name).ok_or(BadDeclaration::Unknown(name));
    match declared(&bytes).map(known).transpose()? {
        None | Some(Codec::Utf8) => Ok(utf8(bytes, or_else)),
        Some(Codec::Latin1) => {
            let text = encoding_rs::mem::decode_latin1(&bytes).into_owned();
            Ok(Decoded { text, loss: None })
        }
        Some(Codec::Other(encoding)) => Ok(other(encoding, &bytes)),
    }
}

/// What editors on Windows may put first.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Decodes the bytes of a file that is UTF-8, with or without a byte order mark.
pub fn decode_utf8(mut bytes: Vec<u8>) -> Decoded {
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    utf8(bytes, "")
}

/// Why a text cannot be written in the place of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EncodeError {
    /// The file holds another text than the one that was changed.
    OtherText,
    /// The encoding of the file, by its name, has no such character.
    NoSuchCharacter(String),
}

/// The bytes of `new` in the encoding of a file whose bytes say `old`, with its byte order mark.
///
/// # Errors
/// Where the bytes say something else, or the encoding does not hold the new text.
pub fn encode_like(bytes: &[u8], old: &str, new: &str) -> Result<Vec<u8>, EncodeError> {
    match decode(bytes.to_vec()) {
        Ok(Decoded { text, loss: None }) if text == old => {}
        _ => return Err(EncodeError::OtherText),
    }
    if bytes.starts_with(BYTE_ORDER_MARK) {
        return Ok([BYTE_ORDER_MARK, new.as_bytes()].concat());
    }
    let name = declared(bytes).unwrap_or_default();
    let encoded = match codec(&name) {
        None | Some(Codec::Utf8) => return Ok(new.as_bytes().to_vec()),
        Some(Codec::Latin1) => new.chars().map(|c| u8::try_from(c).ok()).collect(),
        Some(Codec::Other(encoding)) => {
            let (encoded, _, lossy) = encoding.encode(new);
            (!lossy).then(|| encoded.into_owned())
        }
    };
    // What is written must say the same when it is read again.
    let says_it = |bytes: &Vec<u8>| matches!(decode(bytes.clone()), Ok(Decoded { text, loss: None }) if text == new);
    encoded.filter(says_it).ok_or(EncodeError::NoSuchCharacter(name))
}

/// Whether Python's tokenizer takes a name for that of UTF-8 without a look at its codecs: `utf8` it does not.
fn is_utf8_spelled_out(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    name == "utf-8" || name.starts_with("utf-8-")
}

enum Codec {
    Utf8,
    /// Real ISO 8859-1, which the web's label of that name is not (that is windows-1252).
    Latin1,
    Other(&'static Encoding),
}

/// `or_else` says what else it might have been.
fn utf8(bytes: Vec<u8>, or_else: &str) -> Decoded {
    match String::from_utf8(bytes) {
        Ok(text) => Decoded { text, loss: None },
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let byte = error.as_bytes().get(at).copied().unwrap_or_default();
            Decoded {
                text: String::from_utf8_lossy(error.as_bytes()).into_owned(),
                loss: Some(Loss {
                    offset: at as u32,
                    message: format!("byte 0x{byte:02x} is no UTF-8{or_else}"),
                }),
            }
        }
    }
}

fn other(encoding: &'static Encoding, bytes: &[u8]) -> Decoded {
    let (text, lossy) = encoding.decode_without_bom_handling(bytes);
    let text = text.into_owned();
    let loss = lossy.then(|| Loss {
        offset: text.find('\u{FFFD}').unwrap_or_default() as u32,
        message: format!("a byte here is no {}, the declared encoding", encoding.name()),
    });
    Decoded { text, loss }
}

/// The codec behind a name as Python spells it, lower or upper case, `_` or `-`.
fn codec(name: &str) -> Option<Codec> {
    let name = name.to_ascii_lowercase();
    let dashed = name.replace('_', "-");
    match dashed.as_str() {
        // ASCII is a part of UTF-8; what is outside of it is then judged as UTF-8.
        "utf-8" | "utf8" | "utf-8-sig" | "ascii" | "us-ascii" => return Some(Codec::Utf8),
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" => return Some(Codec::Latin1),
        _ => {}
    }
    let label = dashed.strip_prefix("latin-").map(|number| format!("latin{number}"));
    [Some(&name), Some(&dashed), label.as_ref()]
        .into_iter()
        .flatten()
        .find_map(|label| Encoding::for_label_no_replacement(label.as_bytes()))
        .filter(|encoding| encoding.is_ascii_compatible())
        .map(Codec::Other)
}

/// The encoding that a comment on the first two lines declares.
///
/// The second line counts only where the first is blank or a comment.
fn declared(bytes: &[u8]) -> Option<String> {
    for line in bytes.splitn(3, |&byte| byte == b'\n').take(2) {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        if !line.starts_with(b"#") {
            return None;
        }
        if let Some(name) = cookie(line) {
            return Some(name);
        }
    }
    None
}

/// The name behind `coding:` or `coding=` in a comment.
fn cookie(comment: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(comment);
    text.match_indices("coding").find_map(|(at, word)| {
        let rest =
            text[at + word.len()..].strip_prefix([':', '='])?.trim_start_matches([' ', '\t']);
        let end = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
            .unwrap_or(rest.len());
        (end > 0).then(|| rest[..end].to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], text: &str) {
        assert_eq!(decode(bytes.to_vec()), Ok(Decoded { text: text.to_owned(), loss: None }));
    }

    #[test]
    fn utf8_is_the_default_and_a_byte_order_mark_is_dropped() {
        check("é = 1\r\n".as_bytes(), "é = 1\r\n");
        check(b"\xEF\xBB\xBFx = 1\n", "x = 1\n");
        check(b"\xEF\xBB\xBF# coding: UTF_8\n", "# coding: UTF_8\n");
    }

    #[test]
    fn a_declaration_on_the_first_two_lines_decides() {
        check(b"# -*- coding: cp1252 -*-\nx = '\x80'\n", "# -*- coding: cp1252 -*-\nx = '€'\n");
        check(
            b"#!/bin/python\n# vim: set fileencoding=cp1251 :\n#\xC0",
            "#!/bin/python\n# vim: set fileencoding=cp1251 :\n#А",
        );
        check(b"# coding: latin-1\n#\xE9\x80", "# coding: latin-1\n#é\u{80}");
        check(b"# coding: shift_jis\n#\x83\x41", "# coding: shift_jis\n#ア");
    }

    #[test]
    fn a_declaration_below_code_is_none() {
        check("x = 1\n# coding: cp1252\ny = 'é'".as_bytes(), "x = 1\n# coding: cp1252\ny = 'é'");
        check("\n\n# coding: nonsense\n".as_bytes(), "\n\n# coding: nonsense\n");
    }

    #[test]
    fn a_changed_text_is_encoded_as_the_file_was() {
        let changed = |bytes: &[u8], old, new| encode_like(bytes, old, new);
        assert_eq!(changed(b"\xEF\xBB\xBFx", "x", "\u{e9}"), Ok(b"\xEF\xBB\xBF\xC3\xA9".to_vec()));
        let latin = "# coding: latin-1\n#\u{e9}";
        let bytes = b"# coding: latin-1\n#\xE9";
        let longer = format!("{latin}\n");
        assert_eq!(changed(bytes, latin, &longer), Ok(b"# coding: latin-1\n#\xE9\n".to_vec()));
        let euro = format!("{latin}\u{20ac}");
        let refused = EncodeError::NoSuchCharacter("latin-1".to_owned());
        assert_eq!(changed(bytes, latin, &euro), Err(refused));
        assert_eq!(changed(b"y", "x", "z"), Err(EncodeError::OtherText));
    }

    #[test]
    fn an_unknown_encoding_is_named() {
        let unknown = |name: &str| Err(BadDeclaration::Unknown(name.to_owned()));
        assert_eq!(decode(b"# coding: klingon\n".to_vec()), unknown("klingon"));
        assert_eq!(decode(b"# coding: utf-16\n".to_vec()), unknown("utf-16"));
        let behind_mark = Err(BadDeclaration::BehindMark("utf8".to_owned()));
        assert_eq!(decode(b"\xEF\xBB\xBF# coding: utf8\n".to_vec()), behind_mark);
    }

    #[test]
    fn invalid_bytes_are_replaced_and_pointed_at() {
        let decoded = decode(b"x = 1\ny = '\xE9'\n".to_vec()).expect("UTF-8 is known");
        assert_eq!(decoded.text, "x = 1\ny = '\u{FFFD}'\n");
        assert_eq!(decoded.loss.map(|loss| loss.offset), Some(11));
    }
}
