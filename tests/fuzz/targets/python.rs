//! Any text as a Python file: the front end ends, and points into the text.

#![no_main]

mod facts;

libfuzzer_sys::fuzz_target!(|text: &str| {
    facts::point_into(text, &cache_lint::facts::python::lower(text));
});
