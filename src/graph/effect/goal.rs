//! What hooks and writes are to drop.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Dropped, Effect, EffectKind, Hit, RowVersion, Write, is_specific};
use crate::graph::ids::ClassId;
use crate::graph::key::{Origin, Part, Template};
use crate::graph::listing::Listing;
use crate::graph::value::StoreRef;
use crate::source::Location;

/// The entry whose invalidation a run looks for.
#[derive(Debug, Clone)]
pub struct Goal {
    /// What each place that fills it stores; any drop is meant where there is none.
    pub targets: Vec<Target>,
    /// The keys of all entries: what drops a key that is spelled out as one of another entry means that.
    pub shapes: Arc<Shapes>,
    /// The columns that its keys hold: a row whose column moves leaves its entry behind.
    pub versions: Arc<[RowVersion]>,
    /// The model of rows that are written, where the entries are those of other rows of it: who drops the one of
    /// the row that is written means another entry.
    pub beside: Option<ClassId>,
}

/// How keys of each shape are spelled.
pub type Shapes = FxHashMap<String, FxHashSet<Template>>;

impl Goal {
    /// Whether each key of the entry holds a column.
    pub fn is_keyed_by(&self, model: ClassId, column: &str) -> bool {
        !self.targets.is_empty()
            && self.targets.iter().all(|target| target.is_keyed_by(model, column))
    }

    /// Whether an effect deletes, overwrites or version-bumps the entry, or leaves it behind.
    pub fn is_reached_by(&self, effect: &EffectKind) -> bool {
        match effect {
            EffectKind::Write(write) => self.is_left_behind_by(write),
            _ => self.is_dropped_by(effect),
        }
    }

    /// Whether an effect deletes, overwrites or version-bumps the entry in its store, at once.
    pub fn is_dropped_by(&self, effect: &EffectKind) -> bool {
        match effect {
            EffectKind::NamedInvalidation(_) => true,
            _ => effect.hit().is_some_and(|hit| self.is_hit_by(&hit)),
        }
    }

    /// Whether an effect takes the entry away, so that who reads it next makes it of the rows anew: not where it is
    /// replaced by what the rows are about to be.
    pub fn is_taken_away_by(&self, effect: &Effect) -> bool {
        let is_own = || self.targets.iter().any(|target| target.site == effect.site);
        let replaces = matches!(*effect.kind, EffectKind::Fill(_)) && is_own();
        self.is_dropped_by(&effect.kind) && !replaces
    }

    /// Whether an effect surely does so to this very entry, which its key can be told to mean.
    pub fn is_surely_reached_by(&self, effect: &EffectKind) -> bool {
        match effect {
            EffectKind::Drop(Dropped { store, key, field, .. }) => match key {
                Some(key) => is_specific(key, field.as_deref()) && self.is_meant_by(key),
                None => store.is_some(),
            },
            EffectKind::Fill(fill) => {
                fill.overwrites && fill.is_specific() && self.is_meant_by(&fill.key)
            }
            EffectKind::Write(write) => self.is_left_behind_by(write),
            _ => false,
        }
    }

    /// Whether a write moves a column that the keys hold.
    pub fn is_left_behind_by(&self, write: &Write) -> bool {
        self.versions.iter().any(|version| version.is_moved_by(write))
    }

    /// Whether a write changes rows whose column in the keys it leaves as it is.
    pub fn is_kept_by(&self, write: &Write) -> bool {
        self.versions.iter().any(|version| version.is_left_by(write))
            && !self.is_left_behind_by(write)
    }

    /// The column of a model's rows that the keys hold to tell their states apart.
    pub fn version_of(&self, model: ClassId) -> Option<&RowVersion> {
        self.versions.iter().find(|version| version.models.contains(&model))
    }

    /// Whether a key is that of a counter which is part of the keys of the entry.
    pub fn counts(&self, key: &Template) -> bool {
        let mut counters = self.targets.iter().flat_map(|target| target.key.read_from());
        key.is_specific() && counters.any(|counter| counter.is_specific() && counter.can_equal(key))
    }

    /// Whether a key that may be one of the entry is meant for it.
    fn is_meant_by(&self, key: &Template) -> bool {
        self.targets.is_empty()
            || (self.targets.iter().any(|target| target.key.may_mean(key))
                && !self.is_of_another_entry(key))
            || self.counts(key)
    }

    /// Whether a key is spelled out as that of another entry is, and not as those of this one.
    fn is_of_another_entry(&self, key: &Template) -> bool {
        let shape = key.shape();
        self.targets.iter().all(|target| target.key.shape() != shape)
            && self.shapes.contains_key(&shape)
    }

    /// Whether a key is spelled out as those of other entries are, none of which can be one of this entry.
    pub fn is_apart_from(&self, key: &Template) -> bool {
        let is_own = |other: &Template| self.targets.iter().any(|it| it.key.can_equal(other));
        self.shapes.get(&key.shape()).is_some_and(|others| !others.iter().any(is_own))
    }

    /// Whether nothing is spelled out of the keys of the entry: what drops another key may well mean another entry.
    pub fn is_bare(&self) -> bool {
        let is_bare = |target: &Target| {
            target.field.is_none() && !target.key.parts.is_empty() && target.key.is_bare()
        };
        !self.targets.is_empty() && self.targets.iter().all(is_bare)
    }

    /// Whether what an effect drops is the entry of one row of `model`, which a caller named by its primary
    /// key.
    pub fn is_of_one_row(&self, effect: &EffectKind, model: ClassId) -> bool {
        let EffectKind::Drop(Dropped { key: Some(key), field, .. }) = effect else { return false };
        let is_like = |target: &&Target| {
            let field_of =
                |field: &Option<Arc<Template>>| field.as_ref().map(|field| field.shape());
            target.key.shape() == key.shape() && field_of(&target.field) == field_of(field)
        };
        let is_key = |column: &(ClassId, Arc<str>)| column.0 == model && &*column.1 == "pk";
        self.targets.iter().filter(is_like).any(|target| {
            let parts = std::iter::once(key).chain(field).flat_map(|template| &template.parts);
            let origins = parts.filter_map(|part| match part {
                Part::Hole { origin, .. } => Some(origin),
                _ => None,
            });
            origins.zip(&target.bound).any(|(origin, bound)| {
                let is_named = match origin {
                    Some(Origin::Param(_, _, path)) => matches!(&**path, "" | "pk" | "id"),
                    _ => false,
                };
                is_named && bound.iter().any(is_key)
            })
        })
    }

    /// The decorator that lists what drops the entry by itself.
    pub fn listed_at(&self) -> Option<Location> {
        self.targets.iter().find_map(|target| Some(target.listing.as_ref()?.at))
    }

    /// The first of some effects that surely invalidates the entry, or else the first that may.
    pub fn reached_in<'e>(&self, effects: &'e [Effect]) -> Option<&'e Effect> {
        let mut reached = effects.iter().filter(|effect| self.is_reached_by(&effect.kind));
        let first = reached.next()?;
        let is_sure = |effect: &&Effect| effect.is_sure_drop(self);
        Some(std::iter::once(first).chain(reached).find(is_sure).unwrap_or(first))
    }

    fn is_hit_by(&self, hit: &Hit<'_>) -> bool {
        if self.targets.is_empty() {
            // What is out of sight is kept in no variable that is in sight.
            return !hit.store.is_some_and(StoreRef::is_variable);
        }
        let is_own = |model: ClassId| hit.key.is_some_and(|key| key.is_of_written_row(model));
        !self.beside.is_some_and(is_own) && self.targets.iter().any(|it| it.is_hit_by(hit))
    }
}

/// Columns that hold the same values; any value where there are none.
pub type EqualColumns = Vec<(ClassId, Arc<str>)>;

/// What one place stores, as far as a drop must fit it.
#[derive(Debug, Clone)]
pub struct Target {
    /// Into which store, where that is known.
    pub store: Option<StoreRef>,
    /// Under which key.
    pub key: Arc<Template>,
    /// In which field of a hash that the key names, where it is one.
    pub field: Option<Arc<Template>>,
    /// For each hole of the key, then of the field, the columns that it may equal; empty where any may
    /// fill it.
    pub bound: Vec<EqualColumns>,
    /// The rows and links whose writes drop it by themselves.
    pub listing: Option<Arc<Listing>>,
    /// Where it is stored.
    pub site: Location,
}

impl Target {
    /// Whether the key holds a column.
    fn is_keyed_by(&self, model: ClassId, column: &str) -> bool {
        let holds = |(known, name): &(ClassId, Arc<str>)| *known == model && **name == *column;
        self.bound.iter().any(|columns| columns.iter().any(holds))
    }

    /// Whether a drop may hit what is stored.
    fn is_hit_by(&self, hit: &Hit<'_>) -> bool {
        if let Some(listed) = hit.listed {
            return self.listing.as_ref().is_some_and(|listing| listing.holds(listed));
        }
        let same_field = match (hit.field, &self.field) {
            (Some(own), Some(other)) => own.can_equal(other),
            _ => true,
        };
        same_field && hit.may_hit(self.store.as_ref(), &self.key) && self.fits(hit)
    }

    /// Whether the columns that fill the holes of the dropped key may be those of the stored one.
    fn fits(&self, hit: &Hit<'_>) -> bool {
        let Some(key) = hit.key else { return true };
        if key.shape() != self.key.shape() {
            return true;
        }
        let holes = key.parts.iter().filter_map(|part| match part {
            Part::Hole { origin, .. } => Some(origin),
            _ => None,
        });
        holes.zip(&self.bound).all(|(origin, bound)| match origin {
            Some(Origin::Column { model, column, .. }) if !bound.is_empty() => {
                bound.iter().any(|(known, name)| known == model && name == column)
            }
            _ => true,
        })
    }
}
