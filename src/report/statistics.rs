//! How many findings each rule has, for `--statistics`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::json::write_json;
use crate::rules::{Finding, Rule, Severity};

#[derive(Serialize)]
struct Row {
    code: &'static str,
    name: &'static str,
    severity: Severity,
    count: usize,
}

/// Writes one line for each rule that found something, the most frequent first.
pub fn write_text(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let rows = rows(findings);
    let width = rows.first().map_or(0, |row| row.count.to_string().len());
    for row in rows {
        writeln!(out, "{:>width$}  {}  {}", row.count, row.code, row.name)?;
    }
    Ok(())
}

/// Writes the same as a JSON list.
pub fn write_json_list(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    write_json(&rows(findings), out)
}

fn rows(findings: &[Finding]) -> Vec<Row> {
    let mut counts: BTreeMap<&str, (&'static Rule, usize)> = BTreeMap::new();
    for finding in findings {
        counts.entry(finding.rule.code).or_insert((finding.rule, 0)).1 += 1;
    }
    let mut rows: Vec<Row> = counts
        .into_values()
        .map(|(rule, count)| Row {
            code: rule.code,
            name: rule.name,
            severity: rule.severity,
            count,
        })
        .collect();
    rows.sort_by(|a, b| b.count.cmp(&a.count).then(a.code.cmp(b.code)));
    rows
}
