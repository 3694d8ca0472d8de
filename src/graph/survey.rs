//! Runs the functions that reach a cache, each by itself, and keeps what they do.
//!
//! Found by name from the calls of stores upwards. Where a function leaves the key or the rows of
//! what it stores or drops to its callers, or drops an entry, its callers are run as well.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::dropping::Dropping;
use super::effect::{Dropped, Effect, EffectKind, Fill, Goal};
use super::entries::Entry;
use super::ids::{ClassId, FunctionId};
use super::interp::{Crew, Interp};
use super::key::{Origin, Part, Template};
use super::key_index::KeyIndex;
use super::program::{Program, last_name};
use super::responses;
use super::value::{Args, RowPart, StoreRef, Value};
use crate::facts::{FileFacts, FunctionIx, ParamKind, Scope};
use crate::source::Location;

/// How many calls away from a store functions are run.
const MAX_LEVELS: usize = 5;
/// A name that more functions than this mention says too little about who calls what.
const MAX_CALLERS: usize = 60;
/// The method that runs where an instance is called.
const CALL: &str = "__call__";

/// A function that was run by itself, with all that it did.
#[derive(Debug)]
pub struct Run {
    /// The function.
    pub function: FunctionId,
    /// The class that it stands in.
    pub class: Option<ClassId>,
    /// What it did, in order; hooks are not part of it.
    pub effects: Vec<Effect>,
    /// Its calls away from a store.
    level: usize,
    /// Whether it drops, or overwrites, anything.
    drops: bool,
}

/// The functions that reach a cache.
#[derive(Debug, Default)]
pub struct Survey {
    /// In the order of their distance from a store.
    pub runs: Vec<Run>,
    /// The functions that were run.
    seen: BTreeSet<FunctionId>,
    /// What the other functions that name a store look up; found when first asked for.
    lookups: OnceLock<Vec<Effect>>,
    /// Which runs drop what; made when first asked for, after the last run.
    dropping: OnceLock<Dropping>,
}

/// Runs every function that reaches a cache; neither `interp` nor the crew may know hooks yet.
pub fn survey(interp: &mut Interp<'_>, crew: &mut Crew<'_>) -> Survey {
    let program = interp.program;
    let mut survey = Survey::default();
    let mut open: Vec<FunctionId> = program.functions_that_drop().to_vec();
    open.extend(program.variables.users());
    let memoised = memoised(interp);
    open.extend(forgetting(program, &memoised));
    open.extend(memoised);
    survey.run_kept(program, crew, &responses::kept(interp));
    for level in 0..MAX_LEVELS {
        let first = survey.runs.len();
        survey.run(program, crew, std::mem::take(&mut open), level);
        for run in &survey.runs[first..] {
            let by_class = is_completed_by_class(interp, run.function);
            let is_completed = |effect: &Effect| {
                is_completed_by_callers(&effect.kind)
                    || (by_class && effect.is_direct() && drops_a_key(&effect.kind))
            };
            if run.effects.iter().any(is_completed) {
                open.extend(callers_of(program, run.function));
            }
        }
    }
    survey
}

impl Run {
    /// Whether it drops what a goal asks for, by a key that it knows.
    pub fn reaches(&self, goal: &Goal) -> Option<&Effect> {
        let mut is_behind_write = false;
        self.effects.iter().find(|effect| {
            is_behind_write |= matches!(effect.kind, EffectKind::Write(_));
            let is_known = || match &effect.kind {
                EffectKind::Drop(dropped) => is_whole(dropped),
                // What is stored replaces an older value only behind a write, a counter's at any time.
                EffectKind::Fill(fill) => is_behind_write || goal.counts(&fill.key),
                _ => true,
            };
            effect.hook.is_none() && goal.is_reached_by(&effect.kind) && is_known()
        })
    }
}

impl Run {
    /// Whether what is stored is no more than a counter that is dropped, too, and that nothing else in the
    /// program spells.
    fn only_counts_up(&self, program: &Program<'_>, fill: &Fill) -> bool {
        let Some(key) = fill.key.known().filter(|_| fill.taint.is_empty()) else { return false };
        let places = |does: fn(&EffectKind) -> Option<&Arc<Template>>| {
            let of_key =
                self.effects.iter().filter(move |effect| does(&effect.kind) == Some(&fill.key));
            of_key.map(|effect| effect.site).collect::<BTreeSet<Location>>()
        };
        let dropped = places(|kind| match kind {
            EffectKind::Drop(dropped) => dropped.key.as_ref(),
            _ => None,
        });
        let stored = places(|kind| match kind {
            EffectKind::Fill(fill) => Some(&fill.key),
            _ => None,
        });
        !dropped.is_empty() && program.spellings_of(key) <= dropped.union(&stored).count()
    }
}

impl Survey {
    /// Runs the functions that were not run yet, each by itself.
    fn run(
        &mut self,
        program: &Program<'_>,
        crew: &mut Crew<'_>,
        mut functions: Vec<FunctionId>,
        level: usize,
    ) {
        functions.sort_unstable();
        functions.dedup();
        functions.retain(|function| self.seen.insert(*function));
        let runs: Vec<(FunctionId, Args)> = functions
            .into_iter()
            .map(|function| (function, own_arguments(program, function)))
            .collect();
        let done = crew.follow_functions(&runs);
        for ((function, _), effects) in runs.into_iter().zip(done) {
            let drops = effects.iter().any(|effect| effect.kind.may_drop());
            let class = program.enclosing_class(function);
            self.runs.push(Run { function, class, effects, level, drops });
        }
    }

    /// Runs views whose responses are kept, each as what is called instead of it. What they drop is told by
    /// runs of the views themselves.
    fn run_kept(
        &mut self,
        program: &Program<'_>,
        crew: &mut Crew<'_>,
        kept: &[(FunctionId, Value)],
    ) {
        let done = crew.each(kept, |interp, (function, view)| {
            let site = program.function_location(*function);
            interp.follow_call(view, own_arguments(program, *function), site)
        });
        for ((function, _), effects) in kept.iter().zip(done) {
            let (function, class) = (*function, program.enclosing_class(*function));
            self.runs.push(Run { function, class, effects, level: 0, drops: false });
        }
    }

    /// Whether anything drops what a goal asks for by a key, and not all that there is.
    pub fn names_key_of(&self, goal: &Goal) -> bool {
        let mut effects = self.meeting(goal).into_iter().flat_map(|at| &self.runs[at].effects);
        effects.any(|effect| match &effect.kind {
            EffectKind::Drop(Dropped { key: Some(key), .. }) => {
                key.is_specific() && goal.is_reached_by(&effect.kind)
            }
            _ => false,
        })
    }

    /// All that the program looks up in stores, by functions that drop or store something and by others.
    pub fn lookups(&self, interp: &Interp<'_>) -> impl Iterator<Item = &Effect> {
        let others = self.lookups.get_or_init(|| self.lookups_of_others(interp));
        let all = self.runs.iter().flat_map(|run| &run.effects).chain(others);
        all.filter(|effect| matches!(effect.kind, EffectKind::Read { .. }))
    }

    fn lookups_of_others(&self, interp: &Interp<'_>) -> Vec<Effect> {
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

    /// The keys of stores that something counts up or down.
    pub fn counted(&self) -> Vec<&Dropped> {
        let effects = self.runs.iter().flat_map(|run| &run.effects);
        let counted = effects.filter_map(|effect| match &effect.kind {
            EffectKind::Drop(dropped) if dropped.counts => Some(dropped),
            _ => None,
        });
        counted.collect()
    }

    /// Runs the callers of what drops an entry of these, a whole store, or a key that nothing stores:
    /// they may drop it for what they write.
    pub fn follow_droppers(
        &mut self,
        program: &Program<'_>,
        crew: &mut Crew<'_>,
        entries: &[Entry],
    ) {
        let goals: Vec<Goal> = entries.iter().map(Entry::goal).collect();
        let mismatches = self.mismatches(program);
        let mut is_meant: FxHashMap<&Dropped, bool> = FxHashMap::default();
        let mut callers: Vec<FunctionId> = Vec::new();
        for run in self.runs.iter().filter(|run| run.level == 0) {
            let matters = run.effects.iter().any(|effect| match &effect.kind {
                EffectKind::Drop(dropped) => {
                    (dropped.key.is_none() && effect.kind.variable().is_none())
                        || mismatches.contains_key(&effect.site)
                        || *is_meant.entry(dropped).or_insert_with(|| {
                            goals.iter().any(|goal| goal.is_reached_by(&effect.kind))
                        })
                }
                _ => false,
            });
            if matters {
                callers.extend(callers_of(program, run.function));
            }
        }
        let first = self.runs.len();
        self.run(program, crew, callers, 1);
        self.follow_forwarders(program, crew, &goals, first);
        if mismatches.is_empty() {
            return;
        }
        // Which entry was meant by a key that nothing stores, only those tell that write rows.
        for level in 1..MAX_LEVELS {
            let strays = |run: &&Run| {
                run.level == level
                    && run.effects.iter().any(|effect| mismatches.contains_key(&effect.site))
            };
            let callers = self.runs.iter().filter(strays);
            let callers = callers.flat_map(|run| callers_of(program, run.function)).collect();
            self.run(program, crew, callers, level + 1);
        }
    }

    /// Runs the callers of those among the runs from `first` on that do nothing but drop one of `goals` by
    /// its key for whoever calls them.
    fn follow_forwarders(
        &mut self,
        program: &Program<'_>,
        crew: &mut Crew<'_>,
        goals: &[Goal],
        mut first: usize,
    ) {
        for level in 2..MAX_LEVELS {
            let only_drops = |effect: &Effect| match &effect.kind {
                EffectKind::Drop(dropped) => dropped.key.is_some(),
                _ => false,
            };
            let reaches =
                |effect: &Effect| goals.iter().any(|goal| goal.is_reached_by(&effect.kind));
            let hands_on =
                |run: &&Run| run.effects.iter().all(only_drops) && run.effects.iter().any(reaches);
            let forwarders = self.runs[first..].iter().filter(hands_on);
            let callers = forwarders.flat_map(|run| callers_of(program, run.function)).collect();
            first = self.runs.len();
            self.run(program, crew, callers, level);
        }
    }

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
        // Each run tells again what the functions do that it calls, so most are the same.
        let used: FxHashSet<(Option<&StoreRef>, &Template)> = users
            .flat_map(|run| run.effects.iter().map(move |effect| (run, effect)))
            .filter_map(|(run, effect)| match &effect.kind {
                EffectKind::Fill(fill) if run.only_counts_up(program, fill) => None,
                EffectKind::Fill(fill) => Some((fill.store.as_ref(), &*fill.key)),
                EffectKind::Read { store, key } => Some((store.as_ref(), &**key)),
                _ => None,
            })
            .collect();
        let mut by_key: KeyIndex<(Option<&StoreRef>, &Template)> = KeyIndex::default();
        used.iter().for_each(|(store, key)| {
            for like in std::iter::once(*key).chain(key.read_from()) {
                by_key.insert(like, (*store, *key));
            }
        });
        let mut is_used: FxHashMap<&Dropped, bool> = FxHashMap::default();
        let mut found: BTreeMap<Location, Option<Arc<Template>>> = BTreeMap::new();
        for effect in effects() {
            let EffectKind::Drop(dropped) = &effect.kind else { continue };
            let stray = dropped.key.as_ref().filter(|key| {
                !effect.by_convention
                    && effect.kind.variable().is_none()
                    && key.is_specific()
                    && !own_keys.iter().any(|own| key.is_spelled_like(own))
                    && !*is_used.entry(dropped).or_insert_with(|| {
                        by_key.like(key).any(|(store, used)| dropped.may_hit(*store, used))
                    })
            });
            // A place that drops several keys is wrong only where each of them is.
            let known = found.entry(effect.site).or_insert_with(|| stray.cloned());
            if stray.is_none() {
                *known = None;
            }
        }
        found.into_iter().filter_map(|(site, key)| Some((site, key?))).collect()
    }

    /// The functions that use a store themselves, or a variable that holds one of the entries, and drop
    /// something.
    pub fn first_droppers(&self, entries: &[Entry]) -> Vec<FunctionId> {
        let kept: FxHashSet<&str> = entries.iter().filter_map(Entry::variable).collect();
        let matters = |effect: &Effect| {
            let is_kept = |variable: &StoreRef| {
                variable.alias.as_deref().is_some_and(|name| kept.contains(name))
            };
            effect.kind.may_drop() && effect.kind.variable().is_none_or(is_kept)
        };
        let first = self.droppers().filter(|run| run.level == 0);
        let first = first.filter(|run| run.effects.iter().any(matters));
        first.map(|run| run.function).collect()
    }

    /// The runs that may drop what a goal asks for, by their places.
    fn meeting(&self, goal: &Goal) -> BTreeSet<usize> {
        if goal.targets.is_empty() {
            return (0..self.runs.len()).collect();
        }
        self.dropping().meeting(goal)
    }

    /// The functions that drop something, as far as they may drop what a goal asks for, or stand in one of
    /// `classes`.
    pub fn droppers_of(&self, goal: &Goal, classes: &[ClassId]) -> impl Iterator<Item = &Run> {
        let mut places = self.meeting(goal);
        places.extend(self.dropping().of_classes(classes));
        places.into_iter().map(|at| &self.runs[at]).filter(|run| run.drops)
    }

    fn dropping(&self) -> &Dropping {
        self.dropping.get_or_init(|| Dropping::of(&self.runs))
    }

    /// The functions that drop something.
    pub fn droppers(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(|run| run.drops)
    }

    /// What is stored where, each with the function that knows both the key and the rows.
    pub fn fills(&self) -> Vec<(&Run, &Effect, &Fill)> {
        let mut fills = Vec::new();
        let mut known: FxHashSet<Location> = FxHashSet::default();
        let mut last = 0;
        let mut of_level: Vec<Location> = Vec::new();
        for run in &self.runs {
            if run.level != last {
                known.extend(of_level.drain(..));
                last = run.level;
            }
            for effect in &run.effects {
                let EffectKind::Fill(fill) = &effect.kind else { continue };
                if is_complete(fill) && !known.contains(&effect.site) {
                    of_level.push(effect.site);
                    fills.push((run, effect, fill));
                }
            }
        }
        fills
    }
}

/// The parameters of a function, each standing for itself, as the arguments of a call.
fn own_arguments(program: &Program<'_>, function: FunctionId) -> Args {
    let mut args = Args::default();
    let fact = program.function(function);
    if matches!(fact.scope, Scope::Class(_)) {
        // How a method is bound decides what its parameters take.
        return Args::unknown();
    }
    for param in &fact.params {
        let value = Value::Symbol(function, param.name);
        match param.kind {
            ParamKind::Positional => args.positional.push(value),
            ParamKind::KeywordOnly => {
                let name = program.file(function.file).name(param.name);
                args.keywords.push((name.into(), value));
            }
            ParamKind::Star | ParamKind::DoubleStar => args.open = true,
        }
    }
    args
}

/// Whether what a function did means something else in each of its callers.
fn is_completed_by_callers(kind: &EffectKind) -> bool {
    match kind {
        EffectKind::Drop(dropped) => !is_whole(dropped),
        EffectKind::Fill(fill) => {
            let given = fill.taint.iter().any(|source| source.part == RowPart::Given);
            !is_complete(fill) && (given || holds_rows(fill))
        }
        _ => false,
    }
}

/// Whether a key of a store is dropped.
fn drops_a_key(kind: &EffectKind) -> bool {
    let has_key = matches!(kind, EffectKind::Drop(dropped) if dropped.key.is_some());
    has_key && kind.variable().is_none()
}

/// Whether a function may do something else in each class that inherits it. Those of models are hooks.
fn is_completed_by_class(interp: &mut Interp<'_>, function: FunctionId) -> bool {
    let class = interp.program.enclosing_class(function);
    class.is_some_and(|class| interp.program.has_subclasses(class) && !interp.is_model(class))
}

fn holds_rows(fill: &Fill) -> bool {
    fill.taint.iter().any(|source| source.part != RowPart::Given)
}

/// Whether a function by itself tells which key it drops.
fn is_whole(dropped: &Dropped) -> bool {
    !dropped.key.as_ref().is_some_and(|key| is_bare(key))
}

/// Whether a key is nothing but what the caller gives.
fn is_bare(key: &Template) -> bool {
    let of_caller =
        |part: &Part| matches!(part, Part::Hole { origin: Some(Origin::Param(..)), .. });
    matches!(key.parts.as_slice(), [only] if of_caller(only))
}

/// Whether a function by itself tells both the key and the rows.
fn is_complete(fill: &Fill) -> bool {
    holds_rows(fill) && !is_bare(&fill.key)
}

/// The functions that may call a function, or that it wraps as part of a decorator, going by names
/// alone.
pub fn callers_of(program: &Program<'_>, function: FunctionId) -> Vec<FunctionId> {
    let meant = program.outermost(function);
    let name = program.function_name(meant);
    let mut callers: Vec<FunctionId> = program.functions_decorated_by(name).to_vec();
    if name == CALL
        && let Some(class) = program.enclosing_class(meant)
    {
        let owners = program.names_of_instances(class).into_iter();
        callers.extend(owners.flat_map(|owner| program.functions_decorated_by(owner)));
    }
    let by_name = program.callers_by_name(meant);
    if by_name.len() <= MAX_CALLERS {
        callers.extend(by_name);
    } else if let Scope::Class(_) = program.function(meant).scope
        && let Some(class) = program.enclosing_class(meant)
    {
        // Whoever calls a method of so common a name has the class or an instance of it by name.
        let by_name: FxHashSet<FunctionId> = by_name.into_iter().collect();
        for owner in program.names_of_instances(class) {
            let mentioning = program.functions_mentioning(owner);
            callers.extend(mentioning.filter(|caller| by_name.contains(caller)));
        }
    }
    for alias in program.aliases_of(name) {
        callers.extend(program.functions_decorated_by(alias));
        let users = program.functions_mentioning(alias);
        if users.len() <= MAX_CALLERS {
            callers.extend(users);
        }
    }
    callers.sort_unstable();
    callers.dedup();
    callers.retain(|caller| {
        program.processes.share(caller.file, function.file) && program.outermost(*caller) != meant
    });
    callers
}

/// The functions that may make one of `memoised` forget, going by names alone.
fn forgetting(program: &Program<'_>, memoised: &[FunctionId]) -> Vec<FunctionId> {
    let mut found = Vec::new();
    for method in program.frameworks.forgetting_methods() {
        for function in memoised {
            let name = program.function_name(*function);
            for name in std::iter::once(name).chain(program.aliases_of(name).iter().copied()) {
                let mentioning = program.functions_mentioning(name);
                found.extend(mentioning.filter(|other| program.mentions(*other, method)));
            }
        }
    }
    found
}

/// The functions that a decorator makes remember what they returned.
fn memoised(interp: &mut Interp<'_>) -> Vec<FunctionId> {
    let program = interp.program;
    let words: FxHashSet<&str> = program.frameworks.memoizer_words().collect();
    let texts: Vec<&str> = words.iter().copied().collect();
    let files = program.vocabulary.files_with_any_of(&program.vocabulary.containing(&texts));
    let mut found = Vec::new();
    for file in files.into_iter().filter(|file| program.is_production(*file)) {
        let facts = program.file(file);
        let ids = (0..facts.functions.len() as u32).map(FunctionIx);
        for id in ids.map(|ix| FunctionId { file, ix }) {
            if interp.is_memoised(id) {
                found.push(id);
            } else if let Scope::Function(_) = program.function(id).scope
                && spelled(facts, id.ix, &words)
            {
                // What it lists may be variables of the function around it.
                found.push(program.outermost(id));
            }
        }
    }
    found
}

/// Whether a decorator of a function is spelled by one of some words.
fn spelled(facts: &FileFacts, ix: FunctionIx, words: &FxHashSet<&str>) -> bool {
    let mut decorators = facts.function(ix).decorators.iter();
    decorators
        .any(|decorator| last_name(facts, *decorator).is_some_and(|name| words.contains(name)))
}
