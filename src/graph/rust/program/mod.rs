//! The facts of all Rust files, with the names in them resolved.

mod methods;
mod names;

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::bindings::{BindingId, Bindings, KeyMethods};
use super::crates::{Crates, ModuleId};
use super::memoized::Memoised;
use super::tables::{Table, TableId};
use super::texts::Texts;
use crate::facts::{
    ArgKind, ClassFact, ExprId, ExprKind, FileFacts, FunctionFact, FunctionIx, ParamKind, Scope,
    StmtId, StmtKind,
};
use crate::frameworks::{Part, RustFrameworks, last_segment};
use crate::graph::holes::Place;
use crate::graph::ids::{ClassId, FunctionId};
use crate::graph::stumble::Stumbles;
use crate::source::{FileId, Location, Role, Sources};

/// All Rust files of a run.
pub struct Program<'a> {
    /// Facts by file.
    pub facts: &'a [Arc<FileFacts>],
    /// Files that code takes texts from.
    pub texts: Texts,
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
    /// The modules that were asked for a name in vain, by the name, while others ask for it.
    given_up: RefCell<FxHashMap<String, GivenUp>>,
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
    /// By the path of a type outside of the program: the methods that traits of the program give it.
    methods_outside: FxHashMap<Arc<str>, FxHashMap<&'a str, FunctionId>>,
    /// Macros of the program by their names, each with its forms.
    macros: FxHashMap<&'a str, Vec<FunctionId>>,
    /// The memoised functions.
    memoised: FxHashMap<FunctionId, Memoised>,
    /// The same by the module and the name of the static that keeps the results.
    memoised_by: FxHashMap<ModuleId, FxHashMap<String, FunctionId>>,
    /// The `impl` blocks of a type, in source order.
    blocks: FxHashMap<ClassId, Vec<ClassId>>,
    /// Types of keys and the types of values that are stored under them.
    pub bindings: Bindings,
    key_methods: KeyMethods<'a>,
    /// The types that implement a trait of the program.
    implementors: FxHashMap<ClassId, Vec<ClassId>>,
    /// The traits of the program that a type implements.
    traits: FxHashMap<ClassId, Vec<ClassId>>,
    /// What traits do for all that have no method of their own.
    defaults: FxHashMap<ClassId, FxHashMap<&'a str, FunctionId>>,
}

/// How far it is known what a module has under a name.
#[derive(Debug, Clone)]
enum Lookup {
    GoingOn,
    Done(Option<Target>),
}

/// The modules that were asked for a name that is still looked for.
#[derive(Debug, Default)]
struct GivenUp {
    /// How many modules are looking for it.
    open: usize,
    /// The modules that had it from nobody but those, and how many hops were left.
    modules: FxHashMap<ModuleId, usize>,
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
    /// A type of keys that a macro declares.
    Key(BindingId),
    /// The results of a memoised function.
    Memoised(FunctionId),
    /// Something outside the program, by its path as far as that is known.
    Outside(String),
}

impl<'a> Program<'a> {
    /// Indexes the facts of a run; its tables are not known yet.
    pub fn new(
        sources: &Sources,
        facts: &'a [Arc<FileFacts>],
        frameworks: &'a RustFrameworks,
        stumbles: &'a Stumbles,
    ) -> Program<'a> {
        let crates = Crates::index(sources, facts);
        let mut program = Program {
            facts,
            texts: Texts::of(sources),
            frameworks,
            stumbles,
            crates,
            roles: sources.files.iter().map(|file| file.role).collect(),
            found: RefCell::default(),
            open_lookups: Cell::new(0),
            met_itself: Cell::new(false),
            given_up: RefCell::default(),
            generated: FxHashMap::default(),
            tables: Vec::new(),
            table_of_class: FxHashMap::default(),
            methods: FxHashMap::default(),
            methods_by_name: FxHashMap::default(),
            methods_outside: FxHashMap::default(),
            macros: FxHashMap::default(),
            memoised: FxHashMap::default(),
            memoised_by: FxHashMap::default(),
            blocks: FxHashMap::default(),
            implementors: FxHashMap::default(),
            traits: FxHashMap::default(),
            defaults: FxHashMap::default(),
            bindings: Bindings::default(),
            key_methods: KeyMethods::default(),
        };
        super::tables::find(&mut program, &sources.schemas);
        super::bindings::find(&mut program);
        program.index_methods();
        program.index_macros();
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

    /// The path of what another path leads to, from the name of the crate on; none outside of the program.
    pub fn path_of(&self, target: &Target) -> Option<String> {
        let within = |module: Option<ModuleId>, name: &str| {
            Some(format!("{}::{name}", self.crates.module(module?).path))
        };
        match target {
            Target::Module(module) => Some(self.crates.module(*module).path.clone()),
            Target::Class(class) => {
                within(self.crates.module_of_class(*class), self.class_name(*class))
            }
            Target::Function(function) => match self.function(*function).scope {
                Scope::Module => {
                    within(self.crates.module_of_function(*function), self.function_name(*function))
                }
                _ => None,
            },
            Target::Value(file, stmt) => {
                let StmtKind::Assign { target, .. } = self.file(*file).stmt(*stmt).kind else {
                    return None;
                };
                // Which of the modules in a file it stands in is only known of the outermost.
                let facts = self.file(*file);
                let is_outermost = facts.block(facts.body).contains(stmt);
                let module = self.crates.first_module_of(*file).filter(|_| is_outermost);
                within(module, self.path(*file, target)?)
            }
            Target::Generated(..) | Target::Key(_) | Target::Memoised(_) | Target::Outside(_) => {
                None
            }
        }
    }

    /// The functions of production code that are part of a crate, in source order, closures left out.
    pub fn functions(&self) -> impl Iterator<Item = FunctionId> + '_ {
        (0..self.facts.len() as u32)
            .map(FileId)
            .filter(|file| self.role(*file) != Role::Test && self.crates.is_linked(*file))
            .flat_map(|file| self.functions_of(file))
    }

    /// The functions of a file that are part of a module, closures left out.
    pub fn functions_of(&self, file: FileId) -> impl Iterator<Item = FunctionId> + '_ {
        let functions = self.file(file).functions.iter().enumerate();
        let ids = functions.map(move |(at, _)| FunctionId { file, ix: FunctionIx(at as u32) });
        ids.filter(|id| {
            let name = self.function_name(*id);
            let is_named = !name.is_empty() && !name.ends_with('!');
            is_named && self.crates.module_of_function(*id).is_some()
        })
    }

    fn index_macros(&mut self) {
        for at in 0..self.facts.len() as u32 {
            let file = FileId(at);
            if self.role(file) == Role::Test {
                continue;
            }
            for ix in 0..self.file(file).functions.len() as u32 {
                let id = FunctionId { file, ix: FunctionIx(ix) };
                if let Some(name) = self.function_name(id).strip_suffix('!') {
                    self.macros.entry(name).or_default().push(id);
                }
            }
        }
    }

    /// The forms of all macros of the program, in source order.
    pub fn macro_forms(&self) -> impl Iterator<Item = FunctionId> {
        let mut forms: Vec<FunctionId> = self.macros.values().flatten().copied().collect();
        forms.sort_unstable();
        forms.into_iter()
    }

    /// The form of a macro of the program, by its path, that takes so many arguments.
    pub fn macro_form(&self, path: &str, count: usize) -> Option<FunctionId> {
        let forms = self.macros.get(last_segment(path.strip_suffix('!')?))?;
        let params = |form: &FunctionId| &self.function(*form).params;
        let takes = |form: &&FunctionId| params(form).len() == count;
        let takes_more = |form: &&FunctionId| {
            let is_open = params(form).last().is_some_and(|it| it.kind == ParamKind::Star);
            is_open && params(form).len() <= count
        };
        forms.iter().find(takes).or_else(|| forms.iter().find(takes_more)).copied()
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

    /// The text of a path expression, without generic arguments.
    pub fn path(&self, file: FileId, expr: ExprId) -> Option<&'a str> {
        let facts = self.file(file);
        match facts.expr(expr).kind {
            ExprKind::Name(name) => Some(facts.name(name)),
            ExprKind::Subscript { value, .. } | ExprKind::Named { value, .. } => {
                self.path(file, value)
            }
            ExprKind::Call { func, .. } => self.path(file, func),
            _ => None,
        }
    }
}
