//! Hooks: methods of traits that run on writes, and functions that an attribute makes receivers.

use std::sync::Arc;

use super::attributes::{Attribute, attributes};
use super::coverage::Side;
use super::crates::Impl;
use super::program::{Program, Target};
use super::run::{Outcome, Runner};
use super::tables::TableId;
use super::types::{Head, ty_of};
use super::value::{Value, What};
use crate::facts::{ArgKind, ExprKind};
use crate::frameworks::last_segment;
use crate::graph::ids::{ClassId, FunctionId};

/// A function that runs on writes of rows.
#[derive(Debug)]
pub struct Hook {
    /// It.
    pub function: FunctionId,
    /// The table whose writes it runs on.
    pub table: Option<TableId>,
    /// The type that an attribute names.
    pub sender: Option<ClassId>,
    /// What it does when a row is inserted.
    pub on_insert: Option<Arc<Outcome>>,
    /// What it does when a row is changed.
    pub on_update: Option<Arc<Outcome>>,
    /// What it does when a row is deleted.
    pub on_delete: Option<Arc<Outcome>>,
}

impl Hook {
    /// What it does on a side.
    pub fn on(&self, side: Side) -> Option<&Outcome> {
        let outcome = match side {
            Side::Insert => &self.on_insert,
            Side::Update => &self.on_update,
            Side::Delete => &self.on_delete,
        };
        outcome.as_deref()
    }
}

/// A block of a trait whose methods run on writes of rows, whichever of them it has.
#[derive(Debug)]
pub struct HookBlock {
    /// The block.
    pub block: ClassId,
    /// The last segment of the trait.
    pub of_trait: String,
    /// The table of the rows.
    pub table: TableId,
}

/// The blocks among some that are of traits whose methods run on writes.
pub fn blocks(runner: &Runner<'_, '_>, impls: &[Impl]) -> Vec<HookBlock> {
    let program = runner.program;
    let found = impls.iter().filter_map(|found| {
        let facts = program.file(found.block.file);
        let bases = facts.args(program.class(found.block).bases);
        let of_trait = bases.iter().find(|arg| matches!(arg.kind, ArgKind::Keyword(_)))?;
        let last = last_segment(program.path(found.block.file, of_trait.value)?);
        program.frameworks.hook(last)?;
        let ty = ty_of(program, found.module, None, found.block.file, bases.first()?.value);
        let (block, of_trait) = (found.block, last.to_owned());
        Some(HookBlock { block, of_trait, table: runner.table_of(&ty)? })
    });
    found.collect()
}

/// Finds the hooks of a program, and runs them.
pub fn find(runner: &mut Runner<'_, '_>, blocks: &[HookBlock]) -> Vec<Hook> {
    let mut hooks = of_traits(runner, blocks);
    let functions: Vec<FunctionId> = runner.program.functions().collect();
    hooks.extend(of_attributes(runner, functions));
    hooks
}

/// The hooks in some blocks of traits.
pub fn of_traits(runner: &mut Runner<'_, '_>, blocks: &[HookBlock]) -> Vec<Hook> {
    let program = runner.program;
    let mut hooks = Vec::new();
    for HookBlock { block, of_trait, table } in blocks {
        let Some(described) = program.frameworks.hook(of_trait) else { continue };
        for (name, function) in program.functions_in(*block) {
            let saves = described.save.iter().any(|known| known == name);
            let deletes = described.delete.iter().any(|known| known == name);
            if !saves && !deletes {
                continue;
            }
            let (on_insert, on_update) = match saves {
                true => {
                    (Some(run_for(runner, function, true)), Some(run_for(runner, function, false)))
                }
                false => (None, None),
            };
            hooks.push(Hook {
                function,
                table: Some(*table),
                sender: None,
                on_insert,
                on_update,
                on_delete: deletes.then(|| runner.run(function)),
            });
        }
    }
    hooks
}

/// Runs a hook for rows that are new or not, where a parameter says which.
fn run_for(runner: &mut Runner<'_, '_>, function: FunctionId, is_new: bool) -> Arc<Outcome> {
    let program = runner.program;
    let facts = program.file(function.file);
    let at = program.function(function).params.iter().position(|param| {
        param.annotation.is_some_and(|annotation| {
            matches!(facts.expr(annotation).kind, ExprKind::Name(name) if facts.name(name) == "bool")
        })
    });
    match at {
        Some(at) => {
            runner.run_with(function, at, Value { what: What::Bool(is_new), ..Value::default() })
        }
        None => runner.run(function),
    }
}

/// The functions among some that attributes make receivers.
pub fn of_attributes(runner: &mut Runner<'_, '_>, functions: Vec<FunctionId>) -> Vec<Hook> {
    let program = runner.program;
    let mut hooks = Vec::new();
    for function in functions {
        let all = attributes(program, function.file, &program.function(function).decorators);
        for attribute in all {
            for described in &program.frameworks.receivers {
                if attribute.last() != described.attribute {
                    continue;
                }
                let flags = attribute.flags(program, function.file);
                let is_named = |known: &[String]| {
                    let mut flags = flags.iter().map(|flag| last_segment(flag));
                    flags.any(|flag| known.iter().any(|known| known == flag))
                };
                let (saves, deletes) = (is_named(&described.save), is_named(&described.delete));
                if !saves && !deletes {
                    continue;
                }
                let outcome = runner.run(function);
                for class in senders(program, function, &attribute, &described.sender) {
                    let on_save = saves.then(|| outcome.clone());
                    hooks.push(Hook {
                        function,
                        table: program.table_of_class.get(&class).copied(),
                        sender: Some(class),
                        on_insert: on_save.clone(),
                        on_update: on_save,
                        on_delete: deletes.then(|| outcome.clone()),
                    });
                }
            }
        }
    }
    hooks
}

/// The types that an attribute names as senders: by a path, by a text that holds one, or by several.
fn senders(
    program: &Program<'_>,
    function: FunctionId,
    attribute: &Attribute<'_>,
    argument: &str,
) -> Vec<ClassId> {
    let facts = program.file(function.file);
    let Some(module) = program.crates.module_of_function(function) else { return Vec::new() };
    let mut classes = Vec::new();
    for (name, value) in attribute.keywords(program, function.file) {
        if name != argument {
            continue;
        }
        let values = match facts.expr(value).kind {
            ExprKind::Sequence(items) => facts.list(items).to_vec(),
            _ => vec![value],
        };
        for value in values {
            let ty = match facts.expr(value).kind {
                ExprKind::Str(text) => {
                    let paths = facts.name(text).split(',');
                    for path in paths {
                        if let (Target::Class(class), _) = program.resolve(module, path.trim()) {
                            classes.push(class);
                        }
                    }
                    continue;
                }
                _ => ty_of(program, module, None, function.file, value),
            };
            match ty.head {
                Head::Class(class) => classes.push(class),
                Head::Part(table, _) => classes.extend(program.table(table).class),
                _ => {}
            }
        }
    }
    classes
}
