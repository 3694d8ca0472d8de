//! Comprehensions and generator expressions.

use std::sync::Arc;

use super::{Interp, MAX_ELEMENTS};
use crate::facts::{ComprehensionKind, ExprId, ExprKind, ExprList};
use crate::graph::value::{Dict, Taint, Value};
use crate::source::FileId;

/// How many of the values are kept that decide how often a comprehension goes round.
const MAX_DECIDING: usize = 8;

/// How often a comprehension goes round.
#[derive(Debug, Default)]
struct Rounds {
    /// Whether that is not known.
    are_unknown: bool,
    /// What it depends on.
    deciding: Vec<Value>,
}

impl Rounds {
    fn depend_on(&mut self, value: Value) {
        // Beyond a handful they say no more.
        if self.deciding.len() < MAX_DECIDING {
            self.deciding.push(value);
        }
    }
}

impl Interp<'_> {
    pub(super) fn eval_comprehension(
        &mut self,
        file: FileId,
        kind: ComprehensionKind,
        parts: ExprList,
    ) -> Value {
        let facts = self.program.file(file);
        let parts = facts.list(parts);
        let split = match kind {
            ComprehensionKind::Sequence => 1,
            ComprehensionKind::Dict => 2,
        };
        let (elements, clauses) = parts.split_at(split.min(parts.len()));
        let saved = self.frames.last().map(|frame| frame.locals.clone());
        let mut rows = Vec::new();
        let mut rounds = Rounds::default();
        self.eval_clauses(file, clauses, elements, &mut rows, &mut rounds);
        if let (Some(saved), Some(frame)) = (saved, self.frames.last_mut()) {
            frame.locals = saved;
        }
        if rounds.are_unknown {
            let mut taint = Taint::new();
            for value in rows.iter().flatten() {
                value.collect_taint(&mut taint);
            }
            // Keys that are built from unknown rows keep their shape: one element stands for all.
            let one = rows.into_iter().next();
            return match (kind, one) {
                (ComprehensionKind::Sequence, Some(row)) => {
                    let element = row.into_iter().next().unwrap_or_default();
                    let counts = matches!(element, Value::Bool(_) | Value::Int(_));
                    let told = if counts { self.told_by(&rounds.deciding) } else { Value::Unknown };
                    Value::Each(Arc::new(if told == Value::Unknown { element } else { told }))
                }
                (ComprehensionKind::Dict, Some(row)) => {
                    let mut row = row.into_iter();
                    let pair = (row.next().unwrap_or_default(), row.next().unwrap_or_default());
                    Value::Dict(Arc::new(Dict { items: vec![pair], open: true, held: None }))
                }
                _ => Value::derived(taint),
            };
        }
        match kind {
            ComprehensionKind::Sequence => {
                Value::sequence(rows.into_iter().filter_map(|row| row.into_iter().next()).collect())
            }
            ComprehensionKind::Dict => {
                let items = rows.into_iter().filter_map(|row| {
                    let mut row = row.into_iter();
                    Some((row.next()?, row.next()?))
                });
                Value::Dict(Arc::new(Dict { items: items.collect(), ..Dict::default() }))
            }
        }
    }

    fn eval_clauses(
        &mut self,
        file: FileId,
        clauses: &[ExprId],
        elements: &[ExprId],
        rows: &mut Vec<Vec<Value>>,
        rounds: &mut Rounds,
    ) {
        let facts = self.program.file(file);
        let Some((first, rest)) = clauses.split_first() else {
            rows.push(elements.iter().map(|element| self.eval(file, *element)).collect());
            return;
        };
        let ExprKind::Clause(parts) = facts.expr(*first).kind else { return };
        let [target, iter, tests @ ..] = facts.list(parts) else { return };
        let iterable = self.eval(file, *iter);
        let (known, each) = match self.elements(&iterable) {
            Some(elements) => (true, elements),
            None => (false, vec![self.element_of(&iterable)]),
        };
        if !known {
            rounds.are_unknown = true;
            rounds.depend_on(iterable.clone());
        }
        for element in each.into_iter().take(MAX_ELEMENTS) {
            self.assign(file, *target, element);
            let mut holds = Some(true);
            for &test in tests {
                let value = self.eval(file, test);
                match value.truth() {
                    Some(true) => continue,
                    Some(false) => holds = Some(false),
                    None => {
                        holds = holds.filter(|holds| !holds);
                        rounds.depend_on(value.clone());
                    }
                }
                self.choose_rows(file, test, &value);
            }
            match holds {
                Some(false) if known => {}
                Some(true) => self.eval_clauses(file, rest, elements, rows, rounds),
                _ => {
                    rounds.are_unknown = true;
                    self.eval_clauses(file, rest, elements, rows, rounds);
                }
            }
        }
    }
}
