//! Views whose responses are kept where they are put to use: in a list of URLs, or by a decorator of their
//! class. Those that a decorator of their own keeps are memoised functions like any other.

use super::hooks::function_of;
use super::ids::{ClassId, FunctionId};
use super::interp::Interp;
use super::program::{last_name, last_name_id};
use super::value::{Bound, Value};
use crate::facts::{ClassIx, ExprId, ExprKind, FileFacts};
use crate::frameworks::Role;
use crate::source::{FileId, Location};

/// The functions whose responses are kept, each with what is called instead of it.
pub fn kept(interp: &mut Interp<'_>) -> Vec<(FunctionId, Value)> {
    let program = interp.program;
    let words = program.frameworks.response_keeper_words();
    let mut found = Vec::new();
    for file in program.production_files() {
        let facts = program.file(file);
        if !words.iter().any(|word| facts.names.find(word).is_some()) {
            continue;
        }
        let bodies = facts.outer_bodies();
        for at in (0..facts.exprs.len() as u32).map(ExprId) {
            let next = bodies.partition_point(|body| body.end <= at.0);
            let in_function = bodies.get(next).is_some_and(|body| body.start <= at.0);
            if !in_function && last_name(facts, at).is_some_and(|name| words.contains(name)) {
                found.extend(put_to_use(interp, file, facts, at));
            }
        }
        for at in 0..facts.classes.len() as u32 {
            found.extend(decorated(interp, ClassId { file, ix: ClassIx(at) }));
        }
    }
    found
}

/// `keeper(arguments)(view)`, outside functions.
fn put_to_use(
    interp: &mut Interp<'_>,
    file: FileId,
    facts: &FileFacts,
    expr: ExprId,
) -> Option<(FunctionId, Value)> {
    let ExprKind::Call { func, args } = facts.expr(expr).kind else { return None };
    let (ExprKind::Call { .. }, [view]) = (facts.expr(func).kind, facts.args(args)) else {
        return None;
    };
    let keeper = interp.value_in_module(file, func);
    let (path, args) = interp.memoizer_of(&keeper)?;
    let view = match maker_of(interp, facts, view.value) {
        Some(class) => match interp.value_in_module(file, class) {
            Value::Class(class) => reader(interp, class)?,
            _ => return None,
        },
        None => interp.value_in_module(file, view.value),
    };
    let site = Location { file, span: facts.expr(expr).span };
    let (receiver, function) = match view {
        Value::Bound(bound) => (Some(bound.receiver.clone()), bound.function.clone()),
        other => (None, other),
    };
    let id = function_of(&function)?;
    match interp.memoise(path, &args, function, site) {
        kept @ Value::Memoised(_) => Some((id, bound(receiver, kept))),
        _ => None,
    }
}

/// The class of `Class.as_view()`.
fn maker_of(interp: &Interp<'_>, facts: &FileFacts, view: ExprId) -> Option<ExprId> {
    let ExprKind::Call { func, .. } = facts.expr(view).kind else { return None };
    let ExprKind::Attribute { value, attr } = facts.expr(func).kind else { return None };
    let makers = &interp.program.frameworks.views().makers;
    makers.iter().any(|maker| maker == facts.name(attr)).then_some(value)
}

/// The method of a view class in sight whose response may be kept, on an instance.
fn reader(interp: &mut Interp<'_>, class: ClassId) -> Option<Value> {
    let views = interp.program.frameworks.views();
    let names = views.readers.iter().chain(&views.dispatchers);
    names.into_iter().find_map(|name| method(interp, class, name))
}

fn method(interp: &mut Interp<'_>, class: ClassId, name: &str) -> Option<Value> {
    let (function, _) = interp.class_attribute(class, name)?;
    function_of(&function)?;
    let receiver = interp.receiver_for(class);
    Some(Value::Bound(Bound { receiver, function }.into()))
}

/// `@method_decorator(keeper(arguments), name="method")` before a class.
fn decorated(interp: &mut Interp<'_>, class: ClassId) -> Vec<(FunctionId, Value)> {
    let program = interp.program;
    let facts = program.file(class.file);
    let mut found = Vec::new();
    for &decorator in &program.class(class).decorators {
        if last_name_id(facts, decorator).is_none() {
            continue;
        }
        let Value::Partial(partial) = interp.value_in_module(class.file, decorator) else {
            continue;
        };
        if interp.value_role(&partial.callee) != Some(Role::MethodDecorator) {
            continue;
        }
        let Some(keeper) = partial.args.get(0, "decorator") else { continue };
        let Some((path, args)) = interp.memoizer_of(keeper) else { continue };
        let Some(name) = partial.args.keyword("name").and_then(Value::known_text) else { continue };
        let dispatches = program.frameworks.views().dispatchers.iter().any(|known| known == name);
        let view = match dispatches {
            true => reader(interp, class),
            false => method(interp, class, name),
        };
        let Some(Value::Bound(view)) = view else { continue };
        let Some(id) = function_of(&view.function) else { continue };
        let site = Location { file: class.file, span: facts.expr(decorator).span };
        if let kept @ Value::Memoised(_) = interp.memoise(path, &args, view.function.clone(), site)
        {
            found.push((id, bound(Some(view.receiver.clone()), kept)));
        }
    }
    found
}

fn bound(receiver: Option<Value>, function: Value) -> Value {
    match receiver {
        Some(receiver) => Value::Bound(Bound { receiver, function }.into()),
        None => function,
    }
}
