//! Data migrations: what they write past receivers and overrides, and what they drop.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::effect::{Effect, EffectKind, Goal, Write, WriteKind};
use super::hooks::Hooks;
use super::ids::ClassId;
use super::interp::{Additions, Crew, Interp};
use super::program::Program;
use crate::facts::ClassIx;
use crate::frameworks::Event;
use crate::source::{FileId, Location, Role};

/// The migrations that may write rows of some models.
#[derive(Debug, Default)]
pub struct Migrations {
    found: Vec<Migration>,
}

/// What a migration does.
#[derive(Debug)]
struct Migration {
    file: FileId,
    /// The effects of its operations, in order.
    effects: Vec<Effect>,
    /// What it adds to the schema, and what those add that it follows.
    additions: Vec<Additions>,
}

/// A write of a migration that nothing in it makes up for.
#[derive(Debug, Clone)]
pub struct MigrationWrite {
    /// The write, or the call in the migration that leads to it.
    pub location: Location,
    /// What it writes.
    pub write: Write,
}

/// Runs the migrations that name one of the models, or their tables.
pub fn find(interp: &Interp<'_>, models: &[ClassId]) -> Migrations {
    let program = interp.program;
    let mut interp = interp.clone();
    // A migration is run for all that it does.
    interp.seek_caching();
    let tables: Vec<String> = models.iter().map(|model| interp.table(*model)).collect();
    let names: FxHashSet<String> =
        models.iter().map(|model| program.class_name(*model).to_lowercase()).collect();
    let last = |word: &str| word.rsplit('.').next().unwrap_or(word).to_lowercase();
    let meant = program.vocabulary.filter(|word| names.contains(&last(word)));
    let is_migration = |file: &FileId| program.role(*file) == Role::Migration;
    let migrations: Vec<FileId> = program.file_ids().filter(is_migration).collect();
    let mut files = program.vocabulary.files_with_any_of(&meant);
    files.retain(is_migration);
    files.extend(program.vocabulary.files_containing(&tables, &migrations));
    files.sort_unstable();
    files.dedup();
    let run = |interp: &mut Interp<'_>, file: &FileId| {
        let classes = classes_of(program, *file);
        let effects: Vec<Effect> =
            classes.flat_map(|class| interp.follow_migration(class)).collect();
        let mut additions = Vec::new();
        if !effects.is_empty() {
            for file in followed(program, *file).into_iter().chain([*file]) {
                additions.extend(classes_of(program, file).map(|class| interp.additions(class)));
            }
        }
        Migration { file: *file, effects, additions }
    };
    Migrations { found: Crew::of(&interp).each(&files, run) }
}

fn classes_of(program: &Program<'_>, file: FileId) -> impl Iterator<Item = ClassId> + use<> {
    let all = 0..program.file(file).classes.len() as u32;
    all.map(move |ix| ClassId { file, ix: ClassIx(ix) })
}

/// The migrations in the same folder that a migration names.
fn followed(program: &Program<'_>, file: FileId) -> Vec<FileId> {
    let (modules, names) = (&program.modules, &program.file(file).names);
    let beside = program.file_ids().filter(|other| modules.folder(*other) == modules.folder(file));
    beside.filter(|other| *other != file && names.find(modules.stem(*other)).is_some()).collect()
}

impl Migrations {
    /// The writes of the table of a model by migrations that do not drop the entry of a goal.
    pub fn open_writes(
        &self,
        interp: &mut Interp<'_>,
        model: ClassId,
        goal: &Goal,
    ) -> Vec<MigrationWrite> {
        let mut family = interp.table_relatives(model);
        family.extend([model, interp.concrete(model)]);
        let open = self.found.iter().filter(|migration| !migration.makes_up_for(&family, goal));
        open.flat_map(|migration| migration.writes(&family)).collect()
    }
}

impl Migration {
    /// Whether its writes leave no stale copy of rows of some models, which share their table.
    fn makes_up_for(&self, family: &[ClassId], goal: &Goal) -> bool {
        // Rows of a table that is new were never cached.
        let is_new = |added: &Additions| added.tables.iter().any(|table| family.contains(table));
        let drops = |effect: &Effect| {
            *effect.kind == EffectKind::CutShort || goal.is_reached_by(&effect.kind)
        };
        self.additions.iter().any(is_new) || self.effects.iter().any(drops)
    }

    /// Its writes of some models, past their hooks, of columns that may be in a copy.
    fn writes(&self, family: &[ClassId]) -> Vec<MigrationWrite> {
        let is_new = |column: &Arc<str>| {
            let mut added = self.additions.iter().flat_map(|added| &added.columns);
            added.any(|(model, name)| family.contains(model) && name == column)
        };
        let mut writes = Vec::new();
        for effect in &self.effects {
            let EffectKind::Write(write) = &*effect.kind else { continue };
            let is_past_hooks = write.is_historical || matches!(write.kind, WriteKind::Sql(_));
            let of_family = write.model.is_some_and(|model| family.contains(&model));
            let fills_new_columns =
                write.columns.as_ref().is_some_and(|columns| columns.iter().all(is_new));
            if is_past_hooks && of_family && effect.hook.is_none() && !fills_new_columns {
                let places = effect.calls.iter().chain([effect.site]);
                let innermost = places.filter(|place| place.file == self.file).last();
                let location = innermost.unwrap_or(effect.site);
                writes.push(MigrationWrite { location, write: write.clone() });
            }
        }
        writes
    }
}

/// Whether some receiver that runs after migrations drops the entry of a goal.
pub fn drop_when_migrated(interp: &mut Interp<'_>, hooks: &Hooks, goal: &Goal) -> bool {
    hooks.numbered().any(|(id, hook)| {
        hook.event == Event::Migrated && hook.is_live() && {
            let effects = interp.follow_any(id, hook);
            goal.reached_in(&effects).is_some()
        }
    })
}
