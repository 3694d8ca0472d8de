//! The classes whose constructors are handed a store, and the names by which they have it.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Stores, makes_object};
use crate::facts::{ArgKind, ExprKind, FunctionFact, NameId, ParamKind, StmtKind};
use crate::graph::ids::ClassId;
use crate::graph::program::{Program, last_name};
use crate::source::FileId;

const CONSTRUCTOR: &str = "__init__";

/// A store as an argument of a constructor: the name of the class, and which argument it is.
pub(super) type Gift<'a> = (&'a str, Argument<'a>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Argument<'a> {
    At(usize),
    Named(&'a str),
}

/// The stores that a file hands to what may be constructors.
pub(super) fn gifts<'a>(stores: &Stores<'a>) -> Vec<Gift<'a>> {
    let facts = stores.facts;
    let mut gifts = Vec::new();
    for expr in &facts.exprs {
        let ExprKind::Call { func, args } = expr.kind else { continue };
        if !makes_object(facts, func) {
            continue;
        }
        let Some(class) = last_name(facts, func) else { continue };
        for (at, arg) in facts.args(args).iter().enumerate() {
            let argument = match arg.kind {
                ArgKind::Positional => Argument::At(at),
                ArgKind::Keyword(name) => Argument::Named(facts.name(name)),
                ArgKind::Star | ArgKind::DoubleStar => break,
            };
            if stores.lead_to(arg.value) {
                gifts.push((class, argument));
            }
        }
    }
    gifts
}

/// By file, the names that mean a store there since a constructor is handed one: its parameter, and in the
/// files of classes that inherit it the attributes that it is kept in.
pub(super) fn names<'a>(
    program: &Program<'a>,
    gifts: impl Iterator<Item = Gift<'a>>,
) -> FxHashMap<FileId, Vec<NameId>> {
    let gifts: FxHashSet<Gift<'a>> = gifts.collect();
    let mut names: FxHashMap<FileId, Vec<NameId>> = FxHashMap::default();
    if gifts.is_empty() {
        return names;
    }
    let mut gifts: Vec<Gift<'a>> = gifts.into_iter().collect();
    gifts.sort_unstable();
    for (class, argument) in gifts {
        for owner in constructed(program, class) {
            let facts = program.file(owner.file);
            let Some(param) = taking(program, owner, argument) else { continue };
            names.entry(owner.file).or_default().push(param);
            let kept: Vec<&str> = facts
                .stmts
                .iter()
                .filter_map(|stmt| match stmt.kind {
                    StmtKind::Assign { target, value: Some(value), .. } => {
                        let is_kept = facts.expr(value).kind == ExprKind::Name(param);
                        let ExprKind::Attribute { attr, .. } = facts.expr(target).kind else {
                            return None;
                        };
                        is_kept.then(|| facts.name(attr))
                    }
                    _ => None,
                })
                .collect();
            let below = program.classes_below(owner).into_iter().map(|class| class.file);
            for file in below.filter(|file| *file != owner.file) {
                let found = kept.iter().filter_map(|name| program.file(file).names.find(name));
                names.entry(file).or_default().extend(found);
            }
        }
    }
    names
}

/// The classes that define the constructor of the classes of a name, going by the names of their bases.
fn constructed(program: &Program<'_>, name: &str) -> Vec<ClassId> {
    let mut found = Vec::new();
    let mut seen: FxHashSet<ClassId> = FxHashSet::default();
    let mut open: Vec<ClassId> = program.classes_named(name).to_vec();
    while let Some(class) = open.pop() {
        if !seen.insert(class) {
            continue;
        }
        if constructor(program, class).is_some() {
            found.push(class);
            continue;
        }
        let facts = program.file(class.file);
        for base in facts.args(program.class(class).bases) {
            let base = last_name(facts, base.value).unwrap_or_default();
            open.extend(program.classes_named(base));
        }
    }
    found
}

/// The parameter of a class's own constructor that takes an argument.
fn taking(program: &Program<'_>, class: ClassId, argument: Argument<'_>) -> Option<NameId> {
    let facts = program.file(class.file);
    let params = &constructor(program, class)?.params;
    let param = match argument {
        // The first is the instance.
        Argument::At(at) => {
            params.get(at + 1).filter(|param| param.kind == ParamKind::Positional)?
        }
        Argument::Named(name) => params.iter().find(|param| facts.name(param.name) == name)?,
    };
    Some(param.name)
}

fn constructor<'a>(program: &Program<'a>, class: ClassId) -> Option<&'a FunctionFact> {
    let facts = program.file(class.file);
    let name = facts.names.find(CONSTRUCTOR)?;
    let mut methods = facts.class(class.ix).methods.iter().map(|ix| facts.function(*ix));
    methods.find(|function| function.name == name)
}
