//! Stores: which values are one, and what their methods do.

use std::sync::Arc;

use super::effect::{Act, Fill};
use super::run::Runner;
use super::types::{Head, Ty};
use super::value::{Owner, Seconds, Store, Value, What};
use crate::facts::ExprId;
use crate::frameworks::{MethodEffect, StoreKind};
use crate::graph::key::{Part, Template};
use crate::source::FileId;

impl Runner<'_, '_> {
    /// The kind of store that a type is, where it is one; `in_static` where a static holds it.
    pub(super) fn store_kind(&self, ty: &Ty, in_static: bool) -> Option<StoreKind> {
        let (peeled, is_shared) = ty.peeled(self.program);
        let Head::Outside(path) = &peeled.head else { return None };
        let frameworks = self.program.frameworks;
        let kind = match frameworks.store_of_type(path) {
            Some(kind) => kind,
            // A pool of connections is one.
            None => peeled
                .args
                .iter()
                .find_map(|arg| self.store_kind(arg, in_static))
                .filter(|kind| frameworks.store(*kind).is_one)?,
        };
        (!frameworks.store(kind).only_shared || is_shared || in_static).then_some(kind)
    }

    pub(super) fn owner_of(&self, kind: StoreKind, owner: Owner) -> Owner {
        if self.program.frameworks.store(kind).is_one { Owner::One } else { owner }
    }

    /// A value with what its type says of it.
    pub(super) fn typed(&self, value: Value) -> Value {
        self.typed_in(value, Owner::Any)
    }

    /// Like [`Runner::typed`], of something that is held somewhere.
    pub(super) fn typed_in(&self, mut value: Value, owner: Owner) -> Value {
        if value.what != What::Plain {
            return value;
        }
        if let Some(kind) = self.store_kind(&value.ty, false) {
            let owner = self.owner_of(kind, owner);
            value.what = What::Store(Store { kind, owner });
            return value;
        }
        if let Head::Part(table, crate::frameworks::Part::Active) =
            value.ty.peeled(self.program).0.head
        {
            let active = super::value::Active { table, columns: None };
            value.what = What::Active(Arc::new(active));
        }
        value
    }

    /// What a method of a store does; `None` where it is none that matters.
    pub(super) fn store_call(
        &mut self,
        store: &Store,
        of: &Value,
        method: &str,
        args: &[Value],
        file: FileId,
        expr: ExprId,
    ) -> Option<Value> {
        let described = self.program.frameworks.store_method(store.kind, method)?;
        let (does, params) = (described.does, described.params.clone());
        // Taking a connection from a pool looks nothing up.
        let has_no_key = args.is_empty() && !params.is_empty();
        if does == MethodEffect::Same || has_no_key {
            return Some(of.clone());
        }
        let part = |name: &str| {
            let at = params.iter().position(|param| param == name)?;
            args.get(at).cloned()
        };
        let (peeled, _) = of.ty.peeled(self.program);
        let held = peeled.args.last().cloned().unwrap_or_default();
        let keys: Vec<Arc<Template>> = match (part("key"), part("keys"), part("pattern")) {
            (Some(key), ..) => vec![key.template()],
            (_, Some(keys), _) => match &keys.what {
                What::Several(parts) => parts.iter().map(Value::template).collect(),
                _ => vec![keys.template()],
            },
            (.., Some(_)) => vec![Arc::new(Template::hole("*"))],
            _ => Vec::new(),
        };
        // What the key holds changes the key where it changes.
        let in_key = part("key").map(|key| key.rows).unwrap_or_default();
        let timeout = part("timeout").and_then(|timeout| match (timeout.seconds, timeout.what) {
            (Some(seconds), _) => Some(seconds),
            (_, What::Int(seconds)) => Some(Seconds::of(seconds, 1.0)),
            _ => None,
        });
        match does {
            MethodEffect::Fill | MethodEffect::FillMissing => {
                let overwrites = does == MethodEffect::Fill;
                let given = part("value").or_else(|| part("default")).or_else(|| part("items"));
                let mut value = given.unwrap_or_default();
                if let What::Closure(closure) = &value.what {
                    let closure = closure.clone();
                    value = self.call_closure(&closure, Vec::new());
                }
                let whole = vec![Arc::new(Template::hole("key"))];
                for key in if keys.is_empty() { whole } else { keys } {
                    let fill = Fill {
                        store: store.clone(),
                        key,
                        rows: value.rows.difference(&in_key).cloned().collect(),
                        timeout,
                        overwrites,
                    };
                    self.emit(Act::Fill(fill), file, expr);
                }
                let ty = if held == Ty::default() { value.ty.clone() } else { held };
                Some(self.typed(Value { ty, rows: value.rows, ..Value::default() }))
            }
            MethodEffect::Read => {
                for key in keys {
                    self.emit(Act::Read(store.clone(), key), file, expr);
                }
                // What is looked up was computed when it was stored.
                Some(Value::of(held))
            }
            MethodEffect::Drop | MethodEffect::Count => {
                if params.is_empty() {
                    self.emit(Act::Drop(store.clone(), None), file, expr);
                }
                for key in keys {
                    self.emit(Act::Drop(store.clone(), Some(key)), file, expr);
                }
                Some(Value::of(held))
            }
            MethodEffect::Expire => {
                if let Some(seconds) = timeout {
                    self.emit(Act::Timeout(store.clone(), seconds), file, expr);
                }
                Some(Value::default())
            }
            MethodEffect::Same => None,
        }
    }

    /// `map[key] = value`
    pub(super) fn store_item(
        &mut self,
        owner: &Value,
        key: &Value,
        value: Value,
        file: FileId,
        expr: ExprId,
    ) {
        if let What::Store(store) = &owner.what {
            let fill = Fill {
                store: store.clone(),
                key: key.template(),
                rows: value.rows,
                timeout: None,
                overwrites: true,
            };
            self.emit(Act::Fill(fill), file, expr);
        }
    }

    /// `map[key]`
    pub(super) fn item(&mut self, owner: Value, key: &Value, file: FileId, expr: ExprId) -> Value {
        if let What::Store(store) = &owner.what {
            self.emit(Act::Read(store.clone(), key.template()), file, expr);
            let held = owner.ty.peeled(self.program).0.args.last().cloned().unwrap_or_default();
            return Value::of(held);
        }
        if let (What::Several(parts), What::Int(at)) = (&owner.what, &key.what)
            && let Some(part) = usize::try_from(*at).ok().and_then(|at| parts.get(at))
        {
            return part.clone();
        }
        self.element_of(owner)
    }
}

/// Whether a key is no more than something that may be any key.
pub fn is_open(key: &Template) -> bool {
    key.parts.iter().all(|part| matches!(part, Part::Hole { .. }))
}
