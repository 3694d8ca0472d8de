//! Lowers a Python syntax tree into the arenas of [`FileFacts`].

mod definitions;
mod expressions;
mod patterns;
mod statements;

use ruff_python_ast as ast;
use ruff_text_size::TextRange;

use super::span;
use crate::facts::FileFacts;
use crate::facts::body::*;
use crate::facts::builder::Builder;

/// Lowers a module.
///
/// # Errors
/// The offset of the first construct that nests deeper than `max_depth`.
pub fn module(module: &ast::ModModule, max_depth: u32) -> Result<FileFacts, u32> {
    let mut lowering = Lowering { build: Builder::new(), max_depth, depth: 0, too_deep_at: None };
    lowering.build.facts.body = lowering.block(&module.body);
    match lowering.too_deep_at {
        Some(at) => Err(at),
        None => Ok(lowering.build.facts),
    }
}

struct Lowering {
    build: Builder,
    max_depth: u32,
    depth: u32,
    too_deep_at: Option<u32>,
}

impl Lowering {
    fn add_expr(&mut self, range: TextRange, kind: ExprKind) -> ExprId {
        self.build.expr(span(range), kind)
    }

    fn add_stmt(&mut self, range: TextRange, kind: StmtKind) -> StmtId {
        self.build.stmt(span(range), kind)
    }

    fn enter(&mut self, range: TextRange) -> bool {
        if self.depth >= self.max_depth {
            self.too_deep_at.get_or_insert(range.start().to_u32());
            return false;
        }
        self.depth += 1;
        true
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }
}
