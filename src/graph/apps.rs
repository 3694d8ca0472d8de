//! Django apps: their folders, their configurations, and which configuration is in use.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::ids::{ClassId, FunctionId};
use super::interp::Interp;
use super::modules::ModuleRef;
use super::value::Value;
use crate::frameworks::Role;
use crate::source::FileId;

/// The app configurations of a program.
#[derive(Debug, Default)]
pub struct Apps {
    /// Every configuration class, in order.
    pub configs: Vec<AppConfig>,
    /// Every folder that is an app, sorted.
    pub folders: Vec<String>,
}

/// A subclass of `AppConfig`.
#[derive(Debug)]
pub struct AppConfig {
    /// The class.
    pub class: ClassId,
    /// Whether Django runs its `ready()`.
    pub in_use: bool,
}

impl Apps {
    /// Finds the apps of a program and decides which configurations Django picks.
    ///
    /// The rules are those of Django 3.2 and later ("Applications", section "For application
    /// authors"): the class that `INSTALLED_APPS` names, else the only one in the app's `apps`
    /// module, else the one with `default = True`.
    pub fn find(interp: &mut Interp<'_>) -> Apps {
        let program = interp.program;
        let mut folders: Vec<String> = program
            .file_ids()
            .filter(|file| program.is_production(*file))
            .filter(|file| matches!(program.modules.stem(*file), "apps" | "models"))
            .map(|file| {
                let folder = program.modules.folder(file);
                if program.modules.is_package(file) {
                    folder.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned()
                } else {
                    folder.to_owned()
                }
            })
            .collect();
        folders.sort_unstable();
        folders.dedup();
        folders.retain(|folder| program.is_app_folder(folder));
        let classes: Vec<ClassId> =
            program.production_classes().filter(|class| is_config(interp, *class)).collect();
        let choice = Choice::of(interp, &classes);
        let configs = classes
            .into_iter()
            .map(|class| AppConfig { class, in_use: choice.takes(interp, class) })
            .collect();
        Apps { configs, folders }
    }

    /// The labels that configurations give their app folders.
    pub fn labels(&self, interp: &mut Interp<'_>) -> FxHashMap<String, String> {
        let mut labels = FxHashMap::default();
        for config in &self.configs {
            let label = interp.class_attribute(config.class, "label");
            let label = label.and_then(|(value, _)| value.known_text().map(str::to_owned));
            let name = interp.class_attribute(config.class, "name");
            let name = name.and_then(|(value, _)| value.known_text().map(str::to_owned));
            let label =
                label.or_else(|| name.and_then(|name| name.rsplit('.').next().map(str::to_owned)));
            if let Some(label) = label {
                let folder = interp.program.app_folder(config.class.file).to_owned();
                labels.insert(folder, label);
            }
        }
        labels
    }

    /// The `ready()` methods by the configuration that Django would call them on.
    pub fn ready_methods(&self, interp: &mut Interp<'_>) -> Vec<(ClassId, FunctionId, bool)> {
        let mut methods = Vec::new();
        for config in &self.configs {
            if let Some((ready, _)) = interp.class_attribute(config.class, "ready")
                && let Some(function) = super::hooks::function_of(&ready)
            {
                methods.push((config.class, function, config.in_use));
            }
        }
        methods
    }
}

/// What decides which configurations are in use, found once for all of them.
struct Choice {
    installed: Installed,
    /// The configurations that others are made from.
    bases: FxHashSet<ClassId>,
    /// The configurations that `INSTALLED_APPS` names.
    named: FxHashSet<ClassId>,
    /// The app folders of those.
    settled: FxHashSet<String>,
}

impl Choice {
    fn of(interp: &mut Interp<'_>, classes: &[ClassId]) -> Choice {
        let program = interp.program;
        let installed = Installed::of(interp);
        let mut bases = FxHashSet::default();
        let mut named = FxHashSet::default();
        for class in classes {
            let of_class = interp.bases(*class);
            bases.extend(of_class.iter().filter_map(Value::as_class).filter(|base| base != class));
            if installed.names_class(interp, *class) {
                named.insert(*class);
            }
        }
        let settled = named.iter().map(|class| program.app_folder(class.file).to_owned()).collect();
        Choice { installed, bases, named, settled }
    }

    fn takes(&self, interp: &mut Interp<'_>, class: ClassId) -> bool {
        let program = interp.program;
        let has_name = interp.class_attribute(class, "name").is_some();
        if self.bases.contains(&class) && !has_name {
            return false;
        }
        if self.named.contains(&class) {
            return true;
        }
        let folder = program.app_folder(class.file);
        if self.settled.contains(folder) {
            return false;
        }
        if let Some(chosen) = default_app_config(interp, class.file) {
            let qualified = program.qualified_class(class);
            return qualified == chosen || qualified.ends_with(&format!(".{chosen}"));
        }
        // An app that no settings mention is a library's: its users may pick any configuration.
        if !self.installed.lists(folder) {
            return true;
        }
        program.modules.stem(class.file) == "apps" && is_default(interp, class)
    }
}

/// Whether a class is an app configuration: by its base, or, where that is a library's, as it gives its own
/// package for its `name` and is readied.
fn is_config(interp: &mut Interp<'_>, class: ClassId) -> bool {
    if interp.has_role(class, &[Role::AppConfig]) {
        return true;
    }
    let program = interp.program;
    let (facts, namespace) = (program.file(class.file), program.class_namespace(class));
    let defines =
        |name: &str| facts.names.find(name).is_some_and(|it| !namespace.all(it).is_empty());
    if !defines("name") || !defines("ready") {
        return false;
    }
    let is_outside = |base: &Value| matches!(base, Value::External(_) | Value::Unbound(_));
    let named = interp.class_attribute(class, "name");
    let Some(name) = named.and_then(|(value, _)| value.known_text().map(str::to_owned)) else {
        return false;
    };
    let folder = program.modules.folder(class.file);
    let package = name.replace('.', "/");
    interp.bases(class).iter().any(is_outside)
        && (folder == package || folder.ends_with(&format!("/{package}")))
}

/// Whether a configuration is the one that Django picks from the namespace of its module, in which
/// imported ones count, too.
fn is_default(interp: &mut Interp<'_>, class: ClassId) -> bool {
    let mut candidates: Vec<(ClassId, Option<bool>)> = Vec::new();
    for candidate in interp.classes_in_module(class.file) {
        if is_config(interp, candidate) {
            let default = interp.class_attribute(candidate, "default");
            let default = default.and_then(|(value, _)| match value {
                Value::Bool(default) => Some(default),
                _ => None,
            });
            candidates.push((candidate, default));
        }
    }
    match candidates.as_slice() {
        [(only, default)] => *only == class && *default != Some(false),
        several => several.iter().any(|(other, default)| *other == class && *default == Some(true)),
    }
}

/// What the `INSTALLED_APPS` of all settings modules name.
struct Installed {
    /// The dotted names, sorted, by what stands after the last dot.
    by_last: FxHashMap<String, Vec<String>>,
    /// The dotted names as folders.
    folders: FxHashSet<String>,
}

impl Installed {
    fn of(interp: &mut Interp<'_>) -> Installed {
        let mut names = BTreeSet::new();
        let mut open = Vec::from_iter(interp.setting("INSTALLED_APPS"));
        while let Some(value) = open.pop() {
            match &value {
                Value::Sequence(items) | Value::Union(items) => open.extend(items.iter().cloned()),
                other => names.extend(other.known_text().map(str::to_owned)),
            }
        }
        let folders = names.iter().map(|name| name.replace('.', "/")).collect();
        let mut by_last: FxHashMap<String, Vec<String>> = FxHashMap::default();
        for name in names {
            let last = name.rsplit('.').next().unwrap_or_default().to_owned();
            by_last.entry(last).or_default().push(name);
        }
        Installed { by_last, folders }
    }

    /// Whether a folder, or what its path ends with, is an installed app.
    fn lists(&self, folder: &str) -> bool {
        let ends = folder.match_indices('/').map(|(at, _)| &folder[at + 1..]);
        std::iter::once(folder).chain(ends).any(|end| self.folders.contains(end))
    }

    /// Whether a configuration is named by itself, be it by a module that only imports it.
    fn names_class(&self, interp: &mut Interp<'_>, class: ClassId) -> bool {
        let program = interp.program;
        let Some(names) = self.by_last.get(program.class_name(class)) else { return false };
        let qualified = program.qualified_class(class);
        names.binary_search(&qualified).is_ok()
            || names.iter().any(|name| {
                let Some((module, member)) = name.rsplit_once('.') else { return false };
                match program.modules.absolute(class.file, module) {
                    Some(ModuleRef::File(file)) => {
                        interp.member_of_module(file, member) == Some(Value::Class(class))
                    }
                    _ => false,
                }
            })
    }
}

/// `default_app_config` of the package a configuration belongs to (Django before 4.1).
fn default_app_config(interp: &mut Interp<'_>, file: FileId) -> Option<String> {
    let folder = interp.program.app_folder(file).to_owned();
    match interp.program.modules.at(&folder)? {
        ModuleRef::File(init) => {
            let value = interp.member_of_module(init, "default_app_config")?;
            value.known_text().map(str::to_owned)
        }
        ModuleRef::Namespace(_) => None,
    }
}
