//! Any program in Python: it is read, linked and asked, and what is said of it points into its text.
//!
//! The input is the files of the program, each behind a line `#### name`.

#![no_main]

mod engine;
mod last;
mod mutate;
mod program;

mutate::by_blocks!();

libfuzzer_sys::fuzz_target!(|input: &str| {
    last::keep(input.as_bytes());
    engine::look(&program::files(input), &engine::FRAMEWORKS);
});
