//! Where a report goes: the standard output or a file.

use std::fs;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use anstream::{AutoStream, ColorChoice};

use crate::cli::When;
use crate::failure::Failure;
use crate::report::color;

/// Where a report goes.
pub struct Output<'p> {
    file: Option<&'p Path>,
    color: ColorChoice,
    machine: bool,
}

impl<'p> Output<'p> {
    /// The file, else the standard output. Files and machine formats get no colours.
    pub fn open(file: Option<&'p Path>, machine: bool, when: When) -> Output<'p> {
        Output { file, machine, ..Output::stdout(when) }
    }

    /// The standard output, for text.
    pub fn stdout(when: When) -> Output<'p> {
        Output { file: None, color: color::choice(when, &io::stdout()), machine: false }
    }

    /// Whether a person reads along.
    pub fn is_terminal(&self) -> bool {
        self.file.is_none() && io::stdout().is_terminal()
    }

    /// Writes; a reader of the standard output that has gone away is no error.
    ///
    /// # Errors
    /// Where the file or the standard output does not take it.
    pub fn write(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        match self.file {
            Some(path) => {
                let mut text = Vec::new();
                let written = if self.machine {
                    write(&mut text)
                } else {
                    write(&mut AutoStream::never(&mut text))
                };
                written.and_then(|()| fs::write(path, text)).map_err(|error| {
                    Failure::usage(format!("cannot write `{}`: {error}", path.display()))
                })
            }
            None => {
                let written = if self.machine {
                    buffered(io::stdout().lock(), write)
                } else {
                    buffered(AutoStream::new(io::stdout().lock(), self.color), write)
                };
                match written {
                    Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                        Err(Failure::usage(format!("cannot write to the standard output: {error}")))
                    }
                    _ => Ok(()),
                }
            }
        }
    }
}

fn buffered(
    stream: impl Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(64 * 1024, stream);
    write(&mut out)?;
    out.flush()
}
