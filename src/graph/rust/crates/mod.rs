//! The modules of the crates of a run: which file is which module, and what each one binds.

mod unlinked;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::facts::{
    Block, ClassIx, ClassKind, ExprKind, FileFacts, FunctionIx, Scope, StmtId, StmtKind,
};
use crate::graph::examples::ModulePaths;
use crate::graph::ids::{ClassId, FunctionId};
use crate::source::{FileId, Language, Package, Sources};
pub use unlinked::Unlinked;

/// A module; an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub u32);

/// A module with what it binds.
#[derive(Debug)]
pub struct Module<'a> {
    /// Its path, from the name of the crate on.
    pub path: String,
    /// The file it stands in.
    pub file: FileId,
    /// The module round it; a crate has none.
    pub parent: Option<ModuleId>,
    /// The root of its crate.
    pub root: ModuleId,
    names: FxHashMap<&'a str, Vec<Binding<'a>>>,
    /// The paths whose public names it takes over.
    pub globs: Vec<&'a str>,
}

impl<'a> Module<'a> {
    /// What a name is bound to, in source order.
    pub fn bindings(&self, name: &str) -> &[Binding<'a>] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }
}

/// What a module binds to a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding<'a> {
    /// A module in it.
    Module(ModuleId),
    /// A struct, an enum or a trait.
    Class(ClassId),
    /// A function.
    Function(FunctionId),
    /// A static, a constant or another name of a type: its assignment.
    Value(FileId, StmtId),
    /// Something of another module: its path, and the member.
    Use(&'a str, Option<&'a str>),
}

/// An `impl` block.
#[derive(Debug, Clone, Copy)]
pub struct Impl {
    /// The block.
    pub block: ClassId,
    /// The module it stands in.
    pub module: ModuleId,
}

/// A macro that stands in the place of an item.
#[derive(Debug, Clone, Copy)]
pub struct ItemMacro {
    /// The module it stands in.
    pub module: ModuleId,
    /// The statement.
    pub stmt: StmtId,
}

/// All modules of a run.
#[derive(Debug, Default)]
pub struct Crates<'a> {
    modules: Vec<Module<'a>>,
    /// The roots of libraries by the names of their crates.
    libraries: FxHashMap<String, ModuleId>,
    of_class: FxHashMap<ClassId, ModuleId>,
    of_file: FxHashMap<FileId, ModuleId>,
    of_function: FxHashMap<FunctionId, ModuleId>,
    /// The roots of the programs, in order.
    programs: Vec<ModuleId>,
    /// The files that no `mod` names, read as if the module above them did.
    unlinked: Vec<Unlinked>,
    /// Every `impl` block, in source order.
    pub impls: Vec<Impl>,
    /// Every macro among items, in source order.
    pub macros: Vec<ItemMacro>,
}

impl<'a> Crates<'a> {
    /// Finds the modules of all crates: from the roots of each package on, and by itself every file
    /// that belongs to no package.
    pub fn index(sources: &Sources, facts: &'a [Arc<FileFacts>]) -> Crates<'a> {
        let is_rust = |id: &FileId| sources.file(*id).language == Language::Rust;
        let by_path: FxHashMap<&str, FileId> = sources
            .ids()
            .filter(is_rust)
            .map(|id| (sources.file(id).project_path.as_str(), id))
            .collect();
        let mut index = Index {
            sources,
            facts,
            by_path,
            crates: Crates::default(),
            is_seen: vec![false; facts.len()],
        };
        for package in &sources.packages {
            let name = package.lib_name.as_ref().unwrap_or(&package.name);
            let path = package.lib_path.clone();
            let path = path.unwrap_or_else(|| super::paths::join(&package.folder, "src/lib.rs"));
            if let Some(&file) = index.by_path.get(path.as_str()) {
                let root = index.add_crate(name, file);
                index.crates.libraries.entry(name.clone()).or_insert(root);
            }
            for path in index.programs_of(package) {
                if let Some(&file) = index.by_path.get(path.as_str())
                    && !index.is_seen[file.0 as usize]
                {
                    let root = index.add_crate(&package.name, file);
                    index.crates.programs.push(root);
                }
            }
        }
        // What no manifest speaks of is read as a crate of its own: first what is called like a root.
        let in_package = |path: &str| {
            sources.packages.iter().any(|package| super::paths::is_in(path, &package.folder))
        };
        let mut others: Vec<FileId> = sources
            .ids()
            .filter(|id| is_rust(id) && !in_package(&sources.file(*id).project_path))
            .collect();
        others.sort_by_key(|id| {
            let path = &sources.file(*id).project_path;
            (!super::paths::is_root_name(path), path.matches('/').count(), *id)
        });
        for file in others {
            if !index.is_seen[file.0 as usize] {
                let name = super::paths::stem(&sources.file(file).project_path).to_owned();
                let root = index.add_crate(&name, file);
                index.crates.libraries.entry(name).or_insert(root);
            }
        }
        index.add_unlinked();
        index.crates
    }

    /// The files of packages that no `mod` names, in order.
    pub fn unlinked(&self) -> &[Unlinked] {
        &self.unlinked
    }

    /// Whether a file is part of a crate as it is compiled.
    pub fn is_linked(&self, file: FileId) -> bool {
        self.unlinked.binary_search_by_key(&file, |unlinked| unlinked.file).is_err()
    }

    /// A module by its id.
    pub fn module(&self, id: ModuleId) -> &Module<'a> {
        &self.modules[id.0 as usize]
    }

    /// The root of the library of a crate of the program.
    pub fn library(&self, name: &str) -> Option<ModuleId> {
        self.libraries.get(name).copied()
    }

    /// The roots of the programs of all packages.
    pub fn programs(&self) -> &[ModuleId] {
        &self.programs
    }

    /// The module that a struct, an enum, a trait or an `impl` block stands in; none where its file is
    /// part of no crate.
    pub fn module_of_class(&self, id: ClassId) -> Option<ModuleId> {
        self.of_class.get(&id).copied()
    }

    /// The module that a function stands in.
    pub fn module_of_function(&self, id: FunctionId) -> Option<ModuleId> {
        self.of_function.get(&id).copied()
    }

    /// The path of the outermost module of each file that is part of a crate.
    pub fn paths_by_file(&self) -> ModulePaths {
        let files: std::collections::BTreeMap<_, _> =
            self.of_file.iter().map(|(file, module)| (*file, *module)).collect();
        files.into_iter().map(|(file, module)| (file, self.module(module).path.clone())).collect()
    }

    /// The outermost module that stands in a file.
    pub fn first_module_of(&self, file: FileId) -> Option<ModuleId> {
        self.of_file.get(&file).copied()
    }
}

struct Index<'a, 's> {
    sources: &'s Sources,
    facts: &'a [Arc<FileFacts>],
    by_path: FxHashMap<&'s str, FileId>,
    crates: Crates<'a>,
    is_seen: Vec<bool>,
}

impl<'a, 's> Index<'a, 's> {
    fn add_crate(&mut self, name: &str, file: FileId) -> ModuleId {
        let root = ModuleId(self.crates.modules.len() as u32);
        let path = self.path_of(file);
        let folder = super::paths::folder(path).to_owned();
        self.add_module(name.to_owned(), file, None, self.facts[file.0 as usize].body, folder, root)
    }

    /// The root files of the programs of a package.
    fn programs_of(&self, package: &Package) -> Vec<String> {
        let mut paths = package.bin_paths.clone();
        paths.push(super::paths::join(&package.folder, "src/main.rs"));
        let folder = super::paths::join(&package.folder, "src/bin");
        let mut more: Vec<String> = self
            .by_path
            .keys()
            .filter(|path| {
                let within = path.strip_prefix(folder.as_str()).and_then(|it| it.strip_prefix('/'));
                within.is_some_and(|within| !within.contains('/') || within.ends_with("/main.rs"))
            })
            .map(|path| (*path).to_owned())
            .collect();
        more.sort_unstable();
        paths.extend(more);
        paths
    }

    fn path_of(&self, file: FileId) -> &'s str {
        &self.sources.file(file).project_path
    }

    /// Adds a module with those in it; `folder` is where the files of its modules lie.
    fn add_module(
        &mut self,
        path: String,
        file: FileId,
        parent: Option<ModuleId>,
        body: Block,
        folder: String,
        root: ModuleId,
    ) -> ModuleId {
        let id = ModuleId(self.crates.modules.len() as u32);
        self.is_seen[file.0 as usize] = true;
        self.crates.modules.push(Module {
            path,
            file,
            parent,
            root,
            names: FxHashMap::default(),
            globs: Vec::new(),
        });
        self.crates.of_file.entry(file).or_insert(id);
        let facts = &self.facts[file.0 as usize];
        for &stmt in facts.block(body) {
            match facts.stmt(stmt).kind {
                StmtKind::Class(ix) => self.add_class(id, file, ix, &folder, root),
                StmtKind::Function(ix) => {
                    let function = FunctionId { file, ix };
                    self.bind(id, facts.name(facts.function(ix).name), Binding::Function(function));
                }
                StmtKind::Assign { target, .. } => {
                    if let ExprKind::Name(name) = facts.expr(target).kind {
                        self.bind(id, facts.name(name), Binding::Value(file, stmt));
                    }
                }
                StmtKind::Import { module, name } => {
                    self.add_import(
                        id,
                        file,
                        facts.name(module),
                        name.map(|it| facts.name(it)),
                        &folder,
                        root,
                    );
                }
                StmtKind::ImportFrom { module, member, name, .. } => {
                    let of = Binding::Use(facts.name(module), Some(facts.name(member)));
                    self.bind(id, facts.name(name), of);
                }
                StmtKind::ImportStar { module, .. } => {
                    self.crates.modules[id.0 as usize].globs.push(facts.name(module));
                }
                StmtKind::Expr(_) => self.crates.macros.push(ItemMacro { module: id, stmt }),
                _ => {}
            }
        }
        self.place_functions(id, file, body);
        id
    }

    fn bind(&mut self, module: ModuleId, name: &'a str, binding: Binding<'a>) {
        self.crates.modules[module.0 as usize].names.entry(name).or_default().push(binding);
    }

    fn add_class(
        &mut self,
        module: ModuleId,
        file: FileId,
        ix: ClassIx,
        folder: &str,
        root: ModuleId,
    ) {
        let facts = &self.facts[file.0 as usize];
        let class = facts.class(ix);
        let id = ClassId { file, ix };
        let name = facts.name(class.name);
        self.crates.of_class.insert(id, module);
        match class.kind {
            ClassKind::Module => {
                let path = format!("{}::{name}", self.crates.module(module).path);
                let folder = super::paths::join(folder, name);
                let inner = self.add_module(path, file, Some(module), class.body, folder, root);
                self.bind(module, name, Binding::Module(inner));
            }
            ClassKind::Impl => self.crates.impls.push(Impl { block: id, module }),
            _ => self.bind(module, name, Binding::Class(id)),
        }
    }

    /// `mod x;`, or `use x;`.
    fn add_import(
        &mut self,
        module: ModuleId,
        file: FileId,
        path: &'a str,
        name: Option<&'a str>,
        folder: &str,
        root: ModuleId,
    ) {
        let Some(name) = name else { return };
        let declared = match path.strip_prefix("path:") {
            Some(given) => {
                let beside = super::paths::folder(self.path_of(file));
                self.by_path.get(super::paths::join(beside, given).as_str()).copied()
            }
            None if path.strip_prefix("self::") == Some(name) => {
                let flat = format!("{}.rs", super::paths::join(folder, name));
                let nested = format!("{}/mod.rs", super::paths::join(folder, name));
                let found = self.by_path.get(flat.as_str());
                found.or_else(|| self.by_path.get(nested.as_str())).copied()
            }
            None => {
                self.bind(module, name, Binding::Use(path, None));
                return;
            }
        };
        // A file is one module; a second `mod` of it adds nothing.
        let Some(declared) = declared.filter(|file| !self.is_seen[file.0 as usize]) else { return };
        let inner_path = format!("{}::{name}", self.crates.module(module).path);
        let its_path = self.path_of(declared);
        let folder = match super::paths::stem(its_path) {
            "mod" => super::paths::folder(its_path).to_owned(),
            stem => super::paths::join(super::paths::folder(its_path), stem),
        };
        let body = self.facts[declared.0 as usize].body;
        let inner = self.add_module(inner_path, declared, Some(module), body, folder, root);
        self.bind(module, name, Binding::Module(inner));
    }

    /// Notes the module of each function and class that stands below a block of items, other modules
    /// left out.
    fn place_functions(&mut self, module: ModuleId, file: FileId, body: Block) {
        let facts = &self.facts[file.0 as usize];
        let scopes: Vec<Scope> = facts.functions.iter().map(|function| function.scope).collect();
        let mut own: Vec<Scope> = Vec::new();
        for &stmt in facts.block(body) {
            match facts.stmt(stmt).kind {
                StmtKind::Function(ix) => own.push(Scope::Function(ix)),
                StmtKind::Class(ix) if facts.class(ix).kind != ClassKind::Module => {
                    own.push(Scope::Class(ix));
                }
                _ => {}
            }
        }
        let mut is_own: FxHashMap<Scope, ()> = own.into_iter().map(|scope| (scope, ())).collect();
        // Functions stand behind what they are nested in.
        for (at, scope) in scopes.iter().enumerate() {
            let ix = FunctionIx(at as u32);
            let here = is_own.contains_key(&Scope::Function(ix)) || is_own.contains_key(scope);
            if here {
                is_own.insert(Scope::Function(ix), ());
                self.crates.of_function.insert(FunctionId { file, ix }, module);
                self.add_inner_imports(module, file, ix);
            }
        }
    }

    /// What a function imports for itself stands behind what its module has.
    fn add_inner_imports(&mut self, module: ModuleId, file: FileId, ix: FunctionIx) {
        let facts = &self.facts[file.0 as usize];
        for &stmt in facts.block(facts.function(ix).body) {
            match facts.stmt(stmt).kind {
                StmtKind::ImportFrom { module: of, member, name, .. } => {
                    let of = Binding::Use(facts.name(of), Some(facts.name(member)));
                    self.bind(module, facts.name(name), of);
                }
                StmtKind::ImportStar { module: of, .. } => {
                    self.crates.modules[module.0 as usize].globs.push(facts.name(of));
                }
                _ => {}
            }
        }
    }
}
