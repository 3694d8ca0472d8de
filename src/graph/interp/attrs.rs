//! What `value.name` gives.

use std::sync::Arc;

use super::Interp;
use crate::frameworks::Role;
use crate::graph::ids::ClassId;
use crate::graph::modules::ModuleRef;
use crate::graph::value::{
    Args, Bound, Closure, DescriptorKind, Object, Query, Rows, Value, Via, place_of_attribute,
};

/// The attribute by which a function has the one that it was made to look like.
pub(super) const WRAPPED: &str = "__wrapped__";

impl Interp<'_> {
    /// The attribute of a value; never fails, what is not known is `Unknown` or a native method.
    pub(super) fn attribute(&mut self, value: &Value, name: &str) -> Value {
        match value {
            Value::Module(file) => self.module_attribute(*file, name).unwrap_or_default(),
            Value::Namespace(folder) => match self.program.modules.member(folder, name) {
                Some(ModuleRef::File(file)) => Value::Module(file),
                Some(ModuleRef::Namespace(folder)) => Value::Namespace(folder.into()),
                None => Value::Unknown,
            },
            Value::External(path) => self.external_attribute(path, name),
            Value::Class(class) => self.attribute_of_class(*class, name),
            Value::Object(object) => self.attribute_of_object(object, name),
            Value::Rows(rows) => self.attribute_of_rows(rows, name),
            Value::Super(pair) => self.attribute_of_super(pair.0, &pair.1, name),
            Value::Meta(class) => self.attribute_of_meta(*class, name),
            Value::Historical(class) => self.attribute_of_historical(*class, name),
            Value::FieldOf(field) if name == "through" => {
                self.through(field.0, &field.1).unwrap_or_else(|| Value::Through(field.clone()))
            }
            Value::Through(field) if matches!(name, "objects" | "_default_manager") => {
                let via = Via {
                    owner: field.0,
                    field: field.1.clone(),
                    role: Role::ManyToMany,
                    forward: true,
                };
                let query = Query { links_of: Some(Arc::new(via)), ..Query::default() };
                Value::Rows(Arc::new(Rows { query: Arc::new(query), ..Rows::default() }))
            }
            Value::FromQuerySet(pair) => match self.attribute(&pair.0, name) {
                Value::Native(_) | Value::Unknown => self.attribute(&pair.1, name),
                found => found,
            },
            Value::Union(all) => {
                let mut values = all.iter().map(|value| self.attribute(value, name));
                let first = values.next().unwrap_or_default();
                let rest: Vec<Value> = values.collect();
                rest.into_iter().fold(first, Value::either)
            }
            Value::Function(closure) => match closure.attribute(name) {
                Some(value) => value.clone(),
                None => self
                    .name_of_function(closure, name)
                    .unwrap_or_else(|| native(value.clone(), name)),
            },
            Value::Bound(bound) if matches!(name, "__name__" | "__qualname__" | "__module__") => {
                self.attribute(&bound.function, name)
            }
            Value::Bound(bound) => match &bound.function {
                Value::Function(closure) if closure.attribute(name).is_some() => {
                    self.attribute(&bound.function, name)
                }
                _ => native(value.clone(), name),
            },
            Value::Native(state) => {
                let rows = self
                    .rows_out_of_sight(&state.0, name)
                    .or_else(|| self.rows_of_outsider(&state.0, &state.1, name));
                match rows {
                    Some(rows) => self.attribute(&rows, name),
                    None => native(value.clone(), name),
                }
            }
            // Neither a text nor a number has a value: it is that of a member of an enumeration.
            Value::Text(_) | Value::Int(_) if name == "value" => value.clone(),
            Value::Partial(partial) if name == "func" => partial.callee.clone(),
            other => native(other.clone(), name),
        }
    }

    /// What a function says of its own name; one that looks like another says what that does.
    fn name_of_function(&mut self, closure: &Closure, name: &str) -> Option<Value> {
        if !matches!(name, "__name__" | "__qualname__" | "__module__") {
            return None;
        }
        if let Some(wrapped) = closure.attribute(WRAPPED) {
            return Some(self.attribute(&wrapped.clone(), name));
        }
        let id = closure.function;
        let module = self.program.modules.name(id.file);
        let whole = self.program.qualified_function(id);
        Some(Value::text(match name {
            "__module__" => module,
            "__qualname__" => whole.strip_prefix(module).unwrap_or(&whole).trim_start_matches('.'),
            _ => whole.rsplit('.').next().unwrap_or(&whole),
        }))
    }

    fn external_attribute(&mut self, path: &str, name: &str) -> Value {
        if self.program.frameworks.role(path) == Some(Role::Settings)
            && let Some(value) = self.setting(name)
        {
            return value;
        }
        if name == "from_queryset" && self.is_rows_class(&Value::External(path.into())) {
            return native(Value::External(path.into()), name);
        }
        Value::External(format!("{path}.{name}").into())
    }

    fn attribute_of_class(&mut self, class: ClassId, name: &str) -> Value {
        match name {
            "__name__" | "__qualname__" => return Value::text(self.program.class_name(class)),
            "__module__" => return Value::text(self.program.modules.name(class.file)),
            "__class__" => return Value::Unknown,
            "_meta" => return Value::Meta(class),
            _ => {}
        }
        let set_here = self.frames.last().and_then(|frame| {
            let mut set = frame.of_classes.iter().rev();
            set.find(|(of, attribute, _)| *of == class && &**attribute == name)
        });
        if let Some((_, _, value)) = set_here {
            return value.clone();
        }
        if let Some((raw, _)) = self.class_attribute(class, name) {
            return match &raw {
                Value::Descriptor(descriptor) => match descriptor.0 {
                    DescriptorKind::Static => descriptor.1.clone(),
                    DescriptorKind::Class => bind(Value::Class(class), descriptor.1.clone()),
                    DescriptorKind::Property => Value::Unknown,
                },
                Value::Rows(rows) if self.is_model(class) => {
                    Value::Rows(Arc::new(Rows { model: Some(class), ..(**rows).clone() }))
                }
                Value::Returned(path)
                    if matches!(
                        self.program.frameworks.role(path),
                        Some(Role::ForeignKey | Role::OneToOne | Role::ManyToMany)
                    ) =>
                {
                    Value::FieldOf(Arc::new((class, name.into())))
                }
                Value::Object(object) if self.field_role(object.class).is_some() => {
                    Value::FieldOf(Arc::new((class, name.into())))
                }
                Value::Text(_) | Value::Int(_) => self.member_of(class, name, raw),
                // A choice and its label.
                Value::Sequence(items) if self.has_role(class, &[Role::Choices]) => {
                    items.first().cloned().unwrap_or_default()
                }
                _ => raw,
            };
        }
        if matches!(name, "objects" | "_default_manager") && self.is_model(class) {
            return self.default_manager(class);
        }
        if name == "_base_manager" && self.is_model(class) {
            return Value::Rows(Arc::new(Rows { model: Some(class), ..Rows::default() }));
        }
        if self.is_model(class)
            && let Some((owner, field, Role::ManyToMany)) = self.reverse_named(class, name)
        {
            return Value::FieldOf(Arc::new((owner, field)));
        }
        native(Value::Class(class), name)
    }

    /// The attribute of a model as a migration sees it: its managers have no methods of their own.
    fn attribute_of_historical(&mut self, class: ClassId, name: &str) -> Value {
        match self.attribute_of_class(class, name) {
            Value::Rows(rows) => {
                let query = Arc::new(Query::all(true));
                Value::Rows(Arc::new(Rows { classes: Vec::new(), query, ..(*rows).clone() }))
            }
            found @ (Value::FieldOf(_) | Value::Meta(_)) => found,
            _ => native(Value::Historical(class), name),
        }
    }

    /// The manager that a model has where it names none, or the first it names.
    pub(super) fn default_manager(&mut self, class: ClassId) -> Value {
        let managers = self.managers(class);
        if let Some((_, value)) = managers.into_iter().next() {
            return value;
        }
        Value::Rows(Arc::new(Rows { model: Some(class), ..Rows::default() }))
    }

    /// The managers of a model, inherited ones included, in the order of its classes.
    pub fn managers(&mut self, class: ClassId) -> Vec<(Arc<str>, Value)> {
        let mut found: Vec<(Arc<str>, Value)> = Vec::new();
        for owner in self.order(class).to_vec() {
            let Value::Class(owner) = owner else { continue };
            // Django takes managers from model classes only, not from plain mixins; a base out of sight
            // may be a model.
            if !self.is_model(owner) && !self.has_base_out_of_sight(owner) {
                continue;
            }
            for name in self.program.class_namespace(owner).names() {
                let text = self.program.file(owner.file).name(name);
                if found.iter().any(|(known, _)| &**known == text) {
                    continue;
                }
                if let Some(Value::Rows(rows)) = self.class_binding(owner, name) {
                    let rows = Rows { model: Some(class), ..(*rows).clone() };
                    found.push((text.into(), Value::Rows(Arc::new(rows))));
                }
            }
        }
        found
    }

    fn attribute_of_object(&mut self, object: &Arc<Object>, name: &str) -> Value {
        if let Ok(at) = place_of_attribute(&object.attrs, name) {
            return object.attrs[at].1.clone();
        }
        let class = object.class;
        match name {
            "__class__" => return Value::Class(class),
            "_meta" => return Value::Meta(class),
            "pk" if self.is_model(class) => return self.key_of(object),
            "get_model" | "get_models" if self.has_role(class, &[Role::AppConfig]) => {
                let label = self.app_label_of_file(class.file);
                return native(Value::App(label.into()), name);
            }
            "_state" => return native(Value::Object(object.clone()), name),
            _ => {}
        }
        if let Some((raw, _)) = self.class_attribute(class, name)
            && (!object.query.is_historical || self.role_of_field(&raw).is_some())
        {
            return self.bind_to_object(object, class, name, raw);
        }
        if self.is_model(class)
            && let Some(value) = self.implied_attribute(object, name)
        {
            return value;
        }
        if let Some(value) = self.serializer_attribute(object, name) {
            return value;
        }
        if let Some(value) = self.remembered(object, name) {
            return value;
        }
        if let Some(constant) = self.constant_of_member(object) {
            return self.attribute(&constant, name);
        }
        if let Some(value) = self.delegated(object, name) {
            return value;
        }
        native(Value::Object(object.clone()), name)
    }

    pub(super) fn bind_to_object(
        &mut self,
        object: &Arc<Object>,
        class: ClassId,
        name: &str,
        raw: Value,
    ) -> Value {
        let receiver = || Value::Object(object.clone());
        match &raw {
            Value::Function(_) | Value::Memoised(_) => bind(receiver(), raw),
            Value::Descriptor(descriptor) => match descriptor.0 {
                DescriptorKind::Static => descriptor.1.clone(),
                DescriptorKind::Class => bind(Value::Class(class), descriptor.1.clone()),
                DescriptorKind::Property => {
                    let site = self.calls.last().copied();
                    let site = site.unwrap_or_else(|| self.program.class_location(class));
                    self.call(&descriptor.1, Args::positional([receiver()]), site)
                }
            },
            Value::Rows(rows) if self.is_model(class) => {
                Value::Rows(Arc::new(Rows { model: Some(class), ..(**rows).clone() }))
            }
            Value::Returned(_) | Value::Object(_) if self.is_model(class) => {
                self.field_of(object, name, &raw)
            }
            // A class attribute may be replaced on the instance; a constant rarely is.
            _ => raw,
        }
    }

    fn attribute_of_rows(&mut self, rows: &Arc<Rows>, name: &str) -> Value {
        if name == "model"
            && let Some(model) = rows.model
        {
            return Value::Class(model);
        }
        if let Some(found) = self.defined_of_rows(rows, name) {
            return found;
        }
        match self.rows_of_manager(rows) {
            Some(made) => {
                let found = self.defined_of_rows(&made, name);
                found.unwrap_or_else(|| native(Value::Rows(made), name))
            }
            None => native(Value::Rows(rows.clone()), name),
        }
    }

    /// The attribute that a class of some rows defines in the program.
    fn defined_of_rows(&mut self, rows: &Arc<Rows>, name: &str) -> Option<Value> {
        for class in &rows.classes {
            let Value::Class(class) = class else { continue };
            if let Some((raw, _)) = self.class_attribute(*class, name) {
                let receiver = Value::Rows(rows.clone());
                return Some(match &raw {
                    Value::Function(_) => bind(receiver, raw),
                    Value::Descriptor(descriptor) => match descriptor.0 {
                        DescriptorKind::Static => descriptor.1.clone(),
                        DescriptorKind::Class => bind(Value::Class(*class), descriptor.1.clone()),
                        DescriptorKind::Property => {
                            let site = self.program.class_location(*class);
                            self.call(&descriptor.1, Args::positional([receiver]), site)
                        }
                    },
                    _ => raw,
                });
            }
        }
        None
    }

    /// The rows of a manager as its own method makes a queryset of them, where that is of another class.
    fn rows_of_manager(&mut self, rows: &Arc<Rows>) -> Option<Arc<Rows>> {
        let Some(Value::Class(manager)) = rows.classes.first() else { return None };
        let made = self.queryset_classes(*manager)?;
        let classes = made.iter().chain(&rows.classes).cloned().collect();
        Some(Arc::new(Rows { classes, ..(**rows).clone() }))
    }

    fn attribute_of_super(&mut self, after: ClassId, receiver: &Value, name: &str) -> Value {
        let classes: Vec<ClassId> = match receiver {
            Value::Object(object) => vec![object.class],
            Value::Class(class) => vec![*class],
            Value::Rows(rows) => {
                let classes = rows.classes.iter();
                classes
                    .filter_map(|class| match class {
                        Value::Class(id) => Some(*id),
                        _ => None,
                    })
                    .collect()
            }
            _ => vec![after],
        };
        for class in classes {
            if let Some((raw, _)) = self.class_attribute_after(class, after, name) {
                return match &raw {
                    Value::Function(_) => bind(receiver.clone(), raw),
                    Value::Descriptor(descriptor) => match descriptor.0 {
                        DescriptorKind::Static => descriptor.1.clone(),
                        DescriptorKind::Class => bind(Value::Class(class), descriptor.1.clone()),
                        DescriptorKind::Property => {
                            let site = self.program.class_location(class);
                            self.call(&descriptor.1, Args::positional([receiver.clone()]), site)
                        }
                    },
                    _ => raw,
                };
            }
        }
        native(receiver.clone(), name)
    }

    fn attribute_of_meta(&mut self, class: ClassId, name: &str) -> Value {
        let class_name = self.program.class_name(class);
        let label = self.app_label(class);
        match name {
            "object_name" => Value::text(class_name),
            "db_table" => Value::text(&self.table(class)),
            "model_name" => Value::text(&class_name.to_lowercase()),
            "app_label" => Value::text(&label),
            "label" => Value::text(&format!("{label}.{class_name}")),
            "label_lower" => Value::text(&format!("{label}.{class_name}").to_lowercase()),
            "model" => Value::Class(class),
            "concrete_model" => Value::Class(self.concrete(class)),
            "abstract" => Value::Bool(self.is_abstract(class)),
            "proxy" => Value::Bool(self.is_proxy(class)),
            "default_manager" | "base_manager" => self.default_manager(class),
            _ => native(Value::Meta(class), name),
        }
    }
}

/// A method that the program does not define.
pub(super) fn native(receiver: Value, name: &str) -> Value {
    Value::Native(Arc::new((receiver, name.into())))
}

fn bind(receiver: Value, function: Value) -> Value {
    Value::Bound(Arc::new(Bound { receiver, function }))
}
