//! The fields of a model, and what their declarations say.

use std::sync::Arc;

use super::Interp;
use super::lookups::lookups_of;
use crate::facts::{ArgKind, ArgList, ExprKind};
use crate::frameworks::Role;
use crate::graph::ids::ClassId;
use crate::graph::namespace::BindingKind;
use crate::graph::value::Value;

impl Interp<'_> {
    /// The part a field class of the program plays, by its bases.
    pub(super) fn field_role(&mut self, class: ClassId) -> Option<Role> {
        let order = self.order(class);
        order.iter().find_map(|base| self.value_role(base).filter(|role| role.is_field()))
    }

    /// The part that the value of a class attribute plays as a field.
    pub fn role_of_field(&mut self, value: &Value) -> Option<Role> {
        match value {
            Value::Returned(path) => {
                self.program.frameworks.role(path).filter(|role| role.is_field())
            }
            Value::Object(object) => self.field_role(object.class),
            _ => None,
        }
    }

    /// The names of the columns a model has, inherited ones included, sorted.
    pub fn columns(&mut self, class: ClassId) -> Vec<Arc<str>> {
        let mut columns: Vec<Arc<str>> = Vec::new();
        for owner in self.order(class).to_vec() {
            let Value::Class(owner) = owner else { continue };
            for name in self.program.class_namespace(owner).names() {
                let Some(value) = self.class_binding(owner, name) else { continue };
                if self.role_of_field(&value).is_some_and(|role| role != Role::ManyToMany) {
                    columns.push(self.program.file(owner.file).name(name).into());
                }
            }
        }
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    /// The columns by which rows of a model are ordered where a query states no order.
    pub fn default_order(&mut self, model: ClassId) -> Vec<Arc<str>> {
        let Some(order) = self.meta(model, "ordering") else { return Vec::new() };
        let paths = lookups_of(&order).into_iter().filter(|path| !path.contains("__"));
        let names: Vec<String> =
            paths.map(|path| path.trim_start_matches('-').to_owned()).collect();
        let columns = names.iter().map(|name| self.column_name(model, name));
        columns.filter(|column| &**column != "pk").collect()
    }

    /// The call that makes a field, in the class that declares it.
    fn field_call(&mut self, class: ClassId, name: &str) -> Option<(ClassId, ArgList)> {
        let (_, owner) = self.class_attribute(class, name)?;
        let id = self.name_id(owner.file, name)?;
        let facts = self.program.file(owner.file);
        let binding = self.program.class_namespace(owner).get(id).last()?;
        let BindingKind::Value { value, .. } = &binding.kind else { return None };
        match facts.expr(*value).kind {
            ExprKind::Call { args, .. } => Some((owner, args)),
            _ => None,
        }
    }

    pub(super) fn field_argument(
        &mut self,
        class: ClassId,
        name: &str,
        position: Option<usize>,
        keyword: &str,
    ) -> Option<Value> {
        let (owner, args) = self.field_call(class, name)?;
        let facts = self.program.file(owner.file);
        let args = facts.args(args);
        let by_name = args
            .iter()
            .find(|arg| matches!(arg.kind, ArgKind::Keyword(name) if facts.name(name) == keyword));
        let by_position = position
            .and_then(|position| args.get(position))
            .filter(|arg| arg.kind == ArgKind::Positional);
        let arg = by_name.or(by_position)?;
        Some(self.value_apart(owner.file, Some(owner), arg.value))
    }

    /// Whether a field of a model may hold nothing.
    pub fn is_nullable(&mut self, class: ClassId, name: &str) -> bool {
        !matches!(self.field_argument(class, name, None, "null"), None | Some(Value::Bool(false)))
    }

    /// Whether no two rows of a model may have the same in a field.
    pub fn is_unique(&mut self, class: ClassId, name: &str) -> bool {
        self.field_argument(class, name, None, "unique") == Some(Value::Bool(true))
    }

    /// Whether a relation says by itself what queries call the way back.
    pub fn has_related_query_name(&mut self, class: ClassId, name: &str) -> bool {
        self.field_argument(class, name, None, "related_query_name").is_some()
    }

    /// Whether deleting what a foreign key points to changes its rows, or removes them, without a signal.
    pub fn changes_silently(&mut self, class: ClassId, field: &str) -> bool {
        let rule = self.field_argument(class, field, Some(1), "on_delete");
        rule.is_some_and(|rule| {
            matches!(self.value_role(&rule), Some(Role::SilentOnDelete | Role::LeftOnDelete))
        })
    }

    /// Whether deleting what a foreign key points to leaves its rows as they are.
    pub(super) fn is_left(&mut self, class: ClassId, field: &str) -> bool {
        let rule = self.field_argument(class, field, Some(1), "on_delete");
        rule.is_none_or(|rule| {
            !matches!(self.value_role(&rule), Some(Role::SilentOnDelete | Role::CascadeOnDelete))
        })
    }

    /// Whether deleting what a foreign key points to deletes its rows by the ORM.
    pub fn cascades(&mut self, class: ClassId, field: &str) -> bool {
        let rule = self.field_argument(class, field, Some(1), "on_delete");
        rule.is_some_and(|rule| self.value_role(&rule) == Some(Role::CascadeOnDelete))
    }
}
