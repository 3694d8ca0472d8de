//! A receiver that does nothing yet: a place for a drop that somebody has to write.
//!
//! It is known again by what it is, a receiver of the same writes without any code, and not by its words.

use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};

use super::draft::Draft;
use super::receiver::{Connection, connected, snake};
use super::template::fill;
use super::{Applicability, Planner, Step};
use crate::frameworks::Imported;
use crate::graph::{Receiver, WrittenRow};
use crate::rules::{RowEvent, Stub, StubOf};

impl Planner<'_> {
    /// Adds a receiver that does nothing; `None` where one is there.
    pub(super) fn add_stub(
        &self,
        draft: &mut Draft<'_>,
        stub: &Stub,
        code_of_rule: &str,
    ) -> Option<Step> {
        let code = self.code?;
        let (row, signals): (&WrittenRow, Vec<&Imported>) = match &stub.of {
            StubOf::Links { owner, .. } => (owner, vec![&code.signals.links]),
            StubOf::Rows { row, events } => {
                let signal = |event: &RowEvent| match event {
                    RowEvent::Save => &code.signals.save,
                    RowEvent::Delete => &code.signals.delete,
                    RowEvent::Move => &code.signals.before_save,
                };
                (row, events.iter().map(signal).collect())
            }
        };
        let field = match &stub.of {
            StubOf::Links { field, .. } => Some(field.as_str()),
            StubOf::Rows { .. } => None,
        };
        let model = row.class.location?;
        let waits = |signal: &&Imported| {
            self.graph.layout.receivers.of(model).any(|receiver| {
                receiver.is_live
                    && receiver.field.as_deref() == field
                    && signal.name == receiver.signal
                    && self.does_nothing(draft, receiver)
            })
        };
        let open: Vec<&Imported> = signals.into_iter().filter(|signal| !waits(signal)).collect();
        if open.is_empty() {
            return None;
        }
        let words: String =
            stub.entry.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        let about = match field {
            Some(field) => format!("{}_{field}", snake(&row.class.name)),
            None => snake(&row.class.name),
        };
        let name = format!("todo_drop_{}_when_{about}_changed", snake(words.trim_matches('_')));
        let place = self.places(model, None).into_iter().next()?;
        let module = self.put(draft, &place, &name, &mut |drops, name, decorated| {
            let owner = drops.imports.spell_at_top(&row.class);
            let sender = match (&stub.of, owner) {
                (StubOf::Links { field, .. }, owner) => {
                    let values = [("owner", owner?), ("field", field.clone())];
                    let values: Vec<(&str, &str)> =
                        values.iter().map(|(name, value)| (*name, value.as_str())).collect();
                    fill(&code.templates.through, &values)
                }
                (StubOf::Rows { .. }, Some(owner)) => owner,
                (StubOf::Rows { .. }, None) => format!("\"{}\"", row.label),
            };
            let values = [("name", name), ("entry", &stub.entry), ("code", code_of_rule)];
            let function = fill(&code.templates.stub, &values);
            let signals = open.iter().copied().cloned().collect();
            connected(drops, &[Connection { signals, sender }], name, &function, decorated)
        })?;
        Some(Step {
            applicability: Applicability::Unsafe,
            message: format!("adds `{name}`, which drops nothing yet, to `{module}`"),
        })
    }

    /// Whether there is no code in a receiver.
    fn does_nothing(&self, draft: &Draft<'_>, receiver: &Receiver) -> bool {
        let Some(place) = receiver.function else { return false };
        let text = draft.original(place.file);
        let page = text.as_deref().and_then(|text| self.pages.of(place.file, text));
        let Some(page) = page else { return false };
        match page.statement_at(place.span.start as usize) {
            Some(nested) => match nested.stmt {
                Stmt::FunctionDef(function) => is_empty(function),
                _ => false,
            },
            None => false,
        }
    }
}

/// Whether all that a function holds is words.
fn is_empty(function: &StmtFunctionDef) -> bool {
    function.body.iter().all(|stmt| match stmt {
        Stmt::Pass(_) => true,
        Stmt::Expr(stmt) => {
            matches!(&*stmt.value, Expr::StringLiteral(_) | Expr::EllipsisLiteral(_))
        }
        _ => false,
    })
}
