//! The programs of a workspace: each is a process of its own, with its own copy of what it caches.

use std::collections::BTreeSet;

use super::coverage::{Runs, Side};
use super::crates::ModuleId;
use super::entries::Entry;
use super::program::Program;
use super::tables::TableId;
use crate::graph::ids::FunctionId;
use crate::source::Location;

/// The programs of a workspace with the functions that each one calls, as far as that is resolved.
#[derive(Debug)]
pub struct Processes {
    programs: Vec<BTreeSet<FunctionId>>,
}

impl Processes {
    /// Follows what the code of each program calls.
    pub fn of(program: &Program<'_>, runs: &Runs) -> Processes {
        let roots: &[ModuleId] = program.crates.programs();
        let reached = |root: &ModuleId| {
            let is_own = |function: &FunctionId| {
                let module = program.crates.module_of_function(*function);
                module.is_some_and(|module| program.crates.module(module).root == *root)
            };
            let mut open: Vec<FunctionId> =
                runs.by_function.keys().copied().filter(is_own).collect();
            let mut seen: BTreeSet<FunctionId> = open.iter().copied().collect();
            while let Some(function) = open.pop() {
                let calls = runs.by_function.get(&function).map(|outcome| &outcome.calls);
                open.extend(calls.into_iter().flatten().copied().filter(|it| seen.insert(*it)));
            }
            seen
        };
        // One program alone has nobody beside it.
        let several = roots.len() > 1;
        Processes { programs: roots.iter().filter(|_| several).map(reached).collect() }
    }

    /// A write of the rows of an entry by a program other than one that keeps a copy of it.
    pub fn written_elsewhere(
        &self,
        runs: &Runs,
        entry: &Entry,
        feeds: impl Iterator<Item = (TableId, Side, Option<BTreeSet<std::sync::Arc<str>>>)> + Clone,
    ) -> Option<(FunctionId, Location)> {
        let fills = |functions: &BTreeSet<FunctionId>| {
            entry.fills.iter().any(|(_, it)| functions.contains(it))
        };
        for (at, _) in self.programs.iter().enumerate().filter(|(_, functions)| fills(functions)) {
            for (_, others) in self.programs.iter().enumerate().filter(|(other, _)| *other != at) {
                for (table, side, columns) in feeds.clone() {
                    let mut writes = runs.writes_of(table, side);
                    let found = writes.find(|(function, _, write)| {
                        others.contains(function) && side.is_read(write, columns.as_ref())
                    });
                    if let Some((function, site, _)) = found {
                        return Some((*function, *site));
                    }
                }
            }
        }
        None
    }
}
