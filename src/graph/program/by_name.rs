//! What is found by its name alone, whatever a name stands for where it is used.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Program, last_name};
use crate::facts::{ExprId, ExprKind, FunctionFact, Scope, StmtKind};
use crate::graph::ids::{ClassId, FunctionId};

/// The names of production classes by the last segment of each base.
pub(super) fn subclasses<'a>(program: &Program<'a>) -> FxHashMap<&'a str, Vec<&'a str>> {
    let mut subclasses: FxHashMap<&'a str, Vec<&'a str>> = FxHashMap::default();
    for class in program.production_classes() {
        let facts = program.file(class.file);
        for arg in facts.args(facts.class(class.ix).bases) {
            if let Some(base) = last_name(facts, arg.value) {
                subclasses.entry(base).or_default().push(program.class_name(class));
            }
        }
    }
    subclasses
}

/// The production classes by name.
pub(super) fn classes<'a>(program: &Program<'a>) -> FxHashMap<&'a str, Vec<ClassId>> {
    let mut classes: FxHashMap<&'a str, Vec<ClassId>> = FxHashMap::default();
    for class in program.production_classes() {
        classes.entry(program.class_name(class)).or_default().push(class);
    }
    classes
}

/// The methods of production classes by name, and how many production functions have each name.
pub(super) fn definitions<'a>(
    program: &Program<'a>,
) -> (FxHashMap<&'a str, Vec<FunctionId>>, FxHashMap<&'a str, usize>) {
    let mut methods: FxHashMap<&'a str, Vec<FunctionId>> = FxHashMap::default();
    let mut definitions: FxHashMap<&'a str, usize> = FxHashMap::default();
    for function in program.production_functions() {
        let name = program.function_name(function);
        *definitions.entry(name).or_default() += 1;
        if matches!(program.function(function).scope, Scope::Class(_)) {
            methods.entry(name).or_default().push(function);
        }
    }
    (methods, definitions)
}

/// The production functions by the last segment of each of their decorators.
pub(super) fn decorated<'a>(program: &Program<'a>) -> FxHashMap<&'a str, Vec<FunctionId>> {
    let mut decorated: FxHashMap<&'a str, Vec<FunctionId>> = FxHashMap::default();
    for function in program.production_functions() {
        let facts = program.file(function.file);
        for decorator in &facts.function(function.ix).decorators {
            if let Some(name) = last_name(facts, *decorator) {
                decorated.entry(name).or_default().push(function);
            }
        }
    }
    decorated
}

/// Other names of something by its name: aliases of imports, and variables of modules that hold it.
pub(super) fn holders<'a>(program: &Program<'a>) -> FxHashMap<&'a str, Vec<&'a str>> {
    let mut holders: FxHashMap<&'a str, Vec<&'a str>> = FxHashMap::default();
    for file in program.production_files() {
        let facts = program.file(file);
        for (name, value) in program.namespaces[file.0 as usize].values() {
            let held: Vec<ExprId> = match facts.expr(value).kind {
                ExprKind::Dict(items) | ExprKind::Sequence(items) => facts.list(items).to_vec(),
                ExprKind::Name(_) | ExprKind::Attribute { .. } | ExprKind::Call { .. } => {
                    vec![value]
                }
                _ => continue,
            };
            for held in held.iter().filter_map(|held| last_name(facts, *held)) {
                holders.entry(held).or_default().push(facts.name(name));
            }
        }
        for stmt in &facts.stmts {
            if let StmtKind::ImportFrom { member, name, .. } = stmt.kind
                && member != name
            {
                holders.entry(facts.name(member)).or_default().push(facts.name(name));
            }
        }
    }
    holders
}

/// The attributes by which functions hand out what they define, such as `wrapper.forget = forget` in a
/// decorator, by the names of the functions around it.
pub(super) fn handed_out<'a>(program: &Program<'a>) -> FxHashMap<&'a str, Vec<&'a str>> {
    let mut handed: FxHashMap<&'a str, Vec<&'a str>> = FxHashMap::default();
    for file in program.production_files() {
        let facts = program.file(file);
        let is_nested = |function: &&FunctionFact| matches!(function.scope, Scope::Function(_));
        let nested: Vec<&FunctionFact> = facts.functions.iter().filter(is_nested).collect();
        if nested.is_empty() {
            continue;
        }
        for stmt in &facts.stmts {
            let StmtKind::Assign { target, value: Some(value), .. } = stmt.kind else { continue };
            let ExprKind::Attribute { attr, .. } = facts.expr(target).kind else { continue };
            let function = match facts.expr(value).kind {
                ExprKind::Lambda(ix) => Some(facts.function(ix)),
                ExprKind::Name(name) => {
                    nested.iter().find(|function| function.name == name).copied()
                }
                _ => None,
            };
            let mut scope = function.map(|function| function.scope);
            while let Some(Scope::Function(ix)) = scope {
                let around = facts.function(ix);
                handed.entry(facts.name(around.name)).or_default().push(facts.name(attr));
                scope = Some(around.scope);
            }
        }
    }
    handed
}

/// The names of attributes that production code sets on what is not the `self` of a method.
pub(super) fn set_attributes<'a>(program: &Program<'a>) -> FxHashSet<&'a str> {
    let mut set = FxHashSet::default();
    for file in program.production_files() {
        let facts = program.file(file);
        for stmt in &facts.stmts {
            if let StmtKind::Assign { target, .. } = stmt.kind
                && let ExprKind::Attribute { value: owner, attr } = facts.expr(target).kind
                && !matches!(facts.expr(owner).kind, ExprKind::Name(name) if facts.name(name) == "self")
            {
                set.insert(facts.name(attr));
            }
        }
    }
    set
}

/// What modules and classes bind to the call of a class, by the name of the class.
pub(super) fn instances<'a>(program: &Program<'a>) -> FxHashMap<&'a str, Vec<&'a str>> {
    let mut instances: FxHashMap<&'a str, Vec<&'a str>> = FxHashMap::default();
    for file in program.production_files() {
        let facts = program.file(file);
        let classes = &program.class_namespaces[file.0 as usize];
        for namespace in classes.iter().chain([&program.namespaces[file.0 as usize]]) {
            for (name, value) in namespace.values() {
                if let ExprKind::Call { func, .. } = facts.expr(value).kind
                    && let Some(class) = last_name(facts, func)
                    && class.starts_with(char::is_uppercase)
                {
                    instances.entry(class).or_default().push(facts.name(name));
                }
            }
        }
    }
    instances
}
