//! All facts of a run with their names indexed: what the interpreter reads.

mod by_name;
mod spelling;

pub use spelling::{first_name, last_name, last_name_id};

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::callers::MAX_CALLERS;
use super::ids::{ClassId, FunctionId};
use super::modules::Modules;
use super::namespace::{BindingKind, Namespace};
use super::processes::Processes;
use super::store_names;
use super::stumble::Stumbles;
use super::uses::Uses;
use super::variables::Variables;
use super::vocabulary::Vocabulary;
use crate::facts::{
    ClassFact, ClassIx, ExprId, ExprKind, FileFacts, FunctionFact, FunctionIx, NameId, Scope,
};
use crate::frameworks::Frameworks;
use crate::source::{FileId, Location, Role, Sources, Span};

/// The files of a run, linked by name only.
pub struct Program<'a> {
    /// Facts by file.
    pub facts: &'a [Arc<FileFacts>],
    /// What names of frameworks mean.
    pub frameworks: &'a Frameworks,
    /// The names of all files.
    pub vocabulary: Vocabulary<'a>,
    /// Where a panic is noted.
    pub stumbles: &'a Stumbles,
    /// Modules by dotted name.
    pub modules: Modules,
    /// What each module binds.
    pub namespaces: Vec<Namespace>,
    /// What each class binds, by file.
    pub class_namespaces: Vec<Vec<Namespace>>,
    /// What each file is for.
    pub roles: Vec<Role>,
    /// Modules that hold Django settings, by convention or by content.
    pub settings: Vec<FileId>,
    /// Which files may be loaded into one process.
    pub processes: Processes,
    /// Names in functions that say invalidation plainly.
    saying_invalidation: Vec<&'a str>,
    /// How the bodies of functions use names.
    pub uses: Uses<'a>,
    /// The variables of modules and classes that functions change.
    pub variables: Variables,
    /// Methods of production classes by name.
    methods: FxHashMap<&'a str, Vec<FunctionId>>,
    /// Production classes by name.
    classes: FxHashMap<&'a str, Vec<ClassId>>,
    /// How many production functions have a name.
    pub definitions: FxHashMap<&'a str, usize>,
    /// Names of production classes by the last segment of each base.
    subclasses: FxHashMap<&'a str, Vec<&'a str>>,
    /// Other names of something, by its name: aliases of imports, and variables of modules that hold
    /// it, also in a dict or a list.
    holders: FxHashMap<&'a str, Vec<&'a str>>,
    /// The attributes by which functions hand out what they define, by their names.
    handed_out: FxHashMap<&'a str, Vec<&'a str>>,
    /// Functions by the last segment of each of their decorators.
    decorated: FxHashMap<&'a str, Vec<FunctionId>>,
    /// Functions that call a writing method of something that may be a store.
    dropping: Vec<FunctionId>,
    /// The names of attributes that code sets on what is not the instance of its own method, once asked for.
    set_attributes: OnceLock<FxHashSet<&'a str>>,
    /// What modules and classes bind to the call of a class, by the name of the class.
    instances: FxHashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Program<'a> {
    /// Indexes the facts of a run.
    pub fn new(
        sources: &Sources,
        facts: &'a [Arc<FileFacts>],
        frameworks: &'a Frameworks,
        source_roots: &[String],
        stumbles: &'a Stumbles,
    ) -> Program<'a> {
        let namespaces = || {
            let of_file = |facts: &Arc<FileFacts>| {
                let classes = facts.classes.iter().map(|class| Namespace::of(facts, class.body));
                (Namespace::of(facts, facts.body), classes.collect())
            };
            facts.par_iter().map(of_file).unzip()
        };
        let (vocabulary, (modules, (namespaces, class_namespaces))) = rayon::join(
            || Vocabulary::of(facts),
            || (Modules::index(sources, source_roots), namespaces()),
        );
        let mut program = Program {
            facts,
            frameworks,
            vocabulary,
            stumbles,
            modules,
            namespaces,
            class_namespaces,
            roles: sources.files.iter().map(|file| file.role).collect(),
            settings: Vec::new(),
            processes: Processes::default(),
            uses: Uses::default(),
            variables: Variables::default(),
            saying_invalidation: Vec::new(),
            methods: FxHashMap::default(),
            classes: FxHashMap::default(),
            subclasses: FxHashMap::default(),
            definitions: FxHashMap::default(),
            instances: FxHashMap::default(),
            holders: FxHashMap::default(),
            handed_out: FxHashMap::default(),
            decorated: FxHashMap::default(),
            dropping: Vec::new(),
            set_attributes: OnceLock::new(),
        };
        program.classes = by_name::classes(&program);
        program.subclasses = by_name::subclasses(&program);
        (program.methods, program.definitions) = by_name::definitions(&program);
        program.settings = sources.ids().filter(|id| program.holds_settings(*id)).collect();
        program.processes = Processes::find(&program.modules, facts, &program.settings);
        program
    }

    /// The facts of a file.
    pub fn file(&self, id: FileId) -> &'a FileFacts {
        &self.facts[id.0 as usize]
    }

    /// The facts of a class.
    pub fn class(&self, id: ClassId) -> &'a ClassFact {
        self.file(id.file).class(id.ix)
    }

    /// The facts of a function.
    pub fn function(&self, id: FunctionId) -> &'a FunctionFact {
        self.file(id.file).function(id.ix)
    }

    /// What the body of a class binds.
    pub fn class_namespace(&self, id: ClassId) -> &Namespace {
        &self.class_namespaces[id.file.0 as usize][id.ix.index()]
    }

    /// The name of a class where it is defined.
    pub fn class_name(&self, id: ClassId) -> &'a str {
        self.file(id.file).name(self.class(id).name)
    }

    /// The name of a function where it is defined; empty for a lambda.
    pub fn function_name(&self, id: FunctionId) -> &'a str {
        self.file(id.file).name(self.function(id).name)
    }

    /// `shop.models.Flag`
    pub fn qualified_class(&self, id: ClassId) -> String {
        self.qualify(id.file, self.class(id).scope, self.class_name(id))
    }

    /// `shop.models.Flag.save`
    pub fn qualified_function(&self, id: FunctionId) -> String {
        let name = match self.function_name(id) {
            "" => "<lambda>",
            name => name,
        };
        self.qualify(id.file, self.function(id).scope, name)
    }

    fn qualify(&self, file: FileId, scope: Scope, name: &str) -> String {
        let facts = self.file(file);
        let mut parts = vec![name];
        let mut scope = scope;
        loop {
            scope = match scope {
                Scope::Module => break,
                Scope::Class(ix) => {
                    parts.push(facts.name(facts.class(ix).name));
                    facts.class(ix).scope
                }
                Scope::Function(ix) => {
                    parts.push(facts.name(facts.function(ix).name));
                    facts.function(ix).scope
                }
            };
        }
        parts.push(self.modules.name(file));
        parts.retain(|part| !part.is_empty());
        parts.reverse();
        parts.join(".")
    }

    /// The function round a nested function that stands in no other; a function itself where it is not
    /// nested.
    pub fn outermost(&self, id: FunctionId) -> FunctionId {
        let facts = self.file(id.file);
        let mut outermost = id;
        let mut scope = self.function(id).scope;
        loop {
            match scope {
                Scope::Module => return outermost,
                Scope::Class(ix) => scope = facts.class(ix).scope,
                Scope::Function(ix) => {
                    outermost = FunctionId { file: id.file, ix };
                    scope = facts.function(ix).scope;
                }
            }
        }
    }

    /// A place in a file.
    pub fn location(&self, file: FileId, span: Span) -> Location {
        Location { file, span }
    }

    /// Where a class is named.
    pub fn class_location(&self, id: ClassId) -> Location {
        self.location(id.file, self.class(id).name_span)
    }

    /// The innermost function in which an expression stands.
    pub fn function_around(&self, place: Location) -> Option<FunctionId> {
        let facts = self.file(place.file);
        let at = facts.exprs.iter().position(|expr| expr.span == place.span)? as u32;
        let around = facts.functions.iter().enumerate();
        let around = around.filter(|(_, it)| it.exprs.start <= at && at < it.exprs.end);
        let (ix, _) = around.min_by_key(|(_, it)| it.exprs.end - it.exprs.start)?;
        Some(FunctionId { file: place.file, ix: FunctionIx(ix as u32) })
    }

    /// Where a function is named.
    pub fn function_location(&self, id: FunctionId) -> Location {
        self.location(id.file, self.function(id).name_span)
    }

    /// A function from its first decorator to the end of its body.
    pub fn extent(&self, id: FunctionId) -> Span {
        let facts = self.file(id.file);
        let function = self.function(id);
        let decorators = function.decorators.iter().map(|it| facts.expr(*it).span.start);
        let start = decorators.chain([function.name_span.start]).min().unwrap_or_default();
        let last = facts.block(function.body).last().map(|stmt| facts.stmt(*stmt).span.end);
        Span { start, end: last.unwrap_or(function.name_span.end) }
    }

    /// Whether a place is in a function.
    pub fn holds(&self, id: FunctionId, place: Location) -> bool {
        place.file == id.file && self.extent(id).contains(place.span.start)
    }

    /// The class whose body defines a function, directly or round an enclosing function.
    pub fn enclosing_class(&self, id: FunctionId) -> Option<ClassId> {
        let facts = self.file(id.file);
        let mut scope = self.function(id).scope;
        loop {
            match scope {
                Scope::Module => return None,
                Scope::Class(ix) => return Some(ClassId { file: id.file, ix }),
                Scope::Function(ix) => scope = facts.function(ix).scope,
            }
        }
    }

    /// Whether a file holds code that runs in production.
    pub fn is_production(&self, file: FileId) -> bool {
        self.role(file) == Role::Production
    }

    /// What a file is for.
    pub fn role(&self, file: FileId) -> Role {
        self.roles[file.0 as usize]
    }

    /// All files, in order.
    pub fn file_ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..self.facts.len() as u32).map(FileId)
    }

    /// Whether a folder is that of an app: it holds `apps` or `models`. A package of models may hold a module of
    /// that name, too.
    pub fn is_app_folder(&self, folder: &str) -> bool {
        let holds = |name| {
            matches!(self.modules.member(folder, name), Some(super::modules::ModuleRef::File(_)))
        };
        let is_of_models = folder.rsplit('/').next() == Some("models");
        holds("apps") || (!is_of_models && holds("models"))
    }

    /// The folder of the app that a file belongs to: the nearest one that holds `apps` or `models`.
    pub fn app_folder(&self, file: FileId) -> &str {
        let mut folder = self.modules.folder(file);
        loop {
            if self.is_app_folder(folder) {
                return folder;
            }
            match folder.rsplit_once('/') {
                Some((parent, _)) => folder = parent,
                None => return self.modules.folder(file),
            }
        }
    }

    /// The methods that the body of a class defines, in source order.
    pub fn methods_of(&self, class: ClassId) -> impl Iterator<Item = FunctionId> + use<'a> {
        let methods = self.class(class).methods.iter();
        methods.map(move |ix| FunctionId { file: class.file, ix: *ix })
    }

    /// The methods of production classes that have this name.
    pub fn methods_named(&self, name: &str) -> &[FunctionId] {
        self.methods.get(name).map_or(&[], Vec::as_slice)
    }

    /// The files that run in production, in order.
    pub fn production_files(&self) -> impl Iterator<Item = FileId> + '_ {
        self.file_ids().filter(|file| self.is_production(*file))
    }

    /// All functions of the files that run in production, in order.
    pub fn production_functions(&self) -> impl Iterator<Item = FunctionId> + '_ {
        self.production_files().flat_map(|file| {
            let count = self.file(file).functions.len() as u32;
            (0..count).map(move |ix| FunctionId { file, ix: FunctionIx(ix) })
        })
    }

    /// All classes, in order.
    pub fn class_ids(&self) -> impl Iterator<Item = ClassId> + '_ {
        self.file_ids().flat_map(|file| {
            let count = self.file(file).classes.len() as u32;
            (0..count).map(move |ix| ClassId { file, ix: ClassIx(ix) })
        })
    }

    /// The classes of the files that run in production, in order.
    pub fn production_classes(&self) -> impl Iterator<Item = ClassId> + '_ {
        self.class_ids().filter(|class| self.is_production(class.file))
    }

    /// The names in functions that say invalidation plainly, sorted.
    pub fn saying_invalidation(&self) -> &[&'a str] {
        &self.saying_invalidation
    }

    /// The production functions that mention `name` in their body, other than as a local variable.
    pub fn functions_mentioning(
        &self,
        name: &str,
    ) -> impl ExactSizeIterator<Item = FunctionId> + '_ {
        self.uses.of_any(name)
    }

    /// Indexes what bodies and modules say, for searches that go by names.
    pub fn index_names(&mut self) {
        let ((dropping, uses), ((instances, holders), (decorated, handed_out))) = rayon::join(
            || (store_names::functions_near_stores(self), Uses::of(self)),
            || {
                rayon::join(
                    || rayon::join(|| by_name::instances(self), || by_name::holders(self)),
                    || (by_name::decorated(self), by_name::handed_out(self)),
                )
            },
        );
        let mut said: Vec<&'a str> = uses.names().collect();
        said.sort_unstable();
        said = said.into_par_iter().filter(|it| self.frameworks.says_invalidation(it)).collect();
        self.saying_invalidation = said;
        self.uses = uses;
        self.variables = Variables::find(self);
        self.dropping = dropping;
        self.instances = instances;
        self.holders = holders;
        self.handed_out = handed_out;
        self.decorated = decorated;
    }

    /// How many times production code spells a text as a literal of its own.
    pub fn spellings_of(&self, text: &str) -> usize {
        let in_file = |file: FileId| {
            let facts = self.file(file);
            let Some(name) = facts.names.find(text) else { return 0 };
            facts.exprs.iter().filter(|expr| expr.kind == ExprKind::Str(name)).count()
        };
        let naming = self.vocabulary.files_naming(text).iter().copied();
        naming.filter(|file| self.is_production(*file)).map(in_file).sum()
    }

    /// The production functions in which a method of a store that writes is called on something that
    /// may be a store, going by names alone.
    pub fn functions_that_drop(&self) -> &[FunctionId] {
        &self.dropping
    }

    /// The names of a class and of all classes that inherit from one of its name, transitively.
    pub fn named_with(&self, class: ClassId) -> BTreeSet<&'a str> {
        let mut names = BTreeSet::from([self.class_name(class)]);
        let mut open: Vec<&str> = names.iter().copied().collect();
        while let Some(base) = open.pop() {
            for &class in self.subclasses.get(base).map_or(&[][..], Vec::as_slice) {
                if names.insert(class) {
                    open.push(class);
                }
            }
        }
        names
    }

    /// The production classes of a name, in source order.
    pub fn classes_named(&self, name: &str) -> &[ClassId] {
        self.classes.get(name).map_or(&[], Vec::as_slice)
    }

    /// The production classes that may inherit from a class, going by names, in source order.
    pub fn classes_below(&self, class: ClassId) -> Vec<ClassId> {
        let names = self.named_with(class);
        let named = names.into_iter().flat_map(|name| self.classes_named(name)).copied();
        let mut below: Vec<ClassId> = named.filter(|other| *other != class).collect();
        below.sort_unstable();
        below
    }

    /// Whether some class inherits from one of the name of a class.
    pub fn has_subclasses(&self, class: ClassId) -> bool {
        self.subclasses.contains_key(self.class_name(class))
    }

    /// The names by which code has a class or an instance of it: those of the class and of its
    /// subclasses, and what modules and classes bind to a call of one.
    pub fn names_of_instances(&self, class: ClassId) -> BTreeSet<&'a str> {
        let mut names = self.named_with(class);
        for class in names.clone() {
            names.extend(self.instances.get(class).into_iter().flatten());
        }
        names
    }

    /// The expression that the top of a module binds a name to, where that is how it gets its value.
    pub fn value_at_top(&self, file: FileId, name: &str) -> Option<ExprId> {
        let id = self.file(file).names.find(name)?;
        match self.namespaces[file.0 as usize].get(id).last()?.kind {
            BindingKind::Value { value, .. } => Some(value),
            _ => None,
        }
    }

    /// What is called where the top of a module binds a name to what a call returns.
    pub fn call_at_top(&self, file: FileId, name: &str) -> Option<ExprId> {
        match self.file(file).expr(self.value_at_top(file, name)?).kind {
            ExprKind::Call { func, .. } => Some(func),
            _ => None,
        }
    }

    /// Whether the body of another function mentions a function's name.
    pub fn is_named_elsewhere(&self, function: FunctionId) -> bool {
        let mut mentioning = self.functions_mentioning(self.function_name(function));
        mentioning.any(|other| other != function)
    }

    /// Whether code sets an attribute of this name on something that it was given or has made: `row.old = old`.
    pub fn sets_attribute(&self, name: &str) -> bool {
        self.set_attributes.get_or_init(|| by_name::set_attributes(self)).contains(name)
    }

    /// Whether the body of a function mentions a name.
    pub fn mentions(&self, function: FunctionId, name: &str) -> bool {
        let facts = self.file(function.file);
        facts.function(function.ix).mentions.iter().any(|known| facts.name(*known) == name)
    }

    /// The names that the decorators of a function start with, where they may be of the program: `drop`
    /// of `@drop.register`.
    pub fn decorator_names(&self, function: FunctionId) -> Vec<&'a str> {
        let facts = self.file(function.file);
        let decorators = facts.function(function.ix).decorators.iter();
        let first = decorators.filter_map(|decorator| first_name(facts, *decorator));
        first
            .filter(|name| !self.is_from_outside(function, *name))
            .map(|name| facts.name(name))
            .collect()
    }

    /// Whether a name before the `def` of a function is built in, or imported from outside the program.
    fn is_from_outside(&self, function: FunctionId, name: NameId) -> bool {
        let file = function.file;
        let facts = self.file(file);
        let namespace = &self.namespaces[file.0 as usize];
        let is_outside = |module: NameId| self.modules.absolute(file, facts.name(module)).is_none();
        let bindings = namespace.all(name);
        if bindings.is_empty() {
            return self.outermost(function) == function && namespace.stars.is_empty();
        }
        bindings.iter().all(|binding| match binding.kind {
            BindingKind::Module(module)
            | BindingKind::TopModule(module)
            | BindingKind::Member { level: 0, module, .. } => is_outside(module),
            _ => false,
        })
    }

    /// The functions that a name decorates.
    pub fn functions_decorated_by(&self, name: &str) -> &[FunctionId] {
        self.decorated.get(name).map_or(&[], Vec::as_slice)
    }

    /// The attributes by which functions of a name hand out what they define, but for those that too many
    /// functions mention.
    pub fn handed_out_by(&self, name: &str) -> impl Iterator<Item = &'a str> + '_ {
        let handed = self.handed_out.get(name).map_or(&[][..], Vec::as_slice);
        handed.iter().copied().filter(|name| self.functions_mentioning(name).len() <= MAX_CALLERS)
    }

    /// The other names of something.
    pub fn aliases_of(&self, name: &str) -> &[&'a str] {
        self.holders.get(name).map_or(&[], Vec::as_slice)
    }

    fn holds_settings(&self, id: FileId) -> bool {
        let facts = self.file(id);
        let has = |name: &str| {
            facts
                .names
                .find(name)
                .is_some_and(|name| !self.namespaces[id.0 as usize].all(name).is_empty())
        };
        self.is_production(id) && (has("INSTALLED_APPS") || has("AUTH_USER_MODEL"))
    }
}
