//! The entries that functions put into a store.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Entry, Family, Holder, Stored, family, is_kept, lasts};
use crate::graph::effect::{Dropped, EffectKind, Fill, Timeout};
use crate::graph::feeds::Feeds;
use crate::graph::ids::FunctionId;
use crate::graph::interp::Interp;
use crate::graph::kept;
use crate::graph::key::{Origin, Part, Spelling, Template};
use crate::graph::survey::{Run, Survey};
use crate::graph::value::{FilterValue, RowPart, RowSource, StoreRef, Taint};
use crate::source::Location;

/// The entries that functions outside caching managers fill, one for each store and shape of key.
pub(super) fn in_functions(
    interp: &mut Interp<'_>,
    survey: &Survey,
    managed: &FxHashSet<Location>,
) -> Vec<Entry> {
    let mut found: Vec<(FunctionId, Vec<Stored>)> = Vec::new();
    let mut known: FxHashMap<Family, usize> = FxHashMap::default();
    let gaps = kept::filled_gaps(survey);
    let counted = survey.counted();
    for (run, effect, fill) in survey.fills() {
        let program = interp.program;
        let in_manager = program
            .enclosing_class(run.function)
            .is_some_and(|class| interp.receiver_for(class).is_rows());
        if managed.contains(&effect.site)
            || (in_manager && effect.is_direct())
            || !lasts(fill)
            || starts_counter(fill, &counted)
            || !is_kept(interp, run.function, fill, effect.site, &gaps)
        {
            continue;
        }
        let timeout = expiry(run, fill).unwrap_or(fill.timeout);
        let fill = Fill { timeout, ..fill.clone() };
        if !lasts(&fill) {
            continue;
        }
        let stored = Stored { fill, site: effect.site, by_convention: effect.by_convention };
        let mut family = family(&stored.fill);
        if stored.fill.is_response {
            // The key tells nothing of the view.
            family.1.push_str(&program.qualified_function(run.function));
        }
        let at = *known.entry(family).or_insert(found.len());
        if at == found.len() {
            found.push((run.function, Vec::new()));
        }
        let (_, fills) = &mut found[at];
        let place = |known: &&mut Stored| {
            let (own, other) = (&known.fill, &stored.fill);
            let same_fill = own.key == other.key && own.listing == other.listing;
            known.site == stored.site && same_fill
        };
        match fills.iter_mut().find(place) {
            Some(known) => known.fill.taint.add(&stored.fill.taint),
            None => fills.push(stored),
        }
    }
    let mut entries = Vec::new();
    for (function, fills) in found {
        let taints: Vec<&Taint> = fills.iter().map(|stored| &stored.fill.taint).collect();
        let mut feeds = Feeds::of(interp, &taints);
        let keys: Vec<&Template> = fills
            .iter()
            .flat_map(|stored| std::iter::once(&stored.fill.key).chain(&stored.fill.field))
            .map(|key| &**key)
            .collect();
        let arguments = by_arguments(function, &fills);
        let keys: Vec<&Template> = keys.into_iter().chain(&arguments).collect();
        feeds.forget_what_keys_hold(interp, &keys);
        if !feeds.models.is_empty() || !feeds.links.is_empty() {
            entries.push(Entry {
                holder: Holder::Function(function),
                fills,
                feeds,
                by_name: false,
                bindings: Vec::new(),
                shapes: Arc::default(),
                versions: Arc::default(),
            });
        }
    }
    entries
}

/// What stands for the key of a memoised function: one hole for each argument that chooses rows.
fn by_arguments(function: FunctionId, fills: &[Stored]) -> Option<Template> {
    let results = fills.iter().map(|stored| &stored.fill).filter(|fill| {
        fill.store.as_ref().is_some_and(StoreRef::is_of_one) && fill.key.parts.is_empty()
    });
    let filters = results.flat_map(|fill| &fill.taint).flat_map(|source| &source.filters);
    let holes = filters.filter_map(|filter| match &filter.value {
        FilterValue::From(origin @ Origin::Param(of, ..)) if *of == function => Some(Part::Hole {
            label: filter.column.clone(),
            read_from: None,
            origin: Some(origin.clone()),
            spelling: Spelling::Text,
        }),
        _ => None,
    });
    let parts: Vec<Part> = holes.collect();
    (!parts.is_empty()).then(|| Template { parts, ..Template::default() })
}

/// The timeout that a later call of the same run gives what a fill stores.
fn expiry(run: &Run, fill: &Fill) -> Option<Timeout> {
    run.effects.iter().find_map(|effect| match &*effect.kind {
        EffectKind::Expire { key, timeout, .. } if key.can_equal(&fill.key) => Some(*timeout),
        _ => None,
    })
}

/// Whether a column is what something counts up or down from, under the key that it is stored by: a counter
/// has a life of its own.
fn starts_counter(fill: &Fill, counted: &[&Dropped]) -> bool {
    let is_column = |source: &RowSource| {
        matches!(source.part, RowPart::Column(_) | RowPart::Deciding(_) | RowPart::Keys)
    };
    let is_it = |counter: &&&Dropped| {
        counter.key.as_ref().is_some_and(|key| key.is_spelled_like(&fill.key))
            && counter.hit().may_hit(fill.store.as_ref(), &fill.key)
    };
    fill.taint.iter().all(is_column) && counted.iter().any(|counter| is_it(&counter))
}
