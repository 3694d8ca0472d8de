//! Dicts of modules and classes that functions hand to others, which put items into them.

use rustc_hash::FxHashSet;

use super::ids::FunctionId;
use super::program::{Program, last_name};
use crate::facts::{ExprId, ExprKind, FileFacts, NameId, StmtKind};
use crate::source::Span;

/// A dict that is an argument of a call, going by names.
#[derive(Debug, Clone, Copy)]
pub struct Handed<'a> {
    /// The function that is called.
    pub to: &'a str,
    /// The name of the dict.
    pub name: &'a str,
    /// Whether it is an attribute.
    pub is_member: bool,
}

/// Which dicts of a file its functions hand to others.
pub fn handed_on<'a>(
    facts: &'a FileFacts,
    dicts: &[(NameId, Span)],
    in_function: impl Fn(ExprId) -> bool,
) -> Vec<Handed<'a>> {
    if dicts.is_empty() {
        return Vec::new();
    }
    let is_dict = |name: NameId| dicts.iter().any(|(dict, _)| *dict == name);
    let mut handed = Vec::new();
    for (at, expr) in facts.exprs.iter().enumerate() {
        let ExprKind::Call { func, args } = expr.kind else { continue };
        for arg in facts.args(args) {
            let (name, is_member) = match facts.expr(arg.value).kind {
                ExprKind::Name(name) => (name, false),
                ExprKind::Attribute { attr, .. } => (attr, true),
                _ => continue,
            };
            if is_dict(name)
                && in_function(ExprId(at as u32))
                && let Some(to) = last_name(facts, func)
            {
                handed.push(Handed { to, name: facts.name(name), is_member });
            }
        }
    }
    handed
}

/// The names among some of functions that put items into one of their parameters.
pub fn fillers_among<'a>(program: &Program<'a>, names: FxHashSet<&'a str>) -> FxHashSet<&'a str> {
    if names.is_empty() {
        return names;
    }
    let named =
        program.production_functions().filter(|id| names.contains(program.function_name(*id)));
    let fills = |id: &FunctionId| {
        let facts = program.file(id.file);
        let fact = facts.function(id.ix);
        let is_param = |container: ExprId| match facts.expr(container).kind {
            ExprKind::Name(name) => fact.params.iter().any(|param| param.name == name),
            _ => false,
        };
        let is_item =
            |expr: ExprKind| matches!(expr, ExprKind::Subscript { value, .. } if is_param(value));
        let assigns_item = |stmt: StmtKind| match stmt {
            StmtKind::Assign { target, .. } => {
                let is_inside = fact.exprs.start <= target.0 && target.0 < fact.exprs.end;
                is_inside && is_item(facts.expr(target).kind)
            }
            _ => false,
        };
        facts.exprs_of(fact).iter().any(|expr| is_item(expr.kind))
            && facts.stmts.iter().any(|stmt| assigns_item(stmt.kind))
    };
    named.filter(fills).map(|id| program.function_name(id)).collect()
}
