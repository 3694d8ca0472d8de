//! Finds the drops behind writes of a feed whose key nothing stores or looks up.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::graph::effect::{Effect, EffectKind};
use crate::graph::entries::Entry;
use crate::graph::feeds::Feed;
use crate::graph::interp::{Interp, Scenario};
use crate::graph::key::Template;
use crate::graph::survey::Survey;
use crate::graph::value::StoreRef;
use crate::source::Location;

/// The drops of keys that nothing stores, behind writes of a feed: the key of its entry was meant.
pub(super) fn collect_mismatches(
    interp: &mut Interp<'_>,
    entry: &Entry,
    feed: &Feed,
    survey: &Survey,
    mismatches: &BTreeMap<Location, Arc<Template>>,
) -> Vec<(Location, String)> {
    let followed: Vec<Vec<Effect>> = [Scenario::Create, Scenario::Update, Scenario::Delete]
        .iter()
        .map(|scenario| interp.follow_write(feed.model, scenario))
        .collect();
    let writers = survey.droppers().map(|run| &run.effects).filter(|effects| {
        effects.iter().any(|effect| {
            matches!(&*effect.kind, EffectKind::Write(write) if write.model == Some(feed.model))
        })
    });
    let effects = followed.iter().chain(writers).flatten();
    let stores =
        |store: Option<&StoreRef>| entry.fills.iter().any(|stored| stored.fill.may_be_in(store));
    let mut found: Vec<(Location, String)> = effects
        .filter_map(|effect| match &*effect.kind {
            EffectKind::Drop(dropped) if stores(dropped.store.as_ref()) => {
                let key = mismatches.get(&effect.site)?;
                let mut lookups = survey.lookups(interp, [&**key]);
                let is_looked_up =
                    lookups.any(|(store, other)| dropped.hit().may_hit(store, other));
                (!is_looked_up).then(|| (effect.site, key.to_string()))
            }
            _ => None,
        })
        .collect();
    found.sort();
    found.dedup();
    found
}
