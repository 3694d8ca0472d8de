//! Drops an entry behind a write that stands in a function: finds the write, and puts lines around it.

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, ExprCall, Stmt, StmtFunctionDef};
use ruff_text_size::Ranged;
use rustc_hash::{FxHashMap, FxHashSet};

use super::draft::Draft;
use super::drops::Drops;
use super::imports::Imports;
use super::naming::{self, words};
use super::page::{Change, Page};
use super::statements::Nested;
use super::wrap::wrap;
use super::{Applicability, Planner, Step};
use crate::frameworks::{Frameworks, ModelMethod, QuerySetMethod};
use crate::graph::Recipe;
use crate::rules::WritePath;
use crate::source::Location;

/// A write, as far as its text goes.
pub struct Write<'p> {
    /// The call.
    pub call: &'p ExprCall,
    /// What its method is called on.
    pub rows: &'p str,
    /// The name of its method.
    pub method: &'p str,
    /// What it does.
    pub kind: Kind,
    /// What its statement does with what it returns.
    pub result: Returned<'p>,
}

/// What a write does, and to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It changes or deletes the rows of a queryset.
    Rows,
    /// It inserts rows that it is given.
    New,
    /// It changes rows that it is given.
    Given,
    /// It edits the far side of a foreign key.
    Related,
    /// It makes a row from its arguments.
    Made {
        /// Whether it may find and change one instead.
        or_changed: bool,
    },
    /// It saves the row that it is called on.
    Saved,
    /// It deletes the row that it is called on.
    Deleted,
}

/// What becomes of what a write returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned<'p> {
    /// Nothing.
    Lost,
    /// It gets this name.
    Named(&'p str),
    /// It is the first of what is unpacked, and gets this name.
    First(&'p str),
    /// Something else.
    Used,
}

/// New code around a write.
#[derive(Default)]
pub struct Around {
    /// The function that it stands in.
    pub inside: String,
    /// The words of the function and of the lines before the write.
    taken: FxHashSet<String>,
    /// What is computed before the write, with the name that it has got.
    computed: FxHashMap<String, String>,
    /// The lines before it.
    before: Vec<String>,
    /// The lines behind it.
    after: Vec<String>,
    /// The rows that the write is given, by the name they have got.
    pub given: Option<(usize, usize, String)>,
    /// The name that what it returns has got.
    pub result: Option<String>,
}

impl Planner<'_> {
    /// Drops the entries of `recipes` behind the write at `place`.
    pub(super) fn drop_after(
        &self,
        draft: &mut Draft<'_>,
        place: Location,
        path: WritePath,
        recipes: &[&Recipe],
        attempt: usize,
    ) -> Option<Step> {
        let code = self.code?;
        let text = draft.original(place.file)?;
        let page = self.pages.of(place.file, &text)?;
        let nested = page.statement_at(place.span.start as usize)?;
        let write = write_in(self.frameworks, &page, &nested, place, path)?;
        let function = nested.function().filter(|function| !function.is_async)?;
        let mut imports = Imports::of(&page, &self.graph.layout, place.file, self.line_length);
        let by_lambda = text.contains("on_commit(lambda") && !text.contains("partial(");
        let (local, taken) = (Vec::new(), names_in(function));
        let mut drops = Drops { code, imports: &mut imports, local, by_lambda, taken };
        let mut around = Around::within(page.slice(function));
        for recipe in recipes {
            let call = recipe.calls.get(attempt.min(recipe.calls.len().checked_sub(1)?))?;
            around.add(&page, &mut drops, &write, recipe, call)?;
        }
        let local = std::mem::take(&mut drops.local);
        let mut changes = imports.changes()?;
        changes.extend(self.placed(&page, &nested, local, around)?);
        draft.change_original(place.file, changes)?;
        let message = format!("drops the entry behind `{}()`", write.method);
        Some(Step { applicability: Applicability::Unsafe, message })
    }

    /// The changes that put lines around a statement.
    fn placed(
        &self,
        page: &Page<'_>,
        nested: &Nested<'_>,
        local: Vec<String>,
        around: Around,
    ) -> Option<Vec<Change>> {
        let range = nested.stmt.range().to_std_range();
        let indent = page.indent_of(range.start)?;
        let newline = page.style.newline;
        let lines = |lines: &[String]| -> String {
            let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
            let limit = self.line_length.saturating_sub(indent.len());
            let rendered = page.style.render(&wrap(&text, limit, "    "));
            rendered.split_inclusive(newline).map(|line| format!("{indent}{line}")).collect()
        };
        let mut changes = Vec::new();
        let name = around.unused("written");
        let before: Vec<String> = local.into_iter().chain(around.before).collect();
        let mut head = lines(&before);
        let mut after = around.after;
        if let Stmt::If(branch) = nested.stmt {
            // What is asked for is written first, so that its entry is dropped in each branch.
            if around.given.is_some() || around.result.is_some() {
                return None;
            }
            let test = branch.test.range().to_std_range();
            let asked = &page.text[test.clone()];
            let asked = if asked.contains('\n') { format!("({asked})") } else { asked.to_owned() };
            head.push_str(&format!("{indent}{name} = {asked}{newline}{}", lines(&after)));
            changes.push(Change { start: test.start, end: test.end, content: name });
        } else {
            if !page.ends_line(range.end) {
                return None;
            }
            match (nested.stmt, around.result) {
                (Stmt::Return(_), _) => {
                    let end = range.start + "return".len();
                    let content = format!("{name} =");
                    changes.push(Change { start: range.start, end, content });
                    after.push(format!("return {name}"));
                }
                (_, Some(result)) => {
                    changes.push(Change::insert(range.start, format!("{result} = ")));
                }
                _ => {}
            }
            let at = page.next_line(range.end);
            let lead = if page.text[..at].ends_with('\n') { "" } else { newline };
            changes.push(Change::insert(at, format!("{lead}{}", lines(&after))));
        }
        if let Some((start, end, name)) = around.given {
            changes.push(Change { start, end, content: name });
        }
        changes.push(Change::insert(page.line_start(range.start), head));
        changes.retain(|change| change.start != change.end || !change.content.is_empty());
        Some(changes)
    }
}

impl Around {
    /// No code yet around a write that stands in a function with this text.
    fn within(function: &str) -> Around {
        let taken = words(function).map(|(_, word)| word.to_owned()).collect();
        let inside = function.to_owned();
        Around { inside, taken, ..Around::default() }
    }

    /// The name, or one like it that neither the function nor the new code has.
    pub fn unused(&self, name: &str) -> String {
        naming::unused(name, |name| self.taken.contains(name))
    }

    /// Computes something before the write. Returns the name that it has there already, else `name` or one
    /// like it.
    pub fn compute(&mut self, name: &str, value: String) -> String {
        if let Some(known) = self.computed.get(&value) {
            return known.clone();
        }
        let name = self.unused(name);
        self.first(format!("{name} = {value}"));
        self.computed.insert(value, name.clone());
        name
    }

    /// Adds a line before the write, unless it stands there.
    pub fn first(&mut self, line: String) {
        if !self.before.contains(&line) {
            self.taken.extend(words(&line).map(|(_, word)| word.to_owned()));
            self.before.push(line);
        }
    }

    /// Adds lines behind the write, but not those that stand there. What is done for the same values as by
    /// the lines before is done along with that.
    pub fn then(&mut self, lines: Vec<String>) {
        if self.after.ends_with(&lines) {
            return;
        }
        let last = self.after.iter().rfind(|line| !line.starts_with(' '));
        let goes_on = |first: &&String| first.starts_with("for ") && last == Some(*first);
        let known = usize::from(lines.first().filter(goes_on).is_some());
        self.after.extend(lines.into_iter().skip(known));
    }
}

/// The write at a place, where its statement makes it once and unasked.
fn write_in<'p>(
    frameworks: &Frameworks,
    page: &'p Page<'p>,
    nested: &Nested<'p>,
    place: Location,
    path: WritePath,
) -> Option<Write<'p>> {
    let value: &Expr = match nested.stmt {
        Stmt::Expr(stmt) => &stmt.value,
        Stmt::Assign(stmt) => &stmt.value,
        Stmt::AnnAssign(stmt) => stmt.value.as_deref()?,
        Stmt::AugAssign(stmt) => &stmt.value,
        Stmt::Return(stmt) => stmt.value.as_deref()?,
        Stmt::If(stmt) => &stmt.test,
        _ => return None,
    };
    let mut seek = Seek { place, found: None };
    seek.visit_expr(value);
    let call = seek.found?;
    let Expr::Attribute(attribute) = &*call.func else { return None };
    let rows = page.slice(&*attribute.value);
    let method = page.slice(&attribute.attr);
    let is_all = value.range() == call.range();
    let named = |target: &'p Expr| target.is_name_expr().then(|| page.slice(target));
    let result = match nested.stmt {
        Stmt::Expr(_) if is_all => Returned::Lost,
        Stmt::Assign(stmt) if is_all => match stmt.targets.as_slice() {
            [Expr::Tuple(pair)] => {
                pair.elts.first().and_then(named).map_or(Returned::Used, Returned::First)
            }
            [target] => named(target).map_or(Returned::Used, Returned::Named),
            _ => Returned::Used,
        },
        _ => Returned::Used,
    };
    let kind = kind_of(frameworks, path, method)?;
    // Code over several lines is not repeated.
    (!rows.contains(['\n', '#'])).then_some(Write { call, rows, method, kind, result })
}

/// What a method does that writes in this way.
fn kind_of(frameworks: &Frameworks, path: WritePath, method: &str) -> Option<Kind> {
    let of_rows = frameworks.queryset_method(method);
    match path {
        WritePath::QuerysetUpdate | WritePath::BulkDelete | WritePath::QuerysetDelete => {
            Some(Kind::Rows)
        }
        WritePath::BulkCreate => Some(Kind::New),
        WritePath::BulkUpdate => Some(Kind::Given),
        WritePath::RelatedManager => Some(Kind::Related),
        WritePath::ThroughWrite => match of_rows? {
            QuerySetMethod::Creates => Some(Kind::Made { or_changed: false }),
            QuerySetMethod::BulkCreates => Some(Kind::New),
            QuerySetMethod::BulkUpdates => Some(Kind::Given),
            QuerySetMethod::Deletes | QuerySetMethod::RawDeletes | QuerySetMethod::Updates => {
                Some(Kind::Rows)
            }
            _ => None,
        },
        WritePath::Create | WritePath::Update | WritePath::Delete => {
            match (frameworks.model_method(method), of_rows) {
                (Some(ModelMethod::Saves), _) => Some(Kind::Saved),
                (Some(ModelMethod::Deletes), _) if path == WritePath::Delete => Some(Kind::Deleted),
                (_, Some(QuerySetMethod::Creates)) => Some(Kind::Made { or_changed: false }),
                (_, Some(QuerySetMethod::CreatesOrUpdates)) => {
                    Some(Kind::Made { or_changed: true })
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// Looks for the call at a place, but not where it is made later, or more than once.
struct Seek<'p> {
    place: Location,
    found: Option<&'p ExprCall>,
}

impl<'p> Visitor<'p> for Seek<'p> {
    fn visit_expr(&mut self, expr: &'p Expr) {
        let range = expr.range();
        let (start, end) = (self.place.span.start, self.place.span.end);
        match expr {
            Expr::Call(call) if range.start().to_u32() == start && range.end().to_u32() == end => {
                self.found = Some(call);
            }
            Expr::Lambda(_)
            | Expr::ListComp(_)
            | Expr::SetComp(_)
            | Expr::DictComp(_)
            | Expr::Generator(_)
            | Expr::Await(_) => {}
            _ => walk_expr(self, expr),
        }
    }
}

/// The names that the code of a function uses by themselves, its parameters among them.
fn names_in(function: &StmtFunctionDef) -> Vec<String> {
    let mut names = Names(Vec::new());
    let parameters = function.parameters.iter().map(|it| it.name().to_string());
    names.0.extend(parameters);
    names.visit_body(&function.body);
    names.0
}

struct Names(Vec<String>);

impl<'p> Visitor<'p> for Names {
    fn visit_expr(&mut self, expr: &'p Expr) {
        if let Expr::Name(name) = expr {
            self.0.push(name.id.to_string());
        }
        walk_expr(self, expr);
    }
}
