//! Values that are changed where they are stored: which of their fields, as far as that can be told.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::effect::{Act, Patch};
use super::run::Runner;
use super::types::Ty;
use super::value::{Held, Place, Store, Value, What};
use crate::facts::{ExprId, ExprKind};
use crate::frameworks::StoreEffect;
use crate::graph::key::Template;
use crate::source::{FileId, Location};

impl Runner<'_, '_> {
    /// Lends what is stored under a key to who may change it; without a key, any of what is stored.
    pub(super) fn lend(
        &mut self,
        store: &Store,
        key: Option<Arc<Template>>,
        held: Ty,
        file: FileId,
        expr: ExprId,
    ) -> Value {
        let of_rows = self.table_of(&held);
        // What is set in a value that is no row says little about columns.
        let columns = of_rows.map(|table| (table, BTreeSet::new()));
        let patch = Patch { store: store.clone(), key, columns };
        self.emit(Act::Patch(patch), file, expr);
        let site = Location { file, span: self.program.file(file).expr(expr).span };
        Value { what: What::Held(Arc::new(Held { site })), ..Value::of(held) }
    }

    /// Notes that a field of a value is set where it is stored; all of it where there is none.
    pub(super) fn patched(&mut self, value: &Value, field: Option<&str>) {
        let What::Held(held) = &value.what else { return };
        for effect in &mut self.effects {
            let Act::Patch(patch) = &mut effect.act else { continue };
            if effect.site != held.site {
                continue;
            }
            match (&mut patch.columns, field) {
                (Some((_, columns)), Some(field)) => {
                    columns.insert(field.into());
                }
                (columns, _) => *columns = None,
            }
        }
    }

    /// A method of what a key stands for in a store, whether something is stored there or not.
    pub(super) fn place_call(
        &mut self,
        place: &Place,
        on: &Value,
        method: &str,
        args: &[Value],
        file: FileId,
        expr: ExprId,
    ) -> Option<Value> {
        let described = self.program.frameworks.place_method(place.store.kind, method)?;
        // Its key is known already.
        let mut params = vec!["key".to_owned()];
        params.extend(described.params.iter().cloned());
        let does = described.does;
        let key = Value { text: Some(place.key.clone()), ..Value::default() };
        let args: Vec<Value> = [key].into_iter().chain(args.iter().cloned()).collect();
        let store = Value { what: What::Store(place.store.clone()), ..Value::of(place.ty.clone()) };
        let value = self.do_to_store(&place.store, &store, does, &params, &args, file, expr);
        match does {
            StoreEffect::Same => Some(on.clone()),
            // `entry(key).and_modify(..).or_insert(..)`
            StoreEffect::Patch if args.len() > 1 => Some(on.clone()),
            _ => value,
        }
    }

    /// `map.get_mut(key).unwrap().field = value`
    pub(super) fn set_in_place(&mut self, file: FileId, target: ExprId, field: Option<&str>) {
        if matches!(self.program.file(file).expr(target).kind, ExprKind::Name(_)) {
            return;
        }
        let value = self.eval(file, target);
        self.patched(&value, field);
    }
}
