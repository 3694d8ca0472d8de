//! What the program looks up in stores, found by its key.

use std::collections::BTreeSet;

use super::Survey;
use crate::graph::effect::{Effect, EffectKind};
use crate::graph::entries::Entry;
use crate::graph::ids::FunctionId;
use crate::graph::interp::Interp;
use crate::graph::key::Template;
use crate::graph::key_starts::KeyStarts;
use crate::graph::value::{Args, StoreRef};

/// All that is looked up.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    /// What functions that neither drop nor store anything do.
    others: Vec<Effect>,
    by_key: KeyStarts<Place>,
}

/// Where an effect is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    InRun(usize, usize),
    InOthers(usize),
}

/// A store, where that is known, and the key that is looked up there.
pub type Lookup<'s> = (Option<&'s StoreRef>, &'s Template);

impl Survey {
    /// What is looked up in stores under keys that may equal some keys, and under others, by functions that
    /// drop or store something and by others.
    pub fn lookups<'k>(
        &self,
        interp: &Interp<'_>,
        keys: impl IntoIterator<Item = &'k Template>,
    ) -> impl Iterator<Item = Lookup<'_>> {
        let lookups = self.lookups.get_or_init(|| self.sorted_lookups(interp));
        let places = lookups.by_key.that_may_equal(keys).into_iter();
        places.filter_map(|place| {
            looked_up(match place {
                Place::InRun(run, at) => &self.runs[run].effects[at],
                Place::InOthers(at) => &lookups.others[at],
            })
        })
    }

    /// What is looked up that may be an entry.
    pub fn lookups_of(
        &self,
        interp: &Interp<'_>,
        entry: &Entry,
    ) -> impl Iterator<Item = Lookup<'_>> {
        let keys = entry.fills.iter().map(|stored| &*stored.fill.key);
        self.lookups(interp, keys).filter(|(store, key)| {
            entry
                .fills
                .iter()
                .any(|stored| stored.fill.may_be_in(*store) && key.can_equal(&stored.fill.key))
        })
    }

    fn sorted_lookups(&self, interp: &Interp<'_>) -> Lookups {
        let others = self.effects_of_others(interp);
        let in_runs = self.runs.iter().enumerate().flat_map(|(run, it)| {
            let effects = it.effects.iter().enumerate();
            effects.map(move |(at, effect)| (Place::InRun(run, at), effect))
        });
        let in_others = others.iter().enumerate();
        let in_others = in_others.map(|(at, effect)| (Place::InOthers(at), effect));
        let mut by_key = KeyStarts::default();
        for (place, effect) in in_runs.chain(in_others) {
            if let Some((_, key)) = looked_up(effect) {
                by_key.add(key, place);
            }
        }
        Lookups { others, by_key }
    }

    fn effects_of_others(&self, interp: &Interp<'_>) -> Vec<Effect> {
        let program = interp.program;
        let words = program.frameworks.store_words();
        let mentioning = words.flat_map(|word| program.functions_mentioning(word));
        let others: BTreeSet<FunctionId> =
            mentioning.filter(|function| !self.seen.contains(function)).collect();
        let mut interp = interp.clone();
        interp.seek_caching();
        let run = |function| interp.follow_function(function, Args::unknown());
        others.into_iter().flat_map(run).collect()
    }
}

fn looked_up(effect: &Effect) -> Option<Lookup<'_>> {
    match &*effect.kind {
        EffectKind::Read { store, key } => Some((store.as_ref(), key)),
        _ => None,
    }
}
