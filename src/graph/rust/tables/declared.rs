//! Tables that macros declare, that structs name, and that SQL texts read or write.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::super::attributes::{attributes, derives};
use super::super::crates::ModuleId;
use super::super::program::{Program, Target};
use super::super::types::ty_of;
use super::{Table, TableId, add, class_ids, fields};
use crate::facts::{ExprId, ExprKind, StmtKind};
use crate::frameworks::{Part, last_segment};
use crate::graph::holes::Place;
use crate::graph::ids::ClassId;
use crate::graph::sql;
use crate::source::{FileId, Location, Role};

/// Tables that macros declare: `users (id) { id -> Int4, ... }`.
pub fn find_declared(program: &mut Program<'_>, by_name: &mut BTreeMap<String, TableId>) {
    for item in program.crates.macros.clone() {
        let file = program.crates.module(item.module).file;
        let facts = program.file(file);
        let StmtKind::Expr(call) = facts.stmt(item.stmt).kind else { continue };
        let ExprKind::Call { func, args } = facts.expr(call).kind else { continue };
        let Some(path) = program.path(file, func) else { continue };
        let last = last_segment(path);
        if !program.frameworks.declares_table(last) {
            continue;
        }
        let [arg] = facts.args(args) else { continue };
        let ExprKind::Str(text) = facts.expr(arg.value).kind else { continue };
        let Some(declared) = declared_table(facts.name(text)) else { continue };
        let place = Place {
            name: format!("{}::{}", program.crates.module(item.module).path, declared.0),
            location: Location { file, span: facts.expr(func).span },
        };
        let table = Table {
            name: declared.0.to_lowercase(),
            class: None,
            place,
            key: declared.2.into(),
            columns: declared.1.into_iter().map(Into::into).collect(),
            references: Vec::new(),
            links: Vec::new(),
        };
        let id = add(program, by_name, table);
        program.generate(item.module, declared.0, Target::Generated(id, Part::Entity));
    }
}

/// The name, the columns and the primary key of a table that a macro declares.
fn declared_table(text: &str) -> Option<(&str, Vec<&str>, &str)> {
    let (head, body) = text.split_once('{')?;
    // Imports and attributes may stand before the name.
    let head = head.rsplit([';', ']']).next()?.trim();
    let (name, key) = head.split_once('(').unwrap_or((head, "id"));
    let key = key.trim_end().trim_end_matches(')').split(',').next()?.trim();
    let name = name.rsplit('.').next()?.trim();
    let columns = body.split("->").map(|piece| piece.trim_end());
    let columns = columns
        .filter_map(|piece| piece.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next());
    let mut columns: Vec<&str> = columns.filter(|column| !column.is_empty()).collect();
    // Behind the last arrow stands a type.
    columns.truncate(body.matches("->").count());
    (!name.is_empty()).then_some((name, columns, key))
}

/// Structs that name the table of their rows.
pub fn find_attributed(program: &mut Program<'_>, by_name: &BTreeMap<String, TableId>) {
    for class in class_ids(program) {
        let all = attributes(program, class.file, &program.class(class).decorators);
        let named = all.iter().find_map(|attribute| {
            let argument = program.frameworks.table_argument(attribute.path)?;
            attribute.path_of(program, class.file, argument)
        });
        let Some(named) = named else { continue };
        let last = last_segment(named).to_lowercase();
        let Some(&table) = by_name.get(&last) else { continue };
        program.table_of_class.insert(class, table);
        // Rows are read into the first struct that is no list of values for a write.
        let reads =
            derives(program, class).iter().any(|derive| program.frameworks.derives_row(derive));
        let place = program.class_place(class);
        let known = &mut program.tables[table.0 as usize];
        if reads && known.class.is_none() {
            known.class = Some(class);
            known.place = place;
        }
    }
}

/// Tables that SQL texts read or write.
pub fn find_in_sql(program: &mut Program<'_>, by_name: &mut BTreeMap<String, TableId>) {
    let mut rows: Vec<(ClassId, String)> = Vec::new();
    // What the call names itself goes before.
    let mut inferred: Vec<(ClassId, String)> = Vec::new();
    let mut named: BTreeMap<String, Location> = BTreeMap::new();
    for at in 0..program.facts.len() as u32 {
        let file = FileId(at);
        if program.role(file) != Role::Production {
            continue;
        }
        let facts = program.file(file);
        if let Some(module) = program.crates.first_module_of(file) {
            inferred.extend(super::read_into::find(program, file, module));
        }
        for expr in &facts.exprs {
            match expr.kind {
                ExprKind::Str(text) => {
                    for table in sql::tables(facts.name(text)) {
                        let location = Location { file, span: expr.span };
                        named.entry(table).or_insert(location);
                    }
                }
                ExprKind::Call { func, args } => {
                    let Some(path) = program.path(file, func) else { continue };
                    let Some(module) = program.crates.first_module_of(file) else { continue };
                    let is_included = path.ends_with('!') && program.frameworks.includes_text(path);
                    if !is_included && !super::super::calls::takes_sql(program, module, path) {
                        continue;
                    }
                    let by = program.outside_macro(module, path);
                    let told = |value: ExprId| {
                        let text = program.told_text(module, file, value)?;
                        let of_file =
                            by.as_ref().and_then(|by| program.text_of_file(file, by, &text));
                        Some(of_file.map_or(text, |text| Cow::Owned(text.to_string())))
                    };
                    let mut texts = facts.args(args).iter().filter_map(|arg| told(arg.value));
                    let Some(text) = texts.next() else { continue };
                    if by.is_some() {
                        let location = Location { file, span: expr.span };
                        for table in sql::tables(&text) {
                            named.entry(table).or_insert(location);
                        }
                    }
                    let Some(table) = sql::read_tables(&text).into_iter().next() else { continue };
                    if let Some(class) = row_type(
                        program,
                        module,
                        file,
                        func,
                        facts.args(args).first().map(|arg| arg.value),
                    ) {
                        rows.push((class, table));
                    }
                }
                _ => {}
            }
        }
    }
    for (name, location) in named {
        if !by_name.contains_key(&name) {
            let place = Place { name: name.clone(), location };
            let key = "id".into();
            let (columns, references, links) = (Vec::new(), Vec::new(), Vec::new());
            let table = Table { name, class: None, place, key, columns, references, links };
            add(program, by_name, table);
        }
    }
    for (class, table) in rows.into_iter().chain(inferred) {
        let Some(&table) = by_name.get(&table) else { continue };
        program.table_of_class.entry(class).or_insert(table);
        let place = program.class_place(class);
        let columns = fields(program, class).into_iter().map(|(name, _)| name).collect();
        let known = &mut program.tables[table.0 as usize];
        if known.class.is_none() {
            known.class = Some(class);
            known.place = place;
            known.columns = columns;
        }
    }
}

/// The struct that a query reads rows into: its first argument, or the last of its generic arguments.
pub fn row_type(
    program: &Program<'_>,
    module: ModuleId,
    file: FileId,
    func: ExprId,
    first: Option<ExprId>,
) -> Option<ClassId> {
    let facts = program.file(file);
    let last_generic = match facts.expr(func).kind {
        ExprKind::Subscript { index, .. } => match facts.expr(index).kind {
            ExprKind::Sequence(items) => facts.list(items).last().copied(),
            _ => Some(index),
        },
        _ => None,
    };
    let candidates = [last_generic, first];
    candidates
        .into_iter()
        .flatten()
        .find_map(|expr| ty_of(program, module, None, file, expr).class())
}
