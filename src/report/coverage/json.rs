//! The `json` format, schema version 1: fields are only ever added.

use std::io::{self, Write};

use serde::Serialize;

use super::{CoverageReport, word};
use crate::graph::{Column, FeedKind, Row};
use crate::report::json::{
    Place, SCHEMA_VERSION, Step, TOOL, Tool, Totals, place, steps, totals, write_json,
};
use crate::report::page::Pages;
use crate::rules::Confidence;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    tool: Tool,
    summary: Totals,
    rows: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    model: &'a str,
    label: &'a str,
    entry: Option<&'a str>,
    feeds: Vec<Fed<'a>>,
    cached_at: Option<Place<'a>>,
    cells: Cells<'a>,
}

#[derive(Serialize)]
struct Fed<'a> {
    kind: &'static str,
    relation: Option<&'a str>,
    confidence: Confidence,
}

#[derive(Serialize)]
struct Cells<'a> {
    save: Cell<'a>,
    delete: Cell<'a>,
    m2m: Cell<'a>,
    relations: Cell<'a>,
    bulk: Cell<'a>,
    moved: Cell<'a>,
}

#[derive(Serialize)]
struct Cell<'a> {
    state: &'static str,
    evidence: Vec<Step<'a>>,
}

/// Writes the document, all rows in it.
pub fn write(report: &CoverageReport<'_>, pages: &Pages, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema_version: SCHEMA_VERSION,
        tool: TOOL,
        summary: totals(&report.summary),
        rows: report.matrix.rows.iter().map(|row| line(row, report, pages)).collect(),
    };
    write_json(&document, out)
}

fn line<'a>(row: &'a Row, report: &CoverageReport<'a>, pages: &Pages) -> Line<'a> {
    let feeds = row.feeds.iter().map(|fed| Fed {
        kind: match fed.kind {
            FeedKind::Own => "own",
            FeedKind::Forward => "forward",
            FeedKind::Reverse => "reverse",
            FeedKind::Linked => "linked",
        },
        relation: fed.relation.as_ref().map(|relation| relation.name.as_str()),
        confidence: fed.confidence,
    });
    let cell = |column: Column| {
        let cell = row.cell(column);
        Cell { state: word(cell.state), evidence: steps(&cell.evidence, report.sources, pages) }
    };
    Line {
        model: &row.model.name,
        label: &row.label,
        entry: row.entry.as_ref().map(|entry| entry.label.as_str()),
        feeds: feeds.collect(),
        cached_at: row.cached_at().map(|at| place(at, report.sources, pages)),
        cells: Cells {
            save: cell(Column::Save),
            delete: cell(Column::Delete),
            m2m: cell(Column::M2m),
            relations: cell(Column::Relations),
            bulk: cell(Column::Bulk),
            moved: cell(Column::Moved),
        },
    }
}
