//! The coverage matrix: which writes of a model that feeds an entry drop it, and which do not.
//!
//! Read off what the graph found. Each hole stands at a place where a rule reports it, so that the
//! findings and the matrix tell the same.

mod cells;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CachedEntry, FeedKind, ModelGraph, Place};
use crate::rules::{Confidence, Evidence};
use crate::source::Location;
use cells::Builder;

/// What is covered of each model that feeds an entry.
#[derive(Debug, Default)]
pub struct Matrix {
    /// A row for each entry and each model that feeds it: those with holes first, then by label.
    pub rows: Vec<Row>,
}

/// One model that feeds one entry.
#[derive(Debug)]
pub struct Row {
    /// The model, by qualified name.
    pub model: Place,
    /// Its label in the framework, such as `shop.Flag`.
    pub label: String,
    /// The entry; a hook that never runs does not always tell which one it would drop.
    pub entry: Option<CachedEntry>,
    /// How the model's rows reach the entry; links between rows are none of these.
    pub feeds: Vec<Fed>,
    cells: [Cell; Column::ALL.len()],
}

/// How the rows of a model reach an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fed {
    /// In which way.
    pub kind: FeedKind,
    /// By which relation, as `Model.field`; rows that are queried have none.
    pub relation: Option<Place>,
    /// How sure it is that they do, and that no call out of sight drops it.
    pub confidence: Confidence,
}

/// A kind of writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// A row is created or saved again.
    Save,
    /// A row is deleted.
    Delete,
    /// Links between rows are edited.
    M2m,
    /// A related row is written: one that the value reads, or one whose delete changes others.
    Relations,
    /// A write in sight that runs no hooks, or that forgets what others of its kind drop.
    Bulk,
    /// A row moves to another entry.
    Moved,
}

impl Column {
    /// Every column, from left to right.
    pub const ALL: [Column; 6] =
        [Column::Save, Column::Delete, Column::M2m, Column::Relations, Column::Bulk, Column::Moved];
}

/// Whether writes leave the entry stale; of two answers the greater one tells of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum State {
    /// There are no such writes, or they cannot.
    #[default]
    NotApplicable,
    /// They drop it.
    Covered,
    /// It cannot be told surely enough.
    Unknown,
    /// Some do.
    Hole,
}

/// What is known of one kind of writes.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    /// Whether they leave the entry stale.
    pub state: State,
    /// What says so, the strongest first.
    pub evidence: Vec<Evidence>,
}

impl Cell {
    /// Adds an answer, with what says so.
    fn add(&mut self, state: State, evidence: impl IntoIterator<Item = Evidence>) {
        let mut added: Vec<Evidence> = evidence.into_iter().collect();
        added.retain(|step| !self.evidence.contains(step));
        let at = if state > self.state { 0 } else { self.evidence.len() };
        self.evidence.splice(at..at, added);
        self.state = self.state.max(state);
    }
}

impl Row {
    fn new(model: &Place, label: String, entry: Option<&CachedEntry>) -> Row {
        // Of an entry that is not known nothing else is.
        let state = if entry.is_some() { State::NotApplicable } else { State::Unknown };
        let cells = std::array::from_fn(|_| Cell { state, evidence: Vec::new() });
        Row { model: model.clone(), label, entry: entry.cloned(), feeds: Vec::new(), cells }
    }

    /// What is known of one kind of writes.
    pub fn cell(&self, column: Column) -> &Cell {
        &self.cells[column as usize]
    }

    fn cell_mut(&mut self, column: Column) -> &mut Cell {
        &mut self.cells[column as usize]
    }

    /// Whether it is about this entry.
    pub fn is_of(&self, entry: &CachedEntry) -> bool {
        let own = self.entry.as_ref();
        own.is_some_and(|own| own.label == entry.label && own.holder == entry.holder)
    }

    /// Where rows go into the cache: the first call that stores them, else what holds them.
    pub fn cached_at(&self) -> Option<Location> {
        let entry = self.entry.as_ref()?;
        Some(entry.stored.first().map_or(entry.holder.location, |stored| stored.location))
    }

    /// The greatest state of its cells.
    pub fn worst(&self) -> State {
        self.cells.iter().map(|cell| cell.state).max().unwrap_or_default()
    }

    /// Every place that it names.
    pub fn places(&self) -> impl Iterator<Item = Location> {
        let relations = self.feeds.iter().filter_map(|fed| fed.relation.as_ref());
        let evidence = self.cells.iter().flat_map(|cell| &cell.evidence);
        relations
            .map(|relation| relation.location)
            .chain(evidence.map(|step| step.location))
            .chain(self.cached_at())
            .chain([self.model.location])
    }
}

impl Matrix {
    /// The matrix of a graph; what is less sure than `min` to be a hole is unknown.
    pub fn of(graph: &ModelGraph, min: Confidence) -> Matrix {
        let mut builder = Builder::new(graph, min);
        for cached in &graph.cached {
            builder.add_model(cached);
        }
        for links in &graph.links {
            builder.add_links(links);
        }
        for dead in &graph.dead_hooks {
            builder.add_dead(dead);
        }
        let mut rows = builder.finish();
        rows.sort_by(|one, other| {
            let key = |row: &Row| (row.worst() != State::Hole, row.worst() != State::Unknown);
            key(one).cmp(&key(other)).then_with(|| one.label.cmp(&other.label))
        });
        Matrix { rows }
    }

    /// The counts of a run.
    pub fn summary(&self, graph: &ModelGraph) -> Summary {
        let mut gaps: BTreeMap<Location, bool> = BTreeMap::new();
        for row in self.rows.iter().filter(|row| row.entry.is_some()) {
            *gaps.entry(row.model.location).or_default() |= row.worst() == State::Hole;
        }
        let count = |state| {
            let cells = self.rows.iter().flat_map(|row| &row.cells);
            cells.filter(|cell| cell.state == state).count()
        };
        let covered_cells = count(State::Covered);
        Summary {
            files: graph.files,
            models: graph.models.iter().filter(|model| !model.is_abstract).count(),
            cached_models: gaps.len(),
            covered_models: gaps.values().filter(|gap| !**gap).count(),
            cells: covered_cells + count(State::Hole),
            covered_cells,
        }
    }
}

/// The counts of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Source files read.
    pub files: usize,
    /// Models with a table.
    pub models: usize,
    /// Models that feed an entry.
    pub cached_models: usize,
    /// Cached models without a hole.
    pub covered_models: usize,
    /// Cells that are covered or holes.
    pub cells: usize,
    /// Cells that are covered.
    pub covered_cells: usize,
}

impl Summary {
    /// How many of a hundred cells are covered, rounded down, so that 100 means all; 100 where there
    /// is nothing to cover.
    pub fn percent(&self) -> usize {
        (self.covered_cells * 100).checked_div(self.cells).unwrap_or(100)
    }
}
