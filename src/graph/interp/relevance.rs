//! Which code is worth running in a run that is after something, going by the names it mentions.

use super::Interp;
use crate::facts::{Arg, Block, ExprId, ExprKind, FileFacts, FunctionFact, StmtId, StmtKind};
use crate::graph::effect::Interest;
use crate::graph::hooks::function_of;
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::value::Value;
use crate::source::FileId;

impl Interp<'_> {
    /// Whether a run enters a function: one that is after something only where that can be reached from
    /// it, where the value that it returns matters, or where it is small enough to be called for it
    /// anyway. The function that a run starts at is what it is about, and behind an override of a write
    /// stand the hooks of the framework.
    pub(super) fn is_worth_entering(&self, id: FunctionId) -> bool {
        const SMALL: usize = 4;
        let facts = self.program.file(id.file);
        let function = facts.function(id.ix);
        let reaches = match self.interest {
            Interest::Caching => {
                let starts = self.frames.is_empty() && self.running_hooks.is_empty();
                let by_name = || self.reaches_drop(id) || self.is_named_as_write(id);
                !self.is_selective() || self.is_wanted || starts || by_name()
            }
            Interest::Wiring => {
                self.connecting.is_none() || self.mentions_connecting(facts, function)
            }
        };
        reaches || facts.block(function.body).len() <= SMALL
    }

    /// Whether runs that are after caches enter chosen functions only.
    pub(super) fn is_selective(&self) -> bool {
        self.enters_chosen && self.interest == Interest::Caching
    }

    /// Whether something that drops an entry may be reached from a function.
    pub fn reaches_drop(&self, id: FunctionId) -> bool {
        self.targets.functions.contains(&id)
    }

    /// Evaluates what matters where `is_wanted`, and otherwise as before.
    pub(super) fn wanting<T>(&mut self, is_wanted: bool, body: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.is_wanted;
        self.is_wanted |= is_wanted;
        let value = body(self);
        self.is_wanted = before;
        value
    }

    /// Whether a function has the name of a method that writes rows.
    pub(super) fn is_named_as_write(&self, id: FunctionId) -> bool {
        let name = self.program.function_name(id);
        let frameworks = self.program.frameworks;
        frameworks.model_method(name).is_some() || frameworks.is_row_writer(name)
    }

    /// Whether a run calls what is handed to code out of sight.
    pub(super) fn is_worth_calling_back(&self, value: &Value) -> bool {
        if let Value::External(path) = value
            && let Some((owner, _)) = path.rsplit_once('.')
        {
            return self.program.frameworks.store_named(owner).is_some();
        }
        if let Value::Native(native) = value {
            return matches!(native.0, Value::Store(_));
        }
        value.is_callable()
            && (self.interest == Interest::Caching
                || function_of(value).is_some_and(|id| {
                    let facts = self.program.file(id.file);
                    self.mentions_connecting(facts, facts.function(id.ix))
                }))
    }

    fn mentions_connecting(&self, facts: &FileFacts, function: &FunctionFact) -> bool {
        function.mentions.iter().any(|name| self.may_mean_connecting(facts.name(*name)))
    }

    /// Whether connecting code can be reached from something of this name.
    pub fn may_mean_connecting(&self, name: &str) -> bool {
        self.connecting.as_ref().is_none_or(|names| names.contains(name))
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
        self.may_mean_connecting(facts.name(class.name))
            || class.decorators.iter().any(|decorator| self.expr_may_connect(facts, *decorator))
            || self.args_may_connect(facts, facts.args(class.bases))
            || facts.block(class.body).iter().any(|stmt| self.may_connect(id.file, *stmt))
    }

    fn expr_may_connect(&self, facts: &FileFacts, id: ExprId) -> bool {
        let mut open = vec![id];
        while let Some(expr) = open.pop() {
            let connects = match facts.expr(expr).kind {
                ExprKind::Name(name) | ExprKind::Attribute { attr: name, .. } => {
                    self.may_mean_connecting(facts.name(name))
                }
                ExprKind::Lambda(ix) => self.mentions_connecting(facts, facts.function(ix)),
                _ => false,
            };
            if connects {
                return true;
            }
            facts.parts_of(expr, &mut open);
        }
        false
    }

    fn args_may_connect(&self, facts: &FileFacts, args: &[Arg]) -> bool {
        args.iter().any(|arg| self.expr_may_connect(facts, arg.value))
    }
}
