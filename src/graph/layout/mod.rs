//! Where the modules, apps and receivers of a program stand: what new code must fit in with.

mod imports;
mod receivers;

pub use receivers::{Receiver, Receivers};

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::apps::Apps;
use super::examples::ModulePaths;
use super::holes::Place;
use super::hooks::{HookState, Hooks, Sender};
use super::program::Program;
use super::startup::imports_of;
use super::value::Value;
use crate::source::FileId;
use imports::Imports;

/// The modules of a program, and what is where.
#[derive(Debug, Default)]
pub struct Layout {
    /// By file.
    pub modules: Vec<Module>,
    /// The receivers that are connected, in the order found.
    pub receivers: Receivers,
    /// The app configurations of each folder, in order.
    configs: FxHashMap<String, Vec<Config>>,
    imports: Imports,
    /// The path of the outermost Rust module of each file.
    pub rust_modules: ModulePaths,
    /// The file of the module of each dotted name, the first one.
    files: FxHashMap<String, FileId>,
    /// The first part of each of these names.
    packages: FxHashSet<String>,
}

/// A module.
#[derive(Debug)]
pub struct Module {
    /// Its dotted name.
    pub name: String,
    /// The dotted name of the package that it is in.
    pub package: String,
    /// The folder of the app that it belongs to, below the root of the program.
    pub app_folder: String,
    /// The dotted name of that folder.
    pub app: String,
    /// Whether a module with an app configuration imports it, or it is such a module: it may not import
    /// models when it is imported itself.
    pub is_early: bool,
}

/// An app configuration.
#[derive(Debug)]
pub struct Config {
    /// Its class.
    pub class: Place,
    /// Whether Django runs its `ready()`.
    pub in_use: bool,
}

impl Layout {
    /// Describes a program.
    pub fn of(program: &Program<'_>, apps: &Apps, hooks: &Hooks) -> Layout {
        let files: Vec<FileId> = program.file_ids().collect();
        let module = |file: &FileId| {
            let app_folder = program.app_folder(*file).to_owned();
            let root = program.modules.source_root(*file);
            let below = app_folder.strip_prefix(root).unwrap_or(&app_folder);
            Module {
                name: program.modules.name(*file).to_owned(),
                package: program.modules.package(*file).to_owned(),
                app: below.trim_matches('/').replace('/', "."),
                app_folder,
                is_early: false,
            }
        };
        let imports = |file: &FileId| match program.is_production(*file) {
            true => imports_of(program, *file),
            false => Vec::new(),
        };
        let receivers = hooks.iter().map(|hook| Receiver {
            location: hook.location,
            function: hook.function().map(|function| program.function_location(function)),
            connected_at: hook.connected_at,
            sender: match hook.sender {
                Sender::Class(class) | Sender::Through(class, _) => {
                    Some(program.class_location(class))
                }
                _ => None,
            },
            field: match &hook.sender {
                Sender::Through(_, field) => Some(field.to_string()),
                _ => None,
            },
            signal: match &hook.connection.signal {
                Value::External(path) => path.rsplit('.').next().unwrap_or_default().to_owned(),
                _ => String::new(),
            },
            is_decorated: hook.connection.decorated,
            is_live: hook.is_live(),
            is_collected: hook.state == HookState::Collected,
        });
        let mut configs: FxHashMap<String, Vec<Config>> = FxHashMap::default();
        for config in &apps.configs {
            let class = Place {
                name: program.qualified_class(config.class),
                location: program.class_location(config.class),
            };
            let of_app = configs.entry(program.app_folder(config.class.file).to_owned());
            of_app.or_default().push(Config { class, in_use: config.in_use });
        }
        let mut open: Vec<FileId> = apps.configs.iter().map(|config| config.class.file).collect();
        let modules: Vec<Module> = files.par_iter().map(module).collect();
        let imports = Imports::new(files.par_iter().map(imports).collect());
        let names = || modules.iter().map(|module| module.name.clone());
        let mut layout = Layout {
            // The first one of a name is to stay.
            files: names().zip(files).rev().collect(),
            packages: names()
                .filter_map(|name| name.split('.').next().map(str::to_owned))
                .collect(),
            modules,
            receivers: Receivers::new(receivers.collect(), |file| program.app_folder(file)),
            configs,
            imports,
            rust_modules: ModulePaths::new(),
        };
        while let Some(file) = open.pop() {
            let module = &mut layout.modules[file.0 as usize];
            if !std::mem::replace(&mut module.is_early, true) {
                open.extend_from_slice(layout.imports.of(file));
            }
        }
        layout
    }

    /// The module of a file.
    pub fn module(&self, file: FileId) -> &Module {
        &self.modules[file.0 as usize]
    }

    /// The file of the module with this dotted name.
    pub fn file_of(&self, name: &str) -> Option<FileId> {
        self.files.get(name).copied()
    }

    /// Whether a module or package at the top is one of the program.
    pub fn is_own(&self, package: &str) -> bool {
        self.packages.contains(package)
    }

    /// The app configurations in the app of a folder, in order.
    pub fn configs_in(&self, app_folder: &str) -> &[Config] {
        self.configs.get(app_folder).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether importing a module imports another one, directly or not.
    pub fn imports(&self, from: FileId, to: FileId) -> bool {
        self.imports.lead(from, to)
    }
}
