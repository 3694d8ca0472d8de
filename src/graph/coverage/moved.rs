//! Rows that change their entry, of which a hook drops the present one only.

use std::sync::Arc;

use super::{Cell, CellState};
use crate::graph::effect::{Dropped, Effect, EffectKind, Goal, HookRef};
use crate::graph::entries::Entry;
use crate::graph::feeds::{Feed, FeedKind};
use crate::graph::interp::{Interp, Scenario};
use crate::source::Location;

/// A row that changes its entry.
#[derive(Debug, Clone)]
pub struct Moved {
    /// The column that chooses the entry.
    pub column: Arc<str>,
    /// The hook that drops the row's present entry only.
    pub hook: HookRef,
    /// The call that drops it.
    pub drop: Location,
}

/// Whether a hook drops only the entry that a changed row belongs to now, not the one it has left.
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
    let of_present = |effect: &&Effect| match &effect.kind {
        EffectKind::Drop(Dropped { key: Some(key), .. }) => key.is_filled_by(feed.model, &column),
        EffectKind::Fill(fill) => fill.key.is_filled_by(feed.model, &column),
        _ => false,
    };
    let first = drops.first()?;
    drops.iter().all(of_present).then_some(Moved { column, hook, drop: first.site })
}
