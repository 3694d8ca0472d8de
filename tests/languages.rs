//! Python and Rust in one tree: both are read, `--language` narrows, and Cargo's folders are known.

mod project;

use project::Project;

const CONCISE: [&str; 3] = ["--output-format", "concise", "-q"];
const PYTHON: &str =
    "shop.py:2:1: CL900 this file was not seen as a whole: unexpected EOF while parsing\n";
const RUST: &str =
    "src/main.rs:1:8: CL900 nothing in this file was seen: this bracket has no counterpart\n";

/// A program with a mistake in each language.
fn mixed() -> Project {
    let project = Project::new();
    project.write("Cargo.toml", b"[package]\nname = \"shop\"\n");
    project.write("shop.py", b"x = (\n");
    project.write("src/main.rs", b"fn main(\n");
    project
}

fn check(project: &Project, more: &[&str]) -> project::Run {
    project.check(&[&CONCISE, more].concat())
}

#[test]
fn both_languages_are_read_in_one_run() {
    check(&mixed(), &[]).says(1, &format!("{PYTHON}{RUST}"));
    check(&mixed(), &["--language", "rust", "--language", "python"])
        .says(1, &format!("{PYTHON}{RUST}"));
}

#[test]
fn a_language_that_is_not_asked_for_is_not_read() {
    check(&mixed(), &["--language", "python"]).says(1, PYTHON);
    check(&mixed(), &["--language", "rust"]).says(1, RUST);
    let run = check(&mixed(), &["--language", "rust", "shop.py"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("no source found: there is no Rust file in "), "{}", run.stderr);
}

#[test]
fn a_buffer_may_be_rust() {
    let project = mixed();
    let arguments = [&CONCISE[..], &["--stdin-filename", "src/main.rs"]].concat();
    project.check_buffer(&arguments, "fn main() {}\n").says(0, "");
    project.check_buffer(&arguments, "fn main() {\n").says(
        1,
        "src/main.rs:1:11: CL900 nothing in this file was seen: this bracket has no counterpart\n",
    );
    let narrowed = [&arguments[..], &["--language", "python"]].concat();
    let run = project.check_buffer(&narrowed, "fn main() {}\n");
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("is not the name of a Python file"), "{}", run.stderr);
}

#[test]
fn what_cargo_builds_is_not_read() {
    let project = mixed();
    project.write("src/main.rs", b"fn main() {}\n");
    project.write("shop.py", b"");
    project.write("target/debug/build/out.rs", b"fn main(\n");
    project.write("elsewhere/target/CACHEDIR.TAG", b"Signature: 8a477f597d28d172789f06886806bc55");
    project.write("elsewhere/target/out.rs", b"fn main(\n");
    check(&project, &[]).says(0, "");
    // A folder of that name that Cargo has nothing to do with is the project's own.
    project.write("src/target/mod.rs", b"fn main(\n");
    check(&project, &[]).starts(1, "src/target/mod.rs:1:8: CL900");
}

#[test]
fn modules_may_be_called_as_folders_are_that_are_skipped() {
    let project = Project::new();
    project.write("src/build/mod.rs", b"fn main(\n");
    project.write("src/vendor.rs", b"");
    project.write("src/vendor/kinds.rs", b"fn main(\n");
    project.write("vendor/serde/src/lib.rs", b"fn main(\n");
    check(&project, &[]).says(
        1,
        "\
src/build/mod.rs:1:8: CL900 nothing in this file was seen: this bracket has no counterpart
src/vendor/kinds.rs:1:8: CL900 nothing in this file was seen: this bracket has no counterpart
",
    );
}

#[test]
fn a_file_belongs_to_the_whole_workspace() {
    let project = Project::new();
    project.write("Cargo.toml", b"[workspace]\nmembers = [\"crates/*\"]\n");
    for name in ["api", "store"] {
        let manifest = format!("[package]\nname = \"{name}\"\n");
        project.write(&format!("crates/{name}/Cargo.toml"), manifest.as_bytes());
        project.write(&format!("crates/{name}/src/lib.rs"), b"");
    }
    let run = project.check(&["--output-format", "json", "crates/api/src/lib.rs"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(report["summary"]["files"], 2, "{}", run.stdout);
}

#[test]
fn a_manifest_that_cannot_be_read_is_a_warning() {
    let project = mixed();
    project.write("src/main.rs", b"fn main() {}\n");
    project.write("Cargo.toml", b"[package\n");
    let run = project.check(&["--output-format", "concise", "--language", "rust"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stderr.contains("warning: not looked at: "), "{}", run.stderr);
    assert!(run.stderr.contains("Cargo.toml: "), "{}", run.stderr);
    // Who reads Python only has no use for it.
    let run = project.check(&["--output-format", "concise", "--language", "python"]);
    assert!(!run.stderr.contains("Cargo.toml"), "{}", run.stderr);
}

#[test]
fn imports_of_python_never_lead_to_rust() {
    let project = Project::new();
    project.write("shop/lib.rs", b"pub mod models;\n");
    project.write("shop/models.rs", b"pub struct Flag;\n");
    project.write("app.py", b"import shop\nfrom shop.models import Flag\n\nFlag.objects.all()\n");
    check(&project, &[]).says(0, "");
}
