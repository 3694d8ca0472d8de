//! The entries of a program, found by what drops them.

use crate::graph::effect::{Dropped, EffectKind, Goal};
use crate::graph::entries::Entry;
use crate::graph::key_starts::KeyStarts;

/// What drops some entries.
pub(super) struct Goals {
    all: Vec<Goal>,
    by_key: KeyStarts<usize>,
}

impl Goals {
    /// What drops each of some entries.
    pub(super) fn of(entries: &[Entry]) -> Goals {
        let all: Vec<Goal> = entries.iter().map(Entry::goal).collect();
        let mut by_key = KeyStarts::default();
        for (at, goal) in all.iter().enumerate() {
            if goal.targets.is_empty() {
                by_key.add_open(at);
            }
            for target in &goal.targets {
                by_key.add(&target.key, at);
            }
        }
        Goals { all, by_key }
    }

    /// Whether an effect drops any of them.
    pub(super) fn are_reached_by(&self, effect: &EffectKind) -> bool {
        let key = match effect {
            EffectKind::Drop(Dropped { key: Some(key), listed: None, .. }) => key,
            EffectKind::Fill(fill) => &fill.key,
            _ => return self.all.iter().any(|goal| goal.is_reached_by(effect)),
        };
        let mut goals = self.by_key.that_may_equal([&**key]).into_iter();
        goals.any(|at| self.all[at].is_reached_by(effect))
    }
}
