//! Deletes that go past what drops an entry: past an override, or without a signal for the rows.

use std::sync::Arc;

use super::{Cell, CellState, is_cut};
use crate::graph::effect::{Dropped, Effect, EffectKind, Goal, HookRef};
use crate::graph::feeds::{Feed, FeedKind};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::interp::{Interp, Scenario};
use crate::graph::key::{Origin, Part};

/// An override that drops the entry, and what goes past it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bypass {
    /// The override.
    pub function: FunctionId,
    /// Whether deletes by querysets do; cascades always do.
    pub by_querysets: bool,
}

/// The override that drops the entry of a deleted row, where a queryset or a cascade goes past it.
pub(super) fn bypassed_override(
    interp: &mut Interp<'_>,
    goal: &Goal,
    feed: &Feed,
    delete: &Cell,
) -> Option<Bypass> {
    let CellState::Covered { hook: Some(HookRef::Method(function)), .. } = delete.state else {
        return None;
    };
    let program = interp.program;
    let name = program.function_name(function);
    program.frameworks.model_method(name)?;
    let goes_past = |effects: &[Effect]| goal.reached_in(effects).is_none() && !is_cut(effects);
    let by_querysets = goes_past(&interp.follow_queryset_delete(feed.model));
    let by_cascades = goes_past(&interp.follow_cascade(feed.model))
        && interp.cascading_targets(feed.model).into_iter().any(|target| {
            let effects = interp.follow_write(target, &Scenario::Delete);
            !is_cut(&effects)
                && !effects.iter().any(|effect| {
                    goal.is_reached_by(&effect.kind) && is_told_by_target(&effect.kind, target)
                })
        });
    (by_querysets || by_cascades).then_some(Bypass { function, by_querysets })
}

/// Whether a drop on the delete of a target needs nothing but that to tell its key: the rows that went
/// with it can no longer be found.
fn is_told_by_target(effect: &EffectKind, target: ClassId) -> bool {
    let EffectKind::Drop(Dropped { key: Some(key), .. }) = effect else { return true };
    key.parts.iter().all(|part| match part {
        Part::Hole { origin: Some(Origin::Column { model, .. }), .. } => *model == target,
        Part::Hole { .. } | Part::Gone => false,
        Part::Text(_) => true,
    })
}

/// The foreign keys of a feed that the delete of their target changes without a signal, where that
/// delete does not drop the entry itself: field and target.
pub fn silent_cascades(
    interp: &mut Interp<'_>,
    feed: &Feed,
    goal: &Goal,
) -> Vec<(Arc<str>, ClassId)> {
    if !matches!(feed.kind(), FeedKind::Own | FeedKind::Reverse) {
        return Vec::new();
    }
    let mut silent = Vec::new();
    for field in interp.relation_fields(feed.model).to_vec() {
        if !feed.reads(Some(std::slice::from_ref(&field)))
            || !interp.changes_silently(feed.model, &field)
        {
            continue;
        }
        let target = interp.relation(feed.model, &field).and_then(|relation| relation.target);
        let Some(target) = target else { continue };
        let effects = interp.follow_write(target, &Scenario::Delete);
        if goal.reached_in(&effects).is_none() {
            silent.push((field, target));
        }
    }
    silent
}
