//! Rows that change their entry: whether hooks drop that which they leave, that which they come to, or
//! both.

use std::sync::Arc;

use super::early::early_of;
use super::{Cell, CellState};
use crate::graph::effect::{Dropped, Early, Effect, EffectKind, Goal, HookRef};
use crate::graph::entries::Entry;
use crate::graph::feeds::{Feed, FeedKind};
use crate::graph::ids::ClassId;
use crate::graph::interp::{Interp, Scenario};
use crate::graph::key::RowRef;
use crate::source::Location;

/// A row that changes its entry.
#[derive(Debug, Clone)]
pub struct Moved {
    /// The column that chooses the entry.
    pub column: Arc<str>,
    /// The entry that stays, where one does.
    pub stays: Option<Stays>,
    /// The hook that drops the other one, or both.
    pub hook: HookRef,
    /// The first call that drops one.
    pub drop: Location,
    /// The hook that drops one of them before the transaction ends, and the drops, where it is the other one
    /// that is dropped later.
    pub early: Option<(HookRef, Early)>,
}

/// Which entry of a row that moves is not dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stays {
    /// The one that it has left.
    Left,
    /// The one that it comes to.
    Reached,
}

/// Which of the entries of a row that moves hooks drop, where that can be told.
pub(super) fn moved(
    interp: &mut Interp<'_>,
    entry: &Entry,
    feed: &Feed,
    goal: &Goal,
    update: &Cell,
) -> Option<Moved> {
    let CellState::Covered { hook: Some(hook), .. } = update.state else { return None };
    if feed.kind() == FeedKind::Linked {
        return None;
    }
    let column = entry.moving_column(interp, feed)?;
    let effects = interp.follow_write(feed.model, &Scenario::Update);
    let Dropping { stays, first, early } = dropping(interp, feed, goal, &column, &effects)?;
    Some(Moved { stays, hook, drop: first, early, column })
}

/// The hook that drops one of the entries of a row that moves, and the drop, where it does so for whole rows
/// only, not when the column that moves the row is saved alone.
pub(super) fn left_out_alone(
    interp: &mut Interp<'_>,
    feed: &Feed,
    goal: &Goal,
    moved: &Moved,
) -> Option<(HookRef, Location)> {
    let alone = Scenario::UpdateColumn(moved.column.clone());
    let alone = interp.follow_write(feed.model, &alone);
    let told = dropping(interp, feed, goal, &moved.column, &alone)?;
    if moved.stays.is_some() || told.stays.is_none() {
        return None;
    }
    let whole = interp.follow_write(feed.model, &Scenario::Update);
    let is_left_out = |effect: &&Effect| {
        let is_same = |other: &Effect| (other.hook, other.site) == (effect.hook, effect.site);
        goal.is_reached_by(&effect.kind) && !alone.iter().any(is_same)
    };
    let dropped = whole.iter().find(is_left_out)?;
    Some((dropped.hook?, dropped.site))
}

/// What hooks drop for a row that moves.
struct Dropping {
    stays: Option<Stays>,
    first: Location,
    early: Option<(HookRef, Early)>,
}

/// Which of the entries of a row that moves some effects drop, where that can be told.
fn dropping(
    interp: &mut Interp<'_>,
    feed: &Feed,
    goal: &Goal,
    column: &Arc<str>,
    effects: &[Effect],
) -> Option<Dropping> {
    let target = only_target(interp, feed.model, column);
    let drops: Vec<&Effect> =
        effects.iter().filter(|effect| goal.is_reached_by(&effect.kind)).collect();
    let is_of = |effect: &Effect, row: RowRef| {
        let (key, field) = match &*effect.kind {
            EffectKind::Drop(Dropped { key: Some(key), field, .. }) => (key, field),
            EffectKind::Fill(fill) => (&fill.key, &fill.field),
            _ => return false,
        };
        // The field of a hash is as good as a part of its key.
        let mut whole = (**key).clone();
        field.iter().for_each(|field| whole.append(field));
        // Other columns of the same row may stand beside the one that moves it.
        let mut names_column = false;
        let of_row = whole.is_filled_by(|model, name, of| {
            let is_own = of == row && model == feed.model;
            let is_target = row.target() == Some(of) && target == Some(model);
            names_column |= is_target || (is_own && *name == **column);
            is_own || is_target
        });
        of_row && names_column
    };
    let some = |row: RowRef| drops.iter().any(|effect| is_of(effect, row));
    let all = |row: RowRef| drops.iter().all(|effect| is_of(effect, row));
    let clears = |effect: &Effect| effect.is_sure_drop(goal) && effect.drops_everything();
    let first = drops.first()?.site;
    let stays = if all(RowRef::Subject) {
        Some(Stays::Left)
    } else if all(RowRef::Stored) {
        Some(Stays::Reached)
    } else if drops.iter().any(|effect| clears(effect))
        || (some(RowRef::Subject) && some(RowRef::Stored))
    {
        None
    } else {
        return None;
    };
    let early = match drops.iter().any(|effect| effect.timing.deferred) {
        true => [RowRef::Subject, RowRef::Stored].into_iter().find_map(|later| {
            let (hook, early) = early_of(effects, goal, |effect| !is_of(effect, later))?;
            Some((hook?, early))
        }),
        false => None,
    };
    Some(Dropping { stays, first, early })
}

/// The model that a foreign key leads to, where no other one of the model does.
fn only_target(interp: &mut Interp<'_>, model: ClassId, column: &str) -> Option<ClassId> {
    let target = interp.relation(model, column)?.target?;
    let fields = interp.relation_fields(model);
    let mut others = fields.iter().filter(|field| ***field != *column);
    let leads_there = |field: &Arc<str>| {
        interp.relation(model, field).is_some_and(|relation| relation.target == Some(target))
    };
    (!others.any(leads_there)).then_some(target)
}
