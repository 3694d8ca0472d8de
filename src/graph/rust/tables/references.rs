//! Foreign keys: those that entities declare, and those that migrations do.

use std::collections::BTreeMap;

use super::super::attributes::{Attribute, attributes, derives};
use super::super::crates::ModuleId;
use super::super::migrations;
use super::super::program::{Program, Target};
use super::super::schema::{Action, foreign_keys};
use super::super::types::{Head, Ty, ty_of};
use super::{Reference, TableId, class_ids, fields};
use crate::facts::{ExprId, ExprKind, StmtKind};
use crate::frameworks::{Entity, Part};
use crate::graph::holes::Place;
use crate::source::{FileId, Location, Schema};

/// Foreign keys that entities declare, as variants of the relations or as fields.
pub fn find_references(program: &mut Program<'_>) {
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
pub fn find_foreign_keys(
    program: &mut Program<'_>,
    by_name: &BTreeMap<String, TableId>,
    schemas: &[Schema],
) {
    let mut keys = foreign_keys(schemas);
    migrations::apply(program, &mut keys);
    for key in keys {
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
            Some(known) => {
                if !known.is_silent {
                    known.sets = sets;
                }
                known.is_silent |= is_silent;
            }
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
    entity_in(ty_of(program, module, None, file, annotation?))
}

/// The table of which a type is, or holds, the entity.
pub fn entity_in(ty: Ty) -> Option<TableId> {
    let mut open = vec![ty];
    while let Some(ty) = open.pop() {
        match ty.head {
            Head::Part(table, Part::Entity) => return Some(table),
            _ => open.extend(ty.args),
        }
    }
    None
}
