//! Django apps: their folders, their configurations, and which configuration is in use.

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
        let classes: Vec<ClassId> = program
            .production_classes()
            .filter(|class| interp.has_role(*class, &[Role::AppConfig]))
            .collect();
        let installed = installed_apps(interp);
        let configs = classes
            .iter()
            .map(|class| AppConfig {
                class: *class,
                in_use: in_use(interp, *class, &classes, &installed),
            })
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

/// The dotted names in `INSTALLED_APPS` of all settings modules.
fn installed_apps(interp: &mut Interp<'_>) -> FxHashSet<String> {
    let mut names = FxHashSet::default();
    let Some(value) = interp.setting("INSTALLED_APPS") else { return names };
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match &value {
            Value::Sequence(items) | Value::Union(items) => open.extend(items.iter().cloned()),
            other => names.extend(other.known_text().map(str::to_owned)),
        }
    }
    names
}

fn in_use(
    interp: &mut Interp<'_>,
    class: ClassId,
    all: &[ClassId],
    installed: &FxHashSet<String>,
) -> bool {
    let program = interp.program;
    let is_base = all
        .iter()
        .any(|other| *other != class && interp.bases(*other).contains(&Value::Class(class)));
    let has_name = interp.class_attribute(class, "name").is_some();
    if is_base && !has_name {
        return false;
    }
    let qualified = program.qualified_class(class);
    if names_class(interp, installed, class, &qualified) {
        return true;
    }
    let folder = program.app_folder(class.file);
    let siblings: Vec<ClassId> =
        all.iter().copied().filter(|other| program.app_folder(other.file) == folder).collect();
    let named_sibling = siblings.iter().any(|sibling| {
        let name = program.qualified_class(*sibling);
        names_class(interp, installed, *sibling, &name)
    });
    if named_sibling {
        return false;
    }
    if let Some(chosen) = default_app_config(interp, class.file) {
        return qualified == chosen || qualified.ends_with(&format!(".{chosen}"));
    }
    // An app that no settings mention is a library's: its users may pick any configuration.
    let listed = installed.iter().any(|name| {
        let path = name.replace('.', "/");
        folder == path || folder.ends_with(&format!("/{path}"))
    });
    if !listed {
        return true;
    }
    if program.modules.stem(class.file) != "apps" {
        return false;
    }
    // Every configuration in the namespace of the module counts, imported ones, too.
    let mut candidates: Vec<(ClassId, Option<bool>)> = Vec::new();
    for candidate in interp.classes_in_module(class.file) {
        if interp.has_role(candidate, &[Role::AppConfig]) {
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

fn names_class(
    interp: &mut Interp<'_>,
    installed: &FxHashSet<String>,
    class: ClassId,
    qualified: &str,
) -> bool {
    if installed.contains(qualified) {
        return true;
    }
    let name = interp.program.class_name(class);
    let mut candidates: Vec<&String> =
        installed.iter().filter(|entry| entry.rsplit('.').next() == Some(name)).collect();
    candidates.sort_unstable();
    candidates.into_iter().any(|entry| {
        let Some((module, member)) = entry.rsplit_once('.') else { return false };
        match interp.program.modules.absolute(class.file, module) {
            Some(ModuleRef::File(file)) => {
                interp.member_of_module(file, member) == Some(Value::Class(class))
            }
            _ => false,
        }
    })
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
