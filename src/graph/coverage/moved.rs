//! Rows that change their entry, where hooks drop only one of the two: that they leave, or that they
//! come to.

use std::sync::Arc;

use super::{Cell, CellState};
use crate::graph::effect::{Dropped, Effect, EffectKind, Goal, HookRef};
use crate::graph::entries::Entry;
use crate::graph::feeds::{Feed, FeedKind};
use crate::graph::interp::{Interp, Scenario};
use crate::graph::key::RowRef;
use crate::source::Location;

/// A row that changes its entry.
#[derive(Debug, Clone)]
pub struct Moved {
    /// The column that chooses the entry.
    pub column: Arc<str>,
    /// The entry that stays.
    pub stays: Stays,
    /// The hook that drops the other one only.
    pub hook: HookRef,
    /// The call that drops it.
    pub drop: Location,
}

/// Which entry of a row that moves is not dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stays {
    /// The one that it has left.
    Left,
    /// The one that it comes to.
    Reached,
}

/// Whether hooks drop only the entry that a changed row belongs to now, or only the one it has left.
pub(super) fn moved(
    interp: &mut Interp<'_>,
    entry: &Entry,
    feed: &Feed,
    goal: &Goal,
    update: &Cell,
) -> Option<Moved> {
    let CellState::Covered { hook: Some(hook), .. } = update.state else { return None };
    if !matches!(feed.kind(), FeedKind::Own | FeedKind::Reverse) {
        return None;
    }
    let column = entry.moving_column(interp, feed)?;
    let effects = interp.follow_write(feed.model, &Scenario::Update);
    let drops: Vec<&Effect> =
        effects.iter().filter(|effect| goal.is_reached_by(&effect.kind)).collect();
    let all_are_of = |row: RowRef| {
        drops.iter().all(|effect| {
            let (key, field) = match &effect.kind {
                EffectKind::Drop(Dropped { key: Some(key), field, .. }) => (key, field),
                EffectKind::Fill(fill) => (&fill.key, &fill.field),
                _ => return false,
            };
            // The field of a hash is as good as a part of its key.
            let mut whole = (**key).clone();
            field.iter().for_each(|field| whole.append(field));
            whole.is_filled_by(feed.model, &column, row)
        })
    };
    let first = drops.first()?;
    let stays = match (all_are_of(RowRef::Subject), all_are_of(RowRef::Stored)) {
        (true, _) => Stays::Left,
        (_, true) => Stays::Reached,
        _ => return None,
    };
    Some(Moved { stays, hook, drop: first.site, column })
}
