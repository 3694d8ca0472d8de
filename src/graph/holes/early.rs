//! Collects the drops that come before the transaction ends.

use super::describe::path_of;
use super::places::hook_ref_place;
use super::{CachedModel, EarlyDrop, Place};
use crate::graph::ModelGraph;
use crate::graph::coverage::{self, CellState, Coverage};
use crate::graph::effect::{Goal, HookRef};
use crate::graph::feeds::Feed;
use crate::graph::hooks::{Hook, Sender};
use crate::graph::interp::{Interp, Scenario};
use crate::rules::WritePath;
use crate::source::Location;

/// What drops the entry before the transaction ends: hooks, and code that writes the rows itself.
pub(super) fn collect_early(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    cached: &CachedModel,
    coverage: &Coverage,
    feed: &Feed,
    goal: &Goal,
    graph: &mut ModelGraph,
) {
    let cells = [
        (&coverage.create, Scenario::Create, WritePath::Create),
        (&coverage.update, Scenario::Update, WritePath::Update),
        (&coverage.delete, Scenario::Delete, WritePath::Delete),
    ];
    for (cell, scenario, path) in cells {
        let CellState::Covered { hook: Some(hook), is_deferred: false, .. } = &cell.state else {
            continue;
        };
        let is_unsure_of_sender = match hook {
            HookRef::Receiver(id) => hooks[id.0 as usize].sender == Sender::Unknown,
            HookRef::Method(_) => false,
        };
        if is_unsure_of_sender {
            continue;
        }
        let Some(drop) = coverage::early_drop(interp, feed.model, &scenario, goal) else {
            continue;
        };
        let place = hook_ref_place(interp, hooks, *hook);
        add_early(graph, cached, place, drop, true, path);
    }
    for (site, drop) in &coverage.early_by_hand {
        let name = interp.program.qualified_function(site.function);
        let path = path_of(&site.write.kind);
        add_early(graph, cached, Place { name, location: *drop }, *drop, false, path);
    }
}

fn add_early(
    graph: &mut ModelGraph,
    cached: &CachedModel,
    place: Place,
    drop: Location,
    is_hook: bool,
    path: WritePath,
) {
    let known = graph.early_drops.iter_mut().find(|early| {
        early.hook == place
            && early.model == cached.model
            && early.entry.label == cached.entry.label
    });
    match known {
        Some(early) => early.paths.push(path),
        None => graph.early_drops.push(EarlyDrop {
            hook: place,
            drop,
            is_hook,
            model: cached.model.clone(),
            entry: cached.entry.clone(),
            paths: vec![path],
            confidence: cached.confidence,
        }),
    }
}
