//! Which modules import which when they are imported themselves.

use std::mem;

use rustc_hash::FxHashSet;

use crate::source::FileId;

/// The imports of the modules of a program, by file.
#[derive(Debug, Default)]
pub struct Imports {
    imports: Vec<Vec<FileId>>,
    imported_by: Vec<Vec<FileId>>,
}

impl Imports {
    /// Turns the imports of each file around.
    pub fn new(imports: Vec<Vec<FileId>>) -> Imports {
        let mut imported_by = vec![Vec::new(); imports.len()];
        for (file, imported) in (0..).map(FileId).zip(&imports) {
            for other in imported {
                imported_by[other.0 as usize].push(file);
            }
        }
        Imports { imports, imported_by }
    }

    /// What a file imports by itself.
    pub fn of(&self, file: FileId) -> &[FileId] {
        &self.imports[file.0 as usize]
    }

    /// Whether importing a module imports another one, directly or not.
    ///
    /// Asked from both ends: often one of them knows few others.
    pub fn lead(&self, from: FileId, to: FileId) -> bool {
        let (mut near, mut far) = (Reached::from(from), Reached::from(to));
        let (mut ways, mut ways_back) = (&self.imports, &self.imported_by);
        loop {
            if near.edge.is_empty() || far.edge.is_empty() {
                return near.seen.iter().any(|file| far.seen.contains(file));
            }
            if near.edge.len() > far.edge.len() {
                mem::swap(&mut near, &mut far);
                mem::swap(&mut ways, &mut ways_back);
            }
            if near.advance(ways, &far) {
                return true;
            }
        }
    }
}

/// What is reached from one end.
struct Reached {
    seen: FxHashSet<FileId>,
    /// What was reached last.
    edge: Vec<FileId>,
}

impl Reached {
    fn from(file: FileId) -> Reached {
        Reached { seen: FxHashSet::from_iter([file]), edge: vec![file] }
    }

    /// Goes one step on; whether that reaches what is reached from the other end.
    fn advance(&mut self, ways: &[Vec<FileId>], other: &Reached) -> bool {
        for file in mem::take(&mut self.edge) {
            for next in &ways[file.0 as usize] {
                if other.seen.contains(next) {
                    return true;
                }
                if self.seen.insert(*next) {
                    self.edge.push(*next);
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_lead_on_but_not_back() {
        let files = |numbers: &[u32]| numbers.iter().copied().map(FileId).collect::<Vec<_>>();
        let imports =
            Imports::new(vec![files(&[1, 4]), files(&[2]), files(&[1]), files(&[0]), files(&[])]);
        let leads = |from, to| imports.lead(FileId(from), FileId(to));
        assert!(
            leads(0, 0) && leads(0, 1) && leads(0, 2) && leads(3, 2) && leads(2, 1) && leads(0, 4)
        );
        assert!(!leads(2, 0) && !leads(4, 0) && !leads(0, 3) && !leads(1, 4));
    }
}
