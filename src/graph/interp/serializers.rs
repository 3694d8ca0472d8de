//! Serializers: what they make of rows, field by field.

use std::sync::Arc;

use super::Interp;
use crate::frameworks::Role;
use crate::graph::ids::ClassId;
use crate::graph::value::{Args, Bound, Object, Rows, Shape, Taint, Value};
use crate::source::Location;

/// Where a serializer keeps what it was made for.
pub(super) const INSTANCE: &str = "instance";
/// The method that makes the output for one row.
pub(super) const TO_REPRESENTATION: &str = "to_representation";

impl Interp<'_> {
    pub(super) fn is_serializer(&mut self, class: ClassId) -> bool {
        self.has_role(class, &[Role::Serializer])
    }

    /// A serializer for rows, before its constructor runs.
    pub(super) fn new_serializer(&self, class: ClassId, args: &Args) -> Object {
        let rows = args.get(0, INSTANCE).cloned().unwrap_or(Value::None);
        Object { attrs: vec![(INSTANCE.into(), rows)], ..Object::new(class) }
    }

    /// `serializer.data`, where the class leaves that to the framework.
    pub(super) fn serializer_attribute(
        &mut self,
        object: &Arc<Object>,
        name: &str,
    ) -> Option<Value> {
        if name != "data" || !self.tracks_rows() || !self.is_serializer(object.class) {
            return None;
        }
        let known = object.attrs.iter().find(|(known, _)| &**known == INSTANCE);
        let rows = known.map(|(_, value)| value.clone())?;
        let row = match &rows {
            Value::Object(_) => rows,
            rows => self.element_of(rows),
        };
        Some(self.output(object.class, &row))
    }

    /// What a serializer makes of one row.
    fn output(&mut self, class: ClassId, row: &Value) -> Value {
        let site = self.program.class_location(class);
        if let Some((function, _)) = self.class_attribute(class, TO_REPRESENTATION) {
            let receiver = Value::instance(class);
            let method = Value::Bound(Arc::new(Bound { receiver, function }));
            return self.call(&method, Args::positional([row.clone()]), site);
        }
        self.fields_output(class, row, site)
    }

    /// What the fields of a serializer make of one row, whatever it does with that.
    pub(super) fn fields_output(&mut self, class: ClassId, row: &Value, site: Location) -> Value {
        let Value::Object(object) = row else { return Value::derived(row.taint()) };
        // What is not spelled out may be any column.
        let Some(names) = self.serialized_names(class) else { return Value::derived(row.taint()) };
        let mut taint = object.query.deciding.clone();
        for name in names {
            self.serialize_field(class, object, &name, site, &mut taint);
        }
        Value::derived(taint)
    }

    /// The fields that a serializer's `Meta` lists; without it, those that the class declares.
    pub(super) fn serialized_names(&mut self, class: ClassId) -> Option<Vec<String>> {
        let fields = match self.class_attribute(class, "Meta") {
            Some((Value::Class(meta), _)) => self.class_attribute(meta, "fields"),
            _ => return Some(self.declared_names(class)),
        };
        let fields = fields?.0;
        let names = self.elements(&fields)?;
        names.iter().map(|name| name.known_text().map(str::to_owned)).collect()
    }

    fn declared_names(&mut self, class: ClassId) -> Vec<String> {
        let mut names = Vec::new();
        for owner in self.order(class).to_vec() {
            let Value::Class(owner) = owner else { continue };
            for name in self.program.class_namespace(owner).names() {
                let value = self.class_binding(owner, name);
                if matches!(value, Some(Value::Returned(_) | Value::Object(_))) {
                    names.push(self.program.file(owner.file).name(name).to_owned());
                }
            }
        }
        names
    }

    /// Adds what one field of a serializer reads.
    fn serialize_field(
        &mut self,
        class: ClassId,
        row: &Arc<Object>,
        name: &str,
        site: Location,
        taint: &mut Taint,
    ) {
        let declared = self.class_attribute(class, name).map(|(value, _)| value);
        let said = |interp: &mut Self, argument: &str| {
            let value = interp.field_argument(class, name, None, argument)?;
            value.known_text().map(str::to_owned)
        };
        let role = match &declared {
            Some(Value::Returned(path)) => self.program.frameworks.role(path),
            _ => None,
        };
        if role == Some(Role::SerializerMethod) {
            let method = said(self, "method_name").unwrap_or_else(|| format!("get_{name}"));
            let method = self.attribute(&Value::instance(class), &method);
            let row = Value::Object(row.clone());
            self.call(&method, Args::positional([row]), site).collect_taint(taint);
            return;
        }
        let source = said(self, "source").unwrap_or_else(|| name.to_owned());
        let mut steps: Vec<&str> = source.split('.').filter(|step| *step != "*").collect();
        let last = steps.pop();
        let mut value = Value::Object(row.clone());
        for step in steps {
            value = self.read_by_field(&value, step, site);
        }
        let column = said(self, "slug_field");
        match (&declared, role, last) {
            (Some(Value::Object(nested)), ..) if self.is_serializer(nested.class) => {
                let nested = nested.class;
                let value =
                    last.map_or(value.clone(), |step| self.read_by_field(&value, step, site));
                let row = match &value {
                    Value::Object(_) => value,
                    rows => self.element_of(rows),
                };
                self.output(nested, &row).collect_taint(taint);
            }
            (_, Some(Role::SerializedColumn), Some(step)) => {
                let value = self.read_by_field(&value, step, site);
                let row = self.element_of(&value);
                let row = if matches!(value, Value::Object(_)) { value } else { row };
                let column = column.unwrap_or_else(|| "pk".to_owned());
                self.attribute(&row, &column).collect_taint(taint);
            }
            (_, _, Some(step)) => self.read_plainly(&value, step, site, taint),
            _ => value.collect_taint(taint),
        }
    }

    /// What a field finds under a name: an attribute, or what a method returns.
    fn read_by_field(&mut self, value: &Value, name: &str, site: Location) -> Value {
        let found = self.attribute(value, name);
        match found.is_callable() && !matches!(found, Value::Rows(_)) {
            true => self.call(&found, Args::default(), site),
            false => found,
        }
    }

    /// Adds what a field without a class of its own reads: of related rows no more than which they are.
    fn read_plainly(&mut self, value: &Value, name: &str, site: Location, taint: &mut Taint) {
        if let Value::Object(row) = value
            && let Some(relation) = self.relation(row.class, name)
            && relation.role != Role::ManyToMany
        {
            self.column(row, name).collect_taint(taint);
            return;
        }
        match self.read_by_field(value, name, site) {
            Value::Rows(rows) => {
                let keys = Rows { shape: Shape::Keys, ..(*rows).clone() };
                keys.collect_taint(taint);
            }
            found => found.collect_taint(taint),
        }
    }
}
