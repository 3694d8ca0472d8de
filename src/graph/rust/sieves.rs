//! Closures that tell of each entry whether a store drops it: by its key, by a part of that, or by a field of what is
//! stored.

use std::sync::Arc;

use super::coverage::{Runs, Side};
use super::effect::{Act, Effect};
use super::entries::Entry;
use super::program::Program;
use super::run::{Outcome, Runner};
use super::scopes::{Move, is_row, only_root, params};
use super::tables::TableId;
use super::types::{Head, Ty};
use super::value::{Closure, Value, What};
use crate::facts::CompareOp;
use crate::graph::key::{Part, Template};

/// What the key of an entry is called in such a closure, and what is stored: no variable is called like that.
const KEY: &str = "kept key";
const STORED: &str = "kept value";

/// The entries that are dropped.
pub(super) enum Sieve {
    /// Those of a key.
    Key(Arc<Template>),
    /// Those that have a value in a field.
    Field(Arc<str>, Arc<Template>),
}

/// What a field or the key of an entry is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Compared {
    /// Whether both are to be the same, or are not.
    pub is_same: bool,
    /// What the entry, or the part of it, is called.
    pub part: Arc<str>,
    /// The other side.
    pub with: Arc<Template>,
}

/// What two values that are compared tell of an entry of a store, where one of them is a part of it.
pub(super) fn compared(op: CompareOp, left: &Value, right: &Value) -> Option<Compared> {
    let is_same = match op {
        CompareOp::Eq => true,
        CompareOp::NotEq => false,
        _ => return None,
    };
    let (left, right) = (left.text.as_ref(), right.text.as_ref());
    let of = |part: Option<&Arc<Template>>, with: Option<&Arc<Template>>| {
        let part = part_of_entry(part?)?;
        Some(Compared { is_same, part, with: with?.clone() })
    };
    of(left, right).or_else(|| of(right, left))
}

fn part_of_entry(text: &Template) -> Option<Arc<str>> {
    match text.parts.as_slice() {
        [Part::Hole { label, .. }] if label.starts_with(KEY) || label.starts_with(STORED) => {
            Some(label.clone())
        }
        _ => None,
    }
}

impl Runner<'_, '_> {
    /// The entries that a store of some type drops by a closure, which is true of those that it keeps or of those
    /// that it drops; nothing where that is not told by one comparison.
    pub(super) fn sieve(&mut self, closure: &Closure, keeps: bool, of: &Ty) -> Option<Sieve> {
        let args = of.peeled(self.program).0.args.clone();
        let key = Value::named(args.first().cloned().unwrap_or_default(), KEY);
        let stored = Value::named(args.last().cloned().unwrap_or_default(), STORED);
        let What::Compared(compared) = self.call_closure(closure, vec![key, stored]).what else {
            return None;
        };
        // Those that are the same are dropped.
        if compared.is_same == keeps {
            return None;
        }
        if let Some(field) = compared.part.strip_prefix(STORED) {
            let field = field.strip_prefix('.').filter(|field| !field.contains('.'))?;
            return Some(Sieve::Field(field.into(), compared.with.clone()));
        }
        let part = compared.part.strip_prefix(KEY)?;
        if part.is_empty() {
            return Some(Sieve::Key(compared.with.clone()));
        }
        let at: usize = part.strip_prefix('.')?.parse().ok()?;
        let parts = args.first().filter(|key| key.head == Head::Tuple)?.args.len();
        let mut key = Template::default();
        for place in 0..parts {
            if place > 0 {
                key.push_text(":");
            }
            match place == at {
                true => key.append(&compared.with),
                false => key.append(&Template::hole("*")),
            }
        }
        (at < parts).then(|| Sieve::Key(Arc::new(key)))
    }
}

/// The field by which a call drops entries of some rows, with the value that it has there.
pub(super) fn field_of<'o>(
    outcome: &'o Outcome,
    drop: &Effect,
) -> Option<(&'o Arc<str>, &'o Arc<Template>)> {
    outcome.effects.iter().find_map(|effect| match &effect.act {
        Act::Sift(_, field, to) if effect.site == drop.site => Some((field, to)),
        _ => None,
    })
}

/// The moves of rows of a table after which those are dropped that have the new value: what is stored has the old
/// one still.
pub(super) fn moves(
    program: &Program<'_>,
    runs: &Runs,
    entry: &Entry,
    table: TableId,
) -> Option<Move> {
    runs.writes_of(table, Side::Update).find_map(|(function, _, write)| {
        let outcome = runs.by_function.get(function)?;
        let written = write.columns.as_ref()?;
        let params = params(program, *function);
        let mut found = None;
        for effect in &outcome.effects {
            if effect.act == Act::Named {
                return None;
            }
            if !entry.is_dropped_by(&effect.act) {
                continue;
            }
            let (field, to) = field_of(outcome, effect)?;
            let value = only_root(to)?;
            let is_new = written.contains(field)
                && params.contains(&value)
                && !is_row(program, *function, value, table)
                && !is_aimed(outcome, table, to);
            if !is_new {
                return None;
            }
            found.get_or_insert((field, effect.place()));
        }
        let (column, drop) = found?;
        Some(Move { column: column.clone(), function: *function, drop })
    })
}

/// Whether the rows that a function writes have a value before it writes them.
fn is_aimed(outcome: &Outcome, table: TableId, value: &Template) -> bool {
    outcome.effects.iter().any(|effect| match &effect.act {
        Act::Aim(of, _, to) | Act::Confine(of, _, to) => *of == table && **to == *value,
        _ => false,
    })
}
