//! The `concise` format: one line a finding.

use std::io::{self, Write};

use super::Report;
use super::clean::clean;
use super::page::Pages;

/// Writes `path:line:col: CL101 message` for each finding.
pub fn write(report: &Report<'_>, pages: &Pages, out: &mut dyn Write) -> io::Result<()> {
    for finding in report.findings {
        let (start, _) = pages.positions(finding.location);
        writeln!(
            out,
            "{}:{}:{}: {} {}",
            pages.name_of(finding.location.file),
            start.row,
            start.column,
            finding.rule.code,
            clean(&finding.message)
        )?;
    }
    Ok(())
}
