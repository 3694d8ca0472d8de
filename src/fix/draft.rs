//! The texts of a fix while it is planned.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::edit::FileChange;
use super::page::{Change, apply};
use crate::source::{FileId, Sources};

/// The texts of a fix while it is planned; what was not changed yet is as it was analysed.
#[derive(Clone)]
pub struct Draft<'s> {
    sources: &'s Sources,
    changed: BTreeMap<FileId, String>,
    /// New files by their path below the root.
    new: BTreeMap<String, String>,
}

impl<'s> Draft<'s> {
    /// Nothing is changed.
    pub fn new(sources: &'s Sources) -> Draft<'s> {
        Draft { sources, changed: BTreeMap::new(), new: BTreeMap::new() }
    }

    /// The text of a file as it was analysed; none where nobody held on to it, for on the disk it may be
    /// another one by now.
    pub fn original(&self, file: FileId) -> Option<Arc<str>> {
        self.sources.file(file).overlay.clone()
    }

    /// The text of a file as it is by now.
    pub fn text(&self, file: FileId) -> Option<String> {
        match self.changed.get(&file) {
            Some(text) => Some(text.clone()),
            None => self.original(file).map(|text| text.to_string()),
        }
    }

    /// The text of a new file, where it is planned already.
    pub fn new_text(&self, project_path: &str) -> Option<&str> {
        self.new.get(project_path).map(String::as_str)
    }

    /// The text of a file that is as it was analysed, so that places in it hold.
    pub fn untouched_text(&self, file: FileId) -> Option<String> {
        match self.changed.contains_key(&file) {
            true => None,
            false => self.text(file),
        }
    }

    /// Makes changes in a file.
    #[must_use]
    pub fn change(&mut self, file: FileId, changes: Vec<Change>) -> Option<()> {
        let text = self.text(file)?;
        self.changed.insert(file, apply(&text, changes)?);
        Some(())
    }

    /// Makes a new file, or gives a planned one another text.
    pub fn create(&mut self, project_path: &str, text: String) {
        self.new.insert(project_path.to_owned(), text);
    }

    /// The changed files, sorted by path; `name` says how reports name a new one.
    pub fn into_changes(self, name: impl Fn(&str) -> String) -> Vec<FileChange> {
        let mut changes: Vec<FileChange> = Vec::new();
        for (file, text) in &self.changed {
            let old = self.original(*file);
            let source = self.sources.file(*file);
            if old.as_deref() != Some(text) {
                changes.push(FileChange {
                    path: source.path.clone(),
                    name: source.name.clone(),
                    old,
                    new: text.as_str().into(),
                });
            }
        }
        for (path, text) in &self.new {
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
}
