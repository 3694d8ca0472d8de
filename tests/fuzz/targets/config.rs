//! Any text as a configuration: it is taken or refused.

#![no_main]

mod mutate;
mod project;

mutate::by_blocks!();

libfuzzer_sys::fuzz_target!(init: {
    project::write("own.toml", b"name = \"own\"\n");
    project::write("shop/models.py", b"x = (\n");
    project::write("src/main.rs", b"fn main() {}\n");
}, |text: &[u8]| {
    project::write("cache-lint.toml", text);
    project::check(&["--no-cache"]);
});
