//! Any program, mended: no file that could be read cannot be read afterwards.
//!
//! The input is the files of the program, each behind a line `#### name`.

#![no_main]

mod project;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cache_lint::Status;
use cache_lint::facts::{python, rust};

libfuzzer_sys::fuzz_target!(|input: &str| {
    let files = files(input);
    if files.is_empty() {
        return;
    }
    let _ = fs::remove_dir_all(project::path("program"));
    for (name, text) in &files {
        project::write(&format!("program/{name}"), text.as_bytes());
    }
    let options = ["--no-cache", "--isolated", "--select", "ALL", "--min-confidence", "low"];
    let fixed = project::check(&[&options[..], &["--fix", "--unsafe-fixes"]].concat());
    assert_ne!(fixed, Status::CouldNotRun);
    for (name, old) in &files {
        let new = fs::read_to_string(project::path(&format!("program/{name}"))).expect("a file");
        assert!(*old == new || !is_readable(name, old) || is_readable(name, &new), "{name}: {new}");
    }
});

/// The files of an input: those whose names are plain, the first of each name.
fn files(input: &str) -> BTreeMap<&str, &str> {
    let is_plain = |name: &&str| {
        let folders_and_name = name.split('/').all(|part| {
            part.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "_.".contains(c))
        });
        folders_and_name && name.len() < 60 && [".py", ".rs"].iter().any(|end| name.ends_with(end))
    };
    let mut files: BTreeMap<&str, &str> = BTreeMap::new();
    for part in input.split("#### ").skip(1) {
        let (name, text) = part.split_once('\n').unwrap_or((part, ""));
        // A name that is a folder of another one cannot be a file as well.
        let is_folder = files.keys().any(|known| {
            let (known, name) = (Path::new(known), Path::new(name));
            known.starts_with(name) || name.starts_with(known)
        });
        if is_plain(&name) && !is_folder {
            files.insert(name, text);
        }
    }
    files
}

fn is_readable(name: &str, text: &str) -> bool {
    match name.ends_with(".rs") {
        true => rust::lower(text).errors.is_empty(),
        false => python::lower(text).errors.is_empty(),
    }
}
