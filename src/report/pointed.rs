//! Shows an error in a configuration or framework file, pointing into it.

use std::io::{self, Write};

use codespan_reporting::diagnostic::{Diagnostic, Label};
use codespan_reporting::files::SimpleFiles;
use codespan_reporting::term::{self, termcolor::Ansi};

use super::clean::clean;
use super::full::{config, into_io};
use super::page::Page;
use crate::config::PointedError;
use crate::source::Span;

/// Writes the error, with ANSI escapes for colours.
pub fn write(error: &PointedError, out: &mut dyn Write) -> io::Result<()> {
    let page = Page::new(&error.file, &error.text);
    let mut files = SimpleFiles::new();
    let mut diagnostic = Diagnostic::error();
    match &error.span {
        Some(span) => {
            let range = page.range(Span { start: span.start as u32, end: span.end as u32 });
            let file = files.add(page.name(), page.text());
            diagnostic = diagnostic
                .with_message(clean(&error.message))
                .with_label(Label::primary(file, range).with_message(label(&error.label)));
        }
        None => diagnostic.message = format!("{}: {}", page.name(), clean(&error.message)),
    }
    if let Some(help) = &error.help {
        diagnostic = diagnostic.with_note(format!("help: {}", clean(help)));
    }
    term::emit(&mut Ansi::new(out), &config(), &files, &diagnostic).map_err(into_io)
}

/// The words of a label; their lines are kept.
fn label(words: &str) -> String {
    words.lines().map(clean).collect::<Vec<_>>().join("\n")
}
