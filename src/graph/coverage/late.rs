//! Deletes in a transaction that goes on, where a hook builds the key at its end: by then Django has set
//! the primary key of the row to `None`.

use super::{Cell, CellState, Coverage, Gap, OpenWrite};
use crate::graph::effect::Goal;
use crate::graph::feeds::Feed;
use crate::graph::ids::ClassId;
use crate::graph::interp::{Interp, Scenario};
use crate::graph::writers::Writers;

/// Whether the hooks on deleting a row miss its entry where the transaction goes on.
pub(super) fn misses_inside(
    interp: &mut Interp<'_>,
    goal: &Goal,
    model: ClassId,
    delete: &Cell,
) -> bool {
    matches!(delete.state, CellState::Covered { is_deferred: true, .. })
        && goal.reached_in(&interp.follow_write(model, &Scenario::DeleteInside)).is_none()
}

impl Coverage {
    /// The models whose deletes are to be looked at: that of the rows, and those that take them with them
    /// and do not drop the entry themselves.
    pub fn targets_inside(
        &self,
        interp: &mut Interp<'_>,
        feed: &Feed,
        goal: &Goal,
    ) -> Vec<ClassId> {
        if !self.misses_inside {
            return Vec::new();
        }
        let mut targets = interp.cascading_targets(feed.model);
        targets.retain(|target| {
            let effects = interp.follow_write(*target, &Scenario::DeleteInside);
            goal.reached_in(&effects).is_none()
        });
        targets.push(feed.model);
        targets
    }

    /// Finds the deletes in sight after which their transaction goes on.
    pub fn judge_deletes_inside(
        &mut self,
        interp: &mut Interp<'_>,
        writers: &mut Writers,
        feed: &Feed,
        goal: &Goal,
    ) {
        for target in self.targets_inside(interp, feed, goal) {
            for site in writers.of(interp, target) {
                if site.write.kind.deletes_with_signals() && writers.goes_on(interp, &site, goal) {
                    self.open_writes.push(OpenWrite { site, gap: Gap::Late });
                }
            }
        }
    }
}
