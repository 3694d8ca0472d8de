//! Receivers that nothing but their signal refers to: it holds them weakly, and so they are gone.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Interp;
use crate::facts::{Arg, ArgKind, ExprId, ExprKind, FileFacts, NameId, Scope, StmtKind};
use crate::graph::ids::FunctionId;
use crate::graph::value::Value;
use crate::source::FileId;

impl Interp<'_> {
    /// Remembers whether the receiver of a `connect` call is held by nothing else.
    pub(super) fn note_temporary_receiver(&mut self, file: FileId, callee: &Value, args: &[Arg]) {
        self.temporary_receiver = false;
        let method = match callee {
            Value::External(path) => path.rsplit('.').next().unwrap_or_default().to_owned(),
            Value::Native(native) => native.1.to_string(),
            _ => return,
        };
        if method != "connect" {
            return;
        }
        let facts = self.program.file(file);
        let receiver = args.iter().find(|arg| match arg.kind {
            ArgKind::Positional => true,
            ArgKind::Keyword(name) => facts.name(name) == "receiver",
            _ => false,
        });
        let Some(receiver) = receiver else { return };
        self.temporary_receiver = self.is_temporary(file, receiver.value);
    }

    fn is_temporary(&mut self, file: FileId, expr: ExprId) -> bool {
        let facts = self.program.file(file);
        match facts.expr(expr).kind {
            ExprKind::Lambda(_) => true,
            ExprKind::Call { .. } => {
                // What a call has just made is held by nothing, unless it handed out something old.
                match self.quietly_again(file, expr) {
                    Value::Partial(_) | Value::Object(_) => true,
                    Value::Function(closure) => {
                        matches!(self.program.function(closure.function).scope, Scope::Function(_))
                    }
                    _ => false,
                }
            }
            ExprKind::Attribute { value, .. } => match facts.expr(value).kind {
                ExprKind::Call { func, .. } => {
                    // `super().method` and `type(self).method` belong to something that lives on.
                    let ExprKind::Name(name) = facts.expr(func).kind else { return false };
                    matches!(self.lookup(file, name), Value::Class(_))
                }
                ExprKind::Name(name) => self.is_local_object(name),
                _ => false,
            },
            ExprKind::Name(name) => match self.local(name) {
                Some(Value::Function(closure)) => self.is_local_only(closure.function),
                Some(Value::Partial(_)) => self.is_own_variable(name) && !self.escapes(file, name),
                _ => false,
            },
            _ => false,
        }
    }

    /// A local variable of a running function that holds an object made there.
    fn is_local_object(&mut self, name: NameId) -> bool {
        let Some(frame) = self.frames.last() else { return false };
        let file = frame.file;
        matches!(frame.locals.get(&name), Some(Value::Object(object)) if !object.is_subject)
            && self.is_own_variable(name)
            && !self.escapes(file, name)
    }

    /// Whether a name is a variable of the running function, not one of its parameters.
    fn is_own_variable(&self, name: NameId) -> bool {
        let Some(frame) = self.frames.last() else { return false };
        let Some(function) = frame.function else { return false };
        frame.locals.contains_key(&name)
            && !self.program.function(function).params.iter().any(|param| param.name == name)
    }

    /// Whether a function is defined in another one that does nothing with it but connect it.
    pub(super) fn is_local_only(&mut self, id: FunctionId) -> bool {
        let function = self.program.function(id);
        let Scope::Function(_) = function.scope else { return false };
        !self.escapes(id.file, function.name)
    }

    /// Whether a name is used in the file other than as the receiver of `connect`.
    fn escapes(&mut self, file: FileId, name: NameId) -> bool {
        if let Some(known) = self.escaping.get(&file) {
            return known.contains(&name);
        }
        let escaping = escaping(self.program.file(file));
        let escapes = escaping.contains(&name);
        self.escaping.insert(file, escaping.into());
        escapes
    }

    fn quietly_again(&mut self, file: FileId, expr: ExprId) -> Value {
        let effects = self.effects.len();
        let value = self.eval(file, expr);
        self.effects.truncate(effects);
        value
    }
}

/// The names that a file uses other than as the receiver of `connect`.
fn escaping(facts: &FileFacts) -> FxHashSet<NameId> {
    // Uses that are told as something else are taken off.
    let mut uses: FxHashMap<NameId, isize> = FxHashMap::default();
    let named = |expr: ExprId| match facts.expr(expr).kind {
        ExprKind::Name(name) => Some(name),
        _ => None,
    };
    for expr in &facts.exprs {
        match expr.kind {
            ExprKind::Name(name) => *uses.entry(name).or_default() += 1,
            ExprKind::Call { func, args } => {
                let ExprKind::Attribute { attr, .. } = facts.expr(func).kind else { continue };
                if facts.name(attr) != "connect" {
                    continue;
                }
                let given =
                    facts.args(args).iter().filter_map(|arg| match facts.expr(arg.value).kind {
                        ExprKind::Attribute { value, .. } => named(value),
                        _ => named(arg.value),
                    });
                for name in given.collect::<BTreeSet<NameId>>() {
                    *uses.entry(name).or_default() -= 1;
                }
            }
            _ => {}
        }
    }
    for stmt in &facts.stmts {
        if let StmtKind::Assign { target, .. } = stmt.kind
            && let Some(name) = named(target)
        {
            *uses.entry(name).or_default() -= 1;
        }
    }
    uses.into_iter().filter(|(_, left)| *left > 0).map(|(name, _)| name).collect()
}
