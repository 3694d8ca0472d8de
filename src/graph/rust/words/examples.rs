//! Where a program drops an entry already, as examples for code that is to do the same.

use std::collections::BTreeSet;

use super::super::coverage::{Behind, Followed, Side};
use super::super::effect::Act;
use super::super::entries::Entry;
use super::super::hooks::Hook;
use super::super::managers::Managed;
use super::super::program::{Program, Target};
use super::super::tables::TableId;
use super::Known;
use crate::facts::ExprKind;
use crate::graph::examples::{Example, Examples, HookBlock, Manager};
use crate::graph::ids::FunctionId;
use crate::rules::RowEvent;
use crate::source::Location;

/// How many writers of an entry are examples at the most.
const MOST: usize = 4;

impl Known<'_, '_> {
    /// Where an entry is dropped for rows of a table.
    pub(super) fn examples(
        &self,
        entry: &Entry,
        table: TableId,
        followed: [&Followed; 3],
    ) -> Examples {
        let mut hooks: Vec<Example> = Vec::new();
        for hook in self.hooks.iter().filter(|hook| hook.table == Some(table)) {
            let outcomes = Side::ALL.into_iter().filter_map(|side| hook.on(side));
            let mut effects = outcomes.flat_map(|outcome| &outcome.effects);
            if let Some(effect) = effects.find(|effect| entry.is_covered_by(&effect.act)) {
                hooks.extend(self.example(hook.function, None, effect.place()));
            }
        }
        hooks.dedup();
        let mut writers: Vec<Example> = Vec::new();
        let [insert, update, delete] = followed;
        let events = [RowEvent::Save, RowEvent::Save, RowEvent::Delete];
        for (side, event) in [insert, update, delete].into_iter().zip(events) {
            for Behind { function, write, place, by_message } in &side.behind {
                let example = self.example(*function, Some(*write), *place);
                let tells_of = by_message.then_some(event);
                let example = example.map(|example| Example { tells_of, ..example });
                writers.extend(example.filter(|it| writers.len() < MOST && !writers.contains(it)));
            }
        }
        let open = |side: &Followed| -> Vec<Location> {
            let covered = side.hook.is_some() || side.by_hand.is_some();
            let open = side.open.iter().filter(|_| !covered);
            open.map(|open| open.site).collect()
        };
        Examples {
            block: self.block_of(table),
            hooks,
            writers,
            open_saves: [open(insert), open(update)].concat(),
            open_deletes: open(delete),
            manager: None,
        }
    }

    /// How the manager of a type is told to forget a row; `hooks` are those of the type.
    pub(super) fn examples_of_managed(&self, managed: &Managed, hooks: &[&Hook]) -> Examples {
        let mut examples: Vec<Example> = Vec::new();
        for hook in hooks {
            let outcomes = Side::ALL.into_iter().filter_map(|side| hook.on(side));
            let mut effects = outcomes.flat_map(|outcome| &outcome.effects);
            let drop = effects
                .find(|effect| matches!(effect.act, Act::Drop(..) | Act::Patch(_) | Act::Named));
            examples.extend(drop.and_then(|drop| self.example(hook.function, None, drop.place())));
        }
        examples.dedup();
        let manager = self.manager(managed);
        Examples { hooks: examples, manager, ..Examples::default() }
    }

    fn manager(&self, managed: &Managed) -> Option<Manager> {
        let program = self.program;
        let module = program.crates.first_module_of(managed.location.file)?;
        let Target::Class(class) = program.resolve(module, &managed.manager).0 else { return None };
        let methods = program.blocks_of(class).iter().flat_map(|it| program.functions_in(*it));
        let forgets = methods.filter(|(name, function)| {
            program.takes_self(*function)
                && program.function(*function).params.len() == 2
                && (program.frameworks.says_invalidation(name) || self.runs.drops(*function))
        });
        let place = |function| program.function_place(function).location;
        let receiver = self.hooks.iter().find(|hook| hook.sender.is_some());
        Some(Manager {
            held: managed.held?,
            row: program.class_place(managed.class).location,
            forgets: forgets.map(|(_, function)| place(function)).collect(),
            receiver: receiver.map(|hook| place(hook.function)),
        })
    }

    /// The block that hooks of a table stand in, where there is one alone.
    fn block_of(&self, table: TableId) -> Option<HookBlock> {
        let mut blocks = self.blocks.iter().filter(|block| block.table == table);
        let (only, None) = (blocks.next()?, blocks.next()) else { return None };
        let known = self.program.table(table);
        let (file, class) = (only.block.file, self.program.class(only.block));
        Some(HookBlock {
            location: Location { file, span: class.name_span },
            of_trait: only.of_trait.clone(),
            row: self.program.class_place(known.class?).location,
            key: known.key.to_string(),
        })
    }

    /// A drop in a function as an example.
    fn example(
        &self,
        function: FunctionId,
        write: Option<Location>,
        drop: Location,
    ) -> Option<Example> {
        let program = self.program;
        let name = program.function_place(function).location;
        (drop.file == function.file).then(|| Example {
            function: name,
            write,
            drop,
            tells_of: None,
            paths: paths_in(program, function, drop),
        })
    }
}

/// What the paths in a part of a function stand for.
fn paths_in(program: &Program<'_>, function: FunctionId, part: Location) -> Vec<(String, String)> {
    let Some(module) = program.crates.module_of_function(function) else { return Vec::new() };
    let facts = program.file(function.file);
    let inside = facts
        .exprs_of(program.function(function))
        .iter()
        .filter(|expr| part.span.start <= expr.span.start && expr.span.end <= part.span.end);
    let names: BTreeSet<&str> = inside
        .filter_map(|expr| match expr.kind {
            ExprKind::Name(name) => Some(facts.name(name)),
            _ => None,
        })
        .collect();
    let meant = |path: &&str| {
        let (target, rest) = program.resolve(module, path);
        let mut whole = program.path_of(&target)?;
        for segment in rest {
            whole.push_str("::");
            whole.push_str(segment);
        }
        Some(((*path).to_owned(), whole))
    };
    names.iter().filter_map(meant).collect()
}
