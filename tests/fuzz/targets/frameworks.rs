//! Any text as a framework file of a project: it is refused, or used for a program.

#![no_main]

mod engine;
mod fixture;
mod last;
mod mutate;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use cache_lint::frameworks::Frameworks;

/// Caches of both languages, with writes that drop what they hold and others that do not.
static PROGRAM: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let mut files = fixture::files("demo");
    files.extend(fixture::files("bypassed-invalidation/fires_rust_moka_inline"));
    files
});

mutate::by_blocks!();

libfuzzer_sys::fuzz_target!(|text: &str| {
    last::keep(text.as_bytes());
    if let Ok(frameworks) = Frameworks::load(&[("own.toml".into(), text.to_owned())]) {
        let files: BTreeMap<&str, &str> =
            PROGRAM.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        engine::look(&files, &frameworks);
    }
});
