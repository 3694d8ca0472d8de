//! Relations of many rows to many, which rows of a third table make: those that fields of entities declare, and
//! those that a method of a trait does.

use super::super::attributes::attributes;
use super::super::crates::Impl;
use super::super::program::{Program, Target};
use super::super::types::ty_of;
use super::references::entity_in;
use super::{Link, TableId, class_ids};
use crate::facts::{ArgKind, ExprKind, StmtKind};
use crate::frameworks::{Entity, Links, Part, last_segment};
use crate::graph::ids::ClassId;

/// Finds them.
pub fn find_links(program: &mut Program<'_>) {
    let mut found: Vec<(TableId, Link)> = Vec::new();
    for entity in &program.frameworks.entities {
        let Some(links) = &entity.links else { continue };
        for class in class_ids(program) {
            if let Some(table) = program.table_of_class.get(&class) {
                let declared = of_fields(program, class, entity, links).into_iter();
                found.extend(declared.map(|link| (*table, link)));
            }
        }
        found.extend(program.crates.impls.iter().filter_map(|it| of_trait(program, it, links)));
    }
    for (table, link) in found {
        program.tables[table.0 as usize].links.push(link);
    }
}

/// Those that attributes of the fields of an entity declare.
fn of_fields(program: &Program<'_>, class: ClassId, entity: &Entity, links: &Links) -> Vec<Link> {
    let Some(module) = program.crates.module_of_class(class) else { return Vec::new() };
    let facts = program.file(class.file);
    let mut found = Vec::new();
    for &stmt in facts.block(program.class(class).body) {
        let StmtKind::Assign { value: Some(value), annotation: Some(ty), .. } =
            facts.stmt(stmt).kind
        else {
            continue;
        };
        let ExprKind::Sequence(items) = facts.expr(value).kind else { continue };
        let attributes = attributes(program, class.file, facts.list(items)).into_iter();
        for attribute in attributes.filter(|it| it.path == entity.settings) {
            let via = attribute.text(program, class.file, &links.setting);
            // `post_tag` or `post_tag::Post`, in a module beside that of the entity.
            let Some(via) = via.and_then(|via| via.split("::").next()) else { continue };
            let beside = format!("super::{via}");
            let Target::Module(beside) = program.resolve(module, &beside).0 else { continue };
            let to = entity_in(ty_of(program, module, None, class.file, ty));
            if let (Some(to), Some(by)) = (to, program.generated_in(beside, Part::Entity)) {
                found.push(Link { to, by });
            }
        }
    }
    found
}

/// The one that a block of a trait declares, by a method that names the relation to the third table.
fn of_trait(program: &Program<'_>, found: &Impl, links: &Links) -> Option<(TableId, Link)> {
    let Impl { block, module } = *found;
    let facts = program.file(block.file);
    let bases = facts.args(program.class(block).bases);
    let of_trait = bases.iter().find(|arg| matches!(arg.kind, ArgKind::Keyword(_)))?;
    if last_segment(program.path(block.file, of_trait.value)?) != links.of_trait {
        return None;
    }
    let (_, method) =
        program.functions_in(block).into_iter().find(|(name, _)| *name == links.method)?;
    let table = entity_in(ty_of(program, module, None, block.file, bases.first()?.value))?;
    let others = ty_of(program, module, None, block.file, of_trait.value).args;
    let to = others.into_iter().find_map(entity_in)?;
    let exprs = facts.exprs_of(program.function(method)).iter();
    let by = exprs.filter_map(|expr| match expr.kind {
        ExprKind::Name(name) => match program.resolve(module, facts.name(name)).0 {
            Target::Class(relations) => {
                let module = program.crates.module_of_class(relations)?;
                program.generated_in(module, Part::Entity)
            }
            Target::Generated(by, Part::Entity) => Some(by),
            _ => None,
        },
        _ => None,
    });
    let by = by.into_iter().find(|by| *by != table)?;
    Some((table, Link { to, by }))
}
