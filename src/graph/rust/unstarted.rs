//! Receivers that would drop an entry and never run: nothing calls them, or they stand in a file that is no
//! module of the program.

use super::attributes::{Attribute, attributes};
use super::channels::done_for;
use super::coverage::Runs;
use super::effect::{Act, Effect};
use super::entries::Entry;
use super::hooks::{self, Hook};
use super::program::Program;
use super::run::{Outcome, Runner};
use crate::facts::{ArgKind, ExprKind, Scope};
use crate::frameworks::last_segment;
use crate::graph::holes::{DeadHook, DeadReason, Place};
use crate::graph::ids::{ClassId, FunctionId};
use crate::rules::{Confidence, WritePath};
use crate::source::FileId;

/// A hook that never runs.
pub struct Unstarted {
    /// The hook.
    pub hook: Hook,
    /// Why.
    reason: DeadReason,
}

/// The hooks that never run: those that nothing calls are taken out of `live`.
pub fn find(runner: &mut Runner<'_, '_>, live: &mut Vec<Hook>) -> Vec<Unstarted> {
    let program = runner.program;
    let is_unstarted = |hook: &Hook| {
        let mut all = decorators(program, hook.function).into_iter();
        let unseen = |it: &Attribute<'_>| {
            program.frameworks.receivers.iter().any(|known| known.is_unseen(it.path))
        };
        hook.sender.is_some()
            && all.any(|it| unseen(&it))
            && is_called_by_nothing(program, hook.function)
    };
    let (dead, others): (Vec<Hook>, Vec<Hook>) =
        std::mem::take(live).into_iter().partition(is_unstarted);
    *live = others;
    let reason = || DeadReason::NeverStarted;
    let mut found: Vec<Unstarted> =
        dead.into_iter().map(|hook| Unstarted { hook, reason: reason() }).collect();
    for unlinked in program.crates.unlinked() {
        if is_named(program, unlinked.file) {
            continue;
        }
        let mut hooks = hooks::of_attributes(runner, program.functions_of(unlinked.file).collect());
        let blocks = hooks::blocks(runner, &unlinked.impls);
        hooks.extend(hooks::of_traits(runner, &blocks));
        let not_a_module = |hook| Unstarted { hook, reason: DeadReason::NotAModule };
        found.extend(hooks.into_iter().map(not_a_module));
    }
    found.retain(|unstarted| drop_of(&unstarted.hook).is_some());
    found
}

impl Unstarted {
    /// It in the words of the graph.
    pub fn describe(&self, program: &Program<'_>) -> Option<DeadHook> {
        let hook = &self.hook;
        let drop = drop_of(hook)?;
        let model = match (hook.sender, hook.table) {
            (Some(class), _) => program.class_place(class),
            (None, table) => program.table(table?).place.clone(),
        };
        let saves = [
            hook.on_insert.as_ref().map(|_| WritePath::Create),
            hook.on_update.as_ref().map(|_| WritePath::Update),
        ];
        let deletes = [hook.on_delete.as_ref().map(|_| WritePath::Delete)];
        let place = program.function_place(hook.function);
        Some(DeadHook {
            reason: self.reason.clone(),
            models: vec![model],
            entry: None,
            write_paths: saves.into_iter().chain(deletes).flatten().collect(),
            drop: drop.place(),
            ways: Vec::new(),
            connections: Vec::new(),
            confidence: match drop.act {
                Act::Named => Confidence::Medium,
                _ => Confidence::High,
            },
            hook: place,
        })
    }
}

/// Loops that would drop an entry for messages, which nothing starts.
pub fn loops(
    program: &Program<'_>,
    runs: &Runs,
    entries: &[Entry],
    waiting: &[FunctionId],
) -> Vec<DeadHook> {
    let mut found = Vec::new();
    for function in waiting {
        let Some(outcome) = runs.by_function.get(function) else { continue };
        let mut done = done_for(outcome, |_| true);
        let dropped = done.find_map(|effect| {
            let entry = entries.iter().find(|entry| entry.is_cleared_by(&effect.act))?;
            Some((effect, entry))
        });
        let Some((effect, entry)) = dropped else { continue };
        if !is_called_by_nothing(program, *function) {
            continue;
        }
        let mut models: Vec<Place> =
            entry.rows.iter().map(|source| program.table(source.table).place.clone()).collect();
        models.dedup();
        let place = program.function_place(*function);
        found.push(DeadHook {
            reason: DeadReason::NeverStarted,
            models,
            entry: Some(entry.describe(program).label),
            write_paths: vec![WritePath::Create, WritePath::Update, WritePath::Delete],
            drop: effect.place(),
            ways: Vec::new(),
            connections: Vec::new(),
            confidence: Confidence::High,
            hook: place,
        });
    }
    found
}

/// The drop that a hook would do.
fn drop_of(hook: &Hook) -> Option<&Effect> {
    let outcomes = [&hook.on_insert, &hook.on_update, &hook.on_delete];
    let drops = |effect: &&Effect| matches!(effect.act, Act::Drop(..) | Act::Patch(_) | Act::Named);
    let outcomes = outcomes.into_iter().flatten().map(|it| -> &Outcome { it });
    outcomes.flat_map(|outcome| &outcome.effects).find(drops)
}

fn decorators<'a>(program: &Program<'a>, function: FunctionId) -> Vec<Attribute<'a>> {
    attributes(program, function.file, &program.function(function).decorators)
}

/// Whether nothing in sight calls a function, and nothing out of it can: it is one of a program, no trait
/// asks for it, no attribute makes something of it, and its name stands nowhere else.
fn is_called_by_nothing(program: &Program<'_>, function: FunctionId) -> bool {
    let name = program.function_name(function);
    let Some(module) = program.crates.module_of_function(function) else { return false };
    let root = program.crates.module(module).root;
    let is_of_trait = match program.function(function).scope {
        Scope::Class(ix) => {
            let block = ClassId { file: function.file, ix };
            let bases = program.file(function.file).args(program.class(block).bases);
            bases.iter().any(|arg| matches!(arg.kind, ArgKind::Keyword(_)))
        }
        _ => false,
    };
    let frameworks = program.frameworks;
    let is_inert = |it: &Attribute<'_>| {
        frameworks.is_inert(it.last())
            || frameworks.receivers.iter().any(|known| known.is_unseen(it.path))
    };
    program.crates.programs().contains(&root)
        && name != "main"
        && !is_of_trait
        && decorators(program, function).iter().all(is_inert)
        && !is_mentioned(program, function, name)
}

/// Whether the name of a function stands anywhere but at its head.
fn is_mentioned(program: &Program<'_>, function: FunctionId, name: &str) -> bool {
    (0..program.facts.len() as u32).map(FileId).any(|file| {
        let facts = program.file(file);
        if !facts.names.may_have(name) {
            return false;
        }
        if file != function.file {
            return facts.names.iter().any(|known| has_word(known, name));
        }
        facts.exprs.iter().any(|expr| match expr.kind {
            ExprKind::Name(known) | ExprKind::Str(known) => has_word(facts.name(known), name),
            ExprKind::Attribute { attr, .. } => facts.name(attr) == name,
            _ => false,
        })
    })
}

/// Whether something in the crates of the program names a file that is no module: a macro may make it one.
fn is_named(program: &Program<'_>, file: FileId) -> bool {
    let stem = program.crates.module(match program.crates.first_module_of(file) {
        Some(module) => module,
        None => return true,
    });
    let stem = last_segment(&stem.path);
    (0..program.facts.len() as u32).map(FileId).any(|other| {
        let facts = program.file(other);
        other != file
            && facts.names.may_have(stem)
            && facts.names.iter().any(|known| has_word(known, stem))
    })
}

/// Whether a word stands in a text.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part)
    })
}
