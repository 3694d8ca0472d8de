//! Any program, mended: no file that could be read cannot be read afterwards.
//!
//! The input is the files of the program, each behind a line `#### name`.

#![no_main]

mod last;
mod mutate;
mod program;
mod project;

use std::fs;
use std::path::Path;

use cache_lint::Status;
use cache_lint::facts::{python, rust};
use cache_lint::source::Language;

mutate::by_blocks!();

libfuzzer_sys::fuzz_target!(|input: &str| {
    last::keep(input.as_bytes());
    let mut files = program::files(input);
    files.insert("Cargo.toml", "[package]\nname = \"program\"\n");
    // There is a source, whatever is left out.
    files.insert("Main.py", "");
    let _ = fs::remove_dir_all(project::path("program"));
    for (name, text) in &files {
        project::write(&format!("program/{name}"), text.as_bytes());
    }
    let options = ["--no-cache", "--isolated", "--select", "ALL", "--min-confidence", "low"];
    let fixed = project::check(&[&options[..], &["--fix", "--unsafe-fixes"]].concat());
    assert_ne!(fixed, Status::CouldNotRun);
    for (name, old) in files.iter().filter(|(name, _)| Language::of(Path::new(name)).is_some()) {
        let new = fs::read_to_string(project::path(&format!("program/{name}"))).expect("a file");
        assert!(*old == new || !is_readable(name, old) || is_readable(name, &new), "{name}: {new}");
    }
});

fn is_readable(name: &str, text: &str) -> bool {
    match name.ends_with(".rs") {
        true => rust::lower(text).errors.is_empty(),
        false => python::lower(text).errors.is_empty(),
    }
}
