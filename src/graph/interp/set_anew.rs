//! Columns that code sets on rows that are there already.

use std::sync::Arc;

use super::Interp;
use crate::facts::{ExprKind, StmtKind};
use crate::graph::callers::MAX_CALLERS;
use crate::graph::effect::{EffectKind, WriteKind};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::value::Args;

impl Interp<'_> {
    /// Whether some function sets a column of a row that is there, and saves the row.
    pub fn is_set_anew(&mut self, model: ClassId, column: &Arc<str>) -> bool {
        if self.relation(model, column).is_some() || !self.is_column(model, column) {
            return false;
        }
        let program = self.program;
        let mentioning = program.functions_mentioning(column);
        if mentioning.len() > MAX_CALLERS {
            return false;
        }
        let mut setting: Vec<FunctionId> =
            mentioning.filter(|function| self.sets_attribute(*function, column)).collect();
        setting.sort_unstable();
        setting.dedup();
        let concrete = self.concrete(model);
        setting.into_iter().any(|function| {
            let effects = self.follow_function(function, Args::unknown());
            effects.iter().any(|effect| match &*effect.kind {
                EffectKind::Write(write) if write.kind == WriteKind::Save => {
                    let names_it = write.columns.as_ref().is_some_and(|all| all.contains(column));
                    names_it
                        && write.model.is_some_and(|written| self.concrete(written) == concrete)
                }
                _ => false,
            })
        })
    }

    /// Whether the body of a function sets an attribute of this name.
    fn sets_attribute(&self, function: FunctionId, name: &str) -> bool {
        let facts = self.program.file(function.file);
        let own = facts.function(function.ix).exprs;
        facts.stmts.iter().any(|stmt| match stmt.kind {
            StmtKind::Assign { target, .. } => match facts.expr(target).kind {
                ExprKind::Attribute { attr, .. } => {
                    facts.name(attr) == name && own.has_any_of(&[target])
                }
                _ => false,
            },
            _ => false,
        })
    }
}
