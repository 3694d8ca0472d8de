//! The calls that drop an entry: what the program has for that, else the store's own method.

use std::sync::Arc;

use super::stores;
use super::versions::{self, version_of};
use super::words::Importable;
use crate::facts::{NameId, ParamKind, Scope};
use crate::frameworks::StoreId;
use crate::graph::effect::{Effect, EffectKind, Goal};
use crate::graph::entries::{Entry, Holder, Stored};
use crate::graph::hooks::Hooks;
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::interp::Interp;
use crate::graph::key::{Origin, Part, Template};
use crate::graph::program::Program;
use crate::graph::survey::Survey;
use crate::graph::value::{Args, DescriptorKind, Value};
use crate::source::FileId;

/// A call, its arguments by the holes of the entry's key.
pub struct RawCall {
    /// What is called.
    pub callee: Importable,
    /// What it is given.
    pub arguments: Vec<RawArgument>,
    /// Whether it waits for the commit by itself.
    pub is_deferred: bool,
    /// Whether the program has it for just that.
    pub is_of_project: bool,
    /// Whether the holes are those of the version in the key, not of the key itself.
    pub is_of_version: bool,
    /// How many functions use it, and how many things it drops.
    pub rank: (usize, usize),
}

/// An argument of a [`RawCall`].
pub enum RawArgument {
    /// What fills a hole.
    Hole(usize),
    /// The row whose attribute of this path fills a hole.
    RowOf(usize, String),
    /// A key: text, and holes.
    Key(Vec<Result<String, usize>>),
    /// A number that no version had before.
    NewVersion,
    /// What says that it is kept until it is dropped, by the name of the parameter.
    Forever(String),
}

impl RawCall {
    /// A method of a store.
    pub fn of_store(callee: Importable, arguments: Vec<RawArgument>) -> RawCall {
        RawCall {
            callee,
            arguments,
            is_deferred: false,
            is_of_project: false,
            is_of_version: false,
            rank: (0, 0),
        }
    }
}

/// Finds the calls that drop an entry, the best first.
pub fn find(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    survey: &Survey,
    entry: &Entry,
) -> Vec<RawCall> {
    let Some(stored) = entry.fills.first() else { return Vec::new() };
    let goal = entry.goal();
    let mut calls: Vec<RawCall> = Vec::new();
    for run in survey.droppers_of(interp.program, &goal, []) {
        let function = run.function;
        let is_hook = || hooks.hold(function);
        if run.reaches(&goal).is_none() || is_hook() {
            continue;
        }
        match interp.program.function(function).scope {
            Scope::Module => calls.extend(of_function(interp, stored, &goal, function)),
            Scope::Class(ix) => {
                let class = ClassId { file: function.file, ix };
                calls.extend(of_method(interp, entry, stored, &goal, class, function));
            }
            Scope::Function(_) => {}
        }
    }
    calls.sort_by_key(|call| (std::cmp::Reverse(call.rank.0), call.rank.1));
    calls.extend(of_results(interp, entry, stored));
    calls.extend(stores::of_store(interp, stored));
    calls.extend(versions::renewal(interp, survey, stored));
    calls
}

/// A function at the top of a module.
fn of_function(
    interp: &mut Interp<'_>,
    stored: &Stored,
    goal: &Goal,
    function: FunctionId,
) -> Option<RawCall> {
    let program = interp.program;
    if !program.function(function).decorators.is_empty() {
        return None;
    }
    let callee = member(interp, function, program.function_name(function), String::new());
    let params = params(interp, function, 0)?;
    let args = symbols(function, &params);
    let effects = interp.follow_function(function, args);
    call(interp, stored, goal, function, &params, &effects, callee)
}

/// A method: of a class itself, of a manager of the entry's model, of an object at the top of a module.
fn of_method(
    interp: &mut Interp<'_>,
    entry: &Entry,
    stored: &Stored,
    goal: &Goal,
    class: ClassId,
    function: FunctionId,
) -> Option<RawCall> {
    let program = interp.program;
    let name = program.function_name(function);
    if program.class(class).scope != Scope::Module || name.starts_with("__") {
        return None;
    }
    let (value, _) = interp.class_attribute(class, name)?;
    let (receiver, callee, skipped) = match &value {
        Value::Descriptor(pair) => {
            let callee = member(interp, function, program.class_name(class), format!(".{name}"));
            match pair.0 {
                DescriptorKind::Static => (Value::Class(class), callee, 0),
                DescriptorKind::Class => (Value::Class(class), callee, 1),
                DescriptorKind::Property => return None,
            }
        }
        Value::Function(_) => {
            let (receiver, callee) = match &entry.holder {
                Holder::Manager { model, attribute, .. }
                    if interp.is_rows_class(&Value::Class(class)) =>
                {
                    let managers = interp.managers(*model);
                    let (_, rows) = managers.into_iter().find(|(name, _)| **name == **attribute)?;
                    let rest = format!(".{attribute}.{name}");
                    let mut callee = member(interp, function, program.class_name(*model), rest);
                    callee.module = program.modules.name(model.file).to_owned();
                    callee.location = Some(program.class_location(*model));
                    (rows, callee)
                }
                _ => object(interp, class, name)?,
            };
            (receiver, callee, 1)
        }
        _ => return None,
    };
    let params = params(interp, function, skipped)?;
    let site = program.function_location(function);
    let args = symbols(function, &params);
    let effects = interp.follow_method(&receiver, name, args, site);
    call(interp, stored, goal, function, &params, &effects, callee)
}

/// An object of a class that the top of a module makes, as the receiver of a method.
fn object(interp: &mut Interp<'_>, class: ClassId, method: &str) -> Option<(Value, Importable)> {
    let (value, file, name) = interp.object_at_top(class)?;
    Some((value, method_at_top(interp.program, file, name, method)?))
}

/// A method of what the top of a module binds to a name.
pub fn method_at_top(
    program: &Program<'_>,
    file: FileId,
    name: &str,
    method: &str,
) -> Option<Importable> {
    let value = program.value_at_top(file, name)?;
    Some(Importable {
        location: Some(program.location(file, program.file(file).expr(value).span)),
        module: program.modules.name(file).to_owned(),
        name: name.to_owned(),
        rest: format!(".{method}"),
    })
}

/// The call of something that was run with its parameters standing for themselves.
fn call(
    interp: &Interp<'_>,
    stored: &Stored,
    goal: &Goal,
    function: FunctionId,
    params: &[Param],
    effects: &[Effect],
    callee: Importable,
) -> Option<RawCall> {
    if effects.iter().any(|effect| matches!(*effect.kind, EffectKind::Write(_))) {
        return None;
    }
    let drops = || effects.iter().filter(|effect| matches!(*effect.kind, EffectKind::Drop(_)));
    let effect =
        drops().find(|effect| !effect.by_convention && goal.is_reached_by(&effect.kind))?;
    let EffectKind::Drop(dropped) = &*effect.kind else { return None };
    let key = dropped.key.as_ref()?;
    let is_version =
        |version: &&Template| version.known().is_none() && version.shape() == key.shape();
    let version = version_of(stored).filter(is_version);
    let (by_key, labels) = match version {
        Some(version) => (origins(key.parts.iter()), labels(version.parts.iter())),
        None => {
            let keys = std::iter::once(&stored.fill.key).chain(&stored.fill.field);
            let parts = keys.flat_map(|key| &key.parts);
            (origins_by_hole(stored, key, dropped.field.as_deref())?, labels(parts))
        }
    };
    let mut arguments = Vec::new();
    for param in params {
        let holds = |origin: &Option<Origin>| match origin {
            Some(Origin::Param(of, name, path)) if *of == function && *name == param.name => {
                Some(path.to_string())
            }
            _ => None,
        };
        let by_origin =
            by_key.iter().enumerate().find_map(|(hole, origin)| Some((hole, holds(origin)?)));
        let text = interp.program.file(function.file).name(param.name);
        let by_label = || labels.iter().position(|label| **label == *text);
        match by_origin {
            Some((hole, path)) if path.is_empty() => arguments.push(RawArgument::Hole(hole)),
            Some((hole, path)) => arguments.push(RawArgument::RowOf(hole, path)),
            None if param.is_optional => break,
            // It is not part of the key that is dropped, but of the one that is stored.
            None => arguments.push(RawArgument::Hole(by_label()?)),
        }
    }
    let used = interp.program.functions_mentioning(interp.program.function_name(function)).len();
    Some(RawCall {
        callee,
        arguments,
        is_deferred: effect.timing.deferred,
        is_of_project: true,
        is_of_version: version.is_some(),
        rank: (used, drops().count()),
    })
}

/// For each hole of the stored key what fills it in a dropped one; nothing where a counter in the key is
/// dropped, and `None` where the two cannot be held against each other.
fn origins_by_hole(
    stored: &Stored,
    key: &Template,
    field: Option<&Template>,
) -> Option<Vec<Option<Origin>>> {
    if stored.fill.key.read_from().any(|version| key.shape() == version.shape()) {
        return key.known().map(|_| Vec::new());
    }
    if key.shape() != stored.fill.key.shape() {
        return None;
    }
    match (&stored.fill.field, field) {
        (None, None) => {}
        (Some(own), Some(other)) if own.shape() == other.shape() => {}
        _ => return None,
    }
    Some(origins(key.parts.iter().chain(field.into_iter().flat_map(|field| &field.parts))))
}

/// What fills each hole among the parts of a key.
fn origins<'k>(parts: impl Iterator<Item = &'k Part>) -> Vec<Option<Origin>> {
    let origin = |part: &Part| match part {
        Part::Hole { origin, read_from: None, .. } => Some(origin.clone()),
        _ => None,
    };
    parts.filter_map(origin).collect()
}

/// What the code that stores calls what fills each hole.
fn labels<'k>(parts: impl Iterator<Item = &'k Part>) -> Vec<Arc<str>> {
    let label = |part: &Part| match part {
        Part::Hole { label, read_from: None, .. } => Some(label.clone()),
        _ => None,
    };
    parts.filter_map(label).collect()
}

/// The method by which a memoised function forgets all it returned.
fn of_results(interp: &Interp<'_>, entry: &Entry, stored: &Stored) -> Option<RawCall> {
    let program = interp.program;
    let Holder::Function(function) = &entry.holder else { return None };
    let store = stored.fill.store.as_ref().filter(|store| store.kind == StoreId::PROCESS)?;
    let is_own = store.alias.as_deref() == Some(&program.qualified_function(*function));
    if !is_own || program.function(*function).scope != Scope::Module {
        return None;
    }
    let method = program.frameworks.forgetting_in_process()?;
    let name = program.function_name(*function);
    Some(RawCall {
        callee: member(interp, *function, name, format!(".{method}")),
        arguments: Vec::new(),
        is_deferred: false,
        is_of_project: true,
        is_of_version: false,
        rank: (0, 0),
    })
}

fn member(interp: &Interp<'_>, function: FunctionId, name: &str, rest: String) -> Importable {
    Importable {
        location: Some(interp.program.function_location(function)),
        module: interp.program.modules.name(function.file).to_owned(),
        name: name.to_owned(),
        rest,
    }
}

/// A parameter that a call can fill.
struct Param {
    name: NameId,
    is_optional: bool,
}

/// The parameters behind the first `skipped`; `None` where one can be given by name only.
fn params(interp: &Interp<'_>, function: FunctionId, skipped: usize) -> Option<Vec<Param>> {
    let params = interp.program.function(function).params.iter().skip(skipped);
    let mut found = Vec::new();
    for param in params {
        match (param.kind, param.default.is_some()) {
            (ParamKind::Positional, is_optional) => {
                found.push(Param { name: param.name, is_optional });
            }
            (ParamKind::KeywordOnly, false) => return None,
            _ => {}
        }
    }
    Some(found)
}

/// The parameters that must be given, each standing for itself.
fn symbols(function: FunctionId, params: &[Param]) -> Args {
    let given = params.iter().filter(|param| !param.is_optional);
    Args::positional(given.map(|param| Value::Symbol(function, param.name)))
}
