//! Finds the functions that may write rows of some models, by the names that they mention alone.

use std::collections::BTreeSet;

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::ids::{ClassId, FunctionId};
use super::interp::Interp;
use super::model_words::{classes_given_with, words_of_class};
use super::program::{Program, last_name_id};
use super::vocabulary::Words;
use crate::facts::{ExprKind, FunctionFact, FunctionIx, NameId, Scope};
use crate::source::FileId;

/// A search, by names alone, for functions that write rows of some models.
pub(super) struct Search {
    /// The names by which code gets at the rows.
    names: Words,
    /// Their tables.
    tables: Vec<String>,
    /// The names of the methods that write.
    writing: Words,
    /// The names of the methods that run SQL.
    running: Words,
    /// The labels of the models.
    labels: Words,
    /// The names of the functions that give a model by its label.
    getting: Words,
}

impl Search {
    /// For rows of some models; `savers` are forms and serializers with theirs, `writing` the methods that write.
    pub(super) fn new<'n>(
        interp: &mut Interp<'_>,
        mut models: Vec<ClassId>,
        savers: &[(&str, &str)],
        writing: impl Iterator<Item = &'n str>,
    ) -> Search {
        models.sort_unstable();
        models.dedup();
        let (names, tables) = names_of(interp, &models, savers);
        let labels: Vec<String> = models.iter().map(|model| interp.model_label(*model)).collect();
        let lower = labels.iter().map(|label| label.to_lowercase());
        let labels: Vec<String> = lower.chain(labels.iter().cloned()).collect();
        let Program { vocabulary, frameworks, .. } = interp.program;
        Search {
            names: vocabulary.select(names.iter().map(String::as_str)),
            tables,
            writing: vocabulary.select(writing),
            running: vocabulary.select(frameworks.sql_methods()),
            labels: vocabulary.select(labels.iter().map(String::as_str)),
            getting: vocabulary.select(frameworks.model_getters()),
        }
    }

    /// The production functions that mention both a model, or a table, and a method that writes.
    pub(super) fn functions(&self, program: &Program<'_>) -> Vec<FunctionId> {
        let vocabulary = &program.vocabulary;
        let mut files = vocabulary.files_with_any_of(&self.names);
        let running = vocabulary.files_with_any_of(&self.running);
        files.extend(vocabulary.files_containing(&self.tables, &running));
        files.extend(vocabulary.files_with_any_of(&self.labels));
        files.sort_unstable();
        files.dedup();
        let files = files.into_par_iter().filter(|file| program.is_production(*file));
        files.flat_map_iter(|file| self.functions_of(program, file)).collect()
    }

    fn functions_of(&self, program: &Program<'_>, file: FileId) -> Vec<FunctionId> {
        let facts = program.file(file);
        let is_one_of = |words: &Words, name| program.vocabulary.is_one_of(words, file, name);
        let classes = facts.classes.iter();
        let named = |name: NameId| is_one_of(&self.names, name);
        let bound = classes_given_with(facts, named);
        let family: Vec<bool> = classes
            .map(|class| {
                named(class.name)
                    || words_of_class(facts, class).any(named)
                    || bound.contains(&class.name)
            })
            .collect();
        // Whether a parameter is annotated with one of the models.
        let annotates = |function: &FunctionFact| {
            function.params.iter().filter_map(|param| param.annotation).any(|annotation| {
                let name = match facts.expr(annotation).kind {
                    ExprKind::Str(text) => Some(text),
                    _ => last_name_id(facts, annotation),
                };
                name.is_some_and(|name| is_one_of(&self.names, name))
            })
        };
        let writes = |function: &FunctionFact| {
            let mentions =
                |words: &Words| function.mentions.iter().any(|name| is_one_of(words, *name));
            let in_family = || matches!(function.scope, Scope::Class(ix) if family[ix.index()]);
            !facts.name(function.name).is_empty()
                && mentions(&self.writing)
                && (in_family()
                    || annotates(function)
                    || mentions(&self.names)
                    || mentions(&self.running)
                    || mentions(&self.getting))
        };
        let functions = facts.functions.iter().enumerate();
        let writing = functions.filter(|(_, function)| writes(function));
        writing.map(|(ix, _)| FunctionId { file, ix: FunctionIx(ix as u32) }).collect()
    }
}

/// The names by which code gets at rows of these models, their classes and the far sides of their
/// relations; and the names of their tables.
fn names_of(
    interp: &mut Interp<'_>,
    models: &[ClassId],
    savers: &[(&str, &str)],
) -> (FxHashSet<String>, Vec<String>) {
    let mut names = FxHashSet::default();
    let mut families: BTreeSet<ClassId> = models.iter().copied().collect();
    let sides = interp.reverse_sides();
    for &model in models {
        families.extend(interp.table_relatives(model));
        for field in interp.relation_fields(model).iter() {
            let Some(target) = interp.relation(model, field).and_then(|it| it.target) else {
                continue;
            };
            let of_target = sides.get(&target).into_iter().flatten();
            names.extend(of_target.filter(|side| side.owner == model).map(|it| it.name.clone()));
        }
    }
    let mut tables: Vec<String> = Vec::new();
    for class in families {
        let name = interp.program.class_name(class);
        names.insert(name.to_owned());
        names.extend(interp.program.aliases_of(name).iter().map(|name| (*name).to_owned()));
        tables.push(interp.table(class));
    }
    names.extend(interp.ways_back_to(models));
    let of_rows = interp.rows_classes_of(models).into_iter();
    names.extend(of_rows.map(|class| interp.program.class_name(class).to_owned()));
    let of_savers = savers.iter().filter(|(_, model)| names.contains(*model));
    let of_savers: Vec<String> = of_savers.map(|(saver, _)| (*saver).to_owned()).collect();
    names.extend(of_savers);
    tables.sort_unstable();
    tables.dedup();
    (names, tables)
}
