//! The tables of the program: entities of an ORM, tables that macros declare, and tables that SQL texts
//! name; with the structs of their rows and the foreign keys between them.

mod declared;
mod entities;
mod links;
mod read_into;
mod references;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::attributes::attributes;
use super::program::Program;
use crate::facts::{ExprKind, StmtId, StmtKind};
use crate::graph::holes::Place;
use crate::graph::ids::ClassId;
use crate::graph::sql;
use crate::source::{FileId, Location, Role, Schema};
pub use declared::row_type;

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
    /// The relations of its rows to many others by rows of a third table, as far as they are declared.
    pub links: Vec<Link>,
}

/// A relation of many rows to many.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    /// The table of the others.
    pub to: TableId,
    /// The table whose rows say which belong together.
    pub by: TableId,
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
    entities::find_entities(program, &mut by_name);
    declared::find_declared(program, &mut by_name);
    declared::find_attributed(program, &by_name);
    declared::find_in_sql(program, &mut by_name);
    references::find_references(program);
    references::find_foreign_keys(program, &by_name, schemas);
    links::find_links(program);
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

/// Whether a struct has the columns that its fields are called like, as far as can be told: an attribute may
/// give a field another name, or take its columns from elsewhere.
pub fn is_called_like_columns(program: &Program<'_>, class: ClassId) -> bool {
    let facts = program.file(class.file);
    let mut stmts = facts.block(program.class(class).body).iter();
    let is_plain = |stmt: &StmtId| match facts.stmt(*stmt).kind {
        StmtKind::Assign { value, .. } => value.is_none(),
        _ => true,
    };
    let all = attributes(program, class.file, &program.class(class).decorators);
    let mut keywords = all.iter().flat_map(|it| it.keywords(program, class.file));
    stmts.all(is_plain) && !keywords.any(|(name, _)| name.starts_with("rename"))
}

/// Whether the rows of an SQL text are read into the fields of a struct by their names, as far as can be told:
/// the text names each of them, or all columns.
pub fn is_read_by_name(program: &Program<'_>, class: ClassId, text: &str) -> bool {
    if !is_called_like_columns(program, class) {
        return false;
    }
    let words = sql::words(text);
    let reads_all = words.iter().any(|word| word == "*" || word.ends_with(".*"));
    let is_named = |name: &str| {
        words.iter().any(|word| {
            let own = word.rsplit('.').next().unwrap_or_default();
            // `id as "id!: Id"` overrides the type.
            own.trim_end_matches(['!', '?', ':']) == name
        })
    };
    reads_all || fields(program, class).iter().all(|(name, _)| is_named(name))
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
