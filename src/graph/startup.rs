//! Which modules are imported before a row can be written.
//!
//! Starts from what Django imports by itself and follows imports at the top of modules. What only a
//! function imports counts where that function is known to run at start-up.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::apps::Apps;
use super::modules::ModuleRef;
use super::program::Program;
use crate::facts::{Block, ClassIx, ExprKind, FileFacts, StmtKind};
use crate::source::FileId;

/// The modules that are imported at start-up, directly or not.
pub struct Startup {
    loaded: Vec<bool>,
    /// Module-level imports of each file.
    imports: Vec<Vec<FileId>>,
    /// Whether some function imports a file, as far as asked.
    imported_later: FxHashMap<FileId, bool>,
}

impl Startup {
    /// Follows the imports from the modules that Django loads by itself.
    pub fn follow(program: &Program<'_>, apps: &Apps) -> Startup {
        let files: Vec<FileId> = program.file_ids().collect();
        let imports =
            files
                .par_iter()
                .map(|file| {
                    if program.is_production(*file) {
                        imports_of(program, *file)
                    } else {
                        Vec::new()
                    }
                })
                .collect();
        let mut startup = Startup {
            loaded: vec![false; files.len()],
            imports,
            imported_later: FxHashMap::default(),
        };
        for root in roots(program, apps) {
            startup.load(root);
        }
        startup
    }

    /// Marks a module and all it imports as loaded.
    pub fn load(&mut self, file: FileId) {
        let mut open = vec![file];
        while let Some(file) = open.pop() {
            let loaded = &mut self.loaded[file.0 as usize];
            if !std::mem::replace(loaded, true) {
                open.extend_from_slice(&self.imports[file.0 as usize]);
            }
        }
    }

    /// Whether a module is imported at start-up.
    pub fn is_loaded(&self, file: FileId) -> bool {
        self.loaded[file.0 as usize]
    }

    /// Whether some function of another production module imports `file`.
    pub fn is_imported_later(&mut self, program: &Program<'_>, file: FileId) -> bool {
        *self.imported_later.entry(file).or_insert_with(|| is_imported_by_function(program, file))
    }

    /// Marks every module of this name in every app as loaded.
    pub fn autodiscover(&mut self, program: &Program<'_>, apps: &Apps, name: &str) {
        let path = name.replace('.', "/");
        for folder in &apps.folders {
            if let Some(ModuleRef::File(file)) = program.modules.member(folder, &path) {
                self.load(file);
            }
        }
    }
}

fn roots(program: &Program<'_>, apps: &Apps) -> Vec<FileId> {
    let frameworks = program.frameworks;
    let mut roots = Vec::new();
    for folder in &apps.folders {
        let names = frameworks.startup_app_modules().iter().map(String::as_str);
        for name in names.chain(["apps"]) {
            roots.extend(modules_below(program, folder, name));
        }
        if let Some(ModuleRef::File(file)) = program.modules.at(folder) {
            roots.push(file);
        }
    }
    for file in program.production_files() {
        let stem = program.modules.stem(file);
        if frameworks.startup_modules().iter().any(|name| name == stem) {
            roots.push(file);
        }
    }
    roots.extend_from_slice(&program.settings);
    roots.extend(named_in_settings(program));
    roots
}

/// A module of an app by name; a package stands for every module in it.
fn modules_below(program: &Program<'_>, folder: &str, name: &str) -> Vec<FileId> {
    let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    match program.modules.at(&path) {
        Some(ModuleRef::File(file)) if program.modules.is_package(file) && name != "models" => {
            program
                .file_ids()
                .filter(|other| program.modules.folder(*other).starts_with(&path))
                .collect()
        }
        Some(ModuleRef::File(file)) => vec![file],
        _ => Vec::new(),
    }
}

/// Modules that settings name by dotted path, such as middleware: themselves, or with a member.
fn named_in_settings(program: &Program<'_>) -> Vec<FileId> {
    let mut named = Vec::new();
    for &settings in &program.settings {
        for text in program.file(settings).names.iter().filter(|text| text.contains('.')) {
            let parent = text.rsplit_once('.').map_or("", |(parent, _)| parent);
            for dotted in [text, parent] {
                if let Some(ModuleRef::File(file)) = program.modules.absolute(settings, dotted) {
                    named.push(file);
                }
            }
        }
    }
    named
}

/// What the top of a module imports, class bodies included, functions not.
pub fn imports_of(program: &Program<'_>, file: FileId) -> Vec<FileId> {
    let facts = program.file(file);
    let mut found = FxHashSet::default();
    collect(program, file, facts, facts.body, &mut found);
    let mut found: Vec<FileId> = found.into_iter().collect();
    found.sort_unstable();
    found
}

fn collect(
    program: &Program<'_>,
    file: FileId,
    facts: &FileFacts,
    block: Block,
    found: &mut FxHashSet<FileId>,
) {
    for &stmt in facts.block(block) {
        let kind = facts.stmt(stmt).kind;
        match kind {
            StmtKind::Import { .. } | StmtKind::ImportFrom { .. } | StmtKind::ImportStar { .. } => {
                found.extend(targets(program, file, facts, kind));
            }
            StmtKind::If { test, body, orelse } => {
                if !is_type_checking(facts, facts.expr(test).kind) {
                    collect(program, file, facts, body, found);
                }
                collect(program, file, facts, orelse, found);
            }
            StmtKind::For { body, .. }
            | StmtKind::While { body, .. }
            | StmtKind::With { body, .. }
            | StmtKind::Handler(body) => collect(program, file, facts, body, found),
            StmtKind::Try { body, handlers, finally } => {
                for block in [body, handlers, finally] {
                    collect(program, file, facts, block, found);
                }
            }
            StmtKind::Class(ClassIx(ix)) => {
                let body = facts.classes[ix as usize].body;
                collect(program, file, facts, body, found);
            }
            _ => {}
        }
    }
}

/// A condition that holds for type checkers only.
fn is_type_checking(facts: &FileFacts, test: ExprKind) -> bool {
    match test {
        ExprKind::Name(name) => facts.name(name) == "TYPE_CHECKING",
        ExprKind::Attribute { attr, .. } => facts.name(attr) == "TYPE_CHECKING",
        _ => false,
    }
}

/// The modules an import statement loads: the module, the packages round it, and a member that is a
/// module itself.
fn targets(program: &Program<'_>, file: FileId, facts: &FileFacts, kind: StmtKind) -> Vec<FileId> {
    let (level, dotted, member) = match kind {
        StmtKind::Import { module, .. } => (0, facts.name(module), None),
        StmtKind::ImportFrom { level, module, member, .. } => {
            (level, facts.name(module), Some(facts.name(member)))
        }
        StmtKind::ImportStar { level, module } => (level, facts.name(module), None),
        _ => return Vec::new(),
    };
    let modules = &program.modules;
    let find = |dotted: &str| match level {
        0 => modules.absolute(file, dotted),
        _ => modules.relative(file, level, dotted),
    };
    let mut found = Vec::new();
    let mut rest = dotted;
    loop {
        match find(rest) {
            Some(ModuleRef::File(id)) => found.push(id),
            // Nothing outside the program has a package of the program in it.
            None if rest == dotted
                && level == 0
                && find(rest.split('.').next().unwrap_or(rest)).is_none() =>
            {
                return found;
            }
            _ => {}
        }
        match rest.rsplit_once('.') {
            Some((parent, _)) => rest = parent,
            None => break,
        }
    }
    let folder = match find(dotted) {
        Some(ModuleRef::File(id)) if modules.is_package(id) => Some(modules.folder(id).to_owned()),
        Some(ModuleRef::Namespace(folder)) => Some(folder),
        _ => None,
    };
    if let (Some(folder), Some(member)) = (folder, member)
        && let Some(ModuleRef::File(id)) = modules.member(&folder, member)
    {
        found.push(id);
    }
    found
}

/// Whether some function of another production module imports `file`.
fn is_imported_by_function(program: &Program<'_>, file: FileId) -> bool {
    let stem = program.modules.stem(file);
    let dotted = format!(".{stem}");
    let everywhere: Vec<FileId> = program.production_files().collect();
    everywhere.par_iter().any(|other| {
        let facts = program.file(*other);
        // Whoever imports a module names it.
        *other != file
            && facts.names.iter().any(|name| name == stem || name.ends_with(&dotted))
            && facts
                .stmts
                .iter()
                .any(|stmt| targets(program, *other, facts, stmt.kind).contains(&file))
    })
}
