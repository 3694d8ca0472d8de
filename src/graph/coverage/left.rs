//! Code that moves rows to another entry, and drops that alone.

use std::sync::Arc;

use super::{CellState, Coverage, Gap, OpenWrite};
use crate::graph::effect::{EffectKind, Goal, WriteKind};
use crate::graph::feeds::Feed;
use crate::graph::interp::Interp;
use crate::graph::key::Part;
use crate::graph::survey::Survey;
use crate::graph::value::FilterValue;
use crate::graph::writers::{Outcome, Site, Writers};

impl Coverage {
    /// Judges the writes in sight that set `column`, by which rows move from entry to entry, and whose own code drops
    /// one.
    pub fn judge_moves(
        &mut self,
        interp: &mut Interp<'_>,
        writers: &mut Writers,
        feed: &Feed,
        goal: &Goal,
        column: &Arc<str>,
        survey: &Survey,
    ) {
        let by_hooks = matches!(self.update.state, CellState::Covered { .. });
        for site in writers.of(interp, feed.model) {
            let moves = match site.write.kind {
                WriteKind::Save => !by_hooks,
                WriteKind::Update => true,
                _ => false,
            };
            if moves && forgets_left(survey, &site, goal, column) {
                let outcome = writers.outcome(interp, &site, goal);
                if matches!(outcome, Outcome::ByHand { is_sure: true, .. }) {
                    self.open_writes.push(OpenWrite { site, gap: Gap::Left });
                    self.moving = Some(column.clone());
                }
            }
        }
    }
}

/// Whether the code that sets a column to something drops the entry of that alone, and not the one that the rows
/// were in before.
fn forgets_left(survey: &Survey, site: &Site, goal: &Goal, column: &str) -> bool {
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
