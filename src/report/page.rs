//! The texts that a report shows, made harmless, with their lines.

use std::collections::BTreeMap;
use std::ops::Range;

use codespan_reporting::files::{Error, Files};
use rayon::prelude::*;
use ruff_source_file::LineIndex;

use super::Report;
use super::clean::{clean, is_control};
use crate::scan;
use crate::source::{FileId, Location, Sources, Span};

/// The character that stands for a control character in shown source, so that columns hold.
const STAND_IN: char = '\u{FFFD}';

/// A place as reports give it: the line, and the column in code points, both from 1 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub row: usize,
    /// The column.
    pub column: usize,
}

/// One file's text as it is shown.
///
/// Each control character is replaced by one harmless character, so rows and columns are those of
/// the file, but offsets may be larger.
pub struct Page {
    name: String,
    text: String,
    starts: Vec<usize>,
    /// Offsets in the file behind which the shown text has grown, and by how much in all.
    growth: Vec<(usize, usize)>,
}

impl Page {
    /// A page of any text; `name` is cleaned.
    pub fn new(name: &str, text: &str) -> Page {
        let mut shown = String::with_capacity(text.len());
        let mut growth = Vec::new();
        let mut grown = 0;
        for (at, c) in text.char_indices() {
            if is_control(c) && !matches!(c, '\t' | '\n' | '\r') {
                shown.push(STAND_IN);
                grown += STAND_IN.len_utf8() - c.len_utf8();
                growth.push((at + c.len_utf8(), grown));
            } else {
                shown.push(c);
            }
        }
        let lines = LineIndex::from_source_text(&shown);
        let starts = lines.line_starts().iter().map(|start| start.to_usize()).collect();
        Page { name: clean(name).into_owned(), text: shown, starts, growth }
    }

    /// The cleaned name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The shown text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The range of the shown text for a span of the file, which may have changed meanwhile.
    pub fn range(&self, span: Span) -> Range<usize> {
        let start = self.offset(span.start as usize);
        start..self.offset(span.end as usize).max(start)
    }

    /// Where a span of the file starts and ends.
    pub fn positions(&self, span: Span) -> (Position, Position) {
        let range = self.range(span);
        (self.position(range.start), self.position(range.end))
    }

    fn offset(&self, offset: usize) -> usize {
        let before = self.growth.partition_point(|(at, _)| *at <= offset);
        let grown = before.checked_sub(1).map_or(0, |last| self.growth[last].1);
        let mut shown = (offset + grown).min(self.text.len());
        while !self.text.is_char_boundary(shown) {
            shown -= 1;
        }
        shown
    }

    fn line_of(&self, shown: usize) -> usize {
        self.starts.partition_point(|start| *start <= shown).saturating_sub(1)
    }

    fn position(&self, shown: usize) -> Position {
        let row = self.line_of(shown);
        let start = self.starts.get(row).copied().unwrap_or_default();
        Position { row: row + 1, column: self.text[start..shown].chars().count() + 1 }
    }

    fn line(&self, row: usize) -> Range<usize> {
        let end = self.starts.get(row + 1).copied().unwrap_or(self.text.len());
        self.starts.get(row).copied().unwrap_or(end)..end
    }
}

/// The pages of all files that a report names.
pub struct Pages {
    pages: BTreeMap<FileId, Page>,
}

impl Pages {
    /// Reads the files again that the findings of a report name.
    pub fn load(report: &Report<'_>) -> Pages {
        let places = report.findings.iter().flat_map(|finding| {
            finding.evidence.iter().map(|step| step.location).chain([finding.location])
        });
        Pages::of(report.sources, places)
    }

    /// Reads the files again in which these places are.
    pub fn of(sources: &Sources, places: impl IntoIterator<Item = Location>) -> Pages {
        let mut ids: Vec<FileId> = places.into_iter().map(|place| place.file).collect();
        ids.sort();
        ids.dedup();
        let page = |id: FileId| (id, Page::new(&sources.file(id).name, &text(sources, id)));
        Pages { pages: ids.into_par_iter().map(page).collect() }
    }

    /// The page of a file that a finding names.
    fn page(&self, id: FileId) -> Result<&Page, Error> {
        self.pages.get(&id).ok_or(Error::FileMissing)
    }

    /// A file's cleaned name.
    pub fn name_of(&self, id: FileId) -> &str {
        self.pages.get(&id).map_or("", |page| page.name.as_str())
    }

    /// A location as `path:line`.
    pub fn line_of(&self, location: Location) -> String {
        format!("{}:{}", self.name_of(location.file), self.positions(location).0.row)
    }

    /// Where a location starts and ends.
    pub fn positions(&self, location: Location) -> (Position, Position) {
        match self.pages.get(&location.file) {
            Some(page) => page.positions(location.span),
            None => (Position { row: 1, column: 1 }, Position { row: 1, column: 1 }),
        }
    }

    /// The range of a location in the shown text.
    pub fn range(&self, location: Location) -> Range<usize> {
        self.pages.get(&location.file).map_or(0..0, |page| page.range(location.span))
    }

    /// Whether a location's lines are short enough to be shown, and there are any.
    pub fn can_show(&self, location: Location, limit: usize) -> bool {
        self.pages.get(&location.file).is_some_and(|page| {
            let range = page.range(location.span);
            let rows = page.line_of(range.start)..=page.line_of(range.end);
            !page.text.is_empty() && rows.into_iter().all(|row| page.line(row).len() <= limit)
        })
    }
}

/// A file's text as the facts saw it; empty where it cannot be had any more.
fn text(sources: &Sources, id: FileId) -> String {
    scan::read_text(sources.file(id)).map_or_else(|_| String::new(), |decoded| decoded.text)
}

impl<'a> Files<'a> for Pages {
    type FileId = FileId;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: FileId) -> Result<&'a str, Error> {
        Ok(&self.page(id)?.name)
    }

    fn source(&'a self, id: FileId) -> Result<&'a str, Error> {
        Ok(&self.page(id)?.text)
    }

    fn line_index(&'a self, id: FileId, offset: usize) -> Result<usize, Error> {
        Ok(self.page(id)?.line_of(offset))
    }

    fn line_range(&'a self, id: FileId, line: usize) -> Result<Range<usize>, Error> {
        Ok(self.page(id)?.line(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, at: &str, row: usize, column: usize) {
        let page = Page::new("a.py", text);
        let start = text.find(at).expect("it is there") as u32;
        let range = page.range(Span { start, end: start + at.len() as u32 });
        assert_eq!(page.position(range.start), Position { row, column });
    }

    #[test]
    fn columns_count_code_points_from_one() {
        check("x = 1\n", "x", 1, 1);
        check("s = '🐍é'; flag\n", "flag", 1, 11);
    }

    #[test]
    fn control_characters_keep_rows_and_columns() {
        check("a\u{1b}\u{202e}b\r\n\u{9b}cd\n", "cd", 2, 2);
        check("a\u{c}\rb = 1\n", "b", 2, 1);
    }

    #[test]
    fn a_file_that_shrank_meanwhile_is_survived() {
        let page = Page::new("a.py", "é");
        assert_eq!(page.range(Span { start: 1, end: 900 }), 0..2);
    }
}
