//! Drops of keys that nothing stores.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Run, Survey};
use crate::facts::StmtKind;
use crate::graph::effect::{Dropped, EffectKind, Fill};
use crate::graph::key::{Part, Template};
use crate::graph::key_starts::KeyStarts;
use crate::graph::program::Program;
use crate::graph::value::StoreRef;
use crate::source::{FileId, Location};

impl Run {
    /// Where it drops or stores what, of the keys that it drops and that are spelled out.
    fn places_of_dropped(&self) -> FxHashMap<&Template, BTreeSet<Location>> {
        let mut places: FxHashMap<&Template, BTreeSet<Location>> = FxHashMap::default();
        for effect in &self.effects {
            if let EffectKind::Drop(Dropped { key: Some(key), .. }) = &*effect.kind
                && key.known().is_some()
            {
                places.entry(key).or_default().insert(effect.site);
            }
        }
        if places.is_empty() {
            return places;
        }
        for effect in &self.effects {
            if let EffectKind::Fill(fill) = &*effect.kind
                && let Some(of_key) = places.get_mut(&*fill.key)
            {
                of_key.insert(effect.site);
            }
        }
        places
    }
}

impl Survey {
    /// Drops of a key that nothing in sight stores or looks up, by where they stand, with the key.
    pub fn mismatches(&self, program: &Program<'_>) -> BTreeMap<Location, Arc<Template>> {
        let effects = || self.runs.iter().flat_map(|run| &run.effects);
        // A decorator uses no keys but those of the functions it decorates.
        let is_decorator = |run: &&Run| {
            let outermost = program.function_name(program.outermost(run.function));
            let mut names = program.aliases_of(outermost).iter().chain([&outermost]);
            names.any(|name| !program.functions_decorated_by(name).is_empty())
        };
        let users = self.runs.iter().filter(|run| !is_decorator(run));
        let own_keys: Vec<Template> = program
            .frameworks
            .own_keys()
            .map(|key| Template::spelled(key, |key, name| key.push(&Part::hole(name))))
            .collect();
        let counting = effects()
            .filter(|effect| matches!(&*effect.kind, EffectKind::Drop(dropped) if dropped.counts));
        let counting: FxHashSet<Location> = counting.map(|effect| effect.site).collect();
        let statements = standing_alone(program, counting);
        let is_statement = |site: Location| statements.contains(&site);
        // Each run tells again what the functions do that it calls, so most are the same.
        let mut used: FxHashSet<(Option<&StoreRef>, &Template)> = FxHashSet::default();
        for run in users {
            let places = run.places_of_dropped();
            used.extend(run.effects.iter().filter_map(|effect| match &*effect.kind {
                EffectKind::Fill(fill) if only_counts_up(program, fill, &places) => None,
                EffectKind::Fill(fill) => Some((fill.store.as_ref(), &*fill.key)),
                EffectKind::Read { store, key } => Some((store.as_ref(), &**key)),
                // What it has come to is looked at.
                EffectKind::Drop(dropped) if dropped.counts && !is_statement(effect.site) => {
                    Some((dropped.store.as_ref(), dropped.key.as_deref()?))
                }
                _ => None,
            }));
        }
        let used: Vec<(Option<&StoreRef>, &Template)> = used.into_iter().collect();
        let mut by_key: KeyStarts<usize> = KeyStarts::default();
        for (at, (_, key)) in used.iter().enumerate() {
            by_key.add(key, at);
        }
        let is_found = |dropped: &Dropped, key: &Template| {
            by_key.that_may_equal([key]).into_iter().any(|at| {
                let (store, used) = used[at];
                dropped.hit().may_hit(store, used)
            })
        };
        let mut is_used: FxHashMap<&Dropped, bool> = FxHashMap::default();
        let mut found: BTreeMap<Location, Option<Arc<Template>>> = BTreeMap::new();
        for effect in effects() {
            let EffectKind::Drop(dropped) = &*effect.kind else { continue };
            let stray = dropped.key.as_ref().filter(|key| {
                !effect.by_convention
                    && effect.kind.variable().is_none()
                    && key.is_specific()
                    && !own_keys.iter().any(|own| key.is_spelled_like(own))
                    && !*is_used.entry(dropped).or_insert_with(|| is_found(dropped, key))
            });
            // A place that drops several keys is wrong only where each of them is.
            let known = found.entry(effect.site).or_insert_with(|| stray.cloned());
            if stray.is_none() {
                *known = None;
            }
        }
        found.into_iter().filter_map(|(site, key)| Some((site, key?))).collect()
    }
}

/// Whether what is stored is no more than a counter that is dropped, too, and that nothing else in the program
/// spells; `dropped` are the places of what the same run drops.
fn only_counts_up(
    program: &Program<'_>,
    fill: &Fill,
    dropped: &FxHashMap<&Template, BTreeSet<Location>>,
) -> bool {
    let Some(key) = fill.key.known().filter(|_| fill.taint.is_empty()) else { return false };
    dropped.get(&*fill.key).is_some_and(|places| program.spellings_of(key) <= places.len())
}

/// Those of some calls that are statements, so that nothing is done with what they return.
fn standing_alone(program: &Program<'_>, calls: FxHashSet<Location>) -> FxHashSet<Location> {
    let files: BTreeSet<FileId> = calls.iter().map(|call| call.file).collect();
    let statements = files.into_iter().flat_map(|file| {
        let facts = program.file(file);
        facts.stmts.iter().filter_map(move |stmt| match stmt.kind {
            StmtKind::Expr(expr) => Some(Location { file, span: facts.expr(expr).span }),
            _ => None,
        })
    });
    statements.filter(|call| calls.contains(call)).collect()
}
