//! Folders that hold other people's code or none at all.

use std::path::Path;

/// Folders of tools, never a project's own code.
const TOOL_FOLDERS: [&str; 13] = [
    "__pycache__",
    "__pypackages__",
    "bower_components",
    "buck-out",
    "node_modules",
    "site-packages",
    "dist-packages",
    "venv",
    "virtualenv",
    ".tox",
    ".nox",
    ".venv",
    ".git",
];

/// Folders of copied libraries, unless they are a Django app (a shop may well have a `vendor` app) or a
/// module of a crate.
const VENDORED_FOLDERS: [&str; 5] = ["vendor", "_vendor", "vendored", "_vendored", "third_party"];

/// Build results, unless they are a package or a module of a crate.
const BUILD_FOLDERS: [&str; 3] = ["build", "_build", "dist"];

/// Whether a folder is skipped unless it is asked for by name.
pub fn is_skipped(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let name = name.as_ref();
    TOOL_FOLDERS.contains(&name)
        || name.ends_with(".egg-info")
        || name.ends_with(".egg")
        || VENDORED_FOLDERS.contains(&name) && !is_django_app(folder) && !is_rust_module(folder)
        || BUILD_FOLDERS.contains(&name)
            && !folder.join("__init__.py").exists()
            && !is_rust_module(folder)
        || folder.join("pyvenv.cfg").exists()
        || name == "target" && is_cargo_target(folder)
}

fn is_django_app(folder: &Path) -> bool {
    ["apps.py", "models.py", "models"].iter().any(|name| folder.join(name).exists())
}

/// Whether Cargo builds into a folder: it says so itself, or lies beside a manifest.
fn is_cargo_target(folder: &Path) -> bool {
    folder.join("CACHEDIR.TAG").exists() || folder.with_file_name("Cargo.toml").exists()
}

/// Whether a file says that a folder holds modules of a crate; `build.rs` beside a manifest says nothing
/// of `build`.
fn is_rust_module(folder: &Path) -> bool {
    let beside = folder.with_extension("rs");
    folder.join("mod.rs").exists()
        || beside.exists() && !folder.with_file_name("Cargo.toml").exists()
}
