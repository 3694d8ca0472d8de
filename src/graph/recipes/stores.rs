//! Drops that no code of the program does: the store's own methods, with the key spelled out.

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
    let of_field = fill.field.is_some();
    let method = interp.program.frameworks.dropping_method(store.kind, of_field)?;
    let callee = match of_field {
        false => callee(interp, stored.site, store, method)?,
        true => of_program(interp, stored.site, store, method)?,
    };
    Some(RawCall::of_store(callee, arguments))
}

/// A method of a store, as code elsewhere names it; the code at `site` uses the store.
pub fn callee(
    interp: &mut Interp<'_>,
    site: Location,
    store: &StoreRef,
    method: &str,
) -> Option<Importable> {
    let alias = store.alias.as_deref();
    match interp.program.frameworks.ready_made_call(store.kind, alias, method) {
        Some((module, name, rest)) => Some(Importable { location: None, module, name, rest }),
        None => of_program(interp, site, store, method),
    }
}

/// A key as text and holes, which are counted in `hole`; `None` where a part of it cannot be spelled.
pub fn spelled_out(key: &Template, hole: &mut usize) -> Option<RawArgument> {
    if key.is_coded {
        return None;
    }
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
    method: &str,
) -> Option<Importable> {
    let program = interp.program;
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
