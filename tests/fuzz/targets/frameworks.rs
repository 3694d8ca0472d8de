//! Any bytes as a framework file of a project: they are refused, or used for a program.

#![no_main]

mod project;

libfuzzer_sys::fuzz_target!(init: {
    project::write("cache-lint.toml", b"frameworks = [\"own.toml\"]\n");
    project::copy_fixture("demo");
    project::copy_fixture("bypassed-invalidation/fires_rust_moka_inline");
}, |text: &[u8]| {
    project::write("own.toml", text);
    project::check(&["--no-cache"]);
});
