//! Which runs may drop an entry, found by its store and its key: to ask each run about each entry takes a time
//! that grows with the square of a program.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::effect::{Dropped, EffectKind, Goal};
use super::ids::ClassId;
use super::key::Template;
use super::key_index::KeyIndex;
use super::survey::Run;
use super::value::StoreRef;

/// The places of runs by what they drop or replace.
#[derive(Debug, Default)]
pub struct Dropping {
    /// By the stores, where these are known, and by the keys.
    by_store: FxHashMap<Option<StoreRef>, KeyIndex<usize>>,
    /// Those that may drop anything.
    anything: Vec<usize>,
    /// Those of methods, by their class.
    of_class: BTreeMap<ClassId, Vec<usize>>,
}

impl Dropping {
    /// Of all runs.
    pub fn of(runs: &[Run]) -> Dropping {
        let mut dropping = Dropping::default();
        let whole = Template::hole("*");
        for (at, run) in runs.iter().enumerate() {
            if let Some(class) = run.class {
                dropping.of_class.entry(class).or_default().push(at);
            }
            for effect in &run.effects {
                let (store, key) = match &effect.kind {
                    EffectKind::Drop(Dropped { store, key, listed: None, .. }) => {
                        (store, key.as_deref().unwrap_or(&whole))
                    }
                    EffectKind::Fill(fill) if fill.overwrites => (&fill.store, &*fill.key),
                    kind => {
                        dropping.anything.extend(kind.may_drop().then_some(at));
                        continue;
                    }
                };
                dropping.by_store.entry(store.clone()).or_default().insert(key, at);
            }
        }
        dropping
    }

    /// The runs that may drop what a goal asks for, in order.
    pub fn meeting(&self, goal: &Goal) -> BTreeSet<usize> {
        let mut found: BTreeSet<usize> = self.anything.iter().copied().collect();
        for target in &goal.targets {
            let stores: Vec<&KeyIndex<usize>> = match &target.store {
                Some(store) if store.alias.is_some() => {
                    let fitting = [Some(store.clone()), Some(StoreRef::of(store.kind)), None];
                    fitting.iter().filter_map(|store| self.by_store.get(store)).collect()
                }
                _ => self.by_store.values().collect(),
            };
            for key in std::iter::once(&*target.key).chain(target.key.read_from()) {
                found.extend(stores.iter().flat_map(|index| index.like(key)));
            }
        }
        found
    }

    /// The runs of methods of some classes.
    pub fn of_classes<'d>(&'d self, classes: &'d [ClassId]) -> impl Iterator<Item = usize> + 'd {
        classes.iter().filter_map(|class| self.of_class.get(class)).flatten().copied()
    }
}
