//! Types of keys that are bound to the type of the values which are stored under them, so that a key, or a
//! value, tells what is meant in a store that holds all kinds of them.

use rustc_hash::FxHashMap;

use super::crates::ModuleId;
use super::program::{Program, Target};
use super::types::{Head, Ty, associated, ty_of};
use crate::facts::{ArgKind, ExprKind, StmtId, StmtKind};
use crate::frameworks::{Bound, StoreKind, last_segment};
use crate::graph::ids::{ClassId, FunctionId};
use crate::source::Role;

/// A type of keys with the type of its values; an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BindingId(u32);

/// A type of keys with the type of its values.
#[derive(Debug)]
pub struct Binding {
    /// The kind of stores that it is for.
    pub kind: StoreKind,
    /// The type of the keys.
    pub key: Ty,
    /// The type of the values.
    pub value: Ty,
    /// What tells it: the type of the keys, or that of the values where any type may be a key.
    pub label: String,
}

/// All types of keys that are bound.
#[derive(Debug, Default)]
pub struct Bindings {
    all: Vec<Binding>,
    by_key: FxHashMap<Head, Vec<BindingId>>,
    by_value: FxHashMap<Head, Vec<BindingId>>,
}

impl Bindings {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// A binding by its id.
    pub fn get(&self, id: BindingId) -> &Binding {
        &self.all[id.0 as usize]
    }

    /// Those whose keys have a type.
    pub fn of_key(&self, ty: &Ty) -> &[BindingId] {
        self.by_key.get(&ty.head).map_or(&[], Vec::as_slice)
    }

    /// Those whose values have a type.
    pub fn of_value(&self, ty: &Ty) -> &[BindingId] {
        self.by_value.get(&ty.head).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, binding: Binding) {
        let id = BindingId(self.all.len() as u32);
        // What everybody has is no type of a key of its own.
        if is_own(&binding.key) {
            self.by_key.entry(binding.key.head.clone()).or_default().push(id);
        }
        if is_own(&binding.value) {
            self.by_value.entry(binding.value.head.clone()).or_default().push(id);
        }
        self.all.push(binding);
    }
}

/// Whether a type is one of the program.
fn is_own(ty: &Ty) -> bool {
    matches!(ty.head, Head::Class(_) | Head::Key(_) | Head::Part(..))
}

/// Finds the types that macros and traits bind, and makes known those that the macros declare.
pub fn find(program: &mut Program<'_>) {
    let kinds: Vec<StoreKind> = program.frameworks.keyed_stores().collect();
    if kinds.is_empty() {
        return;
    }
    for item in program.crates.macros.clone() {
        for kind in &kinds {
            by_macro(program, *kind, item.module, item.stmt);
        }
    }
    for block in program.crates.impls.clone() {
        for kind in &kinds {
            by_trait(program, *kind, block.block, block.module);
        }
    }
}

/// `kv_def!(UserKey, User);`
fn by_macro(program: &mut Program<'_>, kind: StoreKind, module: ModuleId, stmt: StmtId) {
    let file = program.crates.module(module).file;
    let facts = program.file(file);
    let StmtKind::Expr(call) = facts.stmt(stmt).kind else { return };
    let ExprKind::Call { func, args } = facts.expr(call).kind else { return };
    let Some(path) = program.path(file, func) else { return };
    let name = last_segment(path).trim_end_matches('!');
    let macros = &program.frameworks.store(kind).key_macro;
    let Some(found) = macros.iter().find(|known| known.name == name) else { return };
    let args = facts.args(args);
    let (Some(key), Some(value)) = (args.get(found.key), args.get(found.value)) else { return };
    if program.role(file) != Role::Production {
        return;
    }
    let Some(name) = program.path(file, key.value) else { return };
    let value = ty_of(program, module, None, file, value.value);
    if value == Ty::default() {
        return;
    }
    let key = match ty_of(program, module, None, file, key.value) {
        // What no source declares the macro does.
        Ty { head: Head::Outside(_), .. } => {
            let id = BindingId(program.bindings.all.len() as u32);
            program.generate(module, last_segment(name), Target::Key(id));
            Ty { head: Head::Key(id), args: Vec::new() }
        }
        known => known,
    };
    program.bindings.add(Binding { kind, key, value, label: last_segment(name).to_owned() });
}

/// `impl CacheEntity for User { type Key = UserKey; }`
fn by_trait(program: &mut Program<'_>, kind: StoreKind, block: ClassId, module: ModuleId) {
    let facts = program.file(block.file);
    let bases = facts.args(program.class(block).bases);
    let of_trait = bases.iter().find(|arg| matches!(arg.kind, ArgKind::Keyword(_)));
    let (Some(of), Some(of_trait)) = (bases.first(), of_trait) else { return };
    let Some(path) = program.path(block.file, of_trait.value) else { return };
    let traits = &program.frameworks.store(kind).key_trait;
    let Some(found) = traits.iter().find(|known| known.name == last_segment(path)) else { return };
    if program.role(block.file) != Role::Production {
        return;
    }
    let own = ty_of(program, module, None, block.file, of.value);
    let Some(other) = associated(program, module, block, &found.associated) else { return };
    let (key, value) = match found.is {
        Bound::Key => (other, own),
        Bound::Value => (own, other),
    };
    if !is_own(&key) && !is_own(&value) {
        return;
    }
    let label = match is_own(&key) {
        true => name_of(program, &key),
        false => name_of(program, &value),
    };
    program.bindings.add(Binding { kind, key, value, label });
}

fn name_of(program: &Program<'_>, ty: &Ty) -> String {
    match &ty.head {
        Head::Class(class) => program.class_name(*class).to_owned(),
        Head::Key(id) => program.bindings.get(*id).label.clone(),
        Head::Part(table, _) => program.table(*table).name.clone(),
        Head::Outside(path) => last_segment(path).to_owned(),
        Head::Unknown | Head::Tuple => String::new(),
    }
}

/// The methods that blocks give the types of keys which macros declare.
#[derive(Debug, Default)]
pub struct KeyMethods<'a>(FxHashMap<BindingId, FxHashMap<&'a str, FunctionId>>);

impl<'a> KeyMethods<'a> {
    /// Adds a method of a type of keys.
    pub fn add(&mut self, of: BindingId, name: &'a str, method: FunctionId) {
        self.0.entry(of).or_default().entry(name).or_insert(method);
    }

    /// A method of a type of keys.
    pub fn get(&self, of: BindingId, name: &str) -> Option<FunctionId> {
        self.0.get(&of)?.get(name).copied()
    }
}

/// Whether a path leads to a type of keys, or of the values that are stored under them.
pub fn is_bound(program: &Program<'_>, target: &Target) -> bool {
    let ty = match target {
        Target::Key(_) => return true,
        Target::Class(class) => Ty::of_class(*class),
        _ => return false,
    };
    !program.bindings.of_key(&ty).is_empty() || !program.bindings.of_value(&ty).is_empty()
}
