//! The tables of the program: entities of an ORM, tables that macros declare, and tables that SQL texts
//! name; with the structs of their rows and the foreign keys between them.

mod declared;
mod entities;
mod links;
mod read_into;
mod references;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::program::Program;
use crate::facts::{ExprKind, StmtKind};
use crate::graph::holes::Place;
use crate::graph::ids::ClassId;
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
