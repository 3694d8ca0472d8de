//! What views have by methods that they inherit from outside: their rows, and what is made of these.

use std::sync::Arc;

use wildmatch::WildMatch;

use super::Interp;
use crate::frameworks::ViewGives;
use crate::graph::ids::ClassId;
use crate::graph::value::{Args, Object, Value};
use crate::source::Location;

impl Interp<'_> {
    /// Whether a class is a view by what it inherits from outside.
    pub fn is_view(&mut self, class: ClassId) -> bool {
        let types = self.program.frameworks.view_types();
        self.order(class).iter().any(|base| is_one_of(base, types))
    }

    /// What a method of a view returns that a framework defines; nothing where it is none, or where the view does
    /// not say what that is.
    pub(super) fn given_by_view(
        &mut self,
        view: &Arc<Object>,
        name: &str,
        args: &Args,
        site: Location,
    ) -> Option<Value> {
        let known = self.program.frameworks.view_methods(name);
        if known.is_empty() {
            return None;
        }
        let order = self.order(view.class);
        let (_, method) =
            known.iter().find(|(types, _)| order.iter().any(|base| is_one_of(base, types)))?;
        if method.gives == ViewGives::Given {
            return args.positional.first().cloned();
        }
        let receiver = Value::Object(view.clone());
        method.of.iter().find_map(|source| {
            match (method.gives, self.said_by_view(&receiver, source)) {
                (ViewGives::Rows, rows @ Value::Rows(_)) => Some(rows),
                (ViewGives::Rows, Value::Class(model)) if self.is_model(model) => {
                    Some(self.default_manager(model))
                }
                (ViewGives::Row, maker) => {
                    let rows = self.call(&maker, Args::default(), site);
                    if !matches!(rows, Value::Rows(_)) {
                        return None;
                    }
                    let one = self.attribute(&rows, self.program.frameworks.unique_method());
                    Some(self.call(&one, Args::unknown(), site))
                }
                (ViewGives::Instance, class @ Value::Class(_)) => {
                    Some(self.call(&class, args.clone(), site))
                }
                (ViewGives::Instance, maker @ Value::Bound(_)) => {
                    match self.call(&maker, Args::default(), site) {
                        class @ Value::Class(_) => Some(self.call(&class, args.clone(), site)),
                        _ => None,
                    }
                }
                _ => None,
            }
        })
    }

    /// What an attribute of a view says; of one that is registered for a model, that model.
    fn said_by_view(&mut self, view: &Value, source: &str) -> Value {
        let said = self.attribute(view, source);
        match (&said, view) {
            (Value::Native(_) | Value::Unknown, Value::Object(object)) if source == "model" => {
                self.registered_model(object.class).map_or(said, Value::Class)
            }
            _ => said,
        }
    }
}

pub(super) fn is_one_of(base: &Value, types: &[WildMatch]) -> bool {
    match base {
        Value::External(path) => types.iter().any(|pattern| pattern.matches(path)),
        _ => false,
    }
}
