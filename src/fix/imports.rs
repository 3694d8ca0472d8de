//! The imports of a file: what names it has already, and where new ones go.

use ruff_python_ast::{Alias, Stmt, StmtImportFrom};
use ruff_text_size::Ranged;

use super::page::{Change, Page};
use crate::frameworks::Imported;
use crate::graph::{Importable, Layout};
use crate::source::FileId;

/// Modules of the standard library that Django projects import; others count as installed.
const STANDARD: &str = "abc argparse array ast asyncio base64 bisect builtins calendar collections \
    concurrent contextlib contextvars copy csv ctypes dataclasses datetime decimal difflib email enum errno \
    fnmatch fractions functools gc getpass glob gzip hashlib heapq hmac html http importlib inspect io \
    ipaddress itertools json locale logging math mimetypes multiprocessing numbers operator os pathlib pickle \
    pkgutil platform pprint queue random re secrets shlex shutil signal smtplib socket sqlite3 ssl statistics \
    string struct subprocess sys tarfile tempfile textwrap threading time timeit traceback types typing \
    unicodedata unittest urllib uuid warnings weakref xml zipfile zlib zoneinfo";

/// The imports of a file, with those that new code needs.
pub struct Imports<'p> {
    page: &'p Page<'p>,
    layout: &'p Layout,
    /// The file; a new one has none.
    file: Option<FileId>,
    /// The dotted names of its module and of the package that is in.
    module: String,
    package: String,
    line_length: usize,
    /// New names by module, in the order they were asked for.
    wanted: Vec<(String, String)>,
    /// Names that nothing uses any more.
    forgotten: Vec<String>,
}

impl<'p> Imports<'p> {
    /// The imports of a file of the program.
    pub fn of(page: &'p Page<'p>, layout: &'p Layout, file: FileId, line_length: usize) -> Self {
        let own = layout.module(file);
        let (module, package) = (own.name.clone(), own.package.clone());
        Imports {
            page,
            layout,
            file: Some(file),
            module,
            package,
            line_length,
            wanted: Vec::new(),
            forgotten: Vec::new(),
        }
    }

    /// The imports of a new module of a package.
    pub fn of_new(
        page: &'p Page<'p>,
        layout: &'p Layout,
        package: &str,
        name: &str,
        line_length: usize,
    ) -> Self {
        let module = format!("{package}.{name}").trim_start_matches('.').to_owned();
        let package = package.to_owned();
        Imports {
            page,
            layout,
            file: None,
            module,
            package,
            line_length,
            wanted: Vec::new(),
            forgotten: Vec::new(),
        }
    }

    /// How code at the top of the file spells something of a framework; imports it where needed.
    pub fn spell(&mut self, what: &Imported) -> Option<String> {
        let (name, rest) = what.name.split_at(what.name.find('.').unwrap_or(what.name.len()));
        Some(format!("{}{rest}", self.name(&what.from, name)?))
    }

    /// How code at the top of the file spells something; `None` where its import would go in a circle.
    pub fn spell_at_top(&mut self, what: &Importable) -> Option<String> {
        if let Some(known) = self.known(&what.module, &what.name) {
            return Some(format!("{known}{}", what.rest));
        }
        if self.goes_in_a_circle(what) || self.comes_too_early(what) {
            return None;
        }
        Some(format!("{}{}", self.name(&what.module, &what.name)?, what.rest))
    }

    /// How code in a function spells something, and the line that imports it there where it must be.
    pub fn spell_inside(&mut self, what: &Importable) -> Option<(String, Option<String>)> {
        match self.spell_at_top(what) {
            Some(spelled) => Some((spelled, None)),
            None => {
                let line =
                    format!("from {} import {}", self.spelled_module(&what.module), what.name);
                Some((format!("{}{}", what.name, what.rest), Some(line)))
            }
        }
    }

    /// Whether the module of something imports this file when it is imported.
    fn goes_in_a_circle(&self, what: &Importable) -> bool {
        match (self.file, what.location) {
            (Some(own), Some(place)) => place.file != own && self.layout.imports(place.file, own),
            _ => false,
        }
    }

    /// Whether this file is imported before there are models, which the module of something may import.
    fn comes_too_early(&self, what: &Importable) -> bool {
        let is_early = |file: FileId| self.layout.module(file).is_early;
        self.file.is_some_and(is_early) && what.location.is_some_and(|place| !is_early(place.file))
    }

    /// A name of a module; imported where it is not known yet. `None` where the name means something else.
    fn name(&mut self, module: &str, name: &str) -> Option<String> {
        if let Some(known) = self.known(module, name) {
            return Some(known);
        }
        let is_wanted = self.wanted.iter().any(|(_, known)| known == name);
        if is_wanted || self.binds(name) {
            return None;
        }
        self.wanted.push((module.to_owned(), name.to_owned()));
        Some(name.to_owned())
    }

    /// Takes an import away that nothing uses any more.
    pub fn forget(&mut self, name: &str) {
        self.forgotten.push(name.to_owned());
    }

    /// Whether an import is one of those.
    fn is_forgotten(&self, alias: &Alias) -> bool {
        self.forgotten.iter().any(|name| name == bound_by(alias))
    }

    /// The statements of which nothing is left, and those with names that are not wanted any more.
    fn forgetting(&self, merged: &[&StmtImportFrom]) -> Option<Vec<Change>> {
        let mut changes = Vec::new();
        for stmt in self.top_imports() {
            let Stmt::ImportFrom(import) = stmt else { continue };
            let is_merged = merged.iter().any(|other| other.range() == import.range());
            if is_merged || !import.names.iter().any(|alias| self.is_forgotten(alias)) {
                continue;
            }
            let (start, end) = (import.range().start().to_usize(), import.range().end().to_usize());
            if import.names.iter().all(|alias| self.is_forgotten(alias)) {
                let start = self.page.indent_of(start).map(|_| self.page.line_start(start))?;
                let end = self.page.ends_line(end).then(|| self.page.next_line(end))?;
                changes.push(Change { start, end, content: String::new() });
            } else {
                changes.extend(self.merge(import, &[]));
            }
        }
        Some(changes)
    }

    /// How the file spells a name of a module already.
    fn known(&self, module: &str, name: &str) -> Option<String> {
        if module == self.module {
            return Some(name.to_owned());
        }
        let is = |(from, known): &(String, String)| from == module && known == name;
        if self.wanted.iter().any(is) {
            return Some(name.to_owned());
        }
        self.page.body().iter().find_map(|stmt| match stmt {
            Stmt::ImportFrom(import) => {
                let from = self.absolute(import)?;
                import.names.iter().find_map(|alias| {
                    let member = alias.name.as_str();
                    let bound = alias.asname.as_ref().map_or(member, |name| name.as_str());
                    // A package that hands on what its modules define.
                    let hands_on =
                        module.strip_prefix(&*from).is_some_and(|it| it.starts_with('.'));
                    if member == name && (from == module || hands_on) {
                        Some(bound.to_owned())
                    } else if format!("{from}.{member}") == module {
                        Some(format!("{bound}.{name}"))
                    } else {
                        None
                    }
                })
            }
            Stmt::Import(import) => import.names.iter().find_map(|alias| {
                let bound = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                (alias.name.as_str() == module).then(|| format!("{bound}.{name}"))
            }),
            _ => None,
        })
    }

    /// The dotted name of the module that a statement imports from.
    fn absolute(&self, import: &StmtImportFrom) -> Option<String> {
        let module = import.module.as_ref().map_or("", |module| module.as_str());
        let Some(up) = import.level.checked_sub(1) else { return Some(module.to_owned()) };
        let mut package = self.package.as_str();
        for _ in 0..up {
            package = package.rsplit_once('.')?.0;
        }
        Some(format!("{package}.{module}").trim_matches('.').to_owned())
    }

    /// Whether the top of the file binds a name.
    fn binds(&self, name: &str) -> bool {
        self.page.body().iter().any(|stmt| match stmt {
            Stmt::FunctionDef(function) => function.name.as_str() == name,
            Stmt::ClassDef(class) => class.name.as_str() == name,
            Stmt::ImportFrom(import) => import.names.iter().any(|alias| bound_by(alias) == name),
            Stmt::Import(import) => import.names.iter().any(|alias| bound_by(alias) == name),
            Stmt::Assign(assign) => {
                assign.targets.iter().any(|target| self.page.slice(target) == name)
            }
            Stmt::AnnAssign(assign) => self.page.slice(&*assign.target) == name,
            _ => false,
        })
    }

    /// The changes that import what was asked for.
    pub fn changes(&self) -> Option<Vec<Change>> {
        let mut modules: Vec<&str> = self.wanted.iter().map(|(module, _)| &**module).collect();
        modules.sort_unstable();
        modules.dedup();
        let mut changes = Vec::new();
        let mut lines: Vec<(usize, Key, String)> = Vec::new();
        let mut merged: Vec<&StmtImportFrom> = Vec::new();
        for module in modules {
            let of_module = self.wanted.iter().filter(|(from, _)| from == module);
            let mut names: Vec<&str> = of_module.map(|(_, name)| &**name).collect();
            names.sort_by_key(|name| order(name));
            let existing = self.top_imports().find_map(|stmt| match stmt {
                Stmt::ImportFrom(import) => {
                    let plain = import.names.iter().all(|alias| alias.name.as_str() != "*");
                    (plain && self.absolute(import).as_deref() == Some(module)).then_some(import)
                }
                _ => None,
            });
            match existing {
                Some(import) => {
                    changes.extend(self.merge(import, &names));
                    merged.push(import);
                }
                None => {
                    let spelled = self.spelled_module(module);
                    let line = self.statement(&format!("from {spelled} import"), &names);
                    lines.push((0, self.key(&spelled, true), line));
                }
            }
        }
        changes.extend(self.insert(lines)?);
        changes.extend(self.forgetting(&merged)?);
        Some(changes)
    }

    /// A module as this file's other imports spell their own.
    fn spelled_module(&self, module: &str) -> String {
        let is_own = !self.package.is_empty()
            && module.strip_prefix(&self.package).is_some_and(|rest| rest.starts_with('.'));
        let relative = self.page.body().iter().any(|stmt| match stmt {
            Stmt::ImportFrom(import) => import.level > 0,
            _ => false,
        });
        let rest = module.get(self.package.len()..).unwrap_or_default();
        match is_own && relative && !rest[1..].contains('.') {
            true => rest.to_owned(),
            false => module.to_owned(),
        }
    }

    /// The statements that import at the top, before any other code.
    fn top_imports(&self) -> impl Iterator<Item = &'p Stmt> {
        let body = self.page.body();
        let is_docstring =
            |stmt: &Stmt| matches!(stmt, Stmt::Expr(it) if it.value.is_string_literal_expr());
        let skipped = usize::from(body.first().is_some_and(is_docstring));
        let is_import = |stmt: &&Stmt| matches!(stmt, Stmt::Import(_) | Stmt::ImportFrom(_));
        body[skipped..].iter().take_while(is_import)
    }

    /// New names in a statement that imports from their module.
    fn merge(&self, import: &StmtImportFrom, names: &[&str]) -> Vec<Change> {
        let text = self.page.slice(import);
        let kept = import.names.iter().filter(|alias| !self.is_forgotten(alias));
        let old: Vec<&str> = kept.map(|alias| self.page.slice(alias)).collect();
        let is_sorted = old.is_sorted_by_key(|name| order(name));
        let mut all: Vec<&str> = old.clone();
        all.extend(names);
        if is_sorted {
            all.sort_by_cached_key(|name| order(name));
        }
        let start = import.range().start().to_usize();
        let end = import.range().end().to_usize();
        let head = text.split(" import").next().unwrap_or(text);
        if !text.contains('\n') && !text.contains('#') {
            let content = match text.ends_with(')') {
                true => {
                    let one = format!("{head} import ({})", all.join(", "));
                    let fits = one.chars().count() <= self.line_length;
                    if fits { one } else { self.statement(&format!("{head} import"), &all) }
                }
                false => self.statement(&format!("{head} import"), &all),
            };
            return vec![Change { start, end, content }];
        }
        // A list over several lines, perhaps with comments, is left as it is but for the new names.
        let newline = self.page.style.newline;
        let mut changes = Vec::new();
        for name in names {
            let own = order(name);
            let is_behind = |alias: &&Alias| is_sorted && order(self.page.slice(*alias)) > own;
            let behind = import.names.iter().find(is_behind);
            let alias = behind.or(import.names.last());
            let Some(alias) = alias else { continue };
            let at = alias.range().start().to_usize();
            let separator = match self.page.indent_of(at) {
                Some(indent) => format!(",{newline}{indent}"),
                None => ", ".to_owned(),
            };
            changes.push(match behind {
                Some(_) => Change::insert(at, format!("{name}{separator}")),
                None => {
                    Change::insert(alias.range().end().to_usize(), format!("{separator}{name}"))
                }
            });
        }
        changes
    }

    /// `from module import names`, in brackets where that is too long for one line.
    fn statement(&self, head: &str, names: &[&str]) -> String {
        let one = format!("{head} {}", names.join(", "));
        if one.chars().count() <= self.line_length {
            return one;
        }
        let (newline, unit) = (self.page.style.newline, self.page.style.unit);
        let listed: String = names.iter().map(|name| format!("{unit}{name},{newline}")).collect();
        format!("{head} ({newline}{listed})")
    }

    /// New statements, each among those of its kind.
    fn insert(&self, mut lines: Vec<(usize, Key, String)>) -> Option<Vec<Change>> {
        let newline = self.page.style.newline;
        lines.sort_by(|a, b| a.1.cmp(&b.1));
        let known: Vec<(Key, &Stmt)> =
            self.top_imports().filter_map(|stmt| Some((self.key_of(stmt)?, stmt))).collect();
        if known.is_empty() {
            return self.insert_first(lines);
        }
        let parted = |pair: &[(Key, &Stmt)]| {
            let between = pair[0].1.range().end().to_usize()..pair[1].1.range().start().to_usize();
            self.page.text[between].matches('\n').count() > 1
        };
        let differ = |pair: &&[(Key, &Stmt)]| pair[0].0.section != pair[1].0.section;
        let is_parted = known.windows(2).filter(differ).all(parted);
        let blank = if is_parted { newline } else { "" };
        let mut changes: Vec<Change> = Vec::new();
        let mut sections: Vec<(usize, u8)> = Vec::new();
        for (_, key, line) in lines {
            let next = known.iter().position(|(other, _)| *other > key);
            let previous = next.map_or(known.len(), |next| next).checked_sub(1);
            let in_section =
                |at: Option<usize>| at.is_some_and(|at| known[at].0.section == key.section);
            let before = |at: usize| {
                let start = known[at].1.range().start().to_usize();
                self.page.indent_of(start).map(|_| self.page.line_start(start))
            };
            let after = |at: usize| {
                let end = known[at].1.range().end().to_usize();
                self.page.ends_line(end).then(|| self.page.next_line(end))
            };
            let (at, text) = match (previous, next) {
                (Some(previous), _) if in_section(Some(previous)) => {
                    (after(previous)?, format!("{line}{newline}"))
                }
                (_, Some(next)) if in_section(Some(next)) => {
                    (before(next)?, format!("{line}{newline}"))
                }
                (_, Some(next)) => {
                    let at = before(next)?;
                    (at, format!("{line}{newline}{blank}"))
                }
                (Some(previous), None) => {
                    let at = after(previous)?;
                    let is_same = sections.contains(&(at, key.section));
                    let blank = if is_same { "" } else { blank };
                    (at, format!("{blank}{line}{newline}"))
                }
                (None, None) => return None,
            };
            sections.push((at, key.section));
            // Lines for one place in the order of their modules; one blank line for a section.
            let follows = sections.iter().rev().nth(1) == Some(&(at, key.section));
            match changes.iter_mut().find(|change| change.start == at) {
                Some(change)
                    if follows
                        && text.ends_with(&format!("{newline}{blank}"))
                        && !blank.is_empty() =>
                {
                    let shared = change.content.trim_end_matches(newline).to_owned();
                    change.content = format!("{shared}{newline}{text}");
                }
                Some(change) => change.content.push_str(&text),
                None => changes.push(Change::insert(at, text)),
            }
        }
        // The last line of a file may have no end.
        for change in &mut changes {
            if change.start == self.page.text.len() && !self.page.text.ends_with('\n') {
                change.content = format!("{newline}{}", change.content.trim_end_matches(newline));
            }
        }
        Some(changes)
    }

    /// New statements in a file that imports nothing at the top.
    fn insert_first(&self, lines: Vec<(usize, Key, String)>) -> Option<Vec<Change>> {
        if lines.is_empty() {
            return Some(Vec::new());
        }
        let newline = self.page.style.newline;
        let mut text = String::new();
        let mut section = None;
        for (_, key, line) in lines {
            if section.is_some_and(|known| known != key.section) {
                text.push_str(newline);
            }
            section = Some(key.section);
            text.push_str(&line);
            text.push_str(newline);
        }
        let body = self.page.body();
        let docstring = body
            .first()
            .filter(|stmt| matches!(stmt, Stmt::Expr(it) if it.value.is_string_literal_expr()));
        Some(match (docstring, body.first()) {
            (Some(docstring), _) => {
                let end = docstring.range().end().to_usize();
                let at = self.page.ends_line(end).then(|| self.page.next_line(end))?;
                vec![Change::insert(at, format!("{newline}{text}"))]
            }
            (None, Some(first)) => {
                let at = self.page.line_start(first.range().start().to_usize());
                vec![Change::insert(at, format!("{text}{newline}{newline}"))]
            }
            (None, None) => vec![Change::insert(self.page.text.len(), text)],
        })
    }

    fn key_of(&self, stmt: &Stmt) -> Option<Key> {
        match stmt {
            Stmt::Import(import) => Some(self.key(import.names.first()?.name.as_str(), false)),
            Stmt::ImportFrom(import) => {
                let dots = ".".repeat(import.level as usize);
                let module = import.module.as_ref().map_or("", |module| module.as_str());
                Some(self.key(&format!("{dots}{module}"), true))
            }
            _ => None,
        }
    }

    /// Where an import goes, as import sorters have it.
    fn key(&self, module: &str, is_from: bool) -> Key {
        let top = module.split('.').next().unwrap_or_default();
        let section = match top {
            "" => 4,
            "__future__" => 0,
            top if STANDARD.split_whitespace().any(|known| known == top) => 1,
            top if self.layout.is_own(top) => 3,
            _ => 2,
        };
        Key { section, is_from, module: module.to_lowercase() }
    }
}

/// The place of an import among others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    section: u8,
    is_from: bool,
    module: String,
}

fn bound_by(alias: &Alias) -> &str {
    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
    name.split('.').next().unwrap_or(name)
}

/// Constants come before classes, and these before all else; case does not matter among them.
fn order(name: &str) -> (u8, String) {
    let kind = match name.chars().next() {
        Some(first) if first.is_uppercase() => u8::from(name.chars().any(char::is_lowercase)),
        _ => 2,
    };
    (kind, name.to_lowercase())
}
