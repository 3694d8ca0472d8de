//! Hooks that do nothing for an entry: those that do not run, and those that run idly.

use std::sync::Arc;

use super::links::EDITS;
use crate::frameworks::Event;
use crate::graph::effect::{Early, Effect, Goal, ways};
use crate::graph::hooks::{Hook, HookId, HookState, Hooks, Sender};
use crate::graph::ids::ClassId;
use crate::graph::interp::{Interp, Revived, Scenario};
use crate::graph::value::Value;

/// A hook that would invalidate but does not run for the write.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadHook {
    /// The hook.
    pub hook: HookId,
    /// Why it does not run.
    pub reason: DeadReason,
    /// The calls that would drop the entry.
    pub early: Early,
}

/// Why a hook does not run for a write.
#[derive(Debug, Clone, PartialEq)]
pub enum DeadReason {
    /// It never runs at all.
    State(HookState),
    /// Its sender is an abstract base, which is never sent.
    AbstractSender(ClassId),
    /// Its sender is the multi-table parent of the class that is sent.
    ParentSender(ClassId),
    /// Its sender is a proxy of the class that is sent.
    ProxySender(ClassId),
    /// Its sender is the class of which the class that is sent is a proxy.
    ConcreteSender(ClassId),
}

/// The hooks that would invalidate the entry if they ran for this write.
pub(super) fn dead_hooks(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    goal: &Goal,
    model: ClassId,
    scenario: &Scenario,
) -> Vec<DeadHook> {
    let event = match scenario {
        Scenario::Delete | Scenario::DeleteInside => Event::Delete,
        _ => Event::Save,
    };
    let mut dead = Vec::new();
    for id in meant_for_rows(interp, hooks, model) {
        let hook = &hooks[id];
        // A signal of the program's own may be sent on any write.
        if hook.event != event && hook.event != Event::Other {
            continue;
        }
        let Some(reason) = why_dead(interp, hook, model) else { continue };
        let revived = Hook { state: HookState::Live, sender: Sender::Any, ..hook.clone() };
        let revived = Revived { id, hook: Arc::new(revived) };
        if interp.drops_if_revived(&revived, model, scenario).may_reach(goal) {
            let effects =
                interp.with_revived(revived, |interp| interp.follow_write(model, scenario));
            if let Some(early) = drops_in(&effects, goal) {
                dead.push(DeadHook { hook: id, reason, early });
            }
        }
    }
    dead
}

/// The hooks that may be meant for writes of a model: by its sender, or by one of its family.
fn meant_for_rows(interp: &mut Interp<'_>, hooks: &Hooks, model: ClassId) -> Vec<HookId> {
    let mut family: Vec<ClassId> = interp.order(model).iter().filter_map(Value::as_class).collect();
    family.push(interp.concrete(model));
    family.extend(interp.proxies_of(model));
    let label = interp.model_label(model);
    hooks.meant_for(family, Some(&label))
}

/// The hooks that would invalidate the entry on edits of a many-to-many field if they ever ran; `through`
/// is its explicit class.
pub(super) fn dead_edits(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    goal: &Goal,
    owner: ClassId,
    field: &str,
    through: Option<ClassId>,
) -> Vec<DeadHook> {
    let mut dead = Vec::new();
    for id in hooks.meant_for([owner].into_iter().chain(through), None) {
        let hook = &hooks[id];
        let is_dead = !matches!(hook.state, HookState::Live | HookState::SameUid);
        // A connection that is never made for models unknown was meant for none in particular.
        let is_meant = hook.event == Event::M2m
            && hook.sender != Sender::Unknown
            && hook.hears_links(interp.program, owner, field, through);
        if !is_dead || !is_meant {
            continue;
        }
        let revived = Hook { state: HookState::Live, ..hook.clone() };
        let revived = Revived { id, hook: Arc::new(revived) };
        let early = interp.with_revived(revived, |interp| {
            EDITS.into_iter().find_map(|edit| {
                let effects = edit.follow(interp, owner, field);
                drops_in(&effects, goal)
            })
        });
        if let Some(early) = early {
            let reason = DeadReason::State(hook.state.clone());
            dead.push(DeadHook { hook: id, reason, early });
        }
    }
    dead
}

/// What a hook would drop.
fn drops_in(effects: &[Effect], goal: &Goal) -> Option<Early> {
    let first = goal.reached_in(effects)?;
    let is_meant = |effect: &Effect| {
        effect.hook == first.hook && !effect.timing.deferred && goal.is_reached_by(&effect.kind)
    };
    Some(Early { drop: first.site, ways: ways(effects, is_meant) })
}

/// The live hooks that run for the model and do nothing for the entry.
pub(super) fn idle_hooks(
    interp: &mut Interp<'_>,
    hooks: &Hooks,
    goal: &Goal,
    model: ClassId,
) -> Vec<HookId> {
    let mut idle = Vec::new();
    for id in hooks.meant_for([model], None) {
        let hook = &hooks[id];
        let for_model = hook.sender == Sender::Class(model);
        if !for_model || !hook.is_live() || !matches!(hook.event, Event::Save | Event::Delete) {
            continue;
        }
        let reaches = [Scenario::Create, Scenario::Update].iter().any(|scenario| {
            interp.drops_of_receiver(id, hook, model, scenario).may_reach(goal)
                && goal.reached_in(&interp.follow_receiver(id, hook, model, scenario)).is_some()
        });
        if !reaches {
            idle.push(id);
        }
    }
    idle
}

/// Why a hook that seems meant for writes of `model` does not run for them.
fn why_dead(interp: &mut Interp<'_>, hook: &Hook, model: ClassId) -> Option<DeadReason> {
    if !hook.is_live() {
        let meant = match &hook.sender {
            Sender::Label(label) => interp.model_label(model).eq_ignore_ascii_case(label),
            // A connection that is never made for models unknown was meant for none in particular.
            Sender::Unknown => false,
            _ => hook.hears(interp.program, model),
        };
        // A receiver that was refused is told as evidence; the one that took its place is at fault.
        return (meant && hook.state != HookState::SameUid)
            .then(|| DeadReason::State(hook.state.clone()));
    }
    let Sender::Class(sender) = hook.sender else { return None };
    if sender == model {
        return None;
    }
    if interp.is_proxy(sender) && interp.concrete(sender) == model {
        return Some(DeadReason::ProxySender(sender));
    }
    let concrete = interp.concrete(model);
    if concrete != model && sender == concrete {
        return Some(DeadReason::ConcreteSender(sender));
    }
    let inherits = interp.order(model).contains(&Value::Class(sender));
    if !inherits || !interp.is_model(sender) {
        return None;
    }
    if interp.is_abstract(sender) {
        return Some(DeadReason::AbstractSender(sender));
    }
    (!interp.is_proxy(model)).then_some(DeadReason::ParentSender(sender))
}
