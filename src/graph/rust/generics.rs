//! Parameters of types: what they stand for where a function is called, or a type is named with arguments.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::crates::ModuleId;
use super::program::{Program, Target};
use super::run::{Outcome, Runner};
use super::types::{Around, Head, Ty, member_type, ty_in};
use crate::facts::{ExprId, ExprKind, Generic, Scope};
use crate::frameworks::last_segment;
use crate::graph::ids::{ClassId, FunctionId};
use crate::source::FileId;

/// How many kinds of arguments a function is run with by itself.
const MAX_INSTANCES: usize = 16;

/// The kinds of arguments, of the program's own types, that generic code is used with.
#[derive(Default)]
pub(super) struct Instances {
    /// What functions are called with.
    of_function: BTreeMap<FunctionId, Vec<Around>>,
    /// What types are used with of which a method is called.
    of_class: BTreeMap<ClassId, Vec<Ty>>,
}

/// Something with parameters of types.
struct Declared<'p> {
    module: ModuleId,
    file: FileId,
    generics: &'p [Generic],
}

impl Runner<'_, '_> {
    /// What names of types stand for in a function that is called of a type, with the types that the call names
    /// and those of its arguments.
    pub(super) fn around(
        &self,
        function: FunctionId,
        own: Option<Ty>,
        named: &[Ty],
        given: &[Ty],
    ) -> Around {
        self.around_of(function, own, named, given, &Ty::default())
    }

    /// The same where the value of the call is wanted of a type.
    pub(super) fn around_of(
        &self,
        function: FunctionId,
        own: Option<Ty>,
        named: &[Ty],
        given: &[Ty],
        expected: &Ty,
    ) -> Around {
        let program = self.program;
        let own = own.or_else(|| self.own_type(function));
        let mut around = Around { own, params: Vec::new() };
        let Some(module) = program.crates.module_of_function(function) else { return around };
        if let Some(block) = self.block_of(function)
            && !program.class(block).generics.is_empty()
        {
            let class = program.class(block);
            let declared = Declared { module, file: block.file, generics: &class.generics };
            let bases = program.file(block.file).args(class.bases);
            if let (Some(of), Some(own)) = (bases.first(), around.own.clone()) {
                declared.bind(program, of.value, &own, &mut around);
            }
            declared.complete(program, &mut around);
        }
        let fact = program.function(function);
        if !fact.generics.is_empty() {
            let declared = Declared { module, file: function.file, generics: &fact.generics };
            if named.len() == fact.generics.len() {
                for (generic, ty) in fact.generics.iter().zip(named) {
                    declared.stands_for(program, generic, ty, &mut around);
                }
            }
            for (param, ty) in fact.params.iter().zip(given) {
                if let Some(annotation) = param.annotation {
                    declared.bind(program, annotation, ty, &mut around);
                }
            }
            if let Some(returns) = fact.returns {
                declared.bind(program, returns, expected, &mut around);
            }
            declared.complete(program, &mut around);
        }
        around
    }

    /// The block, or the trait, that a function stands in.
    pub(super) fn block_of(&self, function: FunctionId) -> Option<ClassId> {
        let mut scope = self.program.function(function).scope;
        loop {
            match scope {
                Scope::Module => return None,
                Scope::Function(ix) => scope = self.program.file(function.file).function(ix).scope,
                Scope::Class(ix) => return Some(ClassId { file: function.file, ix }),
            }
        }
    }

    /// What a path leads to that starts with a parameter of types, or with `Self`.
    pub(super) fn param_target<'n>(&self, path: &'n str) -> Option<(Target, Vec<&'n str>)> {
        let frame = self.frames.last()?;
        let mut rest: Vec<&str> = path.split("::").collect();
        let first = rest.remove(0);
        let ty = match first {
            "Self" if rest.len() > 1 => frame.around.own.as_ref()?,
            _ => frame.around.param(first)?,
        };
        let mut ty = ty.peeled(self.program).0.clone();
        while let Some(segment) = rest.first().filter(|it| it.starts_with(char::is_uppercase)) {
            match member_type(self.program, &ty, segment) {
                Some(member) => ty = member,
                None => break,
            }
            rest.remove(0);
        }
        match ty.head {
            Head::Class(class) => Some((Target::Class(class), rest)),
            Head::Part(table, part) => Some((Target::Generated(table, part), rest)),
            _ => None,
        }
    }

    /// The arguments of a type, where all of them are known: what such a type holds is its own.
    pub(super) fn instance(&self, ty: &Ty) -> Arc<[Ty]> {
        let is_known = !ty.args.is_empty() && ty.args.iter().all(|arg| self.is_known(arg));
        if is_known { ty.args.clone().into() } else { Arc::default() }
    }

    fn is_known(&self, ty: &Ty) -> bool {
        let is_it = match &ty.head {
            Head::Unknown => false,
            Head::Class(class) => !self.program.is_trait(*class),
            // Else it may be a parameter.
            Head::Outside(path) => path.contains("::") || path.len() > 2,
            Head::Part(..) | Head::Key(_) | Head::Tuple => true,
        };
        is_it && ty.args.iter().all(|arg| self.is_known(arg))
    }

    /// Notes that a function is called with types of the program for its parameters.
    pub(super) fn note_instance(&mut self, function: FunctionId, around: &Around) {
        let is_own = |ty: &Ty| match ty.peeled(self.program).0.head {
            Head::Class(class) => !self.program.is_trait(class),
            Head::Part(..) | Head::Key(_) => true,
            _ => false,
        };
        if !around.params.iter().any(|(_, ty)| is_own(ty)) {
            return;
        }
        add(self.instances.of_function.entry(function).or_default(), around.clone());
        if let Some(own) = &around.own
            && let Some(class) = own.class()
            && own.args.iter().all(|arg| self.is_known(arg))
        {
            add(self.instances.of_class.entry(class).or_default(), own.clone());
        }
    }

    /// What a method may be called of, by the other methods of its type.
    fn note_instances_of_type(&mut self, function: FunctionId) {
        let Some(class) = self.own_type(function).and_then(|own| own.class()) else { return };
        for own in self.instances.of_class.get(&class).cloned().unwrap_or_default() {
            let known = self.instances.of_function.get(&function).map_or(&[][..], Vec::as_slice);
            if !known.iter().any(|around| around.own.as_ref() == Some(&own)) {
                let around = self.around(function, Some(own), &[], &[]);
                add(self.instances.of_function.entry(function).or_default(), around);
            }
        }
    }

    /// What each function does by itself: a generic one what it does with each kind of arguments that it is
    /// called with.
    pub fn run_all(&mut self, functions: &[FunctionId]) -> Vec<(FunctionId, Arc<Outcome>)> {
        let mut runs: Vec<(FunctionId, Arc<Outcome>)> =
            functions.iter().map(|function| (*function, self.run(*function))).collect();
        for (function, outcome) in &mut runs {
            let mut all = Outcome::default();
            let mut at = 0;
            self.note_instances_of_type(*function);
            // Running one may tell of others.
            while let Some(around) =
                self.instances.of_function.get(function).and_then(|it| it.get(at))
            {
                let around = around.clone();
                all.append(&self.run_as(*function, around));
                at += 1;
            }
            if at > 0 {
                *outcome = Arc::new(all);
            }
        }
        self.of_shared(runs)
    }
}

fn add<T: PartialEq>(known: &mut Vec<T>, new: T) {
    if known.len() < MAX_INSTANCES && !known.contains(&new) {
        known.push(new);
    }
}

impl Declared<'_> {
    /// Takes what parameters stand for from a type in the place of one that names them.
    fn bind(&self, program: &Program<'_>, pattern: ExprId, ty: &Ty, around: &mut Around) {
        if *ty == Ty::default() {
            return;
        }
        let facts = program.file(self.file);
        match facts.expr(pattern).kind {
            ExprKind::Name(name) | ExprKind::Named { target: name, .. } => {
                let found = self.generics.iter().find(|generic| generic.name == name);
                if let Some(generic) = found {
                    self.stands_for(program, generic, ty, around);
                }
            }
            ExprKind::Subscript { value, index } => {
                let args = match facts.expr(index).kind {
                    ExprKind::Sequence(items) => facts.list(items),
                    _ => return,
                };
                let head = program.path(self.file, value).map(last_segment);
                let is_same = match &ty.head {
                    Head::Class(class) => head == Some(program.class_name(*class)),
                    Head::Outside(path) => head == Some(last_segment(path)),
                    _ => false,
                };
                match args {
                    _ if is_same => {
                        for (arg, ty) in args.iter().zip(&ty.args) {
                            self.bind(program, *arg, ty, around);
                        }
                    }
                    // What is known of a list, or of what may be nothing, is known of what it holds.
                    [only] => self.bind(program, *only, ty, around),
                    _ => {}
                }
            }
            ExprKind::Sequence(items) if ty.head == Head::Tuple => {
                for (item, ty) in facts.list(items).iter().zip(&ty.args) {
                    self.bind(program, *item, ty, around);
                }
            }
            _ => {}
        }
    }

    fn stands_for(&self, program: &Program<'_>, of: &Generic, ty: &Ty, around: &mut Around) {
        let name = program.file(self.file).name(of.name);
        if *ty != Ty::default() && around.param(name).is_none() {
            around.params.push((name.into(), ty.clone()));
        }
    }

    /// Has the parameters of which nothing is known stand for the trait that their types have.
    fn complete(&self, program: &Program<'_>, around: &mut Around) {
        for generic in self.generics {
            let name = program.file(self.file).name(generic.name);
            if around.param(name).is_none() {
                let bound = generic.bound;
                let ty = bound.map(|it| ty_in(program, self.module, around, self.file, it));
                around.params.push((name.into(), ty.unwrap_or_default()));
            }
        }
    }
}
