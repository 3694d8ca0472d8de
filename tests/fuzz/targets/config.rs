//! Any text as a configuration: it is taken or refused.

#![no_main]

mod mutate;
mod project;

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::change(data, size, max_size, seed)
});

libfuzzer_sys::fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
    mutate::cross(one, other, out, seed)
});

libfuzzer_sys::fuzz_target!(init: {
    project::write("own.toml", b"name = \"own\"\n");
    project::write("shop/models.py", b"x = (\n");
    project::write("src/main.rs", b"fn main() {}\n");
}, |text: &[u8]| {
    project::write("cache-lint.toml", text);
    project::check(&["--no-cache"]);
});
