//! Drops an entry behind a write, as the program does it behind another one.

use super::super::draft::Draft;
use super::super::page::Change;
use super::super::{Applicability, Planner, Step};
use super::format;
use super::moves::{code_moves, is_copied, moves, names_behind};
use super::page::{Function, RustPage, expression};
use super::paths::{Named, moved};
use crate::graph::Example;
use crate::source::{FileId, Location};

impl Planner<'_> {
    /// Drops an entry behind each of some writes in one file, as one of the examples does.
    pub(super) fn drop_like(
        &self,
        draft: &mut Draft<'_>,
        writes: &[(Location, &[Example])],
        attempt: usize,
    ) -> Option<Step> {
        let file = writes.first()?.0.file;
        if writes.iter().any(|(write, _)| write.file != file) {
            return None;
        }
        let text = draft.untouched_text(file)?;
        let page = RustPage::parse(&text)?;
        let mut changes: Vec<Change> = Vec::new();
        for (write, examples) in writes {
            let mut ways =
                examples.iter().filter_map(|example| self.behind(draft, &page, *write, example));
            let change = ways.nth(attempt)?;
            if !changes.contains(&change) {
                changes.push(change);
            }
        }
        draft.change(file, changes)?;
        let message = "drops the entry after the write".to_owned();
        Some(Step { applicability: Applicability::Unsafe, message })
    }

    fn behind(
        &self,
        draft: &Draft<'_>,
        page: &RustPage<'_>,
        write: Location,
        example: &Example,
    ) -> Option<Change> {
        let shown_text = draft.original(example.drop.file)?;
        let shown_page = RustPage::parse(&shown_text)?;
        let shown = shown_page.function_at(example.function)?;
        let drop = shown_page.statement_in(shown.body, example.drop)?;
        if drop.is_inside {
            return None;
        }
        expression(drop.stmt)?;
        let said = shown_page.slice(drop.stmt);
        if !said.ends_with(';') {
            return None;
        }
        let named = Named::of(said.parse().ok()?);
        let found = page.function_round(write)?;
        let target = page.statement_in(found.body, write)?;
        if target.is_inside
            || named.has_blocks
            || !may_stand_in(page, &found, &shown_page, &shown, &named)
        {
            return None;
        }
        let shown_write = match example.write {
            Some(place) => {
                let stmt = shown_page.statement_in(shown.body, place)?.stmt;
                Named::of(shown_page.slice(stmt).parse().ok()?)
            }
            None => Named::default(),
        };
        let written = Named::of(page.slice(target.stmt).parse().ok()?);
        for name in &named.variables {
            let is_bound = match name.as_str() {
                "self" => same_block(page, &found, &shown_page, &shown),
                name => {
                    let of = param(page, &found, name);
                    of.is_some() && of == param(&shown_page, &shown, name)
                }
            };
            // What tells the row in one write is to tell it in the other.
            let tells_row = name != "self" && shown_write.variables.contains(name);
            if !is_bound || tells_row && !written.variables.contains(name) {
                return None;
            }
        }
        let from = self.module_of(example.drop.file, &shown.modules)?;
        let to = self.module_of(write.file, &found.modules)?;
        let said = moved(said, &named, &example.paths, &from, &to)?;
        let last = last_write(page, &target)?;
        let before = page.range(last).end;
        let shown_before = shown_page.range(drop.stmt).start;
        for name in named.variables.iter().filter(|name| *name != "self") {
            let ty = param(page, &found, name)?;
            // It is moved and used in the code that shows how, too.
            let is_copied = is_copied(ty) || moves(&shown_page, &shown, name, shown_before);
            let is_gone = moves(page, &found, name, before)
                || code_moves(&said, name) && names_behind(page, &found, name, before);
            if is_gone && !is_copied {
                return None;
            }
        }
        placed(page, &found, last, &said)
    }

    /// The path of a module in a file.
    fn module_of(&self, file: FileId, inside: &[String]) -> Option<String> {
        let mut path = self.graph.layout.rust_modules.get(&file)?.clone();
        for name in inside {
            path.push_str("::");
            path.push_str(name);
        }
        Some(path)
    }
}

/// Whether a function may do what a statement of another one does: it can wait, and fail alike.
fn may_stand_in(
    page: &RustPage<'_>,
    found: &Function<'_>,
    shown_page: &RustPage<'_>,
    shown: &Function<'_>,
    named: &Named,
) -> bool {
    let waits = !named.awaits || found.head.asyncness.is_some();
    let returns = |page: &RustPage<'_>, function: &Function<'_>| match &function.head.output {
        syn::ReturnType::Default => String::new(),
        syn::ReturnType::Type(_, ty) => error_of(page.slice(&**ty)).to_owned(),
    };
    waits && (!named.may_return || returns(page, found) == returns(shown_page, shown))
}

/// What a type of results says of the error.
fn error_of(ty: &str) -> &str {
    match (ty.find('<'), ty.rfind(',')) {
        (Some(open), Some(comma)) if open < comma => ty[comma + 1..].trim(),
        // The error of an alias is always the same.
        (Some(open), None) => &ty[..open],
        _ => ty,
    }
}

/// Whether two functions are methods of the same type.
fn same_block(
    page: &RustPage<'_>,
    found: &Function<'_>,
    shown_page: &RustPage<'_>,
    shown: &Function<'_>,
) -> bool {
    let takes_self = |function: &Function<'_>| function.head.receiver().is_some();
    match (found.block, shown.block) {
        (Some(one), Some(two)) => {
            takes_self(found)
                && takes_self(shown)
                && page.slice(&*one.self_ty) == shown_page.slice(&*two.self_ty)
        }
        _ => false,
    }
}

/// The type of a parameter of a function.
fn param<'t>(page: &RustPage<'t>, function: &Function<'_>, name: &str) -> Option<&'t str> {
    function.head.inputs.iter().find_map(|input| match input {
        syn::FnArg::Typed(typed) => {
            let pat = page.slice(&*typed.pat).trim_start_matches("mut ");
            (pat == name).then(|| page.slice(&*typed.ty))
        }
        syn::FnArg::Receiver(_) => None,
    })
}

/// The statement behind which a write is done: the end of its transaction, where it has one.
fn last_write<'p>(
    page: &RustPage<'_>,
    target: &super::page::Statement<'p>,
) -> Option<&'p syn::Stmt> {
    let stmts = &target.block.stmts;
    let at = stmts.iter().position(|stmt| page.range(stmt) == page.range(target.stmt))?;
    let commits = |stmt: &&syn::Stmt| page.slice(*stmt).contains(".commit()");
    Some(stmts[at..].iter().rfind(commits).unwrap_or(target.stmt))
}

/// The change that puts a drop behind a statement.
fn placed(
    page: &RustPage<'_>,
    function: &Function<'_>,
    last: &syn::Stmt,
    drop: &str,
) -> Option<Change> {
    let range = page.range(last);
    let indent = page.indent_of(range.start)?;
    let lines = format::statement(drop, indent)?;
    let newline = page.newline();
    let said = page.slice(last);
    if said.ends_with(';') {
        let rest = page.text[range.end..].lines().next().unwrap_or_default();
        let is_alone = rest.trim().is_empty() || rest.trim_start().starts_with("//");
        let end = range.end + is_alone.then_some(rest.len())?;
        return Some(Change::insert(end, format!("{newline}{}", lines.join(newline))));
    }
    // What the function returns is computed first.
    let is_last = function.body.stmts.last().is_some_and(|it| page.range(it) == range);
    let syn::Stmt::Expr(_, None) = last else { return None };
    if !is_last || said.contains('\n') || page.has_word("written") {
        return None;
    }
    let content =
        format!("let written = {said};{newline}{}{newline}{indent}written", lines.join(newline));
    Some(Change { start: range.start, end: range.end, content })
}
