//! Any bytes as a configuration: they are taken or refused.

#![no_main]

mod project;

libfuzzer_sys::fuzz_target!(init: {
    project::copy_fixture("demo");
    project::write("own.toml", b"name = \"own\"\n");
}, |text: &[u8]| {
    project::write("cache-lint.toml", text);
    project::check(&["--no-cache"]);
});
