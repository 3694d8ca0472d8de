//! A drop of an entry whose key holds a version, by a new version under the key that its reader reads.
//!
//! It is stored, not counted up: a counter that is missing cannot be counted up, one that runs out starts
//! anew at numbers that it had before, and whoever stores a number that was never there needs to know
//! neither what the reader takes for a missing one nor what other processes count.

use std::collections::BTreeSet;

use super::calls::{RawArgument, RawCall};
use super::stores::{callee, spelled_out};
use crate::facts::{ArgKind, ExprId, ExprKind, FileFacts};
use crate::frameworks::StoreMethod;
use crate::graph::effect::EffectKind;
use crate::graph::entries::Stored;
use crate::graph::interp::Interp;
use crate::graph::key::Template;
use crate::graph::program::Program;
use crate::graph::survey::Survey;
use crate::graph::value::StoreRef;
use crate::source::Location;

/// The key of the version that is a part of a stored key, where there is one.
pub fn version_of(stored: &Stored) -> Option<&Template> {
    stored.fill.key.read_from().next()
}

/// The store's own method that sets the version to a number that it never was, where the program uses
/// numbers for it.
pub fn renewal(interp: &mut Interp<'_>, survey: &Survey, stored: &Stored) -> Option<RawCall> {
    let program = interp.program;
    let version = version_of(stored).filter(|version| version.is_specific())?;
    let store = stored.fill.store.as_ref().filter(|store| !store.is_of_one())?;
    if stored.by_convention {
        return None;
    }
    let (method, timeout) = program.frameworks.setting_method(store.kind)?;
    let sites = sites(survey, store, version)?;
    let is_number = |site: &&Location| is_given_number(program, store, **site);
    let site = *sites.iter().find(is_number)?;
    let mut arguments = vec![spelled_out(version, &mut 0)?, RawArgument::NewVersion];
    arguments.extend(timeout.map(|param| RawArgument::Forever(param.to_owned())));
    let method = method.to_owned();
    let call = RawCall::of_store(callee(interp, site, store, &method)?, arguments);
    Some(RawCall { is_of_version: version.known().is_none(), ..call })
}

/// Where the version is read and stored; `None` where that is another store at times.
fn sites(survey: &Survey, store: &StoreRef, version: &Template) -> Option<BTreeSet<Location>> {
    let shape = version.shape();
    let mut sites = BTreeSet::new();
    for effect in survey.runs.iter().flat_map(|run| &run.effects) {
        let (used, key) = match &*effect.kind {
            EffectKind::Read { store, key } => (store, key),
            EffectKind::Fill(fill) => (&fill.store, &fill.key),
            _ => continue,
        };
        if key.shape() != shape {
            continue;
        }
        if used.as_ref() != Some(store) {
            return None;
        }
        sites.insert(effect.site);
    }
    Some(sites)
}

/// Whether the call at a site stores a number, or falls back on one.
fn is_given_number(program: &Program<'_>, store: &StoreRef, site: Location) -> bool {
    let facts = program.file(site.file);
    let ids = || (0..facts.exprs.len() as u32).map(ExprId);
    let is_int = |expr: ExprId| matches!(facts.expr(expr).kind, ExprKind::Int(_));
    let Some(call) = ids().find(|id| {
        let expr = facts.expr(*id);
        expr.span == site.span && matches!(expr.kind, ExprKind::Call { .. })
    }) else {
        return false;
    };
    let falls_back = || {
        ids().any(|id| match facts.expr(id).kind {
            ExprKind::Or(operands) => {
                let operands = facts.list(operands);
                operands.contains(&call) && operands.iter().any(|operand| is_int(*operand))
            }
            _ => false,
        })
    };
    given_value(program, store, facts, call).is_some_and(is_int) || falls_back()
}

/// What a call of a method of a store is given as the value, or as the one for want of a value.
fn given_value(
    program: &Program<'_>,
    store: &StoreRef,
    facts: &FileFacts,
    call: ExprId,
) -> Option<ExprId> {
    let ExprKind::Call { func, args } = facts.expr(call).kind else { return None };
    let ExprKind::Attribute { attr, .. } = facts.expr(func).kind else { return None };
    let StoreMethod { params, .. } =
        program.frameworks.store_method(store.kind, facts.name(attr))?;
    let at = params.iter().position(|param| matches!(param.as_str(), "value" | "default"))?;
    let args = facts.args(args);
    let by_name = args
        .iter()
        .find(|arg| matches!(arg.kind, ArgKind::Keyword(name) if facts.name(name) == params[at]));
    let by_position = || args.get(at).filter(|arg| arg.kind == ArgKind::Positional);
    Some(by_name.or_else(by_position)?.value)
}
