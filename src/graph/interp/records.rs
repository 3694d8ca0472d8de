//! Records: classes whose constructors keep what they are given, under the names of their fields.

use std::sync::Arc;

use super::Interp;
use crate::facts::{ExprId, ExprKind, StmtKind};
use crate::frameworks::Role;
use crate::graph::ids::ClassId;
use crate::graph::program::last_name;
use crate::graph::value::{Args, Object, Value};
use crate::source::FileId;

/// A field of a record.
struct Field {
    name: Arc<str>,
    file: FileId,
    annotation: ExprId,
}

impl Interp<'_> {
    /// Whether the constructor of a class keeps what it is given.
    pub(super) fn is_record(&mut self, class: ClassId) -> bool {
        if self.has_role(class, &[Role::Record]) {
            return true;
        }
        let facts = self.program.file(class.file);
        facts.class(class.ix).decorators.iter().any(|decorator| {
            let value = self.value_in_module(class.file, *decorator);
            self.value_role(&value) == Some(Role::Record)
        })
    }

    /// A record with what its constructor is given: by the name of its field what has one, else by its place.
    pub(super) fn new_record(&mut self, plain: Object, args: Args) -> Value {
        let fields = self.fields_of_record(plain.class);
        let by_place = args.positional.into_iter().enumerate();
        let mut attrs: Vec<(Arc<str>, Value)> = by_place
            .map(|(at, value)| {
                let field = fields.get(at).map(|field| field.name.clone());
                (field.unwrap_or(at.to_string().into()), value)
            })
            .collect();
        attrs.extend(args.keywords);
        attrs.sort_by(|one, other| one.0.cmp(&other.0));
        attrs.dedup_by(|one, other| one.0 == other.0);
        Value::Object(Arc::new(Object { attrs, ..plain }))
    }

    /// The fields of a record: what it and its bases annotate, the bases first.
    fn fields_of_record(&mut self, class: ClassId) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for owner in self.order(class).to_vec().iter().rev() {
            let Value::Class(owner) = owner else { continue };
            let facts = self.program.file(owner.file);
            for &stmt in facts.block(facts.class(owner.ix).body) {
                let StmtKind::Assign { target, annotation: Some(annotation), .. } =
                    facts.stmt(stmt).kind
                else {
                    continue;
                };
                let of_class = match facts.expr(annotation).kind {
                    ExprKind::Subscript { value, .. } => last_name(facts, value),
                    _ => last_name(facts, annotation),
                } == Some("ClassVar");
                if let ExprKind::Name(name) = facts.expr(target).kind
                    && !of_class
                    && !fields.iter().any(|known| *known.name == *facts.name(name))
                {
                    fields.push(Field {
                        name: facts.name(name).into(),
                        file: owner.file,
                        annotation,
                    });
                }
            }
        }
        fields
    }

    /// A record of the attributes of a row: of each that a field is called by, and of nested records of these.
    pub(super) fn load_record(&mut self, class: ClassId, row: &Value) -> Option<Value> {
        let model = row.as_object()?.class;
        if !self.is_model(model) || !self.is_record(class) {
            return None;
        }
        let fields = self.fields_of_record(class);
        let mut attrs: Vec<(Arc<str>, Value)> = Vec::new();
        for field in &fields {
            let value = self.attribute(row, &field.name);
            let value = self.loaded_as(field, value);
            attrs.push((field.name.clone(), value));
        }
        attrs.sort_by(|one, other| one.0.cmp(&other.0));
        (!attrs.is_empty()).then(|| Value::Object(Arc::new(Object { attrs, ..Object::new(class) })))
    }

    /// What a field makes of a value: a record of it, where it is annotated with the class of one.
    fn loaded_as(&mut self, field: &Field, value: Value) -> Value {
        let each = match &value {
            Value::Rows(_) => Some(self.element_of(&value)),
            _ => None,
        };
        let row = each.as_ref().unwrap_or(&value);
        let nested = self.named_in(field).and_then(|class| self.load_record(class, row));
        match (nested, each) {
            (Some(nested), Some(_)) => Value::Each(Arc::new(nested)),
            (Some(nested), None) => nested,
            (None, Some(row)) => Value::Each(Arc::new(row)),
            (None, None) => value,
        }
    }

    /// The class of records that an annotation names: `Owner`, `Owner | None`, `list[Owner]`.
    fn named_in(&mut self, field: &Field) -> Option<ClassId> {
        let mut open = vec![field.annotation];
        while let Some(expr) = open.pop() {
            let facts = self.program.file(field.file);
            if let ExprKind::Name(_) | ExprKind::Attribute { .. } = facts.expr(expr).kind
                && let Value::Class(class) = self.value_apart(field.file, None, expr)
                && self.is_record(class)
            {
                return Some(class);
            }
            facts.parts_of(expr, &mut open);
        }
        None
    }
}
