//! Comparisons, and what a condition tells about the variables it tests.

use std::sync::Arc;

use super::Interp;
use crate::facts::{CompareOp, ExprId, ExprKind, FileFacts, NameId};
use crate::graph::ids::FunctionId;
use crate::graph::value::{Object, Query, RowPart, RowSource, Value};
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
            (Value::None | Value::Gone, Value::Symbol(function, param))
            | (Value::Symbol(function, param), Value::None | Value::Gone)
                if self.is_handed_on(*function, *param) =>
            {
                Some(false)
            }
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

    /// Whether a parameter that callers must give is looked at by another function than its own, which has handed
    /// it on: there it is taken to be something.
    fn is_handed_on(&self, function: FunctionId, param: NameId) -> bool {
        let program = self.program;
        let running = self.frames.last().and_then(|frame| frame.function);
        running.is_some_and(|it| program.outermost(it) != program.outermost(function))
            && program
                .function(function)
                .params
                .iter()
                .any(|known| known.name == param && known.default.is_none())
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

    /// Makes the rows that a condition tests by their columns ones that these columns have chosen, and returns the
    /// variables that hold them, with what they held before.
    pub(super) fn choose_rows(
        &mut self,
        file: FileId,
        test: ExprId,
        value: &Value,
    ) -> Vec<(NameId, Value)> {
        let mut changed = Vec::new();
        if !self.tracks_rows() {
            return changed;
        }
        let facts = self.program.file(file);
        for (name, attr) in tested(facts, test) {
            let Some(Value::Object(row)) = self.local(name) else { continue };
            if !row.one_of_many || !self.is_model(row.class) {
                continue;
            }
            let mut deciding = row.query.deciding.clone();
            let own = value.taint();
            deciding.extend(own.iter().filter_map(|source| match &source.part {
                RowPart::Column(column) if &**column != "pk" => {
                    let part = RowPart::Deciding(column.clone());
                    Some(RowSource { part, ..source.clone() })
                }
                _ => None,
            }));
            let column = self.column_name(row.class, facts.name(attr));
            if &*column != "pk" && self.is_column(row.class, &column) {
                deciding.insert(row.source(RowPart::Deciding(column)));
            }
            if deciding != row.query.deciding {
                let query = Arc::new(Query { deciding, ..(*row.query).clone() });
                let chosen = Object { query, ..(*row).clone() };
                changed.push((name, Value::Object(row)));
                self.set_local(name, Value::Object(chosen.into()));
            }
        }
        changed
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

/// The variables whose attributes a condition tests, and these.
fn tested(facts: &FileFacts, test: ExprId) -> Vec<(NameId, NameId)> {
    let mut names = Vec::new();
    let mut open = vec![test];
    while let Some(expr) = open.pop() {
        match facts.expr(expr).kind {
            ExprKind::Attribute { value, attr } => match facts.expr(value).kind {
                ExprKind::Name(name) => names.push((name, attr)),
                _ => open.push(value),
            },
            ExprKind::Not(inner) => open.push(inner),
            ExprKind::And(items) | ExprKind::Or(items) => open.extend(facts.list(items)),
            ExprKind::Compare { left, right, .. } => open.extend([left, right]),
            ExprKind::Call { func, .. } => open.push(func),
            _ => {}
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}
