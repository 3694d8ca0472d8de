//! What writes and receivers drop, whichever entry it is: asked once, for the thousands of entries that
//! each would have to run all of it again to learn that it does nothing for them.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Interp, Revived, Scenario};
use crate::graph::effect::{Effect, EffectKind, Goal};
use crate::graph::hooks::{Hook, HookId};
use crate::graph::ids::ClassId;
use crate::graph::shared::Shared;

/// What is run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Run {
    /// A write, with all hooks that run and one that does not.
    Write(Option<HookId>),
    /// One receiver.
    Receiver(HookId),
}

/// What was asked so far.
pub(super) type Unaimed = FxHashMap<(Run, ClassId, Scenario), Drops>;

/// All that a run may drop.
#[derive(Debug, Clone)]
pub struct Drops(Arc<FxHashSet<Shared<EffectKind>>>);

impl Drops {
    /// Whether a run that is after `goal` may reach it.
    pub fn may_reach(&self, goal: &Goal) -> bool {
        self.0.iter().any(|kind| **kind == EffectKind::CutShort || goal.is_reached_by(kind))
    }
}

impl Interp<'_> {
    /// What a write drops if it runs a hook that does not run, and does not drop by those that run anyway.
    pub fn drops_if_revived(
        &mut self,
        revived: &Revived,
        model: ClassId,
        scenario: &Scenario,
    ) -> Drops {
        let follow = |interp: &mut Self| interp.follow_write(model, scenario);
        let anyway = self.unaimed(Run::Write(None), model, scenario, follow);
        self.unaimed(Run::Write(Some(revived.id)), model, scenario, |interp| {
            let mut effects = interp.with_revived(revived.clone(), follow);
            effects.retain(|effect| {
                *effect.kind == EffectKind::CutShort || !anyway.0.contains(&effect.kind)
            });
            effects
        })
    }

    /// What a receiver drops when it is called for a write of `model`.
    pub fn drops_of_receiver(
        &mut self,
        id: HookId,
        hook: &Hook,
        model: ClassId,
        scenario: &Scenario,
    ) -> Drops {
        self.unaimed(Run::Receiver(id), model, scenario, |interp| {
            interp.follow_receiver(id, hook, model, scenario)
        })
    }

    fn unaimed(
        &mut self,
        run: Run,
        model: ClassId,
        scenario: &Scenario,
        follow: impl FnOnce(&mut Self) -> Vec<Effect>,
    ) -> Drops {
        let key = (run, model, scenario.clone());
        if let Some(known) = self.unaimed.get(&key) {
            return known.clone();
        }
        let goal = self.goal.clone();
        self.seek(None);
        let effects = follow(self);
        self.seek(goal);
        let mut kinds: Vec<_> = effects.into_iter().map(|effect| effect.kind).collect();
        kinds.retain(|kind| kind.may_drop() || **kind == EffectKind::CutShort);
        let drops = Drops(Arc::new(kinds.into_iter().collect()));
        self.unaimed.insert(key, drops.clone());
        drops
    }
}
