//! Instances that stand for others: what they have by these.

use std::sync::Arc;

use super::Interp;
use crate::frameworks::LazyObject;
use crate::graph::ids::ClassId;
use crate::graph::value::{Args, Object, Value, place_of_attribute};

/// The method that Python asks for what an instance does not have.
pub const GETATTR: &str = "__getattr__";

impl<'a> Interp<'a> {
    /// What an instance has by another one that it stands for: its class says how to get at that.
    pub(super) fn delegated(&mut self, object: &Arc<Object>, name: &str) -> Option<Value> {
        if name.starts_with("__") || self.is_delegating || !self.stands_for_other(object.class) {
            return None;
        }
        self.is_delegating = true;
        let found = self.found_behind(object, name);
        self.is_delegating = false;
        found
    }

    /// Whether the instances of a class stand for others.
    fn stands_for_other(&mut self, class: ClassId) -> bool {
        if let Some(known) = self.delegates.get(&class) {
            return *known;
        }
        let stands = !self.is_model(class)
            && (self.lazy_object(class).is_some()
                || self.class_attribute(class, GETATTR).is_some());
        self.delegates.insert(class, stands);
        stands
    }

    /// How the instances of a class make what they stand for, where a base of it says so.
    fn lazy_object(&mut self, class: ClassId) -> Option<&'a LazyObject> {
        let frameworks = self.program.frameworks;
        let order = self.order(class);
        order.iter().find_map(|base| match base {
            Value::External(name) => frameworks.lazy_object(name),
            _ => None,
        })
    }

    fn found_behind(&mut self, object: &Arc<Object>, name: &str) -> Option<Value> {
        let site = self.program.class_location(object.class);
        let receiver = Value::Object(object.clone());
        if let Some((getter @ Value::Function(_), _)) = self.class_attribute(object.class, GETATTR)
        {
            let args = Args::positional([receiver, Value::text(name)]);
            let found = self.quietly(|interp| interp.call(&getter, args, site));
            return matches!(found, Value::Native(_) | Value::Bound(_)).then_some(found);
        }
        let lazy = self.lazy_object(object.class)?;
        let (setup, _) = self.class_attribute(object.class, &lazy.setup)?;
        let made = self.quietly(|interp| {
            interp.call(&setup, Args::positional([receiver]), site);
            interp.left_behind.take()
        })?;
        let at = place_of_attribute(&made.as_object()?.attrs, &lazy.wrapped).ok()?;
        let wrapped = made.as_object()?.attrs[at].1.clone();
        Some(self.attribute(&wrapped, name))
    }
}
