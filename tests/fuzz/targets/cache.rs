//! Any bytes as the kept answer of an earlier run, with a seal that fits: they are used, or looked past.

#![no_main]

mod project;

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use cache_lint::Status;

/// The only answer that is kept.
static ANSWER: LazyLock<PathBuf> = LazyLock::new(|| {
    let entries = fs::read_dir(project::path(".cache-lint_cache")).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut answers = paths.filter(|path| path.extension().is_some_and(|it| it == "answer"));
    answers.next().expect("an answer")
});

/// A program with two findings.
const PROGRAM: &str = "class Flag(models.Model):
    objects = CacheManager()


# cache-lint: ignore[CL501]
class Häuser(models.Model):
    flag = models.ForeignKey(Flag, on_delete=models.CASCADE)
";

libfuzzer_sys::fuzz_target!(init: {
    let head = "from django.db import models\nfrom lib.caching import CacheManager\n\n\n";
    project::write("shop/models.py", format!("{head}{PROGRAM}").as_bytes());
    assert_eq!(project::check(OPTIONS), Status::Findings);
    // A seed: what the program itself wrote.
    if let Some(seeds) = std::env::var_os("SEEDS") {
        let sealed = fs::read(&*ANSWER).expect("it was kept");
        fs::write(PathBuf::from(seeds).join("kept"), &sealed[blake3::OUT_LEN..]).expect("a seed");
    }
}, |body: &[u8]| {
    fs::write(&*ANSWER, [blake3::hash(body).as_bytes(), body].concat()).expect("a file");
    assert_ne!(project::check(OPTIONS), Status::CouldNotRun);
});

/// All that is kept is shown, with the source that it points to.
const OPTIONS: &[&str] = &["--output-format", "full"];
