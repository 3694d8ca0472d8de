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
    seen: FxHashSet<u64>,
    /// How many of the effects are writes: what follows one is told apart from what went before.
    writes: u32,
}

impl Effects {
    /// Adds an effect unless the same thing was done at the same place in the same hook since the
    /// last write.
    pub fn push(&mut self, effect: Effect) {
        if self.is_new(identity(&effect)) {
            self.list.push(effect);
        }
    }

    /// Adds what an effect of a call becomes in its caller, at a place, in a hook, and when; `calls` are
    /// the calls that lead to it, made where it is new.
    pub fn push_from(
        &mut self,
        effect: &Effect,
        (site, hook, timing): (Location, Option<HookRef>, Timing),
        calls: impl FnOnce() -> Calls,
    ) {
        if self.is_new((&effect.kind, site, hook, timing)) {
            let (kind, by_convention) = (effect.kind.clone(), effect.by_convention);
            self.list.push(Effect { kind, site, calls: calls(), hook, by_convention, timing });
        }
    }

    /// Whether an effect is to be added; it counts as added from then on.
    fn is_new(&mut self, identity: Identity<'_>) -> bool {
        let is_write = matches!(**identity.0, EffectKind::Write(_));
        let since = if is_write { 0 } else { self.writes };
        let is_new = self.seen.insert(FxBuildHasher.hash_one((identity, since)));
        self.writes += u32::from(is_new && is_write);
        is_new
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
        let last = self.list.split_off(len.min(self.list.len()));
        for effect in last.iter().rev() {
            let is_write = matches!(*effect.kind, EffectKind::Write(_));
            self.writes -= u32::from(is_write);
            let since = if is_write { 0 } else { self.writes };
            self.seen.remove(&FxBuildHasher.hash_one((identity(effect), since)));
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

fn identity(effect: &Effect) -> Identity<'_> {
    (&effect.kind, effect.site, effect.hook, effect.timing)
}
