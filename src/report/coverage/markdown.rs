//! The `markdown` format: a table for a pull request or a web page.

use std::io::{self, Write};

use super::{CoverageReport, heading, names, sign};
use crate::graph::Column;
use crate::report::clean::clean;
use crate::report::page::Pages;

/// Writes the table, and the percentage below it.
pub fn write(report: &CoverageReport<'_>, pages: &Pages, out: &mut dyn Write) -> io::Result<()> {
    let headings = Column::ALL.map(heading);
    writeln!(out, "| model | cached at | entry | {} |", headings.join(" | "))?;
    writeln!(out, "|---|---|---|{}", ":-:|".repeat(headings.len()))?;
    for row in report.shown() {
        let (model, cached_at) = names(row, pages);
        let entry = row.entry.as_ref().map_or("?", |entry| entry.label.as_str());
        let signs = Column::ALL.map(|column| sign(row.cell(column).state).to_string());
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            code(&model),
            code(&cached_at),
            code(&clean(entry)),
            signs.join(" | ")
        )?;
    }
    if report.quiet {
        return Ok(());
    }
    writeln!(out)?;
    if let Some(left_out) = report.left_out() {
        writeln!(out, "{left_out}.\n")?;
    }
    writeln!(out, "{}. ✓ covered, ✗ hole, – not applicable, ? unknown.", report.share())
}

/// A code span in a cell of a table: what other people's names hold ends neither.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('|', "\\|"))
}
