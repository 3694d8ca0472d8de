//! Any program in Python: it is read, linked and asked, and what is said of it points into its text.
//!
//! The input is the files of the program, each behind a line `#### name`.

#![no_main]

mod engine;
mod last;
mod mutate;
mod program;

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::change(data, size, max_size, seed)
});

libfuzzer_sys::fuzz_crossover!(|one: &[u8], other: &[u8], out: &mut [u8], seed: u32| {
    mutate::cross(one, other, out, seed)
});

libfuzzer_sys::fuzz_target!(|input: &str| {
    last::keep(input.as_bytes());
    engine::look(&program::files(input), &engine::FRAMEWORKS);
});
