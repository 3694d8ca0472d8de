//! The `full` format: each finding with the source that proves it.

use std::io::{self, Write};

use codespan_reporting::diagnostic::{Diagnostic, Label, Severity as Shade};
use codespan_reporting::files;
use codespan_reporting::term::{self, Chars, Config, termcolor::Ansi};

use super::Report;
use super::clean::clean;
use super::page::Pages;
use crate::rules::{Confidence, Evidence, Finding, Severity};
use crate::source::{FileId, Location};

/// The longest line that is shown, in bytes; minified and generated ones are only named.
const LINE_LIMIT: usize = 500;

/// Writes the findings, an empty line behind each.
pub fn write(report: &Report<'_>, pages: &Pages, out: &mut dyn Write) -> io::Result<()> {
    let mut out = Ansi::new(out);
    let config = config();
    for finding in report.findings {
        let diagnostic = diagnostic(finding, pages);
        term::emit(&mut out, &config, pages, &diagnostic).map_err(into_io)?;
    }
    Ok(())
}

/// How diagnostics look; plain characters, for logs and any terminal.
pub(super) fn config() -> Config {
    Config {
        chars: Chars::ascii(),
        ..Config::default()
    }
}

/// The write error inside an error of the renderer; the others cannot happen with [`Pages`].
pub(super) fn into_io(error: files::Error) -> io::Error {
    match error {
        files::Error::Io(error) => error,
        other => io::Error::other(other),
    }
}

fn diagnostic(finding: &Finding, pages: &Pages) -> Diagnostic<FileId> {
    let shade = match finding.rule.severity {
        Severity::Error => Shade::Error,
        Severity::Warning => Shade::Warning,
        Severity::Info => Shade::Note,
    };
    let mut diagnostic = Diagnostic::new(shade)
        .with_code(finding.rule.code)
        .with_message(clean(&finding.message));
    let places = finding
        .evidence
        .iter()
        .map(|step| step.location)
        .chain([finding.location]);
    if places
        .into_iter()
        .all(|place| pages.can_show(place, LINE_LIMIT))
    {
        diagnostic.labels = labels(finding, pages);
    } else {
        diagnostic.notes = spelled_out(finding, pages);
    }
    if let Some(help) = &finding.help {
        diagnostic.notes.push(format!("help: {}", clean(help)));
    }
    if finding.confidence < Confidence::High {
        diagnostic.notes.push(match finding.confidence {
            Confidence::Low => "confidence: low, a step of this was guessed".to_owned(),
            _ => "confidence: medium, a step of this holds by convention only".to_owned(),
        });
    }
    diagnostic
}

/// The main location and the numbered steps of the evidence.
fn labels(finding: &Finding, pages: &Pages) -> Vec<Label<FileId>> {
    let mut main = vec![clean(&finding.label).into_owned()];
    let mut labels = Vec::new();
    for (index, step) in finding.evidence.iter().enumerate() {
        let message = numbered(index, step);
        if step.location == finding.location {
            main.push(message);
        } else {
            let range = pages.range(step.location);
            labels.push(Label::secondary(step.location.file, range).with_message(message));
        }
    }
    main.retain(|words| !words.is_empty());
    let range = pages.range(finding.location);
    let main = Label::primary(finding.location.file, range).with_message(main.join("\n"));
    labels.insert(0, main);
    labels
}

/// The same where the source cannot be shown.
fn spelled_out(finding: &Finding, pages: &Pages) -> Vec<String> {
    let at = |place: Location, words: String| {
        let (start, _) = pages.positions(place);
        format!(
            "{}:{}:{}: {words}",
            pages.name_of(place.file),
            start.row,
            start.column
        )
    };
    let main = at(finding.location, clean(&finding.label).into_owned());
    let steps = finding.evidence.iter().enumerate();
    let steps = steps.map(|(index, step)| at(step.location, numbered(index, step)));
    std::iter::once(main.trim_end_matches([':', ' ']).to_owned())
        .chain(steps)
        .collect()
}

fn numbered(index: usize, step: &Evidence) -> String {
    format!("{}. {}", index + 1, clean(&step.message))
}
