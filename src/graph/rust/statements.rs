//! Statements: what running them does to the variables of a function.

use super::method_calls::MAX_EACH;
use super::run::{Fork, MAX_STEPS, Runner};
use super::types::{Head, Ty};
use super::value::{Value, What};
use crate::facts::{Block, ExprId, ExprKind, StmtId, StmtKind};
use crate::frameworks::Part;
use crate::source::FileId;

impl Runner<'_, '_> {
    pub(super) fn block(&mut self, block: Block) {
        let Some(file) = self.frames.last().map(|frame| frame.file) else { return };
        for &stmt in self.program.file(file).block(block) {
            self.steps += 1;
            if self.steps > MAX_STEPS {
                return;
            }
            self.stmt(file, stmt);
        }
    }

    fn stmt(&mut self, file: FileId, stmt: StmtId) {
        let facts = self.program.file(file);
        match facts.stmt(stmt).kind {
            StmtKind::Expr(value) => {
                self.eval(file, value);
            }
            StmtKind::Assign { target, value, annotation } => {
                let declared = annotation.map(|annotation| self.read_type(file, annotation));
                let Some(value) = value else {
                    if let Some(ty) = declared {
                        let value = self.typed(Value::of(ty));
                        self.assign(file, target, value);
                    }
                    return;
                };
                let made_by = value;
                if let Some(annotation) = annotation {
                    self.expect(file, value, annotation);
                }
                let mut value = self.eval(file, value);
                if let Some(Ty { head: Head::Part(table, Part::Active), .. }) = declared
                    && !matches!(value.what, What::Active(_))
                {
                    // A row that was read: no column is set yet.
                    value = self.to_active(table, &value);
                }
                if let Some(ty) = &declared {
                    value.ty = value.ty.with_arguments_of(ty.peeled(self.program).0);
                }
                let is_told = |ty: &Ty| {
                    let is_tuple = ty.element(self.program).head == Head::Tuple;
                    value.ty == Ty::default() || matches!(value.what, What::Active(_)) || is_tuple
                };
                if let Some(ty) = declared
                    && is_told(&ty)
                    && ty != Ty::default()
                {
                    value.ty = ty;
                    // `let users: Arc<DashMap<i64, User>> = Arc::default();`
                    value = self.made(self.typed(value), file, made_by);
                }
                self.assign(file, target, value);
            }
            StmtKind::AugAssign { target, value } => {
                let value = self.eval(file, value);
                let before = self.eval(file, target);
                self.assign(file, target, Value { text: None, ..before.or(value) });
            }
            StmtKind::Return(value) => {
                let running = self.frames.last().and_then(|frame| frame.function);
                if let Some(value) = value
                    && let Some(returns) = running.and_then(|it| self.program.function(it).returns)
                {
                    self.expect(file, value, returns);
                }
                let value = value.map(|value| self.eval(file, value)).unwrap_or_default();
                if let Some(frame) = self.frames.last_mut() {
                    frame.returned = Some(match frame.returned.take() {
                        Some(other) => other.or(value),
                        None => value,
                    });
                }
            }
            StmtKind::If { test, body, orelse } => self.branches(file, test, body, orelse),
            StmtKind::For { target, iter, body } => {
                let iterable = self.eval(file, iter);
                if let What::Several(parts) = &iterable.what
                    && parts.len() <= MAX_EACH
                {
                    self.forget_assigned(file, body);
                    for part in parts.iter() {
                        self.assign(file, target, part.clone());
                        self.block(body);
                    }
                    return;
                }
                let element = match self.message_type(&iterable.ty) {
                    Some(message) => self.receive(message, file, iter),
                    None => self.element_of(iterable),
                };
                self.forget_assigned(file, body);
                self.assign(file, target, element);
                self.open_loops += 1;
                self.block(body);
                self.open_loops -= 1;
            }
            StmtKind::While { test, body } => {
                self.eval(file, test);
                self.forget_assigned(file, body);
                self.open_loops += 1;
                self.block(body);
                self.open_loops -= 1;
            }
            StmtKind::With { context, target, body } => {
                let value = self.eval(file, context);
                if let Some(target) = target {
                    self.assign(file, target, value);
                }
                self.block(body);
            }
            StmtKind::Try { body, handlers, finally } => {
                for block in [body, handlers, finally] {
                    self.block(block);
                }
            }
            StmtKind::Handler(body) => self.block(body),
            StmtKind::Raise(value) => {
                if let Some(value) = value {
                    self.eval(file, value);
                }
            }
            StmtKind::LoopExit
            | StmtKind::Delete(_)
            | StmtKind::Import { .. }
            | StmtKind::ImportFrom { .. }
            | StmtKind::ImportStar { .. }
            | StmtKind::Outer(_)
            | StmtKind::Function(_)
            | StmtKind::Class(_) => {}
        }
    }

    /// Notes which type the value of a call is wanted of: that may tell what its own types stand for.
    fn expect(&mut self, file: FileId, value: ExprId, annotation: ExprId) {
        let facts = self.program.file(file);
        let mut at = value;
        while let ExprKind::Yield(inner) | ExprKind::Starred(inner) = facts.expr(at).kind {
            at = inner;
        }
        if let (ExprKind::Call { .. }, Some(frame)) = (&facts.expr(at).kind, self.frames.last_mut())
        {
            frame.expected = Some((at, annotation));
        }
    }

    fn branches(&mut self, file: FileId, test: ExprId, body: Block, orelse: Block) {
        let known = match self.eval(file, test).what {
            What::Bool(known) => Some(known),
            _ => None,
        };
        let before = self.frames.last().map(|frame| frame.locals.clone()).unwrap_or_default();
        let start = self.effects.len();
        if known != Some(false) {
            self.block(body);
        }
        let middle = self.effects.len();
        if known == Some(true) {
            return;
        }
        let Some(frame) = self.frames.last_mut() else { return };
        let after = std::mem::replace(&mut frame.locals, before);
        self.block(orelse);
        let end = self.effects.len();
        if start < middle && middle < end {
            self.forks.push(Fork { start, middle, end });
        }
        if known == Some(false) {
            return;
        }
        let Some(frame) = self.frames.last_mut() else { return };
        #[expect(clippy::iter_over_hash_type, reason = "each variable is joined by itself")]
        for (name, value) in after {
            let joined = match frame.locals.remove(&name) {
                Some(other) => value.or(other),
                None => value,
            };
            frame.locals.insert(name, joined);
        }
    }

    /// What a loop over a value, or a closure that is called with what it holds, has.
    pub(super) fn element_of(&mut self, value: Value) -> Value {
        let ty = value.ty.element(self.program);
        if let What::Held(_) = value.what {
            let ty = value.ty.element(self.program);
            return Value { ty, ..value };
        }
        let text = matches!(value.what, What::Plain).then_some(value.text).flatten();
        self.typed(Value { ty, text, rows: value.rows, ..Value::default() })
    }

    pub(super) fn assign(&mut self, file: FileId, target: ExprId, value: Value) {
        let facts = self.program.file(file);
        match facts.expr(target).kind {
            ExprKind::Name(name) => {
                if let Some(known @ Value { what: What::Held(_), .. }) = self.locals_have(name)
                    && !matches!(value.what, What::Held(_))
                {
                    // `*held = value`
                    let known = known.clone();
                    self.patched(&known, None);
                    return;
                }
                if let Some(known @ Value { what: What::Store(store), .. }) = self.locals_have(name)
                    && value.what == What::Plain
                    && value.ty.head != Head::Unknown
                    && value.ty.peeled(self.program).0 == known.ty.peeled(self.program).0
                {
                    // `*guard = other`
                    let store = store.clone();
                    self.fill_whole(store, value.rows, true, file, target);
                    return;
                }
                if let Some(frame) = self.frames.last_mut() {
                    frame.locals.insert(name, value);
                }
            }
            ExprKind::Sequence(items) => {
                for (at, item) in facts.list(items).iter().enumerate() {
                    let part = self.part_of(&value, at);
                    self.assign(file, *item, part);
                }
            }
            ExprKind::Attribute { value: owner, attr } => {
                self.set_field(file, owner, facts.name(attr), value);
            }
            ExprKind::Subscript { value: owner, index } => {
                let owner = self.eval(file, owner);
                let key = self.eval(file, index);
                self.store_item(&owner, &key, value, file, target);
            }
            _ => {
                let known = self.eval(file, target);
                match known.what {
                    // `*map.write() = other`
                    What::Store(store) => self.fill_whole(store, value.rows, true, file, target),
                    _ => self.patched(&known, None),
                }
            }
        }
    }
}
