//! What is found in the pinned projects of `tests/corpus/`, each finding with a verdict of a reader.
//!
//! The projects are downloaded where `CACHE_LINT_CORPUS=1` asks for it, as CI does; where they are
//! neither there nor asked for, the test says so and passes. `SNAPSHOTS=overwrite` writes the
//! snapshots anew and keeps the verdicts; a new finding needs one written by hand.

#[path = "corpus/snapshot.rs"]
mod snapshot;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use rayon::prelude::*;
use serde_json::Value;
use snapshot::{Snapshot, Tally};

#[test]
fn the_projects_of_the_corpus() {
    let Some(projects) = projects() else { return };
    let checked: Vec<(Snapshot, String)> =
        projects.par_iter().map(|(name, folder)| compare(name, folder)).collect();
    let mut complaints = String::new();
    let mut tally = Tally::default();
    for (snapshot, complaint) in checked {
        tally.count(&snapshot);
        complaints.push_str(&complaint);
    }
    let _ = writeln!(std::io::stderr(), "{} projects: {tally}", projects.len());
    assert!(complaints.is_empty(), "{complaints}");
}

/// The snapshot of a project as it is now, and what is wrong with it.
fn compare(name: &str, folder: &Path) -> (Snapshot, String) {
    let mut complaints = unsteady(name, folder);
    let file = PathBuf::from(format!("tests/corpus/snapshot/{name}.txt"));
    let kept = Snapshot::parse(&fs::read_to_string(&file).unwrap_or_default());
    let new = kept.renewed(&check(folder, folder, &["--output-format", "concise"]));
    if std::env::var("SNAPSHOTS").as_deref() == Ok("overwrite") {
        fs::write(&file, new.to_string()).expect("a writable snapshot");
    } else if new.findings() != kept.findings() {
        complaints.push_str(&kept.difference(&new, &file));
    }
    for finding in new.without_verdict() {
        complaints.push_str(&format!("{} has no verdict for\n  {finding}\n", file.display()));
    }
    (new, complaints)
}

/// Complains where the number of threads or the working directory makes a difference.
fn unsteady(name: &str, folder: &Path) -> String {
    let with_threads =
        |threads| check(folder, folder, &["--output-format", "json", "--threads", threads]);
    let one = with_threads("1");
    let mut complaints = String::new();
    if one != with_threads("8") {
        complaints.push_str(&format!("{name}: 1 and 8 threads do not give the same bytes\n"));
    }
    let path = folder.to_string_lossy();
    let elsewhere = check(&std::env::temp_dir(), folder, &["--output-format", "json", &path]);
    if identities(&one) != identities(&elsewhere) {
        complaints.push_str(&format!("{name}: another working directory finds something else\n"));
    }
    complaints
}

/// What a JSON report finds, without the file names, which depend on the working directory.
fn identities(report: &str) -> Vec<[Value; 4]> {
    let report: Value = serde_json::from_str(report).expect("JSON");
    let diagnostics = report["diagnostics"].as_array().expect("a list");
    let parts = ["code", "location", "message", "fingerprint"];
    diagnostics.iter().map(|found| parts.map(|part| found[part].clone())).collect()
}

fn check(working_directory: &Path, project: &Path, options: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_cache-lint"))
        .args(["check", "--no-cache", "--isolated", "--select", "ALL"])
        .args(options)
        .current_dir(working_directory)
        .output()
        .expect("it starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}: {stderr}", project.display());
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The projects of `pinned.txt` and the programs of `crates.txt`, or `None` where they are not there and
/// not asked for.
fn projects() -> Option<Vec<(String, PathBuf)>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let pins = fs::read_to_string(corpus.join("pinned.txt")).expect("pinned.txt");
    if std::env::var("CACHE_LINT_CORPUS").as_deref() == Ok("1") {
        for script in ["fetch.sh", "fetch-crates.sh"] {
            let status = Command::new(corpus.join(script)).status().expect("the script starts");
            assert!(status.success(), "{script} failed");
        }
    }
    let mut projects = Vec::new();
    for pin in pins.lines().filter(|line| !line.is_empty()) {
        let name = pin.split_once("==").map_or(pin, |(name, _)| name);
        let folder = corpus.join("projects").join(name);
        is_there(&folder, pin)?;
        projects.push((name.to_owned(), folder));
    }
    let crates = fs::read_to_string(corpus.join("crates.txt")).expect("crates.txt");
    for line in crates.lines() {
        let (program, pin) = line.split_once(' ').expect("a program and a crate of it");
        let folder = corpus.join("crates").join(program);
        is_there(&folder.join(pin.split('@').next().unwrap_or(pin)), pin)?;
        if projects.iter().all(|(known, _)| known != program) {
            projects.push((program.to_owned(), folder));
        }
    }
    assert!(!projects.is_empty(), "pinned.txt names no project");
    Some(projects)
}

/// Nothing where a folder does not hold what is pinned.
fn is_there(folder: &Path, pin: &str) -> Option<()> {
    if fs::read_to_string(folder.join(".pin")).unwrap_or_default().trim() == pin {
        return Some(());
    }
    // Past the capture of the test harness, so that it is seen.
    let told = "skipped: CACHE_LINT_CORPUS=1 downloads the projects of the corpus";
    let _ = writeln!(std::io::stderr(), "{told}");
    None
}
