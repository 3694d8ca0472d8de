//! Collects the drops that come before the transaction ends.

use super::describe::{certainty, path_of};
use super::places::{class_place, hook_ref_place};
use super::{CachedLinks, CachedModel, EarlyDrop, Place};
use crate::graph::coverage::{self, CellState, Coverage, LinkCoverage};
use crate::graph::effect::{Early, Goal, HookRef, add_ways};
use crate::graph::feeds::{Feed, FeedKind};
use crate::graph::hooks::{Hooks, Sender};
use crate::graph::ids::FunctionId;
use crate::graph::interp::{Interp, Scenario};
use crate::graph::program::Program;
use crate::graph::writers::Site;
use crate::rules::WritePath;
use crate::source::Location;

/// What drops the entry before the transaction ends: hooks, and code that writes the rows itself.
pub(super) fn collect_early(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    cached: &CachedModel,
    coverage: &Coverage,
    feed: &Feed,
    goal: &Goal,
    early_drops: &mut Vec<EarlyDrop>,
) {
    let told = EarlyDrop {
        has_signals: true,
        hook: cached.model.clone(),
        function: cached.model.location,
        drop: cached.model.location,
        ways: Vec::new(),
        model: cached.model.clone(),
        entry: cached.entry.clone(),
        paths: Vec::new(),
        confidence: cached.confidence,
    };
    let cells = [
        (&coverage.create, Scenario::Create, WritePath::Create),
        (&coverage.update, Scenario::Update, WritePath::Update),
        (&coverage.delete, Scenario::Delete, WritePath::Delete),
    ];
    // A row that is not there yet can only be missing from what lists rows.
    let matters = |path| path != WritePath::Create || feed.lists_rows;
    for (cell, scenario, path) in cells.into_iter().filter(|(.., path)| matters(*path)) {
        if !matches!(cell.state, CellState::Covered { hook: Some(_), is_deferred: false, .. }) {
            continue;
        }
        // What covers the write may be another hook, which may drop the entry and comes first.
        let Some((hook, early)) = coverage::early_hook(interp, feed.model, &scenario, goal) else {
            continue;
        };
        if is_unsure_of_sender(hooks, hook) {
            continue;
        }
        let function = function_of_hook(interp, hooks, hook);
        let hook = hook_ref_place(interp, hooks, hook);
        add_path(early_drops, EarlyDrop { hook, function, ..told.of(early) }, path);
    }
    if let Some((hook, early)) = coverage.moved.as_ref().and_then(|moved| moved.early.clone())
        && !is_unsure_of_sender(hooks, hook)
    {
        let function = function_of_hook(interp, hooks, hook);
        let hook = hook_ref_place(interp, hooks, hook);
        add_path(early_drops, EarlyDrop { hook, function, ..told.of(early) }, WritePath::Update);
    }
    let may_lose_rows = feed.kind() != FeedKind::Forward;
    if may_lose_rows
        && let Some((hook, early)) = coverage::early_queryset_delete(interp, feed.model, goal)
    {
        let function = function_of_hook(interp, hooks, hook);
        let hook = hook_ref_place(interp, hooks, hook);
        add_path(
            early_drops,
            EarlyDrop { hook, function, ..told.of(early) },
            WritePath::QuerysetDelete,
        );
    }
    for early in coverage::early_with_targets(interp, feed, goal) {
        if is_unsure_of_sender(hooks, early.hook) {
            continue;
        }
        let mut of_target = told.of(early.early);
        of_target.model = class_place(interp, early.target);
        of_target.function = function_of_hook(interp, hooks, early.hook);
        of_target.hook = hook_ref_place(interp, hooks, early.hook);
        add_path(early_drops, of_target, WritePath::Delete);
    }
    add_by_hand(interp, early_drops, &told, &coverage.early_by_hand);
}

/// What drops the entry of a many-to-many field before the transaction ends.
pub(super) fn collect_early_edits(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    cached: &CachedLinks,
    coverage: &LinkCoverage,
    goal: &Goal,
    early_drops: &mut Vec<EarlyDrop>,
) {
    let told = EarlyDrop {
        has_signals: true,
        hook: cached.relation.clone(),
        function: cached.relation.location,
        drop: cached.relation.location,
        ways: Vec::new(),
        model: cached.model.clone(),
        entry: cached.entry.clone(),
        paths: Vec::new(),
        confidence: cached.confidence,
    };
    if let Some((hook, early)) = coverage::early_edit(interp, coverage.owner, &coverage.field, goal)
        && !is_unsure_of_sender(hooks, hook)
    {
        let function = function_of_hook(interp, hooks, hook);
        let hook = hook_ref_place(interp, hooks, hook);
        add_path(early_drops, EarlyDrop { hook, function, ..told.of(early) }, WritePath::M2mChange);
    }
    if let Some(through) = coverage.through {
        let told = EarlyDrop { model: class_place(interp, through), ..told.clone() };
        // Links that are taken away are deletes of these rows.
        for (scenario, paths) in [
            (Scenario::Create, &[WritePath::Create][..]),
            (Scenario::Delete, &[WritePath::Delete, WritePath::M2mChange][..]),
        ] {
            let Some((hook, early)) = coverage::early_hook(interp, through, &scenario, goal) else {
                continue;
            };
            if !is_unsure_of_sender(hooks, hook) {
                let function = function_of_hook(interp, hooks, hook);
                let hook = hook_ref_place(interp, hooks, hook);
                for path in paths {
                    let hook = hook.clone();
                    add_path(
                        early_drops,
                        EarlyDrop { hook, function, ..told.of(early.clone()) },
                        *path,
                    );
                }
            }
        }
    }
    add_by_hand(interp, early_drops, &told, &coverage.early_by_hand);
}

/// The function that runs as a hook; where it is connected, for one that is out of sight.
fn function_of_hook(interp: &Interp<'_>, hooks: &Hooks, hook: HookRef) -> Location {
    match hook {
        HookRef::Receiver(id) => {
            let hook = &hooks[id];
            hook.function().map_or(hook.location, |it| interp.program.function_location(it))
        }
        HookRef::Method(id) => interp.program.function_location(id),
        HookRef::Library(place) => place,
    }
}

fn is_unsure_of_sender(hooks: &Hooks, hook: HookRef) -> bool {
    match hook {
        HookRef::Receiver(id) => hooks[id].sender == Sender::Unknown,
        HookRef::Method(_) | HookRef::Library(_) => false,
    }
}

impl EarlyDrop {
    /// The same with other drops.
    fn of(&self, early: Early) -> EarlyDrop {
        EarlyDrop { drop: early.drop, ways: early.ways, ..self.clone() }
    }
}

/// Adds writes whose own code drops the entry while it keeps a transaction open.
fn add_by_hand(
    interp: &Interp<'_>,
    early_drops: &mut Vec<EarlyDrop>,
    told: &EarlyDrop,
    early: &[(Site, Early)],
) {
    for (site, early) in early {
        let name = interp.program.qualified_function(site.function);
        let drop = place_in(interp.program, site.function, early);
        let hook = Place { name, location: drop };
        let confidence = told.confidence.min(certainty(site));
        let early = EarlyDrop { hook, function: drop, drop, confidence, ..told.of(early.clone()) };
        add_path(early_drops, early, path_of(&site.write.kind));
    }
}

/// Where the code of a function itself comes to the first drop: a decorator that calls it does so elsewhere.
fn place_in(program: &Program<'_>, function: FunctionId, early: &Early) -> Location {
    let is_inside = |place: &Location| program.holds(function, *place);
    if is_inside(&early.drop) {
        return early.drop;
    }
    // The first step is the call of the function.
    let steps = early.ways.iter().flat_map(|way| way.iter().skip(1));
    steps.copied().find(is_inside).unwrap_or(early.drop)
}

/// Adds a write path to what is told of a hook for one model and entry.
fn add_path(early_drops: &mut Vec<EarlyDrop>, early: EarlyDrop, path: WritePath) {
    add_early(early_drops, EarlyDrop { paths: vec![path], ..early });
}

/// Adds the write paths of what is told of a hook for one model and entry.
pub(super) fn add_early(early_drops: &mut Vec<EarlyDrop>, early: EarlyDrop) {
    let same = |known: &&mut EarlyDrop| {
        known.hook == early.hook
            && known.model == early.model
            && known.entry.label == early.entry.label
    };
    match early_drops.iter_mut().find(same) {
        Some(known) => {
            let paths = early.paths.into_iter();
            let new: Vec<WritePath> = paths.filter(|path| !known.paths.contains(path)).collect();
            known.paths.extend(new);
            add_ways(&mut known.ways, early.ways);
        }
        None => early_drops.push(early),
    }
}
