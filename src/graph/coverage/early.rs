//! Drops of an entry that come before the transaction of their write ends.

use crate::graph::effect::{Effect, Goal};
use crate::graph::ids::ClassId;
use crate::graph::interp::{Interp, Scenario};
use crate::source::Location;

/// The call that drops an entry before the transaction ends, where no later one drops it again.
pub fn early_drop(
    interp: &mut Interp<'_>,
    model: ClassId,
    scenario: &Scenario,
    goal: &Goal,
) -> Option<Location> {
    let effects = interp.follow_write(model, scenario);
    let drops: Vec<&Effect> =
        effects.iter().filter(|effect| goal.is_reached_by(&effect.kind)).collect();
    // What only its name says to invalidate, or what may drop anything, says nothing of when.
    let first = drops.iter().find(|drop| drop.is_sure_drop())?;
    drops.iter().all(|drop| !drop.timing.deferred).then_some(first.site)
}
