//! The texts of a fix while it is planned.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::edit::FileChange;
use super::page::Change;
use super::revision::Revision;
use crate::source::{FileId, Sources};

/// The texts of a fix while it is planned; what was not changed yet is as it was below, or as analysed.
pub struct Draft<'s> {
    sources: &'s Sources,
    below: Option<&'s Changes>,
    own: Changes,
}

/// Changed texts.
#[derive(Default)]
pub struct Changes {
    changed: BTreeMap<FileId, Revision>,
    /// New files by their path below the root.
    new: BTreeMap<String, String>,
}

impl Changes {
    /// Takes in what was changed on top of them.
    pub fn absorb(&mut self, above: Changes) {
        self.changed.extend(above.changed);
        self.new.extend(above.new);
    }
}

impl<'s> Draft<'s> {
    /// Nothing is changed.
    pub fn new(sources: &'s Sources) -> Draft<'s> {
        Draft::with(sources, Changes::default())
    }

    /// These changes are made.
    pub fn with(sources: &'s Sources, own: Changes) -> Draft<'s> {
        Draft { sources, below: None, own }
    }

    /// Nothing is changed but what is below.
    pub fn over(sources: &'s Sources, below: &'s Changes) -> Draft<'s> {
        Draft { sources, below: Some(below), own: Changes::default() }
    }

    /// The text of a file as it was analysed; none where nobody held on to it, for on the disk it may be
    /// another one by now.
    pub fn original(&self, file: FileId) -> Option<Arc<str>> {
        self.sources.file(file).overlay.clone()
    }

    /// The text of a file as it is by now.
    pub fn text(&self, file: FileId) -> Option<String> {
        match self.revision(file) {
            Some(revision) => Some(revision.text()),
            None => self.original(file).map(|text| text.to_string()),
        }
    }

    /// The text of a new file, where it is planned already.
    pub fn new_text(&self, project_path: &str) -> Option<&str> {
        let below = || self.below.and_then(|below| below.new.get(project_path));
        self.own.new.get(project_path).or_else(below).map(String::as_str)
    }

    /// The text of a file that is as it was analysed, so that places in it hold.
    pub fn untouched_text(&self, file: FileId) -> Option<Arc<str>> {
        match self.revision(file) {
            Some(_) => None,
            None => self.original(file),
        }
    }

    /// Makes changes in a file, at places of its text as it is by now.
    #[must_use]
    pub fn change(&mut self, file: FileId, changes: Vec<Change>) -> Option<()> {
        self.revise(file)?.change(changes)
    }

    /// Makes changes in a file, at places of its text as it was analysed.
    #[must_use]
    pub fn change_original(&mut self, file: FileId, changes: Vec<Change>) -> Option<()> {
        self.revise(file)?.change_original(changes)
    }

    /// Makes a new file, or gives a planned one another text.
    pub fn create(&mut self, project_path: &str, text: String) {
        self.own.new.insert(project_path.to_owned(), text);
    }

    /// What was changed on top of what is below.
    pub fn into_own(self) -> Changes {
        self.own
    }

    /// The changed files, sorted by path; `name` says how reports name a new one.
    pub fn into_changes(self, name: impl Fn(&str) -> String) -> Vec<FileChange> {
        let mut changes: Vec<FileChange> = Vec::new();
        for (file, revision) in &self.own.changed {
            let (old, text) = (self.original(*file), revision.text());
            let source = self.sources.file(*file);
            if old.as_deref() != Some(&text) {
                changes.push(FileChange {
                    path: source.path.clone(),
                    name: source.name.clone(),
                    old,
                    new: text.into(),
                });
            }
        }
        for (path, text) in &self.own.new {
            let full: PathBuf = self.sources.root.join(path);
            changes.push(FileChange {
                path: full,
                name: name(path),
                old: None,
                new: text.as_str().into(),
            });
        }
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        changes
    }

    fn revision(&self, file: FileId) -> Option<&Revision> {
        let below = || self.below.and_then(|below| below.changed.get(&file));
        self.own.changed.get(&file).or_else(below)
    }

    fn revise(&mut self, file: FileId) -> Option<&mut Revision> {
        if !self.own.changed.contains_key(&file) {
            let known = self.revision(file).cloned();
            let revision = known.or_else(|| self.original(file).map(Revision::of))?;
            self.own.changed.insert(file, revision);
        }
        self.own.changed.get_mut(&file)
    }
}
