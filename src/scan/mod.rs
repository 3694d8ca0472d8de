//! Finds the source files of a program and reads their text.

use std::fmt;

use crate::source::SourceFile;

/// Why a file's text could not be had; reported as CL900.
#[derive(Debug)]
pub enum ReadError {
    /// The operating system refused.
    Io(std::io::Error),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Io(error) => write!(f, "cannot be read: {error}"),
        }
    }
}

/// Reads and decodes a file, or hands out the overlay that stands in for it.
///
/// # Errors
/// Where the file cannot be read or decoded.
pub fn read_text(file: &SourceFile) -> Result<String, ReadError> {
    match &file.overlay {
        Some(text) => Ok(text.to_string()),
        None => std::fs::read_to_string(&file.path).map_err(ReadError::Io),
    }
}
