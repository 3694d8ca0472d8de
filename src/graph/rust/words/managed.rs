//! Types whose rows a manager caches: their receivers, their hooks, and the writes of their tables.

use super::super::coverage::Side;
use super::super::effect::Act;
use super::super::entries::Entry;
use super::super::hooks::Hook;
use super::super::managers::Managed;
use super::super::unstarted::Unstarted;
use super::Known;
use crate::facts::ClassKind;
use crate::graph::ModelGraph;
use crate::graph::examples::Examples;
use crate::graph::feeds::FeedKind;
use crate::graph::holes::{self, CachedEntry, CachedModel, Place, SideState};
use crate::graph::recipes::Recipe;
use crate::rules::Confidence;

impl Known<'_, '_> {
    /// A type whose rows a manager caches: its receivers, its hooks, and the writes of its table.
    pub(super) fn managed(&self, managed: &Managed, entries: &[Entry], graph: &mut ModelGraph) {
        let table = self.program.table_of_class.get(&managed.class).copied();
        // Where the cache itself is in sight, that tells more.
        let is_known = table.is_some_and(|table| {
            graph.cached.iter().any(|cached| cached.model == self.program.table(table).place)
                && entries.iter().any(|entry| entry.rows.iter().any(|source| source.table == table))
        });
        if is_known || self.program.class(managed.class).kind == ClassKind::Trait {
            return;
        }
        let is_of = |hook: &&Hook| {
            hook.sender == Some(managed.class) || table.is_some() && hook.table == table
        };
        let hooks: Vec<&Hook> = self.hooks.iter().filter(is_of).collect();
        let mut idle: Vec<Place> = Vec::new();
        let mut on = |side: Side| {
            for hook in &hooks {
                let Some(outcome) = hook.on(side) else { continue };
                let drop = outcome.effects.iter().find(|effect| {
                    matches!(effect.act, Act::Drop(..) | Act::Patch(_) | Act::Named)
                });
                let place = self.program.function_place(hook.function);
                match drop {
                    Some(drop) => {
                        return holes::Side {
                            hook: Some(place),
                            drop: Some(drop.site),
                            ..holes::Side::of(SideState::Covered)
                        };
                    }
                    None if !idle.contains(&place) => idle.push(place),
                    None => {}
                }
            }
            // Why it does not run is told by itself.
            let would = |it: &Unstarted| {
                it.hook.sender == Some(managed.class) && it.hook.on(side).is_some()
            };
            let state = match self.unstarted.iter().any(would) {
                true => SideState::Dead,
                false => SideState::Hole,
            };
            holes::Side::of(state)
        };
        let [create, update, delete] = Side::ALL.map(&mut on);
        let place = self.program.class_place(managed.class);
        let class = self.program.class_name(managed.class).to_owned();
        let entry = CachedEntry {
            label: format!("{}<{class}>", managed.manager),
            holder: Place { name: managed.manager.clone(), location: managed.location },
            lister: None,
            version: None,
            variable: None,
            attribute: Some(managed.by.clone()),
            stored: Vec::new(),
        };
        graph.cached.push(CachedModel {
            class,
            model: place,
            entry,
            kind: FeedKind::Own,
            relation: None,
            confidence: Confidence::High,
            create,
            update,
            delete,
            open_columns: Vec::new(),
            idle,
            refused: Vec::new(),
            open_writes: Vec::new(),
            bypassed_override: None,
            dropped_write: None,
            moved: None,
            moving: None,
            silent_cascades: Vec::new(),
            has_signals: false,
            recipe: Recipe::default(),
            examples: match self.for_fixes {
                true => self.examples_of_managed(managed, &hooks),
                false => Examples::default(),
            },
        });
    }
}
