//! Writes the coverage matrix; one format a file.

mod json;
mod markdown;
mod text;

use std::io::{self, Write};

use super::clean::clean;
use super::page::Pages;
use crate::cli::CoverageFormat;
use crate::graph::{Column, Matrix, Row, State, Summary};
use crate::source::Sources;

/// Everything that a report of coverage says, whatever its format.
pub struct CoverageReport<'a> {
    /// The files of the run.
    pub sources: &'a Sources,
    /// What to report.
    pub matrix: &'a Matrix,
    /// Its counts.
    pub summary: Summary,
    /// The least percentage that is asked for.
    pub fail_under: Option<u8>,
    /// Whether tables show the rows without holes.
    pub all: bool,
    /// Whether to say no more than the matrix.
    pub quiet: bool,
}

impl CoverageReport<'_> {
    /// Whether less is covered than is asked for.
    pub fn is_below(&self) -> bool {
        self.fail_under.is_some_and(|least| self.summary.percent() < least.into())
    }

    /// Writes the report.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, format: CoverageFormat, out: &mut dyn Write) -> io::Result<()> {
        let places = self.matrix.rows.iter().flat_map(Row::places);
        let pages = Pages::of(self.sources, places);
        match format {
            CoverageFormat::Text => text::write(self, &pages, out),
            CoverageFormat::Json => json::write(self, &pages, out),
            CoverageFormat::Markdown => markdown::write(self, &pages, out),
        }
    }

    /// The rows that a table shows.
    fn shown(&self) -> Vec<&Row> {
        let shown = |row: &&Row| self.all || row.worst() >= State::Unknown;
        self.matrix.rows.iter().filter(shown).collect()
    }

    /// How many rows a table leaves out, in words.
    fn left_out(&self) -> Option<String> {
        match self.matrix.rows.len() - self.shown().len() {
            0 => None,
            1 => Some("1 more row has no hole: `--all` shows it".to_owned()),
            count => Some(format!("{count} more rows have no hole: `--all` shows them")),
        }
    }

    /// The part that is covered, in words.
    fn share(&self) -> String {
        let Summary { cells, covered_cells, .. } = self.summary;
        format!("Coverage {} % ({covered_cells} of {cells} cells)", self.summary.percent())
    }
}

/// A column as a table names it.
pub fn heading(column: Column) -> &'static str {
    match column {
        Column::Save => "save",
        Column::Delete => "delete",
        Column::M2m => "m2m",
        Column::Relations => "relations",
        Column::Bulk => "bulk",
        Column::Moved => "moved",
    }
}

/// A state as one character.
pub fn sign(state: State) -> char {
    match state {
        State::Covered => '✓',
        State::Hole => '✗',
        State::NotApplicable => '–',
        State::Unknown => '?',
    }
}

/// A state as a word.
pub fn word(state: State) -> &'static str {
    match state {
        State::Covered => "covered",
        State::Hole => "hole",
        State::NotApplicable => "not-applicable",
        State::Unknown => "unknown",
    }
}

/// What a table shows of a row beside its cells: the model, and where it is cached.
fn names(row: &Row, pages: &Pages) -> (String, String) {
    let cached_at = row.cached_at().map_or("?".to_owned(), |place| pages.line_of(place));
    (clean(&row.label).into_owned(), cached_at)
}
