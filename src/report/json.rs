//! The `json` format, schema version 1: fields are only ever added.

use std::io::{self, Write};

use serde::Serialize;

use super::Report;
use super::clean::is_control;
use super::fingerprint::fingerprints;
use super::page::{Page, Pages, Position};
use crate::fix::{Applicability, Fix};
use crate::graph::Summary;
use crate::rules::{Confidence, Evidence, Finding, Severity, WritePath};
use crate::source::{Location, Sources};

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    tool: Tool,
    summary: Totals,
    diagnostics: Vec<Entry<'a>>,
}

/// What wrote a document.
#[derive(Serialize)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

/// The counts of a run.
#[derive(Serialize)]
pub(super) struct Totals {
    files: usize,
    models: usize,
    cached_models: usize,
    covered_models: usize,
    cells: usize,
    covered_cells: usize,
    coverage: f64,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'static str,
    name: &'static str,
    severity: Severity,
    confidence: Confidence,
    message: &'a str,
    help: Option<&'a str>,
    /// Where the rule is documented: the command that prints it.
    url: String,
    #[serde(flatten)]
    place: Place<'a>,
    model: Option<&'a str>,
    relation: Option<&'a str>,
    entry: Option<&'a str>,
    write_paths: &'a [WritePath],
    evidence: Vec<Step<'a>>,
    fix: Option<Mending<'a>>,
    fingerprint: String,
}

/// A fix.
#[derive(Serialize)]
struct Mending<'a> {
    applicability: Applicability,
    message: &'a str,
    edits: Vec<Replacement<'a>>,
}

/// A range of a file, and what takes its place; a new file is written at its first line.
#[derive(Serialize)]
struct Replacement<'a> {
    content: String,
    #[serde(flatten)]
    place: Place<'a>,
}

/// A place in a file.
#[derive(Serialize)]
pub(super) struct Place<'a> {
    filename: &'a str,
    location: Point,
    end_location: Point,
}

#[derive(Serialize)]
struct Point {
    row: usize,
    column: usize,
}

/// A step of a proof.
#[derive(Serialize)]
pub(super) struct Step<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    message: &'a str,
}

/// The version of all documents.
pub(super) const SCHEMA_VERSION: u32 = 1;

/// What writes them.
pub(super) const TOOL: Tool = Tool { name: "cache-lint", version: env!("CARGO_PKG_VERSION") };

/// Writes the document.
pub fn write(report: &Report<'_>, pages: &Pages, out: &mut dyn Write) -> io::Result<()> {
    let prints = fingerprints(report.findings, report.sources);
    let document = Document {
        schema_version: SCHEMA_VERSION,
        tool: TOOL,
        summary: totals(&report.summary),
        diagnostics: report
            .findings
            .iter()
            .zip(prints)
            .enumerate()
            .map(|(at, (finding, print))| {
                let fix = report.fixes.get(at).and_then(Option::as_ref);
                entry(finding, fix, print, report.sources, pages)
            })
            .collect(),
    };
    write_json(&document, out)
}

/// Writes any value as indented JSON and a line end.
///
/// JSON escapes only some control characters by itself; here the others are too. Outside of
/// strings there is none but line ends, which strings spell `\\n`.
pub(super) fn write_json(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    let mut rest = text.as_str();
    while let Some(at) = rest.find(|c| is_control(c) && c != '\n') {
        let (before, behind) = rest.split_at(at);
        let mut chars = behind.chars();
        let control = chars.next().map_or(0, u32::from);
        write!(out, "{before}\\u{control:04x}")?;
        rest = chars.as_str();
    }
    writeln!(out, "{rest}")
}

/// The counts as they are written; the part that is covered in hundredths.
pub(super) fn totals(summary: &Summary) -> Totals {
    Totals {
        files: summary.files,
        models: summary.models,
        cached_models: summary.cached_models,
        covered_models: summary.covered_models,
        cells: summary.cells,
        covered_cells: summary.covered_cells,
        coverage: summary.percent() as f64 / 100.0,
    }
}

/// The steps of a proof as they are written.
pub(super) fn steps<'a>(
    evidence: &'a [Evidence],
    sources: &'a Sources,
    pages: &Pages,
) -> Vec<Step<'a>> {
    let step = |step: &'a Evidence| Step {
        place: place(step.location, sources, pages),
        message: &step.message,
    };
    evidence.iter().map(step).collect()
}

fn entry<'a>(
    finding: &'a Finding,
    fix: Option<&'a Fix>,
    print: String,
    sources: &'a Sources,
    pages: &Pages,
) -> Entry<'a> {
    Entry {
        code: finding.rule.code,
        name: finding.rule.name,
        severity: finding.rule.severity,
        confidence: finding.confidence,
        message: &finding.message,
        help: finding.help.as_deref(),
        url: super::rule::docs_command(finding.rule),
        place: place(finding.location, sources, pages),
        model: finding.model.as_deref(),
        relation: finding.relation.as_deref(),
        entry: finding.entry.as_deref(),
        write_paths: &finding.write_paths,
        evidence: steps(&finding.evidence, sources, pages),
        fix: fix.map(mending),
        fingerprint: print,
    }
}

fn mending(fix: &Fix) -> Mending<'_> {
    let edits = fix.files.iter().flat_map(|file| {
        let page = Page::new(&file.name, file.old.as_deref().unwrap_or_default());
        file.edits().into_iter().map(move |edit| {
            let (start, end) = page.positions(edit.span);
            let (location, end_location) = (point(start), point(end));
            let place = Place { filename: &file.name, location, end_location };
            Replacement { content: edit.content, place }
        })
    });
    Mending { applicability: fix.applicability, message: &fix.message, edits: edits.collect() }
}

fn point(position: Position) -> Point {
    Point { row: position.row, column: position.column }
}

/// A place as it is written.
pub(super) fn place<'a>(location: Location, sources: &'a Sources, pages: &Pages) -> Place<'a> {
    let (start, end) = pages.positions(location);
    Place {
        filename: &sources.file(location.file).name,
        location: point(start),
        end_location: point(end),
    }
}
