//! Puts what was found of Rust code into the words of the graph.

mod examples;
mod faults;
mod managed;
mod model;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::coverage::{Followed, Runs, Side, covering_hook};
use super::entries::Entry;
use super::hooks::{Hook, HookBlock};
use super::managers::Managed;
use super::processes::Processes;
use super::program::Program;
use super::tables::{TableId, fields};
use super::types::Ty;
use super::unstarted::Unstarted;
use super::value::{Into, Source};
use crate::graph::ModelGraph;
use crate::graph::holes::{CachedEntry, Place};
use crate::graph::ids::FunctionId;
use crate::rules::Confidence;
use crate::source::Location;

/// How many seconds an entry lives at the most that is left to run out.
const SHORT: u64 = 60;

/// What is known of a program once all of it was run.
pub struct Known<'t, 'a> {
    /// The program.
    pub program: &'t Program<'a>,
    /// Its hooks.
    pub hooks: &'t [Hook],
    /// Hooks that never run.
    pub unstarted: &'t [Unstarted],
    /// The blocks that hooks stand in.
    pub blocks: &'t [HookBlock],
    /// What its functions do.
    pub runs: &'t Runs,
    /// The programs of the workspace.
    pub processes: Processes,
    /// The types of messages that are sent in sight.
    pub sent: &'t FxHashSet<Ty>,
    /// Whether it is asked how what is missing can be written.
    pub for_fixes: bool,
}

/// How the rows of a table feed an entry.
struct Feed {
    columns: Option<BTreeSet<Arc<str>>>,
    lists: bool,
}

/// A table that feeds an entry.
struct Fed<'e> {
    entry: &'e Entry,
    described: &'e CachedEntry,
    table: TableId,
    feed: &'e Feed,
    /// Whether the values are rows of it.
    is_own: bool,
    /// The table that they are rows of else, where a new row of it is in no entry.
    part_of: Option<TableId>,
    confidence: Confidence,
}

impl Known<'_, '_> {
    /// Tells of every entry and every managed type.
    pub fn tell(&self, entries: &[Entry], managed: &[Managed], graph: &mut ModelGraph) {
        for entry in entries {
            self.entry(entry, graph);
        }
        for managed in managed {
            self.managed(managed, entries, graph);
        }
    }

    fn entry(&self, entry: &Entry, graph: &mut ModelGraph) {
        let described = entry.describe(self.program);
        let by_hook = entry.rows.iter().any(|source| {
            Side::ALL
                .into_iter()
                .any(|side| covering_hook(entry, self.hooks, source.table, side).is_some())
        });
        self.unversioned(entry, &described, graph);
        self.unscoped(entry, &described, graph);
        self.copied(entry, &described, graph);
        let is_kept = self.program.frameworks.store(entry.store.kind).keeps_forever;
        // What each call stores under a key of its own is no copy that others look up: it is somebody's state.
        if entry.is_of_one_call() && !self.runs.is_dropped_as_a_whole(entry) {
            return;
        }
        let is_dropped = by_hook || self.runs.is_dropped(entry) || self.runs.is_renewed(entry);
        if !is_dropped {
            if entry.timeout.is_none() && is_kept && !entry.is_guessed {
                graph.never_dropped.push(described);
            }
            return;
        }
        if entry.timeout.is_some_and(|timeout| timeout.0 <= SHORT) {
            return;
        }
        let confidence = match entry.is_guessed {
            // A library may do it for each of the writes.
            _ if self.runs.is_dropped_by_library(entry, self.program) => Confidence::Low,
            // Who sends the message may be whoever writes the rows.
            _ if self.runs.is_dropped_from_outside(entry, self.sent) => Confidence::Low,
            true => Confidence::Medium,
            false => Confidence::High,
        };
        let feeds = self.feeds(entry);
        let own = self.own_table(entry, &feeds);
        for (table, feed) in &feeds {
            let fed = Fed {
                entry,
                described: &described,
                table: *table,
                feed,
                is_own: own == Some(*table),
                part_of: own.filter(|own| own != table && !feeds[own].lists),
                confidence,
            };
            let cached = self.model(&fed);
            self.early(&fed, graph);
            self.mismatches(&fed, graph);
            graph.cached.extend(cached);
        }
    }

    /// The table that the values are rows of: that of the first query, where there is only one.
    fn own_table(&self, entry: &Entry, feeds: &BTreeMap<TableId, Feed>) -> Option<TableId> {
        if let [only] = feeds.keys().collect::<Vec<_>>().as_slice() {
            return Some(**only);
        }
        let of_fill = entry.fills.iter().find_map(|(_, function)| {
            let returns = self.program.function(*function).returns?;
            let module = self.program.crates.module_of_function(*function)?;
            let ty = super::types::ty_of(self.program, module, None, function.file, returns);
            let class = ty.peeled(self.program).0.class()?;
            self.program.table_of_class.get(&class).copied()
        });
        let whole = || feeds.iter().find(|(_, feed)| feed.columns.is_none());
        of_fill
            .filter(|table| feeds.contains_key(table))
            .or_else(|| whole().or_else(|| feeds.iter().next()).map(|(table, _)| *table))
    }

    fn followed(
        &self,
        entry: &Entry,
        table: TableId,
        side: Side,
        columns: Option<&BTreeSet<Arc<str>>>,
    ) -> Followed {
        self.runs.follow(entry, self.hooks, table, side, columns)
    }

    /// Whether an entry is still there when new code is deployed: its store is no part of a process.
    fn outlives(&self, entry: &Entry) -> bool {
        self.program.frameworks.store(entry.store.kind).is_one
    }

    fn site(&self, function: FunctionId, location: Location) -> Place {
        Place { name: self.program.function_place(function).name, location }
    }

    /// The tables that feed an entry, with the columns that do.
    fn feeds(&self, entry: &Entry) -> BTreeMap<TableId, Feed> {
        let mut feeds: BTreeMap<TableId, Feed> = BTreeMap::new();
        for Source { table, column, into, lists, .. } in &entry.rows {
            let feed = feeds
                .entry(*table)
                .or_insert_with(|| Feed { columns: Some(BTreeSet::new()), lists: false });
            feed.lists |= lists;
            match (column, into, &mut feed.columns) {
                (Some(column), _, Some(columns)) => {
                    columns.insert(column.clone());
                }
                (None, Some(Into::Struct(class)), Some(columns)) => {
                    columns.extend(fields(self.program, *class).into_iter().map(|(name, _)| name));
                }
                (None, Some(Into::Columns(read)), Some(columns)) => {
                    columns.extend(read.iter().cloned());
                }
                (None, Some(Into::Listed(read)), Some(columns)) => {
                    columns.extend(read.iter().cloned());
                }
                (None, None, columns) => *columns = None,
                (_, _, None) => {}
            }
        }
        feeds
    }
}
