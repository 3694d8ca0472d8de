//! The writes of one table that feeds an entry, and what follows from each.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::coverage::{Followed, Open, Side};
use super::super::entries::Entry;
use super::super::scopes;
use super::super::sieves;
use super::super::tables::{TableId, fields};
use super::{Fed, Feed, Known};
use crate::frameworks::Verb;
use crate::graph::coverage::{Gap, Stays};
use crate::graph::examples::Examples;
use crate::graph::feeds::FeedKind;
use crate::graph::holes::{
    self, CachedModel, DroppedWrite, MovedRow, OpenWrite, Place, SideState, SilentCascade,
};
use crate::graph::recipes::Recipe;
use crate::rules::{Confidence, WritePath};

impl Known<'_, '_> {
    /// What follows from the writes of a table that feeds an entry.
    pub(super) fn model(&self, fed: &Fed<'_>) -> Option<CachedModel> {
        let Fed { entry, described, table, feed, is_own, part_of, confidence } = *fed;
        let mut insert = self.followed(entry, table, Side::Insert, None);
        if !feed.lists {
            // A row that nobody has looked up yet is in no entry.
            insert.open.clear();
        }
        if let Some(of) = part_of {
            insert.open.retain(|open| {
                let write = (open.function, open.site, table);
                !self.runs.is_part_of_new(entry, write, of, &mut BTreeSet::new())
            });
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
            moved: self.moved(entry, table),
            moving: None,
            silent_cascades: self.cascades(entry, table, feed),
            has_signals: false,
            recipe: Recipe::default(),
            examples: match self.for_fixes {
                true => self.examples(entry, table, [&insert, &update, &delete]),
                false => Examples::default(),
            },
        })
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
        let write = followed.open.first().map(|open| open.site);
        holes::Side { state, hook, drop, write }
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

    /// How a row moves to another entry, where only that one is dropped then.
    fn moved(&self, entry: &Entry, table: TableId) -> Option<MovedRow> {
        let found = scopes::moves(self.program, self.runs, self.hooks, entry, table)
            .or_else(|| sieves::moves(self.program, self.runs, entry, table))?;
        let known = self.program.table(table);
        let declared = known.class.map(|class| fields(self.program, class)).unwrap_or_default();
        let field = declared.into_iter().find(|(name, _)| *name == found.column);
        Some(MovedRow {
            column: found.column.to_string(),
            stays: Some(Stays::Left),
            field: field.map_or(known.place.location, |(_, location)| location),
            hook: self.program.function_place(found.function),
            drop: found.drop,
        })
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
}
