//! Functions that may keep receivers from running while rows are written, found by names alone.

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::hooks::Hook;
use super::ids::FunctionId;
use super::program::Program;
use crate::facts::{ExprId, ExprKind, FileFacts, FunctionIx, StmtKind};
use crate::source::{FileId, Span};

/// What code calls to keep a receiver from running.
const MUTING: [&str; 2] = ["disconnect", "receivers"];
/// What code asks for a mark that a row may lack.
const ASKING: [&str; 2] = ["getattr", "hasattr"];
/// How many calls away from what mutes a function may be.
const MAX_CALLS: usize = 2;
/// A name that more functions than this set is a common one, not a mark.
const MAX_MARKING: usize = 30;

/// The functions that disconnect or mute receivers, those that call them, and those that mark rows with
/// what a hook asks for.
pub fn find(program: &Program<'_>, hooks: &[Hook]) -> Vec<FunctionId> {
    let mut words: Vec<&str> = program.frameworks.muting_words().into_iter().collect();
    words.extend(MUTING);
    let mut found: Vec<FunctionId> = Vec::new();
    for word in &words {
        found.extend(program.functions_mentioning(word));
        found.extend(program.functions_decorated_by(word));
    }
    let names = program.names_reaching(found.clone(), MAX_CALLS);
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    for name in names {
        found.extend(program.functions_mentioning(name));
        found.extend(program.functions_decorated_by(name));
    }
    found.extend(marking(program, &marks(program, hooks)));
    found.sort_unstable();
    found.dedup();
    found
}

/// The names of attributes that the tests of hooks ask for.
fn marks<'a>(program: &Program<'a>, hooks: &[Hook]) -> FxHashSet<&'a str> {
    let live = hooks.iter().filter(|hook| hook.is_live()).filter_map(Hook::function);
    let frameworks = program.frameworks;
    let overrides = program
        .production_functions()
        .filter(|id| frameworks.model_method(program.function_name(*id)).is_some());
    let mut functions: Vec<FunctionId> = live.chain(overrides).collect();
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
        for test in tests {
            names.extend(asked_in(facts, facts.expr(test).span));
        }
    }
    names
}

/// The attributes that the expressions within a span read or ask for.
fn asked_in(facts: &FileFacts, within: Span) -> Vec<&str> {
    let inside = facts.exprs.iter().filter(|expr| within.contains(expr.span.start));
    let asked = inside.filter_map(|expr| match expr.kind {
        ExprKind::Attribute { attr, .. } => Some(facts.name(attr)),
        ExprKind::Call { func, args } => {
            let ExprKind::Name(name) = facts.expr(func).kind else { return None };
            let text = facts.args(args).get(1).map(|arg| facts.expr(arg.value).kind);
            match text {
                Some(ExprKind::Str(text)) if ASKING.contains(&facts.name(name)) => {
                    Some(facts.name(text))
                }
                _ => None,
            }
        }
        _ => None,
    });
    asked.collect()
}

/// The functions that set one of these attributes on something, where not too many do.
fn marking(program: &Program<'_>, marks: &FxHashSet<&str>) -> Vec<FunctionId> {
    let files: Vec<FileId> = program.production_files().collect();
    let set: Vec<(FunctionId, &str)> = files
        .par_iter()
        .flat_map_iter(|file| {
            let facts = program.file(*file);
            let targets = facts.stmts.iter().filter_map(|stmt| match stmt.kind {
                StmtKind::Assign { target, value: Some(_), .. } => Some(target),
                _ => None,
            });
            let set: Vec<(FunctionId, &str)> = targets
                .filter_map(|target| {
                    let mark = mark_of(facts, target).filter(|name| marks.contains(name))?;
                    Some((around(program, *file, facts.expr(target).span)?, mark))
                })
                .collect();
            set
        })
        .collect();
    let is_rare = |mark: &str| set.iter().filter(|(_, name)| *name == mark).count() <= MAX_MARKING;
    set.iter().filter(|(_, mark)| is_rare(mark)).map(|(function, _)| *function).collect()
}

/// The attribute that an assignment sets on a variable.
fn mark_of(facts: &FileFacts, target: ExprId) -> Option<&str> {
    match facts.expr(target).kind {
        ExprKind::Attribute { value, attr } => {
            matches!(facts.expr(value).kind, ExprKind::Name(_)).then(|| facts.name(attr))
        }
        _ => None,
    }
}

/// The innermost function round a place.
fn around(program: &Program<'_>, file: FileId, place: Span) -> Option<FunctionId> {
    let all = (0..program.file(file).functions.len() as u32).map(FunctionIx);
    let functions = all.map(|ix| FunctionId { file, ix });
    functions
        .filter(|id| program.extent(*id).contains(place.start))
        .max_by_key(|id| program.extent(*id).start)
}
