//! Reads the text of one source file.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::decode::{Decoded, decode, decode_utf8};
use crate::source::{Language, SourceFile};

/// The largest file that is read, in bytes; nobody writes such a file by hand.
pub const MAX_FILE_SIZE: u64 = 10 * 1024 * 1024;

/// Why a file's text could not be had; reported as CL900.
#[derive(Debug)]
pub enum ReadError {
    /// The operating system refused.
    Io(std::io::Error),
    /// The file is larger than [`MAX_FILE_SIZE`].
    TooLarge,
    /// The file declares an encoding that nobody knows.
    UnknownEncoding(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Io(error) => write!(f, "cannot be read: {error}"),
            ReadError::TooLarge => {
                write!(f, "larger than {} MB", MAX_FILE_SIZE / 1024 / 1024)
            }
            ReadError::UnknownEncoding(name) => {
                write!(f, "declares the encoding `{name}`, which is not known")
            }
        }
    }
}

/// Reads and decodes a file, or hands out the overlay that stands in for it.
///
/// The text is the same at each call as long as the file does not change, so that offsets found
/// in it at one time hold at another.
///
/// # Errors
/// Where there is no text at all. Text with holes is `Ok`, with its [`Decoded::loss`].
pub fn read_text(file: &SourceFile) -> Result<Decoded, ReadError> {
    if let Some(text) = &file.overlay {
        if text.len() as u64 > MAX_FILE_SIZE {
            return Err(ReadError::TooLarge);
        }
        return Ok(Decoded { text: text.to_string(), loss: None });
    }
    let open = File::open(&file.path).map_err(ReadError::Io)?;
    let mut bytes = Vec::new();
    let read = open.take(MAX_FILE_SIZE + 1).read_to_end(&mut bytes).map_err(ReadError::Io)?;
    if read as u64 > MAX_FILE_SIZE {
        return Err(ReadError::TooLarge);
    }
    match file.language {
        Language::Python => decode(bytes).map_err(ReadError::UnknownEncoding),
        Language::Rust => Ok(decode_utf8(bytes)),
    }
}

/// The text of a file of SQL; nothing where it cannot be read, or is too large to be written by hand.
pub fn read_schema(path: &Path) -> String {
    let mut bytes = Vec::new();
    let read =
        File::open(path).and_then(|file| file.take(MAX_FILE_SIZE + 1).read_to_end(&mut bytes));
    match read {
        Ok(read) if read as u64 <= MAX_FILE_SIZE => String::from_utf8_lossy(&bytes).into_owned(),
        _ => String::new(),
    }
}

/// The text of an editor's buffer, which is UTF-8 whatever the file on disk is encoded as.
pub fn decode_buffer(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    String::from_utf8_lossy(bytes).into_owned()
}
