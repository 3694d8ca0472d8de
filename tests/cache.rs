//! Answers of earlier runs: what they are taken for, what they are not, and that nothing depends on them.

mod project;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use project::{Project, Run};

const BROKEN: &[u8] = b"x = (\n";

/// A project whose runs keep their answers.
fn project() -> Project {
    let project = Project::new();
    project.write("manage.py", b"");
    project.write("shop/__init__.py", b"");
    project.write("shop/a.py", BROKEN);
    project
}

fn check(project: &Project, arguments: &[&str]) -> Run {
    check_as(project, "concise", arguments)
}

fn check_as(project: &Project, format: &str, arguments: &[&str]) -> Run {
    let mut command = project.command(&[&["--output-format", format, "-q"], arguments].concat());
    Run::of(command.env_remove("CACHE_LINT_NO_CACHE").output().expect("it starts"))
}

fn answers(project: &Project) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(project.path(".cache-lint_cache")) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("readable").path());
    paths.filter(|path| path.extension().is_some_and(|it| it == "answer")).collect()
}

/// Changes the text of the only answer, with a seal that fits.
fn forge(project: &Project, change: impl FnOnce(&str) -> String) {
    let [path] = &answers(project)[..] else { panic!("one answer") };
    let bytes = fs::read(path).expect("readable");
    let body = change(std::str::from_utf8(&bytes[32..]).expect("JSON"));
    let sealed = [blake3::hash(body.as_bytes()).as_bytes(), body.as_bytes()].concat();
    fs::write(path, sealed).expect("writable");
}

const LINE: &str =
    "shop/a.py:2:1: CL900 this file was not seen as a whole: unexpected EOF while parsing\n";

#[test]
fn the_same_input_is_not_looked_at_again() {
    let project = project();
    check(&project, &[]).says(1, LINE);
    forge(&project, |text| text.replace("unexpected EOF", "kept EOF"));
    let kept = LINE.replace("unexpected EOF", "kept EOF");
    check(&project, &[]).says(1, &kept);
    // What is only about the report is told of the same answer.
    check(&project, &["--exit-zero"]).says(0, &kept);
    check(&project, &["--threads", "1"]).says(1, &kept);
    check(&project, &["--no-cache"]).says(1, LINE);
    let mut buffer = project.command(&["--output-format", "concise", "-q"]);
    buffer.env("CACHE_LINT_NO_CACHE", "1");
    Run::of(buffer.output().expect("it starts")).says(1, LINE);
}

#[test]
fn whatever_an_answer_depends_on_makes_another_one() {
    let project = project();
    let mut known = 0;
    let mut is_new_as = |format: &str, arguments: &[&str]| {
        check_as(&project, format, arguments);
        let before = std::mem::replace(&mut known, answers(&project).len());
        known == before + 1
    };
    assert!(is_new_as("json", &[]));
    let mut is_new = |arguments: &[&str]| is_new_as("concise", arguments);
    assert!(is_new(&[]));
    assert!(!is_new(&[]));
    assert!(is_new(&["--ignore", "CL900"]));
    assert!(is_new(&["--min-confidence", "high"]));
    assert!(is_new(&["shop"]));
    assert!(is_new(&["--language", "python"]));
    project.write("shop/a.py", b"x = 1\n");
    assert!(is_new(&[]));
    project.write("shop/b.py", b"x = 1\n");
    assert!(is_new(&[]));
    fs::rename(project.path("shop/b.py"), project.path("shop/c.py")).expect("a rename");
    assert!(is_new(&[]));
    project.write("migrations/1.sql", b"create table a (id integer);\n");
    assert!(is_new(&[]));
    project.write("migrations/1.sql", b"create table b (id integer);\n");
    assert!(is_new(&[]));
    project.write("Cargo.toml", b"[package]\nname = \"shop\"\n");
    assert!(is_new(&[]));
    project.write("cache-lint.toml", b"cache-managers = [\"A\"]\n");
    assert!(is_new(&[]));
    project.write("cache-lint.toml", b"cache-managers = [\"B\"]\n");
    assert!(is_new(&[]));
    project.write("cache-lint.toml", b"frameworks = [\"own.toml\"]\n");
    project.write("own.toml", b"name = \"own\"\n");
    assert!(is_new(&[]));
    project.write("own.toml", b"name = \"our own\"\n");
    assert!(is_new(&[]));
    project.write("shop/d.py", b"x = 1\n");
    assert!(!is_new(&[]), "the oldest of sixteen goes");
    assert_eq!(answers(&project).len(), 16);
    check(&project, &[]).says(0, "");
}

#[test]
fn a_damaged_answer_is_none() {
    let project = project();
    check(&project, &[]);
    let [path] = &answers(&project)[..] else { panic!("one answer") };
    let whole = fs::read(path).expect("readable");
    for damaged in [&[][..], &whole[..20], &whole[..whole.len() - 1], &[0; 4096]] {
        fs::write(path, damaged).expect("writable");
        check(&project, &[]).says(1, LINE);
        assert_eq!(fs::read(path).expect("readable"), whole, "it is written anew");
    }
    for change in [
        |_: &str| "{}".to_owned(),
        |text: &str| text.replace("\"file\":0", "\"file\":4000000000"),
        |text: &str| text.replace("CL900", "CL000"),
        |text: &str| text.replace("[", &"[".repeat(100_000)),
    ] {
        forge(&project, change);
        check(&project, &[]).says(1, LINE);
    }
    forge(&project, |text| text.replace("\"end\":6", "\"end\":4000000000"));
    check(&project, &[]).says(1, LINE);
}

#[test]
fn what_is_known_of_texts_is_not_believed_where_it_is_wrong() {
    let project = project();
    check(&project, &[]).says(1, LINE);
    // Until what was just written counts as left alone.
    sleep(Duration::from_millis(2100));
    check(&project, &[]).says(1, LINE);
    let path = project.path(".cache-lint_cache/texts");
    let bytes = fs::read(&path).expect("kept");
    let mut body = bytes[32..].to_vec();
    assert_eq!(body.len(), 3 * 64, "a stamp and a text for each file");
    // Each file has the text of another one.
    body.chunks_exact_mut(64).for_each(|both| both[32..].fill(7));
    for damaged in [[blake3::hash(&body).as_bytes(), &body[..]].concat(), bytes[..50].to_vec()] {
        fs::write(&path, damaged).expect("writable");
        check(&project, &[]).says(1, LINE);
    }
    project.write("shop/a.py", b"x = 1\n");
    check(&project, &[]).says(0, "");
}

#[test]
fn runs_at_the_same_time_do_not_harm_each_other() {
    let project = project();
    for round in 0..5 {
        project.write("shop/b.py", format!("x = {round}\n").as_bytes());
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| check(&project, &[]).says(1, LINE));
            }
        });
    }
    let left = fs::read_dir(project.path(".cache-lint_cache")).expect("a folder");
    let left = left.filter(|entry| {
        let path = entry.as_ref().expect("readable").path();
        path.extension().is_some_and(|it| it == "tmp")
    });
    assert_eq!(left.count(), 0);
}

#[test]
fn it_is_left_out_of_version_control_and_cleaned_away() {
    let project = project();
    check(&project, &[]);
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        let output = command.args(arguments).current_dir(project.path(".")).output().expect("git");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    git(&["init", "--quiet"]);
    assert_eq!(git(&["status", "--porcelain"]), "?? manage.py\n?? shop/\n");
    let clean = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cache-lint"));
        let output = command.args(["clean", "shop"]).current_dir(project.path(".")).output();
        output.expect("it starts").status.code()
    };
    assert_eq!(clean(), Some(0));
    assert!(!project.path(".cache-lint_cache").exists());
    assert_eq!(clean(), Some(0), "there is nothing to clean");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_where_it_must_not_be() {
    use std::os::unix::fs::symlink;

    let outside = Project::new();
    outside.write("precious.txt", b"");
    let project = project();
    symlink(outside.path("."), project.path(".cache-lint_cache")).expect("a link");
    check(&project, &[]).says(1, LINE);
    let clean = Command::new(env!("CARGO_BIN_EXE_cache-lint"))
        .arg("clean")
        .current_dir(project.path("."))
        .status();
    assert_eq!(clean.expect("it starts").code(), Some(0));
    assert_eq!(fs::read_dir(outside.path(".")).expect("a folder").count(), 1);
    fs::remove_file(project.path(".cache-lint_cache")).expect("a link");
    // A file in its place, and one that says it is the folder's own.
    project.write(".cache-lint_cache", b"mine");
    check(&project, &[]).says(1, LINE);
    assert_eq!(fs::read(project.path(".cache-lint_cache")).expect("a file"), b"mine");
}
