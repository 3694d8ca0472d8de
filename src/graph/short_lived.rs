//! Instances that are gone with the call which makes them, and with them all that is remembered for each.

use std::collections::BTreeSet;

use super::ids::{ClassId, FunctionId};
use super::interp::Interp;
use super::namespace::Namespace;
use super::program::{Program, last_name};
use super::value::Value;
use crate::facts::{ExprId, ExprKind, FileFacts, FunctionFact, StmtKind};

/// The methods by which instances that are not the same may be equal.
const COMPARING: [&str; 2] = ["__eq__", "__hash__"];

/// Whether each instance of a class is another key, and lives in a local variable of the function that makes it,
/// which does nothing but use it.
pub fn is_short_lived(interp: &mut Interp<'_>, class: ClassId) -> bool {
    let program = interp.program;
    if !is_told_apart(interp, class) {
        return false;
    }
    let names = program.named_with(class);
    let mut makers: Vec<FunctionId> =
        names.iter().flat_map(|name| program.functions_mentioning(name)).collect();
    makers.sort_unstable();
    makers.dedup();
    let makes_short_lived = |maker: &FunctionId| {
        let (facts, function) = (program.file(maker.file), program.function(*maker));
        let is_of_class = |id: &ExprId| match facts.expr(*id).kind {
            ExprKind::Name(name) | ExprKind::Attribute { attr: name, .. } => {
                names.contains(facts.name(name))
            }
            _ => false,
        };
        function.exprs.ids().filter(is_of_class).all(|named| is_used_up(facts, function, named))
    };
    !makers.is_empty() && makers.iter().all(makes_short_lived) && !is_made_at_top(program, &names)
}

/// Whether no two instances of a class are equal.
fn is_told_apart(interp: &mut Interp<'_>, class: ClassId) -> bool {
    let program = interp.program;
    let is_plain = |base: &Value| match base {
        Value::Class(base) => {
            let facts = program.file(base.file);
            let namespace = program.class_namespace(*base);
            let compares = namespace.names().any(|name| COMPARING.contains(&facts.name(name)));
            !compares && facts.class(base.ix).decorators.is_empty()
        }
        Value::External(path) => &**path == "builtins.object",
        _ => false,
    };
    !interp.is_model(class) && interp.order(class).iter().all(is_plain)
}

/// Whether a class is called outside functions.
fn is_made_at_top(program: &Program<'_>, names: &BTreeSet<&str>) -> bool {
    let words = program.vocabulary.select(names.iter().copied());
    program.vocabulary.files_with_any_of(&words).into_iter().any(|file| {
        let facts = program.file(file);
        let is_inside = |id: ExprId| {
            facts.functions.iter().any(|it| (it.exprs.start..it.exprs.end).contains(&id.0))
        };
        let is_made = |id: ExprId| match facts.expr(id).kind {
            ExprKind::Call { func, .. } => {
                last_name(facts, func).is_some_and(|name| names.contains(name))
            }
            _ => false,
        };
        let mut ids = (0..facts.exprs.len() as u32).map(ExprId);
        program.is_production(file) && ids.any(|id| is_made(id) && !is_inside(id))
    })
}

/// Whether what names a class in a function makes an instance there that the function keeps to itself.
fn is_used_up(facts: &FileFacts, function: &FunctionFact, named: ExprId) -> bool {
    let is_made = |id: &ExprId| match facts.expr(*id).kind {
        ExprKind::Call { func, .. } => func == named,
        _ => false,
    };
    let Some(made) = function.exprs.ids().find(is_made) else { return false };
    let is_receiver = |used: ExprId| {
        function.exprs.ids().any(|id| match facts.expr(id).kind {
            ExprKind::Attribute { value, .. } => value == used,
            _ => false,
        })
    };
    if is_receiver(made) {
        return true;
    }
    let locals = Namespace::of(facts, function.body);
    let bound = locals.values().into_iter().find(|(_, value)| *value == made);
    let Some((variable, _)) = bound else { return false };
    let uses = function.exprs.ids().filter(|id| facts.expr(*id).kind == ExprKind::Name(variable));
    let kept = uses.filter(|used| !is_receiver(*used)).count();
    kept == locals.all(variable).len()
        && !facts.stmts.iter().any(|stmt| stmt.kind == StmtKind::Outer(variable))
}
