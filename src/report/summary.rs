//! The last lines of a report for people: how much is covered, and why the status is what it is.

use std::io::{self, Write};
use std::time::Duration;

use super::Report;
use crate::graph::Summary;
use crate::rules::Severity;

/// Writes the summary line, and another where there are findings.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_counts(&report.summary, report.elapsed, out)?;
    verdict(report, out)
}

/// Writes the summary line.
pub fn write_counts(
    summary: &Summary,
    elapsed: Option<Duration>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (cached, covered) = (summary.cached_models, summary.covered_models);
    write!(out, "{}", counted(cached, "cached model"))?;
    if let Some(percent) = (covered * 100).checked_div(cached) {
        write!(out, ": {covered} covered, {} with gaps ({percent} %)", cached - covered)?;
    }
    write!(out, " · {}, {}", counted(summary.models, "model"), counted(summary.files, "file"))?;
    if let Some(elapsed) = elapsed {
        write!(out, ", {:.1} s", elapsed.as_secs_f64())?;
    }
    writeln!(out)
}

fn verdict(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let hidden = match report.hidden {
        0 => String::new(),
        count => format!(" ({count} ignored)"),
    };
    let Some(first) = report.findings.first() else {
        return writeln!(out, "No findings{hidden}");
    };
    let status = if report.exit_zero { "Exit 0 (--exit-zero)" } else { "Exit 1" };
    let kinds =
        [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "note")];
    let kinds: Vec<String> = kinds
        .into_iter()
        .filter_map(|(severity, word)| {
            let count = report.findings.iter().filter(|f| f.rule.severity == severity).count();
            (count > 0).then(|| counted(count, word))
        })
        .collect();
    writeln!(
        out,
        "{status}: {}{hidden}. Why: `{}`",
        kinds.join(", "),
        super::rule::docs_command(first.rule)
    )
}

/// A number of things, in words.
pub(super) fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}
