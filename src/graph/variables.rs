//! The variables of modules and classes that functions change: what a process holds for itself from one
//! call to the next. Going by names alone; what they hold is not known here.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::handed::{Handed, fillers_among, handed_on};
use super::ids::{ClassId, FunctionId};
use super::namespace::{Binding, BindingKind, Namespace};
use super::program::{Program, last_name};
use crate::facts::{ClassIx, ExprId, ExprKind, FileFacts, NameId, Scope, StmtKind};
use crate::source::{FileId, Location, Span};

/// A name that more functions than this use says too little about who does.
const MAX_USERS: usize = 60;

/// Methods by which a dict gets items.
const FILLING: [&str; 2] = ["setdefault", "update"];

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
        let files: Vec<FileId> = program.production_files().collect();
        let of_files: Vec<Changes<'_>> =
            files.par_iter().map(|file| Changes::of(program, *file)).collect();
        let mut bare: FxHashSet<&str> = FxHashSet::default();
        let mut members: FxHashSet<&str> = FxHashSet::default();
        let mut of_instances: FxHashSet<&str> = FxHashSet::default();
        for changes in &of_files {
            bare.extend(&changes.bare);
            members.extend(&changes.members);
            of_instances.extend(&changes.of_instances);
        }
        let handed: Vec<Handed<'_>> =
            of_files.iter().flat_map(|changes| &changes.handed).copied().collect();
        let fillers = fillers_among(program, handed.iter().map(|handed| handed.to).collect());
        for Handed { name, is_member, .. } in
            handed.into_iter().filter(|it| fillers.contains(it.to))
        {
            if is_member { &mut members } else { &mut bare }.insert(name);
        }
        let mut variables = Variables::default();
        for (file, changes) in files.into_iter().zip(of_files) {
            let facts = program.file(file);
            for (name, span) in changes.dicts {
                let text = facts.name(name);
                let place = Location { file, span };
                if bare.contains(text) || members.contains(text) {
                    variables.add_of_module(program, file, name, place);
                }
                if members.contains(text) && !of_instances.contains(text) {
                    variables.add_of_classes(program, file, name, place);
                }
            }
            for name in changes.rebound {
                variables.add_rebound(program, file, name);
            }
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

    /// The functions that use one of them, in source order.
    pub fn users(&self) -> &[FunctionId] {
        &self.users
    }

    fn add_of_module(
        &mut self,
        program: &Program<'_>,
        file: FileId,
        name: NameId,
        place: Location,
    ) {
        let bindings = program.namespaces[file.0 as usize].all(name);
        let text = program.file(file).name(name);
        if is_bound_once(program, file, bindings, place)
            && self.add(program.uses.of_function(text), dotted(program, file, name), place)
        {
            self.dicts.insert(text.to_owned());
            self.of_modules.insert((file, name));
        }
    }

    /// Adds the attribute of the class whose body binds it at `place`.
    fn add_of_classes(
        &mut self,
        program: &Program<'_>,
        file: FileId,
        name: NameId,
        place: Location,
    ) {
        let text = program.file(file).name(name);
        for (at, namespace) in program.class_namespaces[file.0 as usize].iter().enumerate() {
            let class = ClassId { file, ix: ClassIx(at as u32) };
            if !is_bound_once(program, file, namespace.all(name), place) {
                continue;
            }
            let dotted = format!("{}.{text}", program.qualified_class(class));
            if self.add(program.uses.of_any(text), dotted, place) {
                self.dicts.insert(text.to_owned());
                self.of_classes.insert((class, name));
            }
        }
    }

    fn add_rebound(&mut self, program: &Program<'_>, file: FileId, name: NameId) {
        let facts = program.file(file);
        let bindings = program.namespaces[file.0 as usize].all(name);
        let values = bindings.iter().map(|binding| match &binding.kind {
            BindingKind::Value { value, .. } => Some(*value),
            _ => None,
        });
        // Functions, classes and what is imported are no variables.
        let values: Option<Vec<ExprId>> = values.collect();
        let first = values.and_then(|values| values.first().copied());
        let Some(span) = first.and_then(|first| target_of(facts, first)) else { return };
        let place = Location { file, span };
        let users = program.uses.of_function(facts.name(name));
        if self.add(users, dotted(program, file, name), place) {
            self.rebound.insert((file, name));
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

/// What the functions of a file change, and the dicts that it binds.
#[derive(Default)]
struct Changes<'a> {
    /// Variables that get items: `name[key] = value`.
    bare: Vec<&'a str>,
    /// Attributes that get items: `owner.name[key] = value`.
    members: Vec<&'a str>,
    /// Attributes that methods set on their instance.
    of_instances: Vec<&'a str>,
    /// Names of the module that functions bind anew, sorted.
    rebound: Vec<NameId>,
    /// The names that are bound to an empty dict outside functions, and where.
    dicts: Vec<(NameId, Span)>,
    /// Those of them that functions hand to others.
    handed: Vec<Handed<'a>>,
}

impl<'a> Changes<'a> {
    fn of(program: &Program<'a>, file: FileId) -> Changes<'a> {
        let facts = program.file(file);
        let namespace = &program.namespaces[file.0 as usize];
        let bodies = facts.outer_bodies();
        let in_function = |expr: ExprId| {
            let at = bodies.partition_point(|body| body.end <= expr.0);
            bodies.get(at).is_some_and(|body| body.start <= expr.0)
        };
        let mut changes = Changes::default();
        let mut outer: Vec<NameId> = Vec::new();
        let mut assigned: Vec<ExprId> = Vec::new();
        let mut attributes: Vec<(NameId, NameId)> = Vec::new();
        for stmt in &facts.stmts {
            let (target, value) = match stmt.kind {
                StmtKind::Outer(name) => {
                    outer.push(name);
                    continue;
                }
                StmtKind::Assign { target, value: Some(value), .. } => (target, value),
                _ => continue,
            };
            match facts.expr(target).kind {
                ExprKind::Subscript { value, .. } if in_function(target) => {
                    changes.add_item(facts, namespace, value);
                }
                ExprKind::Name(name) => {
                    if is_empty_dict(program, facts, value) && !in_function(target) {
                        changes.dicts.push((name, facts.expr(target).span));
                    }
                    assigned.push(target);
                }
                ExprKind::Attribute { value, attr } => {
                    if let ExprKind::Name(owner) = facts.expr(value).kind {
                        attributes.push((owner, attr));
                    }
                }
                _ => {}
            }
        }
        if !outer.is_empty() {
            let names = assigned.into_iter().filter_map(|target| match facts.expr(target).kind {
                ExprKind::Name(name) if outer.contains(&name) && in_function(target) => Some(name),
                _ => None,
            });
            changes.rebound = names.collect();
            changes.rebound.sort_unstable();
            changes.rebound.dedup();
        }
        if !attributes.is_empty() {
            let receivers = receivers(facts);
            attributes.retain(|(owner, _)| receivers.contains(owner));
            changes.of_instances = attributes.iter().map(|(_, attr)| facts.name(*attr)).collect();
        }
        changes.handed = handed_on(facts, &changes.dicts, in_function);
        let filling = FILLING.map(|method| facts.names.find(method));
        if filling != [None, None] {
            for (at, expr) in facts.exprs.iter().enumerate() {
                if let ExprKind::Attribute { value, attr } = expr.kind
                    && filling.contains(&Some(attr))
                    && in_function(ExprId(at as u32))
                {
                    changes.add_item(facts, namespace, value);
                }
            }
        }
        changes
    }

    /// Adds what is subscribed, or what that is an item of.
    fn add_item(&mut self, facts: &'a FileFacts, namespace: &Namespace, container: ExprId) {
        match facts.expr(container).kind {
            ExprKind::Name(name) if !namespace.all(name).is_empty() => {
                self.bare.push(facts.name(name));
            }
            ExprKind::Attribute { attr, .. } => self.members.push(facts.name(attr)),
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

/// Whether an expression is an empty dict, or what is one by another name.
fn is_empty_dict(program: &Program<'_>, facts: &FileFacts, value: ExprId) -> bool {
    match facts.expr(value).kind {
        ExprKind::Dict(items) => facts.list(items).is_empty(),
        ExprKind::Call { func, .. } => {
            last_name(facts, func).is_some_and(|name| program.frameworks.names_mapping(name))
        }
        _ => false,
    }
}

/// Whether a name is bound at a place, and nowhere else.
fn is_bound_once(
    program: &Program<'_>,
    file: FileId,
    bindings: &[Binding],
    place: Location,
) -> bool {
    let [Binding { kind: BindingKind::Value { value, path }, .. }] = bindings else {
        return false;
    };
    path.is_empty() && target_of(program.file(file), *value) == Some(place.span)
}

/// The name that is bound to an expression.
fn target_of(facts: &FileFacts, bound: ExprId) -> Option<Span> {
    facts.stmts.iter().find_map(|stmt| match stmt.kind {
        StmtKind::Assign { target, value: Some(value), .. } if value == bound => {
            Some(facts.expr(target).span)
        }
        _ => None,
    })
}

/// `shop.prices._by_sku`
fn dotted(program: &Program<'_>, file: FileId, name: NameId) -> String {
    format!("{}.{}", program.modules.name(file), program.file(file).name(name))
}
