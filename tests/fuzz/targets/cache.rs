//! Any bytes as the kept answer of an earlier run, with a seal that fits: they are used, or looked past.

#![no_main]

mod project;

use std::fs;
use std::path::PathBuf;

use cache_lint::Status;

libfuzzer_sys::fuzz_target!(init: {
    project::copy_fixture("demo");
    assert_eq!(project::check(&[]), Status::Findings);
    // A seed: what the program itself wrote.
    if let Some(seeds) = std::env::var_os("SEEDS") {
        let sealed = fs::read(answer()).expect("it was kept");
        fs::write(PathBuf::from(seeds).join("kept"), &sealed[blake3::OUT_LEN..]).expect("a seed");
    }
}, |body: &[u8]| {
    fs::write(answer(), [blake3::hash(body).as_bytes(), body].concat()).expect("a file");
    assert_ne!(project::check(&[]), Status::CouldNotRun);
});

/// The only answer that is kept.
fn answer() -> PathBuf {
    let entries = fs::read_dir(project::path(".cache-lint_cache")).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut answers = paths.filter(|path| path.extension().is_some_and(|it| it == "answer"));
    answers.next().expect("an answer")
}
