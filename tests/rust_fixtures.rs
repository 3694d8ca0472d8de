//! Holds the Rust of the fixtures against the compiler: what does not compile is no example of anything.
//!
//! The syntax is always checked. `CACHE_LINT_RUST=1`, which CI sets, makes a workspace below `target/` of all crates
//! of the fixtures, with what `tests/rust-fixtures/Cargo.toml` names, and has `cargo check` go through it. Not compiled
//! are cases about files that nobody can read, and files that no crate includes.

mod cases;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use cases::Case;
use rayon::prelude::*;

/// What is known of the dependencies.
const KNOWN: &str = "tests/rust-fixtures";

/// Where the workspace is made.
const WORKSPACE: &str = "target/rust-fixtures";

/// Rules whose cases are about text, not code.
const OF_TEXT: [&str; 2] = ["unreadable-source", "unused-suppression"];

/// The rule about files that the compiler, too, has to refuse: what names it does not compile.
const UNREADABLE: &str = "CL900";

#[test]
fn the_compiler_parses_each_fixture() {
    let cases = cases::all().into_iter().filter(|case| !OF_TEXT.contains(&case.rule.as_str()));
    let files: Vec<PathBuf> = cases.flat_map(|case| rust_below(&case.folder)).collect();
    assert!(!files.is_empty(), "no case is written in Rust");
    let complaints: Vec<String> = files.par_iter().filter_map(complaint).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn cargo_checks_each_crate_of_the_fixtures() {
    if std::env::var("CACHE_LINT_RUST").as_deref() != Ok("1") {
        // Past the capture of the test harness, so that it is seen.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: CACHE_LINT_RUST=1 builds ORMs and compiles the fixtures in Rust"
        );
        return;
    }
    let members = make_workspace();
    assert!(!members.is_empty(), "no case is a crate");
    let output = Command::new("cargo")
        .args(["check", "--quiet", "--workspace", "--bins", "--lib", "--keep-going"])
        .args(["--target-dir", "target"])
        .current_dir(WORKSPACE)
        // A case shows what it is about, and nobody uses what it defines.
        .env("RUSTFLAGS", "--allow warnings")
        .env("SQLX_OFFLINE", "true")
        // Nothing is linked, so that no library has to be there.
        .env("PQ_LIB_DIR", env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The files in Rust in a folder.
fn rust_below(folder: &Path) -> Vec<PathBuf> {
    let paths = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    let paths = paths.map(|entry| entry.expect("a readable folder").into_path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// What the compiler says of a file that it cannot parse.
fn complaint(file: &PathBuf) -> Option<String> {
    let output = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        // The option that stops behind the parser is one of the nightly compiler.
        .env("RUSTC_BOOTSTRAP", "1")
        .args(["--edition", "2024", "--crate-type", "lib", "-Zparse-crate-root-only"])
        .arg(file)
        .output()
        .expect("the compiler starts");
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Writes the manifests of a workspace, one for each crate of a case, and tells their names.
fn make_workspace() -> BTreeSet<String> {
    let folder = Path::new(WORKSPACE);
    let mut members = BTreeSet::new();
    for case in cases::all().iter().filter(|case| compiles(case)) {
        for root in crates_of(case) {
            let below = root.strip_prefix(&case.folder).expect("it lies in the case");
            let name = format!("{}-{}-{}", case.rule, case.name, below.display());
            let name = name.trim_end_matches('-').to_owned();
            write(&folder.join(&name).join("Cargo.toml"), &manifest(&name, &root));
            members.insert(name);
        }
    }
    let mut workspace = toml::Table::new();
    workspace.insert("resolver".to_owned(), "3".into());
    let names: Vec<toml::Value> = members.iter().map(|name| name.as_str().into()).collect();
    workspace.insert("members".to_owned(), names.into());
    workspace.insert("dependencies".to_owned(), dependencies().into());
    let manifest = toml::Table::from_iter([("workspace".to_owned(), workspace.into())]);
    write(&folder.join("Cargo.toml"), &manifest.to_string());
    // Cargo adds the members to it and keeps the versions.
    copy("Cargo.lock");
    // What macros of sqlx would ask a database, as `cargo sqlx prepare` writes it.
    for entry in fs::read_dir(Path::new(KNOWN).join(".sqlx")).expect("a folder") {
        let name = entry.expect("a readable folder").file_name();
        copy(&format!(".sqlx/{}", name.to_string_lossy()));
    }
    members
}

/// Whether a case is to be compiled: it does not say of any file that it cannot be read.
fn compiles(case: &Case) -> bool {
    let texts = rust_below(&case.folder).into_iter().map(|path| fs::read(path).expect("a file"));
    let names_it = |text: Vec<u8>| String::from_utf8_lossy(&text).contains(UNREADABLE);
    !texts.into_iter().any(names_it)
}

/// The folders of a case that hold the source of a crate.
fn crates_of(case: &Case) -> Vec<PathBuf> {
    let folders = walkdir::WalkDir::new(&case.folder).sort_by_file_name().into_iter();
    let folders = folders.map(|entry| entry.expect("a readable folder").into_path());
    let is_crate = |folder: &PathBuf| !roots_of(folder).is_empty();
    folders.filter(is_crate).collect()
}

/// Where the library of a crate and its programs begin: the key in a manifest, the name and the path.
fn roots_of(folder: &Path) -> Vec<(&'static str, String, PathBuf)> {
    let own = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let own: toml::Table = own.parse().expect("the manifest of a case is TOML");
    let name = own
        .get("package")
        .map_or("fixture", |package| package["name"].as_str().unwrap_or_default());
    let mut found = vec![
        ("lib", name.to_owned(), folder.join("src/lib.rs")),
        ("bin", name.to_owned(), folder.join("src/main.rs")),
    ];
    for entry in fs::read_dir(folder.join("src/bin")).into_iter().flatten() {
        let path = entry.expect("a readable folder").path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        found.push(("bin", name, path));
    }
    found.retain(|(.., path)| path.exists());
    found
}

/// The manifest of a member: a crate of a case with all dependencies that there are.
fn manifest(name: &str, folder: &Path) -> String {
    let mut text = format!("[package]\nname = {name:?}\nedition = \"2024\"\n\n[dependencies]\n");
    for dependency in dependencies().keys() {
        text.push_str(&format!("{dependency}.workspace = true\n"));
    }
    for (kind, name, path) in roots_of(folder) {
        let header = if kind == "lib" { "[lib]" } else { "[[bin]]" };
        text.push_str(&format!("\n{header}\nname = {name:?}\npath = {path:?}\n"));
    }
    text
}

/// What the fixtures may depend on, stand-ins for what no registry has among it.
fn dependencies() -> toml::Table {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(KNOWN);
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("the manifest");
    let manifest: toml::Table = manifest.parse().expect("the manifest is TOML");
    let mut dependencies = manifest["dependencies"].as_table().expect("a table").clone();
    for (_, dependency) in &mut dependencies {
        if let Some(toml::Value::String(path)) = dependency.get_mut("path") {
            *path = folder.join(&path).to_string_lossy().into_owned();
        }
    }
    dependencies
}

/// Copies a file of [`KNOWN`] into the workspace.
fn copy(name: &str) {
    let text = fs::read_to_string(Path::new(KNOWN).join(name)).expect("a readable file");
    write(&Path::new(WORKSPACE).join(name), &text);
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder");
    fs::write(path, text).expect("a file");
}
