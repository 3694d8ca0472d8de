//! Tells of each gap of an entry how the entry can be dropped there.

use super::{CachedLinks, CachedModel, SideState};
use crate::graph::entries::Entry;
use crate::graph::hooks::Hooks;
use crate::graph::interp::Interp;
use crate::graph::recipes::Cookbook;
use crate::graph::survey::Survey;

/// Adds the recipes to what was found of an entry: its models in the order of its feeds, and its links.
pub(super) fn add_recipes(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    survey: &Survey,
    entry: &Entry,
    models: &mut [CachedModel],
    links: &mut [CachedLinks],
) {
    if !models.iter().any(has_gaps) && !links.iter().any(links_have_gaps) {
        return;
    }
    let book = Cookbook::of(interp, hooks, survey, entry);
    for (feed, cached) in entry.feeds.models.iter().zip(models) {
        if has_gaps(cached) {
            cached.recipe = book.for_feed(interp, feed);
        }
        for cascade in &mut cached.silent_cascades {
            let name = cascade.relation.name.rsplit('.').next().unwrap_or_default();
            let fields = interp.relation_fields(feed.model).to_vec();
            let Some(field) = fields.into_iter().find(|field| **field == *name) else { continue };
            let target = interp.relation(feed.model, &field).and_then(|it| it.target);
            if let Some(target) = target {
                cascade.recipe = book.for_target(interp, feed, &field, target);
            }
        }
    }
    for ((owner, field), cached) in entry.feeds.links.iter().zip(links) {
        if links_have_gaps(cached) {
            cached.recipe = book.for_links(interp, *owner, field);
            cached.through_recipe = match interp.through_of(*owner, field) {
                Some(through) => book.for_through(interp, through, *owner, field),
                None => book.for_automatic_through(interp, *owner, field),
            };
        }
    }
}

fn has_gaps(cached: &CachedModel) -> bool {
    let open = [&cached.create, &cached.update, &cached.delete];
    open.into_iter().any(|side| side.state == SideState::Hole)
        || !cached.open_columns.is_empty()
        || !cached.open_writes.is_empty()
        || cached.moved.is_some()
        || !cached.silent_cascades.is_empty()
        || cached.bypassed_override.is_some()
}

fn links_have_gaps(cached: &CachedLinks) -> bool {
    let open = [&cached.edits, &cached.through_rows];
    open.into_iter().any(|side| side.state == SideState::Hole)
        || !cached.open_edits.is_empty()
        || !cached.open_writes.is_empty()
}
