//! Which names of a file may stand for a store, going by spelling alone, and the functions near them.

use rustc_hash::FxHashSet;

use super::program::{last_name, last_name_id};
use crate::facts::{ExprId, ExprKind, FileFacts, FunctionIx, NameId, StmtKind};
use crate::frameworks::Frameworks;

/// How many statements a function has at the most that does no more than return a store.
const SMALL: usize = 6;

/// The names by which other files may get at the stores of a file: variables that hold one, what is
/// made with one (`box = Box(cache)`), and small functions that mention one.
pub fn handed_on<'a>(facts: &'a FileFacts, frameworks: &Frameworks) -> Vec<&'a str> {
    let stores = names_of_stores(facts, frameworks, &FxHashSet::default());
    let is_store = |name: Option<NameId>| name.is_some_and(|name| stores.contains(&name));
    let assigned = facts.stmts.iter().filter_map(|stmt| match stmt.kind {
        StmtKind::Assign { target, value: Some(value), .. } => Some((target, value)),
        _ => None,
    });
    let variables = assigned
        .filter(|(_, value)| {
            let made_with = match facts.expr(*value).kind {
                ExprKind::Call { args, .. } => {
                    facts.args(args).iter().any(|arg| is_store(last_name_id(facts, arg.value)))
                }
                _ => false,
            };
            made_with || leads_from(facts, *value, &stores)
        })
        .filter_map(|(target, _)| last_name(facts, target));
    let functions = facts.functions.iter().filter(|function| {
        facts.block(function.body).len() <= SMALL
            && function.mentions.iter().any(|name| stores.contains(name))
    });
    let functions = functions.map(|function| facts.name(function.name));
    variables.chain(functions).filter(|name| !name.is_empty()).collect()
}

/// Whether an expression starts from, or passes, one of some names: `client` of `client.pipeline()`.
fn leads_from(facts: &FileFacts, expr: ExprId, names: &FxHashSet<NameId>) -> bool {
    match facts.expr(expr).kind {
        ExprKind::Name(name) => names.contains(&name),
        ExprKind::Attribute { value, attr } => {
            names.contains(&attr) || leads_from(facts, value, names)
        }
        ExprKind::Call { func: inner, .. } | ExprKind::Subscript { value: inner, .. } => {
            leads_from(facts, inner, names)
        }
        _ => false,
    }
}

/// The functions of a file that mention a store and one of its writing methods.
pub fn functions_near(
    facts: &FileFacts,
    frameworks: &Frameworks,
    handed: &FxHashSet<&str>,
) -> Vec<FunctionIx> {
    let may = frameworks.may_name_store(&facts.names);
    if !may && (handed.is_empty() || !facts.names.iter().any(|name| handed.contains(name))) {
        return Vec::new();
    }
    let stores = names_of_stores(facts, frameworks, handed);
    let writers: FxHashSet<NameId> = facts
        .names
        .iter()
        .enumerate()
        .filter(|(_, name)| frameworks.is_store_writer(name))
        .map(|(at, _)| NameId(at as u32))
        .collect();
    let functions = facts.functions.iter().enumerate();
    functions
        .filter(|(_, function)| {
            let mentions = |names: &FxHashSet<NameId>| {
                function.mentions.iter().any(|name| names.contains(name))
            };
            // A lambda is run by the function round it.
            !facts.name(function.name).is_empty() && mentions(&writers) && mentions(&stores)
        })
        .map(|(ix, _)| FunctionIx(ix as u32))
        .collect()
}

/// The names of a file that may be those of a store: by convention, by where they are imported from,
/// or by what is assigned to them.
fn names_of_stores(
    facts: &FileFacts,
    frameworks: &Frameworks,
    handed: &FxHashSet<&str>,
) -> FxHashSet<NameId> {
    let by_spelling = |name: &str| {
        frameworks.is_store_word(name)
            || frameworks.names_store(name.strip_prefix("get_").unwrap_or(name))
            || handed.contains(name)
    };
    let mut names: FxHashSet<NameId> = facts
        .names
        .iter()
        .enumerate()
        .filter(|(_, name)| by_spelling(name))
        .map(|(at, _)| NameId(at as u32))
        .collect();
    // A name may be assigned from one that is assigned further down.
    for _ in 0..2 {
        for stmt in &facts.stmts {
            match stmt.kind {
                StmtKind::ImportFrom { member, name, .. } if names.contains(&member) => {
                    names.insert(name);
                }
                StmtKind::Assign { target, value: Some(value), .. } => {
                    if leads_from(facts, value, &names)
                        && let Some(to) = last_name_id(facts, target)
                    {
                        names.insert(to);
                    }
                }
                StmtKind::With { context, target: Some(target), .. } => {
                    if leads_from(facts, context, &names)
                        && let Some(to) = last_name_id(facts, target)
                    {
                        names.insert(to);
                    }
                }
                _ => {}
            }
        }
    }
    names
}
