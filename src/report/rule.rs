//! Shows rules: the docs of one, or the list of all.

use std::io::{self, Write};

use serde::Serialize;

use super::json::write_json;
use crate::rules::{Rule, Severity};

/// The command that prints a rule's docs; where `url` stands in machine formats, for there is no
/// web page yet.
pub fn docs_command(rule: &Rule) -> String {
    format!("cache-lint explain {}", rule.code)
}

/// Writes the docs of a rule.
pub fn write_docs(rule: &Rule, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# {} {} ({})\n", rule.code, rule.name, word(rule.severity))?;
    out.write_all(rule.explanation().trim_end().as_bytes())?;
    writeln!(out)
}

/// Writes one line for each rule.
pub fn write_list(rules: &[&Rule], out: &mut dyn Write) -> io::Result<()> {
    let width = rules.iter().map(|rule| rule.name.len()).max().unwrap_or_default();
    for rule in rules {
        let severity = word(rule.severity);
        writeln!(out, "{}  {:width$}  {severity:7}  {}", rule.code, rule.name, rule.summary())?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Described<'r> {
    code: &'r str,
    name: &'r str,
    severity: Severity,
    summary: String,
    explanation: String,
}

/// Writes one rule as JSON.
pub fn write_one_json(rule: &Rule, out: &mut dyn Write) -> io::Result<()> {
    write_json(&described(rule), out)
}

/// Writes rules as a JSON list.
pub fn write_list_json(rules: &[&Rule], out: &mut dyn Write) -> io::Result<()> {
    write_json(&rules.iter().map(|rule| described(rule)).collect::<Vec<_>>(), out)
}

fn described(rule: &Rule) -> Described<'_> {
    Described {
        code: rule.code,
        name: rule.name,
        severity: rule.severity,
        summary: rule.summary(),
        explanation: rule.explanation(),
    }
}

/// A severity in words.
pub(super) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}
