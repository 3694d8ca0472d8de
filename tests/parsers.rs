//! The parsers of the languages themselves say which files CL900 is for: CPython's of its own test suite, and
//! rustc's of the sources that Cargo has downloaded.
//!
//! Only where `CACHE_LINT_PARSERS=1` asks for it, as CI does: not every Python comes with its tests.

mod project;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use project::Project;
use walkdir::WalkDir;

fn is_asked_for() -> bool {
    let is_it = std::env::var("CACHE_LINT_PARSERS").as_deref() == Ok("1");
    if !is_it {
        // Past the capture of the test harness, so that it is seen.
        let told = "skipped: CACHE_LINT_PARSERS=1 asks the parsers of CPython and rustc";
        let _ = writeln!(std::io::stderr(), "{told}");
    }
    is_it
}

/// The first CL900 of each file of a project, by name.
fn unreadable(project: &Project) -> BTreeMap<String, String> {
    let run = project.check(&["--output-format", "concise", "-q", "--select", "CL900"]);
    assert!(matches!(run.status, 0 | 1), "{}", run.stderr);
    let mut found = BTreeMap::new();
    for line in run.stdout.lines() {
        let (name, said) = line.split_once(':').expect("a line of the report");
        found.entry(name.to_owned()).or_insert_with(|| said.to_owned());
    }
    found
}

#[test]
fn cpython_refuses_what_cannot_be_read_of_its_tests() {
    if !is_asked_for() {
        return;
    }
    let project = Project::new();
    let said = Command::new("python3")
        .arg("tests/cpython/verdicts.py")
        .arg(project.path("."))
        .output()
        .expect("python3");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let said = String::from_utf8(said.stdout).expect("UTF-8");
    let found = unreadable(&project);
    let mut complaints = String::new();
    let (mut files, mut refused) = (0, 0);
    for line in said.lines() {
        let [name, file, why] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        files += 1;
        refused += usize::from(!why.is_empty());
        match (found.get(name), why.is_empty()) {
            (None, false) => complaints.push_str(&format!("{file} is read, though {why}\n")),
            (Some(said), true) => complaints.push_str(&format!("{file} is refused: {said}\n")),
            _ => {}
        }
    }
    let _ = writeln!(std::io::stderr(), "CPython refuses {refused} of {files} files");
    assert!(files > 500 && refused > 0, "this is not CPython's test suite");
    assert!(complaints.is_empty(), "{complaints}");
}

#[test]
fn rustc_refuses_what_cannot_be_read_of_the_registry() {
    if !is_asked_for() {
        return;
    }
    let project = Project::new();
    let sources = registry_sources();
    for (at, source) in sources.iter().enumerate() {
        fs::copy(source, project.path(&format!("m{at:05}.rs"))).expect("a copy");
    }
    let found = unreadable(&project);
    let mut complaints = String::new();
    for (name, said) in &found {
        if rustc_parses(&project.path(name)) {
            let at: usize = name[1..6].parse().expect("a number");
            complaints.push_str(&format!("{} is refused: {said}\n", sources[at].display()));
        }
    }
    let _ = writeln!(std::io::stderr(), "rustc refuses {} of {} files", found.len(), sources.len());
    assert!(sources.len() > 500, "this is not the registry");
    assert!(complaints.is_empty(), "{complaints}");
}

/// How many files of the registry are looked at: as many as an unoptimised build reads in a minute.
const MOST: usize = 1_500;

/// Rust files of the packages that Cargo has unpacked, sorted: every so many of them.
fn registry_sources() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).expect("a home");
    let entries = WalkDir::new(home.join("registry/src")).sort_by_file_name().into_iter();
    let paths = entries.map(|entry| entry.expect("an entry").into_path());
    let is_source =
        |path: &PathBuf| path.extension().is_some_and(|it| it == "rs") && path.is_file();
    let all: Vec<PathBuf> = paths.filter(is_source).collect();
    let every = all.len().div_ceil(MOST).max(1);
    all.into_iter().step_by(every).collect()
}

/// Whether some edition of Rust can have such a file.
fn rustc_parses(path: &Path) -> bool {
    ["2024", "2021", "2018", "2015"].iter().any(|edition| {
        let parsed = Command::new("rustc")
            .args(["-Zparse-crate-root-only", "--edition", edition])
            .arg(path)
            // The option is for those who work on rustc.
            .env("RUSTC_BOOTSTRAP", "1")
            .output();
        parsed.expect("rustc").status.success()
    })
}
