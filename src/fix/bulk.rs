//! Drops an entry behind a write that sends no signals.

use ruff_python_ast::{Expr, ExprCall, Stmt};
use ruff_text_size::Ranged;

use super::draft::Draft;
use super::drops::{Drops, columns_of, listed};
use super::imports::Imports;
use super::page::{Change, Page};
use super::statements::Nested;
use super::wrap::wrap;
use super::{Applicability, Planner, Step};
use crate::graph::{self, DropCall, Recipe};
use crate::rules::WritePath;
use crate::source::Location;

/// A write without signals, as far as its text goes.
struct Write<'p> {
    call: &'p ExprCall,
    /// What its method is called on.
    rows: &'p str,
    /// The name of its method.
    method: &'p str,
}

/// New code around a write.
#[derive(Default)]
struct Around {
    before: Vec<String>,
    after: Vec<String>,
    /// The rows that the write is given, by the name they have got.
    given: Option<(usize, usize, String)>,
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
        let text = draft.untouched_text(place.file)?;
        let page = Page::parse(&text)?;
        let nested = page.statement_at(place.span.start as usize)?;
        let write = write_in(&page, &nested, place)?;
        let function = nested.function().filter(|function| !function.is_async)?;
        let inside = page.slice(function);
        let mut imports = Imports::of(&page, &self.graph.layout, place.file, self.line_length);
        let by_lambda = text.contains("on_commit(lambda") && !text.contains("partial(");
        let mut drops = Drops { code, imports: &mut imports, local: Vec::new(), by_lambda };
        let mut around = Around::default();
        for recipe in recipes {
            let call = recipe.calls.get(attempt.min(recipe.calls.len().checked_sub(1)?))?;
            around.add(&page, &mut drops, &write, path, recipe, call, inside)?;
        }
        let local = std::mem::take(&mut drops.local);
        let (start, end) =
            (nested.stmt.range().start().to_usize(), nested.stmt.range().end().to_usize());
        let indent = page.indent_of(start)?;
        if !page.ends_line(end) {
            return None;
        }
        let newline = page.style.newline;
        let lines = |lines: &[String]| -> String {
            let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
            let rendered = page.style.render(&wrap(
                &text,
                self.line_length.saturating_sub(indent.len()),
                "    ",
            ));
            rendered.split_inclusive(newline).map(|line| format!("{indent}{line}")).collect()
        };
        let mut changes = imports.changes()?;
        let before: Vec<String> = local.into_iter().chain(around.before).collect();
        changes.push(Change::insert(page.line_start(start), lines(&before)));
        if let Some((start, end, name)) = around.given {
            changes.push(Change { start, end, content: name });
        }
        let mut after = around.after;
        if let Stmt::Return(_) = nested.stmt {
            let name = unused(inside, "written");
            let keyword = start..start + "return".len();
            changes.push(Change {
                start: keyword.start,
                end: keyword.end,
                content: format!("{name} ="),
            });
            after.push(format!("return {name}"));
        }
        let at = page.next_line(end);
        let lead = if page.text[..at].ends_with('\n') { "" } else { newline };
        changes.push(Change::insert(at, format!("{lead}{}", lines(&after))));
        changes.retain(|change| change.start != change.end || !change.content.is_empty());
        draft.change(place.file, changes)?;
        let message = format!("drops the entry behind `{}()`", write.method);
        Some(Step { applicability: Applicability::Unsafe, message })
    }
}

/// The write at a place, where it is all that its statement does.
fn write_in<'p>(page: &Page<'p>, nested: &Nested<'p>, place: Location) -> Option<Write<'p>>
where
{
    let value: &Expr = match nested.stmt {
        Stmt::Expr(stmt) => &stmt.value,
        Stmt::Assign(stmt) => &stmt.value,
        Stmt::Return(stmt) => stmt.value.as_deref()?,
        _ => return None,
    };
    let Expr::Call(call) = value else { return None };
    let range = call.range();
    if range.start().to_u32() != place.span.start || range.end().to_u32() != place.span.end {
        return None;
    }
    let Expr::Attribute(attribute) = &*call.func else { return None };
    let rows = page.slice(&*attribute.value);
    let method = page.slice(&attribute.attr);
    // Code over several lines is not repeated.
    (!rows.contains(['\n', '#'])).then_some(Write { call, rows, method })
}

impl Around {
    /// Adds what drops one entry.
    #[allow(clippy::too_many_arguments, reason = "what is known of one write")]
    fn add(
        &mut self,
        page: &Page<'_>,
        drops: &mut Drops<'_, '_>,
        write: &Write<'_>,
        path: WritePath,
        recipe: &Recipe,
        call: &DropCall,
        inside: &str,
    ) -> Option<()> {
        let Some(anchor) = &recipe.anchor else {
            self.then(drops.for_row(recipe, call, super::drops::Moment::Now)?);
            return Some(());
        };
        let fields: Vec<&str> = anchor
            .steps
            .iter()
            .filter_map(|step| match step {
                graph::Step::One { field, .. } => Some(field.as_str()),
                graph::Step::Many { .. } => None,
            })
            .collect();
        let columns = columns_of(call)?;
        let leads_on = fields.len() < anchor.steps.len();
        let keyed: Vec<String> = columns.iter().map(|column| key_column(&fields, column)).collect();
        match path {
            WritePath::QuerysetUpdate | WritePath::BulkDelete => {
                // The key that a row has behind an update of it.
                let mut moved: Option<String> = None;
                for keyword in &write.call.arguments.keywords {
                    let name = keyword.arg.as_ref()?.as_str();
                    let sets = |key: &String| key == name || key.strip_suffix("_id") == Some(name);
                    if leads_on || !keyed.iter().any(sets) {
                        continue;
                    }
                    let value = page.slice(&keyword.value);
                    let is_plain = matches!(keyword.value, Expr::Name(_) | Expr::Attribute(_));
                    if !is_plain || keyed != [name] {
                        return None;
                    }
                    moved = Some(value.to_owned());
                }
                let rows = match leads_on {
                    false => write.rows.to_owned(),
                    true => {
                        let lookup = format!("{}__in", anchor.lookup);
                        drops.query(&anchor.row, &lookup, &all_of(write.rows))?
                    }
                };
                let found = if leads_on { columns.clone() } else { keyed };
                let name = self.unused(inside, "changed");
                let selected = listed(drops.code, &found);
                self.before.push(format!("{name} = list({rows}{selected})"));
                let over = match moved {
                    Some(value) => format!("{{*{name}, {value}}}"),
                    None => name,
                };
                self.then(drops.each_value(&over, &columns, call)?);
            }
            WritePath::BulkCreate | WritePath::BulkUpdate if !leads_on => {
                let given = write.call.arguments.args.first()?;
                if path == WritePath::BulkUpdate && self.moves(page, write, &keyed) {
                    return None;
                }
                let name = self.rows_given(page, write.call, given, inside)?;
                let lines = drops.each_row(&name, recipe, call)?;
                self.then(lines);
            }
            // The rows that are led to are as many before the write as behind it.
            WritePath::BulkUpdate => {
                let given = write.call.arguments.args.first()?;
                let name = self.rows_given(page, write.call, given, inside)?;
                let rows = drops.query(&anchor.row, &format!("{}__in", anchor.lookup), &name)?;
                self.then(drops.each(&rows, call)?);
            }
            WritePath::RelatedManager if !leads_on => {
                self.related(page, drops, write, &keyed, &columns, call, inside)?;
            }
            _ => return None,
        }
        Some(())
    }

    /// Whether a bulk update names a column of the key, or cannot be told not to.
    fn moves(&self, page: &Page<'_>, write: &Write<'_>, keyed: &[String]) -> bool {
        let arguments = &write.call.arguments;
        let fields = arguments.find_keyword("fields").map(|keyword| &keyword.value);
        let Some(Expr::List(list)) = fields.or(arguments.args.get(1)) else { return true };
        list.elts.iter().any(|name| {
            let name = page.slice(name).trim_matches(['"', '\'']);
            keyed.iter().any(|key| key == name || key.strip_suffix("_id") == Some(name))
        })
    }

    /// A name for the rows that a write is given, which can be gone through twice.
    fn rows_given(
        &mut self,
        page: &Page<'_>,
        call: &ExprCall,
        given: &Expr,
        inside: &str,
    ) -> Option<String> {
        let arguments = call.arguments.range().to_std_range();
        // The only argument takes the line breaks around it along.
        let place = match call.arguments.len() {
            1 => arguments.start + 1..arguments.end - 1,
            _ => given.range().to_std_range(),
        };
        let text = page.slice(given);
        if let Some((.., name)) = &self.given {
            return Some(name.clone());
        }
        match given {
            Expr::Name(_) => {
                let is_list = inside.contains(&format!("{text} = ["));
                if !is_list {
                    self.before.push(format!("{text} = list({text})"));
                }
                Some(text.to_owned())
            }
            _ if text.contains(['\n', '#']) => None,
            Expr::List(_) | Expr::ListComp(_) => {
                let name = self.unused(inside, "rows");
                self.before.push(format!("{name} = {text}"));
                self.given = Some((place.start, place.end, name.clone()));
                Some(name)
            }
            _ => {
                let name = self.unused(inside, "rows");
                self.before.push(format!("{name} = list({text})"));
                self.given = Some((place.start, place.end, name.clone()));
                Some(name)
            }
        }
    }

    /// Rows that the far side of a foreign key gets or loses.
    #[allow(clippy::too_many_arguments, reason = "what is known of one write")]
    fn related(
        &mut self,
        page: &Page<'_>,
        drops: &mut Drops<'_, '_>,
        write: &Write<'_>,
        keyed: &[String],
        columns: &[String],
        call: &DropCall,
        inside: &str,
    ) -> Option<()> {
        let [key] = keyed else { return None };
        let (owner, _) = write.rows.rsplit_once('.')?;
        let arguments = &write.call.arguments;
        let listed_args: Vec<&str> = arguments.args.iter().map(|it| page.slice(it)).collect();
        if listed_args.iter().any(|text| text.contains(['\n', '#'])) {
            return None;
        }
        let there = format!("{}.all()", write.rows);
        let given = format!("[{}]", listed_args.join(", "));
        let rows = match (write.method, listed_args.as_slice()) {
            ("add" | "remove", [_, ..]) => given,
            ("clear", []) => there,
            ("set", [one]) => format!("[*{there}, *{one}]"),
            _ => return None,
        };
        let name = self.unused(inside, "changed");
        let path = key.replace("__", ".");
        self.before.push(format!("{name} = [row.{path} for row in {rows}]"));
        // The row that they come to, where it is what the key tells.
        let over = match key.split_once("__") {
            None if key.ends_with("_id") => format!("{{*{name}, {owner}.pk}}"),
            None => name,
            Some((_, column)) if !column.contains("__") => {
                format!("{{*{name}, {owner}.{column}}}")
            }
            Some(_) => return None,
        };
        self.then(drops.each_value(&over, columns, call)?);
        Some(())
    }

    fn then(&mut self, lines: Vec<String>) {
        if !self.after.ends_with(&lines) {
            self.after.extend(lines);
        }
    }

    /// The name, or one like it that neither the function nor the new code has.
    fn unused(&self, inside: &str, name: &str) -> String {
        let before = self.before.join("\n");
        unused(&format!("{inside}\n{before}"), name)
    }
}

/// The column of a row that is the last one on the way along `fields`, as a query of its rows names it.
fn key_column(fields: &[&str], column: &str) -> String {
    match (fields.split_last(), column) {
        (None, column) => column.to_owned(),
        (Some((last, [])), "pk") => format!("{last}_id"),
        (Some((last, before)), "pk") => format!("{}__{last}_id", before.join("__")),
        (Some(_), column) => format!("{}__{column}", fields.join("__")),
    }
}

/// A queryset, where what is given may be a manager.
fn all_of(rows: &str) -> String {
    if rows.ends_with(')') { rows.to_owned() } else { format!("{rows}.all()") }
}

fn unused(inside: &str, name: &str) -> String {
    let has = |name: &str| {
        inside.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == name)
    };
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !has(name)).unwrap_or_else(|| name.to_owned())
}
