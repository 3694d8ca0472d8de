//! What is cached: values that are stored together, and the rows that they were computed from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::effect::{Act, Effect, Fill, Write};
use super::program::Program;
use super::run::{Outcome, Runner};
use super::stores::is_open;
use super::value::{Owner, RANDOM, Rows, Seconds, Store};
use crate::facts::{ExprKind, StmtKind};
use crate::graph::holes::{CachedEntry, Place};
use crate::graph::ids::FunctionId;
use crate::graph::key::{Part, Template};
use crate::graph::sql_literals::differ;
use crate::source::Location;

/// Values that are stored together.
#[derive(Debug)]
pub struct Entry {
    /// Where they are stored.
    pub store: Store,
    /// Under which key.
    pub key: Arc<Template>,
    /// The calls that store them, each with the function that it stands in.
    pub fills: Vec<(Location, FunctionId)>,
    /// The rows that they were computed from.
    pub rows: Rows,
    /// How long they stay, where that is known.
    pub timeout: Option<Seconds>,
    /// Whether some step was found by a name alone.
    pub is_guessed: bool,
}

impl Entry {
    /// Whether doing something drops or renews it.
    pub fn is_dropped_by(&self, act: &Act) -> bool {
        match act {
            Act::Drop(store, key) => {
                self.store.may_be(store) && key.as_ref().is_none_or(|key| self.key.can_equal(key))
            }
            // Which fields it changes is asked where it is known what is written.
            Act::Patch(patch) => {
                patch.changes()
                    && self.store.may_be(&patch.store)
                    && patch.key.as_ref().is_none_or(|key| self.key.can_equal(key))
            }
            Act::Fill(fill) => {
                fill.overwrites && self.store.may_be(&fill.store) && self.key.can_equal(&fill.key)
            }
            _ => false,
        }
    }

    /// Whether its key is another one at each call that stores something.
    pub fn is_of_one_call(&self) -> bool {
        let is_random =
            |part: &Part| matches!(part, Part::Hole { label, .. } if &**label == RANDOM);
        self.key.parts.iter().any(is_random)
    }

    /// Whether the rows that a write is about are none of those that it holds.
    pub fn leaves_out(&self, write: &Write) -> bool {
        let mut of_it = self.rows.iter().filter(|source| source.table == write.table).peekable();
        of_it.peek().is_some() && of_it.all(|source| differ(&source.having, &write.having))
    }

    /// Whether doing something stores rows in it.
    pub fn is_filled_by(&self, act: &Act) -> bool {
        let Act::Fill(fill) = act else { return false };
        !fill.rows.is_empty() && self.store.may_be(&fill.store) && self.key.can_equal(&fill.key)
    }

    /// Whether doing something deletes it, or changes it in place.
    pub fn is_cleared_by(&self, act: &Act) -> bool {
        matches!(act, Act::Drop(..) | Act::Patch(_)) && self.is_dropped_by(act)
    }

    /// Whether a hook that does something covers it.
    pub fn is_covered_by(&self, act: &Act) -> bool {
        *act == Act::Named || self.is_dropped_by(act)
    }

    /// The entry in words of the source.
    pub fn describe(&self, program: &Program<'_>) -> CachedEntry {
        let holder = match self.fills.first() {
            Some((_, function)) => program.function_place(*function),
            None => Place {
                name: String::new(),
                location: Location {
                    file: crate::source::FileId(0),
                    span: crate::source::Span::default(),
                },
            },
        };
        let label = match &self.store.owner {
            Owner::Static(file, stmt) => {
                let facts = program.file(*file);
                let name = match facts.stmt(*stmt).kind {
                    StmtKind::Assign { target, .. } => match facts.expr(target).kind {
                        ExprKind::Name(name) => facts.name(name),
                        _ => "static",
                    },
                    _ => "static",
                };
                format!("{name}[{}]", self.key)
            }
            Owner::Field(class, field, _) => {
                format!("{}.{field}[{}]", program.class_name(*class), self.key)
            }
            Owner::Function(function) => program.function_name(*function).to_owned(),
            Owner::Keyed(binding) => {
                format!("{}[{}]", program.bindings.get(*binding).label, self.key)
            }
            Owner::One | Owner::Made(_) | Owner::Any => self.key.to_string(),
        };
        let stored = self.fills.iter();
        CachedEntry {
            label,
            holder,
            lister: None,
            version: None,
            variable: None,
            attribute: None,
            stored: stored
                .map(|(site, _)| Place { name: self.key.to_string(), location: *site })
                .collect(),
        }
    }
}

/// The entries that functions fill, from what each does.
pub fn find(runner: &Runner<'_, '_>, runs: &[(FunctionId, Arc<Outcome>)]) -> Vec<Entry> {
    // For each call that stores: the runs that know its rows, the nearest first.
    let mut by_site: BTreeMap<Location, Vec<(FunctionId, &Effect, &Fill)>> = BTreeMap::new();
    for (function, outcome) in runs {
        for effect in &outcome.effects {
            if let Act::Fill(fill) = &effect.act
                && !fill.rows.is_empty()
            {
                by_site.entry(effect.site).or_default().push((*function, effect, fill));
            }
        }
    }
    let mut entries: BTreeMap<(Store, String), Entry> = BTreeMap::new();
    for candidates in by_site.into_values() {
        let is_own = |found: &&(FunctionId, &Effect, &Fill)| {
            found.0 == found.1.function
                && (found.2.store.owner != Owner::One || !is_open(&found.2.key))
        };
        let own: Vec<_> = candidates.iter().filter(is_own).copied().collect();
        // Of those that call each other, the one that calls the wrapper says it first.
        let roots: BTreeSet<FunctionId> = candidates.iter().map(|(root, ..)| *root).collect();
        let is_first = |found: &&(FunctionId, &Effect, &Fill)| {
            found.1.through.is_none_or(|callee| callee == found.0 || !roots.contains(&callee))
        };
        let first = || candidates.iter().filter(is_first).copied().collect::<Vec<_>>();
        let chosen = if own.is_empty() { first() } else { own };
        for (function, effect, fill) in chosen {
            if fill.store.owner == Owner::One && is_open(&fill.key) {
                continue;
            }
            let entry =
                entries.entry((fill.store.clone(), fill.key.shape())).or_insert_with(|| Entry {
                    store: fill.store.clone(),
                    key: fill.key.clone(),
                    fills: Vec::new(),
                    rows: Rows::new(),
                    timeout: None,
                    is_guessed: false,
                });
            // Callers that know the key and the rows name it better than the wrapper they call.
            if !entry.fills.contains(&(effect.site, function)) {
                entry.fills.push((effect.site, function));
            }
            entry.rows.extend(fill.rows.iter().cloned());
            entry.timeout = entry.timeout.max(fill.timeout);
            entry.is_guessed |= effect.is_guessed;
        }
    }
    let mut all: Vec<Entry> = entries.into_values().collect();
    for entry in &mut all {
        let of_store = match &entry.store.owner {
            Owner::Field(class, field, _) => runner.field_timeout(*class, field),
            _ => runner.timeouts.get(&entry.store).copied(),
        };
        entry.timeout = entry.timeout.or(of_store);
    }
    all.extend(memoised(runner.program, runs));
    all
}

/// What memoised functions keep.
fn memoised(program: &Program<'_>, runs: &[(FunctionId, Arc<Outcome>)]) -> Vec<Entry> {
    let mut found = Vec::new();
    for (function, outcome) in runs {
        let Some(memoised) = program.memoised(*function) else { continue };
        if outcome.returns.rows.is_empty() {
            continue;
        }
        found.push(Entry {
            store: Store { kind: memoised.kind, owner: Owner::Function(*function) },
            key: Arc::new(Template::hole("arguments")),
            fills: vec![(program.function_place(*function).location, *function)],
            rows: outcome.returns.rows.clone(),
            timeout: memoised.timeout,
            is_guessed: false,
        });
    }
    found
}
