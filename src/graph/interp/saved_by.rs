//! What forms and serializers save: the rows of the model that they name.

use std::sync::Arc;

use super::Interp;
use super::exec::set_attribute;
use super::serializers::INSTANCE;
use crate::frameworks::{ModelMethod, Role};
use crate::graph::ids::ClassId;
use crate::graph::value::{Args, Bound, Object, Value};
use crate::source::Location;

/// The methods of a serializer that make a row, and change one, of what was given.
const MAKES: &str = "create";
const CHANGES: &str = "update";
/// Where a form keeps what a user has typed into it.
const CLEANED: &str = "cleaned_data";

impl Interp<'_> {
    pub(super) fn is_model_form(&mut self, class: ClassId) -> bool {
        self.has_role(class, &[Role::ModelForm])
    }

    /// A form before its constructor runs: it is for the row that it is given, or for a new one.
    pub(super) fn new_form(&mut self, class: ClassId, args: &Args) -> Object {
        let row = match (args.keyword(INSTANCE), self.saved_model(class)) {
            (Some(row), _) if *row != Value::None => row.clone(),
            (_, Some(model)) if !args.open => {
                Value::Object(Arc::new(Object { is_new: true, ..Object::new(model) }))
            }
            _ => Value::Unknown,
        };
        let attrs = vec![(CLEANED.into(), Value::Unknown), (INSTANCE.into(), row)];
        Object { attrs, ..Object::new(class) }
    }

    /// Saves a row where a form or a serializer is called by a method that saves, which it inherits from
    /// outside; gives the row.
    pub(super) fn saved_by(
        &mut self,
        object: &Arc<Object>,
        name: &str,
        args: &Args,
        site: Location,
    ) -> Option<Value> {
        if self.program.frameworks.model_method(name) != Some(ModelMethod::Saves) {
            return None;
        }
        let known = object.attrs.iter().find(|(known, _)| &**known == INSTANCE);
        let instance = known.map(|(_, value)| value.clone()).unwrap_or_default();
        if let Some(row) = self.saved_by_own_method(object, &instance, site) {
            return Some(row);
        }
        let model = self.saved_model(object.class)?;
        let row = match &instance {
            Value::Object(row) if row.class == model => (**row).clone(),
            Value::None => Object { is_new: true, ..Object::new(model) },
            _ => Object::row(model, false),
        };
        if !self.is_put_off(args) {
            let written = Value::Object(Arc::new(self.with_fields(object.class, &row)));
            let save = self.attribute(&written, name);
            self.call(&save, Args::default(), site);
        }
        Some(Value::Object(Arc::new(row)))
    }

    /// Calls what a serializer itself has to make a row or to change one.
    fn saved_by_own_method(
        &mut self,
        object: &Arc<Object>,
        instance: &Value,
        site: Location,
    ) -> Option<Value> {
        if !self.is_serializer(object.class) {
            return None;
        }
        let receiver = Value::Object(object.clone());
        let call = |interp: &mut Self, name: &str, given: Vec<Value>| {
            let (function, _) = interp.class_attribute(object.class, name)?;
            let method = Value::Bound(Arc::new(Bound { receiver: receiver.clone(), function }));
            Some(interp.call(&method, Args::positional(given), site))
        };
        match instance {
            Value::None => call(self, MAKES, vec![Value::Unknown]),
            Value::Object(_) => call(self, CHANGES, vec![instance.clone(), Value::Unknown]),
            _ => {
                let changed = call(self, CHANGES, vec![instance.clone(), Value::Unknown]);
                let made = call(self, MAKES, vec![Value::Unknown]);
                match (changed, made) {
                    (Some(changed), Some(made)) => Some(changed.either(made)),
                    _ => None,
                }
            }
        }
    }

    /// The model of the rows that a form or a serializer saves.
    fn saved_model(&mut self, class: ClassId) -> Option<ClassId> {
        if !self.is_serializer(class) && !self.is_model_form(class) {
            return None;
        }
        match self.meta(class, "model")? {
            Value::Class(model) if self.is_model(model) => Some(model),
            _ => None,
        }
    }

    /// A row whose columns that a form or a serializer lists have been set.
    fn with_fields(&mut self, class: ClassId, row: &Object) -> Object {
        let mut row = row.clone();
        if row.is_new || self.meta(class, "fields").is_none() {
            return row;
        }
        for name in self.serialized_names(class).unwrap_or_default() {
            if self.is_column(row.class, &name) {
                set_attribute(&mut row.attrs, &name, Value::Unknown);
            }
        }
        row
    }
}
