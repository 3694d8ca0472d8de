//! Which names the body of a module or class binds, and to what, before anything is resolved.

use crate::facts::{Block, ClassIx, ExprId, ExprKind, FileFacts, FunctionIx, NameId, StmtKind};

/// The names of one body.
#[derive(Debug, Default)]
pub struct Namespace {
    /// The names that are bound, sorted, with where the bindings of each start.
    names: Vec<(NameId, u32)>,
    /// Those of one name next to each other, in source order.
    bindings: Vec<Binding>,
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
        let mut found = Found::default();
        found.block(facts, body, false);
        found.sorted()
    }

    /// The bindings of a name that may be in force at the end of the body, the last one last.
    pub fn get(&self, name: NameId) -> &[Binding] {
        let bindings = self.all(name);
        let in_force = |binding: &Binding| {
            !binding.conditional && !matches!(binding.kind, BindingKind::Extended(_))
        };
        let first = bindings.iter().rposition(in_force).unwrap_or(0);
        &bindings[first..]
    }

    /// The same, with the import before them that the first one may be made of: `cache = cache.caches["main"]`.
    pub fn with_import(&self, name: NameId) -> &[Binding] {
        let in_force = self.get(name);
        let all = self.all(name);
        let first = all.len() - in_force.len();
        let is_import = |binding: &Binding| {
            matches!(binding.kind, BindingKind::Module(_) | BindingKind::Member { .. })
        };
        let is_value = |binding: &Binding| matches!(binding.kind, BindingKind::Value { .. });
        match first.checked_sub(1) {
            Some(before) if is_import(&all[before]) && in_force.first().is_some_and(is_value) => {
                &all[before..]
            }
            _ => in_force,
        }
    }

    /// Every binding of a name, in source order.
    pub fn all(&self, name: NameId) -> &[Binding] {
        let Ok(at) = self.names.binary_search_by_key(&name, |(name, _)| *name) else { return &[] };
        let start = self.names[at].1 as usize;
        let end = self.names.get(at + 1).map_or(self.bindings.len(), |(_, end)| *end as usize);
        &self.bindings[start..end]
    }

    /// The names that are bound, sorted.
    pub fn names(&self) -> impl ExactSizeIterator<Item = NameId> + '_ {
        self.names.iter().map(|(name, _)| *name)
    }

    /// The names that are bound to a whole expression, sorted, with each expression.
    pub fn values(&self) -> Vec<(NameId, ExprId)> {
        let mut values: Vec<(NameId, ExprId)> = self
            .names()
            .flat_map(|name| self.all(name).iter().map(move |binding| (name, binding)))
            .filter_map(|(name, binding)| match &binding.kind {
                BindingKind::Value { value, path } if path.is_empty() => Some((name, *value)),
                _ => None,
            })
            .collect();
        values.sort_unstable();
        values
    }
}

/// The bindings of one body on the way to a [`Namespace`].
#[derive(Default)]
struct Found {
    /// In source order.
    bindings: Vec<(NameId, Binding)>,
    stars: Vec<(u32, NameId)>,
}

impl Found {
    fn sorted(mut self) -> Namespace {
        self.bindings.sort_by_key(|(name, _)| *name);
        let mut namespace = Namespace { stars: self.stars, ..Namespace::default() };
        namespace.bindings.reserve_exact(self.bindings.len());
        for (name, binding) in self.bindings {
            if namespace.names.last().is_none_or(|(last, _)| *last != name) {
                namespace.names.push((name, namespace.bindings.len() as u32));
            }
            namespace.bindings.push(binding);
        }
        namespace
    }

    fn bind(&mut self, name: NameId, kind: BindingKind, conditional: bool) {
        self.bindings.push((name, Binding { kind, conditional }));
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
