//! What is true or not, or counted up, depending on rows: it tells something of them, though nothing of
//! them is in it.

use super::Interp;
use crate::facts::{Block, ExprId, ExprKind, FileFacts, NameId, StmtKind};
use crate::graph::value::{RowPart, Taint, Value};
use crate::source::FileId;

/// What the branches of a condition, or the rounds of a loop, do that tells of what decides them.
#[derive(Debug, Default)]
pub(super) struct Telling {
    /// The variables that are set to `True` or `False`, or counted up by a number.
    pub(super) names: Vec<NameId>,
    /// Whether `True` or `False` is returned.
    pub(super) returns: bool,
    /// Whether a number or a text that is spelled out is returned.
    pub(super) returns_constant: bool,
}

impl Telling {
    /// Adds what the statements do that stand in a block itself.
    fn add(&mut self, facts: &FileFacts, block: Block) {
        let is_truth = |value: ExprId| matches!(facts.expr(value).kind, ExprKind::Bool(_));
        let is_constant =
            |value: ExprId| matches!(facts.expr(value).kind, ExprKind::Int(_) | ExprKind::Str(_));
        for &stmt in facts.block(block) {
            let target = match facts.stmt(stmt).kind {
                StmtKind::Return(Some(value)) => {
                    self.returns |= is_truth(value);
                    self.returns_constant |= is_constant(value);
                    continue;
                }
                StmtKind::Assign { target, value: Some(value), .. } if is_truth(value) => target,
                StmtKind::AugAssign { target, value }
                    if matches!(facts.expr(value).kind, ExprKind::Int(_)) =>
                {
                    target
                }
                _ => continue,
            };
            if let ExprKind::Name(name) = facts.expr(target).kind {
                self.names.push(name);
            }
        }
    }

    /// By the statements that stand in a block itself.
    pub(super) fn of(facts: &FileFacts, block: Block) -> Telling {
        let mut telling = Telling::default();
        telling.add(facts, block);
        telling
    }

    /// Whether there is nothing of the kind.
    pub(super) fn is_nothing(&self) -> bool {
        self.names.is_empty() && !self.is_by_return()
    }

    /// Whether what is returned tells of what decides.
    pub(super) fn is_by_return(&self) -> bool {
        self.returns || self.returns_constant
    }
}

impl Interp<'_> {
    /// What is true or not by comparing values that are not known.
    pub(super) fn told_by<'v>(&self, compared: impl IntoIterator<Item = &'v Value>) -> Value {
        if !self.tracks_rows() {
            return Value::Unknown;
        }
        let mut taint = Taint::new();
        compared.into_iter().for_each(|value| value.collect_compared(&mut taint));
        // A parameter alone tells of no rows.
        match taint.iter().any(|source| source.model.is_some()) {
            true => Value::made_of(taint),
            false => Value::Unknown,
        }
    }

    /// One of two values, depending on a condition that is not known.
    pub(super) fn chosen_by(&self, test: &Value, one: Value, other: Value) -> Value {
        let told = match (&one, &other) {
            (Value::Bool(one), Value::Bool(other)) if one != other => self.told_by([test]),
            _ => Value::Unknown,
        };
        if told == Value::Unknown { one.either(other) } else { told }
    }

    /// What of the kind some blocks do, where somebody asks for it.
    pub(super) fn telling_of(&mut self, file: FileId, blocks: &[Block]) -> Telling {
        let mut telling = Telling::default();
        if self.tracks_rows() {
            let facts = self.program.file(file);
            blocks.iter().for_each(|block| telling.add(facts, *block));
        }
        match telling.is_nothing() || self.is_told_for(&telling) {
            true => telling,
            false => Telling::default(),
        }
    }

    /// Behind a condition, or a loop, that decides what `telling` does: takes what that tells of rows.
    pub(super) fn take_told(&mut self, telling: &Telling, decides: &Value) {
        if telling.is_nothing() {
            return;
        }
        let told = self.told_by([decides]);
        let Value::Derived(taint) = &told else { return };
        let Some(frame) = self.frame() else { return };
        for name in &telling.names {
            if let Some(known) = frame.locals.get_mut(name)
                && is_spelled(known)
            {
                *known = told.clone();
            }
        }
        // What a column of a row decides beside other values is often no more than whether there is anything to
        // tell.
        let is_by_presence = || taint.iter().all(|source| tells_presence(&source.part));
        if telling.returns || (telling.returns_constant && is_by_presence()) {
            frame.told.add(taint);
        }
    }
}

/// Whether a value is nothing but truths and numbers that are spelled out.
fn is_spelled(value: &Value) -> bool {
    match value {
        Value::Bool(_) | Value::Int(_) => true,
        Value::Union(cases) => cases.iter().all(is_spelled),
        _ => false,
    }
}

/// Whether a part of rows is no more than which rows there are.
fn tells_presence(part: &RowPart) -> bool {
    matches!(
        part,
        RowPart::Presence
            | RowPart::Ordered
            | RowPart::Deciding(_)
            | RowPart::Links(_)
            | RowPart::Given
    )
}

/// What a function returns, with what decided whether that is `True` or `False`, or a constant in place of a
/// figure.
pub(super) fn returned_with(value: Value, told: Taint) -> Value {
    let Value::Union(cases) = &value else { return value };
    let is_truth = |case: &Value| matches!(case, Value::Bool(_));
    let is_figure = |case: &Value| match case {
        Value::Bool(_) | Value::Int(_) | Value::Derived(_) | Value::Column(_) => true,
        Value::Text(text) => text.known().is_some(),
        _ => false,
    };
    if told.is_empty() || !cases.iter().all(is_figure) {
        return value;
    }
    match cases.iter().all(is_truth) {
        true => Value::Derived(told),
        false => {
            let mut taint = value.taint();
            taint.add(&told);
            Value::Derived(taint)
        }
    }
}
