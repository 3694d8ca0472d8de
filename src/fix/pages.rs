//! Files of the program, parsed for fixes: those that were asked for last are kept.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use ruff_python_ast::ModModule;
use ruff_python_parser::Parsed;

use super::page::Page;
use crate::source::FileId;

/// How many trees are kept.
const MOST: usize = 8;

/// The trees of files as they were analysed.
#[derive(Default)]
pub struct Pages {
    last: RefCell<VecDeque<(FileId, Rc<Parsed<ModModule>>)>>,
}

impl Pages {
    /// A file with the text that was analysed; `None` where it is no Python as a whole.
    pub fn of<'t>(&self, file: FileId, text: &'t str) -> Option<Page<'t>> {
        let mut last = self.last.borrow_mut();
        if let Some((_, parsed)) = last.iter().find(|(known, _)| *known == file) {
            return Some(Page::of(text, parsed.clone()));
        }
        let page = Page::parse(text)?;
        last.push_front((file, page.tree()));
        last.truncate(MOST);
        Some(page)
    }
}
