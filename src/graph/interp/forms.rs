//! Forms that write a row: which one, and which columns of it.

use std::sync::Arc;

use super::Interp;
use crate::frameworks::{ModelMethod, Role};
use crate::graph::ids::ClassId;
use crate::graph::value::{Args, Object, Value, place_of_attribute};
use crate::source::Location;

/// Where a form keeps the row that it was made for.
const INSTANCE: &str = "instance";
/// What a user has typed into it.
const CLEANED: &str = "cleaned_data";
/// What `Meta.fields` says for all of them.
const ALL: &str = "__all__";

impl Interp<'_> {
    pub(super) fn is_row_form(&mut self, class: ClassId) -> bool {
        self.has_role(class, &[Role::RowForm])
    }

    /// A form before its constructor runs: it is for the row that it is given, or for a new one.
    pub(super) fn new_row_form(&mut self, class: ClassId, args: &Args) -> Object {
        let row = match (args.keyword(INSTANCE), self.meta_of_form(class)) {
            (Some(row), _) if *row != Value::None => row.clone(),
            (_, Some((model, _))) if !args.open => {
                Value::Object(Arc::new(Object { is_new: true, ..Object::new(model) }))
            }
            _ => Value::Unknown,
        };
        let attrs = vec![(CLEANED.into(), Value::Unknown), (INSTANCE.into(), row)];
        Object { attrs, ..Object::new(class) }
    }

    /// `form.save()`, where the class leaves that to the framework: saves the row that the form is for, and returns
    /// it; with `commit=False` its caller saves it. Nothing where it is no such form, or names no model.
    pub(super) fn saved_by_form(
        &mut self,
        form: &Arc<Object>,
        name: &str,
        args: &Args,
        site: Location,
    ) -> Option<Value> {
        let saves = self.program.frameworks.model_method(name) == Some(ModelMethod::Saves);
        if !saves || !self.is_row_form(form.class) {
            return None;
        }
        let row = Value::Object(Arc::new(self.row_of_form(form)?));
        if !self.is_put_off(args) {
            let method =
                self.attribute(&row, self.program.frameworks.main_model_method(ModelMethod::Saves));
            self.call(&method, Args::default(), site);
        }
        Some(row)
    }

    /// The row that a form writes, with what it assigns.
    fn row_of_form(&mut self, form: &Object) -> Option<Object> {
        let (model, meta) = self.meta_of_form(form.class)?;
        let given = form.attrs.iter().find(|(name, _)| &**name == INSTANCE);
        let mut row = match given.map(|(_, row)| row) {
            Some(Value::Object(row)) if row.class == model => (**row).clone(),
            _ => Object::new(model),
        };
        for column in self.columns_of_form(meta, model) {
            if let Err(at) = place_of_attribute(&row.attrs, &column) {
                row.attrs.insert(at, (column, Value::Unknown));
            }
        }
        Some(row)
    }

    /// The model of a form, and the `Meta` that names it.
    fn meta_of_form(&mut self, form: ClassId) -> Option<(ClassId, ClassId)> {
        let (Value::Class(meta), _) = self.class_attribute(form, "Meta")? else { return None };
        match self.class_attribute(meta, "model")?.0 {
            Value::Class(model) if self.is_model(model) => Some((model, meta)),
            _ => None,
        }
    }

    /// The columns that the fields of a form are for; none where it has all of them.
    fn columns_of_form(&mut self, meta: ClassId, model: ClassId) -> Vec<Arc<str>> {
        let names = self.class_attribute(meta, "fields").map(|(names, _)| names);
        let Some(names) = names.and_then(|names| self.elements(&names)) else { return Vec::new() };
        let names = names.iter().map(|name| name.known_text().map(Arc::from));
        let Some(names) = names.collect::<Option<Vec<Arc<str>>>>() else { return Vec::new() };
        let is_column = |name: &Arc<str>| &**name != ALL && self.is_column(model, name);
        names.into_iter().filter(is_column).collect()
    }
}
