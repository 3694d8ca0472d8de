//! The methods of the types of a program.

use super::super::bindings::BindingId;
use super::super::crates::ModuleId;
use super::super::types::{Head, Ty, ty_of};
use super::Program;
use crate::facts::{ArgKind, ClassIx, ClassKind, ExprId, ExprKind, Scope, StmtKind};
use crate::frameworks::last_segment;
use crate::graph::ids::{ClassId, FunctionId};
use crate::source::FileId;

impl<'a> Program<'a> {
    /// Whether a class is a trait.
    pub fn is_trait(&self, class: ClassId) -> bool {
        self.class(class).kind == ClassKind::Trait
    }

    /// Whether a function stands in a trait.
    pub fn is_of_trait(&self, function: FunctionId) -> bool {
        match self.function(function).scope {
            Scope::Class(ix) => self.is_trait(ClassId { file: function.file, ix }),
            _ => false,
        }
    }

    /// Finds what traits do for all that have no method of their own.
    fn index_defaults(&mut self) {
        for at in 0..self.facts.len() as u32 {
            let file = FileId(at);
            for ix in 0..self.file(file).classes.len() as u32 {
                let class = ClassId { file, ix: ClassIx(ix) };
                if !self.is_trait(class) {
                    continue;
                }
                for (name, function) in self.functions_in(class) {
                    if !self.function(function).body.is_empty() {
                        self.defaults.entry(class).or_default().entry(name).or_insert(function);
                    }
                }
            }
        }
    }

    /// Finds the methods of all types.
    pub(super) fn index_methods(&mut self) {
        self.index_defaults();
        let mut of_traits: Vec<(ClassId, &'a str, FunctionId)> = Vec::new();
        for at in 0..self.crates.impls.len() {
            let found = self.crates.impls[at];
            let facts = self.file(found.block.file);
            let bases = facts.args(self.class(found.block).bases);
            let Some(of) = bases.first() else { continue };
            let ty = ty_of(self, found.module, None, found.block.file, of.value);
            if let Head::Key(key) = ty.head {
                for (name, method) in self.functions_in(found.block) {
                    self.key_methods.add(key, name, method);
                    self.methods_by_name.entry(name).or_default().push(method);
                }
            }
            if let Head::Outside(path) = &ty.head {
                for (name, method) in self.functions_in(found.block) {
                    let known = self.methods_outside.entry(path.clone()).or_default();
                    known.entry(name).or_insert(method);
                }
            }
            let Some(of) = self.class_in(&ty) else { continue };
            self.blocks.entry(of).or_default().push(found.block);
            let of_trait = bases.iter().find(|arg| matches!(arg.kind, ArgKind::Keyword(_)));
            if let Some(of_trait) = of_trait
                && let Some(class) = self.class_of(found.module, found.block.file, of_trait.value)
            {
                self.implementors.entry(class).or_default().push(of);
                self.traits.entry(of).or_default().push(class);
            }
            for (name, method) in self.functions_in(found.block) {
                match of_trait {
                    Some(_) => of_traits.push((of, name, method)),
                    None => {
                        self.methods.entry(of).or_default().entry(name).or_default().push(method);
                    }
                }
                self.methods_by_name.entry(name).or_default().push(method);
            }
        }
        for (of, name, method) in of_traits {
            self.methods.entry(of).or_default().entry(name).or_default().push(method);
        }
    }

    /// The struct, enum or trait that a type expression names.
    fn class_of(&self, module: ModuleId, file: FileId, of: ExprId) -> Option<ClassId> {
        self.class_in(&ty_of(self, module, None, file, of))
    }

    /// The struct, enum or trait that a type is, or is made beside.
    fn class_in(&self, ty: &Ty) -> Option<ClassId> {
        match ty.head {
            Head::Class(class) => Some(class),
            Head::Part(table, _) => self.table(table).class,
            _ => None,
        }
    }

    /// The `impl` blocks of a type, in source order.
    pub fn blocks_of(&self, of: ClassId) -> &[ClassId] {
        self.blocks.get(&of).map_or(&[], Vec::as_slice)
    }

    /// The functions in the body of a trait or a block.
    pub fn functions_in(&self, block: ClassId) -> Vec<(&'a str, FunctionId)> {
        let facts = self.file(block.file);
        let stmts = facts.block(self.class(block).body).iter();
        let functions = stmts.filter_map(|stmt| match facts.stmt(*stmt).kind {
            StmtKind::Function(ix) => Some(FunctionId { file: block.file, ix }),
            _ => None,
        });
        functions.map(|id| (self.function_name(id), id)).collect()
    }

    /// The function that a method, or an associated function, of a type is; that of a trait is the one
    /// that its only implementor has, else its default.
    pub fn method(&self, of: ClassId, name: &str) -> Option<FunctionId> {
        let own = self.methods.get(&of).and_then(|methods| methods.get(name));
        if let Some(first) = own.and_then(|found| found.first()) {
            return Some(*first);
        }
        if self.class(of).kind != ClassKind::Trait {
            // What a trait does for all that have no other.
            let traits = self.traits.get(&of).map_or(&[][..], Vec::as_slice);
            return traits.iter().find_map(|of| self.defaults.get(of)?.get(name).copied());
        }
        let implementors = self.implementors.get(&of).map_or(&[][..], Vec::as_slice);
        let mut found = implementors.iter().filter_map(|class| {
            self.methods.get(class).and_then(|methods| methods.get(name)?.first())
        });
        match (found.next(), found.next()) {
            (Some(only), None) => Some(*only),
            (Some(_), Some(_)) => None,
            _ => self.defaults.get(&of)?.get(name).copied(),
        }
    }

    /// The methods of a trait of which several types have their own, each with its type; none where there are
    /// too many to follow.
    pub fn implementations(&self, of: ClassId, name: &str) -> Vec<(ClassId, FunctionId)> {
        const MAX: usize = 4;
        if self.class(of).kind != ClassKind::Trait {
            return Vec::new();
        }
        let implementors = self.implementors.get(&of).map_or(&[][..], Vec::as_slice);
        let found = implementors.iter().filter_map(|class| {
            let method = self.methods.get(class)?.get(name)?.first()?;
            Some((*class, *method))
        });
        let found: Vec<_> = found.collect();
        if found.len() > MAX { Vec::new() } else { found }
    }

    /// What a type may be used in the place of, by a trait that says so.
    pub fn stands_for(&self, of: ClassId) -> Option<Ty> {
        self.blocks_of(of).iter().find_map(|&block| {
            let facts = self.file(block.file);
            let bases = facts.args(self.class(block).bases).iter();
            let mut traits = bases.filter(|base| matches!(base.kind, ArgKind::Keyword(_)));
            let path = self.path(block.file, traits.next()?.value)?;
            let alias = self.frameworks.stands_for(last_segment(path))?;
            let module = self.crates.module_of_class(block)?;
            facts.block(self.class(block).body).iter().find_map(|stmt| {
                let StmtKind::Assign { target, value: Some(value), annotation: None } =
                    facts.stmt(*stmt).kind
                else {
                    return None;
                };
                let is_it = matches!(facts.expr(target).kind, ExprKind::Name(known) if facts.name(known) == alias);
                is_it.then(|| ty_of(self, module, None, block.file, value))
            })
        })
    }

    /// The method that a trait of the program gives a type outside of it, by the path of the type.
    pub fn method_outside(&self, path: &str, name: &str) -> Option<FunctionId> {
        self.methods_outside.get(path)?.get(name).copied()
    }

    /// A method, or an associated function, of a type of keys that a macro declares.
    pub fn key_method(&self, of: BindingId, name: &str) -> Option<FunctionId> {
        self.key_methods.get(of, name)
    }

    /// Like [`Program::method`]; of several, as of several conversions, the one that takes a type.
    pub fn method_for(&self, of: ClassId, name: &str, first: Option<&Ty>) -> Option<FunctionId> {
        let own = self.methods.get(&of).and_then(|methods| methods.get(name));
        let takes = |function: &&FunctionId| {
            let fact = self.function(**function);
            let annotation = fact.params.first().and_then(|param| param.annotation);
            let module = self.crates.module_of_function(**function);
            match (annotation, module, first) {
                (Some(annotation), Some(module), Some(first)) => {
                    let own = Ty::of_class(of);
                    let ty = ty_of(self, module, Some(&own), function.file, annotation);
                    ty.peeled(self).0.head == first.peeled(self).0.head
                }
                _ => false,
            }
        };
        let chosen = own.filter(|all| all.len() > 1).and_then(|all| all.iter().find(takes));
        chosen.copied().or_else(|| self.method(of, name))
    }

    /// The one method of this name in the program.
    pub fn only_method(&self, name: &str) -> Option<FunctionId> {
        match self.methods_by_name.get(name).map(Vec::as_slice) {
            Some([only]) => Some(*only),
            _ => None,
        }
    }
}
