//! Which file a dotted module name means, seen from another file.
//!
//! A program may have several source roots (a `manage.py`, `src/`, the folder above each top-level
//! package); an import is tried from the nearest root of the importing file outwards.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::source::{FileId, Language, Sources};

/// What a dotted module name leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModuleRef {
    /// A module or a package with an `__init__.py`.
    File(FileId),
    /// A folder without `__init__.py`; its path below the root of the program.
    Namespace(String),
}

/// All modules of the program by path.
#[derive(Debug, Default)]
pub struct Modules {
    /// Project path without extension (a package by its folder) to file.
    by_path: FxHashMap<String, FileId>,
    /// Every folder that holds source.
    folders: FxHashSet<String>,
    /// Source roots as folders; `""` is the root of the program.
    roots: Vec<String>,
    /// The modules, packages and folders directly below a root, with the places of those roots.
    tops: FxHashMap<String, Vec<u32>>,
    /// Dotted name of each file.
    names: Vec<String>,
    /// Path of each file as in `by_path`.
    paths: Vec<String>,
    /// Folder of each file.
    parents: Vec<String>,
    /// Source root that the dotted name of each file starts at.
    own_roots: Vec<String>,
    packages: Vec<bool>,
}

impl Modules {
    /// Indexes the files of a run; `extra_roots` are source roots from the configuration.
    pub fn index(sources: &Sources, extra_roots: &[String]) -> Modules {
        let mut modules = Modules::default();
        let mut manage_roots = Vec::new();
        for id in sources.ids() {
            let file = sources.file(id);
            let path = &file.project_path;
            let stem = path.strip_suffix(".py").unwrap_or(path);
            let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
            let is_package = name == "__init__";
            let path = if is_package { folder } else { stem };
            modules.paths.push(path.to_owned());
            modules.packages.push(is_package);
            if file.language != Language::Python {
                // It has an id like all others, and is no module.
                modules.parents.push(String::new());
                continue;
            }
            modules.parents.push(folder.to_owned());
            modules.by_path.insert(path.to_owned(), id);
            if name == "manage" {
                manage_roots.push(folder.to_owned());
            }
            let mut folder = folder;
            while modules.folders.insert(folder.to_owned()) && !folder.is_empty() {
                folder = parent(folder);
            }
        }
        modules.find_roots(extra_roots, &manage_roots);
        modules.own_roots = sources.ids().map(|id| modules.root_of(id, &manage_roots)).collect();
        modules.names = sources.ids().map(|id| modules.dotted_name(id)).collect();
        modules
    }

    fn find_roots(&mut self, extra: &[String], manage: &[String]) {
        let mut roots: Vec<String> =
            extra.iter().map(|root| root.trim_matches('/').to_owned()).collect();
        roots.extend_from_slice(manage);
        roots.push(String::new());
        for folder in &self.parents {
            roots.push(self.above_packages(folder).to_owned());
        }
        roots.sort_unstable();
        roots.dedup();
        for path in &self.paths {
            // The segment behind each root on the way to the file.
            let mut start = 0;
            for segment in path.split('/') {
                let above = path[..start].trim_end_matches('/');
                if let Ok(root) = roots.binary_search_by(|root| root.as_str().cmp(above)) {
                    let root = root as u32;
                    match self.tops.get_mut(segment) {
                        Some(known) => {
                            if let Err(at) = known.binary_search(&root) {
                                known.insert(at, root);
                            }
                        }
                        None => {
                            self.tops.insert(segment.to_owned(), vec![root]);
                        }
                    }
                }
                start += segment.len() + 1;
            }
        }
        self.roots = roots;
    }

    /// The folder above the topmost regular package that `folder` belongs to.
    fn above_packages<'a>(&self, folder: &'a str) -> &'a str {
        let mut folder = folder;
        while !folder.is_empty() && self.init_of(folder).is_some() {
            folder = parent(folder);
        }
        folder
    }

    fn init_of(&self, folder: &str) -> Option<FileId> {
        let id = *self.by_path.get(folder)?;
        self.packages[id.0 as usize].then_some(id)
    }

    fn root_of(&self, id: FileId, manage_roots: &[String]) -> String {
        let root = self.above_packages(&self.parents[id.0 as usize]);
        // Project folders without `__init__.py` are part of the name where a manage.py says so.
        let manages = manage_roots.iter().filter(|manage| is_below(root, manage));
        let nearest = manages.max_by_key(|manage| manage.len());
        nearest.map_or(root, String::as_str).to_owned()
    }

    fn dotted_name(&self, id: FileId) -> String {
        let path = &self.paths[id.0 as usize];
        let root = self.own_roots[id.0 as usize].as_str();
        let relative = path.strip_prefix(root).unwrap_or(path).trim_start_matches('/');
        relative.replace('/', ".")
    }

    /// The source root that a file's dotted name starts at, as a folder.
    pub fn source_root(&self, id: FileId) -> &str {
        &self.own_roots[id.0 as usize]
    }

    /// The files in a folder and in those below it.
    pub fn files_below(&self, folder: &str) -> impl Iterator<Item = FileId> {
        let files = self.parents.iter().enumerate();
        files.filter(move |(_, own)| is_below(own, folder)).map(|(at, _)| FileId(at as u32))
    }

    /// The dotted name of a file's module.
    pub fn name(&self, id: FileId) -> &str {
        &self.names[id.0 as usize]
    }

    /// The dotted name of the package that a file's module is in; a package is in itself.
    pub fn package(&self, id: FileId) -> &str {
        let name = self.name(id);
        match name.rsplit_once('.') {
            _ if self.is_package(id) => name,
            Some((package, _)) => package,
            None => "",
        }
    }

    /// The folder of a file, below the root of the program.
    pub fn folder(&self, id: FileId) -> &str {
        &self.parents[id.0 as usize]
    }

    /// Whether a file is a package's `__init__.py`.
    pub fn is_package(&self, id: FileId) -> bool {
        self.packages[id.0 as usize]
    }

    /// The last segment of a file's path, without extension; a package's is its folder's name.
    pub fn stem(&self, id: FileId) -> &str {
        let path = &self.paths[id.0 as usize];
        path.rsplit_once('/').map_or(path, |(_, name)| name)
    }

    /// The module at a path below the root of the program, without extension.
    pub fn at(&self, path: &str) -> Option<ModuleRef> {
        match self.by_path.get(path) {
            Some(id) => Some(ModuleRef::File(*id)),
            None if self.folders.contains(path) => Some(ModuleRef::Namespace(path.to_owned())),
            None => None,
        }
    }

    /// The module or package `name` inside a package's folder.
    pub fn member(&self, folder: &str, name: &str) -> Option<ModuleRef> {
        self.at(&join(folder, name))
    }

    /// What `import dotted` in the file `from` means; `None` where it is outside the program.
    pub fn absolute(&self, from: FileId, dotted: &str) -> Option<ModuleRef> {
        // Most imports are of something outside; their first segment tells.
        let roots = self.tops.get(dotted.split('.').next().unwrap_or_default())?;
        let roots = || roots.iter().map(|root| &self.roots[*root as usize]);
        let path = dotted.replace('.', "/");
        let folder = self.folder(from);
        let mut folders = None;
        let nearest_first = roots().rev().filter(|root| is_below(folder, root));
        let others = roots().filter(|root| !is_below(folder, root));
        for root in nearest_first.chain(others) {
            match self.at(&join(root, &path)) {
                Some(ModuleRef::File(id)) => return Some(ModuleRef::File(id)),
                Some(namespace) => folders = folders.or(Some(namespace)),
                None => {}
            }
        }
        folders
    }

    /// What `from ..dotted import` with `level` dots in the file `from` means.
    pub fn relative(&self, from: FileId, level: u32, dotted: &str) -> Option<ModuleRef> {
        let mut folder = self.folder(from);
        for _ in 1..level {
            if folder.is_empty() {
                return None;
            }
            folder = parent(folder);
        }
        match dotted {
            "" => self.at(folder),
            _ => self.at(&join(folder, &dotted.replace('.', "/"))),
        }
    }
}

fn join(folder: &str, path: &str) -> String {
    if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
}

fn parent(folder: &str) -> &str {
    folder.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// Whether a folder is another one or in it.
pub fn is_below(folder: &str, root: &str) -> bool {
    root.is_empty()
        || folder == root
        || folder.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'))
}
