//! Which names the body of a module or class binds, and to what, before anything is resolved.

use rustc_hash::FxHashMap;

use crate::facts::{Block, ClassIx, ExprId, ExprKind, FileFacts, FunctionIx, NameId, StmtKind};

/// The names of one body.
#[derive(Debug, Default)]
pub struct Namespace {
    bindings: FxHashMap<NameId, Vec<Binding>>,
    /// `from module import *`: dots and module, in source order.
    pub stars: Vec<(u32, NameId)>,
}

/// One way a name gets its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    /// How.
    pub kind: BindingKind,
    /// Whether it stands inside an `if`, `try` or loop, so that it may not happen.
    pub conditional: bool,
}

/// How a name gets its value.
#[derive(Debug, Clone, PartialEq)]
pub enum BindingKind {
    /// `import a.b` binds `a`: the module of this dotted name.
    Module(NameId),
    /// `import a.b` without `as` binds the first part of the dotted name.
    TopModule(NameId),
    /// `from module import member`
    Member { level: u32, module: NameId, member: NameId },
    /// A function.
    Function(FunctionIx),
    /// A class.
    Class(ClassIx),
    /// An expression, and the path into it where the target is a tuple.
    Value { value: ExprId, path: Vec<usize> },
    /// An element of an iterable, and the path into it.
    Element { iter: ExprId, path: Vec<usize> },
    /// `name += value`
    Extended(ExprId),
    /// Only declared, or bound in a way that tells nothing.
    Opaque,
}

impl Namespace {
    /// Reads the bindings of a body; function bodies inside it are not entered.
    pub fn of(facts: &FileFacts, body: Block) -> Namespace {
        let mut namespace = Namespace::default();
        namespace.block(facts, body, false);
        namespace
    }

    /// The bindings of a name that may be in force at the end of the body, the last one last.
    pub fn get(&self, name: NameId) -> &[Binding] {
        let Some(bindings) = self.bindings.get(&name) else { return &[] };
        let in_force = |binding: &Binding| {
            !binding.conditional && !matches!(binding.kind, BindingKind::Extended(_))
        };
        let first = bindings.iter().rposition(in_force).unwrap_or(0);
        &bindings[first..]
    }

    /// Every binding of a name, in source order.
    pub fn all(&self, name: NameId) -> &[Binding] {
        self.bindings.get(&name).map_or(&[], Vec::as_slice)
    }

    /// The names that are bound, in no particular order.
    pub fn names(&self) -> Vec<NameId> {
        let mut names: Vec<NameId> = self.bindings.keys().copied().collect();
        names.sort_unstable();
        names
    }

    /// The names that are bound to a whole expression, sorted, with each expression.
    pub fn values(&self) -> Vec<(NameId, ExprId)> {
        let mut values: Vec<(NameId, ExprId)> = self
            .names()
            .into_iter()
            .flat_map(|name| self.all(name).iter().map(move |binding| (name, binding)))
            .filter_map(|(name, binding)| match &binding.kind {
                BindingKind::Value { value, path } if path.is_empty() => Some((name, *value)),
                _ => None,
            })
            .collect();
        values.sort_unstable();
        values
    }

    fn bind(&mut self, name: NameId, kind: BindingKind, conditional: bool) {
        self.bindings.entry(name).or_default().push(Binding { kind, conditional });
    }

    fn block(&mut self, facts: &FileFacts, block: Block, conditional: bool) {
        for &stmt in facts.block(block) {
            match facts.stmt(stmt).kind {
                StmtKind::Import { module, name: Some(name) } => {
                    self.bind(name, BindingKind::Module(module), conditional);
                }
                StmtKind::Import { module, name: None } => {
                    let top = facts.name(module).split('.').next().unwrap_or_default();
                    // `import a.b` binds `a`; the front end interns `a` only where it is used.
                    if let Some(top) = facts.names.find(top) {
                        self.bind(top, BindingKind::TopModule(module), conditional);
                    }
                }
                StmtKind::ImportFrom { level, module, member, name } => {
                    self.bind(name, BindingKind::Member { level, module, member }, conditional);
                }
                StmtKind::ImportStar { level, module } => self.stars.push((level, module)),
                StmtKind::Function(ix) => {
                    let name = facts.function(ix).name;
                    self.bind(name, BindingKind::Function(ix), conditional);
                }
                StmtKind::Class(ix) => {
                    self.bind(facts.class(ix).name, BindingKind::Class(ix), conditional);
                }
                StmtKind::Assign { target, value: Some(value), .. } => {
                    self.target(facts, target, &mut Vec::new(), conditional, &|path| {
                        BindingKind::Value { value, path }
                    });
                }
                StmtKind::AugAssign { target, value } => {
                    if let ExprKind::Name(name) = facts.expr(target).kind {
                        self.bind(name, BindingKind::Extended(value), conditional);
                    }
                }
                StmtKind::If { body, orelse, .. } => {
                    self.block(facts, body, true);
                    self.block(facts, orelse, true);
                }
                StmtKind::For { target, iter, body } => {
                    self.target(facts, target, &mut Vec::new(), true, &|path| {
                        BindingKind::Element { iter, path }
                    });
                    self.block(facts, body, true);
                }
                StmtKind::While { body, .. } | StmtKind::Handler(body) => {
                    self.block(facts, body, true);
                }
                StmtKind::With { target, body, .. } => {
                    if let Some(target) = target {
                        let opaque = |_| BindingKind::Opaque;
                        self.target(facts, target, &mut Vec::new(), conditional, &opaque);
                    }
                    self.block(facts, body, conditional);
                }
                StmtKind::Try { body, handlers, finally } => {
                    self.block(facts, body, true);
                    self.block(facts, handlers, true);
                    self.block(facts, finally, conditional);
                }
                _ => {}
            }
        }
    }

    fn target(
        &mut self,
        facts: &FileFacts,
        target: ExprId,
        path: &mut Vec<usize>,
        conditional: bool,
        kind: &dyn Fn(Vec<usize>) -> BindingKind,
    ) {
        match facts.expr(target).kind {
            ExprKind::Name(name) => self.bind(name, kind(path.clone()), conditional),
            ExprKind::Sequence(items) => {
                for (at, &item) in facts.list(items).iter().enumerate() {
                    path.push(at);
                    self.target(facts, item, path, conditional, kind);
                    path.pop();
                }
            }
            _ => {}
        }
    }
}
