//! Django itself says whether findings are right: `tests/oracle/oracle.py` runs generated apps.
//!
//! Needs Python, and installs Django: only where `CACHE_LINT_ORACLE=1` asks for it. `CACHE_LINT_ORACLE_SEEDS`,
//! `CACHE_LINT_ORACLE_FIX_SEEDS`, `CACHE_LINT_ORACLE_MIN_EXPLAINED` and `CACHE_LINT_ORACLE_MIN_BORNE_OUT` change what it runs and what must hold.

use std::io::Write;
use std::process::Command;

#[test]
fn django_agrees_about_generated_apps() {
    if std::env::var("CACHE_LINT_ORACLE").as_deref() != Ok("1") {
        // Past the capture of the test harness, so that it is seen.
        let _ = writeln!(std::io::stderr(), "skipped: CACHE_LINT_ORACLE=1 runs apps in Django");
        return;
    }
    let or = |name: &str, default: &str| {
        std::env::var(format!("CACHE_LINT_ORACLE_{name}")).unwrap_or_else(|_| default.to_owned())
    };
    let output = Command::new("tests/oracle/run.sh")
        .args(["--cache-lint", env!("CARGO_BIN_EXE_cache-lint")])
        .args(["--seeds", &or("SEEDS", "0-199")])
        .args(["--min-explained", &or("MIN_EXPLAINED", "0.98")])
        .args(["--min-borne-out", &or("MIN_BORNE_OUT", "0.98")])
        .output()
        .expect("tests/oracle/run.sh starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{stderr}");
}

#[test]
fn django_agrees_about_fixed_apps() {
    if std::env::var("CACHE_LINT_ORACLE").as_deref() != Ok("1") {
        let _ =
            writeln!(std::io::stderr(), "skipped: CACHE_LINT_ORACLE=1 runs fixed apps in Django");
        return;
    }
    let seeds = std::env::var("CACHE_LINT_ORACLE_FIX_SEEDS").unwrap_or_else(|_| "0-59".to_owned());
    let output = Command::new("tests/oracle/run.sh")
        .args(["--cache-lint", env!("CARGO_BIN_EXE_cache-lint"), "--fix"])
        .args(["--seeds", &seeds, "--min-fresh", "0.96"])
        .output()
        .expect("tests/oracle/run.sh starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{stderr}");
}
