//! Reads the text of one source file.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use super::decode::{BadDeclaration, Decoded, decode, decode_utf8};
use crate::source::{Language, SourceFile};

/// The largest file that is read, in bytes; nobody writes such a file by hand.
pub const MAX_FILE_SIZE: u64 = 10 * 1024 * 1024;

/// Why a file's text could not be had; reported as CL900.
#[derive(Debug)]
pub enum ReadError {
    /// The operating system refused.
    Io(io::Error),
    /// The file is larger than [`MAX_FILE_SIZE`].
    TooLarge,
    /// The file declares an encoding that it cannot have.
    Encoding(BadDeclaration),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Io(error) => write!(f, "cannot be read: {error}"),
            ReadError::TooLarge => {
                write!(f, "larger than {} MB", MAX_FILE_SIZE / 1024 / 1024)
            }
            ReadError::Encoding(declaration) => write!(f, "{declaration}"),
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
    let bytes = read_whole(&file.path).map_err(ReadError::Io)?.ok_or(ReadError::TooLarge)?;
    match file.language {
        Language::Python => decode(bytes).map_err(ReadError::Encoding),
        Language::Rust => Ok(decode_utf8(bytes)),
    }
}

/// Reads a file that says something about a program, such as a configuration or a manifest.
///
/// # Errors
/// Where it is no regular file (a pipe may never end), larger than [`MAX_FILE_SIZE`], no UTF-8, or the operating
/// system refuses.
pub fn read_declared(path: &Path) -> io::Result<String> {
    String::from_utf8(read_regular(path)?).map_err(io::Error::other)
}

/// The text of a file of SQL; nothing where it cannot be read, or is too large to be written by hand.
pub fn read_schema(path: &Path) -> String {
    String::from_utf8_lossy(&read_regular(path).unwrap_or_default()).into_owned()
}

fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    read_whole(path)?.ok_or_else(|| io::Error::other(ReadError::TooLarge.to_string()))
}

/// What a file holds; nothing where it is larger than [`MAX_FILE_SIZE`].
fn read_whole(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = File::open(path)?;
    // Room for all of it, and for seeing its end, spares most of the calls to the system.
    let room = file.metadata()?.len().min(MAX_FILE_SIZE) + 1;
    let mut bytes = Vec::with_capacity(room as usize);
    let read = file.take(MAX_FILE_SIZE + 1).read_to_end(&mut bytes)?;
    Ok((read as u64 <= MAX_FILE_SIZE).then_some(bytes))
}

/// The text of an editor's buffer, which is UTF-8 whatever the file on disk is encoded as.
pub fn decode_buffer(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    String::from_utf8_lossy(bytes).into_owned()
}
