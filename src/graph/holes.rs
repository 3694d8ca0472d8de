//! What the graph found, put into words of the source: names and places instead of ids.

use std::collections::BTreeMap;

use super::coverage::{self, Cell, CellState, Coverage, Dropper};
use super::effect::{EffectKind, HookRef};
use super::entries::Entry;
use super::hooks::{Hook, HookId, HookState, Sender};
use super::ids::ClassId;
use super::interp::{Interp, Scenario};
use super::{ModelGraph, Summary, value::Value};
use crate::frameworks::Event;
use crate::rules::{Confidence, WritePath};
use crate::source::Location;

/// A named thing with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its name, qualified where it has one.
    pub name: String,
    /// Where it is.
    pub location: Location,
}

/// A model whose rows a caching manager keeps.
#[derive(Debug, Clone)]
pub struct CachedModel {
    /// The model, by qualified name.
    pub model: Place,
    /// The name of its class alone.
    pub class: String,
    /// The key template or the manager of the entry.
    pub entry: String,
    /// The manager, where it is declared.
    pub manager: Place,
    /// The attribute that holds the manager.
    pub attribute: String,
    /// Where rows are stored: the key, and the call.
    pub stored: Vec<Place>,
    /// How sure it is that the rows are cached, and that no call out of sight invalidates.
    pub confidence: Confidence,
    /// Saving a new row.
    pub create: Side,
    /// Saving a row again.
    pub update: Side,
    /// Deleting a row.
    pub delete: Side,
    /// Columns that can be saved alone without an invalidation.
    pub open_columns: Vec<String>,
    /// Hooks of the model that run but never invalidate.
    pub idle: Vec<Place>,
    /// Hooks of the model that were refused, as their `dispatch_uid` was taken.
    pub refused: Vec<Place>,
}

/// One write path of a cached model.
#[derive(Debug, Clone)]
pub struct Side {
    /// What follows from the write.
    pub state: SideState,
    /// The hook that covers it, where one does.
    pub hook: Option<Place>,
    /// The call that invalidates, where there is one.
    pub drop: Option<Location>,
}

/// What follows from a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SideState {
    /// A hook invalidates.
    Covered,
    /// A hook would, but does not run.
    Dead,
    /// Code that writes the rows drops the entry itself.
    ByHand,
    /// The write cannot make the entry stale.
    NotApplicable,
    /// Nothing does.
    Hole,
}

/// A hook that would invalidate but does not run.
#[derive(Debug, Clone)]
pub struct DeadHook {
    /// The receiver, by qualified name, where reports place it.
    pub hook: Place,
    /// Its signals, as the last segments of their names.
    pub signals: Vec<String>,
    /// Why it does not run.
    pub reason: DeadReason,
    /// The models whose writes it was meant for; the first one is reported.
    pub models: Vec<Place>,
    /// The entry of the first model, where one is known.
    pub entry: Option<String>,
    /// The write paths left open.
    pub write_paths: Vec<WritePath>,
    /// The call that would invalidate.
    pub drop: Location,
    /// Where it is connected.
    pub connected_at: Location,
    /// How sure the engine is.
    pub confidence: Confidence,
}

/// Why a hook does not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeadReason {
    /// Nothing imports its module at start-up; `later` where some function does.
    NotImported {
        /// Whether a function imports it when called.
        later: bool,
    },
    /// Only this function connects it, and nothing calls that.
    NeverConnected(Place),
    /// The app configuration that connects it is not in use.
    UnusedConfig(Place),
    /// Only the signal's weak reference holds it.
    Collected,
    /// A second function of its name took its place.
    Shadowed(Location),
    /// Its signal does not resolve string senders.
    LabelOnPlainSignal(String),
    /// Its sender is an abstract base.
    AbstractSender(Place),
    /// Its sender is the multi-table parent of the class that is sent.
    ParentSender(Place),
    /// Its sender is a proxy of the class that is sent.
    ProxySender(Place),
    /// Its sender is the class of which the class that is sent is a proxy.
    ConcreteSender(Place),
    /// Its sender is a model where `m2m_changed` sends the through class.
    ModelForThrough(Place),
}

/// Dead hooks by where reports place them and why they are dead.
type DeadHooks = BTreeMap<(Location, String), DeadHook>;

/// Examines every entry and every dead hook.
pub fn find(interp: &mut Interp<'_>, hooks: &[Hook], entries: &[Entry]) -> ModelGraph {
    let mut graph = ModelGraph::default();
    let mut dead: DeadHooks = BTreeMap::new();
    // Looking for code that drops by hand reads much of the program; few entries need it.
    let mut droppers: Option<Vec<Dropper>> = None;
    for entry in entries {
        let mut coverage = coverage::examine(interp, hooks, entry);
        let may_run_out = !entry.by_name && entry.expires();
        if may_run_out || coverage.has_holes() {
            let droppers = droppers.get_or_insert_with(|| coverage::droppers(interp, hooks));
            let hands = coverage::by_hand(interp, hooks, entry, droppers, coverage.is_opaque());
            // An entry with a life of its own that nothing ever drops is meant to run out.
            if may_run_out && !hands.anywhere && !coverage.has_hooks() {
                continue;
            }
            coverage.credit(&hands);
            if !hands.handed_around {
                coverage.trust_unresolved();
            }
        }
        let cached = describe(interp, hooks, entry, &coverage);
        collect_dead(interp, hooks, &cached, &coverage, &mut dead);
        count(&mut graph.summary, &cached, &coverage);
        graph.cached.push(cached);
    }
    collect_stray(interp, hooks, entries, &mut dead);
    collect_many_to_many(interp, hooks, &mut dead);
    graph.dead_hooks = dead.into_values().collect();
    graph
}

fn count(summary: &mut Summary, cached: &CachedModel, coverage: &Coverage) {
    let sides = [&cached.create, &cached.update, &cached.delete];
    let applicable = sides.iter().filter(|side| side.state != SideState::NotApplicable).count();
    let covered = sides.iter().filter(|side| side.state == SideState::Covered).count();
    summary.cached_models += 1;
    summary.cells += applicable;
    summary.covered_cells += covered;
    let whole = covered == applicable
        && coverage.open_columns.is_empty()
        && coverage.open_proxies.is_empty();
    summary.covered_models += usize::from(whole);
}

fn describe(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    entry: &Entry,
    coverage: &Coverage,
) -> CachedModel {
    let by_convention = entry.fills.iter().any(|stored| stored.by_convention);
    let opaque =
        [&coverage.create, &coverage.update, &coverage.delete].iter().any(|cell| cell.opaque);
    let confidence = match (opaque, by_convention && !entry.by_name) {
        (true, _) => Confidence::Low,
        (false, true) => Confidence::Medium,
        (false, false) => Confidence::High,
    };
    let program = interp.program;
    CachedModel {
        model: class_place(interp, entry.model),
        class: program.class_name(entry.model).to_owned(),
        entry: entry.label(),
        manager: Place { name: entry.manager.clone(), location: entry.declared_at },
        attribute: entry.attribute.clone(),
        stored: entry
            .fills
            .iter()
            .map(|stored| Place { name: stored.fill.key.to_string(), location: stored.site })
            .collect(),
        confidence,
        create: side(interp, hooks, &coverage.create),
        update: side(interp, hooks, &coverage.update),
        delete: side(interp, hooks, &coverage.delete),
        open_columns: coverage.open_columns.clone(),
        idle: coverage.idle.iter().map(|id| hook_place(interp, &hooks[id.0 as usize])).collect(),
        refused: hooks
            .iter()
            .filter(|hook| hook.state == HookState::SameUid && hook.hears(entry.model))
            .map(|hook| hook_place(interp, hook))
            .collect(),
    }
}

fn side(interp: &Interp<'_>, hooks: &[Hook], cell: &Cell) -> Side {
    match &cell.state {
        CellState::Covered { hook, drop } => Side {
            state: SideState::Covered,
            hook: hook.map(|hook| match hook {
                HookRef::Receiver(id) => hook_place(interp, &hooks[id.0 as usize]),
                HookRef::Method(id) => Place {
                    name: interp.program.qualified_function(id),
                    location: interp.program.function_location(id),
                },
            }),
            drop: Some(*drop),
        },
        CellState::Dead(_) => Side { state: SideState::Dead, hook: None, drop: None },
        CellState::ByHand { drop } => {
            Side { state: SideState::ByHand, hook: None, drop: Some(*drop) }
        }
        CellState::NotApplicable => {
            Side { state: SideState::NotApplicable, hook: None, drop: None }
        }
        CellState::Hole => Side { state: SideState::Hole, hook: None, drop: None },
    }
}

fn class_place(interp: &Interp<'_>, class: ClassId) -> Place {
    Place {
        name: interp.program.qualified_class(class),
        location: interp.program.class_location(class),
    }
}

fn hook_place(interp: &Interp<'_>, hook: &Hook) -> Place {
    let name = match hook.function() {
        Some(function) => interp.program.qualified_function(function),
        None => interp.program.modules.name(hook.connected_at.file).to_owned(),
    };
    Place { name, location: hook.location }
}

/// Merges the dead hooks of an entry by hook and reason.
fn collect_dead(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
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
                Some(&cached.entry),
                &[path],
                cached.confidence,
                dead,
            );
        }
    }
    for (proxy, found) in &coverage.open_proxies {
        let place = class_place(interp, *proxy);
        for hook in found {
            let paths: &[WritePath] = match hooks[hook.hook.0 as usize].event {
                Event::Delete => &[WritePath::Delete],
                _ => &[WritePath::Create, WritePath::Update],
            };
            add(interp, hooks, hook, &place, Some(&cached.entry), paths, cached.confidence, dead);
        }
    }
}

#[allow(clippy::too_many_arguments, reason = "the parts of one finding")]
fn add(
    interp: &mut Interp<'_>,
    hooks: &[Hook],
    found: &coverage::DeadHook,
    model: &Place,
    entry: Option<&str>,
    paths: &[WritePath],
    confidence: Confidence,
    dead: &mut DeadHooks,
) {
    let hook = &hooks[found.hook.0 as usize];
    let reason = reason(interp, &found.reason);
    let confidence = match (&reason, confidence) {
        (DeadReason::NotImported { later: true }, Confidence::High) => Confidence::Medium,
        _ => confidence,
    };
    let key = (hook.location, format!("{reason:?}"));
    let signal = signal_name(hook);
    let known = dead.entry(key).or_insert_with(|| DeadHook {
        hook: hook_place(interp, hook),
        signals: Vec::new(),
        reason,
        models: Vec::new(),
        entry: entry.map(str::to_owned),
        write_paths: Vec::new(),
        drop: found.drop,
        connected_at: hook.connected_at,
        confidence,
    });
    if !known.signals.contains(&signal) {
        known.signals.push(signal);
    }
    if !known.models.contains(model) {
        known.models.push(model.clone());
    }
    known.write_paths.extend_from_slice(paths);
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
            HookState::NeverConnected(function) => DeadReason::NeverConnected(Place {
                name: interp.program.qualified_function(*function),
                location: interp.program.function_location(*function),
            }),
            HookState::UnusedConfig(class) => DeadReason::UnusedConfig(place(class)),
            HookState::Shadowed { by } => DeadReason::Shadowed(*by),
            HookState::LabelOnPlainSignal(label) => DeadReason::LabelOnPlainSignal(label.clone()),
            HookState::Collected | HookState::Live | HookState::SameUid => DeadReason::Collected,
        },
    }
}

fn signal_name(hook: &Hook) -> String {
    match &hook.connection.signal {
        Value::External(path) => path.rsplit('.').next().unwrap_or_default().to_owned(),
        _ => "signal".to_owned(),
    }
}

/// Dead hooks of models that no caching manager keeps, where they surely drop something that no
/// live hook of the same write drops.
fn collect_stray(interp: &mut Interp<'_>, hooks: &[Hook], entries: &[Entry], dead: &mut DeadHooks) {
    let reported: Vec<Location> = dead.keys().map(|(location, _)| *location).collect();
    for (at, hook) in hooks.iter().enumerate() {
        let id = HookId(at as u32);
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
            .find(|effect| matches!(effect.kind, EffectKind::Drop(_)) && !effect.by_convention);
        let Some(drop) = surely else { continue };
        // What belongs to the entry of another model says nothing about this one's rows.
        let of_others = entries
            .iter()
            .any(|entry| !entry.fills.is_empty() && entry.goal().is_reached_by(&drop.kind));
        if of_others {
            continue;
        }
        let done = interp.follow_write(model, &event);
        let covered = done.iter().any(|effect| match (&effect.kind, &drop.kind) {
            (EffectKind::NamedInvalidation(_), _) => true,
            (EffectKind::Drop(done), EffectKind::Drop(meant)) => match &meant.key {
                Some(key) => done.may_hit(meant.store.as_ref(), key),
                None => true,
            },
            _ => false,
        });
        if covered {
            continue;
        }
        let found = coverage::DeadHook { hook: id, reason, drop: drop.site };
        let place = class_place(interp, model);
        add(interp, hooks, &found, &place, None, paths, Confidence::Medium, dead);
    }
}

/// Hooks of `m2m_changed` whose sender is a model: the signal's sender is the through class.
fn collect_many_to_many(interp: &mut Interp<'_>, hooks: &[Hook], dead: &mut DeadHooks) {
    for (at, hook) in hooks.iter().enumerate() {
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
            hooks.iter().any(|other| {
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
        let id = HookId(at as u32);
        let effects = interp.follow_any(id, hook);
        let drop = effects.iter().find(|effect| {
            matches!(effect.kind, EffectKind::Drop(_) | EffectKind::NamedInvalidation(_))
        });
        let Some(drop) = drop else { continue };
        let place = class_place(interp, sender);
        let hook_place = hook_place(interp, hook);
        dead.entry((hook.location, "through".to_owned())).or_insert_with(|| DeadHook {
            hook: hook_place,
            signals: vec![signal_name(hook)],
            reason: DeadReason::ModelForThrough(place.clone()),
            models: vec![place],
            entry: None,
            write_paths: vec![WritePath::M2mChange],
            drop: drop.site,
            connected_at: hook.connected_at,
            confidence: if drop.by_convention { Confidence::Medium } else { Confidence::High },
        });
    }
}
