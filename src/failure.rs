//! Why a run could not do what it was asked; always exit status 2.

use std::fmt;
use std::io::{self, Write};

use anstream::AutoStream;

use crate::cli::When;
use crate::config::PointedError;
use crate::report::{self, clean, color};
use crate::scan::RootError;

/// Why a run could not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// Something in a configuration or framework file.
    Pointed(Box<PointedError>),
    /// Anything else, in one sentence, with what to do about it where that is known.
    Said { message: String, help: Option<String> },
    /// The details were caught with the panic.
    Panicked,
}

impl Failure {
    /// A failure in one sentence.
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure::Said { message: message.into(), help: None }
    }

    /// Writes it to the standard error.
    pub fn show(&self, when: When) {
        let stderr = io::stderr();
        let mut out = AutoStream::new(stderr.lock(), color::choice(when, &io::stderr()));
        // Nobody is left to tell where this cannot be written.
        let _ = match self {
            Failure::Pointed(error) => report::pointed::write(error, &mut out),
            Failure::Said { message, help } => say(&mut out, "error", message, help.as_deref()),
            Failure::Panicked => Ok(()),
        };
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Pointed(error) => write!(f, "{}: {}", error.file, error.message),
            Failure::Said { message, help: Some(help) } => write!(f, "{message} ({help})"),
            Failure::Said { message, help: None } => f.write_str(message),
            Failure::Panicked => f.write_str("an internal error"),
        }
    }
}

/// Writes a message and a line of help, with ANSI escapes for colours.
pub fn say(out: &mut dyn Write, kind: &str, message: &str, help: Option<&str>) -> io::Result<()> {
    let shade = match kind {
        "warning" => anstyle::AnsiColor::Yellow,
        "note" => anstyle::AnsiColor::Green,
        _ => anstyle::AnsiColor::Red,
    };
    let style = anstyle::Style::new().bold().fg_color(Some(shade.into()));
    writeln!(out, "{style}{kind}{style:#}: {}", clean(message))?;
    match help {
        Some(help) => writeln!(out, "  help: {}", clean(help)),
        None => Ok(()),
    }
}

impl From<PointedError> for Failure {
    fn from(error: PointedError) -> Self {
        Failure::Pointed(Box::new(error))
    }
}

impl From<RootError> for Failure {
    fn from(error: RootError) -> Self {
        Failure::usage(error.to_string())
    }
}
