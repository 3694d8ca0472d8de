//! The tables of the program: entities of an ORM, tables that macros declare, and tables that SQL texts
//! name; with the structs of their rows and the foreign keys between them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::attributes::{Attribute, attributes, derives};
use super::crates::ModuleId;
use super::program::{Program, Target};
use super::schema::{Action, foreign_keys};
use super::types::{Head, ty_of};
use crate::facts::{ClassKind, ExprId, ExprKind, StmtKind};
use crate::frameworks::{Entity, Part, last_segment};
use crate::graph::holes::Place;
use crate::graph::ids::ClassId;
use crate::graph::sql;
use crate::source::{FileId, Location, Role, Schema};

/// A table; an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableId(pub u32);

/// A table with what its rows are in the program.
#[derive(Debug)]
pub struct Table {
    /// Its name in the database, in lower case.
    pub name: String,
    /// The struct of its rows.
    pub class: Option<ClassId>,
    /// Where reports place it: the struct, else where its name is first spelled.
    pub place: Place,
    /// Its primary key.
    pub key: Arc<str>,
    /// Its columns, as far as they are declared.
    pub columns: Vec<Arc<str>>,
    /// Its foreign keys, as far as they are declared.
    pub references: Vec<Reference>,
}

/// A foreign key.
#[derive(Debug, Clone)]
pub struct Reference {
    /// The table it points to.
    pub target: TableId,
    /// Where it is declared.
    pub place: Place,
    /// Whether the database changes or deletes the row by itself when what it points to is deleted.
    pub is_silent: bool,
    /// The column that it sets then, where it is known to do no more.
    pub sets: Option<Arc<str>>,
}

/// Finds the tables of a program.
pub fn find(program: &mut Program<'_>, schemas: &[Schema]) {
    let mut by_name: BTreeMap<String, TableId> = BTreeMap::new();
    find_entities(program, &mut by_name);
    find_declared(program, &mut by_name);
    find_attributed(program, &by_name);
    find_in_sql(program, &mut by_name);
    find_references(program);
    find_foreign_keys(program, &by_name, schemas);
}

fn class_ids(program: &Program<'_>) -> Vec<ClassId> {
    let files = (0..program.facts.len() as u32).map(FileId);
    files
        .filter(|file| program.role(*file) == Role::Production)
        .flat_map(|file| {
            let count = program.file(file).classes.len() as u32;
            (0..count).map(move |ix| ClassId { file, ix: crate::facts::ClassIx(ix) })
        })
        .filter(|id| {
            program.crates.is_linked(id.file) && program.crates.module_of_class(*id).is_some()
        })
        .collect()
}

/// The fields of a struct, or the variants of an enum, with where each is named.
pub fn fields(program: &Program<'_>, class: ClassId) -> Vec<(Arc<str>, Location)> {
    let facts = program.file(class.file);
    let stmts = facts.block(program.class(class).body).iter();
    let fields = stmts.filter_map(|stmt| match facts.stmt(*stmt).kind {
        StmtKind::Assign { target, .. } => match facts.expr(target).kind {
            ExprKind::Name(name) => {
                let span = facts.expr(target).span;
                Some((facts.name(name).into(), Location { file: class.file, span }))
            }
            _ => None,
        },
        _ => None,
    });
    fields.collect()
}

fn add(
    program: &mut Program<'_>,
    by_name: &mut BTreeMap<String, TableId>,
    table: Table,
) -> TableId {
    let id = TableId(program.tables.len() as u32);
    by_name.entry(table.name.clone()).or_insert(id);
    program.tables.push(table);
    id
}

/// The kind of entity that a struct is.
fn entity_of<'p>(program: &'p Program<'_>, class: ClassId) -> Option<&'p Entity> {
    let derived = derives(program, class);
    let all = attributes(program, class.file, &program.class(class).decorators);
    program.frameworks.entities.iter().find(|entity| {
        derived.iter().any(|name| entity.derives.iter().any(|known| known == name))
            || all
                .iter()
                .any(|attribute| entity.attributes.iter().any(|known| known == attribute.path))
    })
}

fn find_entities(program: &mut Program<'_>, by_name: &mut BTreeMap<String, TableId>) {
    for class in class_ids(program) {
        if program.class(class).kind != ClassKind::Struct {
            continue;
        }
        let Some(entity) = entity_of(program, class).cloned() else { continue };
        let all = attributes(program, class.file, &program.class(class).decorators);
        let settings = all.iter().filter(|it| it.path == entity.settings);
        let named = settings.filter_map(|it| it.text(program, class.file, &entity.table)).next();
        let place = program.class_place(class);
        let module = program.crates.module_of_class(class);
        let name = named.map(str::to_owned).or_else(|| {
            let module = program.crates.module(module?);
            Some(last_segment(&module.path).to_owned())
        });
        let columns = fields(program, class).into_iter().map(|(name, _)| name).collect();
        let table = Table {
            name: name.unwrap_or_default().to_lowercase(),
            class: Some(class),
            place,
            key: key_field(program, class, &entity).unwrap_or_else(|| "id".into()),
            columns,
            references: Vec::new(),
        };
        let id = add(program, by_name, table);
        program.table_of_class.insert(class, id);
        if let Some(module) = module {
            for (name, part) in &entity.generates {
                // The names live as long as the framework files do.
                program.generate(module, name, Target::Generated(id, *part));
            }
        }
    }
}

/// Tables that macros declare: `users (id) { id -> Int4, ... }`.
fn find_declared(program: &mut Program<'_>, by_name: &mut BTreeMap<String, TableId>) {
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
        };
        let id = add(program, by_name, table);
        program.generate(item.module, declared.0, Target::Generated(id, Part::Entity));
    }
}

/// The field of an entity that a setting makes its primary key.
fn key_field(program: &Program<'_>, class: ClassId, entity: &Entity) -> Option<Arc<str>> {
    let facts = program.file(class.file);
    let key = entity.primary_key.as_deref()?;
    facts.block(program.class(class).body).iter().find_map(|stmt| {
        let StmtKind::Assign { target, value: Some(value), .. } = facts.stmt(*stmt).kind else {
            return None;
        };
        let ExprKind::Sequence(items) = facts.expr(value).kind else { return None };
        let ExprKind::Name(field) = facts.expr(target).kind else { return None };
        let all = attributes(program, class.file, facts.list(items));
        let is_key = all
            .iter()
            .any(|it| it.path == entity.settings && it.has_flag(program, class.file, key));
        is_key.then(|| facts.name(field).into())
    })
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
fn find_attributed(program: &mut Program<'_>, by_name: &BTreeMap<String, TableId>) {
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
fn find_in_sql(program: &mut Program<'_>, by_name: &mut BTreeMap<String, TableId>) {
    let mut rows: Vec<(ClassId, String)> = Vec::new();
    let mut named: BTreeMap<String, Location> = BTreeMap::new();
    for at in 0..program.facts.len() as u32 {
        let file = FileId(at);
        if program.role(file) != Role::Production {
            continue;
        }
        let facts = program.file(file);
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
                    if !super::calls::takes_sql(program, module, path) {
                        continue;
                    }
                    let mut texts = facts.args(args).iter().filter_map(|arg| {
                        match facts.expr(arg.value).kind {
                            ExprKind::Str(text) => Some(facts.name(text)),
                            _ => None,
                        }
                    });
                    let Some(table) =
                        texts.next().and_then(|text| sql::read_tables(text).into_iter().next())
                    else {
                        continue;
                    };
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
            let (columns, references) = (Vec::new(), Vec::new());
            add(program, by_name, Table { name, class: None, place, key, columns, references });
        }
    }
    for (class, table) in rows {
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

/// Foreign keys that entities declare, as variants of the relations or as fields.
fn find_references(program: &mut Program<'_>) {
    let mut found: Vec<(TableId, Reference)> = Vec::new();
    for class in class_ids(program) {
        let Some(module) = program.crates.module_of_class(class) else { continue };
        let of_table = program.table_of_class.get(&class).copied().or_else(|| {
            let derived = derives(program, class);
            let is_relations = program.frameworks.entities.iter().any(|entity| {
                entity.relations.as_deref().is_some_and(|known| derived.contains(&known))
            });
            match program.generated_in(module, Part::Entity) {
                Some(table) if is_relations => Some(table),
                _ => None,
            }
        });
        let Some(table) = of_table else { continue };
        let facts = program.file(class.file);
        for &stmt in facts.block(program.class(class).body) {
            let StmtKind::Assign { target, value: Some(value), annotation } = facts.stmt(stmt).kind
            else {
                continue;
            };
            let ExprKind::Sequence(items) = facts.expr(value).kind else { continue };
            let ExprKind::Name(field) = facts.expr(target).kind else { continue };
            for attribute in attributes(program, class.file, facts.list(items)) {
                let entities = program.frameworks.entities.iter();
                for entity in entities.filter(|entity| entity.settings == attribute.path) {
                    let target_table =
                        referenced(program, module, class.file, entity, &attribute, annotation);
                    let Some(target_table) = target_table else { continue };
                    let action = entity.on_delete.as_deref();
                    let action = action.and_then(|key| attribute.text(program, class.file, key));
                    let own = &program.table(table).place.name;
                    found.push((
                        table,
                        Reference {
                            target: target_table,
                            place: Place {
                                name: format!("{own}.{}", facts.name(field)),
                                location: Location {
                                    file: class.file,
                                    span: facts.expr(target).span,
                                },
                            },
                            sets: None,
                            is_silent: action.is_some_and(|action| {
                                entity.silent_actions.iter().any(|known| known == action)
                            }),
                        },
                    ));
                }
            }
        }
    }
    for (table, reference) in found {
        program.tables[table.0 as usize].references.push(reference);
    }
}

/// Foreign keys that migrations declare: what the database does is what these say last.
fn find_foreign_keys(
    program: &mut Program<'_>,
    by_name: &BTreeMap<String, TableId>,
    schemas: &[Schema],
) {
    for key in foreign_keys(schemas) {
        let (Some(&table), Some(&target)) = (by_name.get(&key.table), by_name.get(&key.target))
        else {
            continue;
        };
        let is_silent = key.action != Action::Refuses;
        let sets = (key.action == Action::Sets).then(|| key.column.as_str().into());
        let of_struct = program.table(table).class.map(|class| fields(program, class));
        let place = &program.table(table).place;
        let field = of_struct.into_iter().flatten().find(|(name, _)| **name == *key.column);
        let location = field.map_or(place.location, |(_, location)| location);
        let place = Place { name: format!("{}.{}", place.name, key.column), location };
        let references = &mut program.tables[table.0 as usize].references;
        match references.iter_mut().find(|known| known.target == target) {
            Some(known) => known.is_silent |= is_silent,
            None => references.push(Reference { target, place, is_silent, sets }),
        }
    }
}

/// The table that a relation's attribute points to, by its text or by the type of the field.
fn referenced(
    program: &Program<'_>,
    module: ModuleId,
    file: FileId,
    entity: &Entity,
    attribute: &Attribute<'_>,
    annotation: Option<ExprId>,
) -> Option<TableId> {
    let key = entity.belongs_to.as_deref()?;
    let table_of = |target| match target {
        Target::Generated(table, Part::Entity) => Some(table),
        Target::Class(class) => program.table_of_class.get(&class).copied(),
        _ => None,
    };
    if let Some(path) = attribute.text(program, file, key) {
        return table_of(program.resolve(module, path).0);
    }
    if !attribute.has_flag(program, file, key) {
        return None;
    }
    let ty = ty_of(program, module, None, file, annotation?);
    let mut open = vec![ty];
    while let Some(ty) = open.pop() {
        match ty.head {
            Head::Part(table, Part::Entity) => return Some(table),
            _ => open.extend(ty.args),
        }
    }
    None
}
