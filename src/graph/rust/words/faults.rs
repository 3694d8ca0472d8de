//! What is wrong with keys and with the time of drops, whichever writes they are for.

use super::super::coverage::Side;
use super::super::entries::Entry;
use super::{Fed, Known};
use crate::graph::ModelGraph;
use crate::graph::holes::{CachedEntry, EarlyDrop, Mismatch, Place};
use crate::graph::key_faults::{UnversionedKey, tells_version};
use crate::rules::WritePath;

impl Known<'_, '_> {
    /// Where whole rows are stored under a key that no change of the code changes.
    pub(super) fn unversioned(
        &self,
        entry: &Entry,
        described: &CachedEntry,
        graph: &mut ModelGraph,
    ) {
        let is_whole = entry.rows.iter().any(|source| source.column.is_none());
        if !self.outlives(entry)
            || !is_whole
            || entry.is_guessed
            || !entry.key.is_specific()
            || tells_version(&entry.key, |name| self.program.frameworks.names_version(name))
        {
            return;
        }
        if let Some(stored) = described.stored.first() {
            graph
                .unversioned_keys
                .push(UnversionedKey { stored: stored.clone(), entry: described.clone() });
        }
    }

    /// Drops of another key behind writes of the rows.
    pub(super) fn mismatches(&self, fed: &Fed<'_>, graph: &mut ModelGraph) {
        for stray in self.runs.strays_for(fed.entry, fed.table) {
            graph.mismatches.push(Mismatch {
                drop: Place { name: stray.key.to_string(), location: stray.place },
                model: self.program.table(fed.table).place.clone(),
                entry: fed.described.clone(),
                confidence: fed.confidence,
            });
        }
    }

    /// Drops before the transaction ends that writes the rows.
    pub(super) fn early(&self, fed: &Fed<'_>, graph: &mut ModelGraph) {
        for (function, drop, side) in self.runs.early_drops(fed.entry, fed.table) {
            let place = self.program.function_place(function);
            graph.early_drops.push(EarlyDrop {
                has_signals: false,
                function: place.location,
                hook: place,
                drop,
                ways: Vec::new(),
                model: self.program.table(fed.table).place.clone(),
                entry: fed.described.clone(),
                paths: vec![match side {
                    Side::Insert => WritePath::Create,
                    Side::Update => WritePath::Update,
                    Side::Delete => WritePath::Delete,
                }],
                confidence: fed.confidence,
            });
        }
    }
}
