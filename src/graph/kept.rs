//! Which variables of modules and classes are caches: looked into first, and filled with rows where there
//! is nothing. Others that functions change are registries, settings, or state of a request.

use rustc_hash::{FxHashMap, FxHashSet};

use super::callers::callers_of;
use super::effect::{Effect, EffectKind, Fill};
use super::entries::Entry;
use super::hooks::Hooks;
use super::ids::{ClassId, FunctionId};
use super::interp::Interp;
use super::program::Program;
use super::survey::{Run, Survey};
use super::value::StoreRef;
use crate::facts::Scope;
use crate::frameworks::Event;
use crate::source::Location;

/// The places that fill variables in a run that looks into them.
pub fn filled_gaps(survey: &Survey) -> FxHashSet<Location> {
    let mut filled = FxHashSet::default();
    for run in &survey.runs {
        filled.extend(gaps_filled_by(&run.effects));
    }
    filled
}

/// The places among some effects of one run that fill variables which it has looked into before. What it
/// compares with the database, or with a counter in a shared store, is no gap.
pub fn gaps_filled_by(effects: &[Effect]) -> impl Iterator<Item = Location> + '_ {
    let checks = effects.iter().any(|effect| matches!(effect.kind, EffectKind::Check));
    let effects = if checks { &[] } else { effects };
    let fills = effects.iter().enumerate().filter_map(|(at, effect)| match &effect.kind {
        EffectKind::Fill(fill) => Some((at, effect.site, variable_of(fill)?)),
        _ => None,
    });
    // What is filled whatever is there is read afterwards as it was just now.
    let fills_gap =
        |(at, _, store): &(usize, Location, &StoreRef)| looks_into(&effects[..*at], store);
    fills.filter(fills_gap).map(|(_, site, _)| site)
}

/// Whether what is kept in a variable stays there until it is dropped: not where its key holds a version
/// that a shared store tells, where somebody looks at the clock, or in a command, whose process ends with it.
pub fn stays(interp: &mut Interp<'_>, fill: &Fill) -> bool {
    let program = interp.program;
    let Some(dotted) = variable_of(fill).and_then(|store| store.alias.as_deref()) else {
        return false;
    };
    let Some(variable) = program.variables.named(dotted) else { return false };
    fill.key.read_from().next().is_none()
        && !variable.users.iter().any(|user| tells_time(program, *user))
        && !interp.is_of_command(variable.place.file)
}

/// Whether what a memoised function returned stays for its arguments: not where one of them is a version of
/// what it reads, nor `in_process` in a command.
pub fn results_stay(interp: &mut Interp<'_>, function: FunctionId, in_process: bool) -> bool {
    let program = interp.program;
    let facts = program.file(function.file);
    let mut params = facts.function(function.ix).params.iter();
    let is_versioned = params.any(|param| program.frameworks.names_version(facts.name(param.name)));
    let ends = in_process && interp.is_of_command(function.file);
    !is_versioned && !ends
}

/// Whether something takes out what a variable keeps, or replaces it, that has nothing to do with writes of
/// rows: the end of a request, a timer.
pub fn is_renewed_elsewhere(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    survey: &Survey,
    entry: &Entry,
    by_hooks: &[Location],
) -> bool {
    let goal = entry.goal();
    let mut stores = entry.fills.iter().filter_map(|stored| variable_of(&stored.fill));
    let Some(variable) = stores.next() else { return false };
    let of_rows = |event| matches!(event, Event::Save | Event::Delete | Event::M2m);
    let is_tied = |run: &Run, site| {
        by_hooks.contains(&site)
            || run.effects.iter().any(|effect| matches!(effect.kind, EffectKind::Write(_)))
            || hooks.iter().any(|hook| hook.function() == Some(run.function) && of_rows(hook.event))
    };
    let mut open: Vec<(&Run, &Effect)> = Vec::new();
    let mut tied: FxHashMap<Location, Vec<FunctionId>> = FxHashMap::default();
    for run in &survey.runs {
        for effect in run.effects.iter().filter(|effect| goal.is_reached_by(&effect.kind)) {
            let is_gap = match &effect.kind {
                EffectKind::Drop(_) => false,
                EffectKind::Fill(_) => looks_into(&run.effects, variable),
                _ => continue,
            };
            if is_gap || is_tied(run, effect.site) {
                tied.entry(effect.site).or_default().push(run.function);
            } else {
                open.push((run, effect));
            }
        }
    }
    let program = interp.program;
    open.into_iter().any(|(run, effect)| {
        let tied = tied.get(&effect.site).map_or(&[][..], Vec::as_slice);
        match &effect.kind {
            EffectKind::Fill(_) => {
                let callers = callers_of(program, run.function);
                callers.iter().any(|caller| !tied.contains(caller))
            }
            _ if !tied.is_empty() => false,
            _ => looks_into(&run.effects, variable) || !is_left_alone(interp, hooks, run.function),
        }
    })
}

/// Whether nothing runs a function: nothing in sight, and no framework, which may run methods of classes that
/// are neither models nor managers.
fn is_left_alone(interp: &mut Interp<'_>, hooks: &Hooks, function: FunctionId) -> bool {
    let program = interp.program;
    let fact = program.function(function);
    let is_reached = !fact.decorators.is_empty()
        || program.is_named_elsewhere(function)
        || !program.aliases_of(program.function_name(function)).is_empty()
        || hooks.hold(function);
    !is_reached
        && match fact.scope {
            Scope::Module => true,
            Scope::Class(ix) => {
                let class = ClassId { file: function.file, ix };
                interp.is_model(class) || interp.receiver_for(class).is_rows()
            }
            Scope::Function(_) => false,
        }
}

fn variable_of(fill: &Fill) -> Option<&StoreRef> {
    fill.store.as_ref().filter(|store| store.is_variable())
}

fn looks_into(effects: &[Effect], variable: &StoreRef) -> bool {
    effects.iter().any(|effect| match &effect.kind {
        EffectKind::Read { store: Some(store), .. } => store == variable,
        _ => false,
    })
}

fn tells_time(program: &Program<'_>, function: FunctionId) -> bool {
    program.frameworks.clock_words().any(|word| program.mentions(function, word))
}
