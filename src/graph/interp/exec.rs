//! Statements.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::muting::{RECEIVERS, either_muted};
use super::{Frame, Interp, MAX_ELEMENTS, MAX_IDLE, MAX_PARTS, MAX_STEPS};
use crate::facts::{Block, ExprId, ExprKind, NameId, Scope, Stmt, StmtId, StmtKind};
use crate::frameworks::Role;
use crate::graph::effect::{EffectKind, Interest};
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::modules::ModuleRef;
use crate::graph::value::{Args, Value, place_of_attribute};
use crate::source::{FileId, Location, Span};

/// Whether control goes on behind a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// It does, or may.
    Next,
    /// It leaves the loop round.
    LeavesLoop,
    /// It leaves the function.
    Leaves,
}

impl Interp<'_> {
    /// Runs the statements of a module as an import would, definitions included.
    pub fn run_module(&mut self, file: FileId) {
        let body = self.program.file(file).body;
        self.frames.push(Frame::of_body(file, None));
        self.exec_definitions(file, body);
        self.frames.pop();
    }

    /// Runs the statements of a module or class body; in a run that is after wiring, only those from
    /// which connecting code can be reached.
    fn exec_definitions(&mut self, file: FileId, body: Block) {
        for &stmt in self.program.file(file).block(body) {
            // A `def` may bind a name anew that connecting code reads in between.
            let binds = matches!(self.program.file(file).stmt(stmt).kind, StmtKind::Function(_));
            if binds || self.interest == Interest::Caching || self.may_connect(file, stmt) {
                self.exec(file, stmt);
            }
        }
    }

    pub(super) fn exec_block(&mut self, file: FileId, block: Block) -> Flow {
        let facts = self.program.file(file);
        for &stmt in facts.block(block) {
            let flow = self.exec(file, stmt);
            if flow != Flow::Next {
                return flow;
            }
        }
        Flow::Next
    }

    /// Takes as many steps as something at `site` needs, or all that are left; whether any are left.
    pub(super) fn take_time(&mut self, steps: u32, site: Location) -> bool {
        let had_time = self.steps < MAX_STEPS;
        // Past the most, a run ended by itself.
        self.steps = self.steps.saturating_add(steps);
        if had_time && self.steps >= MAX_STEPS {
            self.steps = MAX_STEPS;
            self.emit(EffectKind::CutShort, site);
        }
        self.steps < MAX_STEPS
    }

    fn exec(&mut self, file: FileId, stmt: StmtId) -> Flow {
        let Stmt { span, kind } = self.program.file(file).stmt(stmt);
        if !self.take_time(1, Location { file, span }) {
            return Flow::Leaves;
        }
        match kind {
            StmtKind::Expr(value) => {
                self.eval(file, value);
            }
            StmtKind::Assign { target, value, annotation } => {
                let matters = self.is_set_for(file, target);
                let value = match (value, annotation) {
                    (Some(value), _) => self.wanting(matters, |interp| interp.eval(file, value)),
                    (None, Some(annotation)) => self.annotated(file, annotation),
                    (None, None) => Value::Unknown,
                };
                self.assign(file, target, value);
            }
            StmtKind::AugAssign { target, value } => {
                let matters = self.is_set_for(file, target);
                let old = self.eval(file, target);
                let value = self.wanting(matters, |interp| interp.eval(file, value));
                let sum = self.add(&old, &value);
                self.assign(file, target, sum);
            }
            StmtKind::Return(value) => {
                let is_wanted = self.frames.last().is_some_and(|frame| frame.returns_wanted);
                let value = value.map_or(Value::None, |value| {
                    self.wanting(is_wanted, |interp| interp.eval(file, value))
                });
                self.returns(value);
                return Flow::Leaves;
            }
            StmtKind::If { test, body, orelse } => return self.exec_if(file, test, body, orelse),
            StmtKind::For { target, iter, body } => {
                let matters = self.is_set_for(file, target);
                let iterable = self.wanting(matters, |interp| interp.eval(file, iter));
                let iterable = match self.is_filled_elsewhere(file, iter, &iterable) {
                    true => Value::Unknown,
                    false => iterable,
                };
                self.exec_loop(file, &iterable, body, |interp, element| {
                    interp.assign(file, target, element);
                });
            }
            StmtKind::While { test, body } => {
                if self.eval(file, test).truth() != Some(false) {
                    self.exec_block(file, body);
                }
            }
            StmtKind::With { context, target, body } => {
                return self.in_context(file, context, target, |interp, value| {
                    let timing = interp.timing;
                    if interp.value_role(&value) == Some(Role::Atomic) {
                        interp.timing.in_transaction = !timing.deferred;
                    }
                    let flow = interp.exec_block(file, body);
                    interp.timing = timing;
                    flow
                });
            }
            StmtKind::Try { body, handlers, finally } => {
                let flow = self.exec_block(file, body);
                let before = self.branch_locals();
                {
                    for &handler in self.program.file(file).block(handlers) {
                        if let StmtKind::Handler(body) = self.program.file(file).stmt(handler).kind
                        {
                            self.exec_block(file, body);
                        }
                    }
                };
                self.join_locals(before);
                let last = self.exec_block(file, finally);
                // A handler may swallow what ended the body, so only a body that ends by itself
                // and without handlers surely ends.
                let handled = !handlers.is_empty();
                return match (last, flow) {
                    (Flow::Next, flow) if !handled => flow,
                    (last, _) => last,
                };
            }
            StmtKind::Handler(body) => return self.exec_block(file, body),
            StmtKind::Raise(value) => {
                if let Some(value) = value {
                    self.eval(file, value);
                }
                return Flow::Leaves;
            }
            StmtKind::LoopExit => return Flow::LeavesLoop,
            StmtKind::Delete(target) => match self.program.file(file).expr(target).kind {
                ExprKind::Name(name) => self.set_local(name, Value::Unknown),
                ExprKind::Subscript { value, index } => self.delete_item(file, value, index),
                _ => {}
            },
            StmtKind::Import { module, name } => self.exec_import(file, module, name),
            StmtKind::ImportFrom { level, module, member, name } => {
                self.import_effect(file, level, module, Some(member));
                let value = self.member(file, level, module, member);
                self.set_local(name, value);
            }
            StmtKind::ImportStar { level, module } => {
                self.import_effect(file, level, module, None);
            }
            StmtKind::Outer(name) => self.declare_outer(name),
            StmtKind::Function(ix) => {
                let id = FunctionId { file, ix };
                let value = self.define_function(id);
                self.set_local(self.program.function(id).name, value);
            }
            StmtKind::Class(ix) => self.exec_class(ClassId { file, ix }),
        }
        Flow::Next
    }

    fn exec_if(&mut self, file: FileId, test: ExprId, body: Block, orelse: Block) -> Flow {
        let telling = self.telling_of(file, &[body, orelse]);
        let is_wanted = !telling.is_nothing() && self.is_selective();
        let value = self.wanting(is_wanted, |interp| interp.eval(file, test));
        let truth = match self.value_role(&value) {
            Some(Role::TypeChecking) => Some(false),
            _ => value.truth(),
        };
        match truth {
            Some(true) => {
                self.narrow(file, test, true);
                self.exec_block(file, body)
            }
            Some(false) => {
                self.narrow(file, test, false);
                self.exec_block(file, orelse)
            }
            None => {
                let before = self.branch_locals();
                let muted = self.muted.clone();
                self.narrow(file, test, true);
                let chosen = self.choose_rows(file, test, &value);
                let timing = self.timing;
                if let Value::Made(site) = value {
                    self.timing.where_made = Some(site);
                }
                let drops = self.effects.drops();
                let taken = self.exec_block(file, body);
                self.effects.end_arm(drops);
                self.timing = timing;
                // Of rows of a loop those that are left are chosen, too, where the others have left it.
                let is_choice = taken == Flow::LeavesLoop;
                for (name, row) in &chosen {
                    self.set_local(*name, row.clone());
                }
                let after_body = self.replace_locals(before);
                let muted_in_body = std::mem::replace(&mut self.muted, muted);
                self.narrow(file, test, false);
                if is_choice {
                    self.choose_rows(file, test, &value);
                }
                let drops = self.effects.drops();
                let not_taken = self.exec_block(file, orelse);
                self.effects.end_arm(drops);
                if taken == Flow::Next {
                    self.muted = match not_taken {
                        Flow::Next => either_muted(muted_in_body, &self.muted),
                        _ => muted_in_body,
                    };
                }
                match (taken, not_taken) {
                    (Flow::Next, Flow::Next) => self.join_locals(after_body),
                    (Flow::Next, _) => {
                        self.replace_locals(after_body);
                    }
                    _ => {}
                }
                self.take_told(&telling, &value);
                match (taken, not_taken) {
                    (Flow::Next, _) | (_, Flow::Next) => Flow::Next,
                    (a, b) if a == b => a,
                    _ => Flow::LeavesLoop,
                }
            }
        }
    }

    fn exec_loop(
        &mut self,
        file: FileId,
        iterable: &Value,
        body: Block,
        bind: impl Fn(&mut Self, Value),
    ) {
        match self.elements(iterable) {
            Some(elements) => {
                let before = self.effects.len();
                for (at, element) in elements.into_iter().take(MAX_ELEMENTS).enumerate() {
                    if at == MAX_IDLE && self.effects.len() == before {
                        break;
                    }
                    bind(self, element);
                    if self.exec_block(file, body) == Flow::Leaves {
                        break;
                    }
                }
            }
            None => {
                let element = self.element_of(iterable);
                let before = self.branch_locals();
                bind(self, element);
                self.exec_block(file, body);
                self.join_locals(before);
                let telling = self.telling_of(file, &[body]);
                self.take_told(&telling, iterable);
            }
        }
    }

    fn returns(&mut self, value: Value) {
        if let Some(frame) = self.frame() {
            frame.returned = Some(match frame.returned.take() {
                Some(earlier) => earlier.either(value),
                None => value,
            });
        }
    }

    fn branch_locals(&mut self) -> FxHashMap<NameId, Value> {
        self.frame().map(|frame| frame.locals.clone()).unwrap_or_default()
    }

    fn replace_locals(&mut self, locals: FxHashMap<NameId, Value>) -> FxHashMap<NameId, Value> {
        self.frame().map(|frame| std::mem::replace(&mut frame.locals, locals)).unwrap_or_default()
    }

    fn join_locals(&mut self, other: FxHashMap<NameId, Value>) {
        let Some(frame) = self.frame() else { return };
        let mut other: Vec<(NameId, Value)> = other.into_iter().collect();
        other.sort_unstable_by_key(|(name, _)| *name);
        for (name, value) in other {
            let joined = match frame.locals.remove(&name) {
                Some(own) => value.either(own),
                None => value,
            };
            frame.locals.insert(name, joined);
        }
    }

    pub(super) fn set_local(&mut self, name: NameId, value: Value) {
        // What has grown so large can no longer be told apart at a bearable cost.
        let value = if value.is_larger_than(MAX_PARTS) { Value::Unknown } else { value };
        if let Some(frame) = self.frame() {
            frame.locals.insert(name, value);
        }
    }

    pub(super) fn assign(&mut self, file: FileId, target: ExprId, value: Value) {
        let facts = self.program.file(file);
        match facts.expr(target).kind {
            ExprKind::Name(name) => {
                let value = self.rebind(file, name, value, self.site(file, target));
                self.set_local(name, value);
            }
            ExprKind::Sequence(targets) => {
                for (at, &target) in facts.list(targets).iter().enumerate() {
                    let element = self.element_at(&value, at);
                    self.assign(file, target, element);
                }
            }
            ExprKind::Starred(target) => {
                let taint = value.taint();
                self.assign(file, target, Value::derived(taint));
            }
            ExprKind::Attribute { value: owner, attr } => {
                self.assign_attribute(file, owner, attr, value);
            }
            ExprKind::Subscript { value: container, index } => {
                let index = self.eval(file, index);
                self.store_item(file, container, index, value, self.site(file, target));
            }
            _ => {}
        }
    }

    /// `self.attr = value`: the variable then holds an object that knows it.
    fn assign_attribute(&mut self, file: FileId, owner: ExprId, attr: NameId, value: Value) {
        let facts = self.program.file(file);
        let name = facts.name(attr);
        if name == RECEIVERS {
            let (signal, site) = (self.eval(file, owner), self.site(file, owner));
            self.replace_receivers(&signal, &value, site);
        }
        let ExprKind::Name(owner_name) = facts.expr(owner).kind else { return };
        let object = match self.local(owner_name) {
            Some(Value::Object(object)) => object,
            Some(Value::Function(closure)) => {
                return self.set_local(owner_name, closure.with_attribute(name, value));
            }
            owning => {
                let site = self.site(file, owner);
                self.rebind_attribute(file, owner, name, &value, site);
                if let (Some(Value::Class(class)), Some(frame)) = (owning, self.frame()) {
                    frame.of_classes.push((class, name.into(), value));
                }
                return;
            }
        };
        if self.hears_all && self.is_model(object.class) && !self.is_column(object.class, name) {
            return;
        }
        let mut object = (*object).clone();
        set_attribute(&mut object.attrs, name, value);
        self.set_local(owner_name, Value::Object(object.into()));
    }

    fn exec_import(&mut self, file: FileId, module: NameId, name: Option<NameId>) {
        self.import_effect(file, 0, module, None);
        let facts = self.program.file(file);
        let dotted = facts.name(module);
        let (bound, target) = match name {
            Some(name) => (Some(name), dotted),
            None => {
                let top = dotted.split('.').next().unwrap_or_default();
                (self.name_id(file, top), top)
            }
        };
        if let Some(bound) = bound {
            let value = self.module_value(file, 0, target);
            self.set_local(bound, value);
        }
    }

    fn import_effect(&mut self, file: FileId, level: u32, module: NameId, member: Option<NameId>) {
        let facts = self.program.file(file);
        let dotted = facts.name(module);
        let modules = &self.program.modules;
        let site = Location { file, span: Span::default() };
        let target = match level {
            0 => modules.absolute(file, dotted),
            _ => modules.relative(file, level, dotted),
        };
        let folder = match target {
            Some(ModuleRef::File(id)) => {
                self.emit(EffectKind::Import(id), site);
                modules.is_package(id).then(|| modules.folder(id).to_owned())
            }
            Some(ModuleRef::Namespace(folder)) => Some(folder),
            None => None,
        };
        if let (Some(folder), Some(member)) = (folder, member)
            && let Some(ModuleRef::File(id)) = modules.member(&folder, facts.name(member))
        {
            self.emit(EffectKind::Import(id), site);
        }
    }

    /// A `def`: decorators run now; the value is what the name stands for afterwards.
    fn define_function(&mut self, id: FunctionId) -> Value {
        let mut value = self.closure(id);
        let facts = self.program.file(id.file);
        let is_method = matches!(facts.function(id.ix).scope, Scope::Class(_));
        for &decorator in facts.function(id.ix).decorators.iter().rev() {
            let site = self.site(id.file, decorator);
            let decorator = self.eval(id.file, decorator);
            value = self.decorate(&decorator, value, site, is_method);
        }
        value
    }

    fn exec_class(&mut self, id: ClassId) {
        let facts = self.program.file(id.file);
        let class = facts.class(id.ix);
        self.frames.push(Frame::of_body(id.file, Some(id)));
        self.exec_definitions(id.file, class.body);
        self.frames.pop();
        self.class_created(id);
        let mut value = Value::Class(id);
        for &decorator in class.decorators.iter().rev() {
            let site = self.site(id.file, decorator);
            let decorator = self.eval(id.file, decorator);
            let decorated = self.call(&decorator, Args::positional([value.clone()]), site);
            if !matches!(decorated, Value::Unknown | Value::Returned(_) | Value::None) {
                value = decorated;
            }
        }
        self.set_local(class.name, value);
    }
}

/// Sets one of the attributes of an object, which are sorted by name.
pub(super) fn set_attribute(attrs: &mut Vec<(Arc<str>, Value)>, name: &str, value: Value) {
    match place_of_attribute(attrs, name) {
        Ok(at) => attrs[at].1 = value,
        Err(at) => attrs.insert(at, (name.into(), value)),
    }
}
