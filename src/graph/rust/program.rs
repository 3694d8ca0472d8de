//! The facts of all Rust files, with the names in them resolved.

use std::cell::{Cell, RefCell};

use rustc_hash::FxHashMap;

use super::crates::{Binding, Crates, ModuleId};
use super::memoized::Memoised;
use super::tables::{Table, TableId};
use super::types::Ty;
use crate::facts::{
    ArgKind, ClassFact, ClassKind, ExprId, ExprKind, FileFacts, FunctionFact, FunctionIx, Scope,
    StmtId, StmtKind,
};
use crate::frameworks::{Part, RustFrameworks, last_segment};
use crate::graph::holes::Place;
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::stumble::Stumbles;
use crate::source::{FileId, Location, Role, Sources};

/// How many names a name may stand for, one after the other.
const MAX_HOPS: usize = 16;

/// All Rust files of a run.
pub struct Program<'a> {
    /// Facts by file.
    pub facts: &'a [FileFacts],
    /// What names of frameworks mean.
    pub frameworks: &'a RustFrameworks,
    /// Where a panic is noted.
    pub stumbles: &'a Stumbles,
    /// The modules.
    pub crates: Crates<'a>,
    roles: Vec<Role>,
    /// What modules have under names, as far as asked.
    found: RefCell<FxHashMap<ModuleId, FxHashMap<String, Lookup>>>,
    /// How many lookups are going on.
    open_lookups: Cell<usize>,
    /// Whether a lookup met one that is going on: modules may take each other over.
    met_itself: Cell<bool>,
    /// What derives and macros bind beside what stands in the source.
    generated: FxHashMap<ModuleId, FxHashMap<String, Target>>,
    /// The tables.
    pub tables: Vec<Table>,
    /// The table of the rows of a struct.
    pub table_of_class: FxHashMap<ClassId, TableId>,
    /// By type: its methods and associated functions by name, those of traits behind its own.
    methods: FxHashMap<ClassId, FxHashMap<&'a str, Vec<FunctionId>>>,
    /// Methods of all types by name.
    methods_by_name: FxHashMap<&'a str, Vec<FunctionId>>,
    /// The memoised functions.
    memoised: FxHashMap<FunctionId, Memoised>,
    /// The same by the module and the name of the static that keeps the results.
    memoised_by: FxHashMap<ModuleId, FxHashMap<String, FunctionId>>,
    /// The `impl` blocks of a type, in source order.
    blocks: FxHashMap<ClassId, Vec<ClassId>>,
    /// The types that implement a trait of the program.
    implementors: FxHashMap<ClassId, Vec<ClassId>>,
}

/// How far it is known what a module has under a name.
#[derive(Debug, Clone)]
enum Lookup {
    GoingOn,
    Done(Option<Target>),
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// A module.
    Module(ModuleId),
    /// A struct, an enum or a trait; or what stands behind it in the path: a variant, a function.
    Class(ClassId),
    /// A function.
    Function(FunctionId),
    /// A static, a constant or another name of a type.
    Value(FileId, StmtId),
    /// A name beside a struct that its derive makes.
    Generated(TableId, Part),
    /// The results of a memoised function.
    Memoised(FunctionId),
    /// Something outside the program, by its path as far as that is known.
    Outside(String),
}

impl<'a> Program<'a> {
    /// Indexes the facts of a run; its tables are not known yet.
    pub fn new(
        sources: &Sources,
        facts: &'a [FileFacts],
        frameworks: &'a RustFrameworks,
        stumbles: &'a Stumbles,
    ) -> Program<'a> {
        let crates = Crates::index(sources, facts);
        let mut program = Program {
            facts,
            frameworks,
            stumbles,
            crates,
            roles: sources.files.iter().map(|file| file.role).collect(),
            found: RefCell::default(),
            open_lookups: Cell::new(0),
            met_itself: Cell::new(false),
            generated: FxHashMap::default(),
            tables: Vec::new(),
            table_of_class: FxHashMap::default(),
            methods: FxHashMap::default(),
            methods_by_name: FxHashMap::default(),
            memoised: FxHashMap::default(),
            memoised_by: FxHashMap::default(),
            blocks: FxHashMap::default(),
            implementors: FxHashMap::default(),
        };
        super::tables::find(&mut program, &sources.schemas);
        program.index_methods();
        program.index_memoised();
        program
    }

    /// The facts of a file.
    pub fn file(&self, id: FileId) -> &'a FileFacts {
        &self.facts[id.0 as usize]
    }

    /// The facts of a struct, an enum, a trait or an `impl` block.
    pub fn class(&self, id: ClassId) -> &'a ClassFact {
        self.file(id.file).class(id.ix)
    }

    /// The facts of a function.
    pub fn function(&self, id: FunctionId) -> &'a FunctionFact {
        self.file(id.file).function(id.ix)
    }

    /// The name of a function; empty for a closure.
    pub fn function_name(&self, id: FunctionId) -> &'a str {
        self.file(id.file).name(self.function(id).name)
    }

    /// The name of a struct, an enum, a trait, or of the type that a block implements something for.
    pub fn class_name(&self, id: ClassId) -> &'a str {
        self.file(id.file).name(self.class(id).name)
    }

    /// The function that a closure stands in; itself where it has a name.
    pub fn named(&self, id: FunctionId) -> FunctionId {
        let mut at = id;
        while self.function_name(at).is_empty()
            && let Scope::Function(ix) = self.function(at).scope
        {
            at = FunctionId { file: id.file, ix };
        }
        at
    }

    /// Whether a function is a method that takes its receiver.
    pub fn takes_self(&self, id: FunctionId) -> bool {
        let facts = self.file(id.file);
        let first = self.function(id).params.first();
        first.is_some_and(|param| facts.name(param.name) == "self")
    }

    /// Whether a function is a method of a trait of a library, other than a hook: that calls it when it will.
    pub fn is_called_by_library(&self, id: FunctionId) -> bool {
        let Scope::Class(ix) = self.function(id).scope else { return false };
        let block = ClassId { file: id.file, ix };
        let bases = self.file(id.file).args(self.class(block).bases);
        let of_trait = bases.iter().find(|arg| matches!(arg.kind, ArgKind::Keyword(_)));
        let (Some(of_trait), Some(module)) = (of_trait, self.crates.module_of_class(block)) else {
            return false;
        };
        let Some(path) = self.path(id.file, of_trait.value) else { return false };
        let is_hook = self.frameworks.hooks.iter().any(|hook| hook.name == last_segment(path));
        !is_hook && matches!(self.resolve(module, path).0, Target::Outside(_))
    }

    /// What a file is for.
    pub fn role(&self, file: FileId) -> Role {
        self.roles[file.0 as usize]
    }

    /// Binds a name that a derive or a macro makes.
    pub fn generate(&mut self, module: ModuleId, name: &str, target: Target) {
        self.generated.entry(module).or_default().insert(name.to_owned(), target);
        self.found.get_mut().clear();
    }

    /// The table of which a module has this part.
    pub fn generated_in(&self, module: ModuleId, part: Part) -> Option<TableId> {
        let names = self.generated.get(&module)?;
        let mut tables: Vec<TableId> = names
            .values()
            .filter_map(|target| match target {
                Target::Generated(table, known) if *known == part => Some(*table),
                _ => None,
            })
            .collect();
        tables.sort_unstable();
        tables.first().copied()
    }

    /// A table by its id.
    pub fn table(&self, id: TableId) -> &Table {
        &self.tables[id.0 as usize]
    }

    /// A type of the program, by its path.
    pub fn class_place(&self, id: ClassId) -> Place {
        let module = self.crates.module_of_class(id).map(|it| self.crates.module(it).path.as_str());
        Place {
            name: format!("{}::{}", module.unwrap_or_default(), self.class_name(id)),
            location: Location { file: id.file, span: self.class(id).name_span },
        }
    }

    /// A function of the program, by its path; a closure by the function round it.
    pub fn function_place(&self, id: FunctionId) -> Place {
        let function = self.function(id);
        let facts = self.file(id.file);
        let name = match (self.function_name(id), function.scope) {
            ("", Scope::Function(ix)) => {
                return self.function_place(FunctionId { file: id.file, ix });
            }
            (name, Scope::Class(ix)) => {
                format!("{}::{name}", facts.name(facts.class(ix).name))
            }
            (name, _) => name.to_owned(),
        };
        let module = self.crates.module_of_function(id);
        let module = module.map_or("", |module| self.crates.module(module).path.as_str());
        Place {
            name: format!("{module}::{name}"),
            location: Location { file: id.file, span: function.name_span },
        }
    }

    /// The functions of production code that are part of a crate, in source order, closures left out.
    pub fn functions(&self) -> impl Iterator<Item = FunctionId> + '_ {
        (0..self.facts.len() as u32)
            .map(FileId)
            .filter(|file| self.role(*file) != Role::Test)
            .flat_map(|file| {
                let functions = self.file(file).functions.iter().enumerate();
                let ids =
                    functions.map(move |(at, _)| FunctionId { file, ix: FunctionIx(at as u32) });
                ids.filter(|id| {
                    !self.function_name(*id).is_empty()
                        && self.crates.module_of_function(*id).is_some()
                })
            })
    }

    /// What a path leads to from a module, with the segments behind a type or a static.
    pub fn resolve<'p>(&self, from: ModuleId, path: &'p str) -> (Target, Vec<&'p str>) {
        let segments: Vec<&str> = path.split("::").collect();
        self.resolve_segments(from, &segments, MAX_HOPS)
    }

    fn resolve_segments<'p>(
        &self,
        from: ModuleId,
        segments: &[&'p str],
        hops: usize,
    ) -> (Target, Vec<&'p str>) {
        let outside = || (Target::Outside(segments.join("::")), Vec::new());
        let [first, rest @ ..] = segments else { return outside() };
        if hops == 0 {
            return outside();
        }
        let start = match *first {
            "crate" => Some(Target::Module(self.crates.module(from).root)),
            "self" => Some(Target::Module(from)),
            "super" => Some(Target::Module(self.crates.module(from).parent.unwrap_or(from))),
            name => self
                .lookup(from, name, hops - 1)
                .or_else(|| self.crates.library(name).map(Target::Module)),
        };
        let Some(mut at) = start else { return outside() };
        for (position, segment) in rest.iter().enumerate() {
            at = match at {
                Target::Module(module) => match *segment {
                    "super" => Target::Module(self.crates.module(module).parent.unwrap_or(module)),
                    "self" => Target::Module(module),
                    name => match self.lookup(module, name, hops - 1) {
                        Some(found) => found,
                        None => return outside(),
                    },
                },
                Target::Outside(path) => {
                    let mut path = path;
                    for segment in &rest[position..] {
                        path.push_str("::");
                        path.push_str(segment);
                    }
                    return (Target::Outside(path), Vec::new());
                }
                other => return (other, rest[position..].to_vec()),
            };
        }
        (at, Vec::new())
    }

    /// What a module has under a name, by its own items, imports and globs.
    fn lookup(&self, module: ModuleId, name: &str, hops: usize) -> Option<Target> {
        match self.found.borrow().get(&module).and_then(|names| names.get(name)) {
            Some(Lookup::Done(target)) => return target.clone(),
            Some(Lookup::GoingOn) => {
                self.met_itself.set(true);
                return None;
            }
            None => {}
        }
        if hops == 0 {
            self.met_itself.set(true);
            return None;
        }
        let set = |lookup| {
            self.found.borrow_mut().entry(module).or_default().insert(name.to_owned(), lookup);
        };
        set(Lookup::GoingOn);
        let outer = self.met_itself.replace(false);
        self.open_lookups.set(self.open_lookups.get() + 1);
        let target = self.find(module, name, hops);
        self.open_lookups.set(self.open_lookups.get() - 1);
        if target.is_none() && self.met_itself.get() && self.open_lookups.get() > 0 {
            // Whoever asked first may still find it another way.
            self.found.borrow_mut().entry(module).or_default().remove(name);
        } else {
            set(Lookup::Done(target.clone()));
            self.met_itself.set(false);
        }
        self.met_itself.set(outer || self.met_itself.get());
        target
    }

    fn find(&self, module: ModuleId, name: &str, hops: usize) -> Option<Target> {
        for binding in self.crates.module(module).bindings(name) {
            let target = match *binding {
                Binding::Module(module) => Target::Module(module),
                Binding::Class(class) => Target::Class(class),
                Binding::Function(function) => Target::Function(function),
                Binding::Value(file, stmt) => Target::Value(file, stmt),
                Binding::Use(path, member) => {
                    let mut segments: Vec<&str> =
                        path.split("::").filter(|segment| !segment.is_empty()).collect();
                    segments.extend(member);
                    // `use a::a;` names something outside.
                    if segments.first() == Some(&name) && self.crates.library(name).is_none() {
                        return Some(Target::Outside(segments.join("::")));
                    }
                    match self.resolve_segments(module, &segments, hops - 1) {
                        (target, rest) if rest.is_empty() => target,
                        // A variant or an associated item, imported by itself.
                        (Target::Class(class), _) => Target::Class(class),
                        (Target::Generated(table, part), _) => Target::Generated(table, part),
                        _ => continue,
                    }
                }
            };
            return Some(target);
        }
        if let Some(target) = self.generated.get(&module).and_then(|names| names.get(name)) {
            return Some(target.clone());
        }
        if let Some(function) = self.memoised_by(module, name) {
            return Some(Target::Memoised(function));
        }
        for glob in &self.crates.module(module).globs {
            let segments: Vec<&str> = glob.split("::").collect();
            let found = match self.resolve_segments(module, &segments, hops - 1) {
                (Target::Module(inner), _) if inner != module => self.lookup(inner, name, hops - 1),
                (Target::Generated(table, Part::Entity), _) => {
                    let is_column =
                        self.table(table).columns.iter().any(|column| &**column == name);
                    match name {
                        "table" => Some(Target::Generated(table, Part::Entity)),
                        _ if name == self.table(table).name => {
                            Some(Target::Generated(table, Part::Entity))
                        }
                        _ if is_column => Some(Target::Generated(table, Part::Columns)),
                        _ => None,
                    }
                }
                _ => None,
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn index_methods(&mut self) {
        let mut of_traits: Vec<(ClassId, &'a str, FunctionId)> = Vec::new();
        for at in 0..self.crates.impls.len() {
            let found = self.crates.impls[at];
            let facts = self.file(found.block.file);
            let bases = facts.args(self.class(found.block).bases);
            let Some(of) = bases
                .first()
                .and_then(|of| self.class_of(found.module, found.block.file, of.value))
            else {
                continue;
            };
            self.blocks.entry(of).or_default().push(found.block);
            let of_trait = bases.iter().find(|arg| matches!(arg.kind, ArgKind::Keyword(_)));
            if let Some(of_trait) = of_trait
                && let Some(class) = self.class_of(found.module, found.block.file, of_trait.value)
            {
                self.implementors.entry(class).or_default().push(of);
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

    fn index_memoised(&mut self) {
        let functions: Vec<FunctionId> = self.functions().collect();
        for function in functions {
            if let Some(memoised) = super::memoized::memoised(self, function)
                && let Some(module) = self.crates.module_of_function(function)
            {
                let names = self.memoised_by.entry(module).or_default();
                names.insert(memoised.name.clone(), function);
                self.memoised.insert(function, memoised);
            }
        }
        self.found.get_mut().clear();
    }

    /// How a function remembers what it returned, where it does.
    pub fn memoised(&self, function: FunctionId) -> Option<&Memoised> {
        self.memoised.get(&function)
    }

    /// The names of the statics that keep the results of memoised functions.
    pub fn memoising_statics(&self) -> impl Iterator<Item = &str> {
        self.memoised.values().map(|memoised| memoised.name.as_str())
    }

    /// The memoised function whose results a static of a module keeps that no source declares.
    pub fn memoised_by(&self, module: ModuleId, name: &str) -> Option<FunctionId> {
        self.memoised_by.get(&module)?.get(name).copied()
    }

    /// The struct, enum or trait that a type expression names.
    fn class_of(&self, module: ModuleId, file: FileId, of: ExprId) -> Option<ClassId> {
        match super::types::ty_of(self, module, None, file, of) {
            Ty { head: super::types::Head::Class(class), .. } => Some(class),
            Ty { head: super::types::Head::Part(table, _), .. } => self.table(table).class,
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
            return None;
        }
        let implementors = self.implementors.get(&of).map_or(&[][..], Vec::as_slice);
        let mut found = implementors.iter().filter_map(|class| {
            self.methods.get(class).and_then(|methods| methods.get(name)?.first())
        });
        match (found.next(), found.next()) {
            (Some(only), None) => Some(*only),
            (Some(_), Some(_)) => None,
            _ => {
                let mut defaults = self.functions_in(of).into_iter();
                let default = defaults.find(|(known, _)| *known == name).map(|(_, id)| id)?;
                (!self.function(default).body.is_empty()).then_some(default)
            }
        }
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
                    let ty =
                        super::types::ty_of(self, module, Some(&own), function.file, annotation);
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

    /// The text of a path expression, without generic arguments.
    pub fn path(&self, file: FileId, expr: ExprId) -> Option<&'a str> {
        let facts = self.file(file);
        match facts.expr(expr).kind {
            ExprKind::Name(name) => Some(facts.name(name)),
            ExprKind::Subscript { value, .. } => self.path(file, value),
            ExprKind::Call { func, .. } => self.path(file, func),
            _ => None,
        }
    }
}
