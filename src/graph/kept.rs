//! Which variables of modules and classes are caches: looked into first, and filled with rows where there
//! is nothing. Others that functions change are registries, settings, or state of a request.

use rustc_hash::{FxHashMap, FxHashSet};

use super::callers::callers_of;
use super::effect::{Effect, EffectKind, Fill};
use super::entries::Entry;
use super::hooks::Hooks;
use super::ids::{ClassId, FunctionId};
use super::interp::Interp;
use super::program::{Program, last_name};
use super::short_lived::is_short_lived;
use super::survey::{Run, Survey};
use super::value::StoreRef;
use crate::facts::{ExprId, ExprKind, FileFacts, FunctionFact, Scope};
use crate::frameworks::{Event, Role};
use crate::source::Location;

/// The places that fill variables in a run that looks into them. A function that compares what it fills says
/// so for its callers, too, whose runs may leave out what it is compared with.
pub fn filled_gaps(survey: &Survey) -> FxHashSet<Location> {
    let mut filled = FxHashSet::default();
    let mut compared: Vec<Location> = Vec::new();
    for run in &survey.runs {
        filled.extend(gaps_filled_by(&run.effects));
        if has_checks(&run.effects) {
            let own = run.effects.iter().filter(|effect| effect.is_direct());
            let fills = own.filter(|effect| matches!(*effect.kind, EffectKind::Fill(_)));
            compared.extend(fills.map(|effect| effect.site));
        }
    }
    for site in &compared {
        filled.remove(site);
    }
    filled
}

/// The places among some effects of one run that fill variables which it has looked into before. What it
/// compares with the database, or with a counter in a shared store, is no gap.
pub fn gaps_filled_by(effects: &[Effect]) -> impl Iterator<Item = Location> + '_ {
    let effects = if has_checks(effects) { &[] } else { effects };
    let fills = effects.iter().enumerate().filter_map(|(at, effect)| match &*effect.kind {
        EffectKind::Fill(fill) => Some((at, effect.site, variable_of(fill)?)),
        _ => None,
    });
    // What is filled whatever is there is read afterwards as it was just now.
    let fills_gap =
        |(at, _, store): &(usize, Location, &StoreRef)| looks_into(&effects[..*at], store);
    fills.filter(fills_gap).map(|(_, site, _)| site)
}

fn has_checks(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(*effect.kind, EffectKind::Check))
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
/// what it reads, nor `in_process` in a command, for an instance that is gone with the request or the call which
/// has made it, or in a function that is gone with the call which defines it.
pub fn results_stay(interp: &mut Interp<'_>, function: FunctionId, in_process: bool) -> bool {
    let program = interp.program;
    let facts = program.file(function.file);
    let fact = facts.function(function.ix);
    let mut params = fact.params.iter();
    let is_versioned = params.any(|param| program.frameworks.names_version(facts.name(param.name)));
    let ends = in_process
        && (interp.is_of_command(function.file)
            || is_only_called_around(facts, fact)
            || is_of_short_life(interp, function));
    !is_versioned && !ends
}

/// Whether a function is defined in another one that does nothing with it but call it.
fn is_only_called_around(facts: &FileFacts, fact: &FunctionFact) -> bool {
    let Scope::Function(around) = fact.scope else { return false };
    let exprs = facts.function(around).exprs;
    let is_name = |id: ExprId| facts.expr(id).kind == ExprKind::Name(fact.name);
    let uses = exprs.ids().filter(|id| is_name(*id)).count();
    let calls = exprs
        .ids()
        .filter(|id| matches!(facts.expr(*id).kind, ExprKind::Call { func, .. } if is_name(func)));
    // A function beside it may outlive the call, and call it then.
    let is_beside = |other: &&FunctionFact| {
        other.scope == fact.scope && *other != fact && other.exprs.ids().any(is_name)
    };
    uses == calls.count() && !facts.functions.iter().any(|other| is_beside(&other))
}

/// Whether a method is remembered for an instance that is gone with the request or the call which has made it.
fn is_of_short_life(interp: &mut Interp<'_>, function: FunctionId) -> bool {
    let program = interp.program;
    let facts = program.file(function.file);
    let fact = facts.function(function.ix);
    let Scope::Class(ix) = fact.scope else { return false };
    let is_of_class = fact.decorators.iter().any(|decorator| {
        matches!(last_name(facts, *decorator), Some("staticmethod" | "classmethod"))
    });
    let class = ClassId { file: function.file, ix };
    !is_of_class
        && (interp.has_role(class, &[Role::PerRequest, Role::Serializer])
            || is_short_lived(interp, class))
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
            || run.effects.iter().any(|effect| matches!(*effect.kind, EffectKind::Write(_)))
            || hooks.iter().any(|hook| hook.function() == Some(run.function) && of_rows(hook.event))
    };
    let mut open: Vec<(&Run, &Effect)> = Vec::new();
    let mut tied: FxHashMap<Location, Vec<FunctionId>> = FxHashMap::default();
    for run in &survey.runs {
        for effect in run.effects.iter().filter(|effect| goal.is_reached_by(&effect.kind)) {
            let is_gap = match &*effect.kind {
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
        match &*effect.kind {
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
    effects.iter().any(|effect| match &*effect.kind {
        EffectKind::Read { store: Some(store), .. } => store == variable,
        _ => false,
    })
}

fn tells_time(program: &Program<'_>, function: FunctionId) -> bool {
    program.frameworks.clock_words().any(|word| program.mentions(function, word))
}
