//! What `--fix --unsafe-fixes` does to the cases under `fixtures/`: the diffs stand in `tests/fixes/`, one file a rule.
//!
//! `SNAPSHOTS=overwrite cargo test --test fixes` writes them anew; read the difference. `CACHE_LINT_DJANGO=1` also
//! runs the fixed cases in Django.

mod cases;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use cases::Case;
use rayon::prelude::*;
use tempfile::TempDir;

/// Rules whose findings the judge in Django can see.
const JUDGED: &str = "CL101,CL102,CL103,CL105,CL106,CL107,CL108";

#[test]
fn the_diff_of_each_case() {
    let mut by_rule: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for case in cases::all().into_iter().filter(Case::fires) {
        by_rule.entry(case.rule.clone()).or_default().push(case);
    }
    let diffs: Vec<(String, String)> =
        by_rule.into_par_iter().map(|(rule, cases)| (rule, diffs_of(&cases))).collect();
    for (rule, diffs) in diffs {
        let path = PathBuf::from(format!("tests/fixes/{rule}.diff"));
        if diffs.is_empty() {
            assert!(!path.exists(), "{} tells of fixes that are not offered", path.display());
            continue;
        }
        let expected = snapbox::Data::read_from(&path, None);
        snapbox::assert_data_eq!(diffs, expected.raw());
    }
}

#[test]
fn a_second_run_changes_nothing_and_what_was_fixed_is_gone() {
    let cases: Vec<Case> = cases::all().into_iter().filter(Case::fires).collect();
    let complaints: Vec<String> = cases
        .par_iter()
        .filter_map(|case| {
            let fixed = Fixed::of(case)?;
            let again = diff(&fixed.case);
            let select = selected(case);
            let (before, after) = (case.found(select).len(), fixed.case.found(select).len());
            // A stub is a place for code: it mends nothing, and nobody is to believe that it does.
            let has_stub = diff(case).contains("\"\"\"TODO: drop what");
            let stays = if has_stub { after == 0 } else { after >= before };
            (stays || !again.is_empty())
                .then(|| format!("{}: {before} findings, {after} left\n{again}", case.title()))
        })
        .collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn rustfmt_leaves_what_is_written_in_rust() {
    let rust_files = |case: &Case| -> Vec<PathBuf> {
        let files = walkdir::WalkDir::new(&case.folder).sort_by_file_name().into_iter();
        let files = files.map(|entry| entry.expect("a readable folder").into_path());
        files.filter(|path| path.extension().is_some_and(|it| it == "rs")).collect()
    };
    let format = |files: &[PathBuf], options: &[&str]| {
        let mut rustfmt = Command::new("rustfmt");
        let rustfmt = rustfmt.args(["--edition", "2024"]);
        rustfmt.args(options).args(files).output().expect("rustfmt starts")
    };
    // Taking a comment away may leave another one alone on its line.
    let writes = |case: &Case| case.fires() && case.rule != "unused-suppression";
    let fires = |case: &Case| writes(case) && !rust_files(case).is_empty();
    let cases: Vec<Case> = cases::all().into_iter().filter(fires).collect();
    let written: Vec<String> = cases
        .par_iter()
        .filter_map(|case| {
            let folder = TempDir::new().expect("a folder");
            let place = folder.path().join("case");
            copy(&case.folder, &place, |text| text);
            let (rule, name) = (case.rule.clone(), case.name.clone());
            let case = Case { rule, name, folder: place };
            // What is not Rust as a whole has no fix.
            let files = rust_files(&case);
            format(&files, &[]).status.success().then_some(())?;
            (!diff(&case).is_empty()).then_some(())?;
            case.run(&["check", "--select", selected(&case), "--unsafe-fixes", "--fix"]);
            let output = format(&files, &["--check"]);
            Some(match output.status.success() {
                true => String::new(),
                false => format!("{}\n{}", case.title(), String::from_utf8_lossy(&output.stdout)),
            })
        })
        .collect();
    assert!(written.len() > 10, "only {} cases in Rust are fixed", written.len());
    assert!(written.concat().is_empty(), "{}", written.concat());
}

#[test]
fn django_agrees_with_the_fixed_cases() {
    if std::env::var("CACHE_LINT_DJANGO").as_deref() != Ok("1") {
        // Past the capture of the test harness, so that it is seen.
        let _ = writeln!(std::io::stderr(), "skipped: CACHE_LINT_DJANGO=1 runs the fixed fixtures");
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let mut silent = 0;
    for case in cases::all().into_iter().filter(Case::fires) {
        let Some(fixed) = Fixed::of(&case) else { continue };
        if fixed.case.found(JUDGED).is_empty() {
            let place = folder.path().join(&case.rule).join(format!("quiet_{}", case.name));
            copy(&fixed.case.folder, &place, |text| without_expectations(&text));
            silent += 1;
        }
    }
    assert!(silent > 20, "only {silent} cases are silent when they are fixed");
    let output = Command::new("tests/django/run.sh")
        .env("CACHE_LINT_FIXTURES", folder.path())
        .output()
        .expect("tests/django/run.sh starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{stderr}");
}

/// A case with its fixes made, in a folder that is removed at the end.
struct Fixed {
    case: Case,
    _folder: TempDir,
}

impl Fixed {
    /// Fixes a copy of a case; `None` where nothing is offered.
    fn of(case: &Case) -> Option<Fixed> {
        if diff(case).is_empty() {
            return None;
        }
        let folder = TempDir::new().expect("a folder");
        let place = folder.path().join("case");
        copy(&case.folder, &place, |text| text);
        let (rule, name) = (case.rule.clone(), case.name.clone());
        let fixed = Case { rule, name, folder: place };
        fixed.run(&["check", "--select", selected(case), "--unsafe-fixes", "--fix"]);
        Some(Fixed { case: fixed, _folder: folder })
    }
}

fn diff(case: &Case) -> String {
    case.run(&["check", "--select", selected(case), "--unsafe-fixes", "--diff"])
}

/// The rules to run; a suppression is only unused where the rules that it names ran.
fn selected(case: &Case) -> &str {
    if case.rule == "unused-suppression" { "ALL" } else { &case.rule }
}

fn diffs_of(cases: &[Case]) -> String {
    let mut diffs = String::new();
    for case in cases {
        let diff = diff(case);
        if !diff.is_empty() {
            let _ = writeln!(diffs, "=== {} ===\n{diff}", case.name);
        }
    }
    diffs
}

fn without_expectations(text: &[u8]) -> Vec<u8> {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let cut = |line: &[u8]| {
        let at = line.windows(10).position(|part| part == b"# expect: ");
        match at {
            Some(at) => [line[..at].trim_ascii_end(), b"\n"].concat(),
            None => line.to_vec(),
        }
    };
    lines.flat_map(cut).collect()
}

fn copy(from: &Path, to: &Path, change: impl Fn(Vec<u8>) -> Vec<u8>) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("a readable folder");
        let target = to.join(entry.path().strip_prefix(from).expect("it is below"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(&target).expect("a folder");
        } else {
            let text = fs::read(entry.path()).expect("a readable file");
            fs::write(&target, change(text)).expect("a writable file");
        }
    }
}
