//! Holds the Rust of the fixtures against the compiler: what it cannot parse is no example of anything.
//!
//! Only the syntax is checked: most cases use libraries that would take long to build.

mod cases;

use std::path::PathBuf;
use std::process::Command;

use rayon::prelude::*;

/// Rules whose cases are about text, not code.
const OF_TEXT: [&str; 2] = ["unreadable-source", "unused-suppression"];

#[test]
fn the_compiler_parses_each_fixture() {
    let cases = cases::all();
    let files: Vec<PathBuf> = cases
        .iter()
        .filter(|case| !OF_TEXT.contains(&case.rule.as_str()))
        .flat_map(|case| walkdir::WalkDir::new(&case.folder))
        .map(|entry| entry.expect("a readable folder").into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    assert!(!files.is_empty(), "no case is written in Rust");
    let complaints: Vec<String> = files.par_iter().filter_map(complaint).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
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
