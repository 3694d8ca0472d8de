//! The variables of modules and classes that functions change: what a process holds for itself from one
//! call to the next. Going by names alone; what they hold is not known here.

use rustc_hash::{FxHashMap, FxHashSet};

use super::ids::{ClassId, FunctionId};
use super::namespace::{Binding, BindingKind, Namespace};
use super::program::{Program, last_name, last_name_id};
use crate::facts::{ClassIx, ExprId, ExprKind, FileFacts, NameId, Scope, StmtKind};
use crate::source::{FileId, Location};

/// A name that more functions than this use says too little about who does.
const MAX_USERS: usize = 60;

/// Methods by which a dict is changed.
const CHANGING: [&str; 5] = ["setdefault", "update", "pop", "popitem", "clear"];

/// The variables that functions change.
#[derive(Debug, Default)]
pub struct Variables {
    /// Dicts of modules that start empty and get items from functions.
    of_modules: FxHashSet<(FileId, NameId)>,
    /// The same of classes.
    of_classes: FxHashSet<(ClassId, NameId)>,
    /// Variables of modules that functions bind anew.
    rebound: FxHashSet<(FileId, NameId)>,
    /// The names of all dicts among them.
    dicts: FxHashSet<String>,
    /// Each of them, by its dotted name.
    by_name: FxHashMap<String, Variable>,
    /// The functions that use one of them.
    users: Vec<FunctionId>,
}

/// One variable that functions change.
#[derive(Debug)]
pub struct Variable {
    /// Where it is bound.
    pub place: Location,
    /// The functions that use it.
    pub users: Vec<FunctionId>,
}

impl Variables {
    /// Finds them, once it is known which functions use which names.
    pub fn find(program: &Program<'_>) -> Variables {
        let mut changes = Changes::default();
        for file in program.production_files() {
            changes.read(program, file);
        }
        let mut variables = Variables::default();
        if changes.is_empty() {
            return variables;
        }
        for file in program.production_files() {
            variables.read(program, file, &changes);
        }
        variables.users.sort_unstable();
        variables.users.dedup();
        variables
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// Whether a name of a module is a dict that functions change.
    pub fn has_in_module(&self, file: FileId, name: NameId) -> bool {
        self.of_modules.contains(&(file, name))
    }

    /// Whether an attribute of a class is a dict that functions change.
    pub fn has_in_class(&self, class: ClassId, name: NameId) -> bool {
        self.of_classes.contains(&(class, name))
    }

    /// Whether a dict of some module or class that functions change has this name.
    pub fn is_dict(&self, name: &str) -> bool {
        self.dicts.contains(name)
    }

    /// Whether functions bind a name of a module anew.
    pub fn is_rebound(&self, file: FileId, name: NameId) -> bool {
        !self.rebound.is_empty() && self.rebound.contains(&(file, name))
    }

    /// The variable of a dotted name.
    pub fn named(&self, dotted: &str) -> Option<&Variable> {
        self.by_name.get(dotted)
    }

    /// The functions that use one of them.
    pub fn users(&self) -> &[FunctionId] {
        &self.users
    }

    fn read(&mut self, program: &Program<'_>, file: FileId, changes: &Changes<'_>) {
        let facts = program.file(file);
        let namespace = &program.namespaces[file.0 as usize];
        for name in namespace.names() {
            let text = facts.name(name);
            let bindings = namespace.all(name);
            let is_dict = (changes.bare.contains(text) || changes.members.contains(text))
                && starts_empty(program, facts, bindings);
            let is_rebound = changes.rebound.contains(&(file, name)) && is_bound(bindings);
            if !is_dict && !is_rebound {
                continue;
            }
            let users = program.uses.of_function(text);
            let Some(place) = place(facts, file, bindings) else { continue };
            if self.add(users, format!("{}.{text}", program.modules.name(file)), place) {
                if is_dict {
                    self.dicts.insert(text.to_owned());
                    self.of_modules.insert((file, name));
                }
                if is_rebound {
                    self.rebound.insert((file, name));
                }
            }
        }
        for (at, namespace) in program.class_namespaces[file.0 as usize].iter().enumerate() {
            let class = ClassId { file, ix: ClassIx(at as u32) };
            for name in namespace.names() {
                let text = facts.name(name);
                let bindings = namespace.all(name);
                if !changes.members.contains(text)
                    || changes.of_instances.contains(text)
                    || !starts_empty(program, facts, bindings)
                {
                    continue;
                }
                let Some(place) = place(facts, file, bindings) else { continue };
                let dotted = format!("{}.{text}", program.qualified_class(class));
                if self.add(program.uses.of_any(text), dotted, place) {
                    self.dicts.insert(text.to_owned());
                    self.of_classes.insert((class, name));
                }
            }
        }
    }

    /// Adds a variable and its users, unless too many functions use its name.
    fn add(
        &mut self,
        users: impl Iterator<Item = FunctionId>,
        dotted: String,
        place: Location,
    ) -> bool {
        let users: Vec<FunctionId> = users.take(MAX_USERS + 1).collect();
        let few = users.len() <= MAX_USERS;
        if few {
            self.users.extend(&users);
            self.by_name.insert(dotted, Variable { place, users });
        }
        few
    }
}

/// What functions change, by name.
#[derive(Default)]
struct Changes<'a> {
    /// Variables whose items they set or take: `name[key] = value`.
    bare: FxHashSet<&'a str>,
    /// Attributes whose items they set or take: `owner.name[key] = value`.
    members: FxHashSet<&'a str>,
    /// Attributes that methods set on their instance.
    of_instances: FxHashSet<&'a str>,
    /// Names of modules that they bind anew.
    rebound: FxHashSet<(FileId, NameId)>,
}

impl<'a> Changes<'a> {
    fn is_empty(&self) -> bool {
        self.bare.is_empty() && self.members.is_empty() && self.rebound.is_empty()
    }

    fn read(&mut self, program: &Program<'a>, file: FileId) {
        let facts = program.file(file);
        let namespace = &program.namespaces[file.0 as usize];
        let bodies = facts.outer_bodies();
        let in_function = |expr: ExprId| {
            let at = bodies.partition_point(|body| body.end <= expr.0);
            bodies.get(at).is_some_and(|body| body.start <= expr.0)
        };
        let receivers = receivers(facts);
        let mut outer: Vec<NameId> = Vec::new();
        for stmt in &facts.stmts {
            if let StmtKind::Outer(name) = stmt.kind {
                outer.push(name);
            }
        }
        for stmt in &facts.stmts {
            let target = match stmt.kind {
                StmtKind::Assign { target, value: Some(_), .. } | StmtKind::Delete(target) => {
                    target
                }
                _ => continue,
            };
            match facts.expr(target).kind {
                ExprKind::Subscript { value, .. } if in_function(target) => {
                    self.add_item(facts, namespace, value);
                }
                ExprKind::Name(name) if outer.contains(&name) && in_function(target) => {
                    self.rebound.insert((file, name));
                }
                ExprKind::Attribute { value, attr } => {
                    if let ExprKind::Name(owner) = facts.expr(value).kind
                        && receivers.contains(&owner)
                    {
                        self.of_instances.insert(facts.name(attr));
                    }
                }
                _ => {}
            }
        }
        if !CHANGING.iter().any(|method| facts.names.find(method).is_some()) {
            return;
        }
        for (at, expr) in facts.exprs.iter().enumerate() {
            if let ExprKind::Call { func, .. } = expr.kind
                && let ExprKind::Attribute { value, attr } = facts.expr(func).kind
                && CHANGING.contains(&facts.name(attr))
                && in_function(ExprId(at as u32))
            {
                self.add_item(facts, namespace, value);
            }
        }
    }

    /// Adds what is subscribed, or what that is an item of.
    fn add_item(&mut self, facts: &'a FileFacts, namespace: &Namespace, container: ExprId) {
        match facts.expr(container).kind {
            ExprKind::Name(name) if !namespace.all(name).is_empty() => {
                self.bare.insert(facts.name(name));
            }
            ExprKind::Attribute { attr, .. } => {
                self.members.insert(facts.name(attr));
            }
            ExprKind::Subscript { value, .. } => self.add_item(facts, namespace, value),
            _ => {}
        }
    }
}

/// The names by which methods have their instance, which those of classes do not.
fn receivers(facts: &FileFacts) -> FxHashSet<NameId> {
    let methods = facts.functions.iter().filter(|function| {
        let of_class = |decorator: &ExprId| last_name(facts, *decorator) == Some("classmethod");
        matches!(function.scope, Scope::Class(_)) && !function.decorators.iter().any(of_class)
    });
    methods.filter_map(|method| Some(method.params.first()?.name)).collect()
}

/// Whether a name is bound to an empty dict, or to what is one by another name, and to nothing else.
fn starts_empty(program: &Program<'_>, facts: &FileFacts, bindings: &[Binding]) -> bool {
    let [Binding { kind: BindingKind::Value { value, path }, .. }] = bindings else {
        return false;
    };
    path.is_empty()
        && match facts.expr(*value).kind {
            ExprKind::Dict(items) => facts.list(items).is_empty(),
            ExprKind::Call { func, .. } => {
                last_name(facts, func).is_some_and(|name| program.frameworks.names_mapping(name))
            }
            _ => false,
        }
}

/// Whether a name is bound to a value, not to a function, a class or something imported.
fn is_bound(bindings: &[Binding]) -> bool {
    bindings.iter().all(|binding| matches!(binding.kind, BindingKind::Value { .. }))
}

/// Where the statement stands that binds a name first.
fn place(facts: &FileFacts, file: FileId, bindings: &[Binding]) -> Option<Location> {
    let bound = bindings.iter().find_map(|binding| match &binding.kind {
        BindingKind::Value { value, .. } => Some(*value),
        _ => None,
    })?;
    facts.stmts.iter().find_map(|stmt| match stmt.kind {
        StmtKind::Assign { target, value: Some(value), .. } if value == bound => {
            let name = last_name_id(facts, target).is_some();
            name.then(|| Location { file, span: facts.expr(target).span })
        }
        _ => None,
    })
}
