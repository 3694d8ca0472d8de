//! What stands above the class of a model: its entries, and which of its writes are covered.

use std::path::Path;

use gen_lsp_types::{CodeLens, Command};

use super::program::Program;
use super::view::View;
use crate::graph::{Column, Row, State};
use crate::report::coverage::{heading, sign};

/// A line for each entry that rows of a model in a file feed.
pub fn lenses(view: &View<'_>, program: &Program, path: &Path) -> Vec<CodeLens> {
    let Some(matrix) = program.matrix() else { return Vec::new() };
    let sources = &view.state.analysis.sources;
    let is_here = |row: &&Row| sources.file(row.model.location.file).path == path;
    let shown = matrix.rows.iter().filter(is_here).filter_map(|row| {
        let entry = row.entry.as_ref()?;
        let cells = Column::ALL.into_iter().map(|column| (column, row.cell(column).state));
        let known = cells.filter(|(_, state)| *state != State::NotApplicable);
        let known: Vec<String> =
            known.map(|(column, state)| format!("{} {}", heading(column), sign(state))).collect();
        let title = format!("cached as {}: {}", entry.label, known.join(" "));
        // A line that nobody can follow is one without a command.
        let command = Command { title, tooltip: None, command: String::new(), arguments: None };
        let range = view.range(row.model.location);
        (!known.is_empty()).then_some(CodeLens { range, command: Some(command), data: None })
    });
    let mut lenses: Vec<CodeLens> = shown.collect();
    lenses.sort_by_key(|lens| lens.range.start);
    lenses
}
