//! The `text` format: a table for people.

use std::io::{self, Write};

use super::{CoverageReport, names, sign};
use crate::graph::{Column, Row, State};
use crate::report::page::Pages;
use crate::report::summary::write_counts;

/// The columns as the table heads them.
const HEADINGS: [&str; Column::ALL.len()] = ["SAVE", "DEL", "M2M", "REL", "BULK", "MOVED"];

/// Writes the table, and the counts below it.
pub fn write(report: &CoverageReport<'_>, pages: &Pages, out: &mut dyn Write) -> io::Result<()> {
    let shown = report.shown();
    if !shown.is_empty() {
        table(&shown, pages, out)?;
    }
    if report.quiet {
        return Ok(());
    }
    if let Some(left_out) = report.left_out() {
        writeln!(out, "({left_out})")?;
    }
    if !report.matrix.rows.is_empty() {
        writeln!(out)?;
    }
    write_counts(&report.summary, None, out)?;
    writeln!(out, "{}", report.share())?;
    match report.fail_under {
        Some(least) if report.is_below() => {
            writeln!(out, "Exit 1: below `--fail-under {least}`")
        }
        _ => Ok(()),
    }
}

fn table(rows: &[&Row], pages: &Pages, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<(String, String)> = rows.iter().map(|row| names(row, pages)).collect();
    let width = |head: &str, of: fn(&(String, String)) -> &str| {
        let widths = names.iter().map(|pair| of(pair).chars().count());
        widths.chain([head.len()]).max().unwrap_or_default()
    };
    let models = width("MODEL", |(model, _)| model);
    let places = width("CACHED AT", |(_, cached_at)| cached_at);
    writeln!(out, "{:models$}  {:places$}  {}", "MODEL", "CACHED AT", HEADINGS.join(" "))?;
    for (row, (model, cached_at)) in rows.iter().zip(&names) {
        write!(out, "{model:models$}  {cached_at:places$} ")?;
        for (at, (column, head)) in Column::ALL.into_iter().zip(HEADINGS).enumerate() {
            let state = row.cell(column).state;
            let style = shade(state);
            write!(out, " {style}{}{style:#}", sign(state))?;
            if at + 1 < HEADINGS.len() {
                write!(out, "{:1$}", "", head.len() - 1)?;
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

/// How a state is coloured.
fn shade(state: State) -> anstyle::Style {
    let color = match state {
        State::Covered => anstyle::AnsiColor::Green,
        State::Hole => anstyle::AnsiColor::Red,
        State::Unknown => anstyle::AnsiColor::Yellow,
        State::NotApplicable => return anstyle::Style::new(),
    };
    anstyle::Style::new().fg_color(Some(color.into()))
}
