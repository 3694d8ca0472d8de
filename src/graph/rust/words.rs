//! Puts what was found of Rust code into the words of the graph.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::coverage::{Followed, Open, Runs, Side, covering_hook};
use super::entries::Entry;
use super::hooks::Hook;
use super::managers::Managed;
use super::program::Program;
use super::tables::TableId;
use super::types::Ty;
use super::value::Source;
use crate::facts::ClassKind;
use crate::frameworks::Verb;
use crate::graph::ModelGraph;
use crate::graph::coverage::Gap;
use crate::graph::feeds::FeedKind;
use crate::graph::holes::{
    self, CachedEntry, CachedModel, DroppedWrite, EarlyDrop, Mismatch, OpenWrite, Place, SideState,
    SilentCascade,
};
use crate::graph::ids::FunctionId;
use crate::graph::key_faults::{UnversionedKey, tells_version};
use crate::graph::recipes::Recipe;
use crate::rules::{Confidence, WritePath};
use crate::source::Location;

/// How many seconds an entry lives at the most that is left to run out.
const SHORT: u64 = 60;

/// Tells of every entry and every managed type.
pub fn tell(
    program: &Program<'_>,
    entries: &[Entry],
    managed: &[Managed],
    hooks: &[Hook],
    runs: &Runs,
    sent: &FxHashSet<Ty>,
    graph: &mut ModelGraph,
) {
    let teller = Teller { program, hooks, runs, sent };
    for entry in entries {
        teller.entry(entry, graph);
    }
    for managed in managed {
        teller.managed(managed, entries, graph);
    }
}

struct Teller<'t, 'a> {
    program: &'t Program<'a>,
    hooks: &'t [Hook],
    runs: &'t Runs,
    /// The types of messages that are sent in sight.
    sent: &'t FxHashSet<Ty>,
}

/// How the rows of a table feed an entry.
struct Feed {
    columns: Option<BTreeSet<Arc<str>>>,
    lists: bool,
}

impl Teller<'_, '_> {
    fn entry(&self, entry: &Entry, graph: &mut ModelGraph) {
        let described = entry.describe(self.program);
        let by_hook = entry.rows.iter().any(|source| {
            Side::ALL
                .into_iter()
                .any(|side| covering_hook(entry, self.hooks, source.table, side).is_some())
        });
        self.unversioned(entry, &described, graph);
        let is_kept = self.program.frameworks.store(entry.store.kind).keeps_forever;
        if !by_hook && !self.runs.is_dropped(entry) {
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
        let feeds = feeds(entry);
        let own = self.own_table(entry, &feeds);
        for (table, feed) in &feeds {
            let cached =
                self.model(entry, &described, *table, feed, own == Some(*table), confidence);
            self.early(entry, &described, *table, confidence, graph);
            self.mismatches(entry, &described, *table, confidence, graph);
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

    fn model(
        &self,
        entry: &Entry,
        described: &CachedEntry,
        table: TableId,
        feed: &Feed,
        is_own: bool,
        confidence: Confidence,
    ) -> Option<CachedModel> {
        let mut insert = self.followed(entry, table, Side::Insert, None);
        if !feed.lists {
            // A row that nobody has looked up yet is in no entry.
            insert.open.clear();
        }
        let mut update = self.followed(entry, table, Side::Update, feed.columns.as_ref());
        let mut delete = self.followed(entry, table, Side::Delete, None);
        let mut open_writes: Vec<OpenWrite> = Vec::new();
        let saves_dropped = insert.by_hand.is_some() || update.by_hand.is_some();
        let create_side = self.side(&mut insert, saves_dropped, &mut open_writes);
        let update_side = self.side(&mut update, saves_dropped, &mut open_writes);
        let deletes_dropped = delete.by_hand.is_some();
        let delete_side = self.side(&mut delete, deletes_dropped, &mut open_writes);
        let dropped = [&insert, &update, &delete].into_iter().find_map(|side| side.dropped);
        let known = self.program.table(table);
        let place = known.place.clone();
        let relation = (!is_own).then(|| self.read_place(entry, &place)).flatten();
        if !is_own && relation.is_none() {
            return None;
        }
        if self.outlives(entry) {
            let columns = feed.columns.as_ref();
            for side in Side::ALL.into_iter().filter(|side| *side != Side::Insert || feed.lists) {
                let migrated = self.runs.migrated(entry, table, side, columns);
                open_writes.extend(migrated.iter().map(|open| OpenWrite {
                    site: self.site(open.function, open.site),
                    gap: Gap::Migration,
                    path: WritePath::DataMigration,
                    certainty: Confidence::High,
                }));
            }
        }
        open_writes.sort_by_key(|open| open.site.location);
        open_writes.dedup_by_key(|open| open.site.location);
        Some(CachedModel {
            class: self.class_of(table),
            model: place,
            entry: described.clone(),
            kind: if is_own { FeedKind::Own } else { FeedKind::Forward },
            relation,
            confidence,
            create: create_side,
            update: update_side,
            delete: delete_side,
            open_columns: Vec::new(),
            idle: self.idle(entry, table),
            refused: Vec::new(),
            open_writes,
            bypassed_override: None,
            dropped_write: dropped.map(|(function, site, drop)| DroppedWrite {
                site: self.site(function, site),
                drop,
            }),
            moved: None,
            silent_cascades: self.cascades(entry, table, feed),
            has_signals: false,
            recipe: Recipe::default(),
        })
    }

    /// Whether an entry is still there when new code is deployed: its store is no part of a process.
    fn outlives(&self, entry: &Entry) -> bool {
        self.program.frameworks.store(entry.store.kind).is_one
    }

    /// Where whole rows are stored under a key that no change of the code changes.
    fn unversioned(&self, entry: &Entry, described: &CachedEntry, graph: &mut ModelGraph) {
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

    /// What the rows of a table are called: the type, by its module where it has one, as all rows of some
    /// ORMs are called alike.
    fn class_of(&self, table: TableId) -> String {
        let known = self.program.table(table);
        let mut segments = known.place.name.split("::").collect::<Vec<_>>();
        let first = segments.len().saturating_sub(2).max(1).min(segments.len() - 1);
        segments.drain(..first);
        segments.join("::")
    }

    /// Where an entry reads the rows of another table.
    fn read_place(&self, entry: &Entry, of: &Place) -> Option<Place> {
        let (site, _) = entry.fills.first()?;
        Some(Place { name: of.name.clone(), location: *site })
    }

    /// The state of a side; writes that go past what covers others of it are left open.
    fn side(
        &self,
        followed: &mut Followed,
        is_dropped: bool,
        open_writes: &mut Vec<OpenWrite>,
    ) -> holes::Side {
        let covered = followed.hook.is_some() || is_dropped;
        let state = match (followed.hook, followed.by_hand, followed.open.is_empty()) {
            (Some(_), ..) => SideState::Covered,
            (_, Some(_), _) => SideState::ByHand,
            (None, None, true) => SideState::NotApplicable,
            (None, None, false) if is_dropped => SideState::NotApplicable,
            (None, None, false) => SideState::Hole,
        };
        for open in &followed.open {
            // Where nothing drops the entry on this side, that is told of the model.
            if covered {
                open_writes.push(self.open_write(open, followed.hook.is_some()));
            }
        }
        let hook = followed.hook.map(|(function, _)| self.program.function_place(function));
        let drop = followed.hook.map(|(_, drop)| drop).or(followed.by_hand);
        holes::Side { state, hook, drop }
    }

    fn open_write(&self, open: &Open, has_hook: bool) -> OpenWrite {
        let write = &open.write;
        let gap = match (write.is_sql, write.many || has_hook) {
            (true, _) => Gap::Sql,
            (false, true) => Gap::Bulk,
            (false, false) => Gap::Forgotten,
        };
        let path = match (write.is_sql, write.verb, gap == Gap::Bulk) {
            (true, ..) => WritePath::RawSql,
            (_, Verb::Insert, false) => WritePath::Create,
            (_, Verb::Insert, true) => WritePath::BulkCreate,
            (_, Verb::Update | Verb::Save, false) => WritePath::Update,
            (_, Verb::Update | Verb::Save, true) => WritePath::QuerysetUpdate,
            (_, Verb::Delete, false) => WritePath::Delete,
            (_, Verb::Delete, true) => WritePath::BulkDelete,
        };
        let site = self.site(open.function, open.site);
        OpenWrite { site, gap, path, certainty: Confidence::High }
    }

    fn site(&self, function: FunctionId, location: Location) -> Place {
        Place { name: self.program.function_place(function).name, location }
    }

    /// Hooks on a table that drop nothing of an entry.
    fn idle(&self, entry: &Entry, table: TableId) -> Vec<Place> {
        let hooks = self.hooks.iter().filter(|hook| hook.table == Some(table));
        let idle = hooks.filter(|hook| {
            let outcomes = Side::ALL.into_iter().filter_map(|side| hook.on(side));
            let mut effects = outcomes.flat_map(|outcome| &outcome.effects);
            !effects.any(|effect| entry.is_covered_by(&effect.act))
        });
        let mut places: Vec<Place> =
            idle.map(|hook| self.program.function_place(hook.function)).collect();
        places.dedup();
        places
    }

    /// Foreign keys whose rows the database changes when a write in sight deletes their target.
    fn cascades(&self, entry: &Entry, table: TableId, feed: &Feed) -> Vec<SilentCascade> {
        let is_read = |column: &Arc<str>| {
            feed.columns.as_ref().is_none_or(|columns| columns.contains(column))
        };
        let references = self.program.table(table).references.iter();
        let silent = references
            .filter(|reference| reference.is_silent && reference.sets.as_ref().is_none_or(is_read));
        let silent = silent.filter(|reference| {
            let followed = self.followed(entry, reference.target, Side::Delete, None);
            !followed.open.is_empty() && followed.hook.is_none()
        });
        silent
            .map(|reference| SilentCascade {
                relation: reference.place.clone(),
                target: self.program.table(reference.target).place.clone(),
                recipe: Recipe::default(),
            })
            .collect()
    }

    fn mismatches(
        &self,
        entry: &Entry,
        described: &CachedEntry,
        table: TableId,
        confidence: Confidence,
        graph: &mut ModelGraph,
    ) {
        for stray in self.runs.strays_for(entry, table) {
            graph.mismatches.push(Mismatch {
                drop: Place { name: stray.key.to_string(), location: stray.place },
                model: self.program.table(table).place.clone(),
                entry: described.clone(),
                confidence,
            });
        }
    }

    fn early(
        &self,
        entry: &Entry,
        described: &CachedEntry,
        table: TableId,
        confidence: Confidence,
        graph: &mut ModelGraph,
    ) {
        for (function, drop, side) in self.runs.early_drops(entry, table) {
            let place = self.program.function_place(function);
            graph.early_drops.push(EarlyDrop {
                has_signals: false,
                function: place.location,
                hook: place,
                drop,
                ways: Vec::new(),
                model: self.program.table(table).place.clone(),
                entry: described.clone(),
                paths: vec![match side {
                    Side::Insert => WritePath::Create,
                    Side::Update => WritePath::Update,
                    Side::Delete => WritePath::Delete,
                }],
                confidence,
            });
        }
    }

    /// A type whose rows a manager caches: its receivers, its hooks, and the writes of its table.
    fn managed(&self, managed: &Managed, entries: &[Entry], graph: &mut ModelGraph) {
        let table = self.program.table_of_class.get(&managed.class).copied();
        // Where the cache itself is in sight, that tells more.
        let is_known = table.is_some_and(|table| {
            graph.cached.iter().any(|cached| cached.model == self.program.table(table).place)
                && entries.iter().any(|entry| entry.rows.iter().any(|source| source.table == table))
        });
        if is_known || self.program.class(managed.class).kind == ClassKind::Trait {
            return;
        }
        let is_of = |hook: &&Hook| {
            hook.sender == Some(managed.class) || table.is_some() && hook.table == table
        };
        let hooks: Vec<&Hook> = self.hooks.iter().filter(is_of).collect();
        let mut idle: Vec<Place> = Vec::new();
        let mut on = |side: Side| {
            for hook in &hooks {
                let Some(outcome) = hook.on(side) else { continue };
                let drop = outcome.effects.iter().find(|effect| {
                    matches!(effect.act, super::effect::Act::Drop(..) | super::effect::Act::Named)
                });
                let place = self.program.function_place(hook.function);
                match drop {
                    Some(drop) => {
                        return holes::Side {
                            state: SideState::Covered,
                            hook: Some(place),
                            drop: Some(drop.site),
                        };
                    }
                    None if !idle.contains(&place) => idle.push(place),
                    None => {}
                }
            }
            holes::Side { state: SideState::Hole, hook: None, drop: None }
        };
        let [create, update, delete] = Side::ALL.map(&mut on);
        let place = self.program.class_place(managed.class);
        let class = self.program.class_name(managed.class).to_owned();
        let entry = CachedEntry {
            label: format!("{}<{class}>", managed.manager),
            holder: Place { name: managed.manager.clone(), location: managed.location },
            lister: None,
            variable: None,
            attribute: Some(managed.by.clone()),
            stored: Vec::new(),
        };
        graph.cached.push(CachedModel {
            class,
            model: place,
            entry,
            kind: FeedKind::Own,
            relation: None,
            confidence: Confidence::High,
            create,
            update,
            delete,
            open_columns: Vec::new(),
            idle,
            refused: Vec::new(),
            open_writes: Vec::new(),
            bypassed_override: None,
            dropped_write: None,
            moved: None,
            silent_cascades: Vec::new(),
            has_signals: false,
            recipe: Recipe::default(),
        });
    }
}

/// The tables that feed an entry, with the columns that do.
fn feeds(entry: &Entry) -> BTreeMap<TableId, Feed> {
    let mut feeds: BTreeMap<TableId, Feed> = BTreeMap::new();
    for Source { table, column, lists } in &entry.rows {
        let feed = feeds
            .entry(*table)
            .or_insert_with(|| Feed { columns: Some(BTreeSet::new()), lists: false });
        feed.lists |= lists;
        match (column, &mut feed.columns) {
            (Some(column), Some(columns)) => {
                columns.insert(column.clone());
            }
            (None, columns) => *columns = None,
            (Some(_), None) => {}
        }
    }
    feeds
}
