//! Drops of an entry that come before the transaction of their write ends.

use std::sync::Arc;

use super::links::EDITS;
use crate::graph::effect::{Early, Effect, EffectKind, Goal, HookRef, ways};
use crate::graph::feeds::{Feed, FeedKind};
use crate::graph::ids::ClassId;
use crate::graph::interp::{Interp, Scenario};

/// The hook on a write that drops an entry before the transaction ends, and the drops.
pub fn early_hook(
    interp: &mut Interp<'_>,
    model: ClassId,
    scenario: &Scenario,
    goal: &Goal,
) -> Option<(HookRef, Early)> {
    let effects = interp.follow_write(model, scenario);
    let (hook, early) = early_in(&effects, goal)?;
    Some((hook?, early))
}

/// The override by which a queryset drops an entry before the transaction of a delete ends, and the drops.
pub fn early_queryset_delete(
    interp: &mut Interp<'_>,
    model: ClassId,
    goal: &Goal,
) -> Option<(HookRef, Early)> {
    let function = interp.queryset_delete_override(model)?;
    let effects = interp.follow_queryset_delete(model);
    let (hook, early) = early_in(&effects, goal)?;
    hook.is_none().then_some((HookRef::Method(function), early))
}

/// The hook on edits of a many-to-many field that drops an entry before the transaction ends, and the drops.
pub fn early_edit(
    interp: &mut Interp<'_>,
    owner: ClassId,
    field: &Arc<str>,
    goal: &Goal,
) -> Option<(HookRef, Early)> {
    EDITS.into_iter().find_map(|edit| {
        let effects = edit.follow(interp, owner, field);
        let (hook, early) = early_in(&effects, goal)?;
        Some((hook?, early))
    })
}

/// A hook on deleting what cached rows point to that drops their entry before the transaction ends.
#[derive(Debug)]
pub struct EarlyWithTarget {
    /// The model that they point to, whose delete removes or changes them.
    pub target: ClassId,
    /// The hook.
    pub hook: HookRef,
    /// The drops.
    pub early: Early,
}

/// The hooks on deleting what the rows of a feed point to that drop the entry before the transaction
/// ends, where no hook of the rows that go with it drops it later.
pub fn early_with_targets(
    interp: &mut Interp<'_>,
    feed: &Feed,
    goal: &Goal,
) -> Vec<EarlyWithTarget> {
    if !matches!(feed.kind(), FeedKind::Own | FeedKind::Reverse) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for field in interp.relation_fields(feed.model).to_vec() {
        let goes = interp.cascades(feed.model, &field);
        let changes = interp.changes_silently(feed.model, &field)
            && feed.reads(Some(std::slice::from_ref(&field)));
        let target = interp.relation(feed.model, &field).and_then(|relation| relation.target);
        let Some(target) = target.filter(|target| (goes || changes) && *target != feed.model)
        else {
            continue;
        };
        let effects = interp.follow_write(target, &Scenario::Delete);
        // What follows a write of the rows themselves belongs to that write.
        let writes_rows = |effect: &Effect| matches!(&*effect.kind, EffectKind::Write(write) if write.model == Some(feed.model));
        let first = effects.iter().position(writes_rows).unwrap_or(effects.len());
        let Some((Some(hook), early)) = early_in(&effects[..first], goal) else { continue };
        let dropped_later = goes
            && interp
                .follow_cascade(feed.model)
                .iter()
                .any(|effect| effect.timing.deferred && reaches(effect, goal));
        if !dropped_later {
            found.push(EarlyWithTarget { target, hook, early });
        }
    }
    found
}

/// The hook of the first drop, and all drops, where all come before the transaction ends.
fn early_in(effects: &[Effect], goal: &Goal) -> Option<(Option<HookRef>, Early)> {
    early_of(effects, goal, |_| true)
}

/// The same of those drops alone that are meant.
pub(super) fn early_of(
    effects: &[Effect],
    goal: &Goal,
    is_meant: impl Fn(&Effect) -> bool,
) -> Option<(Option<HookRef>, Early)> {
    let reaches = |effect: &Effect| reaches(effect, goal) && is_meant(effect);
    let mut drops = effects.iter().filter(|effect| reaches(effect));
    // What only its name says to invalidate, or what may drop anything, says nothing of when.
    let first = drops.clone().find(|drop| drop.is_sure_drop(goal))?;
    if drops.any(|drop| drop.timing.deferred) {
        return None;
    }
    let ways = ways(effects, reaches);
    Some((first.hook, Early { drop: first.site, ways }))
}

fn reaches(effect: &Effect, goal: &Goal) -> bool {
    goal.is_taken_away_by(effect)
}
