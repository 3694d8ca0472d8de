//! Tells production code from tests and migrations by its path.

use crate::source::Role;

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

/// What a file is for, by its path below the program's root (with `/`).
///
/// Only the path below the root counts: a project checked out under `/home/me/tests/` is no test.
pub fn role(project_path: &str) -> Role {
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
            assert_eq!(role(path), expected, "{path}");
        }
    }
}
