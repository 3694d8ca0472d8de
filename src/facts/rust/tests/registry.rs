//! All Rust that this machine's Cargo has downloaded, where `CACHE_LINT_REGISTRY` asks for it.

#![allow(clippy::print_stdout, reason = "who asks for it wants the figures")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::facts::rust;

#[test]
fn all_files_are_read_and_only_what_is_no_rust_is_refused() {
    if std::env::var_os("CACHE_LINT_REGISTRY").is_none() {
        return;
    }
    let work = || {
        let mut refused = Vec::new();
        let (mut files, mut lines, mut spent) = (0, 0, Duration::ZERO);
        for path in rust_files() {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let started = Instant::now();
            let facts = rust::lower(&text);
            spent += started.elapsed();
            files += 1;
            lines += text.lines().count();
            let is_rust = syn::parse_file(&text).is_ok();
            proc_macro2::extra::invalidate_current_thread_spans();
            match facts.errors.first() {
                Some(error) if is_rust => panic!("{}: {}", path.display(), error.message),
                Some(_) => refused.push(path),
                None => {}
            }
        }
        let rate = lines as f64 / spent.as_secs_f64();
        println!("{files} files, {lines} lines, {spent:.1?}, {rate:.0} lines a second");
        println!("{} no Rust: {refused:#?}", refused.len());
        assert!(files > 0, "nothing is downloaded");
    };
    let thread = std::thread::Builder::new().stack_size(256 * 1024 * 1024);
    thread.spawn(work).expect("a thread").join().expect("it does not panic");
}

fn rust_files() -> impl Iterator<Item = PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cargo")));
    let folder = home.expect("a home").join("registry/src");
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    let paths = entries.map(|entry| entry.expect("a readable folder").into_path());
    paths.filter(|path| path.is_file() && path.extension().is_some_and(|kind| kind == "rs"))
}
