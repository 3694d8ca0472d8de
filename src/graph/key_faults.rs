//! What is wrong with keys and drops whatever is written: keys that lack what tells their values apart,
//! and drops of a whole store.

use std::collections::BTreeMap;

use super::effect::{Effect, EffectKind};
use super::entries::{Entry, Stored};
use super::holes::{CachedEntry, Place, describe_entry};
use super::ids::FunctionId;
use super::interp::{DEFAULT_ALIAS, Interp};
use super::key::{Origin, Part, Template};
use super::survey::Survey;
use super::value::{FilterValue, RowPart};
use crate::source::Location;

/// A key that does not hold what its value was chosen by.
#[derive(Debug, Clone)]
pub struct UnscopedKey {
    /// The call that stores, and the key.
    pub stored: Place,
    /// The column whose condition the key does not tell.
    pub column: String,
    /// The entry.
    pub entry: CachedEntry,
}

/// A key of whole rows without a part that tells the version of the code.
#[derive(Debug, Clone)]
pub struct UnversionedKey {
    /// The call that stores, and the key.
    pub stored: Place,
    /// The entry.
    pub entry: CachedEntry,
}

/// The keys that do not hold what their values were chosen by, in the order of the entries.
pub fn unscoped_keys(interp: &Interp<'_>, entries: &[Entry]) -> Vec<UnscopedKey> {
    let mut found = Vec::new();
    for entry in entries {
        for stored in &entry.fills {
            if let Some(column) = untold_condition(stored) {
                found.push(UnscopedKey {
                    stored: place(stored),
                    column,
                    entry: describe_entry(interp, entry),
                });
            }
        }
    }
    found
}

/// The keys of whole rows without a version, in the order of the entries.
pub fn unversioned_keys(interp: &Interp<'_>, entries: &[Entry]) -> Vec<UnversionedKey> {
    let mut found = Vec::new();
    // New code finds no old rows in a process of its own.
    for entry in entries.iter().filter(|entry| !entry.is_process_local()) {
        let whole = |stored: &&Stored| {
            stored.fill.key.is_specific()
                && !stored.fill.is_response
                && stored.fill.taint.iter().any(|source| source.part == RowPart::Whole)
        };
        for stored in entry.fills.iter().filter(whole) {
            let names_version = |name: &str| interp.program.frameworks.names_version(name);
            if !tells_version(&stored.fill.key, names_version) {
                found.push(UnversionedKey {
                    stored: place(stored),
                    entry: describe_entry(interp, entry),
                });
            }
        }
    }
    found
}

/// The drops of a whole store behind writes of rows, with the function that does it, in source order: where
/// several do, the one that is the fewest calls away from it.
pub fn whole_drops(interp: &Interp<'_>, survey: &Survey, by_hooks: &[Location]) -> Vec<Place> {
    let mut found: BTreeMap<Location, (usize, FunctionId)> = BTreeMap::new();
    for run in survey.droppers() {
        let written = |effect: &Effect| match &*effect.kind {
            EffectKind::Write(write) => Some(write.model),
            _ => None,
        };
        let writes_rows = run.effects.iter().any(|effect| written(effect).flatten().is_some());
        for (at, effect) in run.effects.iter().enumerate().filter(|(_, it)| drops_all(it)) {
            // What is written of no model may be anything, and is meant only where the drop comes behind it.
            let writes = writes_rows || run.effects[..at].iter().any(|it| written(it).is_some());
            if writes || by_hooks.contains(&effect.site) {
                let by = (effect.calls.len(), run.function);
                let nearest = found.entry(effect.site).or_insert(by);
                if by.0 < nearest.0 {
                    *nearest = by;
                }
            }
        }
    }
    let place = |(location, (_, function))| {
        let name = interp.program.qualified_function(function);
        Place { name, location }
    };
    found.into_iter().map(place).collect()
}

/// Whether an effect empties a store that holds more than one entry.
fn drops_all(effect: &Effect) -> bool {
    let EffectKind::Drop(dropped) = &*effect.kind else { return false };
    // One that was set up beside the default one has its name for what it is kept for.
    let is_shared = dropped.store.as_ref().is_some_and(|store| {
        !store.is_of_one() && store.alias.as_ref().is_none_or(|alias| &**alias == DEFAULT_ALIAS)
    });
    let all = match &dropped.key {
        None => true,
        Some(key) => {
            matches!(key.parts.as_slice(), [Part::Hole { label, .. }] if &**label == "*")
        }
    };
    is_shared && all && !effect.by_convention
}

/// A condition on the rows by a parameter that no hole of the key tells.
fn untold_condition(stored: &Stored) -> Option<String> {
    let fill = &stored.fill;
    let is_of_one = fill.store.as_ref().is_none_or(|store| store.is_of_one());
    // What is added stands beside what others have added.
    if is_of_one || fill.adds || stored.by_convention {
        return None;
    }
    let mut told: Vec<&Origin> = Vec::new();
    let whole = std::iter::once(&fill.key).chain(&fill.field);
    for part in whole.flat_map(|template| &template.parts) {
        match part {
            Part::Hole { origin: Some(origin), .. } => told.push(origin),
            // What fills this one may well tell it.
            Part::Hole { .. } => return None,
            _ => {}
        }
    }
    let param = |origin: &Origin| match origin {
        Origin::Param(function, name, _) => Some((*function, *name)),
        Origin::Column { .. } | Origin::Once | Origin::Setting => None,
    };
    let sources = fill.taint.iter().filter(|source| source.via.is_none());
    let conditions = sources.flat_map(|source| &source.filters);
    conditions
        .filter_map(|filter| match &filter.value {
            FilterValue::From(origin) => Some((filter, param(origin)?)),
            _ => None,
        })
        .find(|(_, given)| !told.iter().any(|origin| param(origin) == Some(*given)))
        .filter(|_| told.iter().all(|origin| param(origin).is_some()))
        .map(|(filter, _)| filter.column.to_string())
}

/// Whether a key has a part that changes with the code or the schema: `v2`, `5.0.1`, a counter, a hash.
pub fn tells_version(key: &Template, names_version: impl Fn(&str) -> bool) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let numbers_schema = |word: &str| {
        let digits = word.trim_start_matches(['v', 'V']);
        digits.len() < word.len() && is_number(digits)
    };
    let is_release = |word: &str| word.split('.').count() > 2 && word.split('.').all(is_number);
    key.parts.iter().any(|part| match part {
        Part::Text(text) => {
            text.split(|c: char| !c.is_ascii_alphanumeric()).any(numbers_schema)
                || text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.').any(is_release)
        }
        Part::Hole { read_from: Some(_), .. } => true,
        Part::Hole { label, .. } => names_version(label),
        Part::Gone => false,
    })
}

fn place(stored: &Stored) -> Place {
    Place { name: stored.fill.key.to_string(), location: stored.site }
}
