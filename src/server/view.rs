//! A program as an editor is told of it: URIs for files, lines and columns for offsets.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use gen_lsp_types::{Location, Range, Uri};
use ruff_source_file::PositionEncoding;

use super::documents::Documents;
use super::lines::Lines;
use super::program::Folder;
use crate::mend::State;
use crate::scan;
use crate::source::{self, FileId};

/// A program as an editor is told of it.
pub struct View<'a> {
    /// Where it lies.
    pub folder: &'a Folder,
    /// What was seen of it.
    pub state: &'a State,
    /// What stands in the editor.
    pub documents: &'a Documents,
    /// How the editor counts columns.
    pub encoding: PositionEncoding,
    lines: RefCell<BTreeMap<FileId, Lines>>,
}

impl<'a> View<'a> {
    /// A view of a program.
    pub fn new(
        folder: &'a Folder,
        state: &'a State,
        documents: &'a Documents,
        encoding: PositionEncoding,
    ) -> View<'a> {
        View { folder, state, documents, encoding, lines: RefCell::default() }
    }

    /// What the editor calls a file.
    pub fn uri(&self, path: &Path) -> Uri {
        match self.documents.get(path) {
            Some(document) => document.uri.clone(),
            None => self.folder.uri_of(path),
        }
    }

    /// A place in a file.
    pub fn place(&self, location: source::Location) -> Location {
        let uri = self.uri(&self.state.analysis.sources.file(location.file).path);
        Location { uri, range: self.range(location) }
    }

    /// The lines and columns of a place.
    pub fn range(&self, location: source::Location) -> Range {
        self.with_lines(location.file, |lines| lines.range(location.span))
    }

    /// Asks the lines of a file, which are found once.
    pub fn with_lines<T>(&self, file: FileId, ask: impl FnOnce(&Lines) -> T) -> T {
        let mut known = self.lines.borrow_mut();
        let lines = known.entry(file).or_insert_with(|| {
            let file = self.state.analysis.sources.file(file);
            let text = file
                .overlay
                .clone()
                .or_else(|| scan::read_text(file).ok().map(|decoded| decoded.text.into()));
            Lines::of(text.unwrap_or_default(), self.encoding)
        });
        ask(lines)
    }
}
