//! Writes what a run found; one format a file.
//!
//! Only here are a terminal and wire formats known.

mod clean;
pub mod color;
mod concise;
pub mod coverage;
mod fingerprint;
mod full;
mod json;
mod page;
pub mod pointed;
pub mod portrait;
pub mod progress;
pub mod rule;
#[cfg(test)]
mod sample;
mod statistics;
mod summary;

use std::io::{self, Write};
use std::time::Duration;

pub use clean::clean;

use crate::cli::Format;
use crate::fix::Fix;
use crate::graph::Summary;
use crate::rules::Finding;
use crate::source::Sources;
use page::Pages;

/// Everything a report says, whatever its format.
pub struct Report<'a> {
    /// The files of the run.
    pub sources: &'a Sources,
    /// What to report, in order.
    pub findings: &'a [Finding],
    /// What can be done about each of them; nothing where that is not asked.
    pub fixes: &'a [Option<Fix>],
    /// How many findings a comment hides.
    pub hidden: usize,
    /// What was analysed, and how much of it is covered.
    pub summary: Summary,
    /// How long the run took; `None` where the output must be the same each time.
    pub elapsed: Option<Duration>,
    /// Whether the status is 0 whatever was found.
    pub exit_zero: bool,
    /// Whether to say no more than the findings.
    pub quiet: bool,
}

/// Puts findings into the order in which they are reported.
pub fn sort(findings: &mut [Finding]) {
    // A file's id is its place among the sorted paths.
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| {
            (finding.location.file, finding.location.span.start, finding.rule.code)
        };
        key(a)
            .cmp(&key(b))
            .then_with(|| a.message.cmp(&b.message))
            .then_with(|| a.subject.cmp(&b.subject))
            .then_with(|| a.entry.cmp(&b.entry))
    });
}

impl Report<'_> {
    /// Writes the report. Text formats use ANSI escapes for colours; `out` removes them where they
    /// are not wanted.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, format: Format, statistics: bool, out: &mut dyn Write) -> io::Result<()> {
        match (statistics, format) {
            (true, Format::Json) => return statistics::write_json_list(self.findings, out),
            (true, _) => statistics::write_text(self.findings, out)?,
            (false, Format::Json) => return json::write(self, &Pages::load(self), out),
            (false, Format::Full) => full::write(self, &Pages::load(self), out)?,
            (false, Format::Concise) => concise::write(self, &Pages::load(self), out)?,
        }
        if self.quiet { Ok(()) } else { summary::write(self, out) }
    }
}
