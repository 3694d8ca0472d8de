//! Members of enumerations: what they are, and what they have by their class.

use std::sync::Arc;

use super::Interp;
use crate::facts::{ExprId, ExprKind};
use crate::frameworks::Role;
use crate::graph::ids::ClassId;
use crate::graph::value::{Object, Value, place_of_attribute};
use crate::source::FileId;

impl Interp<'_> {
    /// A constant of a class; of an enumeration, its member, unless that is a text or number itself.
    pub(super) fn member_of(&mut self, class: ClassId, name: &str, constant: Value) -> Value {
        let is_plain = |base: &Value| matches!(base, Value::Unbound(_));
        if !self.has_role(class, &[Role::Enumeration]) || self.order(class).iter().any(is_plain) {
            return constant;
        }
        let attrs = vec![("name".into(), Value::text(name)), ("value".into(), constant)];
        Value::Object(Arc::new(Object { attrs, ..Object::new(class) }))
    }

    /// The text or number that a member of an enumeration is itself.
    pub(super) fn constant_of_member(&mut self, object: &Object) -> Option<Value> {
        let at = place_of_attribute(&object.attrs, "value").ok()?;
        let is_plain = |base: &Value| matches!(base, Value::Unbound(_));
        let is_constant = self.has_role(object.class, &[Role::Choices])
            || self.has_role(object.class, &[Role::Enumeration])
                && self.order(object.class).iter().any(is_plain);
        is_constant.then(|| object.attrs[at].1.clone())
    }

    /// What a member of an enumeration that is a text or a number itself has by the class of it.
    pub(super) fn attribute_of_member(
        &mut self,
        file: FileId,
        member: ExprId,
        constant: &Value,
        name: &str,
    ) -> Option<Value> {
        const ROLES: [Role; 2] = [Role::Enumeration, Role::Choices];
        let ExprKind::Attribute { value, attr } = self.program.file(file).expr(member).kind else {
            return None;
        };
        let Value::Class(class) = self.eval(file, value) else { return None };
        let (raw, _) =
            self.class_attribute(class, name).filter(|_| self.has_role(class, &ROLES))?;
        if !matches!(raw, Value::Function(_) | Value::Descriptor(_)) {
            return None;
        }
        let member = Value::text(self.program.file(file).name(attr));
        let attrs = vec![("name".into(), member), ("value".into(), constant.clone())];
        let object = Arc::new(Object { attrs, ..Object::new(class) });
        Some(self.bind_to_object(&object, class, name, raw))
    }
}
