//! Effects in their order, each once.

use std::hash::BuildHasher;

use rustc_hash::{FxBuildHasher, FxHashSet};

use super::{Calls, Effect, EffectKind, HookRef};
use crate::graph::interp::Timing;
use crate::graph::shared::Shared;
use crate::source::Location;

/// Effects in the order they happened, each once.
#[derive(Debug, Clone, Default)]
pub struct Effects {
    list: Vec<Effect>,
    /// What each of them counts as.
    keys: Vec<u64>,
    seen: FxHashSet<u64>,
    /// How many of the effects are writes: what follows one is told apart from what went before.
    writes: u32,
    /// How many of them may drop something.
    drops: u32,
    /// How many arms of conditions with drops have ended: what is dropped behind one is told apart from what it
    /// drops, which is not done where it is not taken.
    arms: u32,
}

impl Effects {
    /// Adds an effect unless the same thing was done at the same place in the same hook since the
    /// last write.
    pub fn push(&mut self, mut effect: Effect) {
        effect.arm = self.arm_of(&effect.kind);
        if self.is_new((&effect.kind, effect.site, effect.hook, effect.timing), effect.arm) {
            self.list.push(effect);
        }
    }

    /// Adds what an effect of a call becomes in its caller, at a place, in a hook, and when; `calls` are
    /// the calls that lead to it, made where it is new. Of a run of the call alone, `keeps_arms`.
    pub fn push_from(
        &mut self,
        effect: &Effect,
        (site, hook, timing): (Location, Option<HookRef>, Timing),
        keeps_arms: bool,
        calls: impl FnOnce() -> Calls,
    ) {
        let arm = if keeps_arms { effect.arm } else { self.arm_of(&effect.kind) };
        if self.is_new((&effect.kind, site, hook, timing), arm) {
            let (kind, by_convention) = (effect.kind.clone(), effect.by_convention);
            self.list.push(Effect { kind, site, calls: calls(), hook, by_convention, timing, arm });
        }
    }

    /// The arm that something that is done now is in.
    fn arm_of(&self, kind: &EffectKind) -> u32 {
        if kind.may_drop() { self.arms } else { 0 }
    }

    /// Whether an effect is to be added; it counts as added from then on.
    fn is_new(&mut self, identity: Identity<'_>, arm: u32) -> bool {
        let is_write = matches!(**identity.0, EffectKind::Write(_));
        let may_drop = identity.0.may_drop();
        let since = if is_write { 0 } else { self.writes };
        let key = FxBuildHasher.hash_one((identity, since, arm));
        let is_new = self.seen.insert(key);
        if is_new {
            self.keys.push(key);
            self.writes += u32::from(is_write);
            self.drops += u32::from(may_drop);
        }
        is_new
    }

    /// How many of them may drop something.
    pub fn drops(&self) -> u32 {
        self.drops
    }

    /// Ends an arm of a condition, before which there were so many drops.
    pub fn end_arm(&mut self, drops: u32) {
        self.arms += u32::from(self.drops > drops);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Forgets all but the first `len`.
    pub fn truncate(&mut self, len: usize) {
        self.split_off(len);
    }

    /// Takes out all but the first `len`, in order.
    pub fn split_off(&mut self, len: usize) -> Vec<Effect> {
        let at = len.min(self.list.len());
        for key in self.keys.drain(at..) {
            self.seen.remove(&key);
        }
        let last = self.list.split_off(at);
        for effect in &last {
            self.writes -= u32::from(matches!(*effect.kind, EffectKind::Write(_)));
            self.drops -= u32::from(effect.kind.may_drop());
        }
        last
    }

    /// Marks all but the first `len` as resting on a convention.
    pub fn rest_on_convention(&mut self, len: usize) {
        for effect in &mut self.list[len..] {
            effect.by_convention = true;
        }
    }

    /// The effects in order.
    pub fn into_list(self) -> Vec<Effect> {
        self.list
    }
}

/// What tells one effect from another: what is done, where, in which hook, and when.
type Identity<'e> = (&'e Shared<EffectKind>, Location, Option<HookRef>, Timing);
