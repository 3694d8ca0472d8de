//! The lines that drop an entry for a row at hand.

use super::imports::Imports;
use super::naming;
use super::template::fill;
use crate::frameworks::Code;
use crate::graph::{
    Anchor, Argument, DropCall, Importable, KeyPart, LinksRecipe, Recipe, Step, WrittenRow,
};

/// What the written row is called in a receiver.
pub const INSTANCE: &str = "instance";

/// Writes the lines that drop entries, and collects what they import.
pub struct Drops<'d, 'p> {
    /// What new code looks like.
    pub code: &'d Code,
    /// The imports of the file that the lines go into.
    pub imports: &'d mut Imports<'p>,
    /// Imports that must stand in the function itself.
    pub local: Vec<String>,
    /// Whether what waits for the commit is a lambda rather than a partial.
    pub by_lambda: bool,
    /// The names that the function has already, which mean something else.
    pub taken: Vec<String>,
}

/// An argument of a call that drops.
pub struct Spelled {
    text: String,
    /// Whether it is as good when it is told later: it never changes, or is not told by a row.
    can_wait: bool,
}

/// Which of the two keys of a row that moves is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// That of the row as code has it.
    Now,
    /// That of the row as the database still has it.
    Before,
}

impl Drops<'_, '_> {
    /// The lines that drop the entry for the row called `instance`.
    pub fn for_row(
        &mut self,
        recipe: &Recipe,
        call: &DropCall,
        moment: Moment,
    ) -> Option<Vec<String>> {
        let Some(anchor) = recipe.anchor_of(call) else { return self.whole(call) };
        if moment == Moment::Before {
            let path = path_of_fields(anchor)?;
            let columns = columns_of(call)?;
            let names: Vec<String> = columns.iter().map(|column| joined(&path, column)).collect();
            let value = format!("{INSTANCE}.pk");
            let rows = self.query(&recipe.written, "pk", &value)?;
            return self.each_of(&rows, &names, &columns, call);
        }
        match fields_to(anchor) {
            Some(fields) => self.along(INSTANCE, &fields, call, false),
            None => {
                let rows = self.query(&anchor.row, &anchor.lookup, INSTANCE)?;
                self.each(&rows, call)
            }
        }
    }

    /// The lines that drop an entry of one key.
    fn whole(&mut self, call: &DropCall) -> Option<Vec<String>> {
        let arguments = self.arguments(call, &str::to_owned, None)?;
        self.drop(call, arguments, false)
    }

    /// The lines that drop the entry for links of the rows whose keys are in `pks`.
    pub fn for_links(&mut self, recipe: &LinksRecipe, call: &DropCall) -> Option<Vec<String>> {
        let Some(anchor) = recipe.recipe.anchor_of(call) else { return self.whole(call) };
        let is_by_key = |argument: &Argument| match argument {
            Argument::Column(column) => column == "pk",
            Argument::Key(parts) => parts.iter().all(|part| match part {
                KeyPart::Text(_) => true,
                KeyPart::Column(column) => column == "pk",
            }),
            Argument::Row => false,
            Argument::NewVersion | Argument::Forever(_) => true,
        };
        if anchor.steps.is_empty() && call.arguments.iter().all(is_by_key) {
            let name = |column: &str| column.to_owned();
            let arguments = self.arguments(call, &name, None)?;
            let mut lines = vec!["for pk in pks:".to_owned()];
            lines.extend(indented(self.drop(call, arguments, true)?));
            return Some(lines);
        }
        let lookup = match anchor.lookup.as_str() {
            "" => "pk__in".to_owned(),
            lookup => format!("{lookup}__in"),
        };
        let rows = self.query(&anchor.row, &lookup, "pks")?;
        self.each(&rows, call)
    }

    /// By fields of the row called `row`, from one row to the next.
    pub fn along(
        &mut self,
        row: &str,
        fields: &[(&str, bool)],
        call: &DropCall,
        in_loop: bool,
    ) -> Option<Vec<String>> {
        let mut holder = row.to_owned();
        let mut guards: Vec<String> = Vec::new();
        let by_key = columns_of(call).is_some_and(|columns| columns.iter().all(|it| it == "pk"));
        let (walked, last) = match fields.split_last() {
            Some(((field, _), before)) if by_key => (before, Some(*field)),
            _ => (fields, None),
        };
        for (field, is_nullable) in walked {
            holder = format!("{holder}.{field}");
            if *is_nullable {
                guards.push(format!("{holder} is not None"));
            }
        }
        let name = |column: &str| match last {
            Some(field) => format!("{holder}.{field}_id"),
            None => format!("{holder}.{column}"),
        };
        let arguments =
            self.arguments(call, &name, Some(holder.clone()).filter(|_| last.is_none()))?;
        let lines = self.drop(call, arguments, in_loop)?;
        Some(match guards.is_empty() {
            true => lines,
            false => {
                let mut guarded = vec![format!("if {}:", guards.join(" and "))];
                guarded.extend(indented(lines));
                guarded
            }
        })
    }

    /// A drop for each of the rows of a query.
    pub fn each(&mut self, rows: &str, call: &DropCall) -> Option<Vec<String>> {
        match columns_of(call) {
            Some(columns) => self.each_of(rows, &columns.clone(), &columns, call),
            None => {
                let row = self.free("row");
                let name = |column: &str| format!("{row}.{column}");
                let arguments = self.arguments(call, &name, Some(row.clone()))?;
                let mut lines = vec![format!("for {row} in {rows}:")];
                lines.extend(indented(self.drop(call, arguments, true)?));
                Some(lines)
            }
        }
    }

    /// A drop for each of the values that the expression `values` gives for the columns.
    pub fn each_value(
        &mut self,
        values: &str,
        columns: &[String],
        call: &DropCall,
    ) -> Option<Vec<String>> {
        let names: Vec<String> = columns.iter().map(|column| self.free(column)).collect();
        let mut lines = vec![format!("for {} in {values}:", names.join(", "))];
        let name = |column: &str| {
            let at = columns.iter().position(|known| known == column);
            at.and_then(|at| names.get(at)).cloned().unwrap_or_default()
        };
        let arguments = self.arguments(call, &name, None)?;
        lines.extend(indented(self.drop(call, arguments, true)?));
        Some(lines)
    }

    /// A name for a variable of a loop, which must not change what the function has by that name.
    fn free(&self, name: &str) -> String {
        let is_taken = |name: &str| self.taken.iter().any(|taken| taken == name);
        match is_taken(name) {
            true => naming::unused(&format!("changed_{name}"), is_taken),
            false => name.to_owned(),
        }
    }

    /// A drop for each row that the expression `rows` gives.
    pub fn each_row(
        &mut self,
        rows: &str,
        recipe: &Recipe,
        call: &DropCall,
    ) -> Option<Vec<String>> {
        let fields = recipe.anchor.as_ref().map(fields_to)??;
        let row = self.free("row");
        let mut lines = vec![format!("for {row} in {rows}:")];
        lines.extend(indented(self.along(&row, &fields, call, true)?));
        Some(lines)
    }

    /// A drop for the columns `names` of each row of a query; `columns` is what the call knows them by.
    fn each_of(
        &mut self,
        rows: &str,
        names: &[String],
        columns: &[String],
        call: &DropCall,
    ) -> Option<Vec<String>> {
        let listed = listed(self.code, names);
        self.each_value(&format!("{rows}{listed}"), columns, call)
    }

    /// A query of the rows of a model.
    pub fn query(&mut self, row: &WrittenRow, lookup: &str, value: &str) -> Option<String> {
        let rows = self.name(&row.class)?;
        let manager = &row.manager;
        Some(fill(
            &self.code.templates.query,
            &[("rows", &rows), ("manager", manager), ("lookup", lookup), ("value", value)],
        ))
    }

    /// How the lines spell something.
    pub fn name(&mut self, what: &Importable) -> Option<String> {
        let (spelled, import) = self.imports.spell_inside(what)?;
        if let Some(line) = import
            && !self.local.contains(&line)
        {
            self.local.push(line);
        }
        Some(spelled)
    }

    pub fn arguments(
        &mut self,
        call: &DropCall,
        name: &dyn Fn(&str) -> String,
        row: Option<String>,
    ) -> Option<Vec<Spelled>> {
        let mut argument = |argument: &Argument| {
            let (text, can_wait) = match argument {
                Argument::Column(column) => (name(column), false),
                Argument::Row => (row.clone()?, false),
                Argument::Key(parts) => {
                    let has_holes = parts.iter().any(|part| matches!(part, KeyPart::Column(_)));
                    (key(parts, name), !has_holes)
                }
                Argument::NewVersion => {
                    (format!("{}()", self.imports.spell(&self.code.new_version)?), true)
                }
                Argument::Forever(param) => (format!("{param}=None"), true),
            };
            Some(Spelled { text, can_wait })
        };
        call.arguments.iter().map(&mut argument).collect()
    }

    /// The lines of one drop; in a loop its arguments are variables of that.
    pub fn drop(
        &mut self,
        call: &DropCall,
        arguments: Vec<Spelled>,
        in_loop: bool,
    ) -> Option<Vec<String>> {
        let callee = self.name(&call.callee)?;
        let texts: Vec<&str> = arguments.iter().map(|argument| argument.text.as_str()).collect();
        let listed = texts.join(", ");
        if call.is_deferred {
            return Some(vec![format!("{callee}({listed})")]);
        }
        let on_commit = self.imports.spell(&self.code.on_commit)?;
        if arguments.is_empty() {
            return Some(vec![format!("{on_commit}({callee})")]);
        }
        if !self.by_lambda {
            let partial = self.imports.spell(&self.code.partial)?;
            return Some(vec![format!("{on_commit}({partial}({callee}, {listed}))")]);
        }
        let mut lines = Vec::new();
        let mut bound: Vec<String> = Vec::new();
        let mut kept: Vec<String> = Vec::new();
        for Spelled { text: argument, can_wait } in arguments {
            if can_wait {
                bound.push(argument);
                continue;
            }
            let is_name = argument.chars().all(|c| c.is_alphanumeric() || c == '_');
            if is_name {
                kept.push(argument.clone());
                bound.push(argument);
                continue;
            }
            let is_path = argument.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
            let name = match argument.rsplit('.').next().filter(|_| is_path) {
                Some(name) => name.to_owned(),
                None => "key".to_owned(),
            };
            lines.push(format!("{name} = {argument}"));
            kept.push(name.clone());
            bound.push(name);
        }
        kept.retain(|name| in_loop && name != INSTANCE);
        let kept: Vec<String> = kept.iter().map(|name| format!("{name}={name}")).collect();
        let head = match kept.is_empty() {
            true => "lambda".to_owned(),
            false => format!("lambda {}", kept.join(", ")),
        };
        lines.push(format!("{on_commit}({head}: {callee}({}))", bound.join(", ")));
        Some(lines)
    }
}

/// What a query says to give no more than these columns.
pub fn listed(code: &Code, names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let template = match names.len() {
        1 => &code.templates.columns,
        _ => &code.templates.several_columns,
    };
    fill(template, &[("columns", &quoted.join(", "))])
}

/// The columns that the arguments of a call are made of, each once; `None` where it is given a row.
pub fn columns_of(call: &DropCall) -> Option<Vec<String>> {
    let mut columns: Vec<String> = Vec::new();
    for argument in &call.arguments {
        match argument {
            Argument::Row => return None,
            Argument::NewVersion | Argument::Forever(_) => {}
            Argument::Column(column) => columns.push(column.clone()),
            Argument::Key(parts) => columns.extend(parts.iter().filter_map(|part| match part {
                KeyPart::Column(column) => Some(column.clone()),
                KeyPart::Text(_) => None,
            })),
        }
    }
    let mut seen: Vec<String> = Vec::new();
    for column in columns {
        if !seen.contains(&column) {
            seen.push(column);
        }
    }
    Some(seen).filter(|seen| !seen.is_empty())
}

/// The lines one step further in.
pub fn indented(lines: Vec<String>) -> impl Iterator<Item = String> {
    lines.into_iter().map(|line| format!("    {line}"))
}

/// The fields from a row to its anchor, where each leads to one row, and whether to none at times.
pub fn fields_to(anchor: &Anchor) -> Option<Vec<(&str, bool)>> {
    let field = |step: &'_ Step| match step {
        Step::One { is_nullable, .. } => Some(*is_nullable),
        Step::Many { .. } => None,
    };
    let nullable: Vec<bool> = anchor.steps.iter().map(field).collect::<Option<_>>()?;
    let names = anchor.steps.iter().filter_map(|step| match step {
        Step::One { field, .. } => Some(field.as_str()),
        Step::Many { .. } => None,
    });
    Some(names.zip(nullable).collect())
}

/// The fields from a row to its anchor, where each leads to one row.
fn path_of_fields(anchor: &Anchor) -> Option<Vec<String>> {
    let field = |step: &Step| match step {
        Step::One { field, .. } => Some(field.clone()),
        Step::Many { .. } => None,
    };
    anchor.steps.iter().map(field).collect()
}

/// A column at the end of some relations, as a query names it.
fn joined(path: &[String], column: &str) -> String {
    match (path.split_last(), column) {
        (None, column) => column.to_owned(),
        (Some((last, before)), "pk") => {
            let parts: Vec<&str> = before.iter().map(String::as_str).collect();
            let key = format!("{last}_id");
            parts.into_iter().chain([key.as_str()]).collect::<Vec<_>>().join("__")
        }
        (Some(_), column) => format!("{}__{column}", path.join("__")),
    }
}

/// A key as a string, with what fills its holes.
fn key(parts: &[KeyPart], name: &dyn Fn(&str) -> String) -> String {
    let has_holes = parts.iter().any(|part| matches!(part, KeyPart::Column(_)));
    let text = |text: &str| {
        let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        if has_holes { text.replace('{', "{{").replace('}', "}}") } else { text }
    };
    let inside: String = parts
        .iter()
        .map(|part| match part {
            KeyPart::Text(known) => text(known),
            KeyPart::Column(column) => format!("{{{}}}", name(column)),
        })
        .collect();
    format!("{}\"{inside}\"", if has_holes { "f" } else { "" })
}
