//! Code that moves rows to another entry, and drops that alone.

use crate::graph::effect::{EffectKind, Goal};
use crate::graph::key::Part;
use crate::graph::survey::Survey;
use crate::graph::value::FilterValue;
use crate::graph::writers::Site;

/// Whether the code that sets a column to something drops the entry of that alone, and not the one that the rows
/// were in before.
pub(super) fn forgets_left(survey: &Survey, site: &Site, goal: &Goal, column: &str) -> bool {
    let Some(run) = survey.run_of(site.function) else { return false };
    let set = run.effects.iter().filter(|effect| effect.site == site.location).find_map(|effect| {
        let EffectKind::Write(write) = &*effect.kind else { return None };
        write.values.iter().find(|set| *set.column == *column)
    });
    let Some(FilterValue::From(set)) = set.map(|set| &set.value) else { return false };
    let mut drops = run.effects.iter().filter(|it| goal.is_dropped_by(&it.kind)).peekable();
    drops.peek().is_some()
        && drops.all(|drop| {
            let hit = drop.kind.hit().filter(|hit| hit.field.is_none());
            let Some(key) = hit.and_then(|hit| hit.key) else { return false };
            let mut holes = key.parts.iter().filter_map(|part| match part {
                Part::Hole { origin, .. } => Some(origin),
                Part::Text(_) | Part::Gone => None,
            });
            key.known().is_none()
                && holes.all(|origin| origin.as_ref().is_some_and(|it| it.same_as(set)))
        })
}
