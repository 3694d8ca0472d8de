//! Stores: which values are one, and what their methods do.

use std::sync::Arc;

use super::effect::{Act, Fill};
use super::run::Runner;
use super::sieves::Sieve;
use super::types::{Head, Ty};
use super::value::{Owner, Rows, Seconds, Source, Store, Value, What};
use crate::facts::ExprId;
use crate::frameworks::{Holder, RustStoreMethod, StoreEffect, StoreKind, last_segment};
use crate::graph::key::{Part, Template};
use crate::source::FileId;

impl Runner<'_, '_> {
    /// The kind of store that a type is, where it is one.
    pub(super) fn store_kind(&self, ty: &Ty, holder: Holder) -> Option<StoreKind> {
        let (peeled, is_shared) = ty.peeled(self.program);
        let Head::Outside(path) = &peeled.head else { return None };
        let frameworks = self.program.frameworks;
        let kind = match frameworks.store_of_type(path) {
            // What is stored under one type of keys is one, not all that it holds.
            Some(kind) if frameworks.is_keyed(kind) => return None,
            Some(kind) => kind,
            // A pool of connections is one.
            None => peeled
                .args
                .iter()
                .find_map(|arg| self.store_kind(arg, holder))
                .filter(|kind| frameworks.store(*kind).is_one)?,
        };
        let holder = holder.within(is_shared, !std::ptr::eq(peeled, ty));
        frameworks.is_cache_in(kind, path, holder).then_some(kind)
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
        let holder = match owner {
            Owner::Field(..) => Holder::Owned,
            _ => Holder::Nobody,
        };
        if let Some(kind) = self.store_kind(&value.ty, holder) {
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
        let mut value = None;
        for does in chosen(described, args) {
            value =
                self.do_to_store(store, of, does, &described.params, args, file, expr).or(value);
        }
        value
    }

    /// What a method of a store does, where it is known which.
    #[expect(clippy::too_many_arguments, reason = "a call, and what it means")]
    pub(super) fn do_to_store(
        &mut self,
        store: &Store,
        of: &Value,
        does: StoreEffect,
        params: &[String],
        args: &[Value],
        file: FileId,
        expr: ExprId,
    ) -> Option<Value> {
        // Taking a connection from a pool looks nothing up.
        let has_no_key = args.is_empty() && !params.is_empty();
        if does == StoreEffect::Same || has_no_key {
            return Some(of.clone());
        }
        let part = |name: &str| {
            let at = params.iter().position(|param| param == name)?;
            args.get(at).cloned()
        };
        let held = match &store.owner {
            Owner::Keyed(binding) => self.program.bindings.get(*binding).value.clone(),
            _ => of.ty.peeled(self.program).0.args.last().cloned().unwrap_or_default(),
        };
        let sieve =
            [("kept", true), ("pattern", false)].into_iter().find_map(|(name, keeps)| match part(
                name,
            )?
            .what
            {
                What::Closure(closure) => self.sieve(&closure, keeps, &of.ty),
                _ => None,
            });
        let chosen = part("kept").or_else(|| part("pattern"));
        let keys: Vec<Arc<Template>> = match (part("key"), part("keys"), chosen) {
            (Some(key), ..) => vec![key.template()],
            (_, Some(keys), _) => match &keys.what {
                What::Several(parts) => parts.iter().map(Value::template).collect(),
                _ => vec![keys.template()],
            },
            (.., Some(_)) => match &sieve {
                Some(Sieve::Key(key)) => vec![key.clone()],
                _ => vec![Arc::new(Template::hole("*"))],
            },
            _ => Vec::new(),
        };
        // That there is no row is kept, too, until there is one.
        let keeps_nothing = matches!(&held.head, Head::Outside(path) if self.program.frameworks.may_be_nothing(last_segment(path)));
        // What the key holds changes the key where it changes.
        let in_key = part("key").map(|key| key.rows).unwrap_or_default();
        let timeout = part("timeout").and_then(|timeout| match (timeout.seconds, timeout.what) {
            (Some(seconds), _) => Some(seconds),
            (_, What::Int(seconds)) => Some(Seconds::of(seconds, 1.0)),
            _ => None,
        });
        match does {
            StoreEffect::Fill | StoreEffect::FillMissing => {
                let overwrites = does == StoreEffect::Fill;
                let given = part("value").or_else(|| part("default")).or_else(|| part("items"));
                let mut value = given.unwrap_or_default();
                if let What::Closure(closure) = &value.what {
                    let closure = closure.clone();
                    value = self.call_closure(&closure, Vec::new());
                }
                let whole = vec![Arc::new(Template::hole("key"))];
                for key in if keys.is_empty() { whole } else { keys } {
                    let rows = value.rows.difference(&in_key).cloned();
                    let of_any = |source| match keeps_nothing {
                        true => Source { lists: true, ..source },
                        false => source,
                    };
                    let fill = Fill {
                        store: store.clone(),
                        key,
                        rows: rows.map(of_any).collect(),
                        timeout,
                        overwrites,
                    };
                    self.emit(Act::Fill(fill), file, expr);
                }
                let ty = if held == Ty::default() { value.ty.clone() } else { held };
                Some(self.typed(Value { ty, rows: value.rows, ..Value::default() }))
            }
            StoreEffect::Read => {
                for key in keys {
                    self.emit(Act::Read(store.clone(), key), file, expr);
                }
                // What is looked up was computed when it was stored.
                Some(Value::of(held))
            }
            StoreEffect::Drop => {
                if params.is_empty() {
                    self.emit(Act::Drop(store.clone(), None), file, expr);
                }
                for key in keys {
                    self.emit(Act::Drop(store.clone(), Some(key)), file, expr);
                }
                if let Some(Sieve::Field(field, to)) = sieve {
                    self.emit(Act::Sift(store.clone(), field, to), file, expr);
                }
                Some(Value::of(held))
            }
            StoreEffect::Patch => {
                let whole = params.iter().all(|param| param == "change");
                let keys = keys.into_iter().map(Some).chain(whole.then_some(None));
                let mut lent = None;
                for key in keys.collect::<Vec<_>>() {
                    let value = self.lend(store, key, held.clone(), file, expr);
                    if let Some(Value { what: What::Closure(closure), .. }) = part("change") {
                        let count = self.program.function(closure.function).params.len();
                        let made = self.call_closure(&closure, vec![value.clone(); count]);
                        // It returns another value, or changes the one that it is given.
                        if !matches!(made.what, What::Held(_)) && made.ty != Ty::default() {
                            self.patched(&value, None);
                        }
                    }
                    lent = Some(value);
                }
                lent
            }
            StoreEffect::Entry => {
                let key = keys.into_iter().next()?;
                let ty = of.ty.clone();
                let place = super::value::Place { store: store.clone(), ty, key };
                Some(Value { what: What::Place(Arc::new(place)), ..Value::default() })
            }
            StoreEffect::Expire => {
                if let Some(seconds) = timeout {
                    self.emit(Act::Timeout(store.clone(), seconds), file, expr);
                }
                Some(Value::default())
            }
            StoreEffect::Same => None,
        }
    }

    /// Puts other entries in the place of all that a store has.
    pub(super) fn fill_whole(
        &mut self,
        store: Store,
        rows: Rows,
        overwrites: bool,
        file: FileId,
        expr: ExprId,
    ) {
        if rows.is_empty() {
            if overwrites {
                self.emit(Act::Drop(store, None), file, expr);
            }
            return;
        }
        let key = Arc::new(Template::hole("key"));
        let fill = Fill { store, key, rows, timeout: None, overwrites };
        self.emit(Act::Fill(fill), file, expr);
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

/// What a call of a method does: what it chooses, or all that it may choose where that is not known.
pub(super) fn chosen(method: &RustStoreMethod, args: &[Value]) -> Vec<StoreEffect> {
    let at = method.params.iter().position(|param| param == "choice");
    let Some(given) = at.and_then(|at| args.get(at)) else { return vec![method.does] };
    let label = match (&given.what, given.text.as_ref().map(|text| text.parts.as_slice())) {
        (What::Variant(variant), _) => Some(&variant.name),
        // A variant of an enum out of sight.
        (_, Some([Part::Hole { label, .. }])) => {
            Some(label).filter(|label| label.starts_with(char::is_uppercase))
        }
        _ => None,
    };
    match label {
        Some(label) => vec![method.choices.get(&**label).copied().unwrap_or(method.does)],
        None => {
            let mut all = vec![method.does];
            for does in method.choices.values() {
                if !all.contains(does) {
                    all.push(*does);
                }
            }
            all
        }
    }
}

/// Whether a key is no more than something that may be any key.
pub fn is_open(key: &Template) -> bool {
    key.parts.iter().all(|part| matches!(part, Part::Hole { .. }))
}
