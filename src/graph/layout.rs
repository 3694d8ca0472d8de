//! Where the modules, apps and receivers of a program stand: what new code must fit in with.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::apps::Apps;
use super::examples::ModulePaths;
use super::holes::Place;
use super::hooks::{HookState, Hooks, Sender};
use super::program::Program;
use super::startup::imports_of;
use super::value::Value;
use crate::source::{FileId, Location};

/// The modules of a program, and what is where.
#[derive(Debug, Default)]
pub struct Layout {
    /// By file.
    pub modules: Vec<Module>,
    /// The receivers that are connected, in the order found.
    pub receivers: Vec<Receiver>,
    /// The app configurations, in order.
    pub configs: Vec<Config>,
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
    /// What it imports when it is imported itself.
    imports: Vec<FileId>,
}

/// A receiver that is connected.
#[derive(Debug)]
pub struct Receiver {
    /// Where reports place it.
    pub location: Location,
    /// Its function, where that is one of the program.
    pub function: Option<Location>,
    /// The call or decorator that connects it.
    pub connected_at: Location,
    /// The last name of its signal.
    pub signal: String,
    /// The class that it hears of, where that is one of the program.
    pub sender: Option<Location>,
    /// The many-to-many field of that class, where it hears of its links.
    pub field: Option<String>,
    /// Whether a decorator connects it.
    pub is_decorated: bool,
    /// Whether it runs.
    pub is_live: bool,
    /// Whether it does not because nothing holds it.
    pub is_collected: bool,
}

/// An app configuration.
#[derive(Debug)]
pub struct Config {
    /// Its class.
    pub class: Place,
    /// The folder of its app.
    pub app_folder: String,
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
                imports: match program.is_production(*file) {
                    true => imports_of(program, *file),
                    false => Vec::new(),
                },
            }
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
        let configs = apps.configs.iter().map(|config| Config {
            class: Place {
                name: program.qualified_class(config.class),
                location: program.class_location(config.class),
            },
            app_folder: program.app_folder(config.class.file).to_owned(),
            in_use: config.in_use,
        });
        let modules: Vec<Module> = files.par_iter().map(module).collect();
        let names = || modules.iter().map(|module| module.name.clone());
        let mut layout = Layout {
            // The first one of a name is to stay.
            files: names().zip(files).rev().collect(),
            packages: names()
                .filter_map(|name| name.split('.').next().map(str::to_owned))
                .collect(),
            modules,
            receivers: receivers.collect(),
            configs: configs.collect(),
            rust_modules: ModulePaths::new(),
        };
        let mut open: Vec<FileId> =
            layout.configs.iter().map(|config| config.class.location.file).collect();
        while let Some(file) = open.pop() {
            let module = &mut layout.modules[file.0 as usize];
            if !std::mem::replace(&mut module.is_early, true) {
                open.extend_from_slice(&module.imports);
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

    /// Whether importing a module imports another one, directly or not.
    pub fn imports(&self, from: FileId, to: FileId) -> bool {
        let mut seen = vec![false; self.modules.len()];
        let mut open = vec![from];
        while let Some(file) = open.pop() {
            if file == to {
                return true;
            }
            if !std::mem::replace(&mut seen[file.0 as usize], true) {
                open.extend_from_slice(&self.module(file).imports);
            }
        }
        false
    }
}
