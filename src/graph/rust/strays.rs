//! Drops of keys that nothing in sight stores or looks up: those that were meant for another key.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::coverage::Runs;
use super::effect::{Act, Patch};
use super::entries::Entry;
use super::run::Outcome;
use super::stores::is_open;
use super::tables::TableId;
use super::value::{Owner, Store};
use crate::graph::ids::FunctionId;
use crate::graph::key::Template;
use crate::source::Location;

/// A drop of a key that nothing in sight stores or looks up.
#[derive(Debug, Clone)]
pub struct Stray {
    /// The function that knows the key.
    pub function: FunctionId,
    /// Where it drops it.
    pub place: Location,
    /// The store.
    pub store: Store,
    /// The key.
    pub key: Arc<Template>,
}

impl Runs {
    /// The drops of another key in functions that write rows of a table, in the store of an entry.
    pub fn strays_for(&self, entry: &Entry, table: TableId) -> impl Iterator<Item = &Stray> {
        let writes = move |function: &FunctionId| {
            let effects = self.by_function.get(function).map(|outcome| outcome.effects.as_slice());
            let effects = effects.unwrap_or_default();
            effects.iter().any(|effect| effect.writes(table))
                // Beside the right one it is somebody else's.
                && !effects.iter().any(|effect| entry.is_cleared_by(&effect.act))
        };
        self.strays
            .iter()
            .filter(move |stray| stray.store.may_be(&entry.store) && writes(&stray.function))
    }
}

/// Drops of keys that nothing in sight stores or looks up, each where its key is known first.
pub fn strays(runs: &[(FunctionId, Arc<Outcome>)]) -> Vec<Stray> {
    let effects = || {
        runs.iter()
            .flat_map(|(function, outcome)| outcome.effects.iter().map(move |it| (*function, it)))
    };
    let used: BTreeMap<String, (&Store, &Template)> = effects()
        .filter_map(|(_, effect)| match &effect.act {
            Act::Fill(fill) => Some((&fill.store, &*fill.key)),
            Act::Read(store, key) => Some((store, &**key)),
            _ => None,
        })
        // The callers of a wrapper say which keys it is given.
        .filter(|(store, key)| store.owner != Owner::One || !is_open(key))
        .map(|(store, key)| (format!("{store:?} {}", key.shape()), (store, key)))
        .collect();
    let is_used = |store: &Store, key: &Template| {
        used.values().any(|(other, used)| store.may_be(other) && key.can_equal(used))
    };
    // By the call: the nearest function that knows the key, and whether all keys there are strays.
    let mut found: BTreeMap<(Location, String), (u8, Stray)> = BTreeMap::new();
    let mut sound: BTreeSet<Location> = BTreeSet::new();
    for (function, effect) in effects() {
        let (store, key) = match &effect.act {
            Act::Drop(store, Some(key)) => (store, key),
            Act::Patch(Patch { store, key: Some(key), .. }) => (store, key),
            _ => continue,
        };
        // Which key a function that remembers makes of its arguments is not told.
        let is_own = matches!(store.owner, Owner::Function(_));
        if effect.is_guessed || is_own || !key.is_specific() || is_used(store, key) {
            sound.insert(effect.place());
            continue;
        }
        let stray =
            Stray { function, place: effect.place(), store: store.clone(), key: key.clone() };
        let known = found.entry((effect.site, key.to_string()));
        let known = known.or_insert_with(|| (effect.depth, stray.clone()));
        if effect.depth < known.0 {
            *known = (effect.depth, stray);
        }
    }
    let mut strays: Vec<Stray> = found.into_values().map(|(_, stray)| stray).collect();
    strays.retain(|stray| !sound.contains(&stray.place));
    strays
}
