//! Django itself says whether each fixture is right: `tests/django/judge.py` runs every case.
//!
//! Needs Python, and installs Django: only where `CACHE_LINT_DJANGO=1` asks for it, as CI does.

use std::io::Write;
use std::process::Command;

#[test]
fn django_agrees_with_the_fixtures() {
    if std::env::var("CACHE_LINT_DJANGO").as_deref() != Ok("1") {
        // Past the capture of the test harness, so that it is seen.
        let _ =
            writeln!(std::io::stderr(), "skipped: CACHE_LINT_DJANGO=1 runs the fixtures in Django");
        return;
    }
    run(&mut Command::new("tests/django/run.sh"));
}

#[test]
fn django_stores_under_the_keys_of_its_framework_file() {
    if std::env::var("CACHE_LINT_DJANGO").as_deref() == Ok("1") {
        run(Command::new("tests/django/python.sh").arg("tests/django/keys.py"));
    }
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{stderr}");
}
