//! Comparisons, and what a condition tells about the variables it tests.

use super::Interp;
use crate::facts::{CompareOp, ExprId, ExprKind};
use crate::graph::value::Value;
use crate::source::FileId;

impl Interp<'_> {
    pub(super) fn compare(&mut self, op: CompareOp, left: &Value, right: &Value) -> Option<bool> {
        match op {
            CompareOp::Is | CompareOp::Eq => self.same(left, right),
            CompareOp::IsNot | CompareOp::NotEq => self.same(left, right).map(|same| !same),
            CompareOp::In => self.contains(right, left),
            CompareOp::NotIn => self.contains(right, left).map(|contains| !contains),
            CompareOp::Order => match (left, right) {
                (Value::Int(_), Value::Int(_)) => None,
                _ => None,
            },
        }
    }

    fn same(&mut self, left: &Value, right: &Value) -> Option<bool> {
        match (left, right) {
            (Value::None | Value::Gone, other) | (other, Value::None | Value::Gone) => {
                other.is_none()
            }
            (Value::Class(a), Value::Class(b)) => Some(a == b),
            (Value::Historical(_), Value::Class(_)) | (Value::Class(_), Value::Historical(_)) => {
                Some(false)
            }
            (Value::Class(_), Value::External(_)) | (Value::External(_), Value::Class(_)) => {
                Some(false)
            }
            (Value::External(a), Value::External(b)) if a == b => Some(true),
            (Value::Bool(a), Value::Bool(b)) => Some(a == b),
            (Value::Int(a), Value::Int(b)) => Some(a == b),
            (Value::Text(a), Value::Text(b)) => match (a.known(), b.known()) {
                (Some(a), Some(b)) => Some(a == b),
                _ if !a.can_equal(b) => Some(false),
                _ => None,
            },
            (Value::Through(a), Value::Through(b)) => Some(a == b),
            (Value::Through(_), Value::Class(_)) | (Value::Class(_), Value::Through(_)) => {
                Some(false)
            }
            (Value::Signal(a), Value::Signal(b)) => Some(a == b),
            (Value::Sequence(a), Value::Sequence(b)) => {
                let known = a.iter().chain(b.iter()).all(|value| value.known_text().is_some());
                known.then(|| {
                    a.iter().all(|value| b.contains(value))
                        && b.iter().all(|value| a.contains(value))
                })
            }
            _ => None,
        }
    }

    fn contains(&mut self, container: &Value, item: &Value) -> Option<bool> {
        match container {
            Value::Sequence(items) => {
                let mut answer = Some(false);
                for known in items.iter() {
                    match self.same(known, item) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => answer = None,
                    }
                }
                answer
            }
            Value::Dict(dict) => {
                let found = dict.items.iter().any(|(key, _)| key == item);
                if found {
                    Some(true)
                } else if dict.may_hold(item) {
                    None
                } else {
                    Some(false)
                }
            }
            Value::Object(object) => {
                self.call_special(object.class, "__contains__", &[container, item])?.truth()
            }
            _ => None,
        }
    }

    /// What a condition tells about the variables it tests, on the branch where it holds or fails.
    pub(super) fn narrow(&mut self, file: FileId, test: ExprId, holds: bool) {
        let facts = self.program.file(file);
        match facts.expr(test).kind {
            ExprKind::Not(inner) => self.narrow(file, inner, !holds),
            ExprKind::And(items) if holds => {
                for &item in facts.list(items) {
                    self.narrow(file, item, true);
                }
            }
            ExprKind::Or(items) if !holds => {
                for &item in facts.list(items) {
                    self.narrow(file, item, false);
                }
            }
            ExprKind::Call { func, args } if holds => {
                // `isinstance(x, Model)` tells the class of something unknown.
                let ExprKind::Name(name) = facts.expr(func).kind else { return };
                let [subject, class] = facts.args(args) else { return };
                if facts.name(name) != "isinstance" {
                    return;
                }
                let ExprKind::Name(variable) = facts.expr(subject.value).kind else { return };
                if matches!(self.local(variable), Some(Value::Unknown | Value::Symbol(..)))
                    && let Value::Class(class) = self.eval(file, class.value)
                {
                    self.set_local(variable, Value::instance(class));
                }
            }
            _ => {}
        }
    }
}
