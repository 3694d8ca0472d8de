//! Drops of a whole store behind writes of rows, which take entries along that have nothing to do with them.

use std::collections::{BTreeMap, BTreeSet};

use super::coverage::{Runs, Side};
use super::effect::{Act, Effect};
use super::entries::Entry;
use super::hooks::Hook;
use super::program::Program;
use super::tables::TableId;
use super::value::{Owner, Store};
use crate::facts::{Block, FileFacts, FunctionIx, StmtKind};
use crate::graph::holes::Place;
use crate::graph::ids::FunctionId;
use crate::graph::key::Template;
use crate::source::{Location, Role};

/// What is asked again for each drop.
struct Stores<'t, 'a> {
    program: &'t Program<'a>,
    runs: &'t Runs,
    entries: &'t [Entry],
    /// The keys that are used of stores that are one for all.
    used: BTreeMap<&'t Store, BTreeMap<String, &'t Template>>,
}

/// The drops, each with the function that does it, in source order.
pub fn whole_drops(
    program: &Program<'_>,
    runs: &Runs,
    hooks: &[Hook],
    entries: &[Entry],
) -> Vec<Place> {
    let stores = Stores { program, runs, entries, used: used_keys(runs) };
    let at_start = called_at_start(program, runs);
    // By the call: the nearest function that also writes.
    let mut found: BTreeMap<Location, (u8, FunctionId)> = BTreeMap::new();
    let mut functions: Vec<FunctionId> = runs.by_function.keys().copied().collect();
    functions.sort_unstable();
    functions.retain(|it| program.role(it.file) == Role::Production && !at_start.contains(it));
    for function in functions {
        let effects = &runs.by_function[&function].effects;
        for (at, effect) in effects.iter().enumerate() {
            let Some(store) = emptied(effect) else { continue };
            let mut written: BTreeSet<TableId> = BTreeSet::new();
            for before in &effects[..at] {
                if let Act::Write(write) = &before.act
                    && !written.contains(&write.table)
                    && follows(program, function, before.place(), effect.place())
                {
                    written.insert(write.table);
                }
            }
            if stores.holds_more(store, &written) {
                let nearest = found.entry(effect.site).or_insert((effect.depth, function));
                *nearest = (*nearest).min((effect.depth, function));
            }
        }
    }
    for hook in hooks {
        let Some(table) = hook.table else { continue };
        let effects = Side::ALL.into_iter().filter_map(|side| hook.on(side));
        for effect in effects.flat_map(|outcome| &outcome.effects) {
            if emptied(effect).is_some_and(|it| stores.holds_more(it, &BTreeSet::from([table]))) {
                found.entry(effect.site).or_insert((effect.depth, hook.function));
            }
        }
    }
    let place =
        |(location, (_, function))| Place { name: program.function_place(function).name, location };
    found.into_iter().map(place).collect()
}

impl Stores<'_, '_> {
    /// Whether a store that is emptied for writes of some tables holds entries of them, and what is none of
    /// them.
    fn holds_more(&self, store: &Store, written: &BTreeSet<TableId>) -> bool {
        let held = self.entries.iter().filter(|it| it.store == *store && self.is_of_one(it));
        let (own, others): (Vec<&Entry>, Vec<&Entry>) =
            held.partition(|it| it.rows.iter().any(|source| written.contains(&source.table)));
        if own.is_empty() {
            // The call is no answer to the write.
            return false;
        }
        match self.used.get(store) {
            Some(keys) => {
                keys.values().any(|key| own.iter().all(|entry| !entry.key.can_equal(key)))
            }
            None => others.iter().any(|it| !it.is_guessed && !self.hangs_below(it, written)),
        }
    }

    /// Whether the values that hold the store of an entry in a field are surely one as far as it is concerned:
    /// a wrapper of which the callers say the keys may exist several times.
    fn is_of_one(&self, entry: &Entry) -> bool {
        let is_direct = |(site, function): &(Location, FunctionId)| {
            let effects = self.runs.by_function.get(function).map(|it| it.effects.iter());
            let mut effects = effects.into_iter().flatten();
            effects.any(|it| it.site == *site && it.function == *function)
        };
        match entry.store.owner {
            Owner::Static(..) | Owner::One => true,
            Owner::Field(..) => entry.key.is_specific() && entry.fills.iter().all(is_direct),
            Owner::Function(_) | Owner::Keyed(_) | Owner::Made(_) | Owner::Any => false,
        }
    }

    /// Whether rows of an entry belong to rows of some tables, however many foreign keys away.
    fn hangs_below(&self, entry: &Entry, tables: &BTreeSet<TableId>) -> bool {
        let mut open: Vec<TableId> = entry.rows.iter().map(|source| source.table).collect();
        let mut seen: BTreeSet<TableId> = open.iter().copied().collect();
        while let Some(table) = open.pop() {
            if tables.contains(&table) {
                return true;
            }
            let targets = self.program.table(table).references.iter().map(|it| it.target);
            open.extend(targets.filter(|target| seen.insert(*target)));
        }
        false
    }
}

/// The store that an effect empties at once.
fn emptied(effect: &Effect) -> Option<&Store> {
    match &effect.act {
        Act::Drop(store, None) if !effect.is_guessed && !effect.is_delivered => Some(store),
        _ => None,
    }
}

/// The keys that functions use of stores that are one for all, as far as they are spelled.
fn used_keys(runs: &Runs) -> BTreeMap<&Store, BTreeMap<String, &Template>> {
    let mut used: BTreeMap<&Store, BTreeMap<String, &Template>> = BTreeMap::new();
    let keys = runs.by_function.values().flat_map(|outcome| &outcome.effects).filter_map(|it| {
        match &it.act {
            Act::Fill(fill) => Some((&fill.store, &fill.key)),
            Act::Read(store, key) | Act::Drop(store, Some(key)) => Some((store, key)),
            _ => None,
        }
    });
    for (store, key) in keys.filter(|(store, key)| store.owner == Owner::One && key.is_specific()) {
        used.entry(store).or_default().insert(key.shape(), key);
    }
    used
}

/// The functions that the `main` of a program calls: what these do is done once, or for whoever started it.
fn called_at_start(program: &Program<'_>, runs: &Runs) -> BTreeSet<FunctionId> {
    let is_main = |function: &FunctionId| {
        let module = program.crates.module_of_function(*function);
        program.function_name(*function) == "main"
            && module.is_some_and(|module| program.crates.programs().contains(&module))
    };
    let mut open: Vec<FunctionId> = runs.by_function.keys().copied().filter(is_main).collect();
    let mut seen: BTreeSet<FunctionId> = open.iter().copied().collect();
    while let Some(function) = open.pop() {
        let calls = runs.by_function.get(&function).map(|outcome| &outcome.calls);
        open.extend(calls.into_iter().flatten().copied().filter(|it| seen.insert(*it)));
    }
    seen
}

/// Whether one run of a function may come from one place of it to another one: no branch holds the first
/// one alone and leaves, or has the second one in its place.
fn follows(program: &Program<'_>, function: FunctionId, first: Location, then: Location) -> bool {
    // Both are done by a function that is called there, or one of them is.
    if first == then || first.file != function.file || then.file != function.file {
        return false;
    }
    let facts = program.file(function.file);
    let own = (0..facts.functions.len() as u32).map(FunctionIx);
    let own = own.filter(|ix| {
        // Its closures as well.
        program.named(FunctionId { file: function.file, ix: *ix }) == function
    });
    let mut blocks: Vec<Reached> =
        own.map(|ix| Reached::of(facts.function(ix).body, None)).collect();
    let mut branches: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while at < blocks.len() {
        for stmt in facts.block(blocks[at].block) {
            let stmt = facts.stmt(*stmt);
            blocks[at].first |= stmt.span.contains(first.span.start);
            blocks[at].then |= stmt.span.contains(then.span.start);
            let inner = |block| Reached::of(block, Some(at));
            match stmt.kind {
                StmtKind::If { body, orelse, .. } => {
                    branches.push((blocks.len(), blocks.len() + 1));
                    blocks.extend([inner(body), inner(orelse)]);
                }
                StmtKind::For { body, .. }
                | StmtKind::While { body, .. }
                | StmtKind::With { body, .. } => blocks.push(inner(body)),
                _ => {}
            }
        }
        at += 1;
    }
    // An arm of a `match` does not span those behind it.
    for at in (0..blocks.len()).rev() {
        if let Reached { within: Some(within), first, then, .. } = blocks[at] {
            blocks[within].first |= first;
            blocks[within].then |= then;
        }
    }
    let both_ways = branches.iter().flat_map(|&(one, other)| [(one, other), (other, one)]);
    let mut both_ways = both_ways.map(|(one, other)| (&blocks[one], &blocks[other]));
    !both_ways.any(|(one, other)| {
        let leaves = || leaves(facts, one.block) && !one.then;
        one.first && (other.then || leaves())
    })
}

/// A block of a function, and which of two places lie in it.
struct Reached {
    block: Block,
    within: Option<usize>,
    first: bool,
    then: bool,
}

impl Reached {
    fn of(block: Block, within: Option<usize>) -> Reached {
        Reached { block, within, first: false, then: false }
    }
}

fn leaves(facts: &FileFacts, block: Block) -> bool {
    let last = facts.block(block).last().map(|stmt| facts.stmt(*stmt).kind);
    matches!(last, Some(StmtKind::Return(_) | StmtKind::Raise(_) | StmtKind::LoopExit))
}
