//! Stores that several hold: what is made once and given to the fields of several structs is one store.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::effect::{Act, Effect};
use super::run::{Outcome, Runner};
use super::types::Ty;
use super::value::{Owner, Store, Value, What};
use crate::facts::ExprId;
use crate::graph::ids::FunctionId;
use crate::source::{FileId, Location};

/// Which owners hold one and the same store.
#[derive(Debug, Default)]
pub struct Shared {
    /// The next of those that lead to the one which stands for all.
    next: BTreeMap<Owner, Owner>,
}

impl Shared {
    /// The owner that stands for all that hold the same store.
    pub fn root<'o>(&'o self, owner: &'o Owner) -> &'o Owner {
        let mut at = owner;
        while let Some(next) = self.next.get(at) {
            at = next;
        }
        at
    }

    fn join(&mut self, one: &Owner, other: &Owner) {
        let (one, other) = (self.root(one).clone(), self.root(other).clone());
        // A place in the source tells less than a field.
        match one.cmp(&other) {
            std::cmp::Ordering::Less => self.next.insert(other, one),
            std::cmp::Ordering::Greater => self.next.insert(one, other),
            std::cmp::Ordering::Equal => None,
        };
    }

    /// All that hold the same store as an owner, itself left out.
    pub fn others<'o>(&'o self, owner: &'o Owner) -> impl Iterator<Item = &'o Owner> {
        let root = self.root(owner);
        let all = self.next.keys().filter(move |known| self.root(known) == root).chain([root]);
        all.filter(move |known| *known != owner)
    }

    fn same(&self, store: &Store) -> Store {
        let owner = match self.root(&store.owner) {
            Owner::Made(_) => Owner::Any,
            known => known.clone(),
        };
        Store { owner, ..store.clone() }
    }

    fn of_effect(&self, effect: &Effect) -> Effect {
        let act = match &effect.act {
            Act::Fill(fill) => {
                let store = self.same(&fill.store);
                Act::Fill(super::effect::Fill { store, ..fill.clone() })
            }
            Act::Read(store, key) => Act::Read(self.same(store), key.clone()),
            Act::Drop(store, key) => Act::Drop(self.same(store), key.clone()),
            Act::Patch(patch) => {
                let store = self.same(&patch.store);
                Act::Patch(super::effect::Patch { store, ..patch.clone() })
            }
            Act::Timeout(store, seconds) => Act::Timeout(self.same(store), *seconds),
            other => other.clone(),
        };
        Effect { act, ..effect.clone() }
    }
}

impl Runner<'_, '_> {
    /// A store that a call makes, where it does.
    pub(super) fn made(&self, mut value: Value, file: FileId, expr: ExprId) -> Value {
        if let What::Store(store) = &value.what
            && matches!(store.owner, Owner::Any | Owner::Made(_))
        {
            let span = self.program.file(file).expr(expr).span;
            let owner = Owner::Made(Location { file, span });
            value.what = What::Store(Store { owner, ..store.clone() });
        }
        value
    }

    /// Notes that a field of a struct holds a store that something else holds as well.
    pub(super) fn note_shared(&mut self, ty: &Ty, name: &str, value: &Value) {
        let (What::Store(store), Some(class)) = (&value.what, ty.class()) else { return };
        let is_held = matches!(store.owner, Owner::Static(..) | Owner::Field(..) | Owner::Made(_));
        // Of what type it is is not known yet.
        if is_held && self.program.class(class).generics.is_empty() {
            let field = Owner::Field(class, name.into(), Arc::default());
            self.shared.join(&store.owner, &field);
        }
    }

    /// What functions do, each store by the owner that stands for all which hold it.
    pub(super) fn of_shared(
        &self,
        runs: Vec<(FunctionId, Arc<Outcome>)>,
    ) -> Vec<(FunctionId, Arc<Outcome>)> {
        let is_same = |effect: &Effect| match &effect.act {
            Act::Fill(fill) => self.is_root(&fill.store),
            Act::Read(store, _) | Act::Drop(store, _) | Act::Timeout(store, _) => {
                self.is_root(store)
            }
            Act::Patch(patch) => self.is_root(&patch.store),
            _ => true,
        };
        let renamed = runs.into_iter().map(|(function, outcome)| {
            if outcome.effects.iter().all(is_same) {
                return (function, outcome);
            }
            let effects = outcome.effects.iter().map(|effect| self.shared.of_effect(effect));
            let renamed = Outcome { effects: effects.collect(), ..(*outcome).clone() };
            (function, Arc::new(renamed))
        });
        renamed.collect()
    }

    fn is_root(&self, store: &Store) -> bool {
        !matches!(store.owner, Owner::Made(_)) && !self.shared.next.contains_key(&store.owner)
    }
}
