//! Which code is worth running in a run that is after wiring, going by the names it mentions.

use super::Interp;
use crate::facts::{
    Arg, Block, ExprId, ExprKind, ExprList, FileFacts, FunctionFact, StmtId, StmtKind,
};
use crate::graph::effect::Interest;
use crate::graph::ids::{ClassId, FunctionId};
use crate::source::FileId;

impl Interp<'_> {
    /// Whether a run enters a function: one that is after wiring only where it may connect something
    /// or is small enough to be called for what it returns.
    pub(super) fn is_worth_entering(&self, id: FunctionId) -> bool {
        const SMALL: usize = 6;
        if self.interest == Interest::Caching {
            return true;
        }
        let facts = self.program.file(id.file);
        let function = facts.function(id.ix);
        self.mentions_connecting(facts, function)
            || (self.open_calls.len() < 4 && facts.block(function.body).len() <= SMALL)
    }

    fn mentions_connecting(&self, facts: &FileFacts, function: &FunctionFact) -> bool {
        function.mentions.iter().any(|name| self.connecting.contains(facts.name(*name)))
    }

    /// Whether connecting code can be reached from something of this name.
    pub fn may_mean_connecting(&self, name: &str) -> bool {
        self.connecting.contains(name)
    }

    /// Whether connecting code can be reached from a statement.
    pub fn may_connect(&self, file: FileId, stmt: StmtId) -> bool {
        let facts = self.program.file(file);
        let expr = |expr| self.expr_may_connect(facts, expr);
        let block =
            |body: Block| facts.block(body).iter().any(|stmt| self.may_connect(file, *stmt));
        match facts.stmt(stmt).kind {
            StmtKind::Expr(value) | StmtKind::AugAssign { value, .. } => expr(value),
            StmtKind::Assign { value, .. } => value.is_some_and(expr),
            StmtKind::Return(value) | StmtKind::Raise(value) => value.is_some_and(expr),
            StmtKind::If { test, body, orelse } => expr(test) || block(body) || block(orelse),
            StmtKind::For { iter, body, .. } => expr(iter) || block(body),
            StmtKind::While { test, body } => expr(test) || block(body),
            StmtKind::With { context, body, .. } => expr(context) || block(body),
            StmtKind::Try { body, handlers, finally } => {
                block(body) || block(handlers) || block(finally)
            }
            StmtKind::Handler(body) => block(body),
            StmtKind::Function(ix) => facts.function(ix).decorators.iter().copied().any(expr),
            StmtKind::Class(ix) => self.class_may_connect(ClassId { file, ix }),
            StmtKind::LoopExit
            | StmtKind::Delete(_)
            | StmtKind::Import { .. }
            | StmtKind::ImportFrom { .. }
            | StmtKind::ImportStar { .. }
            | StmtKind::Outer(_) => false,
        }
    }

    fn class_may_connect(&self, id: ClassId) -> bool {
        let facts = self.program.file(id.file);
        let class = facts.class(id.ix);
        self.connecting.contains(facts.name(class.name))
            || class.decorators.iter().any(|decorator| self.expr_may_connect(facts, *decorator))
            || self.args_may_connect(facts, facts.args(class.bases))
            || facts.block(class.body).iter().any(|stmt| self.may_connect(id.file, *stmt))
    }

    fn expr_may_connect(&self, facts: &FileFacts, id: ExprId) -> bool {
        let expr = |id| self.expr_may_connect(facts, id);
        let list = |list: ExprList| facts.list(list).iter().any(|id| expr(*id));
        match facts.expr(id).kind {
            ExprKind::Name(name) => self.connecting.contains(facts.name(name)),
            ExprKind::Attribute { value, attr } => {
                self.connecting.contains(facts.name(attr)) || expr(value)
            }
            ExprKind::Call { func, args } => {
                expr(func) || self.args_may_connect(facts, facts.args(args))
            }
            ExprKind::Subscript { value, index } => expr(value) || expr(index),
            ExprKind::Lambda(ix) => self.mentions_connecting(facts, facts.function(ix)),
            ExprKind::Compare { left, right, .. } | ExprKind::Binary { left, right, .. } => {
                expr(left) || expr(right)
            }
            ExprKind::Not(inner) | ExprKind::Starred(inner) | ExprKind::Yield(inner) => expr(inner),
            ExprKind::Named { value, .. } => expr(value),
            ExprKind::Format(items)
            | ExprKind::Sequence(items)
            | ExprKind::Dict(items)
            | ExprKind::And(items)
            | ExprKind::Or(items)
            | ExprKind::Conditional(items)
            | ExprKind::Comprehension { parts: items, .. }
            | ExprKind::Clause(items)
            | ExprKind::Other(items) => list(items),
            ExprKind::Str(_) | ExprKind::Int(_) | ExprKind::Bool(_) | ExprKind::None => false,
        }
    }

    fn args_may_connect(&self, facts: &FileFacts, args: &[Arg]) -> bool {
        args.iter().any(|arg| self.expr_may_connect(facts, arg.value))
    }
}
