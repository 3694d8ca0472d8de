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
    let output = Command::new("tests/django/run.sh").output().expect("tests/django/run.sh starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{stderr}");
}
