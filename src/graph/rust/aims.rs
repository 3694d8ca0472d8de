//! Drops of the entry of another row than the one that is written: the key is made of a value that the write
//! compares with another column than the one by which the entry is stored.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::coverage::Runs;
use super::effect::{Act, Effect};
use super::entries::Entry;
use super::program::Program;
use super::run::Outcome;
use super::scopes::{params, root, whole};
use super::sieves;
use super::tables::TableId;
use crate::facts::ExprKind;
use crate::graph::ids::FunctionId;
use crate::graph::key::{Part, Template};
use crate::source::{Location, Span};

/// A drop of the entry of another row.
#[derive(Debug)]
pub struct Aside {
    /// Where it is dropped.
    pub drop: Location,
    /// The key.
    pub key: Arc<Template>,
    /// The column whose value the key has.
    pub column: Arc<str>,
    /// The column whose value the key has where rows are stored.
    pub stored_by: Arc<str>,
}

/// The columns that what a function writes is chosen by, by what the source calls their values.
#[derive(Default)]
struct Aimed<'o> {
    columns: BTreeMap<&'o str, BTreeSet<&'o Arc<str>>>,
    /// The values of which several parts are named.
    tuples: BTreeSet<&'o str>,
}

impl<'o> Aimed<'o> {
    /// The columns of a table that have these values in what a function reads or writes.
    fn of(outcome: &'o Outcome, table: TableId) -> Aimed<'o> {
        let told = outcome.effects.iter().filter_map(|effect| match &effect.act {
            Act::Aim(of, column, to) | Act::Confine(of, column, to) if *of == table => {
                let [part] = to.parts.as_slice() else { return None };
                Some((hole(part)?, column))
            }
            _ => None,
        });
        let told: Vec<(&str, &Arc<str>)> = told.collect();
        let parts = told.iter().filter(|(label, _)| whole(label) != *label);
        // `x.0` is what a newtype holds, unless there is an `x.1`.
        let tuples = parts.filter(|(label, _)| !label.ends_with(".0"));
        let mut aimed =
            Aimed { tuples: tuples.map(|(label, _)| whole(label)).collect(), ..Aimed::default() };
        for (label, column) in told {
            let value = aimed.value(label);
            aimed.columns.entry(value).or_default().insert(column);
        }
        aimed
    }

    /// What the source calls a value, a newtype being called like what it holds.
    fn value<'l>(&self, label: &'l str) -> &'l str {
        let held = label.strip_suffix(".0").filter(|of| !self.tuples.contains(of));
        held.unwrap_or(label)
    }

    fn columns(&self, label: &str) -> Option<&BTreeSet<&'o Arc<str>>> {
        self.columns.get(self.value(label))
    }

    /// A column that has a value where another one has not.
    fn other_than(
        &self,
        column: &Arc<str>,
        label: &str,
        is_told: impl Fn(&str) -> bool,
    ) -> Option<Arc<str>> {
        let columns = self.columns(label).filter(|columns| !columns.contains(column))?;
        columns.first().filter(|_| is_told(label)).map(|other| Arc::clone(other))
    }
}

/// The drops of other rows in functions that write rows of a table, where they drop nothing else of the entry.
pub fn asides(program: &Program<'_>, runs: &Runs, entry: &Entry, table: TableId) -> Vec<Aside> {
    let mut found: BTreeMap<Location, (u8, Aside)> = BTreeMap::new();
    let mut stored_by = None;
    for function in &runs.aiming {
        let Some(outcome) = runs.by_function.get(function) else { continue };
        if !outcome.effects.iter().any(|effect| effect.writes(table)) {
            continue;
        }
        let stored_by = stored_by.get_or_insert_with(|| columns_of_key(runs, entry, table));
        let aimed = Aimed::of(outcome, table);
        let Some(drops) = only_keys(entry, outcome) else { continue };
        let asides: Option<Vec<(u8, Aside)>> = drops
            .into_iter()
            .map(|(effect, key)| {
                let is_told = |label: &str| is_param(program, *function, effect, label);
                let (column, stored_by) = match sieves::field_of(outcome, effect) {
                    Some((field, to)) => {
                        let is_column = program.table(table).columns.contains(field);
                        let other = aimed.other_than(field, hole(to.parts.first()?)?, is_told);
                        (other.filter(|_| is_column && to.parts.len() == 1)?, field.clone())
                    }
                    None => other_column(entry, key, stored_by, &aimed, is_told)?,
                };
                let drop = effect.place();
                Some((effect.depth, Aside { drop, key: key.clone(), column, stored_by }))
            })
            .collect();
        for (depth, aside) in asides.into_iter().flatten() {
            let known = found.get(&aside.drop).map(|(known, _)| *known);
            if known.is_none_or(|known| depth < known) {
                found.insert(aside.drop, (depth, aside));
            }
        }
    }
    found.into_values().map(|(_, aside)| aside).collect()
}

/// For each hole of the key of an entry, the column of a table whose value it has, where the code that stores the
/// rows says so.
fn columns_of_key(runs: &Runs, entry: &Entry, table: TableId) -> Vec<Option<Arc<str>>> {
    let outcome = entry.fills.first().and_then(|(_, function)| runs.by_function.get(function));
    let Some(outcome) = outcome else { return Vec::new() };
    let confined = Aimed::of(outcome, table);
    let holes = entry.key.parts.iter().filter_map(hole);
    let column = |label: &str| {
        let mut columns = confined.columns(label)?.iter();
        let column = columns.next()?;
        columns.next().is_none().then(|| Arc::clone(column))
    };
    holes.map(column).collect()
}

/// The keys of an entry that a function drops; none where it may drop others, or none at all.
fn only_keys<'o>(
    entry: &Entry,
    outcome: &'o Outcome,
) -> Option<Vec<(&'o Effect, &'o Arc<Template>)>> {
    let mut keys = Vec::new();
    for effect in &outcome.effects {
        match &effect.act {
            Act::Named => return None,
            act if !entry.is_dropped_by(act) || outcome.looks_up(entry, effect) => {}
            Act::Drop(_, Some(key)) => keys.push((effect, key)),
            _ => return None,
        }
    }
    (!keys.is_empty()).then_some(keys)
}

/// The column whose value a dropped key has in the place of another one, and that one.
fn other_column(
    entry: &Entry,
    key: &Template,
    stored_by: &[Option<Arc<str>>],
    aimed: &Aimed<'_>,
    is_told: impl Fn(&str) -> bool,
) -> Option<(Arc<str>, Arc<str>)> {
    if key.shape() != entry.key.shape() {
        return None;
    }
    let holes = key.parts.iter().filter_map(hole);
    holes.zip(stored_by).find_map(|(label, stored_by)| {
        let stored_by = stored_by.as_ref()?;
        Some((aimed.other_than(stored_by, label, &is_told)?, stored_by.clone()))
    })
}

/// Whether what the source calls a value is a parameter of a function, or a part of one, where it drops something.
fn is_param(program: &Program<'_>, function: FunctionId, effect: &Effect, label: &str) -> bool {
    if !params(program, function).contains(&root(label)) {
        return false;
    }
    // What a field of something unknown is called may be called like a parameter.
    label.contains('.') || names(program, function, effect.place(), label)
}

/// Whether a call in a function names a variable, if in a closure that it is given.
fn names(program: &Program<'_>, function: FunctionId, call: Location, variable: &str) -> bool {
    let facts = program.file(function.file);
    let is_inside = |span: Span| call.span.start <= span.start && span.end <= call.span.end;
    let mut exprs = facts.exprs_of(program.function(function)).iter();
    call.file == function.file
        && exprs.any(|expr| {
            matches!(expr.kind, ExprKind::Name(name) if facts.name(name) == variable)
                && is_inside(expr.span)
        })
}

/// What the source calls what fills a hole.
fn hole(part: &Part) -> Option<&str> {
    match part {
        Part::Hole { label, .. } => Some(label),
        Part::Text(_) | Part::Gone => None,
    }
}
