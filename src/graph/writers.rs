//! The code that writes rows of models that feed an entry, and whether a drop follows each write.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::callers::callers_of;
use super::effect::{Early, Effect, EffectKind, Goal, Write, WriteKind, ways};
use super::exclusion::exclude_each_other;
use super::hooks::Hooks;
use super::ids::{ClassId, FunctionId};
use super::interp::{Crew, Interp};
use super::model_words::names_of_savers;
use super::muters;
use super::program::Program;
use super::value::{Args, Value};
use super::writer_search::Search;
use crate::source::Location;

/// How many calls away from a write what calls its handlers may be.
const DISPATCHERS: usize = 2;
/// How many callers up a drop behind the call is looked for.
const MAX_CALLERS_UP: usize = 3;
/// How many effects are kept at the most of callers, for each who judges: some 100 MB.
const MAX_KEPT: usize = 200_000;

/// Functions that write rows, each run by itself with the hooks of the program.
#[derive(Debug, Clone, Default)]
pub struct Writers {
    /// What is known of them; copies share it.
    written: Arc<Written>,
    /// What each caller of one did, the function it calls included.
    callers: FxHashMap<FunctionId, Arc<[Effect]>>,
    /// How many effects these list.
    kept: usize,
}

/// Functions that write rows, and their writes.
#[derive(Debug, Default)]
struct Written {
    /// What each function did when it was run.
    runs: FxHashMap<FunctionId, Arc<[Effect]>>,
    /// The writes of each model, in source order.
    sites: FxHashMap<ClassId, Vec<Site>>,
}

/// A call that writes rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Where.
    pub location: Location,
    /// The function it stands in.
    pub function: FunctionId,
    /// What it writes.
    pub write: Write,
}

/// What becomes of an entry after a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A hook drops it, or too much follows to tell that none does.
    Hooked,
    /// The code that writes, or each of its callers, drops it.
    ByHand {
        /// The call that drops it.
        drop: Location,
        /// Whether it surely drops this very entry.
        is_sure: bool,
    },
    /// The code that writes drops it where it has made a row, and not where it has changed one.
    WhereMade {
        /// The call that drops it.
        drop: Location,
        /// Whether it surely drops this very entry.
        is_sure: bool,
    },
    /// Some callers of the code that writes drop it, others do not.
    Partly {
        /// A call that drops it.
        drop: Location,
        /// Whether it surely drops this very entry.
        is_sure: bool,
    },
    /// Nothing does.
    Open,
}

impl Outcome {
    fn by_hand(drop: &Effect, goal: &Goal) -> Outcome {
        Outcome::ByHand { drop: drop.place_in_function(), is_sure: drop.is_sure_drop(goal) }
    }
}

/// Which writes of some models are asked for.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Models of which every write is.
    pub all: Vec<ClassId>,
    /// Models of which those that send no signals are: hooks take care of the others.
    pub silent: Vec<ClassId>,
    /// Models of which deletes are: rows of other models may go with theirs.
    pub deletes: Vec<ClassId>,
}

/// Runs the functions that may do the writes that are wanted.
pub fn find(
    interp: &mut Interp<'_>,
    crew: &mut Crew<'_>,
    hooks: &Hooks,
    wanted: Wanted,
) -> Writers {
    let program = interp.program;
    let models = [wanted.all.as_slice(), wanted.silent.as_slice()].concat();
    let written = [models.as_slice(), &wanted.deletes].concat();
    let mut by_framework = interp.writers_of_supposed(&written);
    by_framework.extend(interp.actions_on(&written));
    let savers = names_of_savers(program);
    let searches = [
        Search::new(interp, wanted.all, &savers, program.frameworks.row_writers()),
        Search::new(interp, wanted.silent, &savers, program.frameworks.silent_writers()),
        Search::new(interp, wanted.deletes, &savers, program.frameworks.deleters()),
    ];
    let candidates: Vec<FunctionId> =
        searches.par_iter().flat_map(|search| search.functions(program)).collect();
    let candidates = candidates.into_iter().chain(by_framework);
    let (muting, plain) = {
        let mut muting: BTreeSet<FunctionId> = muters::find(interp, hooks, &models);
        let mut plain: BTreeSet<FunctionId> = candidates.collect();
        let mut is_left = |id: &FunctionId| !hooks.hold(*id) && !is_override(interp, *id);
        muting.retain(&mut is_left);
        plain.retain(|id| is_left(id) && !muting.contains(id));
        (muting, plain)
    };
    let run = |crew: &mut Crew<'_>, functions: &BTreeSet<FunctionId>| {
        let runs: Vec<(FunctionId, Args)> =
            functions.iter().map(|function| (*function, Args::unknown())).collect();
        let done = crew.follow_functions(&runs).into_iter();
        runs.into_iter().map(|(function, _)| function).zip(done).collect::<Vec<_>>()
    };
    let mut done = run(crew, &plain);
    if !muting.is_empty() {
        interp.enter_too(muting.iter().copied());
        // What is written while receivers are muted is often written by a function of its own.
        crew.tell(|interp| interp.enter_too(plain.union(&muting).copied()));
        done.extend(run(crew, &muting));
    }
    let mut written = Written::default();
    for (function, effects) in done {
        let effects: Arc<[Effect]> = effects.into();
        written.runs.insert(function, effects.clone());
        for effect in effects.iter() {
            let EffectKind::Write(write) = &*effect.kind else { continue };
            let Some(model) = write.model else { continue };
            let is_muted = write.muted.is_some_and(|at| program.holds(function, at));
            if effect.hook.is_some() || !(effect.is_direct() || is_muted) {
                continue;
            }
            let model = interp.concrete(model);
            let location =
                if effect.is_direct() { effect.site } else { effect.place_in_function() };
            let site = Site { location, function, write: write.clone() };
            let sites = written.sites.entry(model).or_default();
            // Those of one function stand together at the end. What an override writes in its turn is
            // written by the call of it, which says best what is done.
            let mut own = sites.iter().rev().take_while(|known| known.function == function);
            if !own.any(|known| known.location == site.location) {
                sites.push(site);
            }
        }
    }
    let entered = written.with_callers(program);
    interp.enter_too(entered.iter().copied());
    crew.tell(|interp| interp.enter_too(entered.iter().copied()));
    Writers { written: Arc::new(written), ..Writers::default() }
}

/// Whether a function overrides a method that writes, of a model, a manager or a queryset: what it
/// writes is what its callers do.
fn is_override(interp: &mut Interp<'_>, function: FunctionId) -> bool {
    let program = interp.program;
    let name = program.function_name(function);
    let Some(class) = program.enclosing_class(function) else { return false };
    let of_instances = program.frameworks.model_method(name).is_some()
        && (interp.is_model(class) || program.names_of_instances(class).len() > 1);
    let of_rows =
        program.frameworks.queryset_method(name).is_some() && interp.receiver_for(class).is_rows();
    of_instances || of_rows
}

impl Written {
    /// The functions that write, and those from which their callers reach them.
    fn with_callers(&self, program: &Program<'_>) -> Vec<FunctionId> {
        let mut all: FxHashSet<FunctionId> =
            self.sites.values().flatten().map(|site| site.function).collect();
        let mut open: Vec<FunctionId> = all.iter().copied().collect();
        for _ in 1..MAX_CALLERS_UP {
            let callers = open.iter().flat_map(|function| callers_of(program, *function));
            open = callers.filter(|caller| all.insert(*caller)).collect();
        }
        all.into_iter().collect()
    }
}

impl Writers {
    /// The writes of a model's table, through any class that shares it, in source order.
    pub fn of(&self, interp: &mut Interp<'_>, model: ClassId) -> Vec<Site> {
        let mut classes = interp.table_relatives(model);
        classes.push(interp.concrete(model));
        classes.sort_unstable();
        classes.dedup();
        let mut sites: Vec<Site> = classes
            .iter()
            .filter_map(|class| self.written.sites.get(class))
            .flatten()
            .cloned()
            .collect();
        sites.sort_by_key(|site| site.location);
        sites
    }

    /// What a function does when it is run by itself.
    fn run(
        &mut self,
        interp: &mut Interp<'_>,
        function: FunctionId,
        level: usize,
    ) -> Arc<[Effect]> {
        let runs = if level == 0 { &self.written.runs } else { &self.callers };
        if let Some(known) = runs.get(&function) {
            return known.clone();
        }
        let effects: Arc<[Effect]> = interp.follow_function(function, Args::unknown()).into();
        self.kept += effects.len();
        if self.kept > MAX_KEPT {
            self.callers.clear();
            self.kept = effects.len();
        }
        self.callers.insert(function, effects.clone());
        effects
    }

    /// Whether the entry of a goal would be dropped after a write, if the function muted no hook.
    pub fn is_muted(&self, interp: &mut Interp<'_>, site: &Site, goal: &Goal) -> bool {
        site.write.muted.is_some() && {
            let effects = interp.follow_unmuted(site.function);
            let outcome = followed(interp.program, site.function, &effects, site, goal);
            matches!(outcome, Some(Outcome::Hooked | Outcome::ByHand { .. }))
        }
    }

    /// What becomes of the entry of a goal after a write: the code behind it decides, or that behind
    /// each call of the function it stands in.
    pub fn outcome(&mut self, interp: &mut Interp<'_>, site: &Site, goal: &Goal) -> Outcome {
        self.outcome_in(interp, site, goal, site.function, 0)
    }

    /// The drops of code that writes and drops an entry before its transaction ends: one that it opens
    /// itself, or one that a caller keeps open.
    pub fn early_drop(
        &mut self,
        interp: &mut Interp<'_>,
        site: &Site,
        goal: &Goal,
    ) -> Option<Early> {
        let mut functions = vec![site.function];
        for level in 0..=MAX_CALLERS_UP {
            let mut callers = Vec::new();
            for function in functions {
                let effects = self.run(interp, function, level);
                if around(&effects, site).is_none() {
                    continue;
                }
                if let Some(early) = early(&effects, site, goal) {
                    return Some(early);
                }
                callers.extend(callers_of(interp.program, function));
            }
            functions = callers;
        }
        None
    }

    /// Whether the transaction of a write goes on behind it, as the code in sight opens it, and no code
    /// drops the entry by hand.
    pub fn goes_on(&mut self, interp: &mut Interp<'_>, site: &Site, goal: &Goal) -> bool {
        let mut functions = vec![site.function];
        for level in 0..=MAX_CALLERS_UP {
            let mut callers = Vec::new();
            for function in functions {
                let effects = self.run(interp, function, level);
                let Some((_, [write, after @ ..])) = around(&effects, site) else { continue };
                let by_hand =
                    |effect: &Effect| effect.hook.is_none() && goal.is_reached_by(&effect.kind);
                if after.iter().any(by_hand) {
                    return false;
                }
                if write.timing.in_transaction {
                    return true;
                }
                callers.extend(callers_of(interp.program, function));
            }
            functions = callers;
        }
        false
    }

    fn outcome_in(
        &mut self,
        interp: &mut Interp<'_>,
        site: &Site,
        goal: &Goal,
        function: FunctionId,
        level: usize,
    ) -> Outcome {
        let effects = self.run(interp, function, level);
        let followed = followed(interp.program, function, &effects, site, goal);
        let here = match followed.unwrap_or(Outcome::Open) {
            Outcome::Open => match stored_by_row(interp, &effects, site, goal) {
                Some(stored) => Outcome::by_hand(stored, goal),
                None => Outcome::Open,
            },
            outcome => outcome,
        };
        if here != Outcome::Open || level == MAX_CALLERS_UP {
            return here;
        }
        let mut covered: Option<Outcome> = None;
        let mut is_open = false;
        for caller in callers_of(interp.program, function) {
            let effects = self.run(interp, caller, level + 1);
            if around(&effects, site).is_none() {
                continue;
            }
            match self.outcome_in(interp, site, goal, caller, level + 1) {
                Outcome::Open => is_open = true,
                outcome @ Outcome::Partly { .. } => return outcome,
                outcome => covered = Some(outcome),
            }
        }
        match (covered, is_open) {
            (Some(Outcome::ByHand { drop, is_sure }), true) => Outcome::Partly { drop, is_sure },
            (Some(outcome), false) => outcome,
            _ => Outcome::Open,
        }
    }
}

/// What follows a write in a run of a function; `None` where the run does not come to it. What is done only
/// where the write is not says nothing of it.
fn followed(
    program: &Program<'_>,
    function: FunctionId,
    effects: &[Effect],
    site: &Site,
    goal: &Goal,
) -> Option<Outcome> {
    let (before, behind) = around(effects, site)?;
    let after = &behind[1..];
    if goal.is_reached_by(&behind[0].kind) {
        return Some(Outcome::Hooked);
    }
    let place = behind[0].place_in_function();
    let drops_it = |effect: &&Effect| {
        goal.is_reached_by(&effect.kind)
            && !exclude_each_other(program, function, place, effect.place_in_function())
    };
    // What more is done there, or by the handlers that it calls without showing them, cannot be told.
    let is_cut = behind.iter().any(|effect| match &*effect.kind {
        EffectKind::CutShort => true,
        EffectKind::Dispatched => effect.hook.is_none() && effect.calls.len() <= DISPATCHERS,
        _ => false,
    });
    let made_here = Some(behind[0].site);
    let drops = || after.iter().filter(drops_it);
    let always = drops().find(|drop| drop.timing.where_made != made_here);
    Some(match always.or_else(|| dropped_before(before, drops_it)) {
        Some(drop) if drop.hook.is_some() => Outcome::Hooked,
        Some(drop) if always.is_some() || !is_cut => Outcome::by_hand(drop, goal),
        _ if is_cut => Outcome::Hooked,
        _ => match drops().next().map(|drop| Outcome::by_hand(drop, goal)) {
            Some(Outcome::ByHand { drop, is_sure }) => Outcome::WhereMade { drop, is_sure },
            _ => Outcome::Open,
        },
    })
}

/// The drops of a run that come before the transaction of a write ends, where all do that it makes.
pub fn early(effects: &[Effect], site: &Site, goal: &Goal) -> Option<Early> {
    let (before, [write, after @ ..]) = around(effects, site)? else { return None };
    let reaches = |effect: &Effect| goal.is_taken_away_by(effect);
    let told = |first: &Effect| Early {
        drop: first.place_in_function(),
        ways: ways(effects, |effect| effect.hook.is_none() && reaches(effect)),
    };
    let mut drops = after.iter().filter(|effect| reaches(effect)).peekable();
    if drops.peek().is_none() {
        // What is dropped before the write can be put back by a reader until it is committed, unless it
        // waits for the commit of the same transaction.
        let waits = |effect: &Effect| effect.timing.deferred && reaches(effect);
        let first = dropped_before(before, |effect| reaches(effect))
            .filter(|drop| drop.is_sure_drop(goal))?;
        if is_of_another_write(before, first, site.write.model) {
            return None;
        }
        let is_late = write.timing.in_transaction && before.iter().any(waits);
        return (!is_late).then(|| told(first));
    }
    // What only its name says to invalidate, or what may drop anything, says nothing of when.
    let first = drops.clone().find(|drop| drop.is_sure_drop(goal))?;
    let in_transaction = drops.all(|drop| drop.hook.is_none() && drop.timing.in_transaction);
    in_transaction.then(|| told(first))
}

/// Whether a drop that comes before a write of a model belongs to another one that may be of it, behind which
/// the same call does it.
fn is_of_another_write(before: &[Effect], drop: &Effect, model: Option<ClassId>) -> bool {
    let Some(call) = drop.calls.second() else { return false };
    let sooner = before.iter().take_while(|effect| !std::ptr::eq(*effect, drop));
    let may_be_of_it = |effect: &&Effect| match &*effect.kind {
        EffectKind::Write(write) => {
            model.is_none() || write.model.is_none() || write.model == model
        }
        _ => false,
    };
    sooner.filter(may_be_of_it).any(|write| write.calls.second() == Some(call))
}

/// What a run does before a write, and the write with what it does after it; `None` where it does not
/// come to it.
fn around<'e>(effects: &'e [Effect], site: &Site) -> Option<(&'e [Effect], &'e [Effect])> {
    let is_site = |effect: &Effect| {
        matches!(*effect.kind, EffectKind::Write(_))
            && (effect.site == site.location || effect.calls.contains(site.location))
    };
    let at = effects.iter().position(is_site)?;
    Some(effects.split_at(at))
}

/// What a method of the row stores before the row is saved: what the row is about to be.
fn stored_by_row<'e>(
    interp: &mut Interp<'_>,
    effects: &'e [Effect],
    site: &Site,
    goal: &Goal,
) -> Option<&'e Effect> {
    let model = site.write.model.filter(|_| site.write.kind == WriteKind::Save)?;
    let (before, _) = around(effects, site)?;
    let order = interp.order(model);
    let program = interp.program;
    before.iter().find(|effect| {
        let is_stored = matches!(*effect.kind, EffectKind::Fill(_))
            && effect.hook.is_none()
            && goal.is_reached_by(&effect.kind);
        let class = |function| program.enclosing_class(function);
        is_stored
            && program
                .function_around(effect.site)
                .and_then(class)
                .is_some_and(|class| order.contains(&Value::Class(class)))
    })
}

/// A drop that is meant, by no hook, among what was done before a write.
fn dropped_before(before: &[Effect], is_meant: impl Fn(&&Effect) -> bool) -> Option<&Effect> {
    // What another function stores before the write is what it read: the old row.
    let keeps_old =
        |effect: &Effect| matches!(*effect.kind, EffectKind::Fill(_)) && !effect.is_direct();
    before.iter().find(|effect| effect.hook.is_none() && is_meant(effect) && !keeps_old(effect))
}
