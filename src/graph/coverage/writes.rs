//! The writes in sight that leave an entry stale: the cell of each, and what it leaves out.

use std::sync::Arc;

use super::by_hand::forgets_swept;
use super::{ByHand, Cell, CellState, Coverage, HandDrop};
use crate::graph::effect::{Goal, SqlVerb, Write, WriteKind};
use crate::graph::feeds::{Feed, FeedKind};
use crate::graph::interp::Interp;
use crate::graph::migrations::Migrations;
use crate::graph::survey::Survey;
use crate::graph::writers::{Outcome, Site, Writers};
use crate::source::Location;

/// A write in sight that leaves the entry stale.
#[derive(Debug, Clone)]
pub struct OpenWrite {
    /// The write.
    pub site: Site,
    /// What is left out.
    pub gap: Gap,
}

/// Why a write leaves an entry stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// Hooks would have to drop it, and this write runs none.
    Bulk,
    /// It is an SQL text.
    Sql,
    /// A migration does it, past the receivers of the model's class.
    Migration,
    /// Hooks would drop it, and the function keeps them from running here.
    Muted(Location),
    /// Other code that writes the rows drops the entry; this one does not.
    Forgotten,
    /// It saves columns of the row, and not the one that the key holds.
    Kept,
    /// It moves rows to another entry, which it drops, and not the one that they leave.
    Left,
    /// It deletes what takes the rows with it; other code that does so, or deletes them, drops the entry.
    Cascade,
    /// It deletes rows in a transaction that goes on, at whose end the hook has lost their keys.
    Late,
    /// An override drops it, and this write goes past overrides.
    PastOverride,
}

impl Coverage {
    /// Judges the writes in sight: those that no hook can cover, those that go past an override, and,
    /// where no hook covers a side, those that forget what other writers of that side do, `hands` among
    /// them.
    pub fn judge_writes(
        &mut self,
        interp: &mut Interp<'_>,
        writers: &mut Writers,
        feed: &Feed,
        goal: &Goal,
        hands: &ByHand,
        survey: &Survey,
    ) {
        let mut forgotten: [Vec<Site>; 3] = Default::default();
        let mut by_hand: [Option<HandDrop>; 3] = [None, None, None];
        let mut in_bulk = by_hand;
        for site in writers.of(interp, feed.model) {
            let Some(side) = side_of(interp, feed, &site.write) else { continue };
            let cell = match side {
                WriteSide::Create => &self.create,
                WriteSide::Update => &self.update,
                WriteSide::Delete => &self.delete,
            };
            if matches!(cell.state, CellState::NotApplicable) && site.write.kind.sends_signals() {
                continue;
            }
            let past_override = self.bypassed_override.is_some_and(|bypass| bypass.by_querysets)
                && site.write.kind == WriteKind::QuerysetDelete;
            let by_hooks = matches!(cell.state, CellState::Covered { .. });
            let may_be_muted = site.write.muted.is_some()
                && matches!(cell.state, CellState::Covered { .. } | CellState::Dead(_));
            let is_kept = goal.is_kept_by(&site.write);
            if site.write.kind.sends_signals()
                && by_hooks
                && !past_override
                && !may_be_muted
                && !is_kept
            {
                continue;
            }
            // A hook that never runs is told of by itself.
            let is_meant_for_hooks =
                site.write.kind.sends_signals() && matches!(cell.state, CellState::Dead(_));
            let outcome = match writers.outcome(interp, &site, goal) {
                Outcome::ByHand { .. } if forgets_swept(interp.program, survey, &site, goal) => {
                    Outcome::Open
                }
                Outcome::WhereMade { drop, is_sure } if feed.reads(site.write.sets.as_deref()) => {
                    Outcome::Partly { drop, is_sure }
                }
                outcome => outcome,
            };
            let at = side as usize;
            match outcome {
                Outcome::Hooked | Outcome::WhereMade { .. } => {}
                Outcome::ByHand { is_sure: false, .. } => {}
                Outcome::ByHand { drop, .. } => {
                    // What the override of a queryset drops is no habit of those who write.
                    let known = match site.write.kind.sends_signals() {
                        true => &mut by_hand,
                        false => &mut in_bulk,
                    };
                    if drop != site.location {
                        HandDrop { drop, is_sure: true }.keep_best(&mut known[at]);
                    }
                    if !site.write.kind.sends_signals() {
                        self.dropped_write.get_or_insert((site.clone(), drop));
                    }
                    if let Some(early) = writers.early_drop(interp, &site, goal) {
                        self.early_by_hand.push((site, early));
                    }
                }
                _ if is_meant_for_hooks && !past_override && !may_be_muted => {}
                Outcome::Partly { drop, is_sure }
                    if site.write.kind.sends_signals() && !may_be_muted =>
                {
                    if is_sure {
                        HandDrop { drop, is_sure }.keep_best(&mut by_hand[at]);
                    }
                    forgotten[at].push(site);
                }
                Outcome::Open | Outcome::Partly { .. }
                    if may_be_muted && site.write.kind.sends_signals() && !past_override =>
                {
                    if let Some(at) = site.write.muted
                        && writers.is_muted(interp, &site, goal)
                    {
                        self.open_writes.push(OpenWrite { site, gap: Gap::Muted(at) });
                    }
                }
                Outcome::Open | Outcome::Partly { .. }
                    if is_kept && site.write.kind.sends_signals() =>
                {
                    self.open_writes.push(OpenWrite { site, gap: Gap::Kept });
                }
                Outcome::Open | Outcome::Partly { .. } if past_override => {
                    self.open_writes.push(OpenWrite { site, gap: Gap::PastOverride });
                }
                Outcome::Open | Outcome::Partly { .. }
                    if matches!(site.write.kind, WriteKind::Sql(_)) =>
                {
                    self.open_writes.push(OpenWrite { site, gap: Gap::Sql });
                }
                Outcome::Open | Outcome::Partly { .. } if !site.write.kind.sends_signals() => {
                    self.open_writes.push(OpenWrite { site, gap: Gap::Bulk });
                }
                Outcome::Open | Outcome::Partly { .. } => forgotten[at].push(site),
            }
        }
        let [creates, updates, deletes] = by_hand;
        let own = ByHand { creates, updates, deletes, ..ByHand::default() };
        self.credit(&own);
        self.credit(hands);
        self.credit_bulk(in_bulk);
        self.leave_open_what_may_drop();
        if feed.kind() == FeedKind::Own {
            self.take_early(hands);
        }
        // Where no hook does and who writes in bulk drops it, those are meant who save as well.
        let is_meant = |own: Option<HandDrop>, other: Option<HandDrop>, cell: &Cell| {
            own.or(other.filter(|by_hand| by_hand.is_sure)).is_some()
                || matches!(cell.state, CellState::ByHand { is_sure: true, .. })
        };
        let [creates, updates, deletes] = [
            is_meant(creates, hands.creates, &self.create),
            is_meant(updates, hands.updates, &self.update),
            is_meant(deletes, hands.deletes, &self.delete),
        ];
        // Who drops the entry by hand for rows that change means new ones as well; who drops it for new
        // rows means those that change, where no hook was meant to.
        let updates_are_meant =
            updates || (creates && matches!(self.update.state, CellState::Hole));
        let meant = [creates || updates, updates_are_meant, deletes];
        for (sites, is_meant) in forgotten.into_iter().zip(meant) {
            if is_meant {
                let open = |site| OpenWrite { site, gap: Gap::Forgotten };
                self.open_writes.extend(sites.into_iter().map(open));
            }
        }
    }

    /// Judges the writes of migrations, which no hook can cover.
    pub fn judge_migrations(
        &mut self,
        interp: &mut Interp<'_>,
        migrations: &Migrations,
        feed: &Feed,
        goal: &Goal,
    ) {
        let mut open = migrations.open_writes(interp, feed.model, goal);
        open.retain(|open| side_of(interp, feed, &open.write).is_some());
        self.open_migrations = open;
    }
}

/// Which of the cells of a feed a write belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WriteSide {
    Create,
    Update,
    Delete,
}

/// The cell of a feed that a write belongs to, where it can change what is cached.
fn side_of(interp: &mut Interp<'_>, feed: &Feed, write: &Write) -> Option<WriteSide> {
    let rows_matter = matches!(feed.kind(), FeedKind::Own | FeedKind::Reverse);
    let model = write.model.unwrap_or(feed.model);
    let columns: Option<Vec<Arc<str>>> = write
        .columns
        .as_ref()
        .map(|columns| columns.iter().map(|column| interp.column_name(model, column)).collect());
    // The columns of a child are in a table of its own.
    let columns = match columns {
        Some(columns) if model != feed.model => {
            let names_none = columns.is_empty();
            let in_table =
                |column: &Arc<str>| !interp.is_column_of_child(feed.model, model, column);
            let columns: Vec<_> = columns.into_iter().filter(in_table).collect();
            if columns.is_empty() && !names_none {
                return None;
            }
            Some(columns)
        }
        columns => columns,
    };
    let side = match write.kind {
        WriteKind::Create | WriteKind::BulkCreate | WriteKind::Sql(SqlVerb::Insert) => {
            WriteSide::Create
        }
        WriteKind::Save
        | WriteKind::Update
        | WriteKind::BulkUpdate
        | WriteKind::Related
        | WriteKind::Sql(SqlVerb::Update) => WriteSide::Update,
        WriteKind::Delete
        | WriteKind::QuerysetDelete
        | WriteKind::RawDelete
        | WriteKind::Sql(SqlVerb::Delete) => WriteSide::Delete,
        // Where the columns are read, a row that is there matters most.
        WriteKind::Upsert if feed.reads(columns.as_deref()) => WriteSide::Update,
        WriteKind::Upsert => WriteSide::Create,
        WriteKind::Links { .. } | WriteKind::LinkRows { .. } => return None,
    };
    let matters = match side {
        WriteSide::Create => rows_matter && feed.lists_rows,
        WriteSide::Update => feed.reads(columns.as_deref()),
        WriteSide::Delete => feed.kind() != FeedKind::Forward,
    };
    // What new rows are made with says nothing of those that are there.
    let is_of_made = write.kind == WriteKind::Upsert && side == WriteSide::Update;
    let stays_outside = !is_of_made
        && !feed.may_hold(&write.filters)
        && !feed.filters.iter().flatten().any(|filter| {
            columns.as_ref().is_none_or(|columns| columns.contains(&filter.column))
                && side == WriteSide::Update
        });
    (matters && !stays_outside).then_some(side)
}
