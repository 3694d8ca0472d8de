//! The `full` format: each finding with the source that proves it.

use std::io::{self, Write};

use codespan_reporting::diagnostic::{Diagnostic, Label, Severity as Shade};
use codespan_reporting::files;
use codespan_reporting::term::{self, Chars, Config, termcolor::Ansi};

use super::Report;
use super::clean::clean;
use super::page::Pages;
use crate::fix::{Applicability, Fix};
use crate::rules::{Confidence, Evidence, Finding, Severity};
use crate::source::{FileId, Location};

/// The longest line that is shown, in bytes; minified and generated ones are only named.
const LINE_LIMIT: usize = 500;

/// Writes the findings, an empty line behind each.
pub fn write(report: &Report<'_>, pages: &Pages, out: &mut dyn Write) -> io::Result<()> {
    let mut out = Ansi::new(out);
    let config = config();
    for (at, finding) in report.findings.iter().enumerate() {
        let mut diagnostic = diagnostic(finding, pages);
        if let Some(Some(fix)) = report.fixes.get(at) {
            diagnostic.notes.push(offer(fix));
        }
        term::emit(&mut out, &config, pages, &diagnostic).map_err(into_io)?;
    }
    Ok(())
}

/// How diagnostics look; plain characters, for logs and any terminal.
pub(super) fn config() -> Config {
    Config { chars: Chars::ascii(), ..Config::default() }
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
    let mut diagnostic =
        Diagnostic::new(shade).with_code(finding.rule.code).with_message(clean(&finding.message));
    let places = finding.evidence.iter().map(|step| step.location).chain([finding.location]);
    if places.into_iter().all(|place| pages.can_show(place, LINE_LIMIT)) {
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

/// What a fix does, and which options make it.
fn offer(fix: &Fix) -> String {
    let options = match fix.applicability {
        Applicability::Safe => "--fix",
        Applicability::Unsafe => "--fix --unsafe-fixes",
    };
    format!("fix: `{options}` {}", clean(&fix.message))
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
    let main = Label::primary(finding.location.file, range).with_message(main.join("; "));
    labels.insert(0, main);
    labels
}

/// The same where the source cannot be shown.
fn spelled_out(finding: &Finding, pages: &Pages) -> Vec<String> {
    let at = |place: Location, words: String| {
        let (start, _) = pages.positions(place);
        format!("{}:{}:{}: {words}", pages.name_of(place.file), start.row, start.column)
    };
    let main = at(finding.location, clean(&finding.label).into_owned());
    let steps = finding.evidence.iter().enumerate();
    let steps = steps.map(|(index, step)| at(step.location, numbered(index, step)));
    std::iter::once(main.trim_end_matches([':', ' ']).to_owned()).chain(steps).collect()
}

fn numbered(index: usize, step: &Evidence) -> String {
    format!("{}. {}", index + 1, clean(&step.message))
}

#[cfg(test)]
mod tests {
    use super::super::{fingerprint::fingerprints, sample};
    use super::*;

    fn shown(report: &Report<'_>) -> String {
        let mut out = anstream::StripStream::new(Vec::new());
        write(report, &Pages::load(report), &mut out).expect("memory takes everything");
        String::from_utf8(out.into_inner()).expect("UTF-8")
    }

    #[test]
    fn evidence_is_numbered_in_order_across_files() {
        let sources = sample::sources();
        let findings = [sample::finding(&sources)];
        assert_eq!(
            shown(&sample::report(&sources, &findings)),
            "\
warning[CL900]: `shop.models.Flag` is cached, its delete reaches no invalidation of \\u{1b}
  --> shop/models.py:3:7
  |
3 | class Flag(models.Model):  # \u{FFFD}[31m
  |       ^^^^ cached model
4 |     objects: CacheManager = CacheManager()
  |     ------- 1. cached here
  |
  --> shop/signals.py:2:5
  |
2 | def drop_flag(instance, **kwargs):
  |     --------- 2. runs on save only
  |
  = help: add a receiver of `post_delete`
  = confidence: medium, a step of this holds by convention only

"
        );
    }

    #[test]
    fn a_step_at_the_main_location_shares_its_label() {
        let sources = sample::sources();
        let mut finding = sample::finding(&sources);
        finding.evidence[1].location = finding.location;
        let shown = shown(&sample::report(&sources, &[finding]));
        assert!(shown.contains("^^^^ cached model; 2. runs on save only\n"), "{shown}");
        assert!(!shown.contains("signals.py"), "{shown}");
    }

    #[test]
    fn equal_fingerprints_are_told_apart() {
        let sources = sample::sources();
        let one = sample::finding(&sources);
        let mut moved = one.clone();
        moved.location.span.start += 1;
        let mut other = one.clone();
        other.write_paths.clear();
        let prints = fingerprints(&[one, moved, other], &sources);
        assert_eq!(prints[1], format!("{}:2", prints[0]));
        assert_ne!(prints[2], prints[0]);
        assert_eq!(prints[0].len(), 32);
    }
}
