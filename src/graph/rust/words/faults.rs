//! What is wrong with keys and with the time of drops, whichever writes they are for.

use super::super::aims;
use super::super::coverage::Side;
use super::super::entries::Entry;
use super::super::scopes;
use super::{Fed, Known};
use crate::graph::ModelGraph;
use crate::graph::holes::{CachedEntry, EarlyDrop, LocalCopy, Mismatch, Place};
use crate::graph::key_faults::{UnscopedKey, UnversionedKey, tells_version};
use crate::rules::{Confidence, WritePath};

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

    /// Where rows are chosen by what the key does not tell.
    pub(super) fn unscoped(&self, entry: &Entry, described: &CachedEntry, graph: &mut ModelGraph) {
        if let Some((site, column)) = scopes::untold(self.program, self.runs, entry) {
            graph.unscoped_keys.push(UnscopedKey {
                stored: Place { name: entry.key.to_string(), location: site },
                column: column.to_string(),
                entry: described.clone(),
            });
        }
    }

    /// Where one program of the workspace keeps a copy of rows that another one writes.
    pub(super) fn copied(&self, entry: &Entry, described: &CachedEntry, graph: &mut ModelGraph) {
        // What lives for some time is meant to lag behind; what others tell of is not by itself.
        if self.outlives(entry)
            || entry.is_guessed
            || entry.timeout.is_some()
            || self.runs.is_dropped_from_outside(entry, self.sent)
        {
            return;
        }
        let feeds = self.feeds(entry);
        let written = feeds.iter().flat_map(|(table, feed)| {
            let sides = Side::ALL.into_iter().filter(|side| *side != Side::Insert || feed.lists);
            sides.map(|side| (*table, side, feed.columns.clone()))
        });
        if let Some((function, site)) =
            self.processes.written_elsewhere(self.runs, entry, written.clone())
        {
            graph.process_local.push(LocalCopy {
                entry: described.clone(),
                written: Some(self.site(function, site)),
            });
        }
    }

    /// Drops of another key behind writes of the rows.
    pub(super) fn mismatches(&self, fed: &Fed<'_>, graph: &mut ModelGraph) {
        for stray in self.runs.strays_for(fed.entry, fed.table) {
            graph.mismatches.push(Mismatch {
                drop: Place { name: stray.key.to_string(), location: stray.place },
                model: self.program.table(fed.table).place.clone(),
                entry: fed.described.clone(),
                columns: None,
                confidence: fed.confidence,
            });
        }
        for aside in aims::asides(self.program, self.runs, fed.entry, fed.table) {
            graph.mismatches.push(Mismatch {
                drop: Place { name: aside.key.to_string(), location: aside.drop },
                model: self.program.table(fed.table).place.clone(),
                entry: fed.described.clone(),
                columns: Some((aside.column.to_string(), aside.stored_by.to_string())),
                confidence: fed.confidence.min(Confidence::Medium),
            });
        }
    }

    /// Drops before the transaction ends that writes the rows.
    pub(super) fn early(&self, fed: &Fed<'_>, graph: &mut ModelGraph) {
        let columns = fed.feed.columns.as_ref();
        for (function, drop, side) in self.runs.early_drops(fed.entry, fed.table, columns) {
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
