//! The entries of a program, found by what drops them.

use std::collections::BTreeSet;

use crate::graph::effect::{EffectKind, Goal, Hit};
use crate::graph::entries::Entry;
use crate::graph::key_starts::StoredKeys;

/// What drops some entries.
pub(super) struct Goals {
    all: Vec<Goal>,
    by_key: StoredKeys<usize>,
}

impl Goals {
    /// What drops each of some entries.
    pub(super) fn of(entries: &[Entry]) -> Goals {
        let all: Vec<Goal> = entries.iter().map(Entry::goal).collect();
        let mut by_key = StoredKeys::default();
        for (at, goal) in all.iter().enumerate() {
            if goal.targets.is_empty() {
                by_key.add_open(at);
            }
            for target in &goal.targets {
                by_key.add(target.store.as_ref(), Some(&target.key), at);
            }
        }
        Goals { all, by_key }
    }

    /// Whether an effect drops any of them.
    pub(super) fn are_reached_by(&self, effect: &EffectKind) -> bool {
        let Some(Hit { store, key, listed: None, .. }) = effect.hit() else {
            return self.all.iter().any(|goal| goal.is_reached_by(effect));
        };
        let mut goals = BTreeSet::new();
        self.by_key.add_meeting(store, key, &mut goals);
        goals.into_iter().any(|at| self.all[at].is_reached_by(effect))
    }
}
