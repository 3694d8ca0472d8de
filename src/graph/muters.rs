//! Functions that may keep receivers from running while rows are written, found by names alone.

use std::collections::BTreeSet;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::hooks::{Hook, Hooks};
use super::ids::{ClassId, FunctionId};
use super::interp::{Interp, RECEIVERS};
use super::program::Program;
use super::value::Value;
use crate::facts::{ExprKind, FileFacts, FunctionIx, NameId, StmtKind};
use crate::source::{FileId, Span};

/// What code calls to keep a receiver from running.
const DISCONNECT: &str = "disconnect";
/// What code asks for a mark that a row may lack.
const ASKING: [&str; 2] = ["getattr", "hasattr"];
/// How many calls away from what mutes a function may be.
const MAX_CALLS: usize = 2;
/// A name that more functions than this mention says too little about who mutes what.
const MAX_MENTIONS: usize = 30;

/// The functions that disconnect or mute receivers, those that call them, and those that mark rows with
/// what a hook of some models asks for.
pub fn find(interp: &mut Interp<'_>, hooks: &Hooks, models: &[ClassId]) -> BTreeSet<FunctionId> {
    let program = interp.program;
    let mut found: Vec<FunctionId> = program.functions_mentioning(DISCONNECT).collect();
    for word in program.frameworks.muting_words().iter().map(String::as_str) {
        found.extend(program.functions_mentioning(word));
        found.extend(program.functions_decorated_by(word));
    }
    found.extend(setting(program, &FxHashSet::from_iter([RECEIVERS])));
    let names = program.names_reaching(found.clone(), MAX_CALLS);
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    for name in names {
        let callers = program.functions_mentioning(name);
        if callers.len() <= MAX_MENTIONS {
            found.extend(callers);
        }
        found.extend(program.functions_decorated_by(name));
    }
    let marking = setting(program, &marks(interp, hooks, models));
    found.extend(marking.into_iter().filter(|function| saves(program, *function)));
    found.into_iter().collect()
}

/// The names of no columns that the tests of hooks ask for, of hooks from which a drop can be reached.
fn marks<'a>(interp: &mut Interp<'a>, hooks: &Hooks, models: &[ClassId]) -> FxHashSet<&'a str> {
    let program = interp.program;
    let mut functions: Vec<FunctionId> = Vec::new();
    for model in models {
        let called = hooks.called_for([*model]).into_iter().map(|id| &hooks[id]);
        let called = called.filter(|hook| hook.is_live() && hook.hears(program, *model));
        functions.extend(called.filter_map(Hook::function));
        for class in interp.order(*model).iter() {
            let Value::Class(class) = class else { continue };
            let methods = program.methods_of(*class);
            functions.extend(methods.filter(|id| {
                program.frameworks.model_method(program.function_name(*id)).is_some()
            }));
        }
    }
    functions.retain(|function| interp.reaches_drop(*function));
    functions.sort_unstable();
    functions.dedup();
    let mut names = FxHashSet::default();
    for function in functions {
        let facts = program.file(function.file);
        let body = program.extent(function);
        let tests = facts.stmts.iter().filter_map(|stmt| match stmt.kind {
            StmtKind::If { test, .. } if body.contains(stmt.span.start) => Some(test),
            _ => None,
        });
        let params = &program.function(function).params;
        let is_given = |name: NameId| params.iter().any(|param| param.name == name);
        for test in tests {
            names.extend(asked_in(facts, facts.expr(test).span, is_given));
        }
    }
    names.retain(|name| !models.iter().any(|model| interp.is_column(*model, name)));
    names
}

/// The attributes of what a function `is_given` that the expressions within a span read or ask for.
fn asked_in(facts: &FileFacts, within: Span, is_given: impl Fn(NameId) -> bool) -> Vec<&str> {
    let of_given = |value| matches!(facts.expr(value).kind, ExprKind::Name(name) if is_given(name));
    let inside = facts.exprs.iter().filter(|expr| within.contains(expr.span.start));
    let asked = inside.filter_map(|expr| match expr.kind {
        ExprKind::Attribute { value, attr } => of_given(value).then(|| facts.name(attr)),
        ExprKind::Call { func, args } => {
            let ExprKind::Name(name) = facts.expr(func).kind else { return None };
            let [of, text, ..] = facts.args(args) else { return None };
            let asks = ASKING.contains(&facts.name(name)) && of_given(of.value);
            match facts.expr(text.value).kind {
                ExprKind::Str(text) if asks => Some(facts.name(text)),
                _ => None,
            }
        }
        _ => None,
    });
    asked.collect()
}

/// The functions that set one of these attributes on a variable, where not too many set it.
fn setting(program: &Program<'_>, names: &FxHashSet<&str>) -> Vec<FunctionId> {
    if names.is_empty() {
        return Vec::new();
    }
    let files: Vec<FileId> = program.production_files().collect();
    let set: Vec<(FunctionId, &str)> = files
        .par_iter()
        .flat_map_iter(|file| {
            let facts = program.file(*file);
            let targets = facts.stmts.iter().filter_map(|stmt| match stmt.kind {
                StmtKind::Assign { target, value: Some(_), .. } => Some(facts.expr(target)),
                _ => None,
            });
            let set: Vec<(FunctionId, &str)> = targets
                .filter_map(|target| {
                    let ExprKind::Attribute { attr, .. } = target.kind else { return None };
                    let name = Some(facts.name(attr)).filter(|name| names.contains(name))?;
                    Some((around(program, *file, target.span)?, name))
                })
                .collect();
            set
        })
        .collect();
    let is_rare = |name: &str| set.iter().filter(|(_, set)| *set == name).count() <= MAX_MENTIONS;
    set.iter().filter(|(_, name)| is_rare(name)).map(|(function, _)| *function).collect()
}

/// Whether a function saves or deletes rows.
fn saves(program: &Program<'_>, function: FunctionId) -> bool {
    let facts = program.file(function.file);
    let mentions = &facts.function(function.ix).mentions;
    mentions.iter().any(|name| program.frameworks.model_method(facts.name(*name)).is_some())
}

/// The innermost function round a place.
fn around(program: &Program<'_>, file: FileId, place: Span) -> Option<FunctionId> {
    let all = (0..program.file(file).functions.len() as u32).map(FunctionIx);
    let functions = all.map(|ix| FunctionId { file, ix });
    functions
        .filter(|id| program.extent(*id).contains(place.start))
        .max_by_key(|id| program.extent(*id).start)
}
