//! README.md tells every key of the configuration and of framework files, every output format, and what was measured.
//!
//! Its screens are held by `cli.rs`, its table of rules by `rules.rs`.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

#[test]
fn every_key_of_the_configuration() {
    let told = refusal("nothing_like_a_key = 1\n");
    let (_, keys) = told.split_once("the keys are ").expect("the help names the keys");
    every_one_is_told(keys.lines().next().unwrap_or_default().split(", "));
}

#[test]
fn every_table_of_a_framework_file() {
    let told = refusal("frameworks = [\"framework.toml\"]\n");
    let (_, tables) = told.split_once("expected one of ").expect("the message names the tables");
    let tables = tables.lines().next().unwrap_or_default().split(", ");
    every_one_is_told(tables.map(|table| table.trim_matches('`')));
}

#[test]
fn the_session_that_fixes_the_demo() {
    let readme = fs::read_to_string("README.md").expect("README.md");
    let (_, session) = readme.split_once("```text\n$ cache-lint check --fix").expect("the session");
    let session = session.split("```").next().unwrap_or_default();
    let session = format!("$ cache-lint check --fix{session}");
    let folder = TempDir::new().expect("a folder");
    for entry in walkdir::WalkDir::new("fixtures/demo") {
        let entry = entry.expect("a readable folder");
        let below = entry.path().strip_prefix("fixtures/demo").expect("it is below");
        match entry.file_type().is_dir() {
            true => fs::create_dir_all(folder.path().join(below)).expect("a folder"),
            false => drop(fs::copy(entry.path(), folder.path().join(below)).expect("a file")),
        }
    }
    let mut said = String::new();
    for line in session.lines().filter(|line| line.starts_with("$ ")) {
        let arguments: Vec<&str> = line.split(' ').skip(2).collect();
        let output = Command::new(env!("CARGO_BIN_EXE_cache-lint"))
            .args(&arguments)
            .current_dir(folder.path())
            .env("CACHE_LINT_NO_CACHE", "1")
            .output()
            .expect("it starts");
        let streams = [output.stderr, output.stdout].concat();
        said.push_str(&format!("{line}\n{}", String::from_utf8(streams).expect("UTF-8")));
    }
    assert_eq!(said, session);
}

#[test]
fn every_output_format() {
    let help = run(&["check", "--help"], &TempDir::new().expect("a folder"));
    let (_, values) = help.split_once("Possible values:").expect("the formats");
    let formats = values.lines().filter_map(|line| line.trim().strip_prefix("- "));
    let names = formats.take(3).filter_map(|line| line.split_once(':'));
    every_one_is_told(names.map(|(name, _)| name));
}

/// The numbers are of one machine at one time; which there are is in `bench/runs.txt`.
#[test]
fn every_run_that_is_measured() {
    let readme = fs::read_to_string("README.md").expect("README.md");
    let (_, table) = readme.split_once("<!-- bench: ").expect("the table");
    let (table, _) = table.split_once("<!-- bench ends -->").expect("the end of the table");
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    let shown: Vec<&str> = rows.filter_map(|row| row.split(" | ").nth(1)).collect();
    let runs = include_str!("bench/runs.txt").lines().filter(|line| !line.starts_with('#'));
    let measured: Vec<&str> = runs
        .filter(|run| !run.starts_with("django-200000\t"))
        .filter_map(|run| run.split('\t').nth(1))
        .collect();
    assert_eq!(shown, measured);
}

#[track_caller]
fn every_one_is_told<'w>(words: impl Iterator<Item = &'w str>) {
    let readme = fs::read_to_string("README.md").expect("README.md");
    let told = |word: &str| {
        [format!("| `{word}`"), format!("`[{word}]`"), format!("`[[{word}]]`")]
            .iter()
            .any(|form| readme.contains(form))
    };
    let words: Vec<&str> = words.collect();
    assert!(!words.is_empty());
    for word in words {
        assert!(told(word), "README.md does not tell of `{word}`");
    }
}

/// What a run with this configuration says is wrong with it.
fn refusal(configuration: &str) -> String {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("cache-lint.toml"), configuration).expect("a file");
    fs::write(folder.path().join("framework.toml"), "nothing_like_a_table = 1\n").expect("a file");
    fs::write(folder.path().join("a.py"), "").expect("a file");
    run(&["check"], &folder)
}

/// Both streams of a run.
fn run(arguments: &[&str], folder: &TempDir) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_cache-lint"))
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .expect("it starts");
    let streams = [output.stdout, output.stderr].concat();
    String::from_utf8(streams).expect("UTF-8")
}
