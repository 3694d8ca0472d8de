//! Collects the hooks that would invalidate but do not run, whatever they were meant for.

use std::collections::BTreeSet;
use std::collections::btree_map::{self, BTreeMap};

use super::places::{class_place, function_place, hook_place};
use super::{CachedLinks, CachedModel, Connected, DeadHook, DeadReason, Place};
use crate::frameworks::Event;
use crate::graph::coverage::{self, CellState, Coverage, LinkCoverage};
use crate::graph::effect::{Early, Effect, EffectKind, add_ways, ways};
use crate::graph::entries::Entry;
use crate::graph::hooks::{Hook, HookState, Hooks, Sender};
use crate::graph::ids::ClassId;
use crate::graph::interp::{Interp, Scenario};
use crate::graph::value::Value;
use crate::rules::{Confidence, WritePath};
use crate::source::Location;

/// Dead hooks by where reports place them and why they are dead.
pub(super) type DeadHooks = BTreeMap<(Location, String), DeadHook>;

/// Merges the dead hooks of an entry by hook and reason.
pub(super) fn collect_dead(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    cached: &CachedModel,
    coverage: &Coverage,
    dead: &mut DeadHooks,
) {
    let cells = [
        (&coverage.create, WritePath::Create),
        (&coverage.update, WritePath::Update),
        (&coverage.delete, WritePath::Delete),
    ];
    for (cell, path) in cells {
        let CellState::Dead(found) = &cell.state else { continue };
        for hook in found {
            add(
                interp,
                hooks,
                hook,
                &cached.model,
                Some(&cached.entry.label),
                &[path],
                cached.confidence,
                dead,
            );
        }
    }
    for (relative, found) in &coverage.open_relatives {
        let place = class_place(interp, *relative);
        for hook in found {
            let paths: &[WritePath] = match hooks[hook.hook].event {
                Event::Delete => &[WritePath::Delete],
                _ => &[WritePath::Create, WritePath::Update],
            };
            add(
                interp,
                hooks,
                hook,
                &place,
                Some(&cached.entry.label),
                paths,
                cached.confidence,
                dead,
            );
        }
    }
}

/// The same for the dead hooks on edits of links, and on rows of their explicit through class.
pub(super) fn collect_dead_edits(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    cached: &CachedLinks,
    coverage: &LinkCoverage,
    dead: &mut DeadHooks,
) {
    let edits = match &coverage.edits.state {
        CellState::Dead(found) => found.as_slice(),
        _ => &[],
    };
    let saves = &[WritePath::Create, WritePath::Update][..];
    let rows = cached.through.as_ref().unwrap_or(&cached.model);
    for (found, place, paths) in [
        (edits, &cached.model, &[WritePath::M2mChange][..]),
        (&coverage.dead_saves, rows, saves),
        (&coverage.dead_deletes, rows, &[WritePath::Delete]),
    ] {
        for hook in found {
            let entry = Some(&*cached.entry.label);
            add(interp, hooks, hook, place, entry, paths, cached.confidence, dead);
        }
    }
}

/// Dead hooks of models that no caching manager keeps, where they surely drop something that no
/// live hook of the same write drops.
pub(super) fn collect_stray(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    entries: &[Entry],
    dead: &mut DeadHooks,
) {
    let reported: BTreeSet<Location> = dead.keys().map(|(location, _)| *location).collect();
    for (id, hook) in hooks.numbered() {
        if reported.contains(&hook.location) {
            continue;
        }
        let (event, paths): (_, &[WritePath]) = match hook.event {
            Event::Save => (Scenario::Update, &[WritePath::Create, WritePath::Update]),
            Event::Delete => (Scenario::Delete, &[WritePath::Delete]),
            _ => continue,
        };
        let Sender::Class(sender) = hook.sender else { continue };
        let (model, reason) = if !hook.is_live() {
            (sender, coverage::DeadReason::State(hook.state.clone()))
        } else if interp.is_model(sender) && interp.is_abstract(sender) {
            let Some(model) = interp.concrete_below(sender) else { continue };
            (model, coverage::DeadReason::AbstractSender(sender))
        } else {
            continue;
        };
        let would = interp.follow_receiver(id, hook, model, &event);
        let surely = would
            .iter()
            .find(|effect| matches!(*effect.kind, EffectKind::Drop(_)) && !effect.by_convention);
        let Some(drop) = surely else { continue };
        // What belongs to the entry of another model says nothing about this one's rows.
        let of_others = entries
            .iter()
            .any(|entry| !entry.fills.is_empty() && entry.goal().is_reached_by(&drop.kind));
        if of_others {
            continue;
        }
        let done = interp.follow_write(model, &event);
        let covered = done.iter().any(|effect| match (&*effect.kind, &*drop.kind) {
            (EffectKind::NamedInvalidation(_), _) => true,
            (EffectKind::Drop(done), EffectKind::Drop(meant)) => match &meant.key {
                Some(key) => done.hit().may_hit(meant.store.as_ref(), key),
                None => true,
            },
            _ => false,
        });
        if covered {
            continue;
        }
        let is_meant = |effect: &Effect| {
            matches!(*effect.kind, EffectKind::Drop(_)) && !effect.timing.deferred
        };
        let early = Early { drop: drop.site, ways: ways(&would, is_meant) };
        let found = coverage::DeadHook { hook: id, reason, early };
        let place = class_place(interp, model);
        add(interp, hooks, &found, &place, None, paths, Confidence::Medium, dead);
    }
}

/// Hooks of `m2m_changed` whose sender is a model: the signal's sender is the through class.
pub(super) fn collect_many_to_many(interp: &mut Interp<'_>, hooks: &Hooks, dead: &mut DeadHooks) {
    for (id, hook) in hooks.numbered() {
        let Sender::Class(sender) = hook.sender else { continue };
        if hook.event != Event::M2m || !hook.is_live() || !interp.is_model(sender) {
            continue;
        }
        let fields = interp.many_to_many_of(sender);
        if fields.is_empty() || interp.is_through(sender) {
            continue;
        }
        let heard = fields.iter().all(|(owner, field)| {
            let through = interp.through_of(*owner, field);
            let others = hooks.called_for([*owner].into_iter().chain(through));
            others.iter().map(|id| &hooks[*id]).any(|other| {
                other.event == Event::M2m
                    && other.is_live()
                    && other.function() == hook.function()
                    && match (&other.sender, &through) {
                        (Sender::Any, _) => true,
                        (Sender::Class(class), Some(through)) => class == through,
                        (Sender::Through(class, name), None) => class == owner && **name == **field,
                        _ => false,
                    }
            })
        });
        if heard {
            continue;
        }
        let effects = interp.follow_any(id, hook);
        let drop = effects.iter().find(|effect| {
            matches!(*effect.kind, EffectKind::Drop(_) | EffectKind::NamedInvalidation(_))
        });
        let Some(drop) = drop else { continue };
        let place = class_place(interp, sender);
        let hook_place = hook_place(interp, hook);
        dead.entry((hook.location, "through".to_owned())).or_insert_with(|| DeadHook {
            hook: hook_place,
            reason: DeadReason::ModelForThrough(place.clone()),
            models: vec![place],
            entry: None,
            write_paths: vec![WritePath::M2mChange],
            drop: drop.site,
            ways: ways(&effects, |effect| effect.kind.may_drop() && !effect.timing.deferred),
            connections: vec![connected(hook)],
            confidence: if drop.by_convention { Confidence::Medium } else { Confidence::High },
        });
    }
}

#[allow(clippy::too_many_arguments, reason = "the parts of one finding")]
fn add(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    found: &coverage::DeadHook,
    model: &Place,
    entry: Option<&str>,
    paths: &[WritePath],
    confidence: Confidence,
    dead: &mut DeadHooks,
) {
    let hook = &hooks[found.hook];
    let reason = reason(interp, &found.reason);
    let confidence = match (&reason, confidence) {
        (DeadReason::NotImported { later: true }, Confidence::High) => Confidence::Medium,
        _ => confidence,
    };
    let key = (hook.location, format!("{reason:?}"));
    let found = DeadHook {
        hook: hook_place(interp, hook),
        reason,
        models: vec![model.clone()],
        entry: entry.map(str::to_owned),
        write_paths: paths.to_vec(),
        drop: found.early.drop,
        ways: found.early.ways.clone(),
        connections: vec![connected(hook)],
        confidence,
    };
    add_dead(dead, key, found);
}

/// Adds a dead hook, or the models, write paths, ways and connections that it has besides to what is known of
/// it.
pub(super) fn add_dead(dead: &mut DeadHooks, key: (Location, String), found: DeadHook) {
    let known = match dead.entry(key) {
        btree_map::Entry::Vacant(place) => {
            place.insert(found);
            return;
        }
        btree_map::Entry::Occupied(known) => known.into_mut(),
    };
    add_ways(&mut known.ways, found.ways);
    for connected in found.connections {
        match known.connections.iter_mut().find(|it| it.location == connected.location) {
            Some(it) => {
                let signals = connected.signals.into_iter();
                let new: Vec<String> = signals.filter(|name| !it.signals.contains(name)).collect();
                it.signals.extend(new);
            }
            None => known.connections.push(connected),
        }
    }
    for model in found.models {
        if !known.models.contains(&model) {
            known.models.push(model);
        }
    }
    known.write_paths.extend(found.write_paths);
    known.write_paths.sort_unstable();
    known.write_paths.dedup();
}

fn reason(interp: &Interp<'_>, reason: &coverage::DeadReason) -> DeadReason {
    let place = |class: &ClassId| class_place(interp, *class);
    match reason {
        coverage::DeadReason::AbstractSender(class) => DeadReason::AbstractSender(place(class)),
        coverage::DeadReason::ParentSender(class) => DeadReason::ParentSender(place(class)),
        coverage::DeadReason::ProxySender(class) => DeadReason::ProxySender(place(class)),
        coverage::DeadReason::ConcreteSender(class) => DeadReason::ConcreteSender(place(class)),
        coverage::DeadReason::State(state) => match state {
            HookState::NotImported { imported_later } => {
                DeadReason::NotImported { later: *imported_later }
            }
            HookState::NeverConnected(function) => {
                DeadReason::NeverConnected(function_place(interp, *function))
            }
            HookState::UnusedConfig(class) => DeadReason::UnusedConfig(place(class)),
            HookState::Shadowed { by } => DeadReason::Shadowed(*by),
            HookState::LabelOnPlainSignal(label) => DeadReason::LabelOnPlainSignal(label.clone()),
            HookState::Collected | HookState::Live | HookState::SameUid => DeadReason::Collected,
        },
    }
}

fn connected(hook: &Hook) -> Connected {
    Connected { location: hook.connected_at, signals: vec![signal_name(hook)] }
}

fn signal_name(hook: &Hook) -> String {
    match &hook.connection.signal {
        Value::External(path) => path.rsplit('.').next().unwrap_or_default().to_owned(),
        _ => "signal".to_owned(),
    }
}
