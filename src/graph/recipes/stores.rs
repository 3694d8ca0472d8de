//! A drop that no code of the program does: the store's own method, with the key spelled out.

use super::calls::{RawArgument, RawCall, method_at_top};
use super::words::Importable;
use crate::facts::ExprKind;
use crate::graph::entries::Stored;
use crate::graph::interp::Interp;
use crate::graph::key::{Part, Template};
use crate::graph::program::last_name;
use crate::graph::value::{StoreRef, Value};
use crate::source::{FileId, Location};

/// The store's own method, with the key spelled out, and the field of the hash that it names.
pub fn of_store(interp: &mut Interp<'_>, stored: &Stored) -> Option<RawCall> {
    let fill = &stored.fill;
    let store = fill.store.as_ref().filter(|store| !store.is_of_one())?;
    let spelled = std::iter::once(&fill.key).chain(&fill.field);
    if stored.by_convention || !spelled.clone().any(|key| key.is_specific()) {
        return None;
    }
    let mut hole = 0;
    let arguments = spelled.map(|key| spelled_out(key, &mut hole)).collect::<Option<_>>()?;
    let alias = store.alias.as_deref();
    let ready_made = match &fill.field {
        None => interp.program.frameworks.dropping_call(store.kind, alias),
        Some(_) => None,
    };
    let callee = match ready_made {
        Some((module, name, rest)) => Importable { location: None, module, name, rest },
        None => of_program(interp, stored.site, store, fill.field.is_some())?,
    };
    Some(RawCall { callee, arguments, is_deferred: false, is_of_project: false, rank: (0, 0) })
}

/// A key as text and holes, which are counted in `hole`.
fn spelled_out(key: &Template, hole: &mut usize) -> Option<RawArgument> {
    let parts = key.parts.iter().map(|part| match part {
        Part::Text(text) => Some(Ok(text.to_string())),
        Part::Hole { read_from: None, .. } => {
            *hole += 1;
            Some(Err(*hole - 1))
        }
        Part::Hole { .. } | Part::Gone => None,
    });
    parts.collect::<Option<Vec<_>>>().map(RawArgument::Key)
}

/// The method of the store that the top of a module binds to the name by which the code at `site` knows it.
fn of_program(
    interp: &mut Interp<'_>,
    site: Location,
    store: &StoreRef,
    of_field: bool,
) -> Option<Importable> {
    let program = interp.program;
    let method = program.frameworks.dropping_method(store.kind, of_field)?;
    let facts = program.file(site.file);
    let name = facts.exprs.iter().find_map(|expr| match expr.kind {
        ExprKind::Call { func, .. } if expr.span == site.span => match facts.expr(func).kind {
            ExprKind::Attribute { value, .. } => last_name(facts, value),
            _ => None,
        },
        _ => None,
    })?;
    let renamed = facts.names.iter().find(|known| program.aliases_of(known).contains(&name));
    let name = renamed.map_or(name, |known| known);
    let is_it = |interp: &mut Interp<'_>, file: FileId| {
        program.value_at_top(file, name).is_some()
            && interp.member_of_module(file, name) == Some(Value::Store(store.clone()))
    };
    let files: Vec<FileId> = program.production_files().collect();
    let mut found = files.into_iter().filter(|file| is_it(interp, *file));
    let file = found.next()?;
    if found.next().is_some() || interp.is_awaited_at_top(file, name, store.kind) {
        return None;
    }
    method_at_top(program, file, name, method)
}
