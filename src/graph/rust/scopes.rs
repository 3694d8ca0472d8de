//! Which rows an entry holds: those that have a value in a column, and whether its key tells that value.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::coverage::{Runs, Side, covering_hook};
use super::effect::{Act, Effect};
use super::entries::Entry;
use super::hooks::Hook;
use super::program::Program;
use super::run::Outcome;
use super::tables::TableId;
use super::types::ty_of;
use super::value::{Owner, RETURNED};
use crate::facts::ExprKind;
use crate::graph::ids::FunctionId;
use crate::graph::key::{Part, Template};
use crate::source::Location;

/// A drop of the entry that a row moves to, by code that moves it, with none of the one that it leaves.
#[derive(Debug)]
pub struct Move {
    /// The column that moves it.
    pub column: Arc<str>,
    /// The function that drops.
    pub function: FunctionId,
    /// Where it does.
    pub drop: Location,
}

/// The call that stores rows of which some column has the value of a parameter that the key does not tell,
/// and the column.
pub fn untold(program: &Program<'_>, runs: &Runs, entry: &Entry) -> Option<(Location, Arc<str>)> {
    // What keeps the entries of one tenant needs none in its keys.
    if entry.is_guessed
        || matches!(entry.store.owner, Owner::Any | Owner::Made(_) | Owner::Function(_))
    {
        return None;
    }
    entry.fills.iter().find_map(|(site, function)| {
        let outcome = runs.by_function.get(function)?;
        let own = |effect: &&Effect| effect.depth == 0 && effect.function == *function;
        let mut confined =
            outcome.effects.iter().filter(own).filter_map(|effect| match &effect.act {
                Act::Confine(table, column, to) if is_confined(entry, *table, column) => {
                    Some((column, to))
                }
                _ => None,
            });
        let roots = roots(&entry.key);
        let params = params(program, *function);
        // Something else may tell the value, too.
        if !roots.iter().all(|root| params.contains(&&**root)) {
            return None;
        }
        let (column, _) = confined.find(|(_, to)| {
            only_root(to).is_some_and(|root| {
                root != "self"
                    && params.contains(&root)
                    && !roots.contains(root)
                    // What is looked at again may be compared with what was found.
                    && uses(program, *function, root) == 1
            })
        })?;
        Some((*site, column.clone()))
    })
}

/// The moves of rows of a table between the entries of two keys of which only the new one is dropped.
pub fn moves(
    program: &Program<'_>,
    runs: &Runs,
    hooks: &[Hook],
    entry: &Entry,
    table: TableId,
) -> Option<Move> {
    let column = scope(program, runs, entry, table)?;
    for (function, site, write) in runs.writes_of(table, Side::Update) {
        if !write.columns.as_ref().is_some_and(|columns| columns.contains(&column)) {
            continue;
        }
        let hook = covering_hook(entry, hooks, table, Side::Update).filter(|_| write.hooks);
        let (dropping, outcome): (FunctionId, &Outcome) = match hook {
            Some((hook, _)) => {
                let found = hooks.iter().find(|known| known.function == hook)?;
                (hook, found.on(Side::Update)?)
            }
            None => (*function, runs.by_function.get(function)?),
        };
        if hook.is_none() && !outcome.effects.iter().any(|effect| effect.site == *site) {
            continue;
        }
        let Some((key, drop)) = only_drop(entry, outcome) else { continue };
        let params = params(program, dropping);
        let is_new = match hook {
            // A hook is given the row as it is now.
            Some(_) => labels(&key).iter().any(|label| label.ends_with(&format!(".{column}"))),
            None => only_hole(&key).is_some_and(|root| {
                params.contains(&root) && !is_row(program, dropping, root, table)
                    || labels(&key).contains(format!("{root}.{column}").as_str())
                        && root == RETURNED
            }),
        };
        if is_new {
            return Some(Move { column, function: dropping, drop });
        }
    }
    None
}

/// The column of which the key of an entry of listed rows tells the value.
fn scope(program: &Program<'_>, runs: &Runs, entry: &Entry, table: TableId) -> Option<Arc<str>> {
    let in_key = labels(&entry.key);
    entry.fills.iter().find_map(|(_, function)| {
        let outcome = runs.by_function.get(function)?;
        outcome.effects.iter().find_map(|effect| match &effect.act {
            Act::Confine(of, column, to)
                if *of == table
                    && *column != program.table(table).key
                    && is_confined(entry, table, column)
                    && labels(to).iter().any(|label| in_key.contains(whole(label))) =>
            {
                Some(column.clone())
            }
            _ => None,
        })
    })
}

/// The one key of an entry that is dropped, and where; none where there are several, or it is not known.
fn only_drop(entry: &Entry, outcome: &Outcome) -> Option<(Arc<Template>, Location)> {
    let mut found: Option<(Arc<Template>, Location)> = None;
    for effect in &outcome.effects {
        let key = match &effect.act {
            Act::Named => return None,
            act if !entry.is_dropped_by(act) => continue,
            Act::Drop(_, Some(key)) => key,
            Act::Patch(patch) => patch.key.as_ref()?,
            Act::Fill(fill) => &fill.key,
            _ => return None,
        };
        match &found {
            Some((known, _)) if known == key => {}
            Some(_) => return None,
            None => found = Some((key.clone(), effect.place())),
        }
    }
    found
}

/// Whether the rows that an entry holds were chosen by a column.
fn is_confined(entry: &Entry, table: TableId, column: &Arc<str>) -> bool {
    entry.rows.iter().any(|source| source.table == table && source.column.as_ref() == Some(column))
}

/// What the source calls what fills the holes of a key.
fn labels(key: &Template) -> BTreeSet<&str> {
    let labels = key.parts.iter().filter_map(|part| match part {
        Part::Hole { label, .. } => Some(&**label),
        _ => None,
    });
    labels.collect()
}

/// The variables that these start from.
fn roots(key: &Template) -> BTreeSet<&str> {
    labels(key).into_iter().map(root).collect()
}

/// The variable that a value is, or is a part of, where it is no more than that.
pub(super) fn only_root(value: &Template) -> Option<&str> {
    match value.parts.as_slice() {
        [Part::Hole { label, .. }] => Some(root(label)),
        _ => None,
    }
}

/// The variable that the one hole of a key is filled with, or with a part of it.
fn only_hole(key: &Template) -> Option<&str> {
    let mut labels = labels(key).into_iter();
    labels.next().filter(|_| labels.next().is_none()).map(root)
}

/// What a newtype is called round a value: `id` of `id.0`.
pub(super) fn whole(label: &str) -> &str {
    match label.rsplit_once('.') {
        Some((of, part)) if part.bytes().all(|byte| byte.is_ascii_digit()) => of,
        _ => label,
    }
}

pub(super) fn root(label: &str) -> &str {
    label.split('.').next().unwrap_or(label)
}

/// Whether a parameter of a function is a row of a table: it may be as it was before the write.
pub(super) fn is_row(
    program: &Program<'_>,
    function: FunctionId,
    name: &str,
    table: TableId,
) -> bool {
    let facts = program.file(function.file);
    let mut params = program.function(function).params.iter();
    let annotation = params.find(|param| facts.name(param.name) == name);
    let annotation = annotation.and_then(|param| param.annotation);
    let module = program.crates.module_of_function(function);
    let (Some(annotation), Some(module)) = (annotation, module) else { return false };
    let ty = ty_of(program, module, None, function.file, annotation);
    let class = ty.peeled(program).0.class();
    class.is_some_and(|class| program.table_of_class.get(&class) == Some(&table))
}

/// The names of the parameters of a function.
pub(super) fn params<'a>(program: &Program<'a>, function: FunctionId) -> Vec<&'a str> {
    let facts = program.file(function.file);
    program.function(function).params.iter().map(|param| facts.name(param.name)).collect()
}

/// How often a function names a variable.
fn uses(program: &Program<'_>, function: FunctionId, name: &str) -> usize {
    let facts = program.file(function.file);
    let exprs = facts.exprs_of(program.function(function)).iter();
    exprs
        .filter(|expr| matches!(expr.kind, ExprKind::Name(known) if facts.name(known) == name))
        .count()
}
