//! Entities of an ORM: structs that a derive or an attribute makes rows of a table.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::attributes::{attributes, derives};
use super::super::program::{Program, Target};
use super::{Table, TableId, add, class_ids, fields};
use crate::facts::{ClassKind, ExprKind, StmtKind};
use crate::frameworks::{Entity, last_segment};
use crate::graph::ids::ClassId;

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

pub fn find_entities(program: &mut Program<'_>, by_name: &mut BTreeMap<String, TableId>) {
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
            links: Vec::new(),
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
