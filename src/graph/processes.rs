//! Which files may be loaded into one process: a repository may hold several programs, and what one
//! of them connects is never called for rows that another one writes.
//!
//! Files belong together that lie in one source root, and source roots that name a module of each
//! other, by an import anywhere or in settings.

use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::modules::{ModuleRef, Modules, is_below};
use crate::facts::{FileFacts, NameId, StmtKind};
use crate::source::FileId;

/// Files that may be loaded into one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProcessId(u32);

/// The process of each file.
#[derive(Debug, Default)]
pub struct Processes {
    of_file: Vec<ProcessId>,
}

impl Processes {
    /// Groups the files; `facts` is indexed by file, and `settings` name modules in strings.
    pub fn find(modules: &Modules, facts: &[Arc<FileFacts>], settings: &[FileId]) -> Processes {
        let mut numbers: FxHashMap<&str, u32> = FxHashMap::default();
        let ids = || (0..facts.len() as u32).map(FileId);
        let root_of_file: Vec<u32> = ids()
            .map(|file| {
                let next = numbers.len() as u32;
                *numbers.entry(modules.source_root(file)).or_insert(next)
            })
            .collect();
        let mut near: Vec<Vec<u32>> = vec![Vec::new(); numbers.len()];
        let files: Vec<FileId> = ids().collect();
        let links: FxHashSet<(u32, u32)> = files
            .par_iter()
            .flat_map_iter(|file| {
                let facts = &facts[file.0 as usize];
                let own = root_of_file[file.0 as usize];
                let named = match settings.contains(file) {
                    true => named_in_settings(modules, *file, facts),
                    false => imported(modules, *file, facts),
                };
                let roots: FxHashSet<u32> =
                    named.into_iter().map(|other| root_of_file[other.0 as usize]).collect();
                roots.into_iter().filter(move |other| *other != own).map(move |other| (own, other))
            })
            .collect();
        #[expect(clippy::iter_over_hash_type, reason = "the groups are the same in any order")]
        for (one, other) in links {
            near[one as usize].push(other);
            near[other as usize].push(one);
        }
        let group_of_root = groups(&near);
        let process = |root: u32| ProcessId(group_of_root[root as usize]);
        let of_file = root_of_file.into_iter().map(process).collect();
        Processes { of_file }
    }

    /// Whether two files may be loaded into one process.
    pub fn share(&self, one: FileId, other: FileId) -> bool {
        self.of(one) == self.of(other)
    }

    /// The process of a file.
    pub fn of(&self, file: FileId) -> ProcessId {
        self.of_file[file.0 as usize]
    }
}

/// The modules that a file imports by their full names, wherever the statement stands.
fn imported(modules: &Modules, file: FileId, facts: &FileFacts) -> Vec<FileId> {
    let imports: FxHashSet<(NameId, Option<NameId>)> = facts
        .stmts
        .iter()
        .filter_map(|stmt| match stmt.kind {
            StmtKind::Import { module, .. } | StmtKind::ImportStar { level: 0, module } => {
                Some((module, None))
            }
            StmtKind::ImportFrom { level: 0, module, member, .. } => Some((module, Some(member))),
            _ => None,
        })
        .collect();
    let meant = |(module, member): (NameId, Option<NameId>)| match modules
        .absolute(file, facts.name(module))?
    {
        ModuleRef::File(id) => Some(id),
        ModuleRef::Namespace(folder) => match modules.member(&folder, facts.name(member?))? {
            ModuleRef::File(id) => Some(id),
            ModuleRef::Namespace(_) => None,
        },
    };
    imports.into_iter().filter_map(meant).collect()
}

/// The modules that settings name in strings, by themselves or with a member; a folder stands for all
/// that is in it. A single word means something only where it may be a neighbour of the settings.
fn named_in_settings(modules: &Modules, file: FileId, facts: &FileFacts) -> Vec<FileId> {
    let mut named = imported(modules, file, facts);
    let folder = modules.folder(file);
    for text in facts.names.iter() {
        let is_near =
            |found: &FileId| text.contains('.') || is_below(folder, modules.source_root(*found));
        let parent = text.rsplit_once('.').map(|(parent, _)| parent);
        for dotted in [Some(text), parent].into_iter().flatten() {
            match modules.absolute(file, dotted) {
                Some(ModuleRef::File(id)) => named.extend(Some(id).filter(is_near)),
                Some(ModuleRef::Namespace(below)) => {
                    named.extend(modules.files_below(&below).filter(is_near));
                }
                None => {}
            }
        }
    }
    named
}

/// The number of the group of each node that can be reached from each other.
fn groups(near: &[Vec<u32>]) -> Vec<u32> {
    const NONE: u32 = u32::MAX;
    let mut groups = vec![NONE; near.len()];
    for start in 0..near.len() {
        let mut open = vec![start as u32];
        while let Some(node) = open.pop() {
            let group = &mut groups[node as usize];
            if *group == NONE {
                *group = start as u32;
                open.extend_from_slice(&near[node as usize]);
            }
        }
    }
    groups
}
