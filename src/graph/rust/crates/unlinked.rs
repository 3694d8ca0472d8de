//! Files of packages that no `mod` names, read as if the module above them did.

use std::collections::BTreeSet;

use super::super::paths;
use super::{Impl, Index};
use crate::source::{FileId, Language, Package, Role};

/// A file of a package that no `mod` names.
#[derive(Debug)]
pub struct Unlinked {
    /// It.
    pub file: FileId,
    /// Its `impl` blocks.
    pub impls: Vec<Impl>,
}

impl Index<'_, '_> {
    /// Adds the files below `src` that no `mod` names; nothing leads to them.
    pub(super) fn add_unlinked(&mut self) {
        let sources = self.sources;
        let is_open = |id: &FileId| {
            let file = sources.file(*id);
            let in_src = |package: &Package| {
                paths::is_in(&file.project_path, &paths::join(&package.folder, "src"))
            };
            file.language == Language::Rust
                && file.role == Role::Production
                && !self.is_seen[id.0 as usize]
                && sources.packages.iter().any(in_src)
        };
        let open: Vec<FileId> = sources.ids().filter(is_open).collect();
        for file in open {
            let path = self.path_of(file);
            let folder = paths::folder(path);
            let above = [
                format!("{folder}.rs"),
                format!("{folder}/mod.rs"),
                format!("{folder}/lib.rs"),
                format!("{folder}/main.rs"),
            ];
            let mut above = above.iter().filter_map(|path| self.by_path.get(path.as_str()));
            let parent = above.find_map(|file| self.crates.first_module_of(*file));
            let Some(parent) = parent.filter(|_| !self.is_seen[file.0 as usize]) else { continue };
            let stem = paths::stem(path);
            let module = format!("{}::{stem}", self.crates.module(parent).path);
            let (impls, macros) = (self.crates.impls.len(), self.crates.macros.len());
            let first = self.crates.modules.len();
            let (body, root) = (self.facts[file.0 as usize].body, self.crates.module(parent).root);
            let folder = paths::join(folder, stem);
            self.add_module(module, file, Some(parent), body, folder, root);
            self.crates.macros.truncate(macros);
            let impls = self.crates.impls.split_off(impls);
            // It may name others.
            let files = self.crates.modules[first..].iter().map(|module| module.file);
            for file in files.collect::<BTreeSet<FileId>>() {
                let own = impls.iter().filter(|it| it.block.file == file).copied().collect();
                self.crates.unlinked.push(Unlinked { file, impls: own });
            }
        }
        self.crates.unlinked.sort_by_key(|unlinked| unlinked.file);
    }
}
