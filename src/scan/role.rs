//! Tells production code from tests and migrations by its path.

use crate::source::{Language, Package, Role};

/// Modules of a Django app that is itself called `migrations`.
const APP_MODULES: [&str; 8] = [
    "admin.py",
    "apps.py",
    "forms.py",
    "models.py",
    "signals.py",
    "tasks.py",
    "urls.py",
    "views.py",
];

/// What a file is for, by its path below the program's root (with `/`); `packages` are the Cargo
/// packages, sorted by folder.
///
/// Only the path below the root counts: a project checked out under `/home/me/tests/` is no test.
pub fn role(language: Language, project_path: &str, packages: &[Package]) -> Role {
    match language {
        Language::Python => python_role(project_path),
        Language::Rust => rust_role(project_path, packages),
    }
}

/// Cargo compiles `tests`, `benches`, `examples` and `build.rs` of a package apart from what runs in
/// production; the unit tests of a module are where the module says `#[cfg(test)]`, or in a file that
/// is called after them.
fn rust_role(project_path: &str, packages: &[Package]) -> Role {
    let (folders, name) = project_path.rsplit_once('/').unwrap_or(("", project_path));
    let stem = name.strip_suffix(".rs").unwrap_or(name);
    let is_package =
        |folder: &str| packages.binary_search_by(|own| own.folder.as_str().cmp(folder)).is_ok();
    let mut role = Role::Production;
    let mut above = 0;
    for folder in folders.split('/').filter(|folder| !folder.is_empty()) {
        let parent = project_path[..above].trim_end_matches('/');
        if matches!(folder, "tests" | "benches" | "examples") && is_package(parent) {
            return Role::Test;
        }
        if matches!(folder, "migration" | "migrations") {
            role = Role::Migration;
        }
        above += folder.len() + 1;
    }
    if stem == "tests"
        || stem.starts_with("test_")
        || stem.ends_with("_test")
        || stem == "build" && is_package(folders)
    {
        return Role::Test;
    }
    role
}

fn python_role(project_path: &str) -> Role {
    let (folders, name) = project_path.rsplit_once('/').unwrap_or(("", project_path));
    if is_test_file(name) || folders.split('/').any(is_test_folder) {
        return Role::Test;
    }
    let parent = folders.rsplit('/').next().unwrap_or_default();
    let numbered = name.starts_with(|c: char| c.is_ascii_digit());
    let migration = match parent {
        "migrations" => !APP_MODULES.contains(&name),
        // `async_migrations/` and the like also hold the code that runs them.
        _ if parent.ends_with("_migrations") => numbered,
        _ => numbered && folders.split('/').any(|folder| folder == "migrations"),
    };
    if migration { Role::Migration } else { Role::Production }
}

fn is_test_folder(name: &str) -> bool {
    matches!(name, "test" | "tests" | "testing") || name.starts_with("test_")
}

fn is_test_file(name: &str) -> bool {
    let stem = name.strip_suffix(".py").unwrap_or(name);
    matches!(stem, "tests" | "conftest") || stem.starts_with("test_") || stem.ends_with("_test")
}

#[cfg(test)]
mod tests {
    use super::role;
    use crate::source::Role::*;
    use crate::source::{Language, Package};

    #[test]
    fn paths_tell_what_a_file_is_for() {
        for (path, expected) in [
            ("shop/models.py", Production),
            ("shop/testing.py", Production),
            ("contest/models.py", Production),
            ("shop/tests.py", Test),
            ("shop/tests/factories.py", Test),
            ("shop/test_utils/cases.py", Test),
            ("conftest.py", Test),
            ("shop/test_models.py", Test),
            ("shop/models_test.py", Test),
            ("tests/migrations/0001_initial.py", Test),
            ("shop/migrations/0001_initial.py", Migration),
            ("shop/migrations/helpers.py", Migration),
            ("shop/migrations/archive/0001_initial.py", Migration),
            ("shop/migrations/models.py", Production),
            ("core/async_migrations/runner.py", Production),
            ("core/async_migrations/0001_fill.py", Migration),
        ] {
            assert_eq!(role(Language::Python, path, &[]), expected, "{path}");
        }
    }

    #[test]
    fn packages_tell_what_a_file_of_rust_is_for() {
        let packages = ["", "crates/api", "migration"].map(|folder| Package {
            folder: folder.to_owned(),
            name: "a".to_owned(),
            lib_name: None,
            lib_path: None,
            bin_paths: Vec::new(),
        });
        for (path, expected) in [
            ("src/main.rs", Production),
            ("src/contest.rs", Production),
            ("tests/api.rs", Test),
            ("crates/api/benches/speed.rs", Test),
            ("crates/api/examples/demo/main.rs", Test),
            // Neither lies beside a manifest.
            ("crates/tests/src/lib.rs", Production),
            ("src/examples/mod.rs", Production),
            ("src/user/tests.rs", Test),
            ("src/user_test.rs", Test),
            ("crates/api/build.rs", Test),
            ("src/build.rs", Production),
            ("migration/src/m2024_users.rs", Migration),
            ("src/migrations/m1.rs", Migration),
            ("migration/tests/up.rs", Test),
        ] {
            assert_eq!(role(Language::Rust, path, &packages), expected, "{path}");
        }
    }
}
