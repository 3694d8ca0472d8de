//! The functions that drop something, found by what they may drop.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Run, Survey};
use crate::graph::effect::{Dropped, Effect, EffectKind, Goal, Hit};
use crate::graph::entries::Entry;
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::key::Template;
use crate::graph::key_starts::StoredKeys;
use crate::graph::program::Program;
use crate::graph::value::StoreRef;
use crate::source::Location;

/// Which runs of a survey drop what.
#[derive(Debug, Default)]
pub(super) struct Droppers {
    by_key: StoredKeys<usize>,
    by_class: FxHashMap<ClassId, Vec<usize>>,
    by_function: FxHashMap<FunctionId, Vec<usize>>,
}

impl Droppers {
    fn of(program: &Program<'_>, runs: &[Run]) -> Droppers {
        let mut droppers = Droppers::default();
        for (at, run) in runs.iter().enumerate().filter(|(_, run)| run.drops) {
            for effect in run.effects.iter().filter(|effect| effect.kind.may_drop()) {
                match effect.kind.hit() {
                    Some(Hit { store, key, listed: None, .. }) => {
                        droppers.by_key.add(store, key, at);
                    }
                    _ => droppers.by_key.add_open(at),
                }
            }
            if let Some(class) = program.enclosing_class(run.function) {
                droppers.by_class.entry(class).or_default().push(at);
            }
            droppers.by_function.entry(run.function).or_default().push(at);
        }
        droppers
    }
}

/// The runs that store something, be it where nothing was.
fn storing(runs: &[Run]) -> StoredKeys<usize> {
    let mut storing = StoredKeys::default();
    for (at, run) in runs.iter().enumerate() {
        for effect in &run.effects {
            if let EffectKind::Fill(fill) = &*effect.kind {
                storing.add(fill.store.as_ref(), Some(&fill.key), at);
            }
        }
    }
    storing
}

impl Survey {
    /// The functions that use a store themselves, or a variable that holds one of the entries, and drop
    /// something.
    pub fn first_droppers(&self, program: &Program<'_>, entries: &[Entry]) -> Vec<FunctionId> {
        let kept: FxHashSet<&str> = entries.iter().filter_map(Entry::variable).collect();
        let matters = |effect: &Effect| {
            let is_kept = |variable: &StoreRef| {
                variable.alias.as_deref().is_some_and(|name| kept.contains(name))
            };
            effect.kind.may_drop() && effect.kind.variable().is_none_or(is_kept)
        };
        let first = self.droppers().filter(|run| run.level == 0);
        let first = first.filter(|run| run.effects.iter().any(matters));
        // What is handed out as a lambda is run by nobody but who gets it.
        let hands_out = |function: &FunctionId| {
            let around = program.function_name(program.outermost(*function));
            program.handed_out_by(around).next().is_some()
        };
        let handing = program.functions_that_drop().iter().copied().filter(hands_out);
        first.map(|run| run.function).chain(handing).collect()
    }

    /// The functions that drop something.
    pub fn droppers(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(|run| run.drops)
    }

    /// The runs of a function that drop something.
    pub fn droppers_in(
        &self,
        program: &Program<'_>,
        function: FunctionId,
    ) -> impl Iterator<Item = &Run> {
        let runs = self.sorted_droppers(program).by_function.get(&function);
        runs.into_iter().flatten().map(|at| &self.runs[*at])
    }

    /// The functions that may drop what a goal asks for, and others, and those of some classes that drop
    /// anything.
    pub fn droppers_of(
        &self,
        program: &Program<'_>,
        goal: &Goal,
        classes: impl IntoIterator<Item = ClassId>,
    ) -> Vec<&Run> {
        if goal.targets.is_empty() {
            return self.droppers().collect();
        }
        let droppers = self.sorted_droppers(program);
        let mut found = BTreeSet::new();
        for target in &goal.targets {
            droppers.by_key.add_meeting(target.store.as_ref(), Some(&target.key), &mut found);
        }
        let own = classes.into_iter().filter_map(|class| droppers.by_class.get(&class));
        found.extend(own.flatten());
        found.into_iter().map(|at| &self.runs[at]).collect()
    }

    /// Whether anything drops what a goal asks for by a key, and not all that there is.
    pub fn names_key_of(&self, program: &Program<'_>, goal: &Goal) -> bool {
        let runs = self.droppers_of(program, goal, []).into_iter();
        runs.flat_map(|run| &run.effects).any(|effect| match &*effect.kind {
            EffectKind::Drop(Dropped { key: Some(key), .. }) => {
                key.is_specific() && goal.is_reached_by(&effect.kind) && !goal.is_apart_from(key)
            }
            _ => false,
        })
    }

    /// Whether something may store or drop a counter that is part of the keys of a goal, where there is one.
    pub fn may_count(&self, program: &Program<'_>, goal: &Goal) -> bool {
        let droppers = self.sorted_droppers(program);
        let storing = self.storing.get_or_init(|| storing(&self.runs));
        // A key that the counter is part of may look like that of the counter.
        let is_own =
            |key: &Template| goal.targets.iter().any(|target| target.key.shape() == key.shape());
        goal.targets.iter().flat_map(|target| target.key.read_from()).any(|counter| {
            let mut found = BTreeSet::new();
            droppers.by_key.add_meeting(None, Some(counter), &mut found);
            storing.add_meeting(None, Some(counter), &mut found);
            let mut effects = found.into_iter().flat_map(|at| &self.runs[at].effects);
            let is_it = |effect: &Effect| {
                let key = match &*effect.kind {
                    EffectKind::Fill(fill) => Some(&*fill.key),
                    kind => kind.hit().and_then(|hit| hit.key),
                };
                key.is_some_and(|key| counter.can_equal(key) && !is_own(key))
            };
            !counter.is_specific() || effects.any(is_it)
        })
    }

    /// Whether something surely drops what a goal asks for by a key.
    pub fn drops_key_of(&self, program: &Program<'_>, goal: &Goal) -> bool {
        let runs = self.droppers_of(program, goal, []).into_iter();
        runs.flat_map(|run| &run.effects).any(|effect| match &*effect.kind {
            EffectKind::Drop(Dropped { key: Some(_), .. }) => {
                goal.is_reached_by(&effect.kind) && effect.is_sure_drop(goal)
            }
            _ => false,
        })
    }

    /// Whether something stores what a goal asks for, and nobody who does so there has looked for it first: it is
    /// renewed, be it by a timer.
    pub fn is_renewed(&self, program: &Program<'_>, goal: &Goal) -> bool {
        self.is_stored_blindly(program, goal, |_| true)
    }

    /// The same, of the places that are `meant`.
    pub fn is_stored_blindly(
        &self,
        program: &Program<'_>,
        goal: &Goal,
        is_meant: impl Fn(Location) -> bool,
    ) -> bool {
        let mut renews: BTreeMap<Location, bool> = BTreeMap::new();
        for run in self.droppers_of(program, goal, []) {
            for (at, effect) in run.effects.iter().enumerate() {
                let EffectKind::Fill(fill) = &*effect.kind else { continue };
                if !is_meant(effect.site) || !goal.is_reached_by(&effect.kind) {
                    continue;
                }
                let looks = run.effects[..at].iter().any(|earlier| match &*earlier.kind {
                    EffectKind::Read { key, .. } => key.can_equal(&fill.key),
                    _ => false,
                });
                *renews.entry(effect.site).or_insert(true) &= !looks;
            }
        }
        renews.into_values().any(|renews| renews)
    }

    fn sorted_droppers(&self, program: &Program<'_>) -> &Droppers {
        self.droppers.get_or_init(|| Droppers::of(program, &self.runs))
    }
}
