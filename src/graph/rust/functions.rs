//! Calls of functions of the program: what they are given, and what they do as a part of their caller.

use std::sync::Arc;

use super::effect::{Act, Effect};
use super::given::Given;
use super::run::Runner;
use super::types::Ty;
use super::value::{Closure, Owner, Seconds, Value, What};
use crate::facts::ExprId;
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::key::Template;
use crate::source::{FileId, Location};

impl Runner<'_, '_> {
    /// A function of the program.
    pub(super) fn call_function(
        &mut self,
        function: FunctionId,
        receiver: Option<Value>,
        given: Given,
        file: FileId,
        expr: ExprId,
    ) -> Value {
        let own = receiver.as_ref().map(|on| on.ty.peeled(self.program).0.clone());
        self.call_function_of(own, function, receiver, given, file, expr)
    }

    /// A function of a type; one of a trait does of that type what it does.
    pub(super) fn call_function_of(
        &mut self,
        own: Option<Ty>,
        function: FunctionId,
        receiver: Option<Value>,
        given: Given,
        file: FileId,
        expr: ExprId,
    ) -> Value {
        let is_own = |ty: &Ty| ty.class().is_some_and(|it| !self.program.is_trait(it));
        let is_generic = |ty: &Ty| {
            let declared = self.own_type(function);
            !ty.args.is_empty() && declared.is_some_and(|declared| declared.head == ty.head)
        };
        let own =
            own.filter(|ty| is_generic(ty) || self.program.is_of_trait(function) && is_own(ty));
        let takes_self = self.program.takes_self(function);
        let values = receiver.into_iter().filter(|_| takes_self).chain(given.values);
        let values: Vec<Value> = values.collect();
        let types: Vec<Ty> = values.iter().map(|value| value.ty.clone()).collect();
        let expected = match self.frames.last().and_then(|frame| frame.expected) {
            Some((call, annotation)) if call == expr && given.generics.is_empty() => {
                self.read_type(file, annotation)
            }
            _ => Ty::default(),
        };
        let around = self.around_of(function, own, &given.generics, &types, &expected);
        self.note_instance(function, &around);
        let mut args = self.own_arguments(function, &around);
        for (arg, value) in args.iter_mut().zip(values) {
            let is_trait = |ty: &Ty| ty.class().is_some_and(|it| self.program.is_trait(it));
            let ty = match (&value.ty, &arg.ty) {
                // A method knows better what it is called on.
                (own, declared)
                    if declared.class().is_some() && is_trait(own.peeled(self.program).0) =>
                {
                    declared.clone()
                }
                (own, _) if *own != Ty::default() => own.clone(),
                (_, declared) => declared.clone(),
            };
            let text = value.text.clone().or_else(|| match value.what {
                What::Plain => arg.text.clone(),
                _ => None,
            });
            *arg = self.typed(Value { ty, text, ..value });
        }
        let closures: Vec<Arc<Closure>> = args
            .iter()
            .filter_map(|arg| match &arg.what {
                What::Closure(closure) => Some(closure.clone()),
                _ => None,
            })
            .collect();
        let texts: Vec<Arc<Template>> = args.iter().filter_map(|arg| arg.text.clone()).collect();
        let outcome = self.call(function, Arc::new(around), args);
        let site = Location { file, span: self.program.file(file).expr(expr).span };
        let called_at = Some(site);
        if outcome.effects.iter().any(|effect| matches!(effect.act, Act::Write(_))) {
            self.given.insert(site, texts);
        }
        let before = self.effects.len();
        self.forks.extend(outcome.forks.iter().map(|fork| fork.behind(before)));
        self.effects.extend(outcome.effects.iter().map(|effect| Effect {
            called_at,
            through: Some(function),
            depth: effect.depth.saturating_add(1),
            is_guessed: effect.is_guessed || self.is_guessing,
            ..effect.clone()
        }));
        let name = self.program.function_name(function);
        let is_idle = outcome.effects.is_empty() && outcome.calls.is_empty();
        if is_idle {
            if self.program.frameworks.says_invalidation(name) {
                self.emit(Act::Named, file, expr);
            }
            // What is not called in sight may be called out of it.
            for closure in closures {
                self.call_closure(&closure, Vec::new());
            }
        }
        let mut returns = outcome.returns.clone();
        if matches!(&returns.what, What::Store(store) if matches!(store.owner, Owner::Made(_))) {
            // Each call makes another one.
            returns = self.made(returns, file, expr);
        }
        self.awaited(returns)
    }

    /// How long what a field holds lives, as far as the field, or another one that holds the same, tells.
    pub(super) fn field_timeout(&self, class: ClassId, field: &Arc<str>) -> Option<Seconds> {
        let own = Owner::Field(class, field.clone(), Arc::default());
        let others = self.shared.others(&own).filter_map(|other| match other {
            Owner::Field(class, field, _) => Some((*class, field.clone())),
            _ => None,
        });
        let mut all = std::iter::once((class, field.clone())).chain(others);
        all.find_map(|holder| self.field_timeouts.get(&holder).copied())
    }

    pub(super) fn note_timeout(&mut self, class: ClassId, field: &str, seconds: Seconds) {
        let field: Arc<str> = field.into();
        self.field_timeouts.entry((class, field)).or_insert(seconds);
    }
}
