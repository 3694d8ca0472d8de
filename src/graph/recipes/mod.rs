//! How code that has a row at hand can drop an entry: the calls that do, and where their arguments
//! come from.
//!
//! Only what is sure is told: a call whose arguments cannot be derived is none. How it is written down
//! as code is not known here.

mod anchors;
mod calls;
mod stores;
mod versions;
mod words;

pub use words::{
    Anchor, Argument, DropCall, Heir, Importable, KeyPart, LinksRecipe, Recipe, Row, Step,
};

use std::sync::Arc;

use super::entries::Entry;
use super::feeds::Feed;
use super::hooks::Hooks;
use super::ids::ClassId;
use super::interp::Interp;
use super::survey::Survey;
use super::value::Via;
use crate::frameworks::Role;
use anchors::{Found, Holes};
use calls::{RawArgument, RawCall};

/// The ways to drop one entry, whatever row is written.
pub struct Cookbook<'e> {
    entry: &'e Entry,
    holes: Holes,
    holes_of_version: Holes,
    calls: Vec<RawCall>,
}

impl<'e> Cookbook<'e> {
    /// Finds what drops an entry.
    pub fn of(
        interp: &mut Interp<'_>,
        hooks: &Hooks,
        survey: &Survey,
        entry: &'e Entry,
    ) -> Cookbook<'e> {
        Cookbook {
            entry,
            holes: anchors::holes(interp, entry),
            holes_of_version: anchors::holes_of_version(interp, entry),
            calls: calls::find(interp, hooks, survey, entry),
        }
    }

    /// How to drop the entry for a row of a model that feeds it.
    pub fn for_feed(&self, interp: &mut Interp<'_>, feed: &Feed) -> Recipe {
        self.recipe(interp, feed.model, feed.via.as_deref())
    }

    /// How to drop it for a row of which rows of `feed` hold the foreign key `field`.
    pub fn for_target(
        &self,
        interp: &mut Interp<'_>,
        feed: &Feed,
        field: &Arc<str>,
        target: ClassId,
    ) -> Recipe {
        let via =
            Via { owner: feed.model, field: field.clone(), role: Role::ForeignKey, forward: true };
        self.recipe(interp, target, Some(&via))
    }

    /// How to drop it for links of a many-to-many field; without calls where that is not known.
    pub fn for_links(
        &self,
        interp: &mut Interp<'_>,
        owner: ClassId,
        field: &Arc<str>,
    ) -> Option<LinksRecipe> {
        let relation = interp.relation(owner, field)?;
        let target = relation.target?;
        let back = anchors::way_back(interp, owner, field)?;
        let ends = [(owner, true, field.to_string()), (target, false, back)];
        let mut known = Vec::new();
        for (end, is_owner, lookup) in ends {
            let recipe = self.recipe(interp, end, None);
            let end = anchors::row(interp, end);
            known.push(LinksRecipe {
                recipe,
                owner: anchors::row(interp, owner),
                end,
                is_owner,
                lookup,
            });
        }
        // From the end next to what is cached: a way that leads over a link is lost with it.
        let steps =
            |known: &LinksRecipe| known.recipe.anchor.as_ref().map_or(0, |it| it.steps.len());
        let usable = known.iter().enumerate().filter(|(_, known)| !known.recipe.calls.is_empty());
        let best = usable.min_by_key(|(_, known)| steps(known)).map(|(at, _)| at);
        Some(known.swap_remove(best.unwrap_or(0)))
    }

    /// How to drop it for rows of the explicit through class of such a field.
    pub fn for_through(
        &self,
        interp: &mut Interp<'_>,
        through: ClassId,
        owner: ClassId,
        field: &Arc<str>,
    ) -> Recipe {
        let target = interp.relation(owner, field).and_then(|relation| relation.target);
        for end in [Some(owner), target].into_iter().flatten() {
            for key in interp.relation_fields(through).to_vec() {
                let Some(relation) = interp.relation(through, &key) else { continue };
                if relation.role == Role::ManyToMany || relation.target != Some(end) {
                    continue;
                }
                let via = Via { owner: through, field: key, role: relation.role, forward: false };
                let recipe = self.recipe(interp, through, Some(&via));
                if !recipe.calls.is_empty() {
                    return recipe;
                }
            }
        }
        Recipe { written: anchors::row(interp, through), ..Recipe::default() }
    }

    /// How to drop it for a row of the automatic through class of such a field.
    pub fn for_automatic_through(
        &self,
        interp: &mut Interp<'_>,
        owner: ClassId,
        field: &Arc<str>,
    ) -> Recipe {
        let target = interp.relation(owner, field).and_then(|relation| relation.target);
        // Its foreign keys are called after the classes they point to, where these are not the same.
        let ends = [Some(owner), target.filter(|target| *target != owner)];
        for end in ends.into_iter().flatten().filter(|_| target != Some(owner)) {
            let mut recipe = self.recipe(interp, end, None);
            let key = interp.program.class_name(end).to_lowercase();
            recipe.written = anchors::row(interp, owner);
            recipe.written.class.rest = format!(".{field}.through");
            recipe.heirs = Vec::new();
            if let Some(anchor) = &mut recipe.anchor {
                if anchor.steps.iter().any(|step| matches!(step, Step::Many { .. })) {
                    // Nothing is known by which a query could come back to such rows.
                    continue;
                }
                anchor.steps.insert(0, Step::One { field: key, is_nullable: false });
            }
            if !recipe.calls.is_empty() {
                return recipe;
            }
        }
        Recipe::default()
    }

    fn recipe(&self, interp: &mut Interp<'_>, written: ClassId, via: Option<&Via>) -> Recipe {
        if self.entry.is_listed() {
            return Recipe::default();
        }
        let (mut anchor, mut calls) = self.calls_for(interp, written, via, false);
        if calls.is_empty() {
            (anchor, calls) = self.calls_for(interp, written, via, true);
        }
        Recipe {
            written: anchors::row(interp, written),
            heirs: heirs(interp, written),
            anchor,
            calls,
        }
    }

    /// The calls by the holes of the key, or by those of the version in it, and the row that has columns for
    /// them where one is needed.
    fn calls_for(
        &self,
        interp: &mut Interp<'_>,
        written: ClassId,
        via: Option<&Via>,
        of_version: bool,
    ) -> (Option<Anchor>, Vec<DropCall>) {
        let holes = if of_version { &self.holes_of_version } else { &self.holes };
        let found = match holes.is_empty() {
            true => None,
            false => anchors::find(interp, self.entry, holes, written, via),
        };
        let calls = self.calls.iter().filter(|call| call.is_of_version == of_version);
        let calls: Vec<DropCall> = calls.filter_map(|call| filled(call, found.as_ref())).collect();
        let is_needed = !calls.iter().all(DropCall::is_of_all_rows);
        (found.map(|it| it.anchor).filter(|_| is_needed), calls)
    }
}

/// The classes below a model by which rows of its table are written: those with a table of their own, and
/// proxies that some code writes by.
fn heirs(interp: &mut Interp<'_>, model: ClassId) -> Vec<Heir> {
    let parents = interp.table_parents(model);
    let below = interp.table_relatives(model).into_iter().filter(|it| !parents.contains(it));
    let mut heirs = Vec::new();
    for class in below.collect::<Vec<_>>() {
        let is_proxy = interp.is_proxy(class);
        let counts = !is_proxy || (!interp.is_proxy(model) && interp.is_written(class));
        if counts && interp.concrete(model) != class {
            heirs.push(Heir { row: anchors::row(interp, class), tells_of_deletes: !is_proxy });
        }
    }
    heirs
}

/// A call with its arguments as columns of the anchor; `None` where one is no such.
fn filled(call: &RawCall, found: Option<&Found>) -> Option<DropCall> {
    let column = |hole: &usize| found?.columns.get(*hole).cloned();
    let arguments = call.arguments.iter().map(|argument| match argument {
        RawArgument::Hole(hole) => column(hole).map(Argument::Column),
        RawArgument::RowOf(hole, path) => {
            let held = column(hole)?;
            let same = held == *path || (held == "pk" && path == "id");
            same.then_some(Argument::Row)
        }
        RawArgument::Key(parts) => {
            let parts = parts.iter().map(|part| match part {
                Ok(text) => Some(KeyPart::Text(text.clone())),
                Err(hole) => column(hole).map(KeyPart::Column),
            });
            parts.collect::<Option<Vec<KeyPart>>>().map(Argument::Key)
        }
        RawArgument::NewVersion => Some(Argument::NewVersion),
        RawArgument::Forever(param) => Some(Argument::Forever(param.clone())),
    });
    Some(DropCall {
        callee: call.callee.clone(),
        arguments: arguments.collect::<Option<Vec<Argument>>>()?,
        is_deferred: call.is_deferred,
        is_of_project: call.is_of_project,
    })
}
