//! Reads the framework files and merges them.

use std::path::PathBuf;

use wildmatch::WildMatch;

use super::patterns::NamePatterns;
use super::schema::{FrameworkFile, Head};
use super::{Frameworks, MethodEffect, ModelMethod, QuerySetMethod, Role, RolePattern, Store};
use crate::config::PointedError;
use crate::source::Language;

const BUILT_IN: [(&str, &str); 23] = [
    ("rules/django.toml", include_str!("../../rules/django.toml")),
    ("rules/django-redis.toml", include_str!("../../rules/django-redis.toml")),
    ("rules/redis-py.toml", include_str!("../../rules/redis-py.toml")),
    ("rules/celery.toml", include_str!("../../rules/celery.toml")),
    ("rules/django-lifecycle.toml", include_str!("../../rules/django-lifecycle.toml")),
    ("rules/django-rest-framework.toml", include_str!("../../rules/django-rest-framework.toml")),
    ("rules/django-model-utils.toml", include_str!("../../rules/django-model-utils.toml")),
    ("rules/django-cacheops.toml", include_str!("../../rules/django-cacheops.toml")),
    ("rules/django-cachalot.toml", include_str!("../../rules/django-cachalot.toml")),
    ("rules/model-libraries.toml", include_str!("../../rules/model-libraries.toml")),
    ("rules/rust-std.toml", include_str!("../../rules/rust-std.toml")),
    ("rules/cache-lint-rs.toml", include_str!("../../rules/cache-lint-rs.toml")),
    ("rules/moka.toml", include_str!("../../rules/moka.toml")),
    ("rules/cached-rs.toml", include_str!("../../rules/cached-rs.toml")),
    ("rules/cache-kit.toml", include_str!("../../rules/cache-kit.toml")),
    ("rules/redis-rs.toml", include_str!("../../rules/redis-rs.toml")),
    ("rules/sea-orm.toml", include_str!("../../rules/sea-orm.toml")),
    ("rules/diesel.toml", include_str!("../../rules/diesel.toml")),
    ("rules/sqlx.toml", include_str!("../../rules/sqlx.toml")),
    ("rules/tokio-postgres.toml", include_str!("../../rules/tokio-postgres.toml")),
    ("rules/rusqlite.toml", include_str!("../../rules/rusqlite.toml")),
    ("rules/remote.toml", include_str!("../../rules/remote.toml")),
    ("rules/channels.toml", include_str!("../../rules/channels.toml")),
];

/// The patterns of names of all framework files.
#[derive(Debug, Default)]
struct Spellings {
    fields: Vec<String>,
    invalidations: Vec<String>,
    stores: Vec<String>,
    managers: Vec<String>,
    versions: Vec<String>,
    rows: Vec<String>,
}

impl Frameworks {
    /// The built-in framework files, then `extra` ones of the project: path and text of each.
    ///
    /// # Errors
    /// Where a file does not follow the schema, with the place in it.
    pub fn load(extra: &[(PathBuf, String)]) -> Result<Frameworks, PointedError> {
        let mut merged = Frameworks::default();
        let mut spellings = Spellings::default();
        for (path, text) in BUILT_IN {
            merged.add(PathBuf::from(path), text, &mut spellings)?;
        }
        for (path, text) in extra {
            merged.add(path.clone(), text, &mut spellings)?;
        }
        merged.rust.finish();
        merged.index_store_methods();
        merged.read_patterns(&spellings);
        Ok(merged)
    }

    fn add(
        &mut self,
        path: PathBuf,
        text: &str,
        spellings: &mut Spellings,
    ) -> Result<(), PointedError> {
        let pointed = |error: toml::de::Error| {
            PointedError::at(&path, text, error.span().unwrap_or_default(), error.message())
        };
        let head: Head = toml::from_str(text).map_err(pointed)?;
        if head.language == Some(Language::Rust) {
            return self.rust.add(&path, text);
        }
        let file: FrameworkFile = toml::from_str(text).map_err(|error| {
            PointedError::at(&path, text, error.span().unwrap_or_default(), error.message())
        })?;
        for (role, names) in file.names {
            for name in names {
                let words = match role {
                    Role::MuteSignals | Role::MuteLibraries => Some(&mut self.muting_words),
                    Role::Mapping => Some(&mut self.mapping_words),
                    Role::GetModel => Some(&mut self.getter_words),
                    Role::Clock => Some(&mut self.clock_words),
                    _ => None,
                };
                if let Some(words) = words {
                    words.extend(name.rsplit('.').next().map(str::to_owned));
                }
                if role.is_field() {
                    let word = name.rsplit('.').next().unwrap_or(&name);
                    spellings.fields.push(word.to_owned());
                }
                if name.contains('*') {
                    self.role_patterns.push(RolePattern::new(&name, role));
                } else {
                    self.roles.insert(name, role);
                }
            }
        }
        self.signals.extend(file.signals);
        self.sent_before_write.extend(file.sent_before_write);
        for store in file.store {
            self.add_store(store);
        }
        let queryset = file.queryset;
        for (names, method) in [
            (queryset.rows, QuerySetMethod::Rows),
            (queryset.mappings, QuerySetMethod::Mapping),
            (queryset.conditions, QuerySetMethod::Conditions),
            (queryset.sql, QuerySetMethod::Sql),
            (queryset.exclusions, QuerySetMethod::Exclusions),
            (queryset.orders, QuerySetMethod::Orders),
            (queryset.related, QuerySetMethod::Related),
            (queryset.loads_only, QuerySetMethod::LoadsOnly),
            (queryset.loads_all_but, QuerySetMethod::LoadsAllBut),
            (queryset.columns, QuerySetMethod::Columns),
            (queryset.figures, QuerySetMethod::Figures),
            (queryset.row, QuerySetMethod::Row),
            (queryset.unique, QuerySetMethod::Unique),
            (queryset.creates, QuerySetMethod::Creates),
            (queryset.creates_or_updates, QuerySetMethod::CreatesOrUpdates),
            (queryset.deletes, QuerySetMethod::Deletes),
            (queryset.raw_deletes, QuerySetMethod::RawDeletes),
            (queryset.updates, QuerySetMethod::Updates),
            (queryset.bulk_creates, QuerySetMethod::BulkCreates),
            (queryset.bulk_updates, QuerySetMethod::BulkUpdates),
        ] {
            self.queryset.extend(names.into_iter().map(|name| (name, method)));
        }
        self.queryset_makers.extend(queryset.makers);
        self.through_update.extend(queryset.through_update);
        self.drops_listed.extend(queryset.drops_listed);
        self.link_methods.extend(queryset.links);
        self.model.extend(file.model.saves.into_iter().map(|name| (name, ModelMethod::Saves)));
        self.model.extend(file.model.deletes.into_iter().map(|name| (name, ModelMethod::Deletes)));
        self.model_inner.extend(file.model.inner);
        self.row_loaders.extend(file.model.loads);
        self.row_members.extend(file.model.members);
        self.task_methods.extend(file.task_methods);
        self.tasks_on_commit.extend(file.tasks_on_commit);
        self.task_senders.extend(file.named_tasks.senders);
        self.task_signatures.extend(file.named_tasks.signatures);
        self.put_off_by.extend(file.model.put_off_by);
        for writer in &file.writer {
            for method in &writer.methods {
                let known = self.writers.entry(method.name.clone()).or_default();
                let types = writer.types.iter();
                known.extend(types.map(|name| (WildMatch::new(name), method.clone())));
            }
        }
        self.hook_decorators.extend(file.hook_decorator);
        self.lazy_objects.extend(file.lazy_object);
        self.memoizers.extend(file.memoizer);
        self.key_builders.extend(file.key);
        self.record_loaders.extend(file.records.loaders);
        for method in file.view_method {
            let types: Vec<WildMatch> =
                method.types.iter().map(|name| WildMatch::new(name)).collect();
            let more = types.iter().filter(|pattern| !self.view_types.contains(pattern));
            let more: Vec<WildMatch> = more.cloned().collect();
            self.view_types.extend(more);
            self.view_methods.entry(method.name.clone()).or_default().push((types, method));
        }
        for action in file.view_action {
            let types = action.types.iter().map(|name| WildMatch::new(name)).collect();
            self.view_actions.push((types, action));
        }
        self.views.makers.extend(file.views.makers);
        self.views.dispatchers.extend(file.views.dispatchers);
        self.views.readers.extend(file.views.readers);
        self.views.rows_parameters.extend(file.views.rows_parameters);
        self.views.rows_method = file.views.rows_method.or(self.views.rows_method.take());
        self.sql_methods.extend(file.sql.methods);
        self.code = file.code.or(self.code.take());
        self.startup_app_modules.extend(file.startup.app_modules);
        self.startup_modules.extend(file.startup.modules);
        spellings.invalidations.extend(file.invalidation.names);
        spellings.stores.extend(file.conventions.stores);
        spellings.versions.extend(file.conventions.versions);
        spellings.managers.extend(file.conventions.managers);
        spellings.rows.extend(file.conventions.rows);
        Ok(())
    }

    /// Stores of one name are one store, described in several files.
    fn add_store(&mut self, store: Store) {
        let names = [&store.instances, &store.items_of, &store.returned_by, &store.types];
        let words = names.into_iter().flatten().filter_map(|name| name.rsplit('.').next());
        self.store_words.extend(words.map(str::to_owned));
        let writers = store.methods.iter().filter(|method| {
            matches!(
                method.does,
                MethodEffect::Drop
                    | MethodEffect::Count
                    | MethodEffect::Fill
                    | MethodEffect::FillMissing
                    | MethodEffect::Add
            )
        });
        self.store_writers.extend(writers.map(|method| method.name.clone()));
        match self.stores.iter_mut().find(|known| known.name == store.name) {
            Some(known) => {
                known.instances.extend(store.instances);
                known.items_of.extend(store.items_of);
                known.returned_by.extend(store.returned_by);
                known.types.extend(store.types);
                known.awaited.extend(store.awaited);
                known.methods.extend(store.methods);
                known.keeps_forever |= store.keeps_forever;
            }
            None => self.stores.push(store),
        }
    }

    fn read_patterns(&mut self, spellings: &Spellings) {
        let read = |names: &[String], any_case| {
            NamePatterns::new(names.iter().map(String::as_str), any_case)
        };
        self.field_words = read(&spellings.fields, false);
        self.manager_names = read(&spellings.managers, false);
        self.invalidation_names = read(&spellings.invalidations, true);
        self.store_names = read(&spellings.stores, true);
        self.version_names = read(&spellings.versions, false);
        self.row_names = read(&spellings.rows, false);
    }

    fn index_store_methods(&mut self) {
        for (at, store) in self.stores.iter().enumerate() {
            for (place, method) in store.methods.iter().enumerate() {
                self.store_methods.entry(method.name.clone()).or_insert((at, place));
            }
        }
    }
}
