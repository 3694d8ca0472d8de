//! The lines around a write that changes many rows with one statement, or those on the far side of a relation.

use ruff_python_ast::{Expr, ExprCall};
use ruff_text_size::Ranged;

use super::behind::{Around, Kind, Write};
use super::drops::{Drops, Moment, columns_of, listed};
use super::page::Page;
use crate::graph::{self, DropCall, Recipe};

impl Around {
    /// Adds what drops one entry.
    pub(super) fn add(
        &mut self,
        page: &Page<'_>,
        drops: &mut Drops<'_, '_>,
        write: &Write<'_>,
        recipe: &Recipe,
        call: &DropCall,
    ) -> Option<()> {
        let Some(anchor) = recipe.anchor_of(call) else {
            self.then(drops.for_row(recipe, call, Moment::Now)?);
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
        let columns = columns_of(call).unwrap_or_default();
        let leads_on = fields.len() < anchor.steps.len();
        let keyed: Vec<String> = columns.iter().map(|column| key_column(&fields, column)).collect();
        match write.kind {
            Kind::Made { .. } => self.made(page, drops, write, &keyed, recipe, call)?,
            Kind::Saved => self.saved(drops, write, &keyed, recipe, call)?,
            _ if columns.is_empty() => return None,
            Kind::Deleted => self.deleted(drops, write, &keyed, recipe, call)?,
            Kind::Rows => {
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
                let selected = listed(drops.code, &found);
                let name = self.compute("changed", format!("list({rows}{selected})"));
                let over = match moved {
                    Some(value) => format!("{{*{name}, {value}}}"),
                    None => name,
                };
                self.then(drops.each_value(&over, &columns, call)?);
            }
            Kind::New | Kind::Given if !leads_on => {
                let given = write.call.arguments.args.first()?;
                if write.kind == Kind::Given && self.moves(page, write, &keyed) {
                    return None;
                }
                let name = self.rows_given(page, write.call, given)?;
                let lines = drops.each_row(&name, recipe, call)?;
                self.then(lines);
            }
            // The rows that are led to are as many before the write as behind it.
            Kind::Given => {
                let given = write.call.arguments.args.first()?;
                let name = self.rows_given(page, write.call, given)?;
                let rows = drops.query(&anchor.row, &format!("{}__in", anchor.lookup), &name)?;
                self.then(drops.each(&rows, call)?);
            }
            Kind::Related if !leads_on => {
                self.related(page, drops, write, &keyed, &columns, call)?;
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
    fn rows_given(&mut self, page: &Page<'_>, call: &ExprCall, given: &Expr) -> Option<String> {
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
                let is_list = self.inside.contains(&format!("{text} = ["));
                if !is_list {
                    self.first(format!("{text} = list({text})"));
                }
                Some(text.to_owned())
            }
            _ if text.contains(['\n', '#']) => None,
            Expr::List(_) | Expr::ListComp(_) => {
                let name = self.compute("rows", text.to_owned());
                self.given = Some((place.start, place.end, name.clone()));
                Some(name)
            }
            _ => {
                let name = self.compute("rows", format!("list({text})"));
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
        let path = key.replace("__", ".");
        let name = self.compute("changed", format!("[row.{path} for row in {rows}]"));
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
