//! Runs the functions that reach a cache, each by itself, and keeps what they do.
//!
//! Found by name from the calls of stores upwards. Where a function leaves the key or the rows of
//! what it stores or drops to its callers, or drops an entry, its callers are run as well.

mod droppers;
mod goals;
mod lookups;
mod strays;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::{FileFacts, FunctionIx, ParamKind, Scope};
use crate::graph::callers::{callers_of, is_of_context};
use crate::graph::effect::{Dropped, Effect, EffectKind, Fill, Goal};
use crate::graph::entries::Entry;
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::interp::{Crew, Interp};
use crate::graph::key::{Origin, Part, Template};
use crate::graph::key_starts::StoredKeys;
use crate::graph::program::{Program, last_name};
use crate::graph::responses;
use crate::graph::value::{Args, RowPart, Value};
use crate::source::Location;
use droppers::Droppers;
use goals::Goals;
use lookups::Lookups;

/// How many calls away from a store functions are run.
const MAX_LEVELS: usize = 5;

/// How many classes a method is run on at the most that inherit it.
const MAX_HEIRS: usize = 12;

/// A function that was run by itself, with all that it did.
#[derive(Debug)]
pub struct Run {
    /// The function.
    pub function: FunctionId,
    /// What it did, in order; hooks are not part of it.
    pub effects: Vec<Effect>,
    /// Its calls away from a store.
    level: usize,
    /// Whether it drops, or overwrites, anything.
    drops: bool,
    /// Whether it is that of a method on one of several receivers.
    is_inherited: bool,
}

/// The functions that reach a cache.
#[derive(Debug, Default)]
pub struct Survey {
    /// In the order of their distance from a store.
    pub runs: Vec<Run>,
    /// The functions that were run.
    seen: BTreeSet<FunctionId>,
    /// Which of the runs drop what; sorted when first asked for.
    droppers: OnceLock<Droppers>,
    /// Which runs store what; found when first asked for.
    storing: OnceLock<StoredKeys<usize>>,
    /// What is looked up; found when first asked for.
    lookups: OnceLock<Lookups>,
    /// Which run is that of a function alone; found when first asked for.
    by_function: OnceLock<FxHashMap<FunctionId, usize>>,
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
        survey.run_inherited(interp, crew, first);
        for run in &survey.runs[first..] {
            let by_class = is_completed_by_class(interp, run.function);
            // What the function around it is given, such as the one that it decorates, is not known there.
            let is_nested = program.outermost(run.function) != run.function;
            // What the block has done to the instance, neither.
            let is_of_context = is_of_context(program.function_name(run.function));
            let is_completed = |effect: &Effect| {
                is_completed_by_callers(&effect.kind)
                    || ((is_nested || is_of_context) && is_left_open(&effect.kind))
                    || (by_class
                        && effect.is_direct()
                        && (drops_a_key(&effect.kind) || is_left_open(&effect.kind)))
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
            is_behind_write |= matches!(*effect.kind, EffectKind::Write(_));
            let is_known = || match &*effect.kind {
                EffectKind::Drop(dropped) => is_whole(dropped),
                // What is stored replaces an older value only behind a write, a counter's at any time.
                EffectKind::Fill(fill) => is_behind_write || goal.counts(&fill.key),
                _ => true,
            };
            effect.hook.is_none() && goal.is_reached_by(&effect.kind) && is_known()
        })
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
            self.runs.push(Run { function, effects, level, drops, is_inherited: false });
        }
        self.droppers = OnceLock::new();
        self.storing = OnceLock::new();
        self.by_function = OnceLock::new();
    }

    /// Runs, of the runs from `first` on, methods that store what they do not know by themselves on the instances
    /// that modules bind, and on the classes that inherit them: what calls these may be out of sight.
    fn run_inherited(&mut self, interp: &mut Interp<'_>, crew: &mut Crew<'_>, first: usize) {
        let mut inherited: Vec<(FunctionId, Value)> = Vec::new();
        for run in &self.runs[first..] {
            let mut is_open = |effect: &Effect| {
                effect.is_direct()
                    && (is_left_open(&effect.kind)
                        || has_open_key(&effect.kind)
                        || is_of_abstract_model(interp, &effect.kind))
            };
            if run.effects.iter().any(&mut is_open) {
                let receivers = receivers_of(interp, run.function).into_iter();
                inherited.extend(receivers.map(|receiver| (run.function, receiver)));
            }
        }
        let done = crew.each(&inherited, |interp, (function, receiver)| {
            let site = interp.program.function_location(*function);
            let name = interp.program.function_name(*function);
            interp.follow_method(receiver, name, Args::unknown(), site)
        });
        for ((function, _), effects) in inherited.into_iter().zip(done) {
            let level = self.runs[first].level;
            self.runs.push(Run { function, effects, level, drops: false, is_inherited: true });
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
            self.runs.push(Run {
                function: *function,
                effects,
                level: 0,
                drops: false,
                is_inherited: false,
            });
        }
    }

    /// The run of a function by itself, where there is one.
    pub fn run_of(&self, function: FunctionId) -> Option<&Run> {
        let by_function = self.by_function.get_or_init(|| {
            let own = self.runs.iter().enumerate().filter(|(_, run)| !run.is_inherited);
            own.map(|(at, run)| (run.function, at)).collect()
        });
        by_function.get(&function).map(|at| &self.runs[*at])
    }

    /// The keys of stores that something counts up or down.
    pub fn counted(&self) -> Vec<&Dropped> {
        let effects = self.runs.iter().flat_map(|run| &run.effects);
        let counted = effects.filter_map(|effect| match &*effect.kind {
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
        let goals = Goals::of(entries);
        let mismatches = self.mismatches(program);
        let mut is_meant: FxHashMap<&Dropped, bool> = FxHashMap::default();
        let mut callers: Vec<FunctionId> = Vec::new();
        let mut storing: Vec<FunctionId> = Vec::new();
        for run in self.runs.iter().filter(|run| run.level == 0) {
            let matters = run.effects.iter().any(|effect| match &*effect.kind {
                EffectKind::Drop(dropped) => {
                    (dropped.key.is_none() && effect.kind.variable().is_none())
                        || mismatches.contains_key(&effect.site)
                        || *is_meant
                            .entry(dropped)
                            .or_insert_with(|| goals.are_reached_by(&effect.kind))
                }
                _ => false,
            });
            if matters {
                callers.extend(callers_of(program, run.function));
            }
            let stores_anew = |effect: &Effect| match &*effect.kind {
                EffectKind::Fill(fill) => {
                    fill.overwrites && fill.is_specific() && goals.are_reached_by(&effect.kind)
                }
                _ => false,
            };
            if run.effects.iter().any(stores_anew) {
                storing.extend(callers_of(program, run.function));
            }
        }
        let first = self.runs.len();
        self.run(program, crew, callers, 1);
        self.run_storing(program, crew, storing);
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

    /// Runs the callers of what stores an entry anew, for nothing but what they write and store: they may do so
    /// in place of a drop.
    fn run_storing(
        &mut self,
        program: &Program<'_>,
        crew: &mut Crew<'_>,
        callers: Vec<FunctionId>,
    ) {
        let first = self.runs.len();
        self.run(program, crew, callers, 1);
        for run in &mut self.runs[first..] {
            run.effects.retain(|effect| match &*effect.kind {
                EffectKind::Drop(_) => false,
                EffectKind::Fill(fill) => fill.is_specific(),
                _ => true,
            });
            run.drops = run.effects.iter().any(|effect| effect.kind.may_drop());
        }
    }

    /// Runs the callers of those among the runs from `first` on that do nothing but drop one of `goals` by
    /// its key for whoever calls them.
    fn follow_forwarders(
        &mut self,
        program: &Program<'_>,
        crew: &mut Crew<'_>,
        goals: &Goals,
        mut first: usize,
    ) {
        for level in 2..MAX_LEVELS {
            let only_drops = |effect: &Effect| match &*effect.kind {
                EffectKind::Drop(dropped) => dropped.key.is_some(),
                _ => false,
            };
            let reaches = |effect: &Effect| goals.are_reached_by(&effect.kind);
            let hands_on =
                |run: &&Run| run.effects.iter().all(only_drops) && run.effects.iter().any(reaches);
            let forwarders = self.runs[first..].iter().filter(hands_on);
            let callers = forwarders.flat_map(|run| callers_of(program, run.function)).collect();
            first = self.runs.len();
            self.run(program, crew, callers, level);
        }
    }

    /// Where the receivers of methods tell under which key rows are stored.
    fn told_by_receivers(&self) -> FxHashSet<Location> {
        let inherited = self.runs.iter().filter(|run| run.is_inherited);
        let told = inherited.flat_map(|run| &run.effects).filter(|effect| match &*effect.kind {
            EffectKind::Fill(fill) => is_complete(fill) && fill.is_specific(),
            _ => false,
        });
        told.map(|effect| effect.site).collect()
    }

    /// What is stored where, each with the function that knows both the key and the rows.
    pub fn fills(&self) -> Vec<(&Run, &Effect, &Fill)> {
        let mut fills = Vec::new();
        let mut known: FxHashSet<Location> = FxHashSet::default();
        let mut last = 0;
        let mut of_level: Vec<Location> = Vec::new();
        let told = self.told_by_receivers();
        for run in &self.runs {
            if run.level != last {
                known.extend(of_level.drain(..));
                last = run.level;
            }
            for effect in &run.effects {
                let EffectKind::Fill(fill) = &*effect.kind else { continue };
                if !run.is_inherited && !fill.is_specific() && told.contains(&effect.site) {
                    continue;
                }
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

/// Whether something is stored of which it is not known what it was made from.
fn is_left_open(kind: &EffectKind) -> bool {
    matches!(kind, EffectKind::Fill(fill) if !is_complete(fill))
}

/// Whether something is stored under a key of which nothing is known.
fn has_open_key(kind: &EffectKind) -> bool {
    matches!(kind, EffectKind::Fill(fill) if !fill.is_specific())
}

/// Whether rows are stored of a model that has none of its own.
fn is_of_abstract_model(interp: &mut Interp<'_>, kind: &EffectKind) -> bool {
    let EffectKind::Fill(fill) = kind else { return false };
    fill.taint.iter().filter_map(|source| source.model).any(|model| interp.is_abstract(model))
}

/// Whether a key of a store is dropped.
fn drops_a_key(kind: &EffectKind) -> bool {
    let has_key = matches!(kind, EffectKind::Drop(dropped) if dropped.key.is_some());
    has_key && kind.variable().is_none()
}

/// What a method may be run on besides an instance of its own class of which nothing is known, where that is not too
/// much.
fn receivers_of(interp: &mut Interp<'_>, function: FunctionId) -> Vec<Value> {
    let program = interp.program;
    let Scope::Class(ix) = program.function(function).scope else { return Vec::new() };
    let class = ClassId { file: function.file, ix };
    let below = match program.has_subclasses(class) {
        true => program.classes_below(class),
        false => Vec::new(),
    };
    if below.len() > MAX_HEIRS {
        return Vec::new();
    }
    let name = program.function_name(function);
    let mut receivers = interp.objects_at_top(class, MAX_HEIRS);
    for heir in below {
        let owner = interp.class_attribute(heir, name).map(|(_, owner)| owner);
        if owner != Some(class) {
            continue;
        }
        let bound = interp.objects_at_top(heir, MAX_HEIRS);
        if bound.is_empty() {
            receivers.push(interp.receiver_for(heir));
        }
        receivers.extend(bound);
    }
    receivers.truncate(MAX_HEIRS);
    receivers
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
